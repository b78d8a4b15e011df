"""What networks and servers do wrong. Nothing may be lost or wrongly called complete; the next run completes what is missing."""

from __future__ import annotations

import random
import threading
from pathlib import Path

import pytest
from helpers.fault_proxy import Fault, FaultProxy, Rule, is_listing, is_object
from helpers.planned import plan_of, planned
from helpers.s3_server import S3Server

from IDCBrowserLib.selection.plan import Plan
from IDCBrowserLib.transfer.download import download
from IDCBrowserLib.transfer.item import TransferItem, TransferState
from IDCBrowserLib.transfer.options import TransferOptions
from IDCBrowserLib.transfer.s5cmd.mover import LARGE

FILES, SIZE = 8, 30_000


def _options(proxy: FaultProxy) -> TransferOptions:
    return TransferOptions(endpoint_url=proxy.url, jobs=4, retry_count=1, first_wait_s=0.05)


def _tree(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def _once(rule_path: object, fault: Fault) -> Rule:
    return lambda method, path, count: fault if rule_path(path) and count == 0 and method == "GET" else None  # type: ignore[operator]


def _fetch(server: S3Server, proxy: FaultProxy, to: Path, seed: int) -> tuple[TransferItem, dict[str, bytes]]:
    uuid = server.put_series(FILES, SIZE, seed=seed)
    report = download(plan_of(uuid), to, _options(proxy), journal_path=None)
    return report.items[0], server.files_of(uuid)


def _wrong(body: bytes) -> bytes:
    return bytes(255 - value for value in body[:100]) + body[100:]


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        ("reset", _once(is_object, Fault(reset=True))),
        ("reset of a listing", _once(is_listing, Fault(reset=True))),
        ("cut", _once(is_object, Fault(keep_bytes=1000))),
        ("cut listing", _once(is_listing, Fault(keep_bytes=300))),
        ("wrong body of the right length", _once(is_object, Fault(change=_wrong))),
        ("500", _once(is_object, Fault(status=500))),
        ("503 for a listing", _once(is_listing, Fault(status=503))),
        ("stall", _once(is_object, Fault(stall_s=2.0))),
    ],
)
def test_what_happens_once_is_overcome(name: str, rule: Rule, s3_server: S3Server, proxy: FaultProxy, tmp_path: Path) -> None:
    proxy.rule = rule
    item, expected = _fetch(s3_server, proxy, tmp_path, seed=1000)
    assert item.state is TransferState.COMPLETE, item.error
    assert _tree(tmp_path) == expected


def test_a_burst_of_errors_is_overcome(s3_server: S3Server, proxy: FaultProxy, tmp_path: Path) -> None:
    chance = random.Random(5)
    lock = threading.Lock()

    def rule(method: str, path: str, count: int) -> Fault | None:
        with lock:
            hit = chance.random() < 0.3
        return Fault(status=chance.choice((500, 503))) if hit and method == "GET" and count < 3 else None

    proxy.rule = rule
    uuid = s3_server.put_series(FILES, SIZE, seed=1001)
    options = TransferOptions(endpoint_url=proxy.url, jobs=4, retry_count=5, first_wait_s=0.05)
    report = download(plan_of(uuid), tmp_path, options, journal_path=None)
    assert report.items[0].state is TransferState.COMPLETE, report.items[0].error
    assert _tree(tmp_path) == s3_server.files_of(uuid)


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ("404", Fault(status=404)),
        ("403", Fault(status=403)),
        ("500", Fault(status=500)),
        ("wrong body", Fault(change=_wrong)),
        ("cut", Fault(keep_bytes=10)),
        ("reset", Fault(reset=True)),
    ],
)
def test_one_object_that_never_comes_is_named_and_nothing_else(
    name: str, fault: Fault, s3_server: S3Server, proxy: FaultProxy, tmp_path: Path
) -> None:
    uuid = s3_server.put_series(FILES, SIZE, seed=1002)
    expected = s3_server.files_of(uuid)
    bad = sorted(expected)[3]
    proxy.rule = lambda method, path, count: fault if bad in path and method == "GET" else None
    report = download(plan_of(uuid), tmp_path, _options(proxy), journal_path=None)
    item = report.items[0]
    assert item.state is TransferState.FAILED
    assert item.missing == [bad]
    assert bad in item.error
    assert _tree(tmp_path) == {file: content for file, content in expected.items() if file != bad}
    proxy.rule = lambda method, path, count: None
    again = download(plan_of(uuid), tmp_path, _options(proxy), journal_path=None)
    assert again.items[0].state is TransferState.COMPLETE
    assert again.bytes_fetched == SIZE
    assert _tree(tmp_path) == expected


def test_a_listing_that_lacks_an_object_is_not_believed(s3_server: S3Server, proxy: FaultProxy, tmp_path: Path) -> None:
    uuid = s3_server.put_series(FILES, SIZE, seed=1003)
    expected = s3_server.files_of(uuid)

    def without_one(body: bytes) -> bytes:
        start = body.index(b"<Contents>")
        return body[:start] + body[body.index(b"</Contents>") + len(b"</Contents>") :]

    proxy.rule = lambda method, path, count: Fault(change=without_one) if is_listing(path) else None
    plan = Plan((planned(uuid, instance_count=FILES),))
    report = download(plan, tmp_path, _options(proxy), journal_path=None)
    assert report.items[0].state is TransferState.FAILED
    assert f"{FILES - 1} of the {FILES} files" in report.items[0].error
    proxy.rule = _once(is_listing, Fault(change=without_one))
    proxy.asked.clear()
    assert download(plan, tmp_path, _options(proxy), journal_path=None).items[0].state is TransferState.COMPLETE
    assert _tree(tmp_path) == expected


def test_an_object_that_vanishes_after_the_listing_is_named(s3_server: S3Server, proxy: FaultProxy, tmp_path: Path) -> None:
    uuid = s3_server.put_series(FILES, SIZE, seed=1007)
    expected = s3_server.files_of(uuid)
    gone = sorted(expected)[0]

    def rule(method: str, path: str, count: int) -> Fault | None:
        if gone in path and count == 0:
            s3_server.client().delete_object(Bucket="idc-open-data", Key=f"{uuid}/{gone}")
        return None

    proxy.rule = rule
    report = download(plan_of(uuid), tmp_path, _options(proxy), journal_path=None)
    assert report.items[0].state is TransferState.FAILED
    assert report.items[0].missing == [gone]
    assert _tree(tmp_path) == {name: content for name, content in expected.items() if name != gone}


def test_an_object_that_changes_after_the_listing_is_listed_again(s3_server: S3Server, proxy: FaultProxy, tmp_path: Path) -> None:
    uuid = s3_server.put_series(2, SIZE, seed=1004)
    name = sorted(s3_server.files_of(uuid))[0]

    def rule(method: str, path: str, count: int) -> Fault | None:
        if name in path and method == "GET" and count == 0:
            s3_server.put(f"{uuid}/{name}", b"another content")
        return None

    proxy.rule = rule
    download(plan_of(uuid), tmp_path, _options(proxy), journal_path=None)
    again = download(plan_of(uuid), tmp_path, _options(proxy), journal_path=None)
    assert again.items[0].state is TransferState.COMPLETE
    assert _tree(tmp_path) == s3_server.files_of(uuid)


def test_listings_with_many_pages_are_read_to_the_end(s3_server: S3Server, tmp_path: Path) -> None:
    uuid = s3_server.put_series(1005, 10, seed=1005)
    options = TransferOptions(endpoint_url=s3_server.url, jobs=16)
    report = download(plan_of(uuid), tmp_path, options, journal_path=None)
    assert report.items[0].files_done == 1005
    assert report.items[0].state is TransferState.COMPLETE


def test_a_name_that_is_not_known_is_said_for_every_series_and_the_next_run_completes(s3_server: S3Server, tmp_path: Path) -> None:
    uuids = [s3_server.put_series(3, SIZE, seed=1020 + number) for number in range(3)]
    options = TransferOptions(endpoint_url="http://s3.idc-browser.invalid", list_attempts=1)
    report = download(plan_of(*uuids), tmp_path, options, journal_path=None)
    assert "s3.idc-browser.invalid cannot be reached (its name is not known)" in report.error
    assert [item.state for item in report.items] == [TransferState.FAILED] * 3
    assert all("its name is not known" in item.error for item in report.items)
    assert _tree(tmp_path) == {}
    report = download(plan_of(*uuids), tmp_path, TransferOptions(endpoint_url=s3_server.url), journal_path=None)
    assert _tree(tmp_path) == {name: content for uuid in uuids for name, content in s3_server.files_of(uuid).items()}


def test_a_server_that_goes_away_in_the_middle_names_every_file_that_is_missing(s3_server: S3Server, proxy: FaultProxy, tmp_path: Path) -> None:
    uuids = [s3_server.put_series(FILES, SIZE, seed=1030 + number) for number in range(3)]
    expected = {name: content for uuid in uuids for name, content in s3_server.files_of(uuid).items()}
    come: list[str] = []

    def rule(method: str, path: str, count: int) -> Fault | None:
        if is_object(path) and method == "GET":
            come.append(path)
        return Fault(reset=True) if len(come) > FILES + 2 and not is_listing(path) else None

    proxy.rule = rule
    report = download(plan_of(*uuids), tmp_path, _options(proxy), journal_path=None)
    here = _tree(tmp_path)
    assert here.items() <= expected.items()
    assert 0 < len(here) < len(expected)
    assert sorted(name for item in report.items for name in item.missing) == sorted(expected.keys() - here.keys())
    assert all(item.error for item in report.items if item.missing)
    proxy.rule = lambda method, path, count: None
    report = download(plan_of(*uuids), tmp_path, _options(proxy), journal_path=None)
    assert report.count(TransferState.COMPLETE) == 3
    assert (_tree(tmp_path), report.bytes_fetched) == (expected, (len(expected) - len(here)) * SIZE)


def test_the_other_provider_gives_what_the_first_does_not(s3_server: S3Server, proxy: FaultProxy, tmp_path: Path) -> None:
    uuid = s3_server.put_series(4, SIZE, seed=1006)
    for name, content in s3_server.files_of(uuid).items():
        s3_server.put(f"{uuid}/{name}", content, bucket="gcs-mirror")
    bad = sorted(s3_server.files_of(uuid))[1]
    proxy.rule = lambda method, path, count: Fault(status=403) if bad in path else None
    options = TransferOptions(provider="auto", endpoint_url=proxy.url, gcs_endpoint_url=s3_server.url, jobs=4, retry_count=0, first_wait_s=0.05)
    plan = Plan((planned(uuid, gcs_bucket="gcs-mirror"),))
    report = download(plan, tmp_path / "a", options, journal_path=None)
    assert report.items[0].state is TransferState.COMPLETE, report.items[0].error
    assert _tree(tmp_path / "a") == s3_server.files_of(uuid)
    down = TransferOptions(provider="auto", endpoint_url="http://127.0.0.1:9", gcs_endpoint_url=s3_server.url, list_attempts=1)
    report = download(plan, tmp_path / "b", down, journal_path=None)
    assert report.items[0].state is TransferState.COMPLETE, report.items[0].error


def test_a_connection_that_hangs_is_begun_again(s3_server: S3Server, proxy: FaultProxy, tmp_path: Path) -> None:
    uuid = s3_server.put_series(FILES, SIZE, seed=1010)
    names = sorted(s3_server.files_of(uuid))
    # Longer than the test may take: only beginning again helps.
    proxy.rule = lambda method, path, count: Fault(stall_s=40.0) if names[2] in path and method == "GET" and count == 0 else None
    options = TransferOptions(endpoint_url=proxy.url, jobs=4, retry_count=1, first_wait_s=0.05, stall_s=1.0)
    report = download(plan_of(uuid), tmp_path, options, journal_path=None)
    assert report.items[0].state is TransferState.COMPLETE, report.items[0].error
    assert report.seconds < 30
    assert _tree(tmp_path) == s3_server.files_of(uuid)


def test_a_connection_that_hangs_every_time_is_reported_with_the_file(s3_server: S3Server, proxy: FaultProxy, tmp_path: Path) -> None:
    uuid = s3_server.put_series(FILES, SIZE, seed=1011)
    names = sorted(s3_server.files_of(uuid))
    proxy.rule = lambda method, path, count: Fault(stall_s=40.0) if names[2] in path and method == "GET" else None
    options = TransferOptions(endpoint_url=proxy.url, jobs=4, retry_count=1, first_wait_s=0.05, attempts=2, stall_s=0.6)
    report = download(plan_of(uuid), tmp_path, options, journal_path=None)
    assert report.items[0].missing == [names[2]]
    assert "hardly anything arrived for 0.6 s" in report.items[0].error


def test_one_large_file_of_many_that_never_comes_is_named(s3_server: S3Server, proxy: FaultProxy, tmp_path: Path) -> None:
    uuid = s3_server.put_series(6, LARGE, seed=1012)
    expected = s3_server.files_of(uuid)
    bad = sorted(expected)[1]
    proxy.rule = lambda method, path, count: Fault(status=404) if bad in path else None
    report = download(plan_of(uuid), tmp_path, _options(proxy), journal_path=None)
    assert report.items[0].missing == [bad]
    assert "no longer in the bucket" in report.items[0].error
    assert _tree(tmp_path) == {name: content for name, content in expected.items() if name != bad}
