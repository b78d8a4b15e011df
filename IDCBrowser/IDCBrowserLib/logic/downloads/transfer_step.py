"""The transfer step of a download, as requests to the engine: queue, start, pause, cancel, retry. No Qt."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from IDCBrowserLib.api import downloads, transfer
from IDCBrowserLib.engine.client import EngineClient, Request
from IDCBrowserLib.errors import IDCBrowserError
from IDCBrowserLib.host_interface import OnError, OnProgress

# Number of series that an answer lists; the progress reports have named all of them.
_LISTED = 200

OnQueued = Callable[[downloads.Queued], None]


class TransferStep:
    """``job`` names the download in the engine once it is queued; ``is_open`` from ``begin`` to its end, also while paused.

    ``on_error`` receives the reason why it stopped; if ``engine_is_gone``, the engine died and the transfer can be started again.
    """

    def __init__(self, client: EngineClient, on_done: Callable[[transfer.Downloaded], None], on_error: OnError, on_progress: OnProgress) -> None:
        self._client = client
        self._on_done = on_done
        self._on_error = on_error
        self._on_progress = on_progress
        self._request: Request | None = None
        self.job = ""

    @property
    def is_open(self) -> bool:
        """Whether the engine has started it."""
        return self._request is not None

    @property
    def engine_is_gone(self) -> bool:
        """Whether no engine is running."""
        return not self._client.is_ready

    def queue(self, parameters: downloads.EnqueueParameters, on_queued: OnQueued) -> Request:
        """Register it in the engine without starting it."""

        def queued(document: downloads.Queued) -> None:
            self.job = document["job"]
            on_queued(document)

        return self._client.ask(downloads.ENQUEUE(parameters), queued, self._on_error)

    def queue_again(self, about: downloads.Purpose, on_queued: OnQueued, on_error: OnError) -> None:
        """Queue the missing series again."""
        self._client.ask(downloads.ENQUEUE({"again": self.job, "about": about}), on_queued, on_error)

    def begin(self, with_references: bool, import_to: str, slide_levels: Sequence[str] = ()) -> None:
        """Start, or continue after ``pause``; ``slide_levels`` of slides that come along."""
        if self._request is not None:
            self._client.ask(transfer.RESUME({"job": self.job}))
            return
        parameters: transfer.DownloadParameters = {"job": self.job, "with_references": with_references, "limit": _LISTED}
        if with_references and slide_levels:
            parameters["slide_levels"] = list(slide_levels)
        if import_to:
            parameters["import_to"] = import_to
        self._request = self._client.ask(transfer.DOWNLOAD(parameters), self._done, self._fail, self._on_progress)

    def pause(self) -> None:
        """Transfer nothing until ``begin``."""
        if self._request is not None:
            self._client.ask(transfer.PAUSE({"job": self.job}))

    def cancel(self) -> None:
        """Cancel it; ``on_error`` is called when it has ended."""
        if self._request is not None:
            self._request.cancel(True)

    def leave_queue(self) -> None:
        """Remove it from the queue; its series can still be listed."""
        if self.job:
            self._client.ask(downloads.FORGET({"job": self.job, "keep_series": True}))

    def cancel_series(self, uuids: Sequence[str]) -> None:
        """Cancel these series; the others continue."""
        self._client.ask(transfer.CANCEL_SERIES({"job": self.job, "series": list(uuids)}))

    def forget(self) -> None:
        """Delete its record; it is not offered again."""
        if self.job:
            self._client.ask(downloads.FORGET({"job": self.job}))

    def _done(self, document: transfer.Downloaded) -> None:
        self._request = None
        self._on_done(document)

    def _fail(self, error: IDCBrowserError) -> None:
        self._request = None
        self._on_error(error)
