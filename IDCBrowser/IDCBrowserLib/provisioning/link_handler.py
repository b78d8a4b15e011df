"""Has the system open links ``idc-browser://...`` with this program: written only on request, and of what is there only that is removed.

Linux: a desktop entry (freedesktop.org Desktop Entry Specification) and one line of ``mimeapps.list`` (MIME Application Associations). Windows: a key
below ``HKEY_CURRENT_USER\\Software\\Classes``. On macOS only an application bundle can take links; docs/links.md says how to make one.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple, Protocol

from IDCBrowserLib.errors import InputError, StorageError
from IDCBrowserLib.whole_file import whole_file

SCHEME = "idc-browser"
_ENTRY = "idc-browser-links.desktop"
_TYPE = f"x-scheme-handler/{SCHEME}"
_OURS = "X-IDCBrowser-Written=true"
_DEFAULTS = "[Default Applications]"
_LINE = f"{_TYPE}={_ENTRY}"
_TOOL_S = 10
# Of a key of the registry.
_MARK = "WrittenBy"
_PROGRAM = "IDC Browser"
# The list of somebody who had none, so that it is known for ours.
_ALONE = f"# Made by {_PROGRAM}.\n{_DEFAULTS}\n{_LINE}\n"


class HandlerState(NamedTuple):
    """``installed``: links open with this program; ``place`` of what says so; ``opens``: the command; ``other``: somebody else's entry is there."""

    installed: bool
    place: str
    opens: str = ""
    other: bool = False


class LinkHandler(Protocol):
    """Of one operating system."""

    def state(self) -> HandlerState:
        """As it is now."""

    def install(self) -> None:
        """Write it. Raises ``StorageError``; ``InputError`` where somebody else's is in its place."""

    def remove(self) -> None:
        """Remove what ``install`` wrote, and nothing else. Raises ``StorageError``."""


def opening_command() -> list[str]:
    """What opens a link that is put behind it."""
    home = os.environ.get("IDC_BROWSER_HOME", "")
    settings = ["--home", os.path.abspath(os.path.expanduser(home))] if home else []
    return [*_program(), "links", *settings, "open", "--"]


def _program() -> list[str]:
    """The command beside this Python; without one, its module run by this Python."""
    folder = Path(sys.executable).parent
    for name in ("idc-browser.exe", "idc-browser"):
        if (folder / name).is_file():
            return [str(folder / name)]
    return [sys.executable, "-m", "IDCBrowserLib.cli.program"]


class DesktopEntry:
    """Linux and what follows freedesktop.org; ``data`` and ``config`` are the user's XDG folders."""

    def __init__(self, data: Path, config: Path) -> None:
        self._entry = data / "applications" / _ENTRY
        self._associations = config / "mimeapps.list"

    def state(self) -> HandlerState:
        """See ``LinkHandler``."""
        lines = _lines(self._entry)
        if _OURS not in lines:
            return HandlerState(False, str(self._entry), other=os.path.lexists(self._entry))
        chosen = _chosen(_text(self._associations))
        opens = next((line.partition("=")[2] for line in lines if line.startswith("Exec=")), "")
        return HandlerState(chosen in ("", _ENTRY), str(self._entry), opens, chosen not in ("", _ENTRY))

    def install(self) -> None:
        """See ``LinkHandler``."""
        if os.path.lexists(self._entry) and _OURS not in _lines(self._entry):
            raise InputError(f"{self._entry} is there and was not written by this program; move it away first.")
        associations = _text(self._associations)
        chosen = _chosen(associations)
        if chosen not in ("", _ENTRY):
            raise InputError(f"{self._associations} has links {SCHEME}:// opened by {chosen}; remove that line first.")
        _write(self._entry, "".join(f"{line}\n" for line in _entry_lines(opening_command())))
        if not chosen:
            _write(self._associations, _with_line(associations) if os.path.lexists(self._associations) else _ALONE)
        self._tell_the_desktop()

    def remove(self) -> None:
        """See ``LinkHandler``."""
        if _OURS in _lines(self._entry):
            _unlink(self._entry)
        associations = _text(self._associations)
        if associations == _ALONE and not self._associations.is_symlink():
            _unlink(self._associations)
        elif _LINE in _split(associations):
            _write(self._associations, _without_line(associations))
        self._tell_the_desktop()

    def _tell_the_desktop(self) -> None:
        """Desktops read a list of all entries, which a program of theirs makes; without it they find the entry by its name in mimeapps.list."""
        program = shutil.which("update-desktop-database")
        if program and self._entry.parent.is_dir():
            with suppress(OSError, subprocess.SubprocessError):
                subprocess.run([program, "-q", str(self._entry.parent)], check=False, timeout=_TOOL_S, stdin=subprocess.DEVNULL, capture_output=True)


def _entry_lines(command: Sequence[str]) -> list[str]:
    return [
        "[Desktop Entry]",
        "Type=Application",
        f"Name={_PROGRAM}",
        "Comment=Opens links to data of the NCI Imaging Data Commons",
        f"Exec={' '.join(map(_quoted, command))} %u",
        "Terminal=false",
        "NoDisplay=true",
        f"MimeType={_TYPE};",
        _OURS,
    ]


def _quoted(word: str) -> str:
    """An argument of Exec: quoted, then escaped as a string of the file; percent signs begin field codes."""
    if any(ord(character) < 32 for character in word):
        raise InputError(f"The path {word!r} has control characters, which no desktop entry can hold.")
    inner = "".join(f"\\{character}" if character in '"`$\\' else character for character in word)
    return f'"{inner}"'.replace("\\", "\\\\").replace("%", "%%")


def _text(path: Path) -> str:
    """Of a text file, with its line ends; none of one that is not there."""
    try:
        return path.read_bytes().decode("utf-8") if path.is_file() else ""
    except (OSError, UnicodeDecodeError) as error:
        raise StorageError(f"{path} cannot be read ({error}); look what it is.") from error


def _split(text: str) -> list[str]:
    """Its lines: only line feeds, perhaps after a carriage return, end one."""
    return [line.removesuffix("\r") for line in text.removeprefix("\ufeff").split("\n")]


def _lines(path: Path) -> list[str]:
    return _split(_text(path))


def _chosen(text: str) -> str:
    """The entry that opens our links as the user, or a program, has chosen."""
    section = ""
    for line in _split(text):
        if line.startswith("["):
            section = line.strip()
        elif section == _DEFAULTS and line.partition("=")[0].strip() == _TYPE:
            return line.partition("=")[2].strip().rstrip(";")
    return ""


def _with_line(text: str) -> str:
    """Below the heading, or with one at the end; all else stays as it is."""
    end = "\r\n" if "\r\n" in text else "\n"
    lines = _split(text)
    if _DEFAULTS not in lines:
        closed = text if not text or text.endswith("\n") else text + end
        return f"{closed}{end if closed else ''}{_DEFAULTS}{end}{_LINE}{end}"
    pieces = text.split("\n")
    place = lines.index(_DEFAULTS) + 1
    if place == len(pieces):
        return f"{text}{end}{_LINE}{end}"
    return "\n".join([*pieces[:place], _LINE + end.removesuffix("\n"), *pieces[place:]])


def _without_line(text: str) -> str:
    """Without our line; all else stays as it is."""
    return "\n".join(piece for piece in text.split("\n") if piece.removesuffix("\r") != _LINE)


def _write(path: Path, text: str) -> None:
    # A link that leads to a file elsewhere, as of people who keep their settings together, stays one.
    path = Path(os.path.realpath(path))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StorageError(f"{path.parent} cannot be made ({error.strerror}).") from error
    with whole_file(path, advice="look who may write there") as file:
        file.write(text)


def _unlink(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise StorageError(f"{path} cannot be removed ({error.strerror}).") from error


class Registry(Protocol):
    """Keys below ``HKEY_CURRENT_USER\\Software\\Classes``, by their path."""

    def value(self, key: str, name: str) -> str | None:
        """None where it is not there."""

    def put(self, key: str, name: str, text: str) -> None:
        """Makes the key where it is not there. Raises ``OSError``."""

    def remove(self, key: str) -> None:
        """A key without keys below it. Raises ``OSError`` where it has some."""


class RegistryEntry:
    """Windows."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry

    def state(self) -> HandlerState:
        """See ``LinkHandler``."""
        opens = self._registry.value(_COMMAND, "") or ""
        ours = self._registry.value(SCHEME, _MARK) == _PROGRAM
        there = opens or self._registry.value(SCHEME, "URL Protocol") is not None
        return HandlerState(ours and bool(opens), f"HKEY_CURRENT_USER\\Software\\Classes\\{SCHEME}", opens if ours else "", bool(there) and not ours)

    def install(self) -> None:
        """See ``LinkHandler``."""
        if self.state().other:
            raise InputError(f"{self.state().place} is there and was not written by this program; remove it first.")
        command = f'{subprocess.list2cmdline(opening_command())} "%1"'
        try:
            # The mark first: what is left of an attempt that failed can be removed.
            self._registry.put(SCHEME, _MARK, _PROGRAM)
            self._registry.put(SCHEME, "", f"URL:{_PROGRAM}")
            self._registry.put(SCHEME, "URL Protocol", "")
            self._registry.put(_COMMAND, "", command)
        except OSError as error:
            raise StorageError(f"{self.state().place} cannot be written ({error}).") from error

    def remove(self) -> None:
        """See ``LinkHandler``."""
        if self._registry.value(SCHEME, _MARK) != _PROGRAM:
            return
        try:
            for key in (_COMMAND, f"{SCHEME}\\shell\\open", f"{SCHEME}\\shell", SCHEME):
                self._registry.remove(key)
        except OSError as error:
            raise StorageError(f"{self.state().place} cannot be removed ({error}); somebody else has put something into it.") from error


_COMMAND = f"{SCHEME}\\shell\\open\\command"


def link_handler() -> LinkHandler:
    """That of this system. Raises ``InputError`` on macOS."""
    if sys.platform == "win32":
        from IDCBrowserLib.provisioning.windows_registry import UserClasses

        return RegistryEntry(UserClasses())
    if sys.platform == "darwin":
        raise InputError("On macOS only an application bundle can open links; docs/links.md says how to make one.")
    return DesktopEntry(_folder("XDG_DATA_HOME", ".local/share"), _folder("XDG_CONFIG_HOME", ".config"))


def _folder(variable: str, usual: str) -> Path:
    """Relative paths are to be ignored (XDG Base Directory Specification)."""
    value = os.environ.get(variable, "")
    return Path(value) if os.path.isabs(value) else Path.home() / usual
