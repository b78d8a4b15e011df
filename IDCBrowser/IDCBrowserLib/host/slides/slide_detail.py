"""A closer look at the slide in a view: when it shows more than the loaded level has, the tiles in sight come from a finer one."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol

from IDCBrowserLib.api import slide as api
from IDCBrowserLib.errors import IDCBrowserError
from IDCBrowserLib.host.loading.array_files import read_array, remove_arrays
from IDCBrowserLib.host.slides.slide_window import Wanted, WindowAsker, from_window, wanted_in, xy_to_slide
from IDCBrowserLib.host.slides.textured_picture import TexturedPicture
from IDCBrowserLib.host_interface import Cancellable, OnError
from IDCBrowserLib.qtbinding import QtCore
from IDCBrowserLib.scene.arrays import array4x4
from IDCBrowserLib.scene.provenance import SERIES_ATTRIBUTE, SLIDE_ATTRIBUTE

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from slicer import vtkMRMLSliceNode, vtkMRMLVolumeNode
    from vtkmodules.vtkRenderingCore import vtkRenderer


class WindowSource(Protocol):
    """Reads windows of slides."""

    def ask(self, series_uid: str, files: list[str], wanted: Wanted, on_done: Callable[[api.Window], None], on_error: OnError) -> Cancellable:
        """A window; canceled ones tell nothing."""


class SlideDetail:
    """Draws over the slice itself and below everything else, with ``actor``. ``source`` None: there is nothing finer; ``note`` is what was said of
    the last window.
    """

    def __init__(self, renderer: vtkRenderer, on_change: Callable[[], None], parent: QtCore.QObject) -> None:
        self.source: WindowSource | None = None
        self.note = ""
        self._on_change = on_change
        self._picture = TexturedPicture(renderer, smooth=True)
        self.actor = self._picture.actor
        self._volume: vtkMRMLVolumeNode | None = None
        self._rect: tuple[float, float, float, float] | None = None
        self._asker: WindowAsker[api.Window] = WindowAsker(self._ask, self._take, self._fail, parent)

    @property
    def is_shown(self) -> bool:
        """Whether a finer level is in sight."""
        return bool(self.actor.GetVisibility())

    @property
    def is_of_slide(self) -> bool:
        """Whether the view shows a slide of which there may be finer levels."""
        return self._volume is not None

    def prepare(self, volume: vtkMRMLVolumeNode | None, node: vtkMRMLSliceNode) -> None:
        """Before a picture: show what has come, and want what is in sight."""
        import numpy as np

        slide = volume if self.source is not None and volume is not None and volume.GetAttribute(SLIDE_ATTRIBUTE) else None
        if slide is not self._volume:
            self._forget()
            self._volume = slide
        loaded = slide.GetImageData() if slide is not None else None
        if slide is None or loaded is None:
            return
        width, height = node.GetDimensions()[:2]
        columns, rows = loaded.GetDimensions()[:2]
        to_slide = xy_to_slide(_ras_to_ijk(slide), node, columns, rows)
        wanted = wanted_in(to_slide, width, height, columns)
        if wanted is None or self._rect is None:
            self._picture.hide()
        else:
            self._picture.place(np.linalg.inv(to_slide) @ from_window(self._rect))
        self._asker.want(wanted)

    def stop(self) -> None:
        """Want nothing more."""
        self._forget()

    def close(self) -> None:
        """Want nothing more, and take the actor out of the renderer."""
        self._forget()
        self._picture.remove()

    def _ask(self, wanted: Wanted, on_done: Callable[[api.Window], None], on_error: OnError) -> Cancellable:
        volume, source = self._volume, self.source
        assert volume is not None and source is not None, "nothing is wanted then"
        files = list(json.loads(volume.GetAttribute(SLIDE_ATTRIBUTE) or "[]"))
        return source.ask(volume.GetAttribute(SERIES_ATTRIBUTE) or "", files, wanted, on_done, on_error)

    def _take(self, answer: api.Window) -> None:
        try:
            self._picture.set_pixels(read_array(answer))
        finally:
            remove_arrays([answer])
        left, top, right, bottom = answer["rect"]
        self._rect = left, top, right, bottom
        self.note = " ".join(answer["warnings"])
        self._on_change()

    def _fail(self, error: IDCBrowserError) -> None:
        self.note = str(error)
        self._on_change()

    def _forget(self) -> None:
        self._asker.stop()
        self._volume = self._rect = None
        self.note = ""
        self._picture.hide()


def _ras_to_ijk(volume: vtkMRMLVolumeNode) -> NDArray[Any]:
    from vtkmodules.vtkCommonMath import vtkMatrix4x4

    matrix = vtkMatrix4x4()
    volume.GetRASToIJKMatrix(matrix)
    return array4x4(matrix)
