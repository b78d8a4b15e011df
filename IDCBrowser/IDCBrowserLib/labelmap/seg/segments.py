"""The Segment Sequence of a SEG (PS3.3 C.8.20.4) and where the object comes from, without touching frames or pixels."""

from __future__ import annotations

from IDCBrowserLib.dicom.code import Code, read_code
from IDCBrowserLib.dicom.context import context_of
from IDCBrowserLib.dicom.elements import Elements
from IDCBrowserLib.dicom.referenced import referenced_instances, referenced_series
from IDCBrowserLib.labelmap.color import cielab_to_srgb, distinct_color
from IDCBrowserLib.labelmap.types import Segment, Source

SEGMENT_SEQUENCE = 0x00620002
SERIES_UID = 0x0020000E


def read_segments(root: Elements) -> dict[int, Segment]:
    """Segment Number -> segment, ascending. ``label_value`` is the number; voxels are 0. Raises ``ConversionError`` for a repeated number."""
    found: dict[int, Segment] = {}
    palette = _Palette(root)
    for item in root.iterate_items(SEGMENT_SEQUENCE):
        number = item.unsigned(0x00620004)
        if number is None:
            root.stream.fail("A segment has no Segment Number (0062,0004), so its voxels cannot be identified. Report it to whoever made the file.")
        if number in found:
            root.stream.fail(f"Segment Number (0062,0004) {number} occurs twice. Report it to whoever made the file.")
        found[number] = _segment(item, number, palette)
    if not found:
        root.stream.fail("Segment Sequence (0062,0002) is missing or empty; the file contains no segments.")
    return dict(sorted(found.items()))


def _segment(item: Elements, number: int, palette: _Palette) -> Segment:
    return Segment(
        number=number,
        label_value=number,
        name=item.text(0x00620005) or f"Segment {number}",
        description=item.text(0x00620006),
        category=_code(item, 0x00620003),
        type=_code(item, 0x0062000F),
        type_modifiers=_modifiers(item, 0x0062000F, 0x00620011),
        anatomic_region=_code(item, 0x00082218),
        anatomic_region_modifiers=_modifiers(item, 0x00082218, 0x00082220),
        color=_recommended_color(item) or palette.color(number) or distinct_color(number),
        algorithm_type=item.text(0x00620008),
        algorithm_name=item.text(0x00620009) or _algorithm_name(item),
        tracking_id=item.text(0x00620020),
        tracking_uid=item.text(0x00620021),
    )


def _code(item: Elements, sequence: int) -> Code | None:
    coded = item.first(sequence)
    return None if coded is None else read_code(coded)


def _modifiers(item: Elements, sequence: int, modifiers: int) -> tuple[Code, ...]:
    coded = item.first(sequence)
    if coded is None:
        return ()
    return tuple(code for modifier in coded.iterate_items(modifiers) if (code := read_code(modifier)) is not None)


def _algorithm_name(item: Elements) -> str:
    """From Segmentation Algorithm Identification Sequence (0062,0007), which newer files use."""
    identification = item.first(0x00620007)
    return "" if identification is None else identification.text(0x00660036)


def _recommended_color(item: Elements) -> tuple[int, int, int] | None:
    lab = item.unsigneds(0x0062000D)
    return cielab_to_srgb(lab) if len(lab) == 3 else None


class _Palette:
    """The palette color table of a LABELMAP SEG (PS3.3 C.7.6.3): pixel value, which is the segment number -> sRGB."""

    def __init__(self, root: Elements) -> None:
        self._tables: list[tuple[int, ...]] = []
        self._first = 0
        self._shift = 0
        descriptor = root.unsigneds(0x00281101)
        if len(descriptor) != 3:
            return
        entries, self._first, bits = descriptor[0] or 65536, descriptor[1], descriptor[2]
        self._shift = 8 if bits == 16 else 0
        self._tables = [_lookup_table(root, tag, bits, entries) for tag in (0x00281201, 0x00281202, 0x00281203)]

    def color(self, number: int) -> tuple[int, int, int] | None:
        """None where the table has no entry."""
        index = number - self._first
        if not self._tables or index < 0 or any(index >= len(table) for table in self._tables):
            return None
        red, green, blue = (table[index] >> self._shift & 0xFF for table in self._tables)
        return red, green, blue


def _lookup_table(root: Elements, tag: int, bits: int, entries: int) -> tuple[int, ...]:
    raw = root.raw(tag)
    if bits == 8 and len(raw) < 2 * entries:
        return tuple(raw[:entries])
    return root.unsigneds(tag)[:entries]


def read_source(root: Elements, kind: str) -> Source:
    """Identifiers of the object and of the series it refers to."""
    return Source(
        kind=kind,
        sop_class_uid=root.text(0x00080016),
        sop_instance_uid=root.text(0x00080018),
        series_uid=root.text(SERIES_UID),
        study_uid=root.text(0x0020000D),
        patient_id=root.text(0x00100020),
        patient_name=root.text(0x00100010),
        series_description=root.text(0x0008103E),
        series_number=root.text(0x00200011),
        frame_of_reference_uid=root.text(0x00200052),
        referenced_series_uids=referenced_series(root),
        referenced_instance_uids=referenced_instances(root),
        context=context_of(root),
    )
