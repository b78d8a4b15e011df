"""Contours as they were drawn, in arrays: for showing them over the voxels, however many there are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from IDCBrowserLib.api.labelmap import Contours
from IDCBrowserLib.api.labelmap import DrawnRoi as DrawnRoiDocument
from IDCBrowserLib.api.volume import Array
from IDCBrowserLib.dicom.dicom_file import DicomFile
from IDCBrowserLib.errors import ConversionError, StorageError
from IDCBrowserLib.labelmap.contours.structure_set import ContourKind

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_KINDS = tuple(ContourKind)


@dataclass(frozen=True)
class DrawnRoi:
    """Whose contours: ROI Number, name, color (sRGB, 0 to 255)."""

    number: int
    name: str
    color: tuple[int, int, int]


@dataclass(frozen=True)
class ContourLines:
    """All contours behind one another: ``points`` (n, 3) float32, LPS mm.

    ``contours`` (m, 3) int32 has a row for each: index into ``rois``, index into ``list(ContourKind)``, number of points.
    """

    points: NDArray[np.float32]
    contours: NDArray[np.int32]
    rois: tuple[DrawnRoi, ...]
    warnings: tuple[str, ...] = ()

    def enclosing(self) -> ContourLines:
        """Only those that bound a region; points and open contours are skipped."""
        import numpy as np

        chosen = np.isin(self.contours[:, 1], [index for index, kind in enumerate(_KINDS) if kind.encloses])
        return ContourLines(self.points[np.repeat(chosen, self.contours[:, 2])], self.contours[chosen], self.rois, self.warnings)


def read_lines(source: str | Path | DicomFile, segments: frozenset[int] | None = None) -> ContourLines:
    """The contours of a structure set, of all ROIs or those with the numbers ``segments``. Raises ``ConversionError``."""
    import numpy as np

    from IDCBrowserLib.labelmap.rtstruct.read import read_structure_set

    structure_set = read_structure_set(source, wanted=lambda number: segments is None or number in segments)
    drawn = [(index, contour) for index, roi in enumerate(structure_set.rois) for contour in roi.contours]
    points = np.concatenate([np.zeros((0, 3)), *(contour.points for _, contour in drawn)]).astype(np.float32)
    rows = [(index, _KINDS.index(contour.kind), len(contour.points)) for index, contour in drawn]
    rois = tuple(DrawnRoi(roi.number, roi.name, roi.color) for roi in structure_set.rois)
    return ContourLines(points, np.array(rows, np.int32).reshape(-1, 3), rois, structure_set.notes.sentences())


def save_lines(lines: ContourLines, new_path: Callable[[], Path]) -> Contours:
    """Points and contours as raw files; gives the document of ``load_lines``. Raises ``StorageError`` where the disk is full."""
    arrays: list[Array] = []
    for array in (lines.points, lines.contours):
        path = Path(new_path())
        arrays.append({"array": str(path), "dtype": array.dtype.name, "shape": list(array.shape)})
        try:
            array.tofile(path)
        except OSError as error:
            for entry in arrays:
                Path(entry["array"]).unlink(missing_ok=True)
            raise StorageError(f"The contours cannot be written to {path}: {error.strerror or error}. Free some disk space and try again.") from error
    rois: list[DrawnRoiDocument] = [{"number": roi.number, "name": roi.name, "color": roi.color} for roi in lines.rois]
    return {"arrays": arrays, "rois": rois, "kinds": [kind.value for kind in _KINDS], "warnings": list(lines.warnings)}


def load_lines(document: Contours) -> ContourLines:
    """The inverse of ``save_lines``; the files are read whole and can go afterwards."""
    import numpy as np

    points, contours = (_read(entry) for entry in document["arrays"])
    rois = []
    for entry in document["rois"]:
        red, green, blue = entry["color"]
        rois.append(DrawnRoi(int(entry["number"]), entry["name"], (int(red), int(green), int(blue))))
    return ContourLines(points.astype(np.float32, copy=False), contours.astype(np.int32, copy=False), tuple(rois), tuple(document["warnings"]))


def _read(entry: Array) -> NDArray[Any]:
    import numpy as np

    try:
        read: NDArray[Any] = np.fromfile(entry["array"], np.dtype(entry["dtype"])).reshape(entry["shape"])
    except (OSError, ValueError) as error:
        raise ConversionError(f"The contours in {entry['array']} cannot be read ({error}). Convert the object again.") from error
    return read
