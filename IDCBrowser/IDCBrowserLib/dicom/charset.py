"""Text of a DICOM element by its Specific Character Set (PS3.3 C.12.1.1.2), and a guess where none is declared."""

from __future__ import annotations

from collections.abc import Iterable

# Defined terms that stand for one codec. Those of ISO 2022, which switch within a text, are left to pydicom.
_CODECS = {
    "ISO_IR 6": "latin-1", "ISO 2022 IR 6": "latin-1", "ISO_IR 100": "latin-1", "ISO_IR 192": "utf-8", "GB18030": "gb18030", "GBK": "gbk",
    "ISO_IR 101": "iso8859-2", "ISO_IR 109": "iso8859-3", "ISO_IR 110": "iso8859-4", "ISO_IR 144": "iso8859-5", "ISO_IR 127": "iso8859-6",
    "ISO_IR 126": "iso8859-7", "ISO_IR 138": "iso8859-8", "ISO_IR 148": "iso8859-9", "ISO_IR 203": "iso8859-15", "ISO_IR 166": "iso8859-11",
    "UTF-8": "utf-8", "CP932": "cp932", "Latin-1": "latin-1",
}  # fmt: skip
# What is tried where no character set is declared; Latin-1 is what remains.
_GUESSES = ("UTF-8", "CP932", "GB18030")
_LANGUAGES = {"CP932": "CP932 (Japanese)", "GB18030": "GB18030 (Chinese)", "Latin-1": "Latin-1 (Western European)"}


def decode_text(raw: bytes, charset: str) -> str:
    """The text; bytes that the character set does not know become U+FFFD. Without a character set, or an unknown one, it is guessed.

    pydicom is imported only for texts that switch between sets.
    """
    if raw.isascii() and b"\x1b" not in raw:
        return raw.decode("ascii")
    if charset in _CODECS:
        return raw.decode(_CODECS[charset], "replace")
    text = _decode_switching(raw, charset) if charset.startswith(("ISO", "\\")) else None
    return raw.decode(_CODECS[guess_charset(raw)], "replace") if text is None else text


def guessed_charset(raw: bytes, charset: str) -> str:
    """The character set that ``decode_text`` assumes for the text; "" where the declared one says it."""
    return "" if raw.isascii() or charset in _CODECS or charset.startswith(("ISO", "\\")) else guess_charset(raw)


def guess_charset(raw: bytes) -> str:
    """``UTF-8``, ``CP932``, ``GB18030`` or ``Latin-1``: the first in which the bytes are text that somebody may have written."""
    for name in _GUESSES:
        try:
            text = raw.decode(_CODECS[name])
        except UnicodeDecodeError:
            continue
        if name == "UTF-8" or (_is_east_asian(text) and (name != "CP932" or not _may_be_gb2312(raw))):
            return name
    return "Latin-1"


def guess_sentence(guessed: Iterable[str]) -> str:
    """What a user is told about text that was guessed; "" where nothing was."""
    names = " or ".join(_LANGUAGES.get(name, name) for name in sorted(guessed))
    return f"The file does not declare the character set of its text, which was assumed to be {names}; names may be wrong." if names else ""


def _is_east_asian(text: str) -> bool:
    """Whether all that is not ASCII is of East Asian scripts, and does not stand within words of Latin letters.

    European text, taken for a set of two bytes, has single ideographs between letters.
    """
    for before, run, after in _runs(text):
        if not all(_is_east_asian_character(character) for character in run):
            return False
        beside = (before + after).strip()
        if any(letter.islower() for letter in beside) or (len(run) == 1 and any(letter.isalpha() for letter in beside)):
            return False
    return True


def _runs(text: str) -> list[tuple[str, str, str]]:
    """Runs of characters beyond ASCII, each with the ASCII character before it and after it ("" at an end)."""
    found: list[tuple[str, str, str]] = []
    start = 0
    while start < len(text):
        stop = start
        while stop < len(text) and not text[stop].isascii():
            stop += 1
        if stop > start:
            found.append((text[start - 1 : start] if start else "", text[start:stop], text[stop : stop + 1]))
        start = stop + 1
    return found


def _is_east_asian_character(character: str) -> bool:
    """CJK punctuation, kana, ideographs, full and half width forms."""
    return "\u3000" <= character <= "\u30ff" or "\u3400" <= character <= "\u9fff" or "\uff00" <= character <= "\uffef"


def _may_be_gb2312(raw: bytes) -> bool:
    """Pairs of bytes from 0xA1 on; as CP932 that would be nothing but half-width kana."""
    count = 0
    for byte in raw:
        if byte < 0x80:
            if count % 2:
                return False
            count = 0
        elif byte < 0xA1:
            return False
        else:
            count += 1
    return count % 2 == 0


def _decode_switching(raw: bytes, charset: str) -> str | None:
    """None for a character set that nobody knows."""
    import warnings

    from pydicom.charset import convert_encodings, decode_bytes

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return str(decode_bytes(raw, convert_encodings([part.strip() for part in charset.split("\\")]), set()))
        except (LookupError, ValueError):
            return None
