"""Series that belong together: what refers to what where an index says so, and what shares the study where none does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from IDCBrowserLib.catalog.columns import LEVEL_COLUMNS
from IDCBrowserLib.catalog.conditions import Bindings
from IDCBrowserLib.catalog.connection import ask, rows_as_dicts
from IDCBrowserLib.catalog.views import Views
from IDCBrowserLib.errors import NotFoundError

if TYPE_CHECKING:
    import duckdb

# Modalities whose objects are made from images (DICOM PS3.3 C.7.3.1.1.1); everything else is taken for an image.
DERIVED_MODALITIES = ("SEG", "RTSTRUCT", "SR", "RTDOSE", "RTPLAN", "PR", "KO", "REG", "ANN", "RWV", "M3D", "FID", "SMR")
# Those whose references the side indices hold.
INDEXED_MODALITIES = ("SEG", "RTSTRUCT")

REFERS_TO_IT = "refers to it"
IT_REFERS_TO = "it refers to this"
SAME_STUDY = "same study"


def related(connection: duckdb.DuckDBPyConnection, views: Views, series_uid: str) -> dict[str, Any]:
    """See ``Catalog.related``."""
    columns = ", ".join(LEVEL_COLUMNS["series"])
    found = rows_as_dicts(ask(connection, f"SELECT {columns} FROM series WHERE SeriesInstanceUID = $uid", {"uid": series_uid}))
    if not found:
        raise NotFoundError(f"There is no series {series_uid!r} in the catalog.")
    in_study, _ = views.list_rows(
        connection, "series", parents=[{"level": "studies", "ids": [found[0]["StudyInstanceUID"]]}], filters=None, limit=None)
    study = [row for row in in_study if row["SeriesInstanceUID"] != series_uid]
    known = _known(connection, series_uid, columns)
    indexed = {row[0] for row in ask(connection, "SELECT DISTINCT kind FROM series_references").fetchall()}
    return _answer(found[0], known, study, indexed)


def _known(connection: duckdb.DuckDBPyConnection, series_uid: str, columns: str) -> list[dict[str, Any]]:
    """Rows that an index relates to the series, wherever they are."""
    pairs = dict(ask(
        connection,
        "SELECT SeriesInstanceUID, $refers FROM series_references WHERE referenced = $uid "
        "UNION ALL SELECT referenced, $referred FROM series_references WHERE SeriesInstanceUID = $uid AND referenced IS NOT NULL",
        {"uid": series_uid, "refers": REFERS_TO_IT, "referred": IT_REFERS_TO},
    ).fetchall())
    if not pairs:
        return []
    bindings = Bindings()
    asked = bindings.add_texts(pairs)
    rows = rows_as_dicts(ask(connection, f"SELECT {columns} FROM series WHERE SeriesInstanceUID IN ({asked})", bindings.values))
    return [{**row, "relation": pairs[row["SeriesInstanceUID"]]} for row in rows]


def _answer(series: dict[str, Any], known: list[dict[str, Any]], study: list[dict[str, Any]], indexed: set[str]) -> dict[str, Any]:
    named = {row["SeriesInstanceUID"] for row in known}
    is_derived = series["Modality"] in DERIVED_MODALITIES
    settled = is_derived and bool(known) and series["Modality"] in indexed
    guessed = [] if settled else [
        {**row, "relation": SAME_STUDY} for row in study
        if row["SeriesInstanceUID"] not in named and _may_relate(row, is_derived, indexed)
    ]
    guessed.sort(key=lambda row: (str(row["Modality"]), str(row["SeriesDescription"]), row["SeriesInstanceUID"]))
    return {"series": known + guessed, "warnings": _warnings(guessed, indexed)}


def _may_relate(row: dict[str, Any], to_derived: bool, indexed: set[str]) -> bool:
    """An image for a derived series, a derived series for an image; not where an index would have named it."""
    if to_derived:
        return row["Modality"] not in DERIVED_MODALITIES
    return row["Modality"] in DERIVED_MODALITIES and row["Modality"] not in indexed


def _warnings(guessed: list[dict[str, Any]], indexed: set[str]) -> list[str]:
    warnings = []
    missing = [name for name in INDEXED_MODALITIES if name not in indexed]
    if missing:
        files = " and ".join(f"{name.lower()}_index" for name in missing)
        warnings.append(
            f"Which image a {' or '.join(missing)} series refers to is not in the installed index ({files}, a separate file of idc-index-data)."
        )
    if guessed:
        warnings.append('Series marked "same study" share the study and may or may not refer to each other; their files tell after the download.')
    return warnings
