"""The cart of the small made-up catalog, behind the engine's methods: entries are (level, id) without filters."""

from __future__ import annotations

from collections import defaultdict

from helpers.answer import Handlers, answer
from helpers.fake_rows import ALL_LEVELS, SIZE, FakeRows, TableRow
from IDCBrowserLib.api import cart as api
from IDCBrowserLib.api.values import Nothing, Selection


class FakeCart:
    """``entries`` are what is in it."""

    def __init__(self, rows: FakeRows) -> None:
        self._rows = rows
        self.entries: list[tuple[str, str]] = []
        self._before: list[tuple[str, str]] | None = None
        # By level: of how many series, and those of each id.
        self._known: dict[str, tuple[int, dict[str, list[TableRow]]]] = {}

    def handlers(self) -> Handlers:
        """For ``FakeEngine``."""
        return {
            **answer(api.LIST, self.state),
            **answer(api.ADD, self.add),
            **answer(api.REMOVE, self.remove),
            **answer(api.CLEAR, self.clear),
            **answer(api.UNDO, self.undo),
            **answer(api.GROUPS, self.groups),
            **answer(api.ROWS, self.entry_rows),
        }

    def series(self) -> list[TableRow]:
        """Of all entries, each once."""
        wanted = set(self.entries)
        return [row for row in self._rows.rows["series"] if any((level, self._rows.id_of(level, row)) in wanted for level in ALL_LEVELS)]

    def state(self, _params: Nothing) -> api.State:
        return {
            "count": len(self.entries),
            "entries": {level: len([entry for entry in self.entries if entry[0] == level]) for level in ALL_LEVELS},
            "can_undo": self._before is not None,
        }

    def add(self, params: api.AddParameters) -> api.Added:
        asked = [entry for selection in params["selections"] for entry in self._named(selection)]
        new = [entry for entry in asked if entry not in self.entries]
        self._change([*self.entries, *new])
        return {**self.state({}), "added": len(new), "asked": len(asked)}

    def remove(self, params: api.RemoveParameters) -> api.State:
        gone = [entry for selection in params.get("selections", ()) for entry in self._named(selection)]
        gone += [entry for entry in self.entries if self._collection(entry) in params.get("collections", ())]
        self._change([entry for entry in self.entries if entry not in gone])
        return self.state({})

    def clear(self, _params: Nothing) -> api.State:
        self._change([])
        return self.state({})

    def undo(self, _params: Nothing) -> api.State:
        if self._before is not None:
            self._change(self._before)
        return self.state({})

    def groups(self, _params: Nothing) -> api.Groups:
        groups = [self._group(collection) for collection in sorted({self._collection(entry) for entry in self.entries} - {""})]
        beside = [self._row(entry) for entry in self.entries if entry[0] == "analysis_results"]
        unknown: list[api.Entry] = [
            {"level": level, "id": row_id, "filters": {}} for level, row_id in self.entries if not self._series(level, row_id)
        ]
        return {**self.state({}), "groups": groups, "beside": beside, "unknown": unknown, "unknown_count": len(unknown)}

    def entry_rows(self, params: api.RowsParameters) -> api.EntryRows:
        entries = [entry for entry in self.entries if self._collection(entry) == params["collection"]]
        return {"rows": [self._row(entry) for entry in entries[params["offset"] : params["offset"] + params["limit"]]]}

    def _group(self, collection: str) -> api.Group:
        series = [row for row in self.series() if row["collection_id"] == collection]
        return {
            "collection_id": collection,
            "collection_name": collection.title(),
            "entries": len([entry for entry in self.entries if self._collection(entry) == collection]),
            "series": len(series),
            "bytes": SIZE * len(series),
            "licenses": series[0]["license_short_name"],
        }

    def _named(self, selection: Selection) -> list[tuple[str, str]]:
        if "ids" in selection:
            return [(selection["level"], row_id) for row_id in selection["ids"]]
        level, rows = self._rows.selected(selection)
        return [(level, self._rows.id_of(level, row)) for row in rows]

    def _row(self, entry: tuple[str, str]) -> api.EntryRow:
        series = self._series(*entry)
        return {
            "level": entry[0],
            "id": entry[1],
            "filters": {},
            "patient_id": series[0]["PatientID"],
            "title": entry[1],
            "series": len(series),
            "bytes": SIZE * len(series),
            "licenses": series[0]["license_short_name"],
            "modalities": "CT",
        }

    def _change(self, entries: list[tuple[str, str]]) -> None:
        self._before, self.entries = self.entries, entries

    def _series(self, level: str, row_id: str) -> list[TableRow]:
        """Looked up in one pass over the series for each level, since carts of tests are large."""
        rows = self._rows.rows["series"]
        if self._known.get(level, (-1, {}))[0] != len(rows):
            by_id: dict[str, list[TableRow]] = defaultdict(list)
            for row in rows:
                by_id[self._rows.id_of(level, row)].append(row)
            self._known[level] = len(rows), by_id
        return self._known[level][1].get(row_id, [])

    def _collection(self, entry: tuple[str, str]) -> str:
        """As the engine groups them: none of an analysis result, or of what is unknown."""
        series = self._series(*entry) if entry[0] != "analysis_results" else []
        return str(series[0]["collection_id"]) if series else ""
