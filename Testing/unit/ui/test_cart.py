from __future__ import annotations

import pytest

pytest.importorskip("PySide6")

from helpers.fake_catalog import FakeCatalog
from helpers.panel import Panel
from PySide6.QtTest import QTest

from IDCBrowserLib.logic.picking.cart_text import filters_text
from IDCBrowserLib.qtbinding import Qt, QtWidgets
from IDCBrowserLib.ui.picking.cart_page import CartPage
from IDCBrowserLib.ui.summary.summary_page import SummaryPage


@pytest.fixture
def panel(app, make_bench):
    panel = Panel(make_bench(FakeCatalog()), [SummaryPage, CartPage])
    yield panel
    panel.panel.close()
    panel.panel.widget.close()


def fill(panel):
    """A collection and one case of another."""
    panel.click_row("collections", 0)
    panel.button("addToCartButton").click()
    panel.settle()
    panel.click_row("collections", 1)
    panel.click_row("cases", 1)
    panel.button("addToCartButton").click()
    panel.settle()


def look(panel):
    panel.bench.browser.show_page("cart")
    panel.settle()
    return panel.find(QtWidgets.QTreeWidget, "cartTree")


def cells(tree):
    """Every row with its depth."""

    def below(item, depth):
        rows = [(depth, item.text(0), item.text(2))]
        return rows + [row for number in range(item.childCount()) for row in below(item.child(number), depth + 1)]

    return [row for number in range(tree.topLevelItemCount()) for row in below(tree.topLevelItem(number), 0)]


def choose_part(panel, name, text):
    box = panel.find(QtWidgets.QComboBox, name)
    box.setCurrentIndex(box.findText(text))
    box.activated.emit(box.findText(text))
    panel.settle()


def test_rows_of_two_collections_are_listed_by_collection_with_their_sizes(panel):
    fill(panel)
    assert panel.text("messageText") == "Note: 1 case is in the cart; the cart contains 2 items."
    assert panel.panel.pages.tabText(2) == "Cart (2)"
    assert cells(look(panel)) == [
        (0, "Brains", "3"),
        (1, "brains-00001", "3"),
        (0, "Lungs", "9"),
        (1, "Entire collection", "9"),
    ]
    assert panel.text("cartTotal") == "12 series, 12.0 MB"
    assert panel.text("cartNoncommercialText") == "No commercial use: CC BY-NC 4.0 (3 series)"
    assert panel.find(QtWidgets.QLabel, "cartNoncommercialIcon").isVisible()


def test_what_is_in_the_cart_already_is_not_added_again(panel):
    fill(panel)
    panel.button("addToCartButton").click()
    panel.settle()
    assert panel.text("messageText") == "Note: Everything is already in the cart."
    assert panel.bench.browser.cart.state.count == 2


def test_delete_takes_out_and_undo_brings_back(panel):
    fill(panel)
    tree = look(panel)
    panel.activate()
    tree.setFocus()
    tree.setCurrentItem(tree.topLevelItem(0).child(0))
    QTest.keyClick(tree, Qt.Key.Key_Delete)
    panel.settle()
    assert cells(tree) == [(0, "Lungs", "9"), (1, "Entire collection", "9")]
    assert panel.panel.pages.tabText(2) == "Cart (1)"
    panel.button("cartClearButton").click()
    panel.settle()
    assert cells(tree) == [] and panel.text("cartTotal") == "The cart is empty"
    assert panel.panel.pages.tabText(2) == "Cart" and not panel.button("cartDownloadButton").isEnabled()
    QTest.keyClick(tree, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    panel.settle()
    assert panel.bench.browser.cart.state.count == 1


def test_a_whole_collection_is_taken_out_at_once(panel):
    fill(panel)
    tree = look(panel)
    tree.setCurrentItem(tree.topLevelItem(1))
    panel.button("cartRemoveButton").click()
    panel.settle()
    assert [row[1] for row in cells(tree)] == ["Brains", "brains-00001"]


def test_a_preset_and_what_comes_along_change_the_totals_before_the_download(panel):
    fill(panel)
    look(panel)
    choose_part(panel, "cartPart", "Only annotations")
    assert panel.text("cartTotal") == "12 series, 12.0 MB (only annotations)"
    assert "This includes 4 series (4.0 MB) of related data." in panel.text("cartLevels")
    panel.find(QtWidgets.QCheckBox, "cartReferences").click()
    panel.settle()
    assert panel.text("cartTotal") == "8 series, 8.0 MB (only annotations)"
    choose_part(panel, "cartPart", "Only CT")
    assert panel.text("cartTotal") == "4 series, 4.0 MB (only CT)"
    panel.find(QtWidgets.QCheckBox, "cartDerived").click()
    panel.settle()
    assert panel.text("cartTotal") == "12 series, 12.0 MB (only CT)"


def test_a_part_of_which_nothing_is_left_cannot_be_downloaded(panel):
    panel.click_row("collections", 0)
    panel.click_row("cases", 0)
    panel.click_row("studies", 0)
    panel.click_row("series", 0)
    panel.button("addToCartButton").click()
    look(panel)
    panel.find(QtWidgets.QCheckBox, "cartReferences").click()
    choose_part(panel, "cartPart", "Only annotations")
    assert not panel.button("cartDownloadButton").isEnabled()
    assert "nothing of this kind" in panel.button("cartDownloadButton").property("toolTip")


def test_the_download_takes_the_chosen_part(panel, tmp_path):
    panel.bench.catalog.downloads.directory = str(tmp_path)
    fill(panel)
    look(panel)
    choose_part(panel, "cartPart", "Only original images")
    panel.button("cartDownloadButton").click()
    panel.settle()
    assert panel.bench.engine.process.calls("selection.plan") == [{"cart": True, "content": {"preset": "originals"}}]
    assert panel.bench.engine.process.calls("transfer.download")[0]["with_references"] is True
    assert panel.text("messageText") == "Done: 4 series downloaded and added to the DICOM database."


@pytest.mark.parametrize(
    ("key", "chosen", "file", "form"),
    [
        ("aws", "/tmp/a.s5cmd", "/tmp/a.s5cmd", "aws"),
        ("gcs", "/tmp/a", "/tmp/a.s5cmd", "gcs"),
        ("lock", "/tmp/a", "/tmp/a.lock.json", "lock"),
        ("csv", "/tmp/a.CSV", "/tmp/a.CSV", "csv"),
    ],
)
def test_the_cart_is_saved_in_every_form_with_the_images(panel, key, chosen, file, form):
    fill(panel)
    look(panel)
    choose_part(panel, "cartPart", "Only SEG")
    panel.bench.host.chosen_file = chosen
    next(action for action in panel.button("cartSaveButton").menu().actions() if action.objectName() == f"{key}SaveAction").trigger()
    panel.settle()
    assert panel.bench.catalog.selection.exported == [(file, form, 8)]
    assert panel.text("messageText") == f"Done: Saved 8 series to {file}."


def test_nothing_is_written_when_the_dialog_is_canceled(panel):
    fill(panel)
    look(panel)
    panel.button("cartSaveButton").menu().actions()[0].trigger()
    panel.settle()
    assert panel.bench.catalog.selection.exported == []


def test_an_entry_is_shown_in_the_tables(panel):
    fill(panel)
    tree = look(panel)
    tree.setCurrentItem(tree.topLevelItem(0).child(0))
    panel.button("cartShowButton").click()
    panel.settle()
    assert panel.panel.pages.currentIndex() == 0
    assert panel.bench.browser.tables.selected_ids("cases") == ("brains/brains-00001",)


def test_a_large_collection_shows_a_page_of_its_entries_and_more_when_asked(app, make_bench):
    panel = Panel(make_bench(FakeCatalog(450)), [SummaryPage, CartPage])
    panel.click_row("collections", 0)
    panel.table("cases").selectAll()
    panel.settle()
    panel.button("addToCartButton").click()
    tree = look(panel)
    group = tree.topLevelItem(0)
    assert group.text(1) == "450 items" and group.childCount() == 0
    tree.expandItem(group)
    panel.settle()
    assert group.childCount() == 201 and group.child(200).text(0) == "Show 200 more (250 not shown)"
    tree.itemActivated.emit(group.child(200), 0)
    panel.settle()
    tree.itemActivated.emit(group.child(400), 0)
    panel.settle()
    assert group.childCount() == 450
    panel.panel.close()


def test_a_cart_that_nobody_looks_at_is_not_counted(panel):
    fill(panel)
    assert panel.bench.engine.process.calls("cart.groups") == []
    assert not any("cart" in call for call in panel.bench.engine.process.calls("selection.summary"))


def test_the_selection_is_downloaded_and_saved_in_part_without_the_cart(panel, tmp_path):
    panel.bench.catalog.downloads.directory = str(tmp_path)
    panel.click_row("collections", 0)
    choose_part(panel, "partBox", "Only CT")
    assert panel.text("selectionTotal") == "3 series, 3.0 MB (only CT)"
    panel.bench.host.chosen_file = "/tmp/ct.csv"
    next(action for action in panel.button("saveSelectionButton").menu().actions() if action.objectName() == "csvSaveAction").trigger()
    panel.settle()
    assert panel.bench.catalog.selection.exported == [("/tmp/ct.csv", "csv", 3)]
    panel.button("downloadButton").click()
    panel.settle()
    assert panel.text("messageText") == "Done: 3 series downloaded and added to the DICOM database."


def test_an_opened_manifest_is_taken_in_part_and_its_left_out_lines_are_saved(panel):
    catalog = panel.bench.catalog
    catalog.selection.manifests["/m.s5cmd"] = [row["SeriesInstanceUID"] for row in catalog.rows["series"]][:3]
    panel.bench.browser.opened_set.open_sources(["/m.s5cmd"])
    panel.settle()
    choose_part(panel, "partBox", "Only SEG")
    assert panel.text("selectionTotal") == "1 series, 1.0 MB (only SEG)"
    assert panel.bench.engine.process.calls("selection.plan")[-1] == {"plan": 1, "content": {"preset": "modality:SEG"}}
    assert not panel.button("saveLeftOutButton").isVisible()
    assert not panel.button("addToCartButton").isEnabled()


@pytest.mark.parametrize(
    ("filters", "text"),
    [
        ({}, ""),
        ({"Modality": ["CT", None]}, "Modality: CT or not stated"),
        ({"year": {"min": 2010, "max": None}}, "Study year: from 2010 to ..."),
        ({"Modality": {"none": ["SR"]}}, "Modality: not SR"),
        ({"study_modality": {"all": ["CT", "SEG"]}}, "Study contains: CT and SEG"),
        ({"collection_id": list("abcdef")}, "Collection: a or b or c or d or 2 more"),
    ],
)
def test_the_filters_of_an_entry_in_words(filters, text):
    assert filters_text(filters) == text
