"""Transfers under way in this engine, by the name that the host gave them, so that other requests can pause them or cancel parts of them."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING

from IDCBrowserLib.errors import NotFoundError

if TYPE_CHECKING:
    from IDCBrowserLib.transfer.control import TransferControl


class RunningTransfers:
    """Safe to use from several lanes."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._controls: dict[str, TransferControl] = {}

    @contextlib.contextmanager
    def running(self, job: str) -> Iterator[TransferControl]:
        """The control of a transfer while the block runs it."""
        from IDCBrowserLib.transfer.control import TransferControl

        control = TransferControl()
        with self._lock:
            self._controls[job] = control
        try:
            yield control
        finally:
            with self._lock:
                self._controls.pop(job, None)

    def chosen(self, job: str | None) -> dict[str, TransferControl]:
        """The transfer of that name, or all when None; raises ``NotFoundError`` for one that does not run."""
        with self._lock:
            if job is None:
                return dict(self._controls)
            if job not in self._controls:
                raise NotFoundError("This download is not under way; it has ended or waits for another one.")
            return {job: self._controls[job]}
