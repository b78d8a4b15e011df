"""A SEG or RTSTRUCT file to a ``Labelmap``: finds out which it is and calls the code for it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from IDCBrowserLib.api.labelmap import Described
from IDCBrowserLib.dicom.sop_classes import DRAWN_ON_IMAGES, RT_STRUCTURE_SET
from IDCBrowserLib.errors import ConversionError, InputError
from IDCBrowserLib.labelmap.options import ConvertOptions
from IDCBrowserLib.labelmap.types import Labelmap, Segment
from IDCBrowserLib.task import Progress, Task
from IDCBrowserLib.volume.geometry import Geometry

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from IDCBrowserLib.volume.image_grid import ImageGrid

_GRIDS = ("auto", "images", "own")


def convert(
    input_path: str | Path, image_files: Sequence[str | Path] | None = None, options: ConvertOptions | None = None, task: Task | None = None
) -> Labelmap:
    """``convert_parts`` for who can use one labelmap only. Raises ``ConversionError`` where the object lies on several grids or phases."""
    parts = convert_parts(input_path, image_files, options, task)
    if len(parts) > 1:
        labels = ", ".join(part.label for part in parts)
        raise ConversionError(f"{input_path} lies on {len(parts)} grids or phases ({labels}) and makes as many labelmaps, where one is wanted.")
    return parts[0]


def convert_parts(
    input_path: str | Path, image_files: Sequence[str | Path] | None = None, options: ConvertOptions | None = None, task: Task | None = None
) -> tuple[Labelmap, ...]:
    """The voxels of a SEG or RTSTRUCT, on the grid that ``options`` ask for: a labelmap for each grid and phase that it lies on, mostly one.

    ``image_files`` are the files of the series it was drawn on (needed for RTSTRUCT). Raises ``ConversionError`` naming file, element and reason.
    """
    options = options or ConvertOptions()
    task = task or Task()
    try:
        return _convert(input_path, image_files, options, task)
    except MemoryError as error:
        raise ConversionError(f"{input_path} needs more memory than there is. Convert fewer segments, or on a larger computer.") from error


def _convert(input_path: str | Path, image_files: Sequence[str | Path] | None, options: ConvertOptions, task: Task) -> tuple[Labelmap, ...]:
    if options.grid not in _GRIDS:
        raise InputError(f"Unknown grid {options.grid!r}; choose one of {', '.join(_GRIDS)}.")
    sop_class = recognised_class(input_path)
    if sop_class != RT_STRUCTURE_SET and image_files is not None and (options.grid == "own" or _is_on_slide(input_path)):
        # A SEG's own grid needs no images, and slides are no volumes.
        image_files = None
    grids = _image_grids(image_files, task)
    task.raise_if_cancelled()
    if sop_class == RT_STRUCTURE_SET:
        from IDCBrowserLib.labelmap.rtstruct.convert_rtstruct import convert_rtstruct

        return convert_rtstruct(input_path, grids, options, task)
    from IDCBrowserLib.labelmap.seg.convert_seg import convert_seg

    return convert_seg(input_path, grids, options, task)


def fractions(
    input_path: str | Path, image_files: Sequence[str | Path] | None = None, options: ConvertOptions | None = None, task: Task | None = None
) -> list[tuple[Geometry, Iterator[tuple[Segment, NDArray[Any]]]]]:
    """The volumes of a FRACTIONAL SEG as float32, for each labelmap of ``convert_parts``; see ``read_fractions``."""
    from IDCBrowserLib.labelmap.seg.fractions import read_fractions

    options, task = options or ConvertOptions(), task or Task()
    files = None if options.grid == "own" else image_files
    return read_fractions(input_path, _image_grids(files, task), options, task)


def describe(input_path: str | Path) -> Described:
    """Kind, segments (without voxels) and references of a SEG or RTSTRUCT, see ``Description``; decodes no pixel."""
    if recognised_class(input_path) == RT_STRUCTURE_SET:
        from IDCBrowserLib.labelmap.rtstruct.convert_rtstruct import describe_rtstruct

        return describe_rtstruct(input_path).to_json()
    from IDCBrowserLib.labelmap.seg.convert_seg import describe_seg

    return describe_seg(input_path).to_json()


def recognised_class(input_path: str | Path) -> str:
    """The SOP Class UID of a file that can be converted; raises ``ConversionError`` that says what the file is instead."""
    from IDCBrowserLib.dicom.sniff import sop_class_of

    sop_class, name, modality = sop_class_of(input_path)
    if sop_class in DRAWN_ON_IMAGES:
        return sop_class
    claim = f" although its Modality says {modality}" if modality in ("SEG", "RTSTRUCT") else ""
    raise ConversionError(
        f"{input_path} is {name or 'an object without SOP Class UID'}{claim}, neither a segmentation nor a structure set. "
        "Give a file of a SEG or RTSTRUCT series."
    )


def _is_on_slide(input_path: str | Path) -> bool:
    from IDCBrowserLib.labelmap.seg.header import open_seg

    return open_seg(input_path).is_on_slide


def _image_grids(image_files: Sequence[str | Path] | None, task: Task) -> tuple[ImageGrid, ...] | None:
    if image_files is None:
        return None
    from IDCBrowserLib.volume.read_grids import read_image_grids

    task.report(Progress("Reading image headers", total=len(image_files), unit="files"))
    return read_image_grids(image_files, task)
