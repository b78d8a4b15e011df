"""Keys of the registry of Windows below ``HKEY_CURRENT_USER\\Software\\Classes``."""

from __future__ import annotations

from contextlib import suppress
from importlib import import_module
from typing import Any

_ROOT = "Software\\Classes"


class UserClasses:
    """See ``link_handler.Registry``."""

    def __init__(self) -> None:
        # Of Python on Windows alone.
        self._winreg: Any = import_module("winreg")
        self._user = self._winreg.HKEY_CURRENT_USER

    def value(self, key: str, name: str) -> str | None:
        """See ``Registry``."""
        with suppress(OSError), self._winreg.OpenKey(self._user, f"{_ROOT}\\{key}") as opened:
            return str(self._winreg.QueryValueEx(opened, name)[0])
        return None

    def put(self, key: str, name: str, text: str) -> None:
        """See ``Registry``."""
        with self._winreg.CreateKey(self._user, f"{_ROOT}\\{key}") as made:
            self._winreg.SetValueEx(made, name, 0, self._winreg.REG_SZ, text)

    def remove(self, key: str) -> None:
        """See ``Registry``."""
        with suppress(FileNotFoundError):
            self._winreg.DeleteKey(self._user, f"{_ROOT}\\{key}")
