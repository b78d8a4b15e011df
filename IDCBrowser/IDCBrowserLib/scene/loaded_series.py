"""Which series are in the scene: told whenever nodes come or go, whoever brought or removed them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from IDCBrowserLib.scene.provenance import displayable_nodes, series_uid_of

if TYPE_CHECKING:
    from slicer import vtkMRMLScene


class LoadedSeries:
    """``uids`` are Series Instance UIDs; ``changed()`` is called when they have become others, ``defer`` runs a function soon.

    ``look`` after loading: what a node was made of is written on it after it was added.
    """

    def __init__(self, scene: vtkMRMLScene, defer: Callable[[Callable[[], None]], None], changed: Callable[[], object]) -> None:
        self._scene = scene
        self._defer = defer
        self._changed = changed
        self._is_waiting = self._is_closed = False
        self.uids: frozenset[str] = frozenset(_series_of(scene))
        events = (scene.NodeAddedEvent, scene.NodeRemovedEvent, scene.EndCloseEvent, scene.EndImportEvent)
        self._tags = [scene.AddObserver(event, self._tell) for event in events]

    def look(self) -> None:
        """Look now."""
        self._is_waiting = False
        if self._is_closed or self._scene.IsClosing():
            return
        uids = frozenset(_series_of(self._scene))
        if uids != self.uids:
            self.uids = uids
            self._changed()

    def close(self) -> None:
        """Take the observers away, before the scene goes."""
        self._is_closed = True
        for tag in self._tags:
            self._scene.RemoveObserver(tag)
        self._tags = []

    def _tell(self, *_unused: object) -> None:
        """A scene that is loaded adds hundreds of nodes in one turn of the event loop."""
        if not self._is_waiting:
            self._is_waiting = True
            self._defer(self.look)


def _series_of(scene: vtkMRMLScene) -> Iterator[str]:
    for node in displayable_nodes(scene):
        uid = series_uid_of(scene, node)
        if uid:
            yield uid
