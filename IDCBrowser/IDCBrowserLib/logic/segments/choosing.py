"""Segments of a SEG that are chosen before it is decoded, or even downloaded."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from IDCBrowserLib.api.preview import SeriesParameters
from IDCBrowserLib.api.segments import LIST, OfferedSegment, OfferedSegments
from IDCBrowserLib.api.slide import MOST_FETCHED
from IDCBrowserLib.engine.client import EngineClient, Request
from IDCBrowserLib.errors import IDCBrowserError
from IDCBrowserLib.host_interface import Cancellable, ChosenSegments, Host, LoadRequest, LoadResult
from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.logic.details.picture_source import PictureSource
from IDCBrowserLib.signal import Signal
from IDCBrowserLib.wording import human_size


@dataclass(frozen=True)
class ChoosingState:
    """``offered`` once they are known, of which some are ``loaded`` already; ``loading`` while the chosen ones come; ``whole_only`` where none can
    come without the whole file, which is elsewhere; ``text`` says what is going on or what went wrong."""

    series_uid: str = ""
    offered: tuple[OfferedSegment, ...] = ()
    loaded: frozenset[int] = frozenset()
    chosen: frozenset[int] = frozenset()
    loading: bool = False
    whole_only: bool = False
    text: str = ""

    @property
    def can_load(self) -> bool:
        """Whether there is something to load."""
        return bool(self.chosen) and not self.loading and not self.whole_only


class SegmentChoosing:
    """``open`` a series, ``choose``, ``load``; ``changed`` tells the state, ``loaded(text)`` that the chosen ones are in the scene and what is to
    be said of them, "" where nothing is."""

    def __init__(self, client: EngineClient, host: Host, source: PictureSource) -> None:
        self._client = client
        self._host = host
        self._source = source
        self._running: list[Cancellable | Request] = []
        self._parameters: SeriesParameters | None = None
        self._answer: OfferedSegments | None = None
        self.state = ChoosingState()
        self.changed: Signal[[]] = Signal()
        self.loaded: Signal[str] = Signal()

    def open(self, series_uid: str, loaded: Iterable[int] = ()) -> None:
        """Ask for the segments of a SEG series, of which those with the numbers ``loaded`` are in the scene."""
        self.cancel()
        self._answer = None
        self._set(ChoosingState(series_uid, loaded=frozenset(loaded), text=_("Reading the header...")))

        def ask(parameters: SeriesParameters) -> None:
            self._parameters = parameters
            self._running.append(self._client.ask(LIST(parameters), self._listed, self._failed))

        self._running.append(self._source.ask(series_uid, ask))

    def choose(self, numbers: Sequence[int]) -> None:
        """These and no others."""
        known = {one["number"] for one in self.state.offered}
        chosen = (frozenset(numbers) & known) - self.state.loaded
        self._set(replace(self.state, chosen=chosen, text=self._sentence(chosen)))

    def load(self) -> None:
        """Put the chosen ones into the scene."""
        if not self.state.can_load or self._parameters is None or self._answer is None:
            return
        chosen = ChosenSegments(self._parameters, tuple(sorted(self.state.chosen)), self._answer, self._answer["on_slide"])
        self._set(replace(self.state, loading=True, text=_("Loading...")))
        request = LoadRequest(self.state.series_uid, modality="SEG", chosen=chosen)
        self._running.append(self._host.loader.load([request], self._shown, lambda _progress: None))

    def cancel(self) -> None:
        """Forget what is under way."""
        running, self._running = self._running, []
        for one in running:
            one.cancel()
        if self.state.loading:
            self._set(replace(self.state, loading=False, text=self._sentence(self.state.chosen)))

    def _listed(self, answer: OfferedSegments) -> None:
        self._answer = answer
        whole_only = bool(answer["why_whole"]) and not answer["here"]
        offered, text = tuple(answer["segments"]), self._sentence(self.state.chosen)
        self._set(replace(self.state, offered=offered, whole_only=whole_only, text=text))

    def _shown(self, results: Sequence[LoadResult]) -> None:
        own = next((one for one in results if one.series_uid == self.state.series_uid), None)
        said = "" if own is None else own.error or " ".join(own.warnings)
        self._set(replace(self.state, loading=False, text=said or self._sentence(self.state.chosen)))
        if own is not None and not own.error:
            self.loaded.emit(said)

    def _failed(self, error: IDCBrowserError) -> None:
        self._set(replace(self.state, loading=False, text=str(error)))

    def _sentence(self, chosen: frozenset[int]) -> str:
        answer = self._answer
        if answer is None:
            return self.state.text
        total = human_size(answer["bytes"])
        if answer["here"]:
            return _("The file is on this computer ({total}). Only the chosen segments are decoded.").format(total=total)
        if answer["why_whole"]:
            text = _("It has to be downloaded as a whole ({total}). {why}")
            return text.format(total=total, why=answer["why_whole"])
        of_each = sum(one["bytes"] for one in answer["segments"] if one["number"] in chosen)
        wanted = of_each + (answer["common_bytes"] if chosen else 0)
        size = human_size(wanted)
        if answer["on_slide"] and wanted > MOST_FETCHED:
            text = _("An overview of the chosen segments would take {size} of {total}; only the tiles in sight are fetched once you zoom in.")
            return text.format(size=size, total=total)
        if answer["on_slide"]:
            text = _("{size} of {total} are fetched for an overview of the chosen segments, and closer only the tiles in sight.")
            return text.format(size=size, total=total)
        return _("{size} of {total} are fetched for the chosen segments; the series itself is not downloaded.").format(size=size, total=total)

    def _set(self, state: ChoosingState) -> None:
        self.state = state
        self.changed.emit()
