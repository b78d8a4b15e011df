"""Finds which segments of two segmentations are the same structure."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from IDCBrowserLib.dicom.code import Code
from IDCBrowserLib.errors import InputError
from IDCBrowserLib.labelmap.files.read import UNNAMED
from IDCBrowserLib.labelmap.types import Segment

_OLD_SCHEMES = frozenset({"SRT", "SNM3", "99SDM"})


@dataclass(frozen=True)
class Match:
    """One pair, and by what it was found: "hand", "code", "name", "label value", "only one"."""

    a: Segment
    b: Segment
    by: str


def match(a: Sequence[Segment], b: Sequence[Segment], by_hand: Sequence[tuple[int, int]] = ()) -> tuple[list[Match], list[Segment], list[Segment]]:
    """Pairs in the order of ``a``, then what is left of each.

    First what the user paired (``by_hand``, Segment or ROI Numbers of A and B), then equal codes (type and anatomic region, both with modifiers;
    SNOMED RT as SNOMED CT), then equal names (case, spaces and punctuation aside), then, for labels that have no name, equal label values. Codes or
    names that several segments share pair only with the help of the name or tracking identifier. Raises ``InputError`` for numbers that do not exist.
    """
    pairs = [Match(_numbered(a, one, "A"), _numbered(b, other, "B"), "hand") for one, other in by_hand]
    left_a, left_b = _without(a, [pair.a for pair in pairs]), _without(b, [pair.b for pair in pairs])
    for by, key in _KEYS:
        found = [Match(one, other, by) for one, other in _equal(left_a, left_b, key)]
        left_a, left_b = _without(left_a, [pair.a for pair in found]), _without(left_b, [pair.b for pair in found])
        pairs += found
    if len(a) == len(b) == len(left_a) == len(left_b) == 1 and _may_be_one(a[0], b[0]):
        pairs, left_a, left_b = [Match(a[0], b[0], "only one")], [], []
    order = {id(segment): place for place, segment in enumerate(a)}
    return sorted(pairs, key=lambda pair: order[id(pair.a)]), left_a, left_b


def meaning_of(segment: Segment) -> Hashable | None:
    """What the codes of a segment say, comparable between files; None where it has no type."""
    if segment.type is None:
        return None
    region = segment.anatomic_region
    modifiers = frozenset(_key(code) for code in segment.type_modifiers)
    return (
        _key(segment.type),
        modifiers,
        _key(region) if region else None,
        frozenset(_key(code) for code in segment.anatomic_region_modifiers),
    )


def plain_name(segment: Segment) -> str:
    """ "Left_Lung" and "left lung" are one name; "" where the file states none."""
    return "" if segment.details.get(UNNAMED) else " ".join(re.sub(r"[\W_]+", " ", segment.name.casefold()).split())


def _code_and_name(segment: Segment) -> Hashable | None:
    meaning, name = meaning_of(segment), plain_name(segment)
    return (meaning, name) if meaning and name else None


def _tracking(segment: Segment) -> Hashable | None:
    return segment.tracking_uid or None


def _label(segment: Segment) -> Hashable:
    return segment.label_value


_KEYS: tuple[tuple[str, Callable[[Segment], Hashable | None]], ...] = (
    ("code", _code_and_name),
    ("tracking identifier", _tracking),
    ("code", meaning_of),
    ("name", lambda segment: plain_name(segment) or None),
    ("label value", _label),
)


def _equal(a: Sequence[Segment], b: Sequence[Segment], key: Callable[[Segment], Hashable | None]) -> list[tuple[Segment, Segment]]:
    """Those whose key exists once on each side."""
    ours, theirs = _by_key(a, key), _by_key(b, key)
    pairs = [(ours[value][0], theirs[value][0]) for value in ours if len(ours[value]) == 1 and len(theirs.get(value, ())) == 1]
    if key is _label:
        pairs = [(one, other) for one, other in pairs if one.details.get(UNNAMED) or other.details.get(UNNAMED)]
    return pairs


def _by_key(segments: Sequence[Segment], key: Callable[[Segment], Hashable | None]) -> dict[Hashable, list[Segment]]:
    found: dict[Hashable, list[Segment]] = defaultdict(list)
    for segment in segments:
        if (value := key(segment)) is not None:
            found[value].append(segment)
    return found


def _may_be_one(a: Segment, b: Segment) -> bool:
    """Names differ between readers ("GTV-1", "Tumor"), but codes that say different things do not mean one structure."""
    return meaning_of(a) is None or meaning_of(b) is None


def _without(segments: Sequence[Segment], taken: Sequence[Segment]) -> list[Segment]:
    gone = {id(segment) for segment in taken}
    return [segment for segment in segments if id(segment) not in gone]


def _numbered(segments: Sequence[Segment], number: int, side: str) -> Segment:
    found = next((segment for segment in segments if segment.number == number), None)
    if found is None:
        numbers = ", ".join(str(segment.number) for segment in segments[:20])
        raise InputError(f"{side} has no segment {number}. Its segments are {numbers}.")
    return found


def _key(code: Code) -> tuple[str, str]:
    if code.scheme in _OLD_SCHEMES:
        return "SCT", _from_snomed_rt().get(code.value, code.value)
    return ("SCT" if code.scheme in ("SCT", "SNOMED") else code.scheme), code.value


@lru_cache(maxsize=1)
def _from_snomed_rt() -> dict[str, str]:
    """SNOMED RT value -> SNOMED CT value (PS3.16 Annex O)."""
    from pydicom.sr import _snomed_dict

    mapping: dict[str, str] = _snomed_dict.mapping["SRT"]
    return mapping
