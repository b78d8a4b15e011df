"""The report of a transfer: the state of each series."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from IDCBrowserLib.api import transfer as api
from IDCBrowserLib.transfer.item import TransferItem, TransferState
from IDCBrowserLib.wording import human_count, human_size, human_time

# Series whose reasons a person is told, of each kind.
_SAID = 20


@dataclass(frozen=True)
class TransferReport:
    """Every planned series with its final state. ``error`` is what stopped the whole transfer, or ""; ``storage`` that it was the disk."""

    items: tuple[TransferItem, ...]
    destination: Path
    seconds: float = 0.0
    error: str = ""
    storage: bool = False

    def count(self, state: TransferState) -> int:
        """Number of series in a final state."""
        return sum(1 for item in self.items if item.state is state)

    @property
    def incomplete(self) -> int:
        """Number of series that failed, and of which some files are here."""
        return sum(item.is_incomplete for item in self.items)

    @property
    def bytes_fetched(self) -> int:
        """What came over the network and was verified."""
        return sum(item.bytes_fetched for item in self.items)

    @property
    def exit_code(self) -> int:
        """As the command line ends: 0 complete, 130 cancelled, 5 disk, 4 incomplete."""
        if self.storage:
            return 5
        if self.count(TransferState.CANCELLED):
            return 130
        return 4 if self.count(TransferState.FAILED) else 0

    def to_json(self, limit: int | None = None) -> api.Transferred:
        """The document of ``idc-browser download``. With ``limit`` at most so many complete series, and ten times as many others, are listed."""
        return {
            "series": [self._entry(item) for item in self._listed(limit)],
            "series_count": len(self.items),
            "destination": str(self.destination),
            "states": {state.value: self.count(state) for state in (TransferState.COMPLETE, TransferState.FAILED, TransferState.CANCELLED)},
            "incomplete": self.incomplete,
            "files": sum(item.files_done for item in self.items),
            "total_bytes": sum(item.bytes_done for item in self.items),
            "bytes_transferred": self.bytes_fetched,
            "seconds": round(self.seconds, 3),
            "error": self.error or None,
        }

    def describe(self) -> str:
        """For a person."""
        complete, failed, cancelled = (self.count(state) for state in (TransferState.COMPLETE, TransferState.FAILED, TransferState.CANCELLED))
        present = human_size(sum(item.bytes_done for item in self.items))
        fetched = f"{human_size(self.bytes_fetched)} fetched now in {human_time(self.seconds)}"
        lines = [f"{human_count(complete, 'series', 'series')} complete in {self.destination} ({present}, of which {fetched})."]
        size_only = sum(item.size_only for item in self.items)
        if size_only:
            lines.append(f"{human_count(size_only, 'file', 'files')} could be compared by size only: the bucket states no MD5 of them.")
        if cancelled:
            lines.append(f"{human_count(cancelled, 'series', 'series')} canceled.")
        incomplete = self.incomplete
        if incomplete:
            lines.append(f"{human_count(incomplete, 'series', 'series')} incomplete:")
            lines += self._reasons(of_incomplete=True)
        if failed > incomplete:
            lines.append(f"{human_count(failed - incomplete, 'series', 'series')} failed:")
            lines += self._reasons(of_incomplete=False)
        return "\n".join(lines)

    def _reasons(self, of_incomplete: bool) -> list[str]:
        failed = (item for item in self.items if item.state is TransferState.FAILED and item.is_incomplete == of_incomplete)
        return [f"  {item.series.series_uid}: {item.error}" for item in itertools.islice(failed, _SAID)]

    def _listed(self, limit: int | None) -> Iterable[TransferItem]:
        if limit is None:
            return self.items
        others = (item for item in self.items if item.state is not TransferState.COMPLETE)
        complete = (item for item in self.items if item.state is TransferState.COMPLETE)
        return [*itertools.islice(others, 10 * limit), *itertools.islice(complete, limit)]

    def _entry(self, item: TransferItem) -> api.Series:
        return {
            "SeriesInstanceUID": item.series.series_uid,
            "crdc_series_uuid": item.series.crdc_series_uuid,
            "state": item.state.value,
            "files": item.files_done,
            "bytes": item.bytes_done,
            "directory": str(self.destination / item.directory),
            "error": item.error or None,
            "expected_files": item.files_total or item.series.instance_count,
            "missing": item.missing,
            "size_only": item.size_only,
        }
