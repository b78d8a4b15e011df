"""Which verified files are believed without reading them again."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path, PurePosixPath
from types import SimpleNamespace

import pytest
from helpers.planned import plan_of
from helpers.s3_server import S3Server

from IDCBrowserLib.transfer.download import download
from IDCBrowserLib.transfer.folders import boot, journal_file
from IDCBrowserLib.transfer.folders.journal import SETTLED_S, Journal, default_path, open_journal
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


@pytest.mark.parametrize(("ran_s", "believed"), [(899.0, False), (900.0, False), (901.0, True)])
def test_a_quarter_of_an_hour_is_enough_to_write_out_a_file(ran_s: float, believed: bool, tmp_path: Path) -> None:
    first = _journal(tmp_path / "journal.sqlite", "monday", 50.0)
    first.add(FOLDER, [ENTRY])
    first.close()
    for run, uptime in (("monday", 50.0 + ran_s), ("tuesday", 5.0)):
        later = _journal(tmp_path / "journal.sqlite", run, uptime)
        assert bool(later.entries(FOLDER)) is (believed or run == "monday")
        later.close()


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


class Busy:
    """A clock that goes when somebody sleeps, and another program that has the journal until ``until`` seconds have passed."""

    def __init__(self, path: Path, until: float) -> None:
        self.now = 100.0
        self._until = self.now + until
        self._other = sqlite3.connect(path, isolation_level=None)
        self._other.execute("BEGIN EXCLUSIVE")

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds
        if self.now >= self._until:
            self.close()

    def close(self) -> None:
        self._other.close()


@pytest.mark.parametrize(("until", "opens"), [(0.1, True), (4.9, True), (5.2, False)])
def test_a_journal_that_another_program_keeps_busy_is_waited_for_and_never_put_aside(
    until: float, opens: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "journal.sqlite"
    journal = Journal(path)
    journal.add(FOLDER, [ENTRY])
    journal.close()
    busy = Busy(path, until)
    connect = sqlite3.connect
    monkeypatch.setattr(journal_file.sqlite3, "connect", lambda path, timeout, **options: connect(path, timeout=0.0, **options))
    monkeypatch.setattr(journal_file, "time", busy)
    journal = Journal(path)
    assert bool(journal.owned(FOLDER)) is opens
    assert ("cannot be used" in caplog.text) is not opens
    journal.close()
    busy.close()
    assert [one.name for one in tmp_path.iterdir() if one.suffix == ".damaged"] == []


def test_a_damaged_journal_that_cannot_be_put_aside_stays_as_it_is(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "journal.sqlite"
    path.write_bytes(b"no database " * 100)
    (tmp_path / "journal.damaged" / "full").mkdir(parents=True)
    journal = Journal(path)
    assert journal.owned(FOLDER) == {} and "cannot be used" in caplog.text
    assert path.read_bytes() == b"no database " * 100
    journal.close()


def test_a_journal_below_what_is_no_folder_remembers_nothing_and_says_so(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "file").touch()
    journal = Journal(tmp_path / "file" / "journal.sqlite")
    journal.add(FOLDER, [ENTRY])
    assert journal.owned(FOLDER) == {} and "cannot be used" in caplog.text
    journal.close()


def test_a_journal_makes_the_folders_above_it_and_a_user_may_name_another_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("IDC_BROWSER_STATE", raising=False)
    monkeypatch.setenv("IDC_BROWSER_HOME", str(tmp_path / "home"))
    assert default_path() == tmp_path / "home" / "data" / "transfers.sqlite"
    monkeypatch.setenv("IDC_BROWSER_STATE", str(tmp_path / "state" / "mine"))
    assert default_path() == tmp_path / "state" / "mine" / "transfers.sqlite"
    with open_journal() as journal:
        journal.add(FOLDER, [ENTRY])
        assert journal.entries(FOLDER) == {}
    assert not (tmp_path / "state").exists(), "looking makes none"
    made = Journal(default_path())
    made.add(FOLDER, [ENTRY])
    made.close()
    with open_journal() as journal:
        assert set(journal.entries(FOLDER)) == {"a.dcm"}


@pytest.mark.parametrize(("version", "is_kept"), [(0, True), (1, False), (2, True), (3, False)])
def test_a_journal_of_a_form_that_this_program_does_not_know_is_put_aside(version: int, is_kept: bool, tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    journal = Journal(path)
    journal.claim_folders(["/made"])
    journal.close()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"PRAGMA user_version = {version}")
    journal = Journal(path)
    assert journal.made("/made") is is_kept and (tmp_path / "journal.damaged").exists() is not is_kept
    journal.close()


@pytest.mark.skipif(os.name == "nt", reason="there are no such permissions")
@pytest.mark.parametrize("mode", [None, 0o640, 0o604])
def test_a_journal_is_for_its_owner_alone_however_it_was_made(mode: int | None, tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    if mode is not None:
        path.touch()
        path.chmod(mode)
    journal = Journal(path)
    journal.add(FOLDER, [ENTRY])
    assert {one.stat().st_mode & 0o777 for one in tmp_path.iterdir()} == {0o600}
    journal.close()


@pytest.mark.parametrize("table", ["verified", "completed"])
def test_a_journal_of_before_folders_were_written_down_names_those_of_the_layout_up_to_the_collection(table: str, tmp_path: Path) -> None:
    levels = {
        "/a/collection/case/1.2/CT_1.2.3": 4,
        "/b/collection/case/1.2/CT_1.2.3_v28621ba9-1aca-4aab-a2a1-f6d2c3e2ab19": 4,
        "/c/collection/case/study/CT_1.2.3": 1,
        "/d/collection/case/12/CT_1.2.3": 1,
        "/e/collection/case/1.2/CT": 1,
        "/f/collection/case/1.2/1.2.3": 1,
        "/g/collection/case/1.2/CT_123": 1,
        "/h/collection/case/1.2/CT_a.b": 1,
    }
    path = tmp_path / "journal.sqlite"
    journal = Journal(path)
    for folder in levels:
        journal.add(folder, [ENTRY])
        journal.complete(folder, "uuid", ["a.dcm"])
    journal.close()
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("DROP TABLE made")
        connection.execute(f"DELETE FROM {'verified' if table == 'completed' else 'completed'}")
    journal = Journal(path)
    for folder, count in levels.items():
        above = [folder, *(str(one) for one in PurePosixPath(folder).parents)]
        assert [journal.made(one) for one in above] == [True] * count + [False] * (len(above) - count), folder
    journal.close()


@pytest.mark.parametrize(("named", "real"), [("/b/link", "/a/real"), ("/b/link", "/c/real"), ("/b/link", "/b/link")])
def test_what_was_recorded_below_the_name_of_a_link_is_found_below_its_real_path_and_nothing_else_is_changed(
    named: str, real: str, tmp_path: Path
) -> None:
    journal = Journal(tmp_path / "journal.sqlite")
    beside = [f"{named}-2/series", f"{named}0/series", f"{named}1/series", f"{named}.old", named, "/b", "/z"]
    for folder in (f"{named}/series", *beside):
        journal.add(folder, [ENTRY])
        journal.complete(folder, f"uuid of {folder}", ["a.dcm"])
        journal.claim_folders([folder])
    journal.adopt(named, real)
    for folder, uuid in ((f"{real}/series", f"uuid of {named}/series"), *((one, f"uuid of {one}") for one in beside)):
        assert (set(journal.entries(folder)), journal.completed(folder), journal.made(folder)) == ({"a.dcm"}, uuid, True)
    if named != real:
        folder = f"{named}/series"
        assert (journal.entries(folder), journal.completed(folder), journal.made(folder)) == ({}, "", False)
    journal.close()


def test_what_is_forgotten_of_a_folder_is_forgotten_in_every_table(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal.sqlite")
    journal.add(FOLDER, [ENTRY, ("b.dcm", 1, 1, "")])
    journal.claim(FOLDER, [("c.dcm", 1, ""), ("d.dcm", 1, "")])
    journal.complete(FOLDER, "uuid", ["a.dcm", "b.dcm"])
    journal.claim_folders([str(FOLDER), "other"])
    journal.forget(FOLDER, ["a.dcm", "c.dcm"])
    assert set(journal.owned(FOLDER)) == {"b.dcm", "d.dcm"} and journal.completed(FOLDER) == "uuid"
    journal.forget(FOLDER, ["b.dcm"])
    assert set(journal.owned(FOLDER)) == {"d.dcm"} and journal.completed(FOLDER) == ""
    journal.complete(FOLDER, "uuid", [])
    journal.forget_folder(FOLDER)
    assert (journal.made(FOLDER), journal.made("other"), journal.completed(FOLDER)) == (False, True, "")
    journal.close()


def test_a_claimed_file_has_no_time_and_a_verified_one_is_no_longer_claimed(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal.sqlite")
    journal.claim(FOLDER, [("a.dcm", 9, "claimed"), ("b.dcm", 5, "")])
    journal.add(FOLDER, [ENTRY])
    assert journal.owned(FOLDER) == {"a.dcm": (3, 4, "md5"), "b.dcm": (5, 0, "")}
    journal.complete(FOLDER, "uuid", [])
    # Its version was replaced: it is ours as it was verified.
    assert journal.owned(FOLDER) == {"a.dcm": (3, 0, "md5"), "b.dcm": (5, 0, "")}
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
