"""What holds for a whole process, and is therefore done only in programs of our own: never where Slicer or somebody's script imports this library."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def without_pandas() -> Iterator[None]:
    """Inside, pandas counts as not installed, unless it was imported before.

    DuckDB and pyarrow import it (a second, 70 MB) to see whether a value is one of pandas' own; in our programs none ever is.
    """
    hides = "pandas" not in sys.modules
    if hides:
        sys.modules["pandas"] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        if hides and sys.modules.get("pandas", sys) is None:
            del sys.modules["pandas"]
