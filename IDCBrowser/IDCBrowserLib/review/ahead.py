"""Which entries are fetched while one is looked at, and what goes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from IDCBrowserLib.review.answers import Item

MOST_AHEAD = 20
# The one before stays: "previous" is one key as well.
_BEHIND = 1


def to_fetch(near: Sequence[Item], entry: int, ahead: int, cap_bytes: int) -> list[Item]:
    """``entry`` itself, and of the ``ahead`` next ones as many as fit below the cap together with what is kept of the others in reach.

    ``near`` holds at least the entries from the one before to the last one ahead.
    """
    by_number = {item.number: item for item in near}
    room = cap_bytes - sum(_bytes(item) for item in near if entry - _BEHIND <= item.number <= entry)
    found = [by_number[entry]] if entry in by_number else []
    for number in range(entry + 1, entry + ahead + 1):
        item = by_number.get(number)
        if item is None or _bytes(item) > room:
            break
        room -= _bytes(item)
        found.append(item)
    return found


def to_remove(fetched: Sequence[tuple[str, int, int]], near: Mapping[int, Item], entry: int, ahead: int) -> list[str]:
    """Series that the list fetched (UID, entry, bytes) for entries that are out of reach, and that no entry in reach holds."""
    reach = range(entry - _BEHIND, entry + ahead + 1)
    needed = {one.series_uid for number in reach if number in near for one in near[number].series}
    return [uid for uid, number, _ in fetched if number not in reach and uid not in needed]


def _bytes(item: Item) -> int:
    return sum(one.bytes for one in item.series)
