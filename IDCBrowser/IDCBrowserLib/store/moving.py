"""Moving all series to another folder: renamed on the same disk, otherwise copied, verified, and removed here only at the end.

Only files of this program move (``transfer.owned``); the user's stay where they are. Three steps, so that nothing is lost wherever it stops: the
files appear at the new place; database and journal follow; what is left of them at the old place is removed. A move that stopped in the first step
is taken back (renames) or goes on when it is begun again (copies); one whose program was killed is put right at the next start (``move_record``).
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from IDCBrowserLib.api.storage import MovePlan
from IDCBrowserLib.errors import IDCBrowserError, InputError, StorageError
from IDCBrowserLib.store.copying import Copier, check_same
from IDCBrowserLib.store.database import Database, transaction
from IDCBrowserLib.store.inventory import Inventory
from IDCBrowserLib.store.removing import RemoveReport
from IDCBrowserLib.task import Progress, Task
from IDCBrowserLib.transfer.folders import disk
from IDCBrowserLib.transfer.folders.folder import Folder, held
from IDCBrowserLib.transfer.folders.incoming import Incoming
from IDCBrowserLib.transfer.folders.journal import Journal, default_path, open_journal
from IDCBrowserLib.transfer.folders.owned import OwnedFiles
from IDCBrowserLib.transfer.folders.real_paths import RealPaths
from IDCBrowserLib.transfer.jobs import job_store_beside


@dataclass
class Move:
    """What is to be moved: ``files`` of ours with their bytes, by series folder relative to both ("a/b/c").

    ``stay`` counts files that are not ours; ``renamed``: both are on one disk; ``keep_free`` bytes of the disk that is copied to stay free.
    """

    source: Path
    destination: Path
    files: dict[str, dict[str, int]] = field(default_factory=dict)
    stay: int = 0
    renamed: bool = False
    keep_free: int = 0

    @property
    def bytes(self) -> int:
        """Of all files."""
        return sum(sum(names.values()) for names in self.files.values())

    def to_json(self) -> MovePlan:
        """What the user decides on; ``free`` is the room at the destination, ``needed`` what has to be copied there."""
        return {
            "to": str(self.destination),
            "series": len(self.files),
            "files": sum(map(len, self.files.values())),
            "bytes": self.bytes,
            "stay": self.stay,
            "same_disk": self.renamed,
            "needed": 0 if self.renamed else self.missing_bytes(),
            "free": max(0, disk.free_bytes(self.destination) - self.keep_free),
        }

    def missing_bytes(self) -> int:
        """What is not at the destination yet."""
        try:
            top = Folder.at(self.destination)
        except (OSError, StorageError):
            return self.bytes
        with top:
            return sum(_missing(top, relative, names) for relative, names in self.files.items())

    def before(self, relative: str) -> str:
        """A series folder at the old place."""
        return os.path.join(self.source, *relative.split("/"))

    def after(self, relative: str) -> str:
        """The same at the new place."""
        return os.path.join(self.destination, *relative.split("/"))


def plan_move(inventory: Inventory, to: str, task: Task | None = None, keep_free: int = 0) -> Move:
    """Raises ``InputError`` for a folder that cannot be the new one, ``StorageError`` for one without room or permission; changes nothing."""
    task = task or Task()
    source, destination = Path(inventory.folder), Path(os.path.abspath(os.path.expanduser(to)))
    _check_folders(source, destination)
    move = Move(source, destination, renamed=_same_disk(source, destination), keep_free=keep_free)
    move.stay = sum(item.files for item in inventory.unclaimed)
    with open_journal() as journal:
        owned = OwnedFiles(source, journal, task.raise_if_cancelled)
        for number, directory in enumerate(dict.fromkeys(item.directory for item in inventory.series)):
            task.raise_if_cancelled()
            task.report(Progress("Looking", number, len(inventory.series), "series"))
            content = owned.look(directory)
            move.stay += sum(not name.endswith("/") for name in content.theirs)
            if content.ours:
                move.files[os.path.relpath(directory, source).replace(os.sep, "/")] = content.ours
    if not move.renamed:
        disk.check_room(_existing(destination), move.missing_bytes(), keep_free)
    return move


def bring(move: Move, task: Task) -> None:
    """The first step. Raises ``StorageError`` or ``CancelledError``; the old folder is then as it was, and in use."""
    try:
        move.destination.mkdir(parents=True, exist_ok=True)
        with open_journal() as journal, Folder.at(move.source) as source, Folder.at(move.destination) as destination:
            _claim(move, source, destination, journal)
            if move.renamed:
                _Renaming(move, source, destination, journal).run(task)
            else:
                _copy(move, source, destination, journal, task)
    except OSError as error:
        raise disk.storage_error(error, move.destination) from error


def follow(move: Move, database: Database | None) -> None:
    """The second step: rows of the database (unless another program keeps it), journal and interrupted transfers name the new place."""
    if database is not None and database.main_file.exists():
        places = _Places(move)
        with database.writing() as (main, _cache), transaction(main):
            rows = [
                (target, sop)
                for sop, name in main.execute("SELECT SOPInstanceUID, Filename FROM Images").fetchall()
                if (target := places.after(database.resolve(name or ""))) is not None
            ]
            main.executemany("UPDATE Images SET Filename = ? WHERE SOPInstanceUID = ?", rows)
    with open_journal() as journal:
        source, destination = os.path.realpath(move.source), os.path.realpath(move.destination)
        journal.copied(
            (name, os.path.join(source, *relative.split("/")), os.path.join(destination, *relative.split("/")))
            for relative, names in move.files.items()
            for name in names
        )
    job_store_beside(default_path()).moved(move.source, move.destination)


def leave(move: Move) -> RemoveReport:
    """The third step: remove what was copied, and folders of ours that are empty now. Files that cannot be removed are named in the report."""
    report = RemoveReport()
    with open_journal() as journal, Folder.at(move.destination) as destination:
        owned = OwnedFiles(move.source, journal)
        for relative, names in move.files.items():
            directory = move.before(relative)
            report.add(directory, owned.remove(directory, _arrived(destination, relative, names)))
        owned.prune()
    return report


def folders_in(database: Database, folders: Sequence[str]) -> list[str]:
    """Those folders of which the database has files."""
    real, known = RealPaths(), set()
    with database.reading() as connection:
        if connection is not None:
            rows = connection.execute("SELECT Filename FROM Images")
            known = {real.folder(os.path.dirname(database.resolve(name or ""))) for (name,) in rows}
    return [folder for folder in folders if real.folder(folder) in known]


def put_back(move: Move) -> int:
    """After a crash among the renames: what is at the new place goes back to the old one. How many files could not."""
    with open_journal() as journal, Folder.at(move.source) as source, Folder.at(move.destination) as destination:
        renaming = _Renaming(move, source, destination, journal)
        for relative, names in move.files.items():
            with held(source, relative) as before:
                renaming.done += [(relative, name) for name in names if before is None or not before.has(name)]
        renaming.take_back()
        left = 0
        for relative, names in move.files.items():
            with held(source, relative) as before, held(destination, relative) as after:
                left += sum(after is not None and after.has(name) and (before is None or not before.has(name)) for name in names)
        return left


class _Renaming:
    """Takes back what it did when it does not come to its end."""

    def __init__(self, move: Move, source: Folder, destination: Folder, journal: Journal) -> None:
        self._move = move
        self._source = source
        self._destination = destination
        self._journal = journal
        self.done: list[tuple[str, str]] = []

    def run(self, task: Task) -> None:
        try:
            for number, (relative, names) in enumerate(self._move.files.items()):
                task.report(Progress("Moving", number, len(self._move.files), "series"))
                with self._source.below(relative) as before, _make(self._destination, relative, self._journal) as after:
                    self._series(relative, names, before, after, task)
        except (IDCBrowserError, OSError):
            self.take_back()
            raise

    def _series(self, relative: str, names: dict[str, int], before: Folder, after: Folder, task: Task) -> None:
        for name in names:
            task.raise_if_cancelled()
            try:
                before.move(name, after, name)
            except FileExistsError:
                # What is there already stays behind here, and goes in the last step.
                check_same(before, after, name, task)
            else:
                self.done.append((relative, name))

    def take_back(self) -> None:
        """Files of ``done`` go back; what is in the way of one stays there."""
        for relative, name in reversed(self.done):
            with contextlib.suppress(OSError, StorageError):
                with self._destination.below(relative) as after, _make(self._source, relative, self._journal) as before:
                    after.move(name, before, name)
                self._journal.forget(os.path.join(self._destination.path, *relative.split("/")), [name])
        owned = OwnedFiles(self._destination.path, self._journal)
        for relative in dict.fromkeys(relative for relative, _ in self.done):
            owned.remove_empty(os.path.join(self._destination.path, *relative.split("/")))


def _copy(move: Move, source: Folder, destination: Folder, journal: Journal, task: Task) -> None:
    incoming = Incoming(move.destination, takes_over=False)
    try:
        copier = Copier(incoming, move.bytes, task)
        for relative, names in move.files.items():
            with source.below(relative) as before, _make(destination, relative, journal) as after:
                for name, size in names.items():
                    task.raise_if_cancelled()
                    if not after.has(name):
                        # Others write to that disk as well.
                        disk.check_room(move.destination, size, move.keep_free)
                    copier.copy(before, name, after)
    finally:
        incoming.close()


def _claim(move: Move, source: Folder, destination: Folder, journal: Journal) -> None:
    """What is about to come to the new place is ours there as well."""
    for relative, names in move.files.items():
        parts = relative.split("/")
        records = journal.owned(os.path.join(source.path, *parts))
        journal.claim(os.path.join(destination.path, *parts), ((name, records[name].size, records[name].md5) for name in names if name in records))


def _make(top: Folder, relative: str, journal: Journal) -> Folder:
    made: list[str] = []
    try:
        return top.make_below(relative, made)
    finally:
        journal.claim_folders(made)


class _Places:
    """The new path of a file that has moved."""

    def __init__(self, move: Move) -> None:
        self._move = move
        self._real = RealPaths()
        self._relative = {self._real.folder(move.before(relative)): relative for relative in move.files}

    def after(self, path: str) -> str | None:
        folder, name = os.path.split(path)
        relative = self._relative.get(self._real.folder(folder))
        if relative is None or name not in self._move.files[relative]:
            return None
        return os.path.join(self._move.after(relative), name).replace(os.sep, "/")


def _arrived(destination: Folder, relative: str, names: dict[str, int]) -> set[str]:
    """Those that are whole at the new place."""
    with held(destination, relative) as after:
        if after is None:
            return set()
        return {name for name, size in names.items() if after.has(name) and after.status(name).st_size == size}


def _missing(top: Folder, relative: str, names: dict[str, int]) -> int:
    with held(top, relative) as there:
        return sum(size for name, size in names.items() if there is None or not there.has(name))


def _check_folders(source: Path, destination: Path) -> None:
    real_source, real_destination = Path(os.path.realpath(source)), Path(os.path.realpath(destination))
    if real_source == real_destination:
        raise InputError(f"The downloads are in {destination} already; choose another folder.")
    if real_source in real_destination.parents:
        raise InputError(f"{destination} lies inside the current folder {source}; choose one outside it.")
    if destination.exists() and not destination.is_dir():
        raise InputError(f"{destination} is a file; choose a folder.")
    if not os.access(_existing(destination), os.W_OK):
        raise StorageError(f"Nothing can be written to {destination} (no permission); choose another folder or change its permissions.")
    for folder in (source, destination):
        if job_store_beside(default_path()).being_written(folder):
            raise InputError(f"A download into {folder} is running or waiting; wait for it or cancel it, then move the folder.")


def _same_disk(source: Path, destination: Path) -> bool:
    return source.exists() and source.stat().st_dev == _existing(destination).stat().st_dev


def _existing(folder: Path) -> Path:
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return folder
