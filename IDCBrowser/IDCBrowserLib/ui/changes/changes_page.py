"""The page "Changes": a lock file checked against the release in use, and a cohort compared with a former release."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from IDCBrowserLib.api.catalog import Info
from IDCBrowserLib.api.values import NamedRows
from IDCBrowserLib.errors import IDCBrowserError
from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.logic.base.collection_names import collection_name
from IDCBrowserLib.logic.base.state import Hit, Kind, Message, PlanState
from IDCBrowserLib.logic.browser import Browser
from IDCBrowserLib.logic.changes.changes import ChangedSeries, ChangesState, kind_texts
from IDCBrowserLib.logic.charts.bars import plain_rows
from IDCBrowserLib.logic.summary.figures import SCOPES, scope_titles
from IDCBrowserLib.qtbinding import QtCore, QtWidgets
from IDCBrowserLib.signal import Signal
from IDCBrowserLib.ui.widgets.building_blocks import button, choice_box, column, holder, label, row
from IDCBrowserLib.ui.widgets.fields import choose_file
from IDCBrowserLib.ui.widgets.plain_tip import plain
from IDCBrowserLib.ui.widgets.row_menu import RowMenu
from IDCBrowserLib.ui.widgets.save_dialog import with_ending
from IDCBrowserLib.ui.widgets.text_rows_model import TextRowsModel
from IDCBrowserLib.ui.widgets.views import size_columns, table_view, view_action
from IDCBrowserLib.ui.widgets.wrapped_row import WrappedRow

_MARGIN = 6
_WIDTHS = (22, 22, 18, 10, 10, 44, 38, 38)
# Kinds whose series the tables can show.
_IN_IDC = ("added", "revised")
_MOST_SHOWN = 200


class ChangesPage:
    """See ``pages.Page``."""

    name = "changes"

    def __init__(self, browser: Browser) -> None:
        self.heading_changed: Signal[str] = Signal()
        self._browser = browser
        self._changes = browser.changes
        self._file = button(
            "checkFileButton", _("Check a lock &file..."), _("What of a lock file is identical, revised or removed in this IDC release.")
        )
        self._folder = button("checkFolderButton", _("Check a &shared folder..."), _("The same for a folder that names a cohort for others."))
        self._opened = button("checkOpenedButton", _("Check the opened file"), _("The same for the lock file that is open on the Browse page."))
        self._scope = choice_box("changesScope", _("What is compared"), list(scope_titles().values()))
        self._release = choice_box("changesRelease", _("With which IDC release"))
        self._compare = button("compareReleaseButton", _("&Compare"), _("What was added, revised or removed since that release."))
        self._stop = button("changesStopButton", _("St&op"), _("Stop comparing."))
        self._text = label("changesText", "", True)
        self._model = TextRowsModel(_titles())
        self.view = table_view("changesTable", _("Series that are not the same"), self._model)
        size_columns(self.view.horizontalHeader(), _WIDTHS)
        self._show = button("changesShowButton", _("S&how in tables"), _("Show the selected series in the tables of the Browse page."))
        self._copy = button("changesCopyButton", _("Copy &rows"), _("Copy the selected rows, or all of them, as a spreadsheet takes them."))
        self._save = button("changesSaveButton", _("Sa&ve as..."), _("Save all rows as CSV, TSV or JSON."))
        self.widget = holder(self._layout(), "changesPage")
        self._actions = [
            view_action(self.view, _("&Show in tables"), "Ctrl+Return", self._show_rows),
            view_action(self.view, _("&Copy rows"), "Ctrl+C", self._copy_rows),
        ]
        self._menu = RowMenu(browser, self.view, self._named)
        self._connect()
        self._draw(self._changes.state)
        self._plan_changed(browser.plan.state)
        if browser.info is not None:
            self._learn_info(browser.info)

    def heading(self) -> str:
        """See ``pages.Page``."""
        return _("Changes")

    def shown(self) -> None:
        """See ``pages.Page``."""
        self._plan_changed(self._browser.plan.state)

    def disconnect(self) -> None:
        """See ``pages.Page``."""
        self._changes.changed.disconnect(self._draw)
        self._browser.info_changed.disconnect(self._learn_info)
        self._browser.plan.changed.disconnect(self._plan_changed)

    def _layout(self) -> QtWidgets.QVBoxLayout:
        check = WrappedRow([self._file, self._folder, self._opened])
        since = QtWidgets.QLabel(_("since IDC release"))
        since.setBuddy(self._release)
        compare = WrappedRow([self._scope, since, self._release, self._compare, self._stop])
        made = column([check, compare, self._text, self.view, row([self._show, self._copy, self._save, None])], _MARGIN)
        made.setStretch(3, 1)
        return made

    def _connect(self) -> None:
        self._file.clicked.connect(self._check_file)
        self._folder.clicked.connect(self._check_folder)
        self._opened.clicked.connect(self._check_opened)
        self._compare.clicked.connect(self._compare_release)
        self._stop.clicked.connect(self._changes.stop)
        self._show.clicked.connect(self._show_rows)
        self._copy.clicked.connect(self._copy_rows)
        self._save.clicked.connect(self._save_rows)
        self.view.activated.connect(self._row_activated)
        self.view.selectionModel().selectionChanged.connect(self._selection_changed)
        self._changes.changed.connect(self._draw)
        self._browser.info_changed.connect(self._learn_info)
        self._browser.plan.changed.connect(self._plan_changed)

    # What the user does

    def _check_file(self) -> None:
        path = choose_file(self.widget, _("Lock file"), _("Lock files (*.lock.json *.json);;All files (*)"))
        if path:
            self._changes.check(path)

    def _check_folder(self) -> None:
        path = self._browser.host.choose_folder(_("Shared folder"), "")
        if path:
            self._changes.check(path)

    def _check_opened(self) -> None:
        if self._changes.opened_lock_file:
            self._changes.check(self._changes.opened_lock_file)

    def _compare_release(self) -> None:
        number = str(self._release.property("currentText"))
        if number:
            self._changes.compare(int(number), SCOPES[int(self._scope.property("currentIndex"))])

    def _selected(self) -> list[ChangedSeries]:
        rows = self._changes.state.rows
        return [rows[index.row()] for index in self.view.selectionModel().selectedRows() if index.row() < len(rows)]

    def _show_rows(self) -> None:
        uids = tuple(item.series_uid for item in self._selected() if item.kind in _IN_IDC)
        if not uids:
            self._tell(Kind.INFO, _("Select series that are in this IDC release: new or revised ones."))
        elif len(uids) > _MOST_SHOWN:
            self._tell(Kind.WARNING, _("At most {count} series can be shown at once. Select fewer rows.").format(count=_MOST_SHOWN))
        else:
            self._browser.pick(Hit("series", uids, "", ""))

    def _row_activated(self, _index: QtCore.QModelIndex) -> None:
        self._show_rows()

    def _copy_rows(self) -> None:
        chosen = [index.row() for index in self.view.selectionModel().selectedRows()] or list(range(self._model.rowCount()))
        rows = _texts([self._changes.state.rows[number] for number in sorted(chosen)], str)
        QtWidgets.QApplication.clipboard().setText(plain_rows(self._model.titles(), rows))

    def _named(self) -> NamedRows | None:
        return {"level": "series", "ids": [item.series_uid for item in self._selected()]}

    def _save_rows(self) -> None:
        path = self._browser.host.choose_save_file(_("Save changes"), "changes.csv", _("CSV (*.csv);;TSV (*.tsv);;JSON (*.json)"))
        if not path:
            return
        path = with_ending(path, ".csv")
        try:
            self._changes.save(Path(path))
        except IDCBrowserError as error:
            self._tell(Kind.ERROR, str(error))
        else:
            self._tell(Kind.SUCCESS, _("Saved to {path}.").format(path=path))

    # What the browser says

    def _selection_changed(self, _now: object, _before: object) -> None:
        self._show.setEnabled(bool(self._selected()))

    def _learn_info(self, info: Info) -> None:
        current = int(info["idc_version"]) if info["idc_version"].isdecimal() else 0
        former = [str(number) for number in range(current - 1, 0, -1)]
        if [self._release.itemText(number) for number in range(int(self._release.property("count")))] != former:
            self._release.clear()
            self._release.addItems(former)
        self._draw_buttons()

    def _plan_changed(self, _state: PlanState) -> None:
        path = self._changes.opened_lock_file
        self._opened.setEnabled(bool(path))
        self._opened.setToolTip(plain(path or _("No lock file is open. Open one with Ctrl+M, or drop it on the window.")))

    def _draw(self, state: ChangesState) -> None:
        self._text.setText(state.text or _('Nothing has been compared yet. Choose what to compare and an IDC release, then press "Compare".'))
        self._model.show_rows(_titles(), _texts(state.rows, collection_name))
        self._draw_buttons()

    def _draw_buttons(self) -> None:
        state = self._changes.state
        self._stop.setEnabled(state.running)
        self._compare.setEnabled(not state.running and int(self._release.property("count")) > 0)
        for made in (self._copy, self._save):
            made.setEnabled(bool(state.rows))
        self._show.setEnabled(bool(self._selected()))

    def _tell(self, kind: Kind, text: str) -> None:
        self._browser.message.emit(Message(kind, text))


def _texts(rows: Iterable[ChangedSeries], collection: Callable[[str], str]) -> list[tuple[str, ...]]:
    kinds = kind_texts()
    return [
        (kinds[one.kind], collection(one.collection_id), one.patient_id, one.modality, one.release, one.series_uid, one.was, one.now) for one in rows
    ]


def _titles() -> tuple[str, ...]:
    return (
        _("Change"),
        _("Collection"),
        _("Case"),
        _("Modality"),
        _("Release"),
        _("SeriesInstanceUID"),
        _("crdc_series_uuid then"),
        _("crdc_series_uuid now"),
    )
