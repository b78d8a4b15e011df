"""Parts of an object, of servers that know ranges and of those that send all of it."""

from __future__ import annotations

import tracemalloc
from contextlib import contextmanager
from typing import Any

import pytest

from IDCBrowserLib.errors import TransferError
from IDCBrowserLib.preview.remote import BucketReader

SIZE = 40_000_000


class Whole:
    """A server that answers 200 with the whole object: byte ``n`` is ``n // 8192 % 251``."""

    status_code = 200

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
    ("stated", "right"), [("bytes 100-199/40000000", True), ("bytes 10-109/40000000", False), ("bytes 1000-1/9", False), ("", False)]
)
def test_a_part_is_taken_only_when_the_server_says_that_it_is_that_part(stated: str, right: bool) -> None:
    item = BucketReader("http://nowhere", Other(stated)).object_at("bucket", "key", "name", SIZE)
    if right:
        assert len(item.read(100, 200)) == 100
    else:
        with pytest.raises(TransferError, match="another part"):
            item.read(100, 200)
