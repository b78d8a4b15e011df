"""The engine as a child of a Qt program: a ``QProcess`` for ``engine.client`` and the timer that polls it. No threads."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from IDCBrowserLib.child_python import module_command
from IDCBrowserLib.engine.client import EngineClient
from IDCBrowserLib.qtbinding import QtCore

BUSY_INTERVAL_MS = 15
IDLE_INTERVAL_MS = 200
_CLOSE_TIMEOUT_MS = 4000


class QtEngineProcess:
    """``engine.client.EngineProcess`` on ``QProcess``. ``on_output`` is called by the event loop when there is something to read."""

    def __init__(self, program: str, arguments: Sequence[str], environment: Mapping[str, str], on_output: Callable[[], None]) -> None:
        self._silent = True
        self._on_output = on_output
        self._writing = False
        self._process = QtCore.QProcess()
        variables = QtCore.QProcessEnvironment.systemEnvironment()
        for name, value in environment.items():
            variables.insert(name, value)
        self._process.setProcessEnvironment(variables)
        self._process.readyReadStandardOutput.connect(self._has_output)
        self._process.start(program, list(arguments))

    @property
    def pid(self) -> int:
        """The child's process id; 0 when it does not run."""
        return int(self._process.processId())

    def write(self, data: bytes) -> None:
        """See ``EngineProcess``; bytes for a child that has ended are dropped, its end is noticed by ``is_running``."""
        if not self.is_running():
            return
        self._process.write(data)
        if self._process.state() == QtCore.QProcess.ProcessState.Running:
            # Else Qt keeps it until all that the same click changed is painted. Nothing is waited for; but it may find something to read.
            self._writing = True
            self._process.waitForBytesWritten(0)
            self._writing = False

    def _has_output(self) -> None:
        """Answers are given from the event loop, never inside of a question."""
        if self._writing:
            QtCore.QTimer.singleShot(0, self._on_output)
        else:
            self._on_output()

    def read(self) -> bytes:
        """See ``EngineProcess``."""
        data = bytes(self._process.readAllStandardOutput().data())
        self._silent = self._silent and not data
        return data

    def read_errors(self) -> bytes:
        """See ``EngineProcess``. A program that could not be started says so here."""
        data = bytes(self._process.readAllStandardError().data())
        if not data and self._silent and not self.is_running():
            data = self._process.errorString().encode()
        self._silent = self._silent and not data
        return data

    def is_running(self) -> bool:
        """See ``EngineProcess``."""
        return self._process.state() != QtCore.QProcess.ProcessState.NotRunning

    def close(self) -> None:
        """See ``EngineProcess``. Running work is canceled by the child itself when its input ends."""
        self._process.readyReadStandardOutput.disconnect()
        if not self.is_running():
            return
        self._process.closeWriteChannel()
        if not self._process.waitForFinished(_CLOSE_TIMEOUT_MS):
            self._process.kill()
            self._process.waitForFinished(_CLOSE_TIMEOUT_MS)


class QtEngine:
    """An ``EngineClient`` in a Qt program. ``start`` returns at once; ``close`` ends the child.

    ``python`` is the interpreter of the child (``sys.executable``, or ``PythonSlicer``), ``config`` what ``engine.state`` reads.
    """

    def __init__(self, python: str, config: Mapping[str, Any], environment: Mapping[str, str] | None = None) -> None:
        self._command = module_command(python, "IDCBrowserLib.engine.child", json.dumps(dict(config)))
        self._environment = {"PYTHONUNBUFFERED": "1", **(environment or {})}
        self._polling = False
        self._busy = True
        self.client = EngineClient(self._start_process)
        self._timer = QtCore.QTimer()
        self._timer.timeout.connect(self.poll)

    def start(self) -> None:
        """Start the child and look after it from now on."""
        self.client.start()
        self._timer.start(BUSY_INTERVAL_MS)

    def poll(self) -> None:
        """Deliver what arrived. Called by the timer and when the child wrote; not again from inside a callback."""
        if self._polling:
            return
        self._polling = True
        try:
            self.client.poll()
        finally:
            self._polling = False
        busy = (self.client.pending > 0 or not self.client.is_ready) and not self.client.gave_up
        if busy != self._busy:
            self._busy = busy
            self._timer.setInterval(BUSY_INTERVAL_MS if busy else IDLE_INTERVAL_MS)

    def close(self) -> None:
        """End the child and the polling; pending requests get no answer."""
        self._timer.stop()
        self._timer.timeout.disconnect(self.poll)
        self.client.close()

    def _start_process(self) -> QtEngineProcess:
        return QtEngineProcess(self._command[0], self._command[1:], self._environment, self.poll)
