"""The contents of derived series (segment and ROI names) and their algorithms, from the additional index files."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from IDCBrowserLib.catalog.conditions import Bindings
from IDCBrowserLib.catalog.connection import ask

if TYPE_CHECKING:
    import duckdb

Row = dict[str, Any]

_MOST_NAMES = 100


def add_contents(connection: duckdb.DuckDBPyConnection, rows: Sequence[Row]) -> None:
    """Give each row of a series ``contents`` (names of its segments or ROIs), ``parts`` (how many; None where unknown), ``algorithm_type``,
    ``algorithm_name``, and ``algorithm``: the name, else the type.
    """
    for row in rows:
        row.update(contents=[], parts=None, algorithm="", algorithm_type="", algorithm_name="")
    if not rows:
        return
    bindings = Bindings()
    uids = bindings.add_texts([row["SeriesInstanceUID"] for row in rows])
    found = ask(
        connection,
        "SELECT SeriesInstanceUID, SegmentedPropertyType_CodeMeanings, total_segments, AlgorithmType, AlgorithmName FROM seg_index "
        f"WHERE SeriesInstanceUID IN ({uids}) UNION ALL "
        "SELECT SeriesInstanceUID, ROINames, total_rois, array_to_string(list_distinct(ROIGenerationAlgorithms), ', '), NULL FROM rtstruct_index "
        f"WHERE SeriesInstanceUID IN ({uids})",
        bindings.values,
    ).fetchall()
    by_uid = {uid: rest for uid, *rest in found}
    for row in rows:
        names, parts, kind, name = by_uid.get(row["SeriesInstanceUID"], (None, None, None, None))
        contents = [text for text in names or [] if text][:_MOST_NAMES]
        row.update(contents=contents, parts=parts, algorithm=name or kind or "", algorithm_type=kind or "", algorithm_name=name or "")
