"""Series that Slicer's own reader turns into one volume, in the same voxels, type and geometry.

That reader (ITK with GDCM) chooses the type of voxels from the bits that are stored, not from the values that occur; sorts slices along the normal;
and Slicer adds a transform where corners of slices are more than a thousandth of a millimeter from the regular grid. Whatever is not plain is left to
it: several grids, color, multi-frame images, missing or uneven slices, compressed pixels of unusual kinds, scaling that differs between slices.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from IDCBrowserLib.dicom.reading import number, text
from IDCBrowserLib.dicom.sop_classes import CT_IMAGE, MR_IMAGE
from IDCBrowserLib.dicom.windows import windows_of
from IDCBrowserLib.dicom.with_pydicom import problems_named, quietly, read_dataset
from IDCBrowserLib.errors import ConversionError, PhasesError
from IDCBrowserLib.task import Progress, Task
from IDCBrowserLib.volume.frames import LeftOut
from IDCBrowserLib.volume.image_grid import ImageGrid, ImageSlice
from IDCBrowserLib.volume.image_header import ImageHeader
from IDCBrowserLib.volume.phases import MOST_PHASES
from IDCBrowserLib.volume.pixels import stored_plane
from IDCBrowserLib.volume.plain_plane import read_plain_plane

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from pydicom.dataset import Dataset

# In mm: from here on Slicer adds a transform to the volume.
_CORNER = 1e-3
_TYPES = [np.dtype(name) for name in ("uint8", "uint16", "uint32")], [np.dtype(name) for name in ("int8", "int16", "int32")]


class NotPlainError(ConversionError):
    """Another reader has to load the series; the text says why."""


@dataclass(frozen=True)
class PlainSeries:
    """``windows`` are all pairs of (center, width) that the slice in the middle states. ``dtype`` is that of the voxels."""

    grid: ImageGrid
    sop_class: str
    dtype: np.dtype[Any]
    windows: tuple[tuple[float, float], ...]


@quietly()
def plain_series(grids: Sequence[ImageGrid], rest: Sequence[LeftOut]) -> PlainSeries:
    """The one plain grid. Raises ``NotPlainError``, and ``PhasesError`` for a few phases on one grid."""
    grid = grids[0]
    if 1 < len(grids) <= MOST_PHASES and len({one.geometry for one in grids}) == 1 and not rest:
        raise PhasesError(f"The series is not loaded as one plain volume: it has {len(grids)} phases.")
    reason = _why_not(grids, rest)
    if reason:
        raise NotPlainError(f"The series is not loaded as one plain volume: {reason}.")
    # As Slicer does: of the slices in its order.
    path = grid.present_slices[len(grid.present_slices) // 2].path
    dataset = read_dataset(path)
    with problems_named(path):
        sop_class = text(dataset, "SOPClassUID")
        if sop_class not in (CT_IMAGE, MR_IMAGE):
            raise NotPlainError("The series is not loaded as one plain volume: it is neither CT nor MR with one slice in each file.")
        return PlainSeries(grid, sop_class, _voxel_type(dataset), _windows(dataset))


@quietly()
def fill(series: PlainSeries, path: Path, task: Task) -> int:
    """Write the voxels (k, j, i) of the series into the raw file at ``path``, slices in the middle first; gives their number.

    Raises ``NotPlainError`` where a slice is scaled or stored in another way than that in the middle, and ``ConversionError`` for damaged pixels.
    """
    voxels: NDArray[Any] = np.memmap(path, dtype=series.dtype.newbyteorder("<"), mode="r+", shape=series.grid.geometry.shape)
    images = list(enumerate(series.grid.present_slices))
    for done, (k, image) in enumerate(_middle_first(images)):
        task.raise_if_cancelled()
        task.report(Progress("Reading images", done, len(images), "slices"))
        plane = read_plain_plane(image.path)
        dataset: Any = read_dataset(image.path) if plane is None else plane.header
        with problems_named(image.path):
            if _voxel_type(dataset) != series.dtype or text(dataset, "SOPClassUID") != series.sop_class:
                raise NotPlainError(f"{image.path} is stored or scaled in another way than other slices of its series.")
            stored = stored_plane(dataset, image.path) if plane is None else plane.stored
            if stored.shape != voxels.shape[1:]:
                raise ConversionError(f"{image.path} contains an image whose size differs from its header.")
            slope, intercept = _scaling(dataset)
            voxels[k] = stored if (slope, intercept) == (1.0, 0.0) else _rescaled(stored, slope, intercept, series.dtype)
    return len(images)


def _why_not(grids: Sequence[ImageGrid], rest: Sequence[LeftOut]) -> str:
    grid = grids[0]
    paths = [image.path for image in grid.present_slices]
    reasons = {
        "it has several volumes": len(grids) > 1,
        "some of its files are not images": bool(rest),
        "it is in color": grid.is_color,
        "its images state no place in the patient": not grid.is_placed,
        "slices are missing": bool(grid.missing_slices),
        "its slices are uneven": not grid.is_regular or bool(grid.centers),
        "it has one slice": len(paths) < 2,
        "a file holds several slices": len(set(paths)) < len(paths),
        "something about it is unusual": bool(grid.warnings),
    }
    found = next((reason for reason, applies in reasons.items() if applies), "")
    return found or ("its slices are uneven" if _largest_corner_error(grid) > _CORNER else "")


def _largest_corner_error(grid: ImageGrid) -> float:
    """In mm: how far slices are from where the regular grid puts them."""
    matrix = grid.geometry.index_to_lps()
    count = grid.geometry.shape[0]
    regular = matrix[:3, 3] + np.outer(np.arange(count), matrix[:3, 2])
    return float(np.abs(grid.slice_positions() - regular).max())


def _voxel_type(dataset: Dataset | ImageHeader) -> np.dtype[Any]:
    """GDCM's choice: the smallest type, of 8, 16 or 32 bits, that holds all values that could be stored; doubles where scaling is no whole number."""
    allocated, bits, signed = (number(dataset, name) for name in ("BitsAllocated", "BitsStored", "PixelRepresentation"))
    if allocated is None or bits is None or signed is None or allocated not in (8, 16) or not 0 < bits <= allocated:
        raise NotPlainError("The series is not loaded as one plain volume: its pixels are stored in an unusual way.")
    if text(dataset, "PhotometricInterpretation") not in ("MONOCHROME1", "MONOCHROME2") or dataset.get("ModalityLUTSequence"):
        raise NotPlainError("The series is not loaded as one plain volume: its pixels are shown by a table.")
    slope, intercept = _scaling(dataset)
    if not (slope.is_integer() and intercept.is_integer()):
        return np.dtype("float64")
    width = int(bits)
    low, high = (-(1 << (width - 1)), (1 << (width - 1)) - 1) if signed else (0, (1 << width) - 1)
    if (slope, intercept) == (1.0, 0.0):
        # Not rescaled: as it is stored.
        return np.dtype(f"{'int' if signed else 'uint'}{int(allocated)}")
    ends = sorted((low * int(slope) + int(intercept), high * int(slope) + int(intercept)))
    for dtype in _TYPES[ends[0] < 0]:
        limits = np.iinfo(dtype)
        if limits.min <= ends[0] and ends[1] <= limits.max:
            return dtype
    return np.dtype("float64")


def _scaling(dataset: Dataset | ImageHeader) -> tuple[float, float]:
    """Rescale Slope and Intercept, 1 and 0 where they are not stated."""
    slope, intercept = number(dataset, "RescaleSlope"), number(dataset, "RescaleIntercept")
    stated = "RescaleSlope" in dataset or "RescaleIntercept" in dataset
    if stated and (not slope or intercept is None):
        raise NotPlainError("The series is not loaded as one plain volume: its scaling makes no sense.")
    return slope or 1.0, intercept or 0.0


def _rescaled(stored: NDArray[Any], slope: float, intercept: float, dtype: np.dtype[Any]) -> NDArray[Any]:
    values: NDArray[Any] = stored * np.float64(slope) + np.float64(intercept)
    return values.astype(dtype)


def _windows(dataset: Dataset) -> tuple[tuple[float, float], ...]:
    """Every Window Center and Width, in the order of the file; none where they do not pair up."""
    centers, widths = text(dataset, "WindowCenter"), text(dataset, "WindowWidth")
    if centers.count("\\") != widths.count("\\"):
        return ()
    return tuple((center, width) for center, width, _name in windows_of(centers, widths))


def _middle_first(images: list[tuple[int, ImageSlice]]) -> Iterator[tuple[int, ImageSlice]]:
    """What is looked at first comes first."""
    middle = len(images) // 2
    return iter(sorted(images, key=lambda item: abs(item[0] - middle)))
