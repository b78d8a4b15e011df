"""Totals, plans and their files of the small made-up catalog, behind the engine's methods."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from helpers.answer import Handlers, answer
from helpers.fake_cart import FakeCart
from helpers.fake_rows import SIZE, FakeRows, TableRow, uuid_of
from IDCBrowserLib.api import selection as api
from IDCBrowserLib.api.values import ExportedLines, Nothing
from IDCBrowserLib.errors import InputError, NotFoundError


class FakeSelection:
    """``manifests`` names what files hold, by their path: SeriesInstanceUIDs; a SeriesInstanceUID is a source itself. ``unresolved`` cannot be found
    in them; ``unreadable`` ones cannot be read, with the reason. ``plans`` are those that are open, ``exported`` everything that was to be
    written: (file, form, series).
    """

    def __init__(self, rows: FakeRows, cart: FakeCart) -> None:
        self._rows = rows
        self._cart = cart
        self.manifests: dict[str, list[str]] = {}
        self.unresolved: list[api.Unresolved] = []
        self.unreadable: dict[str, str] = {}
        self.plans: dict[int, list[TableRow]] = {}
        self.exported: list[tuple[str, str, int]] = []
        # The unresolved lines of each plan.
        self._lines: dict[int, list[api.Unresolved]] = {}
        self._number = 0

    def handlers(self) -> Handlers:
        """For ``FakeEngine``."""
        return {
            **answer(api.SUMMARY, self.summary),
            **answer(api.PLAN, self.plan),
            **answer(api.CLOSE_PLAN, self.close_plan),
            **answer(api.EXPORT, self.export),
            **answer(api.CITE, self.cite),
            **answer(api.EXPORT_UNRESOLVED, self.export_unresolved),
        }

    def cite(self, params: api.PlanHandle) -> api.Cited:
        methods, references = f"Data: {len(self.planned(params['plan']))} series.", "1. A paper."
        return {"methods": methods, "references": references, "text": f"{methods}\n\nReferences\n{references}", "bibtex": "@article{paper,\n}\n"}

    def planned(self, plan: int) -> list[TableRow]:
        """The series of a plan; raises ``NotFoundError``."""
        if plan not in self.plans:
            raise NotFoundError("This plan is no longer there. Open it again.")
        return self.plans[plan]

    def summary(self, params: api.SummaryParameters) -> api.Summary:
        own, content = self.picked(params), params.get("content", {})
        series = _taken(own, self._rows.rows["series"], content)
        before = {row["SeriesInstanceUID"] for row in _taken(own, [], content)}
        added = len([row for row in series if row["SeriesInstanceUID"] not in before])
        return {
            "collections": len({row["collection_id"] for row in series}),
            "cases": len({row["PatientID"] for row in series}),
            "studies": len({row["StudyInstanceUID"] for row in series}),
            "series": len(series),
            "bytes": int(sum(row["series_size_MB"] for row in series) * 1e6),
            "licenses": dict(Counter(row["license_short_name"] for row in series)),
            "modalities": dict(Counter(row["Modality"] for row in series)),
            "added_series": added,
            "added_bytes": SIZE * added,
            "guessed_images": 0,
            "guessed_derived": 0,
            "noncommercial_series": _noncommercial(series),
        }

    def plan(self, params: api.PlanParameters) -> api.Plan:
        sources = params.get("sources", ())
        named = [uid for source in sources for uid in self.named_in(source)]
        series = self.planned(params["plan"]) if "plan" in params else self.picked(params)
        series = series + [row for uid in named for row in self._rows.rows["series"] if row["SeriesInstanceUID"] == uid]
        series = _taken(series, self._rows.rows["series"], params.get("content", {}))
        unresolved = self._lines[params["plan"]] if "plan" in params else [item for item in self.unresolved if item["source"] in sources]
        self._number += 1
        self._lines[self._number] = unresolved
        self.plans[self._number] = series
        return {
            "plan": self._number,
            "series": [planned_series(row) for row in series],
            "series_count": len(series),
            "total_bytes": SIZE * len(series),
            "collections": len({row["collection_id"] for row in series}),
            "cases": len({row["PatientID"] for row in series}),
            "studies": len({row["StudyInstanceUID"] for row in series}),
            "licenses": dict(Counter(row["license_short_name"] for row in series)),
            "modalities": dict(Counter(row["Modality"] for row in series)),
            "noncommercial_series": _noncommercial(series),
            "unresolved": unresolved,
            "unresolved_count": len(unresolved),
            "warnings": [],
        }

    def close_plan(self, params: api.PlanHandle) -> Nothing:
        self.plans.pop(params["plan"], None)
        return {}

    def export(self, params: api.ExportParameters) -> api.ExportedSeries:
        series = len(self.planned(params["plan"]))
        self.exported.append((params["file"], params.get("form", ""), series))
        return {"file": params["file"], "series_count": series}

    def export_unresolved(self, params: api.ExportUnresolvedParameters) -> ExportedLines:
        self.planned(params["plan"])
        return {"file": params["file"], "lines": len(self.unresolved)}

    def named_in(self, source: str) -> list[str]:
        if source in self.unreadable:
            raise InputError(self.unreadable[source])
        return self.manifests.get(source, [source])

    def picked(self, params: api.Picked) -> list[TableRow]:
        rows = [row for selection in params.get("selections", ()) for row in self._rows.below(self._rows.rows["series"], selection)]
        return rows + (self._cart.series() if params.get("cart") else [])


def _taken(series: Sequence[TableRow], all_series: Sequence[TableRow], content: api.Content) -> list[TableRow]:
    """The part that a preset keeps, and what belongs to it: every study has a CT, and a SEG and an RTSTRUCT made from it."""
    preset = str(content.get("preset") or "")
    kinds = {"originals": ("CT",), "annotations": ("SEG", "RTSTRUCT")}.get(preset, (preset.rpartition(":")[2],))
    kept = [row for row in series if not preset or row["Modality"] in kinds or preset in ("no-slides", "commercial")]
    images = {row["StudyInstanceUID"] for row in kept if row["Modality"] == "CT"} if content.get("with_derived") else set()
    derived = {row["StudyInstanceUID"] for row in kept if row["Modality"] != "CT"} if content.get("with_references") else set()
    more = [row for row in all_series if row["StudyInstanceUID"] in (derived if row["Modality"] == "CT" else images)]
    there = {row["SeriesInstanceUID"] for row in kept}
    return [*kept, *(row for row in more if row["SeriesInstanceUID"] not in there)]


def _noncommercial(series: Sequence[TableRow]) -> int:
    return sum("NC" in row["license_short_name"] for row in series)


def planned_series(row: TableRow) -> api.PlannedSeries:
    """A series of a plan."""
    return {
        "collection_id": row["collection_id"],
        "PatientID": row["PatientID"],
        "StudyInstanceUID": row["StudyInstanceUID"],
        "SeriesInstanceUID": row["SeriesInstanceUID"],
        "Modality": row["Modality"],
        "SeriesDescription": row["SeriesDescription"],
        "instanceCount": row["instanceCount"],
        "size_bytes": SIZE,
        "series_size_MB": row["series_size_MB"],
        "license_short_name": row["license_short_name"],
        "source_DOI": None,
        "crdc_series_uuid": uuid_of(row),
        "aws_bucket": "idc-open-data",
        "gcs_bucket": None,
        "idc_version": 25,
    }
