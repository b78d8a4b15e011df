"""Transfers of this engine by the name that the host gave them, waiting, under way or ended, so that other requests can pause them, cancel parts
of them, look at their series, and fetch again what failed.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from IDCBrowserLib.errors import NotFoundError

if TYPE_CHECKING:
    from IDCBrowserLib.selection.plan import Plan
    from IDCBrowserLib.transfer.control import TransferControl
    from IDCBrowserLib.transfer.item import TransferItem
    from IDCBrowserLib.transfer.jobs import HeldJob
    from IDCBrowserLib.transfer.options import TransferOptions


@dataclass
class Transfer:
    """``plan`` is what the next or running run fetches, ``complete`` what earlier runs have brought; ``held`` is its record on disk until it has
    ended. ``cancelled`` before its turn came.
    """

    job: str
    plan: Plan
    destination: Path
    options: TransferOptions
    control: TransferControl
    held: HeldJob | None = None
    running: bool = False
    cancelled: bool = False
    complete: list[TransferItem] = field(default_factory=list)

    def items(self) -> list[TransferItem]:
        """Series that the runs have seen; empty before the first one. An image that came along again is there once."""
        if not self.complete:
            return self.control.items
        now = {item.series.crdc_series_uuid for item in self.control.items}
        return [*(item for item in self.complete if item.series.crdc_series_uuid not in now), *self.control.items]

    def not_complete(self) -> Plan:
        """What another run has to fetch."""
        if not self.control.items:
            return self.plan
        missing = tuple(item.series for item in self.control.items if item.state.value != "complete")
        return replace(self.plan, series=missing)


class Transfers:
    """Safe to use from several lanes."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._transfers: dict[str, Transfer] = {}

    def add(self, job: str, plan: Plan, destination: Path, options: TransferOptions) -> Transfer:
        """A new one of that name."""
        from IDCBrowserLib.transfer.control import TransferControl

        with self._lock:
            made = self._transfers[job] = Transfer(job, plan, destination, options, TransferControl())
        return made

    def __len__(self) -> int:
        return len(self._transfers)

    def find(self, job: str) -> Transfer | None:
        """The one of that name."""
        return self._transfers.get(job)

    def known(self, job: str) -> Transfer:
        """As ``find``; raises ``NotFoundError``."""
        found = self.find(job)
        if found is None:
            raise NotFoundError("This download is no longer available. Select the series again.")
        return found

    def forget(self, job: str) -> Transfer | None:
        """Drop one that does not run."""
        with self._lock:
            return self._transfers.pop(job, None)

    def again(self, job: str) -> Transfer:
        """Prepare one that has ended for another run: what is complete stays so."""
        from IDCBrowserLib.transfer.control import TransferControl

        transfer = self.known(job)
        transfer.plan, transfer.complete = transfer.not_complete(), [item for item in transfer.items() if item.state.value == "complete"]
        transfer.control, transfer.cancelled = TransferControl(), False
        return transfer

    def chosen(self, job: str | None) -> dict[str, TransferControl]:
        """The transfer of that name, which may be waiting, or all that run when None; raises ``NotFoundError`` for one that has ended."""
        with self._lock:
            if job is None:
                return {name: transfer.control for name, transfer in self._transfers.items() if transfer.running}
            found = self._transfers.get(job)
            if found is None or not (found.running or found.held is not None):
                raise NotFoundError("This download is not running; it has ended.")
            return {job: found.control}

    def release(self) -> None:
        """The engine ends: what has not ended is left to be found at the next start."""
        for transfer in self._transfers.values():
            if transfer.held is not None:
                transfer.held.release()


def in_order(items: Sequence[TransferItem], failed_first: bool) -> Sequence[TransferItem]:
    """As planned, or failed and cancelled ones before the others."""
    if not failed_first:
        return items
    rank = {"failed": 0, "cancelled": 1}
    return sorted(items, key=lambda item: rank.get(item.state.value, 2))
