"""Compressed frames (PS3.5 A.4): fragments to frames, and each frame through the decoder that pydicom finds."""

from __future__ import annotations

import mmap
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from IDCBrowserLib.dicom.codestream import size_problem
from IDCBrowserLib.dicom.decoding_process import Form
from IDCBrowserLib.dicom.dicom_file import DicomFile
from IDCBrowserLib.dicom.fragments import Ending, Span, grouped, items_of, offsets_of
from IDCBrowserLib.dicom.inflate import inflate_frame
from IDCBrowserLib.dicom.isolated import Allowance, FrameError, decode_frame
from IDCBrowserLib.dicom.rle import RleError, decode_rle
from IDCBrowserLib.dicom.transfer_syntax import DEFLATED_FRAMES, JPEG_2000, JPEG_LS, RLE

if TYPE_CHECKING:
    from numpy.typing import NDArray


class _FileCodes:
    """The frames of a file, as its fragments are."""

    def __init__(self, file: DicomFile, frames: int) -> None:
        self._data = file.pixel_bytes()
        self._frames = self._group(file, self._data, frames)

    def code(self, frame: int) -> bytes:
        return b"".join(bytes(self._data[begin:end]) for begin, end in self._frames[frame])

    @staticmethod
    def _group(file: DicomFile, data: bytes | bytearray | mmap.mmap, frames: int) -> list[list[Span]]:
        """The fragments of each frame."""
        assert file.pixels is not None
        stream = file.root.stream
        items, ending = items_of(data, file.pixels.start, file.pixels.stop)
        if ending is Ending.CUT_OFF:
            stream.fail("Pixel Data (7FE0,0010) end within a fragment. The file is truncated; download it again.")
        if ending is Ending.DAMAGED:
            stream.fail("Pixel Data (7FE0,0010) contain a damaged fragment. The file is truncated; download it again.")
        if not items:
            stream.fail("Pixel Data (7FE0,0010) contain no fragment. The file is damaged; download it again.")
        found = grouped(items, frames, lambda: offsets_of(file, items[0]))
        if found is None:
            stream.fail(
                f"Pixel Data (7FE0,0010) contain {len(items) - 1} fragments for {frames} frames (Number of Frames (0028,0008)), "
                "and no offset table says which belong together. The file is damaged."
            )
        return found


class EncapsulatedPixels:
    """Decodes one frame per call; ``code`` gives its bytes as they are stored."""

    def __init__(self, file: DicomFile, rows: int, columns: int, bits: int, code: Callable[[int], bytes]) -> None:
        self._file = file
        self._stream = file.root.stream
        self._shape = (rows, columns)
        self._bits = bits
        if file.transfer_syntax not in (RLE, DEFLATED_FRAMES, *JPEG_LS, *JPEG_2000):
            self._stream.fail(f"Transfer Syntax UID (0002,0010) {file.transfer_syntax} is none that segmentations use; the pixels cannot be decoded.")
        self._code = code
        self._allowance = Allowance()
        self._cache: tuple[int, NDArray[Any]] | None = None

    @staticmethod
    def of_file(file: DicomFile, rows: int, columns: int, frames: int, bits: int) -> EncapsulatedPixels:
        """Those of a file on this computer. Raises ``ConversionError`` where its frames are not found, or the first cannot be."""
        codes = _FileCodes(file, frames)
        found = EncapsulatedPixels(file, rows, columns, bits, codes.code)
        # Before anything is allocated for Rows x Columns.
        found._check_size(codes.code(0), 0)
        return found

    def values(self, frame: int) -> NDArray[Any]:
        """The stored values, (rows, columns). Raises ``ConversionError`` where the frame cannot be decoded."""
        if self._cache is None or self._cache[0] != frame:
            self._cache = (frame, self._decode(frame))
        return self._cache[1]

    def packed(self, frames: NDArray[np.int64]) -> NDArray[np.uint8] | None:
        """None: nothing is stored as packed bits."""
        return None

    def _decode(self, frame: int) -> NDArray[Any]:
        code = self._code(frame)
        if self._file.transfer_syntax == RLE:
            return self._decode_rle(code, frame)
        if self._file.transfer_syntax == DEFLATED_FRAMES:
            return self._inflate(code, frame)
        self._check_size(code, frame)
        try:
            array = decode_frame(self._file.transfer_syntax, code, self._options(), Form.MASK, allowance=self._allowance)
        except FrameError as error:
            self._stream.fail(f"Frame {frame + 1} of Pixel Data (7FE0,0010) cannot be decoded ({error}).")
        if array.shape != self._shape:
            self._stream.fail(f"Frame {frame + 1} of Pixel Data (7FE0,0010) decodes to {array.shape} pixels instead of {self._shape}.")
        return array

    def _decode_rle(self, code: bytes, frame: int) -> NDArray[Any]:
        try:
            return decode_rle(code, self._shape[0] * self._shape[1], self._bits).reshape(self._shape)
        except RleError as error:
            self._stream.fail(f"Frame {frame + 1} of Pixel Data (7FE0,0010) cannot be decoded: {error}. The file is damaged; download it again.")

    def _inflate(self, code: bytes, frame: int) -> NDArray[Any]:
        """Each frame is deflated on its own; of 1 bit a pixel it is packed as native ones are, and begins on a byte."""
        pixels = self._shape[0] * self._shape[1]
        try:
            data = inflate_frame(code, (pixels * self._bits + 7) // 8)
        except ValueError as error:
            self._stream.fail(f"Frame {frame + 1} of Pixel Data (7FE0,0010) cannot be decoded: {error}. The file is damaged; download it again.")
        if self._bits == 1:
            return np.unpackbits(np.frombuffer(data, np.uint8), bitorder="little")[:pixels].reshape(self._shape)
        return np.frombuffer(data, "<u2" if self._bits == 16 else np.uint8).reshape(self._shape)

    def _options(self) -> dict[str, Any]:
        return {
            "rows": self._shape[0],
            "columns": self._shape[1],
            "number_of_frames": 1,
            "samples_per_pixel": 1,
            "bits_allocated": self._bits,
            "bits_stored": self._bits,
            "pixel_representation": 0,
            "photometric_interpretation": "MONOCHROME2",
            "pixel_keyword": "PixelData",
        }

    def _check_size(self, code: bytes, frame: int) -> None:
        problem = size_problem(self._file.transfer_syntax, code, *self._shape, self._bits)
        if problem:
            self._stream.fail(f"Frame {frame + 1} of Pixel Data (7FE0,0010) {problem}. The file is damaged.")
