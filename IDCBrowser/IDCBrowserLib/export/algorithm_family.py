"""Families of algorithms that DICOM has codes for (PS3.16 CID 7162)."""

from __future__ import annotations

from IDCBrowserLib.dicom.code import Code
from IDCBrowserLib.errors import InputError

USUAL = "artificial-intelligence"
FAMILIES: dict[str, Code] = {
    USUAL: Code("123110", "DCM", "Artificial Intelligence"),
    "adaptive-filtering": Code("123102", "DCM", "Adaptive Filtering"),
    "cluster-analysis": Code("123107", "DCM", "Cluster Analysis"),
    "deformable-models": Code("123111", "DCM", "Deformable Models"),
    "edge-detection": Code("123103", "DCM", "Edge Detection"),
    "histogram-analysis": Code("123105", "DCM", "Histogram Analysis"),
    "manual-processing": Code("123109", "DCM", "Manual Processing"),
    "morphological-operations": Code("123104", "DCM", "Morphological Operations"),
    "multi-scale-filtering": Code("123106", "DCM", "Multi-Scale/Resolution Filtering"),
    "multispectral-processing": Code("123108", "DCM", "Multispectral Processing"),
    "neighborhood-analysis": Code("123101", "DCM", "Neighborhood Analysis"),
}


def family_code(name: str) -> Code:
    """Of a name in ``FAMILIES``; "" is the usual one. Raises ``InputError`` for others."""
    code = FAMILIES.get(name or USUAL)
    if code is None:
        raise InputError(f"{name!r} is not a family of algorithms; use one of: {', '.join(FAMILIES)}.")
    return code
