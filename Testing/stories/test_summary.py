"""A person asks who is in a cohort: every number of the charts is that of the same question put to the index file itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import pytest
from helpers.hands import Hands
from PySide6 import QtCore, QtGui, QtTest, QtWidgets
from told import figures
from told.figures import click_bar, settle, shown
from told.index import by_value, opened_index

from IDCBrowserLib.catalog.connection import literal
from IDCBrowserLib.host.standalone.window import WindowConfig


@pytest.fixture(scope="module")
def index() -> Iterator[duckdb.DuckDBPyConnection]:
    with opened_index() as connection:
        yield connection


@pytest.fixture
def summary(catalog: Hands) -> Hands:
    return show_summary(catalog)


@pytest.fixture
def own_window(open_window: Callable[[WindowConfig], Hands], tmp_path: Path) -> Hands:
    """For who changes what is counted, or runs a query."""
    hands = open_window(WindowConfig(settings_file=str(tmp_path / "settings.ini"), download_folder=str(tmp_path / "downloads")))
    hands.wait(lambda: hands.rows("collections") > 100, "the catalog")
    return hands


def show_summary(hands: Hands) -> Hands:
    hands.program.browser.show_page("summary")
    settle(hands)
    return hands


def test_bars_have_the_numbers_of_the_index_and_filter_by_a_click(summary: Hands, index: duckdb.DuckDBPyConnection) -> None:
    whole = by_value(index, "Modality", "true")
    assert shown(summary, "Modality") == {label: whole[label] for label in shown(summary, "Modality")}
    click_bar(summary, "Modality", "CT")
    click_bar(summary, "PatientSex", "F")
    women = "Modality = 'CT' AND PatientSex = 'F'"
    assert shown(summary, "license_short_name") == by_value(index, "license_short_name", women)
    assert shown(summary, "PatientSex") == {"F": by_value(index, "PatientSex", women)["F"]}, "the charts are of what is shown"
    decades = by_value(index, "(left(PatientAge, 3)::INT // 10 * 10)::VARCHAR", f"{women} AND PatientAge SIMILAR TO '[0-9]{{3}}Y'")
    ages = {label.partition(" - ")[0]: count for label, count in shown(summary, "age_decade").items() if label not in ("not stated", "0 - 9")}
    assert ages and ages == {label: decades[label] for label in ages}
    click_bar(summary, "age_decade", "60 - 69")
    old = f"{women} AND try_cast(left(PatientAge, 3) AS INT) BETWEEN 60 AND 69 AND right(PatientAge, 1) = 'Y'"
    assert shown(summary, "license_short_name") == by_value(index, "license_short_name", old)
    assert summary.program.browser.filters.for_engine() == {"Modality": ["CT"], "PatientSex": ["F"], "age_years": {"min": 60.0, "max": 69.0}}
    summary.photograph("summary-filtered")


def test_what_the_tables_show_and_the_cart_are_summarized_in_series_too(own_window: Hands, index: duckdb.DuckDBPyConnection) -> None:
    summary = show_summary(own_window)
    summary.program.browser.show_page("browse")
    summary.type_into("collectionsFilter", "rider")
    summary.wait(lambda: summary.rows("collections") < 10, "the collections")
    summary.program.browser.show_page("summary")
    settle(summary)
    unit = summary.widget("summaryUnit")
    unit.setFocus()
    QtTest.QTest.keyClick(unit, QtCore.Qt.Key.Key_End)
    settle(summary)
    called = {name: collection_id for collection_id, name in summary.program.browser.info["collection_names"].items()}
    ids = ", ".join(literal(called[label]) for label in shown(summary, "collection_id"))
    assert shown(summary, "Modality") == by_value(index, "Modality", f"collection_id IN ({ids})", unit="count(*)")
    summary.program.browser.show_page("browse")
    summary.click_row("collections", 0)
    first = summary.program.browser.tables.selected_ids("collections")
    assert first is not None
    summary.wait(lambda: summary.widget("addToCartButton").isEnabled(), "the selection")
    summary.press("addToCartButton")
    summary.wait(lambda: summary.program.browser.cart.state.count == 1, "the cart")
    summary.program.browser.show_page("summary")
    scope = summary.widget("summaryScope")
    scope.setFocus()
    QtTest.QTest.keyClick(scope, QtCore.Qt.Key.Key_Down)
    QtTest.QTest.keyClick(scope, QtCore.Qt.Key.Key_Down)
    settle(summary)
    assert shown(summary, "Modality") == by_value(index, "Modality", f"collection_id = {literal(first[0])}", unit="count(*)")


def test_the_command_the_picture_and_the_table_say_the_same(summary: Hands, index: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    click_bar(summary, "license_short_name", "CC BY-NC 3.0")
    summary.choose_file_next(tmp_path / "summary.csv")
    summary.press("summarySave")
    rows = duckdb.sql(f"SELECT value, cases FROM read_csv({literal(tmp_path / 'summary.csv')}) WHERE figure = 'Modality'").fetchall()
    assert dict(rows) == by_value(index, "Modality", "license_short_name = 'CC BY-NC 3.0'")
    summary.press("summaryCopyPicture")
    picture = QtWidgets.QApplication.clipboard().image()
    assert picture.width() > 1000 and picture.pixelColor(1, 1) == QtGui.QColor("#ffffff")
    counted = summary.program.browser.figures.state.counts
    assert counted is not None
    from IDCBrowserLib.catalog.catalog import Catalog

    with Catalog() as catalog:
        same = catalog.counts({"license_short_name": ["CC BY-NC 3.0"]})
    assert {name: list(rows) for name, rows in counted["by"].items()} == {name: list(same["by"][name]) for name in counted["by"]}


def test_a_bar_filters_by_a_click_and_by_keys(own_window: Hands, index: duckdb.DuckDBPyConnection) -> None:
    figures.a_bar_of_the_summary_filters(own_window, index)


def test_rows_of_a_query_become_a_chart_whose_axes_are_guessed(own_window: Hands, index: duckdb.DuckDBPyConnection) -> None:
    figures.rows_of_a_query_are_a_table_and_a_chart(own_window, index)
