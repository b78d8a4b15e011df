"""Which clinical attributes there are: the columns of all clinical tables, those with the same label as one.

The key of an attribute is its label, so that it reads the same in the window, on the command line and in a saved search, and stays the same when
tables are renamed or added. Where a table has several columns with one label ("Other, specify"), the name of the column follows in parentheses.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

from IDCBrowserLib.api.clinical import PREFIX
from IDCBrowserLib.catalog.about.clinical_tables import LEFT_OUT, described
from IDCBrowserLib.catalog.search.filter_values import matching, plain
from IDCBrowserLib.catalog.search.fuzzy import closest
from IDCBrowserLib.errors import InputError

_MOST_LETTERS = 160
# What would end a name on the command line: COLUMN=VALUE, COLUMN!=VALUE, COLUMN<=NUMBER.
_SIGNS = str.maketrans({"=": ":", "!": " ", "<": " below ", ">": " above "})
# What people ask for first, in this order; beginnings of words.
_TOPICS = (
    "sex gender",
    "age",
    "race ethnic",
    "diagnos histolog morpholog disease tumor cancer",
    "stage",
    "grade",
    "smok tobacco cigar pack",
    "surviv vital death dead alive deceased",
    "recur progress relapse metasta",
    "therap treat chemo radiation surg respon",
)
_TOPIC = re.compile("|".join(f"(?P<t{number}>\\b(?:{'|'.join(words.split())}))" for number, words in enumerate(_TOPICS)))


class Source(NamedTuple):
    """A column of a table: ``meanings`` of its codes, ``words``: the values that the index lists, in words."""

    table: str
    column: str
    label: str
    meanings: Mapping[str, str]
    words: tuple[str, ...]


@dataclass(frozen=True)
class Attribute:
    """One filter."""

    key: str
    sources: tuple[Source, ...]
    # The collections of its tables.
    collections: frozenset[str] = frozenset()
    # Place among ``_TOPICS``.
    topic: int = 0
    # Its names as ``plain`` makes them.
    names: tuple[str, ...] = ()

    @property
    def tables(self) -> tuple[str, ...]:
        """In which it stands."""
        return tuple(dict.fromkeys(source.table for source in self.sources))

    @property
    def has_codes(self) -> bool:
        """Whether its values are codes rather than numbers."""
        return any(source.meanings for source in self.sources)


@dataclass(frozen=True)
class Dictionary:
    """All ``attributes`` by key in the order of the index, the ``collections`` that each table is of, and keys ``by_name`` (folded)."""

    attributes: Mapping[str, Attribute]
    collections: Mapping[str, frozenset[str]]
    by_name: Mapping[str, str]

    def find(self, name: str) -> Attribute:
        """The attribute of a filter, by its key, its label in any letter case, "table.column", or a column that is one attribute in all tables.

        Raises ``InputError`` for what is none, naming similar ones.
        """
        key = self.by_name.get(fold(name.removeprefix(PREFIX)), "")
        if key in self.attributes:
            return self.attributes[key]
        table, dot, column = name.removeprefix(PREFIX).partition(".")
        for attribute in self.attributes.values() if dot else ():
            of_table = tuple(source for source in attribute.sources if (source.table, source.column) == (table, column))
            if of_table:
                return Attribute(name, of_table)
        raise InputError(self._unknown(name.removeprefix(PREFIX)))

    def of_collections(self, collections: Collection[str] | None) -> list[Attribute]:
        """Those of some collections, or of all: what people ask for first, then what most collections have."""
        found = [(one, count_of(one, collections)) for one in self.attributes.values()]
        return [one for one, _count in sorted((pair for pair in found if pair[1]), key=lambda pair: (pair[0].topic, -pair[1]))]

    def tables_of(self, attribute: Attribute, collections: Collection[str] | None) -> list[str]:
        """The tables of an attribute that are of (some of) these collections."""
        return [table for table in attribute.tables if collections is None or not self.collections[table].isdisjoint(collections)]

    def named(self, text: str, attributes: Iterable[Attribute]) -> list[Attribute]:
        """Those of which label or column contain a text."""
        wanted = plain(text)
        return [one for one in attributes if wanted and any(wanted in name for name in one.names)]

    def valued(self, text: str, attributes: Iterable[Attribute], more: Mapping[str, Sequence[str]], limit: int) -> list[tuple[str, str]]:
        """(key, value) of the values that contain a text: those that the index lists, and ``more`` by key."""
        counts = {
            one.key: [(value, 0) for value in dict.fromkeys((*(word for source in one.sources for word in source.words), *more.get(one.key, ())))]
            for one in attributes
        }
        return [(key, str(value)) for key, value, _count in matching(text, counts, limit)]

    def _unknown(self, name: str) -> str:
        of_column = [one.key for one in self.attributes.values() if any(fold(source.column) == fold(name) for source in one.sources)]
        near = of_column[:3] or [self.by_name[found] for found in closest(fold(name), list(self.by_name))]
        keys = [key for key in dict.fromkeys(near) if key in self.attributes]
        meant = f" Did you mean {' or '.join(keys)}?" if keys else ""
        return f"There is no clinical attribute {name[:_MOST_LETTERS]!r}.{meant}"


def read_dictionary(index: Path) -> Dictionary:
    """What the index file says; raises ``CatalogError`` for a damaged one."""
    columns: dict[tuple[str, str], Source] = {}
    collections: dict[str, set[str]] = {}
    for row in described(index):
        collections.setdefault(row.table, set()).add(row.collection)
        if row.column in LEFT_OUT:
            continue
        before = columns.get((row.table, row.column))
        meanings = {**(before.meanings if before else {}), **{code: meaning for code, meaning in row.codes if meaning}}
        words = tuple(dict.fromkeys((*(before.words if before else ()), *(meaning or code for code, meaning in row.codes))))
        columns[row.table, row.column] = Source(row.table, row.column, before.label if before else row.label, meanings, words)
    attributes: dict[str, Attribute] = {}
    for label, sources in _grouped(columns.values()):
        key = f"{PREFIX}{label}"
        if key in attributes:
            key = f"{key} ({sources[0].table}.{sources[0].column})"
        of = frozenset(name for source in sources for name in collections[source.table])
        names = tuple(dict.fromkeys(plain(name) for name in (label, *(source.column for source in sources))))
        attributes[key] = Attribute(key, tuple(sources), of, _topic(names), names)
    return Dictionary(attributes, {table: frozenset(names) for table, names in collections.items()}, _names(attributes))


def count_of(attribute: Attribute, collections: Collection[str] | None) -> int:
    """How many (of these) collections have it."""
    return len(attribute.collections if collections is None else attribute.collections.intersection(collections))


def fold(name: str) -> str:
    """A name with what makes no difference taken away."""
    return " ".join(name.translate(_SIGNS).replace("_", " ").casefold().split())


def _names(attributes: Mapping[str, Attribute]) -> dict[str, str]:
    """Key of an attribute by all names that mean it alone."""
    by_column: dict[str, set[str]] = {}
    for attribute in attributes.values():
        for source in attribute.sources:
            by_column.setdefault(fold(source.column), set()).add(attribute.key)
    names = {column: next(iter(keys)) for column, keys in by_column.items() if len(keys) == 1}
    return {**names, **{fold(key.removeprefix(PREFIX)): key for key in attributes}}


def _grouped(sources: Iterable[Source]) -> Iterator[tuple[str, list[Source]]]:
    """The columns of each attribute, with its name."""
    by_label: dict[str, list[Source]] = {}
    for source in sources:
        by_label.setdefault(fold(source.label), []).append(source)
    for same in by_label.values():
        label = _name(same[0].label)
        if len({source.table for source in same}) == len(same):
            yield label, same
            continue
        same.sort(key=lambda source: fold(source.column))
        for _folded, of_column in groupby(same, lambda source: fold(source.column)):
            sources = list(of_column)
            name = _name(sources[0].column)
            yield label if fold(name) == fold(label) else f"{label} ({name})", sources


def _name(text: str) -> str:
    return " ".join(text.translate(_SIGNS).split())[:_MOST_LETTERS] or "?"


def _topic(names: Sequence[str]) -> int:
    found = _TOPIC.search(" ".join(names[:2]))
    return len(_TOPICS) if found is None else int(str(found.lastgroup)[1:])
