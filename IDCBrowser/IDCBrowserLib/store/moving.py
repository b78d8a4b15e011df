"""Moving all series to another folder: renamed on the same disk, otherwise copied, verified, and removed here only at the end.

Three steps, so that nothing is lost wherever it stops: the files appear at the new place; database and journal follow; what is left of them at the
old place is removed. A move that stopped in the first step is taken back (renames) or goes on when it is begun again (copies).
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from IDCBrowserLib.errors import IDCBrowserError, InputError, StorageError
from IDCBrowserLib.store.copying import Copier, as_storage_error, check_same, missing_bytes
from IDCBrowserLib.store.database import Database, transaction
from IDCBrowserLib.store.inventory import Inventory
from IDCBrowserLib.store.removing import Deleter, RemoveReport
from IDCBrowserLib.task import Progress, Task
from IDCBrowserLib.transfer import disk
from IDCBrowserLib.transfer.jobs import job_store_beside
from IDCBrowserLib.transfer.journal import Journal, default_path
from IDCBrowserLib.transfer.layout import inside


@dataclass
class Move:
    """What is to be moved: ``pairs`` of files, ``folders`` they lie in (before, after). ``stay`` counts files that belong to no series."""

    source: Path
    destination: Path
    pairs: list[tuple[str, Path]] = field(default_factory=list)
    folders: dict[str, str] = field(default_factory=dict)
    bytes: int = 0
    stay: int = 0
    renamed: bool = False

    def to_json(self) -> dict[str, Any]:
        """What the user decides on; ``free`` is the room at the destination, ``needed`` what has to be copied there."""
        needed = 0 if self.renamed else missing_bytes(self.pairs)
        return {
            "to": str(self.destination),
            "series": len(self.folders),
            "files": len(self.pairs),
            "bytes": self.bytes,
            "stay": self.stay,
            "same_disk": self.renamed,
            "needed": needed,
            "free": disk.free_bytes(self.destination),
        }


def plan_move(inventory: Inventory, to: str, task: Task | None = None) -> Move:
    """Raises ``InputError`` for a folder that cannot be the new one, ``StorageError`` for one without room or permission; changes nothing."""
    task = task or Task()
    source, destination = Path(inventory.folder), Path(os.path.abspath(os.path.expanduser(to)))
    _check_folders(source, destination)
    move = Move(source, destination, renamed=_same_disk(source, destination))
    for number, item in enumerate(inventory.series):
        task.raise_if_cancelled()
        task.report(Progress("Looking", number, len(inventory.series), "series"))
        if item.directory in move.folders or not _below(item.directory, source):
            continue
        target = inside(destination, os.path.relpath(item.directory, source))
        move.folders[item.directory] = str(target)
        move.pairs += [(path, target / os.path.basename(path)) for path in _dicom(item.directory)]
    move.bytes = sum(os.stat(path).st_size for path, _ in move.pairs)
    move.stay = sum(item.files for item in inventory.unclaimed)
    if not move.renamed:
        disk.check_room(_existing(destination), missing_bytes(move.pairs))
    return move


def bring(move: Move, task: Task) -> None:
    """The first step. Raises ``StorageError`` or ``CancelledError``; the old folder is then as it was, and in use."""
    try:
        move.destination.mkdir(parents=True, exist_ok=True)
        _rename(move, task) if move.renamed else _copy(move, task)
    except OSError as error:
        raise as_storage_error(error, move.destination) from error


def follow(move: Move, database: Database | None) -> None:
    """The second step: rows of the database (unless another program keeps it), journal and interrupted transfers name the new place."""
    if database is not None and database.main_file.exists():
        with database.writing() as (main, _cache), transaction(main):
            rows = [
                (target, sop)
                for sop, name in main.execute("SELECT SOPInstanceUID, Filename FROM Images").fetchall()
                if (target := _after(move, database.resolve(name or ""))) is not None
            ]
            main.executemany("UPDATE Images SET Filename = ? WHERE SOPInstanceUID = ?", rows)
    journal = Journal(default_path())
    try:
        journal.moved(move.folders.items())
    finally:
        journal.close()
    job_store_beside(default_path()).moved(move.source, move.destination)


def leave(move: Move) -> RemoveReport:
    """The third step: remove what was copied, and folders that are empty now. Files that cannot be removed are named in the report."""
    report, deleter = RemoveReport(), Deleter(move.source)
    deleter.delete([source for source, target in move.pairs if target.exists()], report)
    deleter.prune()
    for folder in move.folders:
        _prune(folder, move.source)
    return report


def _check_folders(source: Path, destination: Path) -> None:
    real_source, real_destination = Path(os.path.realpath(source)), Path(os.path.realpath(destination))
    if real_source == real_destination:
        raise InputError(f"The downloads are in {destination} already; choose another folder.")
    if real_source in real_destination.parents:
        raise InputError(f"{destination} lies inside the present folder {source}; choose one outside of it.")
    if destination.exists() and not destination.is_dir():
        raise InputError(f"{destination} is a file; choose a folder.")
    if not os.access(_existing(destination), os.W_OK):
        raise StorageError(f"Nothing can be written to {destination} (no permission); choose another folder or change its permissions.")
    for folder in (source, destination):
        if job_store_beside(default_path()).being_written(folder):
            raise InputError(f"A download into {folder} is running or waiting; wait for it or cancel it, then move the folder.")


def _rename(move: Move, task: Task) -> None:
    done: list[tuple[str, str]] = []
    try:
        for number, (source, target) in enumerate(move.folders.items()):
            task.raise_if_cancelled()
            task.report(Progress("Moving", number, len(move.folders), "series"))
            if not os.path.exists(target):
                os.makedirs(os.path.dirname(target), exist_ok=True)
                os.rename(source, target)
                done.append((source, target))
            else:
                _merge(source, Path(target), done, task)
    except (IDCBrowserError, OSError):
        for source, target in reversed(done):
            with contextlib.suppress(OSError):
                os.makedirs(os.path.dirname(source), exist_ok=True)
                os.rename(target, source)
                _prune(os.path.dirname(target), move.destination)
        raise


def _merge(source: str, target: Path, done: list[tuple[str, str]], task: Task) -> None:
    """Files into a folder that is there; those it has already stay behind and go in the last step."""
    for path in _dicom(source):
        new = target / os.path.basename(path)
        if new.exists():
            check_same(path, new, task)
        else:
            os.rename(path, new)
            done.append((path, str(new)))


def _copy(move: Move, task: Task) -> None:
    copier = Copier(move.destination, move.bytes, task)
    with copier.workplace() as workplace:
        for source, target in move.pairs:
            task.raise_if_cancelled()
            copier.copy(source, target, workplace)


def _after(move: Move, path: str) -> str | None:
    folder, name = os.path.split(os.path.normpath(path))
    after = move.folders.get(folder)
    return None if after is None else os.path.join(after, name).replace(os.sep, "/")


def _dicom(folder: str) -> list[str]:
    with os.scandir(folder) as entries:
        return sorted(entry.path for entry in entries if entry.name.endswith(".dcm") and entry.is_file(follow_symlinks=False))


def _same_disk(source: Path, destination: Path) -> bool:
    return source.exists() and source.stat().st_dev == _existing(destination).stat().st_dev


def _existing(folder: Path) -> Path:
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return folder


def _below(path: str, folder: Path) -> bool:
    return path != str(folder) and os.path.realpath(path).startswith(os.path.realpath(folder) + os.sep)


def _prune(folder: str, top: Path) -> None:
    """Remove folders that are empty now, up to ``top``."""
    while folder.startswith(str(top) + os.sep):
        with contextlib.suppress(OSError):
            os.rmdir(folder)
        folder = os.path.dirname(folder)


def folders_in(database: Database, folders: Sequence[str]) -> list[str]:
    """Those folders of which the database has files."""
    known: set[str] = set()
    with database.reading() as connection:
        if connection is not None:
            known = {os.path.dirname(os.path.normpath(database.resolve(name or ""))) for (name,) in connection.execute("SELECT Filename FROM Images")}
    return [folder for folder in folders if folder in known]
