"""Noticing that nothing arrives, on a clock of the test's own."""

from pathlib import Path

import pytest

from IDCBrowserLib.transfer.folders.folder import Folder
from IDCBrowserLib.transfer.watchdog import Watchdog


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_half_a_minute_without_a_byte_is_a_stall(tmp_path: Path) -> None:
    clock = Clock()
    dog = Watchdog(30.0, clock)
    folder = Folder.at(tmp_path)
    (tmp_path / "a.dcm123").write_bytes(b"x" * 10_000)
    seen = []
    for second in range(1, 32):
        clock.now = 100.0 + second
        seen.append(dog.stalled(folder))
    assert seen.index(True) == 29
    assert seen.count(True) == 1


def test_a_slow_small_file_that_still_grows_is_none(tmp_path: Path) -> None:
    clock = Clock()
    dog = Watchdog(30.0, clock)
    folder, file = Folder.at(tmp_path), tmp_path / "a.dcm123"
    for second in range(200):
        clock.now = 100.0 + second
        if second % 10 == 0:
            with file.open("ab") as stream:
                stream.write(b"x" * 5000)
        assert not dog.stalled(folder)


def test_a_sign_begins_the_wait_anew_and_a_vanished_folder_is_no_error(tmp_path: Path) -> None:
    clock = Clock()
    dog = Watchdog(30.0, clock)
    (tmp_path / "gone").mkdir()
    folder = Folder.at(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    for second in (20, 40, 60):
        clock.now = 100.0 + second
        assert not dog.stalled(folder)
        dog.sign()
    clock.now = 176.0
    assert not dog.stalled(folder)
    clock.now = 190.0
    assert dog.stalled(folder)


def test_a_connection_that_drips_a_byte_a_second_is_a_stall(tmp_path: Path) -> None:
    clock = Clock()
    dog = Watchdog(30.0, clock)
    folder, file = Folder.at(tmp_path), tmp_path / "a.dcm123"
    seen = []
    for second in range(61):
        clock.now = 100.0 + second
        with file.open("ab") as stream:
            stream.write(b"x")
        seen.append(dog.stalled(folder))
    assert seen.count(True) == 2


@pytest.mark.parametrize("sign", [1, -1], ids=["more", "less"])
@pytest.mark.parametrize(("size", "stalls"), [(2899, True), (2900, False)])
def test_a_hundred_bytes_a_second_are_enough_also_where_files_go(size: int, stalls: bool, sign: int, tmp_path: Path) -> None:
    """Files that are whole are taken away to be compared."""
    clock = Clock()
    dog, folder, file = Watchdog(30.0, clock), Folder.at(tmp_path), tmp_path / "a.dcm123"
    file.write_bytes(bytes(2900))
    clock.now = 115.0
    assert not dog.stalled(folder)
    file.write_bytes(bytes(2900 + sign * size))
    clock.now = 129.0
    assert not dog.stalled(folder)
    clock.now = 130.0
    assert dog.stalled(folder) is stalls


def test_what_lay_there_after_half_of_the_time_did_not_come_since(tmp_path: Path) -> None:
    clock = Clock()
    dog, folder = Watchdog(30.0, clock), Folder.at(tmp_path)
    clock.now = 114.9
    assert not dog.stalled(folder)
    (tmp_path / "a.dcm123").write_bytes(bytes(2000))
    seen = []
    for now in (115.0, 116.0, 130.0):
        clock.now = now
        seen.append(dog.stalled(folder))
    assert seen == [False, False, True]
