"""A labelmap as a DICOM object, on the images it was drawn on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from IDCBrowserLib.errors import ConversionError, InputError
from IDCBrowserLib.export.options import KINDS, ExportOptions
from IDCBrowserLib.export.source_images import on_images
from IDCBrowserLib.labelmap.types import Labelmap, Segment
from IDCBrowserLib.task import Progress, Task


@dataclass(frozen=True)
class Exported:
    """``path`` of the file, ``sop_instance_uid`` and ``series_uid`` of the object, its ``segments`` as numbered in it, sentences for the user."""

    path: str
    sop_class_uid: str
    sop_instance_uid: str
    series_uid: str
    referenced_series_uid: str
    segments: tuple[Segment, ...]
    warnings: tuple[str, ...] = ()


def export(labelmap: Labelmap, images: Sequence[str | Path], out: str | Path, options: ExportOptions, task: Task | None = None) -> Exported:
    """Write ``labelmap`` as what ``options`` say; ``images`` are the files of the series.

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
    if options.kind == "rtstruct":
        from IDCBrowserLib.export.write_rtstruct import write_rtstruct as write
    else:
        from IDCBrowserLib.export.write_seg import write_seg as write
    try:
        segments = write(_contiguous(placed), source, options, Path(out))
    except MemoryError as error:
        raise ConversionError("There is not enough memory to write all segments. Write fewer at a time, or on a larger computer.") from error
    root = open_dicom(out).root
    warnings = _notes(labelmap, segments, options, source.grid.warnings)
    return Exported(str(out), root.text(0x00080016), root.text(0x00080018), root.text(0x0020000E), source.grid.series_uid, tuple(segments), warnings)


def _contiguous(labelmap: Labelmap) -> Labelmap:
    """Layers that were turned are brought into the order of their memory once, instead of at each slice."""
    return replace(labelmap, layers=tuple(np.ascontiguousarray(layer) for layer in labelmap.layers))


def _notes(labelmap: Labelmap, segments: Sequence[Segment], options: ExportOptions, of_images: Sequence[str]) -> tuple[str, ...]:
    notes = list(of_images)
    changed = [
        f"{one.label_value} is {other.number}" for one, other in zip(labelmap.segments, segments, strict=True) if one.label_value != other.number
    ]
    if changed:
        notes.append(f"Segments of a SEG are numbered 1, 2, 3...: label {', '.join(changed[:10])}{' ...' if len(changed) > 10 else ''}.")
    if not options.algorithm and any(segment.algorithm_type not in ("MANUAL", "SEMIAUTOMATIC", "AUTOMATIC") for segment in labelmap.segments):
        notes.append("Segments that do not state what made them are written as drawn by a person. Name a program with --algorithm.")
    return tuple(notes)
