"""Figures as charts: bars, labels, numbers, and what a bar filters by."""

import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest

from IDCBrowserLib.logic.base.filter_choice import FilterChoice
from IDCBrowserLib.logic.charts.bars import Bar, Chart, bar_text, plain_rows, share_text
from IDCBrowserLib.logic.charts.drawing import draw_all, draw_chart, elided
from IDCBrowserLib.logic.charts.svg import svg
from IDCBrowserLib.logic.summary.charts import MAX_BARS, charts, table_of
from IDCBrowserLib.logic.summary.save import save_figures


def row(value: str | None, series: int, low: float | None = None, high: float | None = None, cases: int = 1) -> dict[str, Any]:
    return {"value": value, "low": low, "high": high, "series": series, "studies": series, "cases": cases}


def counted(by: dict[str, Any], missing: dict[str, str] | None = None) -> Any:
    return {
        "series": 100,
        "studies": 50,
        "cases": 10,
        "collections": 1,
        "instances": 1,
        "total_bytes": 1,
        "by": by,
        "missing": missing or {},
    }


def measure(text: str, bold: bool) -> float:
    return len(text) * (8.0 if bold else 7.0)


def test_values_are_ordered_by_the_unit_in_sight_and_the_rest_is_told_without_a_number() -> None:
    rows = [row(f"V{number}", number, cases=100 - number) for number in range(1, MAX_BARS + 4)]
    (by_series,) = charts(counted({"Modality": rows}), "series")
    (by_cases,) = charts(counted({"Modality": rows}), "cases")
    assert [bar.label for bar in by_series.bars[:2]] == [f"V{MAX_BARS + 3}", f"V{MAX_BARS + 2}"]
    assert [bar.label for bar in by_cases.bars[:2]] == ["V1", "V2"]
    assert len(by_series.bars) == MAX_BARS
    assert by_series.bars[-1] == Bar("and 4 more values", 0, 0.0, None, True)
    assert by_series.bars[0].choice == FilterChoice((f"V{MAX_BARS + 3}",))
    assert by_series.column == "Modality"


def test_ranges_keep_their_order_and_filter_by_their_ends() -> None:
    rows = [row("0-9", 5, 0, 9), row("60-69", 50, 60, 69), row(None, 45)]
    (chart,) = charts(counted({"age_decade": rows}), "series")
    assert [(bar.label, bar.count) for bar in chart.bars] == [("0 - 9", 5), ("60 - 69", 50), ("not stated", 45)]
    assert [bar.choice for bar in chart.bars] == [FilterChoice(low=0, high=9), FilterChoice(low=60, high=69), FilterChoice((None,))]
    assert (chart.column, chart.bars[2].is_rest) == ("age_years", True)


def test_sizes_and_thicknesses_read_as_people_write_them() -> None:
    by = {"series_size": [row("1", 3, 1_000_000, 9_999_999)], "slice_thickness": [row("1", 3, 0.625, 1.0), row("5", 2, 5.0, 5.0)]}
    thickness, size = charts(counted(by), "series")
    assert [bar.label for bar in thickness.bars] == ["0.625 - 1", "5"]
    assert [bar.label for bar in size.bars] == ["1.0 MB to 10.0 MB"]


def test_a_figure_without_its_index_file_says_which_it_needs() -> None:
    assert charts(counted({}, {"segments": "seg_index"}), "cases") == [Chart("segments", "Segments", missing="seg_index")]


def test_a_bar_in_words_has_title_label_number_and_share() -> None:
    (chart,) = charts(counted({"PatientSex": [row("F", 25, cases=4), row(None, 1, cases=6)]}), "cases")
    assert bar_text(chart, 1, "cases") == "Sex, F: 4 cases, 40 %"
    assert [share_text(share) for share in (0.0, 0.001, 0.5, 1.0)] == ["0 %", "under 1 %", "50 %", "100 %"]


def test_every_bar_has_its_label_and_its_number_inside_the_picture() -> None:
    rows = [row("a value with a very long name that goes on and on for ever", 90), row("B", 1), row(None, 9)]
    (chart,) = charts(counted({"Manufacturer": rows}), "series")
    for width in (160.0, 330.0, 900.0):
        drawing = draw_chart(chart, width, 15.0, measure)
        assert len(drawing.rows) == 3 and len(drawing.boxes) == 3
        assert [box.filled for box in drawing.boxes] == [True, False, True]
        texts = {text.text for text in drawing.texts}
        assert {"90  (90 %)", "9  (9 %)", "1  (1 %)", "B"} <= texts and (width < 300 or "not stated" in texts)
        ends = [text.x if text.at_end else text.x + measure(text.text, text.bold) for text in drawing.texts]
        starts = [text.x - measure(text.text, text.bold) if text.at_end else text.x for text in drawing.texts]
        assert max(ends) <= width + 1 and min(starts) >= -1


def test_an_empty_chart_and_a_chart_of_zeros_are_drawn() -> None:
    assert draw_chart(Chart("x", "X"), 300.0, 15.0, measure).rows == ()
    assert draw_chart(Chart("x", "X", (Bar("a", 0, 0.0),)), 300.0, 15.0, measure).boxes == ()


def test_the_picture_has_all_charts_apart_from_each_other() -> None:
    rows = [row("CT", 60), row("MR", 40)]
    made = charts(counted({"Modality": rows, "PatientSex": rows, "BodyPartExamined": rows, "license_short_name": rows}), "series")
    drawing = draw_all("A heading", made, 800.0, 2, 15.0, measure)
    assert len(drawing.boxes) == 8 and drawing.texts[0].text == "A heading"
    places = {(round(box.x), round(box.y)) for box in drawing.boxes}
    assert len(places) == 8 and max(box.y + box.height for box in drawing.boxes) <= drawing.height


def test_svg_is_well_formed_whatever_the_values_are() -> None:
    rows = [row('<script>alert("&")</script>', 60), row("\x1b[31m\x00red", 40)]
    (chart,) = charts(counted({"Manufacturer": rows}), "series")
    root = ET.fromstring(svg(draw_all("<&>", [chart], 900.0, 1, 15.0, measure), 12.0))
    texts = [element.text for element in root.iter("{http://www.w3.org/2000/svg}text")]
    assert '<script>alert("&")</script>' in texts and not any("\x1b" in str(text) for text in texts)


def test_the_table_has_every_value_and_goes_into_a_spreadsheet() -> None:
    counts = counted({"Modality": [row(f"M{number}", number, cases=number) for number in range(30)]})
    table = table_of(counts, "cases")
    assert len(table.rows) == 30 and table.rows[5] == ("Modality", "M5", "5", "5", "5", "50 %")
    assert plain_rows(table.titles, table.rows[:1]).splitlines()[0] == "Figure\tValue\tSeries\tStudies\tCases\tShare of cases"


def test_saved_figures_have_the_values_of_idc_and_no_formulas(tmp_path: Path) -> None:
    save_figures(tmp_path / "f.csv", counted({"Manufacturer": [row("=1+1", 2), row(None, 1)], "age_decade": [row("0-9", 5, 0, 9)]}))
    lines = (tmp_path / "f.csv").read_text(encoding="utf-8").splitlines()
    assert lines == ["figure,value,low,high,series,studies,cases", "Manufacturer,'=1+1,,,2,2,1", "Manufacturer,,,,1,1,1", "age_decade,0-9,0,9,5,5,1"]


@pytest.mark.parametrize(("width", "shown"), [(70.0, "0123456789"), (69.0, "012345..."), (1.0, "0...")])
def test_a_text_that_does_not_fit_is_cut_at_its_end(width: float, shown: str) -> None:
    assert elided("0123456789", width, measure) == shown
