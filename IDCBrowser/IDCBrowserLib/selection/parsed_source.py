"""The items that a source asks for, before they are looked up."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import NamedTuple

from IDCBrowserLib.selection.plan import Unresolved

# Kinds of ``RequestedItem.value``
SERIES_UUID = "crdc_series_uuid"
UID = "uid"
SERIES_UID = "SeriesInstanceUID"
STUDY_UID = "StudyInstanceUID"
IDENTIFIER = "identifier"


class RequestedItem(NamedTuple):
    """One thing a source names. ``text`` is the line it stands on; ``bucket`` as written there, or "".

    ``version`` is an IDC release when the source states one for a SeriesInstanceUID; ``instance`` a single instance UUID, or "".
    """

    kind: str
    value: str
    source: str
    line: int | None
    text: str
    bucket: str = ""
    instance: str = ""
    version: int | None = None

    def missing(self, reason: str) -> Unresolved:
        """This thing as something that was not found."""
        return Unresolved(self.source, self.line, self.text[:200], reason)


class Command(NamedTuple):
    """What a command asks for. ``ignored_folder`` is a folder of its own that it names, which is not written to; or ""."""

    wanted: RequestedItem
    ignored_folder: str = ""


@dataclass
class Parsed:
    """A source taken apart: what it asks for, and the lines that ask for nothing usable.

    ``ordinary`` are the plain copy commands, of which there may be a million: (line, bucket, crdc_series_uuid).
    """

    source: str = ""

    ordinary: list[tuple[int, str, str]] = field(default_factory=list)
    wanted: list[RequestedItem] = field(default_factory=list)
    unresolved: list[Unresolved] = field(default_factory=list)
    ignored_folders: list[tuple[int | None, str]] = field(default_factory=list)

    def add_command(self, command: Command) -> None:
        """What a command asks for, and the folder of its own that it names."""
        self.wanted.append(command.wanted)
        if command.ignored_folder:
            self.ignored_folders.append((command.wanted.line, command.ignored_folder))

    def warnings(self) -> list[str]:
        """What is done otherwise than the source says."""
        if not self.ignored_folders:
            return []
        line, folder = self.ignored_folders[0]
        count = len(self.ignored_folders)
        where = "" if line is None else f" on line {line}" if count == 1 else f" on {count:,} lines (the first is line {line})"
        return [f"{self.source} names a folder of its own{where}: {folder!r}. It is ignored; files go to the folder that you choose."]

    def ordinary_as_wanted(self, only: Collection[str] | None = None) -> list[RequestedItem]:
        """The plain copy commands like everything else; with ``only`` those of these series."""
        return [
            RequestedItem(SERIES_UUID, uuid, self.source, line, f"cp s3://{bucket}/{uuid}/* .", bucket)
            for line, bucket, uuid in self.ordinary
            if only is None or uuid in only
        ]

    def names_something(self) -> bool:
        """Whether there is anything to look up or to complain about."""
        return bool(self.ordinary or self.wanted or self.unresolved)
