"""A text that names nothing as it stands: several identifiers with commas between them, the DOI of a source, or a mistake in it."""

from __future__ import annotations

import re

from IDCBrowserLib.catalog.search.pasted import doi_of
from IDCBrowserLib.selection import manifest
from IDCBrowserLib.selection.lookup import Lookup
from IDCBrowserLib.selection.parsed_source import IDENTIFIER, SERIES_UID, SERIES_UUID, STUDY_UID, UID, RequestedItem

_MAX_PARTS = 100_000


def parts_of(item: RequestedItem) -> list[RequestedItem]:
    """The identifiers of a list with commas or semicolons, as other programs take it; nothing for a single one."""
    if item.kind != IDENTIFIER or not re.search("[,;]", item.value):
        return []
    # A PatientID may contain blanks, so these do not end it.
    parts = [part.strip().strip("\"'") for part in re.split("[,;]", item.value)]
    return [manifest.identifier(part, item.source, item.line, item.text) for part in parts[:_MAX_PARTS] if part]


def why_unknown(item: RequestedItem, lookup: Lookup | None = None) -> str:
    """A sentence; with ``lookup`` it ends with identifiers that are spelled nearly so."""
    if item.kind == SERIES_UUID:
        return (
            f"no release of IDC that this index knows has a series with the crdc_series_uuid {item.value}; a newer idc-index may; "
            "ids of studies and of single files are not in the index"
        )
    near = lookup.near(item.value) if lookup is not None else []
    meant = f"; did you mean {' or '.join(near)}?" if near else ""
    if item.kind in (UID, SERIES_UID, STUDY_UID):
        return f"IDC has no series or study with this UID{meant}"
    if doi_of(item.value):
        return "no series of IDC has this DOI as its source"
    return f"no file has this name, and IDC has no collection, case, study or series with this identifier{meant}"
