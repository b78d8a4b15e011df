"""Columns of ``series`` read from the index file itself, where that has them as they are: in a fraction of the time that DuckDB takes to copy texts.

Of other files, or several, DuckDB gives the same (``tables`` says what it converts).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from IDCBrowserLib.catalog.columns import SERIES_TYPES
from IDCBrowserLib.catalog.connection import ask_for_batches

if TYPE_CHECKING:
    import duckdb
    import numpy as np
    import pyarrow as pa
    import pyarrow.parquet as pq
    from numpy.typing import NDArray

    from IDCBrowserLib.catalog.cache.coded import Coded

_ROWS = 50_000
# More take more memory than time.
_AT_ONCE = 2


def arrow_type(name: str) -> pa.DataType:
    """Of a column of ``series``."""
    import pyarrow as pa

    return {"VARCHAR": pa.string(), "BIGINT": pa.int64(), "DOUBLE": pa.float64()}[SERIES_TYPES[name]]


def whole_file(files: Sequence[Path], names: Iterable[str]) -> pq.FileMetaData | None:
    """The footer of a file alone that has these columns of ``series`` as they are; None otherwise."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    if len(files) != 1:
        return None
    try:
        metadata = pq.read_metadata(files[0])
    except (OSError, pa.ArrowException):
        # DuckDB says what is wrong with it.
        return None
    schema = metadata.schema.to_arrow_schema()
    fit = (name in schema.names and schema.field(name).type in (arrow_type(name), *_alike(name)) for name in names)
    return metadata if all(fit) else None


def _alike(name: str) -> tuple[pa.DataType, ...]:
    import pyarrow as pa

    return (pa.large_string(),) if SERIES_TYPES[name] == "VARCHAR" else ()


def read_coded(connection: duckdb.DuckDBPyConnection, files: Sequence[Path], names: Iterable[str]) -> dict[str, Coded]:
    """Columns of ``series``, which ``files`` are, in the order of row_no. Two are read at once: name the largest first."""
    from IDCBrowserLib.catalog.cache.coded import coded

    wanted = list(names)
    metadata = whole_file(files, wanted)
    if metadata is None:
        return {name: coded(_column(connection, name)) for name in wanted}
    if len(wanted) == 1:
        return {wanted[0]: _read_coded(files[0], metadata, wanted[0])}
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        return dict(zip(wanted, pool.map(partial(_read_coded, files[0], metadata), wanted), strict=True))


def _read_coded(file: Path, metadata: pq.FileMetaData, name: str) -> Coded:
    """The numbers that the file has, without a copy of each text."""
    import pyarrow.parquet as pq

    from IDCBrowserLib.catalog.cache.coded import coded

    with pq.ParquetFile(file, metadata=metadata, read_dictionary=[name], pre_buffer=False) as opened:
        return coded(opened.read([name], use_threads=False).column(0))


def read_numbers(connection: duckdb.DuckDBPyConnection, files: Sequence[Path], name: str) -> pa.ChunkedArray:
    """A column of numbers likewise."""
    import pyarrow.parquet as pq

    metadata = whole_file(files, [name])
    if metadata is None:
        return _column(connection, name)
    with pq.ParquetFile(files[0], metadata=metadata, pre_buffer=False) as file:
        return file.read([name], use_threads=False).column(0)


def read_batches(
    connection: duckdb.DuckDBPyConnection, files: Sequence[Path], names: Sequence[str], rows: int, repeated: Sequence[str] = ()
) -> Iterator[pa.RecordBatch]:
    """Columns of all series part by part, about ``rows`` of them in each; texts that are ``repeated`` may come as numbers of their values."""
    import pyarrow.parquet as pq

    metadata = whole_file(files, names)
    if metadata is None:
        yield from ask_for_batches(connection, f"SELECT {', '.join(names)} FROM series ORDER BY row_no")
        return
    with pq.ParquetFile(files[0], metadata=metadata, read_dictionary=list(repeated), pre_buffer=False) as file:
        for batch in file.iter_batches(rows, columns=list(names), use_threads=False):
            yield batch.select(list(names))


def read_rows(connection: duckdb.DuckDBPyConnection, files: Sequence[Path], name: str, rows: NDArray[np.int64]) -> pa.Array:
    """A column of texts in these rows, which ascend."""
    import numpy as np
    import pyarrow as pa

    found, first = [], 0
    for batch in read_batches(connection, files, [name], _ROWS):
        start, end = np.searchsorted(rows, [first, first + len(batch)])
        found.append(batch.column(0).take(pa.array(rows[start:end] - first)).cast(pa.string()))
        first += len(batch)
    return pa.concat_arrays(found) if found else pa.array([], pa.string())


def _column(connection: duckdb.DuckDBPyConnection, name: str) -> pa.ChunkedArray:
    import pyarrow as pa

    batches = (batch.column(0) for batch in ask_for_batches(connection, f"SELECT {name} FROM series"))
    if SERIES_TYPES[name] != "VARCHAR":
        return pa.chunked_array(batches, arrow_type(name))
    # One by one: a million texts are seldom different.
    return pa.chunked_array((batch.dictionary_encode() for batch in batches), pa.dictionary(pa.int32(), pa.string()))
