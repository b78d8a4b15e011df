"""``idc-browser segments`` of a segmentation drawn on a slide: its sizes and segments, and some of them without the others."""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from IDCBrowserLib.cli.commands.convert import labelmap_text, parse_numbers
from IDCBrowserLib.cli.outcome import Outcome, table
from IDCBrowserLib.errors import InputError
from IDCBrowserLib.task import Task
from IDCBrowserLib.wording import human_size

if TYPE_CHECKING:
    from IDCBrowserLib.preview.objects import SeriesObject
    from IDCBrowserLib.slide.segment_levels import SegmentLevels


class _Counted:
    """An object of which it is known how much was read."""

    def __init__(self, item: SeriesObject) -> None:
        self._item = item
        self.size, self.label, self.series_uid = item.size, item.label, item.series_uid
        self.bytes_read = 0

    def read(self, start: int, stop: int) -> bytes:
        data = self._item.read(start, stop)
        self.bytes_read += len(data)
        return data


def of_slide(arguments: argparse.Namespace, objects: Sequence[SeriesObject], uid: str, task: Task) -> Outcome:
    """List the segments of the one segmentation in ``objects``, or convert those that are named."""
    from IDCBrowserLib.preview.objects import LocalObject
    from IDCBrowserLib.slide.segment_levels import read_segment_levels

    items = [_Counted(item) for item in objects if not isinstance(item, LocalObject)]
    found, notes = read_segment_levels([*items, *(str(item.path) for item in objects if isinstance(item, LocalObject))])
    if len(found) != 1:
        raise InputError(f"The series holds {len(found):,} segmentations of a slide. Download it, and give one of its files.")
    document, lines = _listed(found[0]) if arguments.segments is None else _converted(arguments, found[0], task)
    read, size = sum(item.bytes_read for item in items), sum(item.size for item in objects)
    lines += [*(f"Note: {note}" for note in notes), f"{human_size(read)} of {human_size(size)} read"]
    about = {
        "SeriesInstanceUID": uid or found[0].levels[0].seg.source.series_uid,
        "object_bytes": size,
        "segmentation_type": found[0].levels[0].seg.kind,
        "sizes": [{"object": level.seg.path, "columns": level.columns, "rows": level.rows} for level in found[0].levels],
        "notes": notes,
        "bytes_read": read,
    }
    return Outcome({**document, **about}, "\n".join(lines))


def _listed(levels: SegmentLevels) -> tuple[dict[str, Any], list[str]]:
    segments = list(levels.segments.values())
    left_out = ("voxels", "volume_mm3", "layer")
    shown = [{key: value for key, value in segment.to_json().items() if key not in left_out} for segment in segments]
    rows = [(one.number, one.name[:60], one.type.meaning if one.type else "") for one in segments]
    sizes = ", ".join(f"{level.columns:,} x {level.rows:,}" for level in levels.levels)
    lines = [table(rows, ("number", "name", "type")), f"Sizes in pixels: {sizes}"]
    return {"segments": shown}, lines


def _converted(arguments: argparse.Namespace, levels: SegmentLevels, task: Task) -> tuple[dict[str, Any], list[str]]:
    from IDCBrowserLib.labelmap.files.write import format_of, write
    from IDCBrowserLib.labelmap.options import ConvertOptions
    from IDCBrowserLib.labelmap.parts import parts_document
    from IDCBrowserLib.labelmap.seg.slide import convert_matrix

    begin = time.perf_counter()
    format_of(arguments.out)
    if arguments.slide_step < 1:
        raise InputError("--slide-step must be 1 or more.")
    if arguments.images is not None:
        raise InputError("--images is for segmentations of a patient; this one is of a slide.")
    numbers = parse_numbers(arguments.segments)
    # The smallest size that has as many pixels as are wanted is read in the least time.
    wanted = -(-levels.levels[0].columns // arguments.slide_step)
    matrix = next(level for level in reversed(levels.levels) if level.columns >= wanted)
    options = ConvertOptions(segments=numbers, slide_step=max(1, matrix.columns // wanted))
    part = convert_matrix(matrix, dict(levels.of_segments(numbers).segments), options, task)
    written = [write(part, Path(arguments.out))]
    document = {
        **parts_document((part,)),
        "files": [str(path) for group in written for path in group],
        "seconds": round(time.perf_counter() - begin, 3),
    }
    return document, labelmap_text((part,), written).splitlines()
