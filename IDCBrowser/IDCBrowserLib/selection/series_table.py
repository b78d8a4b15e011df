"""Stores very large plans compactly, as columns instead of a million objects."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, overload

from IDCBrowserLib.selection.buckets import gcs_bucket_of
from IDCBrowserLib.selection.plan import PlannedSeries

if TYPE_CHECKING:
    import pyarrow as pa

    from IDCBrowserLib.catalog.catalog import Catalog

_PART = 20_000
# Fewer are handier as objects.
_FEW = 20_000
# What ``read_table`` reads.
COLUMNS = (
    "SeriesInstanceUID, crdc_series_uuid, collection_id, PatientID, StudyInstanceUID, Modality, SeriesDescription, instanceCount, "
    "coalesce(round(series_size_MB * 1e6), 0)::BIGINT AS size_bytes, license_short_name, aws_bucket, source_DOI"
)
_SQL = f"SELECT {COLUMNS} FROM read_parquet([{{files}}], union_by_name = true) WHERE crdc_series_uuid IS NOT NULL"


class SeriesTable(Sequence[PlannedSeries]):
    """Rows of the catalog as ``PlannedSeries``, made when they are looked at; ``more`` follow after them."""

    def __init__(self, table: pa.Table, more: Sequence[PlannedSeries] = (), idc_version: int | None = None) -> None:
        self._table = table
        self._version = idc_version
        self._more = tuple(more)

    def __len__(self) -> int:
        return int(self._table.num_rows) + len(self._more)

    @overload
    def __getitem__(self, index: int) -> PlannedSeries: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[PlannedSeries]: ...

    def __getitem__(self, index: int | slice) -> PlannedSeries | Sequence[PlannedSeries]:
        if isinstance(index, slice):
            start, stop, step = index.indices(len(self))
            if step == 1:
                rows = self._table.num_rows
                made = list(self._series(start, max(0, min(stop, rows) - start)))
                return made + list(self._more[max(0, start - rows) : max(0, stop - rows)])
            return [self[position] for position in range(start, stop, step)]
        position = index + len(self) if index < 0 else index
        rows = int(self._table.num_rows)
        return self._more[position - rows] if position >= rows else next(self._series(position, 1))

    def __iter__(self) -> Iterator[PlannedSeries]:
        for start in range(0, self._table.num_rows, _PART):
            yield from self._series(start, _PART)
        yield from self._more

    def with_more(self, series: Sequence[PlannedSeries]) -> SeriesTable:
        """This and the series that are not in it."""
        if not series:
            return self
        known = set(self._table["crdc_series_uuid"].to_pylist())
        return SeriesTable(self._table, [*self._more, *(item for item in series if item.crdc_series_uuid not in known)], self._version)

    def total_bytes(self) -> int:
        """Sum of the sizes, without making the series."""
        import pyarrow.compute as pc

        return int(pc.sum(self._table["size_bytes"]).as_py() or 0) + sum(item.size_bytes for item in self._more)

    def licenses(self) -> Counter[str | None]:
        """Series per license, without making the series."""
        return self._counted("license_short_name", (item.license for item in self._more))

    def modalities(self) -> Counter[str | None]:
        """Series per modality, without making the series."""
        return self._counted("Modality", (item.modality for item in self._more))

    def counts(self) -> tuple[int, int, int]:
        """Collections, cases and studies, without making the series."""
        collections, patients, studies = (self._table[name].combine_chunks() for name in ("collection_id", "PatientID", "StudyInstanceUID"))
        pairs = set(zip(collections.to_pylist(), patients.to_pylist(), strict=True)) | {(item.collection_id, item.patient_id) for item in self._more}
        return len({pair[0] for pair in pairs}), len(pairs), len(set(studies.to_pylist()) | {item.study_uid for item in self._more})

    def kept(self, keeps: Callable[[str | None, str | None], bool]) -> SeriesTable:
        """The series whose modality and license ``keeps`` accepts."""
        answers: dict[tuple[str | None, str | None], bool] = {}
        chosen = []
        for pair in zip(self._table["Modality"].to_pylist(), self._table["license_short_name"].to_pylist(), strict=True):
            if pair not in answers:
                answers[pair] = keeps(*pair)
            chosen.append(answers[pair])
        return SeriesTable(self._table.filter(_mask(chosen)), [item for item in self._more if keeps(item.modality, item.license)], self._version)

    def _series(self, start: int, count: int) -> Iterator[PlannedSeries]:
        return _series(self._table.slice(start, count), self._version)

    def _counted(self, column: str, more: Iterable[str | None]) -> Counter[str | None]:
        counted: Counter[str | None] = Counter(more)
        for entry in self._table[column].value_counts().to_pylist():
            counted[entry["values"]] += entry["counts"]
        return counted


def read_table(reader: pa.RecordBatchReader, idc_version: int | None) -> Sequence[PlannedSeries]:
    """The series of record batches of ``COLUMNS``: a few as objects, many as a ``SeriesTable``. ``idc_version``: the release in use."""
    import pyarrow as pa

    table = SeriesTable(pa.Table.from_batches(list(reader), reader.schema), idc_version=idc_version)
    return tuple(table) if len(table) <= _FEW else table


def find_many(catalog: Catalog, uuids: Sequence[str]) -> tuple[SeriesTable, set[str]]:
    """The current series of very many crdc_series_uuids, each once, in the catalog's order; and those that are no current series."""
    import duckdb
    import pyarrow as pa

    from IDCBrowserLib.catalog.connection import ask_for_batches, literal, reading

    missing = set(uuids)
    parts = []
    # A connection of its own, to the same files: a pass over a million rows would fill the memory that the catalog keeps for its queries.
    with reading(), duckdb.connect(config={"threads": 2, "memory_limit": "400MB", "temp_directory": ""}) as connection:
        # Written out, not bound: for a bound value DuckDB imports pandas, which takes longer than the query.
        files = ", ".join(literal(path) for path in catalog.info()["sources"])
        reader = ask_for_batches(connection, _SQL.format(files=files))
        for part in reader:
            here = part["crdc_series_uuid"].to_pylist()
            parts.append(part.filter(_mask([uuid in missing for uuid in here])))
            missing.difference_update(here)
    return SeriesTable(pa.Table.from_batches(parts, reader.schema), idc_version=catalog.idc_version), missing


def _mask(chosen: Sequence[bool]) -> pa.BooleanArray:
    # Not pyarrow.array, which imports pandas (a second) to see whether the list belongs to it.
    import numpy as np
    import pyarrow as pa

    bits = np.packbits(np.array(chosen, dtype=bool), bitorder="little")
    return pa.Array.from_buffers(pa.bool_(), len(chosen), [None, pa.py_buffer(bits.tobytes())])


def _series(table: pa.Table, idc_version: int | None) -> Iterator[PlannedSeries]:
    columns: list[list[Any]] = [column.to_pylist() for column in table.columns]
    for uid, uuid, collection, patient, study, modality, description, count, size, license_name, bucket, doi in zip(*columns, strict=True):
        yield PlannedSeries(
            uid,
            uuid,
            collection,
            patient,
            study,
            modality or "",
            description,
            count,
            size,
            license_name,
            bucket or "",
            gcs_bucket_of(bucket or ""),
            idc_version,
            doi,
        )
