from __future__ import annotations

import pytest

pytest.importorskip("PySide6")

from helpers.fake_catalog import search_hit
from helpers.panel import Panel
from PySide6 import QtCore
from PySide6.QtTest import QTest

from IDCBrowserLib.errors import CatalogError
from IDCBrowserLib.logic.finding.search import MAX_TEXT, identifiers
from IDCBrowserLib.qtbinding import Qt, QtWidgets
from IDCBrowserLib.ui.finding.search_panel import MAX_SHOWN
from IDCBrowserLib.ui.widgets.rows_model import selected_ranges


class SearchHands(Panel):
    """Types into the search box, and lets the pause after typing pass."""

    @property
    def box(self):
        return self.find(QtWidgets.QLineEdit, "searchBox")

    @property
    def hits(self):
        tree = self.find(QtWidgets.QTreeWidget, "searchHits")
        return [[tree.topLevelItem(row).text(column) for column in range(3)] for row in range(tree.topLevelItemCount())]

    @property
    def drop(self):
        return self.find(QtWidgets.QFrame, "searchDrop")

    def type(self, text):
        self.activate()
        self.box.setFocus()
        self.box.selectAll()
        QTest.keyClicks(self.box, text)
        self.pass_pause()

    def pass_pause(self):
        self.end(self.panel.browse.search._timer)
        self.settle()

    def end(self, timer):
        """However long the machine takes for it."""
        while timer.isActive():
            QtCore.QCoreApplication.processEvents(QtCore.QEventLoop.ProcessEventsFlag.WaitForMoreEvents)

    def press(self, key):
        QTest.keyClick(QtWidgets.QApplication.focusWidget(), key)
        self.settle()
        self.settle()

    def selected(self, level):
        return selected_ranges(self.table(level).selectionModel())


@pytest.fixture
def panel(app, bench):
    panel = SearchHands(bench, [])
    yield panel
    panel.panel.close()
    panel.panel.widget.close()


def test_hits_appear_below_the_box_while_typing_grouped_and_named_by_kind(panel):
    panel.type("brains-00001")
    assert panel.drop.isVisible()
    assert panel.hits == [["Case", "brains-00001", "one of the cases"]]
    panel.type("1.2.6.1")
    assert [hit[0] for hit in panel.hits] == ["Study", "Series", "Series", "Series"]


def test_a_burst_of_keys_is_one_question(panel):
    panel.type("brains-00001")
    assert [call["text"] for call in panel.bench.engine.process.calls("catalog.search")] == ["brains-00001"]


def test_at_most_twenty_hits_are_asked_for(panel):
    panel.type("n")
    assert panel.bench.engine.process.calls("catalog.search")[0]["limit"] == 20


def test_enter_picks_the_first_hit_and_opens_all_tables_at_its_row(panel):
    panel.type("1.2.6.1.2")
    panel.press(Qt.Key.Key_Return)
    assert not panel.drop.isVisible()
    assert [panel.selected(level) for level in ("collections", "cases", "studies", "series")] == [((1, 1),), ((1, 1),), ((0, 0),), ((2, 2),)]
    assert panel.cell("series", 2, "Modality") == "RTSTRUCT"
    assert panel.text("selectionTotal") == "2 series, 2.0 MB", "with the image"
    assert QtWidgets.QApplication.focusWidget().objectName() == "seriesTree"


def test_down_goes_to_the_hits_and_enter_picks_the_one_below(panel):
    panel.type("lungs-")
    panel.press(Qt.Key.Key_Down)
    assert QtWidgets.QApplication.focusWidget() is panel.find(QtWidgets.QTreeWidget, "searchHits")
    panel.press(Qt.Key.Key_Down)
    panel.press(Qt.Key.Key_Return)
    assert panel.selected("cases") == ((1, 1),)


def test_a_click_picks_a_hit(panel):
    panel.type("lungs-")
    tree = panel.find(QtWidgets.QTreeWidget, "searchHits")
    QTest.mouseClick(tree.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, tree.visualItemRect(tree.topLevelItem(2)).center())
    panel.settle()
    panel.settle()
    assert panel.selected("cases") == ((2, 2),)


def test_escape_closes_the_hits_first_and_empties_the_box_then(panel):
    panel.type("lungs-")
    panel.press(Qt.Key.Key_Down)
    panel.press(Qt.Key.Key_Escape)
    assert not panel.drop.isVisible() and QtWidgets.QApplication.focusWidget() is panel.box
    panel.press(Qt.Key.Key_Escape)
    assert panel.box.property("text") == ""


def test_enter_before_the_answer_picks_the_best_hit_when_it_comes(panel):
    panel.activate()
    panel.bench.engine.process.hold("catalog.search")
    panel.box.setFocus()
    QTest.keyClicks(panel.box, "brains-00002")
    panel.press(Qt.Key.Key_Return)
    assert panel.selected("cases") == ()
    panel.bench.engine.process.release("catalog.search")
    panel.settle()
    panel.settle()
    assert panel.selected("cases") == ((2, 2),)


def test_a_picked_row_is_found_although_a_filter_hid_it(panel):
    panel.find(QtWidgets.QLineEdit, "collectionsFilter").setText("lungs")
    panel.settle()
    panel.type("brains-00000")
    panel.press(Qt.Key.Key_Return)
    assert panel.find(QtWidgets.QLineEdit, "collectionsFilter").property("text") == ""
    assert panel.selected("cases") == ((0, 0),) and panel.cell("cases", 0, "Case") == "brains-00000"


def test_several_pasted_identifiers_are_found_at_once(panel):
    panel.activate()
    panel.box.setFocus()
    QtWidgets.QApplication.clipboard().setText('"lungs-00000"\n lungs-00002, zebra-7\n')
    QTest.keyClick(panel.box, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    panel.pass_pause()
    assert panel.hits == [
        ["Case", "All 2 matches", "Select them in the tables"],
        ["Case", "Lungs/lungs-00000", ""],
        ["Case", "Lungs/lungs-00002", ""],
    ]
    assert panel.text("searchNote") == "Not in IDC: zebra-7"
    panel.press(Qt.Key.Key_Return)
    assert panel.selected("cases") == ((0, 0), (2, 2))


def test_very_many_pasted_identifiers_become_one_plan_and_none_is_dropped(panel):
    names = [f"lungs-{number:05d}" for number in range(3000)]
    panel.bench.catalog.selection.manifests = {"lungs-02999": ["1.2.5.0.0"]}
    panel.activate()
    panel.box.setFocus()
    QtWidgets.QApplication.clipboard().setText("\n".join(names))
    QTest.keyClick(panel.box, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    panel.pass_pause()
    assert panel.hits == [["", "3,000 identifiers", "Open them as one download plan"]]
    panel.press(Qt.Key.Key_Return)
    assert panel.bench.engine.process.calls("selection.plan")[-1]["sources"] == names
    assert panel.text("selectionTotal") == "1 series, 1.0 MB"


def test_identifiers_of_several_levels_become_one_plan(panel):
    panel.bench.catalog.selection.manifests = {"lungs-00000": ["1.2.5.0.0"], "1.2.6.1.2": ["1.2.6.1.2"]}
    panel.type("lungs-00000 1.2.6.1.2")
    assert panel.hits[0] == ["", "All 2 matches", "Open them as one download plan"]
    panel.press(Qt.Key.Key_Return)
    assert panel.text("selectionTotal") == "2 series, 2.0 MB"


def test_a_series_of_an_earlier_release_is_planned_since_no_table_has_it(panel):
    panel.bench.catalog.further_hits = [("prior_series", "aaaa-bbbb")]
    panel.bench.catalog.selection.manifests = {"aaaa-bbbb": ["1.2.5.0.0"]}
    panel.type("aaaa-bbbb")
    assert panel.hits == [["Earlier release", "aaaa-bbbb", ""]]
    panel.press(Qt.Key.Key_Return)
    assert panel.text("selectionTotal") == "1 series, 1.0 MB"


def test_nothing_found_is_said_in_the_list(panel):
    panel.type("no such thing")
    assert panel.text("searchNote") == 'No match for "no such thing" in IDC.'
    assert not panel.find(QtWidgets.QTreeWidget, "searchHits").isVisible()


def test_a_failed_search_says_why_in_the_list(panel):
    def broken(_parameters):
        raise CatalogError("The index is damaged.")

    panel.bench.engine.process.handlers["catalog.search"] = broken
    panel.type("lungs")
    assert panel.text("searchNote") == "The index is damaged."


def test_megabytes_written_into_the_box_are_cut(panel):
    panel.box.setText("9" * 10_000_000)
    panel.pass_pause()
    assert len(panel.bench.engine.process.calls("catalog.search")[0]["text"]) == MAX_SHOWN


def paste(panel, text):
    panel.activate()
    panel.box.setFocus()
    QtWidgets.QApplication.clipboard().setText(text)
    QTest.keyClick(panel.box, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    panel.pass_pause()


def test_all_of_a_pasted_list_is_looked_at_although_the_box_shows_its_beginning(panel):
    names = [f"lungs-{number:05d}" for number in range(3000)]
    paste(panel, "PatientID\n" + "\n".join(names))
    assert len(panel.box.property("text")) == MAX_SHOWN and panel.box.property("cursorPosition") == 0
    assert panel.hits == [["", "3,000 identifiers", "Open them as one download plan"]]
    other = [*names[:-1], "lungs-99999"]
    paste(panel, "")
    panel.box.selectAll()
    paste(panel, "PatientID\n" + "\n".join(other))
    panel.press(Qt.Key.Key_Return)
    assert panel.bench.engine.process.calls("selection.plan")[-1]["sources"] == other


def test_a_list_pasted_after_what_was_typed_is_looked_at_to_its_end(panel):
    names = [f"lungs-{number:05d}" for number in range(3000)]
    panel.type("brains-00001 ")
    paste(panel, "\n".join(names))
    panel.press(Qt.Key.Key_Return)
    assert panel.bench.engine.process.calls("selection.plan")[-1]["sources"] == ["brains-00001", *names]


def test_of_ten_megabytes_the_identifiers_at_the_start_are_opened_and_none_that_was_cut_in_two(panel):
    names = [f"lungs-{number:06d}" for number in range(800_000)]
    paste(panel, "\n".join(names))
    assert panel.text("searchNote").startswith("Only the first 200,000 characters were used")
    panel.press(Qt.Key.Key_Return)
    sources = panel.bench.engine.process.calls("selection.plan")[-1]["sources"]
    assert sources == names[: len(sources)] and len(sources) == MAX_TEXT // 13


def test_a_long_list_of_a_kept_search_is_written_whole(panel):
    text = " ".join(f"lungs-{number:05d}" for number in range(3000))
    panel.bench.browser.search.show_text(text)
    panel.pass_pause()
    assert panel.bench.browser.search.state.text == text
    panel.box.setText("lungs-00001")
    panel.pass_pause()
    assert panel.hits == [["Case", "lungs-00001", "one of the cases"]]


def found(hits, more):
    return lambda _parameters: {"hits": hits, "more": more, "missing_indices": []}


def test_cases_whose_ids_begin_alike_are_one_hit_that_selects_them_all(panel):
    hit = {**search_hit("case_group", "lungs", "lungs-...", "3 cases of lungs"), "count": 3, "text": "lungs-"}
    panel.bench.engine.process.handlers["catalog.search"] = found([hit], {})
    panel.type("lungs")
    assert panel.hits == [["Case", "lungs-...", "3 cases of lungs"]]
    panel.press(Qt.Key.Key_Return)
    panel.settle()
    assert panel.selected("collections") == ((0, 0),)
    assert panel.find(QtWidgets.QLineEdit, "casesFilter").property("text") == "lungs-"
    rows = panel.table("cases").model().rowCount()
    assert rows > 2 and panel.selected("cases") == ((0, rows - 1),)


def test_hits_without_room_in_the_list_are_counted(panel):
    hit = search_hit("collections", "lungs", "Lungs", "")
    panel.bench.engine.process.handlers["catalog.search"] = found([hit], {"cases": 1200, "segment": 3, "series": None})
    panel.type("lungs")
    assert panel.text("searchNote") == "There are more matches: Case (1,200), Segment type (3), Series (many). Keep typing to narrow them down."


def test_a_segment_is_called_so_and_replaces_the_former_selection(panel):
    panel.click_row("collections", 1)
    panel.click_row("cases", 2)
    hit = {
        **search_hit("series", "1", "Nodule", "3 series with this segment of lungs"),
        "kind": "segment",
        "filters": {"Modality": ["SEG"], "collection_id": ["lungs"]},
    }
    panel.bench.engine.process.handlers["catalog.search"] = found([hit], {})
    for _again in range(2):
        panel.type("nodule")
        assert panel.hits == [["Segment type", "Nodule", "3 series with this segment of lungs"]]
        panel.press(Qt.Key.Key_Return)
        panel.settle()
        assert panel.bench.browser.filters.for_engine() == hit["filters"]
        assert panel.bench.browser.tables.selected_ids("collections") == ("lungs",)
        assert panel.selected("cases") == ()
        assert panel.table("collections").model().rowCount() == 1


def test_a_narrow_list_says_on_a_second_line_what_a_hit_is_of(panel):
    panel.panel.widget.resize(340, 690)
    panel.type("brains-00001")
    assert panel.hits == [["", "brains-00001\none of the cases", ""]]
    panel.type("1.2.6.1")
    assert panel.hits[0] == ["", "1.2.6.1\nStudy: one of the studies", ""]
    tree = panel.find(QtWidgets.QTreeWidget, "searchHits")
    assert tree.visualItemRect(tree.topLevelItem(0)).height() >= 2 * tree.fontMetrics().height()
    panel.panel.widget.resize(720, 690)
    panel.type("brains-00002")
    assert panel.hits == [["Case", "brains-00002", "one of the cases"]]


def test_the_hits_lie_over_the_tables_and_move_nothing(panel):
    panel.settle()
    before = panel.table("collections").geometry()
    panel.type("lungs")
    assert panel.table("collections").geometry() == before
    assert panel.drop.geometry().bottom() < panel.panel.widget.height()


@pytest.mark.parametrize(
    "text, expected",
    [
        ("lung nodule", []),
        ("LIDC-IDRI-0001", []),
        ("LIDC-IDRI-0001;LIDC-IDRI-0002 LIDC-IDRI-0001", ["LIDC-IDRI-0001", "LIDC-IDRI-0002"]),
        ("chest CT 2020", []),
        ("PatientID LIDC-IDRI-0001 LIDC-IDRI-0002", ["LIDC-IDRI-0001", "LIDC-IDRI-0002"]),
        ("LIDC-IDRI-0001, and LIDC-IDRI-0002", ["LIDC-IDRI-0001", "LIDC-IDRI-0002"]),
        ("LIDC-IDRI-0001 LIDC-IDRI-0002 nlst", ["LIDC-IDRI-0001", "LIDC-IDRI-0002", "nlst"]),
        ("PatientID\nLIDC-IDRI-0001", ["LIDC-IDRI-0001"]),
        ("“1.2.3”\u20281.2.4", ["1.2.3", "1.2.4"]),
    ],
)
def test_only_lists_of_identifiers_are_taken_apart(text, expected):
    assert identifiers(text) == expected


def test_what_takes_long_says_searching_and_shows_no_hits_of_another_text(panel):
    panel.type("brains-00001")
    panel.bench.engine.process.hold("catalog.search")
    panel.type("lungs")
    panel.end(panel.panel.browse.search._searching._timer)
    assert panel.text("searchNote") == "Searching..." and panel.hits == []


def test_further_data_is_offered_with_its_size_and_searched_once_it_is_here(panel):
    panel.bench.catalog.not_searched = ["seg_index", "rtstruct_index"]
    panel.type("brains-00001")
    panel.settle()
    assert panel.text("searchMoreText") == "Segments, regions, ROIs and algorithms need 46.0 MB of further data."
    before = len(panel.bench.engine.process.calls("catalog.search"))
    panel.button("searchMoreButton").click()
    for _round in range(4):
        panel.settle()
    assert [call["name"] for call in panel.bench.engine.process.calls("catalog.fetch_side_index")] == ["seg_index", "rtstruct_index"]
    assert len(panel.bench.engine.process.calls("catalog.search")) > before
    assert not panel.find(QtWidgets.QWidget, "searchMore").isVisible()
