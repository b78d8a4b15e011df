"""Which version of a series lies whole in a folder, as the journal says; for readers that must not wait or write."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from IDCBrowserLib.transfer.journal import default_path

_CHUNK = 500


class CompletedVersions:
    """``of`` and ``names`` answer from the journal; a journal that is absent, older or in use knows nothing."""

    def __init__(self, path: Path | None = None) -> None:
        self._path = path or default_path()

    def of(self, folders: Sequence[str]) -> dict[str, str]:
        """crdc_series_uuid by folder; folders that no transfer completed are left out."""
        found: dict[str, str] = {}
        for start in range(0, len(folders), _CHUNK):
            part = folders[start : start + _CHUNK]
            found.update(self._ask(f"SELECT folder, crdc_series_uuid FROM completed WHERE folder IN ({','.join('?' * len(part))})", part))
        return found

    def names(self, folder: str) -> frozenset[str]:
        """Files of the version that was completed in a folder."""
        return frozenset(name for (name,) in self._ask("SELECT name FROM verified WHERE folder = ?", [folder]))

    def _ask(self, query: str, values: Sequence[str]) -> list[Any]:
        if not self._path.exists():
            return []
        address = f"{self._path.absolute().as_uri()}?mode=ro"
        with contextlib.suppress(sqlite3.Error), contextlib.closing(sqlite3.connect(address, uri=True, timeout=1.0)) as connection:
            return connection.execute(query, list(values)).fetchall()
        return []
