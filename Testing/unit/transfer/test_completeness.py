"""What is called complete is there; what can only be compared by size is said."""

from __future__ import annotations

import hashlib
import threading
from pathlib import Path

import pytest
from helpers.fault_proxy import Fault, FaultProxy, Rule, fault_proxy, is_listing, is_object
from helpers.planned import plan_of
from helpers.s3_server import S3Server

from IDCBrowserLib.task import Progress, Task
from IDCBrowserLib.transfer.download import download
from IDCBrowserLib.transfer.item import TransferItem, TransferState
from IDCBrowserLib.transfer.options import TransferOptions
from IDCBrowserLib.transfer.report import TransferReport


def _options(url: str) -> TransferOptions:
    return TransferOptions(endpoint_url=url, jobs=4, retry_count=0, attempts=2, first_wait_s=0.01)


def _only_after(happened: threading.Event, name: str) -> Rule:
    """Objects of that name, or of that series, come only then."""

    def rule(method: str, path: str, count: int) -> Fault | None:
        if name in path and is_object(path):
            happened.wait(20)
        return None

    return rule


def test_a_series_whose_files_are_deleted_while_others_come_is_not_called_complete(s3_server: S3Server, tmp_path: Path) -> None:
    first, second = s3_server.put_series(3, seed=900), s3_server.put_series(3, seed=901)
    names = sorted(s3_server.files_of(first))
    deleted = threading.Event()

    def delete(item: TransferItem) -> None:
        if item.series.crdc_series_uuid == first:
            folder = tmp_path / item.directory
            (folder / names[0]).unlink()
            (folder / names[1]).write_bytes(b"cut")
            # The other one ends a little later than "just now".
            threading.Timer(1.5, deleted.set).start()

    seen: list[tuple[str, str]] = []

    def note(progress: Progress) -> None:
        seen.extend((entry["crdc_series_uuid"], entry["state"]) for entry in progress.details["series"])

    with fault_proxy(s3_server.url) as proxy:
        proxy.rule = _only_after(deleted, second)
        report = download(plan_of(first, second), tmp_path, _options(proxy.url), Task(note), journal_path=None, on_complete=delete)
    assert [item.state for item in report.items] == [TransferState.FAILED, TransferState.COMPLETE]
    assert report.items[0].missing == names[:2]
    told = report.to_json()
    assert (told["series"][0]["files"], told["files"], told["incomplete"]) == (1, 4, 1)
    assert told["total_bytes"] == report.items[1].bytes_total + len(s3_server.files_of(first)[names[2]])
    assert f"2 of 3 files were deleted or changed meanwhile: {names[0]}, {names[1]}; download it again" in report.items[0].error
    assert report.exit_code == 4 and (first, "failed") in seen
    again = download(plan_of(first, second), tmp_path, _options(s3_server.url), journal_path=None)
    assert (again.exit_code, again.bytes_fetched) == (0, 4000)


def test_a_file_that_is_deleted_before_its_series_is_whole_is_noticed(s3_server: S3Server, tmp_path: Path) -> None:
    uuid = s3_server.put_series(3, seed=902)
    names = sorted(s3_server.files_of(uuid))
    gone = threading.Event()

    def delete(progress: Progress) -> None:
        for path in tmp_path.rglob(names[0]):
            path.unlink()
            gone.set()

    with fault_proxy(s3_server.url) as proxy:
        proxy.rule = _only_after(gone, names[2])
        report = download(plan_of(uuid), tmp_path, _options(proxy.url), Task(delete), journal_path=None)
    assert (report.items[0].state, report.items[0].missing) == (TransferState.FAILED, [names[0]])


def test_series_in_part_and_series_that_failed_are_told_apart(s3_server: S3Server, tmp_path: Path) -> None:
    whole, in_part, failed = (s3_server.put_series(3, seed=seed) for seed in (907, 908, 909))
    name = min(s3_server.files_of(in_part))

    def refuse(method: str, path: str, count: int) -> Fault | None:
        return Fault(status=404) if is_object(path) and (name in path or failed in path) else None

    with fault_proxy(s3_server.url) as proxy:
        proxy.rule = refuse
        report = download(plan_of(whole, in_part, failed), tmp_path, _options(proxy.url), journal_path=None)
    told, uids = report.to_json(), [item.series.series_uid for item in report.items]
    assert [(one["state"], one["files"], len(one["missing"])) for one in told["series"]] == [("complete", 3, 0), ("failed", 2, 1), ("failed", 0, 3)]
    assert (told["states"], told["incomplete"], report.exit_code) == ({"complete": 1, "failed": 2, "cancelled": 0}, 1, 4)
    lines = report.describe().splitlines()
    assert lines[1:4] == ["1 series incomplete:", lines[2], "1 series failed:"]
    assert lines[2].startswith(f"  {uids[1]}: 1 of 3 files are missing") and name in lines[2] and lines[4].startswith(f"  {uids[2]}: 3 of 3 files")


def _other_etags(encryption: str, of: str = "") -> Rule:
    """As of a bucket that encrypts with a key of its owner: ETags look like MD5s and are none; HEAD says why."""

    def change(body: bytes) -> bytes:
        text = body.decode()
        for etag in {part.partition("&quot;")[0] for part in text.split("<ETag>&quot;")[1:]} | {
            part.partition('"')[0] for part in text.split('<ETag>"')[1:]
        }:
            text = text.replace(etag, hashlib.md5(etag.encode(), usedforsecurity=False).hexdigest())
        return text.encode()

    def rule(method: str, path: str, count: int) -> Fault | None:
        if is_listing(path):
            return Fault(change=change)
        return Fault(headers={"x-amz-server-side-encryption": encryption}) if encryption and is_object(path) and of in path else None

    return rule


def _fetch(proxy: FaultProxy, uuid: str, to: Path, journal: Path | None = None) -> TransferReport:
    return download(plan_of(uuid), to, _options(proxy.url), journal_path=journal)


@pytest.mark.parametrize("encryption", ["aws:kms", "aws:kms:dsse"])
def test_a_mirror_whose_etags_are_no_md5_is_compared_by_size_and_that_is_said(encryption: str, s3_server: S3Server, tmp_path: Path) -> None:
    uuid = s3_server.put_series(3, seed=903)
    journal = tmp_path / "journal.sqlite"
    with fault_proxy(s3_server.url) as proxy:
        proxy.rule = _other_etags(encryption)
        for fetched in (6000, 0):
            report = _fetch(proxy, uuid, tmp_path / "to", journal)
            assert (report.items[0].state, report.bytes_fetched, report.items[0].size_only) == (TransferState.COMPLETE, fetched, 3)
            assert "3 files could be compared by size only" in report.describe()
        journal.unlink()
        assert _fetch(proxy, uuid, tmp_path / "to", journal).bytes_fetched == 0
    assert {path.name: path.read_bytes() for path in (tmp_path / "to").rglob("*.dcm")} == s3_server.files_of(uuid)


@pytest.mark.parametrize("encryption", ["", "AES256"])
def test_etags_that_differ_without_a_reason_are_believed(encryption: str, s3_server: S3Server, tmp_path: Path) -> None:
    uuid = s3_server.put_series(2, seed=904)
    with fault_proxy(s3_server.url) as proxy:
        proxy.rule = _other_etags(encryption)
        report = _fetch(proxy, uuid, tmp_path / "to")
    assert report.items[0].state is TransferState.FAILED and "MD5 differs" in report.items[0].error
    assert list(tmp_path.iterdir()) == []


def test_only_the_objects_that_are_encrypted_so_are_taken_by_size(s3_server: S3Server, tmp_path: Path) -> None:
    uuid = s3_server.put_series(2, seed=905)
    names = sorted(s3_server.files_of(uuid))
    with fault_proxy(s3_server.url) as proxy:
        proxy.rule = _other_etags("aws:kms", of=names[0])
        report = _fetch(proxy, uuid, tmp_path)
    assert report.items[0].missing == [names[1]]
