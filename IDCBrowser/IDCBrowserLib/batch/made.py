"""What a step gives back, and putting it where it belongs."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import stat
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from IDCBrowserLib.dicom.regular_file import read_regular
from IDCBrowserLib.errors import IDCBrowserError, StorageError
from IDCBrowserLib.whole_file import whole_file

_MOST_BYTES = 256 << 20


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


def put_in_place(files: Sequence[Path], receipt: Path, making_folder: Path) -> list[Path]:
    """Move ``files`` beside ``receipt``, which says before what is to come, so that after a crash it is known whose it is.

    A file of that name which no receipt names, or which was changed since, is the user's and stays. Raises ``StorageError``.
    """
    known = _recorded(receipt)
    targets = [receipt.with_name(file.name) for file in files]
    for target in (*targets, receipt):
        _refuse_foreign(target, known)
    if not files:
        return targets
    arriving = {target.name: [*known.get(target.name, ()), file.stat().st_size] for file, target in zip(files, targets, strict=True)}
    with whole_file(receipt, forced=False, below=making_folder) as text:
        text.write(json.dumps({"key": "", "files": {}, "arriving": arriving}) + "\n")
    for file, target in zip(files, targets, strict=True):
        try:
            os.replace(file, target)
        except OSError as error:
            raise StorageError(f"{target} cannot be written ({error.strerror or error}). Choose another folder with --to.") from error
    return targets


def _recorded(receipt: Path) -> Mapping[str, Sequence[int]]:
    """Sizes by name of what a receipt says is, or was to come, beside it; the receipt itself with no sizes. Empty without one."""
    try:
        if receipt.is_symlink():
            return {}
        document = json.loads(read_regular(receipt, _MOST_BYTES, ""))
        sizes = {str(name): [int(size)] for name, size in document["files"].items()}
        for name, expected in document.get("arriving", {}).items():
            sizes[str(name)] = [*sizes.get(str(name), ()), *map(int, expected)]
        return {**sizes, receipt.name: []} if isinstance(document["key"], str) else {}
    except (IDCBrowserError, OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return {}


def _refuse_foreign(target: Path, known: Mapping[str, Sequence[int]]) -> None:
    try:
        status = os.lstat(target)
    except FileNotFoundError:
        return
    except OSError as error:
        raise StorageError(f"{target} cannot be used ({error.strerror or error}). Choose another folder with --to.") from error
    sizes = known.get(target.name)
    if sizes is None or not stat.S_ISREG(status.st_mode) or (sizes and status.st_size not in sizes):
        raise StorageError(f"{target} was not written by this batch, or was changed since, and is kept. Move or rename it, then start again.")
