"""The folder where files arrive: what a crash left in it is taken over or cleaned up by its record, and nothing else is."""

from __future__ import annotations

import os
from pathlib import Path
from types import SimpleNamespace

import pytest

from IDCBrowserLib.file_lock import lock_file
from IDCBrowserLib.transfer.folders import incoming as module
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


@pytest.mark.parametrize(
    ("is_used", "age_s", "stays"),
    [(True, 3_700.0, True), (False, 3_600.5, False), (False, 3_599.5, True), (False, -3_600.5, False), (False, -3_599.5, True)],
)
def test_an_old_lock_stays_while_a_program_has_it_and_a_clock_that_went_back_keeps_none(
    tmp_path: Path, is_used: bool, age_s: float, stays: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock = tmp_path / f"{PREFIX}0123456789ab.lock"
    lock.touch()
    os.utime(lock, (100_000.0, 100_000.0))
    monkeypatch.setattr(module, "time", SimpleNamespace(time=lambda: 100_000.0 + age_s))
    with lock.open("r+b") as used, Folder.at(tmp_path) as top:
        if is_used:
            lock_file(used)
        remove_old_locks(top)
    assert lock.exists() is stays


def test_what_others_left_is_taken_over_only_where_that_is_wanted(tmp_path: Path) -> None:
    folder = _crashed(tmp_path, {NAME: 10})
    incoming = Incoming(tmp_path, takes_over=False)
    assert incoming.folder.names() == [] and incoming.kept == []
    incoming.close()
    assert len(list(folder.iterdir())) == 1


def test_what_cannot_be_taken_over_stays_for_the_next_one(tmp_path: Path) -> None:
    folder = _crashed(tmp_path, {NAME: 10})
    lock = folder.with_name(folder.name + ".lock")
    lock.unlink()
    lock.mkdir()
    assert _take_over(tmp_path) == ([], [])
    assert len(list(folder.iterdir())) == 1 and lock.is_dir()


@pytest.mark.skipif(os.name == "nt", reason="there are no such permissions")
def test_what_arrives_is_for_its_owner_until_it_is_in_place_and_its_lock_is_inherited(tmp_path: Path) -> None:
    incoming = Incoming(tmp_path / "a" / "b")
    assert incoming.path.stat().st_mode & 0o777 == 0o700 and incoming.made == [tmp_path / "a" / "b", tmp_path / "a"]
    [handle] = incoming.inherited
    assert os.fstat(handle).st_ino == (tmp_path / "a" / "b" / f"{incoming.name}.lock").stat().st_ino
    (tmp_path / "a" / "mine.txt").touch()
    incoming.close()
    assert [path.name for path in (tmp_path / "a").iterdir()] == ["mine.txt"]


def test_what_is_taken_over_is_written_down_anew_before_the_next_crash(tmp_path: Path) -> None:
    _crashed(tmp_path, {NAME: 10})
    incoming = Incoming(tmp_path)
    assert (tmp_path / f"{incoming.name}.lock").read_text() == f"{UUID} 10 {NAME}\n"
    assert incoming.arrived_bytes() == 10
    incoming.close()


class Sparse:
    """A folder of files of these sizes, with so many blocks of 512 bytes on the disk, or none that the system tells."""

    def __init__(self, *files: tuple[int, int | None]) -> None:
        self._files = files

    def names(self) -> list[str]:
        return [str(number) for number in range(len(self._files))]

    def status(self, name: str) -> SimpleNamespace:
        size, blocks = self._files[int(name)]
        if size < 0:
            raise FileNotFoundError(name)
        return SimpleNamespace(st_size=size, **({} if blocks is None else {"st_blocks": blocks}))


@pytest.mark.parametrize(
    ("files", "arrived"),
    [
        ([(10_000_000, 0)], 4096),
        ([(4097, 0), (4096, 0), (10, 0)], 4096 + 4096 + 10),
        ([(10_000_000, 1000)], 512_000 + 4096),
        ([(5000, 8), (5000, None), (-1, 0), (1, 8)], 5000 + 5000 + 1),
    ],
)
def test_of_a_file_that_is_being_filled_the_blocks_on_the_disk_have_arrived(files: list[tuple[int, int | None]], arrived: int) -> None:
    folder: Folder = Sparse(*files)  # type: ignore[assignment]
    assert arrived_bytes(folder) == arrived


def test_parts_are_told_by_the_digits_behind_a_name_that_may_end_with_digits_itself(tmp_path: Path) -> None:
    folder = _crashed(tmp_path, {"a1": 5, "a12": 3}, {"a1": 5, "a": 9})
    for name, size in ((f"{UUID}_a7", 9), (f"{UUID}_a8", 10), (f"{UUID}_a1x", 1), (f"{UUID}_b1", 1)):
        (folder / name).write_bytes(bytes(size))
    with Folder.at(tmp_path) as top, abandoned(top, folder.name) as found:
        assert found is not None
        assert (found[1].whole, found[1].parts) == ({(UUID, ("a1", 5)): f"{UUID}_a1"}, [f"{UUID}_a12", f"{UUID}_a7"])
        assert found[1].theirs == [f"{UUID}_a1x", f"{UUID}_a8", f"{UUID}_b1"] and found[1].bytes == 5 + 3 + 9
