"""The value of a content item, from the bytes of its elements (PS3.3 C.18)."""

from __future__ import annotations

import math
import struct
from collections.abc import Callable
from dataclasses import dataclass, field

from IDCBrowserLib.dicom.code import Code
from IDCBrowserLib.dicom.elements import Elements, whole_numbers
from IDCBrowserLib.report import tags
from IDCBrowserLib.report.item import ContentItem, Graphic, Number, Reference, Value

# Numeric Value has at most 16 characters, Floating Point Value is the same number in full.
_ROUNDING = 1e-5


@dataclass(slots=True)
class Found:
    """The elements of one content item by tag: bytes, and codes."""

    raw: dict[int, bytes] = field(default_factory=dict)
    codes: dict[int, Code | None] = field(default_factory=dict)


def fill(item: ContentItem, found: Found, header: Elements) -> None:
    """Set everything but the children. A value type that is missing or unknown is guessed from the values that are there."""
    raw = found.raw
    item.relation = header.decoded(raw.get(tags.RELATIONSHIP_TYPE, b""))
    item.name = found.codes.get(tags.CONCEPT_NAME)
    stated = header.decoded(raw.get(tags.VALUE_TYPE, b"")).upper()
    item.value_type = stated or _guessed_type(found)
    if tags.REFERENCED_ITEM in raw:
        item.refers_to = _unsigned(raw[tags.REFERENCED_ITEM], 4, header)
    read = _READERS.get(item.value_type)
    item.value = read(found, header) if read is not None else None


def _guessed_type(found: Found) -> str:
    if tags.NUMERIC_VALUE in found.raw:
        return "NUM"
    if tags.CONCEPT_CODE in found.codes:
        return "CODE"
    if tags.TEXT_VALUE in found.raw:
        return "TEXT"
    return ""


def _text(tag: int) -> Callable[[Found, Elements], Value]:
    return lambda found, header: header.decoded(found.raw.get(tag, b""))


def _code(found: Found, header: Elements) -> Value:
    return found.codes.get(tags.CONCEPT_CODE)


def _number(found: Found, header: Elements) -> Value:
    text = header.decoded(found.raw.get(tags.NUMERIC_VALUE, b"").split(b"\\")[0])
    value = _finite(text)
    full = found.raw.get(tags.FLOATING_POINT_VALUE, b"")
    if len(full) == 8:
        (precise,) = struct.unpack(_order(header) + "d", full)
        if math.isfinite(precise) and (not text or (value is not None and math.isclose(precise, value, rel_tol=_ROUNDING))):
            value = precise
    return Number(value, text, found.codes.get(tags.UNITS), found.codes.get(tags.QUALIFIER))


def _finite(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    # Python reads 1_000 as a number, DICOM does not.
    return value if math.isfinite(value) and "_" not in text else None


def _reference(found: Found, header: Elements) -> Value:
    raw = found.raw
    return Reference(
        header.decoded(raw.get(tags.REFERENCED_SOP_CLASS_UID, b"")),
        header.decoded(raw.get(tags.REFERENCED_SOP_INSTANCE_UID, b"")),
        whole_numbers(header.decoded(raw.get(tags.REFERENCED_FRAME_NUMBER, b""))),
        _unsigned(raw.get(tags.REFERENCED_SEGMENT_NUMBER, b""), 2, header),
    )


def _graphic(found: Found, header: Elements) -> Value:
    raw = found.raw.get(tags.GRAPHIC_DATA, b"")
    numbers = struct.unpack(f"{_order(header)}{len(raw) // 4}f", raw[: len(raw) // 4 * 4])
    frame = header.decoded(found.raw.get(tags.REFERENCED_FRAME_OF_REFERENCE_UID, b""))
    if not all(map(math.isfinite, numbers)):
        numbers = ()
    return Graphic(header.decoded(found.raw.get(tags.GRAPHIC_TYPE, b"")).upper(), numbers, frame)


def _unsigned(raw: bytes, size: int, header: Elements) -> tuple[int, ...]:
    count = len(raw) // size
    return struct.unpack(f"{_order(header)}{count}{'I' if size == 4 else 'H'}", raw[: count * size])


def _order(header: Elements) -> str:
    return ">" if header.stream.big_endian else "<"


_READERS: dict[str, Callable[[Found, Elements], Value]] = {
    "TEXT": _text(tags.TEXT_VALUE),
    "DATETIME": _text(tags.DATE_TIME),
    "DATE": _text(tags.DATE),
    "TIME": _text(tags.TIME),
    "PNAME": _text(tags.PERSON_NAME),
    "UIDREF": _text(tags.UID),
    "TCOORD": _text(tags.TEMPORAL_RANGE_TYPE),
    "CODE": _code,
    "NUM": _number,
    "IMAGE": _reference,
    "COMPOSITE": _reference,
    "WAVEFORM": _reference,
    "SCOORD": _graphic,
    "SCOORD3D": _graphic,
}
