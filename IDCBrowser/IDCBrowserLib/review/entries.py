"""The entries of a new list: what was picked, grouped, each with its annotations and, for annotations, their images."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Literal

from IDCBrowserLib.catalog.related import DERIVED_MODALITIES
from IDCBrowserLib.errors import InputError
from IDCBrowserLib.review.answers import Item, Series
from IDCBrowserLib.selection.plan import PlannedSeries

Unit = Literal["images", "studies", "cases"]
UNITS: tuple[Unit, ...] = ("images", "studies", "cases")
_Key = tuple[str, ...]


def make_entries(picked: Sequence[PlannedSeries], unit: Unit, references: Mapping[str, Sequence[str]]) -> list[Item]:
    """In the order of ``picked``, which has each series once, related ones included; ``references`` name the images of annotations where an index
    does."""
    if unit not in UNITS:
        raise InputError(f"{unit!r} is nothing that a list has as entries; use one of: {', '.join(UNITS)}.")
    keys: Callable[[PlannedSeries], list[_Key]]
    if unit == "images":
        keys = _by_image(picked, references)
    elif unit == "studies":
        keys = _by_study
    else:
        keys = _by_case
    groups: dict[_Key, list[PlannedSeries]] = {}
    for one in picked:
        for key in keys(one):
            groups.setdefault(key, []).append(one)
    return [_item(number, unit, group) for number, group in enumerate(groups.values())]


def _by_case(one: PlannedSeries) -> list[_Key]:
    return [(one.collection_id, one.patient_id)]


def _by_study(one: PlannedSeries) -> list[_Key]:
    return [(one.collection_id, one.patient_id, one.study_uid)]


def _by_image(picked: Sequence[PlannedSeries], references: Mapping[str, Sequence[str]]) -> Callable[[PlannedSeries], list[_Key]]:
    """An annotation belongs to the images that it names; where no index says which, to every image of its study."""
    images = {one.series_uid for one in picked if one.modality not in DERIVED_MODALITIES}
    of_study: dict[str, list[_Key]] = {}
    for one in picked:
        if one.series_uid in images:
            of_study.setdefault(one.study_uid, []).append((one.series_uid,))

    def keys(one: PlannedSeries) -> list[_Key]:
        if one.series_uid in images:
            return [(one.series_uid,)]
        named: list[_Key] = [(uid,) for uid in references.get(one.series_uid, ()) if uid in images]
        return named or of_study.get(one.study_uid) or [(one.series_uid,)]

    return keys


def _item(number: int, unit: Unit, group: Sequence[PlannedSeries]) -> Item:
    # The image comes first, whatever was picked.
    ordered = sorted(group, key=lambda one: one.modality in DERIVED_MODALITIES)
    first = ordered[0]
    series = tuple(Series(one.series_uid, one.study_uid, one.modality, "", (one.description or "")[:200], one.size_bytes) for one in ordered)
    return Item(number, _name(unit, first), first.collection_id, first.patient_id, series)


def _name(unit: Unit, first: PlannedSeries) -> str:
    """Nothing in it says who made a segmentation."""
    name = f"{first.collection_id}/{first.patient_id}"
    if unit == "cases" or first.modality in DERIVED_MODALITIES:
        return name
    return f"{name}, {first.modality} {first.description or ''}".strip()[:200]
