"""What searching needs, made from the rows of the levels and from numbers: as ``derived.QUERIES`` say, in a third of their time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from IDCBrowserLib.catalog.cache.coded import Coded, numbered
from IDCBrowserLib.catalog.cache.derived import FULL_NAME, uid_code
from IDCBrowserLib.catalog.cache.index_file import read_rows

if TYPE_CHECKING:
    import duckdb
    from numpy.typing import NDArray

# On the tables of the levels in the database that is made.
QUERIES_ON_LEVELS = {
    "search_cases": f"SELECT collection_id, PatientID, {FULL_NAME} FROM made.level_cases",
    "uid_codes": (
        f"SELECT code, row_no::INTEGER AS row_no FROM (SELECT {uid_code('StudyInstanceUID')} AS code, first_row AS row_no FROM made.level_studies "
        f"UNION ALL SELECT {uid_code('SeriesInstanceUID')}, row_no FROM series) ORDER BY code"
    ),
}


def create_descriptions(connection: duckdb.DuckDBPyConnection, files: Sequence[Path], texts: Callable[[str], Coded], table: str) -> None:
    """Make ``search_descriptions`` of ``series``, which ``files`` are; ``texts`` gives columns of it."""
    import pyarrow as pa

    parts = []
    for level, name, once in (("series", "SeriesDescription", ()), ("studies", "StudyDescription", ("StudyInstanceUID",))):
        rows, counts = _described(texts, name, once)
        ids = texts(once[0]).at(rows) if once else read_rows(connection, files, "SeriesInstanceUID", rows)
        columns = {"collection_id": texts("collection_id").at(rows), "text": texts(name).at(rows), "n": counts, "id": ids}
        connection.register(f"of_{level}", pa.table(columns))
        parts.append(f"SELECT '{level}' AS level, collection_id, text, lower(text) AS plain, n, id FROM of_{level}")
    connection.execute(f"CREATE TABLE {table} AS {' UNION ALL '.join(parts)}")
    for level in ("series", "studies"):
        connection.unregister(f"of_{level}")


def _described(texts: Callable[[str], Coded], name: str, once: Sequence[str]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The first row of each description of a collection, and how many have it; of those that are alike in a column ``once``, one counts."""
    rows = np.flatnonzero(texts(name).codes >= 0)
    for columns in ((*once, "collection_id", name), ("collection_id", name)) if once else (("collection_id", name),):
        numbers, first = numbered((codes[rows], count) for codes, count in (texts(column).column for column in columns))
        rows, counts = rows[first], np.bincount(numbers)
    return rows, counts
