"""How the outlines of a segmentation are drawn: solid by Slicer's displayable managers; those have no others, so that a host draws these itself."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from IDCBrowserLib.scene.provenance import segmentation_nodes

if TYPE_CHECKING:
    from slicer import vtkMRMLScene, vtkMRMLSegmentationNode

STYLES = SOLID, DASHED, DOTTED = "solid", "dashed", "dotted"
# Of nodes; without it outlines are solid.
_ATTRIBUTE = "IDCBrowser.LineStyle"


def line_style_of(node: vtkMRMLSegmentationNode) -> str:
    """One of ``STYLES``."""
    stated = node.GetAttribute(_ATTRIBUTE) or SOLID
    return stated if stated in STYLES else SOLID


def set_line_style(node: vtkMRMLSegmentationNode, style: str) -> None:
    """One of ``STYLES``. What is not solid is left to the host."""
    display = node.GetDisplayNode()
    if display is None or style not in STYLES:
        return
    if style == SOLID:
        node.RemoveAttribute(_ATTRIBUTE)
    else:
        node.SetAttribute(_ATTRIBUTE, style)
    display.SetVisibility2DOutline(style == SOLID)
    # From dashed to dotted nothing else changes that views listen to.
    display.Modified()


@contextmanager
def solid_meanwhile(scene: vtkMRMLScene) -> Iterator[None]:
    """While the scene is saved: programs that draw no other outlines would show none."""
    styled = [display for node in segmentation_nodes(scene) if line_style_of(node) != SOLID and (display := node.GetDisplayNode()) is not None]
    for display in styled:
        display.SetVisibility2DOutline(True)
    try:
        yield
    finally:
        for display in styled:
            display.SetVisibility2DOutline(False)
