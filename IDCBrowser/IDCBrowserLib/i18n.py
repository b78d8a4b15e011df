"""Texts of the window in the language of the person: ``from IDCBrowserLib.i18n import tr as _``. Whole sentences, filled with ``.format``.

A text belongs to a context, the folder and name of the file that says it ("finding.facets"), as Slicer and Qt Linguist have it. What somebody made
with Slicer's Language Tools goes first; then the translation that ships here (``language``). What has no translation stays English, as do the
command line and what the engine says. Numbers and dates take the form of the language, in ``format`` and in ``wording``.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

_NUMBER = re.compile(r"(?<![\w.,])\d{1,3}(?:,\d{3})*(?:\.\d+)?(?![\w,]|\.\d)")
_UNITED = re.compile(rf"{_NUMBER.pattern}(?:\s?(?:B|kB|MB|GB|TB|%|mm|ms|s|kV|T))?")
_DATE = re.compile(r"(\d{4})-(\d{2})-(\d{2})")


@dataclass(frozen=True)
class Translation:
    """``texts`` by (context, English text). ``decimal`` and ``group`` are the signs in numbers, ``date`` with {day}, {month} and {year}."""

    language: str = "en"
    texts: Mapping[tuple[str, str], str] = field(default_factory=dict)
    decimal: str = "."
    group: str = ","
    date: str = ""


class _Text(str):
    """A translated sentence, which writes the numbers that are filled in as its language does. ``one``: of a noun whose English form is the same
    for one and for many ("series"), the form for one.
    """

    one = ""

    def format(self, *values: object, **named: object) -> str:
        """See ``str.format``."""
        return str.format(self, *values, **{name: _local_value(value) for name, value in named.items()})


class _Number(str):
    """Written with the signs of the language in use already: "2.000" would otherwise be taken for two when it is filled in."""


_used = Translation()
_contexts: dict[str, str] = {}


def _no_other(_context: str, text: str) -> str:
    return text


_translate: Callable[[str, str], str] = _no_other
try:
    import PythonQt  # noqa: F401  outside Slicer `import slicer` would be slow, and have no translations
    from slicer.i18n import translate

    _translate = translate
except ImportError:
    pass


def tr(text: str) -> str:
    """The text in the language in use; the text itself where it is not known in it."""
    if _used.language == "en":
        return text if _translate is _no_other else _checked(text, _translate(_context_of(sys._getframe(1).f_code.co_filename), text))
    context = _context_of(sys._getframe(1).f_code.co_filename)
    found = _checked(text, _translate(context, text))
    if found == text:
        found = _used.texts.get((context, text)) or _used.texts.get(("", text)) or text
    many, bar, one = found.partition("|")
    if not bar or "|" in text:
        return _Text(found)
    made = _Text(many)
    made.one = one
    return made


def use(translation: Translation) -> None:
    """Speak this language from now on. Before the window is built: what is in sight stays as it was written."""
    global _used  # noqa: PLW0603  one language for a program
    _used = translation


def language() -> str:
    """The language in use, such as "de"."""
    return _used.language


def local_number(text: str) -> str:
    """A number as Python writes it ("1,234.5") with the signs of the language in use."""
    if (_used.decimal, _used.group) == (".", ","):
        return text
    return _Number(text.translate({ord("."): _used.decimal, ord(","): _used.group}))


def written(text: str) -> str:
    """A text put together of such numbers and others, for filling in: one that is a number as a whole is not taken for an English one again."""
    return text if (_used.decimal, _used.group) == (".", ",") else _Number(text)


def noun(number: int, one: str, many: str) -> str:
    """The noun for so many."""
    return (getattr(one, "one", "") or one) if number == 1 else many


def local_date(text: str) -> str:
    """A date as IDC writes it ("2001-02-03") in the form of the language in use; anything else as it is."""
    match = _DATE.fullmatch(text) if _used.date else None
    return text if match is None else _used.date.format(year=match[1], month=match[2], day=match[3])


def placeholders(text: str) -> set[str]:
    """What a sentence is filled with."""
    return set(re.findall(r"(?<!\{)\{([^{}]+)\}(?!\})", text))


def _local_value(value: object) -> object:
    # A text is a number only as a whole: versions, UIDs and names of files have points, too.
    return local_number(value) if isinstance(value, str) and not isinstance(value, _Number) and _UNITED.fullmatch(value) else value


def _checked(text: str, translated: str) -> str:
    return translated if translated == text or placeholders(translated) == placeholders(text) else text


def _context_of(path: str) -> str:
    """As ``slicer.i18n`` finds it."""
    if path not in _contexts:
        folder, name = os.path.split(path)
        package = os.path.basename(folder) + "." if os.path.isfile(os.path.join(folder, "__init__.py")) else ""
        _contexts[path] = package + name.removesuffix(".py")
    return _contexts[path]


__all__ = ["Translation", "language", "local_date", "local_number", "noun", "placeholders", "tr", "use"]
