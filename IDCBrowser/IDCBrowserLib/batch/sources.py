"""Items from what a batch is given: a plan of IDC's series, or folders of DICOM files on this machine."""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from IDCBrowserLib.batch.item import Item, ItemSeries, group
from IDCBrowserLib.batch.steps import DRAWN, Wanted
from IDCBrowserLib.errors import InputError
from IDCBrowserLib.selection.plan import Plan, PlannedSeries
from IDCBrowserLib.transfer.folders.layout import series_directory

if TYPE_CHECKING:
    from IDCBrowserLib.transfer.folders.template import Template

_PART = 5_000


class Shard:
    """``I/N`` of the command line: every N-th case, chosen by a hash, so that a case stays together and shards need not know of each other."""

    def __init__(self, text: str = "") -> None:
        number, slash, count = text.partition("/")
        if text and not (slash and number.isdecimal() and count.isdecimal() and 1 <= int(number) <= int(count) <= 1_000_000):
            raise InputError(f"--shard {text!r}: write I/N with I from 1 to N, for example 3/40.")
        self.number, self.count = (int(number), int(count)) if text else (1, 1)

    @property
    def text(self) -> str:
        """``3/40``; "" for all."""
        return f"{self.number}/{self.count}" if self.count > 1 else ""

    def has(self, series: PlannedSeries) -> bool:
        """Whether the case of a series is in it."""
        if self.count == 1:
            return True
        digest = hashlib.sha256(f"{series.collection_id}\0{series.patient_id}".encode(errors="surrogatepass")).digest()
        return int.from_bytes(digest[:8], "big") % self.count == self.number - 1


def place_of(template: Template | None) -> Callable[[PlannedSeries], str]:
    """Where the outputs of a series go."""
    return template.directory if template is not None else lambda series: series_directory(series, "", windows=False)


def items_of(series: Iterable[ItemSeries], wanted: Wanted, references: Callable[[Sequence[str]], Mapping[str, Sequence[str]]]) -> Iterator[Item]:
    """Items case by case, those alone of which a step makes something. Series wait in a temporary file, since there may be a million."""
    with sqlite3.connect("") as waiting:
        waiting.execute("CREATE TABLE series (collection TEXT, patient TEXT, one TEXT)")
        rows = ((one.planned.collection_id, one.planned.patient_id, json.dumps(one.to_json())) for one in series)
        waiting.executemany("INSERT INTO series VALUES (?, ?, ?)", rows)
        cases: list[list[ItemSeries]] = []
        last, count = None, 0
        for collection, patient, one in waiting.execute("SELECT * FROM series ORDER BY collection, patient, rowid"):
            if (collection, patient) != last:
                if count >= _PART:
                    yield from _items(cases, wanted, references)
                    cases, count = [], 0
                cases.append([])
                last = (collection, patient)
            cases[-1].append(ItemSeries.from_json(json.loads(one)))
            count += 1
        yield from _items(cases, wanted, references)
    waiting.close()


def _items(cases: Sequence[list[ItemSeries]], wanted: Wanted, references: Callable[[Sequence[str]], Mapping[str, Sequence[str]]]) -> Iterator[Item]:
    known = references([one.planned.series_uid for case in cases for one in case if one.planned.modality in DRAWN])
    for case in cases:
        yield from (item for item in group(case, known) if item.outputs(wanted))


def planned_series(plan: Plan, shard: Shard, template: Template | None) -> Iterator[ItemSeries]:
    """The series of a plan that are in a shard. Raises ``InputError`` where the template puts two of them to one place."""
    place = place_of(template)
    if template is not None:
        template.check_apart(plan.series)
    return (ItemSeries(one, place(one)) for one in plan.series if shard.has(one))


def is_folder(source: str) -> bool:
    """Whether a source is a folder on this machine."""
    try:
        return os.path.isdir(source)
    except ValueError:
        return False
