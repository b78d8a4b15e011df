"""The slices of the background volume that lie parallel to a view, counted from one end."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.scene.arrays import array4x4
from IDCBrowserLib.scene.transforms import matrix_between

if TYPE_CHECKING:
    from slicer import vtkMRMLSliceLogic, vtkMRMLSliceNode, vtkMRMLVolumeNode


def straighten(slice_node: vtkMRMLSliceNode) -> None:
    """Make the axes of a view perpendicular again. Turned to the axes of a tilted series they are not, and the picture would be distorted.

    The vertical axis stays; a view whose axes are perpendicular is left alone.
    """
    import numpy as np

    matrix = slice_node.GetSliceToRAS()
    across, up, normal = (np.array([matrix.GetElement(row, column) for row in range(3)]) for column in range(3))
    frame = np.stack([across, up, normal])
    if np.allclose(frame @ frame.T, np.eye(3), atol=1e-6):
        return
    up /= np.linalg.norm(up)
    straight = np.cross(across, up)
    straight *= np.sign(straight @ normal) / np.linalg.norm(straight)
    across = np.sign(np.cross(up, straight) @ across) * np.cross(up, straight)
    for column, axis in enumerate((across, up, straight)):
        for row in range(3):
            matrix.SetElement(row, column, float(axis[row]))
    slice_node.UpdateMatrices()


class SliceStack:
    """Of a ``vtkMRMLSliceLogic``. Index 0 is the slice of the lowest offset; a gantry tilt changes nothing in that."""

    def __init__(self, logic: vtkMRMLSliceLogic) -> None:
        self._logic = logic

    @property
    def count(self) -> int:
        """How many slices there are; 0 without a volume."""
        return self._measure()[2]

    @property
    def step(self) -> float:
        """The distance of neighboring slices in mm; 0 without a volume."""
        return self._measure()[1]

    def index(self) -> int:
        """The slice nearest to the view's offset; negative or beyond ``count`` outside the volume."""
        first, step, count = self._measure()
        return round((self._logic.GetSliceOffset() - first) / step) if count else 0

    def go_to(self, index: int) -> None:
        """Move to a slice, at most to the ends."""
        first, step, count = self._measure()
        if count:
            self._logic.SetSliceOffset(first + min(max(index, 0), count - 1) * step)

    def text(self, frames: bool = False) -> str:
        """For the corner of the picture: "Slice 3 of 60", or "Frame 3 of 60"."""
        index, count = self.index(), self.count
        if not 0 <= index < count:
            return _("Outside the volume")
        return (_("Frame {number} of {count}") if frames else _("Slice {number} of {count}")).format(number=index + 1, count=count)

    def _measure(self) -> tuple[float, float, int]:
        """Offset of the first slice, mm between slices, number of slices."""
        from vtkmodules.vtkCommonCore import reference

        volume = self._logic.GetBackgroundLayer().GetVolumeNode()
        ends = [0.0, 0.0]
        if volume is None or not self._logic.GetSliceOffsetRangeResolution(ends, reference(0.0)):
            return 0.0, 0.0, 0
        step = self._step(volume)
        return (ends[0], step, round((ends[1] - ends[0]) / step) + 1) if step > 0 else (0.0, 0.0, 0)

    def _step(self, volume: vtkMRMLVolumeNode) -> float:
        """How far one voxel of the axis nearest to the normal leads along it. (The logic itself says 0 for some tilted series.)"""
        import numpy as np
        from vtkmodules.vtkCommonMath import vtkMatrix4x4

        slice_to_ras, ijk_to_ras = self._logic.GetSliceNode().GetSliceToRAS(), vtkMatrix4x4()
        volume.GetIJKToRASMatrix(ijk_to_ras)
        moved = matrix_between(volume, None)
        in_scene = (np.eye(4) if moved is None else moved) @ array4x4(ijk_to_ras)
        normal = [slice_to_ras.GetElement(row, 2) for row in range(3)]
        axes: list[list[float]] = in_scene[:3, :3].T.tolist()
        along = [abs(sum(a * n for a, n in zip(axis, normal, strict=True))) for axis in axes]
        lengths = [math.hypot(*axis) for axis in axes]
        nearest = max(range(3), key=lambda axis: along[axis] / lengths[axis] if lengths[axis] else 0.0)
        return along[nearest]
