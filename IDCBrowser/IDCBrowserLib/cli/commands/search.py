"""``idc-browser search``: find anything by text or identifier."""

from __future__ import annotations

import argparse

from IDCBrowserLib.cli.catalog_options import add_source_option, open_catalog, positive_number
from IDCBrowserLib.cli.outcome import Outcome, table
from IDCBrowserLib.errors import InputError
from IDCBrowserLib.task import Task

# What segments, regions, ROIs and algorithms are found in.
_NAMES = ("seg_index", "rtstruct_index")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of ``search``."""
    parser.add_argument("text", help="part of an identifier, a collection's name, words of a description, a DOI")
    parser.add_argument("--limit", type=positive_number, default=50, metavar="N", help="at most N hits (50 unless given)")
    add_source_option(parser)


def run(arguments: argparse.Namespace, task: Task) -> Outcome:
    """Print the hits, best first."""
    if not arguments.text.strip():
        raise InputError("Give a text to search for.")
    with open_catalog(arguments) as catalog:
        hits = catalog.search(arguments.text, arguments.limit)
        missing = catalog.missing_indices(_NAMES)
    rows = [[hit["level"], hit["label"], hit["description"][:60], hit["id"]] for hit in hits]
    text = table(rows, ["level", "name", "about", "id"]) if rows else f"Nothing found for {arguments.text!r}."
    if missing:
        fetch = " and ".join(f"idc-browser indices --fetch {name}" for name in missing)
        text += f"\nNote: Segments, regions, ROIs and their codes were not searched; that needs {fetch} once."
    return Outcome(hits, text)
