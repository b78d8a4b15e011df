"""Real World Value Mapping (PS3.3 C.7.6.16.2.11): stored values to quantities with units, as parametric maps need it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from IDCBrowserLib.api.values import Code
from IDCBrowserLib.dicom.reading import number, text, value_of
from IDCBrowserLib.errors import ConversionError
from IDCBrowserLib.volume.quantity import Quantity

if TYPE_CHECKING:
    from numpy.typing import NDArray

# "Quantity", in SNOMED CT and in its former version.
_QUANTITY = {"246205007", "G-C1C6"}
_LARGEST_TABLE = 1 << 24


@dataclass(frozen=True)
class RealWorldMap:
    """``values = slope * stored + intercept``, or ``table[stored - first]`` where there is a table; for stored values from ``first`` to ``last``."""

    slope: float
    intercept: float
    first: float
    last: float
    quantity: Quantity
    label: str = ""
    table: NDArray[np.float64] | None = None

    def mapped(self, stored: NDArray[Any]) -> NDArray[np.float64]:
        """Values by the table; beyond its ends the first or last one. Not for maps without a table."""
        assert self.table is not None, "only called for a table"
        index = np.clip(np.rint(stored).astype(np.int64) - int(self.first), 0, len(self.table) - 1)
        values: NDArray[np.float64] = self.table[index]
        return values


def read_map(item: Any, path: str) -> RealWorldMap:
    """One item of a Real World Value Mapping Sequence. Raises ``ConversionError`` where it maps nothing."""
    first, last = _range(item)
    quantity = Quantity(_name(item), _unit(item), _name_code(item), code_of(item, "MeasurementUnitsCodeSequence"))
    label = text(item, "LUTLabel")
    table = value_of(item, "RealWorldValueLUTData")
    if table is not None:
        values = np.atleast_1d(np.asarray(table, np.float64))
        if not 0 < len(values) <= _LARGEST_TABLE or not np.isfinite(first):
            raise ConversionError(f"{path} has a table of real world values without a first value. It cannot be converted.")
        return RealWorldMap(1.0, 0.0, first, last, quantity, label, values)
    slope, intercept = number(item, "RealWorldValueSlope"), number(item, "RealWorldValueIntercept", 0.0)
    if not slope:
        raise ConversionError(
            f"{path} does not say how its stored values become {quantity.name or 'quantities'}: its Real World Value Slope is missing."
        )
    return RealWorldMap(slope, intercept, first, last, quantity, label)


def best_map(items: Sequence[Any], path: str) -> tuple[RealWorldMap, tuple[str, ...]]:
    """The first of several ways to map the values, and the names of the others."""
    maps = [read_map(item, path) for item in items]
    others = [one.label or one.quantity.name or "unnamed" for one in maps[1:]]
    return maps[0], tuple(others)


def code_of(dataset: Any, keyword: str) -> Code | None:
    """The first code of a sequence; Long Code Value and URN Code Value count too (PS3.3 8.8)."""
    items = value_of(dataset, keyword) or []
    if not len(items):
        return None
    value = text(items[0], "CodeValue") or text(items[0], "LongCodeValue") or text(items[0], "URNCodeValue")
    return {"value": value, "scheme": text(items[0], "CodingSchemeDesignator"), "meaning": text(items[0], "CodeMeaning")}


def _range(item: Any) -> tuple[float, float]:
    first, last = (
        number(item, f"DoubleFloat{keyword}", number(item, keyword, math.nan))
        for keyword in ("RealWorldValueFirstValueMapped", "RealWorldValueLastValueMapped")
    )
    return first, last


def _name_code(item: Any) -> Code | None:
    for definition in value_of(item, "QuantityDefinitionSequence") or []:
        concept = code_of(definition, "ConceptNameCodeSequence")
        if concept is not None and concept["value"] in _QUANTITY:
            return code_of(definition, "ConceptCodeSequence")
    return None


def _name(item: Any) -> str:
    code = _name_code(item)
    return (code["meaning"] if code is not None else "") or text(item, "LUTExplanation") or text(item, "LUTLabel")


def _unit(item: Any) -> str:
    """As UCUM writes it, which is short and read by all; of other schemes the meaning."""
    code = code_of(item, "MeasurementUnitsCodeSequence")
    if code is None:
        return ""
    if code["scheme"] == "UCUM":
        return "" if code["value"] == "1" else code["value"]
    return code["meaning"] or code["value"]
