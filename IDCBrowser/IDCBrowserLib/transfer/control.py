"""Pauses a transfer, limits its speed, and cancels single series, from another thread."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from IDCBrowserLib.transfer.item import TransferItem


class TransferControl:
    """Given to ``download``; every call returns at once, also before the transfer begins. Cancelling the whole transfer is the task's.

    ``items`` are the series of the transfer from its beginning on, for those who look on; only the transfer changes them.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._paused = False
        self._cancelled: set[str] = set()
        self._new_limit: float | None = None
        self._wake: Callable[[], None] = lambda: None
        self.items: list[TransferItem] = []

    @property
    def paused(self) -> bool:
        """Whether nothing is to move."""
        return self._paused

    def pause(self) -> None:
        """Stop moving; files under way start again after ``resume``, whole ones stay."""
        self._paused = True
        self._wake()

    def resume(self) -> None:
        """Go on."""
        self._paused = False
        self._wake()

    def limit(self, rate: float) -> None:
        """So many bytes per second from now on, 0 for no limit."""
        self._new_limit = rate
        self._wake()

    def take_limit(self) -> float | None:
        """For the transfer: a limit that was set since the last call."""
        taken, self._new_limit = self._new_limit, None
        return taken

    def cancel_series(self, series_uids: Iterable[str]) -> None:
        """Stop these series (SeriesInstanceUID or crdc_series_uuid) and go on with the others."""
        with self._lock:
            self._cancelled.update(series_uids)
        self._wake()

    def begin(self, items: Sequence[TransferItem]) -> None:
        """For the transfer: these come as well."""
        self.items += items

    def is_cancelled(self, series_uid: str, uuid: str) -> bool:
        """Whether a series is about to be canceled."""
        return series_uid in self._cancelled or uuid in self._cancelled

    def take_cancelled(self) -> set[str]:
        """For the transfer: what was canceled since the last call."""
        with self._lock:
            taken, self._cancelled = self._cancelled, set()
        return taken

    def on_change(self, wake: Callable[[], None]) -> None:
        """For the transfer: be called at every change."""
        self._wake = wake
