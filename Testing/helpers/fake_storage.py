"""What is kept on a made-up computer, behind the engine's methods: one collection with one case, its study and two series, and three leftovers."""

from __future__ import annotations

from collections.abc import Sequence

from helpers.answer import Handlers, answer
from IDCBrowserLib import site_defaults
from IDCBrowserLib.api import storage as api
from IDCBrowserLib.api import store
from IDCBrowserLib.api.values import Nothing
from IDCBrowserLib.errors import InputError

NODES = [["lungs"], ["lungs", "P1"], ["lungs", "P1", "1.9"]]


def amounts(series: int = 2, files: int = 10, size: int = 5_000_000) -> api.Amounts:
    """All of them in the database."""
    return {"series": series, "files": files, "bytes": size, "in database": series, "on disk": 0, "partial": 0, "older version": 0}


def series_row(name: str, status: str = "in database", files: int = 5) -> api.Row:
    """A series of half the bytes."""
    node = [*NODES[2], f"/downloads/{name}"]
    return {
        **amounts(1, files, 2_500_000),
        "node": node,
        "name": name,
        "date": "",
        "SeriesInstanceUID": f"1.2.{name}",
        "status": status,
        "imported": 5,
        "expected": 5,
    }


def _group(node: list[str]) -> api.Row:
    return {**amounts(), "node": node, "name": node[-1], "date": "", "SeriesInstanceUID": "", "status": "", "imported": 0, "expected": None}


def _set_shared_stores(params: store.SharedStores) -> Nothing:
    """A folder named "gone" cannot be read."""
    if any("gone" in folder for folder in params["folders"]):
        raise InputError(f"{params['folders'][-1]} is not a folder that can be read.")
    file = site_defaults.user_file()
    site_defaults.write(file, {site_defaults.ALSO_LOOK_IN: list(params["folders"])}, "")
    return {}


class FakeStorage:
    """Tests change what is answered: ``document`` to a look, ``below`` the rows below each node, ``told`` to what is removed."""

    def __init__(self) -> None:
        # Where everything is that is asked for.
        self.folder = "/downloads/lungs"
        self.document: api.Inventory = {
            "inventory": 1,
            "folder": "/downloads",
            "totals": amounts(),
            "rows": [_group(NODES[0])],
            "leftovers": [
                ("arriving", "/downloads/.idc-browser-incoming-x", "", 2, 2000),
                ("empty", "/downloads/a", "", 0, 0),
                ("partial", "/downloads/p", "CT thorax", 3, 3000),
            ],
            "leftover_count": 3,
            "not_imported": 0,
            "unreadable": [],
            "elsewhere": (0, 0),
            "places": [{"kind": "downloads", "path": "/downloads", "files": 10, "bytes": 5_000_000, "free": 9_000_000_000}],
            "notes": [],
        }
        self.below: dict[tuple[str, ...], list[api.Row]] = {
            ("lungs",): [_group(NODES[1])],
            ("lungs", "P1"): [{**_group(NODES[2]), "date": "2008-09-18", "name": "Chest"}],
            ("lungs", "P1", "1.9"): [series_row("CT a"), series_row("MR b", "older version", 7)],
        }
        self.told: api.Removed = {"series": 1, "files": 5, "bytes": 2_500_000, "kept": [], "kept_count": 0, "failed": [], "failed_count": 0}

    def handlers(self) -> Handlers:
        """For ``FakeEngine``."""
        return {
            **answer(api.INVENTORY, lambda _params: self.document),
            **answer(api.ROWS, lambda params: {"rows": self.below[tuple(params["node"])]}),
            **answer(api.NOT_IMPORTED, lambda _params: {"directories": ["/downloads/x"]}),
            **answer(api.DIRECTORIES, lambda params: {"directories": self.directories(params.get("nodes", ()))}),
            **answer(api.FOLDER, lambda _params: {"folder": self.folder}),
            **answer(api.REMOVAL, lambda _params: self.told),
            **answer(api.REMOVE, lambda _params: self.told),
            **answer(api.ROWS_OF, lambda params: {"series": list(params.get("series", ())), "again": []}),
            **answer(api.CLEAN, lambda _params: {**self.told, "files": 2, "bytes": 2000}),
            **answer(api.MOVE_CHECK, self.move_check),
            **answer(api.MOVE, lambda params: {**self.move_check(params), "removed": self.told, "again": [], "left_out": []}),
            **answer(api.MOVE_END, lambda _params: {"removed": self.told}),
            **answer(store.IMPORT, _imported),
            **answer(store.SERIES_STATUS, lambda params: dict.fromkeys(params["series"], "absent")),
            **answer(store.STUDY_STATUS, _study_status),
            **answer(store.SERIES_FILES, lambda _params: {"files": []}),
            **answer(store.SERIES_BELOW, _series_below),
            **answer(store.SET_SHARED_STORES, _set_shared_stores),
        }

    def directories(self, nodes: Sequence[Sequence[str]]) -> list[str]:
        """Of what is below nodes; a series names its own."""
        found: list[str] = []
        for node in nodes:
            rows = self.below.get(tuple(node)) if node else self.document["rows"]
            found += [node[-1]] if rows is None else self.directories([row["node"] for row in rows])
        return sorted(set(found))

    def move_check(self, params: api.MoveCheckParameters) -> api.MovePlan:
        return {
            "to": params["to"],
            "series": 2,
            "files": 10,
            "bytes": 5_000_000,
            "stay": 1,
            "same_disk": False,
            "needed": 5_000_000,
            "free": 9_000_000_000,
        }


def _imported(params: store.ImportParameters) -> store.ImportReport:
    files = len(params.get("files", ()))
    return {"patients": 1, "studies": 1, "series": 1, "instances": files, "left_out": [], "added": files, "unchanged": 0, "damaged": 0}


def _study_status(params: store.StudyStatusParameters) -> dict[str, store.StudyStatus]:
    return {uid: {"series": 3, "here": 0, "in database": 0, "older version": 0} for uid in params["studies"]}


def _series_below(_params: store.SeriesBelowParameters) -> store.SeriesBelow:
    return {
        "series": [
            {
                "SeriesInstanceUID": "1.2.5.0.0",
                "StudyInstanceUID": "1.2.5.0",
                "PatientID": "P1",
                "Modality": "CT",
                "SeriesDescription": None,
                "instanceCount": 1,
                "SOPClassUID": "",
            }
        ]
    }
