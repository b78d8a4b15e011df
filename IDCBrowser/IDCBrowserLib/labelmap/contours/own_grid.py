"""A grid made for the contours alone, for when their images are not at hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from IDCBrowserLib.errors import ConversionError
from IDCBrowserLib.labelmap.contours.planes import area_vector
from IDCBrowserLib.volume.geometry import Geometry, vector

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from IDCBrowserLib.labelmap.contours.structure_set import Contour, Roi, StructureSet

_PIXELS_MM = (1.0, 0.5, 0.25, 0.125, 0.0625)
_ENOUGH_PIXELS = 128
_SAME_PLANE_MM = 0.01
_LARGEST = 1 << 29


def own_geometry(structure_set: StructureSet, rois: list[Roi]) -> tuple[Geometry, str]:
    """A grid around the closed contours of ``rois``, and their frame of reference.

    Slices are the planes of the contours, evenly spaced by the usual distance between neighbors; pixels are square, 1 mm or smaller where
    the contours together are narrower than 128 mm. Voxel centers lie at multiples of the spacing from the patient's origin, in the plane.
    ROIs of another frame of reference than the first do not count.
    """
    frame = next((roi.frame_of_reference_uid for roi in rois if roi.contours), "")
    chosen = [c for roi in rois if roi.frame_of_reference_uid == frame for c in roi.contours if c.kind.encloses]
    if not chosen:
        raise ConversionError(f"{structure_set.path} has no closed contours, so they have no grid. Give the images it was drawn on.")
    axes = axes_of(chosen)
    heights = np.sort([float(np.mean(contour.points @ axes[2])) for contour in chosen])
    levels = heights[np.concatenate([[True], np.diff(heights) > _SAME_PLANE_MM])]
    step = float(np.median(np.diff(levels))) if len(levels) > 1 else 1.0
    count = round(float(levels[-1] - levels[0]) / step) + 1
    points = np.concatenate([contour.points for contour in chosen]) @ axes[:2].T
    low, high = points.min(axis=0), points.max(axis=0)
    spacing = next((mm for mm in _PIXELS_MM if (high - low).max() / mm >= _ENOUGH_PIXELS), _PIXELS_MM[-1])
    first = np.floor(low / spacing) - 1
    size = (np.ceil(high / spacing) + 1 - first + 1).astype(int)
    if count * int(size[0]) * int(size[1]) > _LARGEST:
        raise ConversionError(
            f"The contours of {structure_set.path} are spread over {high[0] - low[0]:.0f} x {high[1] - low[1]:.0f} x "
            f"{levels[-1] - levels[0]:.0f} mm, too much for a grid of their own. Give the images it was drawn on."
        )
    origin = first[0] * spacing * axes[0] + first[1] * spacing * axes[1] + levels[0] * axes[2]
    directions = (vector(axes[0]), vector(axes[1]), vector(axes[2]))
    geometry = Geometry((count, int(size[1]), int(size[0])), (spacing, spacing, step), vector(origin), directions)
    return geometry, frame


def axes_of(contours: list[Contour]) -> NDArray[np.float64]:
    """Unit vectors of i, j and k (rows): k is the normal of the largest contour; i and j follow the patient's axes as closely as they can.

    Axial contours give i to the left and j to the back, sagittal ones i to the back and j downwards, coronal ones i to the left and j downwards.
    """
    normal = max((area_vector(contour.points) for contour in contours), key=lambda vector: float(np.linalg.norm(vector)))
    length = float(np.linalg.norm(normal))
    normal = normal / length if length > 0 else np.array([0.0, 0.0, 1.0])
    main = int(np.abs(normal).argmax())
    i = np.eye(3)[1 if main == 0 else 0]
    i = i - (i @ normal) * normal
    i /= np.linalg.norm(i)
    j = np.cross(normal, i)
    if (j[1] if main == 2 else -j[2]) < 0:
        normal, j = -normal, -j
    return np.round(np.array([i, j, normal]), 12) + 0.0
