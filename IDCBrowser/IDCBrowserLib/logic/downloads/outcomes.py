"""Results for each series of a download, and the sentence that summarizes them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from IDCBrowserLib.host_interface import LoadRequest
from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.logic.base.state import Kind, Message, SeriesOutcome


class Outcomes:
    """One outcome per series (the latest one) and notes on the download as a whole. ``name`` sets the labels of series."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}
        self._series: dict[str, SeriesOutcome] = {}
        self._notes: list[SeriesOutcome] = []
        self._states: Mapping[str, int] = {}
        self._in_part: frozenset[str] = frozenset()
        self.incomplete = 0

    def name(self, series: Sequence[LoadRequest]) -> None:
        """Label each by its patient, modality and description."""
        for item in series:
            parts = (item.patient_id, item.modality, item.description)
            self._names[item.series_uid] = " ".join(part for part in parts if part) or item.series_uid

    def put(self, series_uid: str, kind: Kind, text: str) -> None:
        """Set the outcome of a series."""
        self._series[series_uid] = SeriesOutcome(series_uid, self._names.get(series_uid, series_uid), kind, text)

    def count(self, states: Mapping[str, int], incomplete: int, in_part: frozenset[str]) -> None:
        """Set the number of series by final state, and how many of the failed ones are ``incomplete``: here in part. Not every series has an
        outcome here; ``in_part`` are the incomplete ones that have.
        """
        self._states, self.incomplete, self._in_part = states, incomplete, in_part

    @property
    def failed(self) -> int:
        """Number of series that failed, with those that are here in part."""
        others = sum(outcome.kind is Kind.ERROR and uid not in self._in_part for uid, outcome in self._series.items())
        return max(others + self.incomplete, self._states.get("failed", 0))

    def add_note(self, label: str, texts: Sequence[str] | None) -> None:
        """Add sentences about the whole download, under ``label``."""
        self._notes += [SeriesOutcome("", label, Kind.WARNING, text) for text in texts or ()]

    def add_notes(self, notes: Sequence[SeriesOutcome]) -> None:
        """Add notes that have their own labels."""
        self._notes += notes

    def all(self) -> tuple[SeriesOutcome, ...]:
        """Notes and outcomes, for the Results panel."""
        return (*self._notes, *self._series.values())

    def has(self, series_uid: str) -> bool:
        """Whether a series has an outcome."""
        return series_uid in self._series

    def message(self, done: str) -> Message:
        """The summary in one sentence; ``done`` is used when nothing failed, with {count} for the number of series."""
        failed = [outcome for outcome in self._series.values() if outcome.kind is Kind.ERROR]
        total, missing = max(len(self._series), sum(self._states.values())), self.failed
        if self.incomplete:
            return self._incomplete_message(total)
        if not missing:
            has_notes = self._notes or any(outcome.kind is Kind.WARNING for outcome in self._series.values())
            count = total - self._states.get("cancelled", 0)
            return Message(Kind.SUCCESS, done.format(count=f"{count:,}") + (" " + _("See the notes under Results.") if has_notes else ""))
        if missing < total:
            text = _("{done} of {count} series completed, {failed} failed. See the reasons under Results.")
            return Message(Kind.WARNING, text.format(done=f"{total - missing:,}", count=f"{total:,}", failed=f"{missing:,}"))
        if total == 1:
            return Message(Kind.ERROR, failed[0].text)
        return Message(Kind.ERROR, _("All {count} series failed. First error: {reason}").format(count=f"{total:,}", reason=failed[0].text))

    def _incomplete_message(self, total: int) -> Message:
        incomplete, failed = self.incomplete, self.failed - self.incomplete
        if total == 1 and self._series:
            return Message(Kind.WARNING, next(iter(self._series.values())).text)
        if failed:
            text = _("{count} series, {incomplete} of them incomplete, {failed} failed. See the reasons under Results.")
        else:
            text = _("{count} series, {incomplete} of them incomplete. See the reasons under Results.")
        return Message(Kind.WARNING, text.format(count=f"{total:,}", incomplete=f"{incomplete:,}", failed=f"{failed:,}"))
