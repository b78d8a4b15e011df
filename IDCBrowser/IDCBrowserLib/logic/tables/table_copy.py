"""Rows of a table for the clipboard, also those never looked at, and the whole table as a file. Knows no widgets."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping, Sequence

from IDCBrowserLib.api import catalog
from IDCBrowserLib.api.values import Row
from IDCBrowserLib.catalog.table_rows import in_parts
from IDCBrowserLib.engine.client import EngineClient, Request
from IDCBrowserLib.errors import CancelledError, IDCBrowserError
from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.logic.base.state import Kind, Message, Ranges, TableState
from IDCBrowserLib.logic.tables.columns import EMPTY, STATUS, Column
from IDCBrowserLib.safe_text import cell, one_line
from IDCBrowserLib.signal import Signal
from IDCBrowserLib.task import Progress
from IDCBrowserLib.wording import human_count, human_size

# As text about 70 MB of series; whatever is pasted into takes no more.
MAX_COPIED = 200_000
# So many are decoded and written within a frame.
_PART = 400
_TOLD_AFTER = 10_000
# What rows with a status are called by; series name their study too.
_UIDS = ("SeriesInstanceUID", "StudyInstanceUID")


class TableCopy:
    """``copy`` and ``save``; ``message(Message)`` says how it went. ``status_of`` gives, by the column of a UID, what names its status."""

    def __init__(self, client: EngineClient, status_of: Mapping[str, Callable[[str], str]]) -> None:
        self._client = client
        self._status_of = status_of
        self._saving: Request | None = None
        self._copying: _Copying | None = None
        self.message: Signal[Message] = Signal()

    def copy(self, state: TableState, columns: Sequence[Column], as_csv: bool, put: Callable[[str], None]) -> None:
        """Hand the selected rows to ``put``: as text they read as in the table, with tabs between; as CSV they have IDC's names and values."""
        if state.view is None or not state.selected:
            self.message.emit(Message(Kind.INFO, _("Select the rows to copy first.")))
        elif state.selected_count > MAX_COPIED:
            text = _('{count} rows are selected, and at most {limit} can be copied. Use "Save table as CSV" in the same menu instead.')
            self.message.emit(Message(Kind.WARNING, text.format(count=f"{state.selected_count:,}", limit=f"{MAX_COPIED:,}")))
        else:
            # A copy that is not at its end yet is not wanted any more.
            self._copying = _Copying(self, state, columns, as_csv, put)
            self._copying.go_on()

    @property
    def is_saving(self) -> bool:
        """Whether a file is being written."""
        return self._saving is not None

    def save(self, state: TableState, columns: Sequence[Column], path: str) -> None:
        """Every row and column; those shown come first."""
        if state.view is None or self._saving is not None:
            return
        first = [item.key for item in columns if item.key in state.columns]
        question = catalog.SAVE_TABLE({"view": state.view, "file": path, "columns": first})
        self._saving = self._client.ask(question, self._saved, self._not_saved, self._tell)

    def stop_saving(self) -> None:
        """Leave no file."""
        if self._saving is not None:
            self._saving.cancel()

    def _tell(self, progress: Progress) -> None:
        text = _("Saving the table: {done} of {total} rows")
        self.message.emit(Message(Kind.INFO, text.format(done=f"{int(progress.done):,}", total=f"{int(progress.total or 0):,}")))

    def _saved(self, result: catalog.SavedTable) -> None:
        self._saving = None
        text = _("Saved {rows} to {path} ({size}).")
        rows = human_count(result["rows"], _("row"), _("rows"))
        self.message.emit(Message(Kind.SUCCESS, text.format(rows=rows, path=result["file"], size=human_size(result["bytes"]))))

    def _not_saved(self, error: IDCBrowserError) -> None:
        self._saving = None
        text = _("Canceled. The table was not saved.") if isinstance(error, CancelledError) else str(error)
        self.message.emit(Message(Kind.INFO if isinstance(error, CancelledError) else Kind.ERROR, text))

    def is_wanted(self, copying: _Copying) -> bool:
        """Whether this copy is the last one that was asked for."""
        return copying is self._copying

    def tell_copied(self, rows: int, total: int) -> None:
        """So many of them are here; with the last one they were handed over."""
        if rows < total:
            text = _("Copying: {done} of {total} rows")
            self.message.emit(Message(Kind.INFO, text.format(done=f"{rows:,}", total=f"{total:,}")))
        else:
            self._copying = None
            self.message.emit(Message(Kind.SUCCESS, _("Copied {rows}.").format(rows=human_count(rows, _("row"), _("rows")))))

    def ask(self, view: int, ranges: Ranges, columns: Sequence[str], on_rows: Callable[[Sequence[Row]], None]) -> None:
        """Rows of ranges."""
        question = catalog.ROWS({"view": view, "ranges": [list(item) for item in ranges], "columns": list(columns)})
        self._client.ask(question, lambda result: on_rows(result["rows"]), self._not_copied)

    def _not_copied(self, error: IDCBrowserError) -> None:
        self._copying = None
        self.message.emit(Message(Kind.ERROR, str(error)))

    def status(self, column: str, uid: str) -> str:
        """Of the series or study with this UID, as its column shows it."""
        return self._status_of[column](uid)


class _Copying:
    """One copy under way: the parts one after the other, each as text at once, so that nothing is left to be done with all of them."""

    def __init__(self, owner: TableCopy, state: TableState, columns: Sequence[Column], as_csv: bool, put: Callable[[str], None]) -> None:
        self._owner = owner
        self._put = put
        self._view = state.view or 0
        self._as_csv = as_csv
        self._columns = [item for item in columns if item.key == STATUS or item.key in state.columns]
        self._asked = [item.key for item in self._columns if item.key != STATUS]
        self._uid = next((name for name in _UIDS if name in state.columns), "")
        if any(item.key == STATUS for item in self._columns) and self._uid not in self._asked:
            self._asked.append(self._uid)
        self._parts = in_parts(state.selected, _PART)
        self._total = state.selected_count
        self._done = 0
        self._texts = [self._text([[item.key if as_csv else item.title for item in self._columns]])]

    def go_on(self) -> None:
        """Ask for the next part, or hand over what is here."""
        part = next(self._parts, None)
        if part is not None:
            self._owner.ask(self._view, tuple(part), self._asked, self._take)
            return
        self._put("".join(self._texts))
        self._owner.tell_copied(self._done, self._done)

    def _take(self, rows: Sequence[Row]) -> None:
        if not self._owner.is_wanted(self):
            return
        lines = [[self._cell(dict(zip(self._asked, row, strict=True)), item) for item in self._columns] for row in rows]
        self._texts.append(self._text(lines))
        self._done += len(rows)
        if self._done % _TOLD_AFTER < len(rows) and self._done < self._total:
            self._owner.tell_copied(self._done, self._total)
        self.go_on()

    def _text(self, lines: Sequence[Sequence[str]]) -> str:
        return _csv_text(lines) if self._as_csv else "".join("\t".join(map(_pasted, line)) + "\n" for line in lines)

    def _cell(self, row: Mapping[str, object], item: Column) -> str:
        if item.key == STATUS:
            return self._owner.status(self._uid, str(row[self._uid])) or ("" if self._as_csv else EMPTY)
        value = row[item.key]
        if not self._as_csv:
            return (item.copied or item.format)(value)
        if isinstance(value, (list, tuple)):
            value = "|".join(str(part) for part in value if part is not None)
        return str(cell(value))


def _csv_text(lines: Sequence[Sequence[str]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(lines)
    return text.getvalue()


def _pasted(text: str) -> str:
    """A cell of a table that is pasted into a spreadsheet."""
    return str(cell(one_line(text)))
