"""Keeps objects for the host under numbers until the host closes them or there are too many."""

from __future__ import annotations

import itertools
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Generic, TypeVar

from IDCBrowserLib.errors import NotFoundError

T = TypeVar("T")


class Handles(Generic[T]):
    """At most ``most`` of a kind, and more than one only while they weigh no more than ``most_weight`` together: those not used longest go.

    ``gone`` is the sentence for a number that stands for nothing any more; ``gone_with`` is called with what goes, also when it is closed.
    Safe from all threads.
    """

    def __init__(self, most: int, gone: str, most_weight: float = float("inf"), gone_with: Callable[[T], object] = lambda _value: None) -> None:
        self._most = most
        self._gone = gone
        self._gone_with = gone_with
        self._most_weight = most_weight
        self._kept: OrderedDict[int, tuple[T, float]] = OrderedDict()
        self._lock = threading.Lock()
        # A number of an engine that died means nothing in the next.
        self._numbers = itertools.count(time.time_ns() // 1_000_000)

    def __len__(self) -> int:
        return len(self._kept)

    def keep(self, value: T, weight: float = 0.0) -> int:
        """Its number."""
        with self._lock:
            number = next(self._numbers)
            self._kept[number] = (value, weight)
            while len(self._kept) > self._most or (len(self._kept) > 1 and sum(kept[1] for kept in self._kept.values()) > self._most_weight):
                self._gone_with(self._kept.popitem(last=False)[1][0])
        return number

    def get(self, number: object) -> T:
        """What has this number; raises ``NotFoundError`` when it is gone."""
        with self._lock:
            if not isinstance(number, int) or number not in self._kept:
                raise NotFoundError(self._gone)
            self._kept.move_to_end(number)
            return self._kept[number][0]

    def close(self, number: int) -> None:
        """Let go of it; of one that is gone already this is no error."""
        with self._lock:
            kept = self._kept.pop(number, None)
        if kept is not None:
            self._gone_with(kept[0])
