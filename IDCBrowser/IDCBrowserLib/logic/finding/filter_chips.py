"""What is chosen in the filters as short texts, one for each thing that can be taken away again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from IDCBrowserLib.api.catalog import Totals
from IDCBrowserLib.api.clinical import is_clinical
from IDCBrowserLib.api.values import Value
from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.logic.base.filter_choice import FilterChoice
from IDCBrowserLib.logic.finding.facets import REGULAR, STUDY_MODALITY, choice_text, facet_title, id_tip, range_text, short_text, value_text
from IDCBrowserLib.wording import human_count, human_size


@dataclass(frozen=True)
class Chip:
    """``without`` is what is left of the choice in ``column`` when it is taken away."""

    column: str
    text: str
    tip: str
    without: FilterChoice


def chips(chosen: Mapping[str, FilterChoice]) -> list[Chip]:
    """In the order in which they were chosen."""
    return [chip for column, choice in chosen.items() for chip in _of_column(column, choice)]


def _of_column(column: str, choice: FilterChoice) -> list[Chip]:
    title = facet_title(column) if not is_clinical(column) else short_text(facet_title(column))
    tip = _("{facet}: {values}. Click to remove this filter.").format(facet=title, values=choice_text(column, choice))
    made = []
    if choice.has_range:
        text = _("{facet} {values}").format(facet=title, values=range_text(column, choice))
        made.append(Chip(column, text, tip, replace(choice, low=None, high=None)))
    for value in choice.included:
        without = replace(choice, any_of=_without(choice.any_of, value), all_of=_without(choice.all_of, value))
        made.append(Chip(column, _included(column, title, value), _with_id(tip, column, value), without))
    if column == "license_short_name" and choice.none_of and all("NC" in str(value) for value in choice.none_of):
        return [*made, Chip(column, _("Commercial use allowed"), tip, replace(choice, none_of=()))]
    for value in choice.none_of:
        text = _("Not {value}").format(value=_included(column, title, value))
        made.append(Chip(column, text, _with_id(tip, column, value), replace(choice, none_of=_without(choice.none_of, value))))
    return made


def _included(column: str, title: str, value: Value) -> str:
    if value is None or value == "":
        return _("{facet} not stated").format(facet=title)
    text = short_text(value_text(value, column))
    if column == REGULAR:
        return _("{facet}: {values}").format(facet=title, values=text.lower())
    if column == "AlgorithmType":
        return {"MANUAL": _("By a person"), "AUTOMATIC": _("By an algorithm"), "SEMIAUTOMATIC": _("Semi-automatic")}.get(str(value), text)
    if column == STUDY_MODALITY:
        return _("Study with {modality}").format(modality=text)
    if is_clinical(column):
        # "Yes", or "1", of what.
        return _("{facet}: {values}").format(facet=title, values=text)
    # A number alone says nothing.
    return text if isinstance(value, str) else _("{facet} {values}").format(facet=title, values=text)


def _with_id(tip: str, column: str, value: Value) -> str:
    return f"{tip}\n{id_tip(value, column)}".strip()


def _without(values: tuple[Value, ...], value: Value) -> tuple[Value, ...]:
    return tuple(item for item in values if item != value)


def totals_text(totals: Totals) -> str:
    """What the filters leave."""
    return _("= {cases} ({studies}, {series}, {size})").format(
        series=human_count(totals["series"], _("series"), _("series")),
        studies=human_count(totals["studies"], _("study"), _("studies")),
        cases=human_count(totals["cases"], _("case"), _("cases")),
        size=human_size(totals["bytes"]),
    )
