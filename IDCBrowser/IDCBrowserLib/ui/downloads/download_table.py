"""How the tables of the Downloads page look."""

from __future__ import annotations

from IDCBrowserLib.qtbinding import QtWidgets
from IDCBrowserLib.ui.downloads.download_models import TableModel
from IDCBrowserLib.ui.widgets.views import CELL_MARGIN, table_view


def make_table(name: str, accessible_name: str, model: TableModel) -> QtWidgets.QTableView:
    """A table of ``model`` whose columns are as wide as they say; keep the model."""
    view = table_view(name, accessible_name, model)
    header = view.horizontalHeader()
    header.setStretchLastSection(True)
    for number, wanted in enumerate(model.columns):
        metrics = view.fontMetrics()
        # A title may be longer in another language.
        view.setColumnWidth(number, max(wanted.width * metrics.averageCharWidth(), metrics.horizontalAdvance(wanted.title)) + CELL_MARGIN)
    return view
