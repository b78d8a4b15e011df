"""Names, codes and colors for a label file that does not state them, from the JSON that ``convert --json`` prints."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from IDCBrowserLib.dicom.code import Code
from IDCBrowserLib.dicom.regular_file import read_regular
from IDCBrowserLib.errors import InputError
from IDCBrowserLib.labelmap.types import Labelmap

_MOST_BYTES = 64 << 20
_TEXTS = ("name", "description", "algorithm_type", "algorithm_name", "tracking_id", "tracking_uid")
_CODES = ("category", "type", "anatomic_region")
_CODE_LISTS = ("type_modifiers", "anatomic_region_modifiers")


def read_descriptions(path: str | Path) -> dict[int, dict[str, Any]]:
    """Fields of ``Segment`` by label value. The file holds ``{"segments": [...]}`` or the list itself.

    Raises ``NotFoundError``, ``StorageError``, and ``InputError`` with the place of a fault.
    """
    advice = "Give what `idc-browser convert --json` prints."
    try:
        document = json.loads(read_regular(path, _MOST_BYTES, advice))
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path} cannot be read as JSON: {error}. {advice}") from error
    items = document.get("segments") if isinstance(document, dict) else document
    if not isinstance(items, list):
        raise InputError(f'{path} has no list "segments". Give what `idc-browser convert --json` prints.')
    found: dict[int, dict[str, Any]] = {}
    for place, item in enumerate(items, 1):
        label = item.get("label_value", item.get("number")) if isinstance(item, dict) else None
        if not isinstance(label, int) or isinstance(label, bool) or label < 1:
            raise InputError(f"{path}: segment {place} has no label_value above 0.")
        if label in found:
            raise InputError(f"{path}: the label value {label} is described twice.")
        try:
            found[label] = _fields(item)
        except (TypeError, ValueError, KeyError, AttributeError) as error:
            raise InputError(f"{path}: segment {place} cannot be read ({type(error).__name__}: {error}).") from error
    return found


def described(labelmap: Labelmap, descriptions: Mapping[int, Mapping[str, Any]]) -> Labelmap:
    """The labelmap with what is said about its labels; labels that are not described keep what they have."""
    segments = [replace(segment, details={}, **descriptions.get(segment.label_value, {})) for segment in labelmap.segments]
    return replace(labelmap, segments=tuple(segments))


def _fields(item: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {key: str(item[key]) for key in _TEXTS if item.get(key)}
    found.update({key: Code.from_json(item[key]) for key in _CODES if item.get(key)})
    found.update({key: tuple(_code(code) for code in item[key]) for key in _CODE_LISTS if item.get(key)})
    if item.get("color"):
        red, green, blue = (min(255, max(0, int(value))) for value in item["color"])
        found["color"] = (red, green, blue)
    return found


def _code(value: Any) -> Code:
    code = Code.from_json(value)
    if code is None:
        raise ValueError("an empty code")
    return code
