"""Series that belong together: what refers to what where an index says so, and what shares the study where none does."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any

from IDCBrowserLib.catalog.conditions import Bindings
from IDCBrowserLib.catalog.connection import ask
from IDCBrowserLib.catalog.views import Views
from IDCBrowserLib.dicom.sop_classes import PARAMETRIC_MAP

if TYPE_CHECKING:
    import duckdb

# Modalities whose objects are made from images (DICOM PS3.3 C.7.3.1.1.1); everything else is taken for an image.
DERIVED_MODALITIES = ("SEG", "RTSTRUCT", "SR", "RTDOSE", "RTPLAN", "PR", "KO", "REG", "ANN", "RWV", "M3D", "FID", "SMR")
# Those whose references the side indices hold.
_INDICES = {"SEG": "seg_index", "RTSTRUCT": "rtstruct_index"}
INDEXED_MODALITIES = tuple(_INDICES)

REFERS_TO_IT = "refers to it"
IT_REFERS_TO = "it refers to this"
SAME_STUDY = "same study"


Row = dict[str, Any]


def related(
    connection: duckdb.DuckDBPyConnection, views: Views, series_uids: Sequence[str], side_indices: Collection[str]
) -> dict[str, dict[str, Any]]:
    """See ``Catalog.related``: by SeriesInstanceUID, without contents; unknown ones are left out."""
    asked, _ = views.list_rows(connection, "series", parents=[{"level": "series", "ids": series_uids}], filters=None, limit=None)
    studies = sorted({str(row["StudyInstanceUID"]) for row in asked})
    in_studies, _ = views.list_rows(connection, "series", parents=[{"level": "studies", "ids": studies}], filters=None, limit=None)
    by_study: dict[str, list[Row]] = {}
    for row in in_studies:
        by_study.setdefault(row["StudyInstanceUID"], []).append(row)
    known = _known(connection, views, [row["SeriesInstanceUID"] for row in asked])
    indexed = indexed_modalities(side_indices)
    return {
        row["SeriesInstanceUID"]: _answer(row, known.get(row["SeriesInstanceUID"], []), by_study[row["StudyInstanceUID"]], indexed) for row in asked
    }


def references_of(connection: duckdb.DuckDBPyConnection, series_uids: Sequence[str]) -> dict[str, list[str]]:
    """See ``Catalog.references_of``."""
    bindings = Bindings()
    query = (
        "SELECT SeriesInstanceUID, list(referenced ORDER BY referenced) FROM series_references WHERE referenced IS NOT NULL "
        f"AND SeriesInstanceUID IN ({bindings.add_texts(series_uids)}) GROUP BY 1"
    )
    return {uid: list(images) for uid, images in ask(connection, query, bindings.values).fetchall()}


def indexed_modalities(side_indices: Collection[str]) -> set[str]:
    """Modalities whose references the side indices that are here name."""
    return {modality for modality, name in _INDICES.items() if name in side_indices}


def _known(connection: duckdb.DuckDBPyConnection, views: Views, series_uids: Sequence[str]) -> dict[str, list[Row]]:
    """By series: rows that an index relates to it, wherever they are."""
    bindings = Bindings()
    uids = bindings.add_texts(series_uids)
    triples = ask(
        connection,
        f"SELECT referenced, SeriesInstanceUID, {bindings.add(REFERS_TO_IT)} FROM series_references WHERE referenced IN ({uids}) UNION ALL "
        f"SELECT SeriesInstanceUID, referenced, {bindings.add(IT_REFERS_TO)} FROM series_references "
        f"WHERE SeriesInstanceUID IN ({uids}) AND referenced IS NOT NULL",
        bindings.values,
    ).fetchall()
    if not triples:
        return {}
    others = sorted({triple[1] for triple in triples})
    rows, _ = views.list_rows(connection, "series", parents=[{"level": "series", "ids": others}], filters=None, limit=None)
    by_uid = {row["SeriesInstanceUID"]: row for row in rows}
    known: dict[str, list[Row]] = {}
    for uid, other, relation in triples:
        if other in by_uid:
            known.setdefault(uid, []).append({**by_uid[other], "relation": relation})
    return known


def _answer(series: dict[str, Any], known: list[dict[str, Any]], study: list[dict[str, Any]], indexed: set[str]) -> dict[str, Any]:
    named = {row["SeriesInstanceUID"] for row in known} | {series["SeriesInstanceUID"]}
    is_derived = _is_derived(series)
    settled = is_derived and bool(known) and series["Modality"] in indexed
    guessed = (
        []
        if settled
        else [{**row, "relation": SAME_STUDY} for row in study if row["SeriesInstanceUID"] not in named and _may_relate(row, is_derived, indexed)]
    )
    guessed.sort(key=lambda row: (str(row["Modality"]), str(row["SeriesDescription"]), row["SeriesInstanceUID"]))
    return {
        "series": known + guessed,
        "warnings": _warnings(guessed, indexed),
        "missing_indices": [name for modality, name in _INDICES.items() if modality not in indexed],
    }


def _may_relate(row: dict[str, Any], to_derived: bool, indexed: set[str]) -> bool:
    """An image for a derived series, a derived series for an image; not where an index would have named it."""
    if to_derived:
        return not _is_derived(row)
    return _is_derived(row) and row["Modality"] not in indexed


def _is_derived(row: dict[str, Any]) -> bool:
    """Parametric maps carry the modality of their image."""
    return row["Modality"] in DERIVED_MODALITIES or row["SOPClassUID"] == PARAMETRIC_MAP


def _warnings(guessed: list[dict[str, Any]], indexed: set[str]) -> list[str]:
    warnings = []
    missing = [name for name in INDEXED_MODALITIES if name not in indexed]
    if missing:
        files = " and ".join(f"{name.lower()}_index" for name in missing)
        warnings.append(
            f"Which image a {' or '.join(missing)} series refers to is not in the installed index ({files}, a separate file of idc-index-data)."
        )
    if guessed:
        warnings.append('Series marked "same study" share the study; whether they refer to each other is known only after the download.')
    return warnings
