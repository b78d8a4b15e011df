"""A folder that is held open: what is done in it happens in that very folder, whatever becomes of its path meanwhile, and no link is followed.

POSIX has calls for that (openat(2), unlinkat(2), renameat(2), with ``O_NOFOLLOW``). Windows has not: there each step first looks at every folder from
the top on, and refuses links and mount points.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import IO

from IDCBrowserLib.errors import StorageError

HAS_HANDLES = os.open in os.supports_dir_fd and os.rename in os.supports_dir_fd and hasattr(os, "O_DIRECTORY")
# Nothing where the system has no such thing.
_NOFOLLOW, _NONBLOCK, _BINARY = (getattr(os, name, 0) for name in ("O_NOFOLLOW", "O_NONBLOCK", "O_BINARY"))
# IO_REPARSE_TAG_SYMLINK and IO_REPARSE_TAG_MOUNT_POINT; other reparse points (files kept online) are no links.
_LINK_TAGS = frozenset({0xA000000C, 0xA0000003})
_LET_GO = -1
_NO_LINKS_HERE = frozenset({errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EMLINK, errno.ENOSYS, errno.EINVAL})


class LinkError(StorageError):
    """A link, or something else that is not a folder, stands where one is needed."""


class NotAFileError(OSError):
    """A link, folder, pipe or device stands where a file is needed."""


class Folder:
    """``path`` is for messages and for programs that need one. Errors are ``OSError``, and ``LinkError`` for what is not followed."""

    def __init__(self, path: str, handle: int | None, above: Folder | None = None) -> None:
        self.path = path
        self._handle = handle
        self._above = above if handle is None else None

    @classmethod
    def at(cls, path: str | Path, handles: bool = HAS_HANDLES) -> Folder:
        """The folder that a user named: links in the path to it are followed, once and now."""
        real = os.path.realpath(path)
        if handles:
            return cls(real, _open_folder(real, None, real))
        _check_folder(os.lstat(real), real)
        return cls(real, None)

    def folder(self, name: str) -> Folder:
        """The folder of that name in this one."""
        path = os.path.join(self.path, name)
        if self._handle is not None:
            return Folder(path, _open_folder(name, self._handle, path))
        _check_folder(self.status(name), path)
        return Folder(path, None, self)

    def below(self, relative: str) -> Folder:
        """The folder ``a/b/c`` below this one."""
        return self._descend(relative, None)

    def make_below(self, relative: str, made: list[str]) -> Folder:
        """The same, making what is missing; paths of folders that were made are added to ``made``."""
        return self._descend(relative, made)

    def _descend(self, relative: str, made: list[str] | None) -> Folder:
        inner = self
        for name in relative.split("/"):
            if name in ("", ".", "..") or os.sep in name:
                raise LinkError(f"{relative} is not a folder below {self.path}.")
            outer = inner
            try:
                if made is not None and outer.make_folder(name):
                    made.append(os.path.join(outer.path, name))
                inner = outer.folder(name)
            finally:
                if outer is not self:
                    outer._let_go()
        return inner

    # What lies in it

    def names(self) -> list[str]:
        """All names, sorted."""
        if self._handle == _LET_GO:
            # Python would list the working folder.
            raise OSError(errno.EBADF, os.strerror(errno.EBADF), self.path)
        return sorted(os.listdir(self._handle if self._handle is not None else self._checked()))

    def status(self, name: str) -> os.stat_result:
        """Of the thing itself, not of what it links to."""
        if self._handle is not None:
            return os.stat(name, dir_fd=self._handle, follow_symlinks=False)
        return os.lstat(os.path.join(self._checked(), name))

    def has(self, name: str) -> bool:
        """Whether anything has that name, be it a link that leads nowhere."""
        try:
            self.status(name)
        except FileNotFoundError:
            return False
        return True

    # Files

    def read(self, name: str) -> IO[bytes]:
        """A regular file, unbuffered; raises ``NotAFileError`` for anything else, without waiting for it."""
        flags = os.O_RDONLY | _NOFOLLOW | _NONBLOCK | _BINARY
        return self._file(name, flags, "rb")

    def create(self, name: str) -> IO[bytes]:
        """A file that was not there, unbuffered, to write, also to read again."""
        flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | _NOFOLLOW | _BINARY
        return self._file(name, flags, "r+b")

    def change(self, name: str) -> IO[bytes]:
        """A regular file that is there, unbuffered, to read and write."""
        flags = os.O_RDWR | _NOFOLLOW | _NONBLOCK | _BINARY
        return self._file(name, flags, "r+b")

    def _file(self, name: str, flags: int, mode: str) -> IO[bytes]:
        path = os.path.join(self.path, name)
        try:
            if self._handle is None and not flags & os.O_EXCL:
                _check_file(self.status(name), path)
            opened = os.open(name, flags, 0o666, dir_fd=self._handle) if self._handle is not None else os.open(path, flags, 0o666)
        except OSError as error:
            if error.errno in (errno.ELOOP, errno.ENXIO, errno.EISDIR):
                raise NotAFileError(error.errno, "is not a file", path) from error
            error.filename = path
            raise
        try:
            _check_file(os.fstat(opened), path)
            return os.fdopen(opened, mode, buffering=0)
        except BaseException:
            os.close(opened)
            raise

    def remove(self, name: str) -> None:
        """Delete a file or a link, never what it leads to."""
        if self._handle is not None:
            os.unlink(name, dir_fd=self._handle)
        else:
            os.unlink(os.path.join(self._checked(), name))

    def replace(self, name: str, to: Folder, new: str) -> None:
        """Move a file into another folder, in place of the regular file that is there, if any. Raises ``NotAFileError`` for another thing there."""
        with contextlib.suppress(FileNotFoundError):
            _check_file(to.status(new), os.path.join(to.path, new))
        if self._handle is not None and to._handle is not None:
            os.replace(name, new, src_dir_fd=self._handle, dst_dir_fd=to._handle)
        else:
            os.replace(os.path.join(self._checked(), name), os.path.join(to._checked(), new))

    def move(self, name: str, to: Folder, new: str) -> None:
        """Move a file into another folder of the same disk; raises ``FileExistsError`` when the name is taken there, whatever it is."""
        if self._handle is None or to._handle is None:
            if to.has(new):
                raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), os.path.join(to.path, new))
            os.rename(os.path.join(self._checked(), name), os.path.join(to._checked(), new))
            return
        try:
            os.link(name, new, src_dir_fd=self._handle, dst_dir_fd=to._handle, follow_symlinks=False)
        except OSError as error:
            if error.errno not in _NO_LINKS_HERE:
                raise
            # Disks such as exFAT know no second name of a file.
            if to.has(new):
                raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), os.path.join(to.path, new)) from error
            os.rename(name, new, src_dir_fd=self._handle, dst_dir_fd=to._handle)
        else:
            os.unlink(name, dir_fd=self._handle)

    # Folders

    def make_folder(self, name: str, mode: int = 0o777) -> bool:
        """False when something of that name is there."""
        try:
            if self._handle is not None:
                os.mkdir(name, mode, dir_fd=self._handle)
            else:
                os.mkdir(os.path.join(self._checked(), name), mode)
        except FileExistsError:
            return False
        return True

    def remove_folder(self, name: str) -> bool:
        """Remove an empty folder; False when it is not empty, no folder, or cannot be removed. A folder that is gone is removed."""
        try:
            if self._handle is not None:
                os.rmdir(name, dir_fd=self._handle)
            else:
                _check_folder(self.status(name), os.path.join(self.path, name))
                os.rmdir(os.path.join(self.path, name))
        except FileNotFoundError:
            return True
        except (OSError, LinkError):
            return False
        return True

    # Holding it

    def close(self) -> None:
        """Let go of it."""
        self._let_go()

    def __enter__(self) -> Folder:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._let_go()

    def _let_go(self) -> None:
        handle, self._handle = self._handle, None
        if handle is not None:
            os.close(handle)
            self._handle = _LET_GO

    def _checked(self) -> str:
        """Its path, without handles: after looking at each folder from the top on."""
        if self._above is not None:
            self._above._checked()
        _check_folder(os.lstat(self.path), self.path)
        return self.path


@contextlib.contextmanager
def held(top: Folder, relative: str) -> Iterator[Folder | None]:
    """The folder ``a/b/c`` below ``top`` while the block runs; None when it is not there or only through a link."""
    try:
        folder = top.below(relative)
    except (OSError, LinkError):
        yield None
        return
    with folder:
        yield folder


def is_link(status: os.stat_result) -> bool:
    """Whether that is a link, or what Windows has of that kind."""
    return stat.S_ISLNK(status.st_mode) or getattr(status, "st_reparse_tag", 0) in _LINK_TAGS


def is_file(status: os.stat_result) -> bool:
    """Whether that is a regular file and nothing else."""
    return stat.S_ISREG(status.st_mode) and not is_link(status)


def is_folder(status: os.stat_result) -> bool:
    """Whether that is a folder and no link to one."""
    return stat.S_ISDIR(status.st_mode) and not is_link(status)


def _open_folder(name: str, inside: int | None, path: str) -> int:
    try:
        return os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=inside)
    except OSError as error:
        if error.errno in (errno.ENOTDIR, errno.ELOOP):
            _check_folder(os.stat(name, dir_fd=inside, follow_symlinks=False), path)
        error.filename = path
        raise


def _check_folder(status: os.stat_result, path: str) -> None:
    if is_link(status):
        raise LinkError(f"{path} is a link, and links are not followed here; remove it or choose another folder.")
    if not stat.S_ISDIR(status.st_mode):
        raise LinkError(f"{path} is a file where a folder is needed; choose another folder or rename it.")


def _check_file(status: os.stat_result, path: str) -> None:
    if not is_file(status):
        raise NotAFileError(errno.EISDIR if stat.S_ISDIR(status.st_mode) else errno.ELOOP, "is not a file", path)
