"""Where Arrow takes its memory from."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager


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
