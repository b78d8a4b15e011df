"""Questions about very many rows stay within the memory that the catalog may use."""

from dataclasses import replace
from pathlib import Path

import pytest
from helpers.small_catalog import write_many_series, write_sources

from IDCBrowserLib.catalog.catalog import Catalog

SERIES = 150_000
# All of their rows at once take between 80 and 100 MB, five of them between 40 and 48.
LIMIT = "64MB"


def test_the_first_rows_of_very_many_take_little_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("IDCBrowserLib.catalog.connection._MEMORY_LIMIT", LIMIT)
    sources = replace(write_sources(tmp_path), series=(write_many_series(tmp_path / "many.parquet", SERIES),))
    with Catalog(sources=sources) as catalog:
        rows, total = catalog.list_rows("series", limit=5)
    assert (len(rows), total) == (5, SERIES)
