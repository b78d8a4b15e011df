"""The concepts that measurements are read by (PS3.16 TID 1500, 1410, 1411, 1419, 1501), each with all codes under which it occurs.

The SNOMED RT codes of older reports (schemes SRT, SNM3, 99SDM) stand beside the SNOMED CT codes that replaced them (PS3.16 annex O).
"""

from __future__ import annotations

from IDCBrowserLib.dicom.code import Code

_SAME_SCHEME = {"SNM3": "SRT", "99SDM": "SRT", "DICOM": "DCM", "NCIT": "NCIT", "SNOMED": "SCT"}

Concept = frozenset[tuple[str, str]]


def _dcm(*values: str) -> Concept:
    return frozenset(("DCM", value) for value in values)


def _snomed(new: str, *old: str) -> Concept:
    return frozenset((("SCT", new), *(("SRT", value) for value in old)))


MEASUREMENT_REPORT = _dcm("126000")
IMAGE_LIBRARY = _dcm("111028")
# Imaging Measurements, Derived Imaging Measurements.
MEASUREMENTS = _dcm("126010", "126011")
QUALITATIVE_EVALUATIONS = frozenset((("UMLS", "C0034375"),))
MEASUREMENT_GROUP = _dcm("125007")
TRACKING_ID = _dcm("112039")
TRACKING_UID = _dcm("112040")
FINDING = _dcm("121071")
FINDING_CATEGORY = _snomed("276214006")
FINDING_SITE = _snomed("363698007", "G-C0E3")
LATERALITY = _snomed("272741003", "G-C171")
SITE_MODIFIER = _snomed("106233006", "G-A1F8")
METHOD = _snomed("370129005", "G-C036")
DERIVATION = _dcm("121401")
REFERENCED_SEGMENT = _dcm("121191", "121214")
SOURCE_SERIES = _dcm("121232")
# An ROI of a structure set, by its number.
REGION_IN_SPACE, ROI_IDENTIFIER = _dcm("130488"), _dcm("130489")
# Source image for segmentation, source image, original source.
SOURCE_IMAGE = _dcm("121233", "121324", "111040", "121112", "121322") | _snomed("260753009", "G-C0E6")
REGION = _dcm("111030", "121231", "121055", "121056", "121057")
GEOMETRIC_PURPOSE = _dcm("130400")
ALGORITHM_NAME = _dcm("111001")
ALGORITHM_VERSION = _dcm("111003")
ALGORITHM_PARAMETERS = _dcm("111002")
REAL_WORLD_VALUE_MAP = _dcm("126100")
SESSION = frozenset((("NCIT", "C67447"),))
TIME_POINT = frozenset((("UMLS", "C2348792"), ("DCM", "126070"), ("DCM", "126071"), ("DCM", "126072")))
# What describes a group instead of being a result.
CONTEXT = (
    TRACKING_ID
    | TRACKING_UID
    | FINDING
    | FINDING_CATEGORY
    | FINDING_SITE
    | LATERALITY
    | SITE_MODIFIER
    | METHOD
    | SOURCE_SERIES
    | ALGORITHM_NAME
    | ALGORITHM_VERSION
    | ALGORITHM_PARAMETERS
    | SESSION
    | TIME_POINT
    | GEOMETRIC_PURPOSE
)


def key_of(code: Code | None) -> tuple[str, str]:
    """Scheme and value for comparison with a ``Concept``; meanings differ between writers and languages."""
    if code is None:
        return "", ""
    scheme = code.scheme.strip().upper()
    return _SAME_SCHEME.get(scheme, scheme), code.value


def means(code: Code | None, concept: Concept) -> bool:
    """Whether the code is one of those of the concept."""
    return key_of(code) in concept
