"""Where the parts of charts go, in the units of whoever draws them. One layout for the window, for pictures and for SVG. Knows no widgets.

A chart is readable without color: each bar has its label at the left and its number at the right, and what is not stated or stands for several
values is an outline instead of a filled bar.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from IDCBrowserLib.i18n import local_number
from IDCBrowserLib.logic.charts.bars import Bar, Chart, share_text

# The width of a text; bold ones are wider.
Measure = Callable[[str, bool], float]

GAP = 8.0
_LABEL_PART = 0.42
_LEAST_BAR = 1.0
_LINE = 1.35
_CHARTS_APART = 18.0


@dataclass(frozen=True)
class Box:
    """A bar; ``filled``, or an outline."""

    x: float
    y: float
    width: float
    height: float
    filled: bool = True


@dataclass(frozen=True)
class Text:
    """``y`` is the base line; ``at_end``: ``x`` is where it ends."""

    x: float
    y: float
    text: str
    bold: bool = False
    at_end: bool = False


@dataclass(frozen=True)
class Drawing:
    """Boxes and texts; ``rows`` are the places of the bars: (top, height)."""

    width: float
    height: float
    boxes: tuple[Box, ...] = ()
    texts: tuple[Text, ...] = ()
    rows: tuple[tuple[float, float], ...] = ()

    def moved(self, x: float, y: float) -> Drawing:
        """The same somewhere else."""
        boxes = tuple(replace(box, x=box.x + x, y=box.y + y) for box in self.boxes)
        texts = tuple(replace(text, x=text.x + x, y=text.y + y) for text in self.texts)
        return replace(self, boxes=boxes, texts=texts, rows=tuple((top + y, height) for top, height in self.rows))


def draw_chart(chart: Chart, width: float, text_height: float, measure: Measure) -> Drawing:
    """A chart ``width`` wide, as high as it has bars; ``text_height`` is that of a line."""
    line = text_height * _LINE
    base = (line + text_height * 0.62) / 2
    texts = [Text(0, base, elided(chart.title, width, measure, True), True)]
    numbers = [_number(bar) for bar in chart.bars]
    wide_labels = max((measure(bar.label, False) for bar in chart.bars), default=0.0)
    wide_numbers = max((measure(text, False) for text in numbers), default=0.0)
    labels = min(wide_labels, max(width * _LABEL_PART, width - wide_numbers - 0.3 * width))
    left = labels + GAP
    room = max(_LEAST_BAR, width - left - wide_numbers - GAP)
    most = max((bar.count for bar in chart.bars), default=0)
    boxes, rows = [], []
    for number, bar in enumerate(chart.bars):
        top = line * (number + 1)
        long = max(_LEAST_BAR, room * bar.count / most) if bar.count > 0 and most > 0 else 0.0
        if bar.count > 0:
            boxes.append(Box(left, top + line * 0.16, long, line * 0.68, not bar.is_rest))
        texts.append(Text(labels, top + base, elided(bar.label, labels, measure), False, True))
        texts.append(Text(left + long + GAP / 2, top + base, numbers[number]))
        rows.append((top, line))
    return Drawing(width, line * (len(chart.bars) + 1), tuple(boxes), tuple(texts), tuple(rows))


def draw_all(heading: str, charts: Sequence[Chart], width: float, columns: int, text_height: float, measure: Measure) -> Drawing:
    """All charts that have bars, in columns below a heading: the picture."""
    each = (width - _CHARTS_APART * (columns - 1)) / columns
    top = text_height * 2.2
    heights = [top] * columns
    parts = []
    for chart in charts:
        if chart.bars:
            column = heights.index(min(heights))
            made = draw_chart(chart, each, text_height, measure)
            parts.append(made.moved(column * (each + _CHARTS_APART), heights[column]))
            heights[column] += made.height + _CHARTS_APART
    title = Text(0, text_height * 1.1, elided(heading, width, measure, True), True)
    boxes = tuple(box for part in parts for box in part.boxes)
    return Drawing(width, max(heights), boxes, (title, *(text for part in parts for text in part.texts)))


def elided(text: str, width: float, measure: Measure, bold: bool = False) -> str:
    """Cut at its end where it is wider than that."""
    if measure(text, bold) <= width + 0.5:
        return text
    kept = len(text)
    while kept > 1 and measure(text[:kept] + "...", bold) > width:
        kept -= 1
    return text[:kept].rstrip() + "..."


def _number(bar: Bar) -> str:
    if bar.number:
        return bar.number
    return f"{local_number(f'{bar.count:,.0f}')}  ({share_text(bar.share)})" if bar.choice is not None or bar.count else ""
