"""Filters: which values of which column, as conditions on the series. Values are always bound.

A filter is a list (any of these), or an object: ``any``, ``all`` (study_modality: the study has each; names of segments, regions and ROIs: one
segmentation has each), ``none`` (exclude), and ``min`` and ``max`` (numbers, both ends included; beside ``any``, a value in the range or one of
these). None or "" means "not stated". How images were acquired: ``catalog.acquisition``.

What is in a segmentation or structure set holds for it and for the image that it is of. Several filters on one index are about the same segmentation.
A clinical attribute ("clinical:Sex") holds for a case with all of its series; ``all`` asks that the case has each value, as in several visits.
``WORKING_SET`` keeps to a set of series by its number (``working_sets``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from IDCBrowserLib.api.clinical import PREFIX, is_clinical
from IDCBrowserLib.api.working_set import WORKING_SET
from IDCBrowserLib.catalog import acquisition
from IDCBrowserLib.catalog.columns import COLLECTION_FILTERS, SERIES_COLUMNS, SERIES_TYPES
from IDCBrowserLib.catalog.conditions import Bindings
from IDCBrowserLib.catalog.search.fuzzy import closest
from IDCBrowserLib.catalog.value_rows import found_name, is_empty, number_of, numbers_expected
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
# The column of an index that names the image.
IMAGE_OF = {"seg_index": "segmented_SeriesInstanceUID", "rtstruct_index": "referenced_SeriesInstanceUID"}
_KEYS = frozenset({"any", "all", "none", "min", "max"})


def check_filter_column(column: str) -> str:
    """``column`` itself; raises ``InputError`` listing the valid ones otherwise."""
    valid = sorted({*SERIES_COLUMNS, *COLLECTION_FILTERS, *NUMBERS, *CONTENT, *acquisition.ACQUISITION, STUDY_MODALITY}, key=str.lower)
    # A working set is nothing that a person types.
    if column in valid or column == WORKING_SET or is_clinical(column):
        return column
    near = closest(column, valid, 1)
    meant = f" Did you mean {near[0]}?" if near else ""
    raise InputError(f"There is no column {column!r} to filter by; use one of: {', '.join(valid)}, or {PREFIX}ATTRIBUTE.{meant}")


def is_number(column: str) -> bool:
    """Whether a range of a column can be asked for."""
    if column in CONTENT:
        return CONTENT[column][2] == "number"
    if column in acquisition.ACQUISITION:
        return acquisition.ACQUISITION[column].kind == "number"
    return column in NUMBERS or SERIES_TYPES.get(column) in ("BIGINT", "DOUBLE")


def is_set(wanted: Any) -> bool:
    """Whether a filter asks for anything."""
    if isinstance(wanted, Mapping):
        return any(value is not None and value != [] for value in wanted.values())
    return wanted is not None and wanted not in ([], (), "")


def needed_indices(filters: Mapping[str, Any] | None) -> list[str]:
    """The side indices of segmentations and structure sets that the filters ask."""
    return sorted({CONTENT[column][0] for column, wanted in (filters or {}).items() if column in CONTENT and is_set(wanted)})


def filter_conditions(filters: Mapping[str, Any] | None, bindings: Bindings) -> list[str]:
    """One condition per column that asks for something.

    Raises ``InputError`` for an unknown column (naming the valid ones), a text where a number is due, or a filter of another shape.
    """
    chosen = {check_filter_column(column): as_object(column, wanted) for column, wanted in (filters or {}).items() if is_set(wanted)}
    acquired = acquisition.chosen_of(chosen)
    in_clinical_tables = {column: wanted for column, wanted in chosen.items() if is_clinical(column)}
    beside = {*CONTENT, *acquired, *in_clinical_tables}
    parts = [_condition(column, wanted, bindings) for column, wanted in chosen.items() if column not in beside]
    parts += [f"row_no IN (SELECT number FROM {found_name(found)})" for found in (acquired, in_clinical_tables) if found]
    for index in needed_indices(chosen):
        parts.append(f"row_no IN (SELECT number FROM {found_table(index, chosen)})")
    return parts


def content_rows(index: str, columns: Sequence[str], chosen: Mapping[str, Any], bindings: Bindings) -> str:
    """A SELECT of ``number`` (``row_no`` of a series) and ``columns`` of an index.

    It has a row per segmentation or structure set that meets all filters on the index, and one for its image. Needs ``content.create_content``.
    """
    wanted = filters_on(index, chosen)
    parts = [_inside(column, *CONTENT[column][1:], what, bindings) for column, what in wanted.items()]
    where = f"WHERE {' AND '.join(parts)}" if parts else ""
    names = "".join(f", {column}" for column in columns)
    return f"SELECT unnest([row_no, image_no]) AS number{names} FROM {content_table(index)} {where}"


def filters_on(index: str, filters: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """The filters on an index in their long form; raises ``InputError`` for one of another shape."""
    wanted = {
        column: as_object(column, what) for column, what in filters.items() if column in CONTENT and CONTENT[column][0] == index and is_set(what)
    }
    for column, what in wanted.items():
        if CONTENT[column][2] != "list":
            _refuse_all(column, what)
    return wanted


def acquired(filters: Mapping[str, Any] | None) -> dict[str, Mapping[str, Any]]:
    """The filters on how images were acquired in their long form; raises ``InputError`` for one of another shape."""
    chosen = {column: as_object(column, wanted) for column, wanted in (filters or {}).items() if is_set(wanted)}
    return acquisition.chosen_of(chosen)


def on_clinical_attributes(filters: Mapping[str, Any] | None) -> dict[str, Mapping[str, Any]]:
    """The filters on clinical attributes in their long form; raises ``InputError`` for one of another shape."""
    return {column: as_object(column, wanted) for column, wanted in (filters or {}).items() if is_clinical(column) and is_set(wanted)}


def found_table(index: str, filters: Mapping[str, Any]) -> str:
    """The table with what the filters on an index leave (``content.create_found``): the same name for the same filters."""
    return found_name(filters_on(index, filters))


def content_table(index: str) -> str:
    """The table of ``content.create_content``."""
    return index.replace("_index", "_content")


def name_type(column: str) -> str:
    """The ENUM of the names in a column of lists."""
    return f"{column}_name"


def as_object(column: str, wanted: Any) -> Mapping[str, Any]:
    """A filter in its long form; raises ``InputError`` for another shape."""
    if isinstance(wanted, (str, int, float)):
        wanted = [wanted]
    if isinstance(wanted, Sequence):
        return {"any": list(wanted)}
    if (
        not isinstance(wanted, Mapping)
        or not set(wanted) <= _KEYS
        or any(not isinstance(wanted.get(key) or [], (list, tuple)) for key in ("any", "all", "none"))
    ):
        raise InputError(f"The filter on {column} is neither a list of values nor an object of: {', '.join(sorted(_KEYS))}.")
    return wanted


def set_number(wanted: Any) -> int:
    """The number of the set that a filter names; raises ``InputError`` for anything else."""
    values = as_object(WORKING_SET, wanted).get("any") or []
    if len(values) != 1 or type(values[0]) is not int:
        raise InputError("A working set is named by its number.")
    return int(values[0])


def set_table(number: int) -> str:
    """The table of a working set."""
    return f"working_set_{number}"


def set_condition(wanted: Any) -> str:
    """That a series is in the set."""
    return f"row_no IN (SELECT number FROM {set_table(set_number(wanted))})"


def _condition(column: str, wanted: Mapping[str, Any], bindings: Bindings) -> str:
    if column == WORKING_SET:
        return set_condition(wanted)
    if column == STUDY_MODALITY:
        return _of_study(wanted, bindings)
    _refuse_all(column, wanted)
    kind = "BIGINT" if column in NUMBERS else SERIES_TYPES.get(column, "VARCHAR")
    condition = values_condition(column, f"({NUMBERS[column]})" if column in NUMBERS else column, kind, wanted, bindings)
    return f"collection_id IN (SELECT collection_id FROM collections WHERE {condition})" if column in COLLECTION_FILTERS else condition


def _refuse_all(column: str, wanted: Mapping[str, Any]) -> None:
    if wanted.get("all"):
        lists = ", ".join(name for name, (_index, _inside, kind) in CONTENT.items() if kind == "list")
        raise InputError(f'A series has one {column}: "all" is for {STUDY_MODALITY}, {lists}.')


def _inside(column: str, inside: str, kind: str, wanted: Mapping[str, Any], bindings: Bindings) -> str:
    if kind != "list":
        return values_condition(column, inside, "BIGINT" if kind == "number" else "VARCHAR", wanted, bindings)
    _refuse_range(column, wanted)
    parts = [f"{'' if key == 'any' else 'NOT '}{_list_has(column, inside, wanted[key], bindings)}" for key in ("any", "none") if wanted.get(key)]
    parts += [_list_has(column, inside, [value], bindings) for value in wanted.get("all") or ()]
    return " AND ".join(parts)


def _list_has(column: str, expression: str, values: Sequence[Any], bindings: Bindings) -> str:
    stated = [str(value) for value in values if not is_empty(value)]
    # A name that no series has is none of the type's; it becomes NULL and finds nothing.
    # One by one: several times as fast as list_has_any.
    parts = [f"coalesce(list_contains({expression}, TRY_CAST({bindings.add(value)}::VARCHAR AS {name_type(column)})), false)" for value in stated]
    if len(stated) < len(values):
        parts.append(f"coalesce(len({expression}), 0) = 0")
    return f"({' OR '.join(parts)})" if parts else "false"


def values_condition(column: str, expression: str, kind: str, wanted: Mapping[str, Any], bindings: Bindings) -> str:
    """The condition that ``expression``, of the SQL type ``kind``, is what ``wanted`` says of ``column``."""
    if kind == "VARCHAR":
        _refuse_range(column, wanted)
    ends = [
        f"{expression} {sign} {bindings.add(typed(column, 'DOUBLE', wanted[key]))}"
        for key, sign in (("min", ">="), ("max", "<="))
        if wanted.get(key) is not None
    ]
    either = [f"({' AND '.join(ends)})"] if ends else []
    if wanted.get("any"):
        either.append(_one_of(column, expression, kind, wanted["any"], bindings))
    parts = [f"({' OR '.join(either)})"] if either else []
    if wanted.get("none"):
        parts.append(f"NOT coalesce({_one_of(column, expression, kind, wanted['none'], bindings)}, false)")
    return f"({' AND '.join(parts)})"


def _refuse_range(column: str, wanted: Mapping[str, Any]) -> None:
    if wanted.get("min") is not None or wanted.get("max") is not None:
        raise InputError(f"The column {column} contains text; a range needs numbers.")


def _one_of(column: str, expression: str, kind: str, values: Sequence[Any], bindings: Bindings) -> str:
    stated = [typed(column, kind, value) for value in values if not is_empty(value)]
    parts = []
    if len(stated) == 1:
        parts.append(f"{expression} = {bindings.add(stated[0])}")
    elif stated:
        parts.append(f"{expression} IN (SELECT unnest({bindings.add(stated)}))")
    if len(stated) < len(values):
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


def typed(column: str, kind: str, value: Any) -> Any:
    """``value`` as one of a column of the SQL type ``kind``; raises ``InputError`` for a text where a number is due."""
    if kind == "VARCHAR":
        return str(value)
    if kind != "BIGINT":
        return number_of(column, value)
    with numbers_expected(column, value):
        return int(value)
