"""Side indices and newer releases, behind the engine's methods."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from helpers.answer import Handlers, answer
from helpers.fake_rows import ALL_LEVELS, FakeRows
from IDCBrowserLib.api import indices as api
from IDCBrowserLib.api.catalog import INFO, READINESS, Info, Readiness
from IDCBrowserLib.api.values import Nothing
from IDCBrowserLib.errors import NotFoundError

SIZE = 1000


class FakeIndices:
    """``side`` has the state of each index, ``offered`` what a server has as the newest release, ``in_use`` its versions in use.

    ``on_fetched`` is called with the name of an index that was fetched.
    """

    def __init__(self, rows: FakeRows, on_fetched: Callable[[str], None]) -> None:
        self._rows = rows
        self._on_fetched = on_fetched
        self.side: dict[str, Literal["here", "missing", "damaged"]] = {"ct_index": "missing", "volume_geometry_index": "missing"}
        self.offered: api.Offered = {"index_version": "26.0.1", "idc_version": 26, "bytes": 76_000_000, "newer": True}
        self.index_version = "25.0.5"
        self.readiness: Readiness = {"cached": False, "preparing": False}

    def handlers(self) -> Handlers:
        """For ``FakeEngine``."""
        return {
            **answer(INFO, self.info),
            **answer(READINESS, lambda _params: self.readiness),
            **answer(api.SIDE_INDICES, self.side_indices),
            **answer(api.FETCH_SIDE_INDEX, self.fetch_side_index),
            **answer(api.SIDE_INDEX_BYTES, lambda params: {"bytes": dict.fromkeys(params["names"], 23_000_000)}),
            **answer(api.REMOVE_SIDE_INDEX, self.remove_side_index),
            **answer(api.CHECK_RELEASE, lambda _params: self.offered),
            **answer(api.UPDATE_RELEASE, lambda _params: self._use(self.offered["index_version"])),
            **answer(api.USE_BUNDLED_RELEASE, lambda _params: self._use("25.0.5")),
        }

    def info(self, _params: Nothing) -> Info:
        counts = {level: len(self._rows.rows[level]) for level in ALL_LEVELS}
        return {
            "idc_version": self.index_version.partition(".")[0],
            "index_version": self.index_version,
            "bundled_version": "25.0.5",
            "is_bundled": self.index_version == "25.0.5",
            "collections": counts["collections"],
            "cases": counts["cases"],
            "studies": counts["studies"],
            "series": counts["series"],
            "bytes": 10**9,
            "sources": ["/x/idc_index.parquet"],
            "cached": False,
            "release_problem": "",
            "collection_names": {row["collection_id"]: row["collection_name"] for row in self._rows.rows["collections"]},
        }

    def side_indices(self, _params: Nothing) -> api.SideIndices:
        return {"indices": [self._index(name) for name in self.side]}

    def fetch_side_index(self, params: api.FetchIndexParameters) -> api.FetchedIndex:
        name = params["name"]
        if params.get("from") == "/empty":
            raise NotFoundError(f"There is no {name}.parquet in /empty.")
        self.side[name] = "here"
        self._on_fetched(name)
        return {"name": name, "path": f"/x/{name}", "bytes": 5_000_000}

    def remove_side_index(self, params: api.IndexName) -> Nothing:
        self.side[params["name"]] = "missing"
        return {}

    def _index(self, name: str) -> api.SideIndex:
        state = self.side[name]
        return {
            "name": name,
            "about": "",
            "state": state,
            "path": f"/x/{name}" if state != "missing" else None,
            "bytes": SIZE,
            "reason": "it is truncated" if state == "damaged" else "",
        }

    def _use(self, version: str) -> Info:
        self.index_version = version
        self._rows.views.clear()
        return self.info({})
