"""A plan as a file for others: s5cmd manifests, tables, and a lock file that reproduces the same bytes later."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Mapping
from itertools import chain
from pathlib import Path

from IDCBrowserLib.errors import InputError
from IDCBrowserLib.json_pieces import json_pieces
from IDCBrowserLib.safe_text import cell
from IDCBrowserLib.selection.buckets import AWS_ENDPOINT, GCS_ENDPOINT
from IDCBrowserLib.selection.plan import Plan
from IDCBrowserLib.whole_file import whole_file

_COLUMNS = (
    "collection_id",
    "PatientID",
    "StudyInstanceUID",
    "SeriesInstanceUID",
    "crdc_series_uuid",
    "Modality",
    "SeriesDescription",
    "instanceCount",
    "size_bytes",
    "license_short_name",
    "source_DOI",
    "idc_version",
)
# The form of a file by the ending of its name; the first that fits counts.
_FORMS = {"_gcs.s5cmd": "gcs", ".s5cmd": "aws", ".csv": "csv", ".tsv": "tsv", ".lock.json": "lock", ".json": "json"}
LOCK_KEY = "idc_browser_lock"
_PIECE = 1 << 16


def s5cmd_manifest(plan: Plan, idc_version: str, provider: str = "aws") -> Iterator[str]:
    """The plan as s5cmd and idc-index read it, in the portal's form, line by line.

    Raises ``InputError`` when the provider lacks one of the series.
    """
    endpoint = GCS_ENDPOINT if provider == "gcs" else AWS_ENDPOINT
    yield from (
        f"{line}\n"
        for line in (
            f"# IDC Data Version(s): {idc_version}",
            "# To download the files in this manifest, use idc-browser or idc-index:",
            "# idc-browser download <manifest file name> --to <folder>",
            "# or install s5cmd (https://github.com/peak/s5cmd) and run:",
            f"# s5cmd --no-sign-request --endpoint-url {endpoint} run <manifest file name>",
        )
    )
    for item in plan.series:
        bucket = item.gcs_bucket if provider == "gcs" else item.aws_bucket
        if not bucket:
            raise InputError(f"IDC has no {provider.upper()} bucket for the series {item.series_uid}; choose the other provider.")
        for name in [f"{one}.dcm" for one in item.instances] or ["*"]:
            yield f"cp s3://{bucket}/{item.crdc_series_uuid}/{name} .\n"


def csv_table(plan: Plan, delimiter: str = ",") -> Iterator[str]:
    """One row per series with the idc-index column names."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter, lineterminator="\n")
    writer.writerow(_COLUMNS)
    for item in plan.series:
        row: Mapping[str, object] = item.to_json()
        writer.writerow([cell(row[name]) for name in _COLUMNS])
        if text.tell() > _PIECE:
            yield text.getvalue()
            text.seek(0)
            text.truncate()
    yield text.getvalue()


def json_rows(plan: Plan) -> Iterator[str]:
    """The document of ``idc-browser plan``."""
    return chain(json_pieces(plan.document(), indent=1), ["\n"])


def lock_file(plan: Plan, idc_version: str) -> Iterator[str]:
    """What reproduces exactly these bytes, since a crdc_series_uuid names one version of a series for ever.

    ``idc-browser download`` takes it as a source.
    """
    keep = (
        "SeriesInstanceUID",
        "crdc_series_uuid",
        "instanceCount",
        "size_bytes",
        "license_short_name",
        "source_DOI",
        "aws_bucket",
        "gcs_bucket",
        "instances",
    )
    lock = {
        LOCK_KEY: 1,
        "idc_version": idc_version,
        "series_count": len(plan.series),
        "total_bytes": plan.total_bytes,
        "licenses": plan.licenses,
        "source_DOIs": sorted({item.source_doi for item in plan.series if item.source_doi}),
        "series": ({name: value for name, value in item.to_json().items() if name in keep} for item in plan.series),
    }
    return chain(json_pieces(lock, indent=1), ["\n"])


def save(plan: Plan, path: Path, idc_version: str, form: str = "") -> None:
    """Write the plan in a form: "aws" or "gcs" (s5cmd manifests), "csv", "tsv", "json", "lock".

    Without one the name tells it: ``.s5cmd`` (``_gcs.s5cmd`` for Google), ``.csv``, ``.tsv``, ``.lock.json``, ``.json``.
    Raises ``InputError`` for another name or form and ``StorageError`` when the file cannot be written.
    """
    makers: Mapping[str, Callable[[], Iterator[str]]] = {
        "gcs": lambda: s5cmd_manifest(plan, idc_version, "gcs"),
        "aws": lambda: s5cmd_manifest(plan, idc_version),
        "csv": lambda: csv_table(plan),
        "tsv": lambda: csv_table(plan, "\t"),
        "lock": lambda: lock_file(plan, idc_version),
        "json": lambda: json_rows(plan),
    }
    form = form or next((made for ending, made in _FORMS.items() if path.name.lower().endswith(ending)), "")
    if form in makers:
        with whole_file(path) as file:
            file.writelines(makers[form]())
        return
    raise InputError(
        f"{path.name} does not show which kind of manifest to write; the name must end in .s5cmd, _gcs.s5cmd, .csv, .tsv, .json or .lock.json."
    )
