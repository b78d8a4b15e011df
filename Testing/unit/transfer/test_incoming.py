"""The folder where files arrive: what a crash left in it is taken over or cleaned up by its record, and nothing else is."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from IDCBrowserLib.transfer.folders.arriving import arrived_bytes
from IDCBrowserLib.transfer.folders.folder import Folder
from IDCBrowserLib.transfer.folders.incoming import PREFIX, Incoming, abandoned, leftovers, remove_arrived, remove_old_locks
from IDCBrowserLib.transfer.listing import RemoteObject

UUID = "28621ba9-1aca-4aab-a2a1-f6d2c3e2ab19"
NAME = "00000001-0000-4000-8000-000000000000.dcm"


def _crashed(top: Path, sizes: dict[str, int], record: dict[str, int] | None = None) -> Path:
    """A folder that a program left that died, with files of these sizes."""
    folder = top / f"{PREFIX}0123456789ab"
    folder.mkdir(parents=True)
    lines = sizes if record is None else record
    folder.with_name(folder.name + ".lock").write_text("".join(f"{UUID} {size} {name}\n" for name, size in lines.items()))
    for name, size in sizes.items():
        (folder / f"{UUID}_{name}").write_bytes(b"x" * size)
    return folder


def _take_over(top: Path) -> tuple[list[str], list[str]]:
    """What arrives anew, and what was kept, relative to ``top``."""
    incoming = Incoming(top)
    found = incoming.folder.names(), [os.path.relpath(path, top) for path in incoming.kept]
    incoming.close()
    return found


def test_what_arrived_whole_is_taken_over_and_the_rest_of_it_removed(tmp_path: Path) -> None:
    folder = _crashed(tmp_path, {NAME: 10, "half.dcm": 3}, {NAME: 10, "half.dcm": 5, "never.dcm": 7})
    (folder / f"{UUID}_never.dcm123456").write_bytes(b"x" * 7)
    assert _take_over(tmp_path) == ([f"{UUID}_{NAME}"], [])
    assert list(tmp_path.iterdir()) == []


def test_what_the_record_does_not_name_stays_and_is_named(tmp_path: Path) -> None:
    folder = _crashed(tmp_path, {NAME: 10})
    (folder / "mine.dcm").write_bytes(b"mine")
    (folder / f"{UUID}_{NAME}x").write_bytes(b"mine")
    (folder / f"{UUID}_{NAME}77").write_bytes(b"longer than listed")
    assert _take_over(tmp_path) == ([f"{UUID}_{NAME}"], [f"{folder.name}/{name}" for name in (f"{UUID}_{NAME}77", f"{UUID}_{NAME}x", "mine.dcm")])
    assert len(list(folder.iterdir())) == 3


@pytest.mark.parametrize("with_record", [True, False])
def test_links_in_a_left_over_folder_are_not_followed(tmp_path: Path, with_record: bool) -> None:
    theirs, top = tmp_path / "theirs", tmp_path / "top"
    theirs.mkdir()
    for name in (NAME, f"{UUID}_{NAME}"):
        (theirs / name).write_bytes(b"x" * 10)
    folder = _crashed(top, {}, {NAME: 10, "b.dcm": 10} if with_record else {})
    # As the version before this one laid it out, and as this one does.
    (folder / UUID).symlink_to(theirs, target_is_directory=True)
    (folder / f"{UUID}_{NAME}").symlink_to(theirs / NAME)
    arrived, kept = _take_over(top)
    assert arrived == [] and kept == [f"{folder.name}/{UUID}", f"{folder.name}/{UUID}_{NAME}"]
    assert len(list(theirs.iterdir())) == 2 and (folder / UUID).is_symlink()


def test_a_left_over_folder_that_is_a_link_is_not_entered(tmp_path: Path) -> None:
    top = tmp_path / "top"
    folder = _crashed(top, {NAME: 10})
    folder.rename(tmp_path / "theirs")
    folder.symlink_to(tmp_path / "theirs", target_is_directory=True)
    assert _take_over(top) == ([], [])
    assert len(list((tmp_path / "theirs").iterdir())) == 1 and folder.is_symlink()


def test_a_folder_of_that_name_without_a_lock_beside_it_is_not_ours(tmp_path: Path) -> None:
    folder = _crashed(tmp_path, {NAME: 10})
    folder.with_name(folder.name + ".lock").unlink()
    assert _take_over(tmp_path) == ([], [])
    assert len(list(folder.iterdir())) == 1


def test_what_another_program_is_fetching_is_left_alone(tmp_path: Path) -> None:
    other = Incoming(tmp_path)
    other.expect(UUID, [RemoteObject("", NAME, 10, "")])
    (other.path / f"{UUID}_{NAME}").write_bytes(b"x" * 10)
    assert _take_over(tmp_path) == ([], [])
    with Folder.at(tmp_path) as top:
        assert remove_arrived(top, other.name) is None
    assert other.folder.names() == [f"{UUID}_{NAME}"]
    other.close()
    assert list(tmp_path.iterdir()) == []


def test_cleaning_up_removes_what_is_ours_and_names_the_rest(tmp_path: Path) -> None:
    folder = _crashed(tmp_path, {NAME: 10})
    (folder / "mine.txt").write_text("mine")
    with Folder.at(tmp_path) as top:
        assert leftovers(top) == [folder.name]
        arriving = remove_arrived(top, folder.name)
        assert arriving is not None and (arriving.ours, arriving.theirs, arriving.bytes) == ([f"{UUID}_{NAME}"], ["mine.txt"], 10)
        assert [path.name for path in folder.iterdir()] == ["mine.txt"]
        (folder / "mine.txt").unlink()
        assert remove_arrived(top, folder.name) is not None
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "line", ["", "nonsense\n", f"{UUID} ten {NAME}\n", f"{UUID} 10 ../{NAME}\n", f"../x 10 {NAME}\n", f"{UUID} 10 {NAME}", "\xff\n"]
)
def test_lines_of_a_record_that_we_do_not_write_name_nothing(tmp_path: Path, line: str) -> None:
    folder = _crashed(tmp_path, {NAME: 10}, {})
    folder.with_name(folder.name + ".lock").write_text(line, "latin-1")
    with Folder.at(tmp_path) as top, abandoned(top, folder.name) as found:
        assert found is not None and (found[1].ours, found[1].theirs) == ([], [f"{UUID}_{NAME}"])


def test_closing_removes_the_series_of_a_name_and_no_other(tmp_path: Path) -> None:
    incoming = Incoming(tmp_path / "new" / "folder")
    for name in (f"{UUID}_a.dcm", f"{UUID}_a.dcm99", f"{UUID}x_a.dcm"):
        (incoming.path / name).write_bytes(b"x")
    incoming.drop_series(UUID)
    assert incoming.folder.names() == [f"{UUID}x_a.dcm"]
    incoming.close()
    assert list(tmp_path.iterdir()) == []


def test_what_has_arrived_is_counted_as_far_as_it_lies_on_the_disk(tmp_path: Path) -> None:
    (tmp_path / "whole.dcm").write_bytes(b"x" * 10)
    with Folder.at(tmp_path) as folder:
        assert arrived_bytes(folder) == 10
        with (tmp_path / "part.dcm77").open("wb") as file:
            # s5cmd takes the whole length at once.
            file.truncate(10_000_000)
        if os.name != "nt":
            assert 10 < arrived_bytes(folder) < 1_000_000
        (tmp_path / "part.dcm77").unlink()
        (tmp_path / "whole.dcm").unlink()
        assert arrived_bytes(folder) == 0


@pytest.mark.parametrize(("age_s", "with_folder", "stays"), [(3_500, False, True), (3_700, False, False), (3_700, True, True)])
def test_a_lock_goes_when_it_is_old_and_its_folder_is_gone(tmp_path: Path, age_s: float, with_folder: bool, stays: bool) -> None:
    lock = tmp_path / f"{PREFIX}0123456789ab.lock"
    lock.touch()
    os.utime(lock, (lock.stat().st_mtime - age_s,) * 2)
    other = tmp_path / "notes.lock"
    other.touch()
    os.utime(other, (0, 0))
    if with_folder:
        lock.with_suffix("").mkdir()
    with Folder.at(tmp_path) as top:
        remove_old_locks(top)
    assert lock.exists() is stays and other.exists()
