"""What people write into the box of the filters: "up to 1.25 mm", "by a person", "commercial use". Knows no widgets."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from IDCBrowserLib.api.values import Value
from IDCBrowserLib.logic.base.filter_choice import FilterChoice
from IDCBrowserLib.logic.finding.facets import NUMBERS, facet_titles

_NUMBER = r"(\d+(?:[.,]\d+)?)"
_UNIT = r"\s*(mm|kvp|kv|tesla|t|years?|y|kb|mb|gb|ms|s/mm[2²]|deg(?:rees)?|°)?"
_BETWEEN = re.compile(rf"{_NUMBER}{_UNIT}\s*(?:to|-|–|\.\.)\s*{_NUMBER}{_UNIT}$")
_AT_MOST = re.compile(rf"(?:up to|at most|no more than|not more than|max(?:imum)?|below|under|<=|≤|<)\s*{_NUMBER}{_UNIT}$")
_AT_LEAST = re.compile(rf"(?:at least|no less than|not less than|min(?:imum)?|above|over|from|>=|≥|>)\s*{_NUMBER}{_UNIT}$")
_EXACTLY = re.compile(rf"(?:=|of)?\s*{_NUMBER}{_UNIT}$")
_BY_UNIT = {
    "mm": "SliceThickness",
    "kv": "KVP",
    "kvp": "KVP",
    "t": "MagneticFieldStrength",
    "tesla": "MagneticFieldStrength",
    "year": "age_years",
    "years": "age_years",
    "y": "age_years",
    "kb": "size_bytes",
    "mb": "size_bytes",
    "gb": "size_bytes",
    "s/mm2": "DiffusionBValue",
    "s/mm²": "DiffusionBValue",
}
_FACTORS = {"kb": 1e3, "mb": 1e6, "gb": 1e9}
_OTHER_NAMES = {
    "slices": "SliceThickness",
    "thickness": "SliceThickness",
    "slice": "SliceThickness",
    "pixels": "PixelSpacing",
    "spacing": "slice_spacing_mm",
    "te": "EchoTime",
    "echo time": "EchoTime",
    "tr": "RepetitionTime",
    "repetition time": "RepetitionTime",
    "tube voltage": "KVP",
    "b value": "DiffusionBValue",
    "b": "DiffusionBValue",
    "field strength": "MagneticFieldStrength",
    "field": "MagneticFieldStrength",
    "flip angle": "FlipAngle",
    "age": "age_years",
    "aged": "age_years",
    "year": "year",
    "size": "size_bytes",
    "images": "instanceCount",
    "segments": "total_segments",
    "rois": "total_rois",
}
# Whole texts, as ``plain`` makes them.
_VALUES: dict[str, tuple[str, Value]] = {
    **dict.fromkeys(("by a person", "a person", "person", "by a human", "human", "by hand", "manual", "by an expert"), ("AlgorithmType", "MANUAL")),
    **dict.fromkeys(("by an algorithm", "algorithm", "automatic", "by ai", "ai"), ("AlgorithmType", "AUTOMATIC")),
    **dict.fromkeys(("semi automatic", "semiautomatic"), ("AlgorithmType", "SEMIAUTOMATIC")),
    **dict.fromkeys(("mri", "magnetic resonance"), ("Modality", "MR")),
    **dict.fromkeys(("pet", "positron emission"), ("Modality", "PT")),
    **dict.fromkeys(("ultrasound", "sonography"), ("Modality", "US")),
    **dict.fromkeys(("slides", "pathology", "microscopy", "histology"), ("Modality", "SM")),
    **dict.fromkeys(("mammography", "mammogram"), ("Modality", "MG")),
    **dict.fromkeys(("female", "women", "woman"), ("PatientSex", "F")),
    **dict.fromkeys(("male", "men", "man"), ("PatientSex", "M")),
    **dict.fromkeys(("regular", "regular volume"), ("regularly_spaced_3d_volume", "true")),
}
_COMMERCIAL = frozenset({"commercial", "commercial use", "commercial use allowed", "for commercial use", "not nc", "license allows commercial use"})
# Letters that tell a title by its beginning.
_LEAST = 3
_NOT_WORDS = re.compile(r"[\W_]+")


@dataclass(frozen=True)
class Phrase:
    """``choice`` is to be added to a facet; ``commercial`` stands for the licenses that allow commercial use, which only the release names."""

    column: str = ""
    choice: FilterChoice = field(default_factory=FilterChoice)
    commercial: bool = False


def parts(text: str) -> list[str]:
    """What stands between commas, semicolons or "and"; a decimal comma parts nothing."""
    return [part.strip() for part in re.split(r",\s+|,(?=\D)|;|\n|\s+and\s+", text) if part.strip()]


def phrase(text: str) -> Phrase | None:
    """The meaning of one part; None for a name that has to be looked for."""
    words = _NOT_WORDS.sub(" ", text.casefold()).strip()
    if words in _COMMERCIAL:
        return Phrase("license_short_name", commercial=True)
    if words in _VALUES:
        column, value = _VALUES[words]
        return Phrase(column, FilterChoice((value,)))
    return _range(text.casefold().strip())


def _range(text: str) -> Phrase | None:
    for pattern, ends in ((_BETWEEN, (0, 1)), (_AT_MOST, (None, 0)), (_AT_LEAST, (0, None)), (_EXACTLY, (0, 0))):
        match = pattern.search(text)
        if match is None:
            continue
        name = text[: match.start()].strip(" :=")
        found = match.groups()
        numbers = [(found[number], found[number + 1]) for number in range(0, len(found), 2)]
        unit = next((unit for _number, unit in reversed(numbers) if unit), "")
        column = _column(name, unit)
        if column and (name or unit or pattern is not _EXACTLY):
            values = [float(number.replace(",", ".")) * _FACTORS.get(unit, 1.0) for number, _unit in numbers]
            low, high = (None if end is None else values[end] for end in ends)
            return Phrase(column, FilterChoice(low=low, high=high))
    return None


def _column(name: str, unit: str) -> str:
    words = _NOT_WORDS.sub(" ", name).strip()
    if not words:
        return _BY_UNIT.get(unit, "")
    titles = {_NOT_WORDS.sub(" ", title.casefold()).strip(): column for column, title in facet_titles().items() if column in NUMBERS}
    if words in titles or words in _OTHER_NAMES:
        return titles.get(words) or _OTHER_NAMES[words]
    return next((column for title, column in titles.items() if len(words) >= _LEAST and title.startswith(words)), "")
