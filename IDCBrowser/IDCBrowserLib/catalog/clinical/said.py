"""What the tables on this computer say of an attribute: for each patient the values in words, or the numbers."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from IDCBrowserLib.catalog.about.clinical_tables import ClinicalTables
from IDCBrowserLib.catalog.about.shown_values import text
from IDCBrowserLib.catalog.clinical.dictionary import Attribute, Source
from IDCBrowserLib.catalog.clinical.table_reading import DamagedTableError, values_of_patients
from IDCBrowserLib.errors import CatalogError

# A row for each patient and value; NLST, the largest, has 26,254 patients.
_MOST_PAIRS = 2_000_000
_MOST_LETTERS = 300
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?")
# Between numbers these mean that there is none; SAS writes a dot and a letter.
_MEANS_NONE = re.compile(
    r"\.[a-z]?|-+|n/?a|nan|null|none|unknown|missing|not (?:available|applicable|reported|evaluated|done|recorded)|'--|\[.*\]", re.IGNORECASE
)


@dataclass(frozen=True)
class Said:
    """``patients`` and their ``values`` (all numbers if ``is_number``), each with the number of its table in ``tables``.

    ``problems`` are sentences about tables that could not be read; ``damaged`` names those that can be fetched again.
    """

    tables: tuple[str, ...]
    of_table: tuple[int, ...]
    patients: tuple[str, ...]
    values: tuple[str | float, ...]
    is_number: bool
    problems: tuple[str, ...] = ()
    damaged: tuple[str, ...] = ()


def files_of(tables: ClinicalTables, attribute: Attribute) -> dict[str, list[Path]]:
    """The files of its tables that are on this computer."""
    return {name: files for name in attribute.tables if (files := tables.files_of(name))}


def read_said(attribute: Attribute, files: dict[str, list[Path]]) -> Said:
    """Read them. What cannot be read is a problem of that table only."""
    names = list(files)
    # Table, patient, value in words, and as a number: NaN for a text, None where it means that there is none.
    found: list[tuple[int, str, str, float | None]] = []
    problems: dict[str, None] = {}
    damaged: list[str] = []
    for source in attribute.sources:
        if source.table in files and source.table not in damaged:
            try:
                pairs = values_of_patients(source.table, files[source.table], source.column, _MOST_PAIRS)
            except CatalogError as error:
                problems[str(error)] = None
                damaged += [source.table] if isinstance(error, DamagedTableError) else []
            else:
                table = names.index(source.table)
                found += [(table, patient, words, number) for patient, words, number in _read(pairs, source) if patient and words]
    numbers = [row[3] for row in found if row[3] is not None]
    is_number = not attribute.has_codes and bool(numbers) and not any(map(math.isnan, numbers))
    said: list[tuple[int, str, str | float]]
    if is_number:
        said = list(dict.fromkeys((table, patient, number) for table, patient, _words, number in found if number is not None))
    else:
        said = list(dict.fromkeys(row[:3] for row in found))
    return Said(
        tuple(names),
        tuple(row[0] for row in said),
        tuple(row[1] for row in said),
        tuple(row[2] for row in said),
        is_number,
        tuple(problems),
        tuple(damaged),
    )


def in_words(value: Any, source: Source) -> str:
    """The meaning of a code, or the value itself."""
    said = text(value)
    return source.meanings.get(said, said)[:_MOST_LETTERS]


def _read(pairs: Sequence[tuple[str, Any]], source: Source) -> Iterator[tuple[str, str, float | None]]:
    """Each value in words and as a number; the same ones are read once, since there are few in many rows."""
    known: dict[Any, tuple[str, float | None]] = {}
    for patient, value in pairs:
        key = value if isinstance(value, (str, int, float)) else str(value)
        if key not in known:
            known[key] = in_words(value, source), _number(value)
        yield patient, *known[key]


def _number(value: Any) -> float | None:
    if isinstance(value, str):
        said = value.strip()
        if _MEANS_NONE.fullmatch(said):
            return None
        value = float(said) if _NUMBER.fullmatch(said) else math.nan
    if isinstance(value, bool) or not isinstance(value, (int, float, Decimal)):
        return math.nan
    number = float(value)
    return None if math.isinf(number) else number
