"""Methods that read image volumes and estimate their memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypedDict

from IDCBrowserLib.api.method import Method
from IDCBrowserLib.api.values import Code


class Array(TypedDict):
    """A raw file of ``dtype`` (little endian) in C order; whoever asked for it removes it."""

    array: str
    dtype: str
    shape: Sequence[int]


class Geometry(TypedDict):
    """``shape`` (k, j, i), ``spacing`` (i, j, k) in mm, ``origin`` and ``directions`` (rows are the i, j, k axes) in LPS mm."""

    shape: Sequence[int]
    spacing: Sequence[float]
    origin: Sequence[float]
    directions: Sequence[Sequence[float]]


class _Read(TypedDict):
    files: Sequence[str]


class ReadParameters(_Read, total=False):
    """``grid``: which of several volumes, 0 is the largest. ``suv``: of PET, SUV by "bw", "lbm" or "bsa" where that can be computed, with

    ``mappings``, files of Real World Value Mapping objects.
    """

    grid: int
    suv: str
    mappings: Sequence[str]


class Description(TypedDict):
    """One volume of a series; ``shape`` is (k, j, i), ``label`` tells several apart; not ``placed``: the images state no place in the patient."""

    grid: int
    label: str
    color: bool
    placed: bool
    name: str
    shape: Sequence[int]
    geometry: Geometry
    modality: str
    series_uid: str
    study_uid: str
    patient_id: str
    patient_name: str
    series_description: str
    series_number: str
    frame_of_reference_uid: str


class Volume(Description, Array):
    """``window``: (center, width); ``inverted`` where low values are to be shown bright; ``others``: volumes that were not read.

    ``shape`` (k, j, i), of color volumes (k, j, i, 3). ``quantity`` and ``unit`` in words; ``short`` stands before a value: "SUV 7.32".
    ``drawn``: those of the files that are SEG or RTSTRUCT.
    ``kind`` is "pet", "dose", "map" or "" for images. ``isodoses`` of a dose: points (n, 3) float32 in LPS mm, triangles (m, 3) int32, and the dose
    of each point (n,) float32; else nothing. Of images without a place: ``frames_per_second`` as stated, and ``windows`` (center, width, name)
    to choose from.
    ``instances``: SOP Instance UID of each slice in the order of k; those of a multi-frame image once.
    ``context`` is what ``dicom.context`` reads about patient, study and series.
    """

    window: tuple[float, float]
    inverted: bool
    quantity: str
    unit: str
    short: str
    kind: str
    quantity_code: Code | None
    unit_code: Code | None
    warnings: Sequence[str]
    drawn: Sequence[str]
    isodoses: Sequence[Array]
    frames_per_second: float | None
    windows: Sequence[tuple[float, float, str]]
    instances: Sequence[str]
    context: Mapping[str, str]
    others: Sequence[Description]


READ: Method[ReadParameters, Volume] = Method("volume.read", "work")


class PlainParameters(TypedDict):
    """``files`` of an image series."""

    files: Sequence[str]


class Plain(Description, Array):
    """A volume that is as Slicer's own reader would make it; ``array`` is zeros until it is filled. ``sop_class`` of its images.

    ``windows`` are all pairs of (center, width) of the slice in the middle; ``instances`` and ``context`` as in ``Volume``. ``instance_numbers``
    are 0 where a file states none.
    """

    sop_class: str
    windows: Sequence[tuple[float, float]]
    instances: Sequence[str]
    instance_numbers: Sequence[int]
    context: Mapping[str, str]


# Fails for what Slicer's own reader has to load.
PLAIN: Method[PlainParameters, Plain] = Method("volume.plain", "work")


class FillParameters(TypedDict):
    """The answer to ``PLAIN`` that is to be filled."""

    files: Sequence[str]
    array: str


class Filled(TypedDict):
    """How many slices there are."""

    slices: int


# Slices in the middle come first; whoever has mapped the file sees them come.
FILL: Method[FillParameters, Filled] = Method("volume.fill", "work")


class _Memory(TypedDict):
    files: Sequence[str]


class MemoryParameters(_Memory, total=False):
    """``images`` that the series was drawn on."""

    images: Sequence[str]


class Memory(TypedDict):
    """An estimate from headers; ``available_bytes`` is None where unknown."""

    bytes: int
    available_bytes: int | None


MEMORY: Method[MemoryParameters, Memory] = Method("volume.memory", "work")
