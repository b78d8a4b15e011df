"""Transfers that are written down, by this and by other versions of the program."""

from __future__ import annotations

import json
import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from helpers.planned import planned

from IDCBrowserLib.transfer.item import TransferItem
from IDCBrowserLib.transfer.jobs import JobStore, SavedJob
from IDCBrowserLib.transfer.options import TransferOptions

UUID = "28621ba9-1aca-4aab-a2a1-f6d2c3e2ab19"
# As the first version wrote it.
FIRST_SCHEMA = """
CREATE TABLE jobs (id INTEGER PRIMARY KEY AUTOINCREMENT, destination TEXT NOT NULL, options TEXT NOT NULL, begun REAL NOT NULL);
CREATE TABLE job_series (
    job INTEGER NOT NULL REFERENCES jobs (id) ON DELETE CASCADE, position INTEGER NOT NULL, crdc_series_uuid TEXT NOT NULL, instances TEXT NOT NULL,
    PRIMARY KEY (job, position)
) WITHOUT ROWID;
"""


@pytest.fixture
def store(tmp_path: Path) -> JobStore:
    return JobStore(tmp_path / "jobs.sqlite")


def _change(tmp_path: Path, *statements: tuple[str, tuple[object, ...]]) -> None:
    with closing(sqlite3.connect(tmp_path / "jobs.sqlite")) as connection, connection:
        for statement, values in statements:
            connection.execute(statement, values)


def test_a_job_that_was_left_comes_back_as_it_was(store: JobStore) -> None:
    options = TransferOptions(provider="auto", jobs=7, endpoint_url="http://127.0.0.1:1", limit_rate=1e6, wait_for_room=True)
    number = store.add([planned("a"), planned("b", instances=("x", "y"))], Path("/to"), options, about={"load": True})
    (left,) = store.leftover()
    assert (left.number, left.destination, left.options, left.about) == (number, Path("/to"), options, {"load": True})
    assert left.series == (("a", ()), ("b", ("x", "y")))
    assert left.sources() == ["a", "s3://idc-open-data/b/x.dcm", "s3://idc-open-data/b/y.dcm"]
    assert left.begun > 0


def test_a_job_that_only_waits_has_not_begun_until_it_begins(store: JobStore) -> None:
    number = store.add([planned(UUID)], Path("/to"), TransferOptions(), waiting=True)
    assert number is not None
    assert store.leftover()[0].begun == 0.0
    store.begin(number)
    assert store.leftover()[0].begun > 0


def test_a_job_of_a_newer_version_is_taken_up_without_what_only_that_one_knows(store: JobStore, tmp_path: Path) -> None:
    store.add([planned(UUID)], Path("/to"), TransferOptions(jobs=7))
    options = json.dumps({"provider": "gcs", "jobs": 9, "colour_of_the_bar": "blue", "network": {"proxy": "http://elsewhere:1"}})
    _change(
        tmp_path,
        ("ALTER TABLE jobs ADD COLUMN mood TEXT NOT NULL DEFAULT 'calm'", ()),
        ("UPDATE jobs SET options = ?", (options,)),
    )
    (left,) = store.leftover()
    assert left.options == TransferOptions(provider="gcs", jobs=9)
    assert [left.series for left in store.leftover()] == [((UUID, ()),)]
    assert store.add([planned("b")], Path("/to"), TransferOptions()) is not None, "and new ones can be written beside it"
    assert len(store.leftover()) == 2


def test_a_file_of_the_first_version_is_taken_over(store: JobStore, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "jobs.sqlite")) as connection, connection:
        connection.executescript(FIRST_SCHEMA)
        connection.execute("INSERT INTO jobs VALUES (4, '/to', '{\"jobs\": 3}', 12.5)")
        connection.execute("INSERT INTO job_series VALUES (4, 0, ?, '')", (UUID,))
    (left,) = store.leftover()
    assert (left.number, left.options.jobs, left.begun, left.about, left.series) == (4, 3, 12.5, {}, ((UUID, ()),))
    store.arrange([4])
    assert store.add([planned("b")], Path("/to"), TransferOptions()) == 5


def test_jobs_come_back_in_the_order_in_which_they_were_put(store: JobStore) -> None:
    numbers = [store.add([planned(name)], Path("/to"), TransferOptions()) for name in "abc"]
    assert [left.number for left in store.leftover()] == numbers
    first, second, third = (number or 0 for number in numbers)
    store.arrange([third, first, second])
    assert [left.number for left in store.leftover()] == [third, first, second]
    added = store.add([planned("d")], Path("/to"), TransferOptions())
    assert [left.number for left in store.leftover()] == [third, first, second, added], "a new one goes to the end"


def test_a_job_is_left_over_only_when_no_program_has_it(store: JobStore) -> None:
    number = store.add([planned(UUID)], Path("/to"), TransferOptions())
    held = store.hold(number)
    assert held.is_ours and store.leftover() == []
    assert store.being_written(Path("/to")) == {UUID} and store.being_written(Path("/other")) == set()
    assert not JobStore(store._path).hold(number).is_ours
    held.release()
    held.release()
    assert [left.number for left in store.leftover()] == [number] and store.being_written(Path("/to")) == set()
    again = store.hold(number)
    again.forget()
    again.forget()
    assert store.leftover() == []


def test_a_job_whose_lock_cannot_be_asked_counts_as_alive(store: JobStore, tmp_path: Path) -> None:
    number = store.add([planned(UUID)], Path("/to"), TransferOptions())
    (tmp_path / f"jobs-{number}.lock").mkdir()
    assert store.leftover() == [] and store.being_written(Path("/to")) == {UUID}
    assert not store.hold(number).is_ours


def test_a_lock_that_somebody_removed_is_no_error(store: JobStore, tmp_path: Path) -> None:
    number = store.add([planned(UUID)], Path("/to"), TransferOptions())
    held = store.hold(number)
    (tmp_path / f"jobs-{number}.lock").unlink()
    held.release()
    assert [left.number for left in store.leftover()] == [number]


def test_a_job_keeps_its_number_and_its_folder_may_be_named_through_a_link(tmp_path: Path) -> None:
    store = JobStore(tmp_path / "state" / "of mine" / "jobs.sqlite")
    (tmp_path / "m").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "m", target_is_directory=True)
    assert store.add([planned(UUID)], tmp_path / "link", TransferOptions(), number=7) == 7
    held = store.hold(7)
    found = [store.being_written(tmp_path / name) for name in ("link", "m", "a", "z")]
    assert found == [{UUID}, {UUID}, set(), set()]
    held.begin()
    held.forget()
    store.hold(None).begin()
    assert store.leftover() == []
    assert SavedJob(1, tmp_path, TransferOptions(), ()).begun == 0.0


def test_a_transfer_is_forgotten_at_its_end_even_a_bad_one(store: JobStore) -> None:
    item = TransferItem(planned(UUID), "")
    with store.running([item], Path("/to"), TransferOptions()):
        assert store.leftover() == [] and store.being_written(Path("/to")) == {UUID}
    assert store.leftover() == [] and store.being_written(Path("/to")) == set()
    with pytest.raises(KeyError), store.running([item], Path("/to"), TransferOptions()):
        raise KeyError
    assert store.leftover() == []


def test_jobs_follow_a_folder_that_moves_and_no_other(store: JobStore) -> None:
    store.add([planned("a")], Path("/before"), TransferOptions())
    store.add([planned("b")], Path("/elsewhere"), TransferOptions())
    store.moved(Path("/before"), Path("/now"))
    assert [left.destination for left in store.leftover()] == [Path("/now"), Path("/elsewhere")]


def test_a_file_that_is_no_database_remembers_nothing(store: JobStore, tmp_path: Path) -> None:
    (tmp_path / "jobs.sqlite").write_bytes(b"no database " * 100)
    assert store.add([planned(UUID)], Path("/to"), TransferOptions()) is None
    assert store.leftover() == [] and store.being_written(Path("/to")) == set()
    assert not store.hold(None).is_ours
    with store.running([TransferItem(planned(UUID), "")], Path("/to"), TransferOptions()):
        pass


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("options", "no JSON"),
        ("options", "[1]"),
        ("options", '{"jobs": "many"}'),
        ("options", '{"provider": 7}'),
        ("options", '{"jobs": ' + "9" * 5000 + "}"),
        ("options", b"\xff"),
        ("about", "{"),
        ("begun", "never"),
    ],
)
def test_a_damaged_row_costs_itself_alone(column: str, value: object, store: JobStore, tmp_path: Path) -> None:
    store.add([planned("a")], Path("/to"), TransferOptions())
    good = store.add([planned("b")], Path("/to"), TransferOptions())
    _change(tmp_path, (f"UPDATE jobs SET {column} = ? WHERE id != ?", (value, good)))
    assert [left.number for left in store.leftover()] == [good]


@pytest.mark.skipif(os.name == "nt", reason="names of folders are Unicode there")
def test_a_folder_whose_name_is_no_utf_8_is_kept_as_it_is(store: JobStore) -> None:
    folder = Path(os.fsdecode(b"/caf\xe9"))
    number = store.add([planned(UUID)], folder, TransferOptions())
    assert [left.destination for left in store.leftover()] == [folder]
    held = store.hold(number)
    assert store.being_written(folder) == {UUID}
    held.forget()
