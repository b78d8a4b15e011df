"""An RT Dose object as Gy on a grid."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from IDCBrowserLib.errors import ConversionError
from IDCBrowserLib.task import Task
from IDCBrowserLib.volume.pixels import read_volume
from IDCBrowserLib.volume.quantity import DOSE
from IDCBrowserLib.volume.read_grids import read_image_grids
from IDCBrowserLib.volume.unplaced import NoImagesError, UnplacedImagesError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from IDCBrowserLib.volume.geometry import Geometry


@dataclass(frozen=True)
class DoseGrid:
    """``gray`` (k, j, i) float32 on ``geometry`` (LPS, mm)."""

    path: str
    gray: NDArray[Any]
    geometry: Geometry
    frame_of_reference_uid: str
    warnings: tuple[str, ...] = ()


def read_dose(files: Sequence[str], task: Task | None = None) -> DoseGrid:
    """The dose in ``files``: one object, or one plane each; images beside it do not count.

    Raises ``ConversionError`` for a dose that is not in Gy, or no dose.
    """
    task = task or Task()
    try:
        found = read_image_grids(files, task)
    except UnplacedImagesError as error:
        needed = "A dose needs Image Position (0020,0032) and Image Orientation (Patient) (0020,0037)."
        raise ConversionError(f"{error.problem} {needed} Have the planning system export it anew.") from error
    except NoImagesError as error:
        raise ConversionError(f"{error.problem} Give one RT Dose object.") from error
    # The folder of a study holds images as well.
    grids = [grid for grid in found if grid.modality == "RTDOSE"] or list(found)
    path = grids[0].present_slices[0].path
    if len({one.path for grid in grids for one in grid.present_slices}) < len(grids):
        offsets = "its Grid Frame Offset Vector (3004,000C) names the same place again"
        raise ConversionError(f"The planes of {path} do not lie in a row: {offsets}. Have the planning system export it anew.")
    if len(grids) > 1:
        raise ConversionError(f"{path} and the files beside it contain {len(grids)} volumes. Give one RT Dose object.")
    volume = read_volume(grids[0], task)
    if volume.quantity is not DOSE:
        if volume.grid.modality == "RTDOSE":
            raise ConversionError(f"{path} contains a relative dose (Dose Units RELATIVE); a dose-volume histogram needs one in Gy.")
        raise ConversionError(f"{path} is not an RT Dose but an image of modality {volume.grid.modality or 'unknown'}.")
    return DoseGrid(path, volume.voxels, volume.geometry, volume.grid.frame_of_reference_uid, volume.warnings)
