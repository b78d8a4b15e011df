"""``idc-browser labelmaps``: from identifiers of IDC to labelmap volumes on the grid of their images, in one command."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from IDCBrowserLib.cli.commands import download
from IDCBrowserLib.cli.commands import plan as planning
from IDCBrowserLib.cli.outcome import Outcome
from IDCBrowserLib.cli.provenance import Origins
from IDCBrowserLib.cli.terminal import say
from IDCBrowserLib.errors import IDCBrowserError, IncompleteError, InputError, StorageError
from IDCBrowserLib.task import Progress, Task
from IDCBrowserLib.wording import human_count

if TYPE_CHECKING:
    from IDCBrowserLib.selection.plan import Plan
    from IDCBrowserLib.transfer.report import TransferReport

_FOLDER = "labelmaps"
_DRAWN = ("SEG", "RTSTRUCT")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """SOURCE... --to DIR, the format, and the options of the transfer."""
    planning.add_sources_or_filters(parser)
    download.add_transfer(parser)
    parser.add_argument(
        "--format",
        choices=(".nrrd", ".nii.gz", ".seg.nrrd"),
        default=".nrrd",
        help=".nrrd or .nii.gz: labelmap volume; .seg.nrrd: Slicer segmentation that keeps overlaps (default: .nrrd)",
    )
    parser.add_argument("--out", type=Path, metavar="DIR", help=f"folder for the labelmap volumes (default: {_FOLDER} in the folder of --to)")
    parser.add_argument("--compress", action="store_true", help="gzip NRRD files (smaller, slower; .nii.gz always is)")
    parser.add_argument("--again", action="store_true", help="write labelmap volumes again that already exist")


def run(arguments: argparse.Namespace, task: Task) -> Outcome:
    """Download with the images that the segmentations name, then convert one object after the other; one that fails does not stop the rest."""
    if arguments.to is None:
        raise InputError("Give the download folder: idc-browser labelmaps SOURCE... --to DIR")
    plan, report = download.fetch(arguments, True, task)
    with Origins(arguments) as origins:
        made = list(_Converter(arguments, plan, report, origins).all(task))
    failed = sum(1 for entry in made if entry["error"])
    document = {**report.to_json(), "unresolved": [item.to_json() for item in plan.unresolved], "labelmaps": made}
    code = download.exit_code(plan, report.exit_code) or (IncompleteError.exit_code if failed else 0)
    return Outcome(document, f"{report.describe()}\n{_described(made, failed)}", code)


class _Converter:
    """What was downloaded, by series; writes a file per SEG or RTSTRUCT object."""

    def __init__(self, arguments: argparse.Namespace, plan: Plan, report: TransferReport, origins: Origins) -> None:
        self._origins = origins
        self._out: Path = (arguments.out or arguments.to / _FOLDER).expanduser().absolute()
        self._ending: str = arguments.format
        self._compress: bool = arguments.compress
        self._again: bool = arguments.again
        self._modalities = {series.series_uid: series.modality for series in plan.series}
        entries = report.to_json()["series"]
        self._folders = {entry["SeriesInstanceUID"]: Path(entry["directory"]) for entry in entries if entry["state"] == "complete"}
        self._root = report.destination

    def all(self, task: Task) -> Iterator[dict[str, Any]]:
        """One entry per object: ``{"SeriesInstanceUID", "input", "file", "segments", "overlapping_voxels", "warnings", "provenance", "error"}``."""
        objects = [(uid, path) for uid, folder in self._folders.items() for path in self._objects(uid, folder)]
        for number, (uid, path) in enumerate(objects):
            task.raise_if_cancelled()
            task.report(Progress("Writing labelmap volumes", number, len(objects), "files"))
            entry: dict[str, Any] = {"SeriesInstanceUID": uid, "input": str(path), "file": None, "segments": [], "warnings": [], "error": None}
            try:
                entry.update(self._one(path, task))
            except IDCBrowserError as error:
                entry["error"] = str(error)
                say(f"{uid}: {error}")
            yield entry

    def _objects(self, uid: str, folder: Path) -> list[Path]:
        """The SEG and RTSTRUCT files of a series: objects may share the series of their images, and series that say SEG may hold images alone."""
        from IDCBrowserLib.labelmap.convert import is_drawn_on_images

        files = sorted(folder.glob("*.dcm"))
        drawn = [path for path in files if is_drawn_on_images(path)]
        # What its modality promises and no file holds is told once.
        return drawn or (files[:1] if self._modalities.get(uid) in _DRAWN else [])

    def _one(self, path: Path, task: Task) -> Mapping[str, Any]:
        from IDCBrowserLib.labelmap.convert import convert_parts, describe
        from IDCBrowserLib.labelmap.files.write import write
        from IDCBrowserLib.labelmap.options import ConvertOptions
        from IDCBrowserLib.labelmap.parts import parts_document
        from IDCBrowserLib.volume.numbered import numbered_path, numbered_paths

        target = self._target(path)
        there = next((path for path in (target, numbered_path(target, self._ending, 1)) if path.exists()), None)
        if there is not None and not self._again:
            return {"file": str(there), "warnings": ["It already exists; --again writes it again."]}
        named = describe(path)["referenced_series_uids"]
        images = [image for uid in named if uid in self._folders for image in sorted(self._folders[uid].glob("*.dcm"))]
        converted = convert_parts(path, images or None, ConvertOptions(one_layer=self._ending != ".seg.nrrd"), task)
        parts, provenance = self._origins.add(converted, path, images)
        _make(target.parent)
        paths = numbered_paths(target, self._ending, len(parts))
        for part, own in zip(parts, paths, strict=True):
            write(part, own, compress=self._compress)
        document = parts_document(parts)
        told = {key: document[key] for key in ("segments", "overlapping_voxels", "warnings")}
        return {"file": str(paths[0]), **told, "provenance": provenance, **({"files": [str(own) for own in paths]} if len(paths) > 1 else {})}

    def _target(self, path: Path) -> Path:
        """Laid out as the downloads are; a series of several objects gets a file for each."""
        folder = path.parent
        name = folder.name if len(list(folder.glob("*.dcm"))) == 1 else f"{folder.name}_{path.stem}"
        return self._out / folder.relative_to(self._root).parent / f"{name}{self._ending}"


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StorageError(f"The folder {folder} cannot be made: {error.strerror or error}. Choose another one with --out.") from error


def _described(made: list[dict[str, Any]], failed: int) -> str:
    lines = [f"{human_count(len(made) - failed, 'labelmap volume', 'labelmap volumes')} written" + (f", {failed:,} failed" if failed else "")]
    lines += [f"  {file}" for entry in made if entry["file"] for file in entry.get("files", [entry["file"]])]
    return "\n".join(lines)
