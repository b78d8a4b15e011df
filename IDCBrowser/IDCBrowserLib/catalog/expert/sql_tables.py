"""The tables that a query in SQL may name, by the names that idc-index gives them, and the files behind them."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal

from IDCBrowserLib.api.expert import Table
from IDCBrowserLib.catalog.about.clinical_tables import CLINICAL_INDEX, ClinicalTables, described
from IDCBrowserLib.catalog.connection import connect, literal, reading
from IDCBrowserLib.catalog.files.side_indices import SIDE_INDICES
from IDCBrowserLib.catalog.files.sources import Sources
from IDCBrowserLib.catalog.side_tables import side_index_of
from IDCBrowserLib.errors import CatalogError

_BUNDLED = {
    "index": "every series of the current release",
    "prior_versions_index": "series of earlier releases that were changed or removed",
    "collections_index": "collections: titles, cancer types, subjects, sources",
    "analysis_results_index": "analysis results: titles, collections, licenses",
    "version_metadata_index": "the releases of IDC and their dates",
}
ABOUT = {**_BUNDLED, **SIDE_INDICES}
_CLINICAL = "a clinical table of IDC; dicom_patient_id is a PatientID of index"

Files = dict[str, list[Path]]


def table_files(sources: Sources, extra: Sequence[Path] = (), clinical: ClinicalTables | None = None) -> Files:
    """The files behind each table. A side index that is not here is missing; ``extra`` are told apart by their columns."""
    files: Files = {"index": list(sources.series), "collections_index": list(sources.collections)}
    optional = {
        "prior_versions_index": sources.prior_versions,
        "analysis_results_index": sources.analysis_results,
        "version_metadata_index": sources.versions,
        **sources.side(),
    }
    files.update({name: [path] for name, path in optional.items() if path is not None})
    for path in [*sources.references, *extra]:
        columns = {name for name, _ in _columns([path])}
        name = side_index_of(columns) or ("index" if "SeriesInstanceUID" in columns else "collections_index")
        files.setdefault(name, []).append(path)
    known = {name: paths for name, paths in files.items() if paths}
    return {**(clinical.here() if clinical is not None else {}), **known}


def describe(files: Mapping[str, Sequence[Path]]) -> list[Table]:
    """Every table there could be, clinical ones last; one that is not here has no columns."""
    clinical = dict.fromkeys(files.keys() - ABOUT.keys(), _CLINICAL)
    # A damaged index names none.
    with contextlib.suppress(CatalogError):
        for path in files.get(CLINICAL_INDEX, ()):
            clinical.update({row.table: f"{_CLINICAL}; collection {row.collection}" for row in described(path)})
    ordered = sorted(clinical, key=lambda name: (name not in files, name))
    return [
        *(_description(name, "index", about, files.get(name, ())) for name, about in ABOUT.items()),
        *(_description(name, "clinical", clinical[name], files.get(name, ())) for name in ordered),
    ]


def _description(name: str, kind: Literal["index", "clinical"], about: str, paths: Sequence[Path]) -> Table:
    columns, rows = [], 0
    # A damaged file is as if missing.
    with contextlib.suppress(CatalogError):
        columns = _columns(paths) if paths else []
        rows = sum(_count(path) for path in paths)
    return {"name": name, "kind": kind, "about": about, "here": bool(columns), "rows": rows, "columns": [list(pair) for pair in columns]}


def _columns(paths: Sequence[Path]) -> list[tuple[str, str]]:
    parts = " UNION ALL BY NAME ".join(f"SELECT * FROM read_parquet({literal(path)})" for path in paths)
    with reading(*paths), connect(paths) as connection:
        return [(str(row[0]), str(row[1])) for row in connection.execute(f"DESCRIBE {parts}").fetchall()]


def _count(path: Path) -> int:
    with reading(path), connect([path]) as connection:
        row = connection.execute(f"SELECT count(*) FROM read_parquet({literal(path)})").fetchone()
    return int(row[0]) if row else 0
