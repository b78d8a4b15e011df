"""Methods on the data on this computer: inventory, removing, cleaning up and moving."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypedDict

from IDCBrowserLib.api.method import Method
from IDCBrowserLib.api.store import LeftOut
from IDCBrowserLib.api.values import Folders, Nothing, Selection


class InventoryParameters(Folders, total=False):
    """With ``again`` also files in folders that have not changed are looked at."""

    again: bool


# Series per status, with all files and bytes.
Amounts = TypedDict(
    "Amounts",
    {"series": int, "files": int, "bytes": int, "partial": int, "on disk": int, "in database": int, "older version": int},
)


class Row(Amounts):
    """A collection, case, study or series. A *node* is ``[]`` (everything) or the first of ``[collection, case, study, folder]``.

    The UID of a study is "?" where it is unknown; studies alone have a ``date``, if it is known. ``imported`` files are in the database. Only
    series have ``SeriesInstanceUID`` and ``status``, and know how many files are ``expected``, if that is known at all.
    """

    node: Sequence[str]
    name: str
    date: str
    SeriesInstanceUID: str
    status: str
    imported: int
    expected: int | None


class KeptPlace(TypedDict):
    """``kind``: "downloads", "database", "catalog", "indices" or "journal"; ``free`` bytes on its disk."""

    kind: str
    path: str
    files: int
    bytes: int
    free: int


# kind (see ``store.leftovers.Kind``), path, label, files, bytes
Leftover = tuple[str, str, str, int, int]


class Inventory(TypedDict):
    """``inventory`` is its handle; ``rows`` are collections; ``leftovers`` and ``unreadable`` (path, reason) are at most 2,000. ``elsewhere``:
    series and files that the database has outside the folder; ``not_imported`` series are whole on the disk and not in the database.
    ``notes``: sentences to tell once, of what was put right after a crash.
    """

    inventory: int
    folder: str
    totals: Amounts
    rows: Sequence[Row]
    leftovers: Sequence[Leftover]
    leftover_count: int
    unreadable: Sequence[Sequence[str]]
    elsewhere: tuple[int, int]
    not_imported: int
    places: Sequence[KeptPlace]
    notes: Sequence[str]


INVENTORY: Method[InventoryParameters, Inventory] = Method("store.inventory", "storage")
"""Looks through the download folder. The inventory stays until the next one."""


class InventoryHandle(TypedDict):
    """What was looked up."""

    inventory: int


class RowsParameters(InventoryHandle):
    """The rows below a node."""

    node: Sequence[str]


class Rows(TypedDict):
    """Collections, cases, studies or series."""

    rows: Sequence[Row]


ROWS: Method[RowsParameters, Rows] = Method("store.inventory_rows", "query")


class NodesParameters(InventoryHandle, total=False):
    """Nothing for all nodes."""

    nodes: Sequence[Sequence[str]]


class Directories(TypedDict):
    """Folders."""

    directories: Sequence[str]


NOT_IMPORTED: Method[NodesParameters, Directories] = Method("store.not_imported", "query")
"""Folders of series that are whole on the disk and not in the database."""

DIRECTORIES: Method[NodesParameters, Directories] = Method("store.directories", "query")
"""Folders of the series below nodes."""


class Chosen(TypedDict, total=False):
    """``series`` (UIDs) or ``selections``: everything of them; or ``nodes`` or ``leftovers`` (positions) of an inventory: what lies there."""

    series: Sequence[str]
    selections: Sequence[Selection]
    inventory: int
    nodes: Sequence[Sequence[str]]
    leftovers: Sequence[int]


class ChosenParameters(Folders, Chosen):
    """What is meant, and where it is."""


class FolderFound(TypedDict):
    """Where the files of a choice are: their folder, or the one that all of their folders lie in; "" where nothing is here."""

    folder: str


FOLDER: Method[ChosenParameters, FolderFound] = Method("store.folder", "query")


class RemoveParameters(ChosenParameters, total=False):
    """``rows`` false: files alone, since the host has a database of its own."""

    rows: bool


class Removed(TypedDict):
    """``kept`` files lie outside the download folder or are links; ``failed``: (file, reason). Both name at most 200."""

    series: int
    files: int
    bytes: int
    kept: Sequence[str]
    kept_count: int
    failed: Sequence[Sequence[str]]
    failed_count: int


REMOVAL: Method[ChosenParameters, Removed] = Method("store.removal", "storage")
"""What ``REMOVE`` would answer; changes nothing. Refuses what a running download writes."""

REMOVE: Method[RemoveParameters, Removed] = Method("store.remove", "store")


class RowsOf(TypedDict):
    """``series`` that a database of the host has to forget, and files of them to add ``again``."""

    series: Sequence[str]
    again: Sequence[str]


ROWS_OF: Method[ChosenParameters, RowsOf] = Method("store.rows_of", "storage")


class CleanParameters(Folders):
    """Positions of leftovers that are no series."""

    inventory: int
    leftovers: Sequence[int]


CLEAN: Method[CleanParameters, Removed] = Method("store.clean", "store")


class _MoveCheckParameters(Folders):
    to: str


class MoveCheckParameters(_MoveCheckParameters, total=False):
    """The new folder; ``keep_free`` bytes of its disk stay free."""

    keep_free: int


class MovePlan(TypedDict):
    """``stay`` files belong to no series; ``needed`` bytes have to be copied, ``free`` are there."""

    to: str
    series: int
    files: int
    bytes: int
    stay: int
    same_disk: bool
    needed: int
    free: int


MOVE_CHECK: Method[MoveCheckParameters, MovePlan] = Method("store.move_check", "storage")
"""Changes nothing."""


class MoveParameters(MoveCheckParameters, total=False):
    """``rows`` false: another program keeps the database."""

    rows: bool


class Moved(MovePlan):
    """``removed`` at the old place; nothing is while there are folders that the host's database has to add ``again`` before ``MOVE_END``.

    ``left_out``: files that it did not take.
    """

    removed: Removed
    again: Sequence[str]
    left_out: Sequence[LeftOut]


MOVE: Method[MoveParameters, Moved] = Method("store.move", "store")


class MoveEnd(TypedDict):
    """What was removed at the old place."""

    removed: Removed


MOVE_END: Method[Nothing, MoveEnd] = Method("store.move_end", "store")
