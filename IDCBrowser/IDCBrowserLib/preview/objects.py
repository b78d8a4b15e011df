"""The objects of a series where they are read from: files on this computer, or a bucket; whole or in parts."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from IDCBrowserLib.dicom.regular_file import open_regular, unreadable


class SeriesObject(Protocol):
    """One DICOM object. ``size`` in bytes; ``label`` is how a message calls it; ``series_uid`` of the series it has to be of, "" for any."""

    @property
    def size(self) -> int:
        """Bytes."""

    @property
    def label(self) -> str:
        """Its name, for messages."""

    @property
    def series_uid(self) -> str:
        """Its SeriesInstanceUID."""

    def read(self, start: int, stop: int) -> bytes:
        """Bytes ``start`` to ``stop``, fewer at the end. Raises ``TransferError``, or what ``open_regular`` raises."""


@dataclass(frozen=True)
class LocalObject:
    """A file."""

    path: Path
    size: int
    series_uid: str = ""

    @property
    def label(self) -> str:
        """The file's name."""
        return self.path.name

    def read(self, start: int, stop: int) -> bytes:
        """See ``SeriesObject``."""
        try:
            with open_regular(self.path) as file:
                file.seek(start)
                return file.read(max(0, stop - start)) or b""
        except OSError as error:
            raise unreadable(str(self.path), error) from error


def local_objects(files: Sequence[str | Path]) -> list[LocalObject]:
    """Those of ``files`` that are there, by name."""
    found = []
    for path in sorted(map(Path, files)):
        try:
            found.append(LocalObject(path, path.stat().st_size))
        except OSError:
            continue
    return found


def files_below(folder: Path) -> list[Path]:
    """The DICOM files directly in a folder; none when it is not there."""
    try:
        return [Path(entry.path) for entry in os.scandir(folder) if entry.name.endswith(".dcm") and entry.is_file()]
    except OSError:
        return []
