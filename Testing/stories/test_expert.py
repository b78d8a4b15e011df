"""An expert asks in SQL and takes the rows along; by keys and clicks, on the real catalog."""

from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest
from helpers.hands import Hands
from PySide6 import QtCore, QtTest

from IDCBrowserLib.api.report import Row
from IDCBrowserLib.catalog.about.clinical_tables import own_folder
from IDCBrowserLib.host.standalone.window import WindowConfig
from IDCBrowserLib.logic.finding.query import QueryPhase
from IDCBrowserLib.report.table import write_measurements


@pytest.fixture
def sql(open_window: Callable[[WindowConfig], Hands], tmp_path: Path) -> Hands:
    return open_sql(open_window, tmp_path)


def open_sql(open_window: Callable[[WindowConfig], Hands], tmp_path: Path) -> Hands:
    hands = open_window(WindowConfig(settings_file=str(tmp_path / "settings.ini"), download_folder=str(tmp_path / "downloads")))
    hands.program.browser.show_page("sql")
    hands.wait(lambda: hands.program.browser.query.tables, "the tables")
    return hands


def test_series_found_by_a_query_are_selected_in_the_tables_or_planned(sql: Hands) -> None:
    sql.run_query("SELECT SeriesInstanceUID, SeriesDescription\nFROM index\nWHERE collection_id = 'lidc_idri' AND PatientID = 'LIDC-IDRI-0001'")
    browser = sql.program.browser
    found = browser.query.state.total
    assert found > 2
    sql.photograph("sql")
    sql.press("sqlUseButton")
    sql.wait(lambda: browser.plan.state.document is not None, "the plan")
    assert browser.plan.state.document["series_count"] == found
    browser.show_page("sql")
    sql.widget("sqlTable").selectRow(0)
    sql.press("sqlShowButton")
    sql.wait(lambda: browser.tables.selected_ids("series"), "the series in its table")
    assert browser.tables.selected_ids("cases") == ("lidc_idri/LIDC-IDRI-0001",)
    assert len(browser.tables.selected_ids("series")) == 1


def test_rows_of_queries_at_every_level_gather_in_the_cart(open_window: Callable[[WindowConfig], Hands], tmp_path: Path) -> None:
    sql = open_sql(open_window, tmp_path)
    browser = sql.program.browser
    sql.run_query("SELECT SeriesInstanceUID FROM index WHERE collection_id = 'lidc_idri' AND PatientID = 'LIDC-IDRI-0001' ORDER BY 1")
    found = browser.query.state.total
    sql.press("sqlCartButton")
    sql.wait(lambda: browser.cart.state.count == found, "all of its series")
    assert f"{found} series are in the cart; the cart contains" in sql.message()
    sql.run_query("SELECT DISTINCT collection_id, PatientID FROM index WHERE collection_id = 'nlst' ORDER BY 2 LIMIT 50")
    table = sql.widget("sqlTable")
    table.setFocus()
    table.selectRow(7)
    QtTest.QTest.keyClick(table, QtCore.Qt.Key.Key_C, QtCore.Qt.KeyboardModifier.ControlModifier | QtCore.Qt.KeyboardModifier.ShiftModifier)
    sql.wait(lambda: browser.cart.state.count == found + 1, "one case of 50")
    sql.run_query("SELECT count(*) FROM index")
    assert not sql.widget("sqlCartButton").isEnabled()
    browser.show_page("cart")
    sql.wait(lambda: len(browser.cart.state.groups) == 2 and browser.cart.state.totals, "what is in it")
    assert {(group["collection_id"], group["entries"]) for group in browser.cart.state.groups} == {("lidc_idri", found), ("nlst", 1)}


def test_a_hundred_thousand_series_are_put_into_the_cart_while_the_window_goes_on(
    open_window: Callable[[WindowConfig], Hands], tmp_path: Path
) -> None:
    sql = open_sql(open_window, tmp_path)
    browser = sql.program.browser
    sql.widget("sqlLimit").setCurrentIndex(2)
    sql.run_query("SELECT SeriesInstanceUID FROM index LIMIT 100000")
    sql.press("sqlCartButton")
    browser.show_page("browse")
    sql.type_into("collectionsFilter", "rider_pilot")
    sql.wait(lambda: sql.rows("collections") == 1, "browsing goes on")
    sql.wait(lambda: browser.cart.state.count == 100_000, "all of them")
    assert "100,000 series are in the cart; the cart contains" in sql.message()


def test_what_writes_reads_files_or_never_ends_is_answered_in_place_while_browsing_goes_on(sql: Hands, tmp_path: Path) -> None:
    sql.run_query(f"COPY (SELECT 1) TO '{tmp_path / 'out.csv'}'")
    assert "Only SELECT" in sql.widget("sqlGuide").text() and not (tmp_path / "out.csv").exists()
    sql.run_query("SELECT * FROM read_csv('/etc/passwd')")
    assert "no files" in sql.widget("sqlGuide").text()
    sql.widget("sqlEditor").setPlainText("SELECT sum(a.range * b.range) FROM range(1000000) a, range(1000000) b")
    sql.press("sqlRunButton")
    browser = sql.program.browser
    browser.show_page("browse")
    sql.type_into("collectionsFilter", "nlst")
    sql.wait(lambda: sql.rows("collections") == 1, "browsing goes on")
    assert browser.query.state.phase is QueryPhase.RUNNING
    browser.show_page("sql")
    sql.press("sqlCancelButton")
    sql.run_query("SELECT count(*) FROM index")
    assert browser.query.state.total == 1


def test_a_query_that_needs_too_much_memory_is_ended_and_the_next_one_is_answered(sql: Hands) -> None:
    # Long texts fill the memory sooner than numbers.
    sql.run_query("SELECT count(*) FROM (SELECT DISTINCT repeat('x', 2000) || (a.range * 3001 + b.range) AS x FROM range(3000) a, range(3000) b)")
    assert "memory" in sql.widget("sqlGuide").text()
    sql.run_query("SELECT count(*) FROM index")
    assert sql.program.browser.query.state.total == 1


def test_the_mean_ct_number_of_the_liver_in_nlst_by_age_is_asked_of_a_file_of_measurements(
    open_window: Callable[[WindowConfig], Hands], tmp_path: Path
) -> None:
    sql = open_sql(open_window, tmp_path)
    query = sql.program.browser.query
    sql.run_query("SELECT any_value(SeriesInstanceUID), PatientID FROM index WHERE collection_id = 'nlst' GROUP BY 2 ORDER BY 2 LIMIT 2")
    sql.wait(lambda: query.rows.row(1) is not None, "two cases")
    series, persons = ([str(query.rows.row(number)[column]) for number in range(2)] for column in (0, 1))
    clinical = own_folder("25") / "nlst_prsn"
    clinical.mkdir(parents=True)
    ages = f"SELECT * FROM (VALUES ('{persons[0]}', 62), ('{persons[1]}', 64)) AS t(dicom_patient_id, age)"
    duckdb.sql(ages).write_parquet(str(clinical / "000.parquet"))
    file = tmp_path / "livers.csv"
    write_measurements(file, [_mean(series[0], "Liver", 50.0), _mean(series[1], "Liver", 61.0), _mean(series[0], "Spleen", 9.0)])
    sql.widget("sqlEditor").clear()
    sql.program.host.choose_open_file = lambda title, kinds: str(file)
    sql.press("sqlMeasurementsButton")
    sql.wait(lambda: query.measurements, "the table of measurements")
    sql.run_query(sql.widget("sqlEditor").toPlainText())
    sql.wait(lambda: query.rows.row(0) is not None, "the answer")
    sql.photograph("sql_measurements")
    assert query.state.total == 1 and list(query.rows.row(0)) == [60, 55.5, 2]
    hostile = tmp_path / "hostile.parquet"
    hostile.write_bytes(b"PAR1" + b"\xff" * 5_000 + b"PAR1")
    sql.program.host.choose_open_file = lambda title, kinds: str(hostile)
    sql.press("sqlMeasurementsButton")
    sql.wait(lambda: "is damaged, or no file of measurements" in sql.message(), "a sentence")
    assert query.measurements == str(file)


def _mean(series: str, finding: str, value: float) -> Row:
    """A CT number in an organ."""
    codes = {"finding": finding, "quantity": "Mean"}
    row = dict.fromkeys(Row.__annotations__)
    row.update({name: {"value": text, "scheme": "SCT", "meaning": text} for name, text in codes.items()}, source_series_uid=series, value=value)
    return row  # type: ignore[return-value]
