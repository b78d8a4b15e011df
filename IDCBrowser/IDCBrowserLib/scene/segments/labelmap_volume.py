"""A labelmap as one labelmap volume with a color table of its own."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

from IDCBrowserLib.labelmap.types import Labelmap
from IDCBrowserLib.scene.arrays import image_data
from IDCBrowserLib.scene.names import unique_name
from IDCBrowserLib.scene.volumes import place

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from slicer import vtkMRMLColorTableNode, vtkMRMLLabelMapVolumeNode, vtkMRMLNode, vtkMRMLScene


_CATEGORY = "IDC Browser"


def color_table_of(node: vtkMRMLNode) -> vtkMRMLColorTableNode | None:
    """The color table that was made with a labelmap volume; None for other nodes, and where somebody has chosen another one."""
    from slicer import vtkMRMLColorTableNode, vtkMRMLDisplayableNode

    display = node.GetDisplayNode() if isinstance(node, vtkMRMLDisplayableNode) else None
    table = display.GetColorNode() if display is not None else None
    return table if isinstance(table, vtkMRMLColorTableNode) and table.GetAttribute("Category") == _CATEGORY else None


def add_labelmap_volume(scene: vtkMRMLScene, labelmap: Labelmap, name: str) -> vtkMRMLLabelMapVolumeNode:
    """A ``vtkMRMLLabelMapVolumeNode`` on ``labelmap.geometry``; where segments overlap the highest label value stays.

    Its ``vtkMRMLColorTableNode`` names and colors each label value; 0 is the transparent background. The voxels are its own: editing the
    segmentation changes no labelmap volume.
    """
    from vtkmodules.vtkCommonDataModel import vtkImageData

    colors = add_color_table(scene, labelmap, f"{name} colors")
    node = scene.CreateNodeByClass("vtkMRMLLabelMapVolumeNode")
    node.UnRegister(None)
    node.SetName(unique_name(scene, name))
    place(node, labelmap.geometry)
    node.SetAndObserveImageData(image_data(_own_voxels(labelmap), vtkImageData))
    scene.AddNode(node)
    node.CreateDefaultDisplayNodes()
    display = node.GetDisplayNode()
    assert display is not None, "it was just made"
    display.SetAndObserveColorNodeID(colors.GetID())
    return node


def _own_voxels(labelmap: Labelmap) -> NDArray[Any]:
    """The labelmap volume, sharing no memory with a layer. A mapped file is mapped once more: pages are copied when they are written."""
    import numpy as np

    voxels: NDArray[Any] = labelmap.labelmap_volume()
    if voxels is not labelmap.layers[0]:
        return voxels
    if isinstance(voxels, np.memmap) and voxels.filename is not None and voxels.mode == "c":
        with contextlib.suppress(OSError):
            mapped: NDArray[Any] = np.memmap(voxels.filename, dtype=voxels.dtype, mode="c", offset=voxels.offset, shape=voxels.shape)
            return mapped
    own: NDArray[Any] = voxels.copy()
    return own


def add_color_table(scene: vtkMRMLScene, labelmap: Labelmap, name: str) -> vtkMRMLColorTableNode:
    """A ``vtkMRMLColorTableNode`` with segment names and colors by label value."""
    table = scene.CreateNodeByClass("vtkMRMLColorTableNode")
    table.UnRegister(None)
    table.SetName(unique_name(scene, name))
    table.SetTypeToUser()
    table.SetAttribute("Category", _CATEGORY)
    highest = max((segment.label_value for segment in labelmap.segments), default=0)
    table.SetNumberOfColors(highest + 1)
    table.GetLookupTable().SetRange(0, highest)
    table.GetLookupTable().SetNumberOfTableValues(highest + 1)
    for value in range(highest + 1):
        table.SetColor(value, "", 0.0, 0.0, 0.0, 0.0)
    table.SetColor(0, "background", 0.0, 0.0, 0.0, 0.0)
    for segment in labelmap.segments:
        red, green, blue = (part / 255.0 for part in segment.color)
        table.SetColor(segment.label_value, segment.name, red, green, blue, 1.0)
    scene.AddNode(table)
    return table
