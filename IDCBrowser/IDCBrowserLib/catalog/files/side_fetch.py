"""Getting a side index: streamed beside its place, checked, and put there whole; or not at all.

From the checksummed mirror of idc-index-data, else from its release; or from an address or folder that the user names (no internet).
Two processes may do so at once: each writes a file of its own, and the last rename wins over an equal file.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Sequence
from pathlib import Path

from IDCBrowserLib.catalog.files import fetching
from IDCBrowserLib.catalog.files.side_indices import check_name, fault, folders, remove_other_versions
from IDCBrowserLib.errors import IDCBrowserError, NotFoundError, StorageError, TransferError
from IDCBrowserLib.network import Network
from IDCBrowserLib.task import Task
from IDCBrowserLib.whole_file import part_folder

MIRROR = "https://storage.googleapis.com/idc-index-data-artifacts/{version}/release_artifacts"
RELEASE = "https://github.com/ImagingDataCommons/idc-index-data/releases/download/{version}"


def fetch(name: str, version: str, task: Task, source: str = "", where: Sequence[Path] | None = None, network: Network | None = None) -> Path:
    """The file of a side index: the one that is here and whole, or a new one in the first folder of ``where``.

    ``source`` is the address or folder that holds ``<name>.parquet`` (and ``<name>.parquet.sha256``, if there is one); "" means IDC's own.
    A damaged file in our folder is set aside as ``<name>.parquet.damaged``. Raises ``NotFoundError``, ``TransferError`` or ``StorageError``.
    """
    check_name(name)
    searched = folders(version) if where is None else where
    for folder in searched:
        path = folder / f"{name}.parquet"
        if path.is_file() and not fault(path, version):
            return path
    target = searched[0] / f"{name}.parquet"
    sources = places(version, source)
    failures: list[IDCBrowserError] = []
    for place in sources:
        try:
            _fetch_from(place, target, version, task, network)
        except (NotFoundError, TransferError) as error:
            failures.append(error)
            continue
        remove_other_versions(target.parent)
        return target
    if len(failures) == 1:
        raise failures[0]
    raise TransferError(" ".join(str(error) for error in failures))


def places(version: str, source: str = "") -> list[str]:
    """Where a side index is looked for: the user's own address or folder alone, or IDC's two."""
    return [source] if source else [MIRROR.format(version=version), RELEASE.format(version=version)]


def announced_bytes(name: str, version: str, source: str = "", network: Network | None = None) -> int | None:
    """How large a side index is, asked without fetching it; None when nobody tells."""
    sizes = (fetching.size_of(place, f"{check_name(name)}.parquet", network) for place in places(version, source))
    return next((size for size in sizes if size is not None), None)


def _fetch_from(place: str, target: Path, version: str, task: Task, network: Network | None) -> None:
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        fetching.remove_abandoned(target.parent)
        with part_folder(fetching.TEMPORARY, target.parent) as folder:
            part = folder / target.name
            fetching.get(place, part, task, network=network)
            reason = fault(part, version)
            if reason:
                raise TransferError(f"The file {part.name} from {place} is not used: {reason}.")
            _set_aside(target)
            os.replace(part, target)
    except OSError as error:
        raise StorageError(f"The index file {target} cannot be written ({error.strerror}); check the space and permissions there.") from error


def _set_aside(target: Path) -> None:
    """What is in the way is damaged, or of another version: kept once, for whoever wants to know why."""
    with contextlib.suppress(FileNotFoundError):
        os.replace(target, target.with_name(target.name + ".damaged"))
