"""Links and files that come from outside: what they name, and nothing else. Pure; neither Qt nor Slicer."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from urllib.parse import parse_qsl, unquote, urlsplit

from IDCBrowserLib.errors import InputError

AUTHORITY = "idc-browser"
_UID = re.compile(r"[0-9]+(\.[0-9]+)+")
_COLLECTION = re.compile(r"[a-z0-9][a-z0-9_-]{0,127}")
_MAX_LENGTH = 16_384
_MAX_SOURCES = 500
_HEAD_BYTES = 8192
_SUFFIXES = (".s5cmd", ".csv", ".tcia")
_COPY_LINE = re.compile(r"^\s*(?:s5cmd\s.*)?(?:cp|sync)\s.*\b(?:s3|gs)://", re.MULTILINE)
_PORTAL_COLUMNS = ("crdc_series_uuid", "crdc_study_uuid", "idc_version", "collection_id", "source_doi", "series_aws_url")


def sources_of_link(url: str) -> tuple[str, ...] | None:
    """What ``slicer://idc-browser/?seriesInstanceUID=...|studyInstanceUID=...|collection_id=...|manifest=...`` names; None for a link of others.

    Values may be repeated or separated by commas. A manifest is a file of this computer, never one on a server. Raises ``InputError`` with the reason
    for a link that is ours and wrong.
    """
    try:
        parts = urlsplit(url[: _MAX_LENGTH + 1])
    except ValueError:
        return None
    if parts.netloc.lower() != AUTHORITY:
        return None
    if len(url) > _MAX_LENGTH:
        raise InputError(f"The link is longer than {_MAX_LENGTH:,} characters; open a manifest instead.")
    if any(ord(character) < 32 or ord(character) == 127 for character in unquote(url)):
        raise InputError("The link contains control characters; it was not opened.")
    sources = [source for key, value in _query(parts.query) for source in _sources(key.lower(), value)]
    if not sources:
        raise InputError("The link names nothing of IDC (seriesInstanceUID, studyInstanceUID, collection_id or manifest).")
    if len(sources) > _MAX_SOURCES:
        raise InputError(f"The link names {len(sources):,} things, more than {_MAX_SOURCES}; open a manifest instead.")
    return tuple(dict.fromkeys(sources))


def manifest_confidence(path: str) -> float:
    """0 to 1: how sure it is that a file is a manifest of IDC (or of NBIA). Reads its first 8 kB at most; 0 for folders and what cannot be read."""
    suffix = os.path.splitext(path)[1].lower()
    if suffix not in _SUFFIXES or not os.path.isfile(path):
        return 0.0
    try:
        with open(path, "rb") as file:
            head = file.read(_HEAD_BYTES)
    except OSError:
        return 0.0
    if b"\0" in head:
        return 0.0
    text = head.decode("utf-8-sig", errors="replace")
    if suffix == ".tcia":
        return 0.9 if "ListOfSeriesToDownload" in text or "downloadServerUrl" in text else 0.0
    if _COPY_LINE.search(text):
        return 0.9
    return _comment_confidence(text) if suffix == ".s5cmd" else _table_confidence(text)


def are_manifests(paths: Sequence[str]) -> bool:
    """Whether all of a few dropped files are manifests; cheap enough for each movement of a drag."""
    return 0 < len(paths) <= 20 and all(manifest_confidence(path) > 0.5 for path in paths)


def _comment_confidence(text: str) -> float:
    """A manifest may begin with more comments than were read; an empty one is still nothing that another reader could open."""
    lines = [line for line in text.splitlines() if line.strip()]
    return 0.6 if lines and all(line.lstrip().startswith("#") for line in lines) and "manifest" in text.lower() else 0.0


def _table_confidence(text: str) -> float:
    """The Tables module takes every .csv with 0.54; only a table with columns of the portal is more likely ours."""
    for line in text.splitlines()[:30]:
        columns = {cell.strip().strip('"').lower() for cell in line.split(",")}
        if "seriesinstanceuid" in columns or "crdc_series_uuid" in columns:
            return 0.8 if columns & set(_PORTAL_COLUMNS) else 0.45
    return 0.0


def _query(query: str) -> list[tuple[str, str]]:
    try:
        return parse_qsl(query, keep_blank_values=False, max_num_fields=_MAX_SOURCES)
    except ValueError as error:
        raise InputError(f"The link has more than {_MAX_SOURCES} parts; open a manifest instead.") from error


def _sources(key: str, value: str) -> list[str]:
    if key in ("seriesinstanceuid", "studyinstanceuid"):
        return [_checked(_UID, part, 64) for part in _parts(value)]
    if key == "collection_id":
        return [_checked(_COLLECTION, part.lower(), 128) for part in _parts(value)]
    if key == "manifest":
        return [_local_manifest(value)]
    return []


def _parts(value: str) -> list[str]:
    return [part.strip() for part in value.split(",") if part.strip()]


def _checked(pattern: re.Pattern[str], text: str, longest: int) -> str:
    if len(text) > longest or not pattern.fullmatch(text):
        raise InputError(f"The link names {text[:80]!r}, which is no identifier of IDC; it was not opened.")
    return text


def _local_manifest(value: str) -> str:
    """A path on a server would already tell that server who opens it, so it is refused before anything looks at it."""
    is_remote = value.startswith(("\\\\", "//")) or "://" in value
    if is_remote or not os.path.isabs(value) or os.path.splitext(value)[1].lower() not in _SUFFIXES:
        raise InputError(f"The link names the manifest {value[:200]!r}; only manifest files (.s5cmd, .csv, .tcia) on this computer are opened.")
    if not os.path.isfile(value):
        raise InputError(f"There is no file {value[:200]}; the link was not opened.")
    return value
