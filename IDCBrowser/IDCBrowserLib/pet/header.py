"""What the headers of a PET series say about the tracer, the patient, the times and the corrections (PS3.3 C.8.9)."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from IDCBrowserLib.dicom.dicom_file import open_dicom
from IDCBrowserLib.dicom.elements import Elements
from IDCBrowserLib.pet.times import date_time, joined

_RADIOPHARMACEUTICALS = 0x00540016
_PHILIPS = b"Philips PET Private Group"
_GE = b"GEMS_PETD_01"


@dataclass(frozen=True)
class PetHeader:
    """One image. Empty text and None where it is not stated or no number; weight in kg, size in m, dose in Bq, half-life and durations in s.

    ``injections`` is the number of radiopharmaceuticals. Times are those of the scanner's clock.
    """

    path: str
    sop_class: str
    sop_instance_uid: str
    manufacturer: str
    units: str
    suv_type: str
    decay_correction: str
    corrections: frozenset[str]
    weight: float | None
    size: float | None
    sex: str
    dose: float | None
    half_life: float | None
    injection: datetime | None
    injection_clock: str
    series: datetime | None
    acquisition: datetime | None
    reference_time: float | None
    duration: float | None
    injections: int
    philips_suv: float | None
    philips_activity: float | None
    ge_scan: datetime | None


def read_pet_headers(paths: Iterable[str]) -> list[PetHeader]:
    """Of each file once. Raises what ``open_dicom`` raises."""
    return [_header(path, open_dicom(path).root) for path in dict.fromkeys(paths)]


def _header(path: str, root: Elements) -> PetHeader:
    items = root.items(_RADIOPHARMACEUTICALS)
    tracer = items[0] if items else Elements(root.stream, {})
    series_date = root.text(0x00080021) or root.text(0x00080020)
    zone = root.text(0x00080201)
    reference, duration = _number(root, 0x00541300), _number(root, 0x00181242)
    ge = _private(root, 0x0009, _GE)
    philips = _private(root, 0x7053, _PHILIPS)
    clock = tracer.text(0x00181072)
    return PetHeader(
        path=path,
        sop_class=root.text(0x00080016),
        sop_instance_uid=root.text(0x00080018),
        manufacturer=root.text(0x00080070),
        units=root.text(0x00541001).upper(),
        suv_type=root.text(0x00541006).upper(),
        decay_correction=root.text(0x00541102).upper(),
        corrections=frozenset(part.strip().upper() for part in root.text(0x00280051).split("\\") if part.strip()),
        weight=_number(root, 0x00101030),
        size=_number(root, 0x00101020),
        sex=root.text(0x00100040).upper(),
        dose=_number(tracer, 0x00181074),
        half_life=_number(tracer, 0x00181075),
        injection=date_time(tracer.text(0x00181078), zone, clock),
        injection_clock=clock,
        series=joined(series_date, root.text(0x00080031)),
        acquisition=date_time(root.text(0x0008002A), zone) or joined(root.text(0x00080022) or series_date, root.text(0x00080032)),
        reference_time=None if reference is None else reference / 1000,
        duration=None if duration is None else duration / 1000,
        injections=len(items),
        philips_suv=None if philips is None else _number(root, 0x70530000 | philips << 8),
        philips_activity=None if philips is None else _number(root, 0x70530009 | philips << 8),
        ge_scan=None if ge is None else date_time(root.text(0x0009000D | ge << 8), zone),
    )


def _private(root: Elements, group: int, creator: bytes) -> int | None:
    """The block that a private creator reserved in a group (PS3.5 7.8.1); None where there is none."""
    for block in range(0x10, 0x100):
        if root.raw(group << 16 | block).strip(b" \0") == creator:
            return block
    return None


def _number(source: Elements, tag: int) -> float | None:
    """The first value of a DS element as a finite number; private ones may be floats in binary."""
    raw = source.raw(tag)
    vr = source.table[tag].vr if tag in source else b""
    if vr in (b"FL", b"FD"):
        import struct

        size = 4 if vr == b"FL" else 8
        if len(raw) < size:
            return None
        value = struct.unpack(f"{'>' if source.stream.big_endian else '<'}{'f' if size == 4 else 'd'}", raw[:size])[0]
    else:
        try:
            value = float(raw.split(b"\\")[0].strip(b" \0").decode("ascii"))
        except ValueError:
            return None
    return float(value) if math.isfinite(value) else None


def differing(headers: Sequence[PetHeader], field: str) -> list[str]:
    """The values of a field if the images of one series do not agree on it; else nothing."""
    values = list(dict.fromkeys(getattr(header, field) for header in headers))
    return [] if len(values) < 2 else [str(value) if value not in (None, "") else "none" for value in values]
