"""Slicer's color legends.

Signatures: ``SetSize(width, height)`` and ``SetPosition(x, y)`` of ``vtkMRMLColorLegendDisplayNode``, in parts of a view from 0 to 1
(Modules/Loadable/Colors/MRML/vtkMRMLColorLegendDisplayNode.h, Slicer 5.12).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from slicer import vtkMRMLVolumeNode


# Parts of a view: width and height, and where its right edge and its middle are.
_SIZE, _POSITION = (0.1, 0.35), (0.98, 0.5)


def add_color_legend(volume: vtkMRMLVolumeNode, title: str) -> None:
    """Show which color is which value of a volume, where it is shown; ``title`` is quantity and unit."""
    from slicer import vtkSlicerColorLogic

    legend = vtkSlicerColorLogic.AddDefaultColorLegendDisplayNode(volume)
    if legend is not None:
        # A small one at the edge: what Slicer would make of it covers a fifth of a narrow view.
        legend.SetSize(*_SIZE)
        legend.SetPosition(*_POSITION)
        legend.SetTitleText(title)
        legend.SetVisibility(True)
