"""``idc-browser export``: labels of one's own as a DICOM object that refers to the images."""

from __future__ import annotations

import argparse
import os
import time
from pathlib import Path

from IDCBrowserLib.cli.outcome import Outcome, table
from IDCBrowserLib.errors import InputError
from IDCBrowserLib.task import Task


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    parser.add_argument("labels", metavar="LABELS", help="a label file: .nrrd, .nii.gz, .seg.nrrd")
    parser.add_argument("--images", metavar="DIR", required=True, help="folder of the image series that the labels were drawn on")
    parser.add_argument(
        "--as", dest="kind", choices=("seg", "labelmap", "rtstruct"), required=True, help="BINARY SEG, LABELMAP SEG, or RT structure set"
    )
    parser.add_argument("--out", metavar="FILE", required=True, help="the DICOM file to write")
    parser.add_argument("--segments", metavar="FILE.json", help="names, codes, colors by label value, as `convert --json` prints them")
    parser.add_argument("--description", metavar="TEXT", default="", help="Series Description (default: the name of the label file)")
    parser.add_argument("--creator", metavar="NAME", default="", help="who drew or checked it (Content Creator's Name)")
    parser.add_argument("--algorithm", metavar="NAME", default="", help="what made segments that do not state it themselves (default: a person)")
    parser.add_argument("--algorithm-version", metavar="VERSION", default="", help="of the algorithm")
    parser.add_argument("--license", metavar="TEXT", default="", help="license of the images, whose terms hold for what is derived from them")
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
        license=arguments.license,
        compress=arguments.compress,
        keyholes=arguments.keyholes,
    )
    made = export(labelmap, files_of(arguments.images), arguments.out, options, task)
    document = {
        "files": [made.path],
        "sop_class_uid": made.sop_class_uid,
        "sop_instance_uid": made.sop_instance_uid,
        "series_uid": made.series_uid,
        "referenced_series_uid": made.referenced_series_uid,
        "segments": [segment.to_json() for segment in made.segments],
        "bytes": os.path.getsize(made.path),
        "warnings": list(made.warnings),
        "seconds": round(time.perf_counter() - begin, 3),
    }
    rows = [(one.number, one.name[:60], one.type.meaning if one.type else "", f"{one.voxels:,}") for one in made.segments]
    lines = [table(rows, ("number", "name", "type", "voxels")), *(f"Note: {note}" for note in made.warnings), f"Written: {made.path}"]
    return Outcome(document, "\n".join(lines))


def _check(arguments: argparse.Namespace) -> None:
    """Before anything is read."""
    if arguments.compress and arguments.kind == "rtstruct":
        raise InputError("--compress is for SEG; a structure set is written as it is.")
    if arguments.keyholes and arguments.kind != "rtstruct":
        raise InputError("--keyholes is for --as rtstruct; a SEG has no contours.")
    if Path(arguments.out).is_dir():
        raise InputError(f"{arguments.out} is a folder. Give the name of a file, for example {Path(arguments.out) / 'segmentation.dcm'}.")
