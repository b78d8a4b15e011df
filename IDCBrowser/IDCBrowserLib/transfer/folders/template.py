"""Folders laid out as the user wants, ``%collection_id/%PatientID/%Modality_%SeriesInstanceUID``, with the words of idc-index's ``dirTemplate``."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from IDCBrowserLib.errors import InputError
from IDCBrowserLib.selection.plan import PlannedSeries
from IDCBrowserLib.transfer.folders.layout import safe_name

DEFAULT = "%collection_id/%PatientID/%StudyInstanceUID/%Modality_%SeriesInstanceUID"
_VALUES: dict[str, Callable[[PlannedSeries], str]] = {
    "collection_id": lambda series: series.collection_id,
    "PatientID": lambda series: series.patient_id,
    "StudyInstanceUID": lambda series: series.study_uid,
    "SeriesInstanceUID": lambda series: series.series_uid,
    "Modality": lambda series: series.modality,
    "SeriesDescription": lambda series: series.description or "",
    "crdc_series_uuid": lambda series: series.crdc_series_uuid,
}
WORDS = tuple(_VALUES)
# A word ends where no known one goes on: an underscore separates words, and is part of some.
_WORD = re.compile(f"%({'|'.join(sorted(WORDS, key=len, reverse=True))})")
_ANY_WORD = re.compile(r"%(\w*)")
_PLAIN = re.compile(r"[\w .,=+()\[\]-]*")
_MAX_LENGTH = 500


@dataclass(frozen=True)
class Template:
    """A checked template. ``directory`` is relative, with ``/`` between its parts, and each part is a name that every file system takes."""

    text: str

    @classmethod
    def parse(cls, text: str) -> Template:
        """Raises ``InputError`` for a template that leads out of the folder, has unknown words, or names all series alike."""
        problem = problem_of(text)
        if problem:
            raise InputError(f"--layout {text[:200]!r}: {problem}")
        return cls(text)

    def directory(self, series: PlannedSeries) -> str:
        """Where a series goes. A prior version gets its crdc_series_uuid at the end, so that two versions never mix."""
        parts = [_WORD.sub(lambda match: _VALUES[match[1]](series), part) for part in self.text.split("/")]
        if series.is_prior and "%crdc_series_uuid" not in self.text:
            parts[-1] += f"_v{series.crdc_series_uuid}"
        return "/".join(safe_name(part) for part in parts)

    @property
    def tells_apart(self) -> bool:
        """Whether the template names each series, so that no two of them share a folder."""
        return any(word in self.text for word in ("%SeriesInstanceUID", "%crdc_series_uuid"))

    def check_apart(self, series: Iterable[PlannedSeries]) -> None:
        """Raises ``InputError`` when two series would go to one place, also where only case differs, which some systems do not see."""
        taken: dict[int, str] = {}
        for one in series:
            place = self.directory(one)
            other = taken.setdefault(hash(place.casefold()), one.crdc_series_uuid)
            if other != one.crdc_series_uuid:
                raise InputError(
                    f"--layout {self.text!r} puts the series {one.series_uid} and another one ({other}) both into {place}; add %SeriesInstanceUID."
                )


def problem_of(text: str) -> str:
    """What is wrong with a template, and which words there are; "" when it is good."""
    problem = _problem(text)
    return f"{problem[:1].upper()}{problem[1:]} Words: {', '.join(f'%{word}' for word in WORDS)}; for example {DEFAULT}" if problem else ""


def _problem(text: str) -> str:
    if not text or len(text) > _MAX_LENGTH:
        return f"write 1 to {_MAX_LENGTH} characters."
    for part in text.split("/"):
        if not part.strip(" ."):
            return "every part between slashes needs a name, and none may be . or .. or empty."
        plain = _WORD.sub("", part)
        unknown = _ANY_WORD.search(plain)
        if unknown:
            near = difflib.get_close_matches(unknown[1], WORDS, 1)
            return f"%{unknown[1]} is not a word of templates{f'; did you mean %{near[0]}?' if near else '.'}"
        if not _PLAIN.fullmatch(plain):
            return "only letters, digits, spaces and . , = + ( ) [ ] _ - may stand beside the words."
    return "" if _WORD.search(text) else "it has no word, so that all series would go to one folder."
