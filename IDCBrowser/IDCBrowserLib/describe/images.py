"""Pictures of all kinds: size, frames, time; nothing is decoded."""

from __future__ import annotations

from IDCBrowserLib.describe.card import Card, whole_number
from IDCBrowserLib.dicom.dicom_file import DicomFile
from IDCBrowserLib.volume.playing import frame_rate
from IDCBrowserLib.wording import human_count

MPEG = tuple(f"1.2.840.10008.1.2.4.{number}" for number in (100, 101, 102, 103, 104, 105, 106, 107, 108))


def describe_image(file: DicomFile) -> Card:
    """Rows, columns, frames, spacing, place, window and what the picture shows."""
    root, card = file.root, Card()
    rows, columns = card.value(root.unsigned, 0x00280010), card.value(root.unsigned, 0x00280011)
    frames = whole_number(root.text(0x00280008)) or 1
    total_rows, total_columns = card.value(root.unsigned, 0x00480007), card.value(root.unsigned, 0x00480006)
    parts = []
    if total_rows and total_columns:
        card.add("Size", f"{total_columns:,} x {total_rows:,} pixels in tiles of {columns} x {rows}")
        parts.append(f"{total_columns:,} x {total_rows:,} pixels")
    elif rows and columns:
        card.add("Size", f"{columns:,} x {rows:,} pixels")
        parts.append(f"{columns:,} x {rows:,} pixels")
    card.put({"rows": rows, "columns": columns, "frames": frames})
    if frames > 1:
        parts.append(human_count(frames, "frame", "frames"))
        card.add("Frames", f"{frames:,}")
    rate = frame_rate(root)
    if rate and frames > 1:
        card.add("Frame rate", f"{rate:.4g} per second")
        card.put({"frames_per_second": rate})
        parts.append(f"{frames / rate:.1f} s")
    for label, tag, key in (
        ("Image type", 0x00080008, "image_type"),
        ("Colors", 0x00280004, "photometric_interpretation"),
        ("Pixel spacing (mm)", 0x00280030, "pixel_spacing"),
        ("Slice thickness (mm)", 0x00180050, "slice_thickness"),
        ("Position (mm)", 0x00200032, "image_position_patient"),
        ("Orientation", 0x00200037, "image_orientation_patient"),
        ("Body part", 0x00180015, "body_part_examined"),
        ("Laterality", 0x00200062, "image_laterality"),
        ("View", 0x00185101, "view_position"),
        ("Units", 0x00541001, "units"),
        ("Corrected for", 0x00280051, "corrected_image"),
        ("Made with", 0x00081090, "manufacturer_model_name"),
    ):
        card.add(label, root.text(tag).replace("\\", ", "), key)
    card.text = ", ".join(parts)
    return card
