"""Whole commands, each a process or a call of its own, on the phantom patient in the demo's bucket."""

from pathlib import Path
from typing import Any

import pytest

from IDCBrowserLib.demo.made_folder import PhantomSeries


@pytest.fixture(scope="session")
def series(phantom_series: dict[str, PhantomSeries]) -> dict[str, PhantomSeries]:
    return phantom_series


@pytest.fixture(scope="session")
def truth(phantom_folder: Path) -> dict[str, Any]:
    from IDCBrowserLib.demo import phantom

    return phantom.truth(phantom_folder)
