"""``idc-browser wheelhouse``: a folder from which IDC Browser is installed without internet."""

from __future__ import annotations

import argparse
from pathlib import Path

from IDCBrowserLib.cli.outcome import Outcome
from IDCBrowserLib.errors import InputError, NotFoundError
from IDCBrowserLib.provisioning.house_files import LIST
from IDCBrowserLib.provisioning.wheelhouse import PLATFORMS, SLICER_PYTHON, make
from IDCBrowserLib.task import Task
from IDCBrowserLib.wording import human_count, human_size


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """--to DIR and what goes there."""
    parser.add_argument("--to", type=Path, required=True, metavar="DIR", help="folder to fill; created if it does not exist")
    parser.add_argument(
        "--platform", action="append", choices=sorted(PLATFORMS), help="system of the machines without internet; can be repeated (default: all three)"
    )
    parser.add_argument("--python", default=SLICER_PYTHON, metavar="X.Y", help="version of Slicer's Python there (default: %(default)s)")
    parser.add_argument(
        "--index",
        action="append",
        default=[],
        metavar="NAME",
        help='index file to take along, of those on this computer; "all": every one (idc-browser indices)',
    )
    parser.add_argument("--standalone", action="store_true", help="also the wheels of the standalone program, for this Python and this system")


def run(arguments: argparse.Namespace, task: Task) -> Outcome:
    """Fill the folder."""
    if not all(part.isdecimal() for part in arguments.python.split(".")) or arguments.python.count(".") != 1:
        raise InputError(f"{arguments.python!r} is not a version of Python; give it as 3.12.")
    folder = arguments.to.expanduser().absolute()
    platforms = list(dict.fromkeys(arguments.platform or sorted(PLATFORMS)))
    document = make(folder, platforms, arguments.python, _index_files(arguments.index), arguments.standalone, task)
    files = document["files"]
    size = human_size(sum(entry["bytes"] for entry in files))
    count = human_count(len(files), "file", "files")
    text = f"{count} ({size}) in {folder}, listed in {LIST}.\nOn the other machine: idc-browser setup --from DIR --yes"
    return Outcome({"directory": str(folder), **document}, text)


def _index_files(names: list[str]) -> list[Path]:
    from IDCBrowserLib.catalog.files.side_indices import SIDE_INDICES, check_name, find, folders
    from IDCBrowserLib.catalog.files.sources import find_sources

    where = folders(find_sources().data_version)
    if "all" in names:
        return [path for name in SIDE_INDICES if (path := find(name, where)) is not None]
    found = {check_name(name): find(name, where) for name in names}
    missing = [name for name, path in found.items() if path is None]
    if missing:
        raise NotFoundError(f"The index file {missing[0]} is not on this computer; fetch it first: idc-browser indices --fetch {missing[0]}")
    return [path for path in found.values() if path is not None]
