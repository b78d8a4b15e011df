"""Keeps the volume of what has come of a series in the scene until the download ends. The same for both hosts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from IDCBrowserLib.api.first_slices import Shown
from IDCBrowserLib.host.loading.array_files import map_array
from IDCBrowserLib.scene.first_slices import add_first_slices, replace_voxels, tell_first_slices
from IDCBrowserLib.scene.removing import remove_nodes
from IDCBrowserLib.volume.geometry import Geometry

if TYPE_CHECKING:
    from slicer import vtkMRMLScalarVolumeNode, vtkMRMLScene


class FirstSlicesNode:
    """``show`` answers of ``first_slices.look``, then ``remove``. Who closes the scene takes the node away as well; it does not come back."""

    def __init__(self, scene: vtkMRMLScene) -> None:
        self._scene = scene
        self._node: vtkMRMLScalarVolumeNode | None = None
        self._array = ""

    @property
    def node(self) -> vtkMRMLScalarVolumeNode | None:
        """While it is in the scene."""
        return self._node if self._node is not None and self._node.GetScene() is not None else None

    def begin(self, shown: Shown) -> vtkMRMLScalarVolumeNode:
        """Put it into the scene. Raises ``ConversionError``."""
        self.remove()
        center, width = shown["window"]
        geometry = Geometry.from_json(shown["geometry"])
        self._node = add_first_slices(self._scene, map_array(shown, _name(shown)), geometry, (width, center), shown["inverted"])
        self._array = shown["array"]
        tell_first_slices(self._node, _name(shown), shown["present"], shown["of"])
        return self._node

    def update(self, shown: Shown) -> None:
        """More has come. Raises ``ConversionError``."""
        node = self.node
        if node is None:
            return
        if shown["array"] != self._array:
            replace_voxels(node, map_array(shown, _name(shown)), Geometry.from_json(shown["geometry"]))
            self._array = shown["array"]
        tell_first_slices(node, _name(shown), shown["present"], shown["of"])

    def remove(self) -> None:
        """Take it out of the scene, with its display."""
        node, self._node, self._array = self.node, None, ""
        if node is not None:
            remove_nodes(self._scene, [node])


def _name(shown: Shown) -> str:
    number, description = shown["series_number"], shown["series_description"] or shown["modality"]
    return f"{number}: {description}" if number else description
