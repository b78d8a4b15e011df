"""Settings for a whole process, made only in programs of our own: never where Slicer or a script imports this library."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager


class _NoPandas:
    """A finder that says of pandas that it is not installed. None in ``sys.modules`` would say so too, but pyarrow takes it for a module."""

    def find_spec(self, name: str, path: object = None, target: object = None) -> None:
        if name == "pandas":
            raise ModuleNotFoundError("pandas is not used in this process", name=name)


@contextmanager
def without_pandas() -> Iterator[None]:
    """Inside, pandas counts as not installed, unless it was imported before.

    DuckDB and pyarrow import it (a second, 70 MB) to see whether a value is one of pandas' own; in our programs none ever is.
    """
    finder = _NoPandas()
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)
