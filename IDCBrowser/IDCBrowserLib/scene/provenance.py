"""Where a node came from, kept on the node so that it survives saving."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

SERIES_ATTRIBUTE = "IDCBrowser.SeriesInstanceUID"
STUDY_ATTRIBUTE = "IDCBrowser.StudyInstanceUID"
SOURCE_ATTRIBUTE = "IDCBrowser.Source"
REFERENCED_ATTRIBUTE = "IDCBrowser.ReferencedSeriesInstanceUID"


def mark(node: Any, values: Mapping[str, str]) -> None:
    """Set node attributes; empty values are left out."""
    for name, value in values.items():
        if value:
            node.SetAttribute(name, value)


def nodes_of_series(scene: Any, series_uid: str) -> tuple[Any, ...]:
    """The nodes in ``scene`` that this program made from a series, in the order of their creation."""
    return tuple(node for node in _nodes(scene) if node.GetAttribute(SERIES_ATTRIBUTE) == series_uid)


def _nodes(scene: Any) -> Iterator[Any]:
    for index in range(scene.GetNumberOfNodesByClass("vtkMRMLDisplayableNode")):
        yield scene.GetNthNodeByClass(index, "vtkMRMLDisplayableNode")
