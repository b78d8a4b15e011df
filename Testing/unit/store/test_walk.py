"""Walking through folders that change, cannot be read, or lead elsewhere."""

import os
from pathlib import Path
from typing import Any

import pytest

from IDCBrowserLib.errors import CancelledError
from IDCBrowserLib.store.walk import Walker, tree_size
from IDCBrowserLib.task import Task


@pytest.fixture
def top(tmp_path: Path) -> Path:
    for name in ("a/1.dcm", "a/2.dcm", "a/notes.txt", "b/c/3.dcm"):
        path = tmp_path / "top" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"1234")
    return tmp_path / "top"


def test_files_and_bytes_are_counted_per_folder(top: Path) -> None:
    found = {os.path.relpath(item.path, top): (item.files, item.bytes, item.others) for item in Walker().walk(str(top), Task())}
    assert found == {".": (0, 0, 0), "a": (2, 8, 1), "b": (0, 0, 0), "b/c": (1, 4, 0)}
    assert tree_size(str(top), Task()) == (4, 16) and tree_size(str(top), Task(), (str(top / "a"),)) == (1, 4)


def test_links_are_not_followed_and_counted_as_what_they_are(top: Path) -> None:
    (top / "b" / "link").symlink_to(top / "a")
    (top / "b" / "link.dcm").symlink_to(top / "a" / "1.dcm")
    found = {os.path.relpath(item.path, top): (item.files, item.others) for item in Walker().walk(str(top), Task())}
    assert found["b"] == (0, 2) and "b/link" not in found


def test_a_folder_that_cannot_be_read_is_named_with_its_reason(top: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.scandir

    def scan(path: Any) -> Any:
        if str(path).endswith("c"):
            raise PermissionError(13, "Permission denied", path)
        return real(path)

    monkeypatch.setattr(os, "scandir", scan)
    assert [item.error for item in Walker().walk(str(top), Task())] == ["", "", "", "Permission denied"]


def test_a_second_walk_looks_only_into_folders_that_changed(top: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    walker, looked = Walker(), []
    list(walker.walk(str(top), Task()))
    real = os.scandir
    monkeypatch.setattr(os, "scandir", lambda path: looked.append(str(path)) or real(path))
    (top / "a" / "1.dcm").unlink()
    os.utime(top / "a", ns=(1, 1))
    assert sum(item.files for item in walker.walk(str(top), Task())) == 2
    assert looked == [str(top / "a")]
    walker.forget()
    list(walker.walk(str(top), Task()))
    assert len(looked) == 5


def test_a_walk_can_be_canceled(top: Path) -> None:
    task = Task()
    walk = Walker().walk(str(top), task)
    next(walk)
    task.cancel()
    with pytest.raises(CancelledError):
        next(walk)
