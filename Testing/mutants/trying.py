"""Making one change, running the tests that may notice it, and taking it back."""

from __future__ import annotations

import shlex
import sys
from enum import Enum
from pathlib import Path

from changes import Change
from cosmic_ray.testing import run_tests
from cosmic_ray.work_item import TestOutcome
from covering import Covering

# What a change may take longer than the tests took before, in times and in seconds.
_SLOWER, _START_S = 5.0, 60.0


class Outcome(str, Enum):
    """What became of a change."""

    KILLED = "killed"
    SURVIVED = "survived"
    UNTESTED = "no test runs this line"


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
        timeout = _START_S + _SLOWER * sum(covering.seconds[test] for test in tests)
        outcome, _output = run_tests(_command(chosen), timeout)
    finally:
        path.write_text(before, encoding="utf-8")
    return Outcome.SURVIVED if outcome is TestOutcome.SURVIVED else Outcome.KILLED


def _command(chosen: Path) -> str:
    options = ["-q", "-x", "--no-header", "--tb=no", "--hypothesis-seed=0", "-p", "no:cacheprovider"]
    return shlex.join([sys.executable, "-m", "pytest", *options, f"@{chosen}"])
