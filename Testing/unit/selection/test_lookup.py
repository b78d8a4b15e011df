"""What is asked of the catalog for a plan, from series of a small catalog."""

from __future__ import annotations

from pathlib import Path

from helpers.small_catalog import write_sources

from IDCBrowserLib.catalog.catalog import Catalog
from IDCBrowserLib.selection.lookup import Lookup


def test_studies_have_a_date_and_a_description_or_empty_texts(tmp_path: Path) -> None:
    with Catalog(sources=write_sources(tmp_path)) as catalog:
        lookup = Lookup(catalog)
        assert lookup.studies(["1.2.1", "1.2.4", "1.2.9"]) == {"1.2.1": ("2001-02-03", "Chest"), "1.2.4": ("", "Chest")}
        assert lookup.studies([]) == {}
