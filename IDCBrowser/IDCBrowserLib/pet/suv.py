"""The factor from stored activity to SUV: the vendor-neutral rule of QIBA (FDG-PET/CT Profile, appendix "SUV computation").

``SUV = value * normalization / dose at the time that the values are decay-corrected to``, where the normalization is the body weight in g, the
lean body mass in g or the body surface in cm2.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from IDCBrowserLib.dicom.sop_classes import ENHANCED_PET_IMAGE
from IDCBrowserLib.pet.body import JAMES, JANMAHASATIAN, lean_body_mass_g, surface_cm2, weight_g
from IDCBrowserLib.pet.header import PetHeader, differing
from IDCBrowserLib.pet.problem import NotComputableError

KINDS = ("bw", "lbm", "bsa")
# After ten half-lives a thousandth is left: the times cannot be right.
_MOST_HALF_LIVES = 10.0
_CLOCKS_DIFFER = timedelta(minutes=1)
_SAME_FACTOR = 0.01
# SUV Type (0054,1006) to ours; a file that states none means body weight.
_TYPES = {"": ("bw", ""), "BW": ("bw", ""), "BSA": ("bsa", ""), "LBMJANMA": ("lbm", JANMAHASATIAN), "LBMJAMES128": ("lbm", JAMES)}
# What all images of a series have to agree on, in words.
_SHARED = {
    "units": "Units",
    "decay_correction": "Decay Correction",
    "corrections": "Corrected Image",
    "weight": "the Patient's Weight",
    "size": "the Patient's Size",
    "sex": "the Patient's Sex",
    "dose": "the Radionuclide Total Dose",
    "half_life": "the Radionuclide Half Life",
    "injection": "the start of the injection",
    "injection_clock": "the start of the injection",
    "suv_type": "SUV Type",
}


@dataclass(frozen=True)
class SuvFactor:
    """``factor`` to multiply the rescaled values with, for the SUV ``kind``; ``basis`` says in a sentence how it came about."""

    kind: str
    factor: float
    basis: str
    formula: str = ""
    warnings: tuple[str, ...] = field(default=())


def suv_factor(headers: Sequence[PetHeader], kind: str = "bw", formula: str = JANMAHASATIAN) -> SuvFactor:
    """For the images of one series. Raises ``NotComputableError`` with the reason."""
    first = headers[0]
    try:
        _check(headers)
    except NotComputableError as error:
        raise NotComputableError(str(error), replaceable=False) from error
    if first.units in ("GML", "CM2ML"):
        return _from_suv(first, kind, formula)
    if first.units == "BQML":
        dose, said, warnings = _dose_at_scan(headers)
        factor = _normalization(first, kind, formula) / dose
        return SuvFactor(kind, factor, f"{said}", formula if kind == "lbm" else "", warnings)
    return _philips(headers, kind, formula)


def _check(headers: Sequence[PetHeader]) -> None:
    first = headers[0]
    if first.sop_class == ENHANCED_PET_IMAGE:
        raise NotComputableError("it is an Enhanced PET image, which states its corrections in another way")
    for name, words in _SHARED.items():
        if values := differing(headers, name):
            raise NotComputableError(f"its images contradict each other about {words} ({' and '.join(values[:3])})")
    if first.units not in ("BQML", "CNTS", "GML", "CM2ML"):
        raise NotComputableError(f"the Units are {first.units}, not an activity" if first.units else "the Units are missing")
    if "ATTN" not in first.corrections:
        raise NotComputableError("no attenuation correction")
    if first.decay_correction not in ("START", "ADMIN"):
        said = f"the Decay Correction is {first.decay_correction}" if first.decay_correction else "the Decay Correction is missing"
        raise NotComputableError("no decay correction" if first.decay_correction == "NONE" else said)
    if "DECY" not in first.corrections:
        raise NotComputableError("no decay correction")
    if first.injections > 1:
        raise NotComputableError(f"it names {first.injections} radiopharmaceuticals")


def _normalization(header: PetHeader, kind: str, formula: str) -> float:
    if kind == "bw":
        return weight_g(header.weight)
    if kind == "lbm":
        return lean_body_mass_g(header.weight, header.size, header.sex, formula)
    return surface_cm2(header.weight, header.size)


def _dose_at_scan(headers: Sequence[PetHeader]) -> tuple[float, str, tuple[str, ...]]:
    """Bq at the time that the values are corrected to, how it was found, and warnings."""
    first = headers[0]
    if not first.dose or first.dose < 0:
        raise NotComputableError("the Radionuclide Total Dose is missing")
    dose, warnings = first.dose, []
    if dose < 1e4:
        raise NotComputableError(f"the Radionuclide Total Dose of {dose:g} Bq cannot be right (it may be in MBq)")
    if first.decay_correction == "ADMIN":
        return dose, f"{dose / 1e6:.4g} MBq, values corrected to the injection", ()
    if not first.half_life or first.half_life < 0:
        raise NotComputableError("the Radionuclide Half Life is missing")
    scan, how = _scan_start(headers)
    injection, about = _injection(first, scan)
    warnings += about
    seconds = (scan - injection).total_seconds()
    if seconds < 0:
        raise NotComputableError(
            f"contradictory times: the injection at {injection:%Y-%m-%d %H:%M:%S} is later than the scan at {scan:%Y-%m-%d %H:%M:%S}"
        )
    if seconds > _MOST_HALF_LIVES * first.half_life:
        hours = seconds / 3600
        raise NotComputableError(f"contradictory times: {hours:.1f} hours between injection and scan, more than {_MOST_HALF_LIVES:g} half-lives")
    said = f"{dose / 1e6:.4g} MBq, {seconds / 60:.1f} minutes from injection to {how}"
    return dose * 2.0 ** (-seconds / first.half_life), said, tuple(warnings)


def _scan_start(headers: Sequence[PetHeader]) -> tuple[datetime, str]:
    """The moment that values with Decay Correction START are corrected to, and what was taken for it."""
    acquisitions = [header.acquisition for header in headers if header.acquisition is not None]
    series = headers[0].series
    if series is None and not acquisitions:
        raise NotComputableError("neither the time of the series nor that of the acquisition is stated")
    if series is not None and (not acquisitions or series <= min(acquisitions)):
        return series, "the start of the series"
    # The series was made later than it was measured: its time is that of a reconstruction.
    if (scan := headers[0].ge_scan) is not None:
        return scan, "the start of the scan (GE)"
    counted = [start for header in headers if (start := _counted_back(header)) is not None]
    earliest = min(acquisitions)
    if counted and (found := min(counted)) <= earliest + timedelta(seconds=1):
        return found, "the start of the scan, counted back from the frames"
    return earliest, "the first acquisition"


def _counted_back(header: PetHeader) -> datetime | None:
    """Acquisition, less the Frame Reference Time, plus where in the frame the average count rate was (Siemens, several beds)."""
    if not header.acquisition or not header.half_life or not (header.reference_time or 0) > 0 or not (header.duration or 0) > 0:
        return None
    assert header.reference_time is not None and header.duration is not None
    decay = math.log(2) / header.half_life
    during = decay * header.duration
    average = math.log(during / -math.expm1(-during)) / decay
    try:
        return header.acquisition + timedelta(seconds=average - header.reference_time)
    except OverflowError:
        return None


def _injection(header: PetHeader, scan: datetime) -> tuple[datetime, list[str]]:
    """The date and time that are stated, else the time on the day of the scan, or on the day before where the scan was after midnight."""
    clock = _on_day_of(scan, header.injection_clock)
    if header.injection is None:
        if clock is None:
            raise NotComputableError("the time of the injection is missing")
        if clock <= scan:
            return clock, []
        return clock - timedelta(days=1), ["The injection was before midnight, the scan after it."]
    if clock is None:
        return header.injection, []
    stated = header.injection.replace(year=scan.year, month=scan.month, day=scan.day)
    apart = abs((stated - clock).total_seconds()) % 86400
    if min(apart, 86400 - apart) <= _CLOCKS_DIFFER.total_seconds():
        return header.injection, []
    return header.injection, [
        f"The injection is stated at {header.injection:%H:%M:%S} with its date and at {clock:%H:%M:%S} without; the first is used.",
    ]


def _on_day_of(scan: datetime, clock: str) -> datetime | None:
    from IDCBrowserLib.pet.times import joined

    return joined(scan.strftime("%Y%m%d"), clock) if clock else None


def _from_suv(header: PetHeader, kind: str, formula: str) -> SuvFactor:
    """The values are SUV already; another kind of it differs by the normalization."""
    stored = ("bsa", "") if header.units == "CM2ML" else _TYPES.get(header.suv_type)
    if stored is None:
        raise NotComputableError(f"the values are SUV of the type {header.suv_type}, which is not defined")
    warnings = () if header.suv_type or header.units == "CM2ML" else ("SUV Type is missing; SUV by body weight is assumed.",)
    wanted = kind, formula if kind == "lbm" else ""
    if stored == wanted:
        return SuvFactor(kind, 1.0, "the values are stored as SUV", wanted[1], warnings)
    factor = _normalization(header, *wanted) / _normalization(header, *stored)
    return SuvFactor(kind, factor, f"the values are stored as SUV{stored[0]}", wanted[1], warnings)


def _philips(headers: Sequence[PetHeader], kind: str, formula: str) -> SuvFactor:
    """Counts, with a private factor to SUV by body weight (7053,xx00), or to Bq/ml (7053,xx09)."""
    first = headers[0]
    for name in ("philips_suv", "philips_activity"):
        if values := differing(headers, name):
            raise NotComputableError(f"its images contradict each other about the factor of Philips ({' and '.join(values[:3])})")
    if first.philips_suv:
        factor = first.philips_suv
        if kind != "bw":
            factor *= _normalization(first, kind, formula) / weight_g(first.weight)
        return SuvFactor(kind, factor, "private SUV factor of Philips", formula if kind == "lbm" else "")
    if not first.philips_activity:
        raise NotComputableError("the Units are counts, and the private factors of Philips are missing")
    dose, said, warnings = _dose_at_scan(headers)
    factor = first.philips_activity * _normalization(first, kind, formula) / dose
    return SuvFactor(kind, factor, f"private activity factor of Philips, {said}", formula if kind == "lbm" else "", warnings)
