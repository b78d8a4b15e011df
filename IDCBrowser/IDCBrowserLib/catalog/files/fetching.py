"""One file from a server or a folder, streamed beside its place and checked; for the files that IDC publishes with their checksums."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from IDCBrowserLib.errors import NotFoundError, TransferError
from IDCBrowserLib.network import Network
from IDCBrowserLib.network_failure import describe_failure, raise_for_proxy
from IDCBrowserLib.stall_timeout import STALL_S, Heartbeat, StalledError, blocks_of, small_answer, with_stall_timeout
from IDCBrowserLib.task import Progress, Task

TEMPORARY = ".fetching-"
_ABANDONED_S = 3600
_BLOCK = 1 << 18
_WEB_BLOCK = 1 << 14
# Of the checksum beside a file.
_MOST_STATED = 10_000
_LENGTH = re.compile(r"[0-9]{1,15}")
_MOST_BYTES = 20_000_000_000
_SHA256 = re.compile(r"\b[0-9a-fA-F]{64}\b")

# How many bytes are here, and how many there are if that is known.
OnBytes = Callable[[int, "int | None"], None]


def get(place: str, part: Path, task: Task, on_bytes: OnBytes | None = None, network: Network | None = None) -> None:
    """Bring ``<place>/<name of part>`` to ``part``; ``place`` is an address or a folder. A checksum beside it (``.sha256``) has to fit.

    Raises ``NotFoundError`` when it is not there, ``TransferError`` for whatever else is wrong with it, ``CancelledError``, ``OSError``.
    """
    place = place.rstrip("/")
    tell = on_bytes or (lambda done, size: task.report(Progress(f"Fetching {part.stem}", done, size, "B")))
    expected = _from_web(place, part, task, tell, network or Network()) if is_web(place) else _from_folder(place, part, task, tell)
    if expected and digest(part) != expected:
        raise TransferError(f"The checksum of {part.name} from {place} is wrong: the file was changed or truncated during the transfer. Try again.")


def size_of(place: str, name: str, network: Network | None = None, go_on: Callable[[], None] = lambda: None) -> int | None:
    """Bytes of ``<place>/<name>`` without fetching it; None when that cannot be told. ``go_on`` is called often and may raise to stop."""
    import requests

    if not is_web(place):
        with contextlib.suppress(OSError):
            return (_folder(place) / name).stat().st_size
        return None
    address = f"{place.rstrip('/')}/{name}"
    try:
        return with_stall_timeout(lambda _heartbeat: _announced(address, network or Network()), STALL_S, go_on)
    except (requests.exceptions.RequestException, StalledError, UnicodeError):
        return None


def _announced(address: str, network: Network) -> int | None:
    with (
        network.session(address) as session,
        session.head(address, allow_redirects=True, headers={"Accept-Encoding": "identity"}) as response,
    ):
        length = response.headers.get("Content-Length", "")
        return int(length) if response.status_code == 200 and _LENGTH.fullmatch(length) else None


def is_web(place: str) -> bool:
    """Whether a place is an address rather than a folder."""
    return place.startswith(("http://", "https://"))


def remove_abandoned(folder: Path) -> None:
    """What a process that was killed left behind."""
    for path in folder.glob(f"{TEMPORARY}*"):
        with contextlib.suppress(OSError):
            if path.stat().st_mtime < time.time() - _ABANDONED_S:
                shutil.rmtree(path, ignore_errors=True)


def digest(path: Path) -> str:
    """SHA-256 of a file, in lower case."""
    found = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            found.update(block)
    return found.hexdigest()


def _folder(place: str) -> Path:
    return Path(place.removeprefix("file://")).expanduser()


def _from_folder(place: str, part: Path, task: Task, tell: OnBytes) -> str:
    """Copy from a folder; returns the checksum beside the file, "" when there is none."""
    origin = _folder(place) / part.name
    if not origin.is_file():
        raise NotFoundError(f"There is no {part.name} in {origin.parent}.")
    try:
        with origin.open("rb") as file:
            _write(part, iter(lambda: file.read(_BLOCK), b""), origin.stat().st_size, task, tell)
        checksum = origin.with_name(origin.name + ".sha256")
        return _stated(checksum.read_text(errors="replace")) if checksum.is_file() else ""
    except PermissionError as error:
        raise TransferError(f"{origin} cannot be read (no permission).") from error


def _from_web(place: str, part: Path, task: Task, tell: OnBytes, network: Network) -> str:
    """Download; returns the checksum the server has for it, "" when it has none."""
    import requests

    address, not_fetched = f"{place}/{part.name}", f"{part.name} was not fetched from {place}."
    try:
        return with_stall_timeout(lambda heartbeat: _download(address, part, task, tell, network, heartbeat), STALL_S, task.raise_if_cancelled)
    except StalledError as error:
        raise TransferError(f"{not_fetched} The server sends hardly anything ({STALL_S:g} s without progress); try again later.") from error
    except (requests.exceptions.RequestException, UnicodeError) as error:
        task.raise_if_cancelled()
        raise TransferError(f"{not_fetched} {describe_failure(error, address, network)}") from error


def _download(address: str, part: Path, task: Task, tell: OnBytes, network: Network, heartbeat: Heartbeat) -> str:
    with network.session(address) as session:
        with session.get(address, stream=True, headers={"Accept-Encoding": "identity"}) as response:
            heartbeat()
            raise_for_proxy(response)
            if response.status_code == 404:
                raise NotFoundError(f"There is no {part.name} at {address.rpartition('/')[0]}.")
            if response.status_code != 200:
                raise TransferError(f"{address} was refused (HTTP {response.status_code}); try again later.")
            length = response.headers.get("Content-Length", "")
            size = int(length) if _LENGTH.fullmatch(length) else None
            got = _write(part, blocks_of(response, _WEB_BLOCK, heartbeat), size, task, tell)
        if size is not None and got != size:
            raise TransferError(f"{address} was truncated after {got:,} of {size:,} bytes. Try again.")
        with session.get(f"{address}.sha256", stream=True) as response:
            heartbeat()
            stated = small_answer(response, _MOST_STATED, heartbeat) if response.status_code == 200 else None
            return _stated(stated.decode("ascii", "replace")) if stated is not None else ""


def _stated(text: str) -> str:
    found = _SHA256.search(text)
    return found.group().lower() if found else ""


def _write(part: Path, blocks: Iterator[bytes], size: int | None, task: Task, tell: OnBytes) -> int:
    done = 0
    with part.open("wb") as file:
        for block in blocks:
            task.raise_if_cancelled()
            done += len(block)
            if done > (size or _MOST_BYTES):
                raise TransferError(f"{part.name} is larger than announced, so it is not used.")
            file.write(block)
            tell(done, size)
        file.flush()
        os.fsync(file.fileno())
    task.raise_if_cancelled()
    return done
