"""``idc-browser levels``: the files of a slide, of which each can be downloaded alone."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from IDCBrowserLib.cli.catalog_options import add_source_option, open_catalog
from IDCBrowserLib.cli.outcome import Outcome, table
from IDCBrowserLib.errors import NotFoundError
from IDCBrowserLib.task import Task
from IDCBrowserLib.wording import human_size

if TYPE_CHECKING:
    from IDCBrowserLib.api.catalog import SlideLevel

_HEADER = ("level", "columns", "rows", "µm/pixel", "files", "size", "SOPInstanceUID")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """UID"""
    parser.add_argument("uid", metavar="UID", help="the SeriesInstanceUID of a slide, a crdc_series_uuid, or the SOPInstanceUID of one of its files")
    add_source_option(parser)


def run(arguments: argparse.Namespace, task: Task) -> Outcome:
    """Levels from the largest, then label, overview and thumbnail."""
    from IDCBrowserLib.catalog.named_selection import one
    from IDCBrowserLib.selection.slide_levels import check_levels_here

    with open_catalog(arguments) as catalog:
        check_levels_here(catalog)
        uid = one(catalog, arguments.uid, "series")[0]
        levels = catalog.slide_levels([uid]).get(uid)
    if levels is None:
        raise NotFoundError(
            f"The index file of slides has no files of the series {uid}: the series is not a slide, or the index does not list the files of this one."
        )
    return Outcome({"SeriesInstanceUID": uid, "levels": levels}, lambda: table([_row(level) for level in levels], _HEADER))


def _row(level: SlideLevel) -> tuple[object, ...]:
    number, spacing, size = level["number"], level["spacing_mm"], level["bytes"]
    return (
        level["kind"] if number is None else str(number),
        level["columns"] or None,
        level["rows"] or None,
        None if spacing is None else f"{spacing * 1000:.3g}",
        len(level["instances"]),
        None if size is None else human_size(size),
        level["sop_instances"][0],
    )
