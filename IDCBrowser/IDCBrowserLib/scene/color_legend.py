"""Slicer's color legends."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from slicer import vtkMRMLVolumeNode


def add_color_legend(volume: vtkMRMLVolumeNode, title: str) -> None:
    """Show which color is which value of a volume, where it is shown; ``title`` is quantity and unit."""
    from slicer import vtkSlicerColorLogic

    legend = vtkSlicerColorLogic.AddDefaultColorLegendDisplayNode(volume)
    if legend is not None:
        legend.SetTitleText(title)
        legend.SetVisibility(True)
