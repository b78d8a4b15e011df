"""A SEG or RTSTRUCT file to a ``Labelmap``: finds out which it is and calls the code for it."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from IDCBrowserLib.dicom.dicom_file import DicomFile, opened
from IDCBrowserLib.dicom.first_elements import read_first_elements
from IDCBrowserLib.dicom.regular_file import open_regular
from IDCBrowserLib.dicom.scan import TagSelection
from IDCBrowserLib.dicom.sop_classes import DRAWN_ON_IMAGES, RT_STRUCTURE_SET
from IDCBrowserLib.errors import ConversionError, IDCBrowserError, InputError
from IDCBrowserLib.labelmap.options import ConvertOptions
from IDCBrowserLib.labelmap.seg.header import is_on_slide
from IDCBrowserLib.labelmap.types import Labelmap, Segment
from IDCBrowserLib.task import Progress, Task
from IDCBrowserLib.volume.geometry import Geometry
from IDCBrowserLib.volume.sense import nonsense
from IDCBrowserLib.volume.unplaced import UnplacedImagesError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from IDCBrowserLib.api.labelmap import Described
    from IDCBrowserLib.volume.image_grid import ImageGrid
    from IDCBrowserLib.volume.read_grids import Images

_SOP_CLASS_UID = 0x00080016
_MODALITY = 0x00080060
_CLASS = TagSelection(frozenset((_SOP_CLASS_UID,)), _SOP_CLASS_UID)
_GRIDS = ("auto", "images", "own")


def convert(
    source: str | Path | DicomFile, image_files: Sequence[str | Path] | None = None, options: ConvertOptions | None = None, task: Task | None = None
) -> Labelmap:
    """``convert_parts`` for who can use one labelmap only. Raises ``ConversionError`` where the object lies on several grids or phases."""
    parts = convert_parts(source, image_files, options, task)
    if len(parts) > 1:
        labels = ", ".join(part.label for part in parts)
        raise ConversionError(
            f"{_path_of(source)} is on {len(parts)} grids or phases ({labels}) and results in as many labelmaps, but only one is allowed."
        )
    return parts[0]


def convert_parts(
    source: str | Path | DicomFile, image_files: Images | None = None, options: ConvertOptions | None = None, task: Task | None = None
) -> tuple[Labelmap, ...]:
    """The voxels of a SEG or RTSTRUCT, on the grid that ``options`` ask for: a labelmap for each grid and phase that it lies on, mostly one.

    ``source`` is a file, or one that is open already.
    ``image_files`` are the files of the series it was drawn on (needed for RTSTRUCT), or what was read of them.
    Raises ``ConversionError`` naming file, element and reason.
    """
    options = options or ConvertOptions()
    task = task or Task()
    try:
        parts = _convert(recognized(source), image_files, options, task)
    except MemoryError as error:
        raise ConversionError(f"{_path_of(source)} needs more memory than there is. Convert fewer segments, or on a larger computer.") from error
    for part in parts:
        if problem := nonsense(part.geometry.spacing, part.geometry.origin):
            raise ConversionError(f"{_path_of(source)} cannot be converted: its geometry makes no sense ({problem}).")
    return parts


def _convert(file: DicomFile, image_files: Images | None, options: ConvertOptions, task: Task) -> tuple[Labelmap, ...]:
    if options.grid not in _GRIDS:
        raise InputError(f"Unknown grid {options.grid!r}; choose one of {', '.join(_GRIDS)}.")
    is_structure_set = file.sop_class == RT_STRUCTURE_SET
    if options.grid == "own" or (not is_structure_set and is_on_slide(file.root)):
        # Its own grid needs no images, and slides are no volumes.
        image_files = None
    try:
        grids = _image_grids(image_files, task)
    except UnplacedImagesError as error:
        if options.grid == "images":
            raise
        said = f"The images cannot be used, so this is on its own grid: {error}"
        first, *others = _convert(file, None, replace(options, grid="own"), task)
        return (replace(first, warnings=(said, *first.warnings)), *others)
    task.raise_if_cancelled()
    if is_structure_set:
        from IDCBrowserLib.labelmap.rtstruct.convert_rtstruct import convert_rtstruct

        return convert_rtstruct(file, grids, options, task)
    from IDCBrowserLib.labelmap.seg.convert_seg import convert_seg

    return convert_seg(file, grids, options, task)


def fractions(
    source: str | Path | DicomFile, image_files: Sequence[str | Path] | None = None, options: ConvertOptions | None = None, task: Task | None = None
) -> list[tuple[Geometry, Iterator[tuple[Segment, NDArray[Any]]]]]:
    """The volumes of a FRACTIONAL SEG as float32, for each labelmap of ``convert_parts``; see ``read_fractions``."""
    from IDCBrowserLib.labelmap.seg.fractions import read_fractions

    options, task = options or ConvertOptions(), task or Task()
    files = None if options.grid == "own" else image_files
    return read_fractions(source, _image_grids(files, task), options, task)


def describe(source: str | Path | DicomFile) -> Described:
    """Kind, segments (without voxels) and references of a SEG or RTSTRUCT, see ``Description``; decodes no pixel."""
    file = recognized(source)
    if file.sop_class == RT_STRUCTURE_SET:
        from IDCBrowserLib.labelmap.rtstruct.convert_rtstruct import describe_rtstruct

        return describe_rtstruct(file).to_json()
    from IDCBrowserLib.labelmap.seg.convert_seg import describe_seg

    return describe_seg(file).to_json()


def is_drawn_on_images(path: str | Path) -> bool:
    """Whether a file is a SEG or RTSTRUCT; False also for what cannot be read. Only the first kilobytes are looked at."""
    name = os.fspath(path)
    try:
        with open_regular(name) as file:
            found = read_first_elements(name, file, _CLASS)
    except (OSError, IDCBrowserError):
        return False
    return found.values.get(_SOP_CLASS_UID, b"").decode("ascii", "replace").strip(" \0") in DRAWN_ON_IMAGES


def recognized(source: str | Path | DicomFile) -> DicomFile:
    """The open file of an object that can be converted; raises ``ConversionError`` that says what the file is instead."""
    file = opened(source)
    if file.sop_class in DRAWN_ON_IMAGES:
        return file
    from IDCBrowserLib.dicom.class_names import sop_class_in_words

    modality = file.root.text(_MODALITY)
    claim = f" although its Modality says {modality}" if modality in ("SEG", "RTSTRUCT") else ""
    name = sop_class_in_words(file.sop_class) if file.sop_class else "an object without SOP Class UID"
    raise ConversionError(f"{file.path} is {name}{claim}, neither a segmentation nor a structure set. Give a file of a SEG or RTSTRUCT series.")


def _path_of(source: str | Path | DicomFile) -> str:
    return source.path if isinstance(source, DicomFile) else str(source)


def _image_grids(images: Images | None, task: Task) -> tuple[ImageGrid, ...] | None:
    if images is None:
        return None
    from IDCBrowserLib.volume.read_grids import ReadImages, grids_of

    if not isinstance(images, ReadImages):
        task.report(Progress("Reading image headers", total=len(images), unit="files"))
    return grids_of(images, task)
