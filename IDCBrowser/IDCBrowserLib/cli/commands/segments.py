"""``idc-browser segments``: what is in a SEG before it is downloaded, and some of its segments without the others."""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from IDCBrowserLib.cli.commands import download
from IDCBrowserLib.cli.commands import plan as planning
from IDCBrowserLib.cli.commands.convert import labelmap_text, parse_numbers
from IDCBrowserLib.cli.files import files_of, is_here
from IDCBrowserLib.cli.outcome import Outcome, table
from IDCBrowserLib.errors import InputError
from IDCBrowserLib.task import Task
from IDCBrowserLib.whole_file import part_folder
from IDCBrowserLib.wording import human_size

if TYPE_CHECKING:
    from IDCBrowserLib.labelmap.seg.some_segments import SegHead
    from IDCBrowserLib.preview.objects import SeriesObject


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """A file or a series; with --out some segments of it."""
    planning.add_sources(parser)
    parser.add_argument("--segments", metavar="NUMBERS", help="with --out: these segments, as 1,3-7; only their frames are fetched")
    parser.add_argument("--out", metavar="FILE", help=".nrrd or .nii.gz (labelmap volume), .seg.nrrd (Slicer segmentation)")
    parser.add_argument("--slide-step", metavar="N", type=int, default=1, help="of a slide: the middle one of every N x N pixels of its largest size")
    parser.add_argument("--images", metavar="DIR", help="folder of the referenced series, whose grid is then used")
    download.add_endpoints(parser)


def run(arguments: argparse.Namespace, task: Task) -> Outcome:
    """List the segments, or fetch and convert those that are named."""
    from IDCBrowserLib.cli.commands.slide_segments import of_slide
    from IDCBrowserLib.labelmap.seg.some_segments import read_seg_head

    if (arguments.segments is None) != (arguments.out is None):
        raise InputError("--segments and --out belong together: which segments, and where they go.")
    items, uid = _objects(arguments, task)
    smallest = min(items, key=lambda item: item.size)
    head = read_seg_head(smallest, _here(smallest))
    if head is None:
        return of_slide(arguments, items, uid, task)
    if len(items) > 1:
        raise InputError(f"The series has {len(items):,} objects. Download it, and give one of its files.")
    return _listed(head, uid) if arguments.segments is None else _converted(arguments, head, uid, task)


def _objects(arguments: argparse.Namespace, task: Task) -> tuple[Sequence[SeriesObject], str]:
    """The file on this computer, or the objects of the series in its bucket; and the UID of the series where it was looked up."""
    from IDCBrowserLib.cohort.attributes import objects_of
    from IDCBrowserLib.preview.objects import LocalObject

    if len(arguments.sources) == 1 and not os.path.isdir(arguments.sources[0]) and is_here(arguments.sources[0]):
        path = Path(arguments.sources[0])
        return [LocalObject(path, path.stat().st_size)], ""
    options = download.endpoint_options(arguments)
    plan = planning.make_plan(arguments, task, arguments.with_references)
    planning.tell_unresolved(plan)
    if len(plan.series) != 1:
        raise InputError(f"These are {len(plan.series):,} series. Name one SEG series, or one file.")
    return objects_of(plan.series[0], options), plan.series[0].series_uid


def _here(item: Any) -> str:
    """The path of a file on this computer, which has nothing to be fetched."""
    from IDCBrowserLib.preview.objects import LocalObject

    return str(item.path) if isinstance(item, LocalObject) else ""


def _listed(head: SegHead, uid: str) -> Outcome:
    segments = list(head.seg.segments.values())
    sizes = [head.bytes_of([segment.number]) for segment in segments]
    shown = [{**segment.to_json(), "bytes": size} for segment, size in zip(segments, sizes, strict=True)]
    document = {
        **_about(head, uid),
        # They are not counted.
        "segments": [{key: value for key, value in one.items() if key not in ("voxels", "volume_mm3", "layer")} for one in shown],
        "bytes_read": len(head.data),
    }
    rows = [(one.number, one.name[:60], one.type.meaning if one.type else "", human_size(size)) for one, size in zip(segments, sizes, strict=True)]
    lines = [
        table(rows, ("number", "name", "type", "size")),
        f"{human_size(len(head.data))} of {human_size(head.item.size)} read of {head.item.label}",
    ]
    if head.why_whole and not _here(head.item):
        lines.append(f"It can be had as a whole only. {head.why_whole}")
    return Outcome(document, "\n".join(lines))


def _converted(arguments: argparse.Namespace, head: SegHead, uid: str, task: Task) -> Outcome:
    from IDCBrowserLib.labelmap.convert import convert_parts
    from IDCBrowserLib.labelmap.files.write import format_of, write
    from IDCBrowserLib.labelmap.options import ConvertOptions
    from IDCBrowserLib.labelmap.parts import parts_document
    from IDCBrowserLib.labelmap.seg.some_segments import fetch_segments
    from IDCBrowserLib.volume.numbered import numbered_paths

    begin = time.perf_counter()
    format_of(arguments.out)
    numbers = parse_numbers(arguments.segments)
    images = None if arguments.images is None else files_of(arguments.images, "the folder of the referenced series")
    options = ConvertOptions(segments=numbers, one_layer=not arguments.out.lower().endswith(".seg.nrrd"))
    with part_folder("idc-browser-segments-") as folder:
        here = _here(head.item)
        fetched = None if here else fetch_segments(head, numbers, folder / "segments.dcm", task)
        parts = convert_parts(here if fetched is None else fetched.path, images, options, task)
        out = Path(arguments.out)
        paths = numbered_paths(out, format_of(out), len(parts))
        written = [write(part, path) for part, path in zip(parts, paths, strict=True)]
    document = {
        **parts_document(parts),
        **_about(head, uid),
        "bytes_read": 0 if fetched is None else fetched.bytes_read,
        "files": [str(path) for group in written for path in group],
        "seconds": round(time.perf_counter() - begin, 3),
    }
    lines = [labelmap_text(parts, written)]
    if fetched is not None:
        lines.append(f"{human_size(fetched.bytes_read)} of {human_size(fetched.size)} read of {head.item.label}; the file itself was not stored.")
    return Outcome(document, "\n".join(lines))


def _about(head: SegHead, uid: str) -> dict[str, Any]:
    return {
        "SeriesInstanceUID": uid or head.seg.source.series_uid,
        "object": head.item.label,
        "object_bytes": head.item.size,
        "segmentation_type": head.seg.kind,
        "why_whole": head.why_whole or None,
    }
