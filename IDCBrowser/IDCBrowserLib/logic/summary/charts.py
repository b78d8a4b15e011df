"""The figures of a cohort as charts, and as a table. Knows no widgets."""

from __future__ import annotations

from dataclasses import dataclass, field

from IDCBrowserLib.api.cohort import Counts, Figure, FigureRow
from IDCBrowserLib.catalog.facets.counting import BESIDE, RANGES
from IDCBrowserLib.i18n import local_number
from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.logic.base.filter_choice import FilterChoice
from IDCBrowserLib.logic.charts.bars import Bar, Chart, share_text
from IDCBrowserLib.logic.finding.facets import id_tip, value_text
from IDCBrowserLib.wording import human_size

UNIT_KEYS = ("cases", "studies", "series")
# More values than these are told as one number; ranges are all drawn, since a gap in them says something.
MAX_BARS = 10


@dataclass(frozen=True)
class TableOfFigures:
    """The same in rows, all values: (figure, value, series, studies, cases, share of the unit)."""

    titles: tuple[str, ...]
    rows: list[tuple[str, ...]] = field(default_factory=list)


def unit_titles() -> dict[str, str]:
    """What bars count."""
    return {"cases": _("Cases"), "studies": _("Studies"), "series": _("Series")}


def figure_titles() -> dict[str, str]:
    """The figures of the page, in their order."""
    return {
        "Modality": _("Modality"),
        "PatientSex": _("Sex"),
        "age_decade": _("Age (years)"),
        "collection_id": _("Collection"),
        "BodyPartExamined": _("Body part"),
        "study_period": _("Study year"),
        "Manufacturer": _("Manufacturer"),
        "ManufacturerModelName": _("Model"),
        "license_short_name": _("License"),
        "slice_thickness": _("Slice thickness (mm)"),
        "series_size": _("Size of a series"),
        "segments": _("Segments"),
    }


def filter_column(figure: str) -> str:
    """The facet that the bars of a figure filter."""
    return RANGES.get(figure) or BESIDE.get(figure) or figure


def charts(counts: Counts, unit: str) -> list[Chart]:
    """One for each figure that was counted or cannot be."""
    made = []
    for key, title in figure_titles().items():
        if key in counts["missing"]:
            made.append(Chart(key, title, missing=counts["missing"][key]))
        elif key in counts["by"]:
            made.append(Chart(key, title, tuple(_bars(key, counts["by"][key], unit, _whole(counts, unit))), filter_column(key)))
    return made


def table_of(counts: Counts, unit: str, with_ids: bool = False) -> TableOfFigures:
    """Every value of every figure; ``with_ids`` for a copy, in which collections are their ids."""
    table = TableOfFigures(
        (_("Figure"), _("Value"), _("Series"), _("Studies"), _("Cases"), _("Share of {unit}").format(unit=unit_titles()[unit].lower()))
    )
    whole = _whole(counts, unit)
    for key, title in figure_titles().items():
        for row in counts["by"].get(key, ()):
            share = share_text(_count(row, unit) / whole if whole else 0.0)
            numbers = (local_number(f"{number:,}") for number in (row["series"], row["studies"], row["cases"]))
            label = (id_tip(row["value"], filter_column(key)) if with_ids else "") or row_label(key, row)
            table.rows.append((title, label, *numbers, share))
    return table


def row_label(figure: str, row: FigureRow) -> str:
    """A value or range as people read it."""
    low, high = row["low"], row["high"]
    if figure not in RANGES or low is None or high is None:
        return value_text(row["value"], filter_column(figure))
    if figure == "series_size":
        return _("{low} to {high}").format(low=human_size(low), high=human_size(high + 1)) if high > low else human_size(low)
    if low == high:
        return local_number(f"{low:.4g}" if figure == "slice_thickness" else f"{low:g}")
    return local_number(f"{low:.4g} - {high:.4g}" if figure == "slice_thickness" else f"{low:g} - {high:g}")


def _bars(figure: str, rows: Figure, unit: str, whole: int) -> list[Bar]:
    if figure in RANGES:
        stated = [row for row in rows if row["low"] is not None]
        rest = [row for row in rows if row["low"] is None]
        return [_bar(figure, row, unit, whole) for row in (*stated, *rest)]
    ordered = sorted(rows, key=lambda row: -_count(row, unit))
    shown = ordered if len(ordered) <= MAX_BARS else ordered[: MAX_BARS - 1]
    bars = [_bar(figure, row, unit, whole) for row in shown]
    if len(ordered) > len(shown):
        # Without a number: a sum would count what has several of them several times.
        bars.append(Bar(_("and {count} more values").format(count=f"{len(ordered) - len(shown):,}"), 0, 0.0, None, True))
    return bars


def _bar(figure: str, row: FigureRow, unit: str, whole: int) -> Bar:
    count = _count(row, unit)
    return Bar(row_label(figure, row), count, count / whole if whole else 0.0, _choice(figure, row), row["value"] is None)


def _choice(figure: str, row: FigureRow) -> FilterChoice:
    if figure in RANGES and row["low"] is not None and row["high"] is not None:
        return FilterChoice(low=row["low"], high=row["high"])
    return FilterChoice((row["value"],))


def _count(row: FigureRow, unit: str) -> int:
    return {"series": row["series"], "studies": row["studies"], "cases": row["cases"]}[unit]


def _whole(counts: Counts, unit: str) -> int:
    return {"series": counts["series"], "studies": counts["studies"], "cases": counts["cases"]}[unit]
