"""Values that series must have, several per facet, with live counts. Knows no widgets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from IDCBrowserLib.engine.client import EngineClient, Request
from IDCBrowserLib.errors import IDCBrowserError
from IDCBrowserLib.signal import Signal
from IDCBrowserLib.ui.i18n import tr as _
from IDCBrowserLib.ui.state import FilterState

# A value, None for "not stated"; and how many series have it.
Count = tuple[Any, int]


class Filters:
    """``chosen_changed(filters)`` when the user chose otherwise, ``changed(FilterState)`` for that and when counts arrived, ``failed(error)``.

    Any of the values within one facet, all of the facets. Counts of a facet ignore its own values; they are asked for while ``watch`` is on.
    """

    def __init__(self, client: EngineClient) -> None:
        self._client = client
        self._request: Request | None = None
        self._watched = False
        self.state = FilterState()
        self.changed = Signal()
        self.chosen_changed = Signal()
        self.failed = Signal()

    def watch(self, on: bool) -> None:
        """Whether anybody looks at the counts."""
        self._watched = on
        if on:
            self._ask()

    def refresh(self) -> None:
        """Ask for the counts again, as of another engine."""
        if self._watched:
            self._ask()

    def toggle(self, column: str, value: Any) -> None:
        """Add a value to a facet or take it away."""
        values = self.state.chosen.get(column, ())
        values = tuple(item for item in values if item != value) if value in values else (*values, value)
        chosen = {name: kept for name, kept in {**self.state.chosen, column: values}.items() if kept}
        self._choose(chosen)

    def choose_only(self, column: str, *values: Any) -> None:
        """Any of these values of one facet and nothing else."""
        self._choose({column: values})

    def reset(self) -> None:
        """No filter."""
        if self.state.chosen:
            self._choose({})

    def values(self, column: str) -> list[Count]:
        """The values of a facet, most frequent first; those chosen are there even when nothing is left of them."""
        counts = [(item[0], item[1]) for item in self.state.counts.get(column, ())]
        known = {value for value, _count in counts}
        return [*((value, 0) for value in self.state.chosen.get(column, ()) if value not in known), *counts]

    def _choose(self, chosen: Mapping[str, tuple[Any, ...]]) -> None:
        self._set(FilterState(dict(chosen), self.state.counts))
        self.chosen_changed.emit({column: list(values) for column, values in chosen.items()})
        self.refresh()

    def _ask(self) -> None:
        if self._request is not None:
            self._request.cancel()
        filters = {column: list(values) for column, values in self.state.chosen.items()}
        self._request = self._client.request("catalog.facets", {"filters": filters}, self._counted, self._not_counted)

    def _counted(self, counts: Mapping[str, Sequence[Sequence[Any]]]) -> None:
        self._request = None
        self._set(FilterState(self.state.chosen, counts))

    def _not_counted(self, error: IDCBrowserError) -> None:
        self._request = None
        self.failed.emit(error)

    def _set(self, state: FilterState) -> None:
        self.state = state
        self.changed.emit(state)


def facet_titles() -> dict[str, str]:
    """Columns that can be filtered by, in the order in which a radiologist thinks of them."""
    return {
        "Modality": _("Modality"), "BodyPartExamined": _("Body part"), "tumor_locations": _("Tumor location"), "cancer_types": _("Cancer type"),
        "collection_id": _("Collection"), "analysis_result_id": _("Analysis result"), "license_short_name": _("License"),
        "Manufacturer": _("Manufacturer"), "ManufacturerModelName": _("Model"), "PatientSex": _("Sex"), "species": _("Species"),
        "sop_class_name": _("Kind of object"), "program_id": _("Program"), "transfer_syntax_name": _("Transfer syntax"),
        "series_init_idc_version": _("First in release"), "series_revised_idc_version": _("Revised in release"),
    }


def value_text(value: Any) -> str:
    """A value as people read it."""
    return _("not stated") if value is None or value == "" else " ".join(str(value).split())


def chosen_text(chosen: Mapping[str, Sequence[Any]]) -> str:
    """All chosen values in one line."""
    titles = facet_titles()
    parts = []
    for column, values in chosen.items():
        names = _(" or ").join(_short(value_text(value)) for value in values)
        parts.append(_("{facet}: {values}").format(facet=titles.get(column, column), values=names))
    return "; ".join(parts)


def _short(text: str) -> str:
    return text if len(text) <= 40 else text[:37] + "..."
