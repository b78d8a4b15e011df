"""How the series of a view belong together: what was made of which, by whom, and what is in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from IDCBrowserLib.api import tree as api
from IDCBrowserLib.catalog.conditions import Bindings
from IDCBrowserLib.catalog.connection import ask
from IDCBrowserLib.catalog.contents import add_contents
from IDCBrowserLib.catalog.extra_columns import joins
from IDCBrowserLib.catalog.related import DERIVED_MODALITIES, references_of

if TYPE_CHECKING:
    import duckdb

MOST_ROWS = 500
THICKNESS = ("CT_SliceThickness", "MR_SliceThickness", "PT_SliceThickness")
_INDEX_OF = {"SEG": "seg_index", "RTSTRUCT": "rtstruct_index", "CT": "ct_index", "MR": "mr_index", "PT": "pt_index"}
_MOST_CONTENTS = 20


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
                "maker": _maker(row["algorithm_type"]),
                "algorithm": row["algorithm_name"],
                "slice_thickness": millimeters.get(uid),
            }
        )
    modalities = {str(row["Modality"]) for row in rows}
    return {"rows": made, "missing_indices": [index for modality, index in _INDEX_OF.items() if modality in modalities and index not in here]}


def without_reference(tree: api.Tree, rows: Sequence[Mapping[str, Any]]) -> list[int]:
    """Rows of objects made of images of which nothing says which."""
    return [row["row"] for row in tree["rows"] if row["of"] is None and rows[row["row"]]["Modality"] in DERIVED_MODALITIES]


def with_references(tree: api.Tree, rows: Sequence[Mapping[str, Any]], references: Mapping[str, Sequence[str]]) -> api.Tree:
    """The tree with the images, by SeriesInstanceUID, that files name for what is ``without_reference``."""
    numbers = {str(row["SeriesInstanceUID"]): number for number, row in enumerate(rows)}
    of = {number: _first_image(str(rows[number]["SeriesInstanceUID"]), references, numbers) for number in without_reference(tree, rows)}
    return {**tree, "rows": [{**row, "of": of.get(row["row"], row["of"])} for row in tree["rows"]]}


def _first_image(uid: str, references: Mapping[str, Sequence[str]], numbers: Mapping[str, int]) -> int | None:
    return next((numbers[other] for other in references.get(uid, ()) if other in numbers and other != uid), None)


def _thickness(connection: duckdb.DuckDBPyConnection, uids: Sequence[str], columns: Sequence[str]) -> dict[str, float]:
    if not columns:
        return {}
    bindings = Bindings()
    rows = f"(SELECT row_no, SeriesInstanceUID FROM series WHERE SeriesInstanceUID IN ({bindings.add_texts(uids)}))"
    value = f"coalesce({', '.join(columns)})" if len(columns) > 1 else columns[0]
    query = f"SELECT SeriesInstanceUID, {value} AS thickness FROM {rows} {joins(columns)} WHERE thickness > 0"
    return {uid: float(thickness) for uid, thickness in ask(connection, query, bindings.values).fetchall()}


def _maker(said: str) -> api.Maker:
    """Of Segment Algorithm Type (0062,0008) or ROI Generation Algorithm (3006,0036), of which a series may have several."""
    kinds = {word.strip().upper() for word in said.split(",") if word.strip()}
    if not kinds:
        return ""
    if kinds <= {"MANUAL"}:
        return "person"
    return "algorithm" if kinds <= {"AUTOMATIC"} else "both"
