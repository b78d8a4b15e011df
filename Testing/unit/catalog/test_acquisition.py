"""Filters on how images were acquired, against plain Python over the same made rows."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from helpers.side_files import write_side_index

from IDCBrowserLib.catalog.catalog import Catalog
from IDCBrowserLib.catalog.files.sources import Sources
from IDCBrowserLib.errors import CatalogError, InputError

CT = {
    "1.2.1.1": {"SliceThickness": 1.25, "KVP": 120.0, "ConvolutionKernel": ["B30f", "B50f"], "PixelSpacing_row_mm": 0.7},
    "1.2.1.2": {"SliceThickness": 5.0, "KVP": 120.0, "ConvolutionKernel": ["B50f"], "PixelSpacing_row_mm": 0.9},
    "1.2.1.21": {"SliceThickness": None, "KVP": 80.0, "ConvolutionKernel": [], "PixelSpacing_row_mm": None},
    "1.2.1.41": {"SliceThickness": 1.0, "KVP": None, "ConvolutionKernel": None, "PixelSpacing_row_mm": 0.5},
}
MR = {"1.2.1.31": {"SliceThickness": 1.2, "EchoTime": [4.6, 9.2], "MagneticFieldStrength": 1.5, "DiffusionBValue": [0.0, 800.0]}}


@pytest.fixture(scope="module")
def catalog(sources: Sources, cache_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Catalog]:
    place = tmp_path_factory.mktemp("acquisition")
    for name, rows in (("ct_index", CT), ("mr_index", MR)):
        write_side_index(place / "indices", name, [{"SeriesInstanceUID": uid, **values} for uid, values in rows.items()])
    with Catalog(sources=replace(sources, side_folders=(place / "indices",)), cache_folder=cache_folder) as opened:
        yield opened


def found(catalog: Catalog, **filters: Any) -> set[str]:
    rows, total = catalog.list_rows("series", filters=filters)
    assert total == len(rows) == catalog.totals(filters)["series"]
    assert sum(count for _value, count in catalog.facets({**filters})["collection_id"]) == total
    return {row["SeriesInstanceUID"].removeprefix("1.2.1.") for row in rows}


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"SliceThickness": {"max": 1.25}}, {"1", "31", "41"}),
        ({"SliceThickness": {"min": 1.25}}, {"1", "2"}),
        ({"SliceThickness": {"min": 1.1, "max": 1.25}, "Modality": ["CT"]}, {"1"}),
        ({"CT_SliceThickness": {"max": 1.25}}, {"1", "41"}),
        ({"SliceThickness": ["5"]}, {"2"}),
        ({"ConvolutionKernel": ["B30f"]}, {"1"}),
        ({"ConvolutionKernel": ["B50f"]}, {"1", "2"}),
        ({"ConvolutionKernel": {"none": ["B30f"]}, "Modality": ["CT"]}, {"2", "21", "41"}),
        ({"ConvolutionKernel": [None], "Modality": ["CT"]}, {"21", "41"}),
        ({"ConvolutionKernel": ["B30f", None], "Modality": ["CT"]}, {"1", "21", "41"}),
        ({"ConvolutionKernel": {"none": [None]}}, {"1", "2"}),
        ({"EchoTime": {"min": 9, "max": 10}}, {"31"}),
        ({"EchoTime": {"min": 5, "max": 9}}, set()),
        ({"DiffusionBValue": {"min": 1}}, {"31"}),
        ({"KVP": {"any": [None], "max": 100}, "Modality": ["CT"]}, {"21", "41"}),
        ({"KVP": {"min": 100}, "SliceThickness": {"max": 2}, "PixelSpacing": {"max": 0.8}}, {"1"}),
        ({"MagneticFieldStrength": {"min": 1.5, "max": 1.5}}, {"31"}),
    ],
)
def test_series_are_found_by_how_they_were_acquired(catalog: Catalog, filters: dict[str, Any], expected: set[str]) -> None:
    assert found(catalog, **filters) == expected


def test_numbers_come_in_bins_that_end_where_people_ask(catalog: Catalog) -> None:
    assert catalog.acquisition_bins("SliceThickness") == {
        "bins": [[1.0, 1.0, 1], [1.2, 1.25, 2], [5.0, 5.0, 1]],
        "min": 1.0,
        "max": 5.0,
        "not_stated": 1,
    }
    assert catalog.acquisition_bins("SliceThickness", {"Modality": ["CT"], "SliceThickness": {"max": 1}})["bins"] == [
        [1.0, 1.0, 1],
        [1.25, 1.25, 1],
        [5.0, 5.0, 1],
    ]
    assert catalog.acquisition_bins("DiffusionBValue")["bins"] == [[0.0, 0.0, 1], [800.0, 800.0, 1]]


def test_a_series_counts_for_each_value_of_its_list(catalog: Catalog) -> None:
    assert catalog.acquisition_values("ConvolutionKernel") == [("B50f", 2), (None, 2), ("B30f", 1)]
    assert catalog.acquisition_values("ConvolutionKernel", {"KVP": {"min": 100}}) == [("B50f", 2), ("B30f", 1)]


def test_an_index_that_is_not_here_is_named(catalog: Catalog) -> None:
    for ask in (lambda: catalog.totals({"Radiopharmaceutical": ["FDG"]}), lambda: catalog.acquisition_values("Radiopharmaceutical")):
        with pytest.raises(CatalogError, match="needs the index file pt_index"):
            ask()


def test_what_cannot_be_asked_is_refused(catalog: Catalog) -> None:
    for filters, words in (
        ({"ConvolutionKernel": {"min": 1}}, "contains text"),
        ({"KVP": ["high"]}, "'high' is not a number"),
        ({"KVP": {"all": [1]}}, '"all" is not for KVP'),
    ):
        with pytest.raises(InputError, match=words):
            catalog.totals(filters)


def test_values_are_counted_in_studies_or_cases(catalog: Catalog) -> None:
    assert dict(catalog.unit_counts("Modality", "cases")) == {"CT": 3, "MR": 1, "SEG": 1}
    assert dict(catalog.unit_counts("Modality", "studies", {"collection_id": ["lung_ct"]})) == {"CT": 3, "SEG": 1}
    assert dict(catalog.unit_counts("cancer_types", "cases")) == {"Lung Cancer": 3, "Glioma": 1}
    assert dict(catalog.unit_counts("study_modality", "studies", {"Modality": ["CT"]})) == {"CT": 3, "SEG": 1}
    assert dict(catalog.unit_counts("ConvolutionKernel", "cases", {"KVP": {"min": 100}})) == {"B30f": 1, "B50f": 1}
