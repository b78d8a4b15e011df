"""Getting a side index: streamed beside its place, checked, and put there whole; or not at all.

From the checksummed mirror of idc-index-data, else from its release; or from an address or folder that the user names (no internet).
Two processes may do so at once: each writes a file of its own, and the last rename wins over an equal file.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import shutil
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from IDCBrowserLib.catalog.side_indices import check_name, fault, folders, remove_other_versions
from IDCBrowserLib.errors import IDCBrowserError, NotFoundError, StorageError, TransferError
from IDCBrowserLib.network import Network, describe_failure
from IDCBrowserLib.task import Progress, Task

MIRROR = "https://storage.googleapis.com/idc-index-data-artifacts/{version}/release_artifacts"
RELEASE = "https://github.com/ImagingDataCommons/idc-index-data/releases/download/{version}"

_TEMPORARY = ".fetching-"
_ABANDONED_S = 3600
_BLOCK = 1 << 18
_MOST_BYTES = 20_000_000_000
_SHA256 = re.compile(r"\b[0-9a-fA-F]{64}\b")


def fetch(
    name: str, version: str, task: Task, source: str = "", where: Sequence[Path] | None = None, network: Network | None = None
) -> Path:
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
    sources = [source] if source else [MIRROR.format(version=version), RELEASE.format(version=version)]
    failures: list[IDCBrowserError] = []
    for place in sources:
        try:
            _fetch_from(place, target, version, task, network or Network())
        except (NotFoundError, TransferError) as error:
            failures.append(error)
            continue
        remove_other_versions(target.parent)
        return target
    if len(failures) == 1:
        raise failures[0]
    raise TransferError(" ".join(str(error) for error in failures))


def _fetch_from(place: str, target: Path, version: str, task: Task, network: Network) -> None:
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        _remove_abandoned(target.parent)
        with tempfile.TemporaryDirectory(prefix=_TEMPORARY, dir=target.parent) as folder:
            part = Path(folder) / target.name
            place = place.rstrip("/")
            expected = _from_web(place, part, task, network) if _is_web(place) else _from_folder(place, part, task)
            _check(place, part, expected, version)
            _set_aside(target)
            os.replace(part, target)
    except OSError as error:
        raise StorageError(f"The side index {target} cannot be written ({error.strerror}); check the space and permissions there.") from error


def _remove_abandoned(folder: Path) -> None:
    """What a process that was killed left behind."""
    for path in folder.glob(f"{_TEMPORARY}*"):
        with contextlib.suppress(OSError):
            if path.stat().st_mtime < time.time() - _ABANDONED_S:
                shutil.rmtree(path, ignore_errors=True)


def _is_web(place: str) -> bool:
    return place.startswith(("http://", "https://"))


def _set_aside(target: Path) -> None:
    """What is in the way is damaged, or of another version: kept once, for whoever wants to know why."""
    with contextlib.suppress(FileNotFoundError):
        os.replace(target, target.with_name(target.name + ".damaged"))


def _check(place: str, part: Path, expected: str, version: str) -> None:
    if expected and _digest(part) != expected:
        raise TransferError(f"The checksum of {part.name} from {place} is wrong: it was changed or cut off on the way. Try again.")
    reason = fault(part, version)
    if reason:
        raise TransferError(f"What came as {part.name} from {place} is not used: {reason}.")


def _digest(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()


def _from_folder(place: str, part: Path, task: Task) -> str:
    """Copy from a folder; returns the checksum beside the file, "" when there is none."""
    origin = Path(place.removeprefix("file://")).expanduser() / part.name
    if not origin.is_file():
        raise NotFoundError(f"There is no {part.name} in {origin.parent}.")
    try:
        with origin.open("rb") as file:
            _write(part, iter(lambda: file.read(_BLOCK), b""), origin.stat().st_size, task)
        checksum = origin.with_name(origin.name + ".sha256")
        return _stated(checksum.read_text(errors="replace")) if checksum.is_file() else ""
    except PermissionError as error:
        raise TransferError(f"{origin} may not be read.") from error


def _from_web(place: str, part: Path, task: Task, network: Network) -> str:
    """Download; returns the checksum the server has for it, "" when it has none."""
    import requests

    address = f"{place}/{part.name}"
    with network.session(address) as session:
        try:
            with session.get(address, stream=True, headers={"Accept-Encoding": "identity"}) as response:
                if response.status_code == 404:
                    raise NotFoundError(f"There is no {part.name} at {place}.")
                if response.status_code != 200:
                    raise TransferError(f"{address} was refused (HTTP {response.status_code}); try again later.")
                length = response.headers.get("Content-Length", "")
                size = int(length) if length.isdecimal() else None
                got = _write(part, response.iter_content(_BLOCK), size, task)
            if size is not None and got != size:
                raise TransferError(f"{address} was cut off after {got:,} of {size:,} bytes; try again.")
            with session.get(f"{address}.sha256", stream=True) as response:
                return _stated(response.raw.read(1000).decode("ascii", "replace")) if response.status_code == 200 else ""
        except requests.exceptions.RequestException as error:
            task.raise_if_cancelled()
            raise TransferError(f"{part.name} was not fetched from {place}. {describe_failure(error, address, network)}") from error


def _stated(text: str) -> str:
    found = _SHA256.search(text)
    return found.group().lower() if found else ""


def _write(part: Path, blocks: Iterator[bytes], size: int | None, task: Task) -> int:
    step, done = f"Fetching {part.stem}", 0
    with part.open("wb") as file:
        for block in blocks:
            task.raise_if_cancelled()
            done += len(block)
            if done > (size or _MOST_BYTES):
                raise TransferError(f"More than the announced bytes came for {part.name}; it is not used.")
            file.write(block)
            task.report(Progress(step, done, size, "B"))
        file.flush()
        os.fsync(file.fileno())
    task.raise_if_cancelled()
    return done
