"""numpy arrays as VTK images, without copying voxels, and as meshes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from vtkmodules.vtkCommonDataModel import vtkImageData, vtkPolyData
    from vtkmodules.vtkCommonMath import vtkMatrix4x4

    Image = TypeVar("Image", bound=vtkImageData)


def image_data(array: NDArray[Any], kind: type[Image]) -> Image:
    """An image of class ``kind`` (``vtkImageData`` or one derived from it) over ``array``, shape (k, j, i).

    The voxels are shared, not copied: VTK keeps the array (a mapped file stays mapped) alive. Writing to one changes the other.
    Only what VTK cannot hold is copied: arrays that are not contiguous, half floats and booleans.
    """
    import numpy as np
    from vtkmodules.util.numpy_support import numpy_to_vtk

    flat = np.ascontiguousarray(_storable(array)).reshape(-1)
    scalars = numpy_to_vtk(flat, deep=False)
    scalars.SetName("ImageScalars")
    image = kind()
    depth, rows, columns = array.shape
    image.SetDimensions(columns, rows, depth)
    image.GetPointData().SetScalars(scalars)
    return image


def _storable(array: NDArray[Any]) -> NDArray[Any]:
    import numpy as np

    if array.dtype == np.bool_:
        return array.view(np.uint8) if array.flags.c_contiguous else array.astype(np.uint8)
    if array.dtype == np.float16:
        return array.astype(np.float32)
    return array if array.dtype.isnative else array.astype(array.dtype.newbyteorder("="))


def matrix4x4(values: NDArray[Any]) -> vtkMatrix4x4:
    """A ``vtkMatrix4x4`` of a 4x4 array."""
    from vtkmodules.vtkCommonMath import vtkMatrix4x4

    matrix = vtkMatrix4x4()
    for row in range(4):
        for column in range(4):
            matrix.SetElement(row, column, float(values[row, column]))
    return matrix


def array4x4(matrix: vtkMatrix4x4) -> NDArray[Any]:
    """The inverse of ``matrix4x4``."""
    import numpy as np

    return np.array([[matrix.GetElement(row, column) for column in range(4)] for row in range(4)])


def triangle_mesh(points: NDArray[Any], triangles: NDArray[Any]) -> vtkPolyData:
    """A ``vtkPolyData`` in RAS of points (n, 3) in LPS mm and triangles (m, 3)."""
    import numpy as np
    from vtkmodules.util.numpy_support import numpy_to_vtk, numpy_to_vtkIdTypeArray
    from vtkmodules.vtkCommonCore import vtkPoints
    from vtkmodules.vtkCommonDataModel import vtkCellArray, vtkPolyData

    place = vtkPoints()
    place.SetData(numpy_to_vtk(np.ascontiguousarray(points * np.array([-1, -1, 1], np.float32)), deep=True))
    cells = vtkCellArray()
    offsets = np.arange(0, 3 * len(triangles) + 1, 3, dtype=np.int64)
    cells.SetData(numpy_to_vtkIdTypeArray(offsets, deep=True), numpy_to_vtkIdTypeArray(triangles.astype(np.int64).ravel(), deep=True))
    polydata = vtkPolyData()
    polydata.SetPoints(place)
    polydata.SetPolys(cells)
    return polydata
