"""Where Arrow takes its memory from."""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress


@contextmanager
def lean_memory() -> Iterator[None]:
    """What Arrow takes inside goes back to the system; its own pools keep a hundred megabytes for the next time."""
    import pyarrow as pa

    before = pa.default_memory_pool()
    pa.set_memory_pool(pa.system_memory_pool())
    try:
        yield
    finally:
        pa.set_memory_pool(before)


def give_back() -> None:
    """What was freed goes back to the system: after work that took much memory. A few milliseconds."""
    import pyarrow as pa

    pa.default_memory_pool().release_unused()
    if sys.platform == "linux":
        # Other C libraries have no such function.
        with suppress(AttributeError):
            ctypes.CDLL(None).malloc_trim(0)
