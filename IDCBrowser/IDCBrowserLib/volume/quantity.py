"""The quantity that the voxels of a volume measure, and its unit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from IDCBrowserLib.api.values import Code
from IDCBrowserLib.dicom.reading import text
from IDCBrowserLib.dicom.sop_classes import RT_DOSE

_NO_UNITS = ("", "US", "NONE", "1", "NO UNITS")


@dataclass(frozen=True)
class Quantity:
    """``name`` and ``unit`` in words, "" where the file does not say; the codes as of DICOM and UCUM where there are some.

    ``short`` is what stands before a value in a view: "SUV 7.32"; "" for values that are read without it.
    """

    name: str = ""
    unit: str = ""
    name_code: Code | None = None
    unit_code: Code | None = None
    short: str = ""
    # "dose", "map" or "" for images.
    kind: str = ""


def ucum(value: str, meaning: str) -> Code:
    """A unit of measurement of UCUM (PS3.16 CID 82 and others)."""
    return {"value": value, "scheme": "UCUM", "meaning": meaning}


UNKNOWN = Quantity()
HOUNSFIELD = Quantity(
    "Attenuation Coefficient",
    "HU",
    {"value": "112031", "scheme": "DCM", "meaning": "Attenuation Coefficient"},
    ucum("[hnsf'U]", "Hounsfield unit"),
)
DOSE = Quantity("Absorbed dose", "Gy", None, ucum("Gy", "Gray"), "Dose", "dose")
RELATIVE_DOSE = Quantity("Relative dose", "", short="Relative dose", kind="dose")
ACTIVITY = Quantity("Activity concentration", "Bq/ml", None, ucum("Bq/ml", "Becquerels/milliliter"))
# Units (0054,1001) of PET (PS3.3 C.8.9.1.1.3).
_PET = {
    "BQML": ACTIVITY,
    "CNTS": Quantity("Counts", "counts", None, ucum("{counts}", "Counts")),
    "PROPCNTS": Quantity("Proportional to counts", "", None, ucum("{propcounts}", "Proportional to counts")),
    "CPS": Quantity("Count rate", "counts/s", None, ucum("{counts}/s", "Counts per second")),
    "PROPCPS": Quantity("Proportional to count rate", "", None, ucum("{propcounts}/s", "Proportional to counts per second")),
    "GML": Quantity("Standardized Uptake Value", "g/ml", None, ucum("g/ml", "Grams/milliliter"), "SUV"),
    "CM2ML": Quantity("Standardized Uptake Value", "cm2/ml", None, ucum("cm2/ml", "Centimeter**2/milliliter"), "SUV"),
    "PCNT": Quantity("Percentage", "%", None, ucum("%", "Percent")),
    "MGMINML": Quantity("Rate of metabolism", "mg/min/ml", None, ucum("mg/min/ml", "Milligrams/minute/milliliter")),
    "UMOLMINML": Quantity("Rate of metabolism", "umol/min/ml", None, ucum("umol/min/ml", "Micromole/minute/milliliter")),
    "MLMING": Quantity("Perfusion", "ml/min/g", None, ucum("ml/min/g", "Milliliters/minute/gram")),
    "MLG": Quantity("Volume of distribution", "ml/g", None, ucum("ml/g", "Milliliters/gram")),
    "1CM": Quantity("Attenuation", "1/cm", None, ucum("/cm", "1/Centimeter")),
    "UMOLML": Quantity("Concentration", "umol/ml", None, ucum("umol/ml", "Micromole/milliliter")),
    "STDDEV": Quantity("Standard deviations", "", None, ucum("{stddev}", "Standard Deviations")),
}


def stated_quantity(dataset: Any, rescale_type: str) -> Quantity:
    """Of an image without real world value maps: as its class, Rescale Type or Units say. ``dataset`` answers like pydicom's."""
    if text(dataset, "SOPClassUID") == RT_DOSE:
        return RELATIVE_DOSE if text(dataset, "DoseUnits").upper() == "RELATIVE" else DOSE
    stated = rescale_type.strip().upper()
    modality = text(dataset, "Modality")
    if modality == "PT" and (units := text(dataset, "Units").upper()):
        return _PET.get(units, Quantity("", "" if units in _NO_UNITS else units))
    if stated == "HU" or (modality == "CT" and stated in _NO_UNITS and "LOCALIZER" not in text(dataset, "ImageType").upper()):
        return HOUNSFIELD
    return UNKNOWN if stated in _NO_UNITS else Quantity("", rescale_type.strip())
