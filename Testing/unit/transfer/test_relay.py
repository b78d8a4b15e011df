"""The relay that limits the rate, spoken to directly."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from helpers.own_certificates import make_certificates, put_by_hash

from IDCBrowserLib.network import Network
from IDCBrowserLib.transfer.s5cmd import relay as module
from IDCBrowserLib.transfer.s5cmd.relay import Relay
from IDCBrowserLib.transfer.s5cmd.throttle import Throttle

OUTSIDE = "http://buckets.idc-browser.invalid"


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


@pytest.mark.parametrize(
    "request_line",
    [
        b"GET http://elsewhere.invalid/x HTTP/1.1",
        b"GET http://buckets.idc-browser.invalid.elsewhere.invalid/x HTTP/1.1",
        b"GET buckets.idc-browser.invalid:80 HTTP/1.1",
        b"CONNECT elsewhere.invalid:443 HTTP/1.1",
        b"CONNECT buckets.idc-browser.invalid:443 HTTP/1.1",
        b"CONNECT http://buckets.idc-browser.invalid/ HTTP/1.1",
    ],
)
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
    """A server or proxy for one connection: reads a head, gives an answer, then sends back whatever comes until the other side ends, or ends itself.

    With ``certificate`` (a file with its key) it encrypts.
    """

    def __init__(self, answer: bytes, *, host: str = "127.0.0.1", certificate: Path | None = None, ends: bool = False) -> None:
        self.head = b""
        self._answer = answer
        self._ends = ends
        self._certificate = certificate
        self._listener = socket.create_server((host, 0), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
        self.port = self._listener.getsockname()[1]
        self.address = f"[{host}]:{self.port}" if ":" in host else f"{host}:{self.port}"
        self._thread = threading.Thread(target=self._serve)

    def _serve(self) -> None:
        try:
            connection, _ = self._listener.accept()
        except OSError:
            return
        with connection:
            if self._certificate is None:
                self._talk(connection)
                return
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(self._certificate)
            with contextlib.suppress(OSError), context.wrap_socket(connection, server_side=True) as encrypted:
                self._talk(encrypted)

    def _talk(self, connection: socket.socket) -> None:
        while not self.head.endswith(b"\r\n\r\n"):
            byte = connection.recv(1)
            if not byte:
                return
            self.head += byte
        connection.sendall(self._answer)
        while not self._ends and (data := connection.recv(1000)):
            connection.sendall(data)

    def __enter__(self) -> Beyond:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is not None:
            # Of a test that has failed nobody may come any more.
            self._listener.shutdown(socket.SHUT_RDWR)
        self._thread.join(60)
        self._listener.close()


def _said_through(relay: Relay, address: str, *said: bytes) -> list[bytes]:
    """What comes back for each thing that is said to the relay."""
    host, _, port = address.rpartition(":")
    try:
        with socket.create_connection((host.strip("[]"), int(port)), 60) as client:
            heard = []
            for one in said:
                client.sendall(one)
                heard.append(client.recv(1000))
            return heard
    finally:
        relay.close()


def _outside(network: Network, server: str = OUTSIDE, throttle: Throttle | None = None) -> tuple[Relay, str]:
    relay = Relay(server, network, throttle or Throttle(1e6))
    return relay, urlsplit(relay.environment()["HTTP_PROXY"]).netloc


def _behind(proxy: Beyond, user: str = "me:s%65cret@") -> tuple[Relay, str]:
    return _outside(Network(f"http://{user}{proxy.address}"))


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> dict[tuple[str, int], list[str]]:
    """Addresses ("127.0.0.1:80") of servers outside by name and port."""
    known: dict[tuple[str, int], list[str]] = {}

    def look_up(host: str, port: int, **_options: object) -> list[tuple[object, ...]]:
        places = [one.rpartition(":") for one in known[host, port]]
        return [(socket.AF_INET, socket.SOCK_STREAM, 0, "", (address, int(number))) for address, _, number in places]

    monkeypatch.setattr(module, "socket", _Sockets(look_up))
    return known


class _Sockets:
    """The module ``socket`` with another look-up of names."""

    def __init__(self, look_up: Callable[..., object]) -> None:
        self.getaddrinfo = look_up

    def __getattr__(self, name: str) -> object:
        return getattr(socket, name)


@pytest.mark.parametrize(
    ("user", "authorization"),
    [("me:s%65cret@", b"Proxy-Authorization: Basic bWU6c2VjcmV0\r\n"), ("me@", b"Proxy-Authorization: Basic bWU6\r\n"), ("", b"")],
)
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


@pytest.mark.parametrize("is_folder", [False, True], ids=["file", "folder"])
@pytest.mark.parametrize("request_line", [b"CONNECT buckets.idc-browser.invalid:80 HTTP/1.1", b"GET http://buckets.idc-browser.invalid/k HTTP/1.1"])
def test_to_a_proxy_that_encrypts_the_way_is_encrypted(request_line: bytes, is_folder: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    trusted, served = make_certificates(tmp_path)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(put_by_hash(trusted, tmp_path / "folder") if is_folder else trusted))
    with Beyond(b"HTTP/1.1 200 Fine\r\n\r\n", certificate=served) as proxy:
        heard = _said_through(*_outside(Network(f"https://{proxy.address}")), request_line + b"\r\n\r\n")
    assert heard[0].startswith(b"HTTP/1.1 200 ") and proxy.head.startswith(request_line)


def test_through_a_proxy_that_encrypts_much_goes_both_ways_at_once_and_closing_ends_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """OpenSSL lets only one thread at a time use a connection."""
    trusted, served = make_certificates(tmp_path)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(trusted))
    content = bytes(range(256)) * 4000
    with Beyond(b"HTTP/1.1 200 Fine\r\n\r\n", certificate=served) as proxy:
        relay, address = _outside(Network(f"https://{proxy.address}"), throttle=Throttle(1e9))
        host, _, port = address.rpartition(":")
        with socket.create_connection((host, int(port)), 60) as client:
            client.sendall(b"CONNECT buckets.idc-browser.invalid:80 HTTP/1.1\r\n\r\n")
            assert client.recv(1000) == b"HTTP/1.1 200 Connection established\r\n\r\n"
            up = threading.Thread(target=client.sendall, args=(content,), daemon=True)
            up.start()
            heard = b""
            while len(heard) < len(content) and (data := client.recv(65536)):
                heard += data
            assert heard == content
            up.join(60)
            relay.close()
            with contextlib.suppress(ConnectionError):
                assert client.recv(1000) == b""


def test_a_proxy_whose_certificate_nobody_trusts_is_not_spoken_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _trusted, served = make_certificates(tmp_path)
    monkeypatch.delenv("REQUESTS_CA_BUNDLE", raising=False)
    with Beyond(b"HTTP/1.1 200 Fine\r\n\r\n", certificate=served) as proxy:
        [heard] = _said_through(*_outside(Network(f"https://{proxy.address}")), b"CONNECT buckets.idc-browser.invalid:80 HTTP/1.1\r\n\r\n")
    assert heard.startswith(f"HTTP/1.1 502 The proxy https://{proxy.address} does not answer (".encode()) and b"CERTIFICATE_VERIFY_FAILED" in heard
    assert proxy.head == b""


def test_a_server_without_a_proxy_gets_paths_alone(names: dict[tuple[str, int], list[str]]) -> None:
    with Beyond(b"HTTP/1.1 200 OK\r\n\r\n") as server:
        names["buckets.idc-browser.invalid", 80] = [server.address]
        requests = [f"GET {OUTSIDE}/b/{key}?at={OUTSIDE}/ HTTP/1.1\r\nReferer: {OUTSIDE}/\r\n\r\n".encode() for key in "kl"]
        heard = _said_through(*_outside(Network("none")), *requests)
    passed = [f"GET /b/{key}?at={OUTSIDE}/ HTTP/1.1\r\nReferer: {OUTSIDE}/\r\n\r\n".encode() for key in "kl"]
    assert (server.head, heard) == (passed[0], [b"HTTP/1.1 200 OK\r\n\r\n", passed[1]])


@pytest.mark.parametrize(("server", "port"), [(OUTSIDE, 80), ("https://buckets.idc-browser.invalid", 443), (f"{OUTSIDE}:9000", 9000)])
def test_a_connection_goes_to_the_port_of_the_server_and_nothing_of_it_is_read(
    server: str, port: int, names: dict[tuple[str, int], list[str]]
) -> None:
    with Beyond(b"answer") as beyond:
        names["buckets.idc-browser.invalid", port] = [beyond.address]
        asked = f"CONNECT buckets.idc-browser.invalid:{port} HTTP/1.1\r\n\r\n".encode()
        heard = _said_through(*_outside(Network("none"), server), asked, b"hello\r\n\r\n", b"again")
    assert heard == [b"HTTP/1.1 200 Connection established\r\n\r\n", b"answer", b"again"]


def test_of_several_addresses_of_a_server_the_first_that_answers_is_taken(names: dict[tuple[str, int], list[str]]) -> None:
    asked = b"CONNECT buckets.idc-browser.invalid:80 HTTP/1.1\r\n\r\n"
    with socket.create_server(("127.0.0.1", 0)) as closed:
        nobody = f"127.0.0.1:{closed.getsockname()[1]}"
    with Beyond(b"") as server:
        names["buckets.idc-browser.invalid", 80] = [nobody, server.address]
        heard = _said_through(*_outside(Network("none")), asked, b"\r\n\r\nx")
    assert heard == [b"HTTP/1.1 200 Connection established\r\n\r\n", b"x"]
    for places, said in (([nobody], b"(Connection refused)"), ([], b"(the name buckets.idc-browser.invalid is not known)")):
        names["buckets.idc-browser.invalid", 80] = places
        [heard_nothing] = _said_through(*_outside(Network("none")), asked)
        assert heard_nothing.startswith(b"HTTP/1.1 502 The server buckets.idc-browser.invalid does not answer " + said)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (b"", "does not let us through ()"),
        (b"HTTP/1.1\r\n\r\n", "does not let us through ()"),
        (b"HTTP/1.0 200\r\n\r\n", ""),
        (b"HTTP/1.1 2000 Odd\r\n\r\n", "does not let us through (2000 Odd)"),
        (b"HTTP/1.1 407 200\r\n\r\n", "does not let us through (407 200)"),
        (b"HTTP/1.1 200 OK\r\n", "does not answer (no answer of a proxy)"),
    ],
)
def test_a_proxy_lets_through_only_with_200(answer: bytes, said: str) -> None:
    with Beyond(answer, ends=True) as proxy:
        [heard] = _said_through(*_behind(proxy), b"CONNECT buckets.idc-browser.invalid:80 HTTP/1.1\r\n\r\n")
    assert heard.partition(b"\r\n")[0].decode() == (
        f"HTTP/1.1 502 The proxy http://{proxy.address} {said}" if said else "HTTP/1.1 200 Connection established"
    )


@pytest.mark.parametrize(("most", "is_read"), [(70, True), (69, False)])
def test_a_request_has_so_many_bytes_and_no_more(most: int, is_read: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_MAX_HEAD", most)
    request = b"GET http://elsewhere.invalid/".ljust(57, b"k") + b" HTTP/1.1\r\n\r\n"
    assert len(request) == 70
    heard = b""
    with contextlib.suppress(ConnectionError):
        [heard] = _said_through(*_outside(Network("none")), request)
    assert heard.startswith(b"HTTP/1.1 502 This relay leads to another server.") is is_read


def _to_the_end(connection: socket.socket) -> bytes:
    return b"".join(iter(lambda: connection.recv(1000), b""))


@pytest.mark.parametrize("way", ["plain", "tunnel", "here"])
def test_when_the_server_ends_the_other_side_hears_it(way: str) -> None:
    with Beyond(b"HTTP/1.1 200 OK\r\n\r\n", ends=True) as beyond:
        if way == "here":
            relay = Relay(f"http://{beyond.address}", Network(), Throttle(1e6))
            address = urlsplit(relay.endpoint_url).netloc
        else:
            relay, address = _behind(beyond)
        target = "CONNECT buckets.idc-browser.invalid:80" if way == "tunnel" else f"GET {OUTSIDE}/"
        host, _, port = address.rpartition(":")
        with socket.create_connection((host, int(port)), 60) as client:
            client.sendall(f"{target} HTTP/1.1\r\n\r\n".encode())
            heard = _to_the_end(client)
        relay.close()
    assert heard.startswith(b"HTTP/1.1 200 ")


@pytest.mark.skipif(not socket.has_ipv6, reason="there is no IPv6 here")
def test_a_server_on_this_machine_may_have_an_address_of_version_6() -> None:
    try:
        beyond = Beyond(b"HTTP/1.1 200 OK\r\n\r\n", host="::1")
    except OSError:
        pytest.skip("this machine has no address of version 6")
    with beyond as server:
        relay = Relay(f"http://{server.address}/s3", Network(), Throttle(1e6))
        assert relay.endpoint_url.startswith("http://[::1]:") and relay.endpoint_url.endswith("/s3")
        assert _said_through(relay, urlsplit(relay.endpoint_url).netloc, b"GET /s3/b/k HTTP/1.1\r\n\r\n") == [b"HTTP/1.1 200 OK\r\n\r\n"]


class Slow(Throttle):
    """Pieces of four bytes; ``wait_s`` before each goes on."""

    def __init__(self, wait_s: float) -> None:
        super().__init__(1e6)
        self.taken: list[int] = []
        self._wait_s = wait_s

    @property
    def chunk(self) -> int:
        return 4

    def take(self, size: int) -> float:
        self.taken.append(size)
        return self._wait_s


def test_what_comes_is_taken_from_the_limit_piece_by_piece_and_what_goes_up_is_not() -> None:
    throttle = Slow(0.0)
    with Beyond(b"0123456789", ends=True) as server:
        relay = Relay(f"http://{server.address}", Network(), throttle)
        host, _, port = urlsplit(relay.endpoint_url).netloc.rpartition(":")
        with socket.create_connection((host, int(port)), 60) as client:
            client.sendall(b"GET / HTTP/1.1\r\n\r\n")
            assert _to_the_end(client) == b"0123456789"
        relay.close()
    assert sum(throttle.taken) == 10 and max(throttle.taken) <= 4


def test_closing_does_not_wait_until_the_limit_allows_more() -> None:
    throttle = Slow(600.0)
    with Beyond(b"0123456789") as server:
        relay = Relay(f"http://{server.address}", Network(), throttle)
        host, _, port = urlsplit(relay.endpoint_url).netloc.rpartition(":")
        with socket.create_connection((host, int(port)), 60) as client:
            client.sendall(b"GET / HTTP/1.1\r\n\r\n")
            while not throttle.taken:
                time.sleep(0.001)
            relay.close()
            assert client.recv(100) == b""
