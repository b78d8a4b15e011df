"""How much of each study in sight is on this computer. Knows no widgets."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from IDCBrowserLib.api.store import STUDY_STATUS, StudyStatus
from IDCBrowserLib.engine.client import EngineClient, Request
from IDCBrowserLib.errors import IDCBrowserError
from IDCBrowserLib.host_interface import DicomStore
from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.logic.tables.series_status import StatusText
from IDCBrowserLib.signal import Signal

_MAX_AT_ONCE = 200


class StudyStatusBook:
    """``of(uid)`` answers from memory; ``ask`` fills it and emits ``changed``."""

    def __init__(self, client: EngineClient, store: DicomStore) -> None:
        self._client = client
        self._store = store
        self._known: dict[str, StudyStatus] = {}
        self._asked: set[str] = set()
        self._running: list[Request] = []
        self.changed: Signal[[]] = Signal()
        self.failed: Signal[IDCBrowserError] = Signal()

    def of(self, study_uid: str) -> StatusText:
        """Status of a study; empty while it is not known."""
        counts = self._known.get(study_uid)
        return StatusText("", "", "") if counts is None else _text(counts)

    def ask(self, study_uids: Iterable[str]) -> None:
        """Look studies up that were not looked up yet."""
        wanted = [uid for uid in dict.fromkeys(study_uids) if uid not in self._asked]
        self._asked.update(wanted)
        for start in range(0, len(wanted), _MAX_AT_ONCE):
            question = STUDY_STATUS({**self._store.folders(), "studies": wanted[start : start + _MAX_AT_ONCE]})
            self._running = [*self._running[-_MAX_AT_ONCE:], self._client.ask(question, self._learn, self._fail)]

    def forget(self) -> None:
        """Everything has to be looked up again; until then the former answers stay in sight."""
        for running in self._running:
            running.cancel()
        self._running.clear()
        self._asked.clear()

    def _learn(self, counts: Mapping[str, StudyStatus]) -> None:
        self._known.update(counts)
        self.changed.emit()

    def _fail(self, error: IDCBrowserError) -> None:
        self.failed.emit(error)


def _text(counts: StudyStatus) -> StatusText:
    total, here = counts["series"], counts["here"]
    tip = _("{here} of its {total} series are on this computer, {imported} in the DICOM database.").format(
        here=f"{here:,}",
        total=f"{total:,}",
        imported=f"{counts['in database']:,}",
    )
    if counts["older version"]:
        more = _("IDC has newer versions of {count} of them.")
        tip = f"{tip} {more.format(count=counts['older version'])}"
    if not here:
        return StatusText(_("In IDC"), "status-remote", tip)
    if counts["in database"] == total:
        return StatusText(_("In database"), "status-database", tip)
    icon = "status-newer" if counts["older version"] else "status-disk" if here == total else "status-partial"
    return StatusText(_("{here} of {total} on disk").format(here=f"{here:,}", total=f"{total:,}"), icon, tip)
