"""A proxy in front of the S3 server that does what networks do: resets, stalls, errors, cut and wrong bodies, changing listings."""

from __future__ import annotations

import contextlib
import http.client
import socket
import ssl
import struct
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import BinaryIO
from urllib.parse import urlsplit

from helpers.quiet_server import QuietHandler, QuietServer
from IDCBrowserLib.task import Task


class Fault:
    """What is done to one answer. The default passes it on.

    ``raw`` writes whatever it likes to the connection, which is closed afterwards; ``headers`` come in addition to, or instead of, the server's.
    """

    def __init__(
        self,
        status: int | None = None,
        reset: bool = False,
        stall_s: float = 0.0,
        keep_bytes: int | None = None,
        change: Callable[[bytes], bytes] | None = None,
        raw: Callable[[BinaryIO], None] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self.status = status
        self.reset = reset
        self.stall_s = stall_s
        self.keep_bytes = keep_bytes
        self.change = change
        self.raw = raw
        self.headers = dict(headers or {})


# (method, path with query, how often this path was asked for before) -> what to do, or None
Rule = Callable[[str, str, int], "Fault | None"]


class FaultProxy:
    """``url`` to give to the program; ``rule`` may be changed at any time, which ends the stalls of the former one;
    ``asked`` counts the requests of each path.

    ``certificate`` is a file with key and certificate, to serve it encrypted.
    """

    def __init__(self, target: str, certificate: Path | None = None) -> None:
        self.rule: Rule = lambda method, path, count: None
        self.asked: Counter[str] = Counter()
        self._lock = threading.Lock()
        parts = urlsplit(target)
        proxy = self

        class Handler(QuietHandler):
            def do_GET(self) -> None:
                proxy._answer(self, str(parts.hostname), int(parts.port or 80))

            do_HEAD = do_GET  # noqa: N815

        self._server = QuietServer(Handler)
        self.port = self._server.port
        self.url = f"{'https' if certificate else 'http'}://127.0.0.1:{self.port}"
        if certificate is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True, do_handshake_on_connect=False)
        self._server.start()

    def stop(self) -> None:
        """End it."""
        self._server.stop()

    def _answer(self, handler: BaseHTTPRequestHandler, host: str, port: int) -> None:
        with self._lock:
            count = self.asked[handler.path]
            self.asked[handler.path] += 1
        rule = self.rule
        fault = rule(handler.command, handler.path, count) or Fault()
        self._stall(fault.stall_s, rule)
        if fault.reset:
            # Linger 0: the other side gets a reset, not an end.
            handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            handler.connection.close()
            handler.close_connection = True
            return
        if fault.raw is not None:
            handler.close_connection = True
            # Whoever has had enough closes it.
            with contextlib.suppress(OSError):
                fault.raw(handler.wfile)
            return
        if fault.status is not None:
            self._refuse(handler, fault)
            return
        self._pass_on(handler, host, port, fault)

    def _stall(self, seconds: float, rule: Rule) -> None:
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0 and self.rule is rule:
            time.sleep(min(left, 0.05))

    @staticmethod
    def _refuse(handler: BaseHTTPRequestHandler, fault: Fault) -> None:
        status = int(fault.status or 0)
        code = {403: "AccessDenied", 404: "NoSuchKey", 503: "SlowDown"}.get(status, "InternalError")
        body = b"" if handler.command == "HEAD" else f"<Error><Code>{code}</Code><Message>injected</Message></Error>".encode()
        handler.send_response(status)
        for name, value in {"Content-Type": "application/xml", "Content-Length": str(len(body)), **fault.headers}.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(body)

    @staticmethod
    def _pass_on(handler: BaseHTTPRequestHandler, host: str, port: int, fault: Fault) -> None:
        connection = http.client.HTTPConnection(host, port, timeout=30)
        try:
            headers = {name: value for name, value in handler.headers.items() if name.lower() not in ("host", "connection")}
            connection.request(handler.command, handler.path, headers=headers)
            answer = connection.getresponse()
            body = answer.read()
        finally:
            connection.close()
        if fault.change is not None and handler.command == "GET":
            body = fault.change(body)
        handler.send_response(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in ("content-length", "transfer-encoding", "connection", "server", "date", *map(str.lower, fault.headers)):
                handler.send_header(name, value)
        length = answer.getheader("Content-Length") if handler.command == "HEAD" else str(len(body))
        for name, value in {"Content-Length": length or "0", **fault.headers}.items():
            handler.send_header(name, value)
        handler.end_headers()
        if fault.keep_bytes is not None and len(body) > fault.keep_bytes:
            handler.wfile.write(body[: fault.keep_bytes])
            handler.close_connection = True
            return
        handler.wfile.write(body)


@contextlib.contextmanager
def fault_proxy(target: str, certificate: Path | None = None) -> Iterator[FaultProxy]:
    """A proxy for the duration of a block."""
    proxy = FaultProxy(target, certificate)
    try:
        yield proxy
    finally:
        proxy.stop()


def silent(task: Task) -> Rule:
    """Whoever asks waits, and meanwhile the task is canceled."""

    def rule(_method: str, _path: str, _count: int) -> Fault:
        task.cancel()
        return Fault(stall_s=60, reset=True)

    return rule


def is_listing(path: str) -> bool:
    """Whether a request asks for a listing."""
    return "list-type=2" in path


def is_object(path: str) -> bool:
    """Whether a request asks for an object."""
    return path.split("?", maxsplit=1)[0].endswith(".dcm")
