"""A table of what belongs to the selected series; from there one gets to it, or puts it aside."""

from __future__ import annotations

from collections.abc import Callable

from IDCBrowserLib.api.catalog import RelatedSeries
from IDCBrowserLib.api.values import NamedRows
from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.logic.browser import Browser
from IDCBrowserLib.logic.details.related import RelatedState, contents_text, hit_of, maker_text, relation_text
from IDCBrowserLib.logic.settings.missing_index_text import missing_sentence
from IDCBrowserLib.logic.settings.side_fetch import FetchState
from IDCBrowserLib.logic.tables.columns import EMPTY, count, megabytes, text
from IDCBrowserLib.qtbinding import ModelIndex, Qt, QtCore, QtWidgets
from IDCBrowserLib.signal import Signal
from IDCBrowserLib.ui.widgets.building_blocks import button, column, label, row
from IDCBrowserLib.ui.widgets.cell_roles import ALIGNMENT, DISPLAY, TOOL_TIP, alignment, cell_value, header_value
from IDCBrowserLib.ui.widgets.row_menu import RowMenu
from IDCBrowserLib.ui.widgets.rows_model import selected_ranges
from IDCBrowserLib.ui.widgets.views import CELL_MARGIN, table_view, view_action


def _columns() -> tuple[tuple[str, int, bool, Callable[[RelatedSeries], str]], ...]:
    """Title, width in characters, whether aligned to the right, and what is shown of a row."""
    return (
        (_("Relation"), 18, False, relation_text),
        (_("Modality"), 9, False, lambda item: text(item["Modality"])),
        (_("Series"), 24, False, lambda item: text(item["SeriesDescription"])),
        (_("Contents"), 26, False, lambda item: contents_text(item) or EMPTY),
        (_("Created by"), 22, False, lambda item: maker_text(item) or EMPTY),
        (_("Instances"), 9, True, lambda item: count(item["instanceCount"])),
        (_("Size"), 9, True, lambda item: megabytes(item["series_size_MB"])),
        (_("License"), 13, False, lambda item: text(item["license_short_name"])),
    )


class RelatedModel(QtCore.QAbstractTableModel):
    """Rows of ``RelatedState``."""

    def __init__(self, parent: QtCore.QObject | None = None) -> None:
        super().__init__(parent)
        self._columns = _columns()
        self.related: tuple[RelatedSeries, ...] = ()

    def show(self, rows: tuple[RelatedSeries, ...]) -> None:
        """Other rows."""
        self.beginResetModel()
        self.related = rows
        self.endResetModel()

    def rowCount(self, parent: ModelIndex = QtCore.QModelIndex()) -> int:  # noqa: B008
        """Related series."""
        return 0 if parent.isValid() else len(self.related)

    def columnCount(self, parent: ModelIndex = QtCore.QModelIndex()) -> int:  # noqa: B008
        """See ``_columns``."""
        return 0 if parent.isValid() else len(self._columns)

    def data(self, index: ModelIndex, role: int = DISPLAY) -> object:
        """Text, whole text as tool tip, and alignment."""
        _title, width, right, shown = self._columns[index.column()]
        if role == ALIGNMENT:
            return alignment(right)
        if role not in (DISPLAY, TOOL_TIP):
            return None
        said = shown(self.related[index.row()])
        return cell_value(role, said) if role == DISPLAY or len(said) > width else None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = DISPLAY) -> object:
        """Titles."""
        if orientation != Qt.Orientation.Horizontal:
            return None
        title, _width, right, _shown = self._columns[section]
        return header_value(role, title, "", right)


class RelatedPanel:
    """Draws ``browser.related``. ``heading_changed(str)``: the text of its tab, with how many there are."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._missing = ""
        self.heading_changed: Signal[str] = Signal()
        self._model = RelatedModel()
        self.view = self._make_view()
        self._guide = label("relatedGuide", "", True)
        self._guide.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._stack = QtWidgets.QStackedWidget()
        self._stack.addWidget(self._guide)
        self._stack.addWidget(self.view)
        self._show = button("relatedShowButton", _("Show in tables"), _("Select the series in the tables above."))
        self._add = button("relatedCartButton", _("Add to cart"), _("Add the selected series to the cart, or all of them if none is selected."))
        self._read_note = label("relatedReadNote", "", True)
        self._note = label("relatedNote", "", True)
        self._fetch = button("relatedFetchButton", _("Fetch"), _("Fetch the index file in the background to complete this table."))
        below = row([self._note, self._fetch])
        below.setStretch(0, 1)
        layout = column([self._stack, row([self._show, self._add, None]), self._read_note, below])
        layout.setStretch(0, 1)
        self.widget = QtWidgets.QWidget()
        self.widget.setObjectName("relatedPanel")
        self.widget.setLayout(layout)
        self._connect()
        self._draw(browser.related.state)

    def heading(self) -> str:
        """Text of the tab."""
        rows = self._browser.related.state.rows
        return _("Relati&ons ({count})").format(count=f"{len(rows):,}") if rows else _("Relati&ons")

    def disconnect(self) -> None:
        """Stop listening to the browser."""
        self._browser.related.changed.disconnect(self._draw)
        self._browser.side_fetch.changed.disconnect(self._draw_fetch)

    def _make_view(self) -> QtWidgets.QTableView:
        view = table_view("relatedTable", _("Related series"), self._model)
        metrics = view.fontMetrics()
        header = view.horizontalHeader()
        header.setStretchLastSection(True)
        for number, (title, width, _right, _shown) in enumerate(_columns()):
            header.resizeSection(number, max(width, len(title) + 2) * metrics.averageCharWidth() + CELL_MARGIN)
        return view

    def _connect(self) -> None:
        browser = self._browser
        self._selection = self.view.selectionModel()
        self._selection.selectionChanged.connect(self._selected)
        self.view.activated.connect(self._activated)
        self._show.clicked.connect(self._show_selected)
        self._add.clicked.connect(lambda: browser.related.add_to_cart(self._chosen() or self._model.related))
        self._fetch.clicked.connect(lambda: browser.side_fetch.fetch(self._missing))
        self._copy = view_action(self.view, _("&Copy rows"), "Ctrl+C", self._copy_rows)
        self._menu = RowMenu(browser, self.view, self._named)
        browser.related.changed.connect(self._draw)
        browser.side_fetch.changed.connect(self._draw_fetch)

    # What the user does

    def _chosen(self) -> list[RelatedSeries]:
        ranges = selected_ranges(self._selection)
        return [self._model.related[number] for first, last in ranges for number in range(first, last + 1) if number < len(self._model.related)]

    def _named(self) -> NamedRows | None:
        return {"level": "series", "ids": [item["SeriesInstanceUID"] for item in self._chosen()]}

    def _selected(self) -> None:
        self._show.setEnabled(len(self._chosen()) == 1 or len(self._model.related) == 1)

    def _activated(self, index: ModelIndex) -> None:
        self._browser.pick(hit_of(self._model.related[index.row()]))

    def _show_selected(self) -> None:
        chosen = self._chosen() or list(self._model.related[:1])
        if chosen:
            self._browser.pick(hit_of(chosen[0]))

    def _copy_rows(self) -> None:
        columns = _columns()
        lines = [[title for title, *_rest in columns], *([shown(item) for *_rest, shown in columns] for item in self._chosen())]
        QtWidgets.QApplication.clipboard().setText("\n".join("\t".join(line) for line in lines))

    # What the browser says

    def _draw(self, state: RelatedState) -> None:
        # While looking, the former rows would be taken for this series'.
        self._model.show(state.rows or ())
        self._stack.setCurrentWidget(self.view if state.rows else self._guide)
        self._guide.setText(_guidance(state))
        self._missing = next(iter(state.missing), "")
        self._read_note.setText(state.note)
        self._read_note.setVisible(bool(state.note))
        self._add.setEnabled(bool(state.rows))
        self._selected()
        self._draw_fetch(self._browser.side_fetch.state)
        self.heading_changed.emit(self.heading())

    def _draw_fetch(self, state: FetchState) -> None:
        about_this = state.name == self._missing and state.text
        self._note.setText(state.text if self._missing and about_this else missing_sentence(self._missing))
        self._note.setVisible(bool(self._missing))
        self._fetch.setVisible(bool(self._missing))
        self._fetch.setEnabled(not state.running)


def _guidance(state: RelatedState) -> str:
    if state.error:
        return state.error
    if not state.series_uid:
        return _("Select a series to see the images it refers to and the series derived from it.")
    if state.rows is None:
        return _("Looking for related series...")
    return _("No related series found.")
