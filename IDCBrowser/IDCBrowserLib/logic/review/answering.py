"""What a reader says of an entry and of its segments, and which question is asked next."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from IDCBrowserLib.api import review as api
from IDCBrowserLib.engine.client import EngineClient
from IDCBrowserLib.errors import IDCBrowserError
from IDCBrowserLib.logic.review.reading_time import ReadingTime
from IDCBrowserLib.logic.review.state import CurrentState, Key, SegmentChoice, digits_of, following, value_of_digit
from IDCBrowserLib.review.answers import segment_key
from IDCBrowserLib.review.form import Value
from IDCBrowserLib.scene.segments.segment_rows import SourceRow


class Answering:
    """``look`` brings a segment into sight, by the ids of its node and of itself."""

    def __init__(
        self,
        client: EngineClient,
        current: CurrentState,
        time: ReadingTime,
        look: Callable[[str, str], None],
        on_error: Callable[[IDCBrowserError], None],
    ) -> None:
        self._client, self._current, self._time, self._look, self._on_error = client, current, time, look, on_error
        # Code, or name, of the segment that was judged last.
        self._former_segment = ""

    def forget(self) -> None:
        """Another list begins."""
        self._former_segment = ""

    def answer(self, segment: str, question: str, value: Value | None) -> None:
        """Keep what the reader says; it is in the file when the engine has answered."""
        state = self._current.value
        if state.entry is None or not state.reader or state.answers.get((segment, question)) == value:
            return
        key = segment, question
        answers = {other: kept for other, kept in state.answers.items() if other != key}
        if value is not None and value != "":
            answers[key] = value
        self._current.set(answers=answers, active=self._asked_after(key), agreement=None)
        asked: api.AnswerParameters = {"reader": state.reader, "entry": state.number, "segment": segment, "question": question, "value": value}
        not_kept = partial(self._not_kept, state.number, key, value, state.answers.get(key))
        self._client.ask(api.ANSWER(asked), self._kept, not_kept)
        self._time.keep()
        self._follow_active(state.active)

    def answer_digit(self, digit: int) -> None:
        """A digit was typed: it answers the active question."""
        state = self._current.value
        if state.active is None or state.form is None:
            return
        value = value_of_digit(state.form.question(state.active[1]), digit)
        if value is not None:
            self.answer(*state.active, value)

    def choose_segment(self, key: str, look: bool = True) -> None:
        """Judge this one, and bring it into sight; in the next entries the one of the same code is judged first."""
        found = self._current.value.choice(key)
        if found is not None:
            self._former_segment = found.code or found.name
            self._turn_to(key, look)

    def take_segments(self, sources: Sequence[SourceRow]) -> None:
        """These can be judged now."""
        choices = tuple(
            SegmentChoice(
                segment_key(source.instance_uid, one.number, one.name),
                one.node_id,
                one.segment_id,
                one.name,
                one.code,
                source.short_name if len(sources) > 1 else "",
                one.color,
            )
            for source in sources
            for one in source.segments
        )
        # The one that was judged last in the entry before, wherever it stands in this one.
        like = next((one.key for one in choices if (one.code or one.name) == self._former_segment), choices[0].key if choices else "")
        self._current.set(segments=choices, segment=like)
        state = self._current.value
        unanswered = [key for key in digits_of(state) if key not in state.answers]
        # What is asked of the entry comes first, then what is asked of that segment.
        first = [key for key in unanswered if not key[0]] or [key for key in unanswered if key[0] == like] or unanswered
        self._current.set(active=first[0] if first else None)

    def _turn_to(self, key: str, look: bool = True) -> None:
        state = self._current.value
        found = state.choice(key)
        if found is None:
            return
        self._current.set(segment=key, active=next((one for one in digits_of(state) if one[0] == key), state.active))
        if look:
            self._look(found.node_id, found.segment_id)

    def _kept(self, answer: api.Progress) -> None:
        self._current.set(answered=answer["answered"])

    def _not_kept(self, number: int, key: Key, value: Value | None, before: Value | None, error: IDCBrowserError) -> None:
        """The page shows what is in the file: other answers, and one that was given to the same question since, stay."""
        state = self._current.value
        answers = dict(state.answers)
        if state.number == number and answers.get(key) == (None if value == "" else value):
            answers.pop(key, None)
            self._current.set(answers=answers if before is None else {**answers, key: before})
        self._on_error(error)

    def _follow_active(self, before: Key | None) -> None:
        """The last question of a segment was answered: the next segment comes into sight."""
        active = self._current.value.active
        if active is not None and active != before and active[0] and active[0] != self._current.value.segment:
            self._turn_to(active[0])

    def _asked_after(self, key: Key) -> Key:
        """The next question; behind those of the entry the ones of the segment that somebody chose to judge."""
        keys = digits_of(self._current.value)
        after = following(keys, key)
        chosen = [one for one in keys if one[0] == self._current.value.segment] if self._former_segment else []
        return chosen[0] if chosen and after[0] and not key[0] else after
