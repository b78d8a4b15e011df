"""The volume of what has come of a series so far.

It is hidden from every list of nodes and never saved: a part of a series must not be taken for the whole.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from IDCBrowserLib.i18n import local_number
from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.scene.arrays import array4x4, image_data
from IDCBrowserLib.scene.volumes import add_scalar_volume, place
from IDCBrowserLib.volume.geometry import Geometry
from IDCBrowserLib.wording import slices_so_far

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from slicer import vtkMRMLNode, vtkMRMLScalarVolumeNode, vtkMRMLScene, vtkMRMLVolumeNode

# JSON of the k of slices that are here, how many will come, and what the series is called.
_ATTRIBUTE = "IDCBrowser.FirstSlices"


def is_first_slices(node: vtkMRMLNode) -> bool:
    """Whether a volume is only what has come of a series so far."""
    return bool(node.GetAttribute(_ATTRIBUTE))


def add_first_slices(
    scene: vtkMRMLScene, array: NDArray[Any], geometry: Geometry, window: tuple[float, float], inverted: bool
) -> vtkMRMLScalarVolumeNode:
    """A hidden volume over ``array`` (k, j, i) on ``geometry``; ``window`` is (width, center). ``tell_first_slices`` says what is in it."""
    return add_scalar_volume(scene, array, geometry, "First slices", window, inverted=inverted, is_hidden=True)


def replace_voxels(node: vtkMRMLScalarVolumeNode, array: NDArray[Any], geometry: Geometry) -> None:
    """The series turned out to reach farther."""
    from vtkmodules.vtkCommonDataModel import vtkImageData

    was_modifying = node.StartModify()
    place(node, geometry)
    node.SetAndObserveImageData(image_data(array, vtkImageData))
    node.EndModify(was_modifying)


def tell_first_slices(node: vtkMRMLScalarVolumeNode, name: str, present: Sequence[int], of: int) -> None:
    """Slices of the series ``name`` have come, in the voxels as well: the views draw them, and say how many there are."""
    node.SetAttribute(_ATTRIBUTE, json.dumps([list(present), of, name]))
    # Slicer's views cut longer names in the middle.
    node.SetName(_("{count} of {total} slices").format(count=local_number(f"{len(present):,}"), total=local_number(f"{of:,}")))
    image = node.GetImageData()
    if image is not None:
        image.GetPointData().GetScalars().Modified()
        image.Modified()


def first_slices_lines(node: vtkMRMLNode) -> tuple[str, ...]:
    """For the corner of a view; none for any other node."""
    stated = node.GetAttribute(_ATTRIBUTE)
    if not stated:
        return ()
    present, of, name = json.loads(stated)
    return tuple(filter(None, (name, _("Downloading: {text}").format(text=slices_so_far(len(present), of)))))


def gap_note(volume: vtkMRMLVolumeNode, normal: Sequence[float], point: Sequence[float]) -> str:
    """What to say in a view through ``point`` (RAS, mm) with this ``normal``: that slices are missing, or, where it shows one slice, that this is.

    Empty for any other volume.
    """
    import numpy as np
    from vtkmodules.vtkCommonMath import vtkMatrix4x4

    stated = volume.GetAttribute(_ATTRIBUTE)
    if not stated:
        return ""
    present, of, _name = json.loads(stated)
    if len(present) >= of:
        return ""
    matrix = vtkMatrix4x4()
    volume.GetRASToIJKMatrix(matrix)
    to_index = array4x4(matrix)
    # Cosines: indices per mm, by how many there are along their own axis.
    along = abs(to_index[:3, :3] @ np.array(normal)) / np.linalg.norm(to_index[:3, :3], axis=1)
    if int(along.argmax()) != 2:
        return _("Gaps show the nearest slice")
    k = round(float((to_index @ (*point, 1.0))[2]))
    return "" if k in present else _("Not downloaded yet; the nearest is shown")
