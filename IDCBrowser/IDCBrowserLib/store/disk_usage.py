"""The folders and files that this program keeps besides downloads, and their size."""

from __future__ import annotations

import os
from pathlib import Path

from IDCBrowserLib import paths
from IDCBrowserLib.api.storage import KeptPlace
from IDCBrowserLib.store.walk import tree_size
from IDCBrowserLib.task import Task
from IDCBrowserLib.transfer.folders.disk import free_bytes
from IDCBrowserLib.transfer.folders.journal import default_path


def program_folders(folder: str, database_folder: str, task: Task | None = None) -> list[KeptPlace]:
    """All of them; a folder inside another one is counted for itself only."""
    task = task or Task()
    cache, indices = paths.cache_folder(), paths.cache_folder() / "indices"
    places = [
        ("downloads", os.path.abspath(folder)),
        ("database", os.path.abspath(database_folder)),
        ("catalog", str(cache)),
        ("indices", str(indices)),
    ]
    known = tuple(path for _, path in places)
    listed: list[KeptPlace] = []
    for kind, path in places:
        files, size = tree_size(path, task, tuple(other for other in known if other != path))
        listed.append({"kind": kind, "path": path, "files": files, "bytes": size, "free": free_bytes(Path(path))})
    journal = default_path()
    sizes = [_size(path) for path in (*journal.parent.glob("transfers*"), journal.parent / "cart.json") if path.is_file()]
    listed.append(
        {
            "kind": "journal",
            "path": str(journal.parent),
            "files": len(sizes),
            "bytes": sum(sizes),
            "free": free_bytes(journal.parent),
        }
    )
    return listed


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
