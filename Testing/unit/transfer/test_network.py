"""Which proxy and which certificates hold for an address, for us and for s5cmd."""

from __future__ import annotations

import os
import socket
import threading
from pathlib import Path
from urllib.parse import unquote, urlsplit

import certifi
import pytest
import requests
from helpers.planned import planned

from IDCBrowserLib.errors import InputError
from IDCBrowserLib.network import NONE, TIMEOUT_S, Network, check_bundle, check_proxy, without_password
from IDCBrowserLib.network_failure import describe_failure
from IDCBrowserLib.transfer.jobs import JobStore
from IDCBrowserLib.transfer.options import TransferOptions

AWS = "https://s3.amazonaws.com"
PROXY = "http://proxy.example.org:8080"
_VARIABLES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "AWS_CA_BUNDLE", "SSL_CERT_FILE")


@pytest.fixture(autouse=True)
def no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in _VARIABLES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


def test_the_environment_says_which_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    assert Network().proxy_for(AWS) == ""
    monkeypatch.setenv("HTTPS_PROXY", "proxy.example.org:8080")
    assert Network().proxy_for(AWS) == PROXY
    assert Network(proxy=NONE).proxy_for(AWS) == ""
    assert Network(proxy="http://other:1").proxy_for(AWS) == "http://other:1"
    monkeypatch.setenv("NO_PROXY", "amazonaws.com")
    assert Network().proxy_for(AWS) == ""


@pytest.mark.parametrize("url", ["http://127.0.0.1:9000", "http://localhost", "https://[::1]:1"])
def test_this_machine_is_never_asked_through_a_proxy(url: str) -> None:
    assert Network(proxy=PROXY).proxy_for(url) == ""


def test_s5cmd_gets_the_same_and_nothing_of_the_users_account(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setenv("S3_ENDPOINT_URL", "http://elsewhere")
    monkeypatch.setenv("https_proxy", "http://old:1")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", certifi.where())
    environment = Network(proxy=PROXY).child_environment(AWS)
    assert environment["HTTPS_PROXY"] == environment["HTTP_PROXY"] == PROXY
    assert environment["AWS_CA_BUNDLE"] == certifi.where()
    assert not {"AWS_SECRET_ACCESS_KEY", "S3_ENDPOINT_URL", "https_proxy"} & environment.keys()
    assert "HTTPS_PROXY" not in Network(proxy=NONE).child_environment(AWS)


def test_a_chosen_file_of_certificates_comes_before_the_environments(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "own.pem").write_bytes(Path(certifi.where()).read_bytes())
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "own.pem"))
    with Network().session(AWS) as session:
        assert session.verify == str(tmp_path / "own.pem")
    with Network(ca_bundle=certifi.where()).session(AWS) as session:
        assert session.verify == certifi.where()
    with pytest.raises(InputError, match=r"none\.pem cannot be read"):
        Network(ca_bundle="none.pem").session(AWS)


def test_a_variable_that_names_no_file_of_certificates_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CURL_CA_BUNDLE", "/nowhere.pem")
    for use in (Network().session, Network().child_environment):
        with pytest.raises(InputError, match=r"The variable CURL_CA_BUNDLE does not name a certificate file: /nowhere\.pem cannot be read"):
            use(AWS)
    assert "AWS_CA_BUNDLE" not in Network().child_environment("http://plain.example.org")


def test_a_session_never_waits_for_ever_and_takes_no_passwords_from_files() -> None:
    class Adapter(requests.adapters.BaseAdapter):
        def send(self, request: requests.PreparedRequest, **options: object) -> requests.Response:  # type: ignore[override]
            asked.append(options["timeout"])
            response = requests.Response()
            response.status_code, response.request, response.url = 200, request, str(request.url)
            return response

        def close(self) -> None:
            pass

    asked: list[object] = []
    with Network().session(AWS) as session:
        session.mount("https://", Adapter())
        session.get(AWS)
        assert (asked, session.trust_env) == ([TIMEOUT_S], False)


@pytest.mark.parametrize(
    "text", ["", "proxy", "proxy:8080", "ftp://proxy", "socks5://proxy:1080", "http://", "http://proxy:0", "http://proxy:x", "http://p/path"]
)
def test_what_is_no_proxy(text: str) -> None:
    with pytest.raises(InputError, match="http://host:port"):
        check_proxy(text)


@pytest.mark.parametrize("text", ["environment", "none", "http://proxy:8080", "https://me:word@proxy", "http://10.0.0.1:3128/"])
def test_what_is_a_proxy(text: str) -> None:
    assert check_proxy(text) == text


def test_what_is_no_file_of_certificates(tmp_path: Path) -> None:
    file = tmp_path / "a.pem"
    file.write_text("no certificate")
    for path in (file, tmp_path, tmp_path / "none"):
        with pytest.raises(InputError, match=r"[Cc]hoose"):
            check_bundle(str(path))


def test_failures_name_the_server_and_the_proxy_without_its_password(monkeypatch: pytest.MonkeyPatch) -> None:
    network = Network(proxy="http://me:secret@proxy:8080")
    failure = requests.exceptions.ProxyError("Tunnel connection failed: 407 Proxy Authentication Required")
    text = describe_failure(failure, f"{AWS}/bucket?list-type=2", network)
    assert text.startswith("The proxy http://proxy:8080 does not let us reach https://s3.amazonaws.com (it asks for a name and password)")
    monkeypatch.setenv("HTTPS_PROXY", "socks5://proxy:1080")
    assert "socks5://proxy:1080 cannot be used" in describe_failure(requests.exceptions.InvalidSchema("SOCKS"), AWS, Network())


def test_the_password_of_a_proxy_is_never_written_beside_the_transfers(tmp_path: Path) -> None:
    store = JobStore(tmp_path / "jobs.sqlite")
    options = TransferOptions(network=Network("http://me:secret@proxy:8080"), limit_rate=1e6)
    store.add([planned("u")], tmp_path / "to", options)
    assert all(b"secret" not in path.read_bytes() for path in tmp_path.iterdir())
    assert [(job.options.network, job.options.limit_rate) for job in store.leftover()] == [(Network(), 1e6)]


@pytest.mark.parametrize("password", ["p#w", "p/w", "p?w", "p[w", "p@w", "p w", "p%41", "p:w"])
def test_a_password_with_any_character_is_not_shown_and_is_used_escaped(password: str) -> None:
    address = f"http://user:{password}@proxy.example:3128"
    assert without_password(address) == "http://proxy.example:3128"
    assert check_proxy(address) == address
    used = urlsplit(Network(proxy=address).proxy_for("https://s3.amazonaws.com"))
    assert (used.hostname, used.port) == ("proxy.example", 3128)
    assert unquote(used.password or "") == unquote(password)


def test_a_proxy_that_is_none_is_shown_without_its_password() -> None:
    with pytest.raises(InputError) as caught:
        check_proxy("ftp://user:se#cret@proxy.example")
    assert "cret" not in str(caught.value)


def test_files_of_the_users_account_are_not_read_by_the_program_that_fetches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "work")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/home/somebody/config")
    environment = Network().child_environment("https://s3.amazonaws.com")
    assert "AWS_PROFILE" not in environment
    assert (environment["AWS_CONFIG_FILE"], environment["AWS_SHARED_CREDENTIALS_FILE"]) == (os.devnull, os.devnull)


def _raised(url: str) -> Exception:
    try:
        requests.get(url, timeout=5)
    except (requests.exceptions.RequestException, UnicodeError) as error:
        return error
    raise AssertionError("it answered")


def test_failures_are_told_by_what_they_are_and_not_by_numbers_in_their_texts() -> None:
    refused = _raised("http://127.0.0.1:9/407/503")
    assert "(connection refused)" in describe_failure(refused, "http://127.0.0.1:9", Network())
    unknown = _raised("http://nowhere.invalid/403")
    assert "(its name is not known)" in describe_failure(unknown, "http://nowhere.invalid", Network())
    assert "(ConnectionError)" in describe_failure(requests.exceptions.ConnectionError("407 refused reset"), AWS, Network())


def test_a_server_that_does_not_encrypt_is_not_called_untrusted() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        threading.Thread(target=_answer_plainly, args=(server,), daemon=True).start()
        text = describe_failure(_raised(f"https://127.0.0.1:{port}"), f"https://127.0.0.1:{port}", Network())
    assert text == f"The server https://127.0.0.1:{port} does not encrypt; write its address with http:// instead of https://, or another port."


def _answer_plainly(server: socket.socket) -> None:
    connection, _ = server.accept()
    with connection:
        connection.recv(1000)
        connection.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")


@pytest.mark.parametrize(
    "url", ["http://ex..ample", "http://" + "a" * 70 + ".org", "http://", "https://host:0", "https://host:99999999", "ftp://host", "host"]
)
def test_what_is_no_address_is_refused_before_anything_starts(url: str) -> None:
    with pytest.raises(InputError, match="not an address of an S3 server"):
        TransferOptions(endpoint_url=url).checked()
