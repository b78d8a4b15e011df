"""A DICOM file of encoded pieces: what pydicom encodes, with long sequences and pixels that are encoded faster elsewhere in between."""

from __future__ import annotations

import os
import struct
import zlib
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from IDCBrowserLib.dicom.transfer_syntax import DEFLATED
from IDCBrowserLib.whole_file import part_of

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

_MOST_LENGTH = 0xFFFFFFFE


def encoded(dataset: Dataset, implicit: bool) -> bytes:
    """The elements of a data set, little endian."""
    from pydicom.filebase import DicomBytesIO
    from pydicom.filewriter import write_dataset

    buffer = DicomBytesIO()
    buffer.is_little_endian, buffer.is_implicit_VR = True, implicit
    write_dataset(buffer, dataset)
    return bytes(buffer.getvalue())


def item(content: bytes) -> bytes:
    """A sequence item of stated length."""
    return struct.pack("<HHI", 0xFFFE, 0xE000, len(content)) + content


def element(tag: int, vr: bytes, length: int, implicit: bool) -> bytes:
    """The head of an element whose value of ``length`` bytes follows; ``vr`` is one with a 32-bit length."""
    if implicit:
        return struct.pack("<HHI", tag >> 16, tag & 0xFFFF, length)
    return struct.pack("<HH2sHI", tag >> 16, tag & 0xFFFF, vr, 0, length)


def write_part_10(path: Path, head: Dataset, transfer_syntax: str, pieces: Iterable[bytes]) -> None:
    """Write file meta information and the ``pieces`` of the data set in their order. The file appears whole or not at all.

    Raises ``StorageError`` where the disk refuses.
    """
    with part_of(path, "choose another folder or free some disk space") as part, open(part, "xb") as file:
        file.write(_meta(head, transfer_syntax))
        packer = zlib.compressobj(6, zlib.DEFLATED, -zlib.MAX_WBITS) if transfer_syntax == DEFLATED else None
        for piece in pieces:
            file.write(piece if packer is None else packer.compress(piece))
        if packer is not None:
            rest = packer.flush()
            file.write(rest)
            if file.tell() % 2:
                # Deflated streams are padded to an even length (PS3.5 A.5).
                file.write(b"\0")
        file.flush()
        os.fsync(file.fileno())


def _meta(head: Dataset, transfer_syntax: str) -> bytes:
    from pydicom.dataset import FileMetaDataset
    from pydicom.filebase import DicomBytesIO
    from pydicom.filewriter import write_file_meta_info
    from pydicom.uid import UID

    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = head.SOPClassUID
    meta.MediaStorageSOPInstanceUID = head.SOPInstanceUID
    meta.TransferSyntaxUID = UID(transfer_syntax)
    buffer = DicomBytesIO()
    buffer.is_little_endian, buffer.is_implicit_VR = True, False
    write_file_meta_info(buffer, meta, enforce_standard=True)
    return b"\0" * 128 + b"DICM" + bytes(buffer.getvalue())


def fits(length: int) -> bool:
    """Whether a value of so many bytes can be stated."""
    return length <= _MOST_LENGTH
