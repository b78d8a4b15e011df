"""What a view shows of a slide, and asking for it at the resolution of the view: once nobody moves, and again where it may come later."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from IDCBrowserLib.errors import IDCBrowserError, InputError
from IDCBrowserLib.host_interface import Cancellable, OnError
from IDCBrowserLib.qtbinding import QtCore
from IDCBrowserLib.scene.arrays import array4x4

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from slicer import vtkMRMLSliceNode

Answer = TypeVar("Answer")
# Once nobody has zoomed or panned for so long.
_SETTLE_MS = 80
# After a failure: a network may be back, or a disk be mounted again.
_RETRY_MS = 10_000
# What is loaded is sharp enough up to here.
_SHARP = 1.05
_MOST_PIXELS = 4096


@dataclass(frozen=True)
class Wanted:
    """``rect``: left, top, right and bottom from 0 to 1 of the slide, for so many pixels."""

    rect: tuple[float, float, float, float]
    width: int
    height: int


class WindowAsker(Generic[Answer]):
    """``ask(wanted, on_done, on_error)`` reads a window; canceled ones tell nothing. What came is given to ``take``, what failed to ``fail``."""

    def __init__(
        self,
        ask: Callable[[Wanted, Callable[[Answer], None], OnError], Cancellable],
        take: Callable[[Answer], None],
        fail: Callable[[IDCBrowserError], None],
        parent: QtCore.QObject,
        retry_ms: int = _RETRY_MS,
    ) -> None:
        self._ask_for = ask
        self._give, self._tell = take, fail
        self._retry_ms = retry_ms
        self._timer = QtCore.QTimer(parent)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._ask)
        self._running: Cancellable | None = None
        self._wanted: Wanted | None = None
        self._settling: Wanted | None = None
        self._asked: Wanted | None = None

    def want(self, wanted: Wanted | None) -> None:
        """This is in sight; None where what is loaded is sharp enough."""
        self._wanted = wanted
        if wanted is None:
            self.stop()
        elif wanted not in (self._asked, self._settling):
            # Painting the same place again does not put it off.
            self._settle(wanted, _SETTLE_MS)

    def stop(self) -> None:
        """Want nothing."""
        self._cancel()
        self._wanted = self._asked = None

    def _settle(self, wanted: Wanted, milliseconds: int) -> None:
        self._settling = wanted
        self._timer.start(milliseconds)

    def _ask(self) -> None:
        wanted, self._settling = self._wanted, None
        if wanted is None or wanted == self._asked:
            return
        self._cancel()
        self._asked = wanted
        self._running = self._ask_for(wanted, self._take, self._fail)

    def _take(self, answer: Answer) -> None:
        self._running = None
        try:
            self._give(answer)
        except IDCBrowserError as error:
            self._fail(error)

    def _fail(self, error: IDCBrowserError) -> None:
        self._running = None
        # What is damaged stays so, and is asked for again only when something else was in sight between.
        if not isinstance(error, InputError):
            failed, self._asked = self._asked, None
            if failed is not None and failed == self._wanted:
                self._settle(failed, self._retry_ms)
        self._tell(error)

    def _cancel(self) -> None:
        self._timer.stop()
        self._settling = None
        if self._running is not None:
            self._running.cancel()
            self._running = None


def xy_to_slide(ras_to_ijk: NDArray[Any], node: vtkMRMLSliceNode, columns: int, rows: int) -> NDArray[Any]:
    """(3, 3): from pixels of the view (x, y, 1), centers at whole numbers, to (column, row) from 0 to 1 of a picture with so many, whose
    ``ras_to_ijk`` (4, 4) is given.
    """
    import numpy as np

    found = (ras_to_ijk @ array4x4(node.GetXYToRAS()))[:2][:, [0, 1, 3]]
    found[:, 2] += 0.5
    return np.vstack([found / [[columns], [rows]], [0, 0, 1]])


def from_window(rect: tuple[float, float, float, float]) -> NDArray[Any]:
    """(3, 3): from 0 to 1 of the width and height of a window to (column, row) from 0 to 1 of the whole, of which it shows ``rect``."""
    import numpy as np

    left, top, right, bottom = rect
    return np.array([[right - left, 0, left], [0, bottom - top, top], [0, 0, 1]])


def wanted_in(to_slide: NDArray[Any], width: int, height: int, loaded: int) -> Wanted | None:
    """What is in sight, where that is more than a picture with so many columns ``loaded`` has, and the view is not turned against it."""
    import numpy as np

    axes = np.abs(to_slide[:2, :2])
    size = axes.max(axis=1)
    if (axes.min(axis=1) > 1e-6 * size).any() or (size <= 0).any() or 1 / size[0] <= _SHARP * loaded:
        return None
    corners = to_slide @ np.array([[-0.5, width - 0.5, -0.5, width - 0.5], [-0.5, -0.5, height - 0.5, height - 0.5], [1, 1, 1, 1]])
    low, high = (np.clip(corners[:2].min(axis=1), 0, 1), np.clip(corners[:2].max(axis=1), 0, 1))
    pixels = np.minimum(np.ceil((high - low) / size), _MOST_PIXELS).astype(int)
    if (pixels < 1).any():
        return None
    rect = tuple(round(float(value), 6) for value in (low[0], low[1], high[0], high[1]))
    return Wanted((rect[0], rect[1], rect[2], rect[3]), int(pixels[0]), int(pixels[1]))
