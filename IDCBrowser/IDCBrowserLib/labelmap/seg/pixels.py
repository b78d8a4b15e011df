"""The stored frames of a SEG: native and mapped, or compressed and decoded one at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from IDCBrowserLib.dicom.dicom_file import DicomFile
from IDCBrowserLib.dicom.transfer_syntax import EXPLICIT_BIG, NATIVE
from IDCBrowserLib.labelmap.seg.bit_layout import BitLayout, bit_layout
from IDCBrowserLib.labelmap.seg.packing import pack

if TYPE_CHECKING:
    from numpy.typing import NDArray


class FramePixels(Protocol):
    """Access to frames by index, in stored order."""

    def values(self, frame: int) -> NDArray[Any]:
        """The stored values, (rows, columns)."""

    def packed(self, frames: NDArray[np.int64]) -> NDArray[np.uint8] | None:
        """Bit-packed frames end to end, or None where they are not stored so."""


def open_pixels(file: DicomFile, rows: int, columns: int, segments: NDArray[np.int32]) -> FramePixels:
    """Check that Pixel Data can hold the frames, without reading them. ``segments`` (F,) is the segment of each. Raises ``ConversionError``."""
    bits = check_pixels(file)
    assert file.pixels is not None
    frames = len(segments)
    if file.transfer_syntax not in NATIVE and file.pixels.undefined:
        from IDCBrowserLib.dicom.encapsulated import EncapsulatedPixels

        return EncapsulatedPixels.of_file(file, rows, columns, frames, bits)
    layout = bit_layout(file, rows * columns, segments)
    return NativePixels(file, rows, columns, frames, bits, layout)


def check_pixels(file: DicomFile) -> int:
    """Bits of a pixel as they are stored. Raises ``ConversionError`` for pixel data that are none of a segmentation."""
    root = file.root
    bits = root.unsigned(0x00280100) or 0
    samples = root.unsigned(0x00280002) or 1
    if samples != 1:
        root.stream.fail(f"Samples per Pixel (0028,0002) is {samples}; a segmentation has 1.")
    if bits not in (1, 8, 16):
        root.stream.fail(f"Bits Allocated (0028,0100) is {bits}; a segmentation has 1, 8 or 16.")
    if file.pixels is None:
        root.stream.fail("Pixel Data (7FE0,0010) is missing. The file is damaged or was not transferred completely; download it again.")
    if file.pixels.undefined and file.transfer_syntax in NATIVE:
        root.stream.fail("Pixel Data (7FE0,0010) is encapsulated, but the transfer syntax says it is not. The file is damaged.")
    return bits


def check_stored(file: DicomFile, rows: int, columns: int, frames: int, bits: int, layout: BitLayout | None) -> int:
    """How many bytes uncompressed frames need. Raises ``ConversionError`` where Pixel Data has fewer."""
    assert file.pixels is not None
    expected = ((rows * columns * frames * bits if layout is None else layout.bits) + 7) // 8
    stored = file.pixels.stop - file.pixels.start
    if stored < expected:
        file.root.stream.fail(
            f"Pixel Data (7FE0,0010) has {stored:,} bytes where {frames:,} frames of {rows} x {columns} need {expected:,}. "
            "The file is damaged or was not transferred completely; download it again."
        )
    return expected


class NativePixels:
    """Uncompressed frames, end to end; 1-bit frames need not begin on a byte (PS3.5 8.1.1) and lie as ``layout`` says."""

    def __init__(self, file: DicomFile, rows: int, columns: int, frames: int, bits: int, layout: BitLayout | None) -> None:
        assert file.pixels is not None
        self._shape = (rows, columns)
        self._bits = bits
        element = file.pixels
        self._first = None if layout is None else layout.first
        expected = check_stored(file, rows, columns, frames, bits, layout)
        stored = element.stop - element.start
        content = file.pixel_bytes()
        if len(content) < element.start + expected:
            file.root.stream.fail("The deflated pixel data end too early. The file is truncated; download it again.")
        is_big = file.transfer_syntax == EXPLICIT_BIG
        swap = is_big and element.vr == b"OW"
        if swap and bits < 16:
            expected += expected % 2
        data = np.frombuffer(content, np.uint8, min(expected, stored), element.start)
        if swap and bits < 16:
            # Big endian words of 16 bits hold two bytes in the wrong order.
            data = data[: len(data) // 2 * 2].view(np.uint16).byteswap().view(np.uint8)
        self._data: NDArray[Any] = data if bits < 16 else data.view(">u2" if is_big else "<u2")

    def values(self, frame: int) -> NDArray[Any]:
        """The stored values, (rows, columns)."""
        pixels = self._shape[0] * self._shape[1]
        if self._first is None:
            return self._data[frame * pixels : (frame + 1) * pixels].reshape(self._shape)
        first = int(self._first[frame])
        chunk = self._data[first // 8 : (first + pixels + 7) // 8]
        return np.unpackbits(chunk, bitorder="little")[first % 8 : first % 8 + pixels].reshape(self._shape)

    def packed(self, frames: NDArray[np.int64]) -> NDArray[np.uint8] | None:
        """Bit-packed frames end to end, without a copy where they follow each other; None unless they are stored so and begin on bytes."""
        pixels = self._shape[0] * self._shape[1]
        if self._bits > 1 or pixels % 8:
            return None
        size = pixels // 8
        first = int(frames[0])
        if len(frames) == 1 or (np.diff(frames) == 1).all():
            return self._data[first * size : (first + len(frames)) * size]
        return self._data[: len(self._data) // size * size].reshape(-1, size)[frames].reshape(-1)


def packed_masks(pixels: FramePixels, frames: NDArray[np.int64], threshold: int) -> NDArray[np.uint8]:
    """Frames as packed bytes end to end, 1 where the stored value is at least ``threshold``."""
    direct = pixels.packed(frames)
    if direct is not None:
        return direct
    return np.concatenate([pack(pixels.values(frame) >= threshold) for frame in frames.tolist()])
