"""Values of filters that contain a text, over all facets: "nodule" is a segment type, "chest" a body part."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

# Among equally good ones, what a radiologist means first.
_ORDER = (
    "Modality",
    "BodyPartExamined",
    "SegmentedPropertyType",
    "AnatomicRegion",
    "ROIName",
    "AlgorithmType",
    "AlgorithmName",
    "Radiopharmaceutical",
    "ContrastBolusAgent",
    "ConvolutionKernel",
    "license_short_name",
    "PatientSex",
    "cancer_types",
    "tumor_locations",
    "collection_id",
)
_NOT_WORDS = re.compile(r"[\W_]+")

Counts = Mapping[str, Iterable[tuple[Any, int]]]


def matching(text: str, counts: Counts, limit: int) -> list[tuple[str, Any, int]]:
    """(column, value, series) of the values of ``counts`` that contain ``text``, in any letter case; whole values first, then beginnings of words."""
    wanted = plain(text)
    if not wanted:
        return []
    found: list[tuple[tuple[int, int, int], str, Any, int]] = []
    for column, values in counts.items():
        place = _ORDER.index(column) if column in _ORDER else len(_ORDER)
        for value, series in values:
            grade = _grade(wanted, plain(str(value))) if isinstance(value, str) else 0
            if grade:
                found.append(((-grade, place, -series), column, value, series))
    found.sort(key=lambda item: (item[0], str(item[2])))
    return [(column, value, series) for _rank, column, value, series in found[: max(0, limit)]]


def plain(text: str) -> str:
    """Words in lower case with one space between."""
    return _NOT_WORDS.sub(" ", text.casefold()).strip()


def _grade(wanted: str, value: str) -> int:
    if value == wanted:
        return 4
    if value.startswith(wanted):
        return 3
    if f" {wanted}" in value:
        return 2
    return 1 if wanted in value else 0
