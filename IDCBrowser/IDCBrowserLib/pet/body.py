"""What an uptake is divided by: body weight, lean body mass, body surface area."""

from __future__ import annotations

import math

from IDCBrowserLib.pet.problem import NotComputableError

JANMAHASATIAN = "janmahasatian"
JAMES = "james"
# A mouse, and the heaviest person known with the table.
_WEIGHTS_KG = (0.005, 700.0)
_SIZES_M = (0.2, 2.6)


def weight_g(weight: float | None) -> float:
    """Patient's Weight (0010,1030) in g. Raises ``NotComputableError``."""
    if not weight:
        raise NotComputableError("the Patient's Weight is missing")
    if not _WEIGHTS_KG[0] <= weight <= _WEIGHTS_KG[1]:
        raise NotComputableError(f"the Patient's Weight of {weight:g} kg cannot be right")
    return weight * 1000.0


def lean_body_mass_g(weight: float | None, size: float | None, sex: str, formula: str = JANMAHASATIAN) -> float:
    """In g. Janmahasatian 2005, or James 1976 (male 1.10 w - 128 (w/h)2, female 1.07 w - 148 (w/h)2, h in cm): LBMJAMES128 of PS3.3 C.8.9.1."""
    kg, meters = weight_g(weight) / 1000.0, _size_m(size)
    if sex not in ("M", "F"):
        raise NotComputableError(f"the Patient's Sex is {sex or 'missing'}, and lean body mass is known for M and F only")
    if formula == JAMES:
        ratio = (kg / (100.0 * meters)) ** 2
        mass = 1.10 * kg - 128.0 * ratio if sex == "M" else 1.07 * kg - 148.0 * ratio
        if mass <= 0:
            raise NotComputableError(f"the formula of James gives no lean body mass for {kg:g} kg and {meters:g} m")
        return mass * 1000.0
    index = kg / meters**2
    return 1000.0 * 9270.0 * kg / (6680.0 + 216.0 * index if sex == "M" else 8780.0 + 244.0 * index)


def surface_cm2(weight: float | None, size: float | None) -> float:
    """Body surface area in cm2 (Du Bois 1916)."""
    kg, meters = weight_g(weight) / 1000.0, _size_m(size)
    return 71.84 * math.pow(kg, 0.425) * math.pow(100.0 * meters, 0.725)


def _size_m(size: float | None) -> float:
    if not size:
        raise NotComputableError("the Patient's Size is missing")
    if not _SIZES_M[0] <= size <= _SIZES_M[1]:
        raise NotComputableError(f"the Patient's Size of {size:g} m cannot be right")
    return size
