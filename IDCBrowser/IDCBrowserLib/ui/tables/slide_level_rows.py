"""The levels of a slide in the tree of series: they come when it is opened, and each has a menu of its own."""

from __future__ import annotations

from IDCBrowserLib.api.catalog import SlideLevel
from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.logic.browser import Browser
from IDCBrowserLib.qtbinding import ModelIndex, QtWidgets
from IDCBrowserLib.ui.tables.series_tree_model import SeriesTreeModel
from IDCBrowserLib.ui.widgets.building_blocks import button, holder, label, row
from IDCBrowserLib.ui.widgets.views import view_action


class SlideLevelRows:
    """``open_again`` opens what was open before other rows were shown; ``entered`` is Enter on a row, False where that is no level's."""

    def __init__(self, browser: Browser, view: QtWidgets.QTreeView, model: SeriesTreeModel) -> None:
        self._browser, self._view, self._model = browser, view, model
        self._rows = browser.slide_rows
        self._opened: set[str] = set()
        self._actions = [
            view_action(view, _("Download this level"), "", lambda: self._download(False)),
            view_action(view, _("Download this level and load"), "", lambda: self._download(True)),
        ]
        self._get = view_action(view, _("Get the list of levels"), "", self._rows.fetch_index)
        self._selection = view.selectionModel()
        self._selection.selectionChanged.connect(self._selected)
        view.expanded.connect(self._expanded)
        view.collapsed.connect(self._collapsed)
        self._rows.changed.connect(self._changed)
        self._selected()

    def disconnect(self) -> None:
        """Stop listening to the browser."""
        self._rows.changed.disconnect(self._changed)

    def open_again(self) -> None:
        """After other rows were shown: the slides that were open and are there again."""
        for uid in sorted(self._opened):
            index = self._model.below_slide(uid)
            if index.isValid():
                self._view.expand(index)

    def entered(self) -> bool:
        """Enter or a double-click."""
        level = self._model.level_at(self._view.currentIndex())
        if level is not None and level.can_fetch:
            self._rows.fetch_index()
        return level is not None

    def _expanded(self, index: ModelIndex) -> None:
        uid = self._model.slide_of(index)
        if not uid:
            return
        self._opened.add(uid)
        if self._rows.of(uid) is None:
            self._rows.ask(uid)
        elif self._model.level_at(self._model.index(0, 0, index)) is None:
            self._changed(uid)

    def _collapsed(self, index: ModelIndex) -> None:
        self._opened.discard(self._model.slide_of(index))

    def _changed(self, uid: str) -> None:
        self._model.fill_slide(uid)
        index = self._model.index(0, 0, self._model.below_slide(uid))
        level = self._model.level_at(index)
        if level is not None and level.level is None:
            self._view.setFirstColumnSpanned(0, self._model.below_slide(uid), True)
        if level is not None and level.can_fetch:
            self._view.setIndexWidget(index, self._offer(level.title))

    def _offer(self, text: str) -> QtWidgets.QWidget:
        """What it takes, and a button that gets it."""
        get = button("slideLevelsFetch", _("Get it"), _("Fetch the index file in the background. The levels are shown once it has arrived."))
        get.clicked.connect(self._rows.fetch_index)
        made = holder(row([label("slideLevelsText", text, False), get, None]), "slideLevelsOffer")
        made.setAutoFillBackground(True)
        return made

    def _selected(self, *_changes: object) -> None:
        levels = self._chosen()
        for action in self._actions:
            action.setVisible(bool(levels))
        current = self._model.level_at(self._view.currentIndex())
        self._get.setVisible(current is not None and current.can_fetch)

    def _chosen(self) -> list[SlideLevel]:
        rows = (self._model.level_at(index) for index in self._selection.selectedRows())
        return [found.level for found in rows if found is not None and found.level is not None]

    def _download(self, load: bool) -> None:
        self._rows.download(self._chosen(), load)
