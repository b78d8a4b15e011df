"""Rows that a long work has read, kept in the program's own folder, so that the same work goes on where it was stopped."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import stat
import time
from collections.abc import Iterator
from types import TracebackType
from typing import Any

from IDCBrowserLib import paths
from IDCBrowserLib.errors import StorageError

_ENDING = ".jsonl"
# Work that nobody went on with.
_OLD_S = 30 * 24 * 3600


class KeptRows:
    """JSON objects by their ``key``, on the disk; in memory is only where each of them lies.

    ``work`` says what it is for, such as the file that is to be written. Raises ``StorageError`` when they cannot be kept.
    """

    def __init__(self, work: str, key: str) -> None:
        self._key = key
        self._folder = paths.data_folder() / "unfinished"
        self._path = self._folder / f"{hashlib.sha256(work.encode('utf-8', 'surrogateescape')).hexdigest()[:32]}{_ENDING}"
        self._places: dict[str, int] = {}
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
            self._file = os.fdopen(os.open(self._path, flags, 0o600), "r+b")
            if not stat.S_ISREG(os.fstat(self._file.fileno()).st_mode):
                raise OSError("it is not a regular file")
        except OSError as error:
            raise self._problem(error) from error
        self._read_places()

    def __contains__(self, key: str) -> bool:
        return key in self._places

    def __len__(self) -> int:
        return len(self._places)

    def add(self, row: dict[str, Any]) -> None:
        """Keep one."""
        try:
            place = self._file.seek(0, os.SEEK_END)
            self._file.write(json.dumps(row).encode() + b"\n")
            self._file.flush()
        except OSError as error:
            raise self._problem(error) from error
        self._places[row[self._key]] = place

    def get(self, key: str) -> dict[str, Any]:
        """The one with that key."""
        self._file.seek(self._places[key])
        row: dict[str, Any] = json.loads(self._file.readline())
        return row

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return map(self.get, self._places)

    def remove(self) -> None:
        """They are needed no longer; neither are those of work that was left for a month."""
        self._file.close()
        for path in self._folder.glob(f"*{_ENDING}"):
            with contextlib.suppress(OSError):
                if path == self._path or time.time() - path.lstat().st_mtime > _OLD_S:
                    path.unlink()

    def _read_places(self) -> None:
        """Of whole lines; the last one may be cut off, and is overwritten by what follows."""
        end = 0
        self._file.seek(0)
        for line in self._file:
            if not line.endswith(b"\n"):
                break
            with contextlib.suppress(ValueError, RecursionError):
                row = json.loads(line)
                if isinstance(row, dict) and isinstance(row.get(self._key), str):
                    self._places[row[self._key]] = end
            end += len(line)
        self._file.truncate(end)

    def _problem(self, error: OSError) -> StorageError:
        return StorageError(f"{self._path} cannot be written ({error.strerror or error}). Free some disk space, or make that folder writable.")

    def __enter__(self) -> KeptRows:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._file.close()
