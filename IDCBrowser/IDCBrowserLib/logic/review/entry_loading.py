"""Brings the series of an entry into the scene: fetched unless they are on this computer, then loaded."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from IDCBrowserLib.api import review as api
from IDCBrowserLib.api.selection import MAX_LOADED_SERIES
from IDCBrowserLib.errors import IDCBrowserError
from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.logic.base.state import Kind, Message
from IDCBrowserLib.logic.downloads.download_base import DownloadBase
from IDCBrowserLib.logic.downloads.download_parts import load_request
from IDCBrowserLib.logic.downloads.download_state import DownloadPhase
from IDCBrowserLib.logic.downloads.downloads import Downloads
from IDCBrowserLib.logic.review.fetch_ahead import FetchAhead
from IDCBrowserLib.logic.review.state import CurrentState, Phase
from IDCBrowserLib.signal import Signal

# Text that says who made something; not loaded where nobody is to know.
_SAID_BY_MAKERS = ("SR", "KO", "PR", "RWV", "RTPLAN", "DOC")
_JUDGED = ("SEG", "RTSTRUCT")


class EntryLoading:
    """Signal: ``loaded(text)``, with what went wrong with a part of it; where nothing came the state says so."""

    def __init__(self, downloads: Downloads, ahead: FetchAhead, current: CurrentState) -> None:
        self._downloads, self._ahead, self._current = downloads, ahead, current
        self._loading: DownloadBase | None = None
        # Another number for each entry: what comes late belongs to none.
        self._visit = 0
        self.loaded: Signal[str] = Signal()

    def start(self, entry: api.Entry, uids: Sequence[str]) -> None:
        """Load ``uids`` of the entry."""
        self._visit += 1
        visit = self._visit
        self._ahead.prepare(entry["entry"], uids, partial(self._load, visit, entry, uids), partial(self._failed, visit))

    def stop(self) -> None:
        """The entry is left."""
        self._visit += 1
        if self._loading is not None:
            loading, self._loading = self._loading, None
            loading.cancel()

    def _load(self, visit: int, entry: api.Entry, uids: Sequence[str]) -> None:
        if visit != self._visit:
            return
        if self._ahead.all_here:
            loading = self._downloads.load_quietly([load_request(one) for one in entry["series"] if one["SeriesInstanceUID"] in uids])
        else:
            loading = self._downloads.start_quietly({"selections": [{"level": "series", "ids": list(uids)}]}, True)
        self._loading = loading
        self._ahead.follow(entry["entry"], loading)
        loading.changed.connect(partial(self._progressed, loading))
        loading.ended.connect(partial(self._ended, loading, len(_shown(entry, self._current.value.is_blinded)) - len(uids)))

    def _progressed(self, loading: DownloadBase) -> None:
        """Without names of series, which may say who made them."""
        if loading is not self._loading or self._current.value.phase is not Phase.FETCHING:
            return
        row = loading.row
        if row.phase is DownloadPhase.NO_DISK_SPACE:
            text = _("The disk is full. The entry is fetched when there is space.")
        elif row.phase is DownloadPhase.RUNNING and row.fraction is not None:
            text = _("Fetching: {percent} %").format(percent=int(100 * row.fraction))
        else:
            text = _("Loading...")
        self._current.set(text=text)

    def _ended(self, loading: DownloadBase, left_out: int, message: Message) -> None:
        if loading is not self._loading:
            return
        self._loading = None
        if not any(result.node_ids for result in loading.documents.get("load", ())):
            self._current.set(phase=Phase.FAILED, text=message.text)
            return
        texts = ["" if message.kind is Kind.SUCCESS else message.text, _left_out_text(left_out)]
        self.loaded.emit(" ".join(text for text in texts if text))

    def _failed(self, visit: int, error: IDCBrowserError) -> None:
        if visit == self._visit:
            self._current.set(phase=Phase.FAILED, text=str(error))


def loaded_at_once(entry: api.Entry, is_blinded: bool) -> list[str]:
    """SeriesInstanceUIDs of what is loaded; of more than a scene is to take at once what is judged, and the first of the others."""
    shown = _shown(entry, is_blinded)
    others = [one for one in shown if one["Modality"] not in _JUDGED]
    # At least one image.
    judged = [one for one in shown if one["Modality"] in _JUDGED][: MAX_LOADED_SERIES - min(1, len(others))]
    kept = {one["SeriesInstanceUID"] for one in [*judged, *others[: MAX_LOADED_SERIES - len(judged)]]}
    return [one["SeriesInstanceUID"] for one in shown if one["SeriesInstanceUID"] in kept]


def _shown(entry: api.Entry, is_blinded: bool) -> list[api.SeriesOf]:
    return [one for one in entry["series"] if not (is_blinded and one["Modality"] in _SAID_BY_MAKERS)]


def _left_out_text(left_out: int) -> str:
    if not left_out:
        return ""
    text = _("The entry has {count} series more than are loaded at once ({limit}). A list of images or studies has smaller entries.")
    return text.format(count=f"{left_out:,}", limit=MAX_LOADED_SERIES)
