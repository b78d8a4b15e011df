"""``idc-browser info``: versions and folders, without loading what they belong to."""

from __future__ import annotations

import argparse
import platform
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import IDCBrowserLib
from IDCBrowserLib import paths
from IDCBrowserLib.cli.outcome import Outcome
from IDCBrowserLib.task import Task

# key in the document -> distribution
_PACKAGES = {
    "idc-index": ("idc-index",),
    "idc-index-data": ("idc-index-data",),
    "duckdb": ("duckdb",),
    "pydicom": ("pydicom",),
    "slicer-core": ("slicer-core",),
    "Qt": ("PySide6-Essentials", "PySide6"),
}
_S5CMD_TIMEOUT_S = 20


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """``info`` has no options of its own."""


def run(arguments: argparse.Namespace, task: Task) -> Outcome:
    """Print versions and paths; what is not installed is null."""
    versions: dict[str, Any] = {"idc-browser": IDCBrowserLib.__version__, "IDC release": _release(), "python": platform.python_version()}
    versions.update({key: _first_version(names) for key, names in _PACKAGES.items()})
    versions["s5cmd"] = _s5cmd_version()
    folders = {
        "catalog": _catalog_path(),
        "store": str(paths.default_download_folder()),
        "database": str(paths.default_database_folder()),
        "cache": str(paths.cache_folder()),
    }
    lines = [f"{name:<16}{value or 'not installed'}" for name, value in [*versions.items(), *folders.items()]]
    return Outcome({"versions": versions, "paths": folders}, "\n".join(lines))


def _first_version(names: tuple[str, ...]) -> str | None:
    for name in names:
        try:
            return version(name)
        except PackageNotFoundError:
            continue
    return None


def _release() -> str | None:
    """idc-index-data is numbered by the IDC release it describes."""
    installed = _first_version(("idc-index-data",))
    return None if installed is None else installed.partition(".")[0]


def _catalog_path() -> str | None:
    from IDCBrowserLib.catalog.files.sources import find_sources
    from IDCBrowserLib.errors import CatalogError

    try:
        return str(find_sources().series[0])
    except CatalogError:
        return None


def _s5cmd_version() -> str | None:
    """What the bundled program says of itself; the version of its package when it cannot be run."""
    program = Path(sys.executable).parent / ("s5cmd.exe" if sys.platform == "win32" else "s5cmd")
    try:
        output = subprocess.run([str(program), "version"], capture_output=True, text=True, timeout=_S5CMD_TIMEOUT_S, check=True).stdout
    except (OSError, subprocess.SubprocessError):
        return _first_version(("s5cmd",))
    return output.strip().removeprefix("v").partition("-")[0] or None
