"""Queries in SQL, behind the engine's methods: whatever is asked gives the same rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from helpers.answer import Handlers, answer
from IDCBrowserLib.api import expert as api
from IDCBrowserLib.api.catalog import PageParameters, Rows
from IDCBrowserLib.api.values import Nothing
from IDCBrowserLib.catalog.expert.chart import chart
from IDCBrowserLib.errors import InputError, NotFoundError


class FakeSql:
    """``rows`` with ``columns`` are the result of every query but one with "wrong" in it; ``named`` is what they name, ``saved`` where they went,
    ``measurements`` the file that came with each query.

    ``results`` are the handles that are open.
    """

    def __init__(self) -> None:
        self.rows: list[list[Any]] = [[f"lungs-{number:05}", number] for number in range(450)]
        self.columns: Sequence[Sequence[str]] = [["PatientID", "VARCHAR"], ["n", "BIGINT"]]
        self.named: api.Ids = {"level": "cases", "ids": ["lungs/lungs-00001"], "missing": 0}
        self.saved: list[str] = []
        self.measurements: list[str] = []
        self.results: set[int] = set()
        self._number = 0

    def handlers(self) -> Handlers:
        """For ``FakeEngine``."""
        return {
            **answer(api.TABLES, self.tables),
            **answer(api.RUN, self.run),
            **answer(api.CLOSE, self.close),
            **answer(api.PAGE, self.page),
            **answer(api.SORT, self.sort),
            **answer(api.IDS, self.ids),
            **answer(api.SAVE, self.save),
            **answer(api.CHART, lambda params: chart(self.columns, self._of(params), params.get("label"), params.get("value") or "")),
        }

    def tables(self, params: api.MeasurementsFile) -> api.Tables:
        columns = [["Modality", "VARCHAR"], ["odd name", "VARCHAR"]]
        file = params.get("measurements", "")
        if "wrong" in file:
            raise InputError(f"{file} is damaged.")
        measured: list[api.Table] = [
            {"name": "measurements", "kind": "own", "about": file, "here": True, "rows": 3, "columns": [["value", "DOUBLE"]]},
        ]
        return {
            "tables": [
                *(measured if file else []),
                {"name": "index", "kind": "index", "about": "series", "here": True, "rows": 6, "columns": columns},
                {"name": "seg_index", "kind": "index", "about": "segmentations", "here": False, "rows": 0, "columns": []},
                {"name": "nlst_prsn", "kind": "clinical", "about": "persons", "here": False, "rows": 0, "columns": []},
            ],
            "limits": {"rows": 10_000, "seconds": 60.0, "memory_mb": 1000},
        }

    def run(self, params: api.RunParameters) -> api.Result:
        if "wrong" in params["query"]:
            raise InputError("Line 2: this is wrong.")
        self.measurements.append(params.get("measurements", ""))
        self._number += 1
        self.results.add(self._number)
        return {
            "view": self._number,
            "columns": self.columns,
            "total": len(self.rows),
            "cut": "rows",
            "seconds": 0.25,
            "subject": "cases",
            "rows": self.rows[:200],
        }

    def close(self, params: api.ResultHandle) -> Nothing:
        self.results.discard(params["view"])
        return {}

    def page(self, params: PageParameters) -> Rows:
        return {"rows": self._of(params)[params["offset"] : params["offset"] + params["limit"]]}

    def sort(self, params: api.SortParameters) -> Rows:
        self._of(params).sort(key=lambda row: row[params["column"]], reverse=params["descending"])
        return {"rows": self.rows[:200]}

    def ids(self, params: api.IdsParameters) -> api.Ids:
        self._of(params)
        return self.named

    def save(self, params: api.SaveParameters) -> api.Saved:
        self.saved.append(params["file"])
        return {"file": params["file"], "rows": len(self._of(params))}

    def _of(self, params: api.ResultHandle | PageParameters | api.IdsParameters | api.ChartParameters) -> list[list[Any]]:
        if params["view"] not in self.results:
            raise NotFoundError("This result is no longer there. Run the query again.")
        return self.rows
