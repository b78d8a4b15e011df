"""What a batch can make of an item, by name, and which version of the rules makes it."""

from __future__ import annotations

import difflib
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from IDCBrowserLib.errors import InputError

# step -> version of its rules. It goes up when the same input gives another output: outputs of the version before are then made again.
RULES = {"labelmaps": 1, "volumes": 1}
# Of the whole batch instead of an item.
SUMMARY = "summary"
# Those of the command line that this version cannot do, with the reason.
MISSING = {
    "images": "writing image volumes is not part of this version",
    "measurements": "reading SR measurements is not part of this version",
    "compare": "comparing segmentations is not part of this version",
}
FORMATS = (".nii.gz", ".nrrd", ".seg.nrrd")
# By Modality: the series whose segments become voxels.
DRAWN = ("SEG", "RTSTRUCT")


@dataclass(frozen=True)
class Wanted:
    """``steps`` in the order in which they run, without ``summary``; ``ending`` is the format of labelmap volumes."""

    steps: tuple[str, ...]
    ending: str = ".nii.gz"
    summary: bool = False

    def applying(self, modality: str) -> tuple[str, ...]:
        """The steps that make something of a series of this Modality."""
        return tuple(step for step in self.steps if modality in DRAWN)

    def options_of(self, step: str) -> Mapping[str, Any]:
        """What changes the output of a step besides its rules."""
        return {"format": self.ending} if step == "labelmaps" else {}

    def key(self, step: str, crdc_series_uuid: str) -> str:
        """Of the output of a step for one version of a series; another key means another content."""
        content = json.dumps([crdc_series_uuid, step, RULES[step], dict(self.options_of(step))], sort_keys=True)
        return hashlib.sha256(content.encode()).hexdigest()[:32]

    def to_json(self) -> dict[str, Any]:
        """All fields."""
        return {"steps": list(self.steps), "ending": self.ending, "summary": self.summary}

    @staticmethod
    def from_json(value: Mapping[str, Any]) -> Wanted:
        """The inverse of ``to_json``."""
        return Wanted(tuple(value["steps"]), value["ending"], value["summary"])


def parse_steps(text: str, ending: str = FORMATS[0]) -> Wanted:
    """``labelmaps,volumes`` of the command line. Raises ``InputError`` for a step that does not exist, or not in this version."""
    names = list(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))
    known = [*RULES, SUMMARY]
    for name in names:
        if name in MISSING:
            raise InputError(f"--steps {name}: {MISSING[name]}. Steps: {', '.join(known)}.")
        if name not in known:
            near = difflib.get_close_matches(name, known, 1)
            raise InputError(f"--steps {name!r} is not a step{f'; did you mean {near[0]}?' if near else '.'} Steps: {', '.join(known)}.")
    steps = tuple(step for step in RULES if step in names)
    if not steps:
        raise InputError(f"--steps needs at least one of {', '.join(RULES)}.")
    return Wanted(steps, ending, SUMMARY in names)
