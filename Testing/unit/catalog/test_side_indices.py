"""Side indices: which are here, and getting them from a server that may fail in any way."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from helpers.side_files import VERSION, Answer, FileServer, checksum, write_side_index

from IDCBrowserLib.catalog.files import side_fetch
from IDCBrowserLib.catalog.files.side_fetch import fetch
from IDCBrowserLib.catalog.files.side_indices import SIDE_INDICES, status
from IDCBrowserLib.errors import CancelledError, InputError, NotFoundError, StorageError, TransferError
from IDCBrowserLib.task import Progress, Task

_ROWS = [{"SeriesInstanceUID": "1.2.1.3", "segmented_SeriesInstanceUID": "1.2.1.1", "total_segments": 2}]


@pytest.fixture
def made(tmp_path: Path) -> Path:
    return write_side_index(tmp_path / "remote", "seg_index", _ROWS)


@pytest.fixture
def where(tmp_path: Path) -> tuple[Path, Path]:
    return tmp_path / "own" / "indices" / VERSION, tmp_path / "idc-index"


def answers(path: Path, stated: str | None = None, **changes: object) -> dict[str, Answer]:
    body = path.read_bytes()
    files: dict[str, Answer] = {f"/{path.name}": (changes.get("status", 200), changes.get("headers", {}), changes.get("body", body))}
    if stated is not None:
        files[f"/{path.name}.sha256"] = (200, {}, stated.encode())
    return files


def leftovers(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*")) if folder.exists() else []


def test_a_file_arrives_whole_and_says_how_far_it_is(made: Path, where: tuple[Path, Path]) -> None:
    told: list[Progress] = []
    with FileServer(answers(made, checksum(made))) as server:
        path = fetch("seg_index", VERSION, Task(told.append), server.url, where)
        assert fetch("seg_index", VERSION, Task(), server.url, where) == path
        assert len(server.asked) == 2
    assert path.read_bytes() == made.read_bytes()
    assert (told[-1].done, told[-1].total, told[-1].unit) == (made.stat().st_size, made.stat().st_size, "B")
    assert leftovers(where[0]) == ["seg_index.parquet"]


def test_a_folder_will_do_without_the_internet(made: Path, where: tuple[Path, Path]) -> None:
    assert fetch("seg_index", VERSION, Task(), str(made.parent), where).read_bytes() == made.read_bytes()
    with pytest.raises(NotFoundError, match=r"no ct_index\.parquet in"):
        fetch("ct_index", VERSION, Task(), str(made.parent), where)
    made.with_name("seg_index.parquet.sha256").write_text("0" * 64)
    where[0].joinpath("seg_index.parquet").unlink()
    with pytest.raises(TransferError, match="checksum"):
        fetch("seg_index", VERSION, Task(), str(made.parent), where)


def test_a_checksum_that_is_cut_off_is_an_error_in_words(made: Path, where: tuple[Path, Path]) -> None:
    cut: dict[str, Answer] = {f"/{made.name}.sha256": (200, {"Content-Length": "999"}, b"0" * 10)}
    with FileServer({**answers(made), **cut}) as server, pytest.raises(TransferError, match=r"seg_index\.parquet was not fetched"):
        fetch("seg_index", VERSION, Task(), server.url, where)
    assert leftovers(where[0]) == []


def test_what_idc_index_fetched_is_used_and_left_alone(where: tuple[Path, Path]) -> None:
    theirs = write_side_index(where[1], "seg_index", _ROWS)
    before = theirs.stat().st_mtime_ns
    assert fetch("seg_index", VERSION, Task(), "http://127.0.0.1:9", where) == theirs
    assert theirs.stat().st_mtime_ns == before
    assert leftovers(where[0]) == []


@pytest.mark.parametrize(
    ("changes", "stated", "error", "message"),
    [
        ({"status": 404}, None, NotFoundError, "no seg_index.parquet at"),
        ({"status": 500}, None, TransferError, "HTTP 500"),
        ({"body": b"<html>Sign in</html>"}, None, TransferError, "not a complete Parquet file"),
        ({"body": b"PAR1" + b"x" * 400 + b"PAR1"}, None, TransferError, "cannot be read"),
        ({"body": b""}, None, TransferError, "not a complete Parquet file"),
        ({"headers": {"Content-Length": "999999"}}, None, TransferError, "the connection broke off|cut off"),
        ({}, "f" * 64, TransferError, "checksum of seg_index.parquet"),
    ],
)
def test_what_fails_leaves_nothing_and_says_what_happened(
    made: Path, where: tuple[Path, Path], changes: dict, stated: str | None, error: type[Exception], message: str
) -> None:
    with FileServer(answers(made, stated, **changes)) as server, pytest.raises(error, match=message):
        fetch("seg_index", VERSION, Task(), server.url, where)
    assert leftovers(where[0]) == []


def test_nobody_listening_is_told(where: tuple[Path, Path]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        with pytest.raises(TransferError, match="check the network"):
            fetch("seg_index", VERSION, Task(), f"http://127.0.0.1:{taken.getsockname()[1]}", where)


def test_another_version_or_another_thing_is_not_used(tmp_path: Path, where: tuple[Path, Path]) -> None:
    write_side_index(tmp_path / "old", "seg_index", _ROWS, version="24.0.1")
    with pytest.raises(TransferError, match=r"version 24\.0\.1, and 25\.0\.5 is installed"):
        fetch("seg_index", VERSION, Task(), str(tmp_path / "old"), where)
    with pytest.raises(InputError, match="no index file 'segs'"):
        fetch("segs", VERSION, Task(), str(tmp_path), where)


def test_a_damaged_file_is_set_aside_and_fetched_again(made: Path, where: tuple[Path, Path]) -> None:
    where[0].mkdir(parents=True)
    (where[0] / made.name).write_bytes(made.read_bytes()[:100])
    found = {item.name: item for item in status(VERSION, where)}
    assert (found["seg_index"].state, found["ct_index"].state) == ("damaged", "missing")
    fetch("seg_index", VERSION, Task(), str(made.parent), where)
    assert leftovers(where[0]) == ["seg_index.parquet", "seg_index.parquet.damaged"]
    assert {item.name: item.state for item in status(VERSION, where)}["seg_index"] == "here"


def test_a_damaged_file_of_idc_index_is_passed_over(made: Path, where: tuple[Path, Path]) -> None:
    where[1].mkdir(parents=True)
    (where[1] / made.name).write_bytes(b"PAR1")
    assert fetch("seg_index", VERSION, Task(), str(made.parent), where).parent == where[0]
    assert (where[1] / made.name).read_bytes() == b"PAR1"


def test_cancelling_leaves_nothing(made: Path, where: tuple[Path, Path]) -> None:
    task = Task()
    task._on_progress = lambda progress: task.cancel()
    with FileServer(answers(made)) as server, pytest.raises(CancelledError):
        fetch("seg_index", VERSION, task, server.url, where)
    assert leftovers(where[0]) == []


def test_old_versions_and_what_a_killed_process_left_go(made: Path, where: tuple[Path, Path]) -> None:
    own = where[0]
    write_side_index(own.parent / "24.0.1", "seg_index")
    (own.parent / "notes").mkdir(parents=True)
    abandoned = own / ".fetching-dead"
    abandoned.mkdir(parents=True)
    (abandoned / "seg_index.parquet").write_bytes(b"PAR1")
    os.utime(abandoned, (0, 0))
    fetch("seg_index", VERSION, Task(), str(made.parent), where)
    assert sorted(path.name for path in own.parent.iterdir()) == [VERSION, "notes"]
    assert leftovers(own) == ["seg_index.parquet"]


def test_the_release_is_asked_when_the_mirror_has_nothing(made: Path, where: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    with FileServer({f"/release/{VERSION}/{made.name}": (200, {}, made.read_bytes())}) as server:
        monkeypatch.setattr(side_fetch, "MIRROR", server.url + "/mirror/{version}")
        monkeypatch.setattr(side_fetch, "RELEASE", server.url + "/release/{version}")
        assert fetch("seg_index", VERSION, Task(), where=where).is_file()
        with pytest.raises(TransferError, match=r"mirror.*release"):
            fetch("ct_index", VERSION, Task(), where=where)


def test_a_folder_that_cannot_be_written_is_named(made: Path, tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    with pytest.raises(StorageError, match="cannot be written"):
        fetch("seg_index", VERSION, Task(), str(made.parent), (blocked / "indices",))


_FETCH_OFTEN = """
import sys
from pathlib import Path
from IDCBrowserLib.catalog.files.side_fetch import fetch
from IDCBrowserLib.task import Task
for _ in range(5):
    path = fetch("seg_index", sys.argv[1], Task(), sys.argv[2], (Path(sys.argv[3]),))
    path.unlink(missing_ok=True)
"""


def test_two_processes_at_once_do_no_harm(made: Path, where: tuple[Path, Path]) -> None:
    command = [sys.executable, "-c", _FETCH_OFTEN, VERSION, str(made.parent), str(where[0])]
    processes = [subprocess.Popen(command, env={"PYTHONPATH": ":".join(sys.path)}) for _ in range(2)]
    assert [process.wait(60) for process in processes] == [0, 0]
    assert fetch("seg_index", VERSION, Task(), str(made.parent), where).read_bytes() == made.read_bytes()


@pytest.mark.parametrize("name", sorted(SIDE_INDICES))
def test_every_index_of_the_schemas_is_accepted(tmp_path: Path, where: tuple[Path, Path], name: str) -> None:
    write_side_index(tmp_path / "remote", name)
    assert fetch(name, VERSION, Task(), str(tmp_path / "remote"), where).stem == name
