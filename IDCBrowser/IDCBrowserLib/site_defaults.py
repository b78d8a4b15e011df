"""What whoever set up this machine has decided for its users: folders, shared stores, settings. Each user may decide otherwise.

A file ``defaults.json``, written by ``idc-browser setup``, of this user or of all users (by the conventions of the operating system), or below
``IDC_BROWSER_HOME`` alone where that is set::

    {"download_folder": "~/idc", "database": "~/idc-database", "also_look_in": ["/data/idc"], "settings": {"Transfer/Provider": "gcs"},
     "install_packages": true}

The user's file wins over that of all users, entry by entry; the page "Settings" writes its ``also_look_in``.
A file that cannot be read counts as empty; ``problem()`` says why.
"""

from __future__ import annotations

import json
import logging
import os
import stat
from collections.abc import Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

from IDCBrowserLib.config_folders import common_folder, user_folder
from IDCBrowserLib.errors import InputError, StorageError
from IDCBrowserLib.whole_file import write_whole

logger = logging.getLogger(__name__)

NAME = "defaults.json"
DOWNLOAD_FOLDER = "download_folder"
DATABASE = "database"
ALSO_LOOK_IN = "also_look_in"
SETTINGS = "settings"
INSTALL_PACKAGES = "install_packages"
_MAX_BYTES = 1 << 20


def user_file() -> Path:
    """That of this user; below ``IDC_BROWSER_HOME`` where that is set."""
    home = os.environ.get("IDC_BROWSER_HOME", "")
    if home:
        return Path(home).expanduser() / NAME
    return user_folder() / NAME


def common_file() -> Path | None:
    """That of all users of this machine; None below ``IDC_BROWSER_HOME``, which stands for itself."""
    if os.environ.get("IDC_BROWSER_HOME", ""):
        return None
    return common_folder() / NAME


def folder(key: str) -> Path | None:
    """``download_folder`` or ``database``; a leading ``~`` is the user's home. Raises ``InputError`` for what is no path."""
    value = _merged().get(key)
    return _path(key, value) if isinstance(value, str) and value else None


def shared_stores() -> tuple[Path, ...]:
    """Folders of downloaded series that others keep: read, never written."""
    value = _merged().get(ALSO_LOOK_IN)
    return tuple(_path(ALSO_LOOK_IN, one) for one in value if isinstance(one, str) and one) if isinstance(value, list) else ()


def _path(key: str, text: str) -> Path:
    """Raises ``InputError`` for what is no path on this machine."""
    with suppress(RuntimeError):
        if "\0" not in text:
            return Path(text).expanduser()
    files = " or ".join(str(file) for file in _files() if key in _read(str(file))[0])
    raise InputError(f"{key} in {files} is {text[:200]!r}, which is not a folder on this machine. Change it there, or with: idc-browser setup")


def agreed_to_packages() -> bool:
    """Whether whoever set this up has agreed to installing the packages of ``requirements.txt`` into Slicer's Python."""
    return _merged().get(INSTALL_PACKAGES) is True


def setting(key: str) -> str | None:
    """The text of a setting; None where nobody decided."""
    value = _merged().get(SETTINGS)
    found = value.get(key) if isinstance(value, Mapping) else None
    return found if isinstance(found, str) else None


def problem() -> str:
    """Why one of the files is not used; "" when all is well."""
    return next((reason for file in _files() if (reason := problem_of(file))), "")


def problem_of(file: Path) -> str:
    """Why one file is not used; "" when it is, or is not there."""
    return _read(str(file))[1]


def read(file: Path) -> dict[str, Any]:
    """The entries of one file; empty where it is missing or cannot be read."""
    return dict(_read(str(file))[0])


def write(file: Path, document: Mapping[str, Any], advice: str) -> None:
    """Replace the entries of one file; ``advice`` ends the sentence of the ``StorageError`` when that cannot be done."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StorageError(f"{file.parent} cannot be made ({error.strerror}); {advice}.") from error
    write_whole(file, json.dumps(document, indent=1, ensure_ascii=False) + "\n")
    forget()


def forget() -> None:
    """Read the files anew at the next question: they were written."""
    _read.cache_clear()


def _merged() -> dict[str, Any]:
    merged: dict[str, Any] = {}
    for file in _files():
        for key, value in _read(str(file))[0].items():
            if isinstance(value, dict) and isinstance(merged.get(key), dict):
                merged[key] = {**value, **merged[key]}
            else:
                merged.setdefault(key, value)
    return merged


def _files() -> list[Path]:
    common = common_file()
    return [user_file()] if common is None else [user_file(), common]


@cache
def _read(file: str) -> tuple[dict[str, Any], str]:
    try:
        if not stat.S_ISREG(os.stat(file).st_mode):
            raise OSError("it is not a regular file")
        with open(file, "rb") as stream:
            document = json.loads(stream.read(_MAX_BYTES))
    except FileNotFoundError:
        return {}, ""
    except (OSError, ValueError, RecursionError) as error:
        logger.warning("%s is not used: %s", file, error)
        return {}, f"{file} cannot be read ({type(error).__name__}) and is not used; write it again with: idc-browser setup"
    if not isinstance(document, dict):
        return {}, f"{file} does not hold settings and is not used; write it again with: idc-browser setup"
    return document, ""
