"""Where each series in sight is: in IDC only, on the disk, in the database, or on its way. Knows no widgets."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from IDCBrowserLib.errors import IDCBrowserError
from IDCBrowserLib.host_interface import Cancellable, DicomStore, SeriesStatus
from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.signal import Signal

_MAX_AT_ONCE = 1000
_MAX_KEPT_HANDLES = 20


@dataclass(frozen=True)
class StatusText:
    """A status as people read it; ``icon`` is the name of a file in ``ui/icons``."""

    text: str
    icon: str
    tip: str


@dataclass(frozen=True)
class SeriesProgress:
    """A series in a download: a state of ``transfer.item.TransferState`` by value, how much of it is here (0 to 1), and why it failed."""

    state: str
    fraction: float | None = None
    reason: str = ""

    @classmethod
    def of(cls, state: str, done: float, total: float, reason: str | None) -> SeriesProgress:
        """``done`` of ``total`` are here."""
        return cls(state, min(1.0, done / total) if total else None, reason or "")

    @property
    def is_incomplete(self) -> bool:
        """Whether it failed, and some of it is here all the same."""
        return self.state == "failed" and bool(self.fraction)


class SeriesStatusBook:
    """``of(uid)`` answers from memory; ``ask`` fills it. What a running download says about a series goes before all else, and that it is in the
    scene before what the store says.
    """

    def __init__(self, store: DicomStore) -> None:
        self._store = store
        self._known: dict[str, SeriesStatus] = {}
        self._in_progress: dict[str, SeriesProgress] = {}
        self._loaded: frozenset[str] = frozenset()
        self._settling: set[str] = set()
        self._asked: set[str] = set()
        self._running: list[Cancellable] = []
        self.changed: Signal[[]] = Signal()
        self.failed: Signal[IDCBrowserError] = Signal()

    def of(self, series_uid: str) -> StatusText:
        """Status of a series."""
        if series_uid in self._in_progress:
            return series_progress_text(self._in_progress[series_uid])
        if series_uid in self._loaded:
            return StatusText(_("Loaded"), "status-loaded", _('In the scene. "Show in the views" in the menu of the row leads there.'))
        return _status_text(self._known.get(series_uid))

    def set_loaded(self, series_uids: frozenset[str]) -> None:
        """What is in the scene."""
        if series_uids != self._loaded:
            self._loaded = series_uids
            self.changed.emit()

    def ask(self, series_uids: Iterable[str], again: bool = False) -> None:
        """Look series up in the store: those not looked up yet, or with ``again`` all of them."""
        wanted = [uid for uid in series_uids if again or uid not in self._asked]
        for start in range(0, len(wanted), _MAX_AT_ONCE):
            part = wanted[start : start + _MAX_AT_ONCE]
            self._asked.update(part)
            self._running = [*self._running[-_MAX_KEPT_HANDLES:], self._store.series_status(part, self._learn, self._fail)]

    def forget(self) -> None:
        """Everything has to be looked up again (another folder or database)."""
        for running in self._running:
            running.cancel()
        self._running.clear()
        self._known.clear()
        self._asked.clear()
        self.changed.emit()

    def expire(self) -> None:
        """Everything may have changed: it is looked up again when it is asked for. Until then the former answers stay in sight."""
        self._asked.clear()

    def set_progress(self, states: Mapping[str, SeriesProgress]) -> None:
        """What a download says per series."""
        self._settling.difference_update(states)
        if any(self._in_progress.get(uid) != state for uid, state in states.items()):
            self._in_progress.update(states)
            self.changed.emit()

    def end_progress(self, series_uids: Iterable[str]) -> None:
        """A download of these is over; what it said stays until the store has answered, and for failed series until they are there.

        The store is asked for those that have been in sight; the others are looked up when they come into sight.
        """
        ended = [uid for uid in series_uids if uid in self._in_progress]
        self._settling.update(ended)
        for uid in ended:
            if uid not in self._asked and self._in_progress[uid].state != "failed":
                self._settle(uid)
        self.ask([uid for uid in ended if uid in self._asked], again=True)

    def _settle(self, uid: str) -> None:
        self._settling.discard(uid)
        del self._in_progress[uid]

    def _learn(self, statuses: Mapping[str, SeriesStatus]) -> None:
        for uid, status in statuses.items():
            moving, before = self._in_progress.get(uid), self._known.get(uid)
            if moving is None or uid not in self._settling:
                continue
            # What came of it was here, and somebody has removed it.
            is_gone = moving.is_incomplete and before is SeriesStatus.PARTIAL and status is SeriesStatus.ABSENT
            if moving.state != "failed" or is_gone or status in (SeriesStatus.ON_DISK, SeriesStatus.IN_DATABASE):
                self._settle(uid)
        self._known.update(statuses)
        self.changed.emit()

    def _fail(self, error: IDCBrowserError) -> None:
        self.failed.emit(error)


def _status_text(status: SeriesStatus | None) -> StatusText:
    if status is None:
        return StatusText("", "", "")
    return {
        SeriesStatus.ABSENT: StatusText(_("In IDC"), "status-remote", _("Not on this computer. Download the series to use it.")),
        SeriesStatus.PARTIAL: StatusText(_("Incomplete"), "status-partial", _("Some files are missing. Download the series again to complete it.")),
        SeriesStatus.ON_DISK: StatusText(_("On disk"), "status-disk", _('On disk, but not in the DICOM database. "Download" adds it.')),
        SeriesStatus.IN_DATABASE: StatusText(_("In database"), "status-database", _("In the DICOM database, ready to load.")),
        SeriesStatus.OUTDATED: StatusText(
            _("Newer version in IDC"), "status-newer", _('IDC has a newer version than the one on this computer. "Download" gets it.')
        ),
    }[status]


def series_progress_text(moving: SeriesProgress) -> StatusText:
    """What a download says about a series, as people read it."""
    if moving.state == "transferring" and moving.fraction is not None:
        return StatusText(_("Downloading {percent} %").format(percent=int(100 * moving.fraction)), "status-downloading", _("Being downloaded."))
    if moving.is_incomplete:
        return StatusText(_("Incomplete"), "status-partial", moving.reason or _("Some files are missing. Download the series again to complete it."))
    known = {
        "queued": StatusText(_("Waiting"), "status-waiting", _("Waiting in the download queue.")),
        "listing": StatusText(_("Looking up"), "status-waiting", _("Its files are being looked up in the bucket.")),
        "transferring": StatusText(_("Downloading"), "status-downloading", _("Being downloaded.")),
        "verifying": StatusText(_("Checking"), "status-downloading", _("Its files are being checked.")),
        "complete": StatusText(_("Downloaded"), "status-disk", _("All files are on disk.")),
        "imported": _status_text(SeriesStatus.IN_DATABASE),
        "failed": StatusText(_("Failed"), "status-failed", moving.reason or _("The download failed. See the reason under Results.")),
        "cancelled": StatusText(_("Canceled"), "status-canceled", _("The download was canceled.")),
    }
    return known.get(moving.state, StatusText(moving.state, "status-waiting", ""))
