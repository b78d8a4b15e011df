"""The engine's methods on a small made-up catalog, for tests of panels: tables, filters, hits and details here, the rest in its parts."""

from __future__ import annotations

from collections import Counter

from helpers.answer import Handlers, answer
from helpers.fake_cart import FakeCart
from helpers.fake_clinical import FakeClinical
from helpers.fake_cohort import FakeCohort
from helpers.fake_dose import dose_handlers
from helpers.fake_downloads import FakeDownloads
from helpers.fake_indices import FakeIndices
from helpers.fake_reports import FakeReports
from helpers.fake_review import FakeReviews
from helpers.fake_rows import FACETS, KEYS, LEVELS, FakeRows, TableRow, full_row
from helpers.fake_selection import FakeSelection
from helpers.fake_sharing import FakeSharing
from helpers.fake_sql import FakeSql
from helpers.fake_storage import FakeStorage
from helpers.fake_working_set import FakeWorkingSets
from IDCBrowserLib.api import catalog as api
from IDCBrowserLib.api import clinical, finding, preview, segments, slide, tree
from IDCBrowserLib.api import preview as pictures
from IDCBrowserLib.api.values import Nothing
from IDCBrowserLib.catalog.search.filter_values import matching
from IDCBrowserLib.errors import ConversionError


class FakeCatalog:
    """Answers about ``tables``; ``previews`` is what ``preview.series`` answers, by SeriesInstanceUID."""

    def __init__(self, cases_per_collection: int = 3) -> None:
        self.tables = FakeRows(cases_per_collection)
        self.rows, self.views = self.tables.rows, self.tables.views
        self.indices = FakeIndices(self.tables, self._learn_index)
        self.cart = FakeCart(self.tables)
        self.selection = FakeSelection(self.tables, self.cart)
        self.cohort = FakeCohort(self.tables, self.selection)
        self.downloads = FakeDownloads(self.selection)
        self.storage = FakeStorage()
        self.sql = FakeSql()
        self.working_sets = FakeWorkingSets(self.tables, self.selection, self.cart, self.sql)
        self.reports = FakeReports()
        self.sharing = FakeSharing()
        self.reviews = FakeReviews(self.tables)
        self.missing_indices = ["seg_index"]
        self.attributes = FakeClinical(self.tables, self._learn_tables)
        self.clinical: clinical.Case = {"sections": [], "tables": [], "missing_indices": []}
        # Of any series.
        self.levels: list[api.SlideLevel] = []
        self.previews: dict[str, preview.Picture] = {}
        # Files of the frames of a series, by SeriesInstanceUID, and the stacks that are open.
        self.frames: dict[str, list[str]] = {}
        self.stacks: dict[int, list[str]] = {}
        self.further_hits: list[tuple[str, str]] = []
        # Whether objects in buckets say what they refer to.
        self.objects_tell = False
        # Side indices without which a search finds less.
        self.not_searched: list[str] = []
        # Tables that were to be saved.
        self.saved: list[api.SaveTableParameters] = []
        self._number = 0

    def handlers(self) -> Handlers:
        """For ``FakeEngine``."""
        return {
            **answer(api.VIEW, self.view),
            **answer(api.PAGE, self.page),
            **answer(api.ROWS, self.rows_of),
            **answer(api.ROW_OF, self.row_of),
            **answer(api.CLOSE_VIEW, self.close_view),
            **answer(api.SAVE_TABLE, self.save_table),
            **answer(api.DETAILS, self.details),
            **answer(api.RELATED, self.related),
            **answer(api.READ_RELATED, self.read_related),
            **answer(api.SEARCH, self.search),
            **answer(api.FACETS, self.facets),
            **answer(api.FACET_DETAILS, self.facet_details),
            **answer(api.FIND_VALUES, self.find_values),
            **answer(finding.IDENTIFY, self.identify),
            **answer(finding.LOCATE, self.locate),
            **answer(preview.SERIES, self.preview),
            **answer(segments.LIST, self.offer),
            **answer(preview.THUMBNAIL, self.preview),
            **answer(preview.OPEN_STACK, self.open_stack),
            **answer(preview.FRAME, self.frame),
            **answer(preview.CLOSE_STACK, self.close_stack),
            **answer(tree.TREE, self.tree),
            **answer(slide.LEVELS, self.slide_levels),
            **answer(clinical.CASE, lambda _params: self.clinical),
            **self.attributes.handlers(),
            **self.indices.handlers(),
            **self.cart.handlers(),
            **self.selection.handlers(),
            **self.cohort.handlers(),
            **self.reviews.handlers(),
            **self.downloads.handlers(),
            **self.storage.handlers(),
            **self.sql.handlers(),
            **self.working_sets.handlers(),
            **self.reports.handlers(),
            **dose_handlers(),
            **self.sharing.handlers(),
        }

    def view(self, params: api.ViewParameters) -> api.View:
        level = params["level"]
        rows = self.rows[level]
        for parent in params.get("parents") or []:
            rows = self.tables.below(rows, parent)
        if params.get("filters"):
            passing = self.tables.passing(params["filters"])
            rows = [row for row in rows if any(all(row[key] == series[key] for key in KEYS[level]) for series in passing)]
        if params.get("text"):
            rows = [row for row in rows if params["text"].lower() in " ".join(map(str, row.values())).lower()]
        for column, direction in reversed(params.get("order_by", ())):
            # Of all that there is nothing is here.
            rows = sorted(rows, key=lambda row: row.get(column, ""), reverse=direction == "desc")
        self._number += 1
        self.views[self._number] = (level, rows)
        self.tables.filters[self._number] = params.get("filters", {})
        further = [name for name in params.get("further", ()) if name == "KVP" and self.indices.side["ct_index"] == "here"]
        return {
            "view": self._number,
            "level": level,
            "total": len(rows),
            "columns": [*self.tables.columns(level), *further],
            "id_columns": list(KEYS[level]),
            "rows": [[*row, *(120.0 for _ in further)] for row in self.tables.lists(level, rows[:200])],
        }

    def page(self, params: api.PageParameters) -> api.Rows:
        level, rows = self.tables.view_of(params["view"])
        return {"rows": self.tables.lists(level, rows[params["offset"] : params["offset"] + params["limit"]])}

    def rows_of(self, params: api.RangesParameters) -> api.Rows:
        level, rows = self.tables.view_of(params["view"])
        picked = [row for first, last in params["ranges"] for row in rows[first : last + 1]]
        columns = params["columns"] or self.tables.columns(level)
        return {"rows": [[row.get(column) for column in columns] for row in picked]}

    def row_of(self, params: api.RowOfParameters) -> api.RowNumber:
        level, rows = self.tables.view_of(params["view"])
        return {"row": next((number for number, row in enumerate(rows) if self.tables.id_of(level, row) == params["id"]), None)}

    def close_view(self, params: api.ViewHandle) -> Nothing:
        self.views.pop(params["view"], None)
        return {}

    def save_table(self, params: api.SaveTableParameters) -> api.SavedTable:
        self.saved.append(params)
        return {"file": params["file"], "rows": len(self.tables.view_of(params["view"])[1]), "bytes": 1000}

    def search(self, params: api.SearchParameters) -> api.Hits:
        wanted = params["text"].lower()
        hits = [
            search_hit(level, self.tables.id_of(level, row), str(row[KEYS[level][-1]]), f"one of the {level}")
            for level in LEVELS
            for row in self.rows[level]
            if wanted in self.tables.id_of(level, row).lower()
        ]
        hits += [search_hit(level, row_id, row_id, "") for level, row_id in self.further_hits if wanted in row_id]
        return {"hits": hits[: params["limit"]], "more": {}, "missing_indices": list(self.not_searched)}

    def identify(self, params: finding.IdentifyParameters) -> finding.Identified:
        return {"found": {text: self._named(text) for text in params["texts"]}}

    def locate(self, params: finding.LocateParameters) -> finding.Located:
        level, ids = params["level"], params["ids"]
        rows = [row for row in self.rows[level] if self.tables.id_of(level, row) in ids]
        upper = (level,) if level == "analysis_results" else LEVELS[: LEVELS.index(level) + 1]
        return {"path": {name: list(dict.fromkeys(self.tables.id_of(name, row) for row in rows)) for name in upper}}

    def find_values(self, params: api.TextParameters) -> api.FoundValues:
        counts = {column: self._counts(column, {"filters": {}}) for column in FACETS}
        return {"values": matching(params["text"], counts, params["limit"])}

    def facets(self, params: api.FiltersParameters) -> api.Facets:
        passing = self.tables.passing(params["filters"])
        return {
            "counts": {column: self._counts(column, params) for column in FACETS},
            "totals": {
                "series": len(passing),
                "studies": len({row["StudyInstanceUID"] for row in passing}),
                "cases": len({(row["collection_id"], row["PatientID"]) for row in passing}),
                "bytes": 10**6,
            },
            "missing_indices": self.missing_indices,
        }

    def facet_details(self, params: api.FacetParameters) -> api.FacetDetails:
        """Instances are numbers; what is in segmentations is not here."""
        if params["column"] != "instanceCount":
            return {"missing_index": "seg_index"}
        others = {name: wanted for name, wanted in params["filters"].items() if name != "instanceCount"}
        values = [row["instanceCount"] for row in self.tables.passing(others)]
        bins = [[value, value, values.count(value)] for value in sorted(set(values))]
        return {"bins": bins, "min": min(values, default=None), "max": max(values, default=None), "not_stated": 2}

    def details(self, params: api.RowId) -> api.Details:
        return {
            "title": params["id"],
            "items": [["Level", params["level"]], ["Note", "<b>not bold</b>"]],
            "text": "Text.",
            "sections": [{"heading": "Section <1>", "items": [["Tube voltage", "120 kV"]]}],
            "missing_indices": self.missing_indices if params["level"] == "series" else [],
            "links": [["Page", "https://example.org/page", "viewer"]],
            "levels": self.levels,
        }

    def related(self, params: api.SeriesId) -> api.Related:
        """A SEG and an RTSTRUCT are of the CT in their study, once seg_index is here."""
        (asked,) = [row for row in self.rows["series"] if row["SeriesInstanceUID"] == params["id"]]
        study = [row for row in self.rows["series"] if row["StudyInstanceUID"] == asked["StudyInstanceUID"]]
        found = [self._related(asked, row) for row in study if (row["Modality"] == "CT") != (asked["Modality"] == "CT")]
        unread = sum(row["relation"] == "same study" for row in found)
        return {"series": found, "warnings": [], "missing_indices": list(self.missing_indices), "unread": unread, "elsewhere": 0}

    def read_related(self, params: api.ReadRelatedParameters) -> api.Related:
        """Without the index, what is in buckets tells as much; objects that nothing refers to are counted."""
        missing, is_told = self.missing_indices, self.objects_tell and params["ask_buckets"]
        self.missing_indices = [] if is_told else missing
        found = self.related({"id": params["id"]})
        self.missing_indices = missing
        return {**found, "missing_indices": list(missing), "elsewhere": int(is_told)}

    def _learn_tables(self) -> None:
        self.clinical = {"sections": [{"heading": "Clinical data: t", "items": [["Stage", "II"]]}], "tables": [], "missing_indices": []}

    def offer(self, params: pictures.SeriesParameters) -> segments.OfferedSegments:
        """Two organs of a file that is not here."""
        colors = ((221, 130, 101), (185, 102, 83))
        offered: list[segments.OfferedSegment] = [
            {"number": number, "name": name, "meaning": meaning, "color": color, "bytes": 2_000_000 * number}
            for number, (name, meaning, color) in enumerate(zip(("Liver", "Left kidney"), ("Liver", "Kidney"), colors, strict=True), 1)
        ]
        return {
            "segments": offered,
            "bytes": 90_000_000,
            "common_bytes": 0,
            "here": False,
            "why_whole": "",
            "on_slide": False,
            "referenced_series_uids": ["1.2.9"],
            "frame_of_reference_uid": "1.2.7",
        }

    def preview(self, params: pictures.SeriesParameters) -> pictures.Picture:
        return self.previews.get(params["series"], {"file": "", "description": "Nothing to see."})

    def open_stack(self, params: pictures.SeriesParameters) -> pictures.Stack:
        (row,) = [row for row in self.rows["series"] if row["SeriesInstanceUID"] == params["series"]]
        if row["Modality"] != "CT":
            raise ConversionError("There is one picture of this series.")
        self._number += 1
        self.stacks[self._number] = self.frames.get(params["series"], ["", "", ""])
        return {"stack": self._number, "frames": len(self.stacks[self._number])}

    def frame(self, params: pictures.FrameParameters) -> pictures.Picture:
        return {"file": self.stacks[params["stack"]][params["frame"]], "description": f"CT, image {params['frame'] + 1}"}

    def close_stack(self, params: pictures.StackHandle) -> Nothing:
        self.stacks.pop(params["stack"], None)
        return {}

    def slide_levels(self, params: slide.SlidesAsked) -> slide.Levels:
        """The same of every slide, once the index of instances is here."""
        missing = self.indices.side.get("sm_instance_index") == "missing"
        return {"levels": {} if missing else dict.fromkeys(params["series"], self.levels), "missing_index": missing}

    def tree(self, params: tree.TreeParameters) -> tree.Tree:
        """SEG and RTSTRUCT are of the CT in their study, once seg_index is here."""
        _level, rows = self.tables.view_of(params["view"])
        images = {row["StudyInstanceUID"]: number for number, row in enumerate(rows) if row["Modality"] == "CT"}
        known = not self.missing_indices
        return {
            "rows": [
                {
                    "row": number,
                    "of": images.get(row["StudyInstanceUID"]) if known and row["Modality"] != "CT" else None,
                    "contents": ["Heart", "Aorta"] if known and row["Modality"] == "SEG" else [],
                    "parts": 5 if known and row["Modality"] == "SEG" else None,
                    "maker": "algorithm" if known and row["Modality"] == "SEG" else "",
                    "algorithm": "Organs 2" if known and row["Modality"] == "SEG" else "",
                    "slice_thickness": 1.25 if row["Modality"] == "CT" else None,
                    "counted": {},
                    "suv": None,
                }
                for number, row in enumerate(rows)
            ],
            "missing_indices": list(self.missing_indices),
        }

    def _learn_index(self, name: str) -> None:
        self.missing_indices = [missing for missing in self.missing_indices if missing != name]
        self.not_searched = [missing for missing in self.not_searched if missing != name]

    def _named(self, text: str) -> list[tuple[str, str]]:
        return [(level, self.tables.id_of(level, row)) for level in LEVELS for row in self.rows[level] if str(row[KEYS[level][-1]]) == text]

    def _counts(self, column: str, params: api.FiltersParameters) -> list[api.Count]:
        others = {name: values for name, values in params["filters"].items() if name != column}
        return Counter(row[column] for row in self.tables.passing(others)).most_common()

    def _related(self, asked: TableRow, row: TableRow) -> api.RelatedSeries:
        relation = "same study" if self.missing_indices else "refers to it" if asked["Modality"] == "CT" else "it refers to this"
        contents = ["Liver", "Spleen"] if row["Modality"] == "SEG" and not self.missing_indices else []
        return {
            **full_row(row),
            "relation": relation,
            "through": [],
            "contents": contents,
            "parts": len(contents) or None,
            "algorithm": "",
            "analysis_result_id": "organs" if contents else None,
        }


def search_hit(level: str, row_id: str, label: str, description: str) -> api.Hit:
    """Something found."""
    return {
        "level": level,
        "id": row_id,
        "label": label,
        "description": description,
        "collection_id": "",
        "score": 1.0,
        "filters": {},
        "kind": "",
        "count": 1,
        "text": "",
    }
