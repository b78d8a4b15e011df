"""Files as the record of downloads knows them, without downloading."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

from IDCBrowserLib.transfer.folders.journal import Journal, default_path


def record(folders: Iterable[Path], top: Path, journal_path: Path | None = None) -> None:
    """As if a download into ``top`` had made these folders and put in place what lies in them."""
    journal = Journal(journal_path or default_path())
    for folder in folders:
        files = [path for path in folder.iterdir() if path.is_file() and not path.is_symlink()]
        journal.add(folder, [(path.name, path.stat().st_size, path.stat().st_mtime_ns, _md5(path)) for path in files])
        journal.claim_folders(str(made) for made in (folder, *folder.parents) if made.is_relative_to(top) and made != top)
    journal.close()


def _md5(path: Path) -> str:
    return hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest()
