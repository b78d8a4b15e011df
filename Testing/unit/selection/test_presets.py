"""Parts of a plan by name: which series each keeps, alone and together."""

from __future__ import annotations

import pytest
from helpers.planned import planned

from IDCBrowserLib.errors import InputError
from IDCBrowserLib.selection.plan import Plan
from IDCBrowserLib.selection.presets import PRESETS, apply_presets, subset_of

KINDS = ["CT", "MR", "SEG", "RTSTRUCT", "SR", "ANN", "SM", "seg"]
FREE, NOT_FREE = "CC BY 4.0", "CC BY-NC 4.0"
SERIES = (*(planned(f"{n}", n, modality=kind) for n, kind in enumerate(KINDS)), planned("nc", 99, modality="CT", license=NOT_FREE))
PLAN = Plan(SERIES, (), ("a warning",))


@pytest.mark.parametrize(
    ("names", "kept"),
    [
        ([], [*KINDS, "CT"]),
        (["originals"], ["CT", "MR", "SM", "CT"]),
        (["annotations"], ["SEG", "RTSTRUCT", "SR", "ANN", "seg"]),
        (["no-slides"], ["CT", "MR", "SEG", "RTSTRUCT", "SR", "ANN", "seg", "CT"]),
        (["commercial"], KINDS),
        (["modality:ct"], ["CT", "CT"]),
        (["modality:CT", "modality: mr "], ["CT", "MR", "CT"]),
        (["modality:CT", "commercial"], ["CT"]),
        (["annotations", "modality:SEG"], ["SEG", "seg"]),
        (["originals", "annotations"], []),
        (["originals", "no-slides"], ["CT", "MR", "CT"]),
    ],
)
def test_presets_together_keep_what_each_of_them_keeps(names: list[str], kept: list[str]) -> None:
    plan = apply_presets(PLAN, names)
    assert [series.modality for series in plan.series] == kept
    assert plan.warnings == ("a warning",)


@pytest.mark.parametrize(
    ("names", "filters"),
    [
        ([], {}),
        (["modality:CT", "modality:MR"], {"Modality": {"any": ["CT", "MR"]}}),
        (["no-slides"], {"Modality": {"none": ["SM"]}}),
        (["commercial"], {"license_short_name": {"none": [NOT_FREE]}}),
        (["annotations", "modality:CT"], {"Modality": {"any": ["none"]}}),
    ],
)
def test_they_are_filters_as_well(names: list[str], filters: dict[str, object]) -> None:
    assert subset_of(names).filters([FREE, NOT_FREE, None]) == filters


@pytest.mark.parametrize("name", ["original", "modality:", "modality: ", "", "CT"])
def test_a_name_that_is_none_is_refused_with_those_that_are(name: str) -> None:
    with pytest.raises(InputError, match=f"{', '.join(PRESETS)}, modality:CT"):
        subset_of([name])
