"""A small made-up catalog behind the engine's methods, for tests of panels. Rows are dictionaries with the engine's column names."""

from __future__ import annotations

from typing import Any

from helpers.fake_cart import FakeCart
from helpers.fake_indices import FakeIndices
from IDCBrowserLib.errors import InputError, NotFoundError

LEVELS = ("collections", "cases", "studies", "series")
ALL_LEVELS = (*LEVELS, "analysis_results")
KEYS = {
    "collections": ("collection_id",),
    "cases": ("collection_id", "PatientID"),
    "studies": ("StudyInstanceUID",),
    "series": ("SeriesInstanceUID",),
    "analysis_results": ("analysis_result_id",),
}
FACETS = ("collection_id", "Modality", "license_short_name", "BodyPartExamined")
_COLUMNS = {
    "collections": ["collection_id", "collection_name", "cases", "series", "size_bytes", "license_short_name", "modalities"],
    "cases": ["PatientID", "collection_id", "PatientSex", "PatientAge", "studies", "series", "size_bytes"],
    "studies": ["StudyInstanceUID", "collection_id", "PatientID", "StudyDate", "StudyDescription", "series", "size_bytes"],
    "series": [
        "SeriesInstanceUID",
        "SeriesNumber",
        "Modality",
        "SeriesDescription",
        "instanceCount",
        "series_size_MB",
        "license_short_name",
        "collection_id",
        "PatientID",
        "StudyInstanceUID",
        "analysis_result_id",
    ],
    "analysis_results": ["analysis_result_id", "analysis_result_title", "series", "size_bytes", "modalities", "source_DOI"],
}


class FakeCatalog(FakeIndices):
    """``cases_per_collection`` cases in each of two collections; every case has one study with a CT, a SEG and an RTSTRUCT."""

    def __init__(self, cases_per_collection: int = 3) -> None:
        super().__init__()
        self.rows: dict[str, list[dict[str, Any]]] = {level: [] for level in ALL_LEVELS}
        self.views: dict[int, tuple[str, list[dict[str, Any]]]] = {}
        self.number = 0
        self.download_states: dict[str, str] = {}
        self.directory = "/nowhere"
        self.missing_indices = ["seg_index"]
        self.clinical: dict[str, Any] = {"sections": [], "tables": [], "missing_indices": []}
        # What ``preview.series`` answers, by SeriesInstanceUID.
        self.previews: dict[str, dict[str, Any]] = {}
        self.planned: list[dict[str, Any]] = []
        self.jobs: dict[str, list[dict[str, Any]]] = {}
        self.unfinished: list[dict[str, Any]] = []
        self.free_bytes = 10**12
        # What manifests name, by their path: SeriesInstanceUIDs; what cannot be found in them; and those that cannot be read.
        self.further_hits: list[tuple[str, str]] = []
        self.manifests: dict[str, list[str]] = {}
        self.unresolved: list[dict[str, Any]] = []
        self.unreadable: dict[str, str] = {}
        self.cart = FakeCart(self)
        self.planned: list[dict[str, Any]] = []
        # Everything that was to be written: (file, form, series).
        self.exported: list[tuple[str, str, int]] = []
        for collection, license_name in (("lungs", "CC BY 4.0"), ("brains", "CC BY-NC 4.0")):
            self._add_collection(collection, license_name, cases_per_collection)
        self.rows["analysis_results"].append(
            {
                "analysis_result_id": "lung_seg",
                "analysis_result_title": "Lungs, segmented",
                "series": cases_per_collection,
                "size_bytes": 1_000_000 * cases_per_collection,
                "modalities": "SEG",
                "source_DOI": "10.5281/lungs",
            }
        )

    def handlers(self) -> dict[str, Any]:
        """For ``FakeEngine``."""
        return {
            "catalog.info": self.info,
            "catalog.view": self.view,
            "catalog.page": self.page,
            "catalog.row_of": self.row_of,
            "catalog.close_view": self.close_view,
            "catalog.details": self.details,
            "selection.summary": self.summary,
            "catalog.search": self.search,
            "catalog.identify": self.identify,
            "catalog.locate": self.locate,
            "catalog.facets": self.facets,
            "store.study_status": self.study_status,
            "preview.series": self.preview,
            "catalog.facet_details": self.facet_details,
            "selection.plan": self.plan,
            "transfer.download": self.download,
            "transfer.enqueue": self.enqueue,
            "transfer.unfinished": lambda _parameters: {"transfers": self.unfinished},
            "transfer.series": self.job_series,
            **{f"transfer.{name}": lambda _parameters: {} for name in ("pause", "resume", "cancel_series", "forget", "arrange")},
            "transfer.room": lambda _parameters: {"missing_bytes": 0, "free_bytes": self.free_bytes, "folder": "/downloads"},
            "catalog.related": self.related,
            "catalog.fetch_side_index": self.fetch_side_index,
            "clinical.case": lambda _parameters: self.clinical,
            "clinical.fetch": self.fetch_clinical,
            "expert.tables": lambda _parameters: {"tables": [], "limits": {"rows": 1, "seconds": 1.0, "memory_mb": 1}},
            "selection.export": self.export,
            **self.cart.handlers(),
            **self.further_handlers(),
        }

    def study_status(self, parameters: dict[str, Any]) -> Any:
        return {uid: {"series": 3, "here": 0, "in database": 0, "older version": 0} for uid in parameters["studies"]}

    def info(self, _parameters: dict[str, Any]) -> Any:
        return {**self.in_use, "bytes": 10**9, **{level: len(rows) for level, rows in self.rows.items()}}

    def view(self, parameters: dict[str, Any]) -> Any:
        level = parameters["level"]
        rows = self.rows[level]
        for parent in parameters.get("parents") or []:
            rows = self._below(rows, parent)
        if parameters.get("filters"):
            passing = self._passing(parameters["filters"])
            keys = KEYS[level]
            rows = [row for row in rows if any(all(row[key] == series[key] for key in keys) for series in passing)]
        if parameters.get("text"):
            rows = [row for row in rows if parameters["text"].lower() in " ".join(map(str, row.values())).lower()]
        for column, direction in reversed(parameters.get("order_by") or []):
            rows = sorted(rows, key=lambda row: row[column], reverse=direction == "desc")
        self.number += 1
        self.views[self.number] = (level, rows)
        further = self.further_columns(parameters)
        lists = [[*row, *(120.0 for _ in further)] for row in self._lists(level, rows[:200])]
        return {"view": self.number, "level": level, "total": len(rows), "columns": [*_COLUMNS[level], *further], "rows": lists}

    def page(self, parameters: dict[str, Any]) -> Any:
        level, rows = self._view(parameters["view"])
        return {"rows": self._lists(level, rows[parameters["offset"] : parameters["offset"] + parameters["limit"]])}

    def row_of(self, parameters: dict[str, Any]) -> Any:
        level, rows = self._view(parameters["view"])
        return {"row": next((number for number, row in enumerate(rows) if self.id_of(level, row) == parameters["id"]), None)}

    def close_view(self, parameters: dict[str, Any]) -> Any:
        self.views.pop(parameters["view"], None)
        return {}

    def search(self, parameters: dict[str, Any]) -> Any:
        wanted = parameters["text"].lower()
        hits = [
            {"level": level, "id": self.id_of(level, row), "label": str(row[KEYS[level][-1]]), "description": f"one of the {level}", "score": 1.0}
            for level in LEVELS
            for row in self.rows[level]
            if wanted in self.id_of(level, row).lower()
        ]
        more = [{"level": level, "id": row_id, "label": row_id, "description": "", "score": 0.5} for level, row_id in self.further_hits]
        hits += [hit for hit in more if wanted in hit["id"]]
        return {"hits": hits[: parameters["limit"]], "missing_indices": []}

    def identify(self, parameters: dict[str, Any]) -> Any:
        ends = {
            text: [[level, self.id_of(level, row)] for level in LEVELS for row in self.rows[level] if str(row[KEYS[level][-1]]) == text]
            for text in parameters["texts"]
        }
        return {"found": ends}

    def locate(self, parameters: dict[str, Any]) -> Any:
        level, ids = parameters["level"], parameters["ids"]
        rows = [row for row in self.rows[level] if self.id_of(level, row) in ids]
        upper = (level,) if level == "analysis_results" else LEVELS[: LEVELS.index(level) + 1]
        return {"path": {name: list(dict.fromkeys(self.id_of(name, row) for row in rows)) for name in upper}}

    def facets(self, parameters: dict[str, Any]) -> Any:
        counts: dict[str, list[list[Any]]] = {}
        for column in FACETS:
            others = {name: values for name, values in parameters["filters"].items() if name != column}
            values = [row[column] for row in self._passing(others)]
            counts[column] = sorted([[value, values.count(value)] for value in dict.fromkeys(values)], key=lambda item: -item[1])
        passing = self._passing(parameters["filters"])
        cases = {(row["collection_id"], row["PatientID"]) for row in passing}
        totals = {"series": len(passing), "studies": len({row["StudyInstanceUID"] for row in passing}), "cases": len(cases), "bytes": 10**6}
        return {"counts": counts, "totals": totals, "missing_indices": self.missing_indices}

    def facet_details(self, parameters: dict[str, Any]) -> Any:
        """Instances are numbers; what is in segmentations is not here."""
        if parameters["column"] != "instanceCount":
            return {"missing_index": "seg_index"}
        others = {name: wanted for name, wanted in parameters["filters"].items() if name != "instanceCount"}
        values = [row["instanceCount"] for row in self._passing(others)]
        return {"bins": [[value, value, values.count(value)] for value in sorted(set(values))], "not_stated": 2}

    def _passing(self, filters: dict[str, Any]) -> list[dict[str, Any]]:
        return [row for row in self.rows["series"] if all(_passes(row.get(column), wanted) for column, wanted in filters.items())]

    def details(self, parameters: dict[str, Any]) -> Any:
        missing = self.missing_indices if parameters["level"] == "series" else []
        return {
            "title": parameters["id"],
            "items": [["Level", parameters["level"]], ["Note", "<b>not bold</b>"]],
            "text": "Text.",
            "sections": [{"heading": "Section <1>", "items": [["Tube voltage", "120 kV"]]}],
            "missing_indices": missing,
            "links": [["Page", "https://example.org/page", "viewer"]],
        }

    def related(self, parameters: dict[str, Any]) -> Any:
        """A SEG and an RTSTRUCT are of the CT in their study, once seg_index is here."""
        (asked,) = [row for row in self.rows["series"] if row["SeriesInstanceUID"] == parameters["id"]]
        found = []
        for row in self.rows["series"]:
            kinds = (asked["Modality"] == "CT", row["Modality"] == "CT")
            if row["StudyInstanceUID"] == asked["StudyInstanceUID"] and kinds[0] != kinds[1]:
                relation = "same study" if self.missing_indices else "refers to it" if kinds[0] else "it refers to this"
                contents = ["Liver", "Spleen"] if row["Modality"] == "SEG" and not self.missing_indices else []
                found.append(
                    {
                        **row,
                        "relation": relation,
                        "contents": contents,
                        "parts": len(contents) or None,
                        "algorithm": "",
                        "analysis_result_id": "organs" if contents else None,
                    }
                )
        return {"series": found, "warnings": [], "missing_indices": list(self.missing_indices)}

    def fetch_side_index(self, parameters: dict[str, Any]) -> Any:
        self.missing_indices = [name for name in self.missing_indices if name != parameters["name"]]
        return {**super().fetch_side_index(parameters), "bytes": 5_000_000}

    def fetch_clinical(self, _parameters: dict[str, Any]) -> Any:
        self.clinical = {"sections": [{"heading": "Clinical data: t", "items": [["Stage", "II"]]}], "tables": [], "missing_indices": []}
        return {"tables": ["t"], "bytes": 5}

    def preview(self, parameters: dict[str, Any]) -> Any:
        return self.previews.get(parameters["series"], {"file": "", "description": "Nothing to see."})

    def summary(self, parameters: dict[str, Any]) -> Any:
        own = self._selected_series(parameters)
        series = _taken(own, self.rows["series"], parameters)
        licenses: dict[str, int] = {}
        modalities: dict[str, int] = {}
        for row in series:
            licenses[row["license_short_name"]] = licenses.get(row["license_short_name"], 0) + 1
            modalities[row["Modality"]] = modalities.get(row["Modality"], 0) + 1
        before = {row["SeriesInstanceUID"] for row in _taken(own, [], parameters)}
        added = len([row for row in series if row["SeriesInstanceUID"] not in before])
        return {
            "series": len(series),
            "bytes": int(sum(row["series_size_MB"] for row in series) * 1e6),
            "licenses": licenses,
            "modalities": modalities,
            **{
                f"{name}": len({row[key] for row in series})
                for name, key in (("collections", "collection_id"), ("cases", "PatientID"), ("studies", "StudyInstanceUID"))
            },
            "added_series": added,
            "added_bytes": 1_000_000 * added,
            "guessed_images": 0,
            "guessed_derived": 0,
        }

    def plan(self, parameters: dict[str, Any]) -> Any:
        series = self._selected_series(parameters)
        sources = parameters.get("sources") or []
        for source in sources:
            if source in self.unreadable:
                raise InputError(self.unreadable[source])
            series = series + [row for row in self.rows["series"] if row["SeriesInstanceUID"] in self.manifests.get(source, ())]
        if parameters.get("plan"):
            series = self.planned
        unresolved = [item for item in self.unresolved if item["source"] in sources]
        series = _taken(series, self.rows["series"], parameters)
        self.planned = series
        licenses: dict[str, int] = {}
        modalities: dict[str, int] = {}
        for row in series:
            licenses[row["license_short_name"]] = licenses.get(row["license_short_name"], 0) + 1
            modalities[row["Modality"]] = modalities.get(row["Modality"], 0) + 1
        return {
            "plan": 1,
            "series": series,
            "series_count": len(series),
            "total_bytes": 1_000_000 * len(series),
            "licenses": licenses,
            "modalities": modalities,
            "unresolved": unresolved,
            "unresolved_count": len(unresolved),
            "warnings": [],
        }

    def export(self, parameters: dict[str, Any]) -> Any:
        self.exported.append((parameters["file"], parameters["form"], len(self.planned)))
        return {"file": parameters["file"], "series_count": len(self.planned)}

    def enqueue(self, parameters: dict[str, Any]) -> Any:
        job = parameters.get("again") or str(len(self.jobs) + 1)
        if "again" not in parameters:
            self.jobs[job] = list(self.planned)
        series = self.jobs[job]
        size = 1_000_000 * len(series)
        return {
            "job": job,
            "series": len(series),
            "bytes": size,
            "collections": 1,
            "collection": series[0]["collection_id"],
            "cases": 1,
            "case": series[0]["PatientID"],
            "missing_bytes": size,
            "free_bytes": self.free_bytes,
            "folder": "/downloads/one",
        }

    def download(self, parameters: dict[str, Any]) -> Any:
        series = [self._downloaded(row) for row in self.jobs.get(parameters["job"], self.planned)]
        states = [item["state"] for item in series]
        return {"series": series, "states": {state: states.count(state) for state in ("complete", "failed", "cancelled")}}

    def job_series(self, parameters: dict[str, Any]) -> Any:
        rows = [
            [
                f"uuid-{row['SeriesInstanceUID']}",
                row["SeriesInstanceUID"],
                row["PatientID"],
                row["Modality"],
                row["SeriesDescription"],
                "queued",
                0,
                1_000_000,
                None,
            ]
            for row in self.jobs.get(parameters["job"], ())
        ]
        first = parameters["offset"]
        return {"total": len(rows), "rows": rows[first : first + parameters["limit"]]}

    def _downloaded(self, row: dict[str, Any]) -> dict[str, Any]:
        uid = row["SeriesInstanceUID"]
        state = self.download_states.get(uid, "complete")
        error = None if state == "complete" else "The bucket has no files for this series; it may have been moved."
        return {"SeriesInstanceUID": uid, "state": state, "files": 1, "bytes": 1_000_000, "directory": f"{self.directory}/{uid}", "error": error}

    def _add_collection(self, collection: str, license_name: str, cases: int) -> None:
        self.rows["collections"].append(
            {
                "collection_id": collection,
                "collection_name": collection.title(),
                "cases": cases,
                "series": 3 * cases,
                "size_bytes": 3_000_000 * cases,
                "license_short_name": license_name,
                "modalities": "CT, SEG, RTSTRUCT",
            }
        )
        for number in range(cases):
            patient = f"{collection}-{number:05d}"
            study = f"1.2.{len(collection)}.{number}"
            self.rows["cases"].append(
                {
                    "PatientID": patient,
                    "collection_id": collection,
                    "PatientSex": "F",
                    "PatientAge": "045Y",
                    "studies": 1,
                    "series": 3,
                    "size_bytes": 3_000_000,
                }
            )
            self.rows["studies"].append(
                {
                    "StudyInstanceUID": study,
                    "collection_id": collection,
                    "PatientID": patient,
                    "StudyDate": "2001-02-03",
                    "StudyDescription": "Chest",
                    "series": 3,
                    "size_bytes": 3_000_000,
                }
            )
            for index, modality in enumerate(("CT", "SEG", "RTSTRUCT")):
                self.rows["series"].append(
                    {
                        "SeriesInstanceUID": f"{study}.{index}",
                        "SeriesNumber": str(index),
                        "Modality": modality,
                        "SeriesDescription": f"{modality} of {patient}",
                        "instanceCount": 1,
                        "series_size_MB": 1.0,
                        "license_short_name": license_name,
                        "collection_id": collection,
                        "PatientID": patient,
                        "StudyInstanceUID": study,
                        "BodyPartExamined": "CHEST" if modality == "CT" else None,
                        "analysis_result_id": "lung_seg" if (collection, modality) == ("lungs", "SEG") else None,
                    }
                )

    def _view(self, number: int) -> tuple[str, list[dict[str, Any]]]:
        if number not in self.views:
            raise NotFoundError("This view is no longer open.")
        return self.views[number]

    def _below(self, rows: list[dict[str, Any]], selection: dict[str, Any]) -> list[dict[str, Any]]:
        level, chosen = self.selected(selection)
        wanted = {tuple(row[key] for key in KEYS[level]) for row in chosen}
        return [row for row in rows if tuple(row[key] for key in KEYS[level]) in wanted]

    def selected(self, selection: dict[str, Any]) -> tuple[str, list[dict[str, Any]]]:
        level, rows = self._view(selection["view"])
        return level, [row for first, last in selection["ranges"] for row in rows[first : last + 1]]

    def _selected_series(self, parameters: dict[str, Any]) -> list[dict[str, Any]]:
        selected = [row for selection in parameters.get("selections") or [] for row in self._below(self.rows["series"], selection)]
        return selected + (self.cart.series() if parameters.get("cart") else [])

    def id_of(self, level: str, row: dict[str, Any]) -> str:
        return "/".join(str(row[key]) for key in KEYS[level])

    def _lists(self, level: str, rows: list[dict[str, Any]]) -> list[list[Any]]:
        return [[row.get(column) for column in _COLUMNS[level]] for row in rows]


def _taken(series: list[dict[str, Any]], all_series: list[dict[str, Any]], parameters: dict[str, Any]) -> list[dict[str, Any]]:
    """The part that a preset keeps, and what belongs to it: every study has a CT, and a SEG and an RTSTRUCT made from it."""
    content = parameters.get("content") or {}
    preset = content.get("preset") or ""
    kinds = {"originals": ("CT",), "annotations": ("SEG", "RTSTRUCT")}.get(preset, (preset.rpartition(":")[2],))
    kept = [row for row in series if not preset or row["Modality"] in kinds or preset in ("no-slides", "commercial")]
    images = {row["StudyInstanceUID"] for row in kept if row["Modality"] == "CT"} if content.get("with_derived") else set()
    derived = {row["StudyInstanceUID"] for row in kept if row["Modality"] != "CT"} if content.get("with_references") else set()
    more = [row for row in all_series if row["StudyInstanceUID"] in (derived if row["Modality"] == "CT" else images)]
    there = {row["SeriesInstanceUID"] for row in kept}
    return [*kept, *(row for row in more if row["SeriesInstanceUID"] not in there)]


def _passes(value: Any, wanted: Any) -> bool:
    if isinstance(wanted, list):
        return value in wanted
    inside = wanted.get("min", value) <= value <= wanted.get("max", value) if isinstance(value, int) else True
    return inside and value not in wanted.get("none", []) and (not wanted.get("any") or value in wanted["any"])
