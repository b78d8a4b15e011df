"""The voxels of an image grid, in the units of its modality (HU, counts, ...), as the smallest type that holds them exactly."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from IDCBrowserLib.dicom.odd_colors import odd_colors
from IDCBrowserLib.dicom.reading import number, text
from IDCBrowserLib.dicom.reasons import reason_of
from IDCBrowserLib.dicom.transfer_syntax import EXPLICIT_LITTLE, IMPLICIT_LITTLE
from IDCBrowserLib.dicom.with_pydicom import frame_pixels, problems_named, quietly, read_dataset
from IDCBrowserLib.errors import ConversionError, IDCBrowserError
from IDCBrowserLib.task import Progress, Task
from IDCBrowserLib.volume.color import is_color, read_colors
from IDCBrowserLib.volume.even import even_grid
from IDCBrowserLib.volume.geometry import Geometry
from IDCBrowserLib.volume.image_grid import ImageGrid, ImageSlice
from IDCBrowserLib.volume.quantity import DOSE, RELATIVE_DOSE, UNKNOWN, Quantity
from IDCBrowserLib.volume.rescale import Plane, assemble
from IDCBrowserLib.volume.scaling import Scaling, frame_item, scaling_of
from IDCBrowserLib.wording import human_count

if TYPE_CHECKING:
    from pydicom.dataset import Dataset
    from pydicom.uid import UID

    from IDCBrowserLib.volume.image_header import ImageHeader

# Center and width in Hounsfield units.
_SOFT_TISSUE = (40.0, 400.0)


@dataclass(frozen=True)
class Volume:
    """``voxels`` (k, j, i) on ``geometry``, after Modality LUT or rescale (PS3.3 C.11.1), dose grid scaling or real world value map; of color
    images (k, j, i, 3) bytes of red, green and blue.

    ``geometry`` is that of ``grid``, for images at varying distances an even grid that they are put onto.

    ``window`` is (center, width) in the same units. ``inverted`` is True for MONOCHROME1: low values are to be shown bright; the voxels are
    not changed. ``quantity`` says what they measure, in which unit.
    """

    grid: ImageGrid
    geometry: Geometry
    voxels: NDArray[Any]
    window: tuple[float, float]
    inverted: bool
    quantity: Quantity
    warnings: tuple[str, ...]

    def extremes(self) -> tuple[float, float] | tuple[None, None]:
        """The lowest and the highest finite value."""
        values = self.voxels
        if values.dtype.kind == "f":
            values = values[np.isfinite(values)]
        return (float(values.min()), float(values.max())) if values.size else (None, None)


@quietly()
def read_volume(grid: ImageGrid, task: Task | None = None) -> Volume:
    """Decode every slice of ``grid``. Missing slices get the lowest value of the volume, and a warning says so.

    Raises ``ConversionError``, naming the file, for pixels that are cut off or cannot be decoded, and for values without a meaning.
    """
    task = task or Task()
    if grid.is_color:
        colors, notes = read_colors(grid, task)
        return Volume(grid, grid.geometry, colors, (127.5, 255.0), False, UNKNOWN, (*grid.warnings, *notes))
    middle = grid.present_slices[len(grid.present_slices) // 2]
    planes: list[Plane] = []
    display = _Display()
    said: dict[str, None] = {}
    quantities: dict[str, None] = {}
    for plane, dataset, image, scaling in _planes(grid, task, said):
        planes.append(plane)
        said.update(dict.fromkeys(scaling.warnings))
        quantities[f"{scaling.quantity.name} {scaling.quantity.unit}".strip()] = None
        if image is middle:
            with problems_named(image.path):
                display = _display(dataset, image.frame_number, scaling)
    voxels = assemble(planes, grid.geometry.shape)
    window = display.window or _usual_window(display.quantity, grid.modality, voxels)
    even = even_grid(grid)
    warnings = grid.warnings + _filled(grid) + tuple(said) + _mixed(tuple(quantities))
    if even is None:
        return Volume(grid, grid.geometry, voxels, window, display.inverted, display.quantity, warnings)
    return Volume(grid, even.geometry, even.interpolated(voxels), window, display.inverted, display.quantity, (*warnings, even.warning))


def read_planes(grid: ImageGrid, task: Task | None = None) -> Iterator[tuple[int, NDArray[np.float64], Quantity]]:
    """Every present slice of a gray grid as stored places have it, one at a time: k, its values (j, i) after rescale, and what they measure.

    Slices at varying distances stay where they are, unlike in ``read_volume``. Raises as that.
    """
    for plane, _dataset, _image, scaling in _planes(grid, task or Task(), {}):
        yield plane.k, plane.stored * np.float64(plane.slope) + np.float64(plane.intercept), scaling.quantity


@dataclass(frozen=True)
class ShownPlane:
    """One plane as a viewer would show it at first. ``values`` (j, i) after Modality LUT or rescale; the rest as in ``Volume``.

    ``states_window``: whether the object says so itself.
    """

    values: NDArray[Any]
    window: tuple[float, float]
    inverted: bool
    states_window: bool = True


def stored_plane(dataset: Dataset, label: str, frame_number: int = 1, task: Task | None = None) -> NDArray[Any]:
    """Stored values (j, i) of a frame, counted from 1, of a gray image read with its pixels. ``label`` names it in a ``ConversionError``."""
    if not any(keyword in dataset for keyword in ("PixelData", "FloatPixelData", "DoubleFloatPixelData")):
        raise ConversionError(f"{label} has no pixel data; it is truncated. Download the series again.")
    if dataset.file_meta.get("TransferSyntaxUID") is None:
        dataset.file_meta.TransferSyntaxUID = _guessed_syntax(dataset)
    if (stored := _plain(dataset)) is not None:
        return only_stored_bits(dataset, stored)
    try:
        stored = frame_pixels(dataset, frame_number - 1, raw=True, task=task)
    except NotImplementedError as error:
        raise ConversionError(f"{label} is compressed in an unsupported way ({error}).") from error
    except IDCBrowserError:
        raise
    # Decoder plug-ins raise RuntimeError, ValueError, AttributeError, their own kinds...
    except Exception as error:
        raise ConversionError(f"{label}: the pixels are damaged or cut off ({reason_of(error)}). Download the series again.") from error
    return only_stored_bits(dataset, stored)


def shown_plane(dataset: Dataset, stored: NDArray[Any], frame_number: int = 1, label: str = "The image") -> ShownPlane:
    """The stored values of a frame, however they were decoded, as they are shown. ``label`` names it in a ``ConversionError``."""
    stored = only_stored_bits(dataset, stored)
    scaling = scaling_of(dataset, frame_number, label)
    values = assemble([scaling.plane(0, stored)], (1, *stored.shape))[0]
    display = _display(dataset, frame_number, scaling)
    window = display.window or _usual_window(display.quantity, text(dataset, "Modality"), values)
    return ShownPlane(values, window, display.inverted, display.window is not None)


def _planes(grid: ImageGrid, task: Task, said: dict[str, None]) -> Iterator[tuple[Plane, Dataset, ImageSlice, Scaling]]:
    """Every present slice; files with several frames are opened once. ``said`` gets sentences on pixels that are not as stated."""
    by_file: dict[str, list[tuple[int, ImageSlice]]] = defaultdict(list)
    for k, image in enumerate(grid.slices):
        if image is not None:
            by_file[image.path].append((k, image))
    done, total = 0, len(grid.present_slices)
    for path, images in by_file.items():
        dataset = _open(path)
        with problems_named(path):
            note = odd_colors(dataset)
        if note:
            said[note] = None
        for k, image in images:
            task.raise_if_cancelled()
            task.report(Progress("Reading images", done, total, "slices"))
            with problems_named(path):
                stored = stored_plane(dataset, path, image.frame_number, task)
                if stored.shape != grid.geometry.shape[1:]:
                    raise ConversionError(f"{path} contains an image whose size differs from its header.")
                scaling = scaling_of(dataset, image.frame_number, path)
                plane = scaling.plane(k, stored)
            yield plane, dataset, image, scaling
            done += 1


def _open(path: str) -> Dataset:
    dataset = read_dataset(path)
    if is_color(dataset):
        raise ConversionError(f"{path} is a color image among gray ones. Load it separately.")
    return dataset


def _plain(dataset: Dataset) -> NDArray[Any] | None:
    """The pixels of the commonest kind of file (one frame, uncompressed, 16 bits, little endian) without pydicom's machinery; else None."""
    elements = [dataset.get(keyword) for keyword in ("BitsAllocated", "Rows", "Columns", "PixelRepresentation", "PixelData")]
    bits, rows, columns, signed, data = elements
    plain = dataset.file_meta.TransferSyntaxUID in (IMPLICIT_LITTLE, EXPLICIT_LITTLE) and "NumberOfFrames" not in dataset
    if not plain or bits != 16 or signed not in (0, 1) or not isinstance(data, bytes) or len(data) != 2 * rows * columns:
        return None
    return np.frombuffer(data, "<i2" if signed else "<u2").reshape(rows, columns)


def _guessed_syntax(dataset: Dataset) -> UID:
    """For files without a meta header: what pydicom found while reading."""
    from pydicom import uid

    implicit, little = dataset.original_encoding
    if implicit:
        return uid.ImplicitVRLittleEndian
    return uid.ExplicitVRLittleEndian if little else uid.ExplicitVRBigEndian


def only_stored_bits(dataset: Dataset | ImageHeader, stored: NDArray[Any]) -> NDArray[Any]:
    """Bits above Bits Stored may hold overlays or rubbish (PS3.5 8.1.1); they are no part of the value."""
    allocated, bits = number(dataset, "BitsAllocated"), number(dataset, "BitsStored")
    if allocated is None or bits is None or not 0 < bits < allocated or stored.dtype.kind not in "iu" or stored.size == 0:
        return stored
    unused = stored.dtype.itemsize * 8 - int(bits)
    low, high = int(stored.min()), int(stored.max())
    if stored.dtype.kind == "u":
        return stored if high < 1 << int(bits) else stored & stored.dtype.type((1 << int(bits)) - 1)
    limit = 1 << (int(bits) - 1)
    return stored if -limit <= low and high < limit else (stored << unused) >> unused


@dataclass(frozen=True)
class _Display:
    """How the header wants the values shown."""

    window: tuple[float, float] | None = None
    inverted: bool = False
    quantity: Quantity = UNKNOWN


def _display(dataset: Dataset, frame_number: int, scaling: Scaling) -> _Display:
    item = frame_item(dataset, frame_number, "FrameVOILUTSequence")
    center, width = _first_number(item, "WindowCenter"), _first_number(item, "WindowWidth")
    # A window of whole numbers is not narrower than 1 (PS3.3 C.11.2.1.2), one of quantities may be.
    is_whole = "PixelData" in dataset and float(scaling.slope).is_integer()
    window = None if center is None or width is None or width <= 0 or (is_whole and width < 1) else (center, width)
    if scaling.quantity in (DOSE, RELATIVE_DOSE):
        # What writers put there is meant for the stored values.
        window = None
    return _Display(window, text(dataset, "PhotometricInterpretation") == "MONOCHROME1", scaling.quantity)


def _first_number(item: Any, keyword: str) -> float | None:
    """The first of possibly several values."""
    value = text(item, keyword).split("\\")[0]
    try:
        number = float(value)
    except ValueError:
        return None
    return number if np.isfinite(number) else None


def _usual_window(quantity: Quantity, modality: str, voxels: NDArray[Any]) -> tuple[float, float]:
    """For images whose header states none. CT in Hounsfield units: the soft-tissue window that CT is commonly first read with.

    A dose from 0 to its maximum.
    """
    if quantity in (DOSE, RELATIVE_DOSE):
        highest = max(float(voxels.max()), 1e-6)
        return highest / 2, highest
    return _SOFT_TISSUE if modality == "CT" else _robust_window(voxels)


def _robust_window(voxels: NDArray[Any]) -> tuple[float, float]:
    """From the 1st to the 99.5th percentile of every seventh voxel or so; background would otherwise decide."""
    sample = voxels.reshape(-1)[:: max(1, voxels.size // 200_000)]
    sample = sample[np.isfinite(sample)]
    if sample.size == 0:
        return 0.5, 1.0
    low, high = (float(value) for value in np.percentile(sample, [1.0, 99.5]))
    width = max(high - low, 1e-6 if voxels.dtype.kind == "f" else 1.0)
    return low + width / 2, width


def _mixed(quantities: tuple[str, ...]) -> tuple[str, ...]:
    if len(quantities) < 2:
        return ()
    return (f"The images of this volume hold different quantities: {', '.join(name or 'none stated' for name in quantities)}.",)


def _filled(grid: ImageGrid) -> tuple[str, ...]:
    missing = grid.missing_slices
    if not missing:
        return ()
    verb = "is" if len(missing) == 1 else "are"
    return (f"{human_count(len(missing), 'missing slice', 'missing slices')} {verb} filled with the lowest value.",)
