"""``idc-browser demo``: run the whole workflow once on a phantom patient, offline, through the window."""

from __future__ import annotations

import argparse
import os
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from IDCBrowserLib.cli.commands.window import check_screen
from IDCBrowserLib.cli.outcome import Outcome
from IDCBrowserLib.errors import IncompleteError, InputError, StorageError
from IDCBrowserLib.task import Progress, Task


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the demo."""
    parser.add_argument("--headless", action="store_true", help="run without a screen, write the results and exit")
    parser.add_argument("--out", metavar="DIR", help="folder for panel.png, views.png, the labelmaps, scene.mrb and report.json")


def run(arguments: argparse.Namespace, task: Task) -> Outcome:
    """Go the way. Ends in the open window where there is a screen and ``--headless`` was not given."""
    if find_spec("moto") is None:
        raise InputError("The demo needs a local S3 server; install it with: pip install 'idc-browser[demo]'")
    headless = arguments.headless or not has_screen()
    if headless:
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
    check_screen()
    out = Path(arguments.out).absolute() if arguments.out else None
    _make_folder(out)
    from IDCBrowserLib.demo.world import open_world, usual_objects_folder

    task.report(Progress("Preparing the phantom patient and its bucket"))
    try:
        world = open_world(task, objects_folder=usual_objects_folder())
    except OSError as error:
        raise StorageError(f"The demo could not write its files ({error}). Free some disk space, or set TMPDIR to a writable folder.") from error
    try:
        from IDCBrowserLib.host.standalone.demo_window import show_demo

        document = show_demo(world, out, headless, task)
    finally:
        world.close()
    return _outcome(document, out)


def has_screen() -> bool:
    """Whether a window can be shown; on macOS and Windows always."""
    if os.name != "posix" or os.uname().sysname == "Darwin":
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")) and os.environ.get("QT_QPA_PLATFORM") != "offscreen"


def _make_folder(out: Path | None) -> None:
    if out is None:
        return
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StorageError(f"The folder {out} cannot be made ({error.strerror}); choose another one with --out.") from error


def _outcome(document: dict[str, Any], out: Path | None) -> Outcome:
    downloaded, converted, objects = document["downloaded"], document["converted"], document["objects"]
    instances, segments = document["imported"].get("instances", 0), sum(len(item["segments"]) for item in converted)
    lines = [
        f"Downloaded {downloaded['files']} files of {downloaded['series']} series, added {instances} instances to the database,",
        f"loaded {len(document['loaded'])} series; {segments} segments became voxels,",
        "each with exactly the voxels it was drawn with." if document["right"] else "but not all with the voxels they were drawn with.",
        f"{sum(item['right'] for item in objects)} of {len(objects)} other objects are shown as they were made.",
    ]
    right = document["right"] and all(item["right"] for item in objects)
    if out is not None:
        lines.append(f"Pictures, labelmaps, scene and report are in {out}")
    if not right:
        raise IncompleteError("\n".join(lines))
    return Outcome(document, "\n".join(lines))
