from __future__ import annotations

import pytest

pytest.importorskip("PySide6")

from helpers.panel import Panel
from helpers.themes import dark_palette
from PySide6.QtTest import QTest

from IDCBrowserLib.logic.base.filter_choice import FilterChoice
from IDCBrowserLib.qtbinding import Qt, QtGui, QtWidgets
from IDCBrowserLib.ui.summary.summary_page import SummaryPage
from IDCBrowserLib.ui.widgets.save_dialog import choose_save_file


class SummaryHands(Panel):
    def show(self, width=1100, height=700):
        self.panel.widget.resize(width, height)
        self.bench.browser.show_page("summary")
        self.settle()

    def chart(self, key):
        return self.find(QtWidgets.QWidget, f"chart_{key}")

    def labels(self, key):
        return [(bar.label, bar.count) for bar in self.chart(key).chart.bars]

    def click_bar(self, key, number):
        view = self.chart(key)
        QTest.mouseClick(view, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, view.rect_of(number).center())
        self.settle()

    def choose(self, box, text):
        combo = self.find(QtWidgets.QComboBox, box)
        combo.setCurrentIndex(combo.findText(text))
        self.settle()

    def press(self, name):
        QTest.mouseClick(self.button(name), Qt.MouseButton.LeftButton)
        self.settle()


@pytest.fixture
def hands(app, bench):
    hands = SummaryHands(bench, [SummaryPage])
    yield hands
    hands.panel.close()
    hands.panel.widget.close()


def test_nothing_is_counted_before_somebody_looks(hands):
    assert hands.bench.catalog.cohort.asked == []
    hands.show()
    assert hands.labels("Modality") == [("CT", 6), ("RTSTRUCT", 6), ("SEG", 6)]
    assert hands.text("summaryTotals").startswith("2 collections, 6 cases")


def test_a_click_on_a_bar_is_a_filter_that_the_charts_and_the_tables_follow(hands):
    hands.show()
    hands.click_bar("license_short_name", 0)
    browser = hands.bench.browser
    assert list(browser.filters.state.chosen) == ["license_short_name"]
    assert browser.tables.state("collections").total == 1
    assert hands.text("summaryTotals").startswith("1 collection, 3 cases")
    chip = hands.find(QtWidgets.QToolButton, "summaryfilterChip0")
    assert chip.isVisible()
    chip.click()
    hands.settle()
    assert hands.text("summaryTotals").startswith("2 collections, 6 cases")


def test_a_bar_of_a_range_filters_by_its_ends(hands):
    hands.show()
    hands.click_bar("age_decade", 0)
    assert hands.bench.browser.filters.choice("age_years") == FilterChoice(low=60, high=69)


def test_arrows_go_from_bar_to_bar_enter_filters_and_each_bar_is_read_out(hands):
    hands.activate()
    hands.show()
    view = hands.chart("Modality")
    view.setFocus()
    assert view.accessibleName() == "Modality"
    assert view.accessibleDescription() == "Modality, CT: 6 cases, 100 %. Click to filter by it. 1 of 3"
    QTest.keyClick(view, Qt.Key.Key_Down)
    assert view.accessibleDescription().startswith("Modality, RTSTRUCT: 6 cases")
    QTest.keyClick(view, Qt.Key.Key_End)
    assert view.current == 2
    QTest.keyClick(view, Qt.Key.Key_Return)
    hands.settle()
    assert hands.bench.browser.filters.choice("Modality").any_of == ("SEG",)


def test_the_cart_the_selection_and_an_opened_list_are_summarized_too(hands):
    browser = hands.bench.browser
    hands.bench.select("collections", 0)
    browser.picked.add_to_cart()
    hands.settle()
    hands.show()
    hands.choose("summaryScope", "Selected rows")
    assert hands.text("summaryTotals").startswith("1 collection, 3 cases")
    assert hands.text("summaryWhat").startswith("1 collection selected in IDC")
    hands.choose("summaryScope", "Cart")
    assert hands.text("summaryTotals").startswith("1 collection, 3 cases")
    hands.choose("summaryScope", "Opened list")
    assert hands.text("summaryNote") == "No manifest or list is open."
    browser.opened_set.open_sources([hands.bench.catalog.rows["series"][0]["SeriesInstanceUID"]])
    hands.settle()
    browser.show_page("summary")
    hands.settle()
    assert hands.text("summaryTotals").startswith("1 collection, 1 case, 1 study, 1 series")


def test_an_empty_scope_says_what_to_do_and_offers_no_picture(hands):
    hands.show()
    hands.choose("summaryScope", "Selected rows")
    assert "Select rows in the tables" in hands.text("summaryNote")
    assert not hands.button("summaryCopyPicture").isEnabled()


def test_the_table_has_the_same_numbers_for_screen_readers_and_the_clipboard(hands):
    hands.show()
    hands.press("summaryTableButton")
    view = hands.find(QtWidgets.QTableView, "summaryTable")
    model = view.model()
    assert view.isVisible() and view.accessibleName()
    first = [model.index(0, column).data() for column in range(model.columnCount())]
    assert first == ["Modality", "CT", "6", "6", "6", "100 %"]
    hands.press("summaryCopyTable")
    lines = QtWidgets.QApplication.clipboard().text().splitlines()
    assert lines[1].split("\t") == first


def test_other_units_are_another_order_of_the_same_numbers(hands):
    hands.show()
    asked = len(hands.bench.catalog.cohort.asked)
    hands.choose("summaryUnit", "Series")
    assert hands.labels("collection_id") == [("Brains", 9), ("Lungs", 9)]
    assert len(hands.bench.catalog.cohort.asked) == asked


@pytest.mark.parametrize("ending", ["png", "svg", "csv"])
def test_the_summary_is_saved_as_picture_drawing_or_table(hands, tmp_path, ending):
    hands.show()
    path = tmp_path / f"summary.{ending}"
    hands.bench.host.choose_save_file = lambda *_what: str(path)
    hands.press("summarySave")
    assert hands.bench.last_message.text == f"Saved to {path}."
    if ending == "png":
        assert QtGui.QImage(str(path)).width() > 1000
    else:
        assert "Modality" in path.read_text(encoding="utf-8")


def test_a_picture_that_cannot_be_written_is_one_sentence(hands, tmp_path):
    hands.show()
    hands.bench.host.choose_save_file = lambda *_what: str(tmp_path / "nowhere" / "summary.png")
    hands.press("summarySave")
    assert "cannot be written" in hands.bench.last_message.text
    assert list(tmp_path.iterdir()) == []


def test_a_name_without_an_ending_gets_that_of_the_chosen_kind(hands, tmp_path, monkeypatch):
    hands.show()
    hands.bench.host.choose_save_file = lambda *what: choose_save_file(None, *what)
    for kind, ending in (("Table (*.csv)", ".csv"), ("Zeichnung (*.svg)", ".svg"), ("Picture (*.png)", ".png"), ("", ".png")):
        path = tmp_path / f"figures{len(kind)}"
        monkeypatch.setattr(QtWidgets.QFileDialog, "getSaveFileName", lambda *_what, path=path, kind=kind: (str(path), kind))
        hands.press("summarySave")
        assert path.with_suffix(ending).exists() and hands.bench.last_message.text == f"Saved to {path}{ending}."
    assert (tmp_path / "figures13.csv").read_text().count(",") > 10


def test_slicers_dialog_tells_no_kind_and_a_name_without_an_ending_gets_that_of_the_first(monkeypatch):
    for answer, path in (("/a/figures", "/a/figures.png"), ("/a/figures.csv", "/a/figures.csv"), ("", "")):
        monkeypatch.setattr(QtWidgets.QFileDialog, "getSaveFileName", lambda *_what, answer=answer: answer)
        assert choose_save_file(None, "Save", "summary.png", "Picture (*.png);;Table (*.csv)") == path


def test_a_figure_that_needs_more_data_offers_to_get_it_and_is_counted_when_it_is_here(hands):
    hands.show()
    get = hands.find(QtWidgets.QPushButton, "chartGet_segments")
    assert get.isVisible() and "further data" in hands.text("chartNeeds_segments")
    hands.bench.catalog.cohort.missing.discard("seg_index")
    get.click()
    for _ in range(5):
        hands.settle()
    assert hands.chart("segments").isVisible() and not hands.find(QtWidgets.QWidget, "chartMissing_segments").isVisible()


@pytest.mark.parametrize("width", [340, 720, 1600])
def test_charts_lie_beside_each_other_where_there_is_room_and_never_over_each_other(hands, width):
    hands.show(width, 900)
    views = [view for key in ("Modality", "PatientSex", "age_decade", "collection_id") if (view := hands.chart(key)) is not None]
    rects = [view.geometry() for view in views]
    assert not any(first.intersects(second) for number, first in enumerate(rects) for second in rects[:number])
    columns = len({rect.x() for rect in rects})
    assert columns == (1 if width == 340 else 2 if width == 720 else 4)
    assert all(rect.right() <= hands.find(QtWidgets.QWidget, "chartsArea").width() for rect in rects)


def test_bars_differ_from_their_ground_in_a_dark_theme(hands):
    hands.panel.widget.setPalette(dark_palette())
    hands.show()
    view = hands.chart("Modality")
    image = view.grab().toImage()
    box = view._drawing.boxes[0]
    inside = image.pixelColor(int(box.x + box.width / 2), int(box.y + box.height / 2))
    outside = image.pixelColor(2, 2)
    assert abs(inside.lightness() - outside.lightness()) > 40
