"""A query's chart: its bars and the choice of columns, as the page shows them. Knows no widgets."""

from __future__ import annotations

from collections.abc import Sequence

from IDCBrowserLib.api import expert as api
from IDCBrowserLib.catalog.expert.chart import MEAN, ROWS, SUM
from IDCBrowserLib.i18n import local_number
from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.logic.charts.bars import Bar, Chart
from IDCBrowserLib.logic.finding.facets import value_text


def value_choices(columns: Sequence[tuple[str, str]]) -> dict[str, str]:
    """What bars can show, by what ``Query.draw`` takes."""
    choices = {ROWS: _("Number of rows")}
    for number, (name, kind) in enumerate(columns):
        if api.is_number(kind):
            choices[f"{MEAN}:{number}"] = _("{column} (mean)").format(column=name)
            choices[f"{SUM}:{number}"] = _("{column} (sum)").format(column=name)
    return choices


def query_chart(columns: Sequence[tuple[str, str]], found: api.Chart) -> Chart:
    """Titled by what the bars show."""
    number = found["value"].partition(":")[2]
    value = columns[int(number)][0] if found["single"] else value_choices(columns).get(found["value"], "")
    title = _("{value} by {label}").format(value=value, label=columns[found["label"]][0])
    bars = [Bar(value_text(bar["label"]), bar["value"], 0.0, None, bar["label"] is None, _number(bar["value"])) for bar in found["bars"]]
    if found["more"]:
        bars.append(Bar(_("and {count} more values").format(count=f"{found['more']:,}"), 0, 0.0, None, True))
    return Chart("sql", title, tuple(bars))


def _number(value: float) -> str:
    return local_number(f"{value:,.0f}" if value == round(value) else f"{value:,.6g}")
