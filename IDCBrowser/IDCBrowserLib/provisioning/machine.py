"""Everything that a first start would ask or fetch, done beforehand: packages, folders, index files, the catalog cache, defaults."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from IDCBrowserLib import paths, site_defaults
from IDCBrowserLib.errors import CancelledError, IDCBrowserError, InputError, StorageError
from IDCBrowserLib.provisioning import slicer_python
from IDCBrowserLib.provisioning.wheelhouse import INDICES, Wheelhouse, requirements
from IDCBrowserLib.store.database import Database
from IDCBrowserLib.surroundings import explained
from IDCBrowserLib.task import Progress, Task
from IDCBrowserLib.whole_file import free_name

# File systems on a server: SQLite's locks are not to be trusted there (https://www.sqlite.org/faq.html#q5).
_NETWORK_DISKS = frozenset(
    {"nfs", "nfs4", "cifs", "smb3", "smbfs", "fuse.sshfs", "fuse.gcsfuse", "fuse.s3fs", "9p", "afs", "ceph", "lustre", "glusterfs"}
)


@dataclass(frozen=True)
class Wishes:
    """What is to be set up; empty values leave things as they are. ``indices`` are names of index files."""

    slicer: Path | None = None
    wheelhouse: Wheelhouse | None = None
    store: str = ""
    database: str = ""
    also_look_in: tuple[str, ...] = ()
    indices: tuple[str, ...] = ()
    settings: Mapping[str, str] = field(default_factory=dict)
    all_users: bool = False
    packages_only: bool = False


@dataclass(frozen=True)
class Step:
    """What became of one thing: "done", "already" or "failed"."""

    name: str
    state: str
    text: str


def set_up(wishes: Wishes, task: Task) -> list[Step]:
    """Do all of it; one step that fails does not keep the others from being done."""
    steps: list[Step] = []
    todo = [("packages", _packages)] if wishes.slicer is not None else []
    if not wishes.packages_only:
        todo += [("folders", _folders), ("defaults", _defaults), ("indices", _indices), ("catalog", _catalog)]
    for name, do in todo:
        task.raise_if_cancelled()
        try:
            steps.append(do(wishes, task))
        except CancelledError:
            raise
        except (IDCBrowserError, OSError) as error:
            steps.append(Step(name, "failed", _said(error)))
    return steps


def _said(error: IDCBrowserError | OSError) -> str:
    if isinstance(error, IDCBrowserError):
        return str(error)
    known = explained(error)
    return str(known) if known is not None else f"{error.filename or 'A file'} cannot be used ({error.strerror or error}). Choose another folder."


def file_system_of(folder: Path, mounts: Path = Path("/proc/mounts")) -> str:
    """Kind of the file system that holds a folder (which need not exist yet); "" where the system does not tell."""
    try:
        lines = mounts.read_text("utf-8", "replace").splitlines()
    except OSError:
        return ""
    place, best, kind = os.path.realpath(folder), "", ""
    for line in lines:
        parts = line.split()
        if len(parts) < 3:
            continue
        point = parts[1].replace("\\040", " ")
        if (place == point or place.startswith(point.rstrip("/") + "/")) and len(point) >= len(best):
            best, kind = point, parts[2]
    return kind


def _packages(wishes: Wishes, task: Task) -> Step:
    assert wishes.slicer is not None
    python = slicer_python.find_python(wishes.slicer)
    task.report(Progress("Installing packages into Slicer's Python"))
    wheels = wishes.wheelhouse.wheels if wishes.wheelhouse is not None else None
    installed = slicer_python.install(python, requirements(), wheels, task)
    return Step("packages", "done" if installed else "already", f"The packages are in {python}.")


def _defaults(wishes: Wishes, task: Task) -> Step:
    file = site_defaults.common_file() if wishes.all_users else site_defaults.user_file()
    if file is None:
        raise InputError("--all-users has no meaning where IDC_BROWSER_HOME is set; leave one of them out.")
    if wishes.database:
        _check_disk(_path(wishes.database))
    for folder in (wishes.store, wishes.database):
        if folder and not _path(folder).is_dir():
            raise StorageError(f"{folder} cannot be used, so the defaults stay as they are.")
    former = site_defaults.read(file)
    settings = former.get(site_defaults.SETTINGS)
    wanted = {**former, **_decided(wishes), site_defaults.SETTINGS: {**(settings if isinstance(settings, dict) else {}), **wishes.settings}}
    if wanted == former:
        return Step("defaults", "already", f"The defaults stand in {file}.")
    kept = _set_aside(file) if site_defaults.problem_of(file) else ""
    site_defaults.write(file, wanted, "run the command as an administrator, or without --all-users")
    return Step("defaults", "done", f"The defaults stand in {file}.{kept}")


def _set_aside(file: Path) -> str:
    """What could not be read may have been written by hand. A sentence, "" where it is no file."""
    kept = free_name(file.with_name(f"{file.stem}-damaged{file.suffix}"))
    if not file.is_file():
        return ""
    os.replace(file, kept)
    return f" What was there could not be read; its new name is {kept}."


def _decided(wishes: Wishes) -> dict[str, Any]:
    decided: dict[str, Any] = {site_defaults.INSTALL_PACKAGES: True}
    if wishes.store:
        decided[site_defaults.DOWNLOAD_FOLDER] = wishes.store
    if wishes.database:
        decided[site_defaults.DATABASE] = wishes.database
    if wishes.also_look_in:
        decided[site_defaults.ALSO_LOOK_IN] = list(wishes.also_look_in)
    return decided


def _folders(wishes: Wishes, task: Task) -> Step:
    """Those of whoever runs this; other users get theirs at their first start."""
    store = _path(wishes.store) if wishes.store else paths.default_download_folder()
    database = Database(_path(wishes.database) if wishes.database else paths.default_database_folder())
    was_there = store.is_dir() and database.main_file.exists()
    _make_store(store)
    _make_database(database)
    return Step("folders", "already" if was_there else "done", f"Downloads: {store}. DICOM database: {database.folder}.")


def _path(text: str) -> Path:
    try:
        return Path(text).expanduser()
    except RuntimeError as error:
        raise InputError(f"{text} is the home of nobody on this machine. Name another folder.") from error


def _make_store(store: Path) -> None:
    try:
        store.mkdir(parents=True, exist_ok=True)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise StorageError(f"The download folder {store} cannot be made ({reason}); choose another one with --store DIR.") from error


def _make_database(database: Database) -> None:
    _check_disk(database.folder)
    with database.writing():
        pass


def _check_disk(database: Path) -> None:
    kind = file_system_of(database)
    if kind in _NETWORK_DISKS:
        raise StorageError(
            f"The DICOM database would be on a network disk ({kind}: {database}), where its file is damaged when two computers write. "
            "Name a folder on a disk of this machine: --database DIR"
        )


def _indices(wishes: Wishes, task: Task) -> Step:
    from IDCBrowserLib.catalog.files.side_fetch import fetch
    from IDCBrowserLib.catalog.files.side_indices import find, folders
    from IDCBrowserLib.catalog.files.sources import find_sources

    brought = wishes.wheelhouse.indices if wishes.wheelhouse is not None else []
    version = find_sources().data_version
    names = list(dict.fromkeys((*brought, *wishes.indices)))
    missing = [name for name in names if find(name, folders(version)) is None]
    for name in missing:
        source = str(wishes.wheelhouse.folder / INDICES) if wishes.wheelhouse is not None and name in brought else ""
        fetch(name, version, task, source)
    return Step("indices", "done" if missing else "already", f"Index files at hand: {', '.join(names) or 'none asked for'}.")


def _catalog(wishes: Wishes, task: Task) -> Step:
    from IDCBrowserLib.catalog.cache import cache, cache_making
    from IDCBrowserLib.catalog.files.sources import find_sources

    sources = find_sources()
    target = cache.cache_file(sources, paths.catalog_cache_folder())
    if cache.is_whole(target):
        return Step("catalog", "already", f"The catalog of IDC {sources.data_version} is laid out for fast browsing.")
    task.report(Progress("Laying out the catalog"))
    cache_making.build(sources, target)
    return Step("catalog", "done", f"The catalog of IDC {sources.data_version} is laid out for fast browsing.")


def problems(steps: Sequence[Step]) -> list[str]:
    """Sentences of the steps that failed."""
    return [step.text for step in steps if step.state == "failed"]
