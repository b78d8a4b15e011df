"""``idc-browser check``: what of a shared cohort is still the same."""

from __future__ import annotations

import argparse
from pathlib import Path

from IDCBrowserLib.cli.catalog_options import add_source_option, open_catalog
from IDCBrowserLib.cli.outcome import Outcome
from IDCBrowserLib.errors import IncompleteError
from IDCBrowserLib.task import Task

_SHOWN = 20
_KINDS = {
    "revised": "have another version now",
    "gone": "were removed from IDC; the lock file still downloads them",
    "unknown": "are in none of the index files",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """DIR"""
    parser.add_argument("folder", type=Path, metavar="DIR", help="the folder that idc-browser share wrote, or its lock file")
    add_source_option(parser)


def run(arguments: argparse.Namespace, task: Task) -> Outcome:
    """Compare with the release in use; 4 when something is no longer the same."""
    from IDCBrowserLib.cohort.shared_folder import check_shared

    with open_catalog(arguments) as catalog:
        found = check_shared(catalog, arguments.folder.expanduser())
    lines = [
        f"{found['identical']:,} of {found['series']:,} series are identical in IDC release {found['current']} (shared from {found['idc_version']})"
    ]
    for kind, what in _KINDS.items():
        if found[kind]:
            lines += [f"{len(found[kind]):,} {what}:", *(f"  {row['SeriesInstanceUID']}" for row in found[kind][:_SHOWN])]
    changed = any(found[kind] for kind in _KINDS)
    return Outcome(found, "\n".join(lines), IncompleteError.exit_code if changed else 0)
