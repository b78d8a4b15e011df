"""An image series as a scalar volume."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from IDCBrowserLib.scene.arrays import image_data, matrix4x4
from IDCBrowserLib.volume.geometry import Geometry

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from slicer import vtkMRMLScalarVolumeNode, vtkMRMLScene, vtkMRMLVolumeNode

_GREY = "vtkMRMLColorTableNodeGrey"
_INVERTED_GREY = "vtkMRMLColorTableNodeInvertedGrey"


def add_scalar_volume(
    scene: vtkMRMLScene, array: NDArray[Any], geometry: Geometry, name: str, window: tuple[float, float] | None = None, *, inverted: bool = False
) -> vtkMRMLScalarVolumeNode:
    """A ``vtkMRMLScalarVolumeNode`` with its display node.

    ``array`` is (k, j, i) on ``geometry`` (LPS, mm) and is shared with the node, not copied. ``window`` is (width, center) as DICOM's
    Window Width and Window Center (PS3.3 C.11.2.1.2); None lets VTK choose from the histogram. ``inverted`` shows low values bright (MONOCHROME1).
    """
    from vtkmodules.vtkCommonDataModel import vtkImageData

    node = scene.CreateNodeByClass("vtkMRMLScalarVolumeNode")
    node.UnRegister(None)
    node.SetName(scene.GenerateUniqueName(name))
    place(node, geometry)
    node.SetAndObserveImageData(image_data(array, vtkImageData))
    scene.AddNode(node)
    display = scene.CreateNodeByClass("vtkMRMLScalarVolumeDisplayNode")
    display.UnRegister(None)
    display.SetAndObserveColorNodeID(_INVERTED_GREY if inverted else _GREY)
    if window is not None and window[0] > 0:
        # Set before the display node meets the image: an automatic window would read every voxel.
        display.AutoWindowLevelOff()
        display.SetWindowLevel(float(window[0]), float(window[1]))
    scene.AddNode(display)
    node.SetAndObserveDisplayNodeID(display.GetID())
    return node


def place(volume_node: vtkMRMLVolumeNode, geometry: Geometry) -> None:
    """Give a volume node its IJK to RAS matrix."""
    volume_node.SetIJKToRASMatrix(matrix4x4(geometry.index_to_ras()))
