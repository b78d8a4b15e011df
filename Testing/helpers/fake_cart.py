"""The cart of the small made-up catalog, behind the engine's methods: entries are (level, id) without filters."""

from __future__ import annotations

from typing import Any


class FakeCart:
    """``catalog`` knows rows and ids (``FakeCatalog``)."""

    def __init__(self, catalog: Any) -> None:
        self._catalog = catalog
        self.entries: list[tuple[str, str]] = []
        self._before: list[tuple[str, str]] | None = None

    def handlers(self) -> dict[str, Any]:
        """For ``FakeEngine``."""
        return {
            "cart.list": self.state,
            "cart.add": self.add,
            "cart.remove": self.remove,
            "cart.clear": self.clear,
            "cart.undo": self.undo,
            "cart.groups": self.groups,
            "cart.rows": self.rows,
        }

    def series(self) -> list[dict[str, Any]]:
        """Of all entries, each once."""
        return [row for row in self._catalog.rows["series"] if any(self._holds(entry, row) for entry in self.entries)]

    def state(self, _parameters: dict[str, Any]) -> Any:
        return {"count": len(self.entries), "entries": {}, "can_undo": self._before is not None}

    def add(self, parameters: dict[str, Any]) -> Any:
        asked = [entry for selection in parameters["selections"] for entry in self._named(selection)]
        new = [entry for entry in asked if entry not in self.entries]
        self._change([*self.entries, *new])
        return {**self.state({}), "added": len(new), "asked": len(asked)}

    def remove(self, parameters: dict[str, Any]) -> Any:
        gone = [(item["level"], row_id) for item in parameters["selections"] for row_id in item["ids"]]
        gone += [entry for entry in self.entries if self._collection(entry) in parameters["collections"]]
        self._change([entry for entry in self.entries if entry not in gone])
        return self.state({})

    def clear(self, _parameters: dict[str, Any]) -> Any:
        self._change([])
        return self.state({})

    def undo(self, _parameters: dict[str, Any]) -> Any:
        if self._before is not None:
            self._change(self._before)
        return self.state({})

    def groups(self, _parameters: dict[str, Any]) -> Any:
        found = []
        for collection in sorted({self._collection(entry) for entry in self.entries}):
            entries = [entry for entry in self.entries if self._collection(entry) == collection]
            series = [row for row in self.series() if row["collection_id"] == collection]
            found.append(
                {
                    "collection_id": collection,
                    "collection_name": collection.title(),
                    "entries": len(entries),
                    "series": len(series),
                    "bytes": 1_000_000 * len(series),
                    "licenses": series[0]["license_short_name"],
                }
            )
        return {**self.state({}), "groups": found, "beside": [], "unknown": [], "unknown_count": 0}

    def rows(self, parameters: dict[str, Any]) -> Any:
        entries = [entry for entry in self.entries if self._collection(entry) == parameters["collection"]]
        return {"rows": [self._row(entry) for entry in entries[parameters["offset"] : parameters["offset"] + parameters["limit"]]]}

    def _named(self, selection: dict[str, Any]) -> list[tuple[str, str]]:
        if "ids" in selection:
            return [(selection["level"], row_id) for row_id in selection["ids"]]
        level, rows = self._catalog.selected(selection)
        return [(level, self._catalog.id_of(level, row)) for row in rows]

    def _row(self, entry: tuple[str, str]) -> dict[str, Any]:
        series = [row for row in self._catalog.rows["series"] if self._holds(entry, row)]
        return {
            "level": entry[0],
            "id": entry[1],
            "filters": {},
            "patient_id": series[0]["PatientID"],
            "title": entry[1],
            "series": len(series),
            "bytes": 1_000_000 * len(series),
            "licenses": series[0]["license_short_name"],
            "modalities": "CT",
        }

    def _change(self, entries: list[tuple[str, str]]) -> None:
        self._before, self.entries = self.entries, entries

    def _holds(self, entry: tuple[str, str], series: dict[str, Any]) -> bool:
        return bool(self._catalog.id_of(entry[0], series) == entry[1])

    def _collection(self, entry: tuple[str, str]) -> str:
        return str(next(row["collection_id"] for row in self._catalog.rows["series"] if self._holds(entry, row)))
