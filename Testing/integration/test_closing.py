"""What the window opens in the engine is closed when it shows something else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from helpers.clicking import Clicking
from helpers.engine_here import EngineHere
from helpers.release_files import use_release

from IDCBrowserLib.demo.world import World


@pytest.fixture
def clicking(demo_world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Clicking]:
    monkeypatch.setenv("IDC_BROWSER_HOME", str(tmp_path / "home"))
    use_release()
    config = {"catalog_sources": [str(path) for path in demo_world.catalog_sources]}
    made = Clicking(lambda: EngineHere(config), demo_world, tmp_path)
    yield made
    made.close()


def test_many_clicks_leave_open_what_is_shown_and_no_more(clicking: Clicking) -> None:
    shown = {"views": 4, "plans": 2, "results": 1, "inventories": 1, "downloads": 0}
    # Twice through all combinations of what is clicked and awaited; `make faults` clicks on for much longer.
    for number in range(24):
        clicking.facets(number)
        clicking.plans(number)
        if number % 10 == 0:
            clicking.queries(number)
            clicking.storage()
            handles: dict[str, Any] = {**clicking.handles()}
            assert {name: count for name, count in handles.items() if count > shown[name]} == {}
    clicking.browser.plan.clear()
    clicking.browser.tables.clear_selection()
    clicking.browser.query.run("")
    assert clicking.handles() == {"views": 1, "plans": 0, "results": 0, "inventories": 1, "downloads": 0}
    assert [text for text in clicking.messages if "no longer" in text] == []
