"""An image series as a scalar volume."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from IDCBrowserLib.scene.arrays import array4x4, image_data, matrix4x4
from IDCBrowserLib.scene.names import unique_name
from IDCBrowserLib.volume.geometry import Geometry, geometry_of

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from slicer import vtkCodedEntry, vtkMRMLScalarVolumeNode, vtkMRMLScene, vtkMRMLVectorVolumeNode, vtkMRMLVolumeNode

    from IDCBrowserLib.api.values import Code

_NO_LIMIT = 1e9
_GREY = "vtkMRMLColorTableNodeGrey"
_INVERTED_GREY = "vtkMRMLColorTableNodeInvertedGrey"


def add_scalar_volume(
    scene: vtkMRMLScene,
    array: NDArray[Any],
    geometry: Geometry,
    name: str,
    window: tuple[float, float] | None = None,
    *,
    inverted: bool = False,
    color_node_id: str = "",
    is_hidden: bool = False,
) -> vtkMRMLScalarVolumeNode:
    """A ``vtkMRMLScalarVolumeNode`` with its display node.

    ``array`` is (k, j, i) on ``geometry`` (LPS, mm) and is shared with the node, not copied. ``window`` is (width, center) as DICOM's
    Window Width and Window Center (PS3.3 C.11.2.1.2); None lets VTK choose from the histogram. ``inverted`` shows low values bright (MONOCHROME1).
    ``color_node_id`` is that of a color table to show it in. ``is_hidden``: no list of nodes shows it, and it is not saved.
    """
    from vtkmodules.vtkCommonDataModel import vtkImageData

    node = scene.CreateNodeByClass("vtkMRMLScalarVolumeNode")
    node.UnRegister(None)
    node.SetName(unique_name(scene, name))
    place(node, geometry)
    node.SetAndObserveImageData(image_data(array, vtkImageData))
    node.SetHideFromEditors(is_hidden)
    node.SetSaveWithScene(not is_hidden)
    scene.AddNode(node)
    display = scene.CreateNodeByClass("vtkMRMLScalarVolumeDisplayNode")
    display.UnRegister(None)
    display.SetAndObserveColorNodeID(color_node_id or (_INVERTED_GREY if inverted else _GREY))
    if window is not None and window[0] > 0:
        # Set before the display node meets the image: an automatic window would read every voxel.
        display.AutoWindowLevelOff()
        display.SetWindowLevel(float(window[0]), float(window[1]))
    display.SetSaveWithScene(not is_hidden)
    scene.AddNode(display)
    node.SetAndObserveDisplayNodeID(display.GetID())
    return node


def geometry_of_volume(volume: vtkMRMLVolumeNode) -> Geometry | None:
    """Its grid, transforms left aside; None where it has no voxels."""
    import numpy as np
    from vtkmodules.vtkCommonMath import vtkMatrix4x4

    image = volume.GetImageData()
    if image is None:
        return None
    to_ras = vtkMatrix4x4()
    volume.GetIJKToRASMatrix(to_ras)
    return geometry_of((np.diag([-1.0, -1.0, 1.0, 1.0]) @ array4x4(to_ras))[:3], tuple(image.GetDimensions())[::-1])


def add_color_volume(scene: vtkMRMLScene, array: NDArray[Any], geometry: Geometry, name: str) -> vtkMRMLVectorVolumeNode:
    """A ``vtkMRMLVectorVolumeNode`` with its display node; ``array`` (k, j, i, 3) are bytes of red, green and blue on ``geometry``."""
    import numpy as np
    from vtkmodules.util.numpy_support import numpy_to_vtk
    from vtkmodules.vtkCommonDataModel import vtkImageData

    node = scene.CreateNodeByClass("vtkMRMLVectorVolumeNode")
    node.UnRegister(None)
    node.SetName(unique_name(scene, name))
    place(node, geometry)
    scalars = numpy_to_vtk(np.ascontiguousarray(array).reshape(-1, 3), deep=False)
    scalars.SetName("ImageScalars")
    image = vtkImageData()
    depth, rows, columns = array.shape[:3]
    image.SetDimensions(columns, rows, depth)
    image.GetPointData().SetScalars(scalars)
    node.SetAndObserveImageData(image)
    node.SetVoxelVectorType(node.VoxelVectorTypeColorRGB)
    scene.AddNode(node)
    display = scene.CreateNodeByClass("vtkMRMLVectorVolumeDisplayNode")
    display.UnRegister(None)
    display.AutoWindowLevelOff()
    display.SetWindowLevel(255.0, 127.5)
    scene.AddNode(display)
    node.SetAndObserveDisplayNodeID(display.GetID())
    return node


def set_quantity(node: vtkMRMLScalarVolumeNode, quantity: Code | None, unit: Code | None) -> None:
    """Codes of what the voxels measure, as Slicer keeps them; its Data Probe shows the unit."""
    if quantity is not None:
        node.SetVoxelValueQuantity(_coded_entry(quantity))
    if unit is not None:
        node.SetVoxelValueUnits(_coded_entry(unit))


def show_from(node: vtkMRMLScalarVolumeNode, lowest: float) -> None:
    """Voxels with lower values are transparent."""
    from slicer import vtkMRMLScalarVolumeDisplayNode

    display = node.GetDisplayNode()
    assert isinstance(display, vtkMRMLScalarVolumeDisplayNode), "it was made with its volume"
    display.SetThreshold(lowest, _NO_LIMIT)
    display.SetApplyThreshold(True)


def _coded_entry(code: Code) -> vtkCodedEntry:
    from slicer import vtkCodedEntry

    entry = vtkCodedEntry()
    entry.SetValueSchemeMeaning(code["value"], code["scheme"], code["meaning"])
    return entry


def place(volume_node: vtkMRMLVolumeNode, geometry: Geometry) -> None:
    """Give a volume node its IJK to RAS matrix."""
    volume_node.SetIJKToRASMatrix(matrix4x4(geometry.index_to_ras()))
