"""Named parts of a plan, such as only original images."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from IDCBrowserLib.catalog.related import DERIVED_MODALITIES
from IDCBrowserLib.errors import InputError
from IDCBrowserLib.selection.plan import Plan, PlannedSeries, is_noncommercial

_SLIDES = "SM"
# Objects that mark or measure something in images (DICOM PS3.3 C.7.3.1.1.1).
_ANNOTATIONS = frozenset({"SEG", "RTSTRUCT", "SR", "ANN", "PR", "KO", "FID", "M3D"})
_MODALITY = "modality:"


class SeriesSubset(NamedTuple):
    """Which series are kept: ``only`` these modalities (None: any), ``without`` those; ``commercial`` leaves out what forbids commercial use."""

    only: frozenset[str] | None = None
    without: frozenset[str] = frozenset()
    commercial: bool = False

    def keeps(self, modality: str | None, license_name: str | None) -> bool:
        """Whether a series is in it."""
        modality = (modality or "").upper()
        if modality in self.without or (self.only is not None and modality not in self.only):
            return False
        return not (self.commercial and is_noncommercial(license_name))

    def filters(self, licenses: Iterable[str | None]) -> dict[str, Any]:
        """The same as filters of the catalog; ``licenses`` are all that it has."""
        modality: dict[str, Any] = {}
        if self.only is not None:
            # "any" of nothing would ask for nothing: no series is of the modality "none".
            modality["any"] = sorted(self.only) or ["none"]
        if self.without:
            modality["none"] = sorted(self.without)
        restricted = [name for name in licenses if is_noncommercial(name)] if self.commercial else []
        return {**({"Modality": modality} if modality else {}), **({"license_short_name": {"none": restricted}} if restricted else {})}


# name -> what it keeps, in words and exactly
PRESETS: Mapping[str, tuple[str, SeriesSubset]] = {
    "originals": ("only original images", SeriesSubset(without=frozenset(DERIVED_MODALITIES))),
    "annotations": ("only annotations (SEG, RTSTRUCT, SR, ANN, ...)", SeriesSubset(only=_ANNOTATIONS)),
    "no-slides": ("without slide microscopy", SeriesSubset(without=frozenset({_SLIDES}))),
    "commercial": ("only what may be used commercially", SeriesSubset(commercial=True)),
}


def subset_of(names: Sequence[str]) -> SeriesSubset:
    """What several presets keep together; of ``modality:CT`` and ``modality:SEG`` either. Raises ``InputError`` for an unknown name."""
    made = SeriesSubset()
    modalities: set[str] = set()
    for name in names:
        if name.lower().startswith(_MODALITY) and name[len(_MODALITY) :].strip():
            modalities.add(name[len(_MODALITY) :].strip().upper())
        elif name in PRESETS:
            part = PRESETS[name][1]
            only = part.only if made.only is None or part.only is None else made.only & part.only
            made = SeriesSubset(made.only if only is None else only, made.without | part.without, made.commercial or part.commercial)
        else:
            raise InputError(f"There is no preset {name!r}; use one of: {', '.join(PRESETS)}, modality:CT.")
    return made._replace(only=frozenset(modalities) if made.only is None else made.only & modalities) if modalities else made


def apply_presets(plan: Plan, names: Sequence[str]) -> Plan:
    """The part of ``plan`` that presets keep. Raises ``InputError`` for an unknown name."""
    part = subset_of(names)
    if part == SeriesSubset():
        return plan
    kept = getattr(plan.series, "kept", None)
    series: Sequence[PlannedSeries] = (
        kept(part.keeps) if kept is not None else tuple(item for item in plan.series if part.keeps(item.modality, item.license))
    )
    return Plan(series, plan.unresolved, plan.warnings)
