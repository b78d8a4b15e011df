"""Searches that are kept and shared: filters, the text of the search box and the selected collections as one value. Knows no widgets.

Two forms can be passed on: a line of text that holds everything, and the address of the IDC portal for the filters that it knows.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypedDict, TypeGuard, cast

from IDCBrowserLib.api.sharing import LINK, OPEN_LINK, Link, Opened
from IDCBrowserLib.api.values import Filters
from IDCBrowserLib.engine.client import EngineClient
from IDCBrowserLib.host_interface import Settings
from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.logic.base.collection_names import collection_name
from IDCBrowserLib.logic.base.filter_choice import parse_filter_choice
from IDCBrowserLib.logic.base.saved_lists import NamedValues, RecentValues
from IDCBrowserLib.logic.base.state import Hit
from IDCBrowserLib.logic.finding.facets import chosen_text
from IDCBrowserLib.logic.finding.filters import Filters as ChosenFilters
from IDCBrowserLib.logic.finding.search import MAX_TEXT, Search, is_link
from IDCBrowserLib.logic.tables.tables import Tables
from IDCBrowserLib.selection.search_text import SEARCH_PREFIX, is_search_text
from IDCBrowserLib.signal import Signal

RECENT_KEY = "Searches/Recent"
SAVED_KEY = "Searches/Saved"
MAX_RECENT = 20
# Steps of one search: what follows sooner takes the place of what was there.
_STEP_S = 60.0
MAX_SAVED = 200
# A text of the clipboard; longer ones are no search.
MAX_PASTED = 1_000_000
_MAX_COLLECTIONS = 200
# The year 2100; what is later, nobody searched.
_MAX_TIME = 4_102_444_800


class SearchDocument(TypedDict, total=False):
    """A search as JSON; what it does not ask for is left out."""

    filters: Filters
    text: str
    collections: Sequence[str]


class RecentSearch(TypedDict):
    """``at`` in seconds since 1970."""

    at: float
    search: SearchDocument


@dataclass(frozen=True)
class SavedSearch:
    """``filters`` as the engine takes them; ``text`` of the search box; ids of the selected ``collections``."""

    filters: Filters = field(default_factory=dict)
    text: str = ""
    collections: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether it asks for nothing."""
        return not (self.filters or self.text or self.collections)

    def to_json(self) -> SearchDocument:
        """For the settings and the text form."""
        document: SearchDocument = {}
        if self.filters:
            document["filters"] = dict(self.filters)
        if self.text:
            document["text"] = self.text
        if self.collections:
            document["collections"] = list(self.collections)
        return document

    def to_text(self) -> str:
        """One line that holds everything."""
        return SEARCH_PREFIX + json.dumps(self.to_json(), ensure_ascii=False, separators=(",", ":"))

    def describe(self) -> str:
        """In words."""
        parts = [chosen_text({column: parse_filter_choice(wanted) for column, wanted in self.filters.items()})] if self.filters else []
        parts += [_('text "{text}"').format(text=" ".join(self.text.split())[:100])] if self.text else []
        if self.collections:
            names = ", ".join(map(collection_name, self.collections[:3]))
            more = len(self.collections) - 3
            names = names if more <= 0 else _("{names} and {count} more").format(names=names, count=more)
            parts.append(_("in {collections}").format(collections=names))
        return "; ".join(parts) or _("everything")


def search_from(document: object) -> SavedSearch:
    """What ``to_json`` gave; raises ``ValueError`` for anything else."""
    if not isinstance(document, dict) or not set(document) <= {"filters", "text", "collections"}:
        raise ValueError("no search")
    filters, text, collections = document.get("filters") or {}, document.get("text") or "", document.get("collections") or []
    if not isinstance(filters, dict) or not isinstance(text, str) or not isinstance(collections, list):
        raise ValueError("no search")
    if not all(isinstance(item, str) for item in [*filters, *collections]):
        raise ValueError("no search")
    for wanted in filters.values():
        parse_filter_choice(wanted)
    return SavedSearch(cast(Filters, filters), text[:MAX_TEXT], tuple(collections[:_MAX_COLLECTIONS]))


def search_from_text(text: str) -> SavedSearch:
    """What ``to_text`` gave; raises ``ValueError`` for anything else."""
    if not is_search_text(text) or len(text) > MAX_PASTED:
        raise ValueError("no search")
    try:
        return search_from(json.loads(text.strip()[len(SEARCH_PREFIX) :]))
    except RecursionError:
        raise ValueError("no search") from None


class Searches:
    """``kept`` and ``recent``; ``apply`` and ``open_text`` show one. Signals: ``failed(text)``, ``shown()`` when one was applied, ``ids_wanted(ids)``
    for a link to a study or series instead of filters.
    """

    def __init__(
        self, client: EngineClient, settings: Settings, tables: Tables, filters: ChosenFilters, search: Search, clock: Callable[[], float] = time.time
    ) -> None:
        self._client = client
        self._tables = tables
        self._filters = filters
        self._search = search
        self._clock = clock
        self._last: SavedSearch = SavedSearch()
        # Whether the next step belongs to the newest of the recent searches.
        self._goes_on = False
        self.saved = NamedValues(settings, SAVED_KEY, MAX_SAVED, _is_search)
        self.recent = RecentValues(settings, RECENT_KEY, MAX_RECENT, _is_recent, _is_same)
        self.failed: Signal[str] = Signal()
        self.shown: Signal[[]] = Signal()
        self.ids_wanted: Signal[Sequence[str]] = Signal()
        filters.chosen_changed.connect(self._filtered)
        tables.selection_changed.connect(self._selected)

    def current(self) -> SavedSearch:
        """What is looked for now."""
        collections = (self._tables.selected_ids("collections") or ())[:_MAX_COLLECTIONS]
        return SavedSearch(self._filters.chosen_for_engine(), self._search.state.text, collections)

    def keep(self, name: str) -> bool:
        """Keep what is looked for now; False when there is no room or nothing is looked for."""
        current = self.current()
        return not current.is_empty and self.saved.save(name, current.to_json())

    def apply(self, search: SavedSearch) -> None:
        """Look for that and nothing else."""
        self.record()
        self._show(search.collections, search.filters)
        self._search.show_text(search.text)
        self.shown.emit()

    def pick(self, hit: Hit) -> None:
        """A hit of the search box that is a search itself, or a text that several series share."""
        if hit.filters:
            # What was selected before is not what was picked; the collection opens, and its rows count what passes.
            collections = parse_filter_choice(hit.filters.get("collection_id") or ()).any_of
            self._show([str(value) for value in collections], hit.filters)
            self.shown.emit()
        else:
            self.open_text(hit.ids[0])

    def open_text(self, text: str) -> None:
        """Apply what somebody passed on, in either form."""
        if is_link(text):
            self._client.ask(OPEN_LINK({"url": text.strip()[:MAX_TEXT]}), self._linked, lambda error: self.failed.emit(str(error)))
            return
        try:
            search = search_from_text(text)
        except ValueError:
            self.failed.emit(_("This text is neither a search copied from IDC Browser nor an IDC portal link with filters."))
            return
        self.apply(search)

    def link(self, search: SavedSearch, on_link: Callable[[Link], None]) -> None:
        """The address of the portal for a search, and what it cannot say."""
        filters = dict(search.filters)
        if search.collections and "collection_id" not in filters:
            filters["collection_id"] = list(search.collections)
        self._client.ask(
            LINK({"filters": filters}),
            on_link,
            lambda error: self.failed.emit(str(error)),
        )

    def record(self) -> None:
        """Put what is looked for now first in the list of recent ones; the steps of a minute are one search."""
        current = self.current()
        if current.filters or current.text:
            self._remember(current)

    def history(self) -> list[tuple[float, SavedSearch]]:
        """The recent searches with the time of each (seconds since 1970), newest first."""
        return [(document["at"], search_from(document["search"])) for document in self.recent.all()]

    def _remember(self, search: SavedSearch) -> None:
        now, before = self._clock(), self.recent.all()
        is_step = self._goes_on and bool(before) and 0 <= now - before[0]["at"] < _STEP_S
        self.recent.add({"at": now, "search": search.to_json()}, is_step)
        self._goes_on = True

    def _show(self, collections: Sequence[str], filters: Filters) -> None:
        self._tables.reveal({"collections": tuple(collections)})
        self._filters.choose(filters)
        # The same filters as before are not told again, but the tables have just lost them.
        self._tables.set_filters(self._filters.for_engine())

    def _linked(self, result: Opened) -> None:
        if result["ids"]:
            self.ids_wanted.emit(list(result["ids"]))
        else:
            self.apply(SavedSearch(result["filters"], "", tuple(result["collections"])))

    def _selected(self, _level: str) -> None:
        if self._tables.deepest_selected() is not None:
            self.record()

    def _filtered(self, _filters: Filters) -> None:
        filters = self._filters.chosen_for_engine()
        # What was there before "Reset" was looked at, so it can be had back.
        if not filters and self._last.filters:
            self._remember(self._last)
            self._goes_on = False
        self._last = SavedSearch(dict(filters))


def _is_search(document: object) -> TypeGuard[SearchDocument]:
    try:
        return not search_from(document).is_empty
    except ValueError:
        return False


def _is_recent(document: object) -> TypeGuard[RecentSearch]:
    if not isinstance(document, dict):
        return False
    at = document.get("at")
    return isinstance(at, (int, float)) and 0 <= at < _MAX_TIME and _is_search(document.get("search"))


def _is_same(one: RecentSearch, other: RecentSearch) -> bool:
    """Whether two are the same search, in whatever collection it was looked at."""
    first, second = one["search"], other["search"]
    return first.get("filters") == second.get("filters") and first.get("text") == second.get("text")
