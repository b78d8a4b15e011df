"""The page "Storage": what is kept here by collection and case, what can be cleaned up, and where everything lies."""

from __future__ import annotations

from collections.abc import Sequence

from IDCBrowserLib.api.storage import Inventory
from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.logic.browser import Browser
from IDCBrowserLib.logic.storage import storage_text as texts
from IDCBrowserLib.logic.storage.storage import StorageState
from IDCBrowserLib.qtbinding import Qt, QtGui, QtWidgets
from IDCBrowserLib.signal import Signal
from IDCBrowserLib.ui.storage.storage_trees import LeftoversTree, PlacesTree, SeriesTree
from IDCBrowserLib.ui.widgets.building_blocks import bold, button, column, icon_label, label, row
from IDCBrowserLib.ui.widgets.icons import pixmap
from IDCBrowserLib.ui.widgets.plain_tip import plain
from IDCBrowserLib.ui.widgets.row_menu import RowMenu
from IDCBrowserLib.ui.widgets.views import view_action
from IDCBrowserLib.ui.widgets.wrapped_row import WrappedRow

_MARGIN = 6
_ICON_PIXELS = 18
_PERCENT = 100


class StoragePage:
    """See ``pages.Page``. It draws ``browser.storage`` and tells it what the user wants."""

    name = "storage"

    def __init__(self, browser: Browser) -> None:
        self.heading_changed: Signal[str] = Signal()
        self._browser = browser
        self._storage = browser.storage
        self._document: Inventory | None = None
        self._summary = bold(label("storageSummary", "", True))
        self._refresh = button("storageRefreshButton", _("Refres&h"), _("Scan all files again."))
        self._move = button("storageMoveButton", _("&Move..."), _("Move the downloads to another folder or disk and update the DICOM database."))
        self._add = button("storageAddButton", _("A&dd to the database"), _("Add the series that are complete on disk to the DICOM database."))
        self._series = SeriesTree(self._storage, self._selected)
        self._leftovers = LeftoversTree(self._selected)
        self._places = PlacesTree()
        self._actions = [
            self._action(self._series.view, _("&Remove...")),
            self._action(self._leftovers.view, _("&Clean up...")),
            view_action(self._series.view, _("&Load"), "", self._load_chosen),
        ]
        self._menu = RowMenu(browser, self._series.view, self._series.named, self._show_folder)
        self._tabs = self._make_tabs()
        self._chosen = label("storageChosen", "", True)
        self._newer = button("storageNewerButton", _("N&ewer version..."), _("Show what would be downloaded to get the current versions."))
        self._load = button("storageLoadButton", _("L&oad"), _("Load the selected rows from this computer into the views."))
        self._folder = button("storageFolderButton", _("Show &folder"), _("Open the folder of the selected rows in the system's program for files."))
        self._remove = button("storageRemoveButton", "", "")
        self._add.hide()
        self._question = self._make_question()
        self._work = self._make_work()
        self.widget = QtWidgets.QWidget()
        self.widget.setObjectName("storagePage")
        self.widget.setLayout(self._layout())
        self._connect()
        self._draw(self._storage.state)

    def heading(self) -> str:
        """See ``pages.Page``."""
        # Every letter of it is the key of something else that is in sight.
        return _("Storage")

    def shown(self) -> None:
        """See ``pages.Page``; folders that have not changed are not read again."""
        self._storage.refresh()

    def disconnect(self) -> None:
        """See ``pages.Page``."""
        self._storage.changed.disconnect(self._draw)
        self._storage.rows_arrived.disconnect(self._series.rows_arrived)

    def _action(self, view: QtWidgets.QTreeView, text: str) -> QtGui.QAction:
        action = view_action(view, text, "Del", self._ask_remove)
        view.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        return action

    def _make_tabs(self) -> QtWidgets.QTabWidget:
        tabs = QtWidgets.QTabWidget()
        tabs.setObjectName("storageTabs")
        tabs.setDocumentMode(True)
        for tree in (self._series, self._leftovers, self._places):
            tabs.addTab(tree.view, "")
        tabs.currentChanged.connect(self._tab_changed)
        return tabs

    def _make_question(self) -> QtWidgets.QFrame:
        frame = QtWidgets.QFrame()
        frame.setObjectName("storageQuestion")
        frame.setFrameShape(QtWidgets.QFrame.Shape.StyledPanel)
        sign = icon_label("storageQuestionIcon")
        sign.setPixmap(pixmap("warning", _ICON_PIXELS))
        self._question_text = label("storageQuestionText", "", True)
        self._yes = button("storageConfirmButton", _("&Yes, remove"), _("This cannot be undone."))
        self._no = button("storageDismissButton", _("Keep e&verything"), _("Change nothing."))
        top = row([sign, self._question_text])
        top.setStretch(1, 1)
        frame.setLayout(column([top, row([None, self._yes, self._no])], _MARGIN))
        frame.hide()
        return frame

    def _make_work(self) -> QtWidgets.QWidget:
        frame = QtWidgets.QWidget()
        frame.setObjectName("storageWork")
        self._work_text = label("storageWorkText", "", True)
        self._bar = QtWidgets.QProgressBar()
        self._bar.setObjectName("storageProgress")
        self._bar.setAccessibleName(_("Progress"))
        self._bar.setTextVisible(False)
        self._cancel = button("storageCancelButton", _("Cance&l"), _("Cancel. No downloaded data are lost."))
        bottom = row([self._bar, self._cancel])
        bottom.setStretch(0, 1)
        frame.setLayout(column([self._work_text, bottom]))
        frame.hide()
        return frame

    def _layout(self) -> QtWidgets.QVBoxLayout:
        # At the left, where they stay when the page becomes narrower.
        top = row([self._refresh, self._move, self._summary])
        top.setStretch(2, 1)
        bottom = column([self._chosen, WrappedRow([self._load, self._folder, self._newer, self._remove])])
        layout = column([top, row([self._add, None]), self._tabs, bottom, self._question, self._work], _MARGIN)
        layout.setStretch(2, 1)
        return layout

    def _connect(self) -> None:
        storage = self._storage
        self._refresh.clicked.connect(lambda: storage.refresh(True))
        self._move.clicked.connect(storage.ask_move)
        self._add.clicked.connect(storage.add_to_database)
        self._remove.clicked.connect(self._ask_remove)
        self._newer.clicked.connect(self._fetch_newer)
        self._load.clicked.connect(self._load_chosen)
        self._folder.clicked.connect(self._show_folder)
        self._yes.clicked.connect(storage.confirm)
        self._no.clicked.connect(storage.dismiss)
        self._cancel.clicked.connect(storage.cancel)
        storage.changed.connect(self._draw)
        storage.rows_arrived.connect(self._series.rows_arrived)

    # What the user does

    def _ask_remove(self) -> None:
        if self._tabs.currentWidget() is self._leftovers.view:
            self._storage.ask_clean(self._leftovers.chosen())
        else:
            self._storage.ask_remove(self._series.chosen())

    def _load_chosen(self) -> None:
        document, nodes = self._storage.state.document, self._series.chosen()
        if document is not None and nodes:
            self._browser.rows.load_stored(document["inventory"], nodes)

    def _show_folder(self) -> None:
        document, nodes = self._storage.state.document, self._series.chosen()
        if document is not None and nodes:
            self._browser.rows.show_stored(document["inventory"], nodes)

    def _fetch_newer(self) -> None:
        self._browser.opened_set.open_sources(self._series.older_uids())

    def _tab_changed(self, _number: int) -> None:
        self._selected()

    def _selected(self) -> None:
        self._draw_chosen(self._storage.state)

    # What the storage says

    def _draw(self, state: StorageState) -> None:
        if state.document is not self._document:
            self._document = state.document
            self._show_document(state.document)
        if state.error:
            self._summary.setText(state.error)
        elif state.document is None:
            self._summary.setText(_("Scanning the download folder..."))
        self._draw_question(state)
        self._draw_work(state)
        self._draw_chosen(state)

    def _show_document(self, document: Inventory | None) -> None:
        if document is None:
            return
        self._summary.setText(texts.summary(document))
        self._summary.setToolTip(plain(document["folder"]))
        count = document["not_imported"]
        self._add.setVisible(bool(count))
        self._add.setText(_("A&dd {series} on disk to the database").format(series=texts.series_count(count)))
        self._series.show_rows(document["rows"])
        self._leftovers.show_rows(document)
        self._places.show_rows(document["places"])
        titles = (
            _("&Series ({count})").format(count=f"{document['totals']['series']:,}"),
            _("To clean &up ({count})").format(count=f"{document['leftover_count']:,}"),
            _("&Folders"),
        )
        for number, title in enumerate(titles):
            self._tabs.setTabText(number, title)

    def _draw_question(self, state: StorageState) -> None:
        question = state.question
        is_new = question is not None and not self._question.isVisible()
        self._question.setVisible(question is not None)
        if question is not None:
            self._question_text.setText(question.text)
            self._question.setAccessibleName(question.text)
            self._yes.setText(question.word)
            if is_new:
                self._no.setFocus()

    def _draw_work(self, state: StorageState) -> None:
        self._work.setVisible(bool(state.work))
        self._work_text.setText(f"{state.work}: {state.text}" if state.text else f"{state.work}...")
        self._bar.setRange(0, 0 if state.fraction is None else _PERCENT)
        if state.fraction is not None:
            self._bar.setValue(int(_PERCENT * state.fraction))
        self._cancel.setEnabled(not state.cancelling)

    def _draw_chosen(self, state: StorageState) -> None:
        cleaning = self._tabs.currentWidget() is self._leftovers.view
        shown = not state.work and state.question is None and state.document is not None
        for control in (self._refresh, self._move, self._add):
            control.setEnabled(shown)
        about = self._leftovers.about_chosen() if cleaning else self._series.about_chosen()
        self._remove.setText(_("&Clean up...") if cleaning else _("&Remove..."))
        tip = _("Show what would be removed and ask for confirmation.")
        self._remove.setToolTip(tip if about else _("Select something in the list first."))
        self._remove.setAccessibleDescription(tip)
        self._remove.setEnabled(shown and bool(about))
        on_series = self._tabs.currentWidget() is self._series.view
        for control in (self._load, self._folder):
            control.setVisible(on_series)
            control.setEnabled(shown and bool(about))
        older: Sequence[str] = [] if cleaning else self._series.older_uids()
        self._newer.setVisible(bool(older))
        self._newer.setEnabled(shown)
        self._chosen.setText(about or self._guidance(state, cleaning))
        on_places = self._tabs.currentWidget() is self._places.view
        self._remove.setVisible(not on_places)
        self._chosen.setVisible(not on_places)

    def _guidance(self, state: StorageState, cleaning: bool) -> str:
        document = state.document
        if document is None:
            return ""
        if cleaning:
            return _("Select what to clean up.") if document["leftovers"] else _("There is nothing to clean up.")
        return (
            _("Select rows to load or remove them.") if document["rows"] else _("Nothing has been downloaded yet. Downloaded series are listed here.")
        )
