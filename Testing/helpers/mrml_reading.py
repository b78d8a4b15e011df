"""What tests read from MRML nodes."""

from __future__ import annotations

from typing import Any

import numpy as np


def voxels_of(node: Any) -> np.ndarray[Any, Any]:
    """The voxels of a volume node, (k, j, i)."""
    from vtkmodules.util.numpy_support import vtk_to_numpy

    data = node.GetImageData()
    return vtk_to_numpy(data.GetPointData().GetScalars()).reshape(data.GetDimensions()[::-1])


def ijk_to_ras(node: Any) -> np.ndarray[Any, Any]:
    """The matrix of a volume node, 4x4."""
    from vtkmodules.vtkCommonMath import vtkMatrix4x4

    matrix = vtkMatrix4x4()
    node.GetIJKToRASMatrix(matrix)
    return np.array([[matrix.GetElement(row, column) for column in range(4)] for row in range(4)])
