"""What can be done with the rows and columns of a table: the entries of its menu, each with its keys."""

from __future__ import annotations

from collections.abc import Callable

from IDCBrowserLib.catalog.extra_columns import EXTRA_COLUMNS
from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.logic.base.state import Kind, Message
from IDCBrowserLib.logic.browser import Browser
from IDCBrowserLib.logic.tables.columns import STATUS, Column
from IDCBrowserLib.qtbinding import QtWidgets
from IDCBrowserLib.ui.segments.choose_segments import ChooseSegments
from IDCBrowserLib.ui.widgets import save_dialog
from IDCBrowserLib.ui.widgets.header_columns import HeaderColumns
from IDCBrowserLib.ui.widgets.shortcuts import add_shortcut
from IDCBrowserLib.ui.widgets.views import view_action


class TableActions:
    """The menu of one table view. ``sort(section)`` sorts by a column as a click on its header does."""

    def __init__(self, browser: Browser, level: str, view: QtWidgets.QTableView, columns: HeaderColumns, sort: Callable[[int], None]) -> None:
        self._browser = browser
        self._level = level
        self._view = view
        self._columns = columns
        self._sort = sort
        self._choose: ChooseSegments | None = None
        self._actions = [
            add_shortcut(view, "copy", _("&Copy rows"), lambda: self._copy(False)),
            add_shortcut(view, "copy_csv", _("Copy as CS&V"), lambda: self._copy(True)),
            add_shortcut(view, "save", _("&Save table as CSV..."), self._save),
            add_shortcut(view, "clear", _("C&lear the selection"), self._clear),
            add_shortcut(view, "sort", _("Sort by the current colu&mn"), self._sort_current),
            add_shortcut(view, "left", _("Move the current column le&ft"), lambda: self._move(-1)),
            add_shortcut(view, "right", _("Move the current column &right"), lambda: self._move(1)),
        ]
        self._row_actions = [
            view_action(view, _("&Download"), "", lambda: self._download(False)),
            view_action(view, _("Download and &load"), "", lambda: self._download(True)),
            *([view_action(view, _("Show in the vie&ws"), "", browser.show_in_views)] if level == "series" else []),
            *([view_action(view, _("&Remove from the views"), "", browser.remove_from_views)] if level == "series" else []),
            *([view_action(view, _("Choose se&gments..."), "", self._choose_segments)] if level == "series" else []),
            view_action(view, _("Copy &UIDs") if level in ("studies", "series") else _("Copy &IDs"), "", self._copy_ids),
            view_action(view, _("Copy &methods text"), "", lambda: browser.picked.cite("methods", _put_on_clipboard)),
            view_action(view, _("Copy c&itations"), "", lambda: browser.picked.cite("references", _put_on_clipboard)),
            view_action(view, _("Show &folder"), "", lambda: browser.show_folder(level)),
        ]
        self._menu = QtWidgets.QMenu(_("C&olumns"), view)
        for action in columns.actions():
            self._menu.addAction(action)
        view.addAction(self._menu.menuAction())

    def disconnect(self) -> None:
        """Stop listening to the browser."""
        if self._choose is not None:
            self._choose.close()

    def columns_changed(self, added: Column | None) -> None:
        """A person chose other columns: the engine is asked for those that side indices have."""
        if self._level != "series":
            return
        if added is not None and added.needs:
            self._browser.indices.need(added.needs, _('The column "{title}"').format(title=added.title))
        self.ask_further()

    def ask_further(self) -> None:
        """Have the engine give the columns of side indices that are shown."""
        self._browser.tables.set_further([item.key for item in self._columns.shown() if item.key in EXTRA_COLUMNS])

    def _download(self, load: bool) -> None:
        reason = self._browser.picked.why_not_download(load)
        if reason:
            self._browser.message.emit(Message(Kind.INFO, reason))
        else:
            self._browser.picked.download(load)

    def _choose_segments(self) -> None:
        ids = self._browser.tables.selected_ids("series")
        if ids is None or len(ids) != 1:
            self._browser.message.emit(Message(Kind.INFO, _("Select one series of segmentations first.")))
            return
        if self._choose is None:
            self._choose = ChooseSegments(self._browser.choosing, self._view)
        self._choose.open(ids[0])

    def _copy_ids(self) -> None:
        ids = self._browser.tables.selected_ids(self._level)
        if ids:
            _put_on_clipboard("\n".join(item.rpartition("/")[2] if self._level == "cases" else item for item in ids))
        text = _("{count} copied to the clipboard.").format(count=f"{len(ids):,}") if ids else _("Select up to 200 rows to copy their identifiers.")
        self._browser.message.emit(Message(Kind.INFO, text))

    def _copy(self, as_csv: bool) -> None:
        self._browser.copying.copy(self._browser.tables.state(self._level), self._columns.shown(), as_csv, _put_on_clipboard)

    def _save(self) -> None:
        copying = self._browser.copying
        if copying.is_saving:
            self._browser.host.confirm(_("A table is being saved. Stop saving?"), lambda yes: copying.stop_saving() if yes else None)
            return
        state = self._browser.tables.state(self._level)
        path = save_dialog.choose_save_file(self._view, _("Save table"), f"{self._level}.csv", _("CSV (*.csv)")) if state.view is not None else ""
        if path:
            columns = [item for item in self._columns.shown() if item.key != STATUS]
            copying.save(state, columns, path if path.lower().endswith(".csv") else path + ".csv")

    def _clear(self) -> None:
        self._view.selectionModel().clearSelection()

    def _sort_current(self) -> None:
        index = self._view.currentIndex()
        if index.isValid():
            self._sort(index.column())

    def _move(self, by: int) -> None:
        index = self._view.currentIndex()
        if index.isValid():
            self._columns.move(index.column(), by)


def _put_on_clipboard(text: str) -> None:
    QtWidgets.QApplication.clipboard().setText(text)
