"""How often a file is opened, by whomever: Python tells it to an audit hook, also for libraries."""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

_counts: list[Counter[str]] = []


def _note(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "open" and _counts and isinstance(arguments[0], (str, os.PathLike)):
        for count in _counts:
            count[os.path.abspath(os.fspath(arguments[0]))] += 1


@contextmanager
def counted_opens() -> Iterator[Counter[str]]:
    """Path -> how often it was opened within."""
    if not hasattr(_note, "is_set"):
        # A hook stays for as long as the process lives.
        sys.addaudithook(_note)
        _note.is_set = True  # type: ignore[attr-defined]
    count: Counter[str] = Counter()
    _counts.append(count)
    try:
        yield count
    finally:
        _counts.remove(count)
