"""The box "Find a filter or a value": values of all facets that contain what is typed, and whole questions in words. Knows no widgets."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from IDCBrowserLib.api import catalog as api
from IDCBrowserLib.api import clinical
from IDCBrowserLib.api.clinical import clinical_title, is_clinical
from IDCBrowserLib.catalog.search.filter_values import plain
from IDCBrowserLib.engine.client import EngineClient, Request
from IDCBrowserLib.errors import IDCBrowserError
from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.logic.base.filter_choice import FilterChoice
from IDCBrowserLib.logic.finding.clinical_attributes import ClinicalAttributes
from IDCBrowserLib.logic.finding.facets import COUNTED_ALONE, facet_title, facet_titles, range_text, short_text, value_text
from IDCBrowserLib.logic.finding.filter_phrases import parts, phrase
from IDCBrowserLib.logic.finding.filters import Filters
from IDCBrowserLib.signal import Signal

_MAX_VALUES = 60
_LONG = 60


@dataclass(frozen=True)
class FoundFilter:
    """A facet, or with a ``choice`` something to add to it; ``series`` have it, None where they are not counted."""

    column: str
    text: str
    choice: FilterChoice | None = None
    series: int | None = None


@dataclass(frozen=True)
class FinderState:
    """``done`` is None while the answer is on its way; ``note`` says what was not understood, or what is missing."""

    text: str = ""
    found: tuple[FoundFilter, ...] = ()
    done: bool | None = True
    note: str = ""


class FilterFinder:
    """``changed(FinderState)``; ``shown(column)`` when a facet is to be looked at. ``add_all`` chooses what a text with several parts means."""

    def __init__(self, client: EngineClient, filters: Filters, attributes: ClinicalAttributes) -> None:
        self._client = client
        self._filters = filters
        self._attributes = attributes
        self._request: Request | None = None
        self._waiting: list[str] = []
        self._unknown: list[str] = []
        # What needs an index file that is not here yet.
        self._wanted: list[tuple[str, FilterChoice]] = []
        self.state = FinderState()
        self.changed: Signal[FinderState] = Signal()
        self.shown: Signal[str] = Signal()

    def look_for(self, text: str) -> None:
        """Find what the last part of the text may mean."""
        self._cancel()
        last = (parts(text) or [""])[-1]
        if not last:
            self._set(FinderState(text))
            return
        self._set(FinderState(text, self._facets(last), None))
        self._ask(last, partial(self._found, text, last))

    def pick(self, item: FoundFilter) -> None:
        """Add it, or show the facet; what else might be found is not looked for any more."""
        self._cancel()
        self._set(FinderState())
        if item.choice is None:
            self.shown.emit(item.column)
        else:
            self._add(item.column, item.choice)

    def add_all(self, text: str) -> None:
        """Choose what each part means, best first; what means nothing is said."""
        self._cancel()
        self._waiting, self._unknown = parts(text), []
        self._set(FinderState(text, (), None))
        self._next()

    def data_arrived(self) -> None:
        """Another index file, or clinical tables, are here: choose what waited for them."""
        wanted, self._wanted = self._wanted, []
        for column, choice in wanted:
            self._set(FinderState())
            self._add(column, choice)

    def _next(self) -> None:
        if not self._waiting:
            note = _("Nothing matches {names}.").format(names=", ".join(f'"{part}"' for part in self._unknown)) if self._unknown else self.state.note
            self._set(FinderState(", ".join(self._unknown), (), True, note))
            return
        part = self._waiting.pop(0)
        self._ask(part, partial(self._understood, part))

    def _ask(self, part: str, then: Callable[[list[FoundFilter]], None]) -> None:
        self._request = self._client.ask(
            api.FIND_VALUES({"text": part, "limit": _MAX_VALUES}), lambda answer: self._ask_clinical(part, answer, then), self._failed
        )

    def _ask_clinical(self, part: str, answer: api.FoundValues, then: Callable[[list[FoundFilter]], None]) -> None:
        """What clinical tables say comes after everything else; without it the rest is found."""
        question = clinical.ATTRIBUTES(
            {"filters": self._filters.for_engine(), "collections": list(self._attributes.collections), "text": part, "limit": _MAX_VALUES}
        )
        self._request = self._client.ask(
            question, lambda more: then(self._meanings(part, answer, more)), lambda _error: then(self._meanings(part, answer, None))
        )

    def _understood(self, part: str, found: list[FoundFilter]) -> None:
        best = next((item for item in found if item.choice is not None), None) or next(iter(found), None)
        if best is None:
            self._unknown.append(part)
            self._next()
        elif best.choice is None:
            self.shown.emit(best.column)
            self._next()
        else:
            self._add(best.column, best.choice, self._next)

    def _found(self, text: str, part: str, found: list[FoundFilter]) -> None:
        note = "" if found else _('No filter or value contains "{text}".').format(text=part)
        self._set(FinderState(text, tuple(found), True, note))

    def _meanings(self, part: str, answer: api.FoundValues, more: clinical.Attributes | None) -> list[FoundFilter]:
        titles = facet_titles()
        said = self._said(part)
        facets = self._facets(part)
        values = [
            FoundFilter(
                column,
                _("{value} ({facet})").format(value=short_text(value_text(value, column)), facet=titles[column]),
                FilterChoice((value,)),
                series,
            )
            for column, value, series in answer["values"]
            if column in titles
        ]
        if more is not None:
            facets = (*facets, *(FoundFilter(item["key"], clinical_title(item["key"])) for item in more["attributes"]))
            values += [_clinical_value(key, value) for key, value in more["values"]]
        # Lists of all that a collection is about come after the one thing that is looked for.
        values.sort(key=_is_long)
        return [*said, *facets, *values] if said else [*self._exact(part, values), *facets, *self._rest(part, values)]

    def _exact(self, part: str, values: list[FoundFilter]) -> list[FoundFilter]:
        return [item for item in values if _is_whole(part, item)]

    def _rest(self, part: str, values: list[FoundFilter]) -> list[FoundFilter]:
        return [item for item in values if not _is_whole(part, item)]

    def _said(self, part: str) -> list[FoundFilter]:
        meant = phrase(part)
        if meant is None:
            return []
        title = facet_title(meant.column)
        if meant.commercial:
            asked = next((item for item in self._filters.often() if item.column == meant.column), None)
            return [FoundFilter(asked.column, asked.title, asked.choice, asked.series)] if asked is not None else []
        said = range_text(meant.column, meant.choice) if meant.choice.has_range else value_text(meant.choice.any_of[0], meant.column)
        return [FoundFilter(meant.column, _("{facet}: {values}").format(facet=title, values=said), meant.choice)]

    def _facets(self, part: str) -> tuple[FoundFilter, ...]:
        wanted = part.casefold()
        return tuple(FoundFilter(column, title) for column, title in facet_titles().items() if wanted in title.casefold())

    def _add(self, column: str, choice: FilterChoice, then: Callable[[], None] | None = None) -> None:
        """Unless it needs an index file that is not here: then its facet is shown, which says so and gets it."""
        if is_clinical(column):
            parameters: clinical.FacetParameters = {
                "column": column,
                "filters": self._filters.for_engine(),
                "unit": "series",
                "collections": list(self._attributes.collections),
            }
            self._request = self._client.ask(clinical.FACET(parameters), partial(self._clinical_added, column, choice, then), self._failed)
            return
        if column not in COUNTED_ALONE:
            self._added(column, choice, then, {"values": []})
            return
        question = api.FACET_DETAILS({"column": column, "filters": self._filters.for_engine()})
        self._request = self._client.ask(question, partial(self._added, column, choice, then), self._failed)

    def _added(self, column: str, choice: FilterChoice, then: Callable[[], None] | None, answer: api.FacetDetails) -> None:
        if "missing_index" in answer:
            text = _("{facet} needs the index file {name}. It is used once it is on this computer.")
            self._wait_with(column, choice, text.format(facet=facet_title(column), name=answer["missing_index"]), then)
        else:
            self._choose(column, choice, then)

    def _clinical_added(self, column: str, choice: FilterChoice, then: Callable[[], None] | None, answer: clinical.Facet) -> None:
        if answer["values"] or answer["bins"] or answer["not_stated"] or not answer["missing_tables"]:
            self._choose(column, choice, then)
        else:
            text = _("{facet} needs clinical tables. It is used once they are on this computer.")
            self._wait_with(column, choice, text.format(facet=facet_title(column)), then)

    def _choose(self, column: str, choice: FilterChoice, then: Callable[[], None] | None) -> None:
        self._filters.add(column, choice)
        self._show(column, then)

    def _wait_with(self, column: str, choice: FilterChoice, why: str, then: Callable[[], None] | None) -> None:
        self._wanted.append((column, choice))
        self._set(FinderState(self.state.text, (), True, why))
        self._show(column, then)

    def _show(self, column: str, then: Callable[[], None] | None) -> None:
        self.shown.emit(column)
        if then is not None:
            then()

    def _failed(self, error: IDCBrowserError) -> None:
        self._set(FinderState(self.state.text, (), False, str(error)))

    def _cancel(self) -> None:
        if self._request is not None:
            self._request.cancel()
            self._request = None

    def _set(self, state: FinderState) -> None:
        self.state = state
        self.changed.emit(state)


def _clinical_value(key: str, value: str) -> FoundFilter:
    text = _("{value} ({facet})").format(value=short_text(value), facet=short_text(clinical_title(key)))
    return FoundFilter(key, text, FilterChoice((value,)))


def _is_long(item: FoundFilter) -> bool:
    return item.choice is not None and len(str(item.choice.any_of[0])) > _LONG


def _is_whole(part: str, item: FoundFilter) -> bool:
    # The name and the id of a collection are the same words.
    return item.choice is not None and plain(str(item.choice.any_of[0])) == plain(part)
