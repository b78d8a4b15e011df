"""An item of a batch: the unit that is fetched, converted and forgotten together."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from IDCBrowserLib.batch.steps import DRAWN, Wanted, is_image
from IDCBrowserLib.selection.plan import PlannedSeries


@dataclass(frozen=True)
class ItemSeries:
    """A series of an item. ``place``: its outputs, relative to the folder of a step, without an ending.

    ``folder`` and ``names`` are its files where they are on this computer already; of a series of IDC they are empty.
    """

    planned: PlannedSeries
    place: str
    folder: str = ""
    names: tuple[str, ...] = ()

    def to_json(self) -> list[Any]:
        """All fields."""
        return [list(self.planned), self.place, self.folder, list(self.names)]

    @staticmethod
    def from_json(value: Sequence[Any]) -> ItemSeries:
        """The inverse of ``to_json``."""
        planned = PlannedSeries(*value[0])
        return ItemSeries(planned._replace(instances=tuple(planned.instances)), value[1], value[2], tuple(value[3]))


class Output(NamedTuple):
    """One output of an item: its receipt is at the place of ``owner``."""

    step: str
    owner: ItemSeries
    key: str


@dataclass(frozen=True)
class Item:
    """Series that need each other: images, and what was drawn on them."""

    series: tuple[ItemSeries, ...]

    @property
    def size_bytes(self) -> int:
        """What has to be fetched, as the index states it."""
        return sum(one.planned.size_bytes for one in self.series if not one.names)

    def outputs(self, wanted: Wanted) -> list[Output]:
        """What is to be made of it."""
        found = [
            Output(step, one, wanted.key(step, one.planned.crdc_series_uuid)) for one in self.series for step in wanted.applying(one.planned.modality)
        ]
        drawn = [one for one in self.series if one.planned.modality in DRAWN]
        if "compare" in wanted.steps and len(drawn) > 1:
            owner = next((one for one in self.series if is_image(one.planned.modality)), drawn[0])
            found.append(Output("compare", owner, wanted.key("compare", *sorted(one.planned.crdc_series_uuid for one in drawn))))
        return found

    def key(self, wanted: Wanted) -> str:
        """The same for the same series, steps, rules and options."""
        members = sorted(one.planned.crdc_series_uuid for one in self.series)
        outputs = sorted((output.key, output.owner.place) for output in self.outputs(wanted))
        return hashlib.sha256(json.dumps([members, outputs]).encode()).hexdigest()[:32]

    def to_json(self) -> dict[str, Any]:
        """All fields."""
        return {"series": [one.to_json() for one in self.series]}

    @staticmethod
    def from_json(value: Mapping[str, Any]) -> Item:
        """The inverse of ``to_json``."""
        return Item(tuple(map(ItemSeries.from_json, value["series"])))


def group(series: Iterable[ItemSeries], references: Mapping[str, Sequence[str]]) -> list[Item]:
    """Items of series that may belong together: those of a case.

    ``references``: SeriesInstanceUIDs of the images by that of what was drawn on them. What an image and its annotations are is one item; where
    nobody knows yet what an annotation was drawn on, it goes with all images of its study, since one of them is it.
    """
    members = list(series)
    parent = list(range(len(members)))

    def root(index: int) -> int:
        while parent[index] != index:
            parent[index] = parent[parent[index]]
            index = parent[index]
        return index

    by_uid = {one.planned.series_uid: index for index, one in enumerate(members)}
    images = [index for index, one in enumerate(members) if is_image(one.planned.modality)]
    for index, one in enumerate(members):
        if one.planned.modality not in DRAWN:
            continue
        named = references.get(one.planned.series_uid)
        for other in _images_of_study(members, images, one) if named is None else [by_uid[uid] for uid in named if uid in by_uid]:
            parent[root(other)] = root(index)
    found: dict[int, list[ItemSeries]] = {}
    for index, one in enumerate(members):
        found.setdefault(root(index), []).append(one)
    return [Item(tuple(sorted(parts, key=lambda one: one.planned.crdc_series_uuid))) for parts in found.values()]


def _images_of_study(members: Sequence[ItemSeries], images: Sequence[int], one: ItemSeries) -> list[int]:
    """Of the case where its study has none: files on this machine may have been given another Study Instance UID."""
    same = [index for index in images if members[index].planned.study_uid == one.planned.study_uid]
    return same or [index for index in images if members[index].names]
