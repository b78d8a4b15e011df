from __future__ import annotations

import pytest

pytest.importorskip("PySide6")

from helpers.panel import Panel
from PySide6.QtTest import QTest

from IDCBrowserLib.errors import InputError
from IDCBrowserLib.qtbinding import Qt, QtWidgets
from IDCBrowserLib.ui.finding.query_page import QueryPage
from IDCBrowserLib.ui.picking.cart_page import CartPage
from IDCBrowserLib.ui.widgets.rows_model import select_rows

UID = "1.2.3"


class SqlHands(Panel):
    def __init__(self, bench):
        self.sql = bench.catalog.sql
        super().__init__(bench, [CartPage, QueryPage])
        self.panel.show_page("sql")
        self.settle()

    @property
    def editor(self):
        return self.find(QtWidgets.QPlainTextEdit, "sqlEditor")

    @property
    def table(self):
        return self.find(QtWidgets.QTableView, "sqlTable")

    def write_and_run(self, text):
        self.editor.setPlainText(text)
        QTest.mouseClick(self.button("sqlRunButton"), Qt.MouseButton.LeftButton)
        self.settle()

    def cells(self, row):
        model = self.table.model()
        return [model.index(row, column).data() for column in range(model.columnCount())]

    def cart_action(self):
        return next(action for action in self.table.actions() if action.text() == "&Add to cart")

    def menu(self):
        menu = self.button("sqlMenuButton").menu()
        menu.aboutToShow.emit()
        return {action.text(): action for action in menu.actions() if not action.isSeparator()}


@pytest.fixture
def hands(app, bench):
    hands = SqlHands(bench)
    yield hands
    hands.panel.close()
    hands.panel.widget.close()


def test_the_tables_are_listed_and_a_name_is_written_into_the_query(hands):
    hands.button("sqlTablesButton").setChecked(True)
    tree = hands.find(QtWidgets.QTreeWidget, "sqlTables")
    assert [tree.topLevelItem(row).text(1) for row in range(2)] == ["6 rows", "not fetched"]
    tree.setCurrentItem(tree.topLevelItem(0))
    tree.activated.emit(tree.currentIndex())
    tree.setCurrentItem(tree.topLevelItem(0).child(1))
    tree.activated.emit(tree.currentIndex())
    assert hands.editor.toPlainText() == 'index "odd name" '
    assert hands.text("sqlLimits") == "Read-only. A query stops after 60 s or 1.0 GB of memory."


def test_a_file_of_measurements_becomes_a_table_with_a_query_to_start_from(hands):
    browser = hands.bench.browser
    told = []
    browser.message.connect(lambda message: told.append(message.text) if message else None)
    for chosen in ("", "/data/nlst.parquet", "/data/wrong.csv"):
        browser.host.choose_open_file = lambda title, kinds, chosen=chosen: chosen
        QTest.mouseClick(hands.button("sqlMeasurementsButton"), Qt.MouseButton.LeftButton)
        hands.settle()
    tree = hands.find(QtWidgets.QTreeWidget, "sqlTables")
    assert tree.isVisible() and (tree.topLevelItem(0).text(0), tree.topLevelItem(0).text(1)) == ("measurements", "3 rows")
    assert tree.currentItem().text(0) == "measurements" and tree.topLevelItem(0).isExpanded()
    assert told == ["/data/wrong.csv is damaged."], "and the one before is still used"
    assert "JOIN index ON SeriesInstanceUID = source_series_uid" in hands.editor.toPlainText()
    hands.write_and_run("SELECT avg(value) FROM measurements")
    assert hands.sql.measurements == ["/data/nlst.parquet"]


def test_what_was_written_stays_when_measurements_are_opened_and_a_file_that_is_gone_is_forgotten(hands):
    hands.editor.setPlainText("SELECT 1")
    query = hands.bench.browser.query
    query.open_measurements("/data/nlst.csv")
    hands.settle()
    assert hands.editor.toPlainText() == "SELECT 1"
    query.measurements = "/data/wrong.csv"
    query.load_tables()
    hands.settle()
    assert query.measurements == "" and [table["name"] for table in query.tables] == ["index", "seg_index", "nlst_prsn"]


def test_a_clinical_table_that_is_missing_is_fetched_in_place(hands):
    hands.button("sqlTablesButton").setChecked(True)
    tree = hands.find(QtWidgets.QTreeWidget, "sqlTables")
    tree.setCurrentItem(tree.topLevelItem(2))
    QTest.mouseClick(hands.button("sqlFetchButton"), Qt.MouseButton.LeftButton)
    hands.settle()
    (fetched,) = hands.bench.engine.process.calls("clinical.fetch")
    assert fetched["tables"] == ["nlst_prsn"]
    assert len(hands.bench.engine.process.calls("expert.tables")) == 2, "and the list is read again"


def test_a_table_that_is_missing_can_be_fetched_there(hands):
    hands.button("sqlTablesButton").setChecked(True)
    tree = hands.find(QtWidgets.QTreeWidget, "sqlTables")
    assert not hands.button("sqlFetchButton").isVisible()
    tree.setCurrentItem(tree.topLevelItem(1))
    QTest.mouseClick(hands.button("sqlFetchButton"), Qt.MouseButton.LeftButton)
    hands.settle()
    assert hands.text("sqlFetchNote") == "seg_index was fetched (5.0 MB)."
    assert len(hands.bench.engine.process.calls("expert.tables")) == 2
    tree.setCurrentItem(tree.topLevelItem(0))
    assert not hands.find(QtWidgets.QLabel, "sqlFetchNote").isVisible(), "it is no news to who looks at another table"


def test_a_query_gives_rows_that_are_paged_and_sorted(hands):
    hands.write_and_run("SELECT 1")
    assert hands.bench.engine.process.calls("expert.run") == [{"query": "SELECT 1", "limit": 10_000}]
    assert hands.text("sqlCount") == "450 rows in 0.2 s; there are more: raise the maximum, or narrow the query"
    assert hands.cells(1) == ["lungs-00001", "1"]
    assert hands.cells(420) == ["...", "..."]
    hands.settle()
    assert hands.cells(420) == ["lungs-00420", "420"]
    header = hands.table.horizontalHeader()
    for _click in range(2):
        header.sectionClicked.emit(1)
        hands.settle()
    assert hands.cells(0) == ["lungs-00449", "449"]


def test_one_row_is_not_called_rows(hands):
    hands.sql.rows = [["lungs-00000", 1]]
    hands.bench.engine.process.handlers["expert.run"] = lambda parameters: {**hands.sql.run(parameters), "cut": ""}
    hands.write_and_run("SELECT 1")
    assert hands.text("sqlCount") == "1 row in 0.2 s"


def test_columns_are_as_wide_as_what_is_in_them_within_bounds(hands):
    hands.sql.columns = [["d", "VARCHAR"], ["n", "BIGINT"], ["words", "VARCHAR"]]
    hands.sql.rows = [["2020-01-01", 1_234_567_890_123, "long " * 100]]
    hands.write_and_run("SELECT 1")
    metrics = hands.table.fontMetrics()
    assert hands.table.columnWidth(0) > metrics.horizontalAdvance("2020-01-01") + 6
    assert hands.table.columnWidth(1) > metrics.horizontalAdvance("1234567890123") + 6
    assert hands.table.columnWidth(2) < metrics.horizontalAdvance("long " * 20)


def test_a_narrow_page_has_its_tables_above_the_query_and_only_when_asked_for(hands):
    tables, query = hands.find(QtWidgets.QWidget, "sqlTablesPanel"), hands.find(QtWidgets.QWidget, "sqlQuery")
    assert tables.isVisible()
    hands.panel.widget.resize(340, 690)
    hands.settle()
    assert not tables.isVisible()
    QTest.mouseClick(hands.button("sqlTablesButton"), Qt.MouseButton.LeftButton)
    hands.settle()
    assert tables.isVisible() and query.width() > 300
    for name in ("sqlTablesButton", "sqlMenuButton", "sqlKeepButton", "sqlRunButton", "sqlShowButton", "sqlUseButton", "sqlSaveButton"):
        made = hands.button(name)
        place = made.mapTo(hands.panel.widget, made.rect().bottomRight())
        assert made.width() >= made.minimumSizeHint().width() and place.x() < 340, f"{name} is cut"
    hands.panel.widget.resize(1000, 690)
    hands.settle()
    assert tables.isVisible() and tables.width() < query.width()


def test_ctrl_enter_runs_the_query(hands):
    hands.activate()
    hands.editor.setPlainText("SELECT 2")
    hands.editor.setFocus()
    QTest.keyClick(hands.editor, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    hands.settle()
    assert hands.bench.engine.process.calls("expert.run")[0]["query"] == "SELECT 2"


def test_what_is_wrong_stands_where_the_rows_would_be(hands):
    hands.write_and_run("SELECT\nwrong")
    assert hands.text("sqlGuide") == "Line 2: this is wrong."
    assert not hands.button("sqlSaveButton").isEnabled()
    hands.write_and_run("  ")
    assert "The query is empty" in hands.text("sqlGuide")


def test_a_running_query_can_be_stopped(hands):
    hands.bench.engine.process.hold("expert.run")
    hands.write_and_run("SELECT 1")
    assert hands.text("sqlGuide") == "Running the query..."
    QTest.mouseClick(hands.button("sqlCancelButton"), Qt.MouseButton.LeftButton)
    hands.settle()
    assert hands.bench.engine.process.cancelled == ["expert.run"]
    assert hands.text("sqlGuide") == "The query was stopped."
    assert not hands.button("sqlCancelButton").isEnabled()


def test_a_row_that_names_a_case_is_selected_in_the_tables(hands):
    hands.write_and_run("SELECT 1")
    hands.table.selectRow(0)
    QTest.mouseClick(hands.button("sqlShowButton"), Qt.MouseButton.LeftButton)
    for _round in range(3):
        hands.settle()
    assert hands.panel.pages.currentIndex() == 0
    assert hands.bench.browser.tables.selected_ids("cases") == ("lungs/lungs-00001",)


def test_several_rows_become_the_working_set_that_the_tables_keep_to(hands):
    hands.sql.named = {"level": "cases", "ids": ["lungs/lungs-00001", "brains/brains-00002"], "missing": 0}
    hands.write_and_run("SELECT 1")
    QTest.mouseClick(hands.button("sqlShowButton"), Qt.MouseButton.LeftButton)
    hands.settle()
    assert hands.panel.pages.currentIndex() == 0
    assert hands.panel.widget.findChild(QtWidgets.QToolButton, "workingSetChip").text() == "Only rows of the query, 6 series  ×"
    hands.panel.tables["collections"].view.selectAll()
    hands.settle()
    assert hands.bench.browser.tables.state("cases").total == 2


def test_rows_become_what_download_takes(hands):
    hands.sql.named = {"level": "series", "ids": [f"{UID}.1"], "missing": 0}
    hands.write_and_run("SELECT 1")
    QTest.mouseClick(hands.button("sqlUseButton"), Qt.MouseButton.LeftButton)
    hands.settle()
    assert hands.bench.engine.process.calls("selection.plan") == [{"sources": [f"{UID}.1"]}]


def added(hands):
    return [call["selections"] for call in hands.bench.engine.process.calls("cart.add")]


def test_selected_rows_or_else_all_are_put_into_the_cart_which_tells_it(hands):
    hands.write_and_run("SELECT 1")
    QTest.mouseClick(hands.button("sqlCartButton"), Qt.MouseButton.LeftButton)
    hands.settle()
    assert hands.bench.engine.process.calls("expert.ids") == [{"view": 1, "ranges": None}]
    assert [[(item["level"], list(item["ids"])) for item in call] for call in added(hands)] == [[("cases", ["lungs/lungs-00001"])]]
    assert hands.text("messageText") == "Note: 1 case is in the cart; the cart contains 1 item."
    assert "Cart (1)" in [hands.panel.pages.tabText(number).replace("&", "") for number in range(hands.panel.pages.count())]
    select_rows(hands.table, ((3, 4), (400, 400)))
    QTest.mouseClick(hands.button("sqlCartButton"), Qt.MouseButton.LeftButton)
    hands.settle()
    assert hands.bench.engine.process.calls("expert.ids")[-1]["ranges"] == [[3, 4], [400, 400]]
    assert hands.text("messageText") == "Note: Everything is already in the cart."


def test_the_key_and_the_menu_of_the_rows_put_them_into_the_cart_too(hands):
    hands.activate()
    hands.write_and_run("SELECT 1")
    hands.table.setFocus()
    hands.table.selectRow(2)
    QTest.keyClick(hands.table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    hands.settle()
    assert hands.bench.engine.process.calls("expert.ids") == [{"view": 1, "ranges": [[2, 2]]}]
    hands.cart_action().trigger()
    hands.settle()
    assert len(added(hands)) == 2


def test_series_that_the_release_does_not_have_are_left_out_of_the_cart_and_counted(hands):
    hands.sql.named = {"level": "series", "ids": ["1.2.5.0.0"], "missing": 2}
    hands.write_and_run("SELECT 1")
    hands.button("sqlCartButton").click()
    hands.settle()
    assert "1 series is in the cart; the cart contains 1 item. 2 of the series are not in this IDC release" in hands.text("messageText")
    hands.sql.named = {"level": "series", "ids": [], "missing": 2}
    hands.button("sqlCartButton").click()
    hands.settle()
    assert "None of these rows refers to a series in this IDC release." in hands.text("messageText")
    assert len(added(hands)) == 1


def test_more_than_the_cart_holds_is_refused_in_the_words_of_the_engine(hands):
    def refuse(_parameters):
        raise InputError("The cart can contain at most 200,000 series; add whole collections, cases or studies instead.")

    hands.bench.engine.process.handlers["cart.add"] = refuse
    hands.write_and_run("SELECT 1")
    hands.button("sqlCartButton").click()
    hands.settle()
    assert "The cart can contain at most 200,000 series" in hands.text("messageText")


def test_rows_without_identifiers_cannot_be_used_and_say_why(hands):
    def reasons():
        made = [*(hands.button(f"sql{name}Button") for name in ("Show", "Use", "Cart")), hands.cart_action()]
        assert not any(item.isEnabled() for item in made)
        return {item.toolTip() for item in made}

    assert reasons() == {"There are no rows. Run a query first."}
    hands.bench.engine.process.handlers["expert.run"] = lambda parameters: {**hands.sql.run(parameters), "subject": ""}
    hands.write_and_run("SELECT 1")
    (reason,) = reasons()
    assert "The query must return one of these columns: SeriesInstanceUID" in reason
    hands.bench.engine.process.handlers["expert.run"] = lambda parameters: {**hands.sql.run(parameters), "total": 0, "rows": []}
    hands.write_and_run("SELECT 1")
    assert reasons() == {"The query returned no rows."}


def test_the_buttons_below_the_rows_keep_their_words_in_a_narrow_dock(hands):
    hands.button("sqlTablesButton").setChecked(False)
    hands.panel.widget.resize(330, 800)
    hands.settle()
    for name in ("Show", "Use", "Cart", "Save"):
        made = hands.button(f"sql{name}Button")
        assert made.width() >= made.sizeHint().width()
        assert made.mapTo(hands.panel.widget, made.rect().topRight()).x() < 330


def test_rows_are_copied_and_saved(hands, monkeypatch):
    hands.write_and_run("SELECT 1")
    hands.table.selectRow(1)
    copy = next(action for action in hands.table.actions() if "Copy" in action.text())
    copy.trigger()
    assert QtWidgets.QApplication.clipboard().text() == "PatientID\tn\nlungs-00001\t1"
    monkeypatch.setattr(QtWidgets.QFileDialog, "getSaveFileName", lambda *_arguments: ("/somewhere/rows", ""))
    QTest.mouseClick(hands.button("sqlSaveButton"), Qt.MouseButton.LeftButton)
    hands.settle()
    assert hands.sql.saved == ["/somewhere/rows.csv"]
    assert "saved to /somewhere/rows.csv" in hands.text("messageText")


def test_queries_are_kept_by_name_listed_with_the_last_ones_and_forgotten(hands, make_bench):
    hands.write_and_run("SELECT 'a & b'")
    hands.find(QtWidgets.QLineEdit, "sqlKeepName").setText("My query")
    QTest.mouseClick(hands.button("sqlKeepButton"), Qt.MouseButton.LeftButton)
    hands.write_and_run("SELECT 3")
    menu = hands.menu()
    assert "Number and size of series by modality" in menu and "SELECT 'a && b'" in menu and "SELECT 3" in menu
    menu["My query"].trigger()
    assert hands.editor.toPlainText() == "SELECT 'a & b'"
    hands.menu()['&Delete "My query"'].trigger()
    assert "My query" not in hands.menu()


def test_a_query_outlives_the_engine_by_its_text(hands):
    hands.write_and_run("SELECT 1")
    hands.bench.engine.process.alive = False
    hands.settle()
    hands.bench.engine.process.handlers.update(hands.sql.handlers())
    hands.write_and_run("SELECT 1")
    assert hands.cells(0) == ["lungs-00000", "0"]
