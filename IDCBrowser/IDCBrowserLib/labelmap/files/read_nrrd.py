"""NRRD files with labels (teem.sourceforge.net/nrrd/format.html), Slicer's segmentations among them."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import numpy as np

from IDCBrowserLib.errors import ConversionError
from IDCBrowserLib.labelmap.files.stored_bytes import damaged, opened, read_array, unpacked
from IDCBrowserLib.labelmap.terminology import codes_of_entry
from IDCBrowserLib.labelmap.types import Segment
from IDCBrowserLib.volume.geometry import Geometry, geometry_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

_MOST_HEADER = 1 << 26
_TYPES = {
    "i1": ("signed char", "int8", "int8_t"),
    "u1": ("uchar", "unsigned char", "uint8", "uint8_t"),
    "i2": ("short", "short int", "signed short", "signed short int", "int16", "int16_t"),
    "u2": ("ushort", "unsigned short", "unsigned short int", "uint16", "uint16_t"),
    "i4": ("int", "signed int", "int32", "int32_t"),
    "u4": ("uint", "unsigned int", "uint32", "uint32_t"),
    "i8": ("longlong", "long long", "long long int", "signed long long", "signed long long int", "int64", "int64_t"),
    "u8": ("ulonglong", "unsigned long long", "unsigned long long int", "uint64", "uint64_t"),
    "f4": ("float",),
    "f8": ("double",),
}
_DTYPE_OF = {name: code for code, names in _TYPES.items() for name in names}
# To LPS: the signs of the three coordinates.
_SPACES = {
    "left-posterior-superior": (1, 1, 1),
    "lps": (1, 1, 1),
    "right-anterior-superior": (-1, -1, 1),
    "ras": (-1, -1, 1),
    "left-anterior-superior": (1, -1, 1),
    "las": (1, -1, 1),
}
_SEGMENT_KEY = re.compile(r"Segment(\d+)_(\w+)")


def read_nrrd(path: Path) -> tuple[list[NDArray[Any]], Geometry, list[Segment]]:
    """Layers (k, j, i), their grid, and the segments that the header describes."""
    with opened(path) as file:
        fields, pairs = _header(path, file)
        dtype = _dtype(path, fields)
        sizes = _sizes(path, fields)
        encoding = {"gz": "gzip", "bz2": "bzip2"}.get(value := fields.get("encoding", "").lower(), value)
        if encoding not in ("raw", "gzip", "bzip2"):
            raise ConversionError(f"{path} is a NRRD file with the encoding {encoding!r}. Save it as raw or gzip.")
        if encoding == "raw":
            stored = read_array(path, file, dtype, sizes[::-1], None)
        else:
            left = os.fstat(file.fileno()).st_size - file.tell()
            stored = read_array(path, unpacked(file, encoding), dtype, sizes[::-1], left)
    # Slicer puts layers on the first, fastest axis.
    layers = [stored[..., number] for number in range(sizes[0])] if len(sizes) == 4 else [stored]
    geometry = _geometry(path, fields, layers[0].shape, has_list_axis=len(sizes) == 4)
    return layers, geometry, _segments(pairs, len(layers))


def _header(path: Path, file: IO[bytes]) -> tuple[dict[str, str], dict[str, str]]:
    """Fields by lower-case name, and key/value pairs, up to the empty line."""
    if not file.readline(16).startswith(b"NRRD000"):
        raise ConversionError(f"{path} is not a NRRD file. Give a label file.")
    fields: dict[str, str] = {}
    pairs: dict[str, str] = {}
    while True:
        line = file.readline(_MOST_HEADER)
        if not line or file.tell() > _MOST_HEADER:
            raise damaged(path, "its header has no end")
        text = line.decode("utf-8", "replace").rstrip("\r\n")
        if not text:
            break
        if text.startswith("#"):
            continue
        name, pair, value = text.partition(":=")
        if pair:
            pairs[name] = value.replace("\\n", "\n").replace("\\\\", "\\")
        else:
            name, _, value = text.partition(":")
            fields[name.strip().lower()] = value.strip()
    if "data file" in fields or "datafile" in fields:
        raise ConversionError(f"{path} keeps its voxels in another file. Save header and voxels in one .nrrd file.")
    return fields, pairs


def _dtype(path: Path, fields: Mapping[str, str]) -> np.dtype[Any]:
    name = " ".join(fields.get("type", "").lower().split())
    if name not in _DTYPE_OF:
        raise ConversionError(f"{path} has voxels of the type {name!r}, which labels cannot have. Save it with whole numbers.")
    dtype: np.dtype[Any] = np.dtype(_DTYPE_OF[name]).newbyteorder(">" if fields.get("endian", "little").lower() == "big" else "<")
    return dtype


def _sizes(path: Path, fields: Mapping[str, str]) -> list[int]:
    try:
        sizes = [int(part) for part in fields.get("sizes", "").split()]
    except ValueError:
        sizes = []
    is_list = fields.get("kinds", "").split()[:1] in (["list"], ["vector"])
    if any(size < 1 for size in sizes) or not (len(sizes) == 3 or (len(sizes) == 4 and is_list)):
        raise ConversionError(f"{path} is not a volume of labels: its sizes are {fields.get('sizes', 'not stated')!r}. Give a file with three axes.")
    return sizes


def _geometry(path: Path, fields: Mapping[str, str], shape: tuple[int, ...], has_list_axis: bool) -> Geometry:
    signs = _SPACES.get(fields.get("space", "").lower())
    axes = re.findall(r"none|\([^)]*\)", fields.get("space directions", ""))
    try:
        steps = [_numbers(axis) for axis in axes[1 if has_list_axis else 0 :]]
        origin = _numbers(fields.get("space origin", ""))
        matrix = np.array([*steps, origin], float).T
    except ValueError:
        matrix = np.zeros(0)
    if signs is None or matrix.shape != (3, 4):
        raise ConversionError(
            f"{path} does not say where in the patient its voxels are (space, space directions, space origin). Save it with its place."
        )
    try:
        return geometry_of(np.diag(signs) @ matrix, shape)
    except ValueError as error:
        raise damaged(path, str(error)) from error


def _numbers(text: str) -> list[float]:
    return [float(part) for part in text.strip("() ").split(",")]


def _segments(pairs: Mapping[str, str], layers: int) -> list[Segment]:
    """Those whose label value is stated."""
    found: dict[int, dict[str, str]] = {}
    for key, value in pairs.items():
        if match := _SEGMENT_KEY.fullmatch(key):
            found.setdefault(int(match[1]), {})[match[2]] = value
    segments = [_segment(number, found[number], layers) for number in sorted(found)]
    return [segment for segment in segments if segment is not None]


def _segment(place: int, fields: Mapping[str, str], layers: int) -> Segment | None:
    label, layer = _whole(fields.get("LabelValue")), _whole(fields.get("Layer", "0"))
    if not label or layer is None or not 0 <= layer < layers or label < 0:
        return None
    tags = dict(part.split(":", 1) for part in fields.get("Tags", "").split("|") if ":" in part)
    number = _whole(tags.get("DICOM.SegmentNumber") or tags.get("IDCBrowser.SegmentNumber"))
    codes = codes_of_entry(tags.get("TerminologyEntry", ""))
    return Segment(
        number=number if number is not None else place + 1 if layers > 1 else label,
        label_value=label,
        name=fields.get("Name", f"Label {label}"),
        layer=layer,
        description=tags.get("IDCBrowser.SegmentDescription", ""),
        color=_color(fields.get("Color", "")),
        algorithm_type=tags.get("DICOM.SegmentAlgorithmType", ""),
        algorithm_name=tags.get("DICOM.SegmentAlgorithmName", ""),
        tracking_id=tags.get("DICOM.TrackingID") or tags.get("IDCBrowser.TrackingID", ""),
        tracking_uid=tags.get("DICOM.TrackingUID") or tags.get("IDCBrowser.TrackingUID", ""),
        **codes,
    )


def _whole(text: str | None) -> int | None:
    try:
        return int(text or "")
    except ValueError:
        return None


def _color(text: str) -> tuple[int, int, int]:
    try:
        red, green, blue = (min(255, max(0, round(float(part) * 255))) for part in text.split())
    except (ValueError, OverflowError):
        return Segment.color
    return red, green, blue
