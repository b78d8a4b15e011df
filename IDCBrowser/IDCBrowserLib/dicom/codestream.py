"""What a compressed frame says of its own size, so that a damaged one cannot ask for all memory before it is decoded."""

from __future__ import annotations

import struct

from IDCBrowserLib.dicom.transfer_syntax import COMPRESSED, DEFLATED_FRAMES, JPEG_2000, JPEG_LS, RLE

# Into how many bytes one may decode at most: two of RLE become 128; deflate packs 1,032 to 1.
_MOST_OF_A_BYTE = {RLE: 64, DEFLATED_FRAMES: 1032}
# Start of frame of every process but those of differential, arithmetic and JPEG-LS coding (ISO 10918-1 B.1.1.3).
_STARTS_OF_FRAME = (0xC0, 0xC1, 0xC2, 0xC3, 0xC9, 0xCA, 0xCB)


def size_problem(transfer_syntax: str, code: bytes, rows: int, columns: int, bits: int) -> str:
    """Why ``code`` cannot be a frame of ``rows`` x ``columns`` pixels of ``bits`` each, with all samples; "" where it can."""
    if transfer_syntax in _MOST_OF_A_BYTE:
        is_too_short = rows * columns * bits // 8 > len(code) * _MOST_OF_A_BYTE[transfer_syntax]
        return f"is too short for {rows:,} x {columns:,} pixels" if is_too_short else ""
    if transfer_syntax not in COMPRESSED:
        return ""
    size = stated_size(transfer_syntax, code)
    if size == (rows, columns):
        return ""
    found = "states no size" if size is None else f"is {size[0]:,} x {size[1]:,} pixels"
    return f"{found} where Rows and Columns are {rows:,} x {columns:,}"


def stated_size(transfer_syntax: str, code: bytes) -> tuple[int, int] | None:
    """(rows, columns) by the header of a JPEG, JPEG-LS or JPEG 2000 codestream; None where it has none."""
    if transfer_syntax in JPEG_2000:
        at = code.find(b"\xff\x4f\xff\x51")
        if at < 0 or len(code) < at + 24:
            return None
        width, height, left, top = struct.unpack_from(">IIII", code, at + 8)
        return height - top, width - left
    if transfer_syntax in JPEG_LS:
        return _frame_size(code, code.find(b"\xff\xf7"))
    return _frame_size(code, _start_of_frame(code))


def _frame_size(code: bytes, at: int) -> tuple[int, int] | None:
    """Of a frame header at its marker: length, precision, lines, samples per line."""
    if at < 0 or len(code) < at + 9:
        return None
    height, width = struct.unpack_from(">HH", code, at + 5)
    return height, width


def _start_of_frame(code: bytes) -> int:
    """Where the frame header of a JPEG stands, walking from marker segment to marker segment; -1 where there is none."""
    at = code.find(b"\xff\xd8") + 2
    while 2 <= at < len(code) - 4:
        if code[at] != 0xFF:
            return -1
        marker = code[at + 1]
        if marker in _STARTS_OF_FRAME:
            return at
        # Bytes to fill up may precede a marker.
        at += 1 if marker == 0xFF else 2 + int.from_bytes(code[at + 2 : at + 4], "big")
    return -1
