"""Damaged parameters of every method: each is answered, and none with an internal error."""

from __future__ import annotations

import json
import logging
import os
import random
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from helpers import figures
from helpers.engine_cases import CASES
from helpers.engine_world import EngineWorld, real_world

from IDCBrowserLib.api.method import Question
from IDCBrowserLib.demo.world import World
from IDCBrowserLib.errors import IDCBrowserError

NUMBER = int(os.environ.get("IDC_BROWSER_FUZZ_MUTANTS", "60"))
SEED = int(os.environ.get("IDC_BROWSER_FUZZ_SEED", "1"))
# Names of files are relative, and the working folder is one of the test.
_VALUES = (
    None,
    True,
    False,
    0,
    1,
    -1,
    7,
    2**31,
    2**63,
    10**30,
    0.5,
    -0.5,
    1e300,
    "",
    " ",
    "x",
    "no/such",
    "\x00",
    "\ud800",
    "é",
    "A" * 5000,
    "1.2.3",
)
_WHOLE = ([], {}, [[]], [None], {"": 1}, ["x", 1])


@pytest.fixture(scope="module")
def world(demo_world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[EngineWorld]:
    with real_world(demo_world, tmp_path_factory.mktemp("real")) as made:
        yield made


def damaged(params: Any, chance: random.Random) -> Any:
    """A copy in which one or two values, at any depth, are others, missing, or there under another name."""
    copy = {"": deepcopy(params)}
    for _ in range(chance.randint(1, 2)):
        parent: Any = copy
        key: Any = ""
        while isinstance(parent[key], dict | list) and parent[key] and chance.random() < 0.85:
            parent = parent[key]
            key = chance.choice(list(parent)) if isinstance(parent, dict) else chance.randrange(len(parent))
        if chance.random() < 0.1 and parent is not copy and isinstance(parent, dict):
            parent[chance.choice(("", "x", "files"))] = parent.pop(key)
        else:
            alike = [value for value in (*_VALUES, *_WHOLE) if type(value) is type(parent[key])]
            parent[key] = deepcopy(chance.choice(alike if alike and chance.random() < 0.7 else (*_VALUES, *_WHOLE)))
    return copy[""] if isinstance(copy[""], dict) else {"": copy[""]}


def test_damaged_parameters_are_refused_or_answered(world: EngineWorld, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(logging.getLogger("IDCBrowserLib"), "disabled", True)
    monkeypatch.setattr(logging.getLogger("IDCBrowserLib.engine.child"), "disabled", True)
    chance = random.Random(SEED)
    ends: dict[str, int] = {}
    problems = []
    names = [name for name in CASES if name != "engine.echo"]  # gives back what it gets
    for name in names:
        method, case = CASES[name]
        params = case(world)
        for _ in range(max(1, NUMBER // len(names))):
            tried = damaged(params, chance)
            try:
                world.ask(Question(method.name, tried))
                end = "answered"
            except IDCBrowserError as error:
                end = "refused"
                if "internal error" in str(error).lower():
                    problems.append(f"{name} {json.dumps(tried)[:300]}: {error}")
                    print(problems[-1], flush=True)
            ends[end] = ends.get(end, 0) + 1
    figures.tell(f"damaged parameters for the engine: {sum(ends.values()):,} ({ends}), {len(problems)} internal errors")
    assert problems == [], "\n".join(problems)
    assert ends["refused"]
