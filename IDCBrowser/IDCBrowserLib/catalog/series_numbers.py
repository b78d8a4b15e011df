"""Every series as a few numbers, in the order of row_no: which row of the cube of facets it counts in, its study, its case, size, year, age.

A click on a filter is answered from these alone, in a few milliseconds; they are made from the index in half a second, or read from its cache.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from IDCBrowserLib.api.catalog import FacetBins, Totals
from IDCBrowserLib.catalog.coded import Coded, coded, lean_memory, numbered, read_runs, read_texts, sets_of
from IDCBrowserLib.catalog.columns import COLLECTION_FILTERS, FACETS, SERIES_TYPES
from IDCBrowserLib.catalog.conditions import Bindings
from IDCBrowserLib.catalog.connection import ask, stop_if_cancelled
from IDCBrowserLib.catalog.filters import NUMBERS, STUDY_MODALITY, typed
from IDCBrowserLib.catalog.number_bins import high_of, lows_of

if TYPE_CHECKING:
    import duckdb
    from numpy.typing import NDArray

Number = TypeVar("Number", bound=np.generic)

CUBE_COLUMNS = tuple(column for column in FACETS if column not in COLLECTION_FILTERS)
# In memory, a row per combination of values that some series has (6,290 in v25 for a million series): what filters are evaluated on.
CUBE = "facet_cube"
# In the cache: the cube, and a row per series.
CACHED_CUBE, CACHED_NUMBERS = "cached_cube", "series_numbers"
_TEXTS = tuple(column for column in CUBE_COLUMNS if SERIES_TYPES[column] == "VARCHAR")
_VERSIONS = tuple(column for column in CUBE_COLUMNS if column not in _TEXTS)
# Numbers that are told from a text: the column of it.
_TOLD = {"age_years": "PatientAge", "year": "StudyDate"}
_PARTS = ("cube", "study", "of_case", *NUMBERS)


@dataclass(frozen=True)
class SeriesNumbers:
    """``columns`` of (n,) integers by name (``_PARTS``); a number that is not stated is the least of its type, ``study`` and ``of_case`` are
    counted as they come. ``cube`` names rows of the columns in ``facets``; ``sets`` are the modalities of studies, ``study_sets`` which of them
    a row of the cube has.
    """

    columns: Mapping[str, NDArray[Any]]
    counts: NDArray[np.int64]
    facets: Mapping[str, Coded]
    study_sets: NDArray[Any]
    sets: Sequence[Sequence[Any]]

    def cube_masks(self, connection: duckdb.DuckDBPyConnection, conditions: Mapping[str, str], bindings: Bindings) -> dict[str, NDArray[np.bool_]]:
        """For each SQL condition the rows of the cube that meet it."""
        stop_if_cancelled()
        if not conditions:
            return {}
        selected = ", ".join(f"coalesce({condition}, false) AS c{place}" for place, condition in enumerate(conditions.values()))
        found = ask(connection, f"SELECT {selected} FROM {CUBE}", bindings.values).fetchnumpy()
        return {name: _whole(found[f"c{place}"], False) for place, name in enumerate(conditions)}

    def listed(self, numbers: Any) -> NDArray[np.bool_]:
        """The series with these row_no, as DuckDB gives them."""
        mask = np.zeros(len(self.columns["cube"]), np.bool_)
        mask[numbers] = True
        return mask

    def show(self, connection: duckdb.DuckDBPyConnection, name: str, column: str) -> None:
        """For this connection a relation of row_no and one of the columns."""
        import pyarrow as pa

        values = self.columns[column]
        connection.register(name, pa.table({"row_no": np.arange(len(values)), column: values}))

    def in_range(self, column: str, wanted: Mapping[str, Any]) -> NDArray[np.bool_]:
        """The series whose number meets a filter in its long form, as ``filters.values_condition`` says in SQL."""
        values = self.columns[column]
        known = values != _missing(values)
        low, high = (None if wanted.get(end) is None else typed(column, "DOUBLE", wanted[end]) for end in ("min", "max"))
        parts = []
        if low is not None or high is not None:
            inside = known.copy()
            if low is not None:
                inside &= values >= low
            if high is not None:
                inside &= values <= high
            parts.append(inside)
        if wanted.get("any"):
            parts.append(_one_of(column, values, known, wanted["any"]))
        mask = np.logical_or.reduce(parts) if parts else np.ones(len(values), np.bool_)
        return mask & ~_one_of(column, values, known, wanted["none"]) if wanted.get("none") else mask

    def in_cube(self, fits: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """The series that count in these rows of the cube."""
        inside: NDArray[np.bool_] = fits[self.columns["cube"]]
        return inside

    def weights(self, rows: NDArray[np.bool_] | None) -> NDArray[np.int64]:
        """How many of these series (None: all) each row of the cube has."""
        return self.counts if rows is None else np.bincount(self.columns["cube"][rows], minlength=len(self.counts))

    def value_counts(self, column: str, weights: NDArray[np.int64]) -> list[tuple[Any, int]]:
        """Series per value of a facet, most first; None is "not stated"."""
        if column == STUDY_MODALITY:
            found: dict[Any, int] = {}
            for values, count in zip(self.sets, _sums(self.study_sets, weights, len(self.sets)), strict=True):
                for value in values:
                    found[value] = found.get(value, 0) + count
            pairs = list(found.items())
        else:
            facet = self.facets[column]
            codes, kinds = facet.column
            pairs = list(zip([None, *facet.values], _sums(codes, weights, kinds), strict=True))
        return sorted(((value, count) for value, count in pairs if count), key=lambda pair: (-pair[1], pair[0] is None, pair[0]))

    def totals(self, rows: NDArray[np.bool_] | None) -> Totals:
        """What these series come to; None: all."""
        chosen = self.columns if rows is None else {name: self.columns[name][rows] for name in ("study", "of_case", "size_bytes")}
        sizes = chosen["size_bytes"]
        return {
            "series": len(sizes),
            "studies": _distinct(chosen["study"]),
            "cases": _distinct(chosen["of_case"]),
            "bytes": int(sizes[sizes != _missing(sizes)].sum(dtype=np.int64)),
        }

    def bins(self, column: str, rows: NDArray[np.bool_] | None, is_single: bool) -> FacetBins:
        """How the numbers of these series are distributed; ``is_single``: each number is a bin of its own."""
        values = self.columns[column] if rows is None else self.columns[column][rows]
        stated = values[values != _missing(values)].astype(np.int64)
        lows, counts = np.unique(stated if is_single else lows_of(stated), return_counts=True)
        pairs = zip(lows.tolist(), counts.tolist(), strict=True)
        return {
            "bins": [[low, low if is_single else high_of(low), count] for low, count in pairs],
            "min": int(stated.min()) if len(stated) else None,
            "max": int(stated.max()) if len(stated) else None,
            "not_stated": len(values) - len(stated),
        }


def make_numbers(connection: duckdb.DuckDBPyConnection, files: Sequence[Path]) -> SeriesNumbers:
    """From ``series``, which ``files`` are; makes the table ``CUBE``."""
    with lean_memory():
        return _made(connection, files)


def _made(connection: duckdb.DuckDBPyConnection, files: Sequence[Path]) -> SeriesNumbers:
    import pyarrow as pa

    texts: dict[str, Coded] = {}
    for name in _TEXTS:
        texts[name] = read_texts(connection, files, name)
        stop_if_cancelled()
    patients = read_texts(connection, files, "PatientID")
    cases, _ = numbered([texts["collection_id"].column, patients.column])
    del patients
    studies, study_count = read_runs(connection, files, "StudyInstanceUID")
    modality = texts["Modality"]
    # That a modality is not stated is one more.
    study_sets, sets = sets_of(studies, study_count, *modality.column)
    named = sorted(range(len(modality.values) + 1), key=lambda code: (code == 0, modality.values[code - 1] if code else ""))
    place = {code: number for number, code in enumerate(named)}
    shown = [[modality.values[code - 1] if code else None for code in sorted(codes, key=place.__getitem__)] for codes in sets]
    exact = f"SELECT {NUMBERS['size_bytes']} AS size_bytes, instanceCount, {', '.join(_VERSIONS)} FROM series"
    stated = ask(connection, exact).fetchnumpy()
    versions = {name: coded(pa.chunked_array([pa.array(stated[name])])) for name in _VERSIONS}
    all_facets = {**texts, **versions}
    cube, count = numbered([*(facet.column for facet in all_facets.values()), (study_sets[studies], max(1, len(sets)))])
    columns: dict[str, NDArray[Any]] = {"cube": cube, "study": studies, "of_case": cases}
    columns |= {name: _integers(stated[name]) for name in NUMBERS if name in stated}
    columns |= {name: _told(connection, name, read_texts(connection, files, text)) for name, text in _TOLD.items()}
    first = np.zeros(count, np.int64)
    first[cube[::-1]] = np.arange(len(cube) - 1, -1, -1)
    facets = {name: Coded(all_facets[name].codes[first], all_facets[name].values) for name in CUBE_COLUMNS}
    of_cube = study_sets[studies[first]]
    _create_cube(connection, facets, [shown[number] for number in of_cube.tolist()])
    return _finished(connection, {name: _smallest(values) for name, values in columns.items()}, facets, of_cube, shown)


def store_numbers(connection: duckdb.DuckDBPyConnection, numbers: SeriesNumbers, database: str) -> None:
    """Keep them in ``database`` (a quoted name), for ``load_numbers``."""
    import pyarrow as pa

    connection.execute(f"CREATE TABLE {database}.{CACHED_CUBE} AS SELECT * FROM {CUBE}")
    stated = {name: pa.array(values, mask=values == _missing(values)) for name, values in numbers.columns.items()}
    connection.register("made_numbers", pa.table(stated))
    connection.execute(f"CREATE TABLE {database}.{CACHED_NUMBERS} AS SELECT * FROM made_numbers")
    connection.unregister("made_numbers")


def load_numbers(connection: duckdb.DuckDBPyConnection) -> SeriesNumbers:
    """Those of the cache; makes the table ``CUBE``."""
    connection.execute(f"CREATE OR REPLACE TABLE {CUBE} AS SELECT * FROM cached.{CACHED_CUBE}")
    found = ask(connection, f"SELECT {', '.join(_PARTS)} FROM cached.{CACHED_NUMBERS}").fetchnumpy()
    columns = {name: _smallest(_integers(values)) for name, values in found.items()}
    rows = ask(connection, f"SELECT {', '.join(CUBE_COLUMNS)}, study_modalities FROM {CUBE}").fetchall()
    facets = {name: _coded([row[place] for row in rows]) for place, name in enumerate(CUBE_COLUMNS)}
    sets = _coded([tuple(row[-1]) for row in rows])
    return _finished(connection, columns, facets, sets.codes, sets.values)


def _finished(
    connection: duckdb.DuckDBPyConnection,
    columns: Mapping[str, NDArray[Any]],
    facets: dict[str, Coded],
    study_sets: NDArray[Any],
    sets: Sequence[Sequence[Any]],
) -> SeriesNumbers:
    """With the facets that collections are described by."""
    described = [column for column in FACETS if column in COLLECTION_FILTERS]
    rows = ask(connection, f"SELECT collection_id, {', '.join(described)} FROM collections").fetchall()
    of_collection = {row[0]: row[1:] for row in rows}
    collections = facets["collection_id"]
    for place, column in enumerate(described):
        told = _coded([None, *(of_collection[value][place] for value in collections.values)])
        facets[column] = Coded(told.codes[collections.codes + 1], told.values)
    counts = np.bincount(columns["cube"], minlength=len(study_sets))
    return SeriesNumbers(columns, counts, facets, study_sets, sets)


def _create_cube(connection: duckdb.DuckDBPyConnection, facets: Mapping[str, Coded], modalities: Sequence[Sequence[Any]]) -> None:
    import pyarrow as pa

    kinds = {name: pa.string() if SERIES_TYPES[name] == "VARCHAR" else pa.int64() for name in facets}
    columns: dict[str, Any] = {name: pa.array([None, *facet.values], kinds[name]).take(pa.array(facet.codes + 1)) for name, facet in facets.items()}
    columns["study_modalities"] = pa.array(modalities, pa.list_(pa.string()))
    connection.register("made_cube", pa.table(columns))
    connection.execute(f"CREATE OR REPLACE TABLE {CUBE} AS SELECT * FROM made_cube")
    connection.unregister("made_cube")


def _told(connection: duckdb.DuckDBPyConnection, name: str, texts: Coded) -> NDArray[np.int64]:
    """A number of each series, computed once for each text."""
    import pyarrow as pa

    connection.register("told_texts", pa.table({_TOLD[name]: pa.array(texts.values, pa.string())}))
    rows = ask(connection, f"SELECT {NUMBERS[name]} FROM told_texts").fetchall()
    connection.unregister("told_texts")
    least = np.iinfo(np.int64).min
    return np.array([least, *(least if row[0] is None else row[0] for row in rows)], np.int64)[texts.codes + 1]


def _coded(values: Sequence[Any]) -> Coded:
    """Of few values, which Python compares."""
    places: dict[Any, int] = {}
    codes = [-1 if value is None else places.setdefault(value, len(places)) for value in values]
    return Coded(np.array(codes, np.int32), list(places))


def _integers(found: Any) -> NDArray[np.int64]:
    """With the least number where DuckDB has NULL."""
    return _whole(found, np.iinfo(np.int64).min, np.int64)


def _whole(found: Any, empty: Any, kind: type[Any] = np.bool_) -> NDArray[Any]:
    mask = np.ma.getmaskarray(found)
    whole: NDArray[Any] = np.ma.getdata(found).astype(kind)
    whole[mask] = empty
    return whole


def _smallest(values: NDArray[Any]) -> NDArray[Any]:
    """The same numbers in the fewest bytes, the least number of whose type is again "not stated"."""
    known = values[values != _missing(values)]
    low, high = (int(known.min()), int(known.max())) if len(known) else (0, 0)
    for kind in (np.int16, np.int32):
        if np.iinfo(kind).min < low and high <= np.iinfo(kind).max:
            small = np.full(len(values), np.iinfo(kind).min, kind)
            np.copyto(small, values.astype(kind), where=values != _missing(values))
            return small
    return values


def _missing(values: NDArray[Any]) -> int:
    return int(np.iinfo(values.dtype).min)


def _one_of(column: str, values: NDArray[Any], known: NDArray[np.bool_], wanted: Sequence[Any]) -> NDArray[np.bool_]:
    stated = [typed(column, "BIGINT", value) for value in wanted if value is not None and value != ""]
    here = [value for value in stated if abs(value) <= np.iinfo(np.int64).max]
    mask = known & np.isin(values, np.array(here, np.int64)) if here else np.zeros(len(values), np.bool_)
    return mask | ~known if len(stated) < len(wanted) else mask


def _sums(codes: NDArray[Any], weights: NDArray[np.int64], kinds: int) -> list[int]:
    # Sums of counts of series are exact in 53 bits.
    sums: list[int] = np.bincount(codes, weights, kinds).astype(np.int64).tolist()
    return sums


def _distinct(numbers: NDArray[Any]) -> int:
    """How many different ones, of numbers from 0 on."""
    there = np.zeros(int(numbers.max()) + 1 if len(numbers) else 0, np.bool_)
    there[numbers] = True
    return int(np.count_nonzero(there))
