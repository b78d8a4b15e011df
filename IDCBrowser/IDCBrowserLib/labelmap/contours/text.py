"""Contour Data (3006,0050) text to numbers, many contours at once and exactly as ``float`` reads them.

A coordinate is a Decimal String of at most 16 characters (DICOM PS3.5 6.2). With at most 15 digits and no exponent its value is an integer below
2^53 divided by a power of ten not above 10^22; both are exact doubles, so one division gives the correctly rounded result, the same as ``float``.
That is done for the whole file with a few array operations; whatever looks different goes through ``float`` one by one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from IDCBrowserLib.task import look_for_cancel

if TYPE_CHECKING:
    from numpy.typing import NDArray

_SEPARATOR = ord("\\")
_POINT = ord(".")
_PIECE = 1 << 20
_LEAD = 16
_ZEROS = np.uint64(0x3030303030303030)
_STEPS = tuple(
    (np.uint64(ten), np.uint64(shift), np.uint64(mask))
    for ten, shift, mask in ((10, 8, 0x00FF00FF00FF00FF), (100, 16, 0x0000FFFF0000FFFF), (10000, 32, 0x00000000FFFFFFFF))
)
_TEN_TO = 10.0 ** np.arange(23)


@dataclass(frozen=True)
class ParsedCoordinates:
    """``values`` of all texts behind one another; text n has ``counts[n]`` of them. ``problems`` maps a text that could not be read to the reason."""

    values: NDArray[np.float64]
    counts: NDArray[np.int64]
    problems: dict[int, str]


def parse_texts(texts: Sequence[bytes]) -> ParsedCoordinates:
    """The numbers of backslash-separated texts. A text that is not all numbers gets a count of 0 and an entry in ``problems``."""
    parts: list[NDArray[np.float64]] = []
    counts = np.zeros(len(texts), np.int64)
    problems: dict[int, str] = {}
    first = 0
    while first < len(texts):
        last, size = first, 0
        while last < len(texts) and (size < _PIECE or last == first):
            size += len(texts[last]) + 1
            last += 1
        look_for_cancel()
        parts.append(_parse_piece(texts, first, last, counts, problems))
        first = last
    look_for_cancel()
    return ParsedCoordinates(parts[0] if len(parts) == 1 else np.concatenate(parts) if parts else np.zeros(0), counts, problems)


def _parse_piece(texts: Sequence[bytes], first: int, last: int, counts: NDArray[np.int64], problems: dict[int, str]) -> NDArray[np.float64]:
    chosen = [text.strip(b" \0") for text in texts[first:last]]
    values = _fast_in_parts(chosen[0] if len(chosen) == 1 else b"\\".join(chosen))
    if values is not None:
        look_for_cancel()
        counts[first:last] = [text.count(b"\\") + 1 for text in chosen]
        return values
    parts: list[NDArray[np.float64]] = []
    for index, text in enumerate(chosen, first):
        try:
            part = _one(text)
        except ValueError as error:
            problems[index] = str(error)
            continue
        counts[index] = len(part)
        parts.append(part)
    return np.concatenate(parts) if parts else np.zeros(0)


def _one(text: bytes) -> NDArray[np.float64]:
    """One text; raises ``ValueError`` that says what is not a number."""
    if not text:
        raise ValueError("it has no coordinates")
    values = np.concatenate([_word_by_word(part) if (fast := _fast(part)) is None else fast for part in _parts(text)])
    if not np.isfinite(values).all():
        raise ValueError("a coordinate is not finite")
    return values


def _word_by_word(text: bytes) -> NDArray[np.float64]:
    numbers = np.empty(text.count(b"\\") + 1)
    for index, word in enumerate(text.split(b"\\")):
        try:
            if b"_" in word:
                raise ValueError
            numbers[index] = float(word)
        except ValueError:
            raise ValueError(f"{word[:20].decode('ascii', 'replace')!r} is not a number") from None
    return numbers


def _fast_in_parts(text: bytes) -> NDArray[np.float64] | None:
    """``_fast`` of a long text."""
    found = []
    for part in _parts(text):
        values = _fast(part)
        if values is None:
            return None
        found.append(values)
    look_for_cancel()
    return found[0] if len(found) == 1 else np.concatenate(found)


def _parts(text: bytes) -> Iterator[bytes]:
    """A long text part by part, which ends where a cancel is asked for: a contour may have ten million points."""
    start = 0
    while start <= len(text):
        end = text.find(b"\\", start + _PIECE) if len(text) - start > _PIECE else -1
        end = len(text) if end < 0 else end
        look_for_cancel()
        yield text[start:end]
        start = end + 1


def _fast(text: bytes) -> NDArray[np.float64] | None:
    """All numbers of a text in which each is [sign] digits [. digits] with at most 8 digits before the point and 15 in total; else None."""
    # Sixteen zeros in front so that as many characters can be read before every position.
    characters = np.frombuffer(b"0" * _LEAD + text + b"\\", np.uint8)
    ends = np.flatnonzero(characters == _SEPARATOR)
    begins = np.empty_like(ends)
    begins[0] = _LEAD
    begins[1:] = ends[:-1] + 1
    points = np.flatnonzero(characters == _POINT)
    point = ends.copy()
    if len(points):
        if len(points) == len(ends):
            if not np.all((points < ends) & (points >= begins)):
                return None
            point = points
        else:
            word = np.searchsorted(ends, points)
            if len(points) > len(ends) or (len(word) > 1 and not np.all(word[1:] > word[:-1])):
                return None
            point[word] = points
    sign = characters[begins]
    negative = sign == ord("-")
    begins = begins + (negative | (sign == ord("+")))
    whole = point - begins
    decimals = np.maximum(ends - point - 1, 0)
    digits = whole + decimals
    if digits.min() < 1 or whole.max() > 8 or digits.max() > 15:
        return None
    # Signs, points and separators are accounted for: if there are as many digits as places for them, every place holds one.
    if np.count_nonzero(characters - np.uint8(ord("0")) < 10) - _LEAD != digits.sum():
        return None
    left = _eight_digits(characters, point, whole)
    right = _eight_digits(characters, ends, np.minimum(decimals, 8))
    if decimals.max() > 8:
        right += _eight_digits(characters, ends - 8, np.maximum(decimals - 8, 0)) * 1e8
    scale = _TEN_TO[decimals]
    values = (left * scale + right) / scale
    values[negative] *= -1.0
    return np.asarray(values)


def _eight_digits(characters: NDArray[np.uint8], ends: NDArray[np.int64], lengths: NDArray[np.int64]) -> NDArray[np.float64]:
    """The integers written in the ``lengths`` (0 to 8) characters before ``ends``, all of which are digits.

    Eight characters are one 64-bit word, the first in its lowest byte. What stands before the number is cleared; then digits are added up
    in place: pairs, fours, eights.
    """
    words = np.lib.stride_tricks.as_strided(characters[:8].view("<u8"), (len(characters) - 7,), (1,))[ends - 8].astype(np.uint64, copy=False)
    bits = ((8 - lengths) * 8).astype(np.uint64)
    words ^= _ZEROS
    # A shift by all 64 bits gives 0 in numpy: a number of no digits.
    words >>= bits
    words <<= bits
    shifted = np.empty_like(words)
    for ten, shift, mask in _STEPS:
        np.right_shift(words, shift, out=shifted)
        words *= ten
        words += shifted
        words &= mask
    return words.astype(np.float64)
