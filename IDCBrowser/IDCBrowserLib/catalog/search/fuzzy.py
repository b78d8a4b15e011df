"""Scores how well a typed text matches a name, with typing errors, or a longer text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import SequenceMatcher
from functools import lru_cache

_SEPARATORS = re.compile(r"[\s_\-./]+")
_CLOSE = 0.75
_MIN_FUZZY_LENGTH = 4


@lru_cache(maxsize=4096)
def normalized(text: str) -> str:
    """Lower case, with one blank for each run of blanks, underscores, hyphens, dots and slashes."""
    return _SEPARATORS.sub(" ", text.lower()).strip()


def name_score(wanted: str, names: Sequence[str | None]) -> float:
    """0 (no) to 100 (the name itself) for the best of ``names``: whole, beginning, beginning of a word, inside, all words, or nearly."""
    plain = normalized(wanted)
    return max((_name_score(plain, normalized(name)) for name in names if name), default=0.0)


def _name_score(wanted: str, name: str) -> float:
    if not wanted:
        return 0.0
    fits = (
        (100.0, wanted.replace(" ", "") == name.replace(" ", "")),
        (85.0, name.startswith(wanted)),
        (75.0, f" {wanted}" in name),
        (65.0, wanted in name),
        (60.0, all(word in name for word in wanted.split())),
    )
    return next((score for score, does in fits if does), 55.0 * similarity(wanted, name))


def similarity(wanted: str, name: str) -> float:
    """0, or ``_CLOSE`` to 1 when ``wanted`` is the name, or a beginning of it, with a few letters wrong, missing, doubled or swapped."""
    if len(wanted) < _MIN_FUZZY_LENGTH:
        return 0.0
    best = 0.0
    for candidate in {name, name[: len(wanted)], name[: len(wanted) + 1]}:
        # The two quick bounds spare most names the full comparison: how many letters both may have in common, and do.
        if 2 * min(len(wanted), len(candidate)) < _CLOSE * (len(wanted) + len(candidate)):
            continue
        matcher = SequenceMatcher(None, wanted, candidate, autojunk=False)
        if matcher.quick_ratio() >= _CLOSE:
            best = max(best, matcher.ratio())
    return best if best >= _CLOSE else 0.0


def prepared(text: str) -> str:
    """A text as ``FuzzyText.score`` reads it."""
    return " " + _SEPARATORS.sub(" ", text.lower()).strip()


class FuzzyText:
    """A typed text, split once for many comparisons."""

    def __init__(self, text: str) -> None:
        plain = normalized(text)
        self._whole = f" {plain}" if plain else ""
        self._words = [f" {word}" for word in plain.split()]

    def score(self, text: str) -> float:
        """1 when the words stand in the ``prepared`` text as typed, 0.8 when all do somewhere, else 0. Beginnings of words count."""
        if not self._whole:
            return 0.0
        if self._whole in text:
            return 1.0
        return 0.8 if all(word in text for word in self._words) else 0.0


def closest(wanted: str, names: Sequence[str], limit: int = 3) -> list[str]:
    """The names that look most like ``wanted``, best first; for "did you mean"."""
    scored = [(name_score(wanted, (name,)), name) for name in names]
    return [name for score, name in sorted(scored, key=lambda pair: (-pair[0], pair[1])) if score > 0][:limit]
