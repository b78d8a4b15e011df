"""Clinical attributes laid out in memory for filters and counts: a table of ``case_no`` and ``value`` for each, made when first asked for.

Each pair stands once. Cases of the same collections without a value have a row with NULL: "not stated". ``clinical_cases`` (``row_no``, ``case_no``)
says which series a case has, as which a value counts; the number of a case is that of its first series, the same with and without the cache.
"""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from IDCBrowserLib.catalog.about.clinical_tables import CLINICAL_INDEX, ClinicalTables, clinical_tables
from IDCBrowserLib.catalog.clinical.dictionary import Attribute, Dictionary, read_dictionary
from IDCBrowserLib.catalog.clinical.said import Said, files_of, in_words, read_said
from IDCBrowserLib.catalog.clinical.table_reading import DamagedTableError, distinct_values
from IDCBrowserLib.catalog.conditions import SEPARATOR, Bindings
from IDCBrowserLib.catalog.connection import ask
from IDCBrowserLib.catalog.value_rows import condition, found_name
from IDCBrowserLib.errors import CatalogError, InputError
from IDCBrowserLib.wording import first_of

if TYPE_CHECKING:
    import duckdb

# Attributes that are in memory at once: a row for each case and value.
_MOST = 60
# Of the columns of which the index lists no values: so many are looked through for a text, with so many values of each.
_MOST_COLUMNS = 400
_MOST_VALUES = 20_000
_MOST_NAMED = 4
CASES = "clinical_cases"

# Name, size and time of each file.
Stamp = tuple[tuple[str, int, int], ...]
Read = Callable[[Callable[["duckdb.DuckDBPyConnection"], Any]], Any]


@dataclass(frozen=True)
class LaidOut:
    """``table`` has the values of an ``attribute`` as of ``stamp``; ``problems`` and ``damaged`` as of ``Said``; ``here``: tables that were read."""

    attribute: Attribute
    table: str
    is_number: bool
    stamp: Stamp
    here: tuple[str, ...]
    problems: tuple[str, ...]
    damaged: tuple[str, ...]

    @property
    def source(self) -> str:
        """A SELECT of ``row_no`` and ``value``."""
        return f"SELECT row_no, value FROM {self.table} JOIN {CASES} USING (case_no)"


class ClinicalAttributes:
    """Attributes and their values, of the files that are here at each question. Safe to use from several threads."""

    def __init__(self, read: Read, index: Callable[[], Path | None], release: str) -> None:
        """``read`` asks a question of the catalog's database; ``index`` gives the file that names the tables."""
        self._read = read
        self._index = index
        self._release = release
        self._lock = threading.Lock()
        self._dictionary: tuple[Stamp, Dictionary] | None = None
        self._laid_out: OrderedDict[str, LaidOut] = OrderedDict()
        self._has_cases = False
        self._unlisted: tuple[Stamp, Mapping[str, list[str]]] | None = None

    @property
    def tables(self) -> ClinicalTables:
        """Where the tables lie."""
        return clinical_tables(self._index(), self._release)

    def dictionary(self) -> Dictionary | None:
        """None without the index file; raises ``CatalogError`` for a damaged one."""
        index = self._index()
        if index is None:
            return None
        stamp = _stamp([index])
        with self._lock:
            if self._dictionary is None or self._dictionary[0] != stamp:
                self._dictionary = stamp, read_dictionary(index)
            return self._dictionary[1]

    def attribute(self, column: str) -> Attribute:
        """What a filter is about; raises ``InputError`` for an unknown one, ``CatalogError`` without the index file."""
        dictionary = self.dictionary()
        if dictionary is None:
            raise CatalogError(
                f"This filter needs the index file {CLINICAL_INDEX}, which is not on this computer. Fetch it first.",
                command=f"idc-browser indices --fetch {CLINICAL_INDEX}",
            )
        return dictionary.find(column)

    def lay_out(self, column: str) -> LaidOut:
        """The values of a filter's attribute, of the tables that are here, be it none; raises as ``attribute`` does."""
        attribute = self.attribute(column)
        files = files_of(self.tables, attribute)
        stamp = self._stamp(path for paths in files.values() for path in paths)
        with self._lock:
            before = self._laid_out.get(attribute.key)
            if before is not None and before.stamp == stamp:
                self._laid_out.move_to_end(attribute.key)
                return before
            if not self._has_cases:
                self._read(_create_cases)
                self._has_cases = True
            said = read_said(attribute, files)
            here = tuple(name for name in files if name not in said.damaged)
            made = LaidOut(attribute, _table(attribute), said.is_number, stamp, here, said.problems, said.damaged)
            self._read(lambda connection: _create(connection, made.table, said, self._collections(said)))
            self._laid_out[attribute.key] = made
            while len(self._laid_out) > _MOST:
                _key, oldest = self._laid_out.popitem(last=False)
                self._read(partial(_drop, table=oldest.table))
            return made

    def lay_out_chosen(self, chosen: Mapping[str, Any]) -> dict[str, LaidOut]:
        """Of filters that ask for something; raises ``CatalogError`` for one of which no table is here."""
        made = {column: self.lay_out(column) for column in chosen}
        for one in made.values():
            if not one.here:
                raise self._needs(one)
        return made

    def is_here(self, column: str) -> bool:
        """Whether a filter can be evaluated."""
        try:
            return bool(self.lay_out(column).here)
        except (CatalogError, InputError):
            return False

    def missing(self, column: str, collections: Collection[str] | None) -> list[str]:
        """The tables of an attribute that are of these collections and not here, or damaged."""
        dictionary, one = self.dictionary(), self.lay_out(column)
        return [] if dictionary is None else [name for name in dictionary.tables_of(one.attribute, collections) if name not in one.here]

    def is_damaged(self, table: str) -> bool:
        """Whether reading it failed before."""
        with self._lock:
            return any(table in one.damaged for one in self._laid_out.values())

    def unlisted_values(self) -> Mapping[str, list[str]]:
        """By attribute: values that are only in the tables, since the index lists none of a column with more than twenty."""
        dictionary = self.dictionary()
        if dictionary is None:
            return {}
        tables = self.tables
        files_of_table = {name: files for name in dictionary.collections if (files := tables.files_of(name))}
        sources = [
            (one, source, files_of_table[source.table])
            for one in dictionary.attributes.values()
            for source in one.sources
            if source.table in files_of_table and not source.words
        ][:_MOST_COLUMNS]
        stamp = self._stamp(sorted({path for _one, _source, files in sources for path in files}))
        if self._unlisted is None or self._unlisted[0] != stamp:
            found: dict[str, list[str]] = {}
            for one, source, files in sources:
                try:
                    values = distinct_values(source.table, files, source.column, _MOST_VALUES)
                except DamagedTableError:
                    continue
                # Numbers are not looked for by parts of their digits.
                found.setdefault(one.key, []).extend(said for value in values if isinstance(value, str) and (said := in_words(value, source)))
            self._unlisted = stamp, found
        return self._unlisted[1]

    def _stamp(self, files: Iterable[Path]) -> Stamp:
        """Of the index, which says what the codes mean, and of tables."""
        index = self._index()
        return _stamp([*([] if index is None else [index]), *files])

    def _collections(self, said: Said) -> list[frozenset[str]]:
        assert self._dictionary is not None
        # Nothing is known of what a damaged table is about.
        return [frozenset() if name in said.damaged else self._dictionary[1].collections.get(name, frozenset()) for name in said.tables]

    def _needs(self, one: LaidOut) -> CatalogError:
        dictionary = self.dictionary()
        tables = one.attribute.tables
        collections = sorted({name for table in tables for name in dictionary.collections[table]}) if dictionary is not None else []
        damaged = f" ({' '.join(one.problems)})" if one.problems else ""
        return CatalogError(
            f"The filter {one.attribute.key} needs clinical tables that are not on this computer ({first_of(tables, _MOST_NAMED)}){damaged}. "
            f"Fetch those of {first_of(collections, _MOST_NAMED)} first.",
            command=f"idc-browser clinical {' '.join(collections[:_MOST_NAMED])} --fetch",
        )


def create_found(connection: duckdb.DuckDBPyConnection, chosen: Mapping[str, Any], laid_out: Mapping[str, LaidOut]) -> None:
    """Evaluate the filters once for all questions that follow, as a table of ``number`` (row_no of series).

    Raises ``InputError`` for a range of texts, and for a text where numbers are.
    """
    bindings = Bindings()
    parts = []
    for column, wanted in chosen.items():
        one = laid_out[column]
        if not one.is_number and (wanted.get("min") is not None or wanted.get("max") is not None):
            raise InputError(f"The clinical attribute {column} contains text; a range needs numbers.")
        not_stated = f"row_no IN (SELECT row_no FROM ({one.source}) WHERE value IS NULL)"
        parts.append(condition(one.source, column, one.is_number, wanted, not_stated, bindings))
    ask(
        connection,
        f"CREATE OR REPLACE TABLE {found_name(chosen)} AS SELECT row_no AS number FROM series WHERE {' AND '.join(parts)}",
        bindings.values,
    )


def _create_cases(connection: duckdb.DuckDBPyConnection) -> None:
    """(Re)make ``clinical_cases``."""
    first = "SELECT collection_id, PatientID, min(row_no)::INTEGER AS case_no FROM series GROUP BY ALL"
    query = f"SELECT row_no::INTEGER AS row_no, case_no FROM series JOIN ({first}) USING (collection_id, PatientID)"
    ask(connection, f"CREATE OR REPLACE TABLE {CASES} AS {query}")


def _create(connection: duckdb.DuckDBPyConnection, table: str, said: Said, collections: list[frozenset[str]]) -> None:
    """(Re)make the table of an attribute; patients whom IDC does not have are left out."""
    covered = [(number, name) for number, names in enumerate(collections) for name in names]
    bindings = Bindings()
    query = f"""
        CREATE OR REPLACE TABLE {table} AS
        WITH said AS (SELECT {_column(said.of_table, "INTEGER", bindings)} AS number, {_column(said.patients, "VARCHAR", bindings)} AS PatientID,
            {_column(said.values, "DOUBLE" if said.is_number else "VARCHAR", bindings)} AS value),
        covered AS (SELECT {_column([number for number, _name in covered], "INTEGER", bindings)} AS number,
            {_column([name for _number, name in covered], "VARCHAR", bindings)} AS collection_id),
        own AS (SELECT row_no::INTEGER AS case_no, collection_id, PatientID FROM series
            WHERE collection_id IN (SELECT collection_id FROM covered) AND row_no IN (SELECT DISTINCT case_no FROM {CASES}))
        SELECT own.case_no, value FROM own
        LEFT JOIN (SELECT DISTINCT collection_id, PatientID, value FROM said JOIN covered USING (number)) USING (collection_id, PatientID)
    """
    ask(connection, query, bindings.values)


def _column(values: Sequence[object], kind: str, bindings: Bindings) -> str:
    """Rows of values that travel as one text: a list takes a hundred times as long."""
    texts = SEPARATOR.join(str(value).replace(SEPARATOR, " ") for value in values)
    return f"unnest(CASE WHEN {len(values)} > 0 THEN string_split({bindings.add(texts)}, chr({ord(SEPARATOR)})) ELSE [] END)::{kind}"


def _drop(connection: duckdb.DuckDBPyConnection, table: str) -> None:
    connection.execute(f"DROP TABLE IF EXISTS {table}")


def _table(attribute: Attribute) -> str:
    return f"clinical_{hashlib.sha256(attribute.key.encode('utf-8', 'replace')).hexdigest()[:20]}"


def _stamp(paths: list[Path]) -> Stamp:
    found = []
    for path in paths:
        try:
            state = path.stat()
        except OSError:
            continue
        found.append((str(path), state.st_size, state.st_mtime_ns))
    return tuple(found)
