"""Warm child processes that work on items. One that dies, hangs or grows too large costs its item alone and is replaced."""

from __future__ import annotations

import contextlib
import json
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from IDCBrowserLib.batch.settings import Settings
from IDCBrowserLib.child_python import module_command
from IDCBrowserLib.wording import human_size, human_time


@dataclass(frozen=True)
class Limits:
    """Of one item: ``seconds`` and resident ``memory_bytes``; 0 for none."""

    seconds: float = 3600.0
    memory_bytes: int = 0


class Pool(Protocol):
    """Something that works on items: child processes, or the workers of a cluster."""

    def free(self) -> int:
        """How many more items it takes now."""

    def submit(self, request: Mapping[str, Any]) -> None:
        """Begin an item; see ``child``."""

    def results(self, timeout_s: float) -> list[tuple[int, dict[str, Any] | None, str]]:
        """Items that have ended: number, answer, and without an answer the reason. Waits so long for the first."""

    def watch(self) -> None:
        """Called now and then: end what breaks its limits."""

    def close(self) -> None:
        """Stop everything at once."""


class Child:
    """One child process, started when it is first asked. ``kill`` may come from another thread."""

    def __init__(self, settings: Settings) -> None:
        self._hello = json.dumps({"settings": settings.to_json()}, ensure_ascii=True).encode() + b"\n"
        self._process: subprocess.Popen[bytes] | None = None
        self._killed_because = ""
        self._lock = threading.Lock()
        self._closed = False

    @property
    def pid(self) -> int:
        """0 while there is none."""
        process = self._process
        return process.pid if process is not None else 0

    def ask(self, request: Mapping[str, Any]) -> tuple[dict[str, Any] | None, str]:
        """The answer, or None and why the process ended without one. Blocks."""
        self._killed_because = ""
        try:
            process = self._running()
            if process is None:
                return None, "the batch was stopped"
            assert process.stdin is not None and process.stdout is not None
            process.stdin.write(json.dumps(request, ensure_ascii=True).encode() + b"\n")
            process.stdin.flush()
            return json.loads(process.stdout.readline()), ""
        except (OSError, ValueError):
            return None, self._ended()

    def kill(self, reason: str) -> None:
        """End it, whatever it does."""
        process = self._process
        if process is not None:
            self._killed_because = reason
            process.kill()

    def close(self) -> None:
        """End it for good."""
        with self._lock:
            self._closed = True
            process = self._process
        if process is not None:
            process.kill()

    def let_go(self) -> None:
        """After its end, from the thread that asks."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait()
            for stream in (process.stdin, process.stdout):
                with contextlib.suppress(OSError):
                    if stream is not None:
                        stream.close()

    def _running(self) -> subprocess.Popen[bytes] | None:
        if self._process is not None and self._process.poll() is not None:
            # It died between two items, which is nobody's fault.
            self.let_go()
        with self._lock:
            if self._closed:
                return None
            if self._process is None:
                flags = getattr(subprocess, "CREATE_NO_WINDOW", 0)
                command = module_command(sys.executable, "IDCBrowserLib.batch.child")
                self._process = subprocess.Popen(
                    command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, creationflags=flags
                )
                assert self._process.stdin is not None
                self._process.stdin.write(self._hello)
            return self._process

    def _ended(self) -> str:
        process = self._process
        self.let_go()
        if self._killed_because:
            return self._killed_because
        code = process.returncode if process is not None else 0
        return f"its process was ended ({_signal_name(-code)})" if code < 0 else f"its process ended by itself (exit code {code})"


def _signal_name(number: int) -> str:
    with contextlib.suppress(ValueError):
        return signal.Signals(number).name
    return f"signal {number}"


class _Slot:
    """A child and the thread that talks to it."""

    def __init__(self, settings: Settings, ended: queue.SimpleQueue[tuple[_Slot, int, dict[str, Any] | None, str]]) -> None:
        self.child = Child(settings)
        self.begun = 0.0
        self.is_busy = False
        self.requests: queue.SimpleQueue[Mapping[str, Any] | None] = queue.SimpleQueue()
        self._ended = ended
        self.thread = threading.Thread(target=self._run, name="batch", daemon=True)
        self.thread.start()

    def _run(self) -> None:
        while (request := self.requests.get()) is not None:
            self.begun = time.monotonic()
            answer, died = self.child.ask(request)
            self.begun = 0.0
            self._ended.put((self, int(request["number"]), answer, died))
        self.child.let_go()


class LocalPool:
    """``jobs`` children on this machine."""

    def __init__(self, settings: Settings, jobs: int, limits: Limits) -> None:
        self._ended: queue.SimpleQueue[tuple[_Slot, int, dict[str, Any] | None, str]] = queue.SimpleQueue()
        self._slots = [_Slot(settings, self._ended) for _ in range(jobs)]
        self._limits = limits

    def free(self) -> int:
        """See ``Pool``."""
        return sum(not slot.is_busy for slot in self._slots)

    def submit(self, request: Mapping[str, Any]) -> None:
        """See ``Pool``."""
        slot = next(slot for slot in self._slots if not slot.is_busy)
        slot.is_busy = True
        slot.requests.put(request)

    def results(self, timeout_s: float) -> list[tuple[int, dict[str, Any] | None, str]]:
        """See ``Pool``."""
        found: list[tuple[int, dict[str, Any] | None, str]] = []
        with contextlib.suppress(queue.Empty):
            wait: float | None = timeout_s
            while True:
                slot, number, answer, died = self._ended.get(timeout=wait) if wait else self._ended.get_nowait()
                slot.is_busy = False
                found.append((number, answer, died))
                wait = None
        return found

    def watch(self) -> None:
        """See ``Pool``."""
        now = time.monotonic()
        for slot in self._slots:
            begun = slot.begun
            if not begun:
                continue
            if 0 < self._limits.seconds < now - begun:
                slot.child.kill(f"it took longer than {human_time(self._limits.seconds)}")
            elif self._limits.memory_bytes and (used := _resident_bytes(slot.child.pid)) > self._limits.memory_bytes:
                slot.child.kill(f"it needed {human_size(used)} of memory, more than {human_size(self._limits.memory_bytes)}")

    def close(self) -> None:
        """See ``Pool``."""
        for slot in self._slots:
            slot.child.close()
            slot.requests.put(None)
        for slot in self._slots:
            slot.thread.join(10.0)


def _resident_bytes(pid: int) -> int:
    import psutil

    try:
        return int(psutil.Process(pid).memory_info().rss) if pid else 0
    except psutil.Error:
        return 0
