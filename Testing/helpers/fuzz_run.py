"""Runs ``fuzz_worker``, and counts what must not happen."""

from __future__ import annotations

import contextlib
import json
import queue
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

from helpers import fuzz_worker

# Of processor time, and of memory.
SECONDS, MEGABYTES = 20, 2000
# On a busy machine.
_PATIENCE = 15 * SECONDS


class Worker:
    """``fuzz_worker`` in a process; it is started again after a crash or a hang, which are counted."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.problems: list[str] = []
        self.ends = {"done": 0, "refused": 0}
        self._process: subprocess.Popen[str] | None = None

    def try_one(self, kind: str, name: str) -> dict[str, Any]:
        """The answer; empty after a crash or a hang. What must not happen goes into ``problems``, and its input is kept."""
        process = self._started()
        assert process.stdin is not None and process.stdout is not None
        with contextlib.suppress(OSError):
            process.stdin.write(f"{kind} {name}\n")
            process.stdin.flush()
        read: queue.SimpleQueue[str] = queue.SimpleQueue()
        threading.Thread(target=lambda: read.put(process.stdout.readline()), daemon=True).start()  # type: ignore[union-attr]
        try:
            line = read.get(timeout=_PATIENCE)
        except queue.Empty:
            self.close()
            return self._problem(name, "it hangs")
        if not line:
            process.wait()
            return self._problem(name, f"the process ended with {process.returncode}")
        told: dict[str, Any] = json.loads(line)
        if told["end"] == "internal":
            return self._problem(name, told["text"])
        self.ends[told["end"]] += 1
        if told["seconds"] > SECONDS or told["megabytes"] > MEGABYTES:
            self._problem(name, f"{told['seconds']:.0f} s, {told['megabytes']} MB")
            self.close()
        return told

    def silent(self, name: str, text: str) -> None:
        """Other voxels without a word."""
        self._problem(name, text)

    def close(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None

    def _started(self) -> subprocess.Popen[str]:
        if self._process is None or self._process.poll() is not None:
            command = [sys.executable, fuzz_worker.__file__, str(self.folder)]
            self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        return self._process

    def _problem(self, name: str, text: str) -> dict[str, Any]:
        kept = self.folder / f"problem-{len(self.problems)}-{name}"
        (self.folder / name).replace(kept)
        self.problems.append(f"{kept}: {text}")
        return {}
