"""Rows, columns and frames of an object with pixels, where they make sense."""

from __future__ import annotations

from typing import NamedTuple

from IDCBrowserLib.describe.card import Card, whole_number
from IDCBrowserLib.dicom.elements import Elements

_ROWS, _COLUMNS, _FRAMES = 0x00280010, 0x00280011, 0x00280008


class Pixels(NamedTuple):
    """None where it is not stated, or makes no sense; what is stated of neither is one frame."""

    rows: int | None
    columns: int | None
    frames: int | None

    @property
    def plane(self) -> str:
        """ "512 x 512", or empty where it is unknown."""
        return f"{self.columns:,} x {self.rows:,}" if self.rows and self.columns else ""

    @property
    def grid(self) -> str:
        """ "512 x 512 x 80", or empty where it is unknown."""
        return f"{self.plane} x {self.frames:,}" if self.plane and self.frames else ""


def read_pixels(root: Elements, card: Card) -> Pixels:
    """What an object states; the card gets a sentence about what makes no sense."""
    rows, columns = (card.value(root.unsigned, tag) or None for tag in (_ROWS, _COLUMNS))
    lacking = [name for name, size in (("Rows (0028,0010)", rows), ("Columns (0028,0011)", columns)) if size is None]
    if lacking:
        verb = "are" if len(lacking) > 1 else "is"
        card.warnings.append(f"{root.stream.path}: {' and '.join(lacking)} {verb} missing or 0, so the size of the pixels is unknown.")
    text = root.text(_FRAMES)
    frames = whole_number(text) or None if text else 1
    if frames is None:
        card.warn(root, _FRAMES, "Number of Frames")
    return Pixels(rows, columns, frames)
