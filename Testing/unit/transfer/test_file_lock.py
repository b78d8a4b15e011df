"""One program at a time, and asking who has it does not get in the way."""

import threading
from pathlib import Path

import pytest

from IDCBrowserLib.file_lock import is_locked, lock_file


def test_a_second_one_does_not_get_the_lock(tmp_path: Path) -> None:
    with (tmp_path / "lock").open("ab") as first, (tmp_path / "lock").open("ab") as second:
        lock_file(first)
        with pytest.raises(OSError):
            lock_file(second)


def test_asking_tells_and_many_may_ask_at_once(tmp_path: Path) -> None:
    with (tmp_path / "lock").open("a+b") as holder, (tmp_path / "lock").open("r+b") as one, (tmp_path / "lock").open("r+b") as other:
        assert not is_locked(one)
        assert not is_locked(other)
        one.close()
        other.close()
        lock_file(holder)
        with (tmp_path / "lock").open("r+b") as late:
            assert is_locked(late)


def test_somebody_who_only_asks_does_not_keep_the_lock_from_a_program(tmp_path: Path) -> None:
    asking = (tmp_path / "lock").open("a+b")
    assert not is_locked(asking)
    threading.Timer(0.1, asking.close).start()
    with (tmp_path / "lock").open("ab") as program:
        lock_file(program, 10.0)
