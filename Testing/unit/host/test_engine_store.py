"""The store of the standalone program, through a real engine process."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from helpers.dicom_files import ROOT, write_stack
from helpers.recorded import record

from IDCBrowserLib.engine.client import EngineClient
from IDCBrowserLib.engine.popen import PopenEngineProcess, child_command
from IDCBrowserLib.errors import IDCBrowserError, StoreError
from IDCBrowserLib.host.engine_store import EngineStore
from IDCBrowserLib.host_interface import SeriesStatus
from IDCBrowserLib.task import Progress

UID = f"{ROOT}.1"


@pytest.fixture(scope="module")
def engine() -> Iterator[EngineClient]:
    client = EngineClient(lambda: PopenEngineProcess(child_command({})))
    yield client
    client.close()


@pytest.fixture
def store(engine: EngineClient, tmp_path: Path) -> EngineStore:
    return EngineStore(engine, lambda: str(tmp_path / "database"), lambda: str(tmp_path / "downloads"))


def ignore(progress: Progress) -> None:
    """Progress that nobody looks at."""


def answer(engine: EngineClient, ask: Callable[[Callable[[Any], None], Callable[[IDCBrowserError], None]], object]) -> Any:
    """What the store answers; an error it reports is raised."""
    results: list[Any] = []
    errors: list[IDCBrowserError] = []
    ask(results.append, errors.append)
    end = time.monotonic() + 60
    while not results and not errors:
        assert time.monotonic() < end, "the engine does not answer"
        engine.poll()
        time.sleep(0.002)
    if errors:
        raise errors[0]
    return results[0]


def test_a_series_goes_in_is_found_and_goes_out_again(engine: EngineClient, store: EngineStore, tmp_path: Path) -> None:
    files = [str(path) for path in write_stack(tmp_path / "downloads" / "c" / "p", [(0, 0, n) for n in range(3)])]
    record([tmp_path / "downloads" / "c" / "p"], tmp_path / "downloads")
    counts = answer(engine, lambda done, failed: store.import_files(files, done, failed, ignore))
    assert (counts["patients"], counts["series"], counts["instances"], counts["left_out"]) == (1, 1, 3, [])
    assert answer(engine, lambda done, failed: store.series_files(UID, done, failed)) == files
    status = answer(engine, lambda done, failed: store.series_status([UID, "1.2.3"], done, failed))
    assert status == {UID: SeriesStatus.IN_DATABASE, "1.2.3": SeriesStatus.ABSENT}
    removed = answer(engine, lambda done, failed: store.remove({"series": [UID]}, done, failed, ignore))
    assert (removed["series"], removed["files"]) == (1, 3)
    assert not Path(files[0]).exists()
    assert answer(engine, lambda done, failed: store.series_files(UID, done, failed)) == []


def test_an_error_of_the_database_arrives_as_such(engine: EngineClient, store: EngineStore, tmp_path: Path) -> None:
    (tmp_path / "database").write_text("a file where the folder should be")
    with pytest.raises(StoreError, match="cannot be made"):
        answer(engine, lambda done, failed: store.import_files([], done, failed, ignore))
