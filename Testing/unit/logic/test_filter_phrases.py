from __future__ import annotations

import pytest

from IDCBrowserLib.logic.base.filter_choice import FilterChoice
from IDCBrowserLib.logic.finding.filter_phrases import Phrase, parts, phrase


@pytest.mark.parametrize(
    ("text", "column", "low", "high"),
    [
        ("up to 1.25 mm", "SliceThickness", None, 1.25),
        ("slices at most 1,25 mm", "SliceThickness", None, 1.25),
        ("Slice thickness <= 2", "SliceThickness", None, 2),
        ("slice thickness 1 to 2.5 mm", "SliceThickness", 1, 2.5),
        ("pixel spacing under 0.8 mm", "PixelSpacing", None, 0.8),
        ("3 T", "MagneticFieldStrength", 3, 3),
        ("120 kVp", "KVP", 120, 120),
        ("TE below 10 ms", "EchoTime", None, 10),
        ("b-value over 500", "DiffusionBValue", 500, None),
        ("age 40-60", "age_years", 40, 60),
        ("at least 18 years", "age_years", 18, None),
        ("size up to 20 MB", "size_bytes", None, 20e6),
        ("year 2010..2012", "year", 2010, 2012),
        ("images >= 100", "instanceCount", 100, None),
    ],
)
def test_a_number_in_words_is_a_range_of_its_filter(text, column, low, high):
    assert phrase(text) == Phrase(column, FilterChoice(low=low, high=high))


@pytest.mark.parametrize(
    ("text", "column", "value"),
    [
        ("by a person", "AlgorithmType", "MANUAL"),
        ("automatic", "AlgorithmType", "AUTOMATIC"),
        ("MRI", "Modality", "MR"),
        ("women", "PatientSex", "F"),
        ("regular volume", "regularly_spaced_3d_volume", "true"),
    ],
)
def test_common_words_stand_for_values(text, column, value):
    assert phrase(text) == Phrase(column, FilterChoice((value,)))


def test_commercial_use_is_what_the_licenses_of_the_release_allow():
    assert phrase("commercial use") == Phrase("license_short_name", commercial=True)


@pytest.mark.parametrize("text", ["chest", "T2", "CT", "12", "1.25", "LIDC-IDRI-0001", "B30f", "", "up to", "mm"])
def test_a_name_is_looked_for(text):
    assert phrase(text) is None


def test_commas_and_the_word_and_part_a_question_but_not_a_number():
    assert parts("chest, CT, nodule and up to 1,25 mm; women") == ["chest", "CT", "nodule", "up to 1,25 mm", "women"]
