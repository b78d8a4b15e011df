"""Options that several catalog commands share, and what they turn into."""

from __future__ import annotations

import argparse
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from IDCBrowserLib.cli.terminal import say
from IDCBrowserLib.errors import InputError
from IDCBrowserLib.wording import first_of, human_count

if TYPE_CHECKING:
    from IDCBrowserLib.catalog.catalog import Catalog

# Of clinical tables: a common attribute is in a hundred.
_MOST_NAMED = 10
_END = re.compile(r"(?:-?\d+(?:\.\d+)?)?")
_DATE = re.compile(r"-?\d+(?:\.\d+)?|\d{4}(?:-\d{2}){1,2}")
# Beyond it an amount in bytes has no meaning.
_LARGEST = 1e12
# The last character before "=" and what it makes of a filter.
_SIGNS = {"!": "none", "<": "max", ">": "min"}


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
        help="only series whose COLUMN has this VALUE (empty: not stated); values of one column are combined with OR, columns with AND. "
        "COLUMN!=VALUE excludes, COLUMN<=NUMBER, COLUMN>=NUMBER and COLUMN=FROM..TO are ranges. clinical:ATTRIBUTE is what clinical tables say of "
        "the case, such as clinical:gender=Male; facets --clinical lists the attributes",
    )


def open_catalog(arguments: argparse.Namespace) -> Catalog:
    """The catalog with the sources of ``--catalog-source``."""
    from IDCBrowserLib.catalog.catalog import Catalog

    return Catalog(extra_sources=arguments.catalog_source)


def parse_filters(texts: list[str]) -> dict[str, Any]:
    """The texts of ``--filter`` as filters; raises ``InputError`` for one without a sign. The value may contain "=" itself."""
    from IDCBrowserLib.api.clinical import is_clinical
    from IDCBrowserLib.catalog.filters import is_number

    filters: dict[str, Any] = {}
    for text in texts:
        column, sign, value = text.partition("=")
        key = _SIGNS.get(column[-1:], "any")
        column = column.rstrip("!<>").strip()
        if not sign or not column:
            raise InputError(f"--filter {text!r} is not COLUMN=VALUE, COLUMN!=VALUE, COLUMN<=NUMBER or COLUMN>=NUMBER.")
        wanted = filters.setdefault(column, {})
        low, dots, high = value.partition("..")
        if key in ("min", "max"):
            wanted[key] = _number(text, value)
        elif key == "any" and dots and (is_number(column) or (is_clinical(column) and _are_ends(low, high))):
            wanted.update({end: _number(text, number) for end, number in (("min", low), ("max", high)) if number.strip()})
        elif key == "any" and dots and not is_clinical(column) and _are_dates(low, high):
            hint = " For years of studies: year=FROM..TO." if column.endswith("Date") else ""
            raise InputError(f"--filter {text!r}: {column} is a text, so it has no ranges.{hint}")
        else:
            wanted.setdefault(key, []).append(value)
    return {column: wanted["any"] if set(wanted) == {"any"} else wanted for column, wanted in filters.items()}


def _number(text: str, value: str) -> float:
    try:
        return float(value)
    except ValueError as error:
        raise InputError(f"--filter {text!r}: {value!r} is not a number.") from error


def _are_ends(low: str, high: str) -> bool:
    """Whether these are the ends of a range; a clinical attribute may have values with two dots."""
    return bool(low or high) and all(_END.fullmatch(text.strip()) for text in (low, high))


def _are_dates(low: str, high: str) -> bool:
    """Numbers, or dates such as 1999-12-31."""
    return bool(low or high) and all(not text.strip() or _DATE.fullmatch(text.strip()) for text in (low, high))


def meant(catalog: Catalog, filters: dict[str, Any]) -> dict[str, Any]:
    """Filters as they were meant; what was taken otherwise than written, and what is missing, is said on standard error."""
    filters = named(catalog, filters)
    return spelled(catalog, filters) if filters and not catalog.totals(filters)["series"] else filters


def named(catalog: Catalog, filters: dict[str, Any]) -> dict[str, Any]:
    """Filters with the names of clinical attributes as the index has them. Raises ``InputError`` for one that is none, naming similar
    ones, and for two names of the same one.
    """
    from IDCBrowserLib.api.clinical import is_clinical

    keys = {column: catalog.clinical.key_of(column) for column in filters if is_clinical(column)}
    others = {column: wanted for column, wanted in filters.items() if column not in keys}
    for column, key in keys.items():
        same = next((other for other in filters if other != column and keys.get(other) == key), "")
        if same:
            raise InputError(f"--filter {column} and --filter {same} are the same clinical attribute; use one of these names for both.")
        if key != column:
            say(f"{column} was taken as {key}.")
        missing = catalog.clinical.facet(key, others)["missing_tables"]
        if missing:
            tables = human_count(len(missing), "clinical table is", "clinical tables are")
            say(f"{key}: {tables} not on this computer ({first_of(missing, _MOST_NAMED)}).")
    return {keys.get(column, column): wanted for column, wanted in filters.items()}


def spelled(catalog: Catalog, filters: dict[str, Any]) -> dict[str, Any]:
    """Filters that leave nothing, with values as the catalog spells them."""
    from IDCBrowserLib.api.clinical import is_clinical
    from IDCBrowserLib.catalog.facets.meant_filters import meant_filters

    values = {column: wanted for column, wanted in filters.items() if isinstance(wanted, list)}
    clinical = [column for column in values if is_clinical(column)]
    known = {**catalog.facets({}), **{key: catalog.clinical.facet(key)["values"] for key in clinical}}
    as_known, notes = meant_filters(values, known, {key: catalog.clinical.codes_of(key) for key in clinical})
    for note in notes:
        say(note)
    return {**filters, **as_known}


def number(text: str) -> float:
    """For ``argparse``: a number to count with; "nan" and "inf" are none."""
    value = float(text)
    if not abs(value) < _LARGEST:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number that can be used")
    return value


def positive_number(text: str) -> int:
    """For argparse: a whole number, 0 or more."""
    try:
        value = int(text)
    except ValueError:
        value = -1
    if value < 0:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number of 0 or more")
    return value
