"""Checking a file against what the bucket says about it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import IO

from IDCBrowserLib.transfer.folder import Folder, is_file
from IDCBrowserLib.transfer.listing import RemoteObject

_CHUNK = 1 << 20


def mismatch(folder: Folder, name: str, expected: RemoteObject, go_on: Callable[[], None]) -> str:
    """Why the file ``name`` of ``folder`` is not the object, or "" when it is. ``go_on`` is called between chunks and may raise to stop.

    Size always; MD5 where the bucket states one (objects that were uploaded in parts have none). Raises ``OSError`` when it cannot be read.
    """
    try:
        status = folder.status(name)
        if not is_file(status):
            return "a link or folder has its name"
        if status.st_size != expected.size:
            return f"{status.st_size} bytes instead of {expected.size}"
        if expected.md5:
            with folder.read(name) as file:
                if md5_of(file, go_on) != expected.md5:
                    return "its content is not what the bucket states (MD5 differs)"
    except FileNotFoundError:
        return "it is not there"
    return ""


def md5_of(file: IO[bytes], go_on: Callable[[], None]) -> str:
    """MD5 of what is left of a file, opened without a buffer, as hexadecimal digits."""
    digest = hashlib.md5(usedforsecurity=False)
    buffer = memoryview(bytearray(_CHUNK))
    while size := file.readinto(buffer):  # type: ignore[attr-defined]
        digest.update(buffer[:size])
        go_on()
    return digest.hexdigest()
