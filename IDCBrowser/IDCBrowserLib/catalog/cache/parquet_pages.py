"""Some rows out of the middle of a Parquet file whose row group has a million: only the pages that hold them are read.

Such a group can be neither skipped nor entered in its middle by DuckDB or Arrow, which decode each column from its first row on: a quarter of a
second for a study at the end of IDC's index. The headers of the pages say how many rows each has; they are walked through once, which takes 20 ms.
Of each column the pages with the wanted rows, and its dictionary, then become a small Parquet file in memory, which Arrow reads.
"""

from __future__ import annotations

import bisect
import logging
import os
import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from IDCBrowserLib.catalog.cache import thrift
from IDCBrowserLib.catalog.cache.arrow_memory import lean_memory

if TYPE_CHECKING:
    import pyarrow as pa

logger = logging.getLogger(__name__)

_MAGIC = b"PAR1"
_TYPES = {"INT32": 1, "INT64": 2, "DOUBLE": 5, "BYTE_ARRAY": 6}
_CODECS = {"UNCOMPRESSED": 0, "SNAPPY": 1, "GZIP": 2, "BROTLI": 4, "ZSTD": 6}
_UTF8 = 0
# FieldRepetitionType; a column without fields is defined on as many levels.
_REQUIRED, _OPTIONAL = 0, 1
_PLAIN, _RLE, _RLE_DICTIONARY = 0, 3, 8
# By type of page: where its header has the number of values, and their encoding.
_DICTIONARY_PAGE = 2
_DATA_PAGES = {0: (5, 2), 3: (8, 4)}
# Headers hold the least and the greatest value of their page.
_HEADER_BYTES = 4096
# Of the last answers: what is below a case is asked for next.
_KEPT = 4
_MOST_KEPT_ROWS = 1000
# Of more, the columns are read as fast.
_MOST_ROWS = 20_000


@dataclass(frozen=True)
class _Column:
    """One column: its pages by their first rows; ``dictionary`` (offset, length) where it has one."""

    name: str
    kind: int
    codec: int
    is_text: bool
    repetition: int
    dictionary: tuple[int, int] | None
    first_rows: list[int]
    # Offset, length, number of rows, and whether the dictionary is needed.
    pages: list[tuple[int, int, int, bool]]


class ParquetPages:
    """``types`` are the columns with their types in SQL. Whatever the file has that is not foreseen here makes ``rows`` answer None."""

    def __init__(self, path: Path, types: Mapping[str, str]) -> None:
        self._path = path
        self._types = types
        self._columns: list[_Column] | None = None
        self._kept: OrderedDict[tuple[int, int], pa.Table] = OrderedDict()
        self._lock = threading.Lock()

    def rows(self, first: int, last: int) -> pa.Table | None:
        """All columns of these rows (both ends included) with their ``row_no``; None where they are too many or cannot be read so."""
        if last - first >= _MOST_ROWS:
            return None
        with self._lock:
            return self._rows(first, last)

    def _rows(self, first: int, last: int) -> pa.Table | None:
        import pyarrow as pa

        for (start, end), table in list(self._kept.items()):
            if start <= first and last <= end:
                return table.slice(first - start, last - first + 1)
        try:
            table = self._read(first, last)
        except (OSError, ValueError, LookupError, TypeError, pa.ArrowException) as error:
            # Asked in the usual way, the file says itself what is wrong with it.
            logger.debug("%s is not read by pages: %s", self._path, error)
            self._columns = []
            return None
        if table is not None and len(table) <= _MOST_KEPT_ROWS:
            self._kept[first, last] = table
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        return table

    def _read(self, first: int, last: int) -> pa.Table | None:
        import pyarrow as pa

        with lean_memory(), self._path.open("rb") as file:
            if self._columns is None:
                self._columns = _columns(self._path, file, self._types)
            if not self._columns:
                return None
            arrays = {"row_no": pa.array(range(first, last + 1), pa.int64())}
            for column in self._columns:
                arrays[column.name] = _values(file, column, first, last)
        return pa.table(arrays)


def _columns(path: Path, file: BinaryIO, types: Mapping[str, str]) -> list[_Column]:
    """None at all for a file of another shape."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    fitting = {"VARCHAR": (pa.string(), pa.large_string()), "BIGINT": (pa.int64(),), "DOUBLE": (pa.float64(),)}
    with pq.ParquetFile(path) as opened:
        schema, metadata = opened.schema_arrow, opened.metadata
    if metadata.num_row_groups != 1 or any(name not in schema.names or schema.field(name).type not in fitting[kind] for name, kind in types.items()):
        return []
    group = metadata.row_group(0)
    # A column with fields has several places.
    places = {group.column(place).path_in_schema: place for place in range(group.num_columns)}
    size = os.fstat(file.fileno()).st_size
    columns = []
    for name in types:
        chunk, leaf = group.column(places[name]), metadata.schema.column(places[name])
        if leaf.max_definition_level not in (_REQUIRED, _OPTIONAL) or leaf.max_repetition_level != 0:
            return []
        if chunk.physical_type not in _TYPES or chunk.compression not in _CODECS:
            return []
        start = chunk.dictionary_page_offset if chunk.has_dictionary_page else chunk.data_page_offset
        end = start + chunk.total_compressed_size
        if end > size:
            return []
        dictionary, pages = _pages(file, start, end)
        *first_rows, rows = accumulate((page[2] for page in pages), initial=0)
        if rows != metadata.num_rows:
            return []
        is_text = types[name] == "VARCHAR"
        codec = _CODECS[chunk.compression]
        columns.append(_Column(name, _TYPES[chunk.physical_type], codec, is_text, leaf.max_definition_level, dictionary, first_rows, pages))
    return columns


def _pages(file: BinaryIO, start: int, end: int) -> tuple[tuple[int, int] | None, list[tuple[int, int, int, bool]]]:
    """The dictionary and the pages of data of one column, from their headers; raises ``ValueError`` where these go backward or beyond the end."""
    dictionary, pages = None, []
    while start < end:
        file.seek(start)
        header, length = thrift.read(file.read(_HEADER_BYTES))
        kind, whole = header[1], length + header[3]
        if header[3] < 0 or start + whole > end:
            raise ValueError("a page goes beyond its column")
        if kind == _DICTIONARY_PAGE:
            dictionary = (start, whole)
        else:
            place, encoding = _DATA_PAGES[kind]
            about = header[place]
            if about[1] < 0:
                raise ValueError("a page has fewer rows than none")
            pages.append((start, whole, about[1], about[encoding] != _PLAIN))
        start += whole
    return dictionary, pages


def _values(file: BinaryIO, column: _Column, first: int, last: int) -> pa.Array:
    """The values of these rows."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    low = bisect.bisect_right(column.first_rows, first) - 1
    high = bisect.bisect_right(column.first_rows, last) - 1
    pages = column.pages[low : high + 1]
    file.seek(pages[0][0])
    data = file.read(pages[-1][0] + pages[-1][1] - pages[0][0])
    dictionary = b""
    if column.dictionary is not None and any(page[3] for page in pages):
        file.seek(column.dictionary[0])
        dictionary = file.read(column.dictionary[1])
    rows = sum(page[2] for page in pages)
    small = _small_file(column, dictionary, data, rows)
    with pq.ParquetFile(pa.BufferReader(small), pre_buffer=False) as opened:
        whole = opened.read(use_threads=False).column(0).slice(first - column.first_rows[low], last - first + 1)
    # A copy: the rest of the page is not kept.
    return pa.array(whole.to_pylist(), whole.type)


def _small_file(column: _Column, dictionary: bytes, data: bytes, rows: int) -> bytes:
    """A whole Parquet file of one column (parquet.thrift of the format's specification)."""
    start = len(_MAGIC)
    name = column.name.encode()
    about: thrift.Struct = {
        1: column.kind,
        2: [_PLAIN, _RLE, _RLE_DICTIONARY],
        3: [name],
        4: column.codec,
        5: thrift.Long(rows),
        6: thrift.Long(len(dictionary) + len(data)),
        7: thrift.Long(len(dictionary) + len(data)),
        9: thrift.Long(start + len(dictionary)),
    }
    if dictionary:
        about[11] = thrift.Long(start)
    leaf: thrift.Struct = {1: column.kind, 3: column.repetition, 4: name}
    if column.is_text:
        leaf[6] = _UTF8
    footer = thrift.write(
        {
            1: 2,
            2: [{4: b"schema", 5: 1}, leaf],
            3: thrift.Long(rows),
            4: [{1: [{2: thrift.Long(start), 3: about}], 2: thrift.Long(len(dictionary) + len(data)), 3: thrift.Long(rows)}],
        }
    )
    return b"".join((_MAGIC, dictionary, data, footer, len(footer).to_bytes(4, "little"), _MAGIC))
