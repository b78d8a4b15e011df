"""Packed volumes are one member of gzip that every reader unpacks, with the same bytes on every machine."""

import gzip
import io
import os
import zlib

import numpy as np
import pytest

from IDCBrowserLib.volume.files.gzip_member import write_gzip

RANDOM = np.random.default_rng(1)


def packed(header: bytes, volume: np.ndarray) -> bytes:
    file = io.BytesIO()
    write_gzip(file, header, volume)
    return file.getvalue()


@pytest.mark.parametrize(
    "volume",
    [
        np.zeros((1, 1, 1), np.uint8),
        RANDOM.integers(-1000, 3000, (5, 700, 900)).astype(np.int16),
        RANDOM.integers(0, 255, (40, 30, 20, 3)).astype(np.uint8),
        np.zeros((300, 256, 256), np.uint8),
        RANDOM.random((7, 8, 9))[::-1, :, ::2],
        np.zeros((0, 4, 4), np.float32),
    ],
)
def test_what_comes_out_is_what_went_in_as_a_single_member(volume: np.ndarray) -> None:
    data = packed(b"header", volume)
    unpacker = zlib.decompressobj(zlib.MAX_WBITS | 16)
    assert unpacker.decompress(data) + unpacker.flush() == b"header" + np.ascontiguousarray(volume).tobytes()
    assert unpacker.eof and unpacker.unused_data == b"", "readers of the first member alone see all of it"
    assert gzip.decompress(data).startswith(b"header")


def test_the_number_of_cores_makes_no_difference(monkeypatch: pytest.MonkeyPatch) -> None:
    volume = RANDOM.integers(0, 9, (9, 512, 512)).astype(np.int16)
    several = packed(b"", volume)
    monkeypatch.setattr(os, "cpu_count", lambda: None)
    assert packed(b"", volume) == several


def test_a_disk_that_is_full_is_the_writers_error() -> None:
    class Full(io.BytesIO):
        def write(self, data: object) -> int:
            raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space left"):
        write_gzip(Full(), b"", np.zeros((2, 2, 2), np.uint8))
