"""Methods on SEG and RTSTRUCT: what they contain, and their voxels and contours as raw files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, TypedDict

from IDCBrowserLib.api.method import Method
from IDCBrowserLib.api.values import Code
from IDCBrowserLib.api.volume import Array, Geometry

# sRGB, 0 to 255
Color = tuple[int, int, int]


class Input(TypedDict):
    """A SEG or RTSTRUCT file."""

    input: str


class Segment(TypedDict):
    """Fields as of ``labelmap.types.Segment``; ``details`` hold what only one kind has."""

    number: int
    label_value: int
    name: str
    layer: int
    description: str
    category: Code | None
    type: Code | None
    type_modifiers: Sequence[Code]
    anatomic_region: Code | None
    anatomic_region_modifiers: Sequence[Code]
    color: Color
    algorithm_type: str
    algorithm_name: str
    tracking_id: str
    tracking_uid: str
    voxels: int
    volume_mm3: float
    details: Mapping[str, object]


class Source(TypedDict):
    """Fields as of ``labelmap.types.Source``."""

    kind: str
    sop_class_uid: str
    sop_instance_uid: str
    series_uid: str
    study_uid: str
    patient_id: str
    patient_name: str
    series_description: str
    series_number: str
    frame_of_reference_uid: str
    referenced_series_uids: Sequence[str]
    referenced_instance_uids: Sequence[str]
    context: Mapping[str, str]


class DrawnOn(TypedDict):
    """The image series that an object names, and its frame of reference, "" where it states none."""

    referenced_series_uids: Sequence[str]
    frame_of_reference_uid: str


class Described(DrawnOn):
    """``segments`` without voxels; ``on_slide`` where they were drawn on slide microscopy."""

    kind: Literal["SEG", "RTSTRUCT"]
    segments: Sequence[Segment]
    source: Source
    warnings: Sequence[str]
    images_needed: bool
    on_slide: bool


DESCRIBE: Method[Input, Described] = Method("labelmap.describe", "work")


class Files(TypedDict):
    """Paths."""

    files: Sequence[str]


# Those of the files that are SEG or RTSTRUCT by their SOP class, whatever their Modality and series say.
DRAWN: Method[Files, Files] = Method("labelmap.drawn", "work")


class ConvertParameters(Input, total=False):
    """``images``: files of the series it was drawn on; the rest as of ``labelmap.options.ConvertOptions``, None for the usual."""

    images: Sequence[str] | None
    grid: str
    segments: Sequence[int] | None
    fractional_threshold: float
    contour_rule: str
    interpolate: bool
    one_layer: bool
    may_be_empty: bool


class Annotation(TypedDict):
    """What is drawn but is no region; ``points`` in LPS mm."""

    name: str
    kind: str
    points: Sequence[tuple[float, float, float]]
    color: Color
    number: int


class Converted(Geometry):
    """A labelmap without its voxels; ``shape`` (k, j, i) is that of each of the ``layers``; ``label`` tells several apart, ``series_uid`` is of
    the images whose grid it is on, ``slice_thicknesses`` in mm are there where slices have different ones.
    """

    segments: Sequence[Segment]
    layers: int
    overlapping_voxels: int
    warnings: Sequence[str]
    annotations: Sequence[Annotation]
    source: Source
    label: str
    series_uid: str
    slice_thicknesses: Sequence[float]


class Part(Converted):
    """With its layers."""

    arrays: Sequence[Array]


class Labelmap(Part):
    """``others``: labelmaps of further grids and phases of the same object; how many ``seconds`` it took."""

    others: Sequence[Part]
    seconds: float


CONVERT: Method[ConvertParameters, Labelmap] = Method("labelmap.convert", "work")


# A label file (.nrrd, .nii.gz, .seg.nrrd) as it is.
LABELS: Method[Input, Part] = Method("labelmap.labels", "work")


class ContoursParameters(Input, total=False):
    """ROI Numbers, None for all."""

    segments: Sequence[int] | None


class DrawnRoi(TypedDict):
    """Whose contours."""

    number: int
    name: str
    color: Color


class Contours(TypedDict):
    """``arrays``: points (n, 3) float32, LPS mm; contours (m, 3) int32 of index into ``rois``, index into ``kinds``, number of points."""

    arrays: Sequence[Array]
    rois: Sequence[DrawnRoi]
    kinds: Sequence[str]
    warnings: Sequence[str]


CONTOURS: Method[ContoursParameters, Contours] = Method("labelmap.contours", "work")
