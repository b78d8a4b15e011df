"""Thumbnails: the preview of a series once more, small. What is made for one is there for the other."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from IDCBrowserLib.preview.cache import PictureCache
from IDCBrowserLib.preview.picture import Picture, fitted, from_png, to_bytes
from IDCBrowserLib.preview.series import Preview, preview
from IDCBrowserLib.selection.plan import PlannedSeries
from IDCBrowserLib.task import Task
from IDCBrowserLib.transfer.options import TransferOptions

# Twice the pixels of the window's place for them, for screens of high density.
SIDE = 192
# Of the network, for one of many that nobody asked for by itself.
_MOST_BYTES = 12_000_000
_MAX_FILES, _MAX_BYTES = 4000, 60_000_000


def thumbnail_of(series: PlannedSeries, options: TransferOptions, folder: Path, task: Task, files: Sequence[str | Path] = ()) -> Preview:
    """Of at most ``SIDE`` pixels a side, in ``folder`` below those of previews; raises as ``preview``."""
    small = PictureCache(folder / "thumbnails", _MAX_FILES, _MAX_BYTES)
    found = small.find(series.crdc_series_uuid)
    if found is not None:
        return Preview(*found)
    made = preview(series, options, PictureCache(folder / "previews"), task, files, _MOST_BYTES)
    if made.file is None:
        return made
    try:
        picture = from_png(made.file.read_bytes())
        reduced = Picture(to_bytes(fitted(picture.pixels, side=SIDE)), picture.description)
        return Preview(small.keep(series.crdc_series_uuid, reduced), made.description)
    except (OSError, ValueError):
        # Somebody else's file, or no room: the larger one does as well.
        return made
