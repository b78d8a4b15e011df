"""Parts of a plan that people often want."""

from __future__ import annotations

from collections.abc import Callable

from IDCBrowserLib.catalog.related import DERIVED_MODALITIES
from IDCBrowserLib.errors import InputError
from IDCBrowserLib.selection.plan import Plan, PlannedSeries, is_noncommercial

_SLIDES = "SM"
# Objects that mark or measure something in images (DICOM PS3.3 C.7.3.1.1.1).
_ANNOTATIONS = frozenset({"SEG", "RTSTRUCT", "SR", "ANN", "PR", "KO", "FID", "M3D"})

PRESETS: dict[str, tuple[str, Callable[[PlannedSeries], bool]]] = {
    "originals": ("only original images", lambda item: item.modality not in DERIVED_MODALITIES),
    "annotations": ("only annotations (SEG, RTSTRUCT, SR, ANN, ...)", lambda item: item.modality in _ANNOTATIONS),
    "no-slides": ("without slide microscopy", lambda item: item.modality != _SLIDES),
    "commercial": ("only what may be used commercially", lambda item: not is_noncommercial(item.license)),
}


def apply_preset(plan: Plan, name: str) -> Plan:
    """The part of ``plan`` that a preset keeps: a name of ``PRESETS``, or ``modality:CT``. Raises ``InputError`` for another name."""
    kind, _, modality = name.partition(":")
    if kind == "modality" and modality:
        keep: Callable[[PlannedSeries], bool] = lambda item: item.modality.upper() == modality.strip().upper()  # noqa: E731
    elif name in PRESETS:
        keep = PRESETS[name][1]
    else:
        raise InputError(f"There is no preset {name!r}; use one of: {', '.join(PRESETS)}, modality:CT.")
    return Plan(tuple(item for item in plan.series if keep(item)), plan.unresolved, plan.warnings)
