"""Two slice views that show the same plane, each with one of two segmentations and no other."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from slicer import vtkMRMLScene, vtkMRMLSegmentationNode, vtkMRMLSliceNode

# Slicer's names of the views of its side by side layout.
VIEWS = ("Red", "Yellow")


class SideBySide:
    """From its making until ``close``, which puts the second view and the segmentations back."""

    def __init__(
        self,
        scene: vtkMRMLScene,
        views: tuple[vtkMRMLSliceNode, vtkMRMLSliceNode],
        nodes: tuple[vtkMRMLSegmentationNode, vtkMRMLSegmentationNode],
        others: Sequence[vtkMRMLSegmentationNode] = (),
    ) -> None:
        self._scene = scene
        self._views = views
        self._before = _Place(views[1])
        self._follows = False
        # By display node: how it was shown before, and how it was put.
        self._shown_in: dict[str, tuple[_Shown, _Shown]] = {}
        for other in others:
            self._show_in(other, None)
        for view, node in zip(views, nodes, strict=True):
            self._show_in(node, view)
        self._copy(views[0], views[1])
        watched: tuple[Any, ...] = views
        self._observed = [(view, view.AddObserver("ModifiedEvent", self._moved)) for view in watched]

    def close(self) -> None:
        """Unlink them. What somebody has shown or hidden meanwhile stays so."""
        for view, tag in self._observed:
            view.RemoveObserver(tag)
        self._observed = []
        for display_id, (before, put) in self._shown_in.items():
            display: Any = self._scene.GetNodeByID(display_id)
            if display is None:
                continue
            now = _shown(display)
            if now.views == put.views:
                _show_in_views(display, before.views)
            if now.visible == put.visible:
                display.SetVisibility(before.visible)
        # The view is about to get its former shape again, which fits what it showed.
        self._before.restore(self._views[1], self._before.field)

    def _show_in(self, node: vtkMRMLSegmentationNode, view: vtkMRMLSliceNode | None) -> None:
        """In one view only, or in none."""
        display: Any = node.GetDisplayNode()
        if display is None:
            return
        before = _shown(display)
        was_modifying = display.StartModify()
        display.SetVisibility(view is not None)
        if view is not None:
            _show_in_views(display, (view.GetID(),))
        display.EndModify(was_modifying)
        self._shown_in[display.GetID()] = before, _shown(display)

    def _moved(self, view: Any, _event: object) -> None:
        first, second = self._views
        self._copy(*((first, second) if view.GetID() == first.GetID() else (second, first)))

    def _copy(self, leading: vtkMRMLSliceNode, following: vtkMRMLSliceNode) -> None:
        """Plane, zoom and pan; a view of another shape shows as much in width."""
        if self._follows:
            return
        self._follows = True
        with contextlib.suppress(ZeroDivisionError):
            _Place(leading).restore(following)
        self._follows = False


class _Shown(NamedTuple):
    """In which views (all where there are none), and whether at all."""

    views: tuple[str, ...]
    visible: bool


def _shown(display: Any) -> _Shown:
    views = tuple(display.GetNthViewNodeID(number) for number in range(display.GetNumberOfViewNodeIDs()))
    return _Shown(views, bool(display.GetVisibility()))


def _show_in_views(display: Any, views: Sequence[str]) -> None:
    display.RemoveAllViewNodeIDs()
    for view_id in views:
        display.AddViewNodeID(view_id)


class _Place:
    """Where a slice view stands."""

    def __init__(self, view: vtkMRMLSliceNode) -> None:
        matrix = view.GetSliceToRAS()
        self._matrix = [[matrix.GetElement(row, column) for column in range(4)] for row in range(4)]
        self.field = view.GetFieldOfView()
        self._origin = tuple(view.GetXYZOrigin())

    def restore(self, view: vtkMRMLSliceNode, field: tuple[float, float, float] | None = None) -> None:
        """Put a view there, with as much in width, or with just that ``field`` of view."""
        was_modifying = view.StartModify()
        for row, values in enumerate(self._matrix):
            for column, value in enumerate(values):
                view.GetSliceToRAS().SetElement(row, column, value)
        width, height, depth = self.field
        columns, rows, _ = view.GetDimensions()
        if field is None and columns and rows:
            height = width * rows / columns
        view.SetFieldOfView(width, height, depth)
        view.SetXYZOrigin(*self._origin)
        view.UpdateMatrices()
        view.EndModify(was_modifying)
