"""The web server of the ready-made desktop: start page, login, the screen through a web socket, dropped files, and links that open a series.

It listens on 127.0.0.1 alone; a tunnel or a reverse proxy with TLS brings it to a browser elsewhere. Everything but the login page needs the
session's password once; a cookie that other sites cannot send (``SameSite=Lax``, and the ``Origin`` of each change is compared) holds it after that.
The screen itself is a VNC server on a Unix socket that only this user can open.

Usage: ``session_server.py --port 6080 --vnc SOCKET --password-file FILE --inbox DIR --pages DIR --novnc DIR [--host NAME]... [--shared DIR]
[--slicer] [--listening FILE]``
"""

from __future__ import annotations

import argparse
import asyncio
import hmac
import os
import re
import secrets
import signal
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from urllib.parse import urlsplit

import session_machine as machine
from aiohttp import WSMsgType, web

_COOKIE = "idc_browser_desktop"
_LOOPBACK = ("127.0.0.1", "localhost", "::1")
# One wrong password a second, whoever asks: eight random letters then take longer than the machine lives.
_WRONG_PASSWORD_S = 1.0
_READ_BYTES = 1 << 16
_MAX_FILE_BYTES = 64 << 20
_MAX_INBOX_FILES = 100
# A password, or an identifier.
_LONGEST_FORM = 4096
# As long as the name of one file may be.
_LONGEST_PATH = 255
_COUNT_AGAIN_S = 600.0
_UID = re.compile(r"[0-9]+(?:\.[0-9]+)+")
_NAME = re.compile(r"[^\w.-]+")
_SUFFIXES = (".s5cmd", ".csv", ".tsv", ".json", ".txt", ".tcia")
_HEADERS = {
    "Content-Security-Policy": "default-src 'self'; connect-src 'self' ws: wss:; img-src 'self' data: blob:; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
_Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Session:
    """What one desktop session shares with the browser; ``tokens`` are the cookies given out since it started."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.options = options
        self.tokens: set[str] = set()
        self.bytes_sent = 0
        self.bytes_received = 0
        self._guessing = asyncio.Lock()
        self.shared_store = SharedStore(Path(options.shared)) if options.shared else None

    def password(self) -> str:
        """Read each time, so that a changed password holds at once."""
        return Path(self.options.password_file).read_text("utf-8").strip()

    def knows(self, request: web.Request) -> bool:
        """Whether this browser has given the password."""
        given = request.cookies.get(_cookie_name(request.host), "").encode()
        return any(hmac.compare_digest(given, token.encode()) for token in self.tokens)

    def is_our_page(self, request: web.Request) -> bool:
        """Whether a change or a web socket was asked for by a page of this server: the ``Origin`` names the host that was asked."""
        try:
            return urlsplit(request.headers.get("Origin", "")).netloc == request.host != ""
        except ValueError:
            # "http://[" is no address.
            return False

    async def is_password(self, text: str) -> bool:
        """Compare; a wrong one costs a second, and guesses wait for each other."""
        async with self._guessing:
            right = bool(self.password()) and hmac.compare_digest(text.encode(), self.password().encode())
            if not right:
                await asyncio.sleep(_WRONG_PASSWORD_S)
            return right

    def page(self, name: str) -> web.Response:
        """One of the pages."""
        return web.Response(text=(Path(self.options.pages) / name).read_text("utf-8"), content_type="text/html")

    # What is asked

    async def start(self, request: web.Request) -> web.StreamResponse:
        """The start page; ``?series=UID`` is asked about there."""
        return self.page("start.html") if self.knows(request) else self.page("login.html")

    async def login(self, request: web.Request) -> web.StreamResponse:
        """Take the password and give a cookie."""
        if not await self.is_password(await _field(request, "password")):
            return web.Response(status=403, text="This is not the password.")
        token = secrets.token_urlsafe(32)
        self.tokens.add(token)
        answer = web.Response(text="ok")
        secure = request.headers.get("X-Forwarded-Proto", "") == "https"
        answer.set_cookie(_cookie_name(request.host), token, httponly=True, samesite="Lax", secure=secure, path="/")
        return answer

    async def desktop(self, _request: web.Request) -> web.StreamResponse:
        """The page with the screen."""
        return self.page("desktop.html")

    async def state(self, _request: web.Request) -> web.StreamResponse:
        """The machine and the session in numbers."""
        document = await asyncio.to_thread(machine.state)
        if not self.options.slicer:
            document["series"] = await asyncio.to_thread(machine.own_series)
        if self.shared_store is not None:
            document.update(self.shared_store.state())
        document["bytes_sent"], document["bytes_received"] = self.bytes_sent, self.bytes_received
        document["screen"] = Path(self.options.vnc).is_socket()
        return web.json_response(document)

    async def screen(self, request: web.Request) -> web.StreamResponse:
        """Carry the screen's protocol (RFB) between the browser and the VNC server."""
        try:
            reader, writer = await asyncio.open_unix_connection(self.options.vnc)
        except OSError:
            return web.Response(status=503, text="The screen is starting. Try again in a few seconds.")
        socket = web.WebSocketResponse(protocols=("binary",), max_msg_size=_MAX_FILE_BYTES, heartbeat=60)
        await socket.prepare(request)
        down = asyncio.create_task(self._to_browser(reader, socket))
        try:
            await self._to_screen(socket, writer)
        finally:
            down.cancel()
            writer.close()
        return socket

    async def _to_browser(self, reader: asyncio.StreamReader, socket: web.WebSocketResponse) -> None:
        while data := await reader.read(_READ_BYTES):
            self.bytes_sent += len(data)
            await socket.send_bytes(data)
        await socket.close()

    async def _to_screen(self, socket: web.WebSocketResponse, writer: asyncio.StreamWriter) -> None:
        async for message in socket:
            if message.type is not WSMsgType.BINARY:
                continue
            self.bytes_received += len(message.data)
            writer.write(message.data)
            await writer.drain()

    async def open_series(self, request: web.Request) -> web.StreamResponse:
        """Show a series in the window: the person at the page has just agreed to it."""
        uid = await _field(request, "series")
        if len(uid) > 64 or not _UID.fullmatch(uid):
            return web.Response(status=400, text="This is not the identifier of a series.")
        return self._keep("series.link", f"slicer://idc-browser/?seriesInstanceUID={uid}\n".encode())

    async def drop(self, request: web.Request) -> web.StreamResponse:
        """Take a file that was dropped on the page; the window shows what the manifest means."""
        name = _NAME.sub("_", os.path.basename(request.query.get("name", "")))[-80:].lstrip(".")
        if not name.lower().endswith(_SUFFIXES):
            return web.Response(status=400, text=f"Only manifests and lists can be dropped here ({', '.join(_SUFFIXES)}).")
        return self._keep(name, await request.read())

    def _keep(self, name: str, data: bytes) -> web.Response:
        try:
            self._put(name, data)
        except OSError as error:
            return web.Response(status=507, text=f"It could not be handed to the window: {error.strerror}.")
        return web.Response(text="ok")

    def _put(self, name: str, data: bytes) -> None:
        """Lay a file into the inbox of the window, whole: it looks at what appears under a final name."""
        inbox = Path(self.options.inbox)
        if len(os.listdir(inbox)) >= _MAX_INBOX_FILES:
            raise OSError(28, "there are too many files waiting for the window")
        part = inbox / f".{secrets.token_hex(8)}"
        try:
            part.write_bytes(data)
            part.rename(inbox / f"{time.time_ns()}-{name}")
        except OSError:
            part.unlink(missing_ok=True)
            raise

    async def end(self, _request: web.Request) -> web.StreamResponse:
        """End the session, after this answer is out."""
        asyncio.get_running_loop().call_later(0.5, machine.end_session)
        return web.Response(text="ok")


class SharedStore:
    """It may be large and far away, so its series are counted beside, and seldom."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._series: int | None = None
        self._counted = -_COUNT_AGAIN_S
        self._counting: asyncio.Task[None] | None = None

    def state(self) -> dict[str, object]:
        """What is known now; ``shared_counting`` while the first count is not over."""
        now = time.monotonic()
        if now - self._counted > _COUNT_AGAIN_S and (self._counting is None or self._counting.done()):
            self._counting = asyncio.create_task(self._count())
        counting = self._counting is not None and not self._counting.done()
        return {"shared": str(self._folder), "shared_series": self._series, "shared_counting": counting and self._series is None}

    async def _count(self) -> None:
        self._series = await asyncio.to_thread(machine.folder_count, self._folder)
        self._counted = time.monotonic()


def make_application(options: argparse.Namespace) -> web.Application:
    """All routes, behind the checks."""
    session = Session(options)
    allowed = {*_LOOPBACK, *options.host}

    @web.middleware
    async def guard(request: web.Request, handler: _Handler) -> web.StreamResponse:
        if _host_name(request.host) not in allowed:
            answer: web.StreamResponse = web.Response(status=421, text="This server does not answer to that name; start it with --host NAME.")
        elif len(os.fsencode(request.path)) > _LONGEST_PATH:
            answer = web.Response(status=404, text="There is no such page.")
        elif (request.method == "POST" or request.path == "/screen") and not session.is_our_page(request):
            answer = web.Response(status=403, text="Only the page of this desktop may ask for this.")
        elif not _is_open(request) and not session.knows(request):
            answer = web.Response(status=401, text="Give the password on the start page first.")
        else:
            answer = await handler(request)
        if not answer.prepared:
            answer.headers.update(_HEADERS)
        return answer

    application = web.Application(middlewares=[guard], client_max_size=_MAX_FILE_BYTES)
    application.router.add_get("/", session.start)
    application.router.add_get("/desktop", session.desktop)
    application.router.add_get("/state", session.state)
    application.router.add_get("/screen", session.screen)
    application.router.add_post("/login", session.login)
    application.router.add_post("/open", session.open_series)
    application.router.add_post("/drop", session.drop)
    application.router.add_post("/end", session.end)
    application.router.add_static("/pages", options.pages)
    application.router.add_static("/novnc", options.novnc)
    return application


async def _field(request: web.Request, name: str) -> str:
    """Of a form, which is short; "" where there is none, or what was sent is no form."""
    if request.content_length is None or request.content_length > _LONGEST_FORM:
        return ""
    try:
        return str((await request.post()).get(name, ""))
    except (ValueError, LookupError):
        # Another encoding than it says, one that nobody knows, no boundaries.
        return ""


def _cookie_name(host: str) -> str:
    """Browsers keep cookies by name of the machine, whatever the port: sessions of one machine tell theirs apart by name."""
    _name, colon, port = host.rpartition(":")
    return f"{_COOKIE}_{port}" if colon and port.isascii() and port.isdigit() else _COOKIE


def _host_name(host: str) -> str:
    """Of ``NAME:PORT`` the name."""
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""


def _is_open(request: web.Request) -> bool:
    """What one needs to be able to log in."""
    return request.path in ("/", "/login") or request.path.startswith("/pages/")


async def serve(options: argparse.Namespace) -> None:
    """Until SIGTERM or SIGINT. ``options.listening`` is written once the port is ours."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    runner = web.AppRunner(make_application(options), access_log=None, shutdown_timeout=1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", options.port).start()
        if options.listening:
            Path(options.listening).write_text(f"{options.port}\n", encoding="ascii")
        await stop.wait()
    finally:
        await runner.cleanup()


def main() -> None:
    """Serve until killed."""
    parser = argparse.ArgumentParser(description="Web server of the ready-made desktop")
    parser.add_argument("--port", type=int, default=6080)
    parser.add_argument("--vnc", required=True, help="Unix socket of the VNC server")
    parser.add_argument("--password-file", required=True)
    parser.add_argument("--inbox", required=True, help="folder that the window watches")
    parser.add_argument("--pages", required=True)
    parser.add_argument("--novnc", required=True)
    parser.add_argument("--host", action="append", default=[], help="name under which a reverse proxy shows this server")
    parser.add_argument("--shared", default="", help="the shared store, named on the start page")
    parser.add_argument("--slicer", action="store_true", help="the session runs 3D Slicer, which has a database of its own")
    parser.add_argument("--listening", default="", help="file that gets the port once this server listens")
    asyncio.run(serve(parser.parse_args()))


if __name__ == "__main__":
    main()
