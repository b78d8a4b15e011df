"""Parts of an object, of servers that know ranges and of those that send all of it."""

from __future__ import annotations

import tracemalloc
from contextlib import contextmanager
from typing import Any

import pytest

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
