"""What the engine makes ahead of IDC's catalog."""

from __future__ import annotations

import pytest

from IDCBrowserLib.catalog.files.sources import find_sources
from IDCBrowserLib.catalog.origin_table import open_table
from IDCBrowserLib.engine.state import EngineState


@pytest.mark.usefixtures("home")
def test_the_small_table_of_origins_is_made_of_a_catalog_that_is_open():
    state = EngineState({})
    try:
        state.write_origin_table()
        assert state.origin_table() is None, "nobody has opened a catalog"
        state.catalog()
        state.write_origin_table()
        assert state.origin_table() is not None
    finally:
        state.close()
    assert open_table(find_sources()) is not None
