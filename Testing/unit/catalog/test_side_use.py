"""What side indices add once they are here, and that their absence is named."""

from dataclasses import replace
from pathlib import Path

import pytest
from helpers.side_files import VERSION, write_side_index

from IDCBrowserLib.catalog.catalog import Catalog
from IDCBrowserLib.catalog.files.sources import Sources
from IDCBrowserLib.task import Task

SEG = {
    "SeriesInstanceUID": "1.2.1.3",
    "segmented_SeriesInstanceUID": "1.2.1.1",
    "total_segments": 2,
    "AlgorithmType": "AUTOMATIC",
    "AlgorithmName": "NoduleNet",
    "SegmentationType": "BINARY",
    "SegmentedPropertyCategory_CodeMeanings": ["Morphologically Altered Structure"],
    "SegmentedPropertyType_CodeMeanings": ["Nodule", "Lung"],
    "AnatomicRegion_CodeMeanings": ["Left lower lobe of lung"],
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
    content[4:-4000] = b"\xff" * (len(content) - 4004)
    path.write_bytes(bytes(content))
    with Catalog(sources=sided, cache_folder=tmp_path / "cache") as catalog:
        assert catalog.related("1.2.1.3")["missing_indices"] == ["seg_index", "rtstruct_index"]
        assert catalog.search("lung")


def test_details_show_how_a_series_was_acquired(sided: Sources, tmp_path: Path) -> None:
    own = sided.side_folders[0]
    write_side_index(own, "ct_index", [{"SeriesInstanceUID": "1.2.1.1", "KVP": 120.0, "SliceThickness": 1.25, "ConvolutionKernel": ["B30f"]}])
    write_side_index(own, "volume_geometry_index", [{"SeriesInstanceUID": "1.2.1.1", "regularly_spaced_3d_volume": True, "slice_spacing_mm": 1.0}])
    write_side_index(own, "seg_index", [SEG])
    with Catalog(sources=sided, cache_folder=tmp_path / "cache") as catalog:
        card = catalog.details("series", "1.2.1.1")
        acquisition, geometry = card["sections"]
        assert acquisition == {"heading": "Acquisition", "items": [["Tube voltage", "120 kV"], ["Kernel", "B30f"], ["Slice thickness", "1.25 mm"]]}
        assert geometry == {"heading": "Geometry", "items": [["Volume", "Forms a regular 3D volume"], ["Slice spacing", "1 mm"]]}
        assert card["missing_indices"] == ["contrast_index"]
        segmentation = catalog.details("series", "1.2.1.3")
        (segments,) = segmentation["sections"]
        assert ["Segmented", "Nodule, Lung"] in segments["items"]
        assert ["Segments", "2"] in segments["items"]
        assert catalog.details("series", "1.2.1.31")["missing_indices"] == ["mr_index", "contrast_index"]
        assert catalog.details("cases", "lung_ct/P2")["missing_indices"] == []


def test_segments_and_rois_are_found_by_name_once_their_index_is_here(sided: Sources, tmp_path: Path) -> None:
    write_side_index(tmp_path / "remote", "seg_index", [SEG])
    write_side_index(tmp_path / "remote", "rtstruct_index", [{"SeriesInstanceUID": "1.2.1.3", "ROINames": ["GTV-1", "Heart"]}])
    with Catalog(sources=sided, cache_folder=tmp_path / "cache") as catalog:
        assert not catalog.search("left lower lobe")
        for name in ("seg_index", "rtstruct_index"):
            catalog.fetch_side_index(name, Task(), str(tmp_path / "remote"))
        hit = catalog.search("left lower lobe")[0]
        assert (hit["level"], hit["id"], hit["label"]) == ("series", "1.2.1.3", "Left lower lobe of lung")
        assert hit["description"] == "1 series with this region of lung_ct"
        assert catalog.search("gtv")[0]["description"] == "1 series with this ROI of lung_ct"
        assert catalog.missing_indices() == []


def test_related_series_tell_what_is_in_them_and_who_made_it(sided: Sources, tmp_path: Path) -> None:
    write_side_index(sided.side_folders[0], "seg_index", [SEG])
    with Catalog(sources=sided, cache_folder=tmp_path / "cache") as catalog:
        (made,) = [row for row in catalog.related("1.2.1.1")["series"] if row["relation"] == "refers to it"]
        assert (made["contents"], made["parts"], made["algorithm"], made["analysis_result_id"]) == (["Nodule", "Lung"], 2, "NoduleNet", "nodules_seg")
        (image,) = catalog.related("1.2.1.3")["series"]
        assert (image["contents"], image["parts"], image["algorithm"]) == ([], None, "")
