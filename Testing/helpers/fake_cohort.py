"""Figures of the small made-up catalog, and what changed in it, behind the engine's methods."""

from __future__ import annotations

from typing import Any

from helpers.answer import Handlers, answer
from helpers.fake_rows import SIZE, FakeRows, TableRow
from helpers.fake_selection import FakeSelection
from IDCBrowserLib.api import cohort as api
from IDCBrowserLib.catalog.facets.counting import FIGURES, indices_of

# What the rows of the fake have, and what stands for everything else.
_TEXTS = ("collection_id", "Modality", "license_short_name", "BodyPartExamined")


class FakeCohort:
    """``checked`` and ``changed`` are what the next answers say; ``missing`` side indices are not here. ``asked`` keeps the questions."""

    def __init__(self, rows: FakeRows, selection: FakeSelection) -> None:
        self._rows = rows
        self._selection = selection
        self.missing: set[str] = {"seg_index", "ct_index", "mr_index", "pt_index"}
        self.asked: list[Any] = []
        self.checked: api.Checked = {
            "idc_version": "23",
            "current": "25",
            "series": 4,
            "identical": 1,
            "revised": [{"SeriesInstanceUID": "1.2.3", "was": "a", "now": "b"}],
            "gone": [{"SeriesInstanceUID": "1.2.4", "was": "c"}],
            "unknown": [{"SeriesInstanceUID": "1.2.5", "was": "d"}],
            "counts": {"revised": 1, "gone": 1, "unknown": 1},
        }

    def handlers(self) -> Handlers:
        """For ``FakeEngine``."""
        return {**answer(api.COUNTS, self.counts), **answer(api.CHECK, self.check), **answer(api.CHANGES, self.changes)}

    def counts(self, params: api.CountsParameters) -> api.Counts:
        self.asked.append(params)
        series = self._series(params)
        figures = params.get("figures", FIGURES)
        missing = {name: needed[0] for name in figures if (needed := indices_of(name)) and set(needed) <= self.missing}
        number, studies, cases = _counted(series)
        return {
            "series": number,
            "studies": studies,
            "cases": cases,
            "collections": len({row["collection_id"] for row in series}),
            "instances": sum(row["instanceCount"] for row in series),
            "total_bytes": SIZE * len(series),
            "by": {name: _figure(name, series) for name in figures if name not in missing},
            "missing": missing,
        }

    def check(self, params: api.CheckParameters) -> api.Checked:
        self.asked.append(params)
        return self.checked

    def changes(self, params: api.ChangesParameters) -> api.Changes:
        self.asked.append(params)
        row = self._series(params)[0]
        said: api.Changed = {
            "collection_id": row["collection_id"],
            "PatientID": row["PatientID"],
            "SeriesInstanceUID": row["SeriesInstanceUID"],
            "crdc_series_uuid": "u",
            "Modality": row["Modality"],
        }
        counts = {"added": 1, "revised": 1, "removed": 1}
        return {
            "release": params["release"],
            "current": 25,
            "unchanged": 5,
            "added": [{**said, "size_bytes": SIZE, "since": 25}],
            "revised": [{**said, "size_bytes": SIZE, "since": 24, "was": None}],
            "removed": [{**said, "max_idc_version": 23}],
            "counts": counts,
        }

    def _series(self, params: api.Cohort) -> list[TableRow]:
        passing = self._rows.passing(params.get("filters", {}))
        if "plan" in params:
            named = self._selection.planned(params["plan"])
        elif "selections" in params or "cart" in params:
            named = self._selection.picked(params)
        else:
            return passing
        return [row for row in named if row in passing]


def _figure(name: str, series: list[TableRow]) -> api.Figure:
    if name in _TEXTS:
        values = sorted({row[name] for row in series}, key=str)
        rows = [_row(value, [row for row in series if row[name] == value]) for value in values]
        return sorted(rows, key=lambda row: -row["series"])
    return [_row("60-69", series, 60, 69) if name == "age_decade" else _row(None, series)]


def _row(value: str | None, series: list[TableRow], low: int | None = None, high: int | None = None) -> api.FigureRow:
    number, studies, cases = _counted(series)
    return {"value": value, "low": low, "high": high, "series": number, "studies": studies, "cases": cases}


def _counted(series: list[TableRow]) -> tuple[int, int, int]:
    studies = {row["StudyInstanceUID"] for row in series}
    return len(series), len(studies), len({(row["collection_id"], row["PatientID"]) for row in series})
