"""Checking a file against what the bucket says about it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

from IDCBrowserLib.transfer.listing import RemoteObject

_CHUNK = 1 << 20


def mismatch(path: Path, expected: RemoteObject, go_on: Callable[[], None]) -> str:
    """Why the file is not the object, or "" when it is. ``go_on`` is called between chunks and may raise to stop.

    Size always; MD5 where the bucket states one (objects that were uploaded in parts have none).
    """
    try:
        size = path.stat().st_size
        if size != expected.size:
            return f"{size} bytes instead of {expected.size}"
        if expected.md5 and md5_of(path, go_on) != expected.md5:
            return "its content is not what the bucket states (MD5 differs)"
    except FileNotFoundError:
        return "it is not there"
    return ""


def md5_of(path: Path, go_on: Callable[[], None]) -> str:
    """MD5 of a file's content, as hexadecimal digits."""
    digest = hashlib.md5(usedforsecurity=False)
    buffer = memoryview(bytearray(_CHUNK))
    with path.open("rb", buffering=0) as file:
        while size := file.readinto(buffer):
            digest.update(buffer[:size])
            go_on()
    return digest.hexdigest()
