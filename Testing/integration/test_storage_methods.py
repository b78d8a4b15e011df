"""What is kept here: looking through it, removing, cleaning up and moving, as the window asks for it."""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from helpers.fault_proxy import Fault, fault_proxy, is_object

from IDCBrowserLib.demo.world import World
from IDCBrowserLib.errors import CancelledError, InputError, NotFoundError, StorageError
from IDCBrowserLib.store.database import Database
from IDCBrowserLib.store.moving import Move
from IDCBrowserLib.store.status import series_files
from IDCBrowserLib.transfer.folders.journal import Journal, default_path


class Kept:
    """The phantom's CT, a SEG of it and its RTSTRUCT, downloaded and imported."""

    def __init__(self, engine: Any, world: World, folder: Path) -> None:
        self.engine = engine
        self.folder = folder / "downloads"
        self.database = folder / "database"
        self.uids = {series.key: series.series_instance_uid for series in world.series}
        self.chosen = [self.uids[key] for key in ("ct", "seg_binary", "rtstruct")]

    def download(self, endpoint_url: str) -> None:
        plan = self.engine.ask("selection.plan", sources=self.chosen)
        self.engine.ask(
            "transfer.download", plan=plan["plan"], to=str(self.folder), options={"endpoint_url": endpoint_url}, import_to=str(self.database)
        )

    def ask(self, method: str, **parameters: Any) -> Any:
        """Methods that take the folders."""
        return self.engine.ask(f"store.{method}", folder=str(self.folder), database=str(self.database), **parameters)

    def look(self) -> Any:
        return self.ask("inventory", again=True)

    def row(self, found: Any, key: str) -> Any:
        case = self.engine.ask("store.inventory_rows", inventory=found["inventory"], node=found["rows"][0]["node"])["rows"][0]
        study = self.engine.ask("store.inventory_rows", inventory=found["inventory"], node=case["node"])["rows"][0]
        series = self.engine.ask("store.inventory_rows", inventory=found["inventory"], node=study["node"])["rows"]
        return next(row for row in series if row["SeriesInstanceUID"] == self.uids[key])

    def study(self) -> tuple[str, str]:
        """Date and description as IDC states them."""
        opened = self.engine.ask("catalog.view", level="studies", parents=[{"level": "series", "ids": [self.uids["ct"]]}])
        row = dict(zip(opened["columns"], opened["rows"][0], strict=True))
        return row["StudyDate"] or "", row["StudyDescription"] or ""

    def files(self) -> list[Path]:
        return sorted(self.folder.rglob("*.dcm"))

    def directory(self, key: str) -> Path:
        return next(path for path in self.folder.rglob(f"*_{self.uids[key]}") if path.is_dir())

    def status(self, key: str) -> str:
        return str(self.ask("series_status", series=[self.uids[key]])[self.uids[key]])


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """``here`` is where everything lies, ``saved`` a copy of it as it was after the download, with the journal."""
    return tmp_path_factory.mktemp("kept")


@pytest.fixture
def kept(engine: Any, demo_world: World, base: Path) -> Iterator[Kept]:
    """Downloaded once; the journal and the database name the places, so every test finds it at the same one."""
    made = Kept(engine, demo_world, base / "here")
    journal = default_path()
    if (base / "saved").exists():
        shutil.copytree(base / "saved", base / "here")
        journal.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(base / "journal", journal)
    else:
        made.download(demo_world.endpoint_url)
        shutil.copytree(base / "here", base / "saved")
        with contextlib.closing(sqlite3.connect(journal)) as source, contextlib.closing(sqlite3.connect(base / "journal")) as copy:
            source.backup(copy)
    yield made
    shutil.rmtree(base / "here", ignore_errors=True)


def test_the_inventory_counts_series_files_and_bytes_by_collection_case_and_study(kept: Kept) -> None:
    found = kept.look()
    files = kept.files()
    expected = {"series": 3, "files": len(files), "bytes": sum(path.stat().st_size for path in files), "in database": 3, "on disk": 0}
    assert expected.items() <= found["totals"].items()
    (collection,) = found["rows"]
    assert expected.items() <= collection.items()
    (case,) = kept.engine.ask("store.inventory_rows", inventory=found["inventory"], node=collection["node"])["rows"]
    (study,) = kept.engine.ask("store.inventory_rows", inventory=found["inventory"], node=case["node"])["rows"]
    assert expected.items() <= study.items() and study["node"][-1] == kept.directory("ct").parent.name
    assert (study["date"], study["name"]) == kept.study()
    series = kept.engine.ask("store.inventory_rows", inventory=found["inventory"], node=study["node"])["rows"]
    assert {row["SeriesInstanceUID"] for row in series} == set(kept.chosen)
    assert all(row["status"] == "in database" and row["imported"] == row["files"] for row in series)
    assert sum(row["bytes"] for row in series) == expected["bytes"]
    assert found["leftovers"] == [] and found["unreadable"] == [] and found["elsewhere"] == [0, 0]
    places = {place["kind"]: place for place in found["places"]}
    assert places["downloads"]["bytes"] == expected["bytes"] and places["database"]["files"] == 2 and places["journal"]["bytes"] > 0


def sorted_by_status(kept: Kept, level: str, direction: str = "asc", loaded: Sequence[str] = ()) -> list[str]:
    here = {"folder": str(kept.folder), "database": str(kept.database)}
    phantom = [{"level": "collections", "ids": [kept.look()["rows"][0]["name"]]}]
    opened = kept.engine.ask("catalog.view", level=level, parents=phantom, order_by=[["status", direction]], here=here, loaded=list(loaded))
    assert opened["total"] == len(opened["rows"])
    return [row[opened["columns"].index(opened["id_columns"][-1])] for row in opened["rows"]]


def test_series_are_sorted_by_where_they_are_and_what_is_only_in_idc_comes_last(kept: Kept) -> None:
    for path in kept.directory("seg_binary").glob("*.dcm"):
        path.unlink()
    next(kept.directory("ct").glob("*.dcm")).unlink()
    statuses = {key: kept.status(key) for key in ("rtstruct", "ct", "seg_binary")}
    assert statuses == {"rtstruct": "in database", "ct": "partial", "seg_binary": "absent"}
    ids = sorted_by_status(kept, "series")
    assert ids[:2] == [kept.uids["rtstruct"], kept.uids["ct"]] and kept.uids["seg_binary"] in ids[2:]
    down = sorted_by_status(kept, "series", "desc")
    assert down[:2] == [kept.uids["ct"], kept.uids["rtstruct"]] and down[2:] == ids[2:]
    assert sorted_by_status(kept, "series", loaded=[kept.uids["ct"]])[:2] == [kept.uids["ct"], kept.uids["rtstruct"]], "what is in the scene is first"


def test_studies_are_sorted_by_how_much_of_them_is_here(kept: Kept) -> None:
    assert sorted_by_status(kept, "studies")[0] == kept.directory("ct").parent.name


def test_only_studies_and_series_have_a_status_and_it_needs_the_folders(kept: Kept) -> None:
    with pytest.raises(InputError, match="status"):
        sorted_by_status(kept, "cases")
    with pytest.raises(InputError, match="status"):
        kept.engine.ask("catalog.view", level="series", order_by=[["status", "asc"]])


def test_an_empty_or_absent_folder_is_an_empty_inventory(engine: Any, tmp_path: Path) -> None:
    found = engine.ask("store.inventory", folder=str(tmp_path / "none"), database=str(tmp_path / "database"))
    assert found["rows"] == [] and found["totals"]["series"] == 0


def test_an_older_inventory_is_refused_rather_than_misunderstood(kept: Kept) -> None:
    first = kept.look()
    kept.look()
    with pytest.raises(NotFoundError, match="Refresh"):
        kept.engine.ask("store.inventory_rows", inventory=first["inventory"], node=[])


def test_a_study_goes_as_a_whole(kept: Kept) -> None:
    found = kept.look()
    study = kept.row(found, "ct")["node"][:-1]
    assert kept.ask("removal", inventory=found["inventory"], nodes=[study])["series"] == 3
    assert kept.ask("remove", inventory=found["inventory"], nodes=[study])["series"] == 3
    assert kept.files() == []


def test_one_series_goes_with_its_rows_and_the_others_stay(kept: Kept) -> None:
    found = kept.look()
    row = kept.row(found, "seg_binary")
    told = kept.ask("removal", inventory=found["inventory"], nodes=[row["node"]])
    assert (told["series"], told["files"], told["bytes"]) == (1, row["files"], row["bytes"])
    assert kept.status("seg_binary") == "in database"
    assert kept.ask("remove", inventory=found["inventory"], nodes=[row["node"]])["files"] == row["files"]
    assert kept.status("seg_binary") == "absent" and series_files(Database(kept.database), kept.uids["seg_binary"]) == []
    assert kept.status("ct") == kept.status("rtstruct") == "in database"
    study = kept.directory("ct").parent.name
    assert kept.ask("study_status", studies=[study])[study].items() >= {"here": 2, "in database": 2, "older version": 0}.items()


def test_the_directories_of_chosen_rows_are_theirs_alone_and_so_are_the_series_below_them(kept: Kept) -> None:
    found = kept.look()
    nodes = [kept.row(found, key)["node"] for key in ("ct", "seg_binary")]
    directories = kept.engine.ask("store.directories", inventory=found["inventory"], nodes=nodes)["directories"]
    assert directories == sorted(str(kept.directory(key)) for key in ("ct", "seg_binary"))
    below = kept.engine.ask("store.series_below", database=str(kept.database), folders=directories)["series"]
    assert {row["SeriesInstanceUID"] for row in below} == {kept.uids["ct"], kept.uids["seg_binary"]}
    assert kept.ask("folder", inventory=found["inventory"], nodes=nodes)["folder"] == str(kept.directory("ct").parent)


def test_series_are_removed_by_their_uids_as_well(kept: Kept) -> None:
    assert kept.ask("remove", series=kept.chosen)["series"] == 3
    assert kept.files() == [] and list(kept.folder.iterdir()) == []


def test_what_a_running_download_writes_is_not_removed_or_moved(engine: Any, demo_world: World, tmp_path: Path) -> None:
    uid = next(series.series_instance_uid for series in demo_world.series if series.key == "ct")
    plan = engine.ask("selection.plan", sources=[uid])
    folders = {"folder": str(tmp_path / "to"), "database": str(tmp_path / "database")}
    with fault_proxy(demo_world.endpoint_url) as proxy:
        proxy.rule = lambda method, path, count: Fault(stall_s=20.0) if is_object(path) else None
        running = engine.begin("transfer.download", plan=plan["plan"], to=folders["folder"], options={"endpoint_url": proxy.url})
        engine.wait(lambda: running.progress)
        with pytest.raises(InputError, match="running or waiting"):
            engine.ask("store.remove", series=[uid], **folders)
        with pytest.raises(InputError, match="is running or waiting"):
            engine.ask("store.move_check", to=str(tmp_path / "other"), **folders)
        running.request.cancel(True)
        engine.wait(lambda: running.ended)
    assert engine.ask("store.remove", series=[uid], **folders)["series"] == 0


def test_leftovers_are_listed_with_their_size_and_cleaned_up_on_request(kept: Kept) -> None:
    arriving = kept.folder / ".idc-browser-incoming-dead"
    arriving.mkdir()
    (kept.folder / f"{arriving.name}.lock").write_text("uuid 9 half.dcm\n")
    (arriving / "uuid_half.dcm123").write_bytes(b"12345")
    older = kept.directory("ct") / "old.dcm"
    older.write_bytes(b"1234567")
    journal = Journal(default_path())
    journal.claim(kept.directory("ct"), [("old.dcm", 7, "")])
    (kept.folder / "empty" / "below").mkdir(parents=True)
    journal.claim_folders([str(kept.folder / "empty"), str(kept.folder / "empty" / "below")])
    journal.close()
    (kept.folder / "my empty folder").mkdir()
    mine = [kept.directory("ct").parent / "notes.txt", kept.directory("ct") / "mine.dcm", arriving / "mine.dcm", kept.folder / "my own.txt"]
    for path in mine:
        path.write_text("not ours")
    found = kept.look()
    listed = {(kind, Path(path).name): (files, size) for kind, path, _label, files, size in found["leftovers"]}
    assert listed == {
        ("arriving", ".idc-browser-incoming-dead"): (1, 5),
        ("empty", "empty"): (0, 0),
        ("superseded", kept.directory("ct").name): (1, 7),
    }
    report = kept.ask("clean", inventory=found["inventory"], leftovers=list(range(len(listed))))
    assert (report["files"], report["bytes"], report["failed"], report["kept"]) == (2, 12, [], [str(arriving / "mine.dcm")])
    assert kept.look()["leftovers"] == [] and kept.status("ct") == "in database"
    assert all(path.read_text() == "not ours" for path in mine) and (kept.folder / "my empty folder").is_dir()


def test_incomplete_series_and_those_in_no_database_are_leftovers_that_are_removed_like_series(kept: Kept) -> None:
    kept.ask("remove", series=[kept.uids["rtstruct"]])
    next(kept.directory("ct").glob("*.dcm")).unlink()
    shutil.rmtree(kept.database)
    found = kept.look()
    kinds = {kind: number for number, (kind, *_) in enumerate(found["leftovers"])}
    assert set(kinds) == {"partial", "not in database"} and found["not_imported"] == 1
    assert kept.engine.ask("store.not_imported", inventory=found["inventory"])["directories"] == [str(kept.directory("seg_binary"))]
    assert kept.ask("remove", inventory=found["inventory"], leftovers=[kinds["partial"]])["series"] == 1
    assert kept.status("ct") == "absent" and kept.status("seg_binary") == "on disk"


def test_the_folder_moves_with_database_and_journal(kept: Kept, demo_world: World, tmp_path: Path) -> None:
    names = {path.relative_to(kept.folder): path.read_bytes() for path in kept.files()}
    (kept.folder / "keep.txt").write_text("not a series")
    mine = kept.directory("ct") / "mine.dcm"
    mine.write_bytes(b"mine")
    to = tmp_path / "other disk" / "IDC"
    told = kept.ask("move_check", to=str(to))
    assert (told["series"], told["files"], told["same_disk"], told["stay"]) == (3, len(names), True, 2)
    report = kept.ask("move", to=str(to))
    assert report["removed"]["failed"] == []
    assert {path.relative_to(to): path.read_bytes() for path in to.rglob("*.dcm")} == names
    assert [path.name for path in kept.folder.rglob("*") if path.is_file()] == ["keep.txt", "mine.dcm"]
    kept.folder = to
    assert {kept.status(key) for key in ("ct", "seg_binary", "rtstruct")} == {"in database"}
    plan = kept.engine.ask("selection.plan", sources=kept.chosen)
    again = kept.engine.ask("transfer.download", plan=plan["plan"], to=str(to), options={"endpoint_url": demo_world.endpoint_url})
    assert again["states"]["complete"] == 3 and all(item["bytes_fetched"] == 0 for item in again["series"] if "bytes_fetched" in item)


@pytest.mark.parametrize("where", ["itself", "inside", "a file"])
def test_a_folder_that_cannot_take_the_downloads_is_refused_with_a_reason(kept: Kept, tmp_path: Path, where: str) -> None:
    (tmp_path / "file").write_text("x")
    to = {"itself": kept.folder, "inside": kept.folder / "below", "a file": tmp_path / "file"}[where]
    with pytest.raises(InputError, match="choose"):
        kept.ask("move_check", to=str(to))


def test_a_file_of_another_content_at_the_new_place_stops_the_move_and_takes_it_back(kept: Kept, tmp_path: Path) -> None:
    before = {path: path.stat().st_size for path in kept.files()}
    last = sorted(before)[-1]
    to = tmp_path / "other"
    (to / last.relative_to(kept.folder)).parent.mkdir(parents=True)
    (to / last.relative_to(kept.folder)).write_bytes(b"another")
    with pytest.raises(StorageError, match="not the same"):
        kept.ask("move", to=str(to))
    assert {path: path.stat().st_size for path in kept.files()} == before
    assert [path.read_bytes() for path in to.rglob("*.dcm")] == [b"another"]
    assert kept.status("ct") == "in database"


def test_a_host_with_its_own_database_adds_the_new_places_before_the_move_ends(kept: Kept, tmp_path: Path) -> None:
    to = tmp_path / "other"
    document = kept.ask("move", to=str(to), rows=False)
    assert sorted(document["again"]) == sorted({str(path.parent) for path in to.rglob("*.dcm")})
    assert kept.engine.ask("store.move_end")["removed"]["failed_count"] == 0
    with pytest.raises(NotFoundError):
        kept.engine.ask("store.move_end")


@pytest.fixture
def other_disk(tmp_path: Path) -> Iterator[Path]:
    """A folder on another file system, where the machine has one to write to."""
    folder = Path("/dev/shm") / f"idc-browser-test-{os.getpid()}"
    try:
        folder.mkdir()
    except OSError:
        pytest.skip("there is no second file system here")
    if folder.stat().st_dev == tmp_path.stat().st_dev:
        pytest.skip("there is no second file system here")
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def test_to_another_disk_files_are_copied_verified_and_removed_here_at_the_end(kept: Kept, other_disk: Path) -> None:
    names = {path.relative_to(kept.folder): (path.read_bytes(), path.stat().st_mtime_ns) for path in kept.files()}
    mine = kept.directory("ct") / "mine.dcm"
    mine.write_bytes(b"mine")
    told = kept.ask("move_check", to=str(other_disk))
    assert not told["same_disk"] and told["needed"] == told["bytes"]
    kept.ask("move", to=str(other_disk))
    assert {path.relative_to(other_disk): (path.read_bytes(), path.stat().st_mtime_ns) for path in other_disk.rglob("*.dcm")} == names
    assert kept.files() == [mine] and not list(other_disk.glob(".idc*"))
    kept.folder = other_disk
    assert kept.status("ct") == "in database"


def test_a_move_leaves_the_disk_space_free_that_downloads_leave(kept: Kept, other_disk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = {path: path.read_bytes() for path in kept.files()}
    free = shutil.disk_usage(other_disk).free
    told = kept.ask("move_check", to=str(other_disk), keep_free=free // 2)
    assert told["free"] <= free - free // 2
    for method in ("move_check", "move"):
        with pytest.raises(StorageError, match="are to stay free"):
            kept.ask(method, to=str(other_disk), keep_free=free - 1000)
    # Somebody else fills the disk after the look.
    monkeypatch.setattr(Move, "missing_bytes", lambda _move: 0)
    with pytest.raises(StorageError, match="are to stay free"):
        kept.ask("move", to=str(other_disk), keep_free=free - 1000)
    assert {path: path.read_bytes() for path in kept.files()} == before and list(other_disk.rglob("*.dcm")) == []


def test_a_canceled_copy_loses_nothing_and_goes_on_where_it_stopped(kept: Kept, other_disk: Path) -> None:
    before = {path: path.read_bytes() for path in kept.files()}
    asked = kept.engine.begin("store.move", folder=str(kept.folder), database=str(kept.database), to=str(other_disk))
    kept.engine.wait(lambda: any(progress.step == "Copying" for _, progress in asked.progress))
    asked.request.cancel(True)
    kept.engine.wait(lambda: asked.ended)
    if asked.error is not None:
        assert isinstance(asked.error, CancelledError)
        assert {path: path.read_bytes() for path in kept.files()} == before and kept.status("ct") == "in database"
        kept.ask("move", to=str(other_disk))
    assert len(list(other_disk.rglob("*.dcm"))) == len(before)


def test_where_series_lie_behind_links_the_files_they_lead_to_are_neither_moved_nor_removed(kept: Kept, tmp_path: Path) -> None:
    case = kept.directory("ct").parents[1]
    case.rename(tmp_path / "theirs")
    case.symlink_to(tmp_path / "theirs", target_is_directory=True)
    before = sorted((tmp_path / "theirs").rglob("*.dcm"))
    assert before
    assert kept.ask("remove", series=kept.chosen)["files"] == 0
    assert kept.ask("move_check", to=str(tmp_path / "other"))["files"] == 0
    assert sorted((tmp_path / "theirs").rglob("*.dcm")) == before and case.is_symlink()


def test_a_move_into_a_folder_with_a_link_in_the_way_writes_nothing_there_and_takes_itself_back(kept: Kept, tmp_path: Path) -> None:
    before = kept.files()
    to, theirs = tmp_path / "other", tmp_path / "theirs"
    theirs.mkdir()
    collection = before[0].relative_to(kept.folder).parts[0]
    to.mkdir()
    (to / collection).symlink_to(theirs, target_is_directory=True)
    with pytest.raises(StorageError, match="is a link"):
        kept.ask("move", to=str(to))
    assert list(theirs.iterdir()) == [] and kept.files() == before
