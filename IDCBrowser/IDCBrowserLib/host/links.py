"""Parses links and files that are dropped on Slicer: what they name, and nothing else. No Qt, no Slicer."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from urllib.parse import parse_qsl, unquote, urlsplit

from IDCBrowserLib.errors import InputError

AUTHORITY = "idc-browser"
_UID = re.compile(r"[0-9]+(\.[0-9]+)+")
# Identifiers of any level, and addresses in IDC's buckets; nothing that leads to a file or a server of somebody else.
_NAMES = {
    "patientid": re.compile(r"[A-Za-z0-9][A-Za-z0-9_+ -]*(\.[A-Za-z0-9_+ -]+)*(/[A-Za-z0-9][A-Za-z0-9_+ -]*(\.[A-Za-z0-9_+ -]+)*)?"),
    "sopinstanceuid": _UID,
    "analysis_result_id": re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*"),
    "crdc_series_uuid": re.compile(r"(drs://)?(dg\.4DFC/)?[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE),
    "source_doi": re.compile(r"10\.[0-9]{4,9}/[A-Za-z0-9._-]+(/[A-Za-z0-9._-]+)?"),
    "series_aws_url": re.compile(r"(s3|gs)://[a-z0-9-]+/[0-9a-f-]{36}/(\*|[0-9a-f-]{36}\.dcm)?", re.IGNORECASE),
}
_COLLECTION = re.compile(r"[a-z0-9][a-z0-9_-]{0,127}")
_MAX_LENGTH = 16_384
_MAX_SOURCES = 500
_HEAD_BYTES = 8192
MANIFEST_ENDINGS = (".s5cmd", ".csv", ".tsv", ".json", ".txt", ".tcia")
_COPY_LINE = re.compile(r"^.{0,200}\b(?:cp|sync|copy|rsync)[\s\u00a0].{0,200}\b(?:s3|gs)://", re.MULTILINE)
_BARE_LINE = re.compile(r"(?:s3|gs)://\S+|drs://\S+|dg\.4DFC/\S+|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|1(?:\.[0-9]+){6,}", re.IGNORECASE)
_PORTAL_COLUMNS = ("crdc_series_uuid", "crdc_study_uuid", "idc_version", "collection_id", "source_doi", "series_aws_url")


def sources_of_link(url: str) -> tuple[str, ...] | None:
    """What ``slicer://idc-browser/?seriesInstanceUID=...|studyInstanceUID=...|collection_id=...|manifest=...`` names; None for a link of others.
    ``idc-browser://open/?...`` is the same for the standalone program.

    As the command line: also PatientID, SOPInstanceUID, analysis_result_id, crdc_series_uuid, source_DOI and series_aws_url. Values may be
    repeated or separated by commas. A manifest is a file of this computer, never one on a server. Raises ``InputError`` with the reason
    for a link that is ours and wrong.
    """
    try:
        parts = urlsplit(url[: _MAX_LENGTH + 1])
    except ValueError:
        return None
    is_own = parts.scheme.lower() == AUTHORITY and parts.netloc.lower() in ("", "open")
    if parts.netloc.lower() != AUTHORITY and not is_own:
        return None
    if len(url) > _MAX_LENGTH:
        raise InputError(f"The link is longer than {_MAX_LENGTH:,} characters; open a manifest instead.")
    if any(ord(character) < 32 or ord(character) == 127 for character in unquote(url)):
        raise InputError("The link contains control characters; it was not opened.")
    sources = [source for key, value in _query(parts.query) for source in _sources(key.lower(), value)]
    if not sources:
        raise InputError("The link contains nothing from IDC (seriesInstanceUID, studyInstanceUID, collection_id or manifest).")
    if len(sources) > _MAX_SOURCES:
        raise InputError(f"The link names {len(sources):,} identifiers, more than {_MAX_SOURCES}. Open a manifest instead.")
    return tuple(dict.fromkeys(sources))


def manifest_confidence(path: str) -> float:
    """0 to 1: how sure it is that a file is a manifest of IDC (or of NBIA). Reads its first 8 kB at most; 0 for folders and what cannot be read."""
    suffix = os.path.splitext(path)[1].lower()
    text = _head(path) if suffix in MANIFEST_ENDINGS and os.path.isfile(path) else ""
    if _COPY_LINE.search(text) and suffix != ".tcia":
        return 0.9
    return _CONFIDENCE.get(suffix, _table_confidence)(text) if text else 0.0


def _head(path: str) -> str:
    """The beginning of a text file, "" for what is none."""
    try:
        with open(path, "rb") as file:
            head = file.read(_HEAD_BYTES)
    except OSError:
        return ""
    return "" if b"\0" in head else head.decode("utf-8-sig", errors="replace")


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
        columns = {cell.strip().strip('"').lower() for cell in re.split("[,;\t]", line)}
        if "seriesinstanceuid" in columns or "crdc_series_uuid" in columns:
            return 0.8 if columns & set(_PORTAL_COLUMNS) else 0.45
    return 0.0


def _json_confidence(text: str) -> float:
    """A lock file or a plan of this program, rows of the portal."""
    return 0.8 if text.lstrip()[:1] in ("{", "[") and re.search(r'"crdc_series_uuid"|"SeriesInstanceUID"', text) else 0.0


def _list_confidence(text: str) -> float:
    """Any text may be opened as a text; one of nothing but addresses and identifiers is more likely ours."""
    # The last line may be cut.
    lines = [line.strip() for line in text.splitlines()[:-1] or text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    return 0.7 if lines and all(_BARE_LINE.fullmatch(line) for line in lines) else 0.0


def _nbia_confidence(text: str) -> float:
    return 0.9 if "ListOfSeriesToDownload" in text or "downloadServerUrl" in text else 0.0


_CONFIDENCE = {".s5cmd": _comment_confidence, ".json": _json_confidence, ".txt": _list_confidence, ".tcia": _nbia_confidence}


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
    if key in _NAMES:
        return [_checked(_NAMES[key], part, 200) for part in _parts(value)]
    if key == "manifest":
        return [_local_manifest(value)]
    return []


def _parts(value: str) -> list[str]:
    return [part.strip() for part in value.split(",") if part.strip()]


def _checked(pattern: re.Pattern[str], text: str, longest: int) -> str:
    if len(text) > longest or not pattern.fullmatch(text):
        raise InputError(f"The link names {text[:80]!r}, which is not an IDC identifier; it was not opened.")
    return text


def _local_manifest(value: str) -> str:
    """A path on a server would already tell that server who opens it, so it is refused before anything looks at it."""
    is_remote = value.startswith(("\\\\", "//")) or "://" in value
    if is_remote or not os.path.isabs(value) or os.path.splitext(value)[1].lower() not in MANIFEST_ENDINGS:
        raise InputError(
            f"The link names the manifest {value[:200]!r}; only manifest files ({', '.join(MANIFEST_ENDINGS)}) on this computer are opened."
        )
    if not os.path.isfile(value):
        raise InputError(f"There is no file {value[:200]}; the link was not opened.")
    return value
