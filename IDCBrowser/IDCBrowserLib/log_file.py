"""The log file in the data folder, one per kind of process, with limited size.

Levels as in Slicer's developer guide (errors and warnings, one or two lines of information for each action of the user). Passwords, names of people
and the user's home folder are not written.
"""

from __future__ import annotations

import logging
import os
import re
from contextlib import suppress
from pathlib import Path

from IDCBrowserLib import paths
from IDCBrowserLib.safe_text import printable

_FORMAT = "%(asctime)s %(levelname)s [%(process)d] %(name)s: %(message)s"
# Name and password before the host of an address. What stands between them may hold any character but a blank.
_CREDENTIALS = re.compile(r"([a-z][a-z0-9+.-]{0,20}://)[^\s'\"]{0,300}@", re.IGNORECASE)
# DICOM writes names of people as Family^Given (PS3.5 section 6.2.1).
_NAME_PART = r"[^\s'\",;:()\[\]{}<>=/\\^]{0,64}"
_PERSON = re.compile(rf"{_NAME_PART}\^[^\s'\",;:()\[\]{{}}<>=/\\]{{0,64}}")
# Of a longer message (a document, a listing) the rest is left out.
_MAX_CHARACTERS = 20_000


def log_folder() -> Path:
    """Where the files lie."""
    return paths.data_folder() / "logs"


def start_log(process: str) -> None:
    """From now on what this process logs is also written to ``process``.log ("window", "engine", "command"), where that can be."""
    # Whoever has no home has no log.
    with suppress(OSError, RuntimeError):
        log_folder().mkdir(parents=True, exist_ok=True, mode=0o700)
        handler = _Log(log_folder() / f"{process}.log")
        handler.setFormatter(_Discreet(_FORMAT))
        handler.set_name(f"IDC Browser {process}")
        logger = logging.getLogger("IDCBrowserLib")
        for former in [former for former in logger.handlers if former.get_name() == handler.get_name()]:
            # The module was reloaded.
            logger.removeHandler(former)
            former.close()
        logger.addHandler(handler)
        logger.setLevel(min(logging.INFO, logger.getEffectiveLevel()))


def last_lines(count: int) -> list[str]:
    """The end of each log, newest file last, for a report; nothing where there is none."""
    files = sorted((path for path in log_folder().glob("*.log") if path.is_file()), key=_age)
    return [line for path in files for line in _end(path, count)]


def without_secrets(text: str) -> str:
    """A text as it may be passed on."""
    home = os.path.expanduser("~")
    if "://" in text:
        text = _CREDENTIALS.sub(r"\1", text)
    if "^" in text:
        # Looking for the beginning of a name at every character of a long text takes a twentieth of a second.
        text = _PERSON.sub("[name]", text)
    return printable(text.replace(home, "~") if len(home) > 1 else text)


def _age(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0


def _end(path: Path, count: int) -> list[str]:
    with suppress(OSError):
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - 200 * count))
            lines = file.read().decode("utf-8", errors="replace").splitlines()[-count:]
        return [f"{path.stem}: {line}" for line in lines]
    return []


class _Discreet(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        text = super().format(record)
        return without_secrets(text if len(text) <= _MAX_CHARACTERS else f"{text[:_MAX_CHARACTERS]} ...")


class _Log(logging.Handler):
    """Opens the file at the first record: most commands write none."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = path
        self._file: logging.Handler | None = None

    def emit(self, record: logging.LogRecord) -> None:
        """See ``logging.Handler``."""
        if self._file is None:
            from IDCBrowserLib.log_rotation import RotatingLog

            self._file = RotatingLog(self._path)
            self._file.setFormatter(self.formatter)
        self._file.emit(record)

    def close(self) -> None:
        """See ``logging.Handler``."""
        if self._file is not None:
            self._file.close()
        super().close()
