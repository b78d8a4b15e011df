"""What a batch can make of an item, by name, and which version of the rules makes it."""

from __future__ import annotations

import difflib
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from IDCBrowserLib.catalog.related import DERIVED_MODALITIES
from IDCBrowserLib.errors import InputError

# step -> version of its rules. It goes up when the same input gives another output: outputs of the version before are then made again.
RULES = {"images": 1, "labelmaps": 1, "volumes": 1, "measurements": 1, "compare": 1}
# Of the whole batch instead of an item.
SUMMARY = "summary"
FORMATS = (".nii.gz", ".nrrd", ".seg.nrrd")
# By Modality: the series whose segments become voxels.
DRAWN = ("SEG", "RTSTRUCT")
# Made from images, and images themselves: dose in Gy.
_IMAGES_TOO = ("RTDOSE",)
# No volumes: slides have pixels of micrometers and terabytes.
_NO_VOLUMES = ("SM",)


@dataclass(frozen=True)
class Wanted:
    """``steps`` in the order in which they run, without ``summary``; ``ending`` is the format of volumes."""

    steps: tuple[str, ...]
    ending: str = ".nii.gz"
    summary: bool = False

    @property
    def image_ending(self) -> str:
        """The format of image volumes, which are no segmentations."""
        return ".nrrd" if self.ending == ".seg.nrrd" else self.ending

    def applying(self, modality: str) -> tuple[str, ...]:
        """The steps that make something of one series of this Modality."""
        return tuple(step for step in self.steps if _applies(step, modality))

    def options_of(self, step: str) -> Mapping[str, Any]:
        """What changes the output of a step besides its rules."""
        return {"images": {"format": self.image_ending}, "labelmaps": {"format": self.ending}}.get(step, {})

    def key(self, step: str, *crdc_series_uuids: str) -> str:
        """Of the output of a step for these versions of series; another key means another content."""
        content = json.dumps([*crdc_series_uuids, step, RULES[step], dict(self.options_of(step))], sort_keys=True)
        return hashlib.sha256(content.encode()).hexdigest()[:32]

    def to_json(self) -> dict[str, Any]:
        """All fields."""
        return {"steps": list(self.steps), "ending": self.ending, "summary": self.summary}

    @staticmethod
    def from_json(value: Mapping[str, Any]) -> Wanted:
        """The inverse of ``to_json``."""
        return Wanted(tuple(value["steps"]), value["ending"], value["summary"])


def is_image(modality: str) -> bool:
    """Whether a Modality is one of images, and not of what is derived from them."""
    return modality not in DERIVED_MODALITIES


def _applies(step: str, modality: str) -> bool:
    if step == "images":
        return (is_image(modality) or modality in _IMAGES_TOO) and modality not in _NO_VOLUMES
    if step == "measurements":
        return modality == "SR"
    return step in ("labelmaps", "volumes") and modality in DRAWN


def parse_steps(text: str, ending: str = FORMATS[0]) -> Wanted:
    """``labelmaps,volumes`` of the command line. Raises ``InputError`` for a step that does not exist."""
    names = list(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))
    known = [*RULES, SUMMARY]
    for name in names:
        if name not in known:
            near = difflib.get_close_matches(name, known, 1)
            raise InputError(f"--steps {name!r} is not a step{f'; did you mean {near[0]}?' if near else '.'} Steps: {', '.join(known)}.")
    steps = tuple(step for step in RULES if step in names)
    if not steps:
        raise InputError(f"--steps needs at least one of {', '.join(RULES)}.")
    return Wanted(steps, ending, SUMMARY in names)
