"""``idc-browser related``: series that belong to a series."""

from __future__ import annotations

import argparse

from IDCBrowserLib.cli.catalog_options import add_source_option, open_catalog
from IDCBrowserLib.cli.outcome import Outcome, table
from IDCBrowserLib.task import Task

_SHOWN = ("relation", "Modality", "SeriesDescription", "SeriesInstanceUID")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of ``related``."""
    parser.add_argument("uid", metavar="UID", help="a SeriesInstanceUID, or a crdc_series_uuid")
    add_source_option(parser)


def run(arguments: argparse.Namespace, task: Task) -> Outcome:
    """Print the related series with the kind of relation."""
    with open_catalog(arguments) as catalog:
        from IDCBrowserLib.catalog.named_selection import one

        uid = one(catalog, arguments.uid, "series")[0]
        found = catalog.related(uid)
    document = {"SeriesInstanceUID": uid, **found}
    rows = [[dict(row)[name] for name in _SHOWN] for row in found["series"]]
    parts = [table(rows, _SHOWN) if rows else "No related series found.", *(f"Note: {warning}" for warning in found["warnings"])]
    return Outcome(document, "\n".join(parts))
