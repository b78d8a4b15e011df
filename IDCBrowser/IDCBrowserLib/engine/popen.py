"""An engine child on plain pipes, for hosts without a Qt event loop (tests, scripts). Threads read it; not for Slicer."""

from __future__ import annotations

import contextlib
import json
import queue
import subprocess
import sys
import threading
from typing import IO, Any

from IDCBrowserLib.child_python import module_command

_CLOSE_TIMEOUT_S = 4.0


def child_command(config: dict[str, Any], python: str = sys.executable) -> list[str]:
    """Program and arguments of an engine."""
    return module_command(python, "IDCBrowserLib.engine.child", json.dumps(config))


class PopenEngineProcess:
    """``EngineProcess`` on ``subprocess.Popen``."""

    def __init__(self, command: list[str]) -> None:
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self._output = _drain(self._process.stdout)
        self._errors = _drain(self._process.stderr)

    @property
    def pid(self) -> int:
        """The child's process id."""
        return self._process.pid

    def write(self, data: bytes) -> None:
        """See ``EngineProcess``; a child that is gone is noticed by ``is_running``."""
        stream = self._process.stdin
        try:
            if stream is not None:
                stream.write(data)
                stream.flush()
        except OSError:
            return

    def read(self) -> bytes:
        """See ``EngineProcess``."""
        return _take(self._output)

    def read_errors(self) -> bytes:
        """See ``EngineProcess``."""
        return _take(self._errors)

    def is_running(self) -> bool:
        """See ``EngineProcess``."""
        return self._process.poll() is None

    def close(self) -> None:
        """See ``EngineProcess``."""
        if self._process.stdin is not None:
            with contextlib.suppress(OSError):
                self._process.stdin.close()
        try:
            self._process.wait(_CLOSE_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def _drain(stream: IO[bytes] | None) -> queue.SimpleQueue[bytes]:
    received: queue.SimpleQueue[bytes] = queue.SimpleQueue()

    def read() -> None:
        if stream is not None:
            with stream:
                while data := stream.read1(1 << 16):  # type: ignore[attr-defined]
                    received.put(data)

    threading.Thread(target=read, daemon=True).start()
    return received


def _take(received: queue.SimpleQueue[bytes]) -> bytes:
    parts = []
    while not received.empty():
        parts.append(received.get())
    return b"".join(parts)
