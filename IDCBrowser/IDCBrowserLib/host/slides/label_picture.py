"""Labels of segments as pictures of a view: sampled at its pixels, filled and outlined."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from IDCBrowserLib.scene.segments.line_style import SOLID, line_style_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from slicer import vtkMRMLSegmentationNode

# Left, top, right, bottom, from 0 to 1 of the whole.
Rect = tuple[float, float, float, float]
WHOLE: Rect = (0.0, 0.0, 1.0, 1.0)


@dataclass(frozen=True)
class Look:
    """By label value (n, 4): bytes of red, green, blue and alpha within a segment (``fill``) and along its edge (``line``), which is
    ``width`` pixels wide. Labels of hidden segments have 0 in both.
    """

    fill: NDArray[np.uint8]
    line: NDArray[np.uint8]
    width: int

    @staticmethod
    def of(node: vtkMRMLSegmentationNode) -> Look:
        """As Slicer's own views show a segmentation; outlines of any style are solid."""
        import numpy as np

        display, segmentation = node.GetDisplayNode(), node.GetSegmentation()
        assert display is not None, "it is made with its segmentation"
        found = {}
        for identifier in segmentation.GetSegmentIDs():
            segment = segmentation.GetSegment(identifier)
            if segment is None or not display.GetVisibility() or not display.GetSegmentVisibility(identifier):
                continue
            filled = display.GetVisibility2DFill() and display.GetSegmentVisibility2DFill(identifier)
            lined = (display.GetVisibility2DOutline() or line_style_of(node) != SOLID) and display.GetSegmentVisibility2DOutline(identifier)
            fill = display.GetOpacity2DFill() * display.GetSegmentOpacity2DFill(identifier) if filled else 0.0
            line = display.GetOpacity2DOutline() * display.GetSegmentOpacity2DOutline(identifier) if lined else fill
            found[segment.GetLabelValue()] = segment.GetColor(), fill, line
        tables = np.zeros((2, max(found, default=0) + 1, 4), np.uint8)
        for label, (color, *opacities) in found.items():
            for table, opacity in zip(tables, opacities, strict=True):
                table[label] = [*(round(255 * part) for part in color), round(255 * opacity)]
        return Look(tables[0], tables[1], max(1, int(display.GetSliceIntersectionThickness())))

    def painted(self, labels: NDArray[Any]) -> NDArray[np.uint8]:
        """(rows, columns, 4) of labels (rows, columns)."""
        import numpy as np

        shown = (self.fill[:, 3] > 0) | (self.line[:, 3] > 0)
        # The last place is that of all labels beyond.
        kept = np.append(np.where(shown, np.arange(len(shown), dtype=np.int32), 0), np.int32(0))
        numbers = np.take(kept, labels, mode="clip")
        # Four bytes at a time.
        fill, line = (np.ascontiguousarray(table).view(np.uint32)[:, 0] for table in (self.fill, self.line))
        picture = np.take(fill, numbers)
        edges = np.flatnonzero(_edges(numbers, self.width))
        picture.ravel()[edges] = line[numbers.ravel()[edges]]
        return picture.view(np.uint8).reshape(*labels.shape, 4)


def sample(array: NDArray[Any], rect: Rect, to_slide: NDArray[np.float64], out: NDArray[Any]) -> None:
    """Put the values of ``array`` (rows, columns), which cover ``rect`` of the slide, into ``out``: a view, its top row first, whose pixels
    (x, y from below, 1) lie at ``to_slide`` (3, 3) of the slide, from 0 to 1. The view is upright or turned by quarters.
    """
    import numpy as np

    height, width = out.shape
    left, top, right, bottom = rect
    is_turned = abs(to_slide[0, 0]) < abs(to_slide[0, 1])
    # Rows of pictures go downwards, y goes upwards.
    x, y = np.arange(width), np.arange(height)[::-1]
    along, down = (y, x) if is_turned else (x, y)
    axis = 1 if is_turned else 0
    columns = np.floor((to_slide[0, axis] * along + to_slide[0, 2] - left) / (right - left) * array.shape[1]).astype(np.int64)
    rows = np.floor((to_slide[1, 1 - axis] * down + to_slide[1, 2] - top) / (bottom - top) * array.shape[0]).astype(np.int64)
    in_columns, in_rows = (np.flatnonzero((places >= 0) & (places < size)) for places, size in ((columns, array.shape[1]), (rows, array.shape[0])))
    if not len(in_columns) or not len(in_rows):
        return
    found = array[rows[in_rows]][:, columns[in_columns]]
    first, second = (in_columns, in_rows) if is_turned else (in_rows, in_columns)
    out[first[0] : first[-1] + 1, second[0] : second[-1] + 1] = found.T if is_turned else found


def _edges(numbers: NDArray[np.int32], width: int) -> NDArray[np.bool_]:
    """Where another number is at most ``width`` pixels away, up, down or to a side."""
    import numpy as np

    found = np.zeros(numbers.shape, bool)
    for distance in range(1, width + 1):
        for one, other in ((np.s_[distance:], np.s_[:-distance]), (np.s_[:, distance:], np.s_[:, :-distance])):
            differs = numbers[one] != numbers[other]
            found[one] |= differs
            found[other] |= differs
    found &= numbers > 0
    return found
