"""Everything known about one row, ready to show: a title, labeled values in sections, links and a text."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any

from IDCBrowserLib.api.catalog import Details
from IDCBrowserLib.catalog.about import shared_study
from IDCBrowserLib.catalog.about.acquisition import side_sections
from IDCBrowserLib.catalog.about.cards import card, is_demo
from IDCBrowserLib.catalog.about.known_issues import section_of
from IDCBrowserLib.catalog.about.links import QUPATH_LINK, portal_link, series_links, study_links
from IDCBrowserLib.catalog.about.shown_values import age, sex
from IDCBrowserLib.catalog.columns import check_level
from IDCBrowserLib.catalog.conditions import Bindings
from IDCBrowserLib.catalog.connection import ask, rows_as_dicts
from IDCBrowserLib.catalog.slide_levels import levels_of
from IDCBrowserLib.catalog.views import Views
from IDCBrowserLib.errors import NotFoundError
from IDCBrowserLib.wording import human_size

if TYPE_CHECKING:
    import duckdb

Row = Mapping[str, Any]

_LABELS: dict[str, tuple[tuple[str, str], ...]] = {
    "collections": (
        ("collection_id", "Collection"),
        ("program_id", "Program"),
        ("cancer_types", "Cancer type"),
        ("tumor_locations", "Tumor location"),
        ("species", "Species"),
        ("subjects", "Subjects"),
        ("cases", "Cases"),
        ("studies", "Studies"),
        ("series", "Series"),
        ("size_bytes", "Size"),
        ("modalities", "Modalities"),
        ("license_short_name", "License"),
        ("supporting_data", "Supporting data"),
        ("status", "Status"),
        ("updated", "Updated"),
    ),
    "analysis_results": (
        ("analysis_result_id", "Analysis result"),
        ("modalities", "Modalities"),
        ("collections", "Collections"),
        ("cases", "Cases"),
        ("studies", "Studies"),
        ("series", "Series"),
        ("instanceCount", "Instances"),
        ("size_bytes", "Size"),
        ("license_short_name", "License"),
        ("updated", "Updated"),
    ),
    "cases": (
        ("PatientID", "Case"),
        ("collection_id", "Collection"),
        ("PatientSex", "Sex"),
        ("PatientAge", "Age"),
        ("modalities", "Modalities"),
        ("studies", "Studies"),
        ("series", "Series"),
        ("instanceCount", "Instances"),
        ("size_bytes", "Size"),
        ("StudyDate", "First study"),
        ("license_short_name", "License"),
    ),
    "studies": (
        ("StudyDescription", "Description"),
        ("StudyDate", "Date"),
        ("PatientID", "Case"),
        ("collection_id", "Collection"),
        ("PatientAge", "Age"),
        ("modalities", "Modalities"),
        ("BodyPartExamined", "Body part"),
        ("series", "Series"),
        ("instanceCount", "Instances"),
        ("size_bytes", "Size"),
        ("license_short_name", "License"),
        ("StudyInstanceUID", "StudyInstanceUID"),
    ),
    "series": (
        ("Modality", "Modality"),
        ("SeriesDescription", "Description"),
        ("SeriesNumber", "Series number"),
        ("SeriesDate", "Date"),
        ("BodyPartExamined", "Body part"),
        ("instanceCount", "Instances"),
        ("size_bytes", "Size"),
        ("sop_class_name", "SOP class"),
        ("analysis_result_id", "Analysis result"),
        ("PatientID", "Case"),
        ("PatientSex", "Sex"),
        ("PatientAge", "Age"),
        ("collection_id", "Collection"),
        ("StudyDate", "Study date"),
        ("StudyDescription", "Study description"),
        ("Manufacturer", "Manufacturer"),
        ("ManufacturerModelName", "Model"),
        ("PhotometricInterpretation", "Photometric interpretation"),
        ("transfer_syntax_name", "Transfer syntax"),
        ("license_short_name", "License"),
        ("source_DOI", "Source DOI"),
        ("series_init_idc_version", "In IDC since release"),
        ("series_revised_idc_version", "Revised in release"),
        ("SeriesInstanceUID", "SeriesInstanceUID"),
        ("StudyInstanceUID", "StudyInstanceUID"),
        ("crdc_series_uuid", "CRDC series UUID"),
        ("series_aws_url", "Files"),
    ),
}


def details(connection: duckdb.DuckDBPyConnection, views: Views, level: str, row_id: str, side_indices: Collection[str]) -> Details:
    """See ``Catalog.details``."""
    rows = _rows(connection, views, check_level(level), row_id)
    row = shared_study.whole(rows) if level == "studies" and len(rows) > 1 else rows[0]
    shown: Details = {
        "title": _title(level, row),
        "items": _items(level, row),
        "sections": [],
        "links": [],
        "text": "",
        "missing_indices": [],
        "levels": [],
    }
    if level in ("collections", "analysis_results"):
        shown["sections"], shown["links"], shown["text"] = card(connection, level, row_id)
    elif not is_demo(connection, rows[0]["collection_id"]):
        # Viewers on the web know nothing of a demo.
        shown["links"] = _links(connection, views, level, row)
    if level == "studies":
        shown["text"] = shared_study.sentence(rows)
    if level == "series":
        shown["sections"], shown["missing_indices"] = side_sections(connection, row_id, str(row["Modality"]), side_indices)
        if row["Modality"] == "SM":
            shown["links"] = [*shown["links"], QUPATH_LINK]
            shown["levels"] = levels_of(connection, [row_id]).get(row_id, [])
    shown["sections"] = [*section_of(row), *shown["sections"]]
    return shown


def _rows(connection: duckdb.DuckDBPyConnection, views: Views, level: str, row_id: str) -> list[dict[str, Any]]:
    rows, _ = views.list_rows(connection, level, parents=[{"level": level, "ids": [row_id]}], filters=None, limit=None)
    if not rows:
        raise NotFoundError(f"There is no {_ONE[level]} {row_id!r} in the catalog.")
    if level == "series":
        size = rows[0]["series_size_MB"]
        rows[0]["size_bytes"] = None if size is None else round(size * 1e6)
    return rows


_ONE = {"collections": "collection", "analysis_results": "analysis result", "cases": "case", "studies": "study", "series": "series"}


def _title(level: str, row: Row) -> str:
    if level == "collections":
        return str(row["collection_name"] or row["collection_id"])
    if level == "analysis_results":
        return str(row["analysis_result_title"])
    if level == "cases":
        return str(row["PatientID"])
    if level == "studies":
        return " ".join(str(part) for part in (row["StudyDate"], row["StudyDescription"]) if part) or "Study"
    return " ".join(str(part) for part in (row["Modality"], row["SeriesDescription"]) if part) or "Series"


def _items(level: str, row: Row) -> list[list[str]]:
    return [[label, _shown(name, row[name])] for name, label in _LABELS[level] if row.get(name) not in (None, "")]


def _shown(name: str, value: Any) -> str:
    if name == "size_bytes":
        return human_size(value)
    if name in _IN_WORDS:
        return _IN_WORDS[name](value)
    if isinstance(value, int) and name not in ("series_init_idc_version", "series_revised_idc_version"):
        return f"{value:,}"
    return str(value)


_IN_WORDS = {"PatientAge": age, "PatientSex": sex}


def _links(connection: duckdb.DuckDBPyConnection, views: Views, level: str, row: Row) -> list[list[str]]:
    if level == "cases":
        return [portal_link(row["collection_id"])]
    study = row["StudyInstanceUID"]
    bindings = Bindings()
    condition = views.selections.any_of(connection, [{"level": "studies", "ids": [study]}], bindings)
    query = f"SELECT SeriesInstanceUID, Modality, aws_bucket, crdc_series_uuid FROM series WHERE {condition} ORDER BY row_no"
    in_study = rows_as_dicts(ask(connection, query, bindings.values))
    if level == "studies":
        return study_links(study, in_study)
    return series_links(row, any(other["Modality"] == "SM" for other in in_study))
