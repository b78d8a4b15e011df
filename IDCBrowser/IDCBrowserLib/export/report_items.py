"""Content items of a structured report that is written (PS3.3 C.17.3, C.18); ``write_report`` makes a file of their tree."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from IDCBrowserLib.dicom.code import Code
from IDCBrowserLib.export.head import code_items, referenced
from IDCBrowserLib.export.numbers import decimal
from IDCBrowserLib.export.plain_text import person_name, printable

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

# Relationships (PS3.3 C.17.3.2.4).
CONTAINS, CONTEXT, MODIFIER, PROPERTY = "CONTAINS", "HAS OBS CONTEXT", "HAS CONCEPT MOD", "HAS PROPERTIES"
_LONGEST_TEXT = 1024


def container(name: Code, children: Sequence[Dataset], relation: str = CONTAINS, template: str = "") -> Dataset:
    """A heading with what stands below it; ``template`` is its Template Identifier of PS3.16. The root has no ``relation``: ""."""
    from pydicom.dataset import Dataset

    made = _item(relation, "CONTAINER", name, children)
    made.ContinuityOfContent = "SEPARATE"
    if template:
        identity = Dataset()
        identity.MappingResource, identity.TemplateIdentifier = "DCMR", template
        made.ContentTemplateSequence = [identity]
    return made


def code_item(name: Code, value: Code, relation: str = CONTAINS, children: Sequence[Dataset] = ()) -> Dataset:
    """A coded value."""
    made = _item(relation, "CODE", name, children)
    made.ConceptCodeSequence = code_items([value])
    return made


def text_item(name: Code, value: str, relation: str = CONTAINS) -> Dataset:
    """A text, cut where it is longer than readers show."""
    made = _item(relation, "TEXT", name)
    made.TextValue = printable(value)[:_LONGEST_TEXT]
    return made


def uid_item(name: Code, value: str, relation: str = CONTAINS) -> Dataset:
    """A UID."""
    made = _item(relation, "UIDREF", name)
    made.UID = value
    return made


def person_item(name: Code, value: str, relation: str = CONTEXT) -> Dataset:
    """The name of a person, as DICOM writes names: Family^Given."""
    made = _item(relation, "PNAME", name)
    made.PersonName = person_name(value)
    return made


def number_item(name: Code, value: float, unit: Code, children: Sequence[Dataset] = ()) -> Dataset:
    """A measurement. Numeric Value has 16 characters; Floating Point Value holds the number in full where these do not."""
    from pydicom.dataset import Dataset

    if not math.isfinite(value):
        raise ValueError(f"{value} is not a measurement")
    made, measured = _item(CONTAINS, "NUM", name, children), Dataset()
    measured.NumericValue = decimal(value)
    if float(measured.NumericValue) != value:
        measured.FloatingPointValue = value
    measured.MeasurementUnitsCodeSequence = code_items([unit])
    made.MeasuredValueSequence = [measured]
    return made


def referenced_segment(name: Code, sop_class: str, instance: str, number: int) -> Dataset:
    """The segment of a SEG that is meant (PS3.3 C.18.4)."""
    made = _item(CONTAINS, "IMAGE", name)
    reference = referenced(sop_class, instance)
    reference.ReferencedSegmentNumber = number
    made.ReferencedSOPSequence = [reference]
    return made


def region_in_space(sop_class: str, instance: str, number: int) -> Dataset:
    """The ROI of a structure set that is meant (PS3.16 TID 1411, rows 12b and 12c)."""
    made = _item(CONTAINS, "COMPOSITE", Code("130488", "DCM", "Region in Space"))
    made.ReferencedSOPSequence = [referenced(sop_class, instance)]
    made.ContentSequence = [text_item(Code("130489", "DCM", "Referenced Region of Interest Identifier"), str(number), PROPERTY)]
    return made


def source_image(sop_class: str, instance: str) -> Dataset:
    """The image that a group is about (PS3.16 TID 1501)."""
    made = _item(CONTAINS, "IMAGE", Code("260753009", "SCT", "Source"))
    made.ReferencedSOPSequence = [referenced(sop_class, instance)]
    return made


def _item(relation: str, value_type: str, name: Code, children: Sequence[Dataset] = ()) -> Dataset:
    from pydicom.dataset import Dataset

    made = Dataset()
    if relation:
        made.RelationshipType = relation
    made.ValueType = value_type
    made.ConceptNameCodeSequence = code_items([name])
    if children:
        made.ContentSequence = list(children)
    return made
