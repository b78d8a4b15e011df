"""Leafing through the frames of a series: one at a time, fetched when it is looked at, the next ones ahead. Knows no widgets."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, replace

from IDCBrowserLib.api.preview import CLOSE_STACK, FRAME, OPEN_STACK, Picture, SeriesParameters, Stack
from IDCBrowserLib.catalog.about.links import SLIDE_MODALITIES
from IDCBrowserLib.catalog.related import DERIVED_MODALITIES
from IDCBrowserLib.engine.client import EngineClient, Request
from IDCBrowserLib.errors import IDCBrowserError
from IDCBrowserLib.host_interface import Cancellable
from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.logic.details.picture_source import PictureSource
from IDCBrowserLib.signal import Signal

# Frames fetched ahead in the direction in which somebody leafs.
_AHEAD = 3
# Their files stay in the engine for as long.
_MOST_KEPT = 60


def is_leafed_through(modality: str) -> bool:
    """Whether a series of it is looked at image by image; a slide and what is drawn on images have one picture."""
    return modality not in DERIVED_MODALITIES and modality not in SLIDE_MODALITIES


@dataclass(frozen=True)
class LeafingState:
    """``number`` of ``total`` frames, from 0, as far as is known before they are ordered (``is_ordered``): 0 of an unknown number.

    ``file`` of a picture, "" while it is on its way. ``note`` says what is being done, or why there is no picture.
    """

    series_uid: str = ""
    total: int = 0
    number: int = 0
    is_ordered: bool = False
    file: str = ""
    note: str = ""


class Leafing:
    """``show`` a series; ``move(steps)`` and ``go(number)`` leaf. Signal: ``changed(LeafingState)``. Nothing is fetched before the first step."""

    def __init__(self, client: EngineClient, source: PictureSource) -> None:
        self._client = client
        self._source = source
        self._looking: Cancellable | None = None
        self._opening: Request | None = None
        self._stack: int | None = None
        self._asked: dict[int, Request] = {}
        self._files: OrderedDict[int, str] = OrderedDict()
        self._direction = 1
        self.state = LeafingState()
        self.changed: Signal[LeafingState] = Signal()

    def show(self, series_uid: str, expected: int = 0) -> None:
        """Another series, or "" for none; of so many images, as the index says."""
        if series_uid != self.state.series_uid:
            self._close()
            # The preview is of an image in the middle. A single object may have any number of frames.
            total = expected if expected > 1 else 0
            self._set(LeafingState(series_uid, total, total // 2))

    def forget(self) -> None:
        """Another engine knows nothing of the frames."""
        uid, self._stack = self.state.series_uid, None
        self._close()
        self._set(LeafingState(uid))

    def move(self, steps: int) -> None:
        """So many frames on, or back; the first step orders the frames."""
        if self.state.series_uid and steps:
            self.go(self.state.number + steps)

    def go(self, number: int) -> None:
        """To a frame, counted from 0; the first or last one for a number beyond."""
        if not self.state.series_uid:
            return
        if self.state.total:
            number = max(0, min(number, self.state.total - 1))
        if number != self.state.number:
            self._direction = 1 if number > self.state.number else -1
        if self._stack is None:
            self._set(replace(self.state, number=number, note=_("Ordering the images...")))
            self._open()
        else:
            self._show(number)

    def _open(self) -> None:
        if self._opening is None and self._looking is None:
            uid = self.state.series_uid
            self._looking = self._source.ask(uid, lambda parameters: self._ask_stack(uid, parameters))

    def _ask_stack(self, uid: str, parameters: SeriesParameters) -> None:
        self._looking = None
        if uid == self.state.series_uid:
            self._opening = self._client.ask(OPEN_STACK(parameters), self._opened, self._not_opened)

    def _opened(self, stack: Stack) -> None:
        self._opening = None
        self._stack, frames = stack["stack"], stack["frames"]
        # Without an expectation the steps were counted from 0, and the preview is of an image in the middle.
        number = self.state.number if self.state.total == frames else self.state.number + (frames - self.state.total) // 2
        self._set(replace(self.state, total=frames, is_ordered=True))
        self._show(max(0, min(number, frames - 1)))

    def _not_opened(self, error: IDCBrowserError) -> None:
        self._opening = None
        self._set(LeafingState(self.state.series_uid, note=str(error)))

    def _show(self, number: int) -> None:
        uid, total = self.state.series_uid, self.state.total
        if number in self._files:
            self._files.move_to_end(number)
            self._set(LeafingState(uid, total, number, True, self._files[number]))
        else:
            self._set(LeafingState(uid, total, number, True))
        # What was wanted before and did not come is passed over.
        wanted = self._wanted(number)
        for other in [other for other in self._asked if other not in wanted]:
            self._asked.pop(other).cancel()
        for other in wanted:
            self._ask(other)

    def _wanted(self, number: int) -> list[int]:
        """The frame itself, then those that follow."""
        ahead = [number + self._direction * step for step in range(_AHEAD + 1)]
        return [other for other in ahead if 0 <= other < self.state.total]

    def _ask(self, number: int) -> None:
        if self._stack is not None and number not in self._files and number not in self._asked:
            question = FRAME({"stack": self._stack, "frame": number})
            self._asked[number] = self._client.ask(question, lambda made: self._take(number, made), lambda error: self._fail(number, error))

    def _take(self, number: int, made: Picture) -> None:
        self._asked.pop(number, None)
        self._files[number] = made["file"]
        while len(self._files) > _MOST_KEPT:
            self._files.popitem(last=False)
        if number == self.state.number:
            self._set(LeafingState(self.state.series_uid, self.state.total, number, True, made["file"]))

    def _fail(self, number: int, error: IDCBrowserError) -> None:
        self._asked.pop(number, None)
        if number == self.state.number:
            self._set(LeafingState(self.state.series_uid, self.state.total, number, True, note=str(error)))

    def _close(self) -> None:
        for running in (self._looking, self._opening, *self._asked.values()):
            if running is not None:
                running.cancel()
        self._looking = self._opening = None
        self._asked.clear()
        self._files.clear()
        if self._stack is not None and self._client.is_ready:
            self._client.ask(CLOSE_STACK({"stack": self._stack}))
        self._stack = None

    def _set(self, state: LeafingState) -> None:
        if state != self.state:
            self.state = state
            self.changed.emit(state)
