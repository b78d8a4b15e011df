"""``idc-browser indices``: the indices that are not in the package, and getting them."""

from __future__ import annotations

import argparse
from typing import Any

from IDCBrowserLib.cli.network_options import add_network, network_of
from IDCBrowserLib.cli.outcome import Outcome, table
from IDCBrowserLib.errors import CancelledError, IDCBrowserError, IncompleteError, InputError
from IDCBrowserLib.network import Network
from IDCBrowserLib.task import Task
from IDCBrowserLib.wording import human_size

_ALL = "all"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of ``indices``."""
    parser.add_argument("--fetch", action="append", default=[], metavar="NAME", help='fetch this index file, or "all"; can be repeated')
    parser.add_argument(
        "--from",
        dest="source",
        default="",
        metavar="URL|DIR",
        help="fetch them from this address or folder, which contains NAME.parquet (for use without internet access)",
    )
    add_network(parser)


def run(arguments: argparse.Namespace, task: Task) -> Outcome:
    """Print what is here, after fetching what was asked for. Exit code 4 when some could not be got."""
    from IDCBrowserLib.catalog.files.side_indices import SIDE_INDICES, check_name, status
    from IDCBrowserLib.catalog.files.sources import find_sources

    if arguments.source and not arguments.fetch:
        raise InputError("--from needs --fetch: name the index file to fetch from there.")
    version = find_sources().data_version
    names = list(SIDE_INDICES) if _ALL in arguments.fetch else [check_name(name) for name in dict.fromkeys(arguments.fetch)]
    errors = _fetch(names, version, arguments.source, network_of(arguments), task)
    rows: list[dict[str, Any]] = [
        {
            "name": found.name,
            "about": found.about,
            "state": found.state,
            "path": str(found.path) if found.path else None,
            "bytes": found.bytes,
            "reason": found.reason,
            "error": str(errors[found.name]) if found.name in errors else None,
        }
        for found in status(version)
    ]
    shown = [[row["name"], row["state"], human_size(row["bytes"]) if row["path"] else None, row["about"]] for row in rows]
    lines = [table(shown, ["name", "state", "size", "about"]), *(f"{name}: {error}" for name, error in errors.items())]
    return Outcome({"version": version, "indices": rows}, "\n".join(lines), _exit_code(names, errors))


def _fetch(names: list[str], version: str, source: str, network: Network, task: Task) -> dict[str, IDCBrowserError]:
    from IDCBrowserLib.catalog.files.side_fetch import fetch

    errors: dict[str, IDCBrowserError] = {}
    for name in names:
        try:
            fetch(name, version, task, source, network=network)
        except CancelledError:
            raise
        except IDCBrowserError as error:
            errors[name] = error
    return errors


def _exit_code(names: list[str], errors: dict[str, IDCBrowserError]) -> int:
    if not errors:
        return 0
    return next(iter(errors.values())).exit_code if len(names) == 1 else IncompleteError.exit_code
