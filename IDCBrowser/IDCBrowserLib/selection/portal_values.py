"""Values of filters as the IDC portal has them, and as the catalog has them: places one by one, codes instead of words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from IDCBrowserLib.api.values import Value
from IDCBrowserLib.catalog.columns import FACETS
from IDCBrowserLib.catalog.filters import CONTENT
from IDCBrowserLib.catalog.search import codes
from IDCBrowserLib.selection.portal_names import CODED, CODED_WITH_SCHEME, LIST_COLUMNS

if TYPE_CHECKING:
    from IDCBrowserLib.catalog.catalog import Catalog

# Values of a column, as far as they are known here.
ValuesOf = Callable[[str], Iterable[Any]]
_MOST_VALUES = 10_000


class CatalogValues:
    """``values_of`` for the functions of this module; each column is asked for once."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._known: dict[str, list[Value]] = {}

    def __call__(self, column: str) -> list[Value]:
        """All values, None for "not stated"; none where the index file is not here."""
        if column not in self._known:
            if column in FACETS:
                self._known.update({name: [value for value, _count in counts] for name, counts in self._catalog.facets({}).items()})
            elif column in CONTENT:
                counts = self._catalog.content_facets({}, _MOST_VALUES, [column])[column]
                self._known[column] = [value for value, _count in counts]
        return self._known.get(column, [])


def without_programs(catalog: Catalog, filters: Mapping[str, Any]) -> dict[str, Any]:
    """Filters with the collections of programs in their place: the portal has programs as branches of its tree of collections only."""
    if "program_id" not in filters or "collection_id" in filters:
        return dict(filters)
    collections = [value for value, _count in catalog.facets({"program_id": filters["program_id"]})["collection_id"] if value is not None]
    return {
        "collection_id" if column == "program_id" else column: collections if column == "program_id" else wanted for column, wanted in filters.items()
    }


def spell_out(filters: Mapping[str, Any], values_of: ValuesOf) -> dict[str, Any]:
    """Filters of the portal with the texts of the catalog: "Breast" stands for every text that lists it ("Breast, Chest"), a code for its words."""
    spelled = dict(filters)
    for column, wanted in filters.items():
        if column in LIST_COLUMNS and isinstance(wanted, (list, tuple)):
            stated = [value for value in wanted if value is not None]
            found = _listing(column, stated, values_of)
            spelled[column] = [*found, *(value for value in wanted if value is None)] or list(wanted)
        elif column in CODED | CODED_WITH_SCHEME and isinstance(wanted, (list, tuple)):
            spelled[column] = list(dict.fromkeys(word for value in wanted for word in _words(column, value, values_of)))
    return spelled


def as_in_portal(column: str, values: Sequence[Any], values_of: ValuesOf) -> list[Any] | None:
    """Values of the catalog as the portal has them; None where it has no words for one of them."""
    if column in LIST_COLUMNS:
        return _places(column, values, values_of)
    if column not in CODED | CODED_WITH_SCHEME:
        return list(values)
    prefix = "SCT:" if column in CODED_WITH_SCHEME else ""
    found = [[None] if value is None or value == "" else [f"{prefix}{code}" for code in codes.codes_of(str(value))] for value in values]
    return [code for several in found for code in several] if all(found) else None


def all_but(column: str, excluded: Sequence[Any], values_of: ValuesOf) -> list[Any] | None:
    """Every other value of a column, since the portal cannot exclude; None where not all of them are known here."""
    if column not in FACETS or column in LIST_COLUMNS:
        return None
    left_out = {None if value == "" else value for value in excluded}
    return [value for value in values_of(column) if value not in left_out] or None


def _listing(column: str, wanted: Sequence[Any], values_of: ValuesOf) -> list[Any]:
    asked = {str(value).lower() for value in wanted}
    return [text for text in values_of(column) if text is not None and asked & {part.strip().lower() for part in (text, *text.split(","))}]


def _places(column: str, values: Sequence[Any], values_of: ValuesOf) -> list[Any] | None:
    """Single places that stand for exactly these texts; None where there are none."""
    texts = {value for value in values if value not in (None, "")}
    parts = dict.fromkeys(part.strip() for text in texts for part in str(text).split(","))
    fitting = [part for part in parts if set(_listing(column, [part], values_of)) <= texts]
    if set(_listing(column, fitting, values_of)) != texts:
        return None
    return [*fitting, *([None] if len(texts) < len(values) else [])]


def _words(column: str, value: Any, values_of: ValuesOf) -> list[Any]:
    code = codes.code_in(str(value).lower()) if value is not None else ""
    meanings = codes.meanings_of(code) if code else []
    if not meanings:
        return [value]
    here = [text for text in values_of(column) if text is not None and str(text).lower() in meanings]
    return here or [meanings[0].capitalize()]
