"""Manifests and lists of any kind, taken apart: s5cmd files, tables of the portal, JSON, NBIA's .tcia, plain lists.

What a file is decides its content, not its name. Nothing is looked up here.
"""

from __future__ import annotations

import re

from IDCBrowserLib.selection import command_line, json_manifest, table
from IDCBrowserLib.selection.command_line import Refused, Unusable
from IDCBrowserLib.selection.parsed_source import IDENTIFIER, SERIES_UUID, UID, Parsed, RequestedItem
from IDCBrowserLib.selection.plan import Unresolved

_UID = re.compile(r"[0-2](?:\.(?:0|[1-9][0-9]*))+")
_DRS = re.compile(r"(?:drs://)?(?:[a-z0-9.-]+/)?dg\.4DFC[:/]([0-9a-fA-F-]{36})", re.IGNORECASE)
# The title of the column in a BigQuery export that was saved as a manifest, such as study_manifest_cp_command.
_COLUMN_TITLE = re.compile(r"\w*(?:manifest|command|_url|_cp)\w*", re.IGNORECASE)
_TCIA_SETTING = re.compile(r"[A-Za-z]+=.*")


def parse(text: str, source: str) -> Parsed:
    """Take the text of a file apart; ``source`` is its name in the report. Never raises for what the text says."""
    start = text.lstrip()[:1]
    if start in ("{", "["):
        return json_manifest.parse_json(text, source, parse)
    lines = text.split("\n")
    if any(line.startswith("ListOfSeriesToDownload") for line in lines[:30]):
        return _parse_lines([line if not _TCIA_SETTING.fullmatch(line.strip()) else "" for line in lines], source)
    header = table.find_header(lines)
    if header is not None and not _commands_follow(lines[header.row + 1 :]):
        return table.parse_table(lines, header, source)
    return _parse_lines(lines, source)


def _commands_follow(lines: list[str]) -> bool:
    """Whether what looks like a header is the title of a column of commands, as BigQuery writes it above a manifest."""
    first = next((line.strip() for line in lines if line.strip()), "")
    return bool(first) and "://" not in first.partition(" ")[0] and command_line.is_command(first)


def _parse_lines(lines: list[str], source: str) -> Parsed:
    parsed = Parsed(source)
    add = parsed.ordinary.append
    ordinary = command_line.ordinary
    begun = ""
    for number, line in enumerate(lines, start=1):
        found = ordinary(line)
        if found is not None and not begun:
            add((number, found[1], found[2]))
            continue
        stripped = f"{begun}{line.strip()}"
        begun = ""
        if stripped.endswith(" \\") and number < len(lines):
            # A shell takes the next line for the rest of this one.
            begun = stripped[:-1]
            continue
        if stripped and not stripped.startswith(("#", "//")):
            parse_line(stripped, source, number, parsed)
    return parsed


def parse_line(line: str, source: str, number: int, parsed: Parsed) -> None:
    """Add what a line names that is no plain copy command."""
    if command_line.has_control_characters(line):
        shown = line.encode("unicode_escape").decode()[:200]
        parsed.unresolved.append(Unresolved(source, number, shown, "it contains control characters", refused=True))
        return
    try:
        if command_line.is_command(line):
            parsed.add_command(command_line.parse_command(line, source, number))
            return
    except Refused as refusal:
        parsed.unresolved.append(Unresolved(source, number, line[:200], str(refusal), refused=True))
        return
    except Unusable as reason:
        parsed.unresolved.append(Unresolved(source, number, line[:200], str(reason)))
        return
    if _COLUMN_TITLE.fullmatch(line) and not parsed.wanted and not parsed.ordinary:
        return
    for word in _words(line):
        parsed.wanted.append(identifier(word, source, number, line))


def _words(line: str) -> list[str]:
    """Identifiers of a list: several UIDs may stand on one line; anything else is one identifier (PatientIDs may contain spaces)."""
    words = [word.strip("\"'") for word in re.split(r"[,;\s]+", line) if word.strip("\"'")]
    if len(words) > 1 and all(_UID.fullmatch(word) or command_line.UUID.fullmatch(word) or _DRS.fullmatch(word) for word in words):
        return words
    return [line.strip().strip(",;").strip().strip("\"'")]


def identifier(word: str, source: str, number: int | None, text: str) -> RequestedItem:
    """A single identifier as what it looks like: a UID, a UUID, a DRS id, or something the catalog has to know."""
    drs = _DRS.fullmatch(word)
    if drs:
        return RequestedItem(SERIES_UUID, drs.group(1).lower(), source, number, text)
    if command_line.UUID.fullmatch(word):
        return RequestedItem(SERIES_UUID, word.lower(), source, number, text)
    if len(word) <= 64 and _UID.fullmatch(word) and word.count(".") > 3:
        return RequestedItem(UID, word, source, number, text)
    return RequestedItem(IDENTIFIER, word, source, number, text)
