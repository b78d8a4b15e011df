"""``idc-browser convert``: a SEG or RTSTRUCT file to a labelmap volume or a Slicer segmentation."""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from IDCBrowserLib.cli.catalog_options import add_source_option
from IDCBrowserLib.cli.files import files_of
from IDCBrowserLib.cli.outcome import Outcome, table
from IDCBrowserLib.errors import InputError
from IDCBrowserLib.labelmap.options import ConvertOptions
from IDCBrowserLib.task import Task

if TYPE_CHECKING:
    from IDCBrowserLib.labelmap.types import Labelmap

_LARGEST_NUMBER = 1 << 31


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    parser.add_argument("input", metavar="INPUT", help="a DICOM SEG or RTSTRUCT file")
    parser.add_argument("--images", metavar="DIR", help="folder of the referenced series; required for RTSTRUCT")
    parser.add_argument("--out", metavar="FILE", required=True, help=".nrrd or .nii.gz (labelmap volume), .seg.nrrd (Slicer segmentation)")
    parser.add_argument("--segments", metavar="NUMBERS", help="only these segments or ROIs, as 1,3-7")
    parser.add_argument("--separate", action="store_true", help="one file per segment, its number and name added to the file name")
    parser.add_argument(
        "--grid", choices=("images", "own"), help="grid of the voxels: that of the images (default with --images) or of the object itself"
    )
    parser.add_argument(
        "--fractional-threshold",
        metavar="T",
        type=float,
        default=0.5,
        help="FRACTIONAL SEG: a voxel belongs to the segment from this value on (default 0.5)",
    )
    parser.add_argument(
        "--contour-rule",
        choices=("auto", "union", "xor"),
        default="auto",
        help="RTSTRUCT: how contours of one ROI on one slice combine (default auto: contained in another = hole)",
    )
    parser.add_argument("--interpolate", action="store_true", help="RTSTRUCT: fill slices between contours drawn on every n-th slice")
    parser.add_argument("--even", action="store_true", help="images at varying distances: an even grid, slices repeated as they are thick")
    parser.add_argument(
        "--slide-step", metavar="N", type=int, default=1, help="SEG of a slide: the middle one of every N x N pixels, for slides too large as a whole"
    )
    parser.add_argument("--explain", action="store_true", help="also report which frames or contours went to which slice, and why")
    parser.add_argument("--fractions", action="store_true", help="FRACTIONAL SEG: one volume of 0 to 1 per segment instead of labels")
    parser.add_argument("--compress", action="store_true", help="gzip NRRD files (smaller, slower; .nii.gz always is)")
    add_source_option(parser)


def run(arguments: argparse.Namespace, task: Task) -> Outcome:
    """Convert, write, and tell geometry, segments and warnings."""
    from IDCBrowserLib.cli.provenance import Origins
    from IDCBrowserLib.labelmap.convert import convert_parts
    from IDCBrowserLib.labelmap.files.write import format_of
    from IDCBrowserLib.labelmap.parts import parts_document

    begin = time.perf_counter()
    format_of(arguments.out)
    options = _options(arguments)
    images = None if arguments.images is None else files_of(arguments.images, "the folder of the referenced series")
    with Origins(arguments) as origins:
        converted = convert_parts(arguments.input, images, options, task)
        task.raise_if_cancelled()
        parts, provenance = origins.add(converted, arguments.input, images or ())
    written = _write(arguments, parts, images, options, task)
    document = parts_document(parts)
    for entry, paths in zip(document.get("parts", ()), written, strict=False):
        entry["files"] = [str(path) for path in paths]
    document["files"] = [str(path) for paths in written for path in paths]
    document["provenance"] = provenance
    document["seconds"] = round(time.perf_counter() - begin, 3)
    return Outcome(document, lambda: labelmap_text(parts, written))


def _write(
    arguments: argparse.Namespace, parts: Sequence[Labelmap], images: list[str] | None, options: ConvertOptions, task: Task
) -> list[list[Path]]:
    """The files of each part; FILE itself for a single one, else FILE-1, FILE-2..."""
    from IDCBrowserLib.labelmap.convert import fractions
    from IDCBrowserLib.labelmap.files.write import format_of, write, write_fractions
    from IDCBrowserLib.volume.numbered import numbered_paths

    out = Path(arguments.out)
    paths = numbered_paths(out, format_of(out), len(parts))
    if arguments.fractions:
        volumes = fractions(arguments.input, images, options, task)
        return [write_fractions(part, own, path, arguments.compress) for part, (_, own), path in zip(parts, volumes, paths, strict=True)]
    return [write(part, path, separate=arguments.separate, compress=arguments.compress) for part, path in zip(parts, paths, strict=True)]


def _options(arguments: argparse.Namespace) -> ConvertOptions:
    if not 0 < arguments.fractional_threshold <= 1:
        raise InputError("--fractional-threshold must be above 0 and at most 1.")
    if arguments.slide_step < 1:
        raise InputError("--slide-step must be 1 or more.")
    segments = None if arguments.segments is None else parse_numbers(arguments.segments)
    return ConvertOptions(
        slide_step=arguments.slide_step,
        grid=arguments.grid or "auto",
        segments=segments,
        fractional_threshold=arguments.fractional_threshold,
        contour_rule=arguments.contour_rule,
        interpolate=arguments.interpolate,
        explain=arguments.explain,
        even=arguments.even,
        one_layer=not arguments.separate and not arguments.out.lower().endswith(".seg.nrrd"),
    )


def parse_numbers(text: str) -> frozenset[int]:
    """Numbers and ranges, ``1,3-7``; raises ``InputError`` for anything else."""
    numbers: set[int] = set()
    for part in text.split(","):
        first, dash, last = part.strip().partition("-")
        if not (first.isdecimal() and (last.isdecimal() if dash else True)):
            raise InputError(f"--segments {text!r}: write numbers and ranges, for example 1,3-7.")
        low, high = int(first), int(last or first)
        if high < low or high >= _LARGEST_NUMBER or high - low > 65535:
            raise InputError(f"--segments {text!r}: the range {part.strip()} is not possible.")
        numbers.update(range(low, high + 1))
    return frozenset(numbers)


def labelmap_text(parts: Sequence[Labelmap], written: list[list[Path]]) -> str:
    """What was converted, for a terminal: the segments of each part, what is to be known, and the files."""
    from IDCBrowserLib.labelmap.parts import all_warnings, explain_text

    lines: list[str] = []
    for number, part in enumerate(parts, 1):
        if len(parts) > 1:
            lines.append(f"Part {number}: {part.label}")
        lines.append(_table(part))
    lines += [f"Note: {warning}" for warning in all_warnings(parts)]
    if any(part.placed for part in parts):
        lines.append(explain_text(parts))
    lines += [f"Written: {path}" for paths in written for path in paths]
    return "\n".join(lines)


def _table(labelmap: Labelmap) -> str:
    rows = [
        (segment.number, segment.name, segment.type.meaning if segment.type else "", f"{segment.voxels:,}", f"{segment.volume_mm3 / 1000:,.2f}")
        for segment in labelmap.segments
    ]
    lines = [table(rows, ("number", "name", "type", "voxels", "ml"))]
    if labelmap.overlapping_voxels:
        lines.append(f"{labelmap.overlapping_voxels:,} voxels belong to more than one segment.")
    return "\n".join(lines)
