"""``idc-browser list``: rows of the catalog."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any

from IDCBrowserLib.cli.catalog_options import add_filter_option, add_source_option, named, open_catalog, parse_filters, positive_number, spelled
from IDCBrowserLib.cli.outcome import Outcome, table_parts
from IDCBrowserLib.task import Task
from IDCBrowserLib.wording import human_size

_LEVELS = ("collections", "cases", "studies", "series")
_TEXT_LIMIT = 50

# What fits a terminal; --json has every column.
_SHOWN = {
    "collections": ("collection_id", "collection_name", "tumor_locations", "modalities", "cases", "studies", "series", "size_bytes"),
    "cases": ("collection_id", "PatientID", "PatientSex", "PatientAge", "modalities", "studies", "series", "size_bytes"),
    "studies": ("collection_id", "PatientID", "StudyDate", "StudyDescription", "modalities", "series", "size_bytes", "StudyInstanceUID"),
    "series": ("PatientID", "SeriesNumber", "Modality", "SeriesDescription", "instanceCount", "size_bytes", "SeriesInstanceUID"),
}
_WIDEST = 48


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of ``list``."""
    parser.add_argument("level", choices=_LEVELS, help="what to list")
    parser.add_argument("--collection", action="append", default=[], metavar="ID", help="only from this collection; can be repeated")
    parser.add_argument("--case", metavar="ID", help="only from this case: a PatientID, or COLLECTION/PatientID")
    parser.add_argument("--study", metavar="UID", help="only from this study")
    add_filter_option(parser)
    parser.add_argument("--limit", type=positive_number, metavar="N", help="at most N rows (without --json 50 unless given; 0: no limit)")
    add_source_option(parser)


def run(arguments: argparse.Namespace, task: Task) -> Outcome:
    """Print the rows."""
    pages = _pages(arguments, task)
    total, first = next(pages)
    rows = chain([first], (page for _, page in pages))
    return Outcome((row for page in rows for row in page), lambda: _text(arguments.level, rows, total))


def _pages(arguments: argparse.Namespace, task: Task) -> Iterator[tuple[int, list[dict[str, Any]]]]:
    """How many rows there are, with some of them; the catalog stays open meanwhile."""
    from IDCBrowserLib.catalog.named_selection import parent_selections

    filters = parse_filters(arguments.filter)
    with open_catalog(arguments) as catalog:
        filters = named(catalog, filters)
        conditions = parent_selections(catalog, arguments.collection, arguments.case, arguments.study)
        task.raise_if_cancelled()
        total, pages = catalog.list_pages(arguments.level, conditions, filters=filters, limit=_limit(arguments))
        if not total and filters:
            filters = spelled(catalog, filters)
            total, pages = catalog.list_pages(arguments.level, conditions, filters=filters, limit=_limit(arguments))
        for page in pages:
            task.raise_if_cancelled()
            yield total, page


def _limit(arguments: argparse.Namespace) -> int | None:
    if arguments.limit is None:
        return None if arguments.json else _TEXT_LIMIT
    return arguments.limit or None


def _text(level: str, pages: Iterable[list[dict[str, Any]]], total: int) -> Iterator[str]:
    if not total:
        yield f"No {level} match."
        return
    names = _SHOWN[level]
    shown = 0

    def cells() -> Iterator[list[list[object]]]:
        nonlocal shown
        for page in pages:
            shown += len(page)
            yield [[_cell(row, name) for name in names] for row in page]

    yield from table_parts(cells(), ["size" if name == "size_bytes" else name for name in names])
    if total != shown:
        yield f"{shown:,} of {total:,} {level}; --limit 0 shows all"


def _cell(row: dict[str, Any], name: str) -> object:
    if name == "size_bytes":
        size = row.get("size_bytes", None if row.get("series_size_MB") is None else row["series_size_MB"] * 1e6)
        return None if size is None else human_size(size)
    value = row[name]
    if isinstance(value, str) and len(value) > _WIDEST and not name.endswith("UID"):
        return value[: _WIDEST - 1] + "…"
    return value
