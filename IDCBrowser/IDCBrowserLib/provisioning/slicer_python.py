"""The Python inside a Slicer installation: finding it, and installing packages into it without a window."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from IDCBrowserLib.errors import NotFoundError
from IDCBrowserLib.provisioning.pip import run_pip
from IDCBrowserLib.task import Task

# Linux and Windows; macOS (Slicer.app).
_PLACES = ("bin/PythonSlicer", "bin/PythonSlicer.exe", "Contents/bin/PythonSlicer")


def find_python(slicer: Path) -> Path:
    """Of a folder, an application bundle, or the program itself. Raises ``NotFoundError``."""
    folder = slicer.parent if slicer.is_file() else slicer
    for place in _PLACES:
        if (folder / place).is_file():
            return folder / place
    raise NotFoundError(f"{slicer} is not an installation of 3D Slicer: there is no {_PLACES[0]} in it.")


def install(python: Path, requirements: Sequence[str], wheels: Path | None, task: Task) -> bool:
    """Whether anything had to be installed; from a folder of wheels alone where one is given."""
    arguments = ["--no-index", "--find-links", str(wheels)] if wheels is not None else []
    printed = run_pip(python, ["install", *arguments, *requirements], f"install the packages into {python}", task)
    return "Successfully installed" in printed
