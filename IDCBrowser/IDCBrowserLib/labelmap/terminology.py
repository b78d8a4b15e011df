"""Codes of a segment as 3D Slicer writes them in a segment's ``TerminologyEntry`` tag."""

from __future__ import annotations

from typing import Any

from IDCBrowserLib.dicom.code import Code
from IDCBrowserLib.labelmap.types import Segment

TERMINOLOGY_CONTEXT = "Segmentation category and type - DICOM master list"
REGION_CONTEXT = "Anatomic codes - DICOM master list"


def terminology_entry(segment: Segment) -> str:
    """``context~category~type~modifier~regionContext~region~regionModifier``, each code ``scheme^value^meaning``; "" without category and type."""
    if segment.category is None or segment.type is None:
        return ""
    modifier = segment.type_modifiers[0] if segment.type_modifiers else None
    region_modifier = segment.anatomic_region_modifiers[0] if segment.anatomic_region_modifiers else None
    parts = [TERMINOLOGY_CONTEXT, _triplet(segment.category), _triplet(segment.type), _triplet(modifier)]
    parts += [REGION_CONTEXT, _triplet(segment.anatomic_region), _triplet(region_modifier)]
    return "~".join(parts)


def _triplet(code: Code | None) -> str:
    if code is None:
        return "^^"
    return "^".join(_plain(text) for text in (code.scheme, code.value, code.meaning))


def _plain(text: str) -> str:
    """Without the characters that separate parts."""
    return text.translate({ord("~"): " ", ord("^"): " ", ord("|"): " "})


def codes_of_entry(entry: str) -> dict[str, Any]:
    """The inverse of ``terminology_entry``: the fields of a ``Segment`` that an entry states; empty for one that is none."""
    parts = [*entry.split("~"), *[""] * 7][:7]
    category, kind, modifier, region, region_modifier = (_code(parts[place]) for place in (1, 2, 3, 5, 6))
    found = {"category": category, "type": kind, "anatomic_region": region}
    several = {"type_modifiers": modifier, "anatomic_region_modifiers": region_modifier}
    return {**{key: code for key, code in found.items() if code}, **{key: (code,) for key, code in several.items() if code}}


def _code(triplet: str) -> Code | None:
    scheme, value, meaning = [*triplet.split("^"), "", "", ""][:3]
    return Code(value, scheme, meaning) if scheme and value else None
