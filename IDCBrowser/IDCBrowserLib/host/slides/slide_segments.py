"""Segmentations of a slide at the resolution of the view: painted instead of their overviews where those are too coarse."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from IDCBrowserLib.api import slide as api
from IDCBrowserLib.errors import IDCBrowserError
from IDCBrowserLib.host.loading.array_files import read_array, remove_arrays
from IDCBrowserLib.host.slides.label_picture import WHOLE, Look, Rect, sample
from IDCBrowserLib.host.slides.slide_window import Wanted, WindowAsker, wanted_in, xy_to_slide
from IDCBrowserLib.host.slides.textured_picture import TexturedPicture
from IDCBrowserLib.host_interface import Cancellable, OnError
from IDCBrowserLib.qtbinding import QtCore
from IDCBrowserLib.scene.provenance import SLIDE_SEGMENTS_ATTRIBUTE
from IDCBrowserLib.scene.segments.segment_voxels import layers_of, voxel_stamp
from IDCBrowserLib.scene.segments.slide_segments import SlideSegmentFiles

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from slicer import vtkMRMLSegmentationNode, vtkMRMLSliceNode
    from vtkmodules.vtkCommonExecutionModel import vtkAlgorithmOutput
    from vtkmodules.vtkRenderingCore import vtkRenderer


class SegmentSource(Protocol):
    """Reads windows of segmentations of slides."""

    def ask(self, files: SlideSegmentFiles, wanted: Wanted, on_done: Callable[[api.SegmentWindow], None], on_error: OnError) -> Cancellable:
        """A window; canceled ones tell nothing."""


class SlideSegments:
    """``prepare`` before a picture: then they are painted over what is in ``renderer``. ``source`` None: overviews are all there is.

    ``image_of`` gives what the view shows below segmentations: all other image actors are hidden while segments are painted here.
    """

    def __init__(
        self, renderer: vtkRenderer, image_of: Callable[[], vtkAlgorithmOutput | None], on_change: Callable[[], None], parent: QtCore.QObject
    ) -> None:
        self.source: SegmentSource | None = None
        self._renderer, self._image_of = renderer, image_of
        self._on_change, self._parent = on_change, parent
        # By node, its files, and the state of its voxels: another scene may give the same id to another node.
        self._shown: dict[tuple[str, str, int], _Shown] = {}
        self._hides = False
        self._pictures: list[TexturedPicture] = []
        # The layers that the textures hold.
        self._painted: list[NDArray[Any]] = []

    @property
    def note(self) -> str:
        """What was said of the last windows."""
        return " ".join(dict.fromkeys(one.note for one in self._shown.values() if one.note))

    @property
    def is_painted(self) -> bool:
        """Whether segments are painted here, and not from their overviews."""
        return self._hides

    def prepare(self, nodes: Sequence[vtkMRMLSegmentationNode], view: vtkMRMLSliceNode, over_slide: bool) -> None:
        """``nodes`` are the segmentations of the scene; they are painted here where the ``view`` shows a slide."""
        source = self.source if over_slide else None
        view_id = view.GetID() or ""
        shown = [(node, display) for node in nodes if (display := node.GetDisplayNode()) is not None and display.GetVisibility(view_id)]
        visible = [node for node, _display in shown] if source is not None else []
        keys = {(node.GetID() or "", node.GetAttribute(SLIDE_SEGMENTS_ATTRIBUTE) or "", voxel_stamp(node)): node for node in visible}
        for key in [key for key in self._shown if key not in keys]:
            self._shown.pop(key).stop()
        for key, node in keys.items():
            if key not in self._shown and source is not None:
                self._shown[key] = _Shown(node, SlideSegmentFiles.of(node), source, self._on_change, self._parent)
        coarse = [one.look_at(view) for one in self._shown.values()]
        width, height = view.GetDimensions()[:2]
        layers = [layer for one in self._shown.values() for layer in one.pictures(width, height)] if any(coarse) else []
        self._paint(layers)
        if layers:
            self._hide_overviews()
        elif self._hides:
            # Slicer's displayable manager then shows what is visible.
            for _node, display in shown:
                display.Modified()
        self._hides = bool(layers)

    def _paint(self, layers: Sequence[NDArray[Any]]) -> None:
        """The whole view with each layer; without a change what is there stays."""
        import numpy as np

        while len(self._pictures) < len(layers):
            self._pictures.append(TexturedPicture(self._renderer, smooth=False))
        is_same = len(layers) == len(self._painted) and all(new is old for new, old in zip(layers, self._painted, strict=True))
        for number, picture in enumerate(self._pictures):
            if number >= len(layers):
                picture.hide()
            elif not is_same:
                rows, columns = layers[number].shape[:2]
                picture.set_pixels(layers[number])
                # From the left and upper edge of the pixels in the corner.
                picture.place(np.array([[columns, 0, -0.5], [0, -rows, rows - 0.5], [0, 0, 1]]))
        self._painted = list(layers)

    def stop(self) -> None:
        """Want nothing more."""
        for one in self._shown.values():
            one.stop()
        self._shown = {}
        self._paint([])

    def close(self) -> None:
        """Want nothing more, and take the actors out of the renderer."""
        self.stop()
        for picture in self._pictures:
            picture.remove()
        self._pictures = []

    def _hide_overviews(self) -> None:
        """Again before each picture: Slicer's displayable manager shows them whenever segmentations change."""
        from vtkmodules.vtkRenderingCore import vtkActor2D, vtkImageMapper

        image = self._image_of()
        props = self._renderer.GetViewProps()
        for prop in map(props.GetItemAsObject, range(props.GetNumberOfItems())):
            if isinstance(prop, vtkActor2D) and isinstance(mapper := prop.GetMapper(), vtkImageMapper):
                is_overview = image is None or mapper.GetInputAlgorithm() is not image.GetProducer()
                prop.SetVisibility(prop.GetVisibility() and not is_overview)


class _Shown:
    """One segmentation in a view: its overview, and the window that was read last."""

    def __init__(
        self,
        node: vtkMRMLSegmentationNode,
        files: SlideSegmentFiles | None,
        source: SegmentSource,
        on_change: Callable[[], None],
        parent: QtCore.QObject,
    ) -> None:
        import numpy as np

        self.note = ""
        self._node, self._files, self._on_change = node, files, on_change
        layers = layers_of(node)
        self._layers: list[NDArray[Any]] = [layer.voxels[0] for layer in layers]
        self._to_ijk = np.linalg.inv(layers[0].to_ras) if layers else np.eye(4)
        self._to_slide = np.eye(3)
        self._window: tuple[list[NDArray[Any]], Rect] | None = None
        # What was painted last from this window, and for what.
        self._painted: tuple[object, list[NDArray[Any]]] = (None, [])
        self._asker: WindowAsker[api.SegmentWindow] = WindowAsker(
            lambda wanted, done, fail: source.ask(self._files or SlideSegmentFiles(()), wanted, done, fail), self._take, self._fail, parent
        )

    def look_at(self, view: vtkMRMLSliceNode) -> bool:
        """Whether the view shows more than the overview has; then its window is wanted."""
        if not self._layers:
            return False
        rows, columns = self._layers[0].shape
        width, height = view.GetDimensions()[:2]
        self._to_slide = xy_to_slide(self._to_ijk, view, columns, rows)
        wanted = wanted_in(self._to_slide, width, height, columns)
        self._asker.want(wanted if self._files is not None and self._files.files else None)
        return wanted is not None

    def pictures(self, width: int, height: int) -> list[NDArray[Any]]:
        """Bytes of red, green, blue and alpha (height, width, 4) of the whole view, a layer each: the window where it is, and around it the overview.
        Without a change those of the last time.
        """
        look = Look.of(self._node)
        painted_from = width, height, self._to_slide.tobytes(), look.fill.tobytes(), look.line.tobytes(), look.width
        if self._painted[0] != painted_from:
            self._painted = painted_from, self._paint(look, width, height)
        return self._painted[1]

    def _paint(self, look: Look, width: int, height: int) -> list[NDArray[Any]]:
        import numpy as np

        windows, rect = self._window or ([], WHOLE)
        found = []
        for number in range(max(len(self._layers), len(windows))):
            labels = np.zeros((height, width), np.int32)
            if number < len(self._layers):
                sample(self._layers[number], WHOLE, self._to_slide, labels)
            if self._window is not None:
                # A segment may lie in another layer there.
                window = windows[number] if number < len(windows) else np.zeros((1, 1), np.uint8)
                sample(window, rect, self._to_slide, labels)
            found.append(look.painted(labels))
        return found

    def stop(self) -> None:
        """Want nothing more."""
        self._asker.stop()

    def _take(self, answer: api.SegmentWindow) -> None:
        try:
            layers = [read_array(layer) for layer in answer["layers"]]
        finally:
            remove_arrays(answer["layers"])
        left, top, right, bottom = answer["rect"]
        self._window = layers, (left, top, right, bottom)
        self._painted = (None, [])
        self.note = " ".join(answer["warnings"])
        self._on_change()

    def _fail(self, error: IDCBrowserError) -> None:
        self.note = str(error)
        self._on_change()
