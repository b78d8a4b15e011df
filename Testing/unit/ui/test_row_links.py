"""What is selected opens on the web from the menus of the tables; slides are not offered to views that cannot show them."""

import pytest
from helpers.fake_catalog import FakeCatalog
from helpers.panel import Panel
from PySide6 import QtGui


@pytest.fixture
def panel(app, make_bench):
    made = Panel(make_bench(FakeCatalog()), [])
    yield made
    made.panel.close()
    made.panel.widget.close()


def trigger(panel, name):
    action = panel.find(QtGui.QAction, name)
    assert action is not None, name
    action.trigger()
    panel.settle()


def test_the_row_of_that_table_is_opened_whatever_is_selected_below(panel):
    for level in ("collections", "cases", "studies", "series"):
        panel.click_row(level, 0)
    asked = panel.bench.engine.process.calls
    trigger(panel, "studiesLink_viewer")
    assert asked("catalog.details")[-1] == {"level": "studies", "id": "1.2.5.0"}
    trigger(panel, "seriesLink_viewer")
    assert asked("catalog.details")[-1] == {"level": "series", "id": "1.2.5.0.0"}
    assert panel.bench.host.opened == ["https://example.org/page"] * 2


def test_without_a_row_or_a_page_it_is_said(panel):
    trigger(panel, "collectionsLink_portal")
    assert panel.bench.last_message.text == "Select a row first."
    panel.click_row("collections", 0)
    trigger(panel, "collectionsLink_doi")
    assert panel.bench.last_message.text == "There is no such page for the selected row."
    assert panel.bench.host.opened == []


def test_slides_are_loaded_as_pictures(panel):
    for row in panel.bench.catalog.rows["series"]:
        row["Modality"] = "SM"
    panel.click_row("collections", 0)
    assert panel.button("downloadButton").isEnabled()
    load = panel.button("downloadAndLoadButton")
    assert load.isEnabled() and "slides" in load.toolTip()


def test_what_nothing_shows_can_be_downloaded_but_not_loaded(panel):
    load = panel.button("downloadAndLoadButton")
    for row in panel.bench.catalog.rows["series"]:
        row["Modality"] = "RTRECORD"
    panel.click_row("collections", 0)
    assert panel.button("downloadButton").isEnabled()
    assert not load.isEnabled() and "(RTRECORD) cannot be displayed" in load.toolTip()
    panel.bench.catalog.rows["series"][0]["Modality"] = "CT"
    panel.click_row("collections", 1)
    panel.click_row("collections", 0)
    assert load.isEnabled(), "something among it can be shown"
