"""What the Downloads page shows of each download, as values."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from IDCBrowserLib.api.downloads import Contents
from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.wording import human_count


class DownloadPhase(str, Enum):
    """Phase of a download. ``NO_DISK_SPACE``: paused until there is disk space; ``PARTLY``: ended with series missing."""

    LOOKING_UP = "looking up"
    WAITING = "waiting"
    RUNNING = "running"
    PAUSED = "paused"
    NO_DISK_SPACE = "no disk space"
    ADDING = "adding"
    LOADING = "loading"
    FINISHED = "finished"
    PARTLY = "partly"
    FAILED = "failed"
    CANCELLED = "cancelled"
    INTERRUPTED = "interrupted"


_P = DownloadPhase
ENDED = frozenset({_P.FINISHED, _P.PARTLY, _P.FAILED, _P.CANCELLED, _P.INTERRUPTED})
# Transferring, or paused for lack of disk space: one download at a time.
ACTIVE = frozenset({_P.RUNNING, _P.NO_DISK_SPACE})
CAN_PAUSE = frozenset({_P.WAITING, _P.RUNNING, _P.NO_DISK_SPACE})
CAN_RESUME = frozenset({_P.PAUSED, _P.INTERRUPTED})
CAN_RETRY = frozenset({_P.PARTLY, _P.FAILED, _P.CANCELLED})


@dataclass(frozen=True)
class DownloadRow:
    """One row of the Downloads page. ``job`` names the download in the engine, "" before it is queued; ``key`` never changes.

    ``done`` and ``total`` are bytes; ``missing`` counts series that were not downloaded, ``incomplete`` those of them that are here in part; ``note``
    is a sentence about the download.
    """

    key: int
    job: str = ""
    label: str = ""
    phase: DownloadPhase = DownloadPhase.LOOKING_UP
    cancelling: bool = False
    series: int = 0
    done: float = 0.0
    total: float = 0.0
    bytes_per_second: float = 0.0
    seconds_left: float | None = None
    missing: int = 0
    incomplete: int = 0
    note: str = ""
    folder: str = ""

    @property
    def fraction(self) -> float | None:
        """0 to 1; None while the total is unknown."""
        if self.phase is DownloadPhase.FINISHED:
            return 1.0
        if not self.total or (self.phase is DownloadPhase.INTERRUPTED and not self.done):
            return None
        return min(1.0, self.done / self.total)

    @property
    def has_ended(self) -> bool:
        """Whether nothing more happens until the user does something."""
        return self.phase in ENDED

    @property
    def can_cancel(self) -> bool:
        """Whether it can be canceled."""
        return not self.has_ended and not self.cancelling

    @property
    def can_pause_or_resume(self) -> bool:
        """Whether it is active, waiting or paused."""
        return self.phase in CAN_PAUSE | CAN_RESUME and not self.cancelling

    @property
    def can_retry(self) -> bool:
        """Whether missing series can be downloaded again."""
        return self.phase in CAN_RETRY and bool(self.job)


def phase_text(row: DownloadRow) -> tuple[str, str]:
    """The text for a phase and the name of its icon in ``ui/icons``."""
    if row.cancelling:
        return _("Canceling..."), "status-canceled"
    if row.phase is DownloadPhase.PARTLY:
        return _partly_text(row)
    return {
        _P.LOOKING_UP: (_("Looking up"), "status-waiting"),
        _P.WAITING: (_("Waiting"), "status-waiting"),
        _P.RUNNING: (_("Downloading"), "status-downloading"),
        _P.PAUSED: (_("Paused"), "status-paused"),
        _P.NO_DISK_SPACE: (_("Waiting for disk space"), "warning"),
        _P.ADDING: (_("Adding to database"), "status-disk"),
        _P.LOADING: (_("Loading"), "status-database"),
        _P.FINISHED: (_("Finished"), "success"),
        _P.FAILED: (_("Failed"), "status-failed"),
        _P.CANCELLED: (_("Canceled"), "status-canceled"),
        _P.INTERRUPTED: (_("Interrupted"), "warning"),
    }[row.phase]


def _partly_text(row: DownloadRow) -> tuple[str, str]:
    missing, incomplete = f"{row.missing:,}", f"{row.incomplete:,}"
    if not row.incomplete:
        return _("{count} missing").format(count=missing), "status-failed"
    if row.incomplete < row.missing:
        absent = f"{row.missing - row.incomplete:,}"
        return _("{missing} missing, {incomplete} incomplete").format(missing=absent, incomplete=incomplete), "status-failed"
    return _("Incomplete") if row.series == 1 else _("{count} incomplete").format(count=incomplete), "status-partial"


def pause_text(row: DownloadRow) -> str:
    """Text of the button that pauses or resumes a download."""
    return _("Resume") if row.phase in CAN_RESUME else _("Pause")


def label_of(contents: Contents) -> str:
    """Such as "breast_mri_nact_pilot/UCSF-BR-06, 12 series"."""
    series = human_count(contents["series"], _("series"), _("series"))
    collections, cases = contents["collections"], contents["cases"]
    if collections == 1 and cases == 1:
        return f"{contents['collection']}/{contents['case']}, {series}"
    if collections == 1 and cases:
        return f"{contents['collection']}, {human_count(cases, _('case'), _('cases'))}, {series}"
    if collections:
        return f"{human_count(collections, _('collection'), _('collections'))}, {series}"
    return series
