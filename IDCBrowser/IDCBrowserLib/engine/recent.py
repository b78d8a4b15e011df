"""The few things that were used last, each made when it is first asked for."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

T = TypeVar("T")


class Recent(Generic[T]):
    """At most ``most``. Safe from all threads; while one is made all others wait."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept: OrderedDict[Hashable, T] = OrderedDict()
        self._lock = threading.Lock()
        self._making = threading.Lock()

    def get(self, key: Hashable, make: Callable[[], T]) -> T:
        """What was made for this key; raises what making it raises, and then keeps nothing."""
        if (kept := self._look(key)) is not None:
            return kept[0]
        with self._making:
            # Another may have made it meanwhile.
            if (kept := self._look(key)) is not None:
                return kept[0]
            made = make()
            with self._lock:
                self._kept[key] = made
                while len(self._kept) > self._most:
                    self._kept.popitem(last=False)
            return made

    def _look(self, key: Hashable) -> tuple[T] | None:
        with self._lock:
            if key not in self._kept:
                return None
            self._kept.move_to_end(key)
            return (self._kept[key],)
