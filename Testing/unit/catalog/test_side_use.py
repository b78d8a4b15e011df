"""What side indices add once they are here, and that their absence is named."""

from dataclasses import replace
from pathlib import Path

import pytest
from helpers.side_files import VERSION, write_side_index

from IDCBrowserLib.catalog.catalog import Catalog
from IDCBrowserLib.catalog.sources import Sources
from IDCBrowserLib.task import Task

SEG = {
    "SeriesInstanceUID": "1.2.1.3", "segmented_SeriesInstanceUID": "1.2.1.1", "total_segments": 2, "AlgorithmType": "AUTOMATIC",
    "AlgorithmName": "NoduleNet", "SegmentationType": "BINARY", "SegmentedPropertyCategory_CodeMeanings": ["Morphologically Altered Structure"],
    "SegmentedPropertyType_CodeMeanings": ["Nodule", "Lung"], "AnatomicRegion_CodeMeanings": ["Left lower lobe of lung"],
}


@pytest.fixture
def sided(sources: Sources, tmp_path: Path) -> Sources:
    return replace(sources, side_folders=(tmp_path / "indices" / VERSION, tmp_path / "idc-index"))


def test_an_index_is_used_as_soon_as_it_was_fetched(sided: Sources, tmp_path: Path) -> None:
    write_side_index(tmp_path / "remote", "seg_index", [SEG])
    with Catalog(sources=sided, cache_folder=tmp_path / "cache") as catalog:
        before = catalog.related("1.2.1.3")
        assert before["missing_indices"] == ["seg_index", "rtstruct_index"]
        assert {row["relation"] for row in before["series"]} == {"same study"}
        catalog.fetch_side_index("seg_index", Task(), str(tmp_path / "remote"))
        after = catalog.related("1.2.1.3")
        assert [(row["SeriesInstanceUID"], row["relation"]) for row in after["series"]] == [("1.2.1.1", "it refers to this")]
        assert after["missing_indices"] == ["rtstruct_index"]
        assert {row["name"]: row["state"] for row in catalog.side_indices()}["seg_index"] == "here"


def test_a_file_damaged_inside_is_as_if_missing(sided: Sources, tmp_path: Path) -> None:
    rows = [{**SEG, "SeriesInstanceUID": f"1.2.1.{number}"} for number in range(3000)]
    path = write_side_index(sided.side_folders[0], "seg_index", rows)
    content = bytearray(path.read_bytes())
    content[4:2000] = b"\xff" * 1996
    path.write_bytes(bytes(content))
    with Catalog(sources=sided, cache_folder=tmp_path / "cache") as catalog:
        assert catalog.related("1.2.1.3")["missing_indices"] == ["seg_index", "rtstruct_index"]
        assert catalog.search("lung")
