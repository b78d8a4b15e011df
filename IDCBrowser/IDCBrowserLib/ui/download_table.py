"""How the tables of the Downloads page look."""

from __future__ import annotations

from typing import Any

from IDCBrowserLib.ui.qtbinding import Qt, QtWidgets

_ROW_MARGIN = 6
_CELL_MARGIN = 14
_MIN_HEIGHT = 58


def make_table(name: str, accessible_name: str, model: Any) -> Any:
    """A table of ``model`` whose columns are as wide as they say; keep the model."""
    view = QtWidgets.QTableView()
    view.setObjectName(name)
    view.setAccessibleName(accessible_name)
    view.setModel(model)
    view.setSelectionBehavior(QtWidgets.QAbstractItemView.SelectRows)
    view.setSelectionMode(QtWidgets.QAbstractItemView.ExtendedSelection)
    view.setEditTriggers(QtWidgets.QAbstractItemView.NoEditTriggers)
    view.setHorizontalScrollMode(QtWidgets.QAbstractItemView.ScrollPerPixel)
    view.setAlternatingRowColors(True)
    view.setShowGrid(False)
    view.setWordWrap(False)
    view.setTabKeyNavigation(False)
    view.setCornerButtonEnabled(False)
    view.setContextMenuPolicy(Qt.ActionsContextMenu)
    view.setMinimumHeight(_MIN_HEIGHT)
    rows = view.verticalHeader()
    rows.hide()
    rows.setSectionResizeMode(QtWidgets.QHeaderView.Fixed)
    rows.setDefaultSectionSize(view.fontMetrics().height() + _ROW_MARGIN)
    header = view.horizontalHeader()
    header.setHighlightSections(False)
    header.setStretchLastSection(True)
    for number, wanted in enumerate(model.columns):
        view.setColumnWidth(number, wanted.width * view.fontMetrics().averageCharWidth() + _CELL_MARGIN)
    return view
