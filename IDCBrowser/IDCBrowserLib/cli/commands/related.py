"""``idc-browser related``: series that belong to a series."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from IDCBrowserLib.cli.catalog_options import open_catalog
from IDCBrowserLib.cli.commands import download
from IDCBrowserLib.cli.outcome import Outcome, table
from IDCBrowserLib.cli.storage_options import add_folder_options
from IDCBrowserLib.task import Task

if TYPE_CHECKING:
    from IDCBrowserLib.api.catalog import RelatedSeries
    from IDCBrowserLib.catalog.catalog import Catalog
    from IDCBrowserLib.catalog.told_relations import Told

_SHOWN = ("relation", "Modality", "SeriesDescription", "SeriesInstanceUID")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of ``related``."""
    parser.add_argument("uid", metavar="UID", help="a SeriesInstanceUID, or a crdc_series_uuid")
    parser.add_argument(
        "--read",
        action="store_true",
        help="read what the objects of its study refer to, where no index says it: those in the download folder and the database, and of at most 64 "
        "others the beginning, by range requests",
    )
    add_folder_options(parser)
    download.add_endpoints(parser)


def run(arguments: argparse.Namespace, task: Task) -> Outcome:
    """Print the related series with the kind of relation."""
    with open_catalog(arguments) as catalog:
        from IDCBrowserLib.catalog.named_selection import one

        uid = one(catalog, arguments.uid, "series")[0]
        found = catalog.related(uid, _told(catalog, uid, arguments, task) if arguments.read else None)
    document = {"SeriesInstanceUID": uid, **found}
    rows = [[_relation(row), *(dict(row)[name] for name in _SHOWN[1:])] for row in found["series"]]
    parts = [table(rows, _SHOWN) if rows else "No related series found.", *(f"Note: {warning}" for warning in found["warnings"])]
    return Outcome(document, "\n".join(parts))


def _told(catalog: Catalog, uid: str, arguments: argparse.Namespace, task: Task) -> dict[str, Told]:
    from IDCBrowserLib.preview.references import Where, told_about

    return told_about(catalog, uid, Where(arguments.database, arguments.folder, download.endpoint_options(arguments)), task, {})


def _relation(row: RelatedSeries) -> str:
    return f"{row['relation']} through {', '.join(row['through'])}" if row["through"] else row["relation"]
