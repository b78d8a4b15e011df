"""What the page Review shows, as values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Any

from IDCBrowserLib.api import review as api
from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.review.form import Form, Question, Value
from IDCBrowserLib.signal import Signal

# Segment ("" for the entry), question.
Key = tuple[str, str]


class Phase(str, Enum):
    """``NAMELESS``: a list is open, and the reader has not said who that is."""

    CLOSED = "closed"
    MAKING = "making"
    OPENING = "opening"
    NAMELESS = "nameless"
    FETCHING = "fetching"
    SHOWN = "shown"
    FAILED = "failed"


@dataclass(frozen=True)
class SegmentChoice:
    """One segment of the entry that can be judged. ``source`` is the name of its segmentation, "" where the entry has only one."""

    key: str
    node_id: str
    segment_id: str
    name: str
    code: str
    source: str
    color: tuple[int, int, int] = (255, 255, 255)


@dataclass(frozen=True)
class ReviewState:
    """``text`` says what is under way or went wrong; ``segment`` is the key of the one that is judged; ``active`` is the question that digits
    answer. ``note`` is about fetching ahead."""

    phase: Phase = Phase.CLOSED
    opened: api.Opened | None = None
    form: Form | None = None
    reader: str = ""
    entry: api.Entry | None = None
    text: str = ""
    note: str = ""
    answers: Mapping[Key, Value] = field(default_factory=dict)
    answered: int = 0
    segments: tuple[SegmentChoice, ...] = ()
    segment: str = ""
    active: Key | None = None
    agreement: api.Agreement | None = None
    can_correct: bool = False

    @property
    def is_open(self) -> bool:
        """Whether a list is open."""
        return self.opened is not None

    @property
    def is_blinded(self) -> bool:
        """Whether nobody is to see who made segmentations."""
        return self.opened is not None and self.opened["blinded"]

    @property
    def entries(self) -> int:
        """Of the list."""
        return self.opened["entries"] if self.opened is not None else 0

    @property
    def number(self) -> int:
        """Of the entry in sight, from 0; -1 without one."""
        return self.entry["entry"] if self.entry is not None else -1

    def choice(self, key: str) -> SegmentChoice | None:
        """The segment of a key, where the entry has it."""
        return next((one for one in self.segments if one.key == key), None)


class CurrentState:
    """The state that all parts of a review share; ``changed`` tells when it is another."""

    def __init__(self) -> None:
        self.value = ReviewState()
        self.changed: Signal[[]] = Signal()

    def set(self, **changes: Any) -> None:
        """Change some of its fields."""
        self.put(replace(self.value, **changes))

    def put(self, state: ReviewState) -> None:
        """Another state."""
        if state != self.value:
            self.value = state
            self.changed.emit()


def place_text(state: ReviewState) -> str:
    """ "7 of 120"."""
    if state.entry is None:
        return ""
    return _("{number} of {all}").format(number=f"{state.number + 1:,}", all=f"{state.entries:,}")


def digits_of(state: ReviewState) -> tuple[Key, ...]:
    """Questions that digits answer, in the order in which they are asked: of the entry, then of each segment."""
    if state.form is None:
        return ()
    keys = [("", question.key) for question in state.form.of("case") if _has_digits(question)]
    for segment in state.segments:
        keys += [(segment.key, question.key) for question in state.form.of("segment") if _has_digits(question)]
    return tuple(keys)


def value_of_digit(question: Question, digit: int) -> Value | None:
    """The rating itself; the first choice for 1; of flags no for 0 and yes for 1."""
    if question.kind == "rating":
        return digit if question.low <= digit <= question.high else None
    if question.kind == "flag":
        return (False, True)[digit] if digit < 2 else None
    return question.options[digit - 1] if 1 <= digit <= len(question.options) else None


def following(keys: Sequence[Key], after: Key) -> Key:
    """The next one; the last stays."""
    place = keys.index(after) if after in keys else -1
    return keys[min(place + 1, len(keys) - 1)] if keys else after


def _has_digits(question: Question) -> bool:
    return question.kind in ("rating", "flag") or (question.kind == "choice" and len(question.options) <= 9)
