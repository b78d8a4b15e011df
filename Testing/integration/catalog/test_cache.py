"""The laid out catalog: made aside, used when whole, dropped when not. That it answers the same is what the other tests run twice for."""

import os
import pickle
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import duckdb
import psutil
import pytest
from helpers.small_catalog import SERIES, series, write_many_series, write_series, write_sources

from IDCBrowserLib.catalog.cache import cache, cache_builder, cache_making
from IDCBrowserLib.catalog.cache.series_numbers import PARTS
from IDCBrowserLib.catalog.catalog import Catalog
from IDCBrowserLib.catalog.files.sources import Sources
from IDCBrowserLib.file_lock import lock_file


def cached(sources: Sources, folder: Path) -> bool:
    with Catalog(sources=sources, cache_folder=folder) as catalog:
        assert catalog.open_view("series")["total"] == len(SERIES)
        return bool(catalog.info()["cached"])


def test_it_is_used_once_it_is_there(sources: Sources, tmp_path: Path) -> None:
    assert not cached(sources, tmp_path)
    cache_making.build(sources, cache.cache_file(sources, tmp_path))
    assert cached(sources, tmp_path)
    assert {path.suffix for path in tmp_path.iterdir()} == {".duckdb", ".parquet"}


def test_another_index_makes_another_cache_and_removes_the_old_one(tmp_path: Path) -> None:
    sources = write_sources(tmp_path / "index")
    folder = tmp_path / "cache"
    old = cache.cache_file(sources, folder)
    cache_making.build(sources, old)
    write_series(sources.series[0], [*SERIES, series(77)])
    with Catalog(sources=sources, cache_folder=folder) as catalog:
        assert not catalog.info()["cached"]
        assert catalog.open_view("series")["total"] == len(SERIES) + 1
    new = cache.cache_file(sources, folder)
    cache_making.build(sources, new)
    assert set(folder.iterdir()) == set(cache.parts(new))


def test_what_a_killed_build_left_is_removed_later(sources: Sources, tmp_path: Path) -> None:
    leftover, under_way = tmp_path / ".11-catalog-x.duckdb", tmp_path / ".12-catalog-x.duckdb"
    leftover.touch()
    under_way.touch()
    os.utime(leftover, (0, 0))
    cache_making.build(sources, cache.cache_file(sources, tmp_path))
    assert not leftover.exists()
    assert under_way.exists()


def test_files_of_a_former_layout_are_removed_when_the_new_ones_are_there(sources: Sources, tmp_path: Path) -> None:
    former = [tmp_path / f"catalog-0123456789abcdef01234567{suffix}" for suffix in (".duckdb", ".parquet", ".uids", ".duckdb.wal")]
    for path in former:
        path.write_bytes(b"former")
    beside = tmp_path / "notes.uids"
    beside.touch()
    path = cache.cache_file(sources, tmp_path)
    with Catalog(sources=sources, cache_folder=tmp_path) as catalog:
        assert not catalog.info()["cached"] and catalog.search("lung")
    assert all(path.exists() for path in former)
    cache_making.build(sources, path)
    assert set(tmp_path.iterdir()) == {*cache.parts(path), beside}


@pytest.mark.skipif(sys.platform == "win32", reason="files have no such limit there")
@pytest.mark.parametrize("most_bytes", [1000, 100_000])
def test_a_disk_that_is_full_leaves_nothing_and_no_half_of_a_cache(sources: Sources, tmp_path: Path, most_bytes: int) -> None:
    code = (
        "import pickle, resource, signal, sys; from IDCBrowserLib.catalog.cache import cache_making; signal.signal(signal.SIGXFSZ, signal.SIG_IGN); "
        f"resource.setrlimit(resource.RLIMIT_FSIZE, ({most_bytes}, {most_bytes})); cache_making.build(*pickle.load(sys.stdin.buffer))"
    )
    folder = tmp_path / "cache"
    asked = pickle.dumps((sources, cache.cache_file(sources, folder)))
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, "-c", code], input=asked, stderr=subprocess.PIPE, env=environment, check=False)
    assert done.returncode != 0 and b"File too large" in done.stderr
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("content", [b"", b"not a database", b"\0" * 20_000])
def test_a_file_that_is_no_cache_is_removed(sources: Sources, tmp_path: Path, content: bytes) -> None:
    path = cache.cache_file(sources, tmp_path)
    path.write_bytes(content)
    assert not cached(sources, tmp_path)
    assert not path.exists()


def test_an_unfinished_cache_is_removed(sources: Sources, tmp_path: Path) -> None:
    path = cache.cache_file(sources, tmp_path)
    with duckdb.connect(str(path)) as connection:
        connection.execute("CREATE TABLE series AS SELECT 1 AS row_no")
    assert not cached(sources, tmp_path)
    assert not path.exists()


def test_damage_found_while_reading_goes_unnoticed(tmp_path: Path) -> None:
    sources = Sources(series=(write_many_series(tmp_path / "idc_index.parquet", 20_000),))
    path = cache.cache_file(sources, tmp_path / "cache")
    cache_making.build(sources, path)
    damaged = tmp_path / "damaged"
    damaged.mkdir()
    for part, other in zip(cache.parts(path), cache.parts(cache.cache_file(sources, damaged)), strict=True):
        content = bytearray(part.read_bytes())
        if part == path:
            # Beyond the three header blocks and the blocks that attaching reads: every second block of data.
            block = 262_144
            for start in range(3 * 4096, len(content) - block, block):
                content[start + 100_000 : start + 100_064] = b"\xa5" * 64
        elif part == cache.rows_file(path):
            # All but the footer.
            end = len(content) - 8 - int.from_bytes(content[-8:-4], "little")
            content[4:end] = b"\xa5" * (end - 4)
        other.write_bytes(content)
    with Catalog(sources=sources, cache_folder=damaged) as catalog:
        view = catalog.open_view("series", text="axial", order_by=[["SeriesDescription", "desc"]])
        assert view["total"] == 0
        assert catalog.open_view("series")["total"] == 20_000
        assert catalog.open_view("collections")["total"] == 1
        assert catalog.search("chest")
        assert not catalog.info()["cached"]


def test_numbers_of_a_cache_that_turns_out_to_be_damaged_are_made_from_the_index(sources: Sources, tmp_path: Path) -> None:
    cache_making.build(sources, cache.cache_file(sources, tmp_path))
    with Catalog(sources=sources) as plain, Catalog(sources=sources, cache_folder=tmp_path) as catalog:
        filters = {"Modality": ["CT"]}
        assert catalog.totals(filters)["series"] == plain.totals(filters)["series"] and catalog.info()["cached"]
        catalog._database._leave_cache()
        for name in PARTS:
            found = catalog._database._number_column(name) if name != "cube" else catalog._database.numbers().columns["cube"]
            assert len(found) == catalog.info()["series"]
        assert catalog.totals(filters) == plain.totals(filters) and catalog.facets(filters) == plain.facets(filters)


@pytest.mark.parametrize("changed", [b"PatientSe_", b"Patient\xdbex"])
def test_a_cache_that_has_lost_a_column_is_removed(sources: Sources, tmp_path: Path, changed: bytes) -> None:
    path = cache.cache_file(sources, tmp_path)
    cache_making.build(sources, path)
    rows = cache.rows_file(path)
    content = rows.read_bytes()
    assert b"PatientSex" in content and len(changed) == len(b"PatientSex")
    rows.write_bytes(content.replace(b"PatientSex", changed))
    with Catalog(sources=sources, cache_folder=tmp_path) as catalog:
        assert catalog.list_rows("series", limit=1)[1] == len(SERIES) and not catalog.info()["cached"]
    assert not path.exists() and not rows.exists()


def test_damage_found_beside_further_files_goes_unnoticed(sources: Sources, tmp_path: Path) -> None:
    path = cache.cache_file(sources, tmp_path)
    cache_making.build(sources, path)
    content = path.read_bytes()
    further = write_series(tmp_path / "further.parquet", [series(1000, collection_id="further", analysis_result_id="further")])
    block = 262_144
    for start in range(3 * 4096, len(content) - block, 2 * block):
        path.write_bytes(content[:start] + b"\xa5" * block + content[start + block :])
        with Catalog([further], sources, tmp_path) as catalog:
            assert catalog.list_rows("series", limit=1)[1] == len(SERIES) + 1


def test_damage_that_two_questions_find_at_once_goes_unnoticed_by_both(sources: Sources, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    cache_making.build(sources, cache.cache_file(sources, tmp_path))
    with Catalog(sources=sources, cache_folder=tmp_path) as catalog:
        database = catalog._database
        failing = [True]

        def question(connection: duckdb.DuckDBPyConnection) -> int:
            if failing:
                failing.clear()
                # Meanwhile another one did.
                database._leave_cache()
                catalog.search("lung")
                raise duckdb.IOException("Corrupt database file")
            return len(connection.execute("SELECT row_no FROM series").fetchall())

        assert database.read(question) == len(SERIES)
        assert catalog.search("lung") and caplog.text.count("is damaged") == 1


def test_a_question_that_finds_damage_waits_for_no_other(sources: Sources, tmp_path: Path) -> None:
    """The other one makes tables, and may be waiting for something that the first one holds."""
    cache_making.build(sources, cache.cache_file(sources, tmp_path))
    with Catalog(sources=sources, cache_folder=tmp_path) as catalog, ThreadPoolExecutor(2) as pool:
        database = catalog._database
        is_making, answered = threading.Event(), threading.Event()

        def make(connection: duckdb.DuckDBPyConnection) -> int:
            is_making.set()
            assert answered.wait(60)
            return len(connection.execute("SELECT row_no FROM series").fetchall())

        def read(connection: duckdb.DuckDBPyConnection) -> int:
            if database.is_cached:
                raise duckdb.IOException("Corrupt database file")
            return len(connection.execute("SELECT row_no FROM series").fetchall())

        making = pool.submit(database.write, make, ("search_cases",))
        assert is_making.wait(60)
        assert pool.submit(database.read, read).result(30) == len(SERIES)
        answered.set()
        assert making.result(30) == len(SERIES)
        assert catalog.search("lung")


def test_a_build_that_fails_leaves_nothing(tmp_path: Path) -> None:
    sources = write_sources(tmp_path / "index")
    sources.series[0].write_bytes(b"PAR1")
    folder = tmp_path / "cache"
    with pytest.raises(Exception, match="damaged"):
        cache_making.build(sources, folder / "catalog-x.duckdb")
    assert list(folder.iterdir()) == []


@pytest.fixture
def build_from(sources: Sources, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """The builder makes the cache of the installed index; here Python code stands for it, with ``target`` as the file it is to make."""

    def build_from(code: str) -> None:
        begin = f"import os, sys, time; from pathlib import Path; folder = Path(sys.argv[1]); {code}"
        monkeypatch.setattr(cache_builder, "module_command", lambda _python, _module, folder: [sys.executable, "-c", begin, folder])

    return build_from


def until(condition: Callable[[], bool], seconds: float = 20.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_it_is_made_aside_while_browsing_and_used_when_ready(sources: Sources, tmp_path: Path, build_from: Callable[[str], None]) -> None:
    ready = tmp_path / "ready.duckdb"
    cache_making.build(sources, ready)
    target = cache.cache_file(sources, tmp_path / "cache")
    moved = dict(zip(map(str, cache.parts(ready)), map(str, cache.parts(target)), strict=True))
    build_from(f"folder.mkdir(); [Path(one).rename(other) for one, other in reversed({moved!r}.items())]")
    with Catalog(sources=sources, cache_folder=tmp_path / "cache") as catalog:
        before = catalog.open_view("series", order_by=[["SeriesInstanceUID", "asc"]])
        catalog.search("lung")
        catalog.prepare_cache()
        until(lambda: bool(catalog.readiness()["cached"]))
        # What was open stays open.
        assert catalog.page(before["view"], 0, 100) == before["rows"]
        assert catalog.search("lung")[0]["id"] == "lung_ct"


def test_a_cache_without_its_series_is_made_again(sources: Sources, tmp_path: Path) -> None:
    path = cache.cache_file(sources, tmp_path)
    cache_making.build(sources, path)
    cache.rows_file(path).unlink()
    with Catalog(sources=sources, cache_folder=tmp_path) as catalog:
        assert not catalog.readiness()["cached"] and catalog.search("lung")
    assert not path.exists()
    cache_making.build(sources, path)
    with Catalog(sources=sources, cache_folder=tmp_path) as catalog:
        assert catalog.readiness()["cached"]


@pytest.mark.parametrize("content", [b"", b"PAR1 no file PAR1", None])
def test_series_that_are_damaged_or_missing_are_no_obstacle(sources: Sources, tmp_path: Path, content: bytes | None) -> None:
    part = cache.rows_file(cache.cache_file(sources, tmp_path))
    cache_making.build(sources, cache.cache_file(sources, tmp_path))
    part.unlink()
    if content is not None:
        part.write_bytes(content)
    with Catalog(sources=sources, cache_folder=tmp_path) as catalog:
        assert catalog.open_view("series")["total"] == len(SERIES)
        assert not catalog.info()["cached"] and not catalog.readiness()["cached"]
        assert catalog.search("lung") and catalog.search(SERIES[0]["StudyInstanceUID"][:-1])
    assert not part.exists()


def test_a_build_ends_with_its_catalog_and_leaves_nothing(sources: Sources, tmp_path: Path, build_from: Callable[[str], None]) -> None:
    folder = tmp_path / "cache"
    folder.mkdir()
    target = cache.cache_file(sources, folder)
    build_from(f"(folder / f'.{{os.getpid()}}-{target.name}').write_text('half'); (folder / 'pid').write_text(str(os.getpid())); time.sleep(600)")
    with Catalog(sources=sources, cache_folder=folder) as catalog:
        catalog.prepare_cache()
        catalog.prepare_cache()
        until(lambda: (folder / "pid").is_file() and (folder / "pid").read_text() != "")
        pid = int((folder / "pid").read_text())
        assert psutil.pid_exists(pid)
    assert not psutil.pid_exists(pid)
    assert [path.name for path in folder.iterdir()] == ["pid"]


def test_a_build_that_has_not_begun_never_begins_after_the_end(sources: Sources, tmp_path: Path, build_from: Callable[[str], None]) -> None:
    build_from("(folder / 'begun').touch()")
    builder = cache_builder.CacheBuilder(tmp_path / "catalog-x.duckdb")
    builder.start(0.2)
    builder.stop()
    builder.start(0.0)
    time.sleep(0.4)
    builder._begin()
    assert list(tmp_path.iterdir()) == [] and not builder.has_ended()


def test_a_build_that_fails_is_logged_once_and_browsing_goes_on(
    sources: Sources, tmp_path: Path, build_from: Callable[[str], None], caplog: pytest.LogCaptureFixture
) -> None:
    build_from("sys.exit(3)")
    with Catalog(sources=sources, cache_folder=tmp_path) as catalog:
        catalog.prepare_cache()
        until(lambda: catalog.info() is not None and bool(caplog.messages))
        assert not catalog.info()["cached"]
    assert [message for message in caplog.messages if "exit code 3" in message] == caplog.messages


def test_a_folder_that_cannot_be_written_is_no_obstacle(sources: Sources, tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    assert not cached(sources, blocked / "cache")
    with pytest.raises(OSError):
        cache_making.build(sources, blocked / "cache" / "catalog-x.duckdb")


def test_the_command_makes_the_cache_of_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sources: Sources) -> None:
    monkeypatch.setattr(cache_making, "find_sources", lambda: sources)
    monkeypatch.setattr(os, "nice", lambda _: 0)
    assert cache_making.main([str(tmp_path)]) == 0
    made = cache.cache_file(sources, tmp_path)
    assert made.is_file()
    modified = made.stat().st_mtime_ns
    assert cache_making.main([str(tmp_path)]) == 0
    assert made.stat().st_mtime_ns == modified


def test_two_windows_build_one_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sources: Sources) -> None:
    monkeypatch.setattr(cache_making, "find_sources", lambda: sources)
    monkeypatch.setattr(os, "nice", lambda _: 0)
    with (tmp_path / "building.lock").open("ab") as other:
        lock_file(other)
        assert cache_making.main([str(tmp_path)]) == 0
        assert not cache.cache_file(sources, tmp_path).exists(), "the other one builds it"
    assert cache_making.main([str(tmp_path)]) == 0
    assert cache.cache_file(sources, tmp_path).is_file()


def test_it_is_told_whether_fast_browsing_is_there_or_prepared(tmp_path: Path) -> None:
    sources = write_sources(tmp_path / "index")
    with Catalog(sources=sources, cache_folder=tmp_path / "cache") as catalog:
        assert catalog.readiness() == {"cached": False, "preparing": False}
        catalog.prepare_cache(3600)
        assert catalog.readiness() == {"cached": False, "preparing": True}
        cache_making.build(sources, cache.cache_file(sources, tmp_path / "cache"))
    with Catalog(sources=sources, cache_folder=tmp_path / "cache") as catalog:
        catalog.prepare_cache(3600)
        assert catalog.readiness() == {"cached": True, "preparing": False}


def test_while_the_cache_that_was_made_is_opened_it_is_still_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sources = write_sources(tmp_path / "index")
    monkeypatch.setattr(cache_builder, "module_command", lambda *_: [sys.executable, "-c", ""])
    told = []
    with Catalog(sources=sources, cache_folder=tmp_path / "cache") as catalog:
        attach = cache.attach

        def attach_slowly(*given: Any) -> bool:
            with ThreadPoolExecutor(1) as other:
                told.append(other.submit(catalog.readiness).result(20))
            return attach(*given)

        cache_making.build(sources, cache.cache_file(sources, tmp_path / "cache"))
        monkeypatch.setattr(cache, "attach", attach_slowly)
        catalog.prepare_cache(0)
        # What was made is in use before the process that made it has ended.
        until(lambda: catalog.readiness() == {"cached": True, "preparing": False})
        assert told == [{"cached": False, "preparing": True}]


def test_where_tables_are_made_others_ask_on_and_the_cache_that_was_made_waits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sources = write_sources(tmp_path / "index")
    monkeypatch.setattr(cache_builder.CacheBuilder, "has_ended", lambda _self: True)
    with Catalog(sources=sources, cache_folder=tmp_path / "cache") as catalog, ThreadPoolExecutor(1) as other:

        def ask_meanwhile(_connection: Any) -> bool:
            cache_making.build(sources, cache.cache_file(sources, tmp_path / "cache"))
            return bool(other.submit(catalog.info).result(10)["cached"])

        assert not catalog._database.write(ask_meanwhile)
        assert catalog.info()["cached"]


def test_until_it_is_used_with_further_files_all_series_are_there(sources: Sources, tmp_path: Path) -> None:
    seen = []

    class Watched:
        """What others see after each statement."""

        def __init__(self, connection: Any) -> None:
            self._connection = connection

        def __getattr__(self, name: str) -> Any:
            return getattr(self._connection, name)

        def execute(self, query: str) -> Any:
            answer = self._connection.execute(query)
            with self._connection.cursor() as other:
                seen.append(other.execute("SELECT count(*) FROM series").fetchone())
            return answer

    further = write_series(tmp_path / "further.parquet", [series(1000, collection_id="further", analysis_result_id="further")])
    with Catalog([further], sources, tmp_path / "cache") as catalog:
        database = catalog._database
        cache_making.build(sources, database._cache_file)
        assert cache.attach(database._connection, database._cache_file)
        watched: Any = Watched(database._connection)
        assert cache.use(watched, database._cache_file, database._extra_series)
        assert len(seen) > 20 and set(seen) == {(len(SERIES) + 1,)}
        assert catalog.list_rows("series", limit=1)[1] == len(SERIES) + 1
