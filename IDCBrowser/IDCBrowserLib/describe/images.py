"""Pictures of all kinds: size, frames, time; nothing is decoded."""

from __future__ import annotations

from IDCBrowserLib.describe.card import Card, listed
from IDCBrowserLib.describe.pixels import read_pixels
from IDCBrowserLib.dicom.dicom_file import DicomFile
from IDCBrowserLib.volume.playing import frame_rate
from IDCBrowserLib.wording import human_count

MPEG = tuple(f"1.2.840.10008.1.2.4.{number}" for number in (100, 101, 102, 103, 104, 105, 106, 107, 108))


def describe_image(file: DicomFile) -> Card:
    """Rows, columns, frames, spacing, place, window and what the picture shows."""
    root, card = file.root, Card()
    pixels = read_pixels(root, card)
    frames = pixels.frames or 1
    total_rows, total_columns = card.value(root.unsigned, 0x00480007), card.value(root.unsigned, 0x00480006)
    parts = []
    if total_rows and total_columns:
        total = f"{total_columns:,} x {total_rows:,} pixels"
        card.add("Size", f"{total} in tiles of {pixels.plane}" if pixels.plane else total)
        parts.append(total)
    elif pixels.plane:
        card.add("Size", f"{pixels.plane} pixels")
        parts.append(f"{pixels.plane} pixels")
    card.put({"rows": pixels.rows, "columns": pixels.columns, "frames": frames})
    if frames > 1:
        parts.append(human_count(frames, "frame", "frames"))
        card.add("Frames", f"{frames:,}")
    rate = frame_rate(root)
    if rate and frames > 1:
        card.add("Frame rate", f"{rate:.4g} per second")
        card.put({"frames_per_second": rate})
        parts.append(f"{frames / rate:,.1f} s")
    card.add("Image type", listed(root.text(0x00080008)), "image_type")
    card.add("Colors", listed(root.text(0x00280004)), "photometric_interpretation")
    card.numbers(root, "Pixel spacing (mm)", 0x00280030, "pixel_spacing", least=0)
    card.numbers(root, "Slice thickness (mm)", 0x00180050, "slice_thickness", least=0)
    card.numbers(root, "Position (mm)", 0x00200032, "image_position_patient")
    card.numbers(root, "Orientation", 0x00200037, "image_orientation_patient")
    for label, tag, key in (
        ("Body part", 0x00180015, "body_part_examined"),
        ("Laterality", 0x00200062, "image_laterality"),
        ("View", 0x00185101, "view_position"),
        ("Units", 0x00541001, "units"),
        ("Corrected for", 0x00280051, "corrected_image"),
        ("Made with", 0x00081090, "manufacturer_model_name"),
    ):
        card.add(label, listed(root.text(tag)), key)
    card.text = ", ".join(parts)
    return card
