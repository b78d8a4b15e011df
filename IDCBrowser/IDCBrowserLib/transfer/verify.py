"""Verifies a file against the size and checksum that the bucket states."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import IO, NamedTuple

from IDCBrowserLib.transfer.folders.folder import Folder, is_file
from IDCBrowserLib.transfer.listing import RemoteObject

_CHUNK = 1 << 20


class Compared(NamedTuple):
    """``problem``: why the file is not the object, "" when it is. ``by_size``: nothing but the size could be compared."""

    problem: str
    by_size: bool = False


def compare(folder: Folder, name: str, expected: RemoteObject, go_on: Callable[[], None], etag_is_md5: Callable[[], bool] = lambda: True) -> Compared:
    """Whether the file ``name`` of ``folder`` is the object. ``go_on`` is called between chunks and may raise to stop.

    Size always; MD5 where the bucket states one. Objects that were uploaded in parts have none, nor have those that are encrypted with a key of
    the bucket's owner: their ETag looks like one, and ``etag_is_md5`` is asked when it differs. Raises ``OSError`` when it cannot be read.
    """
    try:
        status = folder.status(name)
        if not is_file(status):
            return Compared("a link or folder has its name")
        if status.st_size != expected.size:
            return Compared(f"{status.st_size} bytes instead of {expected.size}")
        if not expected.md5:
            return Compared("", by_size=True)
        with folder.read(name) as file:
            same = md5_of(file, go_on) == expected.md5
    except FileNotFoundError:
        return Compared("it is not there")
    if same:
        return Compared("")
    return Compared("its content is not what the bucket states (MD5 differs)") if etag_is_md5() else Compared("", by_size=True)


def md5_of(file: IO[bytes], go_on: Callable[[], None]) -> str:
    """MD5 of what is left of a file, opened without a buffer, as hexadecimal digits."""
    digest = hashlib.md5(usedforsecurity=False)
    buffer = memoryview(bytearray(_CHUNK))
    while size := file.readinto(buffer):  # type: ignore[attr-defined]
        digest.update(buffer[:size])
        go_on()
    return digest.hexdigest()
