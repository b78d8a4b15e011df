"""Tables that look and behave the same in every panel, and entries of their menus."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from IDCBrowserLib.qtbinding import Qt, QtCore, QtGui, QtWidgets

# Pixels of a cell beside its text.
CELL_MARGIN = 14
_ROW_MARGIN = 6
_MIN_HEIGHT = 58


def sortable_table_view(name: str, accessible_name: str, on_sort: Callable[[int], None]) -> QtWidgets.QTableView:
    """A table whose columns are moved, and sorted by a click: ``on_sort(column)``."""
    view = table_view(name, accessible_name)
    header = view.horizontalHeader()
    header.setSectionsMovable(True)
    header.setSectionsClickable(True)
    header.setSortIndicatorShown(True)
    header.sectionClicked.connect(on_sort)
    return view


def show_order(view: QtWidgets.QTableView, order: tuple[int, bool] | None) -> None:
    """The arrow in the header: ``order`` is the column and whether it descends."""
    direction = Qt.SortOrder.DescendingOrder if order is not None and order[1] else Qt.SortOrder.AscendingOrder
    view.horizontalHeader().setSortIndicator(-1 if order is None else order[0], direction)


def table_view(name: str, accessible_name: str, model: QtCore.QAbstractItemModel | None = None) -> QtWidgets.QTableView:
    """A table whose rows are selected, copied and scrolled, not edited; its menu is its actions. Keep the model."""
    view = QtWidgets.QTableView()
    view.setObjectName(name)
    view.setAccessibleName(accessible_name)
    if model is not None:
        view.setModel(model)
    view.setSelectionBehavior(QtWidgets.QAbstractItemView.SelectionBehavior.SelectRows)
    view.setSelectionMode(QtWidgets.QAbstractItemView.SelectionMode.ExtendedSelection)
    view.setEditTriggers(QtWidgets.QAbstractItemView.EditTrigger.NoEditTriggers)
    view.setHorizontalScrollMode(QtWidgets.QAbstractItemView.ScrollMode.ScrollPerPixel)
    view.setAlternatingRowColors(True)
    view.setShowGrid(False)
    view.setWordWrap(False)
    view.setTabKeyNavigation(False)
    view.setCornerButtonEnabled(False)
    view.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
    view.setMinimumHeight(_MIN_HEIGHT)
    rows = view.verticalHeader()
    rows.hide()
    rows.setSectionResizeMode(QtWidgets.QHeaderView.ResizeMode.Fixed)
    rows.setDefaultSectionSize(view.fontMetrics().height() + _ROW_MARGIN)
    view.horizontalHeader().setHighlightSections(False)
    return view


def outline_boxes(view: QtWidgets.QAbstractItemView) -> None:
    """In a dark theme Qt draws boxes in a shade darker than the window, which cannot be seen on the view: it gets a brighter one to start from."""
    palette: QtGui.QPalette = view.property("palette")
    window, ink = (palette.color(role) for role in (QtGui.QPalette.ColorRole.Window, QtGui.QPalette.ColorRole.WindowText))
    if window.lightness() < ink.lightness():
        mixed = ((one + other) // 2 for one, other in zip(_channels(window), _channels(ink), strict=True))
        palette.setColor(QtGui.QPalette.ColorRole.Window, QtGui.QColor(*mixed))
        view.setPalette(palette)


def _channels(color: QtGui.QColor) -> tuple[int, int, int]:
    return color.red(), color.green(), color.blue()


def tree_widget(name: str, accessible_name: str, titles: Sequence[str], characters: Sequence[int] = ()) -> QtWidgets.QTreeWidget:
    """A list or tree whose rows are looked at, not edited; the first columns are that many ``characters`` wide."""
    view = QtWidgets.QTreeWidget()
    view.setObjectName(name)
    view.setAccessibleName(accessible_name)
    view.setHeaderLabels(titles)
    view.setAllColumnsShowFocus(True)
    view.setUniformRowHeights(True)
    view.setEditTriggers(QtWidgets.QAbstractItemView.EditTrigger.NoEditTriggers)
    view.setTabKeyNavigation(False)
    size_columns(view.header(), characters)
    return view


def size_columns(header: QtWidgets.QHeaderView, characters: Sequence[int]) -> None:
    """The first columns that many ``characters`` wide. Once: what a person makes wider or narrower stays."""
    for number, width in enumerate(characters):
        header.resizeSection(number, width * header.fontMetrics().averageCharWidth())


def view_action(
    view: QtWidgets.QWidget, text: str, keys: str, do: Callable[[], object], context: Qt.ShortcutContext = Qt.ShortcutContext.WidgetShortcut
) -> QtGui.QAction:
    """An entry of the menu of a table, tree or box, and its key while that has the keyboard. Keep what is returned."""
    action = QtGui.QAction(text, view)
    action.setShortcut(QtGui.QKeySequence(keys))
    action.setShortcutContext(context)
    action.triggered.connect(do)
    view.addAction(action)
    return action
