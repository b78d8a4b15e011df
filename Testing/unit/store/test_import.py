"""Importing: rows as Slicer writes them, unchanged files are not read again, nothing half-done stays."""

import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from helpers.dicom_files import ROOT, image, save, write_stack
from helpers.real_data import real_data

from IDCBrowserLib.errors import CancelledError, NotFoundError, StoreError
from IDCBrowserLib.store.database import Database
from IDCBrowserLib.store.importing import import_files
from IDCBrowserLib.store.status import SeriesPlace, Status, series_status
from IDCBrowserLib.task import Progress, Task

PLACES = [(0.0, 0.0, float(n)) for n in range(3)]


def rows(database: Database, sql: str, *values: Any, file: str = "ctkDICOM.sql") -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(database.folder / file)) as connection:
        return connection.execute(sql, values).fetchall()


@pytest.fixture
def database(tmp_path: Path) -> Database:
    return Database(tmp_path / "database ü")


def make_older(*paths: Path) -> None:
    """Files are imported as unchanged when they are older than their import."""
    for path in paths:
        os.utime(path, (time.time() - 60, time.time() - 60))


def test_rows_and_counts_of_a_small_study(database: Database, tmp_path: Path) -> None:
    paths = write_stack(tmp_path / "ct", PLACES)
    save(image(2, 1, Modality="MR", StudyInstanceUID=f"{ROOT}.77", StudyDate="20210505"), tmp_path / "mr" / "1.dcm")
    report = import_files(database, [tmp_path / "ct", tmp_path / "mr"])
    assert (report.patients, report.studies, report.series, report.instances, report.added, report.left_out) == (1, 2, 2, 4, 4, [])
    assert rows(database, "SELECT DisplayedPatientsName, DisplayedNumberOfStudies, DisplayedLastStudyDate, PatientsBirthDate FROM Patients") == [
        ("Doe, Jane", 2, "2021-05-05", "1950-01-31")
    ]
    assert rows(database, "SELECT DisplayedCount, DisplayedSize, SeriesDate FROM Series ORDER BY SeriesNumber") == [
        (3, "6x4", "2020-01-03"),
        (1, "6x4", "2020-01-03"),
    ]
    assert rows(database, "SELECT StudyDate, DisplayedNumberOfSeries FROM Studies ORDER BY 1") == [(20200102, 1), (20210505, 1)]
    linked = rows(database, "SELECT Filename FROM Images WHERE SeriesInstanceUID = ? ORDER BY 1", f"{ROOT}.1")
    assert linked == [(str(path),) for path in paths]
    cached = dict(rows(database, "SELECT Tag, Value FROM TagCache WHERE SOPInstanceUID = ?", f"{ROOT}.1.1", file="ctkDICOMTagCache.sql"))
    assert cached["0020,000E"] == f"{ROOT}.1"
    assert cached["0010,1010"] == "__TAG_NOT_IN_INSTANCE__"


def test_the_database_equals_the_one_that_ctk_made(database: Database) -> None:
    reference = real_data("ctk-database")
    with closing(sqlite3.connect(f"{(reference / 'ctkDICOM.sql').as_uri()}?mode=ro", uri=True)) as connection:
        files = [reference / name for (name,) in connection.execute("SELECT Filename FROM Images ORDER BY rowid")]
    import_files(database, files)
    for file in ("ctkDICOM.sql", "ctkDICOMTagCache.sql"):
        with closing(sqlite3.connect(f"{(reference / file).as_uri()}?mode=ro", uri=True)) as theirs:
            tables = [name for (name,) in theirs.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")]
            assert tables
            for table in tables:
                columns = theirs.execute(f"PRAGMA table_info({table})").fetchall()
                assert rows(database, f"PRAGMA table_info({table})", file=file) == columns, table
                compared = [name for _, name, *_ in columns if not name.endswith("Timestamp") and name != "Filename"]
                sql = f"SELECT {', '.join(f'{name}, typeof({name})' for name in compared)} FROM {table}"
                assert sorted(rows(database, sql, file=file), key=str) == sorted(theirs.execute(sql), key=str), table


def test_times_are_written_as_ctk_writes_them(database: Database, tmp_path: Path) -> None:
    import_files(database, write_stack(tmp_path / "ct", PLACES))
    (inserted, updated) = rows(database, "SELECT InsertTimestamp, DisplayedFieldsUpdatedTimestamp FROM Images")[0]
    assert time.strptime(inserted[:19], "%Y-%m-%dT%H:%M:%S")
    assert inserted[19] == "." and len(inserted) == 23
    assert time.strptime(updated, "%Y-%m-%d %H:%M:%S")


def test_unchanged_files_are_not_read_again(database: Database, tmp_path: Path) -> None:
    paths = write_stack(tmp_path / "ct", PLACES)
    make_older(*paths)
    import_files(database, paths)
    before = rows(database, "SELECT * FROM Images")
    report = import_files(database, paths)
    assert (report.added, report.unchanged, report.instances, report.series, report.patients) == (0, 3, 3, 1, 1)
    assert rows(database, "SELECT * FROM Images") == before


def test_a_file_that_changed_since_is_read_again(database: Database, tmp_path: Path) -> None:
    paths = write_stack(tmp_path / "ct", PLACES)
    make_older(*paths)
    import_files(database, paths)
    save(image(5, 50, SeriesDescription="other"), paths[0])
    os.utime(paths[0], (time.time() + 60, time.time() + 60))
    report = import_files(database, paths)
    assert (report.added, report.unchanged) == (1, 2)
    assert (f"{ROOT}.5.50",) in rows(database, "SELECT SOPInstanceUID FROM Images")


def test_an_instance_found_at_another_place_is_linked_there(database: Database, tmp_path: Path) -> None:
    import_files(database, write_stack(tmp_path / "old", PLACES))
    import_files(database, [tmp_path / "moved"] if (tmp_path / "old").rename(tmp_path / "moved") else [])
    assert all(str(tmp_path / "moved") in name for (name,) in rows(database, "SELECT Filename FROM Images"))
    assert rows(database, "SELECT DisplayedCount FROM Series") == [(3,)]


def test_an_instance_that_moved_to_another_series_leaves_no_empty_one(database: Database, tmp_path: Path) -> None:
    import_files(database, [save(image(), tmp_path / "a.dcm")])
    import_files(database, [save(image(SeriesInstanceUID=f"{ROOT}.2"), tmp_path / "b.dcm")])
    assert rows(database, "SELECT SeriesInstanceUID, DisplayedCount FROM Series") == [(f"{ROOT}.2", 1)]
    assert rows(database, "SELECT DisplayedNumberOfSeries FROM Studies") == [(1,)]


def test_what_is_left_out_is_listed_with_reasons(database: Database, tmp_path: Path) -> None:
    folder = tmp_path / "mixed"
    good = save(image(), folder / "1 good.dcm")
    (folder / "2 copy.dcm").write_bytes(good.read_bytes())
    (folder / "3 cut.dcm").write_bytes(good.read_bytes()[:-4])
    (folder / "4 text.txt").write_text("notes")
    uid_less = image(number=4)
    del uid_less.SeriesInstanceUID
    save(uid_less, folder / "5 no series.dcm")
    report = import_files(database, [folder])
    reasons = {Path(item.file).name: item.reason for item in report.left_out}
    assert reasons.keys() == {"2 copy.dcm", "3 cut.dcm", "4 text.txt", "5 no series.dcm"}
    assert reasons["2 copy.dcm"] == f"the same instance as {good}"
    assert reasons["3 cut.dcm"].startswith("cut off: element (7FE0,0010) claims")
    assert reasons["4 text.txt"] == "not a DICOM file"
    assert reasons["5 no series.dcm"] == "without Series Instance UID"
    assert (report.instances, report.damaged) == (1, 1)


def test_a_structure_set_is_shown_with_its_name(database: Database, tmp_path: Path) -> None:
    rt = image(Modality="RTSTRUCT", StructureSetLabel="PLAN A", Rows=None, Columns=None, BitsAllocated=None, PixelData=None)
    import_files(database, [save(rt, tmp_path / "rt.dcm")])
    assert rows(database, "SELECT SeriesDescription, DisplayedSize FROM Series") == [("Series 1, PLAN A", None)]


def test_without_patient_id_the_study_stands_for_the_patient(database: Database, tmp_path: Path) -> None:
    save(image(number=1, PatientID="", PatientName=""), tmp_path / "d" / "1.dcm")
    save(image(2, 2, PatientID="", PatientName="", StudyInstanceUID=f"{ROOT}.8"), tmp_path / "d" / "2.dcm")
    assert import_files(database, [tmp_path / "d"]).patients == 2


def test_a_cancelled_import_keeps_whole_batches_and_can_go_on(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("IDCBrowserLib.store.importing._BATCH", 25)
    paths = write_stack(tmp_path / "ct", [(0, 0, n) for n in range(60)])

    def listen(progress: Progress) -> None:
        if progress.done >= 50:
            task.cancel()

    task = Task(listen)
    with pytest.raises(CancelledError):
        import_files(database, paths, task)
    assert rows(database, "SELECT COUNT(*) FROM Images") == [(50,)]
    assert rows(database, "SELECT DisplayedCount FROM Series") == [(50,)]
    assert import_files(database, paths).instances == 60
    assert rows(database, "SELECT DisplayedCount FROM Series") == [(60,)]


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have Unicode file names")
def test_a_file_whose_name_is_no_unicode_is_left_out(database: Database, tmp_path: Path) -> None:
    path = save(image(), tmp_path / "d" / "1.dcm")
    os.rename(path, os.path.join(os.fsencode(tmp_path), b"d", b"\xff.dcm"))
    report = import_files(database, [tmp_path / "d"])
    assert [item.reason for item in report.left_out] == ["its name is not valid UTF-8; rename it"]
    assert report.left_out[0].file.endswith("\ufffd.dcm")


def test_files_that_are_still_being_downloaded_are_passed_over(database: Database, tmp_path: Path) -> None:
    write_stack(tmp_path / "d" / "series", PLACES)
    arriving = tmp_path / "d" / ".idc-browser-incoming-x1" / "uuid" / "1.dcm"
    arriving.parent.mkdir(parents=True)
    arriving.write_bytes(b"half of a fi")
    report = import_files(database, [tmp_path / "d"])
    assert (report.instances, report.left_out) == (3, [])


def test_links_are_followed_once(database: Database, tmp_path: Path) -> None:
    write_stack(tmp_path / "elsewhere", PLACES)
    folder = tmp_path / "d"
    folder.mkdir()
    os.symlink(tmp_path / "elsewhere", folder / "link")
    os.symlink(folder, folder / "loop")
    report = import_files(database, [folder])
    assert (report.instances, report.left_out) == (3, [])


CRASH = """
import os, sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("PRAGMA cache_size = 1")
connection.execute("BEGIN")
connection.execute("DELETE FROM Series")
connection.executemany("INSERT INTO Directories VALUES (?)", [(str(n) * 300,) for n in range(2000)])
os._exit(1)
"""


def test_after_a_crash_in_the_middle_of_writing_the_last_whole_state_is_read(database: Database, tmp_path: Path) -> None:
    import_files(database, write_stack(tmp_path / "ct", PLACES))
    assert subprocess.run([sys.executable, "-c", CRASH, str(database.main_file)], check=False).returncode == 1
    assert (database.folder / "ctkDICOM.sql-journal").exists()
    assert series_status(database, [SeriesPlace(f"{ROOT}.1")])[f"{ROOT}.1"] is Status.IN_DATABASE
    assert rows(database, "SELECT DisplayedCount FROM Series") == [(3,)]


SLOW_IMPORT = """
import sys, time
from IDCBrowserLib.store import importing
from IDCBrowserLib.store.database import Database
importing._BATCH = 5
read = importing.read_header
importing.read_header = lambda path: (time.sleep(0.002), read(path))[1]
print("ready", flush=True)
importing.import_files(Database(sys.argv[1]), [sys.argv[2]])
"""


@pytest.mark.parametrize("moment", [0.02, 0.11, 0.23])
def test_an_import_killed_at_any_moment_leaves_whole_batches_and_goes_on(moment: float, database: Database, tmp_path: Path) -> None:
    for number in range(150):
        save(image(1 + number % 3, number), tmp_path / "d" / f"{number}.dcm")
    with subprocess.Popen([sys.executable, "-c", SLOW_IMPORT, str(database.folder), str(tmp_path / "d")], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(moment)
        process.kill()
    with database.reading() as connection:
        if connection is not None:
            counted = connection.execute("SELECT COALESCE(SUM(DisplayedCount), 0) FROM Series").fetchone()
            assert counted == connection.execute("SELECT COUNT(*) FROM Images").fetchone()
            assert counted[0] % 5 == 0
    report = import_files(database, [tmp_path / "d"])
    assert (report.instances, report.series, report.left_out) == (150, 3, [])
    assert rows(database, "SELECT DisplayedCount FROM Series") == [(50,)] * 3


def test_a_source_that_is_not_there_is_named(database: Database) -> None:
    with pytest.raises(NotFoundError, match="/no/such/folder does not exist"):
        import_files(database, ["/no/such/folder"])


def test_the_database_in_the_imported_folder_is_no_input(tmp_path: Path) -> None:
    write_stack(tmp_path, PLACES)
    database = Database(tmp_path)
    assert import_files(database, [tmp_path]).left_out == []
    assert import_files(database, [tmp_path]).left_out == []


def test_two_processes_import_into_one_new_database_at_once(database: Database, tmp_path: Path) -> None:
    folders = [tmp_path / "a", tmp_path / "b"]
    for number, folder in enumerate(folders, 1):
        for slice_ in range(30):
            save(image(number, slice_), folder / f"{slice_}.dcm")
    command = [sys.executable, "-m", "IDCBrowserLib.cli.main", "import", "--database", str(database.folder), "--json"]
    path = os.pathsep.join(sys.path)
    processes = [subprocess.Popen([*command, str(folder)], stdout=subprocess.PIPE, env={**os.environ, "PYTHONPATH": path}) for folder in folders]
    assert [process.communicate()[0] != b"" and process.returncode for process in processes] == [0, 0]
    assert rows(database, "SELECT DisplayedCount FROM Series") == [(30,), (30,)]
    assert rows(database, "SELECT COUNT(*), MAX(DisplayedNumberOfStudies) FROM Patients") == [(1, 1)]


def test_a_database_of_another_version_is_left_alone(database: Database, tmp_path: Path) -> None:
    import_files(database, [])
    with closing(sqlite3.connect(database.main_file)) as connection, connection:
        connection.execute("UPDATE SchemaInfo SET Version = '0.7.0'")
    with pytest.raises(StoreError, match=r"schema version 0.7.0; this program works with 0.8.1"):
        import_files(database, write_stack(tmp_path / "ct", PLACES))
    assert rows(database, "SELECT COUNT(*) FROM Images") == [(0,)]


def test_a_file_that_is_no_database_is_named(database: Database) -> None:
    database.folder.mkdir()
    database.main_file.write_text("This is not a database, it is a letter to the editor.")
    with pytest.raises(StoreError, match=r"ctkDICOM.sql is damaged or not a DICOM database"):
        import_files(database, [])


def _scribble(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:4096] + b"\xff" * 4096)


@pytest.mark.parametrize("spoil", [lambda path: path.write_text("A letter to the editor, long enough to be no database."), _scribble])
def test_a_damaged_tag_cache_is_named_and_not_the_database_whose_rows_are_whole(
    database: Database, tmp_path: Path, spoil: Callable[[Path], object]
) -> None:
    import_files(database, [save(image(), tmp_path / "1.dcm")])
    before = rows(database, "SELECT * FROM Images")
    spoil(database.folder / "ctkDICOMTagCache.sql")
    with pytest.raises(StoreError, match=r"ctkDICOMTagCache.sql is damaged .*delete this file \(not ctkDICOM.sql\)"):
        import_files(database, [save(image(number=2), tmp_path / "2.dcm")])
    assert rows(database, "SELECT * FROM Images") == before
    (database.folder / "ctkDICOMTagCache.sql").unlink()
    assert import_files(database, [tmp_path / "2.dcm"]).instances == 1


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match=r"file/database.*cannot be made"):
        import_files(Database(tmp_path / "file" / "database"), [])


def test_a_database_that_another_program_writes_is_said_to_be_in_use(tmp_path: Path) -> None:
    database = Database(tmp_path / "database", busy_timeout_s=0.05)
    import_files(database, [])
    with closing(sqlite3.connect(database.main_file, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(StoreError, match="in use by another program"):
            import_files(database, write_stack(tmp_path / "ct", PLACES))


def test_a_full_disk_is_said(database: Database, tmp_path: Path) -> None:
    import_files(database, [])
    with pytest.raises(StoreError, match="is full"), database.writing() as (main, _):
        main.execute("PRAGMA max_page_count = 1")
        main.executemany("INSERT INTO Directories VALUES (?)", [("x" * 500 + str(n),) for n in range(1000)])
