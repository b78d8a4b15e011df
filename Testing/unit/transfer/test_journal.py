"""Which verified files are believed without reading them again."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace

import pytest
from helpers.planned import plan_of
from helpers.s3_server import S3Server

from IDCBrowserLib.transfer.download import download
from IDCBrowserLib.transfer.folders import boot
from IDCBrowserLib.transfer.folders.journal import SETTLED_S, Journal
from IDCBrowserLib.transfer.item import TransferState
from IDCBrowserLib.transfer.listing import RemoteObject, parse_listing
from IDCBrowserLib.transfer.options import TransferOptions
from IDCBrowserLib.transfer.report import TransferReport

FOLDER = Path("series")
ENTRY = ("a.dcm", 3, 4, "md5")


def _journal(path: Path, run: str, uptime: float) -> Journal:
    return Journal(path, run, lambda: uptime)


def test_what_was_verified_is_believed_by_other_programs_until_the_computer_starts_again(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    first = _journal(path, "monday", 50.0)
    first.add(FOLDER, [ENTRY])
    first.close()
    same, next_day = _journal(path, "monday", 60.0), _journal(path, "tuesday", 10_000.0)
    assert same.entries(FOLDER) == {"a.dcm": (3, 4, "md5")}
    assert same.doubtful(FOLDER) == {}
    assert next_day.entries(FOLDER) == {}
    assert next_day.doubtful(FOLDER) == {"a.dcm": (3, 4, "md5")}
    same.close()
    next_day.close()


@pytest.mark.parametrize("by_adding", [False, True])
def test_what_the_system_had_time_to_write_out_is_believed_for_ever(by_adding: bool, tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    now = 50.0
    first = Journal(path, "monday", lambda: now)
    first.add(FOLDER, [ENTRY])
    now += SETTLED_S + 1
    if by_adding:
        first.add(FOLDER, [("b.dcm", 1, 1, "")])
    first.close()
    if not by_adding:
        _journal(path, "monday", now).close()
    later = _journal(path, "tuesday", 5.0)
    assert set(later.entries(FOLDER)) == {"a.dcm"}
    later.close()


def test_what_another_program_keeps_from_being_written_is_written_with_the_next(tmp_path: Path) -> None:
    journal = _journal(tmp_path / "journal.sqlite", "monday", 50.0)
    assert journal._connection is not None
    journal._connection.execute("PRAGMA busy_timeout = 0")
    with closing(sqlite3.connect(tmp_path / "journal.sqlite")) as other:
        other.execute("BEGIN IMMEDIATE")
        journal.add(FOLDER, [ENTRY])
        assert journal.entries(FOLDER) == {}
        other.rollback()
    journal.add(FOLDER, [("b.dcm", 5, 6, "")])
    assert journal.entries(FOLDER) == {"a.dcm": (3, 4, "md5"), "b.dcm": (5, 6, "")}
    journal.close()


def test_what_cannot_be_written_at_all_is_said_and_not_tried_again(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    journal = _journal(tmp_path / "journal.sqlite", "monday", 50.0)
    assert journal._connection is not None
    journal._connection.execute("PRAGMA query_only = ON")
    journal.claim(FOLDER, [("a.dcm", 3, "")])
    assert "cannot be written" in caplog.text
    journal._connection.execute("PRAGMA query_only = OFF")
    journal.claim(FOLDER, [("b.dcm", 3, "")])
    assert set(journal.owned(FOLDER)) == {"b.dcm"}
    journal.close()


def test_a_journal_that_cannot_be_opened_remembers_nothing_and_says_so(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "journal.sqlite").mkdir()
    journal = _journal(tmp_path / "journal.sqlite", "monday", 50.0)
    journal.add(FOLDER, [ENTRY])
    assert journal.entries(FOLDER) == {} and "cannot be used" in caplog.text
    journal.close()


def test_this_computer_says_which_run_it_is() -> None:
    assert boot.boot_id() == boot.boot_id() != ""
    assert boot.uptime_s() > 0


def test_elsewhere_a_run_is_known_by_the_minute_in_which_it_began(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(boot, "_LINUX", tmp_path / "none")
    for now in (7259.0, 9999.0):
        monkeypatch.setattr(boot, "time", SimpleNamespace(time=lambda now=now: now, monotonic=lambda now=now: now - 7225.0))
        assert boot.boot_id() == "started-120"


def _download(server: S3Server, uuid: str, to: Path, journal: Path) -> TransferReport:
    return download(plan_of(uuid), to, TransferOptions(endpoint_url=server.url, jobs=4), journal_path=journal)


def _zero(path: Path) -> None:
    """As a power cut leaves it: name, size and time are there, the content is not."""
    status = path.stat()
    path.write_bytes(bytes(status.st_size))
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


def _start_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(boot, "boot_id", lambda: "after the power cut")


def test_a_file_that_a_power_cut_zeroed_is_found_and_fetched_again(s3_server: S3Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    uuid = s3_server.put_series(files=4, seed=700)
    journal = tmp_path / "journal.sqlite"
    report = _download(s3_server, uuid, tmp_path / "to", journal)
    folder = tmp_path / "to" / report.items[0].directory
    _zero(folder / min(s3_server.files_of(uuid)))
    _start_again(monkeypatch)
    again = _download(s3_server, uuid, tmp_path / "to", journal)
    assert again.bytes_fetched == 2000
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == s3_server.files_of(uuid)


def test_a_file_without_md5_is_said_to_be_compared_by_size_and_fetched_again_after_a_power_cut(
    s3_server: S3Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = "77777777-0000-4000-8000-000000000000/00000001-0000-4000-8000-000000000000.dcm"
    client = s3_server.client()
    s3_server.put("elsewhere", b"")
    upload = client.create_multipart_upload(Bucket="idc-open-data", Key=key, ACL="public-read")["UploadId"]
    parts = []
    for number, content in enumerate((b"a" * 5_300_000, b"b" * 1000), start=1):
        answer = client.upload_part(Bucket="idc-open-data", Key=key, UploadId=upload, PartNumber=number, Body=content)
        parts.append({"PartNumber": number, "ETag": answer["ETag"]})
    client.complete_multipart_upload(Bucket="idc-open-data", Key=key, UploadId=upload, MultipartUpload={"Parts": parts})
    journal = tmp_path / "journal.sqlite"
    report = _download(s3_server, key.split("/", maxsplit=1)[0], tmp_path / "to", journal)
    assert report.items[0].state is TransferState.COMPLETE
    assert report.to_json()["series"][0]["size_only"] == 1
    assert "1 file could be compared by size only" in report.describe()
    path = next((tmp_path / "to").rglob("*.dcm"))
    assert path.read_bytes() == b"a" * 5_300_000 + b"b" * 1000
    _zero(path)
    assert _download(s3_server, key.split("/", maxsplit=1)[0], tmp_path / "to", journal).bytes_fetched == 0
    _start_again(monkeypatch)
    assert _download(s3_server, key.split("/", maxsplit=1)[0], tmp_path / "to", journal).bytes_fetched == 5_301_000
    assert path.read_bytes() == b"a" * 5_300_000 + b"b" * 1000


@pytest.mark.parametrize("is_link_itself", [False, True])
def test_a_download_takes_over_what_an_earlier_version_recorded_under_the_name_of_a_link_above(
    is_link_itself: bool, s3_server: S3Server, tmp_path: Path
) -> None:
    """A link that is the download folder itself may have led elsewhere then."""
    uuid, path = s3_server.put_series(files=1, seed=701), tmp_path / "journal.sqlite"
    (tmp_path / "disk" / "to").mkdir(parents=True)
    (tmp_path / "link").symlink_to(tmp_path / "disk" / ("to" if is_link_itself else ""), target_is_directory=True)
    named = tmp_path / "link" if is_link_itself else tmp_path / "link" / "to"
    former = Journal(path)
    former.claim_folders([str(named / "made")])
    former.close()
    assert _download(s3_server, uuid, named, path).exit_code == 0
    now = Journal(path)
    assert now.made(tmp_path / "disk" / "to" / "made") is not is_link_itself
    now.close()


def test_an_etag_of_an_upload_in_parts_is_no_md5() -> None:
    page = (
        b"<ListBucketResult><Contents><Key>u/a.dcm</Key><Size>5</Size><ETag>&quot;" + b"0" * 32 + b"-2&quot;</ETag></Contents>"
        b"<Contents><Key>u/b.dcm</Key><Size>5</Size><ETag>&quot;" + b"A" * 32 + b"&quot;</ETag></Contents></ListBucketResult>"
    )
    assert parse_listing(page, "u", "bucket")[0] == [RemoteObject("u/a.dcm", "a.dcm", 5, ""), RemoteObject("u/b.dcm", "b.dcm", 5, "a" * 32)]
