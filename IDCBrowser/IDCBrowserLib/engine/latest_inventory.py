"""Keeps the latest inventory of the download folder, so that later requests can refer to parts of it."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING

from IDCBrowserLib.errors import NotFoundError

if TYPE_CHECKING:
    from IDCBrowserLib.store.inventory import Inventory, StoredSeries
    from IDCBrowserLib.store.leftovers import Leftover
    from IDCBrowserLib.store.move_record import MoveRecord
    from IDCBrowserLib.store.moving import Move
    from IDCBrowserLib.store.walk import Walker


class LatestInventory:
    """Safe to use from several lanes. A *node* is ``[]`` (everything) or the first of ``[collection, case, study, folder]``."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._numbers = itertools.count(1)
        self._number = 0
        self._walker: Walker | None = None
        self._inventory: Inventory | None = None
        self._leftovers: Sequence[Leftover] = ()
        self._move: tuple[Move, MoveRecord] | None = None

    def walker(self, again: bool) -> Walker:
        """Knows the folders it has seen; with ``again`` it looks at every file."""
        from IDCBrowserLib.store.walk import Walker

        with self._lock:
            if self._walker is None or again:
                self._walker = Walker()
            return self._walker

    def keep(self, inventory: Inventory, leftovers: Sequence[Leftover]) -> int:
        """A handle for it; the one before is forgotten."""
        with self._lock:
            self._number, self._inventory, self._leftovers = next(self._numbers), inventory, leftovers
            return self._number

    @property
    def has_inventory(self) -> bool:
        """Whether one is kept."""
        return self._inventory is not None

    def inventory(self, number: int) -> Inventory:
        """Raises ``NotFoundError`` when a newer one was taken, or the engine was started again."""
        with self._lock:
            if self._inventory is None or number != self._number:
                raise NotFoundError("The list of downloaded data has changed meanwhile. Refresh the page and select again.")
            return self._inventory

    def leftovers(self, number: int, positions: Sequence[int]) -> list[Leftover]:
        """Those at these positions of the list."""
        self.inventory(number)
        if any(not 0 <= position < len(self._leftovers) for position in positions):
            raise NotFoundError("What was chosen is not in the list any more. Look again.")
        return [self._leftovers[position] for position in positions]

    def keep_move(self, move: Move, record: MoveRecord) -> None:
        """Files are at their new place, the host's database has still to follow."""
        with self._lock:
            self._move = move, record

    def close(self) -> None:
        """A move that still waits for its end is left to the next program."""
        with self._lock:
            waiting, self._move = self._move, None
        if waiting is not None:
            waiting[1].let_go()

    @property
    def has_move(self) -> bool:
        """Whether a move waits for its end."""
        return self._move is not None

    def take_move(self) -> tuple[Move, MoveRecord]:
        """The move that waits for its end; raises ``NotFoundError`` when there is none."""
        with self._lock:
            waiting, self._move = self._move, None
        if waiting is None:
            raise NotFoundError("There is no move to finish. Move the folder again.")
        return waiting

    def series(self, number: int, nodes: Sequence[Sequence[str]]) -> list[StoredSeries]:
        """The series of nodes, each once."""
        wanted = {tuple(node) for node in nodes}
        return [item for item in self.inventory(number).series if not wanted.isdisjoint(_nodes_above(item))]


def _nodes_above(series: StoredSeries) -> set[tuple[str, ...]]:
    node = (series.collection_id, series.patient_id, series.study_uid, series.directory)
    return {node[:depth] for depth in range(len(node) + 1)}
