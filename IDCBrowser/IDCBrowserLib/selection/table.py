"""Tables of the portal, of BigQuery and of spreadsheets: CSV, TSV, semicolons; with or without lines of free text above the header."""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from typing import NamedTuple

from IDCBrowserLib.selection import command_line
from IDCBrowserLib.selection.command_line import Refused, Unusable
from IDCBrowserLib.selection.parsed_source import IDENTIFIER, SERIES_UID, SERIES_UUID, STUDY_UID, Parsed, RequestedItem

# The header of a table stands within this many lines.
_HEADER_WITHIN = 100
_URL_COLUMNS = ("series_aws_url", "series_gcs_url", "aws_url", "gcs_url", "s3_url", "gcs_bucket_url")
_KNOWN = {
    "crdc_series_uuid",
    "seriesinstanceuid",
    "studyinstanceuid",
    "patientid",
    "collection_id",
    "crdc_study_uuid",
    "idc_version",
    "source_doi",
    "sopinstanceuid",
    "crdc_instance_uuid",
    *_URL_COLUMNS,
}
_SYNONYMS = {
    "series_instance_uid": "seriesinstanceuid",
    "series uid": "seriesinstanceuid",
    "series instance uid": "seriesinstanceuid",
    "series_uid": "seriesinstanceuid",
    "seriesuid": "seriesinstanceuid",
    "series id": "seriesinstanceuid",
    "study_instance_uid": "studyinstanceuid",
    "study instance uid": "studyinstanceuid",
    "study_uid": "studyinstanceuid",
    "study uid": "studyinstanceuid",
    "patient_id": "patientid",
    "patient id": "patientid",
    "subject id": "patientid",
    "case id": "patientid",
    "case_id": "patientid",
    "collection": "collection_id",
    "collection id": "collection_id",
    "drs_uri": "crdc_series_uuid",
    "idc version": "idc_version",
}
# The most exact column of a table decides what its rows name.
_EXACT_FIRST = (
    "crdc_series_uuid",
    *_URL_COLUMNS,
    "seriesinstanceuid",
    "studyinstanceuid",
    # Not in the index files: asked at the CRDC.
    "crdc_instance_uuid",
    "crdc_study_uuid",
    "patientid",
    "collection_id",
)


class Header(NamedTuple):
    """Where the header row stands (0-based), what separates its cells, and the column of each known name."""

    row: int
    delimiter: str
    columns: dict[str, int]


def find_header(lines: Sequence[str]) -> Header | None:
    """The first row that names a known column; None when the text is no table."""
    for index, line in enumerate(lines[:_HEADER_WITHIN]):
        if line.startswith("#") or "://" in line:
            continue
        for delimiter in ("\t", ",", ";"):
            cells = _cells(line, delimiter)
            columns = column_numbers(cells)
            # One column that is spelled as IDC spells it, or two in other words: free text may contain the word "collection".
            sure = len(columns) >= 2 or any(cell.strip().strip('"').lower() in _KNOWN for cell in cells)
            if sure and any(name in columns for name in _EXACT_FIRST):
                return Header(index, delimiter, columns)
    return None


def _cells(line: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=delimiter), [])
    except csv.Error:
        return []


def column_numbers(cells: Sequence[str]) -> dict[str, int]:
    """Known columns of a header row, spelled in lower case, with their positions."""
    columns: dict[str, int] = {}
    for position, cell in enumerate(cells):
        name = cell.strip().strip('"').strip().lower()
        name = _SYNONYMS.get(name, name)
        if name in _KNOWN:
            columns.setdefault(name, position)
    return columns


def parse_table(lines: Sequence[str], header: Header, source: str) -> Parsed:
    """Every row below the header as what its most exact column names."""
    parsed = Parsed(source)
    rows = csv.reader(lines[header.row + 1 :], delimiter=header.delimiter)
    while True:
        try:
            cells = next(rows)
        except StopIteration:
            return parsed
        except csv.Error as error:
            number = header.row + 1 + rows.line_num
            parsed.unresolved.append(RequestedItem(IDENTIFIER, "", source, number, lines[number - 1]).missing(f"the row cannot be read ({error})"))
            continue
        number = header.row + 1 + rows.line_num
        if not any(cell.strip() for cell in cells) or cells[0].lstrip().startswith("#"):
            continue
        values = {name: cells[position].strip() for name, position in header.columns.items() if position < len(cells)}
        add_row(values, source, number, header.delimiter.join(cells), parsed)


def add_row(values: dict[str, str], source: str, number: int | None, text: str, parsed: Parsed) -> None:
    """One row, given as known column name (lower case) -> text."""
    if command_line.has_control_characters(text):
        shown = RequestedItem(IDENTIFIER, "", source, number, text.encode("unicode_escape").decode())
        parsed.unresolved.append(shown.missing("it contains control characters"))
        return
    for name in _EXACT_FIRST:
        value = values.get(name, "")
        if not value:
            continue
        try:
            parsed.wanted.append(_wanted(name, values, source, number, text))
        except (Refused, Unusable) as reason:
            parsed.unresolved.append(RequestedItem(IDENTIFIER, value, source, number, text).missing(str(reason)))
        return
    parsed.unresolved.append(RequestedItem(IDENTIFIER, "", source, number, text).missing("the row names no series, study, case or collection"))


def _wanted(name: str, values: dict[str, str], source: str, number: int | None, text: str) -> RequestedItem:
    value = values[name]
    if name in _URL_COLUMNS:
        bucket, uuid, instance = command_line.address_parts(value)
        return RequestedItem(SERIES_UUID, uuid, source, number, text, bucket=bucket, instance=instance)
    if name.startswith("crdc_"):
        uuid = re.sub(r"^(?:drs://)?dg\.4DFC[:/]", "", value)
        if not command_line.UUID.fullmatch(uuid):
            raise Unusable(f"{value!r} is not a {name}")
        return RequestedItem(SERIES_UUID, uuid.lower(), source, number, text)
    if name == "seriesinstanceuid":
        return RequestedItem(SERIES_UID, value, source, number, text, version=_version(values.get("idc_version", "")))
    if name == "studyinstanceuid":
        return RequestedItem(STUDY_UID, value, source, number, text)
    collection = values.get("collection_id", "")
    if name == "patientid" and collection:
        return RequestedItem(IDENTIFIER, f"{collection}/{value}", source, number, text)
    return RequestedItem(IDENTIFIER, value, source, number, text)


def _version(text: str) -> int | None:
    # The portal writes one number, or several when a series is in several releases ("17, 18" or "[17, 18]"): the newest counts.
    numbers = [int(number) for number in re.findall(r"\d{1,3}", text)]
    return max(numbers) if numbers else None
