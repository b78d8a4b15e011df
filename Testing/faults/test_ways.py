"""The way to the server: company proxies, certificates of one's own, limits. What goes through must arrive whole; what does not must be named."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from helpers.fault_proxy import Fault, FaultProxy, fault_proxy, is_object
from helpers.own_certificates import make_certificates
from helpers.planned import plan_of
from helpers.s3_server import S3Server
from helpers.web_proxy import WebProxy, web_proxy

from IDCBrowserLib.network import Network
from IDCBrowserLib.task import Progress, Task
from IDCBrowserLib.transfer.control import TransferControl
from IDCBrowserLib.transfer.download import download
from IDCBrowserLib.transfer.item import TransferState
from IDCBrowserLib.transfer.options import TransferOptions
from IDCBrowserLib.transfer.report import TransferReport

# No DNS knows it: only the proxy leads there.
NAME = "buckets.idc-browser.invalid"
PLAIN = f"http://{NAME}"
ENCRYPTED = f"https://{NAME}"


@pytest.fixture(scope="module")
def uuid(s3_server: S3Server) -> str:
    return s3_server.put_series(6, 50_000, seed=3000)


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return make_certificates(tmp_path_factory.mktemp("certificates"), NAME)


@pytest.fixture
def encrypted(s3_server: S3Server, certificates: tuple[Path, Path]) -> Iterator[FaultProxy]:
    with fault_proxy(s3_server.url, certificates[1]) as running:
        yield running


@pytest.fixture
def company(proxy: FaultProxy) -> Iterator[WebProxy]:
    with web_proxy({NAME: proxy.port}) as running:
        yield running


def _tree(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def _options(url: str, network: Network, rate: float = 0.0) -> TransferOptions:
    return TransferOptions(
        endpoint_url=url,
        network=network,
        limit_rate=rate,
        jobs=4,
        retry_count=0,
        attempts=1,
        list_attempts=1,
        first_wait_s=0.05,
    )


def _fetch(uuid: str, to: Path, options: TransferOptions) -> TransferReport:
    return download(plan_of(uuid), to, options, journal_path=None)


def _is_whole(report: TransferReport, to: Path, server: S3Server, uuid: str) -> None:
    assert report.items[0].state is TransferState.COMPLETE, report.items[0].error
    assert _tree(to) == server.files_of(uuid)


@pytest.mark.parametrize("rate", [0.0, 5e6])
@pytest.mark.parametrize("login", ["", "me:pass word"])
def test_everything_goes_through_a_proxy(rate: float, login: str, s3_server: S3Server, company: WebProxy, uuid: str, tmp_path: Path) -> None:
    company.login = login
    address = company.url.replace("//", "//me:pass%20word@") if login else company.url
    _is_whole(_fetch(uuid, tmp_path, _options(PLAIN, Network(address), rate)), tmp_path, s3_server, uuid)
    assert {method for method, _ in company.asked} == {"GET", "HEAD"}
    assert all(target.startswith(f"{PLAIN}/") for _, target in company.asked)


@pytest.mark.parametrize("rate", [0.0, 5e6])
@pytest.mark.parametrize("login", ["", "me:pass word"])
def test_an_encrypted_connection_goes_through_a_proxy_with_the_certificates_of_a_company(
    rate: float,
    login: str,
    s3_server: S3Server,
    encrypted: FaultProxy,
    company: WebProxy,
    certificates: tuple[Path, Path],
    uuid: str,
    tmp_path: Path,
) -> None:
    company.login, company.hosts[NAME] = login, encrypted.port
    address = company.url.replace("//", "//me:pass%20word@") if login else company.url
    network = Network(address, str(certificates[0]))
    _is_whole(_fetch(uuid, tmp_path, _options(ENCRYPTED, network, rate)), tmp_path, s3_server, uuid)
    assert set(company.asked) == {("CONNECT", f"{NAME}:443")}


@pytest.mark.parametrize("rate", [0.0, 5e6])
def test_the_environment_names_proxy_and_certificates(
    rate: float,
    s3_server: S3Server,
    encrypted: FaultProxy,
    company: WebProxy,
    certificates: tuple[Path, Path],
    uuid: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    company.hosts[NAME] = encrypted.port
    monkeypatch.setenv("HTTPS_PROXY", company.url)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificates[0]))
    _is_whole(_fetch(uuid, tmp_path, _options(ENCRYPTED, Network(), rate)), tmp_path, s3_server, uuid)


@pytest.mark.parametrize("rate", [0.0, 5e6])
def test_an_encrypted_server_on_this_machine(
    rate: float, s3_server: S3Server, encrypted: FaultProxy, certificates: tuple[Path, Path], uuid: str, tmp_path: Path
) -> None:
    network = Network(proxy="http://127.0.0.1:9", ca_bundle=str(certificates[0]))
    _is_whole(_fetch(uuid, tmp_path, _options(encrypted.url, network, rate)), tmp_path, s3_server, uuid)


def test_a_certificate_that_is_not_trusted_is_named(encrypted: FaultProxy, uuid: str, tmp_path: Path) -> None:
    report = _fetch(uuid, tmp_path, _options(encrypted.url, Network()))
    assert f"The certificate of {encrypted.url} is not trusted" in report.error
    assert _tree(tmp_path) == {}


@pytest.mark.parametrize(("status", "reason"), [(403, "refuses this address"), (407, "asks for a name and password"), (502, "cannot connect")])
def test_a_proxy_that_refuses_is_named(status: int, reason: str, company: WebProxy, uuid: str, tmp_path: Path) -> None:
    company.refuse = status
    report = _fetch(uuid, tmp_path, _options(ENCRYPTED, Network(company.url.replace("//", "//me:secret@"))))
    assert f"The proxy {company.url} does not let us reach {ENCRYPTED}" in report.error
    assert reason in report.error
    assert "secret" not in report.error
    assert _tree(tmp_path) == {}


def test_a_proxy_that_wants_a_password_for_plain_requests_is_named(company: WebProxy, uuid: str, tmp_path: Path) -> None:
    company.login = "me:word"
    report = _fetch(uuid, tmp_path, _options(PLAIN, Network(company.url)))
    assert f"The proxy {company.url} does not let us reach {PLAIN} (it asks for a name and password)" in report.error


@pytest.mark.parametrize("rate", [0.0, 5e6])
def test_a_proxy_that_refuses_in_the_middle_is_named_with_the_files(
    rate: float, s3_server: S3Server, proxy: FaultProxy, company: WebProxy, uuid: str, tmp_path: Path
) -> None:
    def refuse_objects(method: str, path: str, count: int) -> None:
        company.refuse = 403

    proxy.rule = refuse_objects  # the listing comes through, nothing after it
    report = _fetch(uuid, tmp_path, _options(PLAIN, Network(company.url), rate))
    assert sorted(report.items[0].missing) == sorted(s3_server.files_of(uuid))
    assert f"the server refuses access, through the proxy {company.url}" in report.items[0].error
    company.refuse = 0
    proxy.rule = lambda method, path, count: None
    _is_whole(_fetch(uuid, tmp_path, _options(PLAIN, Network(company.url), rate)), tmp_path, s3_server, uuid)


def test_a_proxy_that_goes_away_under_a_limit_is_named_with_the_files(
    s3_server: S3Server, proxy: FaultProxy, company: WebProxy, uuid: str, tmp_path: Path
) -> None:
    listed = threading.Event()

    def stop(method: str, path: str, count: int) -> None:
        if not listed.is_set():
            listed.set()
            threading.Thread(target=company.stop).start()

    proxy.rule = stop
    report = _fetch(uuid, tmp_path, _options(PLAIN, Network(company.url), 5e6))
    assert listed.is_set()
    assert sorted(report.items[0].missing) == sorted(s3_server.files_of(uuid))
    assert f"a server in between does not answer, through the proxy {company.url}" in report.items[0].error


def test_nothing_arrives_faster_than_the_limit(s3_server: S3Server, tmp_path: Path) -> None:
    uuid = s3_server.put_series(20, 300_000, seed=3001)
    started = time.monotonic()
    report = _fetch(uuid, tmp_path, _options(s3_server.url, Network(), 2e6))
    # 6 MB at 2 MB/s; a busy machine can only make it longer.
    assert time.monotonic() - started > 0.85 * 3
    _is_whole(report, tmp_path, s3_server, uuid)


def test_a_limit_may_change_while_files_move(s3_server: S3Server, tmp_path: Path) -> None:
    uuid = s3_server.put_series(20, 300_000, seed=3001)
    control = TransferControl()
    steps = iter([1e6, 50e6, 0.0])

    def change(progress: Progress) -> None:
        if progress.done:
            rate = next(steps, None)
            if rate is not None:
                control.limit(rate)

    options = replace(_options(s3_server.url, Network(), 0.2e6), jobs=64)
    report = download(plan_of(uuid), tmp_path, options, Task(change), journal_path=None, control=control)
    assert next(steps, None) is None
    # At the first limit it would have taken 30 s.
    assert report.seconds < 25
    _is_whole(report, tmp_path, s3_server, uuid)


def test_what_fails_under_a_limit_is_named_and_completed(s3_server: S3Server, proxy: FaultProxy, uuid: str, tmp_path: Path) -> None:
    expected = s3_server.files_of(uuid)
    bad = sorted(expected)[2]
    proxy.rule = lambda method, path, count: Fault(keep_bytes=1000) if is_object(path) and bad in path else None
    report = _fetch(uuid, tmp_path, _options(proxy.url, Network(), 5e6))
    assert report.items[0].missing == [bad]
    assert _tree(tmp_path) == {name: content for name, content in expected.items() if name != bad}
    proxy.rule = lambda method, path, count: None
    _is_whole(_fetch(uuid, tmp_path, _options(proxy.url, Network(), 5e6)), tmp_path, s3_server, uuid)


@pytest.mark.parametrize(("files", "size"), [(200, 100_000), (3, 7_000_000)], ids=["small files", "large files"])
def test_the_time_left_under_a_limit_is_right_after_ten_seconds(files: int, size: int, s3_server: S3Server, tmp_path: Path) -> None:
    uuid = s3_server.put_series(files, size, seed=3600 + files)
    seen: list[tuple[float, float | None]] = []
    task = Task(lambda progress: seen.append((time.monotonic(), progress.seconds_left)))
    report = download(plan_of(uuid), tmp_path, _options(s3_server.url, Network(), 1e6), task, journal_path=None)
    end = time.monotonic()
    assert report.exit_code == 0
    begun = seen[0][0]
    late = [(end - moment, left) for moment, left in seen if begun + 10 < moment < end - 2]
    assert late
    assert [(real, left) for real, left in late if left is None or not 1 / 1.5 < left / real < 1.5] == []
