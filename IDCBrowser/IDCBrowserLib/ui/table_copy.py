"""Rows of a table for the clipboard, also those never looked at, and the whole table as a file. Knows no widgets."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from typing import Any

from IDCBrowserLib.catalog.table_rows import in_parts
from IDCBrowserLib.engine.client import EngineClient, Request
from IDCBrowserLib.errors import CancelledError, IDCBrowserError
from IDCBrowserLib.signal import Signal
from IDCBrowserLib.task import Progress
from IDCBrowserLib.ui.columns import EMPTY, STATUS, Column
from IDCBrowserLib.ui.i18n import tr as _
from IDCBrowserLib.ui.state import Kind, Message, Ranges, TableState
from IDCBrowserLib.wording import human_count, human_size

MAX_COPIED = 20_000
# So many are decoded and written within a frame.
_PART = 400
_UID = "SeriesInstanceUID"


class TableCopy:
    """``copy`` and ``save``; ``told(Message)`` says how it went. ``status_of`` names a series' status."""

    def __init__(self, client: EngineClient, status_of: Callable[[str], str]) -> None:
        self._client = client
        self._status_of = status_of
        self._saving: Request | None = None
        self.told = Signal()

    def copy(self, state: TableState, columns: Sequence[Column], as_csv: bool, put: Callable[[str], None]) -> None:
        """Hand the selected rows to ``put``: as text they read as in the table, with tabs between; as CSV they have IDC's names and values."""
        if state.view is None or not state.selected:
            self.told.emit(Message(Kind.INFO, _("Select the rows to copy first.")))
        elif state.selected_count > MAX_COPIED:
            text = _('At most {limit} rows can be copied; "Save table as CSV" saves all.')
            self.told.emit(Message(Kind.WARNING, text.format(limit=f"{MAX_COPIED:,}")))
        else:
            _Copying(self, state.view, state.columns, columns, as_csv, put).go_on(list(in_parts(state.selected, _PART)))

    @property
    def is_saving(self) -> bool:
        """Whether a file is being written."""
        return self._saving is not None

    def save(self, state: TableState, columns: Sequence[Column], path: str) -> None:
        """Every row and column; those shown come first."""
        if state.view is None or self._saving is not None:
            return
        first = [item.key for item in columns if item.key in state.columns]
        self._saving = self._client.request(
            "catalog.save_table", {"view": state.view, "file": path, "columns": first}, self._saved, self._not_saved, self._tell)

    def stop_saving(self) -> None:
        """Leave no file."""
        if self._saving is not None:
            self._saving.cancel()

    def _tell(self, progress: Progress) -> None:
        text = _("Writing the table: {done} of {total} rows")
        self.told.emit(Message(Kind.INFO, text.format(done=f"{int(progress.done):,}", total=f"{int(progress.total or 0):,}")))

    def _saved(self, result: dict[str, Any]) -> None:
        self._saving = None
        text = _("Saved {rows} to {path} ({size}).")
        rows = human_count(result["rows"], _("row"), _("rows"))
        self.told.emit(Message(Kind.SUCCESS, text.format(rows=rows, path=result["file"], size=human_size(result["bytes"]))))

    def _not_saved(self, error: IDCBrowserError) -> None:
        self._saving = None
        text = _("The table was not saved, as you wished.") if isinstance(error, CancelledError) else str(error)
        self.told.emit(Message(Kind.INFO if isinstance(error, CancelledError) else Kind.ERROR, text))

    def finish(self, rows: int) -> None:
        """The rows were handed over."""
        self.told.emit(Message(Kind.SUCCESS, _("Copied {rows}.").format(rows=human_count(rows, _("row"), _("rows")))))

    def ask(self, view: int, ranges: Ranges, columns: Sequence[str], on_rows: Callable[[dict[str, Any]], None]) -> None:
        """Rows of ranges."""
        parameters = {"view": view, "ranges": [list(item) for item in ranges], "columns": list(columns)}
        self._client.request("catalog.rows", parameters, on_rows, lambda error: self.told.emit(Message(Kind.ERROR, str(error))))

    def status(self, series_uid: str) -> str:
        """Of a series, as its column shows it."""
        return self._status_of(series_uid)


class _Copying:
    """One copy under way: the parts one after the other."""

    def __init__(
        self, owner: TableCopy, view: int, known: Sequence[str], columns: Sequence[Column], as_csv: bool, put: Callable[[str], None]
    ) -> None:
        self._owner = owner
        self._put = put
        self._view = view
        self._as_csv = as_csv
        self._columns = [item for item in columns if item.key == STATUS or item.key in known]
        self._asked = [item.key for item in self._columns if item.key != STATUS]
        if any(item.key == STATUS for item in self._columns) and _UID not in self._asked:
            self._asked.append(_UID)
        self._lines = [[item.key if as_csv else item.title for item in self._columns]]

    def go_on(self, parts: list[Any]) -> None:
        """Ask for the next part, or hand over what is here."""
        if not parts:
            self._put(_csv_text(self._lines) if self._as_csv else "\n".join("\t".join(line) for line in self._lines) + "\n")
            self._owner.finish(len(self._lines) - 1)
            return
        self._owner.ask(self._view, tuple(parts[0]), self._asked, lambda result: self._take(result["rows"], parts[1:]))

    def _take(self, rows: list[list[Any]], parts: list[Any]) -> None:
        self._lines += [[self._cell(dict(zip(self._asked, row, strict=True)), item) for item in self._columns] for row in rows]
        self.go_on(parts)

    def _cell(self, row: dict[str, Any], item: Column) -> str:
        if item.key == STATUS:
            return self._owner.status(str(row[_UID])) or ("" if self._as_csv else EMPTY)
        value = row[item.key]
        if not self._as_csv:
            return item.format(value)
        if isinstance(value, (list, tuple)):
            return "|".join(str(part) for part in value if part is not None)
        return "" if value is None else str(value)


def _csv_text(lines: Sequence[Sequence[str]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(lines)
    return text.getvalue()
