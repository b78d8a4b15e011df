"""One series on its way here: a small state machine, and what it adds up to."""

from __future__ import annotations

import json
import time
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from IDCBrowserLib.selection.plan import PlannedSeries


class TransferState(str, Enum):
    """Where a series is. ``COMPLETE`` is said only when every object of the bucket's listing is on disk and verified."""

    QUEUED = "queued"
    LISTING = "listing"
    TRANSFERRING = "transferring"
    VERIFYING = "verifying"
    COMPLETE = "complete"
    FAILED = "failed"
    CANCELLED = "cancelled"


_S = TransferState
_NEXT: dict[TransferState, frozenset[TransferState]] = {
    _S.QUEUED: frozenset({_S.LISTING, _S.FAILED, _S.CANCELLED}),
    _S.LISTING: frozenset({_S.QUEUED, _S.TRANSFERRING, _S.VERIFYING, _S.FAILED, _S.CANCELLED}),
    _S.TRANSFERRING: frozenset({_S.VERIFYING, _S.FAILED, _S.CANCELLED}),
    _S.VERIFYING: frozenset({_S.TRANSFERRING, _S.COMPLETE, _S.FAILED, _S.CANCELLED}),
    # Its files may go before the transfer ends.
    _S.COMPLETE: frozenset({_S.FAILED}),
    _S.FAILED: frozenset(),
    _S.CANCELLED: frozenset(),
}
ENDED = frozenset({_S.COMPLETE, _S.FAILED, _S.CANCELLED})


@dataclass(eq=False)
class TransferItem:
    """A planned series with its state. ``bytes_done`` counts what is on disk and verified, ``bytes_total`` what the listing says.

    ``size_only`` of its files can only be compared by size, since the bucket states no MD5 of objects that were uploaded in parts.
    ``completed`` is when it was (``time.monotonic``).
    """

    series: PlannedSeries
    directory: str
    state: TransferState = TransferState.QUEUED
    files_total: int = 0
    files_done: int = 0
    bytes_total: int = 0
    bytes_done: int = 0
    bytes_fetched: int = 0
    size_only: int = 0
    error: str = ""
    missing: list[str] = field(default_factory=list)
    completed: float = 0.0
    _files: bytes = b""

    def __post_init__(self) -> None:
        self.bytes_total = self.series.size_bytes

    @property
    def ended(self) -> bool:
        """Whether nothing more happens to it."""
        return self.state in ENDED

    @property
    def is_incomplete(self) -> bool:
        """Whether it failed, and some of its files are here all the same."""
        return self.state is TransferState.FAILED and self.files_done > 0

    def keep_files(self, sizes: Mapping[str, int]) -> None:
        """Which files it has, with their bytes; packed, since a transfer may hold millions."""
        self.completed = time.monotonic()
        self._files = zlib.compress(json.dumps(dict(sizes)).encode(), 1)

    def files(self) -> dict[str, int]:
        """The files of a complete series, with their bytes."""
        return dict(json.loads(zlib.decompress(self._files))) if self._files else {}

    def go(self, state: TransferState) -> None:
        """Change the state; a step that the machine does not have is a programming error."""
        if state is self.state:
            return
        if state not in _NEXT[self.state]:
            raise AssertionError(f"a series cannot go from {self.state.value} to {state.value}")
        self.state = state
