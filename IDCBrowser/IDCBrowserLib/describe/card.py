"""What is told about one object."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeVar

from IDCBrowserLib.dicom.elements import Elements, quoted, tag_text
from IDCBrowserLib.errors import ConversionError
from IDCBrowserLib.safe_text import one_line

T = TypeVar("T")
# No millimeters, grays, seconds or hertz of an object come near.
_MOST = 1e9
# Characters of a line.
_LONGEST = 300


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
        self.items.append((shown(label), shown(str(value))))
        if key:
            self.details[key] = value

    def numbers(self, root: Elements, label: str, tag: int, key: str = "", least: float = -_MOST) -> None:
        """An item of an element of numbers (DS), as they are written; a sentence instead where they are none, or below ``least``."""
        text = root.text(tag)
        values = [number(part) for part in text.split("\\")] if text else []
        if all(value is not None and value >= least for value in values):
            self.add(label, ", ".join(f"{value:.9g}" for value in values if value is not None))
            if key and text:
                self.details[key] = ", ".join(text.split("\\"))
        else:
            self.warn(root, tag, label.partition(" (")[0])

    def warn(self, root: Elements, tag: int, what: str) -> None:
        """Say that a value makes no sense."""
        self.warnings.append(f"{root.stream.path}: {what} {tag_text(tag)} is {quoted(root.raw(tag).strip(b' '))}, which makes no sense.")

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


def number(text: str) -> float | None:
    """Of a decimal string; None for what is no number, and for what no quantity reaches."""
    try:
        value = float(text)
    except ValueError:
        return None
    return value if abs(value) < _MOST else None


def amount(value: float) -> str:
    """With three or more digits, never with an exponent unless it is tiny."""
    if abs(value) < 1000:
        return f"{value:.3g}"
    return f"{value:,.0f}" if abs(value) >= 10_000 else f"{value:.0f}"


def listed(text: str) -> str:
    """The values of an element with a comma between; empty ones are left out."""
    return ", ".join(part.strip() for part in text.split("\\") if part.strip())


def shown(text: str) -> str:
    """As one line that is not endless."""
    line = one_line(text)
    return line if len(line) <= _LONGEST else f"{line[:_LONGEST]}..."
