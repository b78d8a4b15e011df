"""Whoever clicks for hours does not fill the memory: 2,000 clicks on facets, plans and previews leave the engine as large as it was.

IDC_BROWSER_FAULT_CLICKS makes it another number.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from statistics import median

import psutil
import pytest
from helpers.clicking import Clicking

from IDCBrowserLib.demo.world import World
from IDCBrowserLib.engine.popen import PopenEngineProcess, child_command

_CLICKS = int(os.environ.get("IDC_BROWSER_FAULT_CLICKS", "2000"))
_WARM_UP, _STEP = _CLICKS // 5, _CLICKS // 10
_FLAT_MB = 50.0


@pytest.fixture
def engines() -> list[PopenEngineProcess]:
    return []


@pytest.fixture
def clicking(demo_world: World, home: Path, tmp_path: Path, engines: list[PopenEngineProcess]) -> Iterator[Clicking]:
    def start() -> PopenEngineProcess:
        engines.append(PopenEngineProcess(child_command({"catalog_sources": [str(path) for path in demo_world.catalog_sources]})))
        return engines[-1]

    made = Clicking(start, demo_world, tmp_path)
    yield made
    made.close()


def test_thousands_of_clicks_leave_the_memory_flat(clicking: Clicking, engines: list[PopenEngineProcess]) -> None:
    sizes: list[float] = []
    for number in range(_CLICKS):
        clicking.facets(number)
        clicking.plans(number)
        clicking.previews(number)
        if number >= _WARM_UP and number % _STEP == 0:
            clicking.settle()
            sizes.append(psutil.Process(engines[-1].pid).memory_info().rss / 1e6)
    clicking.settle()
    sizes.append(psutil.Process(engines[-1].pid).memory_info().rss / 1e6)
    growth = median(sizes[-3:]) - median(sizes[:3])
    print(f"memory of the engine after every {_STEP} clicks: {', '.join(f'{size:.0f} MB' for size in sizes)}; growth {growth:.0f} MB")
    assert len(engines) == 1, "it did not die meanwhile"
    # DuckDB's buffers come and go by some tens of megabytes at any moment.
    assert growth < _FLAT_MB and max(sizes) - median(sizes) < _FLAT_MB
