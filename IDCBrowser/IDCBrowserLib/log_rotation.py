"""A log file of limited size with a few older ones beside it."""

from __future__ import annotations

import logging
from contextlib import suppress
from logging.handlers import RotatingFileHandler
from pathlib import Path

_MAX_BYTES = 1_000_000
_OLDER_FILES = 2


class RotatingLog(RotatingFileHandler):
    """Another process may have the file open (which Windows does not let be renamed), the disk may be full: the program goes on."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, maxBytes=_MAX_BYTES, backupCount=_OLDER_FILES, encoding="utf-8", delay=True)

    def doRollover(self) -> None:  # noqa: N802 - the name of ``logging``
        """See ``RotatingFileHandler``."""
        with suppress(OSError):
            super().doRollover()

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - the same
        """See ``logging.Handler``."""
