"""Folders that are held: links lead nowhere, whatever becomes of the path meanwhile. With handles, and the way of Windows."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from IDCBrowserLib.errors import StorageError
from IDCBrowserLib.transfer.folders.folder import HAS_HANDLES, Folder, LinkError, NotAFileError, is_file, is_folder, is_link
from IDCBrowserLib.transfer.folders.folder import held as held_while

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


@pytest.mark.parametrize("handles", [True, False])
def test_a_link_that_appears_in_the_middle_is_not_followed(handles: bool, top: Path) -> None:
    """With handles it is still the folder that was opened; without them the link is seen."""
    if handles and not HAS_HANDLES:
        pytest.skip("this system opens nothing relative to a folder")
    with Folder.at(top, handles) as folder, folder.below("a/b") as inner, folder.make_below("c", []) as other:
        with other.create("new.dcm"), other.create("newer.dcm"):
            pass
        (top / "a").rename(top.parent / "away")
        (top / "a").symlink_to(top.parent / "theirs", target_is_directory=True)
        steps: list[Callable[[], object]] = [
            inner.names,
            lambda: inner.status("file.dcm"),
            lambda: inner.has("file.dcm"),
            lambda: inner.read("file.dcm").close(),
            lambda: inner.change("file.dcm").close(),
            lambda: inner.make_folder("deep"),
            lambda: inner.folder("deep").close(),
            lambda: inner.below("deep").close(),
            lambda: other.replace("new.dcm", inner, "new.dcm"),
            lambda: other.move("newer.dcm", inner, "newer.dcm"),
            lambda: inner.replace("new.dcm", other, "back.dcm"),
            lambda: inner.move("newer.dcm", other, "further-back.dcm"),
            lambda: inner.remove("file.dcm"),
        ]
        for step in steps:
            if handles:
                step()
            else:
                with pytest.raises(LinkError, match="is a link"):
                    step()
        assert inner.remove_folder("deep") is handles
    assert [path.name for path in (top.parent / "away" / "b").iterdir()] == ([] if handles else ["file.dcm"])
    assert [path.name for path in (top.parent / "theirs").rglob("*")] == ["b", "file.dcm"]
    assert (top.parent / "theirs" / "b" / "file.dcm").read_bytes() == b"somebody's"


@pytest.mark.skipif(not HAS_HANDLES, reason="this system opens nothing relative to a folder")
def test_of_the_two_folders_of_a_move_each_may_be_held_in_its_own_way(top: Path) -> None:
    for number, ways in enumerate([(True, False), (False, True)]):
        (top / "c").mkdir()
        with Folder.at(top / "a" / "b", ways[0]) as one, Folder.at(top / "c", ways[1]) as other:
            one.move("file.dcm", other, "moved.dcm")
            with pytest.raises(FileExistsError):
                other.move("moved.dcm", other, "moved.dcm")
            other.replace("moved.dcm", one, "file.dcm")
            assert (one.names(), other.names()) == (["file.dcm"], []), number
        (top / "c").rmdir()


class Unaware(Folder):
    """Others put something there at the very moment at which it was looked whether it is there."""

    def has(self, name: str) -> bool:
        return False


@pytest.mark.skipif(not HAS_HANDLES, reason="this system opens nothing relative to a folder")
def test_what_appears_at_this_moment_is_not_overwritten_either(top: Path) -> None:
    (top / "there.dcm").write_bytes(b"somebody's")
    with Unaware.at(top) as folder, folder.below("a/b") as inner:
        assert isinstance(folder, Unaware)
        with pytest.raises(FileExistsError):
            inner.move("file.dcm", folder, "there.dcm")
    assert (top / "there.dcm").read_bytes() == b"somebody's"


def test_a_link_that_is_moved_stays_a_link(held: Open, top: Path) -> None:
    (top / "link.dcm").symlink_to(top.parent / "theirs" / "b" / "file.dcm")
    with held(top) as folder, folder.below("a/b") as inner:
        folder.move("link.dcm", inner, "moved.dcm")
    assert (top / "a" / "b" / "moved.dcm").is_symlink() and not (top / "link.dcm").is_symlink()


@pytest.mark.skipif(os.name == "nt", reason="there are no such permissions")
def test_what_is_made_has_the_permissions_that_the_user_wants(held: Open, top: Path) -> None:
    mask = os.umask(0o002)
    try:
        with held(top) as folder:
            folder.create("new.dcm").close()
            assert folder.make_folder("new") and folder.make_folder("private", 0o700)
    finally:
        os.umask(mask)
    assert [(top / name).stat().st_mode & 0o7777 for name in ("new.dcm", "new", "private")] == [0o664, 0o775, 0o700]


@pytest.mark.skipif(not HAS_HANDLES, reason="this system opens nothing relative to a folder")
def test_a_folder_that_is_let_go_of_is_used_no_more_and_what_was_opened_in_it_is(top: Path) -> None:
    folder = Folder.at(top)
    inner = folder.folder("a")
    folder.close()
    for way in (folder.names, lambda: folder.has("a"), lambda: folder.folder("a"), lambda: folder.make_folder("b")):
        with pytest.raises(OSError, match="Bad file descriptor"):
            way()
    assert inner.names() == ["b"]
    inner.close()


def test_the_errors_of_files_name_their_paths(held: Open, top: Path) -> None:
    (top / "link").symlink_to(top)
    with held(top) as folder:
        for way in (folder.read, folder.change):
            for name, number in (("a", errno.EISDIR), ("link", errno.ELOOP)):
                with pytest.raises(NotAFileError) as of_kind:
                    way(name)
                assert (of_kind.value.errno, of_kind.value.filename) == (number, str(top / name))
            with pytest.raises(FileNotFoundError) as caught:
                way("none.dcm")
            assert caught.value.filename == str(top / "none.dcm")
        with pytest.raises(FileNotFoundError) as caught:
            folder.below("none")
        assert caught.value.filename == str(top / "none")
        assert folder.remove_folder("none") and not folder.remove_folder("link") and not folder.remove_folder("a")


def test_a_folder_that_cannot_be_entered_or_is_a_link_is_held_as_none(held: Open, top: Path) -> None:
    (top / "link").symlink_to(top / "a", target_is_directory=True)
    with held(top) as folder:
        for name in ("none", "link", "..", "a/b/file.dcm"):
            with held_while(folder, name) as inner:
                assert inner is None
        with held_while(folder, "a/b") as inner:
            assert inner is not None and inner.names() == ["file.dcm"]


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
