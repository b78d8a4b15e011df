"""A cohort against a lock file, or against a former release of IDC. Knows no widgets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from IDCBrowserLib.api.cohort import CHANGES, CHECK, Changed, Changes, ChangesParameters, Checked, SeriesVersion
from IDCBrowserLib.cohort.shared_folder import LOCK
from IDCBrowserLib.engine.client import EngineClient, Request
from IDCBrowserLib.errors import IDCBrowserError
from IDCBrowserLib.i18n import local_number
from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.logic.summary.figures import SHOWN, CohortScope
from IDCBrowserLib.selection.rows_file import write_rows
from IDCBrowserLib.signal import Signal

# For a saved table.
COLUMNS = ("change", "collection_id", "PatientID", "Modality", "SeriesInstanceUID", "release", "crdc_series_uuid_then", "crdc_series_uuid_now")


@dataclass(frozen=True)
class ChangedSeries:
    """``kind`` as of ``kind_texts``; ``release`` is the one that brought, replaced or last had it; ``was`` and ``now`` are crdc_series_uuids, ""
    where there is none or none is known.
    """

    kind: str
    series_uid: str
    collection_id: str = ""
    patient_id: str = ""
    modality: str = ""
    release: str = ""
    was: str = ""
    now: str = ""


@dataclass(frozen=True)
class ChangesState:
    """``text`` says what was found, or what is being done; ``rows`` are the series that are not the same, ``listed`` of ``total``."""

    text: str = ""
    running: bool = False
    failed: bool = False
    rows: tuple[ChangedSeries, ...] = ()
    total: int = 0


def kind_texts() -> dict[str, str]:
    """What became of a series."""
    return {
        "added": _("New in IDC"),
        "revised": _("Revised"),
        "removed": _("Removed from IDC"),
        "gone": _("Removed from IDC"),
        "unknown": _("Not in any index file"),
    }


class CohortChanges:
    """``check`` a lock file, or ``compare`` with a release; ``changed(ChangesState)``."""

    def __init__(self, client: EngineClient, scope: CohortScope) -> None:
        self._client = client
        self._scope = scope
        self._request: Request | None = None
        self.state = ChangesState()
        self.changed: Signal[ChangesState] = Signal()

    def check(self, path: str) -> None:
        """Compare a lock file, or the folder that has one, with the release in use."""
        self._stop()
        self._set(ChangesState(_("Comparing {path} with the IDC release in use...").format(path=path), True))
        self._request = self._client.ask(CHECK({"path": path}), lambda found: self._checked(path, found), self._failed)

    def compare(self, release: int, scope: str = SHOWN) -> None:
        """Compare what is shown, selected, in the cart or in an opened list with what a release had of it."""
        self._stop()
        cohort = self._scope.cohort(scope)
        if cohort is None:
            self._set(ChangesState(self._scope.why_nothing(scope), False, True))
            return
        self._set(ChangesState(_("Comparing with IDC release {release}...").format(release=release), True))
        question = CHANGES(cast(ChangesParameters, {**cohort, "release": release}))
        what = self._scope.what(scope)
        self._request = self._client.ask(question, lambda found: self._compared(what, found), self._failed)

    def stop(self) -> None:
        """Leave it."""
        if self._request is not None:
            self._stop()
            self._set(ChangesState(_("Stopped.")))

    @property
    def opened_lock_file(self) -> str:
        """The lock file among the sources of an opened list; "" without one."""
        return next((source for source in self._scope.plan.opened.sources if source.lower().endswith(".lock.json") or Path(source).name == LOCK), "")

    def save(self, path: Path) -> None:
        """Write the rows as CSV, TSV or JSON. Raises ``InputError`` or ``StorageError``."""
        rows = [[row.kind, row.collection_id, row.patient_id, row.modality, row.series_uid, row.release, row.was, row.now] for row in self.state.rows]
        write_rows(path, COLUMNS, rows)

    def _checked(self, path: str, found: Checked) -> None:
        text = _("{path}: {identical} of {all} series are identical in IDC release {now} (saved from release {then}). {changes}")
        said = text.format(
            path=path,
            identical=f"{found['identical']:,}",
            all=f"{found['series']:,}",
            now=found["current"],
            then=found["idc_version"] or "?",
            changes=_counted(found["counts"]),
        )
        lists: Mapping[str, Sequence[SeriesVersion]] = {"revised": found["revised"], "gone": found["gone"], "unknown": found["unknown"]}
        rows = [_version(kind, row) for kind, found_rows in lists.items() for row in found_rows]
        self._end(said, rows, found["counts"])

    def _compared(self, what: str, found: Changes) -> None:
        text = _("{what}: from IDC release {then} to {now}, {unchanged} series are unchanged. {changes}")
        said = text.format(
            what=what, then=found["release"], now=found["current"], unchanged=f"{found['unchanged']:,}", changes=_counted(found["counts"])
        )
        lists: Mapping[str, Sequence[Changed]] = {"added": found["added"], "revised": found["revised"], "removed": found["removed"]}
        rows = [_changed(kind, row) for kind, found_rows in lists.items() for row in found_rows]
        self._end(said, rows, found["counts"])

    def _end(self, text: str, rows: Sequence[ChangedSeries], counts: Mapping[str, int]) -> None:
        self._request = None
        total = sum(counts.values())
        if total > len(rows):
            text += " " + _("The first {count} of each kind are listed.").format(count=f"{max(map(len, _by_kind(rows))):,}")
        self._set(ChangesState(text, rows=tuple(rows), total=total))

    def _failed(self, error: IDCBrowserError) -> None:
        self._request = None
        self._set(ChangesState(str(error), False, True))

    def _stop(self) -> None:
        if self._request is not None:
            self._request.cancel()
            self._request = None

    def _set(self, state: ChangesState) -> None:
        self.state = state
        self.changed.emit(state)


def _counted(counts: Mapping[str, int]) -> str:
    if not any(counts.values()):
        return _("Nothing changed.")
    texts = kind_texts()
    return "; ".join(f"{texts[kind]}: {local_number(f'{count:,}')}" for kind, count in counts.items() if count) + "."


def _by_kind(rows: Sequence[ChangedSeries]) -> list[list[ChangedSeries]]:
    return [[row for row in rows if row.kind == kind] for kind in kind_texts()]


def _version(kind: str, row: SeriesVersion) -> ChangedSeries:
    return ChangedSeries(kind, row["SeriesInstanceUID"], was=row.get("was") or "", now=row.get("now") or "")


def _changed(kind: str, row: Changed) -> ChangedSeries:
    release = row.get("max_idc_version") if kind == "removed" else row.get("since")
    gone = kind == "removed"
    return ChangedSeries(
        kind,
        row["SeriesInstanceUID"],
        row["collection_id"],
        row["PatientID"],
        row["Modality"] or "",
        str(release or ""),
        row["crdc_series_uuid"] if gone else row.get("was") or "",
        "" if gone else row["crdc_series_uuid"],
    )
