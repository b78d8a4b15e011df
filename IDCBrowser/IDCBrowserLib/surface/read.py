"""Encapsulated STL objects (PS3.3 A.85): the surface with its name, color and codes, in LPS mm."""

from __future__ import annotations

import numpy as np

from IDCBrowserLib.api.surface import SurfaceDescription
from IDCBrowserLib.api.values import Code
from IDCBrowserLib.dicom.code import read_code
from IDCBrowserLib.dicom.dicom_file import open_dicom
from IDCBrowserLib.dicom.elements import Elements
from IDCBrowserLib.dicom.sop_classes import ENCAPSULATED_STL
from IDCBrowserLib.errors import ConversionError
from IDCBrowserLib.labelmap.color import cielab_to_srgb
from IDCBrowserLib.surface.stl import Mesh, read_stl

_DOCUMENT, _DOCUMENT_LENGTH = 0x00420011, 0x00420015
_DOCUMENT_TITLE, _SERIES_DESCRIPTION, _CONTENT_DESCRIPTION = 0x00420010, 0x0008103E, 0x00700081
_UNITS, _COLOR, _OPACITY = 0x004008EA, 0x0062000D, 0x0062000C
_MILLIMETERS = {"mm": 1.0, "cm": 10.0, "m": 1000.0, "um": 0.001}
# Where none is recommended: bone white is least likely to be taken for a tissue of its own.
_USUAL_COLOR = (221, 196, 154)


def read_surface(path: str) -> tuple[Mesh, SurfaceDescription]:
    """Points in LPS mm. Raises ``ConversionError`` for another object, a surface that is damaged or too large, or one in an unknown unit."""
    file = open_dicom(path)
    root = file.root
    if file.sop_class != ENCAPSULATED_STL:
        raise ConversionError(f"{path} is not an encapsulated STL object.")
    data = root.raw(_DOCUMENT)
    length = int.from_bytes(root.raw(_DOCUMENT_LENGTH)[:4] or b"\0", "big" if root.stream.big_endian else "little")
    if not data:
        raise ConversionError(f"{path} contains no surface.")
    mesh = read_stl(data[:length] if 0 < length <= len(data) else data, path)
    scale, warnings = _scale(root, path)
    description: SurfaceDescription = {
        "name": root.text(_SERIES_DESCRIPTION) or root.text(_DOCUMENT_TITLE) or root.text(_CONTENT_DESCRIPTION) or "Surface",
        "color": _color(root),
        "opacity": _opacity(root),
        "category": _first_code(root, 0x00620003),
        "type": _first_code(root, 0x0062000F),
        "anatomic_region": _first_code(root, 0x00082218),
        "frame_of_reference_uid": root.text(0x00200052),
        "study_uid": root.text(0x0020000D),
        "series_uid": root.text(0x0020000E),
        "series_number": root.text(0x00200011),
        "patient_id": root.text(0x00100020),
        "patient_name": root.text(0x00100010),
        "warnings": warnings,
    }
    return Mesh(mesh.points * np.float32(scale), mesh.triangles), description


def _scale(root: Elements, path: str) -> tuple[float, tuple[str, ...]]:
    unit = _first_code(root, _UNITS)
    if unit is None:
        return 1.0, ("The surface states no unit of length; mm is assumed.",)
    if unit["value"] not in _MILLIMETERS:
        raise ConversionError(f"{path} is in the unit {unit['value']!r}, which is not a known unit of length.")
    return _MILLIMETERS[unit["value"]], ()


def _color(root: Elements) -> tuple[int, int, int]:
    stored = root.unsigneds(_COLOR) if _COLOR in root else ()
    if len(stored) != 3:
        return _USUAL_COLOR
    return cielab_to_srgb((stored[0], stored[1], stored[2]))


def _opacity(root: Elements) -> float:
    import struct

    raw = root.raw(_OPACITY)
    value = struct.unpack(f"{'>' if root.stream.big_endian else '<'}f", raw[:4])[0] if len(raw) >= 4 else 1.0
    return float(value) if 0.0 <= value <= 1.0 else 1.0


def _first_code(root: Elements, tag: int) -> Code | None:
    item = root.first(tag)
    code = None if item is None else read_code(item)
    return None if code is None else code.to_json()
