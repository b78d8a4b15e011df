"""The relay that limits the rate, spoken to directly."""

from __future__ import annotations

import socket
import threading
import time
from urllib.parse import urlsplit

import pytest

from IDCBrowserLib.network import Network
from IDCBrowserLib.transfer.s5cmd.relay import Relay
from IDCBrowserLib.transfer.s5cmd.throttle import Throttle


@pytest.mark.parametrize("said", [b"", b"\r\n\r\n", b"GET\r\n\r\n", b"half a request"])
@pytest.mark.parametrize("way", ["ends", "resets"])
def test_who_says_no_whole_request_is_left_alone(said: bytes, way: str) -> None:
    """A failure in the relay's thread would fail this test."""
    relay = Relay("http://buckets.idc-browser.invalid", Network(), Throttle(1e6))
    try:
        port = urlsplit(relay.environment()["HTTP_PROXY"]).port
        with socket.create_connection(("127.0.0.1", int(port or 0))) as client:
            if way == "resets":
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
            client.sendall(said)
            if way == "ends":
                client.shutdown(socket.SHUT_WR)
                assert client.recv(100)[:12] in (b"", b"HTTP/1.1 502")
        end = time.monotonic() + 20
        while any(thread.name == "relay-connection" for thread in threading.enumerate()):
            assert time.monotonic() < end
            time.sleep(0.01)
    finally:
        relay.close()


@pytest.mark.parametrize("request_line", [b"GET http://buckets.idc-browser.invalid/x HTTP/1.1", b"CONNECT buckets.idc-browser.invalid:80 HTTP/1.1"])
def test_a_proxy_that_does_not_answer_is_named_without_its_password(request_line: bytes) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    relay = Relay("http://buckets.idc-browser.invalid", Network(f"http://me:secret@127.0.0.1:{port}"), Throttle(1e6))
    try:
        with socket.create_connection(("127.0.0.1", urlsplit(relay.environment()["HTTP_PROXY"]).port or 0)) as client:
            client.sendall(request_line + b"\r\n\r\n")
            answer = client.recv(1000).decode()
        assert answer.startswith(f"HTTP/1.1 502 The proxy http://127.0.0.1:{port} does not answer (")
    finally:
        relay.close()


@pytest.mark.parametrize("request_line", [b"GET http://elsewhere.invalid/x HTTP/1.1", b"CONNECT elsewhere.invalid:443 HTTP/1.1"])
def test_it_leads_to_its_own_server_only(request_line: bytes) -> None:
    relay = Relay("http://buckets.idc-browser.invalid", Network(), Throttle(1e6))
    try:
        port = urlsplit(relay.environment()["HTTP_PROXY"]).port
        with socket.create_connection(("127.0.0.1", int(port or 0))) as client:
            client.sendall(request_line + b"\r\nHost: elsewhere.invalid\r\n\r\n")
            assert client.recv(1000).startswith(b"HTTP/1.1 502 This relay leads to another server.")
    finally:
        relay.close()
