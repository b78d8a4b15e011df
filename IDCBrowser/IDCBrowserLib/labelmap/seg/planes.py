"""From the positions of frames to a regular stack of slices: origin, directions, spacing, gaps."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NoReturn

import numpy as np

from IDCBrowserLib.errors import ConversionError
from IDCBrowserLib.labelmap.seg.frames import FrameTable
from IDCBrowserLib.volume.geometry import Geometry, Vector

if TYPE_CHECKING:
    from numpy.typing import NDArray

# Of a voxel: what is still the same place (the project's rule for images; highdicom and Slicer use the same 1%).
TOLERANCE = 0.01
_LARGEST_DIVISOR = 8
# Slices per stored plane. Beyond, a position is a mistake: a stack with one frame in fifty is already strange.
_LARGEST_GAP_FACTOR = 50
_MANY_SLICES = 4000


@dataclass(frozen=True)
class PlaneStack:
    """A grid for the distinct positions of a ``FrameTable``.

    ``slice_of_position``: (P,) the slice k of each entry of ``FrameTable.positions``. ``nearest`` is None for a regular stack; for an
    irregular one ``geometry`` is the regular grid made of it, and ``nearest[k]`` the stored slice that voxel slice k shows, or -1.
    ``stored_slices`` is how many slices decoding fills: ``geometry.shape[0]`` unless irregular.
    """

    geometry: Geometry
    slice_of_position: NDArray[np.int64]
    stored_slices: int
    nearest: NDArray[np.int64] | None = None
    warnings: tuple[str, ...] = ()


def plane_axes(frames: FrameTable, path: str) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Unit vectors of i, j and the plane normal i x j. Raises ``ConversionError`` when Image Orientation (Patient) spans no plane."""
    i_axis, j_axis = np.array(frames.orientation[:3]), np.array(frames.orientation[3:])
    lengths = np.linalg.norm(i_axis), np.linalg.norm(j_axis)
    if any(abs(length - 1) > 0.02 for length in lengths) or abs(np.dot(i_axis, j_axis)) > 0.02:
        numbers = "\\".join(f"{value:g}" for value in frames.orientation)
        _fail(path, f"Image Orientation (Patient) (0020,0037) is {numbers}, which are no two perpendicular unit vectors.")
    i_axis, j_axis = i_axis / lengths[0], j_axis / lengths[1]
    normal = np.cross(i_axis, j_axis)
    return i_axis, j_axis, normal / np.linalg.norm(normal)


def stack_planes(frames: FrameTable, path: str) -> PlaneStack:
    """The grid of the frames themselves; k ascends along the plane normal. Raises ``ConversionError`` where they form no stack."""
    i_axis, j_axis, normal = plane_axes(frames, path)
    distances = frames.positions @ normal
    tolerance = min(TOLERANCE, TOLERANCE * min(frames.pixel_spacing), TOLERANCE * (frames.spacing_between_slices or np.inf))
    level_of_position, levels = _levels(distances, tolerance)
    origins = np.array([frames.positions[np.argmax(level_of_position == level)] for level in range(len(levels))])
    _check_same_origin(frames, level_of_position, origins, path)
    spacing, steps, warnings = _spacing(levels, frames)
    first = origins[0]
    geometry = Geometry(
        shape=(1, frames.rows, frames.columns),
        spacing=(frames.pixel_spacing[1], frames.pixel_spacing[0], spacing),
        origin=(float(first[0]), float(first[1]), float(first[2])),
        directions=(_vector(i_axis), _vector(j_axis), _vector(normal)),
    )
    if steps is None:
        _check_straight(origins, normal, levels, frames, path)
        return _irregular(geometry, level_of_position, levels, path)
    geometry, sheared = _with_k_axis(geometry, origins, steps, frames, path)
    _check_count(int(steps[-1]) + 1, len(levels), path)
    geometry = replace(geometry, shape=(int(steps[-1]) + 1, frames.rows, frames.columns))
    if sheared:
        warnings = (*warnings, "The slices are shifted against each other (gantry tilt); the slice axis of the result is oblique.")
    return PlaneStack(geometry, steps[level_of_position], geometry.shape[0], None, warnings)


def confirmed_spacing(frames: FrameTable) -> float | None:
    """Spacing Between Slices (0018,0088), if two neighboring frames really are that far apart; some writers state anything. None otherwise."""
    stated = frames.spacing_between_slices
    normal = np.cross(frames.orientation[:3], frames.orientation[3:])
    gaps = np.diff(np.sort(frames.positions @ normal))
    return stated if stated and (np.abs(gaps - stated) <= TOLERANCE * stated).any() else None


def _levels(distances: NDArray[np.float64], tolerance: float) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """For each position its index among the distinct distances, and those, ascending."""
    order = np.argsort(distances, kind="stable")
    begins = np.concatenate([[True], np.diff(distances[order]) > tolerance])
    level_of_position = np.empty(len(distances), np.int64)
    level_of_position[order] = np.cumsum(begins) - 1
    return level_of_position, distances[order][begins]


def _check_same_origin(frames: FrameTable, levels: NDArray[np.int64], origins: NDArray[np.float64], path: str) -> None:
    offsets = np.linalg.norm(frames.positions - origins[levels], axis=1)
    if offsets.max() > max(TOLERANCE * max(frames.pixel_spacing), 1e-3) * 1.5:
        _fail(path, f"Frames of one plane begin {offsets.max():.3g} mm apart (Image Position (Patient) (0020,0032)). Such files are not supported.")


def _spacing(levels: NDArray[np.float64], frames: FrameTable) -> tuple[float, NDArray[np.int64] | None, tuple[str, ...]]:
    """Slice spacing, slice index of each level (None when irregular), warnings."""
    stated = frames.spacing_between_slices
    if len(levels) == 1:
        spacing, warnings = _single_slice_spacing(frames)
        return spacing, np.zeros(1, np.int64), warnings
    smallest = float(np.diff(levels).min())
    is_possible = stated and stated <= smallest * (1 + TOLERANCE) and not _is_absurd((levels[-1] - levels[0]) / stated, len(levels))
    candidates = [stated] if stated and is_possible else []
    candidates += [smallest / divisor for divisor in range(1, _LARGEST_DIVISOR + 1)]
    for candidate in candidates:
        steps = np.rint((levels - levels[0]) / candidate)
        fitted = float((levels[-1] - levels[0]) / steps[-1])
        steps = np.rint((levels - levels[0]) / fitted)
        # Stored decimals are rounded and tables wobble: the same allowance as for images.
        if np.abs(levels - levels[0] - steps * fitted).max() <= max(0.02 * fitted, min(0.01, 0.1 * fitted)):
            return fitted, steps.astype(np.int64), ()
    return float(np.median(np.diff(levels))), None, ()


def _single_slice_spacing(frames: FrameTable) -> tuple[float, tuple[str, ...]]:
    stated = frames.spacing_between_slices or frames.slice_thickness
    if stated:
        return stated, ()
    return frames.pixel_spacing[0], ("The file has one slice and states neither spacing nor thickness; the row spacing is used as slice thickness.",)


def _with_k_axis(geometry: Geometry, origins: NDArray[np.float64], steps: NDArray[np.int64], frames: FrameTable, path: str) -> tuple[Geometry, bool]:
    """The geometry with the slice axis along the origins, and whether that is oblique to the planes."""
    if len(origins) == 1:
        return geometry, False
    pixel = min(frames.pixel_spacing)
    normal = np.array(geometry.directions[2])
    drift = origins - origins[0]
    drift = drift - np.outer(drift @ normal, normal)
    largest = float(np.linalg.norm(drift, axis=1).max())
    step = (origins[-1] - origins[0]) / steps[-1]
    length = float(np.linalg.norm(step))
    # Rounded direction cosines let a long stack drift a little; that is no tilt.
    is_rounding = largest <= 0.5 * pixel and float(np.degrees(np.arccos(min(1.0, geometry.spacing[2] / length)))) < 0.1
    if largest <= 0.1 * pixel or is_rounding:
        return geometry, False
    if np.linalg.norm(drift - np.outer(steps, drift[-1] / steps[-1]), axis=1).max() > 0.1 * pixel:
        _fail_scattered(path)
    i_axis, j_axis, _ = geometry.directions
    spacing = (geometry.spacing[0], geometry.spacing[1], length)
    return replace(geometry, spacing=spacing, directions=(i_axis, j_axis, _vector(step / length))), True


def _check_straight(origins: NDArray[np.float64], normal: NDArray[np.float64], levels: NDArray[np.float64], frames: FrameTable, path: str) -> None:
    drift = origins - origins[0] - np.outer(levels - levels[0], normal)
    if np.linalg.norm(drift, axis=1).max() > 0.1 * min(frames.pixel_spacing):
        _fail_scattered(path)


def _irregular(geometry: Geometry, level_of_position: NDArray[np.int64], levels: NDArray[np.float64], path: str) -> PlaneStack:
    """A regular grid at the median spacing; each of its slices shows the nearest stored one, unless that is further than one spacing away."""
    spacing = geometry.spacing[2]
    count = round(float(levels[-1] - levels[0]) / spacing) + 1
    _check_count(count, len(levels), path)
    at = levels[0] + spacing * np.arange(count)
    right = np.clip(np.searchsorted(levels, at), 1, len(levels) - 1)
    nearest = np.where(at - levels[right - 1] <= levels[right] - at, right - 1, right)
    nearest = np.where(np.abs(levels[nearest] - at) < spacing, nearest, -1)
    gaps = np.diff(levels)
    warning = (
        f"The slices are {gaps.min():.4g} to {gaps.max():.4g} mm apart. The result has a slice every {spacing:.4g} mm, each showing the nearest "
        "stored slice; convert with the images for exact slices."
    )
    shape = (count, *geometry.shape[1:])
    return PlaneStack(replace(geometry, shape=shape), level_of_position, len(levels), nearest.astype(np.int64), (warning,))


def _check_count(slices: int, planes: int, path: str) -> None:
    if _is_absurd(slices, planes):
        _fail(path, f"The {planes} slice positions (Image Position (Patient) (0020,0032)) would span {slices:,} slices; one of them must be wrong.")


def _is_absurd(slices: float, planes: int) -> bool:
    return slices > _MANY_SLICES and slices > planes * _LARGEST_GAP_FACTOR


def _vector(values: NDArray[np.float64]) -> Vector:
    return float(values[0]), float(values[1]), float(values[2])


def _fail_scattered(path: str) -> NoReturn:
    _fail(path, "The frames are shifted against each other within their planes (Image Position (Patient) (0020,0032)), so they form no volume.")


def _fail(path: str, reason: str) -> NoReturn:
    raise ConversionError(f"{path}: {reason}" if path else reason)
