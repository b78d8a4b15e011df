"""The series once more as a Parquet file in groups of ten thousand rows: a few of them are read in some milliseconds, and whole columns by all cores.

IDC's index has all rows in one group, which every question decodes from its first row on (``parquet_pages``). Writing groups takes a third of the
time that a table of DuckDB's own takes, and half of its place.
"""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from IDCBrowserLib.catalog.cache.arrow_memory import lean_memory
from IDCBrowserLib.catalog.cache.index_file import arrow_type, read_batches, whole_file
from IDCBrowserLib.catalog.columns import SERIES_COLUMNS, SERIES_TYPES
from IDCBrowserLib.catalog.connection import literal

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa
    import pyarrow.parquet as pq

logger = logging.getLogger(__name__)

ROWS = 10_000
_READ = 2 * ROWS
# Values that are hardly ever alike: looking for those that are takes longer than writing them.
_DIFFERENT = ("SeriesInstanceUID", "crdc_series_uuid", "series_aws_url", "series_size_MB")
# Bytes of a text with few values, whose numbers are taken over; of others the dictionary would be written again for each group.
_LITTLE = 0.7
# A third of the file would be addresses that follow from two other columns: they are kept only where they do not ("" for none).
_URL = "'s3://' || aws_bucket || '/' || crdc_series_uuid || '/*'"
_SHOWN_URL = f"CASE WHEN series_aws_url IS NULL THEN {_URL} ELSE nullif(series_aws_url, '') END AS series_aws_url"
# Of the last answers: the next click is mostly near.
_KEPT = 2
# Of more, DuckDB reads the columns as fast.
_MOST_ROWS = 2 * ROWS


def write_groups(connection: duckdb.DuckDBPyConnection, files: Sequence[Path], out: Path) -> None:
    """Write ``series``, which ``files`` are, in the order of row_no."""
    import pyarrow.parquet as pq

    repeated = [name for name in SERIES_COLUMNS if name not in _DIFFERENT]
    batches = map(_stored, read_batches(connection, files, SERIES_COLUMNS, _READ, _few_valued(files)))
    first = next(batches, None)
    schema = _schema() if first is None else first.schema
    with pq.ParquetWriter(out, schema, compression="zstd", use_dictionary=repeated, write_statistics=repeated, store_schema=False) as writer:
        for batch in chain([] if first is None else [first], batches):
            writer.write_batch(batch, row_group_size=ROWS)


def select_groups(path: Path) -> str:
    """A SELECT of row_no and all columns of ``series``."""
    columns = ", ".join(_SHOWN_URL if name == "series_aws_url" else name for name in SERIES_COLUMNS)
    return f"SELECT file_row_number AS row_no, {columns} FROM read_parquet({literal(path)}, file_row_number = true)"


class RowGroups:
    """Reads few rows of such a file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: pq.ParquetFile | None = None
        self._kept: OrderedDict[int, pa.Table] = OrderedDict()
        self._lock = threading.Lock()

    def rows(self, first: int, last: int) -> pa.Table | None:
        """All columns of these rows (both ends included) with their ``row_no``; None where they are too many or cannot be read so."""
        import pyarrow as pa

        if last - first >= _MOST_ROWS:
            return None
        try:
            with self._lock:
                parts = [self._group(number) for number in range(first // ROWS, last // ROWS + 1)]
        except (OSError, pa.ArrowException) as error:
            # Asked in the usual way, the file says itself what is wrong with it.
            logger.debug("%s is not read by groups: %s", self._path, error)
            return None
        chosen = pa.concat_tables(parts).slice(first % ROWS, last - first + 1)
        return _shown(chosen.cast(_schema()), first)

    def texts(self, name: str, number: int) -> pa.Array | None:
        """A column of texts of one group; None where it cannot be read so."""
        found = self.columns((name,), number)
        return None if found is None else found.column(0).combine_chunks()

    def columns(self, names: Sequence[str], number: int) -> pa.Table | None:
        """Columns of one group, texts as such; None where it cannot be read so."""
        import pyarrow as pa

        try:
            with self._lock, lean_memory():
                found = self._opened().read_row_group(number, columns=list(names), use_threads=False)
        except (OSError, pa.ArrowException) as error:
            logger.debug("%s is not read by groups: %s", self._path, error)
            return None
        return found.select(list(names)).cast(_schema(names))

    def close(self) -> None:
        """Free the file."""
        with self._lock:
            self._kept.clear()
            if self._file is not None:
                self._file.close()
                self._file = None

    def _opened(self) -> pq.ParquetFile:
        import pyarrow.parquet as pq

        if self._file is None:
            # Of texts that repeat only those of the rows in question are made.
            repeated = [name for name in SERIES_COLUMNS if SERIES_TYPES[name] == "VARCHAR" and name not in _DIFFERENT]
            self._file = pq.ParquetFile(self._path, pre_buffer=False, read_dictionary=repeated)
        return self._file

    def _group(self, number: int) -> pa.Table:
        if number not in self._kept:
            with lean_memory():
                self._kept[number] = self._opened().read_row_group(number, use_threads=False)
        self._kept.move_to_end(number)
        while len(self._kept) > _KEPT:
            self._kept.popitem(last=False)
        return self._kept[number]


def _schema(names: Iterable[str] = SERIES_COLUMNS) -> pa.Schema:
    import pyarrow as pa

    return pa.schema([(name, arrow_type(name)) for name in names])


def _few_valued(files: Sequence[Path]) -> list[str]:
    """The columns of texts of which a row of the file takes little."""
    metadata = whole_file(files, SERIES_COLUMNS)
    if metadata is None:
        return []
    sizes = dict.fromkeys(SERIES_COLUMNS, 0)
    for number in range(metadata.num_row_groups):
        group = metadata.row_group(number)
        for place in range(group.num_columns):
            name = group.column(place).path_in_schema
            sizes[name] = sizes.get(name, 0) + group.column(place).total_uncompressed_size
    return [name for name, kind in SERIES_TYPES.items() if kind == "VARCHAR" and sizes[name] < _LITTLE * metadata.num_rows]


def _stored(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Rows with their addresses only where these do not follow, as ``_SHOWN_URL`` takes them."""
    import pyarrow as pa
    import pyarrow.compute as pc

    place = batch.schema.get_field_index("series_aws_url")
    urls = batch.column(place)
    named = pc.cast(_urls(batch), urls.type)
    # Where neither is empty and both are alike, or both are empty.
    alike = pc.or_(pc.fill_null(pc.equal(urls, named), False), pc.and_(pc.is_null(urls), pc.is_null(named)))
    stored = pc.if_else(alike, pa.scalar(None, urls.type), pc.fill_null(urls, ""))
    return batch.set_column(place, "series_aws_url", stored)


def _shown(rows: pa.Table, first: int) -> pa.Table:
    """``_SHOWN_URL`` of stored rows, with their row_no."""
    import pyarrow as pa
    import pyarrow.compute as pc

    place = rows.schema.get_field_index("series_aws_url")
    stored = rows.column(place)
    written = pc.if_else(pc.equal(stored, ""), pa.scalar(None, pa.string()), stored)
    shown = pc.if_else(pc.is_null(stored), _urls(rows), written)
    numbers = pa.array(range(first, first + len(rows)), pa.int64())
    return rows.set_column(place, "series_aws_url", shown).add_column(0, "row_no", numbers)


def _urls(rows: pa.RecordBatch | pa.Table) -> pa.Array:
    """``_URL``."""
    import pyarrow as pa
    import pyarrow.compute as pc

    bucket, uuid = (pc.cast(rows.column(rows.schema.get_field_index(name)), pa.string()) for name in ("aws_bucket", "crdc_series_uuid"))
    return pc.binary_join_element_wise("s3://", bucket, "/", uuid, "/*", "")
