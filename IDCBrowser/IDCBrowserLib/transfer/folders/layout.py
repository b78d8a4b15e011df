"""Where a series lies below the chosen folder.

The default is idc-index's own hierarchy, ``collection_id/PatientID/StudyInstanceUID/Modality_SeriesInstanceUID``, so that ``idc download`` and
this program share a folder. It differs where that hierarchy would be wrong:

- a prior version goes to ``Modality_SeriesInstanceUID_v<crdc_series_uuid>``: two versions in one folder would mix;
- a name that Windows cannot hold (``CON``, a trailing dot, ``a:b``) gets its unsafe characters replaced and a short hash appended;
- where a path on Windows would exceed 259 characters, the series goes to ``collection_id/<crdc_series_uuid>`` (the short layout), and
  below a very long folder to ``<first 8 digits of crdc_series_uuid>``.
"""

from __future__ import annotations

import hashlib
import os
import re

from IDCBrowserLib.selection.plan import PlannedSeries

WINDOWS_MAX_PATH = 259
# "/" + <instance uuid>.dcm
_FILE_LENGTH = 41
_MAX_NAME = 120
_UNSAFE = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f]')
_DEVICE = re.compile(r"(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[0-9¹²³])(?:\..*)?", re.IGNORECASE)
_FILE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,180}")


def series_directory(series: PlannedSeries, destination: str, windows: bool = os.name == "nt") -> str:
    """Folder of a series relative to ``destination``, with ``/`` between its parts; see the module for the rules."""
    leaf = f"{series.modality}_{series.series_uid}"
    if series.is_prior:
        leaf += f"_v{series.crdc_series_uuid}"
    parts = [safe_name(part) for part in (series.collection_id, series.patient_id, series.study_uid, leaf)]
    relative = "/".join(parts)
    if not windows or _fits(destination, relative):
        return relative
    short = f"{safe_name(series.collection_id)}/{series.crdc_series_uuid}"
    if _fits(destination, short):
        return short
    return series.crdc_series_uuid[:8]


def safe_name(name: str) -> str:
    """``name`` as one folder name that every file system takes; unchanged when it already is one, and never the same for two names."""
    cleaned = _UNSAFE.sub("_", name).rstrip(". ").lstrip(" ")
    if cleaned in ("", ".", "..") or _DEVICE.fullmatch(cleaned):
        cleaned = f"_{cleaned}"
    if cleaned == name and len(cleaned) <= _MAX_NAME and len(cleaned.encode()) <= 2 * _MAX_NAME:
        return name
    # With the hash it is short enough to be left alone the next time.
    cleaned = cleaned.encode(errors="replace")[: _MAX_NAME - 9].decode(errors="ignore").rstrip(". ")
    return f"{cleaned}_{hashlib.sha256(name.encode(errors='surrogatepass')).hexdigest()[:8]}"


def is_safe_file_name(name: str) -> bool:
    """Whether the last part of a bucket key can be a file name as it is; IDC's are ``<instance uuid>.dcm``."""
    return _FILE_NAME.fullmatch(name) is not None and not name.endswith(".") and not _DEVICE.fullmatch(name)


def _fits(destination: str, relative: str) -> bool:
    return len(destination.rstrip("/\\")) + 1 + len(relative) + _FILE_LENGTH <= WINDOWS_MAX_PATH
