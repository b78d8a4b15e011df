"""``idc-browser`` without a command, or ``idc-browser window``: the panels beside the views of a scene."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from IDCBrowserLib import paths
from IDCBrowserLib.cli.outcome import Outcome
from IDCBrowserLib.errors import InputError, NotFoundError
from IDCBrowserLib.task import Task

if TYPE_CHECKING:
    from IDCBrowserLib.host.standalone.window import WindowConfig


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the window."""
    parser.add_argument("--endpoint-url", metavar="URL", help="S3 server to download from instead of the public buckets")
    parser.add_argument("--provider", choices=("aws", "gcs", "auto"), help="whose public buckets to download from")
    parser.add_argument(
        "--catalog-source", metavar="FILE", action="append", default=[], help="an additional Parquet file with series; can be repeated"
    )
    parser.add_argument("--download-folder", metavar="DIR", default="", help="download folder")
    parser.add_argument("--database", metavar="DIR", default="", help="folder of the DICOM database")


def run(arguments: argparse.Namespace, task: Task) -> Outcome:
    """Show the window until it is closed."""
    for source in arguments.catalog_source:
        if not Path(source).is_file():
            raise NotFoundError(f"The catalog source {source} does not exist; give an existing parquet file.")
    check_screen()
    from IDCBrowserLib.host.standalone.window import WindowConfig

    return _show(
        task,
        WindowConfig(
            endpoint_url=arguments.endpoint_url,
            provider=arguments.provider,
            catalog_sources=tuple(map(os.path.abspath, arguments.catalog_source)),
            download_folder=os.path.abspath(arguments.download_folder) if arguments.download_folder else "",
            database=os.path.abspath(arguments.database) if arguments.database else "",
            settings_file=str(paths.settings_file() or ""),
        ),
    )


def show_window(task: Task, sources: Sequence[str]) -> Outcome:
    """As without options, with something to show first."""
    check_screen()
    from IDCBrowserLib.host.standalone.window import WindowConfig

    return _show(task, WindowConfig(settings_file=str(paths.settings_file() or ""), sources=tuple(sources)))


def _show(task: Task, config: WindowConfig) -> Outcome:
    from IDCBrowserLib.host.standalone.window import run_window

    code = run_window(config, task.on_cancel)
    task.raise_if_cancelled()
    return Outcome({"closed": True}, exit_code=code)


def check_screen() -> None:
    """Raise ``InputError`` when a window cannot be shown: packages or a screen are missing. Qt itself would end the process."""
    missing = [name for name in ("PySide6", "slicer", "vtkmodules") if find_spec(name) is None]
    if missing:
        raise InputError(f"The window needs {', '.join(missing)}; install it with: pip install 'idc-browser[standalone]'")
    chosen = os.environ.get("QT_QPA_PLATFORM")
    if sys.platform.startswith("linux") and not chosen and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        raise InputError("No display is available to show a window. Use the other commands (idc-browser --help), or idc-browser demo --headless.")
