"""A labelmap on the grid of its images as a SEG: BINARY (PS3.3 A.51, C.8.20.2) or LABELMAP (C.8.20.2.3.3, Label Map Segmentation Storage).

Per-frame functional groups are encoded here, since pydicom takes a second for a few thousand: what frames have in common is encoded once.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from IDCBrowserLib.dicom.code import Code
from IDCBrowserLib.dicom.sop_classes import LABEL_MAP_SEGMENTATION, SEGMENTATION
from IDCBrowserLib.dicom.transfer_syntax import DEFLATED, EXPLICIT_LITTLE
from IDCBrowserLib.errors import InputError
from IDCBrowserLib.export.head import code_items, license_note, make_head, new_uid, referenced
from IDCBrowserLib.export.numbers import decimal
from IDCBrowserLib.export.options import ExportOptions
from IDCBrowserLib.export.part_10 import element, encoded, fits, item, write_part_10
from IDCBrowserLib.export.plain_text import person_name
from IDCBrowserLib.export.segment_items import segment_item
from IDCBrowserLib.export.source_images import SourceImages
from IDCBrowserLib.labelmap.types import Labelmap, Segment

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from pydicom.dataset import Dataset

_SEGMENTATION_OPERATION = Code("113076", "DCM", "Segmentation")
_SOURCE_PURPOSE = Code("121322", "DCM", "Source image for image processing operation")
_PER_FRAME, _PIXEL_DATA = 0x52009230, 0x7FE00010
_MOST_LABEL = 0xFFFF


@dataclass(frozen=True)
class _Frame:
    """``number``: Segment Number, 0 in a label map. ``k``: slice of the grid. ``layer`` and ``label`` say where its voxels are."""

    k: int
    number: int = 0
    layer: int = 0
    label: int = 0


def write_seg(labelmap: Labelmap, images: SourceImages, options: ExportOptions, path: Path) -> list[Segment]:
    """Write the file; gives the segments as they are numbered in it. Raises ``InputError`` for what a SEG cannot hold."""
    is_label_map = options.kind == "labelmap"
    segments: Sequence[Segment] = labelmap.segments
    if is_label_map:
        segments, volume = _for_label_map(labelmap, segments)
        held = {segment.label_value for segment in segments}
        if max(held) > _MOST_LABEL:
            raise InputError(f"The label {max(held)} is larger than {_MOST_LABEL}, the largest of a label map. A binary SEG numbers segments anew.")
        frames = [_Frame(k) for k, plane in enumerate(volume) if plane.any()]
        layers: tuple[NDArray[Any], ...] = (volume,)
        numbers = [segment.label_value for segment in segments]
    else:
        layers = labelmap.layers
        numbers = list(range(1, len(segments) + 1))
        if len(numbers) > _MOST_LABEL:
            raise InputError(f"A SEG holds at most {_MOST_LABEL} segments; there are {len(numbers):,}.")
        frames = list(_frames(layers, segments, numbers))
    if not frames and not options.may_be_empty:
        raise InputError("There is no voxel in any segment, so there is nothing to write.")
    # An object has a frame at least: one without a voxel.
    frames = frames or [_Frame(labelmap.geometry.shape[0] // 2, numbers[0], segments[0].layer, segments[0].label_value)]
    dtype = np.dtype("u1") if not is_label_map or max(numbers) <= 0xFF else np.dtype("<u2")
    head = _head(labelmap, images, options, frames, dtype, is_label_map)
    head.SegmentSequence = [segment_item(segment, number, options) for segment, number in zip(segments, numbers, strict=True)]
    groups = _functional_groups(images, frames, numbers, is_label_map)
    pixels = _label_pixels(layers[0], frames, dtype) if is_label_map else _binary_pixels(layers, frames)
    rows, columns = layers[0].shape[1:]
    size = len(frames) * rows * columns * dtype.itemsize if is_label_map else (len(frames) * rows * columns + 7) // 8
    if not fits(size + 1):
        raise InputError("The voxels need more than 4 GB. Write a label map, or fewer segments at a time.")
    write_part_10(path, head, DEFLATED if options.compress else EXPLICIT_LITTLE, _pieces(head, groups, pixels, size, dtype))
    return [_renumbered(segment, number) for segment, number in zip(segments, numbers, strict=True)]


def _pieces(head: Dataset, groups: bytes, pixels: Iterator[bytes], size: int, dtype: np.dtype[Any]) -> Iterator[bytes]:
    yield encoded(head, implicit=False)
    yield element(_PER_FRAME, b"SQ", len(groups), implicit=False)
    yield groups
    yield element(_PIXEL_DATA, b"OW" if dtype.itemsize == 2 else b"OB", size + size % 2, implicit=False)
    yield from pixels
    if size % 2:
        yield b"\0"


def _renumbered(segment: Segment, number: int) -> Segment:
    return replace(segment, number=number, label_value=number, layer=0)


def _for_label_map(labelmap: Labelmap, segments: Sequence[Segment]) -> tuple[list[Segment], NDArray[Any]]:
    """All in one array, with label values that are unique; raises ``InputError`` where segments overlap."""
    if labelmap.overlapping_voxels:
        raise InputError(
            f"{labelmap.overlapping_voxels:,} voxels belong to more than one segment, which a label map cannot hold. Write a binary SEG."
        )
    labels = [segment.label_value for segment in segments]
    if len(set(labels)) == len(labels) and len(labelmap.layers) == 1:
        return list(segments), _of_segments(labelmap.layers[0], labels)
    volume = np.zeros(labelmap.geometry.shape, np.uint16)
    numbered = [_renumbered(segment, number) for number, segment in enumerate(segments, 1)]
    for segment, made in zip(segments, numbered, strict=True):
        volume[labelmap.layers[segment.layer] == segment.label_value] = made.label_value
    return numbered, volume


def _of_segments(volume: NDArray[Any], labels: Sequence[int]) -> NDArray[Any]:
    """Without labels that no segment has: what is left of one that was removed."""
    left = [sorted(_labels_of(plane) - {0, *labels}) for plane in volume]
    if not any(left):
        return volume
    cleaned: NDArray[Any] = volume.copy()
    for plane, others in zip(cleaned, left, strict=True):
        for other in others:
            plane[plane == other] = 0
    return cleaned


def _frames(layers: Sequence[NDArray[Any]], segments: Sequence[Segment], numbers: Sequence[int]) -> Iterator[_Frame]:
    """A frame for every slice of a segment that holds some of it, segment by segment."""
    present = [[_labels_of(plane) for plane in layer] for layer in layers]
    for segment, number in zip(segments, numbers, strict=True):
        for k, labels in enumerate(present[segment.layer]):
            if segment.label_value in labels:
                yield _Frame(k, number, segment.layer, segment.label_value)


def _labels_of(plane: NDArray[Any]) -> set[int]:
    if plane.dtype.itemsize > 2:
        return set(np.unique(plane).tolist())
    return set(np.flatnonzero(np.bincount(plane.ravel())).tolist())


def _binary_pixels(layers: Sequence[NDArray[Any]], frames: Sequence[_Frame]) -> Iterator[bytes]:
    """One bit a voxel, the first in the lowest bit; frames follow each other without padding (PS3.5 8.1.1)."""
    for first in range(0, len(frames), 8):
        # Eight frames fill whole bytes, whatever their size.
        group = [(layers[frame.layer][frame.k] == frame.label).ravel() for frame in frames[first : first + 8]]
        yield np.packbits(np.concatenate(group), bitorder="little").tobytes()


def _label_pixels(volume: NDArray[Any], frames: Sequence[_Frame], dtype: np.dtype[Any]) -> Iterator[bytes]:
    for frame in frames:
        yield np.ascontiguousarray(volume[frame.k], dtype).tobytes()


def _head(
    labelmap: Labelmap, images: SourceImages, options: ExportOptions, frames: Sequence[_Frame], dtype: np.dtype[Any], is_label_map: bool
) -> Dataset:
    from pydicom.dataset import Dataset

    sop_class = LABEL_MAP_SEGMENTATION if is_label_map else SEGMENTATION
    head = make_head(images, options, sop_class, "SEG", labelmap.source.series_description or "Segmentation")
    head.ImageType = ["DERIVED", "PRIMARY"]
    head.ContentLabel = "SEGMENTATION"
    head.ContentDescription = head.SeriesDescription
    head.ContentCreatorName = person_name(options.creator)
    if note := license_note(options):
        head.ImageComments = note
    _, rows, columns = labelmap.geometry.shape
    head.Rows, head.Columns, head.NumberOfFrames = rows, columns, len(frames)
    head.SamplesPerPixel, head.PhotometricInterpretation, head.PixelRepresentation = 1, "MONOCHROME2", 0
    bits = 8 * dtype.itemsize if is_label_map else 1
    head.BitsAllocated, head.BitsStored, head.HighBit = bits, bits, bits - 1
    head.LossyImageCompression = "00"
    head.SegmentationType = "LABELMAP" if is_label_map else "BINARY"
    head.SegmentsOverlap = "YES" if labelmap.overlapping_voxels else "NO"
    if is_label_map:
        # The background.
        head.PixelPaddingValue = 0
    head.ReferencedSeriesSequence = [_referenced_series(images, {frame.k for frame in frames})]
    organization = Dataset()
    organization.DimensionOrganizationUID = new_uid()
    head.DimensionOrganizationSequence = [organization]
    pointers = [(0x0020_0032, 0x0020_9113)] if is_label_map else [(0x0062_000B, 0x0062_000A), (0x0020_0032, 0x0020_9113)]
    head.DimensionIndexSequence = [_dimension(organization.DimensionOrganizationUID, *pointer) for pointer in pointers]
    head.SharedFunctionalGroupsSequence = [_shared_groups(labelmap, images)]
    return head


def _dimension(organization: str, pointer: int, group: int) -> Dataset:
    from pydicom.dataset import Dataset
    from pydicom.tag import Tag

    made = Dataset()
    made.DimensionOrganizationUID = organization
    made.DimensionIndexPointer, made.FunctionalGroupPointer = Tag(pointer), Tag(group)
    made.DimensionDescriptionLabel = "Segment Number" if pointer == 0x0062_000B else "Image Position Patient"
    return made


def _referenced_series(images: SourceImages, slices: set[int]) -> Dataset:
    """The images that frames lie on, each once."""
    from pydicom.dataset import Dataset

    made = Dataset()
    made.SeriesInstanceUID = images.grid.series_uid
    uids = dict.fromkeys(image.sop_instance_uid for k in sorted(slices) if (image := images.grid.slices[k]) is not None)
    made.ReferencedInstanceSequence = [referenced(images.sop_class, uid) for uid in uids]
    return made


def _shared_groups(labelmap: Labelmap, images: SourceImages) -> Dataset:
    """Pixel Measures and Plane Orientation (PS3.3 C.7.6.16.2.1, C.7.6.16.2.4)."""
    from pydicom.dataset import Dataset

    geometry = labelmap.geometry
    measures, orientation, shared = Dataset(), Dataset(), Dataset()
    measures.PixelSpacing = [decimal(geometry.spacing[1]), decimal(geometry.spacing[0])]
    measures.SliceThickness = decimal(geometry.slice_step)
    if images.grid.is_regular:
        measures.SpacingBetweenSlices = decimal(geometry.slice_step)
    orientation.ImageOrientationPatient = [decimal(value) for axis in geometry.directions[:2] for value in axis]
    shared.PixelMeasuresSequence, shared.PlaneOrientationSequence = [measures], [orientation]
    return shared


def _functional_groups(images: SourceImages, frames: Sequence[_Frame], numbers: Sequence[int], is_label_map: bool) -> bytes:
    """The items of Per-frame Functional Groups Sequence, explicit little endian."""
    slices = sorted({frame.k for frame in frames})
    order = {k: place for place, k in enumerate(slices, 1)}
    positions = images.grid.slice_positions()
    before = {k: encoded(_derivation(images, k), implicit=False) for k in slices}
    behind = {k: encoded(_position(positions[k]), implicit=False) for k in slices}
    segments = {} if is_label_map else {number: encoded(_identification(number), implicit=False) for number in numbers}
    parts = []
    for frame in frames:
        # Ascending tags: (0008,9124) derivation, (0020,9111) content, (0020,9113) position, (0062,000A) segment.
        values = (order[frame.k],) if is_label_map else (frame.number, order[frame.k])
        index = struct.pack(f"<HH2sH{len(values)}I", 0x0020, 0x9157, b"UL", 4 * len(values), *values)
        content = element(0x00209111, b"SQ", len(index) + 8, implicit=False) + item(index)
        parts.append(item(before[frame.k] + content + behind[frame.k] + segments.get(frame.number, b"")))
    return b"".join(parts)


def _derivation(images: SourceImages, k: int) -> Dataset:
    """Which image a frame lies on; an empty sequence where the series lacks the slice."""
    from pydicom.dataset import Dataset

    made = Dataset()
    image = images.grid.slices[k]
    if image is None:
        made.DerivationImageSequence = []
        return made
    source = referenced(images.sop_class, image.sop_instance_uid)
    if _is_multi_frame(images):
        source.ReferencedFrameNumber = image.frame_number
    source.SpatialLocationsPreserved = "YES"
    source.PurposeOfReferenceCodeSequence = code_items([_SOURCE_PURPOSE])
    derivation = Dataset()
    derivation.SourceImageSequence = [source]
    derivation.DerivationCodeSequence = code_items([_SEGMENTATION_OPERATION])
    made.DerivationImageSequence = [derivation]
    return made


def _is_multi_frame(images: SourceImages) -> bool:
    paths = [image.path for image in images.grid.present_slices]
    return len(set(paths)) < len(paths) or any(image.frame_number > 1 for image in images.grid.present_slices)


def _position(position: NDArray[np.float64]) -> Dataset:
    from pydicom.dataset import Dataset

    made, plane = Dataset(), Dataset()
    plane.ImagePositionPatient = [decimal(float(value)) for value in position]
    made.PlanePositionSequence = [plane]
    return made


def _identification(number: int) -> Dataset:
    from pydicom.dataset import Dataset

    made, segment = Dataset(), Dataset()
    segment.ReferencedSegmentNumber = number
    made.SegmentIdentificationSequence = [segment]
    return made
