"""Pictures of numbers: the page "Summary", and rows of a query as a chart."""

from __future__ import annotations

from typing import Any

import duckdb
from helpers.person import Person

from told.index import by_value


def chart(person: Person, key: str) -> Any:
    """A ``ChartView`` by its key."""
    return person.widget(f"chart_{key}")


def shown(person: Person, key: str) -> dict[str, int]:
    """What its bars say."""
    return {bar.label: int(bar.count) for bar in chart(person, key).chart.bars if bar.choice is not None}


def settle(person: Person) -> None:
    """Until all is counted."""
    figures = person.browser.figures
    person.wait(lambda: not person.client.pending and figures.state.counts is not None and not figures.state.counting, "the figures")
    person.settle()


def click_bar(person: Person, key: str, label: str) -> None:
    """Scrolled into sight first."""
    view = chart(person, key)
    number = next(number for number, bar in enumerate(view.chart.bars) if bar.label == label)
    place = view.rect_of(number).center()
    person.widget("summaryCharts").ensureVisible(int(view.property("x")) + 5, int(view.property("y")) + place.y())
    person.pause(20)
    person.click(view, place)
    settle(person)


def a_bar_of_the_summary_filters(person: Person, index: duckdb.DuckDBPyConnection) -> None:
    """Two bars by clicks, one by keys; charts and tables follow with the numbers of SQL."""
    person.browser.show_page("summary")
    settle(person)
    whole = by_value(index, "Modality")
    assert shown(person, "Modality") == {label: whole[label] for label in shown(person, "Modality")}
    click_bar(person, "Modality", "CT")
    click_bar(person, "PatientSex", "F")
    women = "Modality = 'CT' AND PatientSex = 'F'"
    assert shown(person, "license_short_name") == by_value(index, "license_short_name", women)
    person.photograph("summary-filtered")
    view = chart(person, "license_short_name")
    first = view.chart.bars[0].label
    person.widget("summaryCharts").ensureWidgetVisible(view)
    person.key(view, "Home")
    person.key(view, "Return")
    person.wait(lambda: "license_short_name" in person.browser.filters.for_engine(), "the license as a filter")
    settle(person)
    assert shown(person, "license_short_name") == {first: by_value(index, "license_short_name", women)[first]}
    person.browser.show_page("browse")
    person.wait(lambda: person.browser.filters.state.totals, "the totals")
    person.wait(lambda: person.browser.filters.state.totals["cases"] == by_value(index, "license_short_name", women)[first], "the same cases")
    person.press("resetFiltersButton")
    person.wait(lambda: person.rows("collections") > 100, "everything")


def rows_of_a_query_are_a_table_and_a_chart(person: Person, index: duckdb.DuckDBPyConnection) -> None:
    """Written and run by keys; axes are guessed."""
    person.browser.show_page("sql")
    person.wait(lambda: person.browser.query.tables, "the tables")
    person.run_query("SELECT Modality, count(*) AS series FROM index GROUP BY Modality ORDER BY series DESC")
    expected = by_value(index, "Modality", unit="count(*)")
    model = person.widget("sqlTable").model()
    assert model.rowCount() == len(expected)
    person.wait(lambda: str(model.index(0, 0).data()) in expected, "the first row")
    person.photograph("sql-table")
    person.press("sqlChartButton")
    person.wait(lambda: person.browser.query.state.total == len(expected) and _has_chart(person), "the chart")
    view = chart(person, "sql")
    assert view.chart.title == "series by Modality"
    assert {bar.label: int(bar.count) for bar in view.chart.bars} == expected
    person.photograph("sql-chart")
    person.press("sqlChartButton")


def _has_chart(person: Person) -> bool:
    try:
        return bool(chart(person, "sql").chart.bars)
    except AssertionError:
        return False
