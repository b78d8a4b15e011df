"""Real World Value Mapping objects (PS3.3 A.46) that state SUV factors for the images of a PET series."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from IDCBrowserLib.dicom.dicom_file import open_dicom
from IDCBrowserLib.dicom.reading import text, value_of
from IDCBrowserLib.dicom.sop_classes import REAL_WORLD_MAPPING
from IDCBrowserLib.dicom.with_pydicom import problems_named, read_dataset
from IDCBrowserLib.errors import ConversionError, IDCBrowserError
from IDCBrowserLib.pet.problem import NotComputableError
from IDCBrowserLib.pet.suv import SuvFactor
from IDCBrowserLib.volume.real_world import read_map

# A published factor was computed from the same header: more apart than this, one of them is wrong.
_SAME_FACTOR = 0.01
# Annotations of UCUM units, before the unit in older objects, behind it in newer ones (PS3.16 CID 85).
_KINDS = {"{SUVbw}": "bw", "{SUVlbm}": "lbm", "{SUVlbm(Janma)}": "lbm", "{SUVlbm(James128)}": "lbm", "{SUVbsa}": "bsa"}


@dataclass(frozen=True)
class StatedFactor:
    """Factor of one ``kind`` for the images with these SOP Instance UIDs, as the object in ``path`` states it."""

    path: str
    kind: str
    factor: float
    images: frozenset[str]


def mapping_files(paths: Sequence[str]) -> list[str]:
    """Those of the files that are such objects; what cannot be read is none."""
    found = []
    for path in paths:
        try:
            if open_dicom(path).sop_class == REAL_WORLD_MAPPING:
                found.append(path)
        except IDCBrowserError:
            continue
    return found


def read_stated_factors(path: str) -> list[StatedFactor]:
    """The SUV factors of an object; none where it maps to other quantities. Raises ``ConversionError`` for a file that is no such object."""
    dataset = read_dataset(path)
    if text(dataset, "SOPClassUID") != REAL_WORLD_MAPPING:
        raise ConversionError(f"{path} is not a Real World Value Mapping object.")
    found: list[StatedFactor] = []
    with problems_named(path):
        for group in value_of(dataset, "ReferencedImageRealWorldValueMappingSequence") or []:
            images = frozenset(text(image, "ReferencedSOPInstanceUID") for image in value_of(group, "ReferencedImageSequence") or []) - {""}
            for item in value_of(group, "RealWorldValueMappingSequence") or []:
                one = read_map(item, path)
                code = one.quantity.unit_code
                annotation = re.search(r"\{SUV.*\}", code["value"]) if code is not None else None
                kind = _KINDS.get(annotation.group()) if annotation is not None else None
                if kind and one.table is None and one.intercept == 0:
                    found.append(StatedFactor(path, kind, one.slope, images))
    return found


def compared(
    own: SuvFactor | NotComputableError, stated: Sequence[StatedFactor], kind: str, images: frozenset[str], slopes: Sequence[float]
) -> SuvFactor:
    """What to use: our own factor, confirmed or with a warning; else a stated one, where it is clear to which values it belongs.

    ``slopes`` are the Rescale Slopes of the images. Objects in IDC state the factor of rescaled values as well as that of stored ones.
    Raises ``NotComputableError`` where there is neither; a stated factor never replaces a correction that is missing.
    """
    fitting = [one for one in stated if one.kind == kind and images & one.images]
    if isinstance(own, SuvFactor):
        return _confirmed(own, fitting, slopes)
    if not fitting or not own.replaceable:
        raise own
    factors = sorted({one.factor for one in fitting})
    if len(factors) > 1 or set(slopes) != {1.0}:
        raise NotComputableError(f"{own}; the Real World Value Mapping does not say whether its factor is for stored or for rescaled values")
    warning = f"The factor is that of a Real World Value Mapping object, since {own}."
    return SuvFactor(kind, factors[0], "stated by a Real World Value Mapping object", warnings=(warning,))


def _confirmed(own: SuvFactor, fitting: Sequence[StatedFactor], slopes: Sequence[float]) -> SuvFactor:
    def agrees(one: StatedFactor) -> bool:
        return any(abs(one.factor / (own.factor * slope) - 1) <= _SAME_FACTOR for slope in {1.0, *slopes} if slope)

    contradicting = [one for one in fitting if not agrees(one)]
    if not contradicting:
        return own
    wrong = contradicting[0]
    warning = (
        f"The Real World Value Mapping object {wrong.path} states the factor {wrong.factor:.6g}, but the images give {own.factor:.6g}; "
        "it contradicts them and is not used."
    )
    return SuvFactor(own.kind, own.factor, own.basis, own.formula, (*own.warnings, warning))
