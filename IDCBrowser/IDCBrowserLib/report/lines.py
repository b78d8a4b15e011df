"""Formats a report as readable lines."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import NamedTuple

from IDCBrowserLib.dicom.class_names import sop_class_in_words
from IDCBrowserLib.dicom.code import Code
from IDCBrowserLib.report.item import ContentItem, Graphic, Number, Reference, Value
from IDCBrowserLib.report.report import Report
from IDCBrowserLib.wording import first_of, human_count

# More objects beside each other than these are counted.
_LISTED = 3
_REFERENCES = ("IMAGE", "COMPOSITE", "WAVEFORM")
# Said only where it tells something: most items are contained, or describe what they stand below.
_RELATIONS = {"INFERRED FROM": "inferred from", "SELECTED FROM": "on"}
# Symbols of UCUM that nobody reads.
_AS_READ = {"[hnsf'U]": "HU", "[pH]": "pH", "Cel": "°C"}


class Line(NamedTuple):
    """``depth`` is 0 for the title; ``heading`` lines have others below them."""

    depth: int
    name: str
    value: str
    heading: bool


def report_lines(report: Report) -> list[Line]:
    """The title and everything below, in the order of the report."""
    return [Line(0, report.title, "", True), *_below(report.root, report.root, 1)]


def as_text(lines: list[Line]) -> str:
    """Indented by two blanks a level."""
    return "\n".join(f"{'  ' * line.depth}{line.name}{': ' if line.name and line.value else ''}{line.value}" for line in lines)


def _below(item: ContentItem, root: ContentItem, depth: int) -> Iterator[Line]:
    for is_plain_reference, run in groupby(item.children, key=_is_plain_reference):
        children = list(run)
        if is_plain_reference and len(children) > _LISTED:
            yield Line(depth, _name(children[0]), _counted(children), False)
            continue
        for child in children:
            yield Line(depth, _name(child), value_text(child, root), bool(child.children))
            yield from _below(child, root, depth + 1)


def _is_plain_reference(item: ContentItem) -> str:
    """What references that say nothing else have in common; "" for all other items."""
    if item.value_type not in _REFERENCES or item.children or not isinstance(item.value, Reference):
        return ""
    return f"{_name(item)} {item.value.sop_class_uid}"


def _counted(items: list[ContentItem]) -> str:
    value = items[0].value
    of_class = f" of {sop_class_in_words(value.sop_class_uid)}" if isinstance(value, Reference) and value.sop_class_uid else ""
    return human_count(len(items), "object", "objects") + of_class


def _name(item: ContentItem) -> str:
    name = (item.name.meaning or item.name.value) if item.name else ""
    relation = _RELATIONS.get(item.relation, "")
    return f"{name} ({relation})" if name and relation else name or relation


def value_text(item: ContentItem, root: ContentItem) -> str:
    """The value of an item in words; "" for containers."""
    if item.refers_to:
        target = root.find(item.refers_to)
        position = ".".join(map(str, item.refers_to))
        return f"see {_name(target)} ({position})" if target is not None and _name(target) else f"see item {position}"
    if isinstance(item.value, Graphic):
        count = len(item.value.numbers) // (3 if item.value_type == "SCOORD3D" else 2)
        return f"{item.value.kind.capitalize() or 'Shape'} of {human_count(count, 'point', 'points')}"
    if item.value_type == "PNAME" and isinstance(item.value, str):
        return " ".join(item.value.split("=")[0].replace("^", " ").split())
    return _plain_text(item.value)


def _plain_text(value: Value) -> str:
    if isinstance(value, Code):
        return value.meaning or value.value
    if isinstance(value, Number):
        return number_text(value)
    if isinstance(value, Reference):
        return _reference_text(value)
    return value if isinstance(value, str) else ""


def number_text(number: Number) -> str:
    """ "12.5 mm", "no value (Not a number)", "no value"."""
    unit = unit_text(number.unit)
    if number.value is not None:
        return f"{number.text or number.value} {unit}".rstrip()
    why = number.qualifier.meaning or number.qualifier.value if number.qualifier else number.text
    return f"no value ({why})" if why else "no value"


def unit_text(unit: Code | None) -> str:
    """ "mm" of UCUM, "HU" where it is unreadable; "" for no units (1) and counts in braces, whose meaning is the name of the quantity."""
    if unit is None or unit.value in ("1", "{no units}", "no units"):
        return ""
    return _AS_READ.get(unit.value, unit.value) if unit.scheme == "UCUM" else unit.meaning or unit.value


def _reference_text(value: Reference) -> str:
    kind = sop_class_in_words(value.sop_class_uid) if value.sop_class_uid else "an object"
    parts = [f"{kind} {value.sop_instance_uid}".rstrip()]
    for word, words, numbers in (("frame", "frames", value.frames), ("segment", "segments", value.segments)):
        if numbers:
            parts.append(f"{word if len(numbers) == 1 else words} {first_of(numbers, 10)}")
    return ", ".join(parts)
