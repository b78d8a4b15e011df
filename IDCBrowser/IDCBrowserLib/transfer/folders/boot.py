"""Identifies the current run of the operating system and its duration: after a power failure, what was written shortly before may be lost."""

from __future__ import annotations

import contextlib
import time
from pathlib import Path

_LINUX = Path("/proc/sys/kernel/random/boot_id")


def boot_id() -> str:
    """The same for all programs until the computer starts again, then another; never ""."""
    with contextlib.suppress(OSError):
        return _LINUX.read_text(encoding="ascii").strip()
    # Elsewhere the moment of the start, to the minute. A corrected clock or sleep looks like a new start, which only costs reading files again.
    return f"started-{round((time.time() - time.monotonic()) / 60)}"


def uptime_s() -> float:
    """Seconds since the start (of the computer, on the systems that we run on); comparable between programs."""
    return time.monotonic()
