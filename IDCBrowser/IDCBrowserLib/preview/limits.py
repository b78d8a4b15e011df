"""Limits on the cost of a preview."""

from __future__ import annotations

from IDCBrowserLib.errors import ConversionError
from IDCBrowserLib.wording import human_size

# Of one object: half a minute on a slow line, and what decoding takes stays below half a gigabyte.
MAX_OBJECT_BYTES = 64_000_000
MAX_PIXELS = 100_000_000


class TooLargeError(ConversionError):
    """More would have to be fetched than a preview is worth."""

    def __init__(self, size_bytes: int) -> None:
        super().__init__(f"Too large for a preview ({human_size(size_bytes)}).")
