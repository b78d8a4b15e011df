"""Any DICOM object in words, and what is saved of those that cannot be shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypedDict

from IDCBrowserLib.api.method import Method


class Reference(TypedDict):
    """``objects`` of a ``series`` that an object refers to; ``relation`` in words ("drawn on"), "" where something is not stated."""

    relation: str
    series: str
    sop_class: str
    kind: str
    objects: int
    sop_instances: Sequence[str]


class Description(TypedDict):
    """``kind`` in words ("Report"), ``text``: one line ("Report: 28 measurements of 104 organs"); ``family``: how it is opened.

    ``series``, ``study``, ``sop_class`` and ``sop_instance`` are UIDs. ``items``: the card, label and value; ``details``: the same for programs.
    """

    file: str
    kind: str
    family: str
    title: str
    text: str
    modality: str
    sop_class: str
    sop_class_name: str
    sop_instance: str
    series: str
    series_description: str
    study: str
    patient_id: str
    references: Sequence[Reference]
    details: Mapping[str, object]
    items: Sequence[tuple[str, str]]
    warnings: Sequence[str]


class File(TypedDict):
    """A DICOM file."""

    file: str


DESCRIBE: Method[File, Description] = Method("objects.describe", "work")


class SaveParameters(File):
    """Where to."""

    folder: str


class Saved(TypedDict):
    """The file that was written; ``opens``: whether it is of a kind that may be opened with another program."""

    file: str
    opens: bool


# What is inside a document, a waveform (as CSV) or a video.
SAVE: Method[SaveParameters, Saved] = Method("objects.save", "work")
