"""Content items: the nodes of the tree that a structured report is (PS3.3 C.17.3)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from IDCBrowserLib.dicom.code import Code

ByReference = tuple[int, ...]


@dataclass
class Number:
    """The value of a NUM item (PS3.3 C.18.1). ``value`` is None where the report states none; ``text`` is what is stored.

    ``qualifier`` says why there is no number (CID 42: not a number, measurement failure, ...).
    """

    value: float | None = None
    text: str = ""
    unit: Code | None = None
    qualifier: Code | None = None


@dataclass
class Reference:
    """The object that an IMAGE, COMPOSITE or WAVEFORM item names (PS3.3 C.18.3, C.18.4). Frames and segments are empty where it means all."""

    sop_class_uid: str = ""
    sop_instance_uid: str = ""
    frames: tuple[int, ...] = ()
    segments: tuple[int, ...] = ()


@dataclass
class Graphic:
    """The value of a SCOORD or SCOORD3D item. ``numbers`` as stored: column, row pairs from the corner of the image in pixels (C.18.6), or
    x, y, z in mm of the frame of reference (C.18.9).
    """

    kind: str = ""
    numbers: tuple[float, ...] = ()
    frame_of_reference_uid: str = ""

    def points(self, dimensions: int) -> tuple[tuple[float, ...], ...]:
        """The numbers as points; what is left over at the end is dropped."""
        whole = len(self.numbers) // dimensions * dimensions
        return tuple(self.numbers[first : first + dimensions] for first in range(0, whole, dimensions))


Value = str | Code | Number | Reference | Graphic | None


@dataclass(slots=True)
class ContentItem:
    """``value_type`` is NUM, CODE, TEXT, CONTAINER...; ``value`` is of the class that belongs to it, None for containers.

    ``refers_to`` is set instead where the item stands for another one: positions from the root on, counted from 1 (C.17.3.2.5).
    """

    relation: str = ""
    value_type: str = ""
    name: Code | None = None
    value: Value = None
    children: list[ContentItem] = field(default_factory=list)
    refers_to: ByReference = ()

    def walk(self) -> Iterator[ContentItem]:
        """This item and all below, as the report is read. References are not followed, so that a loop of them ends."""
        waiting = [self]
        while waiting:
            item = waiting.pop()
            yield item
            waiting.extend(reversed(item.children))

    def find(self, position: ByReference) -> ContentItem | None:
        """The item at a position, seen from the root; None where there is none."""
        item = self
        for number in position[1:]:
            if not 1 <= number <= len(item.children):
                return None
            item = item.children[number - 1]
        return item
