"""Tells which version of a series is complete in a folder, according to the journal, for readers that must not wait or write."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from IDCBrowserLib.sqlite_errors import ERRORS
from IDCBrowserLib.transfer.folders.journal import default_path
from IDCBrowserLib.transfer.folders.journal_file import folder_key
from IDCBrowserLib.transfer.folders.real_paths import RealPaths

_CHUNK = 500


class CompletedVersions:
    """``of``, ``folders_of`` and ``names`` answer from the journal; a journal that is absent, older or in use knows nothing."""

    def __init__(self, path: Path | None = None) -> None:
        self._path = path or default_path()
        self._real = RealPaths()

    def of(self, folders: Sequence[str]) -> dict[str, str]:
        """crdc_series_uuid by folder; folders that no transfer completed are left out."""
        places: dict[str | bytes, list[str]] = {}
        for folder in folders:
            for place in {folder, self._real.folder(folder)}:
                places.setdefault(folder_key(place), []).append(folder)
        found: dict[str, str] = {}
        asked = list(places)
        for start in range(0, len(asked), _CHUNK):
            part = asked[start : start + _CHUNK]
            for place, uuid in self._ask(f"SELECT folder, crdc_series_uuid FROM completed WHERE folder IN ({','.join('?' * len(part))})", part):
                found.update(dict.fromkeys(places[place], uuid))
        return found

    def folders_of(self, crdc_series_uuids: Sequence[str]) -> list[tuple[str, str]]:
        """Where these versions were completed: (crdc_series_uuid, folder). Folders whose names are no UTF-8 are left out."""
        found: list[tuple[str, str]] = []
        for start in range(0, len(crdc_series_uuids), _CHUNK):
            part = crdc_series_uuids[start : start + _CHUNK]
            found += self._ask(f"SELECT crdc_series_uuid, folder FROM completed WHERE crdc_series_uuid IN ({','.join('?' * len(part))})", part)
        return [(uuid, folder) for uuid, folder in found if isinstance(folder, str)]

    def names(self, folder: str) -> frozenset[str]:
        """Files of the version that was completed in a folder."""
        places = [folder_key(folder), folder_key(self._real.folder(folder))]
        return frozenset(name for (name,) in self._ask("SELECT name FROM verified WHERE folder IN (?, ?)", places))

    def _ask(self, query: str, values: Sequence[str | bytes]) -> list[Any]:
        if not self._path.exists():
            return []
        address = f"{self._path.absolute().as_uri()}?mode=ro"
        with contextlib.suppress(*ERRORS), contextlib.closing(sqlite3.connect(address, uri=True, timeout=1.0)) as connection:
            return connection.execute(query, list(values)).fetchall()
        return []
