"""A file is the object only when its size, and its MD5 where the bucket states one, are right."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest

from IDCBrowserLib.errors import CancelledError
from IDCBrowserLib.transfer.folders.folder import Folder
from IDCBrowserLib.transfer.listing import RemoteObject
from IDCBrowserLib.transfer.verify import compare, md5_of

CONTENT = b"what the bucket holds"
MD5 = hashlib.md5(CONTENT, usedforsecurity=False).hexdigest()


def _go_on() -> None:
    pass


def _file(folder: Path, content: bytes) -> Path:
    path = folder / "a.dcm"
    path.write_bytes(content)
    return path


def _mismatch(path: Path, expected: RemoteObject) -> str:
    with Folder.at(path.parent) as folder:
        return compare(folder, path.name, expected, _go_on).problem


def _md5_of(path: Path, go_on: Callable[[], None]) -> str:
    with path.open("rb", buffering=0) as file:
        return md5_of(file, go_on)


def _stated(size: int = len(CONTENT), md5: str = MD5) -> RemoteObject:
    return RemoteObject("u/a.dcm", "a.dcm", size, md5)


@pytest.mark.parametrize("md5", [MD5, ""])
def test_the_object_itself_is_it(md5: str, tmp_path: Path) -> None:
    assert _mismatch(_file(tmp_path, CONTENT), _stated(md5=md5)) == ""


@pytest.mark.parametrize("md5", [MD5, ""])
@pytest.mark.parametrize("difference", [-1, 1])
def test_one_byte_more_or_less_is_another_file_with_and_without_an_md5(difference: int, md5: str, tmp_path: Path) -> None:
    path = _file(tmp_path, CONTENT)
    assert _mismatch(path, _stated(len(CONTENT) + difference, md5)) == f"{len(CONTENT)} bytes instead of {len(CONTENT) + difference}"


def test_a_file_of_the_right_size_and_another_content_is_another_file_where_an_md5_is_stated(tmp_path: Path) -> None:
    path = _file(tmp_path, CONTENT[::-1])
    assert "MD5 differs" in _mismatch(path, _stated())
    assert _mismatch(path, _stated(md5="")) == "", "an object that was uploaded in parts can only be compared by size"


def test_a_file_that_is_gone_is_not_it(tmp_path: Path) -> None:
    assert _mismatch(tmp_path / "none.dcm", _stated()) == "it is not there"


def test_a_link_to_the_object_is_not_it(tmp_path: Path) -> None:
    (tmp_path / "link.dcm").symlink_to(_file(tmp_path, CONTENT))
    assert _mismatch(tmp_path / "link.dcm", _stated()) == "a link or folder has its name"


def test_an_empty_object_is_an_empty_file(tmp_path: Path) -> None:
    nothing = hashlib.md5(b"", usedforsecurity=False).hexdigest()
    assert _mismatch(_file(tmp_path, b""), _stated(0, nothing)) == ""
    assert _mismatch(_file(tmp_path, b"x"), _stated(0, nothing)) == "1 bytes instead of 0"


@pytest.mark.parametrize("size", [0, 1, (1 << 20) - 1, 1 << 20, (1 << 20) + 1, 5 << 19])
def test_the_md5_is_that_of_the_whole_content_whatever_its_length(size: int, tmp_path: Path) -> None:
    content = bytes(number % 251 for number in range(1000)) * (size // 1000 + 1)
    content = content[:size]
    assert _md5_of(_file(tmp_path, content), _go_on) == hashlib.md5(content, usedforsecurity=False).hexdigest()


def test_a_long_file_can_be_given_up_while_it_is_read(tmp_path: Path) -> None:
    asked: list[None] = []

    def stop() -> None:
        asked.append(None)
        if len(asked) == 2:
            raise CancelledError

    with pytest.raises(CancelledError):
        _md5_of(_file(tmp_path, bytes(3 << 20)), stop)
    assert len(asked) == 2
