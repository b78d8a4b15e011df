"""Making one change, running the tests that may notice it, and taking it back.

The tests of each change run in a process forked from one that has imported the packages of others: importing them takes longer than most tests.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import signal
from collections.abc import Iterator, Mapping, Sequence
from enum import Enum
from pathlib import Path

import pytest
from changes import Change
from covering import Covering

# What a change may take longer than a test took before, in times and in seconds.
_SLOWER, _START_S = 5.0, 60.0
# A plugin of pytest that is imported before pytest starts is not rewritten, which matters to nobody here.
_QUIET = ("-W", "ignore::pytest.PytestAssertRewriteWarning")
_OPTIONS = ("-q", "-x", "--no-header", "--tb=no", "--hypothesis-seed=0", "-p", "no:cacheprovider", "-p", "no:xdist", *_QUIET)


class Outcome(str, Enum):
    """What became of a change."""

    KILLED = "killed"
    SURVIVED = "survived"
    UNTESTED = "no test runs this line"


def import_packages(names: Sequence[str]) -> None:
    """Have the modules that are not ours in this process already."""
    for name in names:
        with contextlib.suppress(Exception):
            importlib.import_module(name)


def try_change(tree: Path, change: Change, covering: Covering) -> Outcome:
    """Whether the tests notice the change; one that makes them run on and on is noticed. The working folder is the tree."""
    path = tree / change.file
    tests = covering.tests_of(path, change.line)
    if not tests:
        return Outcome.UNTESTED
    before = path.read_text(encoding="utf-8")
    path.write_text(change.code, encoding="utf-8")
    try:
        # In a file, since they may be many.
        chosen = tree / "chosen-tests.txt"
        chosen.write_text("\n".join(tests), encoding="utf-8")
        return _run([*_OPTIONS, f"@{chosen}"], covering.seconds)
    finally:
        path.write_text(before, encoding="utf-8")


class _Alarm:
    """A plugin of pytest that ends the process when a test takes far longer than before; the first one imports what is tested."""

    def __init__(self, seconds: Mapping[str, float]) -> None:
        self._seconds = seconds

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        signal.setitimer(signal.ITIMER_REAL, _START_S + _SLOWER * self._seconds.get(item.nodeid, 0.0))
        try:
            return (yield)
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)


def _run(arguments: list[str], seconds: Mapping[str, float]) -> Outcome:
    child = os.fork()
    if not child:
        _be_the_tests(arguments, _Alarm(seconds))
    _pid, status = os.waitpid(child, 0)
    _end_group(child)
    return Outcome.SURVIVED if status == 0 else Outcome.KILLED


def _be_the_tests(arguments: list[str], alarm: _Alarm) -> None:
    """Never returns."""
    os.setsid()
    code = 1
    try:
        nowhere = os.open(os.devnull, os.O_RDWR)
        for stream in range(3):
            os.dup2(nowhere, stream)
        signal.setitimer(signal.ITIMER_REAL, 2 * _START_S)
        code = int(pytest.main(arguments, [alarm]))
    finally:
        os._exit(code)


def _end_group(leader: int) -> None:
    """The tests, if they still run, and what they started."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, signal.SIGKILL)
