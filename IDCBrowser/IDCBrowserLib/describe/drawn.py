"""SEG and RTSTRUCT by what they hold, and surfaces and annotations in the same manner."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from IDCBrowserLib.describe.card import Card
from IDCBrowserLib.dicom.dicom_file import DicomFile
from IDCBrowserLib.labelmap.convert import describe as describe_drawn
from IDCBrowserLib.wording import human_count

_NAMED = 4


def describe_segments(file: DicomFile) -> Card:
    """Segments or ROIs with their names and codes."""
    described = describe_drawn(file)
    segments = described["segments"]
    is_structures = described["kind"] == "RTSTRUCT"
    word = ("structure", "structures") if is_structures else ("segment", "segments")
    card = Card(text=human_count(len(segments), *word) + names_of([segment["name"] for segment in segments]))
    card.put({"segments": [_segment(segment) for segment in segments], "frame_of_reference_uid": described["frame_of_reference_uid"]})
    if not is_structures:
        card.add("Segmentation type", file.root.text(0x00620001), "segmentation_type")
    for segment in segments:
        kind = segment["type"]["meaning"] if segment["type"] else segment["details"].get("interpreted_type", "")
        card.add(f"{segment['number']}", f"{segment['name'] or 'unnamed'}{f' ({kind})' if kind and kind != segment['name'] else ''}")
    card.warnings += described["warnings"]
    return card


def describe_annotations(file: DicomFile) -> Card:
    """Annotation groups of slides (PS3.3 C.37.1.2): labels, shapes and numbers."""
    card, total = Card(), 0
    groups: list[dict[str, Any]] = []
    for item in file.root.iterate_items(0x006A0002):
        count = item.unsigned_long(0x006A000C)
        total += count
        label, shape = item.text(0x006A0005), item.text(0x00700023)
        groups.append({"label": label, "graphic_type": shape, "count": count})
        card.add(label or "Group", f"{count:,} x {shape}")
    card.put({"groups": groups})
    card.text = f"{human_count(total, 'annotation', 'annotations')}{names_of([group['label'] for group in groups])}"
    return card


def names_of(names: Sequence[str]) -> str:
    """ " (Liver, Spleen and 3 more)"."""
    shown = [name for name in names if name][:_NAMED]
    if not shown:
        return ""
    more = len(names) - len(shown)
    return f" ({', '.join(shown)}{f' and {more} more' if more else ''})"


def _segment(segment: Any) -> dict[str, Any]:
    return {key: segment[key] for key in ("number", "name", "category", "type", "anatomic_region", "algorithm_type", "algorithm_name", "tracking_id")}
