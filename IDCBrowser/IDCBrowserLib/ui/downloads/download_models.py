"""Qt models of the Downloads page: the downloads, and the series of one of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.logic.base.collection_names import named
from IDCBrowserLib.logic.downloads.download_series import DownloadSeries, SeriesLine
from IDCBrowserLib.logic.downloads.download_state import DownloadPhase, DownloadRow, phase_text
from IDCBrowserLib.logic.tables.columns import EMPTY, Column
from IDCBrowserLib.logic.tables.series_status import SeriesProgress, StatusText, series_progress_text
from IDCBrowserLib.qtbinding import ModelIndex, Qt, QtCore
from IDCBrowserLib.ui.widgets.cell_roles import ACCESSIBLE_TEXT, ALIGNMENT, DECORATION, DISPLAY, TOOL_TIP, USER, alignment, cell_value, header_value
from IDCBrowserLib.ui.widgets.icons import icon
from IDCBrowserLib.wording import human_size, human_time_left

# 0 to 1 for the bar, or -1 for none.
FRACTION_ROLE = USER
_WAITING = "..."


class TableModel(QtCore.QAbstractTableModel):
    """Columns with titles; ``_cell(number, key, role)`` gives what they show."""

    def __init__(self, columns: Sequence[Column], parent: QtCore.QObject | None = None) -> None:
        super().__init__(parent)
        self.columns = tuple(columns)

    def columnCount(self, parent: ModelIndex = QtCore.QModelIndex()) -> int:  # noqa: B008
        """Columns shown."""
        return 0 if parent.isValid() else len(self.columns)

    def data(self, index: ModelIndex, role: int = DISPLAY) -> object:
        """Text, icon, tool tip and alignment of a cell."""
        column = self.columns[index.column()]
        if role == ALIGNMENT:
            return alignment(column.right)
        return self._cell(index.row(), column.key, role)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = DISPLAY) -> object:
        """Titles and their alignment."""
        if orientation != Qt.Orientation.Horizontal or not 0 <= section < len(self.columns):
            return None
        column = self.columns[section]
        return header_value(role, column.title, column.tip, column.right)

    def _cell(self, number: int, key: str, role: int) -> object:
        raise NotImplementedError


class DownloadsModel(TableModel):
    """``show(rows)`` draws what has changed."""

    def __init__(self, parent: QtCore.QObject | None = None) -> None:
        super().__init__(
            (
                Column("what", _("Download"), 48, str),
                Column("state", _("State"), 25, str),
                Column("bar", _("Progress"), 14, str),
                Column("size", _("Size"), 20, str, True),
                Column("speed", _("Speed"), 11, str, True),
                Column("left", _("Time left"), 13, str),
            ),
            parent,
        )
        self._rows: list[DownloadRow] = []

    def rowCount(self, parent: ModelIndex = QtCore.QModelIndex()) -> int:  # noqa: B008
        """Downloads."""
        return 0 if parent.isValid() else len(self._rows)

    def show(self, rows: list[DownloadRow]) -> bool:
        """Whether other downloads are there, or in another order: then the view has lost its selection."""
        before, keys = self._rows, [row.key for row in rows]
        if [row.key for row in before] != keys:
            self.beginResetModel()
            self._rows = rows
            self.endResetModel()
            return True
        self._rows = rows
        for number, row in enumerate(rows):
            if row != before[number]:
                self.dataChanged.emit(self.index(number, 0), self.index(number, len(self.columns) - 1))
        return False

    def row_at(self, number: int) -> DownloadRow | None:
        """A download by its place."""
        return self._rows[number] if 0 <= number < len(self._rows) else None

    def _cell(self, number: int, key: str, role: int) -> object:
        row = self.row_at(number)
        if row is None:
            return None
        text = self._text(row, key)
        if role == FRACTION_ROLE:
            return -1.0 if key != "bar" or row.fraction is None else row.fraction
        if role == DECORATION:
            return icon(phase_text(row)[1]) if key == "state" else None
        if role == TOOL_TIP:
            return cell_value(role, (row.note or text) if key == "state" else text if text != EMPTY else None)
        return text if role in (DISPLAY, ACCESSIBLE_TEXT) else None

    def _text(self, row: DownloadRow, key: str) -> str:
        if key == "what":
            return named(row.label) or _("Looking up...")
        if key == "state":
            return phase_text(row)[0]
        if key == "bar":
            return EMPTY if row.fraction is None else f"{int(100 * row.fraction)} %"
        if key == "size":
            return _amount(row.done if row.phase is not DownloadPhase.FINISHED else row.total, row.total)
        if key == "speed":
            return _("{size}/s").format(size=human_size(row.bytes_per_second)) if row.bytes_per_second else EMPTY
        return human_time_left(row.seconds_left) if row.seconds_left is not None else EMPTY


class DownloadSeriesModel(TableModel):
    """Over ``DownloadSeries``; ``is_imported(uid)`` tells of series that have entered the database."""

    def __init__(self, series: DownloadSeries, is_imported: Callable[[str], bool], parent: QtCore.QObject | None = None) -> None:
        super().__init__(
            (
                Column("state", _("State"), 17, str),
                Column("case", _("Case"), 14, str),
                Column("modality", _("Modality"), 11, str),
                Column("description", _("Description"), 36, str),
                Column("size", _("Size"), 20, str, True),
                Column("error", _("Reason"), 40, str),
            ),
            parent,
        )
        self._series = series
        self._is_imported = is_imported
        self._total = series.total
        series.changed.connect(self._reset)
        series.arrived.connect(self._filled)

    def disconnect_series(self) -> None:
        """Stop listening; call it before the model goes."""
        self._series.changed.disconnect(self._reset)
        self._series.arrived.disconnect(self._filled)

    def rowCount(self, parent: ModelIndex = QtCore.QModelIndex()) -> int:  # noqa: B008
        """Series of the download."""
        return 0 if parent.isValid() else self._total

    def _cell(self, number: int, key: str, role: int) -> object:
        if role not in (DISPLAY, DECORATION, TOOL_TIP) or (role == DECORATION and key != "state"):
            return None
        row = self._series.row(number)
        if row is None:
            return _WAITING if role == DISPLAY else None
        if key == "state":
            state = self._state(row)
            return {DISPLAY: state.text, DECORATION: icon(state.icon), TOOL_TIP: cell_value(TOOL_TIP, row.error or state.tip)}[role]
        if key == "size":
            return _amount(row.done, row.total)
        value = {"case": row.case, "modality": row.modality, "description": row.description, "error": row.error}[key]
        return cell_value(role, value) if value else EMPTY if role == DISPLAY else None

    def _state(self, row: SeriesLine) -> StatusText:
        state = "imported" if row.state == "complete" and self._is_imported(row.uid) else row.state
        return series_progress_text(SeriesProgress.of(state, row.done, row.total, row.error))

    def _reset(self) -> None:
        self.beginResetModel()
        self._total = self._series.total
        self.endResetModel()

    def _filled(self, first: int, last: int) -> None:
        self.dataChanged.emit(self.index(first, 0), self.index(last, len(self.columns) - 1))


def _amount(done: float, total: float) -> str:
    """Such as "1.2 of 3.4 GB"; the whole alone when nothing is here or all of it."""
    if not total:
        return EMPTY
    if not done or done >= total:
        return human_size(total)
    return _("{done} of {total}").format(done=human_size(done), total=human_size(total))
