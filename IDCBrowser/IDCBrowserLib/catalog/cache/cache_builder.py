"""Has the cache of the catalog made by a process of low priority, which ends at the latest with whoever asked for it."""

from __future__ import annotations

import logging
import subprocess
import sys
import threading
from pathlib import Path

from IDCBrowserLib.catalog.cache import cache
from IDCBrowserLib.child_python import module_command

logger = logging.getLogger(__name__)

_END_S = 4.0


class CacheBuilder:
    """Builds ``target`` once. A process: its memory goes back when it is done. Safe to use from several threads."""

    def __init__(self, target: Path) -> None:
        self._target = target
        self._lock = threading.Lock()
        self._timer: threading.Timer | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._stopped = False
        self._ended = False

    def start(self, delay_s: float) -> None:
        """Begin after ``delay_s`` seconds; returns at once, and does nothing the second time."""
        with self._lock:
            if self._timer is None and not self._stopped:
                self._timer = threading.Timer(delay_s, self._begin)
                self._timer.daemon = True
                self._timer.start()

    @property
    def is_running(self) -> bool:
        """Whether it was started and is not yet known to have failed, or its cache to be in use."""
        return self._timer is not None and not self._stopped and not self._ended

    @property
    def is_ready(self) -> bool:
        """Whether what is being made can be used already."""
        return self._process is not None and cache.is_whole(self._target)

    def has_ended(self) -> bool:
        """True once, after the process has ended; a failure is logged. ``finish`` is to be called when its cache is in use."""
        if self._process is None:
            return False
        with self._lock:
            process = self._process
            if process is None or process.poll() is None:
                return False
            self._process = None
        if process.returncode != 0:
            logger.warning("Building the catalog cache failed (exit code %s).", process.returncode)
        return True

    def finish(self) -> None:
        """Nobody waits for it any more."""
        self._ended = True

    def stop(self) -> None:
        """End it; nothing half-made stays behind."""
        with self._lock:
            self._stopped = True
            if self._timer is not None:
                self._timer.cancel()
            process, self._process = self._process, None
        if process is None or process.poll() is not None:
            return
        process.terminate()
        try:
            process.wait(_END_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        cache.remove_unfinished(self._target, process.pid)

    def _begin(self) -> None:
        command = module_command(sys.executable, "IDCBrowserLib.catalog.cache.cache_making", str(self._target.parent))
        with self._lock:
            if self._stopped:
                return
            try:
                self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            except OSError as error:
                self._ended = True
                logger.warning("The catalog cache was not built: %s", error)
