"""Measurements from IDC's own tables, which it exports as Parquet beside the images, without fetching a report.

The tables are views over TID 1500 reports: groups without a segmentation, a finding or a finding site are not in them, and neither are methods and
algorithms. See Resources/Decisions/0016-reports.md.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from math import isfinite
from typing import Any, TypeVar
from urllib.parse import urlsplit

from IDCBrowserLib.api.report import Row
from IDCBrowserLib.api.values import Code
from IDCBrowserLib.errors import InputError, NotFoundError, TransferError
from IDCBrowserLib.network import Network
from IDCBrowserLib.selection.buckets import AWS_ENDPOINT
from IDCBrowserLib.stall_timeout import StalledError, with_stall_timeout
from IDCBrowserLib.task import Progress, Task

T = TypeVar("T")

LOCATION = "s3://idc-open-metadata/bigquery_export/idc_v{release}"
_S3 = re.compile(r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/.*)?")
_SEGMENTS = "segmentations"
TABLES = ("quantitative_measurements", "qualitative_measurements", _SEGMENTS)
_REGION = "us-east-1"
# Of a batch of rows; what comes in it is not told meanwhile.
_PATIENCE_S = 300.0
# Our column -> theirs.
_TEXTS = {
    "patient_id": "PatientID",
    "sr_series_uid": "SeriesInstanceUID",
    "sr_sop_uid": "SOPInstanceUID",
    "tracking_id": "trackingIdentifier",
    "tracking_uid": "trackingUniqueIdentifier",
    "segmentation_sop_uid": "segmentationInstanceUID",
    "source_series_uid": "sourceSegmentedSeriesUID",
}
_CODES = {
    "finding": "finding",
    "finding_site": "findingSite",
    "laterality": "lateralityModifier",
    "quantity": "Quantity",
    "derivation": "derivationModifier",
    "unit": "Units",
}
_NUMBERS = {"group": "measurementGroup_number", "segment_number": "segmentationSegmentNumber"}
_SERIES = "SeriesInstanceUID"
# The same of the table with a row for each segment of a SEG, which has no values.
_SEGMENT_TEXTS = {
    "patient_id": "PatientID",
    "sr_series_uid": "SeriesInstanceUID",
    "sr_sop_uid": "SOPInstanceUID",
    "tracking_id": "TrackingID",
    "tracking_uid": "TrackingUID",
    "segmentation_sop_uid": "SOPInstanceUID",
    "source_series_uid": "segmented_SeriesInstanceUID",
    "algorithm": "SegmentAlgorithmName",
}
_SEGMENT_CODES = {"finding_category": "SegmentedPropertyCategory", "finding": "SegmentedPropertyType", "finding_site": "AnatomicRegion"}
_SEGMENT_NUMBERS = {"segment_number": "SegmentNumber"}


_MEASURED, _SEGMENTED = (_TEXTS, _CODES, _NUMBERS), (_SEGMENT_TEXTS, _SEGMENT_CODES, _SEGMENT_NUMBERS)


@dataclass(frozen=True)
class TablesSource:
    """Where the tables are: ``location`` is a folder or ``s3://bucket/prefix`` that has a folder for each of them.

    ``endpoint_url``: an S3 server other than that of AWS.
    """

    location: str
    endpoint_url: str = ""
    network: Network = field(default_factory=Network)

    @staticmethod
    def of_release(release: str, location: str, endpoint_url: str, network: Network) -> TablesSource:
        """``location`` may have ``{release}`` in it; without one it is IDC's own. Raises ``InputError`` for what is no location."""
        found = (location or LOCATION).replace("{release}", release)
        check_location(found)
        return TablesSource(found, endpoint_url, network)


def check_location(text: str) -> None:
    """Raises ``InputError`` for what is neither. Of a folder whose release is still to be filled in only what lies above has to be there."""
    if "://" in text:
        if not _S3.fullmatch(text):
            raise InputError(f"Tables cannot be read from {text!r}. Write s3://bucket/prefix, or name a folder on this computer.")
        return
    folder, release, _below = text.partition("{release}")
    if not os.path.isdir((os.path.dirname(folder) or os.curdir) if release else folder):
        raise InputError(f"{text!r} is not a folder on this computer. Name one that has IDC's tables, or write s3://bucket/prefix.")


def rows_from_tables(source: TablesSource, series_uids: Sequence[str], task: Task, most: int | None = None) -> tuple[list[Row], list[str]]:
    """The rows of these series of reports and segmentations, and sentences on tables that are not there, and on rows beyond the ``most`` wanted.

    Only matching row groups and the columns needed are read. Raises ``NotFoundError`` where there is none of the tables, and ``TransferError``.
    """
    location = source.location.rstrip("/")
    rows: list[Row] = []
    missing: list[str] = []
    for table in TABLES:
        task.raise_if_cancelled()
        task.report(Progress(f"Reading {table}"))
        place = f"{location}/{table}"
        found = _waited_for(partial(_matching, place, series_uids, source), place, task)
        if found is None:
            missing.append(f"There is no table {table} at {location}.")
            continue
        for values in _rows(found, place, task):
            task.raise_if_cancelled()
            if most is not None and len(rows) >= most:
                return rows, [*missing, f"There are more rows than the first {most:,}. Select fewer cases for all of theirs."]
            with _of_another_form(place):
                rows.append(_segment(values) if table == _SEGMENTS else _row(values, table == TABLES[0]))
    if len(missing) == len(TABLES):
        raise NotFoundError(f"This release has no tables of measurements at {location}. Download the reports to read them themselves.")
    return rows, missing


def _waited_for(work: Callable[[], T], path: str, task: Task) -> T:
    """What a library gives that answers no cancel while it waits for a server. Raises ``CancelledError`` at once, ``TransferError`` in the end."""
    try:
        return with_stall_timeout(lambda _heartbeat: work(), _PATIENCE_S, task.raise_if_cancelled)
    except StalledError as error:
        raise _unreadable(path, f"no answer within {_PATIENCE_S:g} s") from error


def _matching(path: str, series_uids: Sequence[str], source: TablesSource) -> Iterator[Any] | None:
    """Batches of the rows."""
    import pyarrow as pa
    import pyarrow.dataset as ds

    try:
        filesystem, folder = _filesystem(path, source)
        dataset = ds.dataset(folder, format="parquet", filesystem=filesystem)
        if not dataset.files or _SERIES not in dataset.schema.names:
            return None
        wanted = {name for columns in (*_MEASURED, *_SEGMENTED) for name in columns.values()} | {"Value"}
        columns = [name for name in dataset.schema.names if name in wanted]
        batches: Iterator[Any] = dataset.scanner(columns=columns, filter=ds.field(_SERIES).isin(list(series_uids))).to_batches()
        return batches
    except FileNotFoundError:
        return None
    except (OSError, pa.ArrowException) as error:
        raise _unreadable(path, error) from error


def _rows(batches: Iterator[Any], path: str, task: Task) -> Iterator[Mapping[str, Any]]:
    """One batch after the other, as far as they are asked for."""
    import pyarrow as pa

    try:
        while (batch := _waited_for(lambda: next(batches, None), path, task)) is not None:
            yield from batch.to_pylist()
    except (OSError, pa.ArrowException, UnicodeDecodeError) as error:
        raise _unreadable(path, error) from error


def _unreadable(path: str, error: Exception | str) -> TransferError:
    return TransferError(f"The table at {path} cannot be read ({error}). Check the network, or download the reports.")


@contextmanager
def _of_another_form(path: str) -> Iterator[None]:
    try:
        yield
    except (ValueError, TypeError, ArithmeticError) as error:
        raise TransferError(f"The table at {path} is of another form than those of IDC ({error}). Download the reports.") from error


def _filesystem(path: str, source: TablesSource) -> tuple[Any, str]:
    """And the path as it calls it."""
    from pyarrow import fs

    if not path.startswith("s3://"):
        return fs.LocalFileSystem(), path
    address = source.endpoint_url or AWS_ENDPOINT
    options: dict[str, Any] = {}
    if source.endpoint_url:
        parts = urlsplit(address)
        options = {"endpoint_override": parts.netloc, "scheme": parts.scheme or "https"}
    if proxy := source.network.proxy_for(address):
        options["proxy_options"] = proxy
    if (bundle := source.network.checked_bundle() if address.startswith("https:") else "") and os.path.isfile(bundle):
        options["tls_ca_file_path"] = bundle
    return fs.S3FileSystem(anonymous=True, region=_REGION, **options), path.removeprefix("s3://")


def _row(values: Mapping[str, Any], is_number: bool) -> Row:
    value, row = values.get("Value"), _stated(values, *_MEASURED)
    if is_number and value is not None:
        number = float(value)
        # What is no number has a name.
        row["value"], row["value_text"] = (number, None) if isfinite(number) else (None, str(number))
    elif not is_number:
        row["value_code"] = _code(value)
        row["value_text"] = row["value_code"]["meaning"] if row["value_code"] else None
    return row  # type: ignore[return-value]


def _segment(values: Mapping[str, Any]) -> Row:
    """A segment of a SEG: what it is, where, and of which images."""
    return _stated(values, *_SEGMENTED)  # type: ignore[return-value]


def _stated(values: Mapping[str, Any], texts: Mapping[str, str], codes: Mapping[str, str], numbers: Mapping[str, str]) -> dict[str, Any]:
    row: dict[str, Any] = dict.fromkeys(Row.__annotations__)
    row.update({ours: _text(values.get(theirs)) or None for ours, theirs in texts.items()})
    row.update({ours: _code(values.get(theirs)) for ours, theirs in codes.items()})
    row.update({ours: None if values.get(theirs) is None else int(values[theirs]) for ours, theirs in numbers.items()})
    return row


def _code(value: Any) -> Code | None:
    if not isinstance(value, Mapping) or not value.get("CodeValue"):
        return None
    return {"value": _text(value["CodeValue"]), "scheme": _text(value.get("CodingSchemeDesignator")), "meaning": _text(value.get("CodeMeaning"))}


def _text(value: Any) -> str:
    """Of a text, a number or a date. Raises ``TypeError`` for anything else."""
    if value is None:
        return ""
    if isinstance(value, (bytes, list, dict)):
        raise TypeError(f"a text is expected, not {type(value).__name__}")
    return str(value)
