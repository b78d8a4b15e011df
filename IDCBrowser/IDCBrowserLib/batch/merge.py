"""The outputs of a batch as one table: a row for each segment, with where it comes from."""

from __future__ import annotations

import csv
import json
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from IDCBrowserLib.batch.ledger import DONE
from IDCBrowserLib.batch.status import opened
from IDCBrowserLib.errors import InputError, StorageError
from IDCBrowserLib.task import Progress, Task
from IDCBrowserLib.whole_file import whole_file

# Column -> type of DuckDB. "value" and "scheme" of a code are what programs compare, "meaning" is what people read.
COLUMNS = {
    "collection_id": "VARCHAR",
    "PatientID": "VARCHAR",
    "StudyInstanceUID": "VARCHAR",
    "SeriesInstanceUID": "VARCHAR",
    "crdc_series_uuid": "VARCHAR",
    "Modality": "VARCHAR",
    "SeriesDescription": "VARCHAR",
    "input": "VARCHAR",
    "image_SeriesInstanceUIDs": "VARCHAR",
    "segment_number": "BIGINT",
    "label_value": "BIGINT",
    "segment_name": "VARCHAR",
    "category_value": "VARCHAR",
    "category_scheme": "VARCHAR",
    "category_meaning": "VARCHAR",
    "type_value": "VARCHAR",
    "type_scheme": "VARCHAR",
    "type_meaning": "VARCHAR",
    "type_modifier_meanings": "VARCHAR",
    "anatomic_region_value": "VARCHAR",
    "anatomic_region_scheme": "VARCHAR",
    "anatomic_region_meaning": "VARCHAR",
    "algorithm_type": "VARCHAR",
    "algorithm_name": "VARCHAR",
    "tracking_uid": "VARCHAR",
    "voxels": "BIGINT",
    "volume_mm3": "DOUBLE",
    "labelmap_file": "VARCHAR",
    "idc_version": "BIGINT",
    "license_short_name": "VARCHAR",
    "source_DOI": "VARCHAR",
    "rules": "BIGINT",
    "program": "VARCHAR",
}


def merge(folder: Path, out: Path, task: Task) -> dict[str, Any]:
    """Write the table; gives ``{"tables": {"volumes": {"file", "rows"}}, "series"}``. Raises ``InputError``, ``NotFoundError``, ``StorageError``."""
    ending = out.suffix.lower()
    if ending not in (".parquet", ".csv"):
        raise InputError(f"{out}: the file name must end in .parquet or .csv.")
    rows = series = 0
    with opened(folder), _parquet(out) if ending == ".parquet" else _csv(out) as writer:
        for receipt in receipts_of(folder, task):
            series += 1
            for row in rows_of(receipt):
                writer.writerow(row)
                rows += 1
    return {"tables": {"volumes": {"file": str(out), "rows": rows}}, "series": series}


def receipts_of(folder: Path, task: Task) -> Iterator[dict[str, Any]]:
    """Of volumes, or of labelmap volumes where no volumes were asked for: each series once."""
    with opened(folder) as ledgers:
        total = sum(ledger.counts()[DONE] for ledger in ledgers)
        done = 0
        for ledger in ledgers:
            for row in ledger.rows(DONE):
                task.raise_if_cancelled()
                done += 1
                task.report(Progress("Merging", done, total, "items"))
                steps = {output["step"] for output in row.outputs}
                for output in row.outputs:
                    if output["step"] == ("volumes" if "volumes" in steps else "labelmaps"):
                        yield _with_labelmaps(folder, output, row.outputs)


def _with_labelmaps(folder: Path, output: Mapping[str, Any], others: list[dict[str, Any]]) -> dict[str, Any]:
    """A receipt, and ``labelmap_files``: those of the same series."""
    receipt = _read(folder / output["receipt"])
    place = output["receipt"].partition("/")[2]
    beside = [other for other in others if other["step"] == "labelmaps" and other["receipt"].partition("/")[2] == place]
    named = [name for other in beside for name in other["files"] if name != other["receipt"]]
    return {**receipt, "labelmap_files": named}


def _read(path: Path) -> dict[str, Any]:
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(f"{path} cannot be read ({error}). Run the batch again: it is made anew.") from error
    if not isinstance(document, dict):
        raise InputError(f"{path} is not a receipt of a batch. Run the batch again: it is made anew.")
    return document


def rows_of(receipt: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """A row for each segment of each object of a receipt."""
    shared = {name: receipt.get(name) for name in COLUMNS if name in receipt}
    shared["image_SeriesInstanceUIDs"] = " ".join(receipt["images"])
    files = receipt["labelmap_files"]
    for number, document in enumerate(receipt["objects"]):
        own = {"input": document["input"], "labelmap_file": _file_of(files, document["input"], number, len(receipt["objects"]))}
        for segment in document["segments"]:
            yield {**shared, **own, **_segment(segment)}


def _file_of(files: list[str], name: str, number: int, count: int) -> str | None:
    """Files of several objects carry the name of theirs."""
    if count == 1:
        return files[0] if files else None
    return next((file for file in files if f"_{Path(name).stem}" in Path(file).name), None)


def _segment(segment: Mapping[str, Any]) -> dict[str, Any]:
    row: dict[str, Any] = {"segment_number": segment["number"], "segment_name": segment["name"]}
    row.update((key, segment[key]) for key in ("label_value", "algorithm_type", "algorithm_name", "tracking_uid", "voxels", "volume_mm3"))
    for name in ("category", "type", "anatomic_region"):
        code = segment[name] or {}
        row.update((f"{name}_{part}", code.get(part)) for part in ("value", "scheme", "meaning"))
    row["type_modifier_meanings"] = "; ".join(code["meaning"] for code in segment["type_modifiers"])
    return row


@contextmanager
def _csv(out: Path) -> Iterator[csv.DictWriter[str]]:
    with whole_file(out) as file:
        writer = csv.DictWriter(file, list(COLUMNS), lineterminator="\n")
        writer.writeheader()
        yield writer


@contextmanager
def _parquet(out: Path) -> Iterator[csv.DictWriter[str]]:
    """Through a CSV file that DuckDB reads: in steps, with the types of ``COLUMNS``, however many rows there are."""
    import duckdb

    from IDCBrowserLib.catalog.connection import literal

    rows, part = (out.with_name(f".{out.name[:100]}-{secrets.token_hex(6)}.{ending}") for ending in ("csv", "part"))
    try:
        with _csv(rows) as writer:
            yield writer
        types = ", ".join(f"{literal(name)}: {literal(kind)}" for name, kind in COLUMNS.items())
        with duckdb.connect(config={"threads": 2, "memory_limit": "500MB", "temp_directory": ""}) as connection:
            source = f"read_csv({literal(rows)}, header = true, columns = {{{types}}}, auto_detect = false, delim = ',', quote = '\"', escape = '\"')"
            connection.execute(f"COPY (SELECT * FROM {source}) TO {literal(part)} (FORMAT parquet, COMPRESSION zstd)")
        part.replace(out)
    except (OSError, duckdb.IOException) as error:
        raise StorageError(f"{out} cannot be written ({error}); choose another folder.") from error
    finally:
        rows.unlink(missing_ok=True)
        part.unlink(missing_ok=True)
