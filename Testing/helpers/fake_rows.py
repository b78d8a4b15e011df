"""The tables of a small made-up catalog. Rows are dictionaries with the engine's column names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from IDCBrowserLib.api.catalog import SeriesRow
from IDCBrowserLib.api.values import Filter, Filters, Selection, Value
from IDCBrowserLib.api.working_set import WORKING_SET
from IDCBrowserLib.errors import NotFoundError

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
SIZE = 1_000_000
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

TableRow = dict[str, Any]


class FakeRows:
    """``cases_per_collection`` cases in each of two collections; every case has one study with a CT, a SEG and an RTSTRUCT.

    ``views`` are the open ones: (level, rows) by their handle.
    """

    def __init__(self, cases_per_collection: int) -> None:
        self.rows: dict[str, list[TableRow]] = {level: [] for level in ALL_LEVELS}
        self.views: dict[int, tuple[str, list[TableRow]]] = {}
        # The filters of those that have any: what their rows stand for.
        self.filters: dict[int, Filters] = {}
        # SeriesInstanceUIDs of the working sets that are open, by their handle.
        self.sets: dict[int, set[str]] = {}
        for collection, license_name in (("lungs", "CC BY 4.0"), ("brains", "CC BY-NC 4.0")):
            self._add_collection(collection, license_name, cases_per_collection)
        self.rows["analysis_results"].append(
            {
                "analysis_result_id": "lung_seg",
                "analysis_result_title": "Lungs, segmented",
                "series": cases_per_collection,
                "size_bytes": SIZE * cases_per_collection,
                "modalities": "SEG",
                "source_DOI": "10.5281/lungs",
            }
        )

    def id_of(self, level: str, row: TableRow) -> str:
        return "/".join(str(row[key]) for key in KEYS[level])

    def columns(self, level: str) -> list[str]:
        """Of the table of a level."""
        return _COLUMNS[level]

    def lists(self, level: str, rows: Sequence[TableRow]) -> list[list[Any]]:
        """In the order of the columns."""
        return [[row.get(column) for column in _COLUMNS[level]] for row in rows]

    def view_of(self, number: int) -> tuple[str, list[TableRow]]:
        """Raises ``NotFoundError``."""
        if number not in self.views:
            raise NotFoundError("This view is no longer open.")
        return self.views[number]

    def selected(self, selection: Selection) -> tuple[str, list[TableRow]]:
        """The level of a selection and its rows."""
        if "ids" in selection:
            level = selection["level"]
            return level, [row for row in self.rows[level] if self.id_of(level, row) in selection["ids"]]
        level, rows = self.view_of(selection["view"])
        return level, [row for first, last in selection["ranges"] for row in rows[first : last + 1]]

    def below(self, rows: Sequence[TableRow], selection: Selection) -> list[TableRow]:
        """Those that belong to the selected rows."""
        level, chosen = self.selected(selection)
        wanted = {tuple(row[key] for key in KEYS[level]) for row in chosen}
        below = [row for row in rows if tuple(row[key] for key in KEYS[level]) in wanted]
        filters = self.filters.get(selection["view"], {}) if "view" in selection else {}
        if not filters or not all("SeriesInstanceUID" in row for row in below):
            return below
        passing = {row["SeriesInstanceUID"] for row in self.passing(filters)}
        return [row for row in below if row["SeriesInstanceUID"] in passing]

    def passing(self, filters: Filters) -> list[TableRow]:
        """The series that filters leave; raises ``NotFoundError`` for a working set that is not open."""
        series = self.rows["series"]
        others = {column: wanted for column, wanted in filters.items() if column != WORKING_SET}
        for number in (int(str(value)) for value in filters.get(WORKING_SET, ())):
            if number not in self.sets:
                raise NotFoundError("This working set is no longer open.")
            series = [row for row in series if row["SeriesInstanceUID"] in self.sets[number]]
        return [row for row in series if all(_passes(row.get(column), wanted) for column, wanted in others.items())]

    def _add_collection(self, collection: str, license_name: str, cases: int) -> None:
        self.rows["collections"].append(
            {
                "collection_id": collection,
                "collection_name": collection.title(),
                "cases": cases,
                "series": 3 * cases,
                "size_bytes": 3 * SIZE * cases,
                "license_short_name": license_name,
                "modalities": "CT, SEG, RTSTRUCT",
            }
        )
        for number in range(cases):
            self._add_case(collection, license_name, f"{collection}-{number:05d}", f"1.2.{len(collection)}.{number}")

    def _add_case(self, collection: str, license_name: str, patient: str, study: str) -> None:
        size = 3 * SIZE
        self.rows["cases"].append(
            {
                "PatientID": patient,
                "collection_id": collection,
                "PatientSex": "F",
                "PatientAge": "045Y",
                "studies": 1,
                "series": 3,
                "size_bytes": size,
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
                "size_bytes": size,
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
                    # What clinical tables say of the case.
                    "clinical:Stage": "II" if patient.endswith("1") else "I",
                    "clinical:age_at_diagnosis": 45,
                }
            )


def full_row(row: TableRow) -> SeriesRow:
    """A row of the table of series with every column of idc-index."""
    return {
        "SeriesInstanceUID": row["SeriesInstanceUID"],
        "SeriesNumber": row["SeriesNumber"],
        "Modality": row["Modality"],
        "SeriesDescription": row["SeriesDescription"],
        "BodyPartExamined": row["BodyPartExamined"],
        "instanceCount": row["instanceCount"],
        "series_size_MB": row["series_size_MB"],
        "SeriesDate": None,
        "sop_class_name": None,
        "analysis_result_id": row["analysis_result_id"],
        "license_short_name": row["license_short_name"],
        "Manufacturer": None,
        "ManufacturerModelName": None,
        "transfer_syntax_name": None,
        "collection_id": row["collection_id"],
        "PatientID": row["PatientID"],
        "StudyInstanceUID": row["StudyInstanceUID"],
        "StudyDate": "2001-02-03",
        "StudyDescription": "Chest",
        "PatientAge": "045Y",
        "PatientSex": "F",
        "SOPClassUID": None,
        "TransferSyntaxUID": None,
        "PhotometricInterpretation": None,
        "PixelRepresentation": None,
        "source_DOI": None,
        "series_init_idc_version": 1,
        "series_revised_idc_version": 1,
        "aws_bucket": "idc-open-data",
        "crdc_series_uuid": uuid_of(row),
        "series_aws_url": f"s3://idc-open-data/{uuid_of(row)}/*",
    }


def uuid_of(row: Mapping[str, Any]) -> str:
    """The crdc_series_uuid of a series."""
    return f"uuid-{row['SeriesInstanceUID']}"


def _passes(value: Value, wanted: Filter) -> bool:
    if not isinstance(wanted, dict):
        return value in wanted
    inside = wanted.get("min", value) <= value <= wanted.get("max", value) if isinstance(value, int) else True
    return inside and value not in wanted.get("none", []) and (not wanted.get("any") or value in wanted["any"])
