"""``idc-browser export``: labels of one's own as a DICOM object that refers to the images."""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from IDCBrowserLib.cli.catalog_options import add_source_option
from IDCBrowserLib.cli.outcome import Outcome, table
from IDCBrowserLib.errors import IncompleteError, InputError
from IDCBrowserLib.export.algorithm_family import FAMILIES, USUAL, family_code
from IDCBrowserLib.task import Task

if TYPE_CHECKING:
    from IDCBrowserLib.export.export import Exported
    from IDCBrowserLib.export.options import ExportOptions
    from IDCBrowserLib.labelmap.types import Labelmap


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    parser.add_argument("labels", metavar="LABELS", help="a label file: .nrrd, .nii.gz, .seg.nrrd")
    parser.add_argument("--images", metavar="DIR", required=True, help="folder of the image series that the labels were drawn on")
    parser.add_argument(
        "--as", dest="kind", choices=("seg", "labelmap", "rtstruct"), required=True, help="BINARY SEG, LABELMAP SEG, or RT structure set"
    )
    parser.add_argument("--out", metavar="FILE", required=True, help="the DICOM file to write")
    parser.add_argument(
        "--report", metavar="FILE", default="", help="also write the measurements of its segments or ROIs as a structured report (TID 1500)"
    )
    parser.add_argument(
        "--package",
        action="store_true",
        help="make a package for contribution: OUT is a new folder or .zip with the object, its measurements, manifest, validation and license",
    )
    parser.add_argument("--segments", metavar="FILE.json", help="names, codes, colors by label value, as `convert --json` prints them")
    parser.add_argument("--description", metavar="TEXT", default="", help="Series Description (default: the name of the label file)")
    parser.add_argument("--creator", metavar="NAME", default="", help="who drew or checked it (Content Creator's Name)")
    parser.add_argument("--algorithm", metavar="NAME", default="", help="what made segments that do not state it themselves (default: a person)")
    parser.add_argument("--algorithm-version", metavar="VERSION", default="", help="of the algorithm")
    parser.add_argument("--algorithm-family", metavar="NAME", default="", help=f"kind of algorithm: {', '.join(FAMILIES)} (default: {USUAL})")
    parser.add_argument("--license", metavar="TEXT", default="", help="license of the images, whose terms hold for what is derived from them")
    add_source_option(parser)
    parser.add_argument("--compress", action="store_true", help="SEG: deflate the file (smaller; some readers do not know it)")
    parser.add_argument("--keyholes", action="store_true", help="RTSTRUCT: connect holes with the contour around them")


def run(arguments: argparse.Namespace, task: Task) -> Outcome:
    """Write the object, and tell what it is."""
    from IDCBrowserLib.cli.files import files_of
    from IDCBrowserLib.export.description import described, read_descriptions
    from IDCBrowserLib.export.export import export
    from IDCBrowserLib.export.options import ExportOptions
    from IDCBrowserLib.labelmap.files.read import read_label_file

    begin = time.perf_counter()
    _check(arguments)
    labelmap = read_label_file(arguments.labels)
    if arguments.segments:
        labelmap = described(labelmap, read_descriptions(arguments.segments))
    options = ExportOptions(
        kind=arguments.kind,
        description=arguments.description or Path(arguments.labels).name.split(".")[0],
        creator=arguments.creator,
        algorithm=arguments.algorithm,
        algorithm_version=arguments.algorithm_version,
        algorithm_family=arguments.algorithm_family,
        license=arguments.license,
        compress=arguments.compress,
        keyholes=arguments.keyholes,
    )
    images = files_of(arguments.images)
    if arguments.package:
        return _packaged(arguments, labelmap, images, options, begin, task)
    made = export(labelmap, images, arguments.out, options, task, arguments.report or None)
    files = [made.path, *([made.report.path] if made.report else [])]
    return _outcome(made, files, made.warnings, {"bytes": os.path.getsize(made.path)}, begin)


def _packaged(arguments: argparse.Namespace, labelmap: Labelmap, files: Sequence[str], options: ExportOptions, begin: float, task: Task) -> Outcome:
    """As a package; the license of images of IDC is looked up where it is not given."""
    from IDCBrowserLib.cli.provenance import Origins
    from IDCBrowserLib.export.package import package
    from IDCBrowserLib.export.source_images import series_below
    from IDCBrowserLib.volume.read_grids import read_images

    images = read_images(files, task)
    below = series_below(labelmap, images, task)
    with Origins(arguments) as origins:
        rows = origins.rows([below])
    made = package(labelmap, images, arguments.out, options, rows[0] if rows else None, task)
    # What is in a zip file has no path.
    written = [str(Path(made.path) / name) for name in made.files] if os.path.isdir(made.path) else [made.path]
    more = {"package": made.path, "contents": list(made.files), "validation": made.validation}
    outcome = _outcome(made.exported, written, made.warnings, more, begin)
    return replace(outcome, exit_code=IncompleteError.exit_code if made.errors else 0)


def _outcome(made: Exported, files: Sequence[str], warnings: Sequence[str], more: Mapping[str, object], begin: float) -> Outcome:
    document = {
        "files": list(files),
        "sop_class_uid": made.sop_class_uid,
        "sop_instance_uid": made.sop_instance_uid,
        "series_uid": made.series_uid,
        "referenced_series_uid": made.referenced_series_uid,
        "segments": [segment.to_json() for segment in made.segments],
        "report": made.report.to_json() if made.report else None,
        **more,
        "warnings": list(warnings),
        "seconds": round(time.perf_counter() - begin, 3),
    }
    rows = [(one.number, one.name[:60], one.type.meaning if one.type else "", f"{one.voxels:,}") for one in made.segments]
    lines = [
        table(rows, ("number", "name", "type", "voxels")),
        *(f"Note: {advised(note)}" for note in warnings),
        *(f"Written: {path}" for path in files),
    ]
    return Outcome(document, "\n".join(lines))


def advised(note: str) -> str:
    """What to do about it here; other programs have other ways."""
    from IDCBrowserLib.export.export import DRAWN_BY_A_PERSON
    from IDCBrowserLib.export.package import NO_LICENSE

    advice = {DRAWN_BY_A_PERSON: "Name a program with --algorithm.", NO_LICENSE: "Name it with --license."}
    return " ".join([note, *([advice[note]] if note in advice else [])])


def _check(arguments: argparse.Namespace) -> None:
    """Before anything is read."""
    family_code(arguments.algorithm_family)
    if arguments.compress and arguments.kind == "rtstruct":
        raise InputError("--compress is for SEG; a structure set is written as it is.")
    if arguments.keyholes and arguments.kind != "rtstruct":
        raise InputError("--keyholes is for --as rtstruct; a SEG has no contours.")
    if arguments.package and arguments.report:
        raise InputError("--package has the measurements in it; leave --report out.")
    if arguments.report and os.path.realpath(arguments.report) == os.path.realpath(arguments.out):
        raise InputError("--report and --out name the same file. Give the report a name of its own.")
    if Path(arguments.out).is_dir() and not arguments.package:
        raise InputError(f"{arguments.out} is a folder. Give the name of a file, for example {Path(arguments.out) / 'segmentation.dcm'}.")
