"""What a step gives back, and the folders that it is written to."""

from __future__ import annotations

import os
import secrets
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from IDCBrowserLib.errors import StorageError


@dataclass(frozen=True)
class Made:
    """By step a document for each object of the series, JSON-able; and the files that were written."""

    documents: dict[str, list[dict[str, Any]]]
    files: list[Path] = field(default_factory=list)


def make_folder(folder: Path) -> None:
    """Raises ``StorageError``."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StorageError(f"The folder {folder} cannot be created ({error.strerror or error}). Choose another one with --to.") from error


def make_below(root: Path, folder: Path) -> None:
    """``folder`` with those between it and ``root``, none of which may be a link. Raises ``StorageError``."""
    make_folder(root)
    step = root
    for name in folder.relative_to(root).parts:
        step /= name
        try:
            if not stat.S_ISDIR(os.lstat(step).st_mode):
                raise StorageError(f"{step} is a link or a file, and only folders are written to. Remove it, or choose another folder with --to.")
        except FileNotFoundError:
            make_folder(step)
        except OSError as error:
            raise StorageError(f"{step} cannot be used ({error.strerror or error}). Choose another one with --to.") from error


@contextmanager
def making(root: Path, key: str, alone: bool) -> Iterator[Path]:
    """A folder below ``root`` for what is being written, which goes when the block ends. ``alone``: what a killed program left of it goes as well.

    Raises ``StorageError``.
    """
    make_below(root.parent, root)
    if alone:
        for left in root.glob(f"{key[:16]}-*"):
            shutil.rmtree(left, ignore_errors=True)
    folder = root / f"{key[:16]}-{secrets.token_hex(6)}"
    make_folder(folder)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
