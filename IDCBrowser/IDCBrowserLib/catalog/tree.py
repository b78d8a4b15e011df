"""How the series of a view belong together: what was made of which, by whom, and what is in it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from IDCBrowserLib.api import tree as api
from IDCBrowserLib.catalog.conditions import Bindings
from IDCBrowserLib.catalog.connection import ask, damage_ignored
from IDCBrowserLib.catalog.contents import add_contents
from IDCBrowserLib.catalog.extra_columns import joins
from IDCBrowserLib.catalog.related import DERIVED_MODALITIES, references_of

if TYPE_CHECKING:
    import duckdb

MOST_ROWS = 500
THICKNESS = ("CT_SliceThickness", "MR_SliceThickness", "PT_SliceThickness")
_INDEX_OF = {
    "SEG": "seg_index",
    "RTSTRUCT": "rtstruct_index",
    "ANN": "ann_group_index",
    "SM": "sm_instance_index",
    "CT": "ct_index",
    "MR": "mr_index",
    "PT": "pt_index",
}
_MOST_CONTENTS = 20
_WITH_SEGMENTS = ("SEG", "RTSTRUCT")
# Units that the rule of QIBA turns into SUV, and corrections that it wants.
_FOR_SUV = ("Units", "CorrectedImage", "DecayCorrection", "RadionuclideTotalDose")
_UNITS, _CORRECTIONS, _DECAY = frozenset({"BQML", "CNTS", "GML", "CM2ML"}), frozenset({"ATTN", "DECY"}), frozenset({"START", "ADMIN"})
# In Bq; less is MBq.
_LEAST_DOSE = 1e4


class FileTold(NamedTuple):
    """What a file of an object says: the series it refers to, what it counts, and of SEG and RTSTRUCT what ``TreeRow`` has of their segments."""

    references: Sequence[str] = ()
    counted: Mapping[api.Counted, int] = {}
    contents: Sequence[str] = ()
    parts: int | None = None
    maker: api.Maker = ""
    algorithm: str = ""


def series_tree(
    connection: duckdb.DuckDBPyConnection,
    rows: Sequence[Mapping[str, Any]],
    thickness: Sequence[str],
    here: set[str],
) -> api.Tree:
    """Of rows with SeriesInstanceUID and Modality. ``thickness``: those of ``THICKNESS`` whose tables are there; ``here``: the side indices."""
    numbers = {str(row["SeriesInstanceUID"]): number for number, row in enumerate(rows)}
    found = [dict(row) for row in rows]
    add_contents(connection, found)
    references = references_of(connection, list(numbers))
    millimeters = _thickness(connection, list(numbers), thickness)
    _add_annotations(connection, found)
    levels = _levels(connection, _of_kind(found, "SM"))
    suv = _suv(connection, _of_kind(found, "PT")) if "pt_index" in here else {}
    made: list[api.TreeRow] = []
    for number, row in enumerate(found):
        uid = str(row["SeriesInstanceUID"])
        made.append(
            {
                "row": number,
                # An image that names another image, as a reformatted series does, stands for itself.
                "of": _first_image(uid, references, numbers) if row["Modality"] in DERIVED_MODALITIES else None,
                "contents": row["contents"][:_MOST_CONTENTS],
                "parts": row["parts"],
                "maker": maker_of(row["algorithm_type"].split(",")),
                "algorithm": row["algorithm_name"],
                "slice_thickness": millimeters.get(uid),
                "counted": {**row.get("counted", {}), **levels.get(uid, {})},
                "suv": suv.get(uid),
            }
        )
    modalities = {str(row["Modality"]) for row in rows}
    return {"rows": made, "missing_indices": [index for modality, index in _INDEX_OF.items() if modality in modalities and index not in here]}


def unsaid(tree: api.Tree, rows: Sequence[Mapping[str, Any]]) -> list[int]:
    """Rows of objects of which nothing says which images they were made of, or which segments they have."""
    derived = [row for row in tree["rows"] if rows[row["row"]]["Modality"] in DERIVED_MODALITIES]
    return [row["row"] for row in derived if row["of"] is None or (row["parts"] is None and rows[row["row"]]["Modality"] in _WITH_SEGMENTS)]


def with_told(tree: api.Tree, rows: Sequence[Mapping[str, Any]], told: Mapping[str, FileTold]) -> api.Tree:
    """The tree with what files, by SeriesInstanceUID, say of what is ``unsaid``."""
    numbers = {str(row["SeriesInstanceUID"]): number for number, row in enumerate(rows)}
    said = {numbers[uid]: (uid, file) for uid, file in told.items() if uid in numbers}
    return {**tree, "rows": [_with_file(row, *said[row["row"]], numbers) if row["row"] in said else row for row in tree["rows"]]}


def _with_file(row: api.TreeRow, uid: str, file: FileTold, numbers: Mapping[str, int]) -> api.TreeRow:
    """What an index says goes before what the file says."""
    of = _first_image(uid, {uid: file.references}, numbers) if row["of"] is None else row["of"]
    full: api.TreeRow = {**row, "of": of, "counted": file.counted or row["counted"]}
    if row["parts"] is not None or file.parts is None:
        return full
    return {**full, "contents": file.contents[:_MOST_CONTENTS], "parts": file.parts, "maker": file.maker, "algorithm": file.algorithm}


def _first_image(uid: str, references: Mapping[str, Sequence[str]], numbers: Mapping[str, int]) -> int | None:
    return next((numbers[other] for other in references.get(uid, ()) if other in numbers and other != uid), None)


def _of_kind(rows: Sequence[Mapping[str, Any]], modality: str) -> list[str]:
    return [str(row["SeriesInstanceUID"]) for row in rows if row["Modality"] == modality]


def _asked(connection: duckdb.DuckDBPyConnection, index: str, query: str, bindings: Bindings) -> list[Any]:
    """Rows from a side index; none from one that is damaged inside."""
    with damage_ignored(index):
        return ask(connection, query, bindings.values).fetchall()
    return []


def _add_annotations(connection: duckdb.DuckDBPyConnection, rows: Sequence[dict[str, Any]]) -> None:
    """What is annotated on slides, how many times, and by whom, as ``add_contents`` does for segments."""
    uids = _of_kind(rows, "ANN")
    if not uids:
        return
    bindings = Bindings()
    query = (
        "SELECT SeriesInstanceUID, list(DISTINCT AnnotationPropertyType_CodeMeaning ORDER BY AnnotationPropertyType_CodeMeaning), "
        "sum(NumberOfAnnotations), string_agg(DISTINCT AnnotationGroupGenerationType, ','), any_value(AlgorithmName) "
        f"FROM ann_group_index WHERE SeriesInstanceUID IN ({bindings.add_texts(uids)}) GROUP BY 1"
    )
    told = {uid: rest for uid, *rest in _asked(connection, "ann_group_index", query, bindings)}
    for row in rows:
        if row["SeriesInstanceUID"] in told:
            names, count, kinds, name = told[row["SeriesInstanceUID"]]
            row.update(contents=[text for text in names or [] if text], algorithm_type=kinds or "", algorithm_name=name or "")
            row["counted"] = {"annotations": int(count)} if count else {}


def _levels(connection: duckdb.DuckDBPyConnection, uids: Sequence[str]) -> dict[str, Mapping[api.Counted, int]]:
    """Of slides: label, overview and thumbnail are no levels (PS3.3 C.8.12.4.1.1)."""
    if not uids:
        return {}
    bindings = Bindings()
    own = f"SeriesInstanceUID IN ({bindings.add_texts(uids)})"
    query = f"SELECT SeriesInstanceUID, count(*) FROM sm_instance_index WHERE {own} AND list_contains(ImageType, 'VOLUME') GROUP BY 1"
    return {uid: {"levels": int(count)} for uid, count in _asked(connection, "sm_instance_index", query, bindings)}


def _suv(connection: duckdb.DuckDBPyConnection, uids: Sequence[str]) -> dict[str, bool]:
    """Whether units, corrections and dose are there; only the images themselves tell whether they fit together."""
    if not uids:
        return {}
    bindings = Bindings()
    there = {str(row[0]) for row in _asked(connection, "pt_index", "DESCRIBE pt_index", Bindings())}
    columns = [name for name in ("SeriesInstanceUID", *_FOR_SUV) if name in there]
    query = f"SELECT {', '.join(columns)} FROM pt_index WHERE SeriesInstanceUID IN ({bindings.add_texts(uids)})"
    rows = [dict(zip(columns, row, strict=True)) for row in _asked(connection, "pt_index", query, bindings)] if set(_FOR_SUV) <= there else []
    return {str(row["SeriesInstanceUID"]): _has_suv(row) for row in rows}


def _has_suv(row: Mapping[str, Any]) -> bool:
    units = str(row["Units"] or "").upper()
    corrected = {str(word).upper() for word in row["CorrectedImage"] or ()}
    is_corrected = corrected >= _CORRECTIONS and str(row["DecayCorrection"] or "").upper() in _DECAY
    has_dose = units != "BQML" or (row["RadionuclideTotalDose"] or 0) >= _LEAST_DOSE
    return units in _UNITS and is_corrected and has_dose


def _thickness(connection: duckdb.DuckDBPyConnection, uids: Sequence[str], columns: Sequence[str]) -> dict[str, float]:
    if not columns:
        return {}
    bindings = Bindings()
    rows = f"(SELECT row_no, SeriesInstanceUID FROM series WHERE SeriesInstanceUID IN ({bindings.add_texts(uids)}))"
    value = f"coalesce({', '.join(columns)})" if len(columns) > 1 else columns[0]
    query = f"SELECT SeriesInstanceUID, {value} AS thickness FROM {rows} {joins(columns)} WHERE thickness > 0"
    return {uid: float(thickness) for uid, thickness in ask(connection, query, bindings.values).fetchall()}


def maker_of(said: Iterable[str]) -> api.Maker:
    """Of Segment Algorithm Type (0062,0008) or ROI Generation Algorithm (3006,0036), of which a series may have several."""
    kinds = {word.strip().upper() for word in said if word.strip()}
    if not kinds:
        return ""
    if kinds <= {"MANUAL"}:
        return "person"
    return "algorithm" if kinds <= {"AUTOMATIC"} else "both"
