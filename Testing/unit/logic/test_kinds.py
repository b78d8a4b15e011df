"""What a series is, in words, and what "Download and load" does with it."""

from __future__ import annotations

import pytest

from IDCBrowserLib.api.tree import TreeRow
from IDCBrowserLib.logic.base.kinds import counted_text, kind_of_one, kind_of_series
from IDCBrowserLib.logic.tables.series_tree import _Series, build_nodes

COLUMNS = ("SeriesInstanceUID", "Modality", "SeriesDescription", "SeriesNumber", "instanceCount", "series_size_MB", "license_short_name")


def node(modality, description="", told=None, missing=None, images=1):
    row = ("1.2", modality, description, "3", images, 1.5, "CC BY 4.0")
    base: TreeRow = {
        "row": 0,
        "of": None,
        "contents": [],
        "parts": None,
        "maker": "",
        "algorithm": "",
        "slice_thickness": None,
        "counted": {},
        "suv": None,
    }
    (found,) = build_nodes([_Series(0, row, COLUMNS)], {0: {**base, **(told or {})}}, missing or {})
    return found if found.number == 0 else found.below[0]


@pytest.mark.parametrize(
    ("modality", "told", "title"),
    [
        ("SR", {"counted": {"measurements": 28, "organs": 104}}, "Report: 28 measurements of 104 organs"),
        ("SR", {"counted": {"measurements": 1, "ratings": 2, "segments": 1}}, "Report: 1 measurement and 2 ratings of 1 segment"),
        ("SR", {}, "Report"),
        ("SEG", {"contents": ["Heart", "Aorta", "Lung"], "parts": 5}, "Segmentation: Heart, Aorta +3"),
        ("ANN", {"contents": ["Nucleus"], "counted": {"annotations": 12345}}, "Annotations: 12,345 annotations (Nucleus)"),
        ("RTDOSE", {}, "Dose"),
        ("CT", {}, "3. CT"),
        ("SM", {}, "3. Slide"),
        ("XYZ", {}, "3. XYZ"),
    ],
)
def test_a_row_says_what_it_is(modality, told, title):
    assert node(modality, told=told).title == title


def test_images_are_counted_and_slides_have_levels_where_an_index_says_so():
    assert node("CT", images=120).about == "120 images · 1.5 MB · CC BY 4.0"
    assert node("SM", images=8, told={"counted": {"levels": 6}}).about == "6 levels · 1.5 MB · CC BY 4.0"
    assert node("SM", images=8).about == "8 images · 1.5 MB · CC BY 4.0"


def test_a_pet_says_that_it_is_probably_suv():
    assert node("PT", told={"suv": True}).note == "probably SUV"
    assert node("PT", told={"suv": False}).note == ""


@pytest.mark.parametrize(
    ("description", "title"), [("PET FDG", "3. PET FDG"), ("petrous bone", "3. PET petrous bone"), ("FDG", "3. PET FDG"), ("", "3. PET")]
)
def test_a_kind_that_the_description_begins_with_is_not_said_twice(description, title):
    assert node("PT", description).title == title


@pytest.mark.parametrize(
    ("description", "title"),
    [
        ("Segmentation of Nodule 1", "Segmentation of Nodule 1"),
        ("Segmentations", "Segmentation: Segmentations"),
        ("Liver", "Segmentation: Liver"),
        ("", "Segmentation"),
    ],
)
def test_nor_of_what_was_made_from_images(description, title):
    assert node("SEG", description).title == title
    assert node("SEG", description, told={"contents": ["Liver"], "parts": 1}).title.startswith("Segmentation: Liver")


def test_what_is_not_known_without_further_data_says_how_much_that_is():
    assert "contents need 12.0 MB of further data (see Details)" in node("SEG", "Organs", missing={"SEG": 12_000_000}).note
    assert "contents need further data (see Details)" in node("ANN", missing={"ANN": None}).note
    assert "further data" not in node("SEG", missing={"ANN": None}).note
    known = {"contents": ["Liver"], "parts": 1}
    assert "further data" not in node("SEG", told=known, missing={"SEG": 12_000_000}).note, "the file that is here has said it"


@pytest.mark.parametrize(
    ("modality", "what"),
    [("CT", "images appear in the views"), ("SEG", "segments and ROIs"), ("SR", "Reports"), ("RTDOSE", "Gy"), ("RAW", "only downloaded")],
)
def test_every_row_says_what_loading_does_with_it(modality, what):
    assert what in node(modality).loads


def test_every_kind_that_is_counted_has_words():
    from typing import get_args

    from IDCBrowserLib.api.tree import Counted

    for name in get_args(Counted):
        assert "2 " in counted_text({"measurements": 1, name: 2}) or counted_text({name: 2})
    assert kind_of_one("SEG") == "Segmentation" and counted_text({}) == ""


@pytest.mark.parametrize(
    ("modality", "sop_class", "words"),
    [
        ("DOC", "Encapsulated PDF Storage", "PDF document"),
        ("OT", "Encapsulated PDF Storage", "PDF document"),
        ("ES", "Video Endoscopic Image Storage", "Video"),
        ("ECG", "12-lead ECG Waveform Storage", "ECG"),
        ("OT", "Parametric Map Storage", "Parametric map"),
        ("CT", "CT Image Storage", "CT"),
        ("DOC", "", "Document"),
    ],
)
def test_documents_videos_and_maps_are_called_what_they_are(modality, sop_class, words):
    assert kind_of_series(modality, sop_class) == words
    row = ("1.2", modality, "Ward", "3", 1, 1.5, "CC BY 4.0", sop_class)
    (found,) = build_nodes([_Series(0, row, (*COLUMNS, "sop_class_name"))], {}, {})
    assert words in (found if found.number == 0 else found.below[0]).title


@pytest.mark.parametrize(
    ("modality", "sop_class", "said"),
    [
        ("XC", "Video Photographic Image Storage", "open with another program"),
        ("ES", "Video Endoscopic Image Storage", "open with another program"),
        ("XC", "VL Photographic Image Storage", "pictures appear in one view"),
        ("OT", "Encapsulated PDF Storage", 'open on the page "Reports"'),
        ("OT", "12-lead ECG Waveform Storage", 'open on the page "Reports"'),
        ("MR", "Parametric Map Storage", "maps lie over their images"),
        ("OT", "", "videos are named on the page"),
    ],
)
def test_a_row_says_what_loading_does_with_what_it_is(modality, sop_class, said):
    columns = (*COLUMNS, "sop_class_name")
    (found,) = build_nodes([_Series(0, ("1.2", modality, "", "3", 1, 1.5, "CC BY 4.0", sop_class), columns)], {}, {})
    assert said in found.loads
    assert ("one view" in found.loads) == ("one view" in said or not sop_class)
