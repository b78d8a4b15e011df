"""Files that appear whole or not at all."""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from IDCBrowserLib.errors import StorageError
from IDCBrowserLib.whole_file import FOR_NOBODY_ELSE, FOR_OTHERS, free_name, whole_binary_file, whole_bytes, whole_file, write_whole


@pytest.mark.skipif(os.name == "nt", reason="no such rights on Windows")
@pytest.mark.parametrize(("mask", "rights"), [(0o022, 0o644), (0o077, 0o600), (0o002, 0o664)])
def test_a_file_for_others_has_the_rights_of_the_users_other_files(tmp_path: Path, mask: int, rights: int) -> None:
    before = os.umask(mask)
    try:
        write_whole(tmp_path / "manifest.s5cmd", "x")
        write_whole(tmp_path / "private", "x", FOR_NOBODY_ELSE)
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "manifest.s5cmd").stat().st_mode) == rights
    assert stat.S_IMODE((tmp_path / "private").stat().st_mode) == 0o600


@pytest.mark.skipif(os.name == "nt", reason="no such rights on Windows")
@pytest.mark.parametrize(("before", "mode", "after"), [(0o600, FOR_OTHERS, 0o600), (0o664, FOR_OTHERS, 0o664), (0o644, FOR_NOBODY_ELSE, 0o600)])
def test_a_file_that_is_replaced_keeps_its_rights_unless_nobody_else_may_have_it(tmp_path: Path, before: int, mode: int, after: int) -> None:
    path = tmp_path / "a.csv"
    path.write_text("old")
    path.chmod(before)
    write_whole(path, "new", mode)
    assert (path.read_text(), stat.S_IMODE(path.stat().st_mode)) == ("new", after)


@pytest.mark.skipif(os.name == "nt" or os.geteuid() != 0, reason="only root can give files to others")
def test_a_file_of_somebody_stays_theirs_when_root_replaces_it(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("old")
    os.chown(path, 54321, 54322)
    path.chmod(0o640)
    write_whole(path, "new")
    status = path.stat()
    assert (path.read_text(), status.st_uid, status.st_gid, stat.S_IMODE(status.st_mode)) == ("new", 54321, 54322, 0o640)


def test_when_it_fails_the_old_file_stays_and_nothing_is_left(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("old")
    with pytest.raises(RuntimeError), whole_file(path) as file:
        file.write("half")
        raise RuntimeError
    assert path.read_text() == "old" and list(tmp_path.iterdir()) == [path]


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match=r"a\.csv cannot be written .*choose another folder"):
        write_whole(tmp_path / "none" / "a.csv", "x")


def test_the_name_of_somebody_elses_file_is_not_taken(tmp_path: Path) -> None:
    assert free_name(tmp_path / "a.pdf") == tmp_path / "a.pdf"
    (tmp_path / "a.pdf").symlink_to(tmp_path / "nowhere")
    assert free_name(tmp_path / "a.pdf") == tmp_path / "a-2.pdf"


@pytest.mark.parametrize("name", ["", "a\0b"])
def test_what_is_no_name_of_a_file_is_a_sentence(name: str) -> None:
    with pytest.raises(StorageError, match="is not a name for a file"):
        write_whole(Path(name), "text")


def test_bytes_are_written_under_a_name_that_cannot_be_foreseen(tmp_path: Path) -> None:
    letter = tmp_path / "letter"
    letter.write_text("mine")
    (tmp_path / f".x.nrrd.{os.getpid()}.part").symlink_to(letter)
    with whole_binary_file(tmp_path / "x.nrrd") as file:
        file.write(b"voxels")
    assert (letter.read_text(), (tmp_path / "x.nrrd").read_bytes()) == ("mine", b"voxels")


@pytest.mark.skipif(os.name == "nt", reason="there are no pipes with names")
def test_pipes_and_devices_are_not_replaced_by_files(tmp_path: Path) -> None:
    """Who may do everything would lose a device of the machine."""
    pipe, link = tmp_path / "pipe.csv", tmp_path / "link.csv"
    os.mkfifo(pipe)
    link.symlink_to("/dev/null")
    for path in (pipe, link):
        for write in (lambda path: write_whole(path, "x"), lambda path: whole_bytes(path, [b"x"])):
            with pytest.raises(StorageError, match="is a pipe, a device or a socket"):
                write(path)
    assert stat.S_ISFIFO(os.lstat(pipe).st_mode) and link.is_symlink() and len(list(tmp_path.iterdir())) == 2


@contextmanager
def without_rights_of_root() -> Iterator[None]:
    """Root may write whatever it is: it is somebody else meanwhile. Others stay who they are."""
    if os.geteuid():
        yield
        return
    os.setresuid(54321, 54321, 0)
    try:
        yield
    finally:
        os.setresuid(0, 0, 0)


@pytest.mark.skipif(os.name == "nt", reason="no such rights on Windows")
def test_a_write_protected_file_is_not_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    protected = tmp_path / "mine.csv"
    protected.write_text("mine")
    protected.chmod(0o444)
    # Its folder takes files of anybody, and the folders above need not be passed.
    tmp_path.chmod(0o777)
    monkeypatch.chdir(tmp_path)
    with without_rights_of_root():
        with pytest.raises(StorageError, match=r"^mine\.csv is write-protected and is not replaced"):
            write_whole(Path("mine.csv"), "other")
        write_whole(Path("new.csv"), "other")
    assert protected.read_text() == "mine" and {path.name for path in tmp_path.iterdir()} == {"mine.csv", "new.csv"}
