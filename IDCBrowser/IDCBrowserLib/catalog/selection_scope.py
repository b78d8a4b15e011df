"""The scope of a selection: a filtered part of it, plus referenced images, plus objects derived from its images.

All of it is SQL over ``series`` by row number, so that a collection of 600,000 series is counted without noticeable delay.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from IDCBrowserLib.api.selection import Counts
from IDCBrowserLib.catalog.conditions import Bindings, Filters, Selection
from IDCBrowserLib.catalog.connection import ask
from IDCBrowserLib.catalog.filters import filter_conditions
from IDCBrowserLib.catalog.related import DERIVED_MODALITIES, indexed_modalities
from IDCBrowserLib.catalog.views import Views

if TYPE_CHECKING:
    import duckdb

# Identifiers in one statement: a million at once would take the memory of the catalog.
_AT_ONCE = 100_000
# Series of a guess that are named.
_MOST_NAMED = 3
_DERIVED = ", ".join(f"'{name}'" for name in DERIVED_MODALITIES)
_IS_DERIVED = f"coalesce(Modality, '') IN ({_DERIVED})"


# The image series that series refer to, by SeriesInstanceUID.
Images = Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class SelectionScope:
    """``keep``: filters on the selection. Then ``references`` adds the images that derived series refer to, ``derived`` adds series derived from
    images. Where no index file states the reference, all images (or derived series) of the study are added, since it is one of them.

    ``read`` is asked for the images of series of which no index states them, unless they are many; it leaves out those that it does not know.
    """

    keep: Filters = field(default_factory=dict)
    references: bool = False
    derived: bool = False
    read: Callable[[Sequence[str]], Images] | None = field(default=None, compare=False)

    @property
    def adds(self) -> bool:
        """Whether the scope may contain more than the selection."""
        return self.references or self.derived


@dataclass(frozen=True)
class Guesses:
    """``images``: selected series whose referenced images neither an index file nor they themselves state; ``named``: these, where they are
    few. ``derived``: added series that may refer to other images.
    """

    images: int = 0
    derived: int = 0
    named: tuple[str, ...] = ()


class ScopedSeries:
    """The series in the scope of selections, for queries on this connection; with added series in the temporary tables ``own`` and ``more``."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        views: Views,
        selections: Sequence[Selection],
        scope: SelectionScope,
        side_indices: Collection[str],
        told: Images,
    ) -> None:
        self.bindings = Bindings()
        self.guesses = Guesses()
        own = [views.selections.any_of(connection, selections, self.bindings), *filter_conditions(scope.keep, self.bindings)]
        self._source = f"(SELECT *, true AS is_own FROM series WHERE {' AND '.join(own)})"
        if scope.adds:
            ask(connection, f"CREATE TEMP TABLE own AS SELECT row_no FROM {self._source}", self.bindings.values)
            self.bindings = Bindings()
            self.guesses = add_more(connection, scope, side_indices, told)
            self._source = (
                "(SELECT *, row_no IN (FROM own) AS is_own FROM series WHERE row_no IN (SELECT row_no FROM own UNION ALL SELECT row_no FROM more))"
            )

    def query(self, columns: str) -> str:
        """A SELECT of columns of these series; ``is_own`` is true for selected series, false for added ones."""
        return f"SELECT {columns} FROM {self._source}"


def add_more(connection: duckdb.DuckDBPyConnection, scope: SelectionScope, side_indices: Collection[str], told: Images) -> Guesses:
    """Create the table ``more`` (row_no): series related to those in the table ``own`` that are not in it; ``told`` are images that series state."""
    indexed = _indexed(side_indices)
    ask(connection, "CREATE TEMP TABLE found (row_no BIGINT)")
    guesses = Guesses()
    if scope.references:
        guesses = _add_images(connection, indexed, told)
    if scope.derived:
        guesses = replace(guesses, derived=_add_derived(connection, indexed))
    ask(connection, "CREATE TEMP TABLE more AS SELECT DISTINCT row_no FROM found WHERE row_no NOT IN (FROM own)")
    return guesses


def unsure(connection: duckdb.DuckDBPyConnection, own: Sequence[str], bindings: Bindings, side_indices: Collection[str], most: int) -> list[str]:
    """Derived series under these conditions of which no index states the images, at most so many."""
    query = f"SELECT SeriesInstanceUID FROM series WHERE {' AND '.join(own)} AND {_is_unsure(_indexed(side_indices))} LIMIT {bindings.add(most)}"
    return [uid for (uid,) in ask(connection, query, bindings.values).fetchall()]


def _indexed(side_indices: Collection[str]) -> str:
    return ", ".join(f"'{name}'" for name in sorted(indexed_modalities(side_indices))) or "''"


def _is_unsure(indexed: str) -> str:
    known = (
        "SELECT SeriesInstanceUID FROM series_references WHERE referenced IN "
        "(SELECT SeriesInstanceUID FROM series WHERE SeriesInstanceUID IN (SELECT referenced FROM series_references))"
    )
    return f"{_IS_DERIVED} AND NOT (Modality IN ({indexed}) AND SeriesInstanceUID IN ({known}))"


def _add_images(connection: duckdb.DuckDBPyConnection, indexed: str, told: Images) -> Guesses:
    """What the index and the series themselves say, and for the others the images of their studies; gives those others."""
    uids = f"SELECT SeriesInstanceUID FROM series WHERE row_no IN (FROM own) AND {_IS_DERIVED}"
    named = f"SELECT referenced FROM series_references WHERE SeriesInstanceUID IN ({uids})"
    ask(connection, f"INSERT INTO found SELECT row_no FROM series WHERE SeriesInstanceUID IN ({named})")
    those = f"FROM series WHERE row_no IN (FROM own) AND {_is_unsure(indexed)}"
    if told:
        _add_told(connection, uids, told)
        those += " AND SeriesInstanceUID NOT IN (SELECT uid FROM stated)"
    ask(connection, f"CREATE TEMP TABLE unsure AS SELECT StudyInstanceUID, count(*) AS n {those} GROUP BY 1")
    # All series are gone through for their studies, so only once, and not at all where nothing is unsure.
    if not _number(connection, "SELECT count(*) FROM unsure"):
        return Guesses()
    of_studies = f"FROM series WHERE StudyInstanceUID IN (SELECT StudyInstanceUID FROM unsure) AND NOT {_IS_DERIVED}"
    ask(connection, f"CREATE TEMP TABLE guessed AS SELECT row_no, StudyInstanceUID {of_studies}")
    ask(connection, "INSERT INTO found SELECT row_no FROM guessed")
    of_guessed = "StudyInstanceUID IN (SELECT StudyInstanceUID FROM guessed)"
    number = _number(connection, f"SELECT coalesce(sum(n), 0)::BIGINT FROM unsure WHERE {of_guessed}")
    if number > _MOST_NAMED:
        return Guesses(number)
    names = ask(connection, f"SELECT Modality || ' ' || SeriesInstanceUID {those} AND {of_guessed} ORDER BY 1").fetchall()
    return Guesses(number, 0, tuple(name for (name,) in names))


def _add_told(connection: duckdb.DuckDBPyConnection, uids: str, told: Images) -> None:
    """What the series of a query themselves say; makes the table ``stated``."""
    pairs = [(uid, image) for uid, images in told.items() for image in images]
    ask(
        connection,
        "CREATE TEMP TABLE stated AS SELECT unnest($uids::VARCHAR[]) AS uid, unnest($images::VARCHAR[]) AS image",
        {"uids": [uid for uid, _image in pairs], "images": [image for _uid, image in pairs]},
    )
    named = f"SELECT image FROM stated WHERE uid IN ({uids})"
    ask(connection, f"INSERT INTO found SELECT row_no FROM series WHERE SeriesInstanceUID IN ({named})")


def _add_derived(connection: duckdb.DuckDBPyConnection, indexed: str) -> int:
    """What the index says is made from the series, and of other kinds what is in their studies; the number of these."""
    uids = "SELECT SeriesInstanceUID FROM series WHERE row_no IN (FROM own)"
    named = f"SELECT SeriesInstanceUID FROM series_references WHERE referenced IN ({uids})"
    ask(connection, f"INSERT INTO found SELECT row_no FROM series WHERE SeriesInstanceUID IN ({named})")
    studies = f"SELECT StudyInstanceUID FROM series WHERE row_no IN (FROM own) AND NOT {_IS_DERIVED}"
    guessed = f"SELECT row_no FROM series WHERE StudyInstanceUID IN ({studies}) AND {_IS_DERIVED} AND Modality NOT IN ({indexed})"
    ask(connection, f"CREATE TEMP TABLE beside AS {guessed}")
    ask(connection, "INSERT INTO found FROM beside")
    return _number(connection, "SELECT count(*) FROM beside WHERE row_no NOT IN (FROM own)")


def summary(connection: duckdb.DuckDBPyConnection, scoped: ScopedSeries) -> Counts:
    """See ``Catalog.scoped_summary``."""
    columns = "collection_id, PatientID, StudyInstanceUID, Modality, license_short_name, round(series_size_MB * 1e6)::BIGINT AS size_bytes, is_own"
    query = (
        f"WITH picked AS MATERIALIZED ({scoped.query(columns)}), "
        "totals AS (SELECT count(DISTINCT collection_id) AS collections, count(DISTINCT (collection_id, PatientID)) AS cases, "
        "count(DISTINCT StudyInstanceUID) AS studies, count(*) AS series, coalesce(sum(size_bytes), 0)::BIGINT AS bytes, "
        "count(*) FILTER (NOT is_own) AS added_series, coalesce(sum(size_bytes) FILTER (NOT is_own), 0)::BIGINT AS added_bytes FROM picked) "
        f"SELECT totals.*, ({_counted('license_short_name')}), ({_counted('Modality')}) FROM totals"
    )
    row = ask(connection, query, scoped.bindings.values).fetchone()
    assert row is not None
    return {
        "collections": row[0],
        "cases": row[1],
        "studies": row[2],
        "series": row[3],
        "bytes": row[4],
        "added_series": row[5],
        "added_bytes": row[6],
        "licenses": _named(row[7]),
        "modalities": _named(row[8]),
        "guessed_images": scoped.guesses.images,
        "guessed_derived": scoped.guesses.derived,
    }


def related_uids(
    connection: duckdb.DuckDBPyConnection, series_uids: Sequence[str], scope: SelectionScope, side_indices: Collection[str], told: Images
) -> tuple[list[str], Guesses]:
    """See ``Catalog.related_uids``."""
    ask(connection, "CREATE TEMP TABLE own (row_no BIGINT)")
    for first in range(0, len(series_uids), _AT_ONCE):
        bindings = Bindings()
        uids = bindings.add_texts(series_uids[first : first + _AT_ONCE])
        ask(connection, f"INSERT INTO own SELECT row_no FROM series WHERE SeriesInstanceUID IN ({uids})", bindings.values)
    guesses = add_more(connection, scope, side_indices, told)
    found = ask(connection, "SELECT SeriesInstanceUID FROM series WHERE row_no IN (FROM more) ORDER BY row_no").fetchall()
    return [row[0] for row in found], guesses


def _number(connection: duckdb.DuckDBPyConnection, query: str) -> int:
    row = ask(connection, query).fetchone()
    return int(row[0]) if row else 0


def _counted(column: str) -> str:
    return f"SELECT list(({column}, n)) FROM (SELECT {column}, count(*) AS n FROM picked GROUP BY 1 ORDER BY n DESC, 1)"


def _named(pairs: Any) -> dict[str, int]:
    values = [tuple(pair.values()) if isinstance(pair, dict) else tuple(pair) for pair in pairs or []]
    return {name if name is not None else "not stated": int(count) for name, count in values}
