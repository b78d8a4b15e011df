"""Coded concepts in the text form that Slicer keeps in a segment's tag."""

from __future__ import annotations

from IDCBrowserLib.dicom.code import Code
from IDCBrowserLib.labelmap.types import Segment

# The contexts that Slicer opens first in its terminology selector; a code that they lack is still shown by its meaning.
CATEGORY_CONTEXT = "Segmentation category and type - DICOM master list"
REGION_CONTEXT = "Anatomic codes - DICOM master list"

# SCT "Tissue", the most general category: what Slicer itself gives to a segment that nobody coded.
_TISSUE = Code("85756007", "SCT", "Tissue")


def terminology_tag(segment: Segment) -> str:
    """``context~category~type~typeModifier~regionContext~region~regionModifier``, each code as ``scheme^value^meaning``.

    Slicer holds one modifier each; further ones are left out here. An uncoded segment is a "Tissue" as in Slicer.
    """
    type_code = segment.type or _TISSUE
    return "~".join(
        (
            CATEGORY_CONTEXT,
            _triplet(segment.category or _TISSUE),
            _triplet(type_code),
            _triplet(segment.type_modifiers[0] if segment.type_modifiers else None),
            REGION_CONTEXT,
            _triplet(segment.anatomic_region),
            _triplet(segment.anatomic_region_modifiers[0] if segment.anatomic_region_modifiers else None),
        )
    )


def _triplet(code: Code | None) -> str:
    if code is None:
        return "^^"
    return "^".join(_escaped(part) for part in (code.scheme, code.value, code.meaning))


def _escaped(text: str) -> str:
    """The separators have no escape in Slicer's format."""
    return text.replace("~", "-").replace("^", " ")
