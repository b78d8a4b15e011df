"""A drawing as SVG, for papers: texts stay texts."""

from __future__ import annotations

from xml.sax.saxutils import escape

from IDCBrowserLib.logic.charts.drawing import Drawing
from IDCBrowserLib.safe_text import one_line

BAR, INK, PAPER = "#3b6ea5", "#1a1a1a", "#ffffff"
MARGIN = 20.0


def svg(drawing: Drawing, font_size: float) -> str:
    """The file: dark on white whatever the theme, since it is printed."""
    width, height = drawing.width + 2 * MARGIN, drawing.height + 2 * MARGIN
    size = f'width="{width:.1f}" height="{height:.1f}" viewBox="0 0 {width:.1f} {height:.1f}"'
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="sans-serif" font-size="{font_size:.1f}" fill="{INK}">',
        f'<rect width="100%" height="100%" fill="{PAPER}"/>',
        f'<g transform="translate({MARGIN:g},{MARGIN:g})">',
    ]
    for box in drawing.boxes:
        look = f'fill="{BAR}"' if box.filled else f'fill="none" stroke="{BAR}"'
        lines.append(f'<rect x="{box.x:.1f}" y="{box.y:.1f}" width="{box.width:.1f}" height="{box.height:.1f}" {look}/>')
    for text in drawing.texts:
        look = (' font-weight="bold"' if text.bold else "") + (' text-anchor="end"' if text.at_end else "")
        lines.append(f'<text x="{text.x:.1f}" y="{text.y:.1f}"{look}>{escape(one_line(text.text))}</text>')
    return "\n".join([*lines, "</g>", "</svg>", ""])
