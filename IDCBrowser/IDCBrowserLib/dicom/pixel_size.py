"""How many bytes the pixels of an object take, by its header."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

SAMPLES_PER_PIXEL = 0x00280002
NUMBER_OF_FRAMES = 0x00280008
ROWS = 0x00280010
COLUMNS = 0x00280011
BITS_ALLOCATED = 0x00280100
_MOST_FRAMES = 1 << 31
SIZE_TAGS = frozenset({SAMPLES_PER_PIXEL, NUMBER_OF_FRAMES, ROWS, COLUMNS, BITS_ALLOCATED})


@dataclass(frozen=True)
class PixelSize:
    """Image Pixel Module (PS3.3 C.7.6.3); 0 for ``rows``, ``columns`` or ``bits`` that are not stated, 1 for the others."""

    rows: int
    columns: int
    frames: int
    samples: int
    bits: int

    @staticmethod
    def of(values: Mapping[int, bytes], big_endian: bool) -> PixelSize:
        """From the bytes of the elements ``SIZE_TAGS``. A Number of Frames that is not a number counts as 1."""
        order = "big" if big_endian else "little"

        def short(tag: int, default: int) -> int:
            raw = values.get(tag, b"")[:2]
            return int.from_bytes(raw, order) if raw else default  # type: ignore[arg-type]

        try:
            frames = int(values.get(NUMBER_OF_FRAMES, b"").strip(b"\0 ") or 1)
        except ValueError:
            frames = 1
        return PixelSize(short(ROWS, 0), short(COLUMNS, 0), max(0, min(frames, _MOST_FRAMES)), short(SAMPLES_PER_PIXEL, 1), short(BITS_ALLOCATED, 0))

    @property
    def values(self) -> int:
        """Of all pixels of all frames."""
        return self.rows * self.columns * self.frames * self.samples

    @property
    def stored_bytes(self) -> int:
        """Uncompressed."""
        return (self.values * self.bits + 7) // 8

    @property
    def least_stored_bytes(self) -> int:
        """Uncompressed, but of chroma-subsampled color two of three bytes (PS3.3 C.7.6.3.1.2)."""
        return self.rows * self.columns * self.frames * min(2, self.samples) * self.bits // 8
