"""A relay on this machine through which s5cmd's connections pass, so that they can be slowed down: s5cmd itself has no limit.

For a server outside it is a proxy: an encrypted connection passes as it is (CONNECT), so that s5cmd and the server still check each other, and a
plain one is passed on request by request. A proxy of the user stands behind it as before. A server on this machine, which is never asked through a
proxy, is replaced by the relay's address. It listens on this machine only and connects to its one server only.
"""

from __future__ import annotations

import base64
import contextlib
import os
import socket
import ssl
import threading
from collections.abc import Iterator
from typing import TypeVar
from urllib.parse import SplitResult, unquote, urlsplit

from IDCBrowserLib.network import Network, is_loopback, without_password
from IDCBrowserLib.transfer.s5cmd.encrypted import Connection, EncryptedConnection
from IDCBrowserLib.transfer.s5cmd.throttle import Throttle

_C = TypeVar("_C", bound=Connection)

_CONNECT_S = 10
_MAX_HEAD = 65536
# What a server may send ahead of the limit on each connection; the system would let it be megabytes.
_RECEIVE_BUFFER = 65536


class Relay:
    """Runs from its making until ``close``."""

    def __init__(self, endpoint_url: str, network: Network, throttle: Throttle) -> None:
        self._server = urlsplit(endpoint_url)
        self._is_loopback = is_loopback(endpoint_url)
        self._network = network
        self._proxy = network.proxy_for(endpoint_url)
        self._throttle = throttle
        self._stopped = threading.Event()
        self._lock = threading.Lock()
        self._open: set[Connection] = set()
        host = "::1" if self._server.hostname == "::1" else "127.0.0.1"
        self._listener = socket.create_server((host, 0), family=socket.AF_INET6 if ":" in host else socket.AF_INET, backlog=1024)
        self._port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, name="relay", daemon=True).start()

    @property
    def endpoint_url(self) -> str:
        """What s5cmd is to be given instead of the endpoint."""
        if not self._is_loopback:
            return self._server.geturl()
        host = f"[{self._server.hostname}]" if ":" in str(self._server.hostname) else self._server.hostname
        return self._server._replace(netloc=f"{host}:{self._port}").geturl()

    def environment(self) -> dict[str, str]:
        """What s5cmd's environment is to have in addition."""
        if self._is_loopback:
            return {}
        address = f"http://127.0.0.1:{self._port}"
        return {"HTTP_PROXY": address, "HTTPS_PROXY": address}

    def close(self) -> None:
        """End all connections."""
        self._stopped.set()
        # Closing alone does not wake the thread that waits for connections.
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        with self._lock:
            left = list(self._open)
        for connection in left:
            _shut(connection)

    def _accept(self) -> None:
        while not self._stopped.is_set():
            try:
                client, _address = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), name="relay-connection", daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with self._tracked(client), contextlib.suppress(OSError, _HeadError):
            if self._is_loopback:
                with self._tracked(self._dial(self._server)) as server:
                    self._pump(client, server)
                return
            head = _read_head(client)
            if not head:
                # It was opened ahead and not needed.
                return
            try:
                server = self._reach(head)
            except _RefusedError as error:
                client.sendall(f"HTTP/1.1 502 {error}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode("latin-1", "replace"))
                return
            with self._tracked(server):
                self._pass_on(client, server, head)

    def _pass_on(self, client: socket.socket, server: Connection, head: bytes) -> None:
        if head.startswith(b"CONNECT "):
            client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            self._pump(client, server)
            return
        down = threading.Thread(target=self._copy_down, args=(server, client), name="relay-down", daemon=True)
        down.start()
        with contextlib.suppress(OSError, _HeadError):
            while head:
                server.sendall(self._head_for_server(head))
                # What s5cmd asks has no body: it only reads.
                head = _read_head(client)
        _shut(server)
        down.join()

    def _reach(self, head: bytes) -> Connection:
        """A connection on which the request can go on; raises ``_RefusedError`` with the reason."""
        target = (*head.split(b" ", 2), b"")[1].decode("latin-1")
        is_tunnel = head.startswith(b"CONNECT ")
        wanted = f"{self._server.hostname}:{_port(self._server)}" if is_tunnel else f"http://{self._server.netloc}/"
        if not (target == wanted if is_tunnel else target.startswith(wanted)):
            raise _RefusedError("This relay leads to another server.")
        proxy = without_password(self._proxy)
        try:
            if not self._proxy:
                return self._dial(self._server)
            connection = self._dial(urlsplit(self._proxy))
            with contextlib.ExitStack() as on_failure:
                on_failure.callback(connection.close)
                if is_tunnel:
                    connection.sendall(f"CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n{self._authorization()}\r\n".encode())
                    answer = _read_head(connection).split(b"\r\n", 1)[0].decode("latin-1")
                    if answer.split(" ")[1:2] != ["200"]:
                        raise _RefusedError(f"The proxy {proxy} does not let us through ({answer.partition(' ')[2]})")
                on_failure.pop_all()
            return connection
        except (OSError, _HeadError) as error:
            place = f"proxy {proxy}" if proxy else f"server {self._server.netloc}"
            raise _RefusedError(f"The {place} does not answer ({getattr(error, 'strerror', None) or error})") from error

    def _dial(self, to: SplitResult) -> Connection:
        problem = OSError(f"the name {to.hostname} is not known")
        for family, kind, number, _name, address in socket.getaddrinfo(to.hostname, _port(to), type=socket.SOCK_STREAM):
            connection = socket.socket(family, kind, number)
            try:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _RECEIVE_BUFFER)
                connection.settimeout(_CONNECT_S)
                connection.connect(address)
                connection.settimeout(None)
                if to.scheme == "https" and to is not self._server:
                    bundle = self._network.bundle()
                    is_folder = os.path.isdir(bundle)
                    context = ssl.create_default_context(cafile=None if is_folder else bundle or None, capath=bundle if is_folder else None)
                    return EncryptedConnection(context.wrap_socket(connection, server_hostname=to.hostname))
                return connection
            except OSError as error:
                connection.close()
                problem = error
        raise problem

    def _head_for_server(self, head: bytes) -> bytes:
        """A proxy gets the request as it is; a server only the path."""
        if self._proxy:
            return head[:-2] + self._authorization().encode() + b"\r\n"
        return head.replace(f" http://{self._server.netloc}/".encode(), b" /", 1)

    def _authorization(self) -> str:
        parts = urlsplit(self._proxy)
        if not parts.username:
            return ""
        words = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
        return f"Proxy-Authorization: Basic {base64.b64encode(words.encode()).decode()}\r\n"

    def _pump(self, client: socket.socket, server: Connection) -> None:
        """Both ways until either side ends."""
        up = threading.Thread(target=_copy_up, args=(client, server), name="relay-up", daemon=True)
        up.start()
        self._copy_down(server, client)
        _shut(client)
        up.join()

    def _copy_down(self, server: Connection, client: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := server.recv(self._throttle.chunk):
                if self._stopped.wait(self._throttle.take(len(data))):
                    return
                client.sendall(data)
            client.shutdown(socket.SHUT_WR)

    @contextlib.contextmanager
    def _tracked(self, connection: _C) -> Iterator[_C]:
        with self._lock:
            self._open.add(connection)
        try:
            yield connection
        finally:
            with self._lock:
                self._open.discard(connection)
            connection.close()


class _RefusedError(Exception):
    pass


class _HeadError(Exception):
    """No request or answer where one should be."""


def _read_head(connection: Connection) -> bytes:
    """Up to the empty line; b"" when the other side has ended before it said anything."""
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        # Byte by byte: what follows belongs to somebody else.
        byte = connection.recv(1)
        if not byte and not head:
            return b""
        head += byte
        if not byte or len(head) > _MAX_HEAD:
            raise _HeadError("no answer of a proxy")
    return head


def _copy_up(client: socket.socket, server: Connection) -> None:
    with contextlib.suppress(OSError):
        while data := client.recv(_MAX_HEAD):
            server.sendall(data)
    _shut(server)


def _shut(connection: Connection) -> None:
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)


def _port(url: SplitResult) -> int:
    return url.port or (443 if url.scheme == "https" else 80)
