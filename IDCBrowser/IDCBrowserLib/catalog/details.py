"""Everything known about one row, ready to show: a title, labelled values, links and a text."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from IDCBrowserLib.catalog.acquisition import side_items
from IDCBrowserLib.catalog.columns import check_level
from IDCBrowserLib.catalog.connection import ask, rows_as_dicts
from IDCBrowserLib.catalog.links import doi_url, portal_collection_url, viewer_url
from IDCBrowserLib.catalog.plain_text import plain_text
from IDCBrowserLib.catalog.views import Views
from IDCBrowserLib.errors import NotFoundError
from IDCBrowserLib.wording import human_size

if TYPE_CHECKING:
    import duckdb

Row = Mapping[str, Any]

_DEMO_PROGRAM = "demo"

_LABELS: dict[str, tuple[tuple[str, str], ...]] = {
    "collections": (
        ("collection_id", "Collection"), ("program_id", "Program"), ("cancer_types", "Cancer type"), ("tumor_locations", "Tumor location"),
        ("species", "Species"), ("subjects", "Subjects"), ("cases", "Cases"), ("studies", "Studies"), ("series", "Series"), ("size_bytes", "Size"),
        ("modalities", "Modalities"), ("license_short_name", "License"), ("supporting_data", "Supporting data"), ("status", "Status"),
        ("updated", "Updated"),
    ),
    "analysis_results": (
        ("analysis_result_id", "Analysis result"), ("modalities", "Modalities"), ("collections", "Collections"), ("cases", "Cases"),
        ("studies", "Studies"), ("series", "Series"), ("instanceCount", "Instances"), ("size_bytes", "Size"),
        ("license_short_name", "License"), ("updated", "Updated"),
    ),
    "cases": (
        ("PatientID", "Case"), ("collection_id", "Collection"), ("PatientSex", "Sex"), ("PatientAge", "Age"), ("modalities", "Modalities"),
        ("studies", "Studies"), ("series", "Series"), ("instanceCount", "Instances"), ("size_bytes", "Size"), ("StudyDate", "First study"),
        ("license_short_name", "License"),
    ),
    "studies": (
        ("StudyDescription", "Description"), ("StudyDate", "Date"), ("PatientID", "Case"), ("collection_id", "Collection"), ("PatientAge", "Age"),
        ("modalities", "Modalities"), ("BodyPartExamined", "Body part"), ("series", "Series"), ("instanceCount", "Instances"),
        ("size_bytes", "Size"), ("license_short_name", "License"), ("StudyInstanceUID", "StudyInstanceUID"),
    ),
    "series": (
        ("Modality", "Modality"), ("SeriesDescription", "Description"), ("SeriesNumber", "Series number"), ("SeriesDate", "Date"),
        ("BodyPartExamined", "Body part"), ("instanceCount", "Instances"), ("size_bytes", "Size"), ("sop_class_name", "SOP class"),
        ("analysis_result_id", "Analysis result"), ("PatientID", "Case"), ("PatientSex", "Sex"), ("PatientAge", "Age"),
        ("collection_id", "Collection"), ("StudyDate", "Study date"), ("StudyDescription", "Study description"),
        ("Manufacturer", "Manufacturer"), ("ManufacturerModelName", "Model"), ("PhotometricInterpretation", "Photometric interpretation"),
        ("transfer_syntax_name", "Transfer syntax"), ("license_short_name", "License"), ("source_DOI", "Source DOI"),
        ("series_init_idc_version", "In IDC since release"), ("series_revised_idc_version", "Revised in release"),
        ("SeriesInstanceUID", "SeriesInstanceUID"), ("StudyInstanceUID", "StudyInstanceUID"), ("crdc_series_uuid", "CRDC series UUID"),
        ("series_aws_url", "Files"),
    ),
}


def details(connection: duckdb.DuckDBPyConnection, views: Views, level: str, row_id: str, side_indices: Collection[str]) -> dict[str, Any]:
    """See ``Catalog.details``."""
    row = _row(connection, views, check_level(level), row_id)
    shown: dict[str, Any] = {"title": _title(level, row), "items": _items(level, row), "links": _links(level, row), "text": "", "missing_indices": []}
    if level == "series":
        items, shown["missing_indices"] = side_items(connection, row_id, str(row["Modality"]), side_indices)
        shown["items"] += items
    if level == "collections":
        _add_collection_card(connection, row_id, shown)
    elif level == "analysis_results":
        shown["text"] = _analysis_text(connection, row_id)
    return shown


def _row(connection: duckdb.DuckDBPyConnection, views: Views, level: str, row_id: str) -> dict[str, Any]:
    rows, _ = views.list_rows(connection, level, parents=[{"level": level, "ids": [row_id]}], filters=None, limit=None)
    if not rows:
        raise NotFoundError(f"There is no {_ONE[level]} {row_id!r} in the catalog.")
    row = rows[0]
    if level == "series":
        size = row["series_size_MB"]
        row["size_bytes"] = None if size is None else round(size * 1e6)
    return row


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
    if isinstance(value, int) and name not in ("series_init_idc_version", "series_revised_idc_version"):
        return f"{value:,}"
    return str(value)


def _links(level: str, row: Row) -> list[list[str]]:
    links: list[list[str]] = []
    if level == "collections":
        links.append(["Collection in the IDC portal", portal_collection_url(row["collection_id"])])
    elif level == "analysis_results" and row["source_DOI"]:
        links.append([f"DOI {row['source_DOI']}", doi_url(row["source_DOI"])])
    elif level == "studies":
        links.append(list(viewer_url(row["StudyInstanceUID"], modality="SM" if row["modalities"] == "SM" else "")))
    elif level == "series":
        links.append(list(viewer_url(row["StudyInstanceUID"], row["SeriesInstanceUID"], row["Modality"] or "")))
        if row["source_DOI"]:
            links.append([f"DOI {row['source_DOI']}", doi_url(row["source_DOI"])])
    return links


def _add_collection_card(connection: duckdb.DuckDBPyConnection, collection_id: str, shown: dict[str, Any]) -> None:
    query = "SELECT description, program_id, sources FROM collections WHERE collection_id = $id"
    found = rows_as_dicts(ask(connection, query, {"id": collection_id}))
    if not found:
        return
    sources: Sequence[Row] = [source for source in found[0]["sources"] or [] if source]
    if found[0]["program_id"] == _DEMO_PROGRAM:
        # Not in IDC: its portal would show nothing.
        shown["links"] = []
    parts = [plain_text(found[0]["description"])]
    for source in sources:
        if source["source_doi"]:
            shown["links"].append([f"DOI {source['source_doi']}", doi_url(source["source_doi"])])
        parts.append(_source_text(source))
    shown["text"] = "\n\n".join(part for part in parts if part)


def _analysis_text(connection: duckdb.DuckDBPyConnection, analysis_result_id: str) -> str:
    query = "SELECT description, citation FROM analysis_results WHERE analysis_result_id = $id"
    found = ask(connection, query, {"id": analysis_result_id}).fetchone() or (None, None)
    citation = plain_text(found[1])
    return "\n\n".join(part for part in (plain_text(found[0]), f"Citation: {citation}" if citation else "") if part)


def _source_text(source: Row) -> str:
    license_name = (source["license"] or {}).get("license_long_name") or (source["license"] or {}).get("license_short_name") or ""
    lines = [plain_text(source["source_title"])]
    if license_name:
        lines.append(f"License: {license_name}")
    if source["citation"]:
        lines.append(f"Citation: {plain_text(source['citation'])}")
    return "\n".join(line for line in lines if line)


