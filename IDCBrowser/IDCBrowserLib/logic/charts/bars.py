"""A chart: bars with their labels and numbers, and what a bar filters by. Knows no widgets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.logic.base.filter_choice import FilterChoice


@dataclass(frozen=True)
class Bar:
    """One value: ``count`` in the unit of the chart, ``share`` of all that is counted (0 to 1). ``choice`` is what a click adds to the filter; None
    for a line that only says how many more values there are. ``is_rest``: that, or what is not stated. ``number`` is its number where that is
    not the count with its share.
    """

    label: str
    count: float
    share: float
    choice: FilterChoice | None = None
    is_rest: bool = False
    number: str = ""


@dataclass(frozen=True)
class Chart:
    """``column`` is the filter of its bars. ``missing``: the index file that it needs instead of bars."""

    key: str
    title: str
    bars: tuple[Bar, ...] = ()
    column: str = ""
    missing: str = ""


def share_text(share: float) -> str:
    """A part of all: "12 %", "under 1 %"."""
    if 0 < share < 0.01:
        return _("under 1 %")
    return _("{percent} %").format(percent=f"{100 * share:.0f}")


def bar_text(chart: Chart, number: int, unit: str) -> str:
    """A bar in words, for screen readers and tool tips; ``unit`` is what it counts."""
    bar = chart.bars[number]
    if bar.number:
        return _("{title}, {label}: {count}").format(title=chart.title, label=bar.label, count=bar.number)
    if bar.choice is None:
        return _("{title}: {label}").format(title=chart.title, label=bar.label)
    text = _("{title}, {label}: {count} {unit}, {share}")
    return text.format(title=chart.title, label=bar.label, count=f"{bar.count:,.0f}", unit=unit, share=share_text(bar.share))


def plain_rows(titles: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """For the clipboard: tabs between, as a spreadsheet takes it."""
    return "".join("\t".join(line) + "\n" for line in (titles, *rows))
