"""Colors of segments: their own, and one for all of a segmentation while several are told apart."""

from __future__ import annotations

from typing import TYPE_CHECKING

from IDCBrowserLib.scene.segments.segment_rows import Color
from IDCBrowserLib.scene.segments.segment_tags import tag_of

if TYPE_CHECKING:
    from slicer import vtkSegment

# Told apart by people who see few colors, too (Okabe and Ito 2008); light enough for dark images.
SOURCE_COLORS: tuple[Color, ...] = ((86, 180, 233), (230, 159, 0), (0, 158, 115), (240, 228, 66), (204, 121, 167), (213, 94, 0))
_STORED_COLOR_TAG = "IDCBrowser.StoredColor"


def own_color(segment: vtkSegment) -> Color:
    """Its own, whatever it is shown in."""
    red, green, blue = (round(part * 255) for part in segment.GetColor())
    return color_of_text(tag_of(segment, _STORED_COLOR_TAG)) or (red, green, blue)


def recolor(segment: vtkSegment, color: Color | None) -> None:
    """Show it in a color; None brings back its own."""
    own = own_color(segment)
    if color is None:
        segment.SetColor(*(part / 255 for part in own))
        segment.RemoveTag(_STORED_COLOR_TAG)
    else:
        segment.SetTag(_STORED_COLOR_TAG, text_of_color(own))
        segment.SetColor(*(part / 255 for part in color))


def text_of_color(color: Color) -> str:
    """As tags and attributes hold it."""
    return " ".join(map(str, color))


def color_of_text(text: str) -> Color | None:
    """The inverse; None for anything else."""
    parts = [int(part) for part in text.split() if part.isdecimal()]
    return (parts[0], parts[1], parts[2]) if len(parts) == 3 else None
