"""Pictures that were made, kept on the disk by series version; those not looked at for longest go first."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import tempfile
from pathlib import Path

from IDCBrowserLib.preview.picture import Picture, png_description, to_png

# Raise it when the same series would give another picture.
_FORM = 1
_MAX_FILES = 1000
_MAX_BYTES = 100_000_000
_HEAD_BYTES = 4096
_NAME = re.compile(r"[0-9A-Za-z.-]{1,80}")
_MAKING = ".making-"
_OURS = re.compile(rf"{_NAME.pattern}-[0-9]+\.png|{re.escape(_MAKING)}[a-z0-9_]{{8}}")


class PictureCache:
    """In ``folder``, at most ``max_files`` pictures and ``max_bytes`` bytes. A cache that cannot be written is no error: nothing is kept then."""

    def __init__(self, folder: Path, max_files: int = _MAX_FILES, max_bytes: int = _MAX_BYTES) -> None:
        self._folder = folder
        self._max_files = max_files
        self._max_bytes = max_bytes

    def find(self, series_uuid: str) -> tuple[Path, str] | None:
        """The file of a series version and its description; None when there is none, or a damaged one."""
        if not series_uuid:
            # Of a further index file; all of these have the same name.
            return None
        path = self._path(series_uuid)
        try:
            with path.open("rb") as file:
                description = png_description(file.read(_HEAD_BYTES))
            if description is not None:
                os.utime(path)
                return path, description
        except OSError:
            pass
        return None

    def keep(self, series_uuid: str, picture: Picture) -> Path:
        """Write it, whole or not at all, and remove the oldest beyond the bounds. Raises ``OSError``."""
        path = self._path(series_uuid)
        self._folder.mkdir(parents=True, exist_ok=True)
        handle, part = tempfile.mkstemp(prefix=_MAKING, dir=self._folder)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(to_png(picture))
            os.replace(part, path)
        except BaseException:
            with contextlib.suppress(OSError):
                os.unlink(part)
            raise
        self._shrink(path)
        return path

    def _path(self, series_uuid: str) -> Path:
        # The name comes from an index file.
        name = series_uuid if _NAME.fullmatch(series_uuid) else hashlib.sha256(series_uuid.encode("utf-8", "surrogatepass")).hexdigest()
        return self._folder / f"{name}-{_FORM}.png"

    def _shrink(self, newest: Path) -> None:
        with contextlib.suppress(OSError):
            files = [(entry.stat().st_mtime_ns, entry.stat().st_size, entry.path) for entry in os.scandir(self._folder) if _is_ours(entry)]
            files = sorted((file for file in files if file[2] != str(newest)), reverse=True)
            size = newest.stat().st_size
            for number, (_time, bytes_, path) in enumerate(files, 2):
                size += bytes_
                if number > self._max_files or size > self._max_bytes:
                    with contextlib.suppress(OSError):
                        os.unlink(path)


def _is_ours(entry: os.DirEntry[str]) -> bool:
    """A picture of this or an earlier version, or one that a kill left half written; what else lies there is somebody's."""
    return _OURS.fullmatch(entry.name) is not None and entry.is_file(follow_symlinks=False)
