"""Fetches entries of a review list before they are asked for, and removes those behind that the list itself has fetched."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial

from IDCBrowserLib.api import review as api
from IDCBrowserLib.api.storage import Removed
from IDCBrowserLib.engine.client import EngineClient
from IDCBrowserLib.errors import IDCBrowserError
from IDCBrowserLib.host_interface import Cancellable, Host, SeriesStatus
from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.logic.base.state import Message
from IDCBrowserLib.logic.downloads.download_base import DownloadBase
from IDCBrowserLib.logic.downloads.download_parts import load_request
from IDCBrowserLib.logic.downloads.download_state import DownloadPhase
from IDCBrowserLib.logic.downloads.downloads import Downloads
from IDCBrowserLib.signal import Signal

OnError = Callable[[IDCBrowserError], None]


class _NotYet:
    """Of a removal that may end before it can be stopped."""

    def cancel(self) -> None:
        """Nothing has begun."""


_NOT_YET = _NotYet()


class FetchAhead:
    """``prepare`` before an entry is loaded, ``look_ahead`` once it is in sight. ``changed`` tells when ``note`` may be another."""

    def __init__(self, client: EngineClient, host: Host, downloads: Downloads) -> None:
        self._client = client
        self._host = host
        self._downloads = downloads
        self._running: dict[int, DownloadBase] = {}
        # Those of them that somebody looks at, and tells about.
        self._in_sight: set[int] = set()
        self._waiting: dict[int, Callable[[], None]] = {}
        # By entry: series that the list has recorded as its own, while they are fetched.
        self._claimed: dict[int, list[str]] = {}
        # The entry after the one in sight, the one before it, and itself, which is before the next one soon; and which of them are here.
        self._near: list[api.ToFetch] = []
        self._here: set[int] = set()
        # Series of the entry that was prepared last, where all of them are in the database.
        self.all_here = False
        # What is being removed, how it is stopped, and what waits for its end.
        self._removed_now: frozenset[str] = frozenset()
        self._removal: Cancellable | None = None
        self._after_removal: Callable[[], None] | None = None
        self._closed = False
        self.changed: Signal[[]] = Signal()

    @property
    def note(self) -> str:
        """A sentence when something is in the way."""
        ahead = (download for entry, download in self._running.items() if entry not in self._in_sight)
        if any(download.row.phase is DownloadPhase.NO_DISK_SPACE for download in ahead):
            return _("The disk is full: the next entries wait until there is space. What was answered is kept.")
        return ""

    def open(self) -> None:
        """A list begins."""
        self._closed = False

    def close(self) -> None:
        """Stop what is under way; complete files stay, and the list knows them when it is opened again. What has not come is nobody's: the user
        may download it."""
        self._closed = True
        self._near = []
        self._host.loader.read_ahead(())
        self._waiting.clear()
        self._after_removal = None
        downloads, self._running = self._running, {}
        claimed, self._claimed = self._claimed, {}
        self._in_sight.clear()
        for download in downloads.values():
            download.cancel()
        not_here = [uid for uids in claimed.values() for uid in uids if not any(one.has_fetched(uid) for one in downloads.values())]
        if not_here and self._client.is_ready:
            self._client.ask(api.REMOVED({"series": not_here}), None, self._silent)

    def prepare(self, entry: int, series: Sequence[str], on_ready: Callable[[], None], on_error: OnError) -> None:
        """Nothing else is fetched meanwhile; when ``on_ready`` is called the list knows which of the series it is about to fetch itself."""
        self._waiting.clear()
        for number, download in list(self._running.items()):
            if number != entry:
                download.cancel()
        claim = partial(self._claim, entry, series, on_ready, on_error)
        self._after_removal = None
        if self._removal is not None and not self._removed_now.isdisjoint(series):
            # Somebody goes back to what was just left: what is there of it is known when the removal has ended.
            self._after_removal = claim
            self._removal.cancel()
        elif entry in self._running:
            self._waiting[entry] = claim
        else:
            claim()

    def follow(self, entry: int, download: DownloadBase) -> None:
        """The entry in sight is fetched by ``download``, which somebody else started."""
        self._running[entry] = download
        self._in_sight.add(entry)
        download.ended.connect(partial(self._ended, entry, download))

    def look_ahead(self, entry: int) -> None:
        """Fetch the next ones, remove those behind."""
        self._client.ask(api.AHEAD({"entry": entry}), self._answered, self._silent)

    def _answered(self, answer: api.Ahead) -> None:
        if self._closed:
            return
        own, *ahead = answer["fetch"]
        near = self._near = [*ahead[:1], *answer["before"], own]

        def located(statuses: Mapping[str, SeriesStatus]) -> None:
            if near is not self._near:
                return
            self._here = {one["entry"] for one in near if _is_here(one, statuses)}
            self._read()
            for one in ahead:
                if one["entry"] not in self._running and not _is_here(one, statuses):
                    self._claim_absent(one["entry"], _absent(_uids(one), statuses), partial(self._start, one), self._silent)

        self._host.store.series_status([uid for one in [*answer["before"], own, *ahead] for uid in _uids(one)], located, self._silent)
        if answer["remove"] and self._removal is None:
            self._remove(answer["remove"])

    def _read(self) -> None:
        """Those that are here are not only fetched but read, so that one of them is seen as soon as it is asked for."""
        if not self._closed:
            here = [one for one in self._near if one["entry"] in self._here]
            self._host.loader.read_ahead([[load_request(series) for series in one["series"]] for one in here])

    def _start(self, one: api.ToFetch) -> None:
        if self._closed or one["entry"] in self._running:
            return
        download = self._downloads.start_quietly({"selections": [{"level": "series", "ids": _uids(one)}]}, False)
        self._running[one["entry"]] = download
        download.changed.connect(self.changed.emit)
        download.ended.connect(partial(self._ended, one["entry"], download))

    def _ended(self, entry: int, download: DownloadBase, _message: Message) -> None:
        self._running.pop(entry, None)
        self._forget_what_did_not_come(entry, download)
        if entry not in self._in_sight and download.row.phase is DownloadPhase.FINISHED:
            self._here.add(entry)
            self._read()
        self._in_sight.discard(entry)
        on_ready = self._waiting.pop(entry, None)
        if on_ready is not None and not self._closed:
            on_ready()
        self.changed.emit()

    def _forget_what_did_not_come(self, entry: int, download: DownloadBase) -> None:
        """After an end of any kind. Recorded as the list's it would be removed behind, even if the user downloads it later."""
        claimed = self._claimed.get(entry, [])

        def located(statuses: Mapping[str, SeriesStatus]) -> None:
            # Unless the entry is fetched anew, or the list was closed and has told.
            if self._claimed.get(entry) is claimed:
                del self._claimed[entry]
                absent = [uid for uid in _absent(claimed, statuses) if not download.has_fetched(uid)]
                if absent:
                    self._client.ask(api.REMOVED({"series": absent}), None, self._silent)

        if claimed:
            self._host.store.series_status(claimed, located, self._silent)

    def _claim(self, entry: int, series: Sequence[str], on_ready: Callable[[], None], on_error: OnError) -> None:
        def located(statuses: Mapping[str, SeriesStatus]) -> None:
            self.all_here = all(statuses.get(uid) is SeriesStatus.IN_DATABASE for uid in series)
            self._claim_absent(entry, _absent(series, statuses), on_ready, on_error)

        self._host.store.series_status(series, located, on_error)

    def _claim_absent(self, entry: int, absent: Sequence[str], on_ready: Callable[[], None], on_error: OnError) -> None:
        """The record comes before the download. What the user downloads at the same time is theirs."""
        ours = [uid for uid in absent if not self._downloads.is_wanted(uid)]
        if ours:
            self._claimed[entry] = ours
            self._client.ask(api.FETCHING({"entry": entry, "series": ours}), lambda _nothing: on_ready(), on_error)
        else:
            on_ready()

    def _remove(self, series: Sequence[str]) -> None:
        # The user may have asked for some of them since.
        behind = [uid for uid in series if not self._downloads.is_wanted(uid)]
        if not behind:
            self._client.ask(api.REMOVED({"series": list(series)}), None, self._silent)
            return

        def done(_report: Removed) -> None:
            # What is kept turned out to be the user's.
            self._client.ask(api.REMOVED({"series": list(series)}), None, self._silent)
            self._removal_ended()

        # Where it failed or was stopped they are asked for again at the next entry.
        self._removed_now = frozenset(series)
        self._removal = _NOT_YET
        removal = self._host.store.remove({"series": behind}, done, lambda _error: self._removal_ended(), lambda _progress: None)
        if self._removal is not None:
            self._removal = removal

    def _removal_ended(self) -> None:
        self._removal, self._removed_now = None, frozenset()
        go_on, self._after_removal = self._after_removal, None
        if go_on is not None and not self._closed:
            go_on()

    def _silent(self, _error: IDCBrowserError) -> None:
        """Fetching ahead is a help: what fails is fetched, and told, when its entry is looked at."""


def _uids(one: api.ToFetch) -> list[str]:
    return [series["SeriesInstanceUID"] for series in one["series"]]


def _is_here(one: api.ToFetch, statuses: Mapping[str, SeriesStatus]) -> bool:
    return all(statuses.get(uid) is SeriesStatus.IN_DATABASE for uid in _uids(one))


def _absent(uids: Sequence[str], statuses: Mapping[str, SeriesStatus]) -> list[str]:
    return [uid for uid in uids if statuses.get(uid, SeriesStatus.ABSENT) is SeriesStatus.ABSENT]
