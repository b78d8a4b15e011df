"""Side indices, newer releases and copies of rows, behind the engine's methods: what ``FakeCatalog`` has besides its tables."""

from __future__ import annotations

from typing import Any

from IDCBrowserLib.errors import NotFoundError

_INSTALLED = {"idc_version": "25", "index_version": "25.0.5", "bundled_version": "25.0.5", "is_bundled": True}


class FakeIndices:
    """``side`` has the state of each index, ``offered`` what a server has as the newest release, ``saved`` the tables that were saved."""

    views: dict[int, tuple[str, list[dict[str, Any]]]]

    def __init__(self) -> None:
        self.side: dict[str, str] = dict.fromkeys(("ct_index", "volume_geometry_index"), "missing")
        self.offered: dict[str, Any] = {"index_version": "26.0.1", "idc_version": 26, "bytes": 76_000_000, "newer": True}
        self.in_use: dict[str, Any] = dict(_INSTALLED)
        self.saved: list[dict[str, Any]] = []

    def further_handlers(self) -> dict[str, Any]:
        """For ``FakeEngine``."""
        return {
            "catalog.rows": self.rows_of,
            "catalog.save_table": self.save_table,
            "catalog.side_indices": self.side_indices,
            "catalog.fetch_side_index": self.fetch_side_index,
            "catalog.side_index_bytes": lambda parameters: {"bytes": dict.fromkeys(parameters["names"], 23_000_000)},
            "catalog.remove_side_index": self.remove_side_index,
            "catalog.check_release": lambda _parameters: self.offered,
            "catalog.update_release": self.update_release,
            "catalog.use_bundled_release": self.use_bundled_release,
        }

    def further_columns(self, parameters: dict[str, Any]) -> list[str]:
        """Those asked for that a side index has."""
        return [name for name in parameters.get("further") or () if name == "KVP" and self.side["ct_index"] == "here"]

    def rows_of(self, parameters: dict[str, Any]) -> Any:
        _level, rows = self.views[parameters["view"]]
        picked = [row for first, last in parameters["ranges"] for row in rows[first : last + 1]]
        return {"rows": [[row.get(column) for column in parameters["columns"]] for row in picked]}

    def save_table(self, parameters: dict[str, Any]) -> Any:
        self.saved.append(parameters)
        return {"file": parameters["file"], "rows": len(self.views[parameters["view"]][1]), "bytes": 1000}

    def side_indices(self, _parameters: dict[str, Any]) -> Any:
        return {
            "indices": [
                {
                    "name": name,
                    "about": "",
                    "state": state,
                    "path": f"/x/{name}" if state != "missing" else None,
                    "bytes": 1000,
                    "reason": "it is cut off" if state == "damaged" else "",
                }
                for name, state in self.side.items()
            ]
        }

    def fetch_side_index(self, parameters: dict[str, Any]) -> Any:
        if parameters.get("from") == "/empty":
            raise NotFoundError(f"There is no {parameters['name']}.parquet in /empty.")
        self.side[parameters["name"]] = "here"
        return {"name": parameters["name"], "path": "/x", "bytes": 1000}

    def remove_side_index(self, parameters: dict[str, Any]) -> Any:
        self.side[parameters["name"]] = "missing"
        return {}

    def update_release(self, parameters: dict[str, Any]) -> Any:
        self.in_use = {**_INSTALLED, "idc_version": "26", "index_version": "26.0.1", "is_bundled": False}
        self.views.clear()
        return self.info(parameters)

    def use_bundled_release(self, parameters: dict[str, Any]) -> Any:
        self.in_use = dict(_INSTALLED)
        self.views.clear()
        return self.info(parameters)

    def info(self, _parameters: dict[str, Any]) -> Any:
        raise NotImplementedError
