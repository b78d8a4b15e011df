"""What may lie in a folder where files arrive: the lines of its record, and which of the things in it they name."""

from __future__ import annotations

import contextlib
import re
from dataclasses import dataclass, field
from typing import IO

from IDCBrowserLib.transfer.folders.folder import Folder, is_file, is_folder
from IDCBrowserLib.transfer.folders.layout import is_safe_file_name

_BLOCK = 4096
_MAX_RECORD_BYTES = 256_000_000
_SERIES = re.compile(r"[0-9A-Za-z-]{1,64}")

# (crdc_series_uuid, (file name, bytes))
Arrival = tuple[str, tuple[str, int]]


def arrival_name(uuid: str, name: str) -> str:
    """How an object of a series is called while it arrives: a plain name, so that no folder stands between that could become a link."""
    return f"{uuid}_{name}"


def record_of(uuid: str, name: str, size: int) -> str:
    """A line of the record."""
    return f"{uuid} {size} {name}\n"


def read_record(file: IO[bytes]) -> dict[str, Arrival]:
    """What may have arrived, by arrival name. Lines that this program does not write, or that a crash cut off, name nothing."""
    file.seek(0)
    found: dict[str, Arrival] = {}
    for line in file.read(_MAX_RECORD_BYTES).decode("ascii", "replace").split("\n")[:-1]:
        uuid, _, rest = line.partition(" ")
        size, _, name = rest.partition(" ")
        if is_series(uuid) and re.fullmatch(r"[0-9]{1,18}", size) and is_safe_file_name(name):
            found[arrival_name(uuid, name)] = (uuid, (name, int(size)))
    return found


def is_series(uuid: str) -> bool:
    """Whether a crdc_series_uuid can be part of a file name and of a command of s5cmd."""
    return _SERIES.fullmatch(uuid) is not None


@dataclass
class Arriving:
    """``whole``: what has its full size, by what it is; ``parts``: half-written ones; ``theirs``: what the record does not name (folders with /)."""

    whole: dict[Arrival, str] = field(default_factory=dict)
    parts: list[str] = field(default_factory=list)
    theirs: list[str] = field(default_factory=list)
    bytes: int = 0

    @property
    def ours(self) -> list[str]:
        """Names of all that the record names."""
        return [*self.whole.values(), *self.parts]


def arriving_in(folder: Folder, record: dict[str, Arrival]) -> Arriving:
    """Look through a folder. s5cmd writes to ``<name><digits>`` first; of a half-written file the size is not known, only what it will be at most."""
    found = Arriving()
    for name in folder.names():
        status = folder.status(name)
        arrival = record.get(name)
        meant = arrival or _of_part(name, record)
        if meant is None or not is_file(status) or status.st_size > meant[1][1]:
            found.theirs.append(f"{name}/" if is_folder(status) else name)
            continue
        found.bytes += status.st_size
        if arrival is not None and status.st_size == arrival[1][1]:
            found.whole[arrival] = name
        else:
            found.parts.append(name)
    return found


def arrived_bytes(folder: Folder) -> int:
    """What is in the files of a folder so far; s5cmd tells only of whole files."""
    total = 0
    with contextlib.suppress(OSError):
        for name in folder.names():
            with contextlib.suppress(OSError):
                status = folder.status(name)
                # s5cmd writes parts at their places: a file of full length may still be filled.
                total += min(status.st_size, getattr(status, "st_blocks", status.st_size) * 512 + _BLOCK)
    return total


def _of_part(name: str, record: dict[str, Arrival]) -> Arrival | None:
    shortest = len(name.rstrip("0123456789"))
    return next((record[name[:end]] for end in range(shortest, len(name)) if name[:end] in record), None)
