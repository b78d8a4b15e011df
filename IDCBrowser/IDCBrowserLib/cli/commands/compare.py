"""``idc-browser compare``: segmentations of one image against each other, and what they agree on."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from IDCBrowserLib.api import compare as api
from IDCBrowserLib.cli.files import files_of
from IDCBrowserLib.cli.outcome import Outcome, table
from IDCBrowserLib.errors import InputError
from IDCBrowserLib.task import Task

if TYPE_CHECKING:
    from IDCBrowserLib.compare.one_grid import Compared


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    parser.add_argument("files", metavar="FILE", nargs="+", help="two or more SEG, RTSTRUCT or label files (.nrrd, .nii.gz, .seg.nrrd) of one image")
    parser.add_argument("--images", metavar="DIR", help="folder of the referenced series; required for RTSTRUCT")
    parser.add_argument("--out", metavar="FILE.csv", help="also write the table")
    parser.add_argument(
        "--match", metavar="A=B", action="append", default=[], help="take segment A of the first file and B of the second for one structure"
    )
    parser.add_argument("--consensus", metavar="FILE", help="also write what the files agree on, as a labelmap volume or segmentation")
    parser.add_argument("--consensus-by", choices=("majority", "staple"), default="majority", help="how (default majority; staple needs SimpleITK)")


def run(arguments: argparse.Namespace, task: Task) -> Outcome:
    """Compare, write, and tell figures and what has no counterpart."""
    from IDCBrowserLib.compare.read import compare_files
    from IDCBrowserLib.compare.table import to_csv, to_document
    from IDCBrowserLib.labelmap.files.write import format_of
    from IDCBrowserLib.whole_file import write_whole

    if arguments.consensus:
        format_of(arguments.consensus)
    images = None if arguments.images is None else files_of(arguments.images, "the folder of the referenced series")
    comparison, groups = compare_files(arguments.files, images, [_numbers(text) for text in arguments.match], task)
    document: dict[str, Any] = {**to_document(comparison)}
    written = []
    if arguments.out:
        write_whole(Path(arguments.out), to_csv(to_document(comparison)))
        written.append(arguments.out)
    if arguments.consensus:
        written += _write_consensus(groups, arguments.consensus, arguments.consensus_by)
    document["files"] = written
    return Outcome(document, "\n".join([*_tables(to_document(comparison)), *_lines(document, written)]))


def _tables(document: api.Comparison) -> list[str]:
    """One for each two that were compared, with their names above where there are several."""
    from IDCBrowserLib.compare.table import HEADINGS, rows_for_terminal

    by_pair = rows_for_terminal(document)
    if len(by_pair) < 2:
        return [table(rows, HEADINGS) for rows in by_pair.values()] or [table([], HEADINGS)]
    made = []
    for (a, b, part), rows in by_pair.items():
        made.append(f"A: {Path(a).name}, B: {Path(b).name}{f', {part}' if part else ''}\n{table(rows, HEADINGS)}\n")
    return made


def _lines(document: dict[str, Any], written: list[str]) -> list[str]:
    lines = [f"No counterpart in {Path(one['other']).name}: {one['name'][:80]} ({Path(one['source']).name})" for one in document["unmatched"]]
    return lines + [f"Note: {note}" for note in document["notes"]] + [f"Written: {path}" for path in written]


def _write_consensus(groups: list[list[Compared]], out: str, way: str) -> list[str]:
    from IDCBrowserLib.compare.consensus import consensus
    from IDCBrowserLib.labelmap.files.write import format_of, write
    from IDCBrowserLib.volume.numbered import numbered_paths

    made = [consensus(group, way) for group in groups]
    paths = numbered_paths(Path(out), format_of(out), len(made))
    return [str(path) for labelmap, path in zip(made, paths, strict=True) for path in write(labelmap, path)]


def _numbers(text: str) -> tuple[int, int]:
    one, equals, other = text.partition("=")
    if not (equals and one.strip().isdecimal() and other.strip().isdecimal()):
        raise InputError(f"--match {text!r}: write a number of the first file and one of the second, for example 1=3.")
    return int(one), int(other)
