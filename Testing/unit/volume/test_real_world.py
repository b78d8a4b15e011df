"""Real world values: which of several maps is taken, the table at its ends, and what states no map."""

from __future__ import annotations

import math

import numpy as np
import pytest
from pydicom.dataset import Dataset

from IDCBrowserLib.dicom.sop_classes import PARAMETRIC_MAP
from IDCBrowserLib.errors import ConversionError
from IDCBrowserLib.volume.real_world import best_map, read_map
from IDCBrowserLib.volume.scaling import scaling_of


def _map(label: str = "", **elements: object) -> Dataset:
    item = Dataset()
    item.LUTLabel = label
    item.RealWorldValueFirstValueMapped, item.RealWorldValueLastValueMapped = 0, 100
    item["RealWorldValueFirstValueMapped"].VR = item["RealWorldValueLastValueMapped"].VR = "US"
    item.RealWorldValueSlope, item.RealWorldValueIntercept = 2.0, 1.0
    for keyword, value in elements.items():
        setattr(item, keyword, value)
    return item


def _quantity(concept: str) -> Dataset:
    """ADC, as the value of a concept."""
    definition, name, value = Dataset(), Dataset(), Dataset()
    name.CodeValue, value.CodeValue, value.CodeMeaning = concept, "113041", "Apparent Diffusion Coefficient"
    definition.ConceptNameCodeSequence, definition.ConceptCodeSequence = [name], [value]
    return definition


def test_the_first_of_several_maps_is_taken_and_the_others_are_named() -> None:
    taken, others = best_map([_map("ADC"), _map("T2"), _map()], "x.dcm")
    assert (taken.label, taken.slope, taken.intercept, others) == ("ADC", 2.0, 1.0, ("T2", "unnamed"))
    assert best_map([_map("ADC")], "x.dcm")[1] == ()


@pytest.mark.parametrize(
    ("label", "elements", "name"),
    [
        ("ADC", {}, "ADC"),
        ("ADC", {"LUTExplanation": "Diffusion"}, "Diffusion"),
        ("", {"LUTExplanation": "Diffusion"}, "Diffusion"),
        ("ADC", {"LUTExplanation": "Diffusion", "QuantityDefinitionSequence": [_quantity("246205007")]}, "Apparent Diffusion Coefficient"),
        ("ADC", {"LUTExplanation": "Diffusion", "QuantityDefinitionSequence": [_quantity("121401")]}, "Diffusion"),
        ("", {"QuantityDefinitionSequence": [_quantity("121401"), _quantity("G-C1C6")]}, "Apparent Diffusion Coefficient"),
    ],
)
def test_a_quantity_is_named_by_its_code_or_in_words(label: str, elements: dict[str, object], name: str) -> None:
    assert read_map(_map(label, **elements), "x.dcm").quantity.name == name


@pytest.mark.parametrize("slope", [None, 0.0])
def test_without_a_slope_nothing_is_mapped(slope: float | None) -> None:
    item = _map()
    if slope is None:
        del item.RealWorldValueSlope
    else:
        item.RealWorldValueSlope = slope
    with pytest.raises(ConversionError, match=r"x\.dcm does not say how"):
        read_map(item, "x.dcm")


def test_without_an_intercept_it_is_zero() -> None:
    item = _map()
    del item.RealWorldValueIntercept
    assert read_map(item, "x.dcm").intercept == 0.0


def _parametric(*maps: Dataset) -> Dataset:
    made = Dataset()
    made.SOPClassUID, made.RealWorldValueMappingSequence = PARAMETRIC_MAP, list(maps)
    return made


def test_several_ways_to_read_the_values_are_said() -> None:
    scaling = scaling_of(_parametric(_map("ADC"), _map("T2")), 1, "x.dcm")
    assert (scaling.slope, scaling.intercept, scaling.quantity.kind) == (2.0, 1.0, "map")
    assert scaling.warnings == ("The map states 2 ways to read its values; 'ADC' is used.",)
    assert scaling_of(_parametric(_map("ADC")), 1, "x.dcm").warnings == ()
    with pytest.raises(ConversionError, match=r"x\.dcm is a parametric map without a Real World Value Mapping"):
        scaling_of(_parametric(), 1, "x.dcm")


@pytest.mark.parametrize(("length", "short"), [(20, "q" * 20), (21, "ADC")])
def test_a_long_name_of_a_quantity_gives_way_to_the_label(length: int, short: str) -> None:
    assert scaling_of(_parametric(_map("ADC", LUTExplanation="q" * length)), 1, "x.dcm").quantity.short == short


@pytest.mark.parametrize(("table", "first"), [([], 0.0), ([5.0], math.nan)])
def test_a_table_has_values_and_a_first_one(table: list[float], first: float) -> None:
    item = _map(RealWorldValueLUTData=table, DoubleFloatRealWorldValueFirstValueMapped=first)
    if table:
        del item.RealWorldValueFirstValueMapped
    with pytest.raises(ConversionError, match=r"x\.dcm has a table of real world values without a first value"):
        read_map(item, "x.dcm")


def test_the_first_value_of_floats_goes_before_that_of_integers() -> None:
    found = read_map(_map(DoubleFloatRealWorldValueFirstValueMapped=-0.5, DoubleFloatRealWorldValueLastValueMapped=0.0), "x.dcm")
    assert (found.first, found.last) == (-0.5, 0.0)


def test_a_table_maps_to_its_ends_what_lies_beyond_them() -> None:
    found = read_map(_map(RealWorldValueLUTData=[5.0, 7.0, 11.0], RealWorldValueFirstValueMapped=10), "x.dcm")
    assert found.mapped(np.array([9, 10, 11, 12, 13])).tolist() == [5.0, 5.0, 7.0, 11.0, 11.0]
