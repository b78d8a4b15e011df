"""Objects whose sequences are nested in each other by the hundred: put together level by level, as pydicom calls itself for each."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from pathlib import Path

from pydicom.dataset import Dataset

from helpers import made_reports as made
from helpers.odd_objects import STORAGE, as_file, encoded, item

_CONTENT, _GRAPHICS = (0x0040, 0xA730), (0x0070, 0x0001)


def deep_object(kind: str, path: Path, undefined: bool, levels: int = 300) -> str:
    """A report, a key object selection or a presentation state, written to ``path``. The first two refer in circles as well."""
    if kind == "presentation":
        nested = b""
        for _ in range(levels):
            nested = _sequence(_GRAPHICS, [nested], undefined)
        state = item(SOPClassUID=f"{STORAGE}11.1", SOPInstanceUID="1.2.3.9.2", SeriesInstanceUID="1.2.3.8", Modality="PR", ContentLabel="DEEP")
        path.write_bytes(as_file(_only(state, 0, 0x00700001)) + nested + _body(_only(state, 0x00700001, 1 << 32)))
        return str(path)
    deep = _body(made.image(made.CT_CLASS, "1.7.1"))
    for number in range(levels):
        deep = _body(made.container(made.code(f"c{number}"), [])) + _sequence(_CONTENT, [deep], undefined)
    circles = [made.container(made.code("a"), [referring(1, 3), referring(1)]), made.container(made.code("b"), [referring(1, 2)])]
    is_report = kind == "report"
    beside = [made.text(made.code("t", meaning="Remark"), "beside")] if is_report else [made.image(made.CT_CLASS, f"1.7.{n}") for n in (2, 3)]
    root = made.report(made.code("r", meaning="Deep report") if is_report else made.code("113000", "DCM", "Of Interest"), [])
    if not is_report:
        root.SOPClassUID, root.Modality = f"{STORAGE}88.59", "KO"
    content = _sequence(_CONTENT, [deep, *(_body(child) for child in (*circles, *beside))], undefined)
    path.write_bytes(as_file(_only(root, 0, 0x0040A730)) + content)
    return str(path)


def referring(*position: int) -> Dataset:
    """An item that stands for the one at a position from the root, counted from 1."""
    return item(RelationshipType="CONTAINS", ReferencedContentItemIdentifier=list(position))


def _only(dataset: Dataset, first: int, last: int) -> Dataset:
    """Its elements from ``first`` to before ``last``."""
    found = Dataset()
    for element in dataset:
        if first <= element.tag < last:
            found.add(element)
    return found


def _body(dataset: Dataset) -> bytes:
    """The elements alone; empty sequences are left out."""
    return encoded(_without_empty(dataset))


def _without_empty(dataset: Dataset) -> Dataset:
    found = Dataset()
    for element in dataset:
        if element.VR != "SQ" or len(element.value):
            found.add(element)
    return found


def _sequence(tag: tuple[int, int], items: Sequence[bytes], undefined: bool) -> bytes:
    if undefined:
        ends = struct.pack("<HHI", 0xFFFE, 0xE00D, 0)
        body = b"".join(struct.pack("<HHI", 0xFFFE, 0xE000, 0xFFFFFFFF) + one + ends for one in items) + struct.pack("<HHI", 0xFFFE, 0xE0DD, 0)
        return struct.pack("<HH2s2xI", *tag, b"SQ", 0xFFFFFFFF) + body
    body = b"".join(struct.pack("<HHI", 0xFFFE, 0xE000, len(one)) + one for one in items)
    return struct.pack("<HH2s2xI", *tag, b"SQ", len(body)) + body
