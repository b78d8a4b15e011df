"""Options that several catalog commands share, and what they turn into."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from IDCBrowserLib.cli.terminal import say
from IDCBrowserLib.errors import InputError

if TYPE_CHECKING:
    from IDCBrowserLib.catalog.catalog import Catalog


def add_source_option(parser: argparse.ArgumentParser) -> None:
    """``--catalog-source FILE`` (repeatable)."""
    parser.add_argument(
        "--catalog-source",
        action="append",
        default=[],
        metavar="FILE",
        type=Path,
        help="an additional Parquet file with the columns of the IDC index; can be repeated",
    )


def add_filter_option(parser: argparse.ArgumentParser) -> None:
    """``--filter COLUMN=VALUE`` (repeatable)."""
    parser.add_argument(
        "--filter",
        action="append",
        default=[],
        metavar="COLUMN=VALUE",
        help="only series whose COLUMN has this VALUE (empty: not stated); values of one column are combined with OR, columns with AND",
    )


def open_catalog(arguments: argparse.Namespace) -> Catalog:
    """The catalog with the sources of ``--catalog-source``."""
    from IDCBrowserLib.catalog.catalog import Catalog

    return Catalog(extra_sources=arguments.catalog_source)


def parse_filters(texts: list[str]) -> dict[str, list[str]]:
    """``COLUMN=VALUE`` texts as filters; raises ``InputError`` for one without "=". The value may contain "=" itself."""
    filters: dict[str, list[str]] = {}
    for text in texts:
        column, sign, value = text.partition("=")
        if not sign or not column.strip():
            raise InputError(f"--filter {text!r} is not COLUMN=VALUE.")
        filters.setdefault(column.strip(), []).append(value)
    return filters


def tell_meant_filters(catalog: Catalog, filters: dict[str, list[str]]) -> dict[str, list[str]]:
    """Filters that leave nothing, as they were meant; what was taken otherwise than written is said on standard error."""
    from IDCBrowserLib.catalog.meant_filters import meant_filters

    meant, notes = meant_filters(filters, catalog.facets({}))
    for note in notes:
        say(f"{note}")
    return meant


def positive_number(text: str) -> int:
    """For argparse: a whole number, 0 or more."""
    try:
        value = int(text)
    except ValueError:
        value = -1
    if value < 0:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number of 0 or more")
    return value
