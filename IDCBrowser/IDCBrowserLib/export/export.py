"""A labelmap as a DICOM object, on the images it was drawn on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from IDCBrowserLib.errors import ConversionError, InputError, StorageError
from IDCBrowserLib.export.measured_report import WrittenReport, WrittenSegmentation, write_measurements
from IDCBrowserLib.export.options import KINDS, ExportOptions
from IDCBrowserLib.export.plain_text import one_line
from IDCBrowserLib.export.segment_figures import measure_segments
from IDCBrowserLib.export.segment_items import completed, is_long
from IDCBrowserLib.export.source_images import SourceImages, on_images
from IDCBrowserLib.labelmap.layers import overlapping_voxels
from IDCBrowserLib.labelmap.types import Labelmap, Segment
from IDCBrowserLib.task import Progress, Task
from IDCBrowserLib.volume.read_grids import Images
from IDCBrowserLib.whole_file import part_of
from IDCBrowserLib.wording import human_count

if TYPE_CHECKING:
    from IDCBrowserLib.dicom.elements import Elements

_MOST_TOLD = 10
# Whoever knows better can say so: with options of the command line, or in the panel of segments.
DRAWN_BY_A_PERSON = "Segments that do not state what made them are written as drawn by a person."


@dataclass(frozen=True)
class Exported:
    """``path`` of the file, ``sop_instance_uid`` and ``series_uid`` of the object, its ``segments`` as numbered in it, sentences for the user.

    ``report`` holds their measurements where these were asked for.
    """

    path: str
    sop_class_uid: str
    sop_instance_uid: str
    series_uid: str
    referenced_series_uid: str
    segments: tuple[Segment, ...]
    warnings: tuple[str, ...] = ()
    report: WrittenReport | None = None


def export(
    labelmap: Labelmap,
    images: Images,
    out: str | Path,
    options: ExportOptions,
    task: Task | None = None,
    report: str | Path | None = None,
) -> Exported:
    """Write ``labelmap`` as what ``options`` say; ``images`` are the files of the series, or what was read of them.

    ``report`` is a file for the measurements of its segments.

    Raises ``InputError`` where the labels do not lie on the images or the kind of object cannot hold them, ``ConversionError`` for images that
    cannot be read, ``StorageError`` where the disk refuses. Nothing is left behind then.
    """
    from IDCBrowserLib.dicom.dicom_file import open_dicom

    task = task or Task()
    if options.kind not in KINDS:
        raise InputError(f"Unknown kind of object {options.kind!r}; choose one of {', '.join(KINDS)}.")
    if not labelmap.segments:
        raise InputError("There is no segment, so there is nothing to write.")
    placed, source = on_images(labelmap, images, task)
    task.raise_if_cancelled()
    task.report(Progress("Writing", 0, None, "segments"))
    try:
        placed = _contiguous(placed)
        # Who hands over what is in a scene has not counted them.
        placed = replace(placed, segments=tuple(completed(placed.segments, options)), overlapping_voxels=overlapping_voxels(placed.layers))
        if report is None:
            segments, told = _writer(options)(placed, source, options, Path(out)), None
        else:
            segments, told = _measured(placed, source, options, Path(out), Path(report), task)
    except MemoryError as error:
        raise ConversionError("There is not enough memory to write all segments. Write fewer at a time, or on a larger computer.") from error
    root = open_dicom(out).root
    warnings = (*_notes(labelmap, segments, options, source.grid.warnings), *(told.notes if told is not None else ()))
    uids = root.text(0x00080016), root.text(0x00080018), root.text(0x0020000E)
    return Exported(str(out), *uids, source.grid.series_uid, tuple(segments), warnings, told)


def _writer(options: ExportOptions) -> Callable[[Labelmap, SourceImages, ExportOptions, Path], list[Segment]]:
    if options.kind == "rtstruct":
        from IDCBrowserLib.export.write_rtstruct import write_rtstruct

        return write_rtstruct
    from IDCBrowserLib.export.write_seg import write_seg

    return write_seg


def _measured(
    placed: Labelmap, source: SourceImages, options: ExportOptions, out: Path, report: Path, task: Task
) -> tuple[list[Segment], WrittenReport]:
    """The object and the report beside it. An earlier ``out`` stays until the report is written."""
    from IDCBrowserLib.dicom.dicom_file import open_dicom

    measured = measure_segments(placed, source.grid, task)
    with part_of(out) as part:
        try:
            segments = _writer(options)(placed, source, options, part)
            root = open_dicom(part).root
            written = WrittenSegmentation(root.text(0x00080016), root.text(0x00080018), root.text(0x0020000E), _images_of(root, source))
            told = write_measurements(report, written, segments, measured, source, options)
        except StorageError as error:
            raise StorageError(str(error).replace(str(part), str(out))) from error
    return segments, told


def _images_of(root: Elements, source: SourceImages) -> tuple[str, ...]:
    """What a SEG refers to; a structure set does so contour by contour."""
    from IDCBrowserLib.dicom.referenced import referenced_instances

    return referenced_instances(root) or tuple(dict.fromkeys(image.sop_instance_uid for image in source.grid.present_slices))


def _contiguous(labelmap: Labelmap) -> Labelmap:
    """Layers that were turned are brought into the order of their memory once, instead of at each slice."""
    return replace(labelmap, layers=tuple(np.ascontiguousarray(layer) for layer in labelmap.layers))


def _renumbered(before: Sequence[Segment], after: Sequence[Segment]) -> str:
    """Which number each label got; of layers that have the same labels, each segment by its name. "" without a change."""
    pairs = [(one, other) for one, other in zip(before, after, strict=True) if one.label_value != other.number]
    is_label = len({one.label_value for one in before}) == len(before)
    named = [f"{one.label_value if is_label else one_line(one.name)[:40]} is {other.number}" for one, other in pairs[:_MOST_TOLD]]
    return f"{'label ' if is_label else ''}{', '.join(named)}{' ...' if len(pairs) > _MOST_TOLD else ''}" if pairs else ""


def _notes(labelmap: Labelmap, segments: Sequence[Segment], options: ExportOptions, of_images: Sequence[str]) -> tuple[str, ...]:
    notes = list(of_images)
    if changed := _renumbered(labelmap.segments, segments):
        notes.append(f"Segments of a SEG are numbered 1, 2, 3...: {changed}.")
    long = [segment.name for segment in labelmap.segments if is_long(segment)]
    if long:
        names = human_count(len(long), "name is", "names are")
        notes.append(f"{names} longer than the 64 letters that DICOM has for them; the whole stands in the description: {one_line(long[0])[:60]}...")
    if not options.algorithm and any(segment.algorithm_type not in ("MANUAL", "SEMIAUTOMATIC", "AUTOMATIC") for segment in labelmap.segments):
        notes.append(DRAWN_BY_A_PERSON)
    return tuple(notes)
