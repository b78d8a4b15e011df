"""DICOM Segmentation (PS3.3 A.51) and Label Map Segmentation (A.91) objects to ``Labelmap``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from IDCBrowserLib.errors import InputError
from IDCBrowserLib.labelmap.description import Description
from IDCBrowserLib.labelmap.frames import FrameTable, read_frames
from IDCBrowserLib.labelmap.layers import label_dtype, overlapping_voxels
from IDCBrowserLib.labelmap.options import ConvertOptions
from IDCBrowserLib.labelmap.pixels import FramePixels, open_pixels
from IDCBrowserLib.labelmap.placing import coinciding_slices, index_matrix, is_exact, resample_nearest
from IDCBrowserLib.labelmap.planes import PlaneStack, confirmed_spacing, stack_planes
from IDCBrowserLib.labelmap.references import is_referenced, rank_grids
from IDCBrowserLib.labelmap.segdecode import Decoded, check_memory, decode_labels, decode_masks, recount
from IDCBrowserLib.labelmap.segheader import SegHeader, open_seg
from IDCBrowserLib.labelmap.types import Labelmap, Segment
from IDCBrowserLib.task import Task
from IDCBrowserLib.volume.geometry import Geometry

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from IDCBrowserLib.volume.image_grid import ImageGrid


def describe_seg(path: str | Path) -> Description:
    """The segments and references of a SEG; decodes no pixel."""
    seg = open_seg(path)
    source = seg.source
    return Description("SEG", tuple(seg.segments.values()), source.referenced_series_uids, source.frame_of_reference_uid, source)


def convert_seg(path: str | Path, image_grids: Sequence[ImageGrid] | None, options: ConvertOptions, task: Task) -> Labelmap:
    """The voxels of a SEG, on its own grid or on that of one of ``image_grids`` (the one it refers to).

    ``label_value`` is the segment number. Overlapping segments lie in several layers. Raises ``ConversionError``.
    """
    seg = open_seg(path)
    chosen = seg.chosen(options)
    if seg.is_on_slide:
        from IDCBrowserLib.labelmap.slide import convert_slide

        return convert_slide(seg, chosen, options, task)
    frames = read_frames(seg.root, seg.kind == "LABELMAP")
    if seg.kind != "LABELMAP":
        seg.check_described(set(np.unique(frames.segment).tolist()))
    pixels = open_pixels(seg.file, frames.rows, frames.columns, frames.count)
    job = _Job(seg, chosen, frames, pixels, options=options, task=task)
    on_images = options.grid == "images" or (options.grid == "auto" and image_grids is not None)
    if not on_images:
        return job.on_own_grid()
    if not image_grids:
        raise InputError(f"{path} is to be placed on the images, but none were given. Give their folder, or convert on the SEG's own grid.")
    return job.on_images(image_grids)


class _Job:
    """One conversion: header, chosen segments, frames and pixels."""

    def __init__(
        self, seg: SegHeader, chosen: dict[int, Segment], frames: FrameTable, pixels: FramePixels, *, options: ConvertOptions, task: Task
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
        spacing = confirmed_spacing(self._frames)
        for grid in self._same_rank(ranked):
            slices = coinciding_slices(self._frames, grid, spacing)
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
            values = self._seg.values(self._chosen)
            return decode_labels(self._frames, slice_of_frame, slices, self._pixels, values=values, task=self._task, path=self._seg.path)
        threshold = self._seg.threshold(self._options)
        return decode_masks(
            self._frames, slice_of_frame, slices, self._pixels, segments=self._chosen.values(), threshold=threshold, task=self._task
        )

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
            warnings=(*warnings, *decoded.warnings),
        )
