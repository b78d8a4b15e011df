"""The form of a review list: the questions that every reader answers, for an entry as a whole or for each of its segments."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from IDCBrowserLib.dicom.code import Code
from IDCBrowserLib.dicom.regular_file import read_regular
from IDCBrowserLib.errors import InputError
from IDCBrowserLib.whole_file import write_whole

Kind = Literal["rating", "choice", "text", "flag"]
Of = Literal["case", "segment"]
# What is kept of an answer: the number of a rating, the words of a choice, a text, a flag.
Value = int | str | bool

KINDS: tuple[Kind, ...] = ("rating", "choice", "text", "flag")
ABOUT: tuple[Of, ...] = ("case", "segment")
# Of a Code Value (PS3.5 6.2, SH), in which a key is written.
_KEY = re.compile(r"[a-z][a-z0-9_]{0,15}")
_MOST_BYTES = 1 << 20
MOST_QUESTIONS = 50
_MOST_OPTIONS = 30
_LONGEST = 200
LONGEST_TEXT = 10_000
_ADVICE = "Give a form that was saved by the editor of the page Review."


@dataclass(frozen=True)
class Question:
    """``options`` are of choices; ratings go from ``low`` to ``high``, both included. ``code`` names the question in DICOM, where one is known."""

    key: str
    text: str
    kind: Kind
    about: Of = "case"
    options: tuple[str, ...] = ()
    low: int = 1
    high: int = 5
    code: Code | None = None

    def values(self) -> tuple[Value, ...]:
        """All answers there are, in their order; none for texts."""
        if self.kind == "rating":
            return tuple(range(self.low, self.high + 1))
        return (False, True) if self.kind == "flag" else self.options

    def checked(self, value: object) -> Value:
        """The same value; raises ``InputError`` where it is none of the question."""
        if self.kind == "text" and isinstance(value, str):
            return value[:LONGEST_TEXT]
        kinds = {"rating": int, "choice": str, "flag": bool, "text": str}
        is_right = isinstance(value, kinds[self.kind]) and isinstance(value, bool) == (self.kind == "flag")
        if not is_right or value not in self.values():
            raise InputError(f"{str(value)[:80]!r} is not an answer to {self.text!r}.")
        assert isinstance(value, (int, str)), "as compared"
        return value

    def to_json(self) -> dict[str, Any]:
        """As in the file of a form."""
        made: dict[str, Any] = {"key": self.key, "text": self.text, "kind": self.kind, "about": self.about}
        if self.kind == "choice":
            made["options"] = list(self.options)
        if self.kind == "rating":
            made.update({"from": self.low, "to": self.high})
        if self.code is not None:
            made["code"] = self.code.to_json()
        return made


@dataclass(frozen=True)
class Form:
    """Questions in the order in which they are asked."""

    questions: tuple[Question, ...]

    def of(self, about: Of) -> tuple[Question, ...]:
        """Those for the entry, or those for each segment."""
        return tuple(question for question in self.questions if question.about == about)

    def question(self, key: str) -> Question:
        """Raises ``InputError`` for one that is not asked."""
        for question in self.questions:
            if question.key == key:
                return question
        raise InputError(f"The form has no question {key[:40]!r}.")

    def to_json(self) -> dict[str, Any]:
        """As in the file of a form."""
        return {"questions": [question.to_json() for question in self.questions]}


def default_form() -> Form:
    """For whoever has none."""
    return Form(
        (
            Question("image", "Quality of the images", "rating"),
            Question("quality", "Quality of the segment", "rating", "segment"),
            Question("use", "The segment is", "choice", "segment", ("usable as it is", "usable after corrections", "not usable")),
            Question("discuss", "To be discussed", "flag"),
            Question("comment", "Comment", "text"),
        )
    )


def form_of(document: object, where: str = "The form") -> Form:
    """The inverse of ``Form.to_json``. Raises ``InputError`` that names the question and what is wrong with it."""
    items = document.get("questions") if isinstance(document, dict) else None
    if not isinstance(items, list) or not items:
        raise InputError(f'{where} has no list "questions". {_ADVICE}')
    if len(items) > MOST_QUESTIONS:
        raise InputError(f"{where} has {len(items):,} questions; at most {MOST_QUESTIONS} are asked.")
    questions = []
    for number, item in enumerate(items, 1):
        if not isinstance(item, dict):
            raise InputError(f"{where}: question {number} is not an object with key, text and kind.")
        questions.append(_question(item, f"{where}: question {number}"))
    keys = [question.key for question in questions]
    twice = next((key for key in keys if keys.count(key) > 1), "")
    if twice:
        raise InputError(f"{where}: two questions have the key {twice!r}. Give each its own.")
    return Form(tuple(questions))


def read_form(path: Path) -> Form:
    """Raises ``InputError``, ``NotFoundError``, ``StorageError``."""
    try:
        document = json.loads(read_regular(path, _MOST_BYTES, _ADVICE))
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path} cannot be read as JSON ({error}). {_ADVICE}") from error
    return form_of(document, str(path))


def write_form(path: Path, form: Form) -> None:
    """Raises ``StorageError``."""
    write_whole(path, json.dumps(form.to_json(), indent=1, ensure_ascii=False) + "\n")


def free_key(text: str, taken: set[str]) -> str:
    """A key made of the words of a question."""
    stem = re.sub(r"[^a-z0-9]+", "_", text.lower().encode("ascii", "ignore").decode()).strip("_")[:13] or "question"
    stem = stem if stem[0].isalpha() else f"q_{stem}"[:13]
    numbers = ("", *(str(number) for number in range(2, MOST_QUESTIONS + 2)))
    return next(key for number in numbers if (key := f"{stem}{number}") not in taken)


def _question(item: Mapping[str, Any], where: str) -> Question:
    key, kind, about = item.get("key"), item.get("kind"), item.get("about", "case")
    if not isinstance(key, str) or not _KEY.fullmatch(key):
        raise InputError(f"{where} needs a key of at most 16 small letters, digits and underscores, such as quality.")
    if kind not in KINDS:
        raise InputError(f"{where} ({key}) is of an unknown kind; use one of: {', '.join(KINDS)}.")
    if about not in ABOUT:
        raise InputError(f'{where} ({key}) is about {str(about)[:40]!r}; use "case" or "segment".')
    low, high = _ends(item, f"{where} ({key})") if kind == "rating" else (1, 5)
    options = _options(item, f"{where} ({key})") if kind == "choice" else ()
    return Question(key, _words(item.get("text"), f"{where} ({key})"), kind, about, options, low, high, _code(item.get("code"), f"{where} ({key})"))


def _words(text: object, where: str) -> str:
    words = " ".join(text.split()) if isinstance(text, str) else ""
    if not words or len(words) > _LONGEST:
        raise InputError(f"{where} needs a text of 1 to {_LONGEST} letters.")
    return words


def _ends(item: Mapping[str, Any], where: str) -> tuple[int, int]:
    low, high = item.get("from", 1), item.get("to", 5)
    if any(not isinstance(end, int) or isinstance(end, bool) for end in (low, high)) or not 0 <= low < high <= 9:
        raise InputError(f"{where}: a rating goes from a digit to a higher one, such as 1 to 5.")
    return low, high


def _options(item: Mapping[str, Any], where: str) -> tuple[str, ...]:
    given = item.get("options")
    if not isinstance(given, list) or not 2 <= len(given) <= _MOST_OPTIONS:
        raise InputError(f"{where}: a choice has 2 to {_MOST_OPTIONS} options.")
    options = tuple(_words(one, f"{where}: each option") for one in given)
    if len(set(options)) < len(options):
        raise InputError(f"{where}: two options are the same.")
    return options


def _code(code: object, where: str) -> Code | None:
    if code is None:
        return None
    parts = [code.get(name) for name in ("value", "scheme", "meaning")] if isinstance(code, dict) else []
    texts = [part for part in parts if isinstance(part, str) and 0 < len(part) <= 64]
    if len(texts) != 3 or len(texts[1]) > 16:
        raise InputError(f"{where}: a code has a value, a scheme and a meaning, such as 111013, DCM, Rating.")
    return Code(texts[0], texts[1], texts[2])
