"""Reads the header of an object from its first bytes, as far as needed."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

from IDCBrowserLib.dicom.in_parts import check_series
from IDCBrowserLib.dicom.problems import not_dicom
from IDCBrowserLib.dicom.with_pydicom import is_deflated_file, parse_dataset
from IDCBrowserLib.errors import ConversionError
from IDCBrowserLib.preview.objects import SeriesObject

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

_FIRST = 1 << 16
# Functional groups of enhanced objects and of breast tomosynthesis take some megabytes.
_LONGEST_HEAD = 1 << 24
_PIXELS = (b"\xe0\x7f\x10\x00", b"\xe0\x7f\x08\x00", b"\xe0\x7f\x09\x00", b"\x7f\xe0\x00\x10", b"\x7f\xe0\x00\x08", b"\x7f\xe0\x00\x09")


@dataclass(frozen=True)
class Head:
    """``dataset`` without pixels; ``data``: the bytes read so far; ``pixels``: where the element of the pixels begins, -1 if not among them.

    ``is_deflated``: nothing can be found in such a file but by reading all of it.
    """

    dataset: Dataset
    data: bytes
    pixels: int
    is_deflated: bool

    @property
    def series_uid(self) -> str:
        """The SeriesInstanceUID that it states."""
        return str(self.dataset.get("SeriesInstanceUID") or "")


def parse(data: bytes, label: str) -> Head:
    """From the first bytes of an object, which may end anywhere. Raises ``ConversionError`` for what is not DICOM."""
    file = io.BytesIO(data)
    dataset = parse_dataset(file, label, stop_before_pixels=True)
    if "SOPClassUID" not in dataset:
        raise not_dicom(label)
    at, is_deflated = file.tell(), is_deflated_file(data)
    return Head(dataset, data, at if data[at : at + 4] in _PIXELS and not is_deflated else -1, is_deflated)


def read_head(item: SeriesObject, at_least: int = _FIRST) -> Head:
    """All of the header, as many bytes as it takes; the whole object if it is deflated.

    Raises ``ConversionError`` when the object has no pixels, or a header of absurd length.
    """
    data = item.read(0, min(at_least, item.size))
    while True:
        head = _try(data, item)
        if head is not None and (head.pixels >= 0 or head.is_deflated):
            check_series(item, head.series_uid)
            return head
        if len(data) >= item.size or len(data) >= _LONGEST_HEAD:
            raise ConversionError(f"{item.label} has no pixels; it is truncated, or not an image.")
        data += item.read(len(data), min(4 * len(data), item.size))


def _try(data: bytes, item: SeriesObject) -> Head | None:
    """None where a part was too short to make sense of."""
    try:
        return parse(data, item.label)
    except ConversionError:
        if len(data) >= item.size:
            raise
        return None
