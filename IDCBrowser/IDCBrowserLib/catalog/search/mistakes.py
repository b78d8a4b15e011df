"""What texts with a few typing mistakes still have in common with what was meant: looked for first, since comparing takes long."""

from __future__ import annotations

from itertools import pairwise

from IDCBrowserLib.catalog.conditions import Bindings

# Shorter ones are near to too many.
MIN_LENGTH = 4
# Of an identifier, a description or a name (PS3.5 section 6.2), and a letter or two too many. Comparing takes longer the longer a text is.
MAX_LENGTH = 64 + 2
_TWO_FROM = 8
# Pieces of shorter texts are in most others.
_FROM = 20


def most_mistakes(text: str) -> int:
    """How many a text may have and still be taken for what was meant."""
    return 2 if len(text) >= _TWO_FROM else 1


def shares_a_piece(column: str, text: str, most: int, bindings: Bindings) -> str:
    """A condition that ``column`` meets if it is ``text`` with ``most`` mistakes, and few others do: each spoils two neighboring pieces at most."""
    if len(text) < _FROM:
        return "true"
    number = 2 * most + 1
    ends = [place * len(text) // number for place in range(number + 1)]
    pieces = [text[begin:end] for begin, end in pairwise(ends)]
    return f"({' OR '.join(f'contains({column}, {bindings.add(piece)})' for piece in pieces)})"
