"""The steps ``labelmaps`` and ``volumes``: SEG and RTSTRUCT of a series as voxels, and how large each segment is."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from IDCBrowserLib.batch.made import Made, make_folder
from IDCBrowserLib.dicom.dicom_file import DicomFile, open_dicom
from IDCBrowserLib.errors import IDCBrowserError
from IDCBrowserLib.task import Task

# Of a segment, what a table of volumes needs.
_TOLD = (
    "number",
    "label_value",
    "name",
    "category",
    "type",
    "type_modifiers",
    "anatomic_region",
    "anatomic_region_modifiers",
    "algorithm_type",
    "algorithm_name",
    "tracking_id",
    "tracking_uid",
    "voxels",
    "volume_mm3",
)


def convert_series(
    objects: Sequence[Path], images_of: Callable[[DicomFile], Sequence[Path]], steps: Sequence[str], target: Path, ending: str, task: Task
) -> Made:
    """Convert each object of a SEG or RTSTRUCT series once, whatever is made of it. ``target``: the labelmap volume without its ending.

    Raises ``ConversionError`` naming file and reason, ``StorageError`` where the disk refuses.
    """
    documents: dict[str, list[dict[str, Any]]] = {step: [] for step in steps}
    files: list[Path] = []
    for path in objects:
        task.raise_if_cancelled()
        name = target.name if len(objects) == 1 else f"{target.name}_{path.stem}"
        file = open_dicom(path)
        made = _convert(file, images_of(file), "labelmaps" in steps, target.with_name(name), ending, task)
        files += made.files
        for step, document in _documents(path, made, steps).items():
            documents[step].append(document)
    return Made(documents, files)


@dataclass(frozen=True)
class _One:
    document: dict[str, Any]
    files: list[Path]


def _convert(file: DicomFile, images: Sequence[Path], writes: bool, target: Path, ending: str, task: Task) -> _One:
    from IDCBrowserLib.labelmap.convert import convert_parts
    from IDCBrowserLib.labelmap.files.write import write
    from IDCBrowserLib.labelmap.options import ConvertOptions
    from IDCBrowserLib.labelmap.parts import parts_document
    from IDCBrowserLib.volume.numbered import numbered_paths

    parts = convert_parts(file, list(images) or None, ConvertOptions(one_layer=ending != ".seg.nrrd"), task)
    files: list[Path] = []
    if writes:
        whole = target.with_name(target.name + ending)
        make_folder(whole.parent)
        paths = numbered_paths(whole, ending, len(parts))
        for part, own in zip(parts, paths, strict=True):
            files += write(part, own)
    return _One(parts_document(parts), files)


def _documents(path: Path, made: _One, steps: Sequence[str]) -> Mapping[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for step in steps:
        if step == "labelmaps":
            found[step] = {"input": path.name, "files": [file.name for file in made.files], **made.document}
        else:
            segments = [{key: segment[key] for key in _TOLD} for segment in made.document["segments"]]
            told = {key: made.document[key] for key in ("overlapping_voxels", "warnings")}
            found[step] = {"input": path.name, "segments": segments, **told}
    return found


def named_images(source: str | Path | DicomFile) -> list[str]:
    """SeriesInstanceUIDs of the images that an object names; none for one that cannot be read, which converting will say."""
    from IDCBrowserLib.labelmap.convert import describe

    try:
        return list(describe(source)["referenced_series_uids"])
    except IDCBrowserError:
        return []
