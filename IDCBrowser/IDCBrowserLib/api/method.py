"""What a method of the engine is: its name, the types of its parameters and its result, and where it stands in the queues of the engine."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Any, Generic, TypeVar

P = TypeVar("P")
R_co = TypeVar("R_co", covariant=True)


class Rank(IntEnum):
    """Of questions about the catalog: counts and hits; rows of tables; what is said about the selected row."""

    FIRST = 0
    NEXT = 1
    LATER = 2


@dataclass(frozen=True)
class Question(Generic[R_co]):
    """A method with its parameters: what ``EngineClient.ask`` takes."""

    method: str
    params: object


@dataclass(frozen=True)
class Method(Generic[P, R_co]):
    """Called with its parameters it gives the question: ``client.ask(ROW_OF({"view": 1, "id": uid}), on_result)``.

    Lanes run side by side, the requests of one lane in turn, except that each "transfer" and each "thumbnail" has one of its own: "query" answers
    while transfers and some "work" go on. Of two lanes, the one whose question has the higher ``rank`` goes first; those without one neither wait
    nor keep others waiting. A lane has no two ranks: what waits would hold up what others wait for.

    ``is_kept``: it stores what the user said, and is answered also when the program is closed right after.
    """

    name: str
    lane: str
    rank: Rank | None = None
    is_kept: bool = False

    def __call__(self, params: P) -> Question[R_co]:
        """The question."""
        return Question(self.name, params)


AnyMethod = Method[Any, Any]
