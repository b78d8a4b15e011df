"""The preview of the current series; requests for the former one are canceled. Knows no widgets."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from IDCBrowserLib.api.preview import SERIES, Picture, SeriesParameters
from IDCBrowserLib.engine.client import EngineClient, Request
from IDCBrowserLib.errors import IDCBrowserError
from IDCBrowserLib.host_interface import Cancellable, Host
from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.logic.base.settings_keys import PREVIEW_KEY
from IDCBrowserLib.logic.details.picture_source import PictureSource
from IDCBrowserLib.signal import Signal


class PreviewPhase(str, Enum):
    """What there is to show."""

    NOTHING = "nothing"
    LOADING = "loading"
    READY = "ready"
    NOTE = "note"


@dataclass(frozen=True)
class PreviewState:
    """``file`` is a PNG once it is ready; ``text`` describes the picture, or says why there is none."""

    phase: PreviewPhase = PreviewPhase.NOTHING
    series_uid: str = ""
    file: str = ""
    text: str = ""


class Preview:
    """``show`` a series, or "" for none; ``set_enabled`` is remembered. Signal: ``changed(PreviewState)``."""

    def __init__(self, client: EngineClient, host: Host, source: PictureSource) -> None:
        self._client = client
        self._host = host
        self._source = source
        self._wanted = ""
        self._running: list[Cancellable | Request] = []
        self.enabled = host.settings.value(PREVIEW_KEY, "yes") != "no"
        self.state = PreviewState()
        self.changed: Signal[PreviewState] = Signal()

    def show(self, series_uid: str) -> None:
        """Look for its picture, unless that is the one in sight."""
        if series_uid != self._wanted:
            self._wanted = series_uid
            self._begin()

    def set_enabled(self, enabled: bool) -> None:
        """Whether pictures are looked for at all."""
        if enabled != self.enabled:
            self.enabled = enabled
            self._host.settings.set_value(PREVIEW_KEY, "yes" if enabled else "no")
            self._begin()

    def _begin(self) -> None:
        for running in self._running:
            running.cancel()
        self._running.clear()
        uid = self._wanted
        if not uid or not self.enabled:
            self._set(PreviewState())
            return
        self._set(PreviewState(PreviewPhase.LOADING, uid))
        self._running.append(self._source.ask(uid, lambda parameters: self._ask(uid, parameters)))

    def _ask(self, uid: str, parameters: SeriesParameters) -> None:
        if uid == self._wanted and self.enabled:
            question = SERIES(parameters)
            self._running.append(self._client.ask(question, lambda found: self._take(uid, found), lambda error: self._fail(uid, error)))

    def _take(self, uid: str, found: Picture) -> None:
        phase = PreviewPhase.READY if found["file"] else PreviewPhase.NOTE
        self._set(PreviewState(phase, uid, found["file"], found["description"]))

    def _fail(self, uid: str, error: IDCBrowserError) -> None:
        self._set(PreviewState(PreviewPhase.NOTE, uid, "", _("No preview: {reason}").format(reason=error)))

    def _set(self, state: PreviewState) -> None:
        if state != self.state:
            self.state = state
            self.changed.emit(state)
