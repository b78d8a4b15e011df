"""What an object refers to, whatever kind it is of (PS3.3 C.7.6.16.2.1, C.8.8, C.12.1.5, C.17.2)."""

from __future__ import annotations

from collections.abc import Iterator

from IDCBrowserLib.describe.card import Reference
from IDCBrowserLib.dicom.elements import Elements
from IDCBrowserLib.dicom.sop_classes import SEGMENTATIONS

_SERIES_UID = 0x0020000E
_CLASS_UID = 0x00081150
_INSTANCE_UID = 0x00081155
_REFERENCED_SERIES = 0x00081115
_REFERENCED_SOP = 0x00081199
_REFERENCED_INSTANCES = 0x0008114A
_REFERENCED_IMAGES = 0x00081140
_EVIDENCE = (0x0040A375, 0x0040A385)
_OTHER_STUDIES = 0x00081200
_CONTOUR_IMAGES = 0x30060016
# Lists of objects at the root, and what they mean.
_PLAIN = {
    0x00082112: "derived from",
    _REFERENCED_IMAGES: "refers to",
    0x00420013: "made from",
    0x300C0002: "of the plan",
    0x300C0060: "with the structures of",
    0x300C0080: "with the dose of",
    0x0008113A: "refers to",
}
_MEANING = {
    "segmentation": "drawn on",
    "structures": "drawn on",
    "report": "about",
    "key objects": "selects",
    "presentation": "shows",
    "value map": "values of",
    "registration": "aligns",
    "map": "computed from",
    "annotations": "drawn on",
    "document": "made from",
}
# Of a registration, of a presentation state and of a value map: lists within items.
_WITHIN = {0x00700308: "aligns", 0x00640002: "aligns", 0x00409094: "values of"}
_FRAMES = 0x30060010


def references_of(root: Elements, family: str) -> list[Reference]:
    """One entry for each relation, series and SOP class, in the order of the object. Damaged lists raise ``ConversionError``."""
    found: dict[tuple[str, str, str], dict[str, None]] = {}
    placed: set[str] = set()
    for relation, series, sop_class, sop in _all(root, _MEANING.get(family, "refers to")):
        # Lists within items name the same objects again, without their series.
        if series:
            placed.add(sop)
        elif sop in placed:
            continue
        meaning = "measured on the segments of" if relation == "about" and sop_class in SEGMENTATIONS else relation
        found.setdefault((meaning, series, sop_class), {})[sop] = None
    return [Reference(*key, tuple(uid for uid in uids if uid)) for key, uids in found.items()]


def _all(root: Elements, meaning: str) -> Iterator[tuple[str, str, str, str]]:
    """Relation, series, SOP class and instance of each object."""
    yield from _of_series(root, meaning)
    for tag in _EVIDENCE:
        for study in root.items(tag):
            yield from _of_series(study, meaning if tag == _EVIDENCE[0] else "other evidence")
    for study in root.items(_OTHER_STUDIES):
        yield from _of_series(study, meaning)
    for tag, relation in _PLAIN.items():
        yield from _objects(root, tag, relation, "")
    for tag, relation in _WITHIN.items():
        for item in root.items(tag):
            yield from _objects(item, _REFERENCED_IMAGES, relation, "")
    yield from _of_frames(root)


def _of_series(holder: Elements, relation: str) -> Iterator[tuple[str, str, str, str]]:
    for series in holder.items(_REFERENCED_SERIES):
        uid = series.text(_SERIES_UID)
        objects = [entry for tag in (_REFERENCED_SOP, _REFERENCED_INSTANCES, _REFERENCED_IMAGES) for entry in _objects(series, tag, relation, uid)]
        yield from objects or [(relation, uid, "", "")]


def _of_frames(root: Elements) -> Iterator[tuple[str, str, str, str]]:
    """Of a structure set: Referenced Frame of Reference, RT Referenced Study, RT Referenced Series, Contour Image."""
    for frame in root.items(_FRAMES):
        for study in frame.items(0x30060012):
            for series in study.items(0x30060014):
                uid = series.text(_SERIES_UID)
                yield from list(_objects(series, _CONTOUR_IMAGES, "drawn on", uid)) or [("drawn on", uid, "", "")]


def _objects(holder: Elements, tag: int, relation: str, series_uid: str) -> Iterator[tuple[str, str, str, str]]:
    for item in holder.iterate_items(tag):
        yield relation, series_uid or item.text(_SERIES_UID), item.text(_CLASS_UID), item.text(_INSTANCE_UID)
