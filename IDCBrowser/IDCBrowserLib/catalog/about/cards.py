"""The cards of collections and analysis results: what they are, where their data come from, and how to cite them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from IDCBrowserLib.api.values import Section
from IDCBrowserLib.catalog.about.citations import IDC_PAPER
from IDCBrowserLib.catalog.about.links import Link, doi_link, portal_link
from IDCBrowserLib.catalog.about.plain_text import plain_text
from IDCBrowserLib.catalog.about.shown_values import text
from IDCBrowserLib.catalog.connection import ask, rows_as_dicts

if TYPE_CHECKING:
    import duckdb

_DEMO_PROGRAM = "demo"
_KINDS = {"original_data": "Original data", "analysis_result": "Analysis result"}
_CITE_IDC: Section = {"heading": "How to cite the Imaging Data Commons", "items": [], "text": IDC_PAPER}


def card(connection: duckdb.DuckDBPyConnection, level: str, row_id: str) -> tuple[list[Section], list[Link], str]:
    """Sections, links and text of a collection or an analysis result."""
    return _collection(connection, row_id) if level == "collections" else _analysis_result(connection, row_id)


def is_demo(connection: duckdb.DuckDBPyConnection, collection_id: str) -> bool:
    """Whether a collection is none of IDC's."""
    row = ask(connection, "SELECT program_id FROM collections WHERE collection_id = $id", {"id": collection_id}).fetchone()
    return row is not None and row[0] == _DEMO_PROGRAM


def _collection(connection: duckdb.DuckDBPyConnection, collection_id: str) -> tuple[list[Section], list[Link], str]:
    query = "SELECT description, program_id, sources FROM collections WHERE collection_id = $id"
    found = rows_as_dicts(ask(connection, query, {"id": collection_id}))
    if not found:
        return [], [portal_link(collection_id)], ""
    sources = [source for source in found[0]["sources"] or [] if source]
    if found[0]["program_id"] == _DEMO_PROGRAM:
        return [], [], plain_text(found[0]["description"])
    dois = dict.fromkeys(source["source_doi"] for source in sources if source["source_doi"])
    links = [portal_link(collection_id), *map(doi_link, dois)]
    return [*map(_source, sources), _CITE_IDC], links, plain_text(found[0]["description"])


def _source(source: Mapping[str, Any]) -> Section:
    terms = source.get("license") or {}
    items = (
        ("Kind", _KINDS.get(source.get("source_type") or "", "")),
        ("Modalities", source.get("modalities")),
        ("DOI", source.get("source_doi")),
        ("License", terms.get("license_long_name") or terms.get("license_short_name")),
        ("Cite as", _one_line(source.get("citation"))),
    )
    heading = _one_line(source.get("source_title")) or "Source"
    return {"heading": heading, "items": [[label, text(value)] for label, value in items if value]}


def _analysis_result(connection: duckdb.DuckDBPyConnection, analysis_result_id: str) -> tuple[list[Section], list[Link], str]:
    query = "SELECT description, citation, source_DOI FROM analysis_results WHERE analysis_result_id = $id"
    description, citation, doi = ask(connection, query, {"id": analysis_result_id}).fetchone() or (None, None, None)
    how: Section = {"heading": "How to cite it", "items": [], "text": _one_line(citation)}
    return [*([how] if how["text"] else []), _CITE_IDC], [doi_link(doi)] if doi else [], plain_text(description)


def _one_line(html: str | None) -> str:
    return " ".join(plain_text(html).split())
