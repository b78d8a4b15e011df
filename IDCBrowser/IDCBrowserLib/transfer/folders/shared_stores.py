"""Folders of downloaded series that others keep for many users: what is whole there is used where it lies.

Nothing is written, locked or removed there.

Whoever filled such a store verified it against the bucket (``idc-browser download LOCK --to STORE``); here the number of files and their bytes are
compared with what the index states, which needs no network and works while the store cannot be written.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Sequence
from pathlib import Path

from IDCBrowserLib import site_defaults
from IDCBrowserLib.errors import InputError
from IDCBrowserLib.selection.plan import PlannedSeries
from IDCBrowserLib.transfer.folders.layout import series_directory
from IDCBrowserLib.transfer.item import TransferItem, TransferState

VARIABLE = "IDC_BROWSER_ALSO_LOOK_IN"


def shared_stores() -> tuple[Path, ...]:
    """Those of the environment (separated like ``PATH``), then those that this machine was set up with."""
    named = (Path(part).expanduser() for part in os.environ.get(VARIABLE, "").split(os.pathsep) if part)
    return tuple(dict.fromkeys((*named, *site_defaults.shared_stores())))


def choose_stores(folders: Sequence[str]) -> None:
    """Remember the folders for this user, instead of those that the machine was set up with. Raises ``InputError``, ``StorageError``."""
    for folder in folders:
        path = os.path.expanduser(folder)
        if not os.path.isabs(path):
            raise InputError(f'{folder} is not an absolute path; give one, or one that begins with "~".')
        if not os.path.isdir(path) or not os.access(path, os.R_OK | os.X_OK):
            raise InputError(f"{folder} is not a folder that can be read; leave it out, or ask whoever keeps it.")
    file = site_defaults.user_file()
    # Perhaps another program has written it since.
    site_defaults.forget()
    if problem := site_defaults.problem_of(file):
        raise InputError(f"{problem}, or correct it.")
    document = {**site_defaults.read(file), site_defaults.ALSO_LOOK_IN: list(folders)}
    site_defaults.write(file, document, "make it writable, or set IDC_BROWSER_HOME to another folder")


def files_in_stores(series: PlannedSeries, stores: Iterable[Path]) -> tuple[Path, dict[str, int]] | None:
    """The folder of a series in the first store that has all of it, and its files with their bytes; None where none has.

    A series of which single instances are wanted is not looked for.
    """
    if series.instances or series.instance_count is None:
        return None
    for store in stores:
        folder = store / series_directory(series, str(store))
        sizes = _sizes(folder)
        if len(sizes) == series.instance_count and sum(sizes.values()) == series.size_bytes:
            return folder, sizes
    return None


def take_from_stores(items: Sequence[TransferItem], destination: Path, stores: Sequence[Path]) -> list[TransferItem]:
    """Complete the items that lie in a store and are not begun in ``destination``; gives the others. Their directory is then an absolute path."""
    if not stores:
        return list(items)
    others = []
    for item in items:
        found = None if (destination / item.directory).exists() else files_in_stores(item.series, stores)
        if found is None:
            others.append(item)
            continue
        folder, sizes = found
        item.directory = str(folder)
        item.files_total = item.files_done = len(sizes)
        item.bytes_total = item.bytes_done = sum(sizes.values())
        item.keep_files(sizes)
        for state in (TransferState.LISTING, TransferState.VERIFYING, TransferState.COMPLETE):
            item.go(state)
    return others


def _sizes(folder: Path) -> dict[str, int]:
    """DICOM files directly in a folder, not through links."""
    try:
        with os.scandir(folder) as entries:
            found = [(entry.name, entry.stat(follow_symlinks=False)) for entry in entries if entry.name.endswith(".dcm")]
    except OSError:
        return {}
    return {name: status.st_size for name, status in found if stat.S_ISREG(status.st_mode)}
