"""Codes for an ROI: as stored where it is coded, else from its interpreted type where DICOM has a code for that."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from IDCBrowserLib.dicom.code import Code, read_code

if TYPE_CHECKING:
    from IDCBrowserLib.dicom.elements import Elements
    from IDCBrowserLib.labelmap.contours.structure_set import Roi

_ANATOMY = Code("123037004", "SCT", "Anatomical Structure")
_RT_TARGET = Code("130041", "DCM", "RT Target")
_DOSE_STRUCTURE = Code("130042", "DCM", "RT Dose Calculation Structure")
_OBJECT = Code("260787004", "SCT", "Physical object")
_GEOMETRY = Code("130043", "DCM", "RT Geometric Information")

# RT ROI Interpreted Type (3006,00A4) -> category (CID 9580, 9503) and type (CID 9534, 9535), DICOM PS3.16. Types without a code stay uncoded.
_BY_INTERPRETED_TYPE: dict[str, tuple[Code, Code | None]] = {
    "GTV": (_RT_TARGET, Code("228791009", "SCT", "GTV")),
    "CTV": (_RT_TARGET, Code("228792002", "SCT", "CTV")),
    "PTV": (_RT_TARGET, Code("228793007", "SCT", "PTV")),
    "ITV": (_RT_TARGET, Code("130056", "DCM", "ITV")),
    "TREATED_VOLUME": (_RT_TARGET, Code("130059", "DCM", "Treated Volume")),
    "IRRAD_VOLUME": (_RT_TARGET, Code("228790005", "SCT", "Irradiated Volume")),
    "AVOIDANCE": (_DOSE_STRUCTURE, Code("130058", "DCM", "Avoidance Volume")),
    "OAR": (_DOSE_STRUCTURE, Code("130060", "DCM", "Organ At Risk")),
    "PRV": (_DOSE_STRUCTURE, Code("130057", "DCM", "Planning Organ At Risk Volume")),
    "ORGAN": (_ANATOMY, None),
    "EXTERNAL": (Code("130047", "DCM", "External Body Model"), None),
    "CAVITY": (_ANATOMY, None),
    "SUPPORT": (_OBJECT, None),
    "FIXATION": (Code("130044", "DCM", "Fixation or Positioning Device"), None),
    "DEVICE": (_OBJECT, None),
    "BRACHY_CHANNEL": (Code("130045", "DCM", "Brachytherapy Device"), Code("130080", "DCM", "Brachytherapy channel")),
    "BRACHY_ACCESSORY": (Code("130045", "DCM", "Brachytherapy Device"), None),
    "BRACHY_SRC_APP": (Code("130045", "DCM", "Brachytherapy Device"), Code("130078", "DCM", "Brachytherapy source applicator")),
    "BRACHY_CHNL_SHLD": (Code("130045", "DCM", "Brachytherapy Device"), Code("130079", "DCM", "Brachytherapy channel shield")),
    "BOLUS": (_OBJECT, None),
    "ISOCENTER": (_GEOMETRY, None),
}


def codes_of(items: Iterable[Elements]) -> tuple[Code, ...]:
    """The concepts of a code sequence (PS3.3 8.8). Items without a value are skipped."""
    return tuple(code for code in map(read_code, items) if code is not None)


def meaning_of(roi: Roi) -> tuple[Code | None, Code | None]:
    """Category and type. Stored codes win; names are never guessed at."""
    category, kind = _BY_INTERPRETED_TYPE.get(roi.interpreted_type, (None, None))
    if roi.type is not None:
        return roi.category or (_ANATOMY if category is None or category == _DOSE_STRUCTURE else category), roi.type
    return roi.category or category, kind
