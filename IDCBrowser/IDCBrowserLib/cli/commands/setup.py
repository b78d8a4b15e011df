"""``idc-browser setup``: everything that a first start would ask or fetch."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path

from IDCBrowserLib.cli.outcome import Outcome, table
from IDCBrowserLib.errors import IncompleteError, InputError
from IDCBrowserLib.provisioning.machine import Wishes, problems, set_up
from IDCBrowserLib.provisioning.wheelhouse import check
from IDCBrowserLib.task import Task


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What is to be set up."""
    parser.add_argument("--slicer", type=Path, metavar="PATH", help="installation of 3D Slicer whose Python gets the packages")
    parser.add_argument("--from", dest="source", type=Path, metavar="DIR", help="a wheelhouse (idc-browser wheelhouse); nothing is fetched then")
    parser.add_argument("--store", default="", metavar="DIR", help='download folder; "~" is the home of whoever uses it')
    parser.add_argument("--database", default="", metavar="DIR", help="folder of the DICOM database of the standalone program")
    parser.add_argument(
        "--also-look-in", action="append", default=[], metavar="DIR", help="a shared store whose series are used where they lie; can be repeated"
    )
    parser.add_argument(
        "--index", action="append", default=[], metavar="NAME", help="additional index file to fetch (idc-browser indices); can be repeated"
    )
    parser.add_argument(
        "--set", action="append", default=[], metavar="KEY=VALUE", help="a setting, for example Transfer/Provider=gcs; can be repeated"
    )
    parser.add_argument("--all-users", action="store_true", help="folders and settings hold for all users of this machine, who may change them")
    parser.add_argument("--packages-only", action="store_true", help="only install the packages into Slicer's Python")
    parser.add_argument("--yes", action="store_true", help="agree to installing packages now and later, and do it without a question")


def run(arguments: argparse.Namespace, task: Task) -> Outcome:
    """Do all steps; exit code 4 when some failed."""
    from IDCBrowserLib.catalog.files.side_indices import check_name

    if not arguments.yes:
        raise InputError("This installs packages and writes folders and settings. Add --yes to agree to it.")
    if arguments.packages_only and arguments.slicer is None:
        raise InputError("--packages-only needs --slicer PATH.")
    for folder in (arguments.store, arguments.database, *arguments.also_look_in):
        if folder and not folder.startswith("~") and not Path(folder).is_absolute():
            raise InputError(f'{folder} is not an absolute path; give one, or one that begins with "~".')
    wishes = Wishes(
        slicer=arguments.slicer.expanduser().absolute() if arguments.slicer is not None else None,
        wheelhouse=check(arguments.source.expanduser().absolute()) if arguments.source is not None else None,
        store=arguments.store,
        database=arguments.database,
        also_look_in=tuple(arguments.also_look_in),
        indices=tuple(check_name(name) for name in arguments.index),
        settings=dict(_setting(text) for text in arguments.set),
        all_users=arguments.all_users,
        packages_only=arguments.packages_only,
    )
    steps = set_up(wishes, task)
    failed = problems(steps)
    text = table([[step.name, step.state, step.text] for step in steps], ["step", "state", ""])
    return Outcome({"steps": [asdict(step) for step in steps]}, text, IncompleteError.exit_code if failed else 0)


def _setting(text: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if not equals or not key.strip():
        raise InputError(f"{text!r} is not a setting; give it as KEY=VALUE, for example Transfer/Provider=gcs.")
    return key.strip(), value.strip()
