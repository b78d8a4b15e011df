"""What is told about one object."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeVar

from IDCBrowserLib.errors import ConversionError

T = TypeVar("T")


class Reference(NamedTuple):
    """Objects of one series that an object refers to; ``relation`` in words ("drawn on"). Empty strings where it is not stated."""

    relation: str
    series_uid: str
    sop_class_uid: str
    sop_instance_uids: tuple[str, ...]


@dataclass
class Card:
    """``text``: one line without the kind ("22 measurements of 1 segment"). ``items``: label and value; ``details``: the same for programs.

    ``title`` replaces the series description where the object has a better one. ``warnings`` are sentences.
    """

    text: str = ""
    title: str = ""
    items: list[tuple[str, str]] = field(default_factory=list)
    details: dict[str, Any] = field(default_factory=dict)
    references: Sequence[Reference] = ()
    warnings: list[str] = field(default_factory=list)

    def add(self, label: str, value: object, key: str = "") -> None:
        """An item, unless it is empty; with a ``key`` also a detail."""
        if value is None or value in ("", ()):
            return
        self.items.append((label, str(value)))
        if key:
            self.details[key] = value

    def value(self, read: Callable[[int], T], tag: int) -> T | None:
        """What ``read`` gives for an element; of one that makes no sense None and a warning, so that it costs nothing else of the card."""
        try:
            return read(tag)
        except ConversionError as error:
            self.warnings.append(str(error))
            return None

    def put(self, details: Mapping[str, Any]) -> None:
        """Details that are not shown as items."""
        self.details.update(details)


def whole_number(text: str) -> int | None:
    """Of digits; None for others, and for more than any object counts."""
    return int(text) if text.isdecimal() and len(text) < 10 else None
