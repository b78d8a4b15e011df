"""``idc-browser storage``: list downloaded data and disk usage."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import Any

from IDCBrowserLib.api.storage import Amounts, KeptPlace
from IDCBrowserLib.cli.catalog_options import open_catalog
from IDCBrowserLib.cli.outcome import Outcome, table
from IDCBrowserLib.cli.storage_options import add_folder_options
from IDCBrowserLib.cli.terminal import say
from IDCBrowserLib.selection.lookup import Lookup
from IDCBrowserLib.store.database import Database
from IDCBrowserLib.store.disk_usage import program_folders
from IDCBrowserLib.store.inventory import Inventory, grouped, take_inventory, totals
from IDCBrowserLib.store.leftovers import Leftover, find_leftovers
from IDCBrowserLib.store.move_record import put_right
from IDCBrowserLib.store.walk import Walker
from IDCBrowserLib.task import Task
from IDCBrowserLib.wording import human_count, human_size


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """See the module."""
    add_folder_options(parser)


def run(arguments: argparse.Namespace, task: Task) -> Outcome:
    """Look through the folder; changes nothing."""
    note = put_right()
    if note:
        say(note)
    database = Database(arguments.database)
    with open_catalog(arguments) as catalog:
        found = take_inventory(Lookup(catalog), database, arguments.folder, Walker(), task)
    leftovers = find_leftovers(found, task)
    places = program_folders(found.folder, str(database.folder), task)
    document = {
        "folder": found.folder,
        "database": str(database.folder),
        "totals": totals(found.series),
        "collections": [{"collection_id": name, **totals(items)} for name, items in grouped(found.series, "collection_id").items()],
        "series": [_series(item) for item in found.series],
        "leftovers": [{"kind": item.kind.value, "path": item.path, "files": item.files, "bytes": item.bytes} for item in leftovers],
        "unreadable": [{"folder": path, "reason": reason} for path, reason in found.unreadable],
        "places": places,
    }
    return Outcome(document, lambda: _text(found, leftovers, places))


def _series(item: Any) -> dict[str, Any]:
    return {
        "collection_id": item.collection_id,
        "PatientID": item.patient_id,
        "SeriesInstanceUID": item.series_uid,
        "directory": item.directory,
        "files": item.files,
        "bytes": item.bytes,
        "imported": item.imported,
        "status": item.status.value,
    }


def _text(found: Inventory, leftovers: Sequence[Leftover], places: Sequence[KeptPlace]) -> str:
    rows = [_row(name, totals(items)) for name, items in grouped(found.series, "collection_id").items()]
    parts = [f"{found.folder}: {human_count(len(found.series), 'series', 'series')}"]
    if rows:
        parts.append(table(rows, ("collection", "series", "in database", "older version", "incomplete", "files", "size")))
    parts.append(
        table(
            [(place["kind"], place["path"], f"{place['files']:,}", human_size(place["bytes"]), human_size(place["free"])) for place in places],
            ("what", "folder", "files", "size", "free on disk"),
        )
    )
    if leftovers:
        parts.append(
            table(
                [(item.kind.value, item.path, f"{item.files:,}", human_size(item.bytes)) for item in leftovers],
                ("to clean up", "path", "files", "size"),
            )
        )
    parts += [f"{path} cannot be read ({reason})." for path, reason in found.unreadable]
    return "\n\n".join(parts)


def _row(name: str, counts: Amounts) -> tuple[str, ...]:
    numbers = (counts["series"], counts["in database"], counts["older version"], counts["partial"], counts["files"])
    return (name, *(f"{number:,}" for number in numbers), human_size(counts["bytes"]))
