"""From stored values to what they mean: Modality LUT or rescale, dose grid scaling, real world value maps.

The one place that decides it, for every image that becomes a volume or a preview.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from IDCBrowserLib.dicom.reading import number, text
from IDCBrowserLib.dicom.sop_classes import PARAMETRIC_MAP, RT_DOSE
from IDCBrowserLib.errors import ConversionError
from IDCBrowserLib.volume.quantity import RELATIVE_DOSE, UNKNOWN, Quantity, stated_quantity
from IDCBrowserLib.volume.real_world import RealWorldMap, best_map
from IDCBrowserLib.volume.rescale import Plane

if TYPE_CHECKING:
    from numpy.typing import NDArray

_DOSE_TYPES = {
    "EFFECTIVE": "The dose is a biologically effective one (Dose Type EFFECTIVE), not the physical one.",
    "ERROR": "The values are differences between two doses (Dose Type ERROR), not a dose.",
}


@dataclass(frozen=True)
class Scaling:
    """``values = slope * stored + intercept``, unless a table says otherwise (``lut`` is the data set of a Modality LUT).

    ``warnings`` are sentences for the user.
    """

    slope: float = 1.0
    intercept: float = 0.0
    quantity: Quantity = UNKNOWN
    lut: Any = None
    table: RealWorldMap | None = None
    warnings: tuple[str, ...] = ()

    def plane(self, k: int, stored: NDArray[Any]) -> Plane:
        """The stored values (j, i) of slice ``k`` with how they become values."""
        if self.table is not None:
            stored = self.table.mapped(stored)
        elif self.lut is not None:
            from pydicom.pixels.processing import apply_modality_lut

            stored = np.asarray(apply_modality_lut(stored, self.lut))
        return Plane(k, stored, self.slope, self.intercept)


def scaling_of(dataset: Any, frame_number: int, path: str) -> Scaling:
    """For a frame, counted from 1, of a data set that answers like pydicom's.

    Raises ``ConversionError`` for a dose or a parametric map that does not say what its values mean: as raw integers they would mislead.
    """
    sop_class = text(dataset, "SOPClassUID")
    if sop_class == RT_DOSE or (not sop_class and text(dataset, "Modality") == "RTDOSE"):
        return _dose(dataset, path)
    if sop_class == PARAMETRIC_MAP:
        return _real_world(dataset, frame_number, path)
    item = frame_item(dataset, frame_number, "PixelValueTransformationSequence")
    quantity = stated_quantity(dataset, text(item, "RescaleType"))
    if dataset.get("ModalityLUTSequence"):
        return Scaling(quantity=quantity, lut=dataset)
    slope, intercept = number(item, "RescaleSlope"), number(item, "RescaleIntercept")
    lost = _lost_rescale(item, slope, intercept)
    return Scaling(slope or 1.0, intercept or 0.0, quantity, warnings=(lost,) if lost else ())


def _lost_rescale(item: Any, slope: float | None, intercept: float | None) -> str:
    """Slope and intercept come together (PS3.3 C.7.6.16.2.9, C.11.1); where one makes no sense, the values of the image are not what it says."""
    stated = "RescaleSlope" in item or "RescaleIntercept" in item
    if not stated or (slope and intercept is not None):
        return ""
    wrong = "Rescale Intercept (0028,1052)" if slope else "Rescale Slope (0028,1053)"
    return f"{wrong} of an image is missing or makes no sense; the values of the image may be wrong."


def frame_item(dataset: Any, frame_number: int, group: str) -> Any:
    """Where an attribute of a frame lies: in its functional group, in the shared one, or in the dataset itself."""
    items = _group_items(dataset, frame_number, group)
    return items[0] if items else dataset


def _group_items(dataset: Any, frame_number: int, group: str) -> Any:
    per_frame = dataset.get("PerFrameFunctionalGroupsSequence") or []
    sources = [*per_frame[frame_number - 1 : frame_number], *(dataset.get("SharedFunctionalGroupsSequence") or [])[:1], dataset]
    return next((items for source in sources if (items := source.get(group))), None)


def _dose(dataset: Any, path: str) -> Scaling:
    """Dose Grid Scaling, PS3.3 C.8.8.3."""
    scaling = number(dataset, "DoseGridScaling")
    if scaling is None or scaling <= 0:
        raise ConversionError(
            f"{path} is a dose without Dose Grid Scaling, so its numbers cannot be converted to Gy. Export it again from the planning system."
        )
    units, kind = text(dataset, "DoseUnits").upper(), text(dataset, "DoseType").upper()
    quantity = stated_quantity(dataset, "")
    warnings = [_DOSE_TYPES[kind]] if kind in _DOSE_TYPES else []
    if quantity is RELATIVE_DOSE:
        warnings.append("The dose is relative (Dose Units RELATIVE): its values are parts of a reference value that the file does not name, not Gy.")
    elif units != "GY":
        said = f"are {units}" if units else "are missing"
        warnings.append(f"The Dose Units {said}; Gy is assumed.")
    return Scaling(scaling, 0.0, quantity, warnings=tuple(warnings))


def _real_world(dataset: Any, frame_number: int, path: str) -> Scaling:
    items = _group_items(dataset, frame_number, "RealWorldValueMappingSequence")
    if not items:
        raise ConversionError(f"{path} is a parametric map without a Real World Value Mapping, so its values have no meaning. Ask its authors.")
    best, others = best_map(items, path)
    warnings = (f"The map states {len(others) + 1} ways to read its values; {best.label or best.quantity.name!r} is used.",) if others else ()
    quantity = replace(best.quantity, short=best.quantity.name if len(best.quantity.name) <= 20 else best.label, kind="map")
    return Scaling(best.slope, best.intercept, quantity, table=None if best.table is None else best, warnings=warnings)
