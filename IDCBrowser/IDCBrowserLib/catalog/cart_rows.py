"""The rows behind the entries of a cart: by collection, and one by one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from IDCBrowserLib.catalog.columns import KEYS
from IDCBrowserLib.catalog.conditions import Bindings, Filters, Selection, selection_ids
from IDCBrowserLib.catalog.connection import ask, rows_as_dicts
from IDCBrowserLib.catalog.filters import filter_conditions
from IDCBrowserLib.catalog.level_sql import TOTAL_BYTES
from IDCBrowserLib.catalog.views import Views

if TYPE_CHECKING:
    import duckdb

# Each lies in the one before; an analysis result lies beside them.
_NESTED = ("collections", "cases", "studies", "series")
_LICENSES = "array_to_string(list_sort(list(DISTINCT license_short_name)), ', ')"
_MODALITIES = "array_to_string(list_sort(list(DISTINCT Modality)), ', ')"
# What a row is called where its id says little.
_TITLES = {
    "collections": "any_value((SELECT collection_name FROM collections AS c WHERE c.collection_id = picked.collection_id))",
    "analysis_results": (
        "any_value((SELECT analysis_result_title FROM analysis_results AS a WHERE a.analysis_result_id = picked.analysis_result_id))"
    ),
    "cases": "min(PatientID)",
    "studies": "concat_ws(' ', min(StudyDate), min(StudyDescription))",
    "series": "concat_ws(' ', min(Modality), min(SeriesDescription))",
}


def groups(connection: duckdb.DuckDBPyConnection, views: Views, selections: Sequence[Selection]) -> tuple[list[dict[str, Any]], int]:
    """See ``Catalog.picked_groups``."""
    bindings = Bindings()
    parts = [
        f"SELECT {number} AS part, row_no, collection_id, {KEYS[selection_ids(selection)[0]]} AS key, series_size_MB, license_short_name "
        f"FROM series WHERE {views.selections.any_of(connection, [selection], bindings)}"
        for number, selection in enumerate(selections)
    ]
    if not parts:
        return [], 0
    query = (
        f"WITH picked AS MATERIALIZED ({' UNION ALL '.join(parts)}), "
        "entries AS (SELECT collection_id, count(DISTINCT (part, key)) AS entries FROM picked GROUP BY 1), "
        f"totals AS (SELECT collection_id, count(*) AS series, {TOTAL_BYTES} AS bytes, {_LICENSES} AS licenses FROM "
        "(SELECT DISTINCT row_no, collection_id, series_size_MB, license_short_name FROM picked) GROUP BY 1) "
        "SELECT *, (SELECT count(DISTINCT (part, key)) FROM picked) AS found FROM entries JOIN totals USING (collection_id) "
        "LEFT JOIN (SELECT collection_id, collection_name FROM collections) USING (collection_id) ORDER BY lower(collection_id)"
    )
    found = rows_as_dicts(ask(connection, query, bindings.values))
    number = max((row.pop("found") for row in found), default=0)
    return found, number


def rows(
    connection: duckdb.DuckDBPyConnection, views: Views, selections: Sequence[Selection], collection_id: str | None, offset: int, limit: int
) -> list[dict[str, Any]]:
    """See ``Catalog.picked_rows``."""
    bindings = Bindings()
    inside = "true" if collection_id is None else f"collection_id = {bindings.add(collection_id)}"
    parts = []
    for number, selection in enumerate(selections):
        level = selection_ids(selection)[0]
        depth = _NESTED.index(level) if level in _NESTED else 0
        parts.append(
            f"SELECT {number} AS part, {depth} AS depth, {KEYS[level]} AS id, min(PatientID) AS patient_id, "
            f"{_TITLES[level]} AS title, count(*) AS series, {TOTAL_BYTES} AS bytes, {_LICENSES} AS licenses, {_MODALITIES} AS modalities "
            f"FROM series AS picked WHERE {inside} AND {views.selections.any_of(connection, [selection], bindings)} GROUP BY {KEYS[level]}"
        )
    if not parts:
        return []
    order = "ORDER BY depth > 0, patient_id, depth, title, id, part"
    query = f"SELECT * EXCLUDE (depth) FROM ({' UNION ALL '.join(parts)}) {order} LIMIT {bindings.add(limit)} OFFSET {bindings.add(offset)}"
    return rows_as_dicts(ask(connection, query, bindings.values))


def unknown(connection: duckdb.DuckDBPyConnection, views: Views, selections: Sequence[Selection]) -> list[list[str]]:
    """See ``Catalog.picked_unknown``."""
    found = []
    for selection in selections:
        level, ids = selection_ids(selection)
        bindings = Bindings()
        condition = views.selections.any_of(connection, [selection], bindings)
        known = {row[0] for row in ask(connection, f"SELECT DISTINCT {KEYS[level]} FROM series WHERE {condition}", bindings.values).fetchall()}
        found.append([row_id for row_id in ids if row_id not in known])
    return found


def ids_in(connection: duckdb.DuckDBPyConnection, views: Views, selection: Selection, collection_id: str) -> list[str]:
    """See ``Catalog.picked_in``."""
    bindings = Bindings()
    condition = views.selections.any_of(connection, [selection], bindings)
    key = KEYS[selection_ids(selection)[0]]
    query = f"SELECT DISTINCT {key} FROM series WHERE collection_id = {bindings.add(collection_id)} AND {condition}"
    return [row[0] for row in ask(connection, query, bindings.values).fetchall()]


def said_shorter(connection: duckdb.DuckDBPyConnection, level: str, ids: Sequence[str], filters: Filters) -> list[tuple[str, list[str]]]:
    """See ``Catalog.said_shorter``."""
    said: list[tuple[str, list[str]]] = []
    while ids and level in _NESTED[1:]:
        above = _NESTED[_NESTED.index(level) - 1]
        whole = _whole(connection, level, above, ids, filters)
        if not whole:
            break
        said.append((level, [row_id for row_id in ids if row_id not in whole]))
        level, ids = above, sorted(set(whole.values()))
    said.append((level, list(ids)))
    return [(name, left) for name, left in said if left]


def _whole(connection: duckdb.DuckDBPyConnection, level: str, above: str, ids: Sequence[str], filters: Filters) -> Mapping[str, str]:
    """Of the ids, those all of whose neighbors are among them, with the row above."""
    bindings = Bindings()
    conditions = filter_conditions(filters, bindings)
    where = f"WHERE {' AND '.join(conditions)}" if conditions else ""
    query = (
        f"WITH pairs AS MATERIALIZED (SELECT DISTINCT {KEYS[level]} AS id, {KEYS[above]} AS parent FROM series {where}), "
        f"asked AS ({bindings.add_texts(ids)}), "
        "marked AS (SELECT id, parent, id IN (FROM asked) AS is_asked FROM pairs), "
        "whole AS (SELECT parent FROM marked GROUP BY 1 HAVING bool_and(is_asked)), "
        # A study of two cases belongs to neither alone.
        "alone AS (SELECT id FROM marked GROUP BY 1 HAVING count(*) = 1) "
        "SELECT id, parent FROM marked WHERE parent IN (FROM whole) AND id IN (FROM alone)"
    )
    return dict(ask(connection, query, bindings.values).fetchall())
