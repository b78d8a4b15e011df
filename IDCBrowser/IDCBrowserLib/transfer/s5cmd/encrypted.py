"""An encrypted connection that one thread reads while another writes: OpenSSL lets only one thread at a time use a connection."""

from __future__ import annotations

import selectors
import socket
import ssl
import threading
from collections.abc import Callable
from typing import TypeVar

_G = TypeVar("_G")
_T = TypeVar("_T")


class EncryptedConnection:
    """Takes ``connection`` over; used like a socket. Nobody waits while the lock is held."""

    def __init__(self, connection: ssl.SSLSocket) -> None:
        self._connection = connection
        self._lock = threading.Lock()
        connection.setblocking(False)

    def recv(self, size: int) -> bytes:
        """What has come, at most so much; b"" at the end."""
        return self._when_ready(self._connection.recv, size)

    def sendall(self, data: bytes) -> None:
        """Send all of it."""
        left = memoryview(data)
        while left:
            left = left[self._when_ready(self._connection.send, left) :]

    def shutdown(self, how: int) -> None:
        """As of a socket; who waits wakes up."""
        with self._lock:
            # An ``SSLSocket`` would give up its keys, and whoever still reads would get what had come as it is, encrypted.
            socket.socket.shutdown(self._connection, how)

    def close(self) -> None:
        """Let go of it."""
        self._connection.close()

    def _when_ready(self, act: Callable[[_G], _T], given: _G) -> _T:
        while True:
            try:
                with self._lock:
                    return act(given)
            except ssl.SSLWantReadError:
                wanted = selectors.EVENT_READ
            except ssl.SSLWantWriteError:
                wanted = selectors.EVENT_WRITE
            with selectors.DefaultSelector() as selector:
                selector.register(self._connection, wanted)
                selector.select()


Connection = socket.socket | EncryptedConnection
