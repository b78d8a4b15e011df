"""A labelmap on the grid of its images as a structure set (PS3.3 A.19.3): contours along the edges of voxels, so that every voxel comes back.

Implicit VR: a Contour Data element of more than 64 kB cannot be written with its VR.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from IDCBrowserLib.compare.masks import boxes
from IDCBrowserLib.dicom.sop_classes import RT_STRUCTURE_SET
from IDCBrowserLib.dicom.transfer_syntax import IMPLICIT_LITTLE
from IDCBrowserLib.errors import InputError
from IDCBrowserLib.export.head import code_items, license_note, make_head, referenced
from IDCBrowserLib.export.options import ExportOptions
from IDCBrowserLib.export.outlines import keyholed, outlines
from IDCBrowserLib.export.part_10 import element, encoded, fits, item, write_part_10
from IDCBrowserLib.export.plain_text import one_line, person_name, printable
from IDCBrowserLib.export.source_images import SourceImages
from IDCBrowserLib.labelmap.types import Labelmap, Segment

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from pydicom.dataset import Dataset

_ROI_CONTOUR, _CONTOURS = 0x30060039, 0x30060040
_STUDY_CLASS = "1.2.840.10008.3.1.2.3.1"
_MOST_LABEL = 2**31 - 1
# Of a voxel: far less than the half that lies between a contour and the nearest center.
_PRECISION = 1e-4


def write_rtstruct(labelmap: Labelmap, images: SourceImages, options: ExportOptions, path: Path) -> list[Segment]:
    """Write the file; gives the segments with their ROI Numbers. Raises ``InputError`` for what a structure set cannot hold."""
    if not images.grid.frame_of_reference_uid:
        raise InputError("The images state no frame of reference, so a structure set cannot refer to them. Write a binary SEG.")
    segments = _numbered(labelmap.segments)
    lacking = [k for k in range(labelmap.geometry.shape[0]) if images.grid.slices[k] is None and any(layer[k].any() for layer in labelmap.layers)]
    if lacking:
        raise InputError(f"The series lacks the images of {len(lacking)} slices that hold voxels; contours need an image each. Write a binary SEG.")
    own = _Contours(labelmap, images, options)
    rois = [own.of(segment) for segment in segments]
    if not any(rois):
        raise InputError("There is no voxel in any segment, so there is nothing to write.")
    head, tail = _head(labelmap, images, options, segments, own.used), _tail(segments)
    groups = b"".join(item(_roi_contour(segment, roi)) for segment, roi in zip(segments, rois, strict=True))
    if not fits(len(groups)):
        raise InputError("The contours need more than 4 GB. Write fewer segments at a time.")
    pieces = [encoded(head, True), element(_ROI_CONTOUR, b"SQ", len(groups), True), groups, encoded(tail, True)]
    write_part_10(path, head, IMPLICIT_LITTLE, pieces)
    return segments


def _numbered(segments: Sequence[Segment]) -> list[Segment]:
    """ROI Numbers are the label values where these are unique and fit; else 1, 2, ..."""
    from dataclasses import replace

    labels = [segment.label_value for segment in segments]
    if len(set(labels)) != len(labels) or max(labels, default=0) > _MOST_LABEL:
        labels = list(range(1, len(segments) + 1))
    return [replace(segment, number=label) for segment, label in zip(segments, labels, strict=True)]


class _Contours:
    """Contour items by ROI; ``used`` are the slices that have some."""

    def __init__(self, labelmap: Labelmap, images: SourceImages, options: ExportOptions) -> None:
        self._layers = labelmap.layers
        self._boxes = [boxes(layer) for layer in labelmap.layers]
        self._images = images
        self._keyholes = options.keyholes
        self._origins = images.grid.slice_positions()
        matrix = labelmap.geometry.index_to_lps()
        self._steps = matrix[:3, :2]
        self._digits = max(2, math.ceil(-math.log10(min(labelmap.geometry.spacing[:2]) * _PRECISION)))
        self._heads: dict[int, bytes] = {}
        self.used: set[int] = set()

    def of(self, segment: Segment) -> list[bytes]:
        """The contours of a segment, slice by slice, each an encoded item."""
        box = self._boxes[segment.layer].get(segment.label_value)
        if box is None:
            return []
        found = []
        for k in range(box[0].start, box[0].stop):
            mask = self._layers[segment.layer][k, box[1], box[2]] == segment.label_value
            if mask.any():
                self.used.add(k)
                found += list(self._on_slice(k, mask, (box[2].start, box[1].start)))
        return found

    def _on_slice(self, k: int, mask: NDArray[Any], corner: tuple[int, int]) -> Iterator[bytes]:
        loops = outlines(mask)
        for loop in keyholed(loops) if self._keyholes else loops:
            points = self._origins[k] + (loop.coordinates() + corner) @ self._steps.T
            yield item(self._head(k) + _points(points, self._digits))

    def _head(self, k: int) -> bytes:
        """What all contours of a slice say: the image, and that they are closed."""
        from pydicom.dataset import Dataset

        if k not in self._heads:
            made, image = Dataset(), self._images.grid.slices[k]
            assert image is not None, "slices without an image were refused"
            made.ContourImageSequence = [_image(self._images, image.sop_instance_uid, image.frame_number)]
            made.ContourGeometricType = "CLOSED_PLANAR"
            self._heads[k] = encoded(made, implicit=True)
        return self._heads[k]


def _image(images: SourceImages, uid: str, frame: int) -> Dataset:
    made = referenced(images.sop_class, uid)
    paths = [image.path for image in images.grid.present_slices]
    if len(set(paths)) < len(paths):
        made.ReferencedFrameNumber = frame
    return made


def _points(points: NDArray[np.float64], digits: int) -> bytes:
    """Number of Contour Points (3006,0046) and Contour Data (3006,0050)."""
    count = str(len(points)).encode()
    data = "\\".join(f"{value:.{digits}f}" for value in (points + 0.0).ravel().tolist()).encode()
    return _text(0x30060046, count) + _text(0x30060050, data)


def _text(tag: int, value: bytes) -> bytes:
    value += b" " * (len(value) % 2)
    return struct.pack("<HHI", tag >> 16, tag & 0xFFFF, len(value)) + value


def _roi_contour(segment: Segment, contours: Sequence[bytes]) -> bytes:
    """ROI Display Color (3006,002A), contours (3006,0040), Referenced ROI Number (3006,0084)."""
    color = "\\".join(map(str, segment.color)).encode()
    whole = b"".join(contours)
    inside = element(_CONTOURS, b"SQ", len(whole), True) + whole if contours else b""
    return _text(0x3006002A, color) + inside + _text(0x30060084, str(segment.number).encode())


def _head(labelmap: Labelmap, images: SourceImages, options: ExportOptions, segments: Sequence[Segment], used: set[int]) -> Dataset:
    """Everything up to the contours."""
    head = make_head(images, options, RT_STRUCTURE_SET, "RTSTRUCT", labelmap.source.series_description or "Structure set")
    head.OperatorsName = person_name(options.creator)
    head.StructureSetLabel = head.SeriesDescription[:16]
    head.StructureSetName = head.SeriesDescription
    if note := license_note(options):
        head.StructureSetDescription = note
    head.StructureSetDate, head.StructureSetTime = head.ContentDate, head.ContentTime
    for keyword in ("ContentDate", "ContentTime", "DeviceSerialNumber"):
        delattr(head, keyword)
    head.ReferencedFrameOfReferenceSequence = [_frame_of_reference(images, used)]
    head.StructureSetROISequence = [_roi(segment, images) for segment in segments]
    return head


def _frame_of_reference(images: SourceImages, used: set[int]) -> Dataset:
    from pydicom.dataset import Dataset

    frame, study, series = Dataset(), Dataset(), Dataset()
    series.SeriesInstanceUID = images.grid.series_uid
    uids = dict.fromkeys(image.sop_instance_uid for k in sorted(used) if (image := images.grid.slices[k]) is not None)
    series.ContourImageSequence = [referenced(images.sop_class, uid) for uid in uids]
    study.ReferencedSOPClassUID, study.ReferencedSOPInstanceUID = _STUDY_CLASS, images.grid.study_uid
    study.RTReferencedSeriesSequence = [series]
    frame.FrameOfReferenceUID = images.grid.frame_of_reference_uid
    frame.RTReferencedStudySequence = [study]
    return frame


def _roi(segment: Segment, images: SourceImages) -> Dataset:
    from pydicom.dataset import Dataset

    made = Dataset()
    made.ROINumber = segment.number
    made.ReferencedFrameOfReferenceUID = images.grid.frame_of_reference_uid
    made.ROIName = one_line(segment.name or f"ROI {segment.number}")[:64]
    if segment.description:
        made.ROIDescription = printable(segment.description)[:1024]
    made.ROIGenerationAlgorithm = segment.algorithm_type
    if segment.algorithm_type != "MANUAL":
        made.ROIGenerationDescription = one_line(segment.algorithm_name)[:64]
    return made


def _tail(segments: Sequence[Segment]) -> Dataset:
    """Observations: what each ROI is, by its codes (PS3.3 C.8.8.8)."""
    from pydicom.dataset import Dataset

    tail = Dataset()
    tail.RTROIObservationsSequence = []
    for place, segment in enumerate(segments, 1):
        made = Dataset()
        made.ObservationNumber = place
        made.ReferencedROINumber = segment.number
        if segment.category:
            made.SegmentedPropertyCategoryCodeSequence = code_items([segment.category])
        if segment.type:
            made.RTROIIdentificationCodeSequence = code_items([segment.type])
        made.RTROIInterpretedType, made.ROIInterpreter = "", ""
        tail.RTROIObservationsSequence.append(made)
    tail.ApprovalStatus = "UNAPPROVED"
    return tail
