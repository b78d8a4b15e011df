"""The receipt of an output: a JSON file beside it, written last, which says what was made, from what, and by which rules.

A receipt with the right key and files of the sizes that it states is an output that is done, whoever made it: also the worker of a cluster whose
driver died before it could write it down. The same input gives the same bytes, so there is no time and no path in it.
"""

from __future__ import annotations

import contextlib
import json
import os
import stat
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from IDCBrowserLib.dicom.regular_file import read_regular
from IDCBrowserLib.errors import IDCBrowserError, StorageError
from IDCBrowserLib.safe_text import printable
from IDCBrowserLib.whole_file import whole_file

ENDING = ".json"
MOST_BYTES = 256 << 20


def receipt_path(folder: Path, step: str, place: str) -> Path:
    """``labelmaps/collection/case/study/SEG_1.2.3.json``."""
    return folder / step / f"{place}{ENDING}"


def read_receipt(path: Path, key: str) -> dict[str, Any] | None:
    """The receipt of an output with that key whose files are all there; None for anything else."""
    try:
        document = json.loads(read_regular(path, MOST_BYTES, ""))
        files = document["files"]
        whole = document["key"] == key and all(_is_name(name) and (path.parent / name).stat().st_size == size for name, size in files.items())
    except (IDCBrowserError, OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    return document if whole else None


def _is_name(name: str) -> bool:
    return bool(name) and os.path.basename(name) == name and name not in (".", "..")


def write_receipt(path: Path, key: str, document: Mapping[str, Any], files: Sequence[Path], making_folder: Path) -> dict[str, Any]:
    """Write the receipt of ``files``, which lie beside it and are forced to disk before. Raises ``StorageError``.

    The receipt itself is not: what a power cut takes of it is noticed by its size in the ledger, and made again.
    """
    for file in files:
        with contextlib.suppress(OSError), open(file, "rb+") as opened:
            os.fsync(opened.fileno())
    whole = {"key": key, "files": {file.name: file.stat().st_size for file in files}, **document}
    with whole_file(path, forced=False, below=making_folder) as text:
        text.write(_json(whole) + "\n")
    return whole


def _json(document: Mapping[str, Any]) -> str:
    text = json.dumps(document, ensure_ascii=False, allow_nan=False)
    # A name of a file that is no UTF-8 can be written in this form alone.
    return text if printable(text) == text else json.dumps(document, allow_nan=False)


def entry(folder: Path, path: Path, receipt: Mapping[str, Any]) -> dict[str, Any]:
    """What the ledger keeps of a receipt: its path and its files below the batch's folder, with their sizes."""
    names = {path.relative_to(folder).as_posix(): path.stat().st_size}
    names.update((path.with_name(name).relative_to(folder).as_posix(), size) for name, size in receipt["files"].items())
    return {"step": receipt["step"], "receipt": path.relative_to(folder).as_posix(), "files": names}


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
        document = json.loads(read_regular(receipt, MOST_BYTES, ""))
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
