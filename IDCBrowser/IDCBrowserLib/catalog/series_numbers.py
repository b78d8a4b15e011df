"""Every series as a few numbers, in the order of row_no: which row of the cube of facets it counts in, its study, its case, size, year, age.

A click on a filter is answered from these alone, in a few milliseconds; they are made from the index in half a second, or read from its cache.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from IDCBrowserLib.api.catalog import FacetBins, Totals
from IDCBrowserLib.catalog.coded import Coded, alike, numbered, sets_of
from IDCBrowserLib.catalog.columns import COLLECTION_FILTERS, FACETS
from IDCBrowserLib.catalog.conditions import Bindings
from IDCBrowserLib.catalog.connection import ask, stop_if_cancelled
from IDCBrowserLib.catalog.filters import NUMBERS, STUDY_MODALITY, typed
from IDCBrowserLib.catalog.number_bins import high_of, lows_of
from IDCBrowserLib.catalog.value_rows import is_empty

if TYPE_CHECKING:
    import duckdb
    from numpy.typing import NDArray

Number = TypeVar("Number", bound=np.generic)

CUBE_COLUMNS = tuple(column for column in FACETS if column not in COLLECTION_FILTERS)
# In memory, a row per combination of values that some series has (6,290 in v25 for a million series): what filters are evaluated on.
CUBE = "facet_cube"
# In the cache: the cube, and a row per series.
CACHED_CUBE, CACHED_NUMBERS = "cached_cube", "series_numbers"
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

    def of_studies(self, wanted: Mapping[str, Any]) -> NDArray[np.bool_]:
        """The rows of the cube whose studies have the modalities of a filter in its long form; None or "" is a series that states none."""
        either, each, none = ({None if is_empty(value) else str(value) for value in wanted.get(key) or ()} for key in ("any", "all", "none"))
        fits = [(not either or not either.isdisjoint(one)) and each.issubset(one) and none.isdisjoint(one) for one in self.sets]
        rows: NDArray[np.bool_] = np.array(fits, np.bool_)[self.study_sets]
        return rows

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


def make_numbers(connection: duckdb.DuckDBPyConnection) -> SeriesNumbers:
    """From ``series``; makes the table ``CUBE``.

    Texts are told apart by 64 bits that DuckDB mixes of them, as in ``counting``.
    """
    studies, _ = alike(_read(connection, "hash(StudyInstanceUID)"))
    cases, _ = alike(_read(connection, "hash(collection_id, PatientID)"))
    modalities, first = alike(_read(connection, "hash(Modality)"))
    study_sets, sets = sets_of(studies, int(studies.max(initial=-1)) + 1, modalities, len(first))
    facets, kinds = alike(_read(connection, f"hash({', '.join(CUBE_COLUMNS)})"))
    cube, rows = numbered([(facets, len(kinds)), (study_sets[studies], len(sets))])
    names = dict(ask(connection, f"SELECT row_no, Modality FROM series WHERE row_no IN ({_listed(first)})").fetchall())
    shown = [[names[number] for number in first[chosen].tolist()] for chosen in sets]
    of_cube = study_sets[studies[rows]]
    _create_cube(connection, rows, of_cube, shown)
    columns: dict[str, NDArray[Any]] = {"cube": cube, "study": studies, "of_case": cases}
    columns |= {name: _integers(_read(connection, expression)) for name, expression in NUMBERS.items()}
    return _finished(connection, {name: _smallest(values) for name, values in columns.items()}, of_cube, shown)


def _read(connection: duckdb.DuckDBPyConnection, expression: str) -> Any:
    """A number of each series. Column after column: all at once take more memory than time."""
    return ask(connection, f"SELECT {expression} AS number FROM series").fetchnumpy()["number"]


def _listed(numbers: NDArray[Any]) -> str:
    """As a subquery, in one text: DuckDB takes 70 microseconds for each value that is bound."""
    return f"SELECT unnest(string_split('{','.join(map(str, numbers.tolist()))}', ','))::BIGINT" if len(numbers) else "SELECT NULL::BIGINT"


def _create_cube(connection: duckdb.DuckDBPyConnection, rows: NDArray[np.int64], of_cube: NDArray[Any], sets: Sequence[Sequence[Any]]) -> None:
    """A row for each of the cube: what the series ``rows`` have, in their order, and the modalities of their studies."""
    bindings = Bindings()
    listed = ", ".join(f"({number}, {bindings.add(list(modalities))}::VARCHAR[])" for number, modalities in enumerate(sets)) or "(NULL, NULL)"
    placed = f"SELECT unnest(string_split('{','.join(map(str, rows.tolist()))}', ','))::BIGINT AS row_no, "
    placed += f"unnest(string_split('{','.join(map(str, of_cube.tolist()))}', ','))::INTEGER AS set_no"
    if not len(rows):
        placed = "SELECT NULL::BIGINT AS row_no, NULL::INTEGER AS set_no WHERE false"
    columns = ", ".join(CUBE_COLUMNS)
    query = (
        f"SELECT {columns}, study_modalities FROM (SELECT row_no, {columns} FROM series WHERE row_no IN ({_listed(rows)})) "
        f"JOIN ({placed}) USING (row_no) JOIN (VALUES {listed}) AS sets(set_no, study_modalities) USING (set_no) ORDER BY row_no"
    )
    ask(connection, f"CREATE OR REPLACE TABLE {CUBE} AS {query}", bindings.values)


def store_numbers(connection: duckdb.DuckDBPyConnection, numbers: SeriesNumbers, database: str) -> None:
    """Keep them in ``database``, for ``load_numbers``."""
    import pyarrow as pa

    connection.execute(f"CREATE TABLE {database}.{CACHED_CUBE} AS SELECT * FROM {CUBE}")
    stated = {name: pa.array(values, mask=values == _missing(values)) for name, values in numbers.columns.items()}
    connection.register("made_numbers", pa.table(stated))
    connection.execute(f"CREATE TABLE {database}.{CACHED_NUMBERS} AS SELECT * FROM made_numbers")
    connection.unregister("made_numbers")


def load_numbers(connection: duckdb.DuckDBPyConnection) -> SeriesNumbers:
    """Those of the cache; makes the table ``CUBE``."""
    connection.execute(f"CREATE OR REPLACE TABLE {CUBE} AS SELECT * FROM cached.{CACHED_CUBE}")
    # Column after column, as ``_read``; they are stored in the fewest bytes.
    columns = {name: _integers(ask(connection, f"SELECT {name} FROM cached.{CACHED_NUMBERS}").fetchnumpy()[name]) for name in _PARTS}
    sets = _coded([tuple(row[0]) for row in ask(connection, f"SELECT study_modalities FROM {CUBE}").fetchall()])
    return _finished(connection, columns, sets.codes, sets.values)


def _finished(
    connection: duckdb.DuckDBPyConnection,
    columns: Mapping[str, NDArray[Any]],
    study_sets: NDArray[Any],
    sets: Sequence[Sequence[Any]],
) -> SeriesNumbers:
    """With the facets of the cube, and those that collections are described by."""
    cube = ask(connection, f"SELECT {', '.join(CUBE_COLUMNS)} FROM {CUBE}").fetchall()
    facets = {name: _coded([row[place] for row in cube]) for place, name in enumerate(CUBE_COLUMNS)}
    described = [column for column in FACETS if column in COLLECTION_FILTERS]
    rows = ask(connection, f"SELECT collection_id, {', '.join(described)} FROM collections").fetchall()
    of_collection = {row[0]: row[1:] for row in rows}
    collections = facets["collection_id"]
    for place, column in enumerate(described):
        told = _coded([None, *(of_collection[value][place] for value in collections.values)])
        facets[column] = Coded(told.codes[collections.codes + 1], told.values)
    counts = np.bincount(columns["cube"], minlength=len(study_sets))
    return SeriesNumbers(columns, counts, facets, study_sets, sets)


def _coded(values: Sequence[Any]) -> Coded:
    """Of few values, which Python compares."""
    places: dict[Any, int] = {}
    codes = [-1 if value is None else places.setdefault(value, len(places)) for value in values]
    return Coded(np.array(codes, np.int32), list(places))


def _integers(found: Any) -> NDArray[Any]:
    """With the least number of their type where DuckDB has NULL."""
    return _whole(found, _missing(np.ma.getdata(found)))


def _whole(found: Any, empty: Any) -> NDArray[Any]:
    mask = np.ma.getmaskarray(found)
    whole: NDArray[Any] = np.ma.getdata(found)
    if mask.any():
        whole = whole.copy()
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
    stated = [typed(column, "BIGINT", value) for value in wanted if not is_empty(value)]
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
