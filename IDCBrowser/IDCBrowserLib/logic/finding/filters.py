"""The filters: chosen, excluded and range values per facet, with live counts. Knows no widgets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from IDCBrowserLib.api import catalog as api
from IDCBrowserLib.api import clinical
from IDCBrowserLib.api.catalog import Count
from IDCBrowserLib.api.clinical import is_clinical
from IDCBrowserLib.api.values import Filters as FiltersByColumn
from IDCBrowserLib.api.values import Unit, Value
from IDCBrowserLib.api.working_set import WORKING_SET
from IDCBrowserLib.engine.client import EngineClient, Request
from IDCBrowserLib.errors import IDCBrowserError
from IDCBrowserLib.logic.base.filter_choice import FilterChoice, parse_filter_choice
from IDCBrowserLib.logic.base.state import FacetState, FilterState
from IDCBrowserLib.logic.finding.facets import COMMON, COMMON_COLUMNS, COUNTED_ALONE, NUMBERS, STUDY_MODALITY, CommonFilter, common_filters
from IDCBrowserLib.signal import Signal


class Filters:
    """``chosen_changed(filters)`` when the user chose otherwise, ``changed(FilterState)`` for that and when counts arrived, ``failed(error)``.

    Within one facet any of the values (or, of what a study or a segmentation has, all); all of the facets. Counts of a facet ignore its own
    values; they are asked for while ``watch`` is on, those of side indices and of numbers (``facets.COUNTED_ALONE``) only for the facet that is
    ``looked_at``.
    """

    def __init__(self, client: EngineClient) -> None:
        self._client = client
        self._request: Request | None = None
        self._facet_request: Request | None = None
        self._watched = False
        # Values of this release, also when the filters leave nothing of them.
        self._known: dict[str, set[Value]] = {column: set() for column in COMMON_COLUMNS}
        self._within: int | None = None
        self._collections: tuple[str, ...] = ()
        self.state = FilterState()
        self.changed: Signal[FilterState] = Signal()
        self.chosen_changed: Signal[FiltersByColumn] = Signal()
        self.failed: Signal[IDCBrowserError] = Signal()

    # What the user does

    def watch(self, on: bool) -> None:
        """Whether anybody looks at the counts."""
        self._watched = on
        if on:
            self._ask()

    def look_at(self, column: str) -> None:
        """The facet that is in sight."""
        if column != self.state.facet.column:
            self._set(replace(self.state, facet=FacetState(column)))
            self._ask_facet()

    def look_at_collections(self, collections: Sequence[str]) -> None:
        """Those of which clinical tables are wanted; none for all that the filters leave."""
        self._collections = tuple(collections)
        if is_clinical(self.state.facet.column):
            self._ask_facet()

    def count_in(self, unit: Unit) -> None:
        """What values are counted in: "series", "studies" or "cases"."""
        if unit != self.state.unit:
            self._set(replace(self.state, unit=unit, facet=FacetState(self.state.facet.column)))
            self._ask_facet()

    def is_counted_alone(self, column: str) -> bool:
        """Whether a facet is counted only while it is looked at."""
        return column in COUNTED_ALONE or is_clinical(column) or (self.state.unit != "series" and column != COMMON)

    def refresh(self) -> None:
        """Ask for the counts again, as of another engine or with another side index."""
        if self._watched or self.state.chosen or self._within is not None:
            self._ask()

    def toggle(self, column: str, value: Value) -> None:
        """Add a value to a facet or take it away."""
        self._choose(column, self.choice(column).toggled(value, column in self.state.all_of))

    def exclude(self, column: str, value: Value) -> None:
        """Exclude a value, or not any more."""
        self._choose(column, self.choice(column).excluding(value))

    def want_all(self, column: str, on: bool) -> None:
        """Whether a study, or a segmentation, must have each of the checked values, or any."""
        choice = self.choice(column)
        self._set(replace(self.state, all_of=self.state.all_of | {column} if on else self.state.all_of - {column}))
        values = choice.included
        self._choose(column, replace(choice, any_of=() if on else values, all_of=values if on else ()))

    def add(self, column: str, choice: FilterChoice) -> None:
        """Values or a range to those that are chosen in a facet."""
        before, all_of = self.choice(column), column in self.state.all_of
        values = _united(before.included, choice.included)
        ends = choice if choice.has_range else before
        excluded = _united(_without(before.none_of, choice.included), choice.none_of)
        self._choose(column, FilterChoice(() if all_of else values, values if all_of else (), excluded, ends.low, ends.high))

    def set_range(self, column: str, low: float | None, high: float | None) -> None:
        """Numbers from ``low`` to ``high``; None leaves an end open."""
        if low is not None and high is not None and low > high:
            low, high = high, low
        self._choose(column, replace(self.choice(column), low=low, high=high))

    def set_choice(self, column: str, choice: FilterChoice) -> None:
        """All that is chosen in a facet."""
        self._choose(column, choice)

    def toggle_often(self, asked: CommonFilter) -> None:
        """Add one of the questions of ``often``, or take it away again."""
        before = self.choice(asked.column)
        if self.is_asked(asked):
            after = FilterChoice(
                _without(before.any_of, asked.choice.any_of),
                _without(before.all_of, asked.choice.all_of),
                _without(before.none_of, asked.choice.none_of),
                before.low,
                before.high,
            )
        else:
            values = (*before.any_of, *before.all_of) if asked.choice.all_of else ()
            after = FilterChoice(
                () if values else _united(before.any_of, asked.choice.any_of),
                _united(values, asked.choice.all_of),
                _united(before.none_of, asked.choice.none_of),
                before.low,
                before.high,
            )
        if asked.column == STUDY_MODALITY:
            self._set(replace(self.state, all_of=frozenset({*self.state.all_of, STUDY_MODALITY}) if after.all_of else self.state.all_of))
        self._choose(asked.column, after)

    def choose(self, filters: Mapping[str, object]) -> None:
        """These filters and nothing else, as the engine takes them; raises ``ValueError`` for another shape."""
        chosen = {column: parse_filter_choice(wanted) for column, wanted in filters.items()}
        all_of = frozenset(column for column, choice in chosen.items() if choice.all_of)
        self._take({column: choice for column, choice in chosen.items() if choice.is_set}, all_of)

    def keep_to(self, working_set: int | None) -> None:
        """Filter inside a working set, or in everything; which set is no choice of its own: it is not saved, and "Reset" leaves it."""
        if working_set != self._within:
            self._within = working_set
            self._set(replace(self.state, totals=None, within=working_set is not None))
            self.refresh()
            self.chosen_changed.emit(self.for_engine())

    def reset(self) -> None:
        """No filter."""
        if self.state.chosen:
            self._take({}, frozenset())

    # What there is

    def choice(self, column: str) -> FilterChoice:
        """What is chosen in a facet."""
        return self.state.chosen.get(column, FilterChoice())

    def for_engine(self) -> FiltersByColumn:
        """All filters as the engine takes them, inside the working set."""
        within: FiltersByColumn = {} if self._within is None else {WORKING_SET: [self._within]}
        return {**self.chosen_for_engine(), **within}

    def chosen_for_engine(self) -> FiltersByColumn:
        """What was chosen, as the engine takes it and as it is saved."""
        return {column: choice.for_engine() for column, choice in self.state.chosen.items()}

    def often(self) -> list[CommonFilter]:
        """Questions in one click."""
        return common_filters(self.state.counts, self._known)

    def is_asked(self, asked: CommonFilter) -> bool:
        """Whether that question is part of what is chosen."""
        choice, part = self.choice(asked.column), asked.choice
        return set(part.any_of) <= set(choice.any_of) and set(part.all_of) <= set(choice.all_of) and set(part.none_of) <= set(choice.none_of)

    def values(self, column: str) -> list[Count]:
        """The values of a facet, most frequent first; those chosen are there even when nothing is left of them."""
        in_sight = self.is_counted_alone(column) and column == self.state.facet.column
        counts = list(self.state.facet.values if in_sight else self.state.counts.get(column, ()))
        known = {value for value, _count in counts}
        choice = self.choice(column)
        return [*((value, 0) for value in (*choice.included, *choice.none_of) if value not in known), *counts]

    # Asking

    def _choose(self, column: str, choice: FilterChoice) -> None:
        chosen = {name: choice if name == column else kept for name, kept in self.state.chosen.items()}
        chosen.setdefault(column, choice)
        self._take({name: kept for name, kept in chosen.items() if kept.is_set}, self.state.all_of)

    def _take(self, chosen: Mapping[str, FilterChoice], all_of: frozenset[str]) -> None:
        if chosen == self.state.chosen:
            return
        self._set(replace(self.state, chosen=dict(chosen), all_of=all_of, totals=None))
        # The counts first: they are looked at, and asked apart from the tables.
        self.refresh()
        self.chosen_changed.emit(self.for_engine())

    def _ask(self) -> None:
        if self._request is not None:
            self._request.cancel()
        if self.state.problem:
            self._set(replace(self.state, problem=""))
        self._request = self._client.ask(api.FACETS({"filters": self.for_engine()}), self._counted, self._not_counted)
        self._ask_facet()

    def _ask_facet(self) -> None:
        if self._facet_request is not None:
            self._facet_request.cancel()
            self._facet_request = None
        column = self.state.facet.column
        if not self._watched or column == COMMON or not self.is_counted_alone(column):
            return
        if self.state.facet.problem:
            self._set(replace(self.state, facet=replace(self.state.facet, problem="")))
        if is_clinical(column):
            self._ask_clinical(column)
            return
        unit: Unit = "series" if column in NUMBERS else self.state.unit
        parameters: api.FacetParameters = {"column": column, "filters": self.for_engine()}
        if unit != "series":
            parameters["unit"] = unit
        question = api.FACET_DETAILS(parameters)
        self._facet_request = self._client.ask(question, lambda result: self._facet_counted(column, unit, result), self._facet_not_counted)

    def _ask_clinical(self, column: str) -> None:
        unit = self.state.unit
        question = clinical.FACET({"column": column, "filters": self.for_engine(), "unit": unit, "collections": list(self._collections)})
        self._facet_request = self._client.ask(question, lambda result: self._clinical_counted(column, unit, result), self._facet_not_counted)

    def _counted(self, answer: api.Facets) -> None:
        self._request = None
        counts = answer["counts"]
        for column, values in self._known.items():
            values.update(pair[0] for pair in counts.get(column, ()))
        self._set(replace(self.state, counts=counts, totals=answer["totals"]))

    def _facet_counted(self, column: str, unit: Unit, result: api.FacetDetails) -> None:
        self._facet_request = None
        if "bins" in result:
            bins = tuple((low, high, int(count)) for low, high, count in result["bins"])
            facet = FacetState(column, True, bins=bins, not_stated=result["not_stated"])
        elif "values" in result:
            facet = FacetState(column, True, tuple((value, count) for value, count in result["values"]), unit=unit)
        else:
            facet = FacetState(column, True, missing_index=result["missing_index"])
        self._set(replace(self.state, facet=facet))

    def _clinical_counted(self, column: str, unit: Unit, result: clinical.Facet) -> None:
        self._facet_request = None
        self._set(replace(self.state, facet=clinical_facet(column, unit, result)))

    def _not_counted(self, error: IDCBrowserError) -> None:
        self._request = None
        self._set(replace(self.state, problem=str(error)))
        self.failed.emit(error)

    def _facet_not_counted(self, error: IDCBrowserError) -> None:
        self._facet_request = None
        self._set(replace(self.state, facet=replace(self.state.facet, problem=str(error))))
        self.failed.emit(error)

    def _set(self, state: FilterState) -> None:
        self.state = state
        self.changed.emit(state)


def clinical_facet(column: str, unit: Unit, result: clinical.Facet) -> FacetState:
    """What the engine counted."""
    return FacetState(
        column,
        True,
        tuple((value, count) for value, count in result["values"]),
        tuple((low, high, int(count)) for low, high, count in result["bins"]),
        result["not_stated"],
        result["missing_index"],
        unit,
        is_number=result["is_number"],
        more=result["more"],
        missing_tables=tuple(result["missing_tables"]),
        table_problems=tuple(result["problems"]),
    )


def _without(values: tuple[Value, ...], gone: tuple[Value, ...]) -> tuple[Value, ...]:
    return tuple(value for value in values if value not in gone)


def _united(values: tuple[Value, ...], more: tuple[Value, ...]) -> tuple[Value, ...]:
    return tuple(dict.fromkeys((*values, *more)))
