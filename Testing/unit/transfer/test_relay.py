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


class Beyond:
    """A server or proxy for one connection: reads a head, gives an answer, then sends back whatever comes until the other side ends."""

    def __init__(self, answer: bytes) -> None:
        self.head = b""
        self._answer = answer
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._listener.getsockname()[1]}"
        self._thread = threading.Thread(target=self._serve)

    def _serve(self) -> None:
        connection, _ = self._listener.accept()
        with connection:
            while not self.head.endswith(b"\r\n\r\n"):
                self.head += connection.recv(1)
            connection.sendall(self._answer)
            while data := connection.recv(1000):
                connection.sendall(data)

    def __enter__(self) -> Beyond:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._thread.join(60)
        self._listener.close()


def _said_through(relay: Relay, address: str, *said: bytes) -> list[bytes]:
    """What comes back for each thing that is said to the relay."""
    host, _, port = address.rpartition(":")
    try:
        with socket.create_connection((host, int(port)), 60) as client:
            heard = []
            for one in said:
                client.sendall(one)
                heard.append(client.recv(1000))
            return heard
    finally:
        relay.close()


def _behind(proxy: Beyond, user: str = "me:s%65cret@") -> tuple[Relay, str]:
    relay = Relay("http://buckets.idc-browser.invalid", Network(f"http://{user}{proxy.address}"), Throttle(1e6))
    return relay, urlsplit(relay.environment()["HTTP_PROXY"]).netloc


@pytest.mark.parametrize(("user", "authorization"), [("me:s%65cret@", b"Proxy-Authorization: Basic bWU6c2VjcmV0\r\n"), ("", b"")])
def test_a_request_goes_to_the_proxy_as_it_is_with_the_name_of_its_user(user: str, authorization: bytes) -> None:
    request = b"GET http://buckets.idc-browser.invalid/b/k HTTP/1.1\r\nHost: x\r\n"
    with Beyond(b"HTTP/1.1 200 OK\r\n\r\n") as proxy:
        assert _said_through(*_behind(proxy, user), request + b"\r\n") == [b"HTTP/1.1 200 OK\r\n\r\n"]
    assert proxy.head == request + authorization + b"\r\n"


def test_an_encrypted_connection_passes_a_proxy_as_it_is() -> None:
    with Beyond(b"HTTP/1.1 200 Fine\r\n\r\n") as proxy:
        heard = _said_through(*_behind(proxy), b"CONNECT buckets.idc-browser.invalid:80 HTTP/1.1\r\n\r\n", b"\x16\x03 hello", b"again")
    assert heard == [b"HTTP/1.1 200 Connection established\r\n\r\n", b"\x16\x03 hello", b"again"]
    assert proxy.head == (
        b"CONNECT buckets.idc-browser.invalid:80 HTTP/1.1\r\nHost: buckets.idc-browser.invalid:80\r\nProxy-Authorization: Basic bWU6c2VjcmV0\r\n\r\n"
    )


def test_a_proxy_that_refuses_is_named_with_what_it_says() -> None:
    with Beyond(b"HTTP/1.1 407 Who are you\r\n\r\n") as proxy:
        [heard] = _said_through(*_behind(proxy), b"CONNECT buckets.idc-browser.invalid:80 HTTP/1.1\r\n\r\n")
    said = f"The proxy http://{proxy.address} does not let us through (407 Who are you)"
    assert heard == f"HTTP/1.1 502 {said}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode()


def test_the_address_of_a_server_on_this_machine_is_replaced() -> None:
    with Beyond(b"HTTP/1.1 200 OK\r\n\r\n") as server:
        relay = Relay(f"http://{server.address}/s3", Network(), Throttle(1e6))
        assert relay.environment() == {} and relay.endpoint_url != f"http://{server.address}/s3" and relay.endpoint_url.endswith("/s3")
        heard = _said_through(relay, urlsplit(relay.endpoint_url).netloc, b"GET /s3/b/k HTTP/1.1\r\n\r\n", b"GET /s3/b/l HTTP/1.1\r\n\r\n")
    assert heard == [b"HTTP/1.1 200 OK\r\n\r\n", b"GET /s3/b/l HTTP/1.1\r\n\r\n"]
    assert server.head == b"GET /s3/b/k HTTP/1.1\r\n\r\n"


def test_closing_ends_what_is_under_way() -> None:
    with Beyond(b"HTTP/1.1 200 OK\r\n\r\n") as server:
        relay = Relay(f"http://{server.address}", Network(), Throttle(1e6))
        host, _, port = urlsplit(relay.endpoint_url).netloc.rpartition(":")
        with socket.create_connection((host, int(port)), 60) as client:
            client.sendall(b"GET / HTTP/1.1\r\n\r\n")
            assert client.recv(1000) == b"HTTP/1.1 200 OK\r\n\r\n"
            threads = [thread.daemon for thread in threading.enumerate() if thread.name.startswith("relay")]
            assert len(threads) >= 3 and all(threads), "they keep no program alive"
            relay.close()
            assert client.recv(1000) == b""
        with pytest.raises(OSError):
            socket.create_connection((host, int(port)), 60)
