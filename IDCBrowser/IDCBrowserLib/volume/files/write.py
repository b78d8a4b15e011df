"""A volume as a file, in the format that its name asks for."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from IDCBrowserLib.errors import InputError
from IDCBrowserLib.volume.files.nifti import write_nifti
from IDCBrowserLib.volume.files.nrrd import nrrd_header, one_line, write_nrrd_data
from IDCBrowserLib.whole_file import whole_binary_file

if TYPE_CHECKING:
    from IDCBrowserLib.volume.pixels import Volume

FORMATS = (".nrrd", ".nii.gz", ".nii")


def format_of(out_path: str | Path) -> str:
    """The ending that decides the format; raises ``InputError`` for any other."""
    name = Path(out_path).name.lower()
    for ending in FORMATS:
        if name.endswith(ending) and name != ending:
            if name.endswith(".seg.nrrd"):
                break
            return ending
    raise InputError(f"{out_path}: the file name must end in {', '.join(FORMATS)}.")


def write_volume(volume: Volume, out_path: str | Path, compress: bool = False, provenance: Mapping[str, str] | None = None) -> Path:
    """NRRD in LPS with the quantity and its unit as key/value pairs, or NIfTI in RAS with them in its description; gzip for ``.nii.gz``.

    ``provenance`` are the keys of ``idc_keys``: in the header, for NIfTI in ``lung.idc.json`` beside ``lung.nii.gz``.
    The file appears whole or not at all. Raises ``InputError`` for an unknown ending, ``StorageError`` where the disk refuses.
    """
    path, ending = Path(out_path), format_of(out_path)
    quantity = volume.quantity
    said = " ".join(part for part in (quantity.name, f"[{quantity.unit}]" if quantity.unit else "") if part)
    with whole_binary_file(path) as file:
        if ending != ".nrrd":
            write_nifti(file, volume.geometry, volume.voxels, compress or ending == ".nii.gz", said)
            if provenance:
                with whole_binary_file(path.with_name(f"{path.name[: -len(ending)]}.idc.json")) as beside:
                    beside.write(f"{json.dumps(dict(provenance), indent=1, ensure_ascii=False)}\n".encode())
            return path
        header = nrrd_header(volume.voxels, volume.geometry, compress, "RGB-color" if volume.voxels.ndim == 4 else "")
        pairs = (
            ("quantity", quantity.name),
            ("unit", quantity.unit),
            ("DICOM.SeriesInstanceUID", volume.grid.series_uid),
            *(provenance or {}).items(),
        )
        header += [f"{key}:={one_line(value)}" for key, value in pairs if value]
        write_nrrd_data(file, header, volume.voxels, compress)
    return path
