"""Regular grids of images: what a series spans in the patient."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from IDCBrowserLib.volume import tolerances
from IDCBrowserLib.volume.geometry import Geometry, Vector

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True)
class ImageSlice:
    """One plane of a grid: a file, or a frame of a multi-frame file.

    ``position`` is Image Position (Patient) as stored: the center of the first pixel, LPS mm (PS3.3 C.7.6.2.1.1).
    ``frame_number`` counts from 1. ``instance_number`` is 0 where the file states none.
    """

    path: str
    sop_instance_uid: str
    position: Vector
    frame_number: int = 1
    instance_number: int = 0


def is_one_of_several(grid: ImageGrid | None, grids: Sequence[ImageGrid]) -> bool:
    """Whether others of ``grids`` have the very same voxels, as phases do: geometry alone does not tell which images are meant."""
    import numpy as np

    if grid is None:
        return False
    same = [other for other in grids if other.series_uid == grid.series_uid and other.geometry.shape == grid.geometry.shape]
    place = grid.geometry.index_to_lps()
    return sum(np.allclose(other.geometry.index_to_lps(), place, rtol=0, atol=tolerances.SAME_GRID_MM) for other in same) > 1


@dataclass(frozen=True)
class ImageGrid:
    """A stack of parallel images on a regular grid.

    ``slices`` has one entry per k of ``geometry``, ascending along row x column direction, so that (i, j, k) is right-handed; None where
    the series lacks a slice. ``is_regular`` is False when positions vary so that the grid is only approximate: ``slice_positions`` and
    ``thicknesses`` say where slices are and how thick. ``centers`` (mm along the normal, from the first slice) are kept where distances vary.
    ``is_placed`` is False where the images state no place in the patient, so that the grid's directions mean nothing there.
    ``label`` tells grids of one series apart ("AcquisitionNumber 2"); empty when there is only one. ``warnings`` are sentences for the user.
    """

    geometry: Geometry
    slices: tuple[ImageSlice | None, ...]
    series_uid: str
    study_uid: str
    patient_id: str
    patient_name: str
    frame_of_reference_uid: str
    modality: str
    series_description: str
    series_number: str
    is_regular: bool
    warnings: tuple[str, ...] = ()
    label: str = ""
    is_color: bool = False
    is_placed: bool = True
    centers: tuple[float, ...] = ()

    def slice_positions(self) -> NDArray[np.float64]:
        """(k, 3) LPS mm: where each slice begins. As stored where there is an image, since a regular grid rounds; else between its neighbors."""
        import numpy as np

        matrix = self.geometry.index_to_lps()
        count = self.geometry.shape[0]
        places = matrix[:3, 3] + np.outer(np.arange(count), matrix[:3, 2])
        present = np.array([k for k, image in enumerate(self.slices) if image is not None])
        stored = np.array([image.position for image in self.slices if image is not None]).reshape(-1, 3)
        if not self.is_regular and len(present):
            along = np.array(self.centers) if self.centers else np.arange(count)
            places = np.stack([np.interp(along, along[present], stored[:, axis]) for axis in range(3)], axis=1)
        places[present] = stored
        return places

    def thicknesses(self) -> NDArray[np.float64]:
        """(k,) mm along the normal that each slice stands for: halfway to its neighbors."""
        import numpy as np

        if not self.centers:
            return np.full(self.geometry.shape[0], self.geometry.slice_step)
        from IDCBrowserLib.volume.spacing import borders

        return np.diff(borders(np.array(self.centers), self.geometry.slice_step))

    @property
    def present_slices(self) -> tuple[ImageSlice, ...]:
        """The slices that have a file, ascending in k."""
        return tuple(image for image in self.slices if image is not None)

    @property
    def missing_slices(self) -> tuple[int, ...]:
        """The k of every slice without a file."""
        return tuple(k for k, image in enumerate(self.slices) if image is None)
