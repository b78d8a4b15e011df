"""What the engine does ahead it does while nobody waits, and no longer than it lives."""

from __future__ import annotations

import sys
import threading

import pytest

from IDCBrowserLib.engine import idle_work
from IDCBrowserLib.engine.idle_work import do_while_idle, imports
from IDCBrowserLib.engine.state import EngineState


class Ends(threading.Event):
    """Whose waiting takes no time, and comes to an end after so many times."""

    def __init__(self, times):
        super().__init__()
        self.waits, self._times = [], times

    def wait(self, timeout=None):
        self.waits.append(timeout)
        return len(self.waits) > self._times


def test_one_piece_follows_the_other_once_nobody_waits_for_an_answer():
    done, busy = [], [True, True, False]
    ends = Ends(100)
    do_while_idle([lambda: done.append(1), lambda: done.append(2)], lambda: not (busy and busy.pop(0)), ends, 2.0)
    assert done == [1, 2]
    assert ends.waits[-2:] == [2.0, 0.1], "a long rest, then short ones"
    assert len(ends.waits) == 4, "while somebody waits, no rest counts"


def test_an_engine_that_ends_or_is_busy_does_nothing_ahead():
    done = []
    do_while_idle([lambda: done.append(1)], lambda: True, Ends(0))
    do_while_idle([lambda: done.append(1)], lambda: False, Ends(5))
    assert done == []


def test_what_is_imported_is_there_and_what_is_missing_stops_nothing(monkeypatch):
    monkeypatch.setattr(idle_work, "_MODULES", ("IDCBrowserLib.no_such_module", *idle_work._MODULES))
    for do in imports():
        do()
    assert set(idle_work._MODULES[1:]) <= set(sys.modules)


@pytest.mark.usefixtures("home")
def test_further_files_of_a_catalog_are_asked_instead_of_the_table(tmp_path):
    state = EngineState({"catalog_sources": [str(tmp_path / "further.parquet")]})
    try:
        assert state.origin_table() is None
    finally:
        state.close()
