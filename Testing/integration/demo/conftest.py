"""What the files of the phantom hold."""

from pathlib import Path
from typing import Any

import pydicom
import pytest

from IDCBrowserLib.demo import phantom
from IDCBrowserLib.demo.made_folder import PhantomSeries


@pytest.fixture(scope="session")
def series(phantom_series: dict[str, PhantomSeries]) -> dict[str, PhantomSeries]:
    return phantom_series


@pytest.fixture(scope="session")
def headers(series: dict[str, PhantomSeries]) -> dict[str, list[pydicom.Dataset]]:
    return {key: [pydicom.dcmread(path) for path in one.files] for key, one in series.items()}


@pytest.fixture(scope="session")
def truth(phantom_folder: Path) -> dict[str, Any]:
    return phantom.truth(phantom_folder)
