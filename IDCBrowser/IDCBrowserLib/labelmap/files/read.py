"""A label file as a ``Labelmap``: NRRD and NIfTI labelmap volumes, and Slicer's ``.seg.nrrd``; ours and those of other programs."""

from __future__ import annotations

import colorsys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from IDCBrowserLib.errors import ConversionError
from IDCBrowserLib.labelmap.files.read_nifti import read_nifti
from IDCBrowserLib.labelmap.files.read_nrrd import read_nrrd
from IDCBrowserLib.labelmap.files.write import FORMATS, format_of
from IDCBrowserLib.labelmap.layers import overlapping_voxels
from IDCBrowserLib.labelmap.types import Labelmap, Segment, Source
from IDCBrowserLib.volume.geometry import Geometry

if TYPE_CHECKING:
    from numpy.typing import NDArray

# In ``Segment.details``: the file states no name for this label.
UNNAMED = "unnamed"
_GOLDEN_ANGLE = 0.381966


def is_label_file(path: str | Path) -> bool:
    """By its name."""
    return str(path).lower().endswith(FORMATS)


def read_label_file(path: str | Path) -> Labelmap:
    """The labels of a file with their names, colors and codes as far as the file states them, in the order of label values.

    Labels that have voxels but no name are called "Label 3" and have ``UNNAMED`` in their ``details``. Raises ``InputError`` for another file name,
    ``NotFoundError``, and ``ConversionError`` with the reason for a file that is damaged, too large or no label file.
    """
    ending = format_of(path)
    try:
        volumes, geometry, stated = (read_nifti if ending.startswith(".nii") else read_nrrd)(Path(path))
        layers = tuple(_labels(volume, path) for volume in volumes)
    except (OSError, EOFError) as error:
        raise ConversionError(f"{path} cannot be read ({error}). It may be damaged; write it again.") from error
    except MemoryError as error:
        raise ConversionError(f"{path} needs more memory than there is. Use a larger computer.") from error
    segments = _with_counts(stated, layers, geometry)
    kind = "segmentation file" if ending == ".seg.nrrd" else "label file"
    return Labelmap(_one_type(layers), geometry, segments, Source(kind, series_description=Path(path).name), overlapping_voxels(layers))


def _labels(volume: NDArray[Any], path: str | Path) -> NDArray[Any]:
    """As unsigned integers, of the smallest type that holds them."""
    if volume.dtype.kind == "f" and (not np.isfinite(volume).all() or (volume != np.rint(volume)).any()):
        raise ConversionError(f"{path} contains values that are not whole numbers, so it is not a label file but an image. Give a label file.")
    low, high = (volume.min(), volume.max()) if volume.size else (0, 0)
    if low < 0 or high > 0xFFFFFFFF:
        raise ConversionError(f"{path} contains the value {low if low < 0 else high}; labels are numbers from 0 to 4294967295. Give a label file.")
    return np.ascontiguousarray(volume, np.min_scalar_type(max(1, int(high))))


def _one_type(layers: Sequence[NDArray[Any]]) -> tuple[NDArray[Any], ...]:
    dtype = max((layer.dtype for layer in layers), key=lambda one: one.itemsize)
    return tuple(layer.astype(dtype, copy=False) for layer in layers)


def _with_counts(stated: Sequence[Segment], layers: Sequence[NDArray[Any]], geometry: Geometry) -> tuple[Segment, ...]:
    known = {(segment.layer, segment.label_value): segment for segment in stated}
    counts = {(number, label): count for number, layer in enumerate(layers) for label, count in _counts(layer).items()}
    numbers = {segment.number for segment in stated}
    for layer, label in sorted(counts.keys() - known.keys(), key=lambda key: (key[1], key[0])):
        number = label if label not in numbers else max(numbers) + 1
        numbers.add(number)
        known[layer, label] = Segment(number, label, f"Label {label}", layer, color=_color(label), details={UNNAMED: True})
    volume = geometry.voxel_volume_mm3
    found = [replace(segment, voxels=(count := counts.get(key, 0)), volume_mm3=count * volume) for key, segment in known.items()]
    return tuple(sorted(found, key=lambda segment: (segment.label_value, segment.layer)))


def _counts(layer: NDArray[Any]) -> dict[int, int]:
    """Label value -> number of voxels, without 0."""
    if layer.dtype.itemsize > 2:
        labels, sizes = np.unique(layer, return_counts=True)
        return {int(label): int(size) for label, size in zip(labels, sizes, strict=True) if label}
    total = np.zeros(1 << 8 * layer.dtype.itemsize, np.int64)
    for plane in layer:
        total += np.bincount(plane.ravel(), minlength=len(total))
    return {int(label): int(total[label]) for label in np.flatnonzero(total) if label}


def _color(label: int) -> tuple[int, int, int]:
    """Hues of neighboring labels lie far apart."""
    red, green, blue = colorsys.hsv_to_rgb(label * _GOLDEN_ANGLE % 1.0, 0.6, 0.9)
    return round(red * 255), round(green * 255), round(blue * 255)
