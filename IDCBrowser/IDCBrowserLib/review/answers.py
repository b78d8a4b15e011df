"""What a review list holds, as values: entries with their series, segments, and what readers said of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from IDCBrowserLib.review.form import Value


@dataclass(frozen=True)
class Series:
    """One series of an entry; ``modality`` and ``sop_class_uid`` as the catalog states them."""

    series_uid: str
    study_uid: str
    modality: str = ""
    sop_class_uid: str = ""
    description: str = ""
    bytes: int = 0

    def to_json(self) -> list[Any]:
        """In the order of the fields."""
        return [self.series_uid, self.study_uid, self.modality, self.sop_class_uid, self.description, self.bytes]


@dataclass(frozen=True)
class Item:
    """An entry of the list: ``number`` counts from 0. ``head`` is what reports say of patient and study, once an image of it was seen."""

    number: int
    name: str
    collection_id: str
    patient_id: str
    series: tuple[Series, ...]
    head: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Segment:
    """``key`` names it for answers: that of its object with its number. ``object_uid`` and ``object_class`` are of the SEG or structure set,
    ``image_series_uid`` is what it was drawn on."""

    key: str
    name: str
    code: str = ""
    series_uid: str = ""
    object_uid: str = ""
    object_class: str = ""
    number: int = 0
    image_series_uid: str = ""


@dataclass(frozen=True)
class Answer:
    """``segment`` is "" for the entry as a whole; ``changed`` is the time in UTC, as ISO 8601 writes it."""

    reader: str
    item: int
    segment: str
    question: str
    value: Value
    changed: str = ""


@dataclass(frozen=True)
class Correction:
    """A corrected segmentation that was written: ``path`` relative to the folder of the list."""

    reader: str
    item: int
    series_uid: str
    path: str


def segment_key(object_uid: str, number: int, name: str) -> str:
    """By object and number; by name where a segmentation has no DICOM object."""
    return f"{object_uid}/{number}" if object_uid and number else f"{object_uid}/{name[:200]}"
