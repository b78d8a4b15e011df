"""The slices of the background volume that lie parallel to a view, counted from one end."""

from __future__ import annotations

from typing import Any


class SliceStack:
    """Of a ``vtkMRMLSliceLogic``. Index 0 is the slice of the lowest offset; a gantry tilt changes nothing in that."""

    def __init__(self, logic: Any) -> None:
        self._logic = logic

    @property
    def count(self) -> int:
        """How many slices there are; 0 without a volume."""
        return self._measure()[2]

    def index(self) -> int:
        """The slice nearest to the view's offset; negative or beyond ``count`` outside of the volume."""
        first, step, count = self._measure()
        return round((self._logic.GetSliceOffset() - first) / step) if count else 0

    def go_to(self, index: int) -> None:
        """Move to a slice, at most to the ends."""
        first, step, count = self._measure()
        if count:
            self._logic.SetSliceOffset(first + min(max(index, 0), count - 1) * step)

    def text(self) -> str:
        """For the corner of the picture: "Slice 3 of 60"."""
        index, count = self.index(), self.count
        return f"Slice {index + 1} of {count}" if 0 <= index < count else "Outside the volume"

    def _measure(self) -> tuple[float, float, int]:
        """Offset of the first slice, mm between slices, number of slices."""
        from vtkmodules.vtkCommonCore import reference

        ends, resolution = [0.0, 0.0], reference(0.0)
        if self._logic.GetBackgroundLayer().GetVolumeNode() is None:
            return 0.0, 0.0, 0
        if not self._logic.GetSliceOffsetRangeResolution(ends, resolution) or resolution.get() <= 0:
            return 0.0, 0.0, 0
        return ends[0], resolution.get(), round((ends[1] - ends[0]) / resolution.get()) + 1
