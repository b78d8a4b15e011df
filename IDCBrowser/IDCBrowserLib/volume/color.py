"""Color images as red, green and blue: ultrasound, secondary captures, photographs, slides (PS3.3 C.7.6.3.1.2)."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

import numpy as np

from IDCBrowserLib.dicom.odd_colors import odd_colors
from IDCBrowserLib.dicom.reading import number, text
from IDCBrowserLib.dicom.reasons import reason_of
from IDCBrowserLib.dicom.with_pydicom import frame_pixels, read_dataset
from IDCBrowserLib.errors import CancelledError, ConversionError
from IDCBrowserLib.task import Progress, Task

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from pydicom.dataset import Dataset

    from IDCBrowserLib.volume.image_grid import ImageGrid


def is_color(dataset: Any) -> bool:
    """Three samples for a pixel, or a palette."""
    return number(dataset, "SamplesPerPixel", 1.0) > 1 or text(dataset, "PhotometricInterpretation") == "PALETTE COLOR"


def read_colors(grid: ImageGrid, task: Task) -> tuple[NDArray[np.uint8], tuple[str, ...]]:
    """(k, j, i, 3), 0 to 255, and sentences on colors that were not as stated. Missing slices stay black.

    Raises ``ConversionError`` naming the file whose pixels are damaged.
    """
    notes: dict[str, None] = {}
    voxels = np.zeros((*grid.geometry.shape, 3), np.uint8)
    by_file: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for k, image in enumerate(grid.slices):
        if image is not None:
            by_file[image.path].append((k, image.frame_number))
    done = 0
    for path, frames in by_file.items():
        dataset = read_dataset(path)
        notes[odd_colors(dataset)] = None
        for k, frame_number in frames:
            task.raise_if_cancelled()
            task.report(Progress("Reading images", done, len(grid.present_slices), "slices"))
            plane = rgb_frame(dataset, frame_number, path, task)
            if plane.shape != voxels.shape[1:]:
                raise ConversionError(f"{path} contains an image whose size differs from its header.")
            voxels[k] = plane
            done += 1
    return voxels, tuple(filter(None, notes))


def rgb_frame(dataset: Dataset, frame_number: int, path: str, task: Task | None = None) -> NDArray[np.uint8]:
    """Frame ``frame_number``, counted from 1, as (j, i, 3)."""
    try:
        values = frame_pixels(dataset, frame_number - 1, task=task)
        return rgb_of(dataset, values)
    except CancelledError:
        raise
    # Decoder plug-ins raise RuntimeError, ValueError, AttributeError, their own kinds...
    except Exception as error:
        reason = reason_of(error)
        raise ConversionError(f"{path}: the pixels are damaged or cut off ({reason}). Download the series again.") from error


def rgb_of(dataset: Dataset, values: NDArray[Any]) -> NDArray[np.uint8]:
    """Decoded values of a color image, of any depth, as bytes of red, green and blue."""
    is_palette = text(dataset, "PhotometricInterpretation") == "PALETTE COLOR"
    if is_palette:
        from pydicom.pixels.processing import apply_color_lut

        values = apply_color_lut(values, dataset)
    elif values.ndim == 2:
        # A palette that is not there.
        values = np.repeat(values[..., None], 3, axis=2)
    bits = values.dtype.itemsize * 8 if is_palette else int(dataset.get("BitsStored") or 8)
    colors = values[..., :3]
    return colors.astype(np.uint8) if bits <= 8 else (colors * (255.0 / ((1 << bits) - 1))).astype(np.uint8)
