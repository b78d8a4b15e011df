"""How an engine ends, asked or killed: nothing of it goes on, and nothing of it stays in the folder for temporary files."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from helpers.made_review import made_list

from IDCBrowserLib import paths
from IDCBrowserLib.engine.exchange import ExchangeFolder, remove_abandoned
from IDCBrowserLib.engine.popen import child_command
from IDCBrowserLib.review.review_file import ReviewFile
from IDCBrowserLib.selection.cart import Cart


@pytest.fixture(autouse=True)
def own_temporary_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    return tmp_path


def _started() -> subprocess.Popen[bytes]:
    process = subprocess.Popen(child_command({}, sys.executable), stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert "hello" in json.loads(process.stdout.readline())
    return process


def _end(process: subprocess.Popen[bytes]) -> int:
    process.communicate(timeout=60)
    return process.returncode


@pytest.mark.skipif(os.name == "nt", reason="there are no signals to send")
@pytest.mark.parametrize("number", ["SIGTERM", "SIGINT", ""])
def test_an_engine_that_is_asked_to_end_leaves_nothing(number: str, tmp_path: Path) -> None:
    process = _started()
    assert len(list(tmp_path.iterdir())) == 1
    if number:
        process.send_signal(getattr(signal, number))
    assert _end(process) == 0
    assert list(tmp_path.iterdir()) == []


def test_what_a_reader_said_just_before_is_in_the_list(tmp_path: Path) -> None:
    file = made_list(tmp_path / "list.idcreview")
    reader, entries = {"reader": "A"}, range(10)
    requests: list[tuple[str, object]] = [("review.open", {"file": str(file)}), ("review.begin", reader)]
    requests += [("review.answer", {**reader, "entry": entry, "segment": "", "question": "image", "value": 3}) for entry in entries]
    process = _started()
    lines = [json.dumps({"id": number, "method": method, "params": params}) + "\n" for number, (method, params) in enumerate(requests)]
    process.communicate("".join(lines).encode(), timeout=60)
    with contextlib.closing(ReviewFile(file)) as review:
        assert [one.item for one in review.answers("A")] == list(entries)


def test_what_was_put_into_the_cart_just_before_is_in_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IDC_BROWSER_HOME", str(tmp_path / "home"))
    selections = [{"level": "series", "ids": [f"1.2.{number}"]} for number in range(10)]
    requests: list[tuple[str, object]] = [("cart.add", {"selections": [selection]}) for selection in selections]
    process = _started()
    lines = [json.dumps({"id": number, "method": method, "params": params}) + "\n" for number, (method, params) in enumerate(requests)]
    process.communicate("".join(lines).encode(), timeout=60)
    assert [one for part in Cart(paths.data_folder() / "cart.json").state.parts for one in part.ids] == [f"1.2.{number}" for number in range(10)]


def test_what_a_killed_engine_left_is_removed_by_the_next(tmp_path: Path) -> None:
    killed = _started()
    (left,) = tmp_path.iterdir()
    (left / "7.raw").write_bytes(b"voxels")
    killed.kill()
    _end(killed)
    assert left.is_dir()
    following = _started()
    assert not left.exists()
    _end(following)
    assert list(tmp_path.iterdir()) == []


def test_only_what_an_engine_writes_is_removed(tmp_path: Path) -> None:
    theirs = tmp_path / "theirs"
    theirs.mkdir()
    (theirs / "1.raw").write_bytes(b"mine")
    for name in ("idc-browser-without-lock", "idc-browser-mine"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "1.raw").write_bytes(b"x")
    (tmp_path / "idc-browser-link").symlink_to(theirs, target_is_directory=True)
    (theirs / ".lock").touch()
    mine = tmp_path / "idc-browser-mine"
    (mine / ".lock").touch()
    (mine / "notes.txt").write_text("mine")
    (mine / "2.raw").symlink_to(theirs / "1.raw")
    remove_abandoned(tmp_path)
    assert sorted(path.name for path in mine.iterdir()) == [".lock", "2.raw", "notes.txt"]
    assert (theirs / "1.raw").exists() and (tmp_path / "idc-browser-without-lock" / "1.raw").exists()


def test_the_folder_of_an_engine_at_work_is_left_alone(tmp_path: Path) -> None:
    folder = ExchangeFolder()
    (folder.path / "1.raw").write_bytes(b"voxels")
    remove_abandoned(tmp_path)
    assert (folder.path / "1.raw").exists()
    folder.close()
    assert list(tmp_path.iterdir()) == []
