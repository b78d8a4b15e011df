"""``idc-browser facets``: how many series have each value of each facet."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from IDCBrowserLib.cli.catalog_options import add_filter_option, add_source_option, meant, open_catalog, parse_filters
from IDCBrowserLib.cli.outcome import Outcome
from IDCBrowserLib.cli.terminal import say
from IDCBrowserLib.errors import NotFoundError
from IDCBrowserLib.task import Task
from IDCBrowserLib.wording import human_count

if TYPE_CHECKING:
    from IDCBrowserLib.catalog.catalog import Catalog

NOT_STATED = ""
_TEXT_VALUES = 8
_MOST_ATTRIBUTES = 200


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of ``facets``."""
    add_filter_option(parser)
    parser.add_argument(
        "--clinical", action="store_true", help="also what clinical tables say of the cases that the filters leave, of tables on this computer"
    )
    add_source_option(parser)


def run(arguments: argparse.Namespace, task: Task) -> Outcome:
    """Print value -> count for each facet column; the empty text stands for "not stated"."""
    filters = parse_filters(arguments.filter)
    with open_catalog(arguments) as catalog:
        filters = meant(catalog, filters)
        counts = {**catalog.facets(filters), **_further(catalog, filters), **(_clinical(catalog, filters) if arguments.clinical else {})}
    document = {column: {_key(value): count for value, count in values} for column, values in counts.items()}
    return Outcome(document, "\n\n".join(_text(column, values) for column, values in document.items()))


def _further(catalog: Catalog, filters: dict[str, Any]) -> dict[str, list[tuple[Any, int]]]:
    """What the additional index files say that are on this computer: contents of segmentations, and how images were acquired."""
    from IDCBrowserLib.catalog.acquisition import ACQUISITION, indices_of
    from IDCBrowserLib.catalog.filters import CONTENT

    contents = [column for column, (index, _inside, _kind) in CONTENT.items() if not catalog.missing_indices([index])]
    acquired = [column for column in ACQUISITION if len(catalog.missing_indices(indices_of(column))) < len(indices_of(column))]
    counts = catalog.content_facets(filters, columns=contents) if contents else {}
    return {**counts, **{column: catalog.acquisition_values(column, filters) for column in acquired}}


def _clinical(catalog: Catalog, filters: dict[str, Any]) -> dict[str, list[tuple[Any, int]]]:
    """The attributes of the collections that the filters leave."""
    offered = catalog.clinical.attributes(filters, limit=_MOST_ATTRIBUTES)
    if offered["missing_index"]:
        index = offered["missing_index"]
        raise NotFoundError(f"Clinical attributes need the index file {index}, which is not on this computer: idc-browser indices --fetch {index}")
    if offered["more"]:
        say(f"{offered['more']:,} more clinical attributes are not listed. Name a collection: --filter collection_id=ID")
    counts: dict[str, list[tuple[Any, int]]] = {}
    missing: set[str] = set()
    for item in offered["attributes"]:
        facet = catalog.clinical.facet(item["key"], filters)
        missing.update(facet["missing_tables"])
        found = [*facet["values"], *((_range(low, high), int(count)) for low, high, count in facet["bins"])]
        if facet["not_stated"]:
            # Of numbers; among values it is one of them.
            found.append((None, facet["not_stated"]))
        if found:
            counts[item["key"]] = found
    if missing:
        tables = human_count(len(missing), "clinical table is", "clinical tables are")
        say(f"{tables} not on this computer. Fetch what you need: idc-browser clinical COLLECTION --fetch")
    return counts


def _range(low: float, high: float) -> str:
    return f"{low:.10g}" if low == high else f"{low:.10g}..{high:.10g}"


def _key(value: Any) -> str:
    return NOT_STATED if value is None else f"{value:.10g}" if isinstance(value, float) else str(value)


def _text(column: str, values: dict[str, int]) -> str:
    lines = [f"  {count:>9,}  {_short(value)}" for value, count in list(values.items())[:_TEXT_VALUES]]
    if len(values) > _TEXT_VALUES:
        lines.append(f"             and {len(values) - _TEXT_VALUES:,} more values")
    return "\n".join([column, *lines])


def _short(value: str) -> str:
    if value == NOT_STATED:
        return "(not stated)"
    return value if len(value) <= 100 else value[:99] + "…"
