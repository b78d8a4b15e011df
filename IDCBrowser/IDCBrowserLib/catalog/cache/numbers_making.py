"""Makes ``SeriesNumbers`` from the index, keeps them in its cache, and reads them from there.

Of each text the index has a number already: reading these takes a tenth of the time that comparing texts takes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from IDCBrowserLib.catalog.cache.coded import Coded, coded, numbered, sets_of
from IDCBrowserLib.catalog.cache.index_file import read_coded, read_numbers
from IDCBrowserLib.catalog.cache.series_numbers import CUBE, CUBE_COLUMNS, Columns, SeriesNumbers, missing, whole
from IDCBrowserLib.catalog.columns import COLLECTION_FILTERS, FACETS
from IDCBrowserLib.catalog.connection import ask, ask_for_batches, stop_if_cancelled
from IDCBrowserLib.catalog.filters import NUMBERS

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa
    from numpy.typing import NDArray

# In the cache: the cube, and a row per series.
_CACHED_CUBE, _CACHED_NUMBERS = "cached_cube", "series_numbers"
# The columns that ``NUMBERS`` are computed of.
_OF_TEXT = {"age_years": "PatientAge", "year": "StudyDate"}
_OF_NUMBER = {"size_bytes": "series_size_MB", "instanceCount": "instanceCount"}


def make_numbers(connection: duckdb.DuckDBPyConnection, files: Sequence[Path], column: Callable[[str], NDArray[Any]]) -> SeriesNumbers:
    """From ``series``, which ``files`` are: what facets are counted from, and ``column`` gives the rest. Makes the table ``CUBE``."""
    texts = read_coded(connection, files, ("StudyInstanceUID", *CUBE_COLUMNS))
    stop_if_cancelled()
    studies, count = texts["StudyInstanceUID"].column
    modalities = texts["Modality"]
    study_sets, sets = sets_of(studies, count, *modalities.column)
    cube, rows = numbered([*(texts[name].column for name in CUBE_COLUMNS), (study_sets[studies], len(sets))])
    of_cube = study_sets[studies[rows]]
    stated = [None, *modalities.values]
    shown = [[stated[place] for place in chosen] for chosen in sets]
    _create_cube(connection, {name: texts[name].at(rows) for name in CUBE_COLUMNS}, [shown[number] for number in of_cube.tolist()])
    facets = {name: Coded(texts[name].codes[rows], texts[name].texts) for name in CUBE_COLUMNS}
    return _finished(connection, Columns({"cube": _smallest(cube), "study": _smallest(studies)}, column), facets, of_cube, shown)


def make_column(connection: duckdb.DuckDBPyConnection, files: Sequence[Path], name: str) -> NDArray[Any]:
    """A further one of ``series_numbers.PARTS``, of ``series``, which ``files`` are."""
    if name == "of_case":
        texts = read_coded(connection, files, ("PatientID", "collection_id"))
        return _smallest(numbered(each.column for each in texts.values())[0])
    if name == "study":
        # Whoever has the others from a cache that turned out to be damaged lacks it.
        return _smallest(read_coded(connection, files, ("StudyInstanceUID",))["StudyInstanceUID"].column[0])
    if name in _OF_NUMBER:
        return _computed(connection, name, _OF_NUMBER[name], read_numbers(connection, files, _OF_NUMBER[name]))
    # Computed once for each text.
    of_row = read_coded(connection, files, [_OF_TEXT[name]])[_OF_TEXT[name]]
    values = _computed(connection, name, _OF_TEXT[name], of_row.texts)
    # That of -1 is the last.
    numbers: NDArray[Any] = np.append(values, values.dtype.type(missing(values)))[of_row.codes]
    return numbers


def _computed(connection: duckdb.DuckDBPyConnection, name: str, column: str, values: pa.Array | pa.ChunkedArray) -> NDArray[Any]:
    import pyarrow as pa

    connection.register("read_column", pa.table({column: values}))
    try:
        found = ask(connection, f"SELECT {NUMBERS[name]} AS number FROM read_column").fetchnumpy()["number"]
    finally:
        connection.unregister("read_column")
    return _smallest(_integers(found))


def _create_cube(connection: duckdb.DuckDBPyConnection, columns: Mapping[str, pa.Array], modalities: Sequence[Sequence[Any]]) -> None:
    """A row for each of the cube, with the modalities of its studies."""
    import pyarrow as pa

    connection.register("made_cube", pa.table({**columns, "study_modalities": pa.array(modalities, pa.list_(pa.string()))}))
    connection.execute(f"CREATE OR REPLACE TABLE {CUBE} AS SELECT * FROM made_cube")
    connection.unregister("made_cube")


def store_numbers(connection: duckdb.DuckDBPyConnection, numbers: SeriesNumbers, database: str) -> None:
    """Keep them in ``database``, for ``load_numbers``."""
    import pyarrow as pa

    connection.execute(f"CREATE TABLE {database}.{_CACHED_CUBE} AS SELECT * FROM {CUBE}")
    numbers.complete()
    stated = {name: pa.array(values, mask=values == missing(values)) for name, values in numbers.columns.items()}
    connection.register("made_numbers", pa.table(stated))
    connection.execute(f"CREATE TABLE {database}.{_CACHED_NUMBERS} AS SELECT * FROM made_numbers")
    connection.unregister("made_numbers")


def load_numbers(connection: duckdb.DuckDBPyConnection, column: Callable[[str], NDArray[Any]]) -> SeriesNumbers:
    """Those of the cache; ``column`` gives what facets are not counted from. Makes the table ``CUBE``."""
    connection.execute(f"CREATE OR REPLACE TABLE {CUBE} AS SELECT * FROM cached.{_CACHED_CUBE}")
    places: dict[tuple[Any, ...], int] = {}
    found = ask(connection, f"SELECT study_modalities FROM {CUBE}").fetchall()
    study_sets = np.array([places.setdefault(tuple(row[0]), len(places)) for row in found], np.int32)
    cube = ask_for_batches(connection, f"SELECT {', '.join(CUBE_COLUMNS)} FROM {CUBE}").read_all()
    facets = {name: coded(cube.column(name)) for name in CUBE_COLUMNS}
    return _finished(connection, Columns({"cube": load_column(connection, "cube")}, column), facets, study_sets, list(places))


def load_column(connection: duckdb.DuckDBPyConnection, name: str) -> NDArray[Any]:
    """One of ``series_numbers.PARTS`` from the cache, which has them in the fewest bytes."""
    return _integers(ask(connection, f"SELECT {name} FROM cached.{_CACHED_NUMBERS}").fetchnumpy()[name])


def _finished(
    connection: duckdb.DuckDBPyConnection, columns: Columns, facets: dict[str, Coded], study_sets: NDArray[Any], sets: Sequence[Sequence[Any]]
) -> SeriesNumbers:
    """With the facets of the cube, to which those come that collections are described by."""
    described = [column for column in FACETS if column in COLLECTION_FILTERS]
    rows = ask(connection, f"SELECT collection_id, {', '.join(described)} FROM collections").fetchall()
    of_collection = {row[0]: row[1:] for row in rows}
    collections = facets["collection_id"]
    for place, column in enumerate(described):
        facets[column] = _told(collections, [of_collection[value][place] for value in collections.values])
    counts = np.bincount(columns["cube"], minlength=len(study_sets))
    return SeriesNumbers(columns, counts, facets, study_sets, sets)


def _told(column: Coded, told: Sequence[str | None]) -> Coded:
    """What is told of each value of a column, as a column."""
    import pyarrow as pa

    found = coded(pa.chunked_array([pa.array([*told, None], pa.string())]))
    # That of -1 is the last.
    return Coded(found.codes[column.codes], found.texts)


def _integers(found: Any) -> NDArray[Any]:
    """With the least number of their type where DuckDB has NULL."""
    return whole(found, missing(np.ma.getdata(found)))


def _smallest(values: NDArray[Any]) -> NDArray[Any]:
    """The same numbers in the fewest bytes, the least number of whose type is again "not stated"."""
    known = values[values != missing(values)]
    low, high = (int(known.min()), int(known.max())) if len(known) else (0, 0)
    for kind in (np.int16, np.int32):
        if np.iinfo(kind).min < low and high <= np.iinfo(kind).max:
            small = np.full(len(values), np.iinfo(kind).min, kind)
            np.copyto(small, values.astype(kind), where=values != missing(values))
            return small
    return values
