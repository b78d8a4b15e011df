"""Texts of the selection panel, for selected rows and for an opened manifest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from IDCBrowserLib.api.selection import Summary
from IDCBrowserLib.i18n import local_number
from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.logic.base.source_text import sources_label
from IDCBrowserLib.logic.base.state import PlanState, SelectionState
from IDCBrowserLib.selection.plan import is_noncommercial
from IDCBrowserLib.wording import human_count, human_size

_MAX_NAMES = 8


@dataclass(frozen=True)
class SelectionLines:
    """One line each; empty ones are not shown. ``restricted`` names licenses that forbid commercial use."""

    total: str
    levels: str = ""
    modalities: str = ""
    licenses: str = ""
    restricted: str = ""


def selection_lines(state: SelectionState, preset: str = "") -> SelectionLines:
    """What is selected in the tables; ``preset`` says which part of it is counted."""
    if not state.level:
        return SelectionLines(_("Nothing selected"), _("Select collections, cases, studies or series in the tables to download them."))
    summary = state.summary
    if summary is None:
        return SelectionLines(state.error or _("Counting..."))
    return summary_lines(summary, preset)


def summary_lines(summary: Summary, preset: str = "") -> SelectionLines:
    """What ``selection.summary`` counted; ``preset`` says which part of the selection that is."""
    return SelectionLines(
        _series_text(summary["series"], summary["bytes"], preset),
        f"{levels_text(summary)}. {added}" if (added := added_text(summary)) else levels_text(summary),
        _names_text(_("Modalities: {names}"), summary["modalities"]),
        _names_text(_("Licenses: {names}"), summary["licenses"]),
        _restricted_text(summary["licenses"]),
    )


def added_text(totals: Summary) -> str:
    """What comes in addition to what was selected; "" for nothing."""
    if not totals["added_series"]:
        return ""
    series, size = human_count(totals["added_series"], _("series"), _("series")), human_size(totals["added_bytes"])
    if totals["guessed_images"] or totals["guessed_derived"]:
        text = _(
            "This includes up to {series} ({size}) of related data: where no index file states what belongs together, the whole study is counted."
        )
    else:
        text = _("This includes {series} ({size}) of related data.")
    return text.format(series=series, size=size)


def plan_lines(state: PlanState, preset: str = "") -> SelectionLines:
    """What an opened manifest means; ``preset`` says which part of it is counted."""
    name = sources_label(state.sources)
    document = state.document
    if document is None:
        return SelectionLines(_("Looking up {name}...").format(name=name))
    unresolved = document["unresolved_count"]
    missing = _("{count} skipped, see Results").format(count=human_count(unresolved, _("line"), _("lines"))) if unresolved else ""
    if state.nothing:
        return SelectionLines(state.nothing, missing)
    where = _("From {name}. Nothing has been downloaded yet.").format(name=name)
    return SelectionLines(
        _series_text(document["series_count"], document["total_bytes"], preset),
        f"{where} {missing}".strip(),
        _names_text(_("Modalities: {names}"), document["modalities"]),
        _names_text(_("Licenses: {names}"), document["licenses"]),
        _restricted_text(document["licenses"]),
    )


def _series_text(series: int, size: int, preset: str) -> str:
    counted = human_count(series, _("series"), _("series"))
    if preset:
        return _("{series}, {size} ({part})").format(series=counted, size=human_size(size), part=preset[0].lower() + preset[1:])
    return _("{series}, {size}").format(series=counted, size=human_size(size))


def levels_text(summary: Summary) -> str:
    """How many studies, cases and collections."""
    return ", ".join(
        [
            human_count(summary["studies"], _("study"), _("studies")),
            human_count(summary["cases"], _("case"), _("cases")),
            human_count(summary["collections"], _("collection"), _("collections")),
        ]
    )


def _names_text(sentence: str, names: Mapping[str, int]) -> str:
    shown = [f"{name or '-'} ({local_number(f'{number:,}')})" for name, number in list(names.items())[:_MAX_NAMES]]
    if len(names) > _MAX_NAMES:
        shown.append(_("{count} more").format(count=len(names) - _MAX_NAMES))
    return sentence.format(names=", ".join(shown)) if shown else ""


def _restricted_text(licenses: Mapping[str, int]) -> str:
    names = {name: number for name, number in licenses.items() if is_noncommercial(name)}
    return _("No commercial use: {names}").format(names=", ".join(f"{name} ({number:,} series)" for name, number in names.items())) if names else ""
