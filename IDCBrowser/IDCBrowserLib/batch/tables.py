"""The rows of merged tables: what a receipt says of each segment, measurement, or pair of segments."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from IDCBrowserLib.report.table import flat, flat_columns

_SERIES = {
    "collection_id": "string",
    "PatientID": "string",
    "StudyInstanceUID": "string",
    "SeriesInstanceUID": "string",
    "crdc_series_uuid": "string",
    "Modality": "string",
    "SeriesDescription": "string",
}
_ORIGIN = {"idc_version": "int64", "license_short_name": "string", "source_DOI": "string", "rules": "int64", "program": "string"}
_CODE = ("value", "scheme", "meaning")
# Of a code, "value" and "scheme" are what programs compare, "meaning" is what people read.
VOLUMES = {
    **_SERIES,
    "input": "string",
    "image_SeriesInstanceUIDs": "string",
    "segment_number": "int64",
    "label_value": "int64",
    "segment_name": "string",
    **{f"{name}_{part}": "string" for name in ("category", "type") for part in _CODE},
    "type_modifier_meanings": "string",
    **{f"anatomic_region_{part}": "string" for part in _CODE},
    "algorithm_type": "string",
    "algorithm_name": "string",
    "tracking_uid": "string",
    "voxels": "int64",
    "volume_mm3": "double",
    "labelmap_file": "string",
    **_ORIGIN,
}
_NUMBERS = {"group": "int64", "segment_number": "int64", "value": "double"}
MEASUREMENTS = {**_SERIES, "input": "string", **{name: _NUMBERS.get(name, "string") for name in flat_columns()}, **_ORIGIN}
_FIGURES = (
    "dice",
    "hd95_mm",
    "hausdorff_mm",
    "mean_surface_distance_mm",
    "mean_a_to_b_mm",
    "mean_b_to_a_mm",
    "volume_a_mm3",
    "volume_b_mm3",
    "difference_mm3",
    "difference_percent",
)
COMPARISONS = {
    "collection_id": "string",
    "PatientID": "string",
    "StudyInstanceUID": "string",
    "image_SeriesInstanceUID": "string",
    **dict.fromkeys(("a", "b", "part", "name", "name_b", "code_value", "code_scheme"), "string"),
    "number_a": "int64",
    "number_b": "int64",
    "matched_by": "string",
    **dict.fromkeys(_FIGURES, "double"),
    "is_infinite": "bool",
    "note": "string",
    "rules": "int64",
    "program": "string",
}


def volume_rows(receipt: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """A row for each segment of each object."""
    shared = {name: receipt.get(name) for name in VOLUMES if name in receipt}
    shared["image_SeriesInstanceUIDs"] = " ".join(receipt["images"])
    for document in receipt["objects"]:
        own = {"input": document["input"], "labelmap_file": _file_of(receipt["labelmap_files"], document["input"], len(receipt["objects"]))}
        for segment in document["segments"]:
            yield {**shared, **own, **_segment(segment)}


def measurement_rows(receipt: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """A row for each measurement of each report."""
    shared = {name: receipt.get(name) for name in MEASUREMENTS if name in receipt}
    for document in receipt["objects"]:
        for row in document["rows"]:
            yield {**shared, "input": document["input"], **dict(zip(flat_columns(), flat(row), strict=True))}


def comparison_rows(receipt: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """A row for each pair of segments; one with the reason for files that cannot be compared."""
    shared = {name: receipt.get(name) for name in COMPARISONS if name in receipt}
    for document in receipt["objects"]:
        named = {**shared, "image_SeriesInstanceUID": document["image"]}
        if not document["pairs"]:
            yield {**named, "a": document["a"], "b": document["b"], "note": " ".join(document["notes"])}
        for pair in document["pairs"]:
            code = pair["code"] or {}
            yield {**named, **pair, "code_value": code.get("value"), "code_scheme": code.get("scheme")}


def _file_of(files: list[str], name: str, count: int) -> str | None:
    """Files of several objects carry the name of theirs."""
    if count == 1:
        return files[0] if files else None
    return next((file for file in files if f"_{Path(name).stem}" in Path(file).name), None)


def _segment(segment: Mapping[str, Any]) -> dict[str, Any]:
    row: dict[str, Any] = {"segment_number": segment["number"], "segment_name": segment["name"]}
    row.update((key, segment[key]) for key in ("label_value", "algorithm_type", "algorithm_name", "tracking_uid", "voxels", "volume_mm3"))
    for name in ("category", "type", "anatomic_region"):
        code = segment[name] or {}
        row.update((f"{name}_{part}", code.get(part)) for part in _CODE)
    row["type_modifier_meanings"] = "; ".join(code["meaning"] for code in segment["type_modifiers"])
    return row
