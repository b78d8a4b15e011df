"""What the clinical tables of collections say: attributes that can be filtered by, their values and codes, and where the tables lie."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from IDCBrowserLib.api import clinical
from IDCBrowserLib.api.clinical import is_clinical
from IDCBrowserLib.catalog.about.clinical_tables import CLINICAL_INDEX, ClinicalTables
from IDCBrowserLib.catalog.clinical.dictionary import count_of
from IDCBrowserLib.catalog.conditions import Filters
from IDCBrowserLib.catalog.database import Database
from IDCBrowserLib.catalog.facets import clinical_facets, facets

# Of an attribute that are named.
_MOST_COLUMNS = 4


class ClinicalQuestions:
    """``Catalog.clinical``."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._laid_out = database.clinical

    def attributes(self, filters: Filters | None = None, collections: Sequence[str] = (), text: str = "", limit: int = 60) -> clinical.Attributes:
        """The clinical attributes of the collections that the filters leave, of those of ``collections`` among them if any are named, what people
        ask for first before others. With a ``text`` those whose name contains it, and the values that do; the latter of the tables that are here
        and of what the index lists. Raises ``CatalogError`` for a damaged index.
        """
        dictionary = self._laid_out.dictionary()
        if dictionary is None:
            return {"attributes": [], "more": 0, "values": [], "missing_index": CLINICAL_INDEX}
        at_hand = self._at_hand(filters, collections)
        attributes = dictionary.of_collections(at_hand)
        wanted = dictionary.named(text, attributes) if text else attributes
        values = dictionary.valued(text, attributes, self._laid_out.unlisted_values(), limit) if text else []
        return {
            "attributes": [
                {
                    "key": one.key,
                    "columns": [f"{source.table}.{source.column}" for source in one.sources[:_MOST_COLUMNS]],
                    "collections": count_of(one, at_hand),
                }
                for one in wanted[:limit]
            ],
            "more": max(0, len(wanted) - limit),
            "values": values,
            "missing_index": "",
        }

    def facet(
        self, column: str, filters: Filters | None = None, unit: str = "series", collections: Sequence[str] = (), limit: int = 1000
    ) -> clinical.Facet:
        """The values of a clinical attribute under all other filters, or how its numbers are distributed, and which tables would say more of the
        collections that ``attributes`` looks at. Raises ``InputError`` for an unknown one, ``CatalogError`` for a damaged index.
        """
        facet: clinical.Facet = {
            "is_number": False,
            "values": [],
            "more": 0,
            "bins": [],
            "not_stated": 0,
            "missing_index": "",
            "missing_tables": [],
            "problems": [],
        }
        if self._laid_out.dictionary() is None:
            return {**facet, "missing_index": CLINICAL_INDEX}
        one = self._laid_out.lay_out(column)
        others = {name: wanted for name, wanted in (filters or {}).items() if name != column}
        self._database.prepare_filters(others)
        facet["missing_tables"] = self._laid_out.missing(column, self._at_hand(others, collections))
        facet["problems"] = one.problems
        facet["is_number"] = one.is_number
        if one.here and one.is_number:
            bins = self._database.read(lambda connection: clinical_facets.clinical_bins(connection, one, column, others))
            facet["bins"], facet["not_stated"] = bins["bins"], bins["not_stated"]
        elif one.here:
            numbers = self._database.numbers()
            facet["values"], facet["more"] = self._database.read(
                lambda connection: clinical_facets.clinical_values(connection, numbers, one, column, unit, others, limit)
            )
        return facet

    def key_of(self, column: str) -> str:
        """The key of the attribute that a filter means; raises as ``facet`` does, and ``CatalogError`` without the index file."""
        return self._laid_out.attribute(column).key

    def codes_of(self, column: str) -> dict[str, str]:
        """Words by code of an attribute, where they mean one thing in all its tables."""
        words: dict[str, set[str]] = {}
        for source in self._laid_out.attribute(column).sources:
            for code, meaning in source.meanings.items():
                words.setdefault(code, set()).add(meaning)
        return {code: next(iter(meanings)) for code, meanings in words.items() if len(meanings) == 1}

    def tables(self) -> ClinicalTables:
        """Where the clinical tables of this release lie."""
        return self._laid_out.tables

    def unknown_tables(self, names: Iterable[str]) -> list[str]:
        """Those that the index does not name."""
        dictionary = self._laid_out.dictionary()
        return [name for name in names if dictionary is None or name not in dictionary.collections]

    def is_table_damaged(self, name: str) -> bool:
        """Whether reading a clinical table failed."""
        return self._laid_out.is_damaged(name)

    def _at_hand(self, filters: Filters | None, collections: Sequence[str]) -> frozenset[str] | None:
        """The collections that filters leave; None for all."""
        # Clinical ones leave the collections of their tables; without these they leave nothing to look at.
        others = {name: wanted for name, wanted in (filters or {}).items() if not is_clinical(name) or self._laid_out.is_here(name)}
        if not others:
            return frozenset(collections) or None
        self._database.prepare_filters(others)
        left = frozenset(self._database.read(lambda connection: facets.collections_left(connection, others)))
        return left & frozenset(collections) or left
