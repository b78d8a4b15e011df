"""A web proxy as companies have them: tunnels (CONNECT) and plain requests, perhaps with a password, perhaps refusing.

It knows names that no DNS knows, so that a test can tell that everything went through it.
"""

from __future__ import annotations

import base64
import contextlib
import select
import socket
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler
from urllib.parse import urlsplit

from helpers.quiet_server import QuietHandler, QuietServer


class WebProxy:
    """``hosts``: name -> port on this machine. ``refuse`` is a status for everything; ``login`` is "name:password" that it wants to see.

    ``asked`` lists (method, target) of what was let through.
    """

    def __init__(self, hosts: Mapping[str, int]) -> None:
        self.hosts = dict(hosts)
        self.refuse = 0
        self.login = ""
        self.asked: list[tuple[str, str]] = []
        proxy = self

        class Handler(QuietHandler):
            def do_CONNECT(self) -> None:
                if proxy._admits(self):
                    self.close_connection = True
                    with socket.create_connection(("127.0.0.1", proxy.hosts[self.path.rpartition(":")[0]])) as server:
                        self.send_response(200)
                        self.end_headers()
                        _pump(self.connection, server)

            def do_GET(self) -> None:
                if proxy._admits(self):
                    self.close_connection = True
                    parts = urlsplit(self.path)
                    with socket.create_connection(("127.0.0.1", proxy.hosts[str(parts.hostname)])) as server:
                        lines = [f"{self.command} {parts._replace(scheme='', netloc='').geturl()} HTTP/1.1"]
                        kept = [(name, value) for name, value in self.headers.items() if name.lower() not in ("connection", "proxy-authorization")]
                        lines += [f"{name}: {value}" for name, value in kept]
                        server.sendall("\r\n".join([*lines, "Connection: close", "", ""]).encode())
                        _pump(self.connection, server)

            do_HEAD = do_GET  # noqa: N815

        self._server = QuietServer(Handler)
        self.port = self._server.port
        self.url = f"http://127.0.0.1:{self.port}"
        self._server.start()

    def stop(self) -> None:
        """End it."""
        self._server.stop()

    def _admits(self, handler: BaseHTTPRequestHandler) -> bool:
        wanted = f"Basic {base64.b64encode(self.login.encode()).decode()}"
        status = self.refuse or (407 if self.login and handler.headers.get("Proxy-Authorization") != wanted else 0)
        if not status:
            self.asked.append((handler.command, handler.path))
            return True
        handler.send_response(status)
        handler.send_header("Content-Length", "0")
        handler.end_headers()
        return False


def _pump(client: socket.socket, server: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while True:
            for ready in select.select([client, server], [], [])[0]:
                data = ready.recv(65536)
                if not data:
                    return
                (server if ready is client else client).sendall(data)


@contextlib.contextmanager
def web_proxy(hosts: Mapping[str, int]) -> Iterator[WebProxy]:
    """A proxy for the duration of a block."""
    proxy = WebProxy(hosts)
    try:
        yield proxy
    finally:
        proxy.stop()
