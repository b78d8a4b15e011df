"""Names of nodes."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from slicer import vtkMRMLScene


def unique_name(scene: vtkMRMLScene, name: str) -> str:
    """``name``, with a number where a node is called so. ``GenerateUniqueName`` alone goes on counting when the former ones are long gone: the
    twentieth case of a list would be "CT_19"."""
    return name if name and scene.GetFirstNodeByName(name) is None else scene.GenerateUniqueName(name)
