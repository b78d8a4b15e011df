"""Thumbnails of the series in sight: a few are asked for at a time, those that are scrolled away are asked for no more. Knows no widgets."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

from IDCBrowserLib.api.preview import THUMBNAIL, Picture, SeriesParameters
from IDCBrowserLib.engine.client import EngineClient, Request
from IDCBrowserLib.errors import IDCBrowserError
from IDCBrowserLib.host_interface import Cancellable
from IDCBrowserLib.logic.details.picture_source import PictureSource
from IDCBrowserLib.signal import Signal

_MOST_AT_ONCE = 3
# More rows are never in sight.
_MOST_WANTED = 40
_MOST_KEPT = 400


@dataclass(frozen=True)
class Thumbnail:
    """``file`` is a PNG and ``text`` describes it; without a file ``text`` says why there is none, and is empty while it is on its way."""

    file: str = ""
    text: str = ""


class Thumbnails:
    """``want`` those in sight; ``of`` one; ``changed(uid)`` when it has come. Nothing is asked for while ``enabled`` is False."""

    def __init__(self, client: EngineClient, source: PictureSource) -> None:
        self._client = client
        self._source = source
        self.enabled = True
        self._wanted: list[str] = []
        self._known: OrderedDict[str, Thumbnail] = OrderedDict()
        self._running: dict[str, Cancellable | Request] = {}
        self.changed: Signal[str] = Signal()

    def of(self, uid: str) -> Thumbnail | None:
        """None for one that nobody asked for."""
        return self._known.get(uid)

    def want(self, uids: Sequence[str]) -> None:
        """Those in sight, the first ones first; nothing else is asked for any more."""
        self._wanted = list(uids)[:_MOST_WANTED]
        for uid in [uid for uid in self._running if uid not in self._wanted]:
            self._running.pop(uid).cancel()
        # What failed is tried again when it comes into sight again.
        for uid in [uid for uid, known in self._known.items() if not known.file and uid not in self._wanted]:
            del self._known[uid]
        self._go_on()

    def set_enabled(self, enabled: bool) -> None:
        """Whether pictures are looked for at all."""
        self.enabled = enabled
        wanted = self._wanted
        self.want(wanted if enabled else ())
        self._wanted = wanted
        self._go_on()

    def try_again(self) -> None:
        """What failed may come now: another engine, another network."""
        for uid in [uid for uid, known in self._known.items() if not known.file]:
            del self._known[uid]
        self._running.clear()
        self._go_on()

    def _go_on(self) -> None:
        if not self.enabled:
            return
        for uid in self._wanted:
            if len(self._running) >= _MOST_AT_ONCE:
                return
            if uid not in self._known and uid not in self._running:
                self._begin(uid)

    def _begin(self, uid: str) -> None:
        asked: list[bool] = []

        def ask(parameters: SeriesParameters) -> None:
            asked.append(True)
            if uid in self._wanted and self.enabled:
                question = THUMBNAIL(parameters)
                self._running[uid] = self._client.ask(question, lambda found: self._take(uid, found), lambda error: self._fail(uid, error))

        looking = self._source.ask(uid, ask)
        # A store that knows answers at once.
        if not asked:
            self._running[uid] = looking

    def _take(self, uid: str, found: Picture) -> None:
        self._keep(uid, Thumbnail(found["file"], found["description"]))

    def _fail(self, uid: str, error: IDCBrowserError) -> None:
        self._keep(uid, Thumbnail("", str(error)))

    def _keep(self, uid: str, thumbnail: Thumbnail) -> None:
        self._running.pop(uid, None)
        self._known[uid] = thumbnail
        while len(self._known) > _MOST_KEPT:
            self._known.popitem(last=False)
        self.changed.emit(uid)
        self._go_on()
