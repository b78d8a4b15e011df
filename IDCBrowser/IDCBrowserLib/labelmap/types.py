"""The result of a conversion: ``Labelmap``, ``Segment``, ``Source`` and codes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from IDCBrowserLib.dicom.code import Code
from IDCBrowserLib.volume.geometry import Geometry, Vector

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from IDCBrowserLib.api import labelmap as api
    from IDCBrowserLib.api.values import Code as CodeDocument
    from IDCBrowserLib.labelmap.explain import SlicePlacement


@dataclass(frozen=True)
class Segment:
    """One segment of a SEG (PS3.3 C.8.20.4) or one ROI of a structure set (PS3.3 C.8.8.5).

    ``number`` is the Segment Number or ROI Number as stored; ``label_value`` is its voxel value in the labelmap volume and in its layer.
    ``layer`` is the index into ``Labelmap.layers``. ``color`` is sRGB, 0 to 255. ``voxels`` counts all of its voxels, overlapped ones included.
    ``details`` holds what only one kind has (RTSTRUCT: interpreted type, rule, areas), JSON-able.
    """

    number: int
    label_value: int
    name: str
    layer: int = 0
    description: str = ""
    category: Code | None = None
    type: Code | None = None
    type_modifiers: tuple[Code, ...] = ()
    anatomic_region: Code | None = None
    anatomic_region_modifiers: tuple[Code, ...] = ()
    color: tuple[int, int, int] = (128, 174, 128)
    algorithm_type: str = ""
    algorithm_name: str = ""
    tracking_id: str = ""
    tracking_uid: str = ""
    voxels: int = 0
    volume_mm3: float = 0.0
    details: dict[str, Any] = field(default_factory=dict)

    def to_json(self) -> api.Segment:
        """All fields; codes as dictionaries, ``type`` and ``category`` None where absent."""
        return {
            "number": self.number,
            "label_value": self.label_value,
            "name": self.name,
            "layer": self.layer,
            "description": self.description,
            "category": self.category.to_json() if self.category else None,
            "type": self.type.to_json() if self.type else None,
            "type_modifiers": [code.to_json() for code in self.type_modifiers],
            "anatomic_region": self.anatomic_region.to_json() if self.anatomic_region else None,
            "anatomic_region_modifiers": [code.to_json() for code in self.anatomic_region_modifiers],
            "color": self.color,
            "algorithm_type": self.algorithm_type,
            "algorithm_name": self.algorithm_name,
            "tracking_id": self.tracking_id,
            "tracking_uid": self.tracking_uid,
            "voxels": self.voxels,
            "volume_mm3": self.volume_mm3,
            "details": self.details,
        }

    @staticmethod
    def from_json(value: api.Segment) -> Segment:
        """The inverse of ``to_json``."""
        red, green, blue = value["color"]
        fields: dict[str, Any] = {**value}
        fields.update(
            category=Code.from_json(value["category"]),
            type=Code.from_json(value["type"]),
            type_modifiers=_codes(value["type_modifiers"]),
            anatomic_region=Code.from_json(value["anatomic_region"]),
            anatomic_region_modifiers=_codes(value["anatomic_region_modifiers"]),
            color=(int(red), int(green), int(blue)),
        )
        return Segment(**fields)


@dataclass(frozen=True)
class Annotation:
    """What is drawn but is no region: POINT, OPEN_PLANAR, OPEN_NONPLANAR contours (PS3.3 C.8.8.6). LPS, mm."""

    name: str
    kind: str
    points: tuple[Vector, ...]
    color: tuple[int, int, int]
    number: int = 0

    def to_json(self) -> api.Annotation:
        """All fields."""
        return {
            "name": self.name,
            "kind": self.kind,
            "points": self.points,
            "color": self.color,
            "number": self.number,
        }

    @staticmethod
    def from_json(value: api.Annotation) -> Annotation:
        """The inverse of ``to_json``."""
        red, green, blue = value["color"]
        points = tuple((float(x), float(y), float(z)) for x, y, z in value["points"])
        return Annotation(value["name"], value["kind"], points, (int(red), int(green), int(blue)), int(value["number"]))


@dataclass(frozen=True)
class Source:
    """Which DICOM object the labelmap was made from, and which images it was drawn on. Empty strings where not stated.

    ``context`` is what ``dicom.context`` reads about patient, study and series.
    """

    kind: str
    sop_class_uid: str = ""
    sop_instance_uid: str = ""
    series_uid: str = ""
    study_uid: str = ""
    patient_id: str = ""
    patient_name: str = ""
    series_description: str = ""
    series_number: str = ""
    frame_of_reference_uid: str = ""
    referenced_series_uids: tuple[str, ...] = ()
    referenced_instance_uids: tuple[str, ...] = ()
    context: Mapping[str, str] = field(default_factory=dict)

    def to_json(self) -> api.Source:
        """All fields."""
        return {
            "kind": self.kind,
            "sop_class_uid": self.sop_class_uid,
            "sop_instance_uid": self.sop_instance_uid,
            "series_uid": self.series_uid,
            "study_uid": self.study_uid,
            "patient_id": self.patient_id,
            "patient_name": self.patient_name,
            "series_description": self.series_description,
            "series_number": self.series_number,
            "frame_of_reference_uid": self.frame_of_reference_uid,
            "referenced_series_uids": list(self.referenced_series_uids),
            "referenced_instance_uids": list(self.referenced_instance_uids),
            "context": dict(self.context),
        }

    @staticmethod
    def from_json(value: api.Source) -> Source:
        """The inverse of ``to_json``."""
        fields: dict[str, Any] = {**value}
        uids = {key: tuple(fields[key]) for key in ("referenced_series_uids", "referenced_instance_uids")}
        return Source(**{**fields, **uids})


@dataclass(frozen=True)
class Labelmap:
    """Segments as voxels.

    ``layers`` are arrays of one shape (k, j, i) and one unsigned integer type; within a layer no two segments overlap, and a voxel holds
    the ``label_value`` of its segment or 0. ``labelmap_volume`` merges them. ``overlapping_voxels``: number of voxels in more than one segment.
    ``warnings`` are sentences for the user. ``annotations`` are never voxels.

    An object may become several: one for each grid of its images and each phase. ``label`` tells them apart ("TriggerTime 100"; empty where there is
    one), ``series_uid`` is that of the images ("" on the object's own grid), ``holds`` which frames or contours are in it, JSON-able.
    ``slice_thicknesses`` (k,) mm are given where they vary: ``geometry`` then only approximates where slices lie.
    ``placed`` is filled when ``ConvertOptions.explain`` asks for it. ``provenance`` are the keys of ``idc_keys``, for files.
    """

    layers: tuple[NDArray[Any], ...]
    geometry: Geometry
    segments: tuple[Segment, ...]
    source: Source
    overlapping_voxels: int = 0
    warnings: tuple[str, ...] = ()
    annotations: tuple[Annotation, ...] = ()
    label: str = ""
    series_uid: str = ""
    slice_thicknesses: tuple[float, ...] = ()
    holds: dict[str, Any] = field(default_factory=dict)
    placed: tuple[SlicePlacement, ...] = ()
    provenance: Mapping[str, str] = field(default_factory=dict)

    def labelmap_volume(self) -> NDArray[Any]:
        """One array (k, j, i); where segments overlap the highest label value stays."""
        import numpy as np

        if len(self.layers) == 1:
            return self.layers[0]
        merged: NDArray[Any] = self.layers[0].copy()
        for layer in self.layers[1:]:
            np.maximum(merged, layer, out=merged)
        return merged

    def to_json(self) -> api.Converted:
        """What ``idc-browser convert --json`` prints (without ``seconds``): no voxels."""
        return {
            **self.geometry.to_json(),
            "segments": [segment.to_json() for segment in self.segments],
            "layers": len(self.layers),
            "overlapping_voxels": self.overlapping_voxels,
            "warnings": list(self.warnings),
            "annotations": [annotation.to_json() for annotation in self.annotations],
            "source": self.source.to_json(),
            "label": self.label,
            "series_uid": self.series_uid,
            "slice_thicknesses": list(self.slice_thicknesses),
        }


def _codes(values: Sequence[CodeDocument]) -> tuple[Code, ...]:
    return tuple(Code(value["value"], value["scheme"], value["meaning"]) for value in values)
