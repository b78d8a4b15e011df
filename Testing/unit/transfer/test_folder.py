"""Folders that are held: links lead nowhere, whatever becomes of the path meanwhile. With handles, and the way of Windows."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from IDCBrowserLib.errors import StorageError
from IDCBrowserLib.transfer.folders.folder import HAS_HANDLES, Folder, LinkError, NotAFileError, is_file, is_folder, is_link

Open = Callable[[Path], Folder]


@pytest.fixture(params=[True, False], ids=["handles", "paths"])
def held(request: pytest.FixtureRequest) -> Open:
    if request.param and not HAS_HANDLES:
        pytest.skip("this system opens nothing relative to a folder")
    return lambda path: Folder.at(path, request.param)


@pytest.fixture
def top(tmp_path: Path) -> Path:
    """A folder with a/b/file.dcm, and a folder of somebody else beside it."""
    folder = tmp_path / "top" / "a" / "b"
    folder.mkdir(parents=True)
    (folder / "file.dcm").write_bytes(b"ours")
    (tmp_path / "theirs" / "b").mkdir(parents=True)
    (tmp_path / "theirs" / "b" / "file.dcm").write_bytes(b"somebody's")
    return tmp_path / "top"


def test_files_below_are_read_made_moved_and_removed(held: Open, top: Path) -> None:
    made: list[str] = []
    with held(top) as folder, folder.below("a/b") as before, folder.make_below("c/d", made) as after:
        assert before.names() == ["file.dcm"] and before.has("file.dcm") and not before.has("other")
        with before.read("file.dcm") as file:
            assert file.read() == b"ours"
        with after.create("new.dcm") as file:
            file.write(b"1")
        before.move("file.dcm", after, "moved.dcm")
        after.replace("new.dcm", after, "moved.dcm")
        assert after.names() == ["moved.dcm"]
        after.remove("moved.dcm")
    assert made == [str(top / "c"), str(top / "c" / "d")]
    with held(top) as folder, folder.below("c") as inner:
        assert inner.remove_folder("d") and inner.remove_folder("d") and not folder.remove_folder("a")
    assert sorted(path.name for path in top.iterdir()) == ["a", "c"]


@pytest.mark.parametrize(
    ("mode", "tag", "kind"),
    [
        (stat.S_IFDIR, 0, "folder"),
        (stat.S_IFREG, 0, "file"),
        (stat.S_IFLNK, 0, "link"),
        (stat.S_IFIFO, 0, "none"),
        # As Windows has them: a link, a mount point, and a file that is kept online.
        (stat.S_IFDIR, 0xA000000C, "link"),
        (stat.S_IFREG, 0xA000000C, "link"),
        (stat.S_IFDIR, 0xA0000003, "link"),
        (stat.S_IFREG, 0x9000601A, "file"),
    ],
)
def test_links_of_every_system_are_told_from_files_and_folders(mode: int, tag: int, kind: str) -> None:
    status: os.stat_result = SimpleNamespace(st_mode=mode, st_reparse_tag=tag)  # type: ignore[assignment]
    assert [is_folder(status), is_file(status), is_link(status)] == [kind == name for name in ("folder", "file", "link")]


@pytest.mark.parametrize("where", ["a", "a/b"])
def test_a_link_between_is_named_and_not_followed(held: Open, top: Path, where: str) -> None:
    (top / where).rename(top.parent / "away")
    (top / where).symlink_to(top.parent / "theirs", target_is_directory=True)
    with held(top) as folder:
        with pytest.raises(LinkError, match="is a link, and links are not followed"):
            folder.below("a/b")
        with pytest.raises(StorageError, match="is a link"):
            folder.make_below("a/b/c", [])
    assert sorted(path.name for path in (top.parent / "theirs").rglob("*")) == ["b", "file.dcm"]


def test_a_link_that_appears_in_the_middle_is_not_followed(held: Open, top: Path) -> None:
    with held(top) as folder, folder.below("a/b") as inner:
        (top / "a").rename(top.parent / "away")
        (top / "a").symlink_to(top.parent / "theirs", target_is_directory=True)
        try:
            # With handles it is still the folder that was opened; without them the link is seen.
            inner.remove("file.dcm")
        except LinkError:
            assert (top.parent / "away" / "b" / "file.dcm").exists()
        else:
            assert not (top.parent / "away" / "b" / "file.dcm").exists()
    assert (top.parent / "theirs" / "b" / "file.dcm").read_bytes() == b"somebody's"


def test_a_link_is_no_file_to_read_and_is_removed_itself(held: Open, top: Path) -> None:
    theirs = top.parent / "theirs" / "b" / "file.dcm"
    (top / "link").symlink_to(theirs)
    with held(top) as folder:
        for way in (folder.read, folder.change):
            with pytest.raises(NotAFileError):
                way("link")
        with pytest.raises(FileExistsError):
            folder.create("link")
        folder.remove("link")
    assert theirs.exists() and not (top / "link").is_symlink()


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes with names here")
def test_a_pipe_is_no_file_and_nobody_waits_for_it(held: Open, top: Path) -> None:
    os.mkfifo(top / "pipe")
    with held(top) as folder, pytest.raises(NotAFileError):
        folder.read("pipe")


def test_nothing_is_moved_over_what_is_there_and_only_a_file_is_replaced(held: Open, top: Path) -> None:
    (top / "there.dcm").write_bytes(b"somebody's")
    (top / "link.dcm").symlink_to(top / "nowhere")
    with held(top) as folder, folder.below("a/b") as inner:
        for name in ("there.dcm", "link.dcm", "a"):
            with pytest.raises(FileExistsError):
                inner.move("file.dcm", folder, name)
        for name in ("link.dcm", "a"):
            with pytest.raises(NotAFileError):
                inner.replace("file.dcm", folder, name)
        inner.replace("file.dcm", folder, "there.dcm")
    assert (top / "there.dcm").read_bytes() == b"ours"


def test_a_disk_without_second_names_of_files_moves_them_as_well(held: Open, top: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_arguments: object, **_options: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)
    (top / "there.dcm").write_bytes(b"somebody's")
    with held(top) as folder, folder.below("a/b") as inner:
        with pytest.raises(FileExistsError):
            inner.move("file.dcm", folder, "there.dcm")
        inner.move("file.dcm", folder, "here.dcm")
    assert (top / "here.dcm").read_bytes() == b"ours" and (top / "there.dcm").read_bytes() == b"somebody's"


@pytest.mark.parametrize("relative", ["..", "a/../..", "a//b", ".", ""])
def test_only_folders_below_can_be_named(held: Open, top: Path, relative: str) -> None:
    with held(top) as folder, pytest.raises(LinkError, match="not a folder below"):
        folder.below(relative)


def test_a_link_to_the_top_is_the_way_the_user_named_it(held: Open, top: Path, tmp_path: Path) -> None:
    (tmp_path / "named").symlink_to(top, target_is_directory=True)
    with held(tmp_path / "named") as folder:
        assert folder.path == str(top) and folder.names() == ["a"]


def test_a_file_in_the_place_of_a_folder_is_named(held: Open, top: Path) -> None:
    with held(top) as folder, pytest.raises(LinkError, match=r"file\.dcm is a file where a folder is needed"):
        folder.below("a/b/file.dcm")
