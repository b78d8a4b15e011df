"""DICOM Segmentation (PS3.3 A.51) and Label Map Segmentation (A.91) objects to ``Labelmap``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from IDCBrowserLib.errors import InputError, NotFoundError
from IDCBrowserLib.labelmap.convert import LABEL_MAP_SEGMENTATION
from IDCBrowserLib.labelmap.description import Description
from IDCBrowserLib.labelmap.dicomfile import DicomFile, open_dicom
from IDCBrowserLib.labelmap.elements import Elements
from IDCBrowserLib.labelmap.frames import FrameTable, read_frames
from IDCBrowserLib.labelmap.layers import label_dtype, overlapping_voxels
from IDCBrowserLib.labelmap.options import ConvertOptions
from IDCBrowserLib.labelmap.pixels import FramePixels, open_pixels
from IDCBrowserLib.labelmap.placing import coinciding_slices, index_matrix, is_exact, resample_nearest
from IDCBrowserLib.labelmap.planes import PlaneStack, stack_planes
from IDCBrowserLib.labelmap.references import is_referenced, rank_grids
from IDCBrowserLib.labelmap.segdecode import Decoded, check_memory, decode_labels, decode_masks, recount
from IDCBrowserLib.labelmap.segments import read_segments, read_source
from IDCBrowserLib.labelmap.types import Labelmap, Segment, Source
from IDCBrowserLib.task import Task
from IDCBrowserLib.volume.geometry import Geometry

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from IDCBrowserLib.volume.image_grid import ImageGrid

_TYPES = ("BINARY", "FRACTIONAL", "LABELMAP")


@dataclass(frozen=True)
class _Seg:
    """What the header says; nothing of the pixels."""

    file: DicomFile
    kind: str
    source: Source
    segments: dict[int, Segment]
    warnings: tuple[str, ...]

    @property
    def root(self) -> Elements:
        return self.file.root

    @property
    def path(self) -> str:
        return self.file.path


def describe_seg(path: str | Path) -> Description:
    """The segments and references of a SEG; decodes no pixel."""
    seg = _open(path)
    source = seg.source
    return Description("SEG", tuple(seg.segments.values()), source.referenced_series_uids, source.frame_of_reference_uid, source, seg.warnings)


def convert_seg(path: str | Path, image_grids: Sequence[ImageGrid] | None, options: ConvertOptions, task: Task) -> Labelmap:
    """The voxels of a SEG, on its own grid or on that of one of ``image_grids`` (the one it refers to).

    ``label_value`` is the segment number. Overlapping segments lie in several layers. Raises ``ConversionError``.
    """
    seg = _open(path)
    chosen = _chosen(seg, options)
    frames = read_frames(seg.root, seg.kind == "LABELMAP")
    _check_described(seg, frames)
    pixels = open_pixels(seg.file, frames.rows, frames.columns, frames.count)
    job = _Job(seg, chosen, frames, pixels, options=options, task=task)
    on_images = options.grid == "images" or (options.grid == "auto" and image_grids is not None)
    if not on_images:
        return job.on_own_grid()
    if not image_grids:
        raise InputError(f"{path} is to be placed on the images, but none were given. Give their folder, or convert on the SEG's own grid.")
    return job.on_images(image_grids)


def _open(path: str | Path) -> _Seg:
    file = open_dicom(path)
    root = file.root
    source = read_source(root, "SEG")
    kind = "LABELMAP" if source.sop_class_uid == LABEL_MAP_SEGMENTATION else root.text(0x00620001)
    if kind not in _TYPES:
        root.stream.fail(f"Segmentation Type (0062,0001) is {kind or 'missing'}; known are {', '.join(_TYPES)}.")
    segments = read_segments(root)
    warnings: tuple[str, ...] = ()
    if kind == "LABELMAP":
        segments = _without_background(root, segments)
    elif 0 in segments:
        root.stream.fail("Segment Number (0062,0004) is 0, which only a label map may have.")
    return _Seg(file, kind, source, segments, warnings)


def _without_background(root: Elements, segments: dict[int, Segment]) -> dict[int, Segment]:
    """A label map may describe its background as a segment; the background has no voxels in a label volume."""
    background = _background_value(root)
    found = {number: segment for number, segment in segments.items() if number != background}
    if 0 in found:
        # Pixel Padding Value says that another number is the background: 0 is a real segment and needs a label.
        found[0] = replace(found[0], label_value=max(segments) + 1)
    return found


def _background_value(root: Elements) -> int:
    """Pixel Padding Value (0028,0120), 0 where absent."""
    return root.unsigned(0x00280120) or 0


def _chosen(seg: _Seg, options: ConvertOptions) -> dict[int, Segment]:
    if options.segments is None:
        return seg.segments
    unknown = sorted(options.segments - seg.segments.keys())
    if unknown:
        known = ", ".join(str(number) for number in list(seg.segments)[:30]) + (" ..." if len(seg.segments) > 30 else "")
        raise NotFoundError(f"{seg.path} has no segment {', '.join(map(str, unknown))}. Its segments are {known}.")
    return {number: segment for number, segment in seg.segments.items() if number in options.segments}


def _check_described(seg: _Seg, frames: FrameTable) -> None:
    if seg.kind == "LABELMAP":
        return
    unknown = sorted(set(np.unique(frames.segment).tolist()) - seg.segments.keys())
    if unknown:
        seg.root.stream.fail(
            f"Frames refer to segment {', '.join(map(str, unknown[:10]))} (Referenced Segment Number (0062,000B)), "
            "which Segment Sequence (0062,0002) does not describe. Report it to whoever made the file."
        )


class _Job:
    """One conversion: header, chosen segments, frames and pixels."""

    def __init__(
        self, seg: _Seg, chosen: dict[int, Segment], frames: FrameTable, pixels: FramePixels, *, options: ConvertOptions, task: Task
    ) -> None:
        self._seg, self._chosen, self._frames, self._pixels, self._options, self._task = seg, chosen, frames, pixels, options, task

    def on_own_grid(self) -> Labelmap:
        stack = stack_planes(self._frames, self._seg.path)
        decoded = self._decode_stack(stack)
        if stack.nearest is not None:
            decoded = self._spread(decoded, stack.nearest)
        return self._labelmap(decoded, stack.geometry, stack.warnings)

    def on_images(self, grids: Sequence[ImageGrid]) -> Labelmap:
        ranked = rank_grids(self._seg.root, self._seg.source, grids, self._seg.path)
        warnings: tuple[str, ...] = ()
        if not is_referenced(self._seg.root, self._seg.source, ranked[0]):
            warnings = ("The SEG does not name these images; they lie in the same frame of reference.",)
        for grid in self._same_rank(ranked):
            slices = coinciding_slices(self._frames, grid)
            if slices is not None:
                return self._place(grid, slices, warnings)
        return self._resample(ranked[0], warnings)

    @staticmethod
    def _same_rank(ranked: list[ImageGrid]) -> list[ImageGrid]:
        """The best grid first, then the other grids of its series (phases at the same places have one geometry)."""
        return [grid for grid in ranked if grid.series_uid == ranked[0].series_uid]

    def _place(self, grid: ImageGrid, slices: NDArray[np.int64], warnings: tuple[str, ...]) -> Labelmap:
        slice_of_frame = slices[self._frames.plane]
        outside = int(np.count_nonzero(slice_of_frame < 0))
        if outside:
            warnings = (*warnings, f"{outside:,} of {self._frames.count:,} frames lie outside the images and were left out.")
        decoded = self._decode(slice_of_frame, grid.geometry.shape[0])
        return self._labelmap(decoded, grid.geometry, warnings)

    def _resample(self, grid: ImageGrid, warnings: tuple[str, ...]) -> Labelmap:
        stack = stack_planes(self._frames, self._seg.path)
        decoded = self._decode_stack(stack)
        if stack.nearest is not None:
            decoded = self._spread(decoded, stack.nearest)
        matrix = index_matrix(stack.geometry, grid.geometry)
        check_memory(grid.geometry.shape, decoded.layers[0].dtype.itemsize, self._seg.path)
        if not is_exact(matrix, grid.geometry):
            warnings = (*warnings, "The planes of the SEG and of the images do not coincide; each image voxel shows the nearest voxel of the SEG.")
        layers = resample_nearest(decoded.layers, matrix, grid.geometry, self._task)
        before, after = decoded.voxels, recount(layers, self._chosen.values(), decoded.layer_of)
        lost = [str(number) for number, count in after.items() if count == 0 and before[number]]
        if lost:
            warnings = (*warnings, f"No voxel of segment {', '.join(lost)} lies within the images.")
        return self._labelmap(replace(decoded, layers=layers, voxels=after), grid.geometry, (*stack.warnings, *warnings))

    def _decode_stack(self, stack: PlaneStack) -> Decoded:
        check_memory(stack.geometry.shape, 1, self._seg.path)
        return self._decode(stack.slice_of_position[self._frames.plane], stack.stored_slices)

    def _decode(self, slice_of_frame: NDArray[np.int64], slices: int) -> Decoded:
        dtype = label_dtype(max((segment.label_value for segment in self._chosen.values()), default=1))
        check_memory((slices, self._frames.rows, self._frames.columns), dtype.itemsize, self._seg.path)
        if self._seg.kind == "LABELMAP":
            return decode_labels(self._frames, slice_of_frame, slices, self._pixels, values=self._values(), task=self._task, path=self._seg.path)
        return decode_masks(
            self._frames, slice_of_frame, slices, self._pixels, segments=self._chosen.values(), threshold=self._threshold(), task=self._task
        )

    def _values(self) -> dict[int, Segment | None]:
        """Every pixel value that may occur in the label map -> its segment, None for the background and for what was not chosen."""
        values: dict[int, Segment | None] = {number: self._chosen.get(number) for number in self._seg.segments}
        values[_background_value(self._seg.root)] = None
        values.setdefault(0, None)
        return values

    def _threshold(self) -> int:
        """The smallest stored value that becomes a voxel."""
        if self._seg.kind != "FRACTIONAL":
            return 1
        largest = self._seg.root.unsigned(0x0062000E)
        if not largest:
            self._seg.root.stream.fail("Maximum Fractional Value (0062,000E) is missing or 0, so the stored fractions cannot be understood.")
        return max(1, int(np.ceil(self._options.fractional_threshold * largest - 1e-9)))

    def _spread(self, decoded: Decoded, nearest: NDArray[np.int64]) -> Decoded:
        """Stored slices to the slices of a regular grid; -1 stays empty."""
        layers = []
        for layer in decoded.layers:
            out = np.zeros((len(nearest), *layer.shape[1:]), layer.dtype)
            out[nearest >= 0] = layer[nearest[nearest >= 0]]
            layers.append(out)
        return replace(decoded, layers=tuple(layers), voxels=recount(tuple(layers), self._chosen.values(), decoded.layer_of))

    def _labelmap(self, decoded: Decoded, geometry: Geometry, warnings: tuple[str, ...]) -> Labelmap:
        volume = geometry.voxel_volume_mm3
        segments = tuple(
            replace(segment, layer=decoded.layer_of[number], voxels=decoded.voxels[number], volume_mm3=decoded.voxels[number] * volume)
            for number, segment in self._chosen.items()
        )
        return Labelmap(
            layers=decoded.layers,
            geometry=geometry,
            segments=segments,
            source=self._seg.source,
            overlapping_voxels=overlapping_voxels(decoded.layers),
            warnings=(*self._seg.warnings, *warnings, *decoded.warnings),
        )
