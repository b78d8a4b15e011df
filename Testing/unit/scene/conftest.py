from __future__ import annotations

import pytest


@pytest.fixture
def scene(host):
    return host.scene
