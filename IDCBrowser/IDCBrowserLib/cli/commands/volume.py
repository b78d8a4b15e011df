"""``idc-browser volume``: an image object to NRRD or NIfTI, in the quantity that it holds: HU, SUV, Gy, or what a parametric map measures."""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from IDCBrowserLib.cli.catalog_options import add_source_option
from IDCBrowserLib.cli.files import files_of
from IDCBrowserLib.cli.outcome import Outcome
from IDCBrowserLib.cli.provenance import Origins
from IDCBrowserLib.idc_keys import idc_keys
from IDCBrowserLib.task import Task

if TYPE_CHECKING:
    from IDCBrowserLib.api.catalog import SeriesFolder
    from IDCBrowserLib.pet.convert import Uptake
    from IDCBrowserLib.volume.image_grid import ImageGrid
    from IDCBrowserLib.volume.pixels import Volume


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    parser.add_argument("input", metavar="INPUT", help="a file or folder of one image series: CT, MR, PET, dose, parametric map, NM, US...")
    parser.add_argument("--out", metavar="FILE", required=True, help=".nrrd or .nii.gz; several volumes become FILE-1, FILE-2...")
    parser.add_argument("--suv", choices=("bw", "lbm", "bsa"), help="PET: SUV by body weight, lean body mass or body surface area")
    parser.add_argument(
        "--lean-body-mass",
        choices=("janmahasatian", "james"),
        default="janmahasatian",
        help="formula of the lean body mass for --suv lbm (default janmahasatian)",
    )
    parser.add_argument("--compress", action="store_true", help="gzip NRRD files (smaller, slower; .nii.gz always is)")
    add_source_option(parser)


def run(arguments: argparse.Namespace, task: Task) -> Outcome:
    """Read, write, and tell geometry, quantity and warnings. Ends with 4 where SUV was asked for and is not computable."""
    from IDCBrowserLib.pet.mapping import mapping_files
    from IDCBrowserLib.volume.document import volume_document
    from IDCBrowserLib.volume.files.write import format_of, write_volume
    from IDCBrowserLib.volume.numbered import numbered_path
    from IDCBrowserLib.volume.pixels import read_volume
    from IDCBrowserLib.volume.read_grids import read_image_grids

    begin = time.perf_counter()
    out, ending = Path(arguments.out), format_of(arguments.out)
    files = files_of(arguments.input)
    mappings = mapping_files(files) if arguments.suv else []
    grids = read_image_grids([file for file in files if file not in mappings], task, assume_positions=True)
    documents: list[dict[str, Any]] = []
    with Origins(arguments) as origins:
        rows = {row["SeriesInstanceUID"]: row for row in origins.rows([_folder_of(grid) for grid in grids])}
    for number, grid in enumerate(grids, 1):
        volume = read_volume(grid, task)
        uptake = _uptake(volume, arguments, mappings)
        volume = uptake.volume if uptake is not None else volume
        task.raise_if_cancelled()
        path = out if len(grids) == 1 else numbered_path(out, ending, number)
        row = rows.get(grid.series_uid)
        write_volume(volume, path, arguments.compress, None if row is None else idc_keys(row))
        documents.append({**volume_document(volume), **_suv(uptake), "files": [str(path)], "provenance": [] if row is None else [row]})
    document = dict(documents[0])
    if len(documents) > 1:
        document["parts"] = [{"part": number, **one} for number, one in enumerate(documents, 1)]
        document["files"] = [name for one in documents for name in one["files"]]
        document["warnings"] = list(dict.fromkeys(warning for one in documents for warning in one["warnings"]))
    document["seconds"] = round(time.perf_counter() - begin, 3)
    refused = any(one.get("suv") is None for one in documents) if arguments.suv else False
    return Outcome(document, lambda: _text(documents), 4 if refused else 0)


def _folder_of(grid: ImageGrid) -> SeriesFolder:
    return {"SeriesInstanceUID": grid.series_uid, "folder": os.path.dirname(os.path.abspath(grid.present_slices[0].path))}


def _uptake(volume: Volume, arguments: argparse.Namespace, mappings: Sequence[str]) -> Uptake | None:
    if not arguments.suv:
        return None
    from IDCBrowserLib.pet.convert import to_suv

    return to_suv(volume, arguments.suv, arguments.lean_body_mass, mappings)


def _suv(uptake: Uptake | None) -> dict[str, Any]:
    if uptake is None:
        return {}
    factor = uptake.factor
    if factor is None:
        return {"suv": None, "suv_problem": uptake.reason}
    return {"suv": {"kind": factor.kind, "factor": factor.factor, "formula": factor.formula or None, "basis": factor.basis}}


def _text(documents: Sequence[dict[str, Any]]) -> str:
    lines: list[str] = []
    for number, one in enumerate(documents, 1):
        if len(documents) > 1:
            lines.append(f"Part {number}: {one['label'] or one['modality']}")
        size = " x ".join(str(count) for count in reversed(one["shape"]))
        spacing = " x ".join(f"{mm:.4g}" for mm in one["spacing"])
        quantity = " ".join(part for part in (one["quantity"], f"in {one['unit']}" if one["unit"] else "") if part)
        lines.append(f"{size} voxels of {spacing} mm; {quantity or 'no stated quantity'}; {_range(one)}")
        if one.get("suv"):
            lines.append(f"Factor {one['suv']['factor']:.6g}: {one['suv']['basis']}")
    lines += [f"Note: {warning}" for warning in dict.fromkeys(warning for one in documents for warning in one["warnings"])]
    lines += [f"Written: {name}" for one in documents for name in one["files"]]
    return "\n".join(lines)


def _range(one: dict[str, Any]) -> str:
    return "no finite value" if one["min"] is None else f"{one['min']:.6g} to {one['max']:.6g}"
