"""Working sets: series that were named elsewhere (a manifest, a cart, rows of SQL), kept as a table of numbers that filters name.

A million series take four megabytes here; nobody holds a million objects.
"""

from __future__ import annotations

import itertools
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from IDCBrowserLib.api.working_set import WORKING_SET
from IDCBrowserLib.catalog.conditions import Bindings, Selection
from IDCBrowserLib.catalog.connection import ask
from IDCBrowserLib.catalog.filters import is_set, set_number, set_table
from IDCBrowserLib.errors import NotFoundError

if TYPE_CHECKING:
    import duckdb

    from IDCBrowserLib.catalog.selections import Selections

Answer = TypeVar("Answer")

# A window has one; what nobody closed must not pile up.
_MAX_SETS = 4
# Of the whole process: a number of a catalog that was replaced means nothing in the next.
_NUMBERS = itertools.count(1)


class Read(Protocol):
    """``Database.read``."""

    def __call__(self, question: Callable[[duckdb.DuckDBPyConnection], Answer]) -> Answer:
        """The answer to a question."""


class WorkingSets:
    """``new`` makes an empty one, ``add_...`` fill it, ``finish`` makes it usable as the filter ``{WORKING_SET: [number]}``."""

    def __init__(self, read: Read, selections: Selections) -> None:
        self._read = read
        self._selections = selections
        self._open: OrderedDict[int, int] = OrderedDict()

    def new(self) -> int:
        """The number of an empty set."""
        number = next(_NUMBERS)
        self._read(lambda connection: connection.execute(f"CREATE TABLE {_filling(number)} (number INTEGER)"))
        return number

    def add_uuids(self, number: int, uuids: Sequence[str]) -> list[str]:
        """Add current series by crdc_series_uuid; returns those that are none."""
        return self._add_named(number, "crdc_series_uuid", uuids)

    def add_uids(self, number: int, uids: Sequence[str]) -> list[str]:
        """Add series by SeriesInstanceUID; returns those that are not in this release."""
        return self._add_named(number, "SeriesInstanceUID", uids)

    def add_selections(self, number: int, selections: Sequence[Selection]) -> None:
        """Add the series of selections."""
        if not selections:
            return

        def add(connection: duckdb.DuckDBPyConnection) -> None:
            bindings = Bindings()
            condition = self._selections.any_of(connection, selections, bindings)
            ask(connection, f"INSERT INTO {_filling(number)} SELECT row_no FROM series WHERE {condition}", bindings.values)

        self._read(add)

    def finish(self, number: int) -> int:
        """Each series once; returns how many. Of too many sets those not used longest go."""

        def make(connection: duckdb.DuckDBPyConnection) -> int:
            made = f"CREATE TABLE {set_table(number)} AS SELECT DISTINCT number FROM {_filling(number)} ORDER BY number"
            row = ask(connection, made).fetchone()
            connection.execute(f"DROP TABLE {_filling(number)}")
            return int(row[0]) if row else 0

        series = self._read(make)
        self._open[number] = series
        while len(self._open) > _MAX_SETS:
            self.close(self._open.popitem(last=False)[0])
        return series

    def close(self, number: int) -> None:
        """Forget a set, also one that was not finished; an unknown one is no error."""
        if number < 0:
            return
        self._open.pop(number, None)

        def drop(connection: duckdb.DuckDBPyConnection) -> None:
            for table in (set_table(number), _filling(number)):
                connection.execute(f"DROP TABLE IF EXISTS {table}")

        self._read(drop)

    def open_numbers(self) -> set[int]:
        """Of the sets that are finished and not closed."""
        return set(self._open)

    def check(self, filters: Mapping[str, Any]) -> None:
        """Raise ``NotFoundError`` where filters name a set that is not open."""
        if is_set(filters.get(WORKING_SET)):
            number = set_number(filters[WORKING_SET])
            try:
                # Another thread may close it at any time.
                self._open.move_to_end(number)
            except KeyError:
                raise NotFoundError("This working set is no longer open. Open the manifest or list again.") from None

    def _add_named(self, number: int, column: str, names: Sequence[str]) -> list[str]:
        if not names:
            return []

        def add(connection: duckdb.DuckDBPyConnection) -> list[str]:
            bindings = Bindings()
            # Temporary tables belong to this cursor and go with it.
            ask(connection, f"CREATE TEMP TABLE asked_names AS SELECT name FROM ({bindings.add_texts(names)}) AS t(name)", bindings.values)
            found = f"SELECT row_no, {column} AS name FROM series WHERE {column} IN (SELECT name FROM asked_names)"
            ask(connection, f"CREATE TEMP TABLE found_names AS {found}")
            ask(connection, f"INSERT INTO {_filling(number)} SELECT row_no FROM found_names")
            missing = ask(connection, "SELECT DISTINCT name FROM asked_names WHERE name NOT IN (SELECT name FROM found_names)").fetchall()
            return [row[0] for row in missing]

        return self._read(add)


def _filling(number: int) -> str:
    return f"filling_{number}"
