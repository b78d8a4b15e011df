"""Presentation states, real world value maps, registrations and parametric maps as cards (PS3.3 C.7.6.16.2.11, C.10, C.11, C.20)."""

from __future__ import annotations

import math
from typing import Any

from IDCBrowserLib.describe.card import Card
from IDCBrowserLib.describe.pixels import read_pixels
from IDCBrowserLib.dicom.code import Code, read_code
from IDCBrowserLib.dicom.dicom_file import DicomFile
from IDCBrowserLib.dicom.elements import Elements, tag_text
from IDCBrowserLib.dicom.sop_classes import SPATIAL_REGISTRATION
from IDCBrowserLib.dicom.windows import windows_of
from IDCBrowserLib.errors import ConversionError
from IDCBrowserLib.registration.read import read_registration
from IDCBrowserLib.wording import human_count

_REFERENCED_IMAGES = 0x00081140
_UNITS = 0x004008EA
_ROTATION, _TURNS = 0x00700042, (0, 90, 180, 270)


def describe_presentation(file: DicomFile) -> Card:
    """Windows, turned or not, and what is drawn or written on images."""
    root = file.root
    card = Card(title=root.text(0x00700081) or root.text(0x00700080))
    card.add("Label", root.text(0x00700080), "label")
    card.add("Description", root.text(0x00700081), "description")
    card.add("Made by", root.text(0x00700084).replace("^", " "), "creator")
    windows = _windows(root, card)
    texts, shapes = _annotations(root, card)
    rotation = card.value(root.unsigned, _ROTATION) or 0
    if rotation in _TURNS:
        card.add("Rotated by (degrees)", rotation or None, "rotation")
    else:
        card.warnings.append(f"{file.path}: Image Rotation (0070,0042) is {rotation:,} degrees, where only 0, 90, 180 and 270 are defined.")
    card.add("Flipped", "yes" if root.text(0x00700041) == "Y" else "")
    card.put({"windows": windows, "annotations": texts, "shapes": shapes, "flipped": root.text(0x00700041) == "Y"})
    parts = [f"window {windows[0]['center']:g} / {windows[0]['width']:g}"] if windows else []
    drawn = len(texts) + sum(shape["count"] for shape in shapes)
    parts += [human_count(drawn, "annotation", "annotations")] if drawn else []
    images = sum(len(series.items(_REFERENCED_IMAGES)) for series in root.items(0x00081115))
    card.text = f"{', '.join(parts) or 'no window and no annotations'} for {human_count(images, 'image', 'images')}"
    return card


def _windows(root: Elements, card: Card) -> list[dict[str, Any]]:
    found = []
    for item in root.iterate_items(0x00283110):
        explained = item.text(0x00281055)
        for center, width, _name in windows_of(item.text(0x00281050), item.text(0x00281051)):
            found.append({"center": center, "width": width, "explanation": explained})
            card.add("Window", f"center {center:g}, width {width:g}{f' ({explained})' if explained else ''}")
    return found


def _annotations(root: Elements, card: Card) -> tuple[list[str], list[dict[str, Any]]]:
    texts: list[str] = []
    shapes: dict[str, int] = {}
    for annotation in root.iterate_items(0x00700001):
        for item in annotation.iterate_items(0x00700008):
            text = " ".join(item.text(0x00700006).split())
            texts.append(text)
            card.add("Text", text)
        for item in annotation.iterate_items(0x00700009):
            kind = item.text(0x00700023) or "SHAPE"
            shapes[kind] = shapes.get(kind, 0) + 1
    for kind, count in shapes.items():
        card.add(kind.capitalize(), f"{count}")
    return texts, [{"graphic_type": kind, "count": count} for kind, count in shapes.items()]


def describe_value_map(file: DicomFile) -> Card:
    """How stored values become values with a unit: label, slope, intercept, range."""
    card, mappings, images = Card(title=file.root.text(0x00700081)), [], 0
    for referenced in file.root.iterate_items(0x00409094):
        images += len(referenced.items(_REFERENCED_IMAGES))
        for item in referenced.iterate_items(0x00409096):
            mappings.append(value_mapping(item, card))
    card.put({"mappings": mappings})
    first = mappings[0] if mappings else None
    card.text = f"{_mapping_text(first)} for {human_count(images, 'image', 'images')}" if first else "without any mapping"
    return card


def value_mapping(item: Elements, card: Card) -> dict[str, Any]:
    """An item of a Real World Value Mapping Sequence (PS3.3 C.7.6.16.2.11)."""
    slope, intercept = _finite(item, 0x00409225, card), _finite(item, 0x00409224, card)
    unit = _first_code(item, _UNITS)
    mapping: dict[str, Any] = {
        "label": item.text(0x00409210),
        "explanation": item.text(0x00283003),
        "slope": slope,
        "intercept": intercept,
        "unit": unit.to_json() if unit else None,
        "quantity": _quantity(item),
        "lookup_table_entries": len(item.raw(0x00409212)) // 8 or None,
    }
    explained = f" ({mapping['explanation']})" if mapping["explanation"] else ""
    card.add(item.text(0x00409210) or "Mapping", f"{_mapping_text(mapping)}{explained}")
    return mapping


def _finite(item: Elements, tag: int, card: Card) -> float | None:
    values = item.doubles(tag)
    if not values or math.isfinite(values[0]):
        return values[0] if values else None
    card.warnings.append(f"{item.stream.path}: Real World Value {'Slope' if tag == 0x00409225 else 'Intercept'} {tag_text(tag)} is not a number.")
    return None


def _mapping_text(mapping: dict[str, Any]) -> str:
    unit = mapping["unit"]["value"] if mapping["unit"] else "no unit"
    if mapping["slope"] is None:
        return f"a lookup table to {unit}" if mapping["lookup_table_entries"] else f"nothing but the unit {unit}"
    offset = f" {'+' if mapping['intercept'] > 0 else '-'} {abs(mapping['intercept']):.9g}" if mapping["intercept"] else ""
    return f"stored value x {mapping['slope']:.9g}{offset} in {unit}"


def _quantity(item: Elements) -> str:
    """Quantity Definition Sequence (0040,9220): the value of the item named Quantity (246205007 SCT, G-C1C6 SRT)."""
    for definition in item.iterate_items(0x00409220):
        name, value = _first_code(definition, 0x0040A043), _first_code(definition, 0x0040A168)
        if name is not None and name.value in ("246205007", "G-C1C6") and value is not None:
            return value.meaning
    return ""


def describe_map(file: DicomFile) -> Card:
    """A parametric map: quantity, unit, size."""
    root, card = file.root, Card()
    holders = [root.first(0x52009229), root.first(0x52009230)]
    items = [item for holder in holders if holder is not None for item in holder.items(0x00409096)] or root.items(0x00409096)
    mappings = [value_mapping(item, card) for item in items[:1]]
    pixels = read_pixels(root, card)
    card.add("Grid", pixels.grid)
    card.put({"mappings": mappings, "rows": pixels.rows, "columns": pixels.columns, "frames": pixels.frames})
    what = (mappings[0]["quantity"] or mappings[0]["label"] or mappings[0]["explanation"]) if mappings else ""
    unit = mappings[0]["unit"]["value"] if mappings and mappings[0]["unit"] else ""
    card.text = ", ".join(part for part in (what, f"in {unit}" if unit else "", f"{pixels.grid} voxels" if pixels.grid else "") if part)
    return card


def describe_registration(file: DicomFile) -> Card:
    """Which frames of reference are brought together, and how."""
    root, card = file.root, Card()
    found: list[dict[str, Any]] = []
    own = root.text(0x00200052)
    card.add("Into the frame of reference", own, "frame_of_reference_uid")
    for item in (*root.iterate_items(0x00700308), *root.iterate_items(0x00640002)):
        frame = item.text(0x00200052) or item.text(0x00640003)
        kinds = [matrix.text(0x0070030C) for registration in item.items(0x00700309) for matrix in registration.items(0x0070030A)]
        deformed = bool(item.first(0x00640005))
        found.append({"frame_of_reference_uid": frame, "types": kinds, "deformable": deformed, "is_own": frame == own})
        how = "deformed" if deformed else ", ".join(kind.lower() for kind in kinds) or "as it is"
        card.add("From" if frame != own else "Reference", f"{frame or 'a frame of reference that is not stated'} ({how})")
    card.put({"registrations": found})
    if file.sop_class == SPATIAL_REGISTRATION:
        try:
            card.warnings += read_registration(file).warnings
        except ConversionError as error:
            card.warnings.append(str(error))
    moved = [entry for entry in found if not entry["is_own"]]
    how = (
        "deformable"
        if any(entry["deformable"] for entry in found)
        else ", ".join(sorted({kind.lower() for entry in moved for kind in entry["types"]}))
    )
    card.text = f"{human_count(len(moved) or len(found), 'image', 'images')} brought onto another{f' ({how})' if how else ''}"
    return card


def _first_code(item: Elements, tag: int) -> Code | None:
    coded = item.first(tag)
    return None if coded is None else read_code(coded)
