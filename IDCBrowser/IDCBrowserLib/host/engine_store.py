"""The DICOM database that the engine keeps: the store of the standalone program."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from IDCBrowserLib.api import storage, store
from IDCBrowserLib.api.store import ImportCounts
from IDCBrowserLib.api.values import Folders
from IDCBrowserLib.engine.client import EngineClient, Request
from IDCBrowserLib.host_interface import Cancellable, OnError, OnProgress, SeriesStatus


class EngineStore:
    """``DicomStore`` by asking the engine. The folders are asked for each time, since the user can change them."""

    def __init__(self, engine: EngineClient, database_folder: Callable[[], str], download_folder: Callable[[], str]) -> None:
        self._engine = engine
        self._database_folder = database_folder
        self._download_folder = download_folder

    def engine_database(self) -> str:
        """See ``DicomStore``."""
        return self._database_folder()

    def prepare(self) -> None:
        """See ``DicomStore``; the engine makes its database with the first import."""

    def import_files(
        self, files: Sequence[str], on_done: Callable[[ImportCounts], object], on_error: OnError, on_progress: OnProgress
    ) -> Cancellable:
        """See ``DicomStore``; folders are searched to the bottom."""
        return self._engine.ask(store.IMPORT({"database": self._database_folder(), "files": list(files)}), on_done, on_error, on_progress)

    def series_status(self, series_uids: Sequence[str], on_done: Callable[[Mapping[str, SeriesStatus]], object], on_error: OnError) -> Cancellable:
        """See ``DicomStore``."""

        def done(result: Mapping[str, str]) -> None:
            on_done({uid: SeriesStatus(status) for uid, status in result.items()})

        return self._engine.ask(store.SERIES_STATUS({**self.folders(), "series": list(series_uids)}), done, on_error)

    def series_files(self, series_uid: str, on_done: Callable[[Sequence[str]], object], on_error: OnError) -> Cancellable:
        """See ``DicomStore``."""
        question = store.SERIES_FILES({"database": self._database_folder(), "series": series_uid})
        return self._engine.ask(question, lambda result: on_done(result["files"]), on_error)

    def remove(self, chosen: storage.Chosen, on_done: Callable[[storage.Removed], object], on_error: OnError, on_progress: OnProgress) -> Cancellable:
        """See ``DicomStore``."""
        return _Telling(self._engine.ask(storage.REMOVE({**self.folders(), **chosen, "rows": True}), on_done, on_error, on_progress))

    def move(self, to: str, keep_free: int, on_done: Callable[[storage.Moved], object], on_error: OnError, on_progress: OnProgress) -> Cancellable:
        """See ``DicomStore``."""
        question = storage.MOVE({**self.folders(), "to": to, "keep_free": keep_free, "rows": True})
        return _Telling(self._engine.ask(question, on_done, on_error, on_progress))

    def folders(self) -> Folders:
        """See ``DicomStore``."""
        return {"database": self._database_folder(), "folder": self._download_folder()}


class _Telling:
    """A request whose cancelling is told."""

    def __init__(self, request: Request) -> None:
        self._request = request

    def cancel(self) -> None:
        """Ask the engine to stop; its last word still comes."""
        self._request.cancel(True)
