"""A copy of a version that IDC has replaced is recognized, whichever program made it."""

from dataclasses import replace
from pathlib import Path

import pytest
from helpers.dicom_files import ROOT, write_stack

from IDCBrowserLib.store.database import Database
from IDCBrowserLib.store.importing import import_files
from IDCBrowserLib.store.status import OlderVersion, SeriesPlace, Status, _Disk, is_older, series_files, series_status
from IDCBrowserLib.transfer.folders.journal import Journal
from IDCBrowserLib.transfer.folders.versions import CompletedVersions

UID = f"{ROOT}.1"
NOW, BEFORE = "22222222-0000-4000-8000-000000000000", "11111111-0000-4000-8000-000000000000"


class Shelf:
    """A study folder with the current version and the one before, a database and a journal."""

    def __init__(self, folder: Path) -> None:
        self.current = folder / "downloads" / "c" / "p" / "s" / f"CT_{UID}"
        self.prior = self.current.with_name(f"CT_{UID}_v{BEFORE}")
        self.database = Database(folder / "database")
        self.journal = folder / "transfers.sqlite"
        self.bytes_now = self.bytes_before = 1

    def fill(self, target: Path, slices: int = 3) -> int:
        return sum(path.stat().st_size for path in write_stack(target, [(0, 0, n) for n in range(slices)]))

    def complete(self, uuid: str, names: list[str]) -> None:
        journal = Journal(self.journal)
        journal.add(self.current, [(name, 1, 1, "") for name in names])
        journal.complete(self.current, uuid, names)
        journal.close()

    def status(self, count: int = 3, current: str = NOW) -> Status:
        older = (OlderVersion(BEFORE, str(self.prior), self.bytes_before),)
        place = SeriesPlace(UID, str(self.current) if current else None, count if current else None, current, self.bytes_now, older)
        return series_status(self.database, [place], self.journal)[UID]


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path)


def test_a_folder_of_a_prior_version_is_an_older_copy_on_disk_and_in_the_database(shelf: Shelf) -> None:
    assert shelf.status() is Status.ABSENT
    shelf.fill(shelf.prior)
    assert shelf.status() is Status.OUTDATED
    import_files(shelf.database, [shelf.prior])
    assert shelf.status() is Status.OUTDATED


def test_the_current_version_beside_the_older_one_counts(shelf: Shelf) -> None:
    shelf.fill(shelf.prior)
    shelf.bytes_now = shelf.fill(shelf.current)
    assert shelf.status() is Status.ON_DISK
    import_files(shelf.database, [shelf.current])
    assert shelf.status() is Status.IN_DATABASE


def test_the_journal_knows_which_version_was_completed_in_a_folder(shelf: Shelf) -> None:
    shelf.fill(shelf.current)
    shelf.complete(BEFORE, ["001.dcm", "002.dcm", "003.dcm"])
    assert shelf.status() is Status.OUTDATED
    shelf.complete(NOW, ["001.dcm", "002.dcm", "003.dcm"])
    assert shelf.status() is Status.ON_DISK


def test_without_a_journal_the_bytes_tell_the_version(shelf: Shelf) -> None:
    size = shelf.fill(shelf.current)
    shelf.bytes_now, shelf.bytes_before = size, size
    assert shelf.status() is Status.ON_DISK, "what adds up to the current version is the current version"
    shelf.bytes_now, shelf.bytes_before = size + 90_000, round(size, -3)
    assert shelf.status() is Status.OUTDATED
    shelf.bytes_before = size + 900_000
    assert shelf.status() is Status.ON_DISK, "nothing speaks for an older version"


@pytest.mark.parametrize(("off", "expected"), [(0, Status.OUTDATED), (5_000, Status.OUTDATED), (5_001, Status.ON_DISK)])
@pytest.mark.parametrize("sign", [-1, 1])
def test_bytes_tell_an_older_version_up_to_the_rounding_of_two_digits_of_a_megabyte(shelf: Shelf, sign: int, off: int, expected: Status) -> None:
    size = shelf.fill(shelf.current)
    shelf.bytes_now, shelf.bytes_before = size + 90_000, size + sign * off
    assert shelf.status() is expected


@pytest.mark.parametrize(("count", "expected"), [(7, Status.OUTDATED), (8, Status.PARTIAL), (80, Status.PARTIAL)])
def test_bytes_of_few_files_tell_no_version(shelf: Shelf, count: int, expected: Status) -> None:
    """Of a current version of seven files three may be an older one of three; of eight or more they are rather the beginning."""
    size = shelf.fill(shelf.current)
    shelf.bytes_now, shelf.bytes_before = size + 90_000, size
    assert shelf.status(count=count) is expected


def test_files_of_two_folders_tell_no_version(shelf: Shelf, tmp_path: Path) -> None:
    size = shelf.fill(shelf.current)
    import_files(shelf.database, [shelf.current])
    shelf.bytes_now, shelf.bytes_before = size + 90_000, size
    assert shelf.status() is Status.OUTDATED
    write_stack(tmp_path / "own", [(0, 0, 9)], SOPInstanceUID=f"{ROOT}.77")
    import_files(shelf.database, [tmp_path / "own"])
    assert shelf.status() is Status.IN_DATABASE


def test_a_series_that_idc_removed_is_not_called_old(shelf: Shelf) -> None:
    assert shelf.status(current="") is Status.ABSENT
    shelf.fill(shelf.prior)
    assert shelf.status(current="") is Status.ON_DISK
    import_files(shelf.database, [shelf.prior])
    assert shelf.status(current="") is Status.IN_DATABASE


def test_rows_of_the_older_files_beside_the_new_ones_do_not_count_as_the_new_version(shelf: Shelf) -> None:
    shelf.fill(shelf.current)
    import_files(shelf.database, [shelf.current])
    shelf.complete(NOW, ["004.dcm"])
    assert shelf.status() is Status.ON_DISK


def test_a_damaged_or_absent_journal_knows_nothing(shelf: Shelf) -> None:
    size = shelf.fill(shelf.current)
    shelf.bytes_now = size
    shelf.journal.write_bytes(b"no database")
    assert shelf.status() is Status.ON_DISK


def test_completing_a_version_forgets_what_was_verified_of_another(shelf: Shelf) -> None:
    shelf.complete(BEFORE, ["a.dcm", "b.dcm"])
    shelf.complete(NOW, ["b.dcm", "c.dcm"])
    journal = Journal(shelf.journal)
    assert set(journal.entries(shelf.current)) == {"b.dcm", "c.dcm"}
    journal.copied((name, str(shelf.current), "/elsewhere") for name in ("b.dcm", "c.dcm"))
    assert set(journal.entries(Path("/elsewhere"))) == {"b.dcm", "c.dcm"} and journal.completed("/elsewhere") == NOW
    journal.close()


def test_of_two_versions_of_an_instance_in_one_folder_the_one_that_came_later_is_imported(shelf: Shelf) -> None:
    shelf.fill(shelf.current, 1)
    older = shelf.current / "ffffffff-0000-4000-8000-000000000000.dcm"
    newer = shelf.current / "00000000-0000-4000-8000-000000000000.dcm"
    (shelf.current / "001.dcm").rename(older)
    newer.write_bytes(older.read_bytes())
    import_files(shelf.database, [shelf.current])
    assert series_files(shelf.database, UID) == [str(newer)]
    report = import_files(shelf.database, [shelf.current])
    assert series_files(shelf.database, UID) == [str(newer)] and report.damaged == 0


@pytest.mark.parametrize(
    ("changes", "files", "older"),
    [({}, 3, True), ({}, 0, False), ({"crdc_series_uuid": ""}, 3, False), ({"older": ()}, 3, False), ({"size_bytes": 200}, 3, False)],
)
def test_what_is_needed_to_call_files_an_older_version(shelf: Shelf, changes: dict[str, object], files: int, older: bool) -> None:
    place = replace(SeriesPlace(UID, "/now", 3, NOW, 300, (OlderVersion(BEFORE, "/before", 200),)), **changes)  # type: ignore[arg-type]
    assert is_older(place, "/elsewhere", files, 200, CompletedVersions(shelf.journal)) is older


def test_a_version_whose_size_nobody_states_is_told_by_its_folder_alone(shelf: Shelf) -> None:
    place = SeriesPlace(UID, "/now", 1, NOW, 300, (OlderVersion(BEFORE, "/before", 0),))
    assert is_older(place, "/before", 1, 299, CompletedVersions(shelf.journal))
    assert not is_older(place, "/elsewhere", 1, 5_001, CompletedVersions(shelf.journal))


def test_files_that_vanish_while_they_are_looked_at_have_no_bytes(tmp_path: Path) -> None:
    (tmp_path / "here.dcm").write_bytes(b"12")
    assert _Disk().size([str(tmp_path / "gone.dcm"), str(tmp_path / "here.dcm")]) == 2


@pytest.mark.parametrize("stated", ["00000000-0000-4000-8000-000000000000", "ffffffff-0000-4000-8000-000000000000"])
def test_a_completed_version_other_than_the_current_one_is_older_whatever_its_id(shelf: Shelf, stated: str) -> None:
    shelf.bytes_now = shelf.fill(shelf.current)
    shelf.complete(stated, ["001.dcm", "002.dcm", "003.dcm"])
    assert shelf.status() is Status.OUTDATED
