"""The phantom, made once for all tests of this folder."""

from pathlib import Path
from typing import Any

import pydicom
import pytest

from IDCBrowserLib.demo import phantom
from IDCBrowserLib.demo.phantom import PhantomSeries


@pytest.fixture(scope="session")
def phantom_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo") / "phantom"
    phantom.write(folder)
    return folder


@pytest.fixture(scope="session")
def series(phantom_folder: Path) -> dict[str, PhantomSeries]:
    return {one.key: one for one in phantom.read(phantom_folder)}


@pytest.fixture(scope="session")
def headers(series: dict[str, PhantomSeries]) -> dict[str, list[pydicom.Dataset]]:
    return {key: [pydicom.dcmread(path) for path in one.files] for key, one in series.items()}


@pytest.fixture(scope="session")
def truth(phantom_folder: Path) -> dict[str, Any]:
    return phantom.truth(phantom_folder)
