"""Working sets of the small made-up catalog, behind the engine's methods."""

from __future__ import annotations

from helpers.answer import Handlers, answer
from helpers.fake_cart import FakeCart
from helpers.fake_rows import FakeRows
from helpers.fake_selection import FakeSelection
from helpers.fake_sql import FakeSql
from IDCBrowserLib.api import working_set as api
from IDCBrowserLib.api.selection import Unresolved
from IDCBrowserLib.api.values import ExportedLines, Nothing


class FakeWorkingSets:
    """``FakeRows.sets`` are those that are open; ``saved`` are files that lines were to be written to."""

    def __init__(self, rows: FakeRows, selection: FakeSelection, cart: FakeCart, sql: FakeSql) -> None:
        self._rows = rows
        self._selection = selection
        self._cart = cart
        self._sql = sql
        self.saved: list[str] = []
        self._number = 0

    def handlers(self) -> Handlers:
        """For ``FakeEngine``."""
        return {
            **answer(api.OPEN, self.open),
            **answer(api.CLOSE, self.close),
            **answer(api.EXPORT_UNRESOLVED, self.export_unresolved),
        }

    def open(self, params: api.OpenParameters) -> api.WorkingSet:
        unresolved: list[Unresolved] = []
        if params.get("cart"):
            uids = {row["SeriesInstanceUID"] for row in self._cart.series()}
        elif "rows" in params:
            named = self._sql.ids(params["rows"])
            series = self._rows.below(self._rows.rows["series"], {"level": named["level"], "ids": named["ids"]})
            uids = {row["SeriesInstanceUID"] for row in series}
        else:
            uids = {uid for source in params["sources"] for uid in self._selection.named_in(source)}
            unresolved = [item for item in self._selection.unresolved if item["source"] in params["sources"]]
        self._number += 1
        self._rows.sets[self._number] = {row["SeriesInstanceUID"] for row in self._rows.rows["series"] if row["SeriesInstanceUID"] in uids}
        return {
            "set": self._number,
            "series": len(self._rows.sets[self._number]),
            "revised": 0,
            "unresolved": unresolved,
            "unresolved_count": len(unresolved),
        }

    def close(self, params: api.SetHandle) -> Nothing:
        self._rows.sets.pop(params["set"], None)
        return {}

    def export_unresolved(self, params: api.ExportUnresolvedParameters) -> ExportedLines:
        self.saved.append(params["file"])
        return {"file": params["file"], "lines": 1}
