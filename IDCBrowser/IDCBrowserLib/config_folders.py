"""Where settings lie by the conventions of each operating system: of this user, and of all users of the machine.

The places are those of platformdirs, which Slicer does not have before the packages are installed: what was agreed to at setup is read then. And
they are the same for each Python of a machine, where platformdirs gives that of Homebrew a place of its own for all users.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

_APPLICATION = "IDCBrowser"
_OWNER = "IDC"


def user_folder(platform: str = sys.platform) -> Path:
    """Of this user. ``XDG_CONFIG_HOME`` counts where it is absolute."""
    if platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", "") or Path.home() / "AppData" / "Local") / _OWNER / _APPLICATION
    usual = Path.home() / ("Library/Application Support" if platform == "darwin" else ".config")
    return _first([os.environ.get("XDG_CONFIG_HOME", "")], usual) / _APPLICATION


def common_folder(platform: str = sys.platform) -> Path:
    """Of all users. Of several in ``XDG_CONFIG_DIRS`` the first that is absolute."""
    if platform == "win32":
        return Path(os.environ.get("PROGRAMDATA", "") or "C:/ProgramData") / _OWNER / _APPLICATION
    usual = Path("/Library/Application Support" if platform == "darwin" else "/etc/xdg")
    return _first(os.environ.get("XDG_CONFIG_DIRS", "").split(os.pathsep), usual) / _APPLICATION


def _first(stated: Sequence[str], usual: Path) -> Path:
    return next((Path(one) for one in stated if os.path.isabs(one)), usual)
