"""Filters: which values of which column, as conditions on the series. Values are always bound.

A filter is a list (any of these), or an object: ``any``, ``all`` (study_modality: the study has each), ``none`` (exclude), and ``min`` and ``max``
(numbers, both ends included). None or "" means "not stated".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from IDCBrowserLib.catalog.columns import COLLECTION_FILTERS, SERIES_COLUMNS, SERIES_TYPES
from IDCBrowserLib.catalog.conditions import Bindings
from IDCBrowserLib.errors import InputError

STUDY_MODALITY = "study_modality"
# Numbers that no column holds as such: DICOM PS3.5 6.2 "AS" for the age; only whole years tell one.
NUMBERS: dict[str, str] = {
    "age_years": "CASE WHEN right(PatientAge, 1) = 'Y' THEN TRY_CAST(left(PatientAge, length(PatientAge) - 1) AS BIGINT) "
    "WHEN right(PatientAge, 1) IN ('M', 'W', 'D') THEN 0 END",
    "year": "TRY_CAST(left(StudyDate, 4) AS BIGINT)",
    "size_bytes": "round(series_size_MB * 1e6)::BIGINT",
    "instanceCount": "instanceCount",
}
# What a side index says: the index, its column, and the kind of value.
CONTENT: dict[str, tuple[str, str, str]] = {
    "SegmentedPropertyType": ("seg_index", "SegmentedPropertyType_CodeMeanings", "list"),
    "SegmentedPropertyCategory": ("seg_index", "SegmentedPropertyCategory_CodeMeanings", "list"),
    "AnatomicRegion": ("seg_index", "AnatomicRegion_CodeMeanings", "list"),
    "SegmentationType": ("seg_index", "SegmentationType", "text"),
    "AlgorithmType": ("seg_index", "AlgorithmType", "text"),
    "AlgorithmName": ("seg_index", "AlgorithmName", "text"),
    "total_segments": ("seg_index", "total_segments", "number"),
    "ROIName": ("rtstruct_index", "ROINames", "list"),
    "RTROIInterpretedType": ("rtstruct_index", "RTROIInterpretedTypes", "list"),
    "total_rois": ("rtstruct_index", "total_rois", "number"),
}
_KEYS = frozenset({"any", "all", "none", "min", "max"})


def check_filter_column(column: str) -> str:
    """``column`` itself; raises ``InputError`` listing the valid ones otherwise."""
    if column in SERIES_TYPES or column in COLLECTION_FILTERS or column in NUMBERS or column in CONTENT or column == STUDY_MODALITY:
        return column
    valid = ", ".join(sorted({*SERIES_COLUMNS, *COLLECTION_FILTERS, *NUMBERS, *CONTENT, STUDY_MODALITY}, key=str.lower))
    raise InputError(f"There is no column {column!r} to filter by; use one of: {valid}.")


def is_set(wanted: Any) -> bool:
    """Whether a filter asks for anything."""
    if isinstance(wanted, Mapping):
        return any(value is not None and value != [] for value in wanted.values())
    return wanted is not None and wanted not in ([], (), "")


def needed_indices(filters: Mapping[str, Any] | None) -> list[str]:
    """The side indices that the filters ask."""
    return sorted({CONTENT[column][0] for column, wanted in (filters or {}).items() if column in CONTENT and is_set(wanted)})


def filter_conditions(filters: Mapping[str, Any] | None, bindings: Bindings) -> list[str]:
    """One condition per column that asks for something.

    Raises ``InputError`` for an unknown column (naming the valid ones), a text where a number is due, or a filter of another shape.
    """
    return [_condition(check_filter_column(column), as_object(column, wanted), bindings) for column, wanted in (filters or {}).items()
            if is_set(wanted)]


def as_object(column: str, wanted: Any) -> Mapping[str, Any]:
    """A filter in its long form; raises ``InputError`` for another shape."""
    if isinstance(wanted, (str, int, float)):
        wanted = [wanted]
    if isinstance(wanted, Sequence):
        return {"any": list(wanted)}
    if not isinstance(wanted, Mapping) or not set(wanted) <= _KEYS or any(
        not isinstance(wanted.get(key) or [], (list, tuple)) for key in ("any", "all", "none")):
        raise InputError(f"The filter on {column} is neither a list of values nor an object of: {', '.join(sorted(_KEYS))}.")
    return wanted


def _condition(column: str, wanted: Mapping[str, Any], bindings: Bindings) -> str:
    if column == STUDY_MODALITY:
        return _of_study(wanted, bindings)
    if wanted.get("all"):
        raise InputError(f'A series has one {column}: "all" is for {STUDY_MODALITY}.')
    if column in CONTENT:
        index, inside, kind = CONTENT[column]
        # "Not stated" is what a series of the index does not state.
        return f"SeriesInstanceUID IN (SELECT SeriesInstanceUID FROM {index} WHERE {_inside(column, inside, kind, wanted, bindings)})"
    kind = "BIGINT" if column in NUMBERS else SERIES_TYPES.get(column, "VARCHAR")
    condition = values_condition(column, f"({NUMBERS[column]})" if column in NUMBERS else column, kind, wanted, bindings)
    return f"collection_id IN (SELECT collection_id FROM collections WHERE {condition})" if column in COLLECTION_FILTERS else condition


def _inside(column: str, inside: str, kind: str, wanted: Mapping[str, Any], bindings: Bindings) -> str:
    if kind != "list":
        return values_condition(column, inside, "BIGINT" if kind == "number" else "VARCHAR", wanted, bindings)
    _refuse_range(column, wanted)
    parts = [f"{'' if key == 'any' else 'NOT '}{_list_has(inside, wanted[key], bindings)}" for key in ("any", "none") if wanted.get(key)]
    return " AND ".join(parts)


def _list_has(expression: str, values: Sequence[Any], bindings: Bindings) -> str:
    stated = [str(value) for value in values if not _is_empty(value)]
    parts = [f"coalesce(list_has_any({expression}, {bindings.add(stated)}), false)"] if stated else []
    if len(stated) < len(values):
        parts.append(f"coalesce(len({expression}), 0) = 0")
    return f"({' OR '.join(parts)})"


def values_condition(column: str, expression: str, kind: str, wanted: Mapping[str, Any], bindings: Bindings) -> str:
    """The condition that ``expression``, of the SQL type ``kind``, is what ``wanted`` says of ``column``."""
    parts = []
    if wanted.get("any"):
        parts.append(_one_of(column, expression, kind, wanted["any"], bindings))
    if wanted.get("none"):
        parts.append(f"NOT coalesce({_one_of(column, expression, kind, wanted['none'], bindings)}, false)")
    if kind == "VARCHAR":
        _refuse_range(column, wanted)
    for key, sign in (("min", ">="), ("max", "<=")):
        if wanted.get(key) is not None:
            parts.append(f"{expression} {sign} {bindings.add(_typed(column, 'DOUBLE', wanted[key]))}")
    return f"({' AND '.join(parts)})"


def _refuse_range(column: str, wanted: Mapping[str, Any]) -> None:
    if wanted.get("min") is not None or wanted.get("max") is not None:
        raise InputError(f"The column {column} holds words; a range needs numbers.")


def _one_of(column: str, expression: str, kind: str, values: Sequence[Any], bindings: Bindings) -> str:
    typed = [_typed(column, kind, value) for value in values if not _is_empty(value)]
    parts = []
    if len(typed) == 1:
        parts.append(f"{expression} = {bindings.add(typed[0])}")
    elif typed:
        parts.append(f"{expression} IN (SELECT unnest({bindings.add(typed)}))")
    if len(typed) < len(values):
        parts.append(f"{expression} IS NULL")
    return f"({' OR '.join(parts)})"


def _of_study(wanted: Mapping[str, Any], bindings: Bindings) -> str:
    _refuse_range(STUDY_MODALITY, wanted)
    parts = []
    for negated, values in [("", wanted.get("any")), ("NOT ", wanted.get("none")), *(("", [value]) for value in wanted.get("all") or [])]:
        if values:
            condition = _one_of("Modality", "Modality", "VARCHAR", values, bindings)
            parts.append(f"StudyInstanceUID {negated}IN (SELECT StudyInstanceUID FROM series WHERE {condition})")
    return f"({' AND '.join(parts)})"


def _is_empty(value: Any) -> bool:
    return value is None or value == ""


def _typed(column: str, kind: str, value: Any) -> Any:
    if kind == "VARCHAR":
        return str(value)
    try:
        return int(value) if kind == "BIGINT" else float(value)
    except (TypeError, ValueError) as error:
        raise InputError(f"The column {column} holds numbers; {str(value)!r} is none.") from error
