"""An encrypted connection that several threads use."""

from __future__ import annotations

import select
import socket
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from helpers.own_certificates import make_certificates

from IDCBrowserLib.transfer.s5cmd.encrypted import EncryptedConnection


@pytest.fixture
def both_ends(tmp_path: Path) -> Iterator[tuple[EncryptedConnection, ssl.SSLSocket]]:
    """The connection, and the server at its other end."""
    trusted, served = make_certificates(tmp_path)
    of_server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    of_server.load_cert_chain(served)
    here, there = socket.socketpair()
    ends: list[ssl.SSLSocket] = []
    greeting = threading.Thread(target=lambda: ends.append(of_server.wrap_socket(there, server_side=True)))
    greeting.start()
    connection = EncryptedConnection(ssl.create_default_context(cafile=str(trusted)).wrap_socket(here, server_hostname="127.0.0.1"))
    greeting.join(60)
    yield connection, ends[0]
    connection.close()
    ends[0].close()


def test_what_had_come_before_the_end_is_not_passed_on_encrypted(both_ends: tuple[EncryptedConnection, ssl.SSLSocket]) -> None:
    connection, server = both_ends
    server.sendall(b"read ")
    assert connection.recv(100) == b"read "
    server.sendall(b"and not read")
    assert select.select([connection._connection], [], [], 60)[0]
    connection.shutdown(socket.SHUT_RDWR)
    assert connection.recv(100) in (b"and not read", b"")


def test_whoever_waits_wakes_up_at_the_end(both_ends: tuple[EncryptedConnection, ssl.SSLSocket]) -> None:
    connection, _server = both_ends
    heard: list[bytes] = []
    waiting = threading.Thread(target=lambda: heard.append(connection.recv(100)), daemon=True)
    waiting.start()
    waiting.join(0.05)
    connection.shutdown(socket.SHUT_RDWR)
    waiting.join(60)
    assert heard == [b""]
