"""Pictures or table: which of the two shows the series, and one selection for both."""

from __future__ import annotations

from collections.abc import Callable

from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.logic.base.settings_keys import SERIES_PICTURES_KEY
from IDCBrowserLib.logic.base.state import Ranges
from IDCBrowserLib.logic.browser import Browser
from IDCBrowserLib.logic.tables.series_tree import MOST_ROWS, SeriesNode
from IDCBrowserLib.qtbinding import QtWidgets
from IDCBrowserLib.ui.tables.series_tree_view import SeriesTreeView
from IDCBrowserLib.ui.widgets.plain_tip import plain
from IDCBrowserLib.ui.widgets.rows_model import select_rows, selected_ranges


class SeriesPictures:
    """``toggle`` switches, ``tree`` is the view with pictures; ``is_shown`` tells whether it is to be in the place of ``table``.

    ``on_look(row)`` when a row is clicked, ``on_enter()`` at Enter; ``on_change()`` when the other view is to be shown.
    """

    def __init__(
        self,
        browser: Browser,
        table: QtWidgets.QTableView,
        on_look: Callable[[int], None],
        on_enter: Callable[[], None],
        on_change: Callable[[], None],
    ) -> None:
        self._browser = browser
        self._table = table
        self._on_change = on_change
        self._shown: tuple[SeriesNode, ...] = ()
        self._in_sight = False
        self.tree = SeriesTreeView(browser, self._select, on_look, on_enter)
        self.toggle = QtWidgets.QCheckBox(_("Pictures"))
        self.toggle.setObjectName("seriesPictures")
        self.toggle.setToolTip(plain(_("Show series with a picture, and below each image what was made from it, instead of a table.")))
        self.toggle.setChecked(browser.host.settings.value(SERIES_PICTURES_KEY, "yes") != "no")
        self.toggle.toggled.connect(self._toggled)
        self._table_selection = table.selectionModel()
        self._table_selection.selectionChanged.connect(self._table_selected)
        browser.series_tree.changed.connect(self._tree_changed)
        self._watch()

    @property
    def is_shown(self) -> bool:
        """Whether the tree takes the place of the table."""
        return bool(self.toggle.isChecked()) and self._in_sight and self._browser.series_tree.fits

    def disconnect(self) -> None:
        """Stop listening to the browser."""
        self._browser.series_tree.changed.disconnect(self._tree_changed)
        self._browser.series_tree.watch(False)
        self.tree.disconnect()

    def share_menu(self) -> None:
        """The tree has the menu and keys of the table."""
        for action in self._table.actions():
            self.tree.view.addAction(action)

    def look(self, in_sight: bool) -> None:
        """Whether there is room for pictures: one table at a time, that of series."""
        if in_sight != self._in_sight:
            self._in_sight = in_sight
            self._watch()
            if not in_sight:
                self.tree.leave()
            self._on_change()

    def draw(self, shows_rows: bool) -> None:
        """Before one of the two is shown."""
        tree = self._browser.series_tree
        fits = tree.fits or not shows_rows
        self.toggle.setVisible(self._in_sight)
        self.toggle.setEnabled(fits)
        if shows_rows and self.is_shown and self._shown is not tree.nodes:
            self._shown = tree.nodes
            self.tree.show(self._shown, selected_ranges(self._table_selection))
        tip = _("Show series with a picture, and below each image what was made from it, instead of a table.")
        self.toggle.setToolTip(plain(tip if fits else _("Pictures are shown of up to {count} series.").format(count=MOST_ROWS)))

    def _watch(self) -> None:
        self._browser.series_tree.watch(self._in_sight and bool(self.toggle.isChecked()))

    def _toggled(self, on: bool) -> None:
        self._browser.host.settings.set_value(SERIES_PICTURES_KEY, "yes" if on else "no")
        self._watch()
        if not on:
            self.tree.leave()
        self._on_change()

    def _select(self, ranges: Ranges) -> None:
        """What is selected in the tree is selected in the table, whose selection everything else follows."""
        select_rows(self._table, ranges)

    def _table_selected(self) -> None:
        if self.is_shown and self._shown is self._browser.series_tree.nodes:
            self.tree.select(selected_ranges(self._table_selection))

    def _tree_changed(self) -> None:
        self._on_change()
