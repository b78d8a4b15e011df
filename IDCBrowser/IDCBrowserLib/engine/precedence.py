"""Which questions about the catalog go first: asked at once, two of them take longer than one after the other.

A click asks for much: counts, rows, then details, totals and states. What the eye is on comes first; what follows from a selection waits until it
rests, so that walking through a table with the arrow keys asks for none of it.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from IDCBrowserLib.api.method import Rank
from IDCBrowserLib.task import Task

# Rows that follow each other as fast as keys repeat (30 in a second) are one movement.
REST_S = 0.03


# However busy the others are, nobody waits for ever.
_TIMEOUT_S = {Rank.FIRST: 0.0, Rank.NEXT: 0.15, Rank.LATER: 0.6}


class Precedence:
    """``announce`` each question when it comes, ``wait`` before it is answered, ``end`` it whatever happens. Safe from all threads."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._changed = threading.Condition()
        self._under_way = dict.fromkeys(Rank, 0)
        self._last_end = float("-inf")

    def announce(self, rank: Rank) -> None:
        """From now on those of a lower rank wait for it."""
        with self._changed:
            self._under_way[rank] += 1

    def end(self, rank: Rank) -> None:
        """It was answered, refused or canceled."""
        with self._changed:
            self._under_way[rank] -= 1
            if rank is not Rank.LATER:
                self._last_end = self._clock()
            self._changed.notify_all()

    def wait(self, rank: Rank, task: Task) -> None:
        """Return when it is its turn, when it has waited long enough, or when ``task`` is canceled."""
        task.on_cancel(self._wake)
        give_up = self._clock() + _TIMEOUT_S[rank]
        with self._changed:
            while not task.cancelled:
                seconds = min(self._to_wait(rank), give_up - self._clock())
                if seconds <= 0:
                    return
                self._changed.wait(seconds)

    def _to_wait(self, rank: Rank) -> float:
        """Seconds, or until something changes."""
        if any(self._under_way[higher] for higher in Rank if higher < rank):
            return float("inf")
        return self._last_end + REST_S - self._clock() if rank is Rank.LATER else 0.0

    def _wake(self) -> None:
        with self._changed:
            self._changed.notify_all()
