"""Status from disk and database together; removing what was downloaded, and nothing else."""

import os
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest
from helpers.dicom_files import ROOT, write_series, write_stack
from helpers.recorded import record

from IDCBrowserLib.store.database import Database
from IDCBrowserLib.store.importing import import_files
from IDCBrowserLib.store.removing import RemovalTarget, forgotten_and_kept, remove_series
from IDCBrowserLib.store.status import SeriesPlace, Status, series_files, series_status
from IDCBrowserLib.transfer.folders.folder import Folder

UID = f"{ROOT}.1"


@pytest.fixture(autouse=True)
def own_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IDC_BROWSER_STATE", str(tmp_path / "state"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The download folder."""
    return tmp_path / "downloads"


@pytest.fixture
def series(folder: Path) -> Path:
    """The folder of a series of three instances that was downloaded."""
    target = folder / "collection" / "case" / "study" / f"CT_{UID}"
    write_stack(target, [(0, 0, n) for n in range(3)])
    record([target], folder)
    return target


@pytest.fixture
def database(tmp_path: Path) -> Database:
    return Database(tmp_path / "database")


def status(database: Database, directory: Path | None, count: int | None) -> Status:
    return series_status(database, [SeriesPlace(UID, str(directory) if directory else None, count)])[UID]


def places(directory: Path | None = None) -> Sequence[RemovalTarget]:
    return [RemovalTarget.of(SeriesPlace(UID, str(directory) if directory else None, 3))]


def test_a_series_that_is_nowhere_is_absent(database: Database, folder: Path) -> None:
    assert status(database, folder / "x", 3) is Status.ABSENT
    assert status(database, None, None) is Status.ABSENT


def test_files_without_rows_are_on_disk_or_partial(database: Database, series: Path) -> None:
    assert status(database, series, 3) is Status.ON_DISK
    assert status(database, series, 4) is Status.PARTIAL
    assert status(database, series, None) is Status.ON_DISK


def test_an_imported_series_is_in_the_database_while_all_its_files_are_there(database: Database, series: Path) -> None:
    import_files(database, [series])
    assert status(database, series, 3) is Status.IN_DATABASE
    assert status(database, None, None) is Status.IN_DATABASE
    assert status(database, series, 5) is Status.PARTIAL
    (series / "002.dcm").unlink()
    assert status(database, series, 3) is Status.PARTIAL
    assert status(database, None, None) is Status.PARTIAL
    assert len(series_files(database, UID)) == 2


def test_a_deleted_folder_makes_an_imported_series_absent(database: Database, series: Path) -> None:
    import_files(database, [series])
    for path in series.iterdir():
        path.unlink()
    assert status(database, series, 3) is Status.ABSENT
    assert series_files(database, UID) == []


def test_files_are_listed_in_order_and_asking_makes_no_database(database: Database, series: Path) -> None:
    assert series_files(database, UID) == []
    assert not database.folder.exists()
    import_files(database, [series])
    assert series_files(database, UID) == [str(series / f"00{n}.dcm") for n in (1, 2, 3)]


def test_files_that_slicer_copied_are_found_below_the_database(database: Database, series: Path) -> None:
    import_files(database, [series])
    (database.folder / "dicom").mkdir()
    (series / "001.dcm").rename(database.folder / "dicom" / "1.dcm")
    with closing(sqlite3.connect(database.main_file)) as connection, connection:
        connection.execute("UPDATE Images SET Filename = 'dicom/1.dcm' WHERE Filename LIKE '%001.dcm'")
    assert str(database.folder / "dicom" / "1.dcm") in series_files(database, UID)
    assert status(database, None, 3) is Status.IN_DATABASE


def test_removing_deletes_rows_files_and_empty_folders(database: Database, folder: Path, series: Path) -> None:
    import_files(database, [series])
    size = sum(path.stat().st_size for path in series.iterdir())
    report = remove_series(database, folder, places(series))
    assert (report.series, report.files, report.bytes, report.kept) == (1, 3, size, [])
    assert list(folder.iterdir()) == []
    with closing(sqlite3.connect(database.main_file)) as connection:
        for table in ("Images", "Series", "Studies", "Patients"):
            assert connection.execute(f"SELECT COUNT(*) FROM {table}").fetchone() == (0,)
    with closing(sqlite3.connect(database.folder / "ctkDICOMTagCache.sql")) as connection:
        assert connection.execute("SELECT COUNT(*) FROM TagCache").fetchone() == (0,)
    assert status(database, series, 3) is Status.ABSENT


def test_removing_keeps_the_other_series_of_the_study(database: Database, folder: Path, series: Path) -> None:
    other = series.parent / "CT_other"
    write_stack(other, [(0, 0, 0)], SeriesInstanceUID=f"{ROOT}.2", SOPInstanceUID=f"{ROOT}.2.1")
    record([other], folder)
    import_files(database, [folder])
    remove_series(database, folder, places(series))
    assert [path.name for path in series.parent.iterdir()] == ["CT_other"]
    with closing(sqlite3.connect(database.main_file)) as connection:
        assert connection.execute("SELECT DisplayedNumberOfSeries FROM Studies").fetchall() == [(1,)]


def rows(database: Database) -> list[str]:
    with closing(sqlite3.connect(database.main_file)) as connection:
        return sorted(name for (name,) in connection.execute("SELECT Filename FROM Images"))


def test_files_outside_the_download_folder_stay_with_their_rows_and_are_named(database: Database, folder: Path, tmp_path: Path) -> None:
    own = tmp_path / "my own scans"
    write_stack(own, [(0, 0, 0)])
    import_files(database, [own])
    report = remove_series(database, folder, places())
    assert (report.series, report.files, report.kept) == (0, 0, [str(own / "001.dcm")])
    assert (own / "001.dcm").exists() and rows(database) == [str(own / "001.dcm")]


def test_files_of_the_series_that_the_user_put_below_the_download_folder_stay_with_their_rows(database: Database, folder: Path, series: Path) -> None:
    mine = [folder / "my work" / "mine.dcm", series / "mine.dcm"]
    for number, path in enumerate(mine):
        write_stack(path.parent / "new", [(0, 0, 9)], SOPInstanceUID=f"{ROOT}.77.{number}")
        (path.parent / "new" / "001.dcm").rename(path)
        (path.parent / "new").rmdir()
    (series / "notes.txt").write_text("mine")
    import_files(database, [folder])
    for dry_run in (True, False):
        report = remove_series(database, folder, places(series), dry_run=dry_run)
        assert (report.series, report.files) == (1, 3)
        assert sorted(report.kept) == sorted([*map(str, mine), str(series / "notes.txt")]) and report.kept_count == 3
    assert all(path.exists() for path in mine) and (series / "notes.txt").exists()
    assert rows(database) == sorted(map(str, mine))


def test_a_series_folder_without_a_record_stays_and_so_do_its_rows(database: Database, folder: Path) -> None:
    target = folder / "collection" / "case" / "study" / f"CT_{UID}"
    write_stack(target, [(0, 0, n) for n in range(3)])
    import_files(database, [target])
    report = remove_series(database, folder, places(target))
    assert (report.series, report.files, report.kept_count) == (0, 0, 3)
    assert len(rows(database)) == 3 and len(list(target.iterdir())) == 3


def test_an_empty_folder_that_the_user_made_stays(database: Database, folder: Path) -> None:
    target = folder / "mine" / "case" / "study" / f"CT_{UID}"
    write_stack(target, [(0, 0, 0)])
    record([target], folder / "mine")
    remove_series(database, folder, places(target))
    assert [path.name for path in folder.rglob("*")] == ["mine"]


def test_a_file_that_cannot_be_deleted_keeps_its_row(database: Database, folder: Path, series: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import_files(database, [series])
    delete = Folder.remove

    def refuse(self: Folder, name: str) -> None:
        if name == "002.dcm":
            raise PermissionError(13, "Permission denied", name)
        delete(self, name)

    monkeypatch.setattr(Folder, "remove", refuse)
    report = remove_series(database, folder, places(series))
    assert (report.files, report.failed) == (2, [[str(series / "002.dcm"), "Permission denied"]])
    assert rows(database) == [str(series / "002.dcm")]


def test_rows_of_files_of_ours_that_are_gone_are_forgotten_as_well(database: Database, folder: Path, series: Path) -> None:
    import_files(database, [series])
    for path in series.iterdir():
        path.unlink()
    report = remove_series(database, folder, places(series))
    assert (report.series, report.files) == (1, 0) and rows(database) == []


def test_a_link_that_leads_out_of_the_download_folder_is_not_followed(database: Database, folder: Path, tmp_path: Path) -> None:
    own = tmp_path / "own"
    write_stack(own, [(0, 0, 0)])
    folder.mkdir()
    os.symlink(own, folder / "linked")
    import_files(database, [folder / "linked" / "001.dcm"])
    assert remove_series(database, folder, places(folder / "linked")).files == 0
    assert (own / "001.dcm").exists()


def test_a_link_among_the_files_of_a_series_stays_with_what_it_leads_to(database: Database, folder: Path, series: Path, tmp_path: Path) -> None:
    own, link, inner = tmp_path / "own.dcm", series / "linked.dcm", series / "inner.dcm"
    (series / "003.dcm").rename(own)
    link.symlink_to(own)
    inner.symlink_to(series / "001.dcm")
    import_files(database, [series])
    with closing(sqlite3.connect(database.main_file)) as connection, connection:
        connection.execute("UPDATE Images SET Filename = ? WHERE Filename LIKE '%001.dcm'", (str(inner),))
    report = remove_series(database, folder, places())
    assert (report.files, report.kept_count, sorted(report.kept)) == (1, 2, [str(inner), str(link)])
    assert link.is_symlink() and inner.is_symlink() and own.exists() and (series / "001.dcm").exists()
    assert series_files(database, UID) == [str(inner), str(link)]


def test_a_link_to_the_download_folder_is_the_download_folder(database: Database, folder: Path, series: Path, tmp_path: Path) -> None:
    (tmp_path / "way").symlink_to(folder)
    import_files(database, [series])
    assert remove_series(database, tmp_path / "way", places(series)).files == 3
    assert list(folder.iterdir()) == []


def test_a_folder_beside_the_download_folder_that_begins_alike_is_outside(database: Database, folder: Path, tmp_path: Path) -> None:
    folder.mkdir()
    beside = tmp_path / "downloads of mine"
    write_stack(beside, [(0, 0, 0)])
    import_files(database, [beside])
    report = remove_series(database, folder, places())
    assert (report.files, report.kept) == (0, [str(beside / "001.dcm")])
    assert (beside / "001.dcm").exists()


def test_what_lies_in_the_download_folder_itself_is_the_users(database: Database, folder: Path) -> None:
    write_stack(folder, [(0, 0, 0)])
    import_files(database, [folder])
    assert remove_series(database, folder, places()).kept == [str(folder / "001.dcm")]


def test_two_hundred_files_that_stay_are_named_and_all_are_counted(database: Database, folder: Path, tmp_path: Path) -> None:
    own = tmp_path / "own"
    write_series(own, 1, 201, 2)
    import_files(database, [own])
    folder.mkdir()
    report = remove_series(database, folder, places())
    assert (report.files, report.kept_count, len(report.kept)) == (0, 201, 200)


def test_many_series_are_removed_with_their_rows(database: Database, folder: Path) -> None:
    for number in range(1, 42):
        write_stack(folder / str(number), [(0, 0, 0)], SeriesInstanceUID=f"{ROOT}.{number}", SOPInstanceUID=f"{ROOT}.{number}.1")
    record(folder.iterdir(), folder)
    import_files(database, [folder])
    report = remove_series(database, folder, [RemovalTarget(f"{ROOT}.{number}") for number in range(1, 42)])
    assert (report.series, report.files) == (41, 41)
    with closing(sqlite3.connect(database.main_file)) as connection:
        assert connection.execute("SELECT COUNT(*) FROM Series").fetchone() == (0,)


def test_a_downloaded_series_that_was_never_imported_is_removed_too(database: Database, folder: Path, series: Path) -> None:
    assert remove_series(database, folder, places(series)).files == 3
    assert not database.folder.exists()


def test_removing_a_series_that_is_nowhere_removes_nothing(database: Database, folder: Path) -> None:
    report = remove_series(database, folder, places(folder / "x"))
    assert (report.series, report.files, report.bytes) == (0, 0, 0)


def test_looking_first_counts_the_same_and_changes_nothing(database: Database, folder: Path, series: Path) -> None:
    import_files(database, [series])
    before = remove_series(database, folder, places(series), dry_run=True)
    assert status(database, series, 3) is Status.IN_DATABASE
    assert remove_series(database, folder, places(series)).to_json() == before.to_json()


def test_with_folders_only_what_lies_there_is_removed_with_its_rows(database: Database, folder: Path, series: Path, tmp_path: Path) -> None:
    own = tmp_path / "own"
    write_stack(own, [(0, 0, 9)], SOPInstanceUID=f"{ROOT}.77")
    import_files(database, [series, own])
    report = remove_series(database, folder, [RemovalTarget(UID, (str(series),), everywhere=False)])
    assert (report.files, report.kept) == (3, [])
    assert series_files(database, UID) == [str(own / "001.dcm")]
    assert forgotten_and_kept(database, folder, [RemovalTarget(UID, (str(own),), everywhere=False)]) == ([], [])


def test_a_host_with_a_database_of_its_own_learns_what_to_forget_and_what_to_add_again(
    database: Database, folder: Path, series: Path, tmp_path: Path
) -> None:
    own = tmp_path / "own"
    write_stack(own, [(0, 0, 9)], SOPInstanceUID=f"{ROOT}.77")
    import_files(database, [series, own])
    assert forgotten_and_kept(database, folder, [RemovalTarget(UID, (str(series),), everywhere=False)]) == ([UID], [str(own / "001.dcm")])
    assert forgotten_and_kept(database, folder, [RemovalTarget("1.2.3", ("/nowhere",))]) == ([], [])


def test_a_file_that_vanishes_meanwhile_is_no_problem(database: Database, folder: Path, series: Path) -> None:
    import_files(database, [series])
    (series / "002.dcm").unlink()
    assert remove_series(database, folder, places(series)).files == 2
