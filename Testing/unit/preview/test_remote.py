"""Parts of an object, of servers that know ranges and of those that send all of it."""

from __future__ import annotations

import tracemalloc
from collections.abc import Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from helpers.dicom_files import write_stack
from pydicom import dcmread

from IDCBrowserLib.cohort.attributes import read_attributes
from IDCBrowserLib.errors import TransferError
from IDCBrowserLib.preview.heads import read_head
from IDCBrowserLib.preview.objects import LocalObject
from IDCBrowserLib.preview.remote import BucketReader

SIZE = 40_000_000


class Whole:
    """A server that answers 200 with the whole object: byte ``n`` is ``n // 8192 % 251``."""

    status_code = 200
    headers: Mapping[str, str] = {}

    def session(self, _address: str) -> Whole:
        return self

    @contextmanager
    def get(self, _address: str, **_options: Any) -> Any:
        yield self

    def iter_content(self, size: int) -> Any:
        for first in range(0, SIZE, size):
            yield bytes([first // 8192 % 251]) * min(size, SIZE - first)


@pytest.mark.parametrize(("start", "stop"), [(0, 10), (8190, 8194), (35_000_000, 35_100_000), (SIZE - 5, SIZE + 5)])
def test_a_part_of_a_server_that_sends_all_is_that_part_and_the_rest_is_not_kept(start: int, stop: int) -> None:
    item = BucketReader("http://nowhere", Whole()).object_at("bucket", "key", "name", SIZE)
    tracemalloc.start()
    try:
        content = item.read(start, stop)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert content == bytes(place // 8192 % 251 for place in range(start, min(stop, SIZE)))
    assert peak < 4_000_000


def test_a_server_that_sends_all_is_not_asked_for_part_after_part() -> None:
    item = BucketReader("http://nowhere", Whole()).object_at("bucket", "key", "name", SIZE)
    assert len(item.read(35_000_000, 35_000_100)) == 100
    with pytest.raises(TransferError, match="Download the series"):
        item.read(35_000_100, 35_000_200)


class Other(Whole):
    """A server that knows ranges and sends another one than was asked for."""

    status_code = 206

    def __init__(self, stated: str) -> None:
        self.headers = {"Content-Range": stated} if stated else {}


@pytest.mark.parametrize(
    ("stated", "right"), [("bytes 100-199/40000000", True), ("bytes 10-109/40000000", False), ("bytes 1000-1/40000000", False), ("", False)]
)
def test_a_part_is_taken_only_when_the_server_says_that_it_is_that_part(stated: str, right: bool) -> None:
    item = BucketReader("http://nowhere", Other(stated)).object_at("bucket", "key", "name", SIZE)
    if right:
        assert len(item.read(100, 200)) == 100
    else:
        with pytest.raises(TransferError, match="another part"):
            item.read(100, 200)


class Answering(Other):
    """A server that answers with these bytes, and the given headers one after the other."""

    def __init__(self, content: bytes, *headers: Mapping[str, str]) -> None:
        self._content = content
        self._left = list(headers)

    @contextmanager
    def get(self, _address: str, **_options: Any) -> Any:
        self.headers = {"Content-Range": "bytes 100-199/40000000", **(self._left.pop(0) if self._left else {})}
        yield self

    def iter_content(self, size: int) -> Any:
        yield self._content


@pytest.mark.parametrize("length", [0, 1, 99])
def test_fewer_bytes_than_were_asked_for_are_no_part(length: int) -> None:
    item = BucketReader("http://nowhere", Answering(bytes(length))).object_at("bucket", "key", "name", SIZE)
    with pytest.raises(TransferError, match=f"sent {length} of 100 bytes"):
        item.read(100, 200)


def test_an_object_of_another_size_than_is_listed_is_another_object() -> None:
    server = Answering(bytes(100), {"Content-Range": "bytes 100-199/4711"})
    with pytest.raises(TransferError, match="has 4,711 bytes of the object, and 40,000,000 are listed"):
        BucketReader("http://nowhere", server).object_at("bucket", "key", "name", SIZE).read(100, 200)


def test_parts_of_two_versions_of_an_object_are_not_put_together() -> None:
    server = Answering(bytes(100), {"ETag": '"a"'}, {"ETag": '"a"'}, {"ETag": '"b"'}, {"ETag": '"b"'})
    item = BucketReader("http://nowhere", server).object_at("bucket", "key", "name", SIZE)
    assert len(item.read(100, 200)) == len(item.read(100, 200)) == 100
    with pytest.raises(TransferError, match="parts of two versions"):
        item.read(100, 200)
    assert len(item.read(100, 200)) == 100, "the next try takes the newer version"


def test_an_object_of_another_series_is_not_shown(tmp_path: Path) -> None:
    path = write_stack(tmp_path, [(0.0, 0.0, 0.0)])[0]
    uid = str(dcmread(path).SeriesInstanceUID)
    for read in (read_head, read_attributes):
        read(LocalObject(path, path.stat().st_size, uid))
        with pytest.raises(TransferError, match=r"is of another series .* than the one asked for"):
            read(LocalObject(path, path.stat().st_size, "1.2.3"))
