"""Every series as a few numbers, in the order of row_no: which row of the cube of facets it counts in, its study, its case, size, year, age.

A click on a filter is answered from these alone, in a few milliseconds. They are made from the index, or read from its cache (``numbers_making``).
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from IDCBrowserLib.api.catalog import FacetBins, Totals
from IDCBrowserLib.catalog.cache.coded import Coded
from IDCBrowserLib.catalog.columns import COLLECTION_FILTERS, FACETS
from IDCBrowserLib.catalog.conditions import Bindings
from IDCBrowserLib.catalog.connection import ask, stop_if_cancelled
from IDCBrowserLib.catalog.filters import NUMBERS, STUDY_MODALITY, typed
from IDCBrowserLib.catalog.number_bins import high_of, lows_of
from IDCBrowserLib.catalog.value_rows import is_empty

if TYPE_CHECKING:
    import duckdb
    from numpy.typing import NDArray

CUBE_COLUMNS = tuple(column for column in FACETS if column not in COLLECTION_FILTERS)
# In memory, a row per combination of values that some series has (6,290 in v25 for a million series): what filters are evaluated on.
CUBE = "facet_cube"
PARTS = ("cube", "study", "of_case", *NUMBERS)


class Columns(dict[str, "NDArray[Any]"]):
    """The numbers of each series, by name (``PARTS``): those that there are, and others as ``make`` gives them when they are first asked for."""

    def __init__(self, made: Mapping[str, NDArray[Any]], make: Callable[[str], NDArray[Any]]) -> None:
        super().__init__(made)
        self._make = make
        self._lock = threading.Lock()

    def __missing__(self, name: str) -> NDArray[Any]:
        with self._lock:
            if name not in self:
                self[name] = self._make(name)
        return self[name]


@dataclass(frozen=True)
class SeriesNumbers:
    """``columns`` of (n,) integers by name; a number that is not stated is the least of its type, ``study`` and ``of_case`` are
    numbers from 0 on. ``cube`` names rows of the columns in ``facets``; ``sets`` are the modalities of studies, ``study_sets`` which of them
    a row of the cube has.
    """

    columns: Columns
    counts: NDArray[np.int64]
    facets: Mapping[str, Coded]
    study_sets: NDArray[Any]
    sets: Sequence[Sequence[Any]]

    def complete(self) -> None:
        """Have all columns made that nobody asked for yet."""
        for name in PARTS:
            self.columns[name]

    def cube_masks(self, connection: duckdb.DuckDBPyConnection, conditions: Mapping[str, str], bindings: Bindings) -> dict[str, NDArray[np.bool_]]:
        """For each SQL condition the rows of the cube that meet it."""
        stop_if_cancelled()
        if not conditions:
            return {}
        selected = ", ".join(f"coalesce({condition}, false) AS c{place}" for place, condition in enumerate(conditions.values()))
        found = ask(connection, f"SELECT {selected} FROM {CUBE}", bindings.values).fetchnumpy()
        return {name: whole(found[f"c{place}"], False) for place, name in enumerate(conditions)}

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
        known = values != missing(values)
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
        chosen = {name: self.columns[name] for name in ("study", "of_case", "size_bytes")}
        if rows is not None:
            chosen = {name: values[rows] for name, values in chosen.items()}
        sizes = chosen["size_bytes"]
        return {
            "series": len(sizes),
            "studies": _distinct(chosen["study"]),
            "cases": _distinct(chosen["of_case"]),
            "bytes": int(sizes[sizes != missing(sizes)].sum(dtype=np.int64)),
        }

    def bins(self, column: str, rows: NDArray[np.bool_] | None, is_single: bool) -> FacetBins:
        """How the numbers of these series are distributed; ``is_single``: each number is a bin of its own."""
        values = self.columns[column] if rows is None else self.columns[column][rows]
        stated = values[values != missing(values)].astype(np.int64)
        lows, counts = np.unique(stated if is_single else lows_of(stated), return_counts=True)
        pairs = zip(lows.tolist(), counts.tolist(), strict=True)
        return {
            "bins": [[low, low if is_single else high_of(low), count] for low, count in pairs],
            "min": int(stated.min()) if len(stated) else None,
            "max": int(stated.max()) if len(stated) else None,
            "not_stated": len(values) - len(stated),
        }


def missing(values: NDArray[Any]) -> int:
    """What stands for "not stated" among numbers of this type."""
    return int(np.iinfo(values.dtype).min)


def whole(found: Any, empty: Any) -> NDArray[Any]:
    """What DuckDB gives, with ``empty`` where it has NULL."""
    mask = np.ma.getmaskarray(found)
    values: NDArray[Any] = np.ma.getdata(found)
    if mask.any():
        values = values.copy()
        values[mask] = empty
    return values


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
