"""Searches collections and analysis results by name and text, tolerating typing errors."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from IDCBrowserLib.catalog.about.plain_text import plain_text
from IDCBrowserLib.catalog.conditions import SEPARATOR
from IDCBrowserLib.catalog.connection import ask
from IDCBrowserLib.catalog.search import fuzzy

if TYPE_CHECKING:
    import duckdb

# What a name counts is in ``fuzzy.name_score``; words of other texts count less.
_INSIDE, _DESCRIBED = 60.0, 40.0
_MIN_DOI = 6

# level, id, score, label, description, collection_id
Found = tuple[str, str, float, str, str, str]


@dataclass(frozen=True)
class _Named:
    level: str
    id: str
    label: str
    about: str
    names: tuple[str, ...]
    # Texts with what finding all words in one is worth.
    texts: tuple[tuple[float, str], ...]
    dois: str = ""


class Names:
    """Reads the names and texts at the first search and keeps them: preparing them takes longer than a search may."""

    def __init__(self) -> None:
        self._all: list[_Named] | None = None
        self._joined: dict[str, str] = {}

    def stands_in(self, connection: duckdb.DuckDBPyConnection, table: str, column: str, words: Sequence[str]) -> bool:
        """Whether each of the words stands in some text of a search table: digits of a UID mostly do not, which is known in a tenth of the time
        of a look at each text.
        """
        if table not in self._joined:
            # One text rather than a hundred thousand objects.
            joined = f"SELECT string_agg({column}, chr({ord(SEPARATOR)})) FROM (SELECT DISTINCT {column} FROM {table})"
            row = ask(connection, joined).fetchone()
            self._joined[table] = (row[0] if row else None) or ""
        return all(word in self._joined[table] for word in words)

    def find(self, connection: duckdb.DuckDBPyConnection, wanted: str) -> Iterator[Found]:
        """Those that fit ``wanted`` (lower case), each with its score."""
        if self._all is None:
            self._all = [*_collections(connection), *_analysis_results(connection)]
        prepared = fuzzy.FuzzyText(wanted)
        for named in self._all:
            score = fuzzy.name_score(wanted, named.names)
            score = max([score, *(worth * prepared.score(text) for worth, text in named.texts if worth > score)])
            if len(wanted) > _MIN_DOI and wanted in named.dois:
                score = max(score, _INSIDE)
            if score > 0:
                yield named.level, named.id, score, named.label, named.about, named.id if named.level == "collections" else ""


def _collections(connection: duckdb.DuckDBPyConnection) -> list[_Named]:
    rows = ask(
        connection,
        "SELECT collection_id, collection_name, concat_ws(', ', cancer_types, tumor_locations, species), description, "
        "list_transform(sources, lambda source: concat_ws(' ', source.source_title, source.source_doi)), "
        "(SELECT string_agg(doi, ' ') FROM search_dois WHERE search_dois.collection_id = collections.collection_id) FROM collections",
    ).fetchall()
    return [
        _Named(
            "collections",
            collection_id,
            name or collection_id,
            about or "",
            tuple(text for text in (collection_id, name) if text),
            (
                (_INSIDE, fuzzy.prepared(" ".join([about or "", name or "", collection_id, *(titles or [])]))),
                (_DESCRIBED, fuzzy.prepared(plain_text(description))),
            ),
            dois or "",
        )
        for collection_id, name, about, description, titles, dois in rows
    ]


def _analysis_results(connection: duckdb.DuckDBPyConnection) -> list[_Named]:
    rows = ask(connection, "SELECT analysis_result_id, analysis_result_title, source_DOI FROM analysis_results").fetchall()
    return [
        _Named(
            "analysis_results",
            result_id,
            result_id,
            plain_text(title),
            (result_id,),
            ((_INSIDE, fuzzy.prepared(f"{result_id} {title} {doi}")),),
        )
        for result_id, title, doi in rows
    ]
