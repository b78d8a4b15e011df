"""A ``Labelmap`` as a file: NRRD or NIfTI labelmap volume, or Slicer's ``.seg.nrrd`` with all layers."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from IDCBrowserLib.errors import InputError
from IDCBrowserLib.labelmap.files.nrrd import write_nrrd, write_seg_nrrd
from IDCBrowserLib.labelmap.types import Labelmap, Segment
from IDCBrowserLib.volume.files.nifti import write_nifti
from IDCBrowserLib.whole_file import whole_binary_file

if TYPE_CHECKING:
    from numpy.typing import NDArray


def _nifti(file: IO[bytes], labelmap: Labelmap, volume: NDArray[Any], compress: bool) -> None:
    write_nifti(file, labelmap.geometry, volume, compress)


_WRITERS: dict[str, Callable[[IO[bytes], Labelmap, NDArray[Any], bool], None]] = {
    ".nrrd": write_nrrd,
    ".nii": _nifti,
    ".nii.gz": _nifti,
}
FORMATS = (".seg.nrrd", ".nrrd", ".nii.gz", ".nii")


def format_of(out_path: str | Path) -> str:
    """The ending that decides the format; raises ``InputError`` for any other."""
    name = Path(out_path).name.lower()
    for ending in FORMATS:
        if name.endswith(ending) and name != ending:
            return ending
    raise InputError(f"{out_path}: the file name must end in {', '.join(FORMATS)}.")


def write(labelmap: Labelmap, out_path: str | Path, *, separate: bool = False, compress: bool = False) -> list[Path]:
    """Write the file; gives the files written.

    A labelmap volume holds the highest label value where segments overlap; ``separate`` writes one file per segment instead
    (``liver_2_Tumor.nrrd`` for segment 2 of ``liver.nrrd``). ``.seg.nrrd`` keeps every layer. ``compress`` gzips NRRD; ``.nii.gz`` always is.
    NIfTI has no place for names and provenance: where there is any, ``liver.idc.json`` beside ``liver.nii.gz`` holds both.
    Each file appears whole or not at all. Raises ``InputError`` for an unknown ending, ``StorageError`` where the disk refuses.
    """
    path = Path(out_path)
    ending = format_of(path)
    compress = compress or ending == ".nii.gz"
    if not separate:
        with whole_binary_file(path) as file:
            if ending == ".seg.nrrd":
                write_seg_nrrd(file, labelmap, compress)
            else:
                _WRITERS[ending](file, labelmap, labelmap.labelmap_volume(), compress)
        _write_beside(path, labelmap, ending)
        return [path]
    return [_write_segment(labelmap, segment, path, ending, compress) for segment in labelmap.segments]


def write_fractions(labelmap: Labelmap, volumes: Iterable[tuple[Segment, NDArray[Any]]], out_path: str | Path, compress: bool = False) -> list[Path]:
    """One float32 file per segment, named as with ``separate``; ``labelmap`` gives the geometry. Not for ``.seg.nrrd``."""
    path = Path(out_path)
    ending = format_of(path)
    if ending == ".seg.nrrd":
        raise InputError(f"{out_path}: a segmentation file cannot contain fractions. Choose .nrrd or .nii.gz.")
    written = []
    for segment, volume in volumes:
        part = replace(labelmap, layers=(volume,), segments=(segment,))
        target = _path_of(segment, path, ending)
        with whole_binary_file(target) as file:
            _WRITERS[ending](file, part, volume, compress or ending == ".nii.gz")
        _write_beside(target, part, ending)
        written.append(target)
    return written


def _path_of(segment: Segment, path: Path, ending: str) -> Path:
    return path.with_name(f"{path.name[: -len(ending)]}_{segment.number}{_file_words(segment.name)}{ending}")


def _write_segment(labelmap: Labelmap, segment: Segment, path: Path, ending: str, compress: bool) -> Path:
    layer = labelmap.layers[segment.layer]
    own = (layer == segment.label_value) * layer.dtype.type(segment.label_value)
    part = replace(labelmap, layers=(own,), segments=(replace(segment, layer=0),), overlapping_voxels=0)
    target = _path_of(segment, path, ending)
    with whole_binary_file(target) as file:
        if ending == ".seg.nrrd":
            write_seg_nrrd(file, part, compress)
        else:
            _WRITERS[ending](file, part, own, compress)
    _write_beside(target, part, ending)
    return target


def _write_beside(path: Path, labelmap: Labelmap, ending: str) -> None:
    """The provenance of a NIfTI file, and what its labels mean."""
    if not labelmap.provenance or not ending.startswith(".nii"):
        return
    labels = {str(segment.label_value): segment.name for segment in labelmap.segments}
    with whole_binary_file(path.with_name(f"{path.name[: -len(ending)]}.idc.json")) as file:
        file.write(f"{json.dumps({**labelmap.provenance, 'labels': labels}, indent=1, ensure_ascii=False)}\n".encode())


def _file_words(name: str) -> str:
    """A segment's name as part of a file name: letters and digits of any script, everything else a dash."""
    words = "".join(letter if letter.isalnum() else "-" for letter in name)
    words = "-".join(part for part in words.split("-") if part)[:60]
    return f"_{words}" if words else ""
