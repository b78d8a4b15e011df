"""Runs ``fuzz_worker``, and counts what must not happen."""

from __future__ import annotations

import contextlib
import json
import queue
import subprocess
import sys
import threading
from collections import Counter
from pathlib import Path
from typing import Any

from helpers import fuzz_worker

# Of processor time, and of memory.
SECONDS, MEGABYTES = 20, 2000
# On a busy machine.
_PATIENCE = 15 * SECONDS
# What must not happen, in the words of the report.
CRASHES, HANGS, INTERNAL, SLOW, LARGE, SILENT = "crashes", "hangs", "internal errors", f"over {SECONDS} s", "over 2 GB", "other voxels without a word"
_KINDS = (CRASHES, HANGS, INTERNAL, SLOW, LARGE, SILENT)


class Worker:
    """``fuzz_worker`` in a process; it is started again after a crash or a hang, which are counted."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.problems: list[str] = []
        self.ends: Counter[str] = Counter(done=0, refused=0)
        self._bad: Counter[str] = Counter()
        self._longest, self._most = 0.0, 0
        self._process: subprocess.Popen[bytes] | None = None
        self._lines: queue.SimpleQueue[bytes] = queue.SimpleQueue()

    def try_one(self, kind: str, name: str) -> dict[str, Any]:
        """The answer; empty after a crash or a hang. What must not happen goes into ``problems``, and its input is kept."""
        process = self._started()
        assert process.stdin is not None
        with contextlib.suppress(OSError):
            process.stdin.write(f"{kind} {name}\n".encode())
            process.stdin.flush()
        try:
            line = self._lines.get(timeout=_PATIENCE)
        except queue.Empty:
            self.close()
            return self._problem(HANGS, name, "it hangs")
        if not line:
            process.wait()
            return self._problem(CRASHES, name, f"the process ended with {process.returncode}")
        told: dict[str, Any] = json.loads(line)
        self._longest, self._most = max(self._longest, told["seconds"]), max(self._most, told["megabytes"])
        if told["end"] == "internal":
            return self._problem(INTERNAL, name, told["text"])
        self.ends[told["end"]] += 1
        if told["seconds"] > SECONDS or told["megabytes"] > MEGABYTES:
            self._problem(SLOW if told["seconds"] > SECONDS else LARGE, name, f"{told['seconds']:.0f} s, {told['megabytes']} MB")
            # The most memory that it ever had stays what it is.
            self.close()
        return told

    def silent(self, name: str, text: str) -> None:
        """Other voxels without a word."""
        self._problem(SILENT, name, text)

    def figures(self) -> str:
        """All that was counted."""
        bad = ", ".join(f"{self._bad[kind]} {kind}" for kind in _KINDS)
        number = self.ends.total() + self._bad[CRASHES] + self._bad[HANGS] + self._bad[INTERNAL]
        ends = f"{self.ends['done']:,} read, {self.ends['refused']:,} refused"
        return f"{number:,} mutants ({ends}): {bad}; at most {self._longest:.1f} s of the processor and {self._most} MB"

    def close(self) -> None:
        """End it."""
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None

    def _started(self) -> subprocess.Popen[bytes]:
        if self._process is None or self._process.poll() is not None:
            self.close()
            command = [sys.executable, fuzz_worker.__file__, str(self.folder)]
            self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
            self._lines = queue.SimpleQueue()
            threading.Thread(target=_read, args=(self._process, self._lines), daemon=True).start()
        return self._process

    def _problem(self, kind: str, name: str, text: str) -> dict[str, Any]:
        kept = self.folder / f"problem-{len(self.problems)}-{name}"
        (self.folder / name).replace(kept)
        self._bad[kind] += 1
        self.problems.append(f"{kept}: {text}")
        print(self.problems[-1], flush=True)
        return {}


def _read(process: subprocess.Popen[bytes], lines: queue.SimpleQueue[bytes]) -> None:
    assert process.stdout is not None
    # A pipe that is closed from the other thread is at its end as well.
    with contextlib.suppress(OSError, ValueError):
        while line := process.stdout.readline():
            lines.put(line)
    lines.put(b"")
