"""Colors that a header states in no way that is known, or that its pixels contradict: what they are taken for instead of not being shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from IDCBrowserLib.dicom.reading import number, text, value_of
from IDCBrowserLib.dicom.transfer_syntax import NATIVE

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

_GRAY = ("MONOCHROME1", "MONOCHROME2")
_COLOR = ("RGB", "YBR_FULL", "YBR_FULL_422")
_INTERPRETATION, _PLANAR = "PhotometricInterpretation", "PlanarConfiguration"


def odd_colors(dataset: Dataset, stored: int | None = None) -> str:
    """Correct the data set; gives a sentence, or "" where nothing is odd. Compressed pixels are taken at their word. ``stored``: how many bytes its
    pixels have, where it is the header only.
    """
    samples = value_of(dataset, "SamplesPerPixel")
    if samples not in (1, 3) or dataset.file_meta.get("TransferSyntaxUID") not in NATIVE:
        return ""
    stated, pixels = text(dataset, _INTERPRETATION), value_of(dataset, "PixelData")
    size = len(pixels) if isinstance(pixels, bytes) else stored
    meant = _meant(dataset, stated, int(samples), size)
    notes = []
    if meant != stated:
        dataset.PhotometricInterpretation = meant
        what = f"{stated}, which does not fit the pixels" if stated else "missing"
        notes.append(f"Photometric Interpretation (0028,0004) is {what}; they are shown as {meant}.")
    if samples == 3 and value_of(dataset, _PLANAR) not in (0, 1):
        dataset.PlanarConfiguration = 0
        notes.append("Planar Configuration (0028,0006) is missing or makes no sense; colors are taken to be stored pixel by pixel.")
    return " ".join(notes)


def native_bytes(dataset: Dataset, pixels: int) -> int:
    """How many bytes so many uncompressed pixels have; two share their colors in YBR_FULL_422."""
    samples = 2 if dataset.get(_INTERPRETATION) == "YBR_FULL_422" else int(dataset.SamplesPerPixel)
    return pixels * samples * int(dataset.BitsAllocated) // 8


def _meant(dataset: Dataset, stated: str, samples: int, size: int | None) -> str:
    if samples == 1:
        has_palette = stated == "PALETTE COLOR" and "RedPaletteColorLookupTableDescriptor" in dataset
        return stated if has_palette or stated in _GRAY else "MONOCHROME2"
    if stated == "YBR_FULL_422" and _is_full(dataset, size):
        return "YBR_FULL"
    return stated if stated in _COLOR else "RGB"


def _is_full(dataset: Dataset, size: int | None) -> bool:
    """Whether each pixel has its own colors, instead of one for two (PS3.3 C.7.6.3.1.2)."""
    parts: list[Any] = [value_of(dataset, name) for name in ("Rows", "Columns", "BitsAllocated")]
    if not all(isinstance(part, int) for part in parts) or size is None:
        return False
    rows, columns, bits = parts
    return size >= int(number(dataset, "NumberOfFrames", 1.0)) * int(rows) * int(columns) * 3 * int(bits) // 8
