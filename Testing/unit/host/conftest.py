"""The phantom's series, and a scene."""

import pytest

from IDCBrowserLib.host.standalone.scene import StandaloneScene


@pytest.fixture(scope="session")
def series(phantom_series):
    return phantom_series


@pytest.fixture
def host():
    scene = StandaloneScene()
    yield scene
    scene.release()
