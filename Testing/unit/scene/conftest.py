from __future__ import annotations

import pytest


@pytest.fixture
def scene():
    pytest.importorskip("slicer")
    from IDCBrowserLib.host.standalone.scene import StandaloneScene

    host = StandaloneScene()
    yield host.scene
    host.release()
