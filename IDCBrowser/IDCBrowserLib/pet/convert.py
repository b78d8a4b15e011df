"""A PET volume as it is stored becomes one in SUV, or says why not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from IDCBrowserLib.dicom.dicom_file import open_dicom
from IDCBrowserLib.errors import InputError
from IDCBrowserLib.pet.body import JAMES, JANMAHASATIAN
from IDCBrowserLib.pet.header import read_pet_headers
from IDCBrowserLib.pet.mapping import StatedFactor, compared, read_stated_factors
from IDCBrowserLib.pet.problem import NotComputableError
from IDCBrowserLib.pet.suv import KINDS, SuvFactor, suv_factor
from IDCBrowserLib.volume.quantity import Quantity, ucum

if TYPE_CHECKING:
    from IDCBrowserLib.volume.pixels import Volume

# From 0 to 6: what FDG is commonly read with.
_WINDOW = (3.0, 6.0)
# cm2 of body surface for a g of body weight, about.
_PER_BODY = 0.25
# PS3.16 CID 85, and the quantities of CID 84.
_QUANTITIES = {
    ("bw", ""): ("SUVbw", "126401", "SUVbw", "g/ml{SUVbw}", "Standardized Uptake Value body weight"),
    ("lbm", JANMAHASATIAN): ("SUL", "126405", "SUVlbm(Janma)", "g/ml{SUVlbm(Janma)}", "Standardized Uptake Value lean body mass (Janma)"),
    ("lbm", JAMES): ("SUL", "126406", "SUVlbm(James128)", "g/ml{SUVlbm(James128)}", "Standardized Uptake Value lean body mass (James 128)"),
    ("lbm", ""): ("SUL", "126402", "SUVlbm", "g/ml{SUVlbm}", "Standardized Uptake Value lean body mass"),
    ("bsa", ""): ("SUVbsa", "126403", "SUVbsa", "cm2/ml{SUVbsa}", "Standardized Uptake Value body surface area"),
}


@dataclass(frozen=True)
class Uptake:
    """``volume`` in SUV where there is a ``factor``; else as it was, with ``reason``."""

    volume: Volume
    factor: SuvFactor | None
    reason: str = ""


def is_pet(volume: Volume) -> bool:
    """Whether the question of SUV arises."""
    return volume.grid.modality == "PT"


def to_suv(volume: Volume, kind: str = "bw", formula: str = JANMAHASATIAN, mappings: Sequence[str] = ()) -> Uptake:
    """SUV by body weight ("bw"), lean body mass ("lbm") or body surface ("bsa"). ``mappings`` are Real World Value Mapping files.

    Where SUV cannot be computed the volume comes back as stored, with the reason among its warnings.
    Raises ``InputError`` for a kind or formula that is none, and what the headers raise that cannot be read.
    """
    if kind not in KINDS or formula not in (JANMAHASATIAN, JAMES):
        raise InputError(f"SUV by {kind!r} with the formula {formula!r} is unknown; choose bw, lbm or bsa, and {JANMAHASATIAN} or {JAMES}.")
    if not is_pet(volume):
        reason = f"the images are {volume.grid.modality or 'of no stated modality'}, not PET"
        return _as_stored(volume, reason)
    headers = read_pet_headers(image.path for image in volume.grid.present_slices)
    own: SuvFactor | NotComputableError
    try:
        own = suv_factor(headers, kind, formula)
    except NotComputableError as error:
        own = error
    stated = [one for path in mappings for one in read_stated_factors(path)]
    images = frozenset(header.sop_instance_uid for header in headers)
    try:
        factor = compared(own, stated, kind, images, _slopes(stated, [header.path for header in headers]))
    except NotComputableError as error:
        return _as_stored(volume, str(error))
    return Uptake(_scaled(volume, factor), factor)


def _slopes(stated: Sequence[StatedFactor], paths: Sequence[str]) -> list[float]:
    """Rescale Slopes, only needed where there is a factor to compare with."""
    if not stated:
        return []
    values = [open_dicom(path).root.text(0x00281053) for path in paths]
    return [float(value or 1) for value in values]


def _scaled(volume: Volume, factor: SuvFactor) -> Volume:
    name, code, meaning, unit, unit_meaning = _QUANTITIES[factor.kind, factor.formula]
    shown = unit.partition("{")[0]
    quantity = Quantity(
        name, shown, {"value": code, "scheme": "DCM", "meaning": meaning}, ucum(unit, unit_meaning), "SUL" if name == "SUL" else "SUV"
    )
    window = _WINDOW if factor.kind != "bsa" else (_WINDOW[0] * _PER_BODY, _WINDOW[1] * _PER_BODY)
    voxels = volume.voxels if factor.factor == 1 else (volume.voxels * np.float64(factor.factor)).astype(np.float32)
    warnings = (*volume.warnings, *factor.warnings)
    return replace(volume, voxels=voxels, quantity=quantity, window=window, inverted=True, warnings=warnings)


def _as_stored(volume: Volume, reason: str) -> Uptake:
    unit = f" in {volume.quantity.unit}" if volume.quantity.unit else ""
    warning = f"SUV cannot be computed: {reason}. The values are those that are stored{unit}."
    return Uptake(replace(volume, warnings=(*volume.warnings, warning)), None, reason)
