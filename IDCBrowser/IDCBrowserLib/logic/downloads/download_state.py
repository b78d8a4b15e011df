"""What the Downloads page shows of each download, as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.wording import human_count


class DownloadPhase(str, Enum):
    """Where a download stands. ``NO_DISK_SPACE`` waits for room on the disk; ``PARTLY`` has ended and some series are missing."""

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
# Those that move, or would if there were room: one at a time.
MOVING = frozenset({_P.RUNNING, _P.NO_DISK_SPACE})
CAN_PAUSE = frozenset({_P.WAITING, _P.RUNNING, _P.NO_DISK_SPACE})
CAN_RESUME = frozenset({_P.PAUSED, _P.INTERRUPTED})
CAN_RETRY = frozenset({_P.PARTLY, _P.FAILED, _P.CANCELLED})


@dataclass(frozen=True)
class DownloadRow:
    """One download. ``job`` is its name in the engine, "" before it has one; ``key`` never changes.

    ``done`` and ``total`` are bytes; ``missing`` counts series that did not come; ``note`` is a sentence about it.
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
        """Whether nothing more happens by itself."""
        return self.phase in ENDED

    @property
    def can_cancel(self) -> bool:
        """Whether there is something to stop."""
        return not self.has_ended and not self.cancelling

    @property
    def can_pause_or_resume(self) -> bool:
        """Whether it moves, waits or rests."""
        return self.phase in CAN_PAUSE | CAN_RESUME and not self.cancelling

    @property
    def can_retry(self) -> bool:
        """Whether what is missing can be asked for again."""
        return self.phase in CAN_RETRY and bool(self.job)


def phase_text(row: DownloadRow) -> tuple[str, str]:
    """A phase as people read it, and the name of its icon in Resources/Icons."""
    if row.cancelling:
        return _("Canceling..."), "status-canceled"
    if row.phase is DownloadPhase.PARTLY:
        return _("{count} missing").format(count=f"{row.missing:,}"), "status-failed"
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


def pause_text(row: DownloadRow) -> str:
    """Of a button that lets a download rest or go on."""
    return _("Resume") if row.phase in CAN_RESUME else _("Pause")


def label_of(about: Mapping[str, Any]) -> str:
    """Such as "breast_mri_nact_pilot/UCSF-BR-06, 12 series"."""
    series = human_count(about.get("series") or 0, _("series"), _("series"))
    collection = about.get("collection") or ""
    if about.get("collections") == 1 and about.get("cases") == 1:
        return f"{collection}/{about['case']}, {series}"
    if about.get("collections") == 1:
        return f"{collection}, {human_count(about['cases'], _('case'), _('cases'))}, {series}"
    if about.get("collections"):
        return f"{human_count(about['collections'], _('collection'), _('collections'))}, {series}"
    return series
