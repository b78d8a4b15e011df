"""A review list in its file: what is asked of it and written to it. Each change is on the disk when its method returns."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import os
import re
import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import IDCBrowserLib
from IDCBrowserLib.errors import InputError, StorageError
from IDCBrowserLib.review.answers import Answer, Correction, Item, Segment, Series
from IDCBrowserLib.review.cells import Kind, seconds, text, typed, whole
from IDCBrowserLib.review.computer import this_computer
from IDCBrowserLib.review.form import Form, Value, form_of
from IDCBrowserLib.review.schema import connect, make_tables, told
from IDCBrowserLib.sqlite_errors import ERRORS
from IDCBrowserLib.whole_file import FOR_OTHERS

ENDING = ".idcreview"
_LONGEST_NAME = 64
_MOST_SEGMENTS = 5000


@dataclass(frozen=True)
class Settings:
    """Of a list: ``blinded`` hides who made segmentations; ``ahead`` entries are fetched before they are asked for, of at most ``cap_bytes``."""

    name: str
    form: Form
    blinded: bool = False
    ahead: int = 2
    cap_bytes: int = 20_000_000_000


class ReviewFile:
    """``ReviewFile(path)`` opens one; ``create`` makes one. Close it: until then no other program can use it. Lists are copied from one computer to
    another: what is remembered of files holds for ``computer`` alone, by default this one.

    Methods raise ``StorageError`` where the disk refuses and ``InputError`` for a damaged file or values that the form does not have.
    """

    def __init__(self, path: Path, now: Callable[[], dt.datetime] | None = None, computer: str = "") -> None:
        self.path = path
        self._computer = computer or this_computer()
        self._now = now or (lambda: dt.datetime.now(dt.timezone.utc))
        self._lock = threading.Lock()
        self._connection = connect(path)
        try:
            self.settings = self._read_settings()
            self.count = self._one("SELECT count(*) FROM items")
        except BaseException:
            self._connection.close()
            raise

    @staticmethod
    def create(path: Path, settings: Settings, items: Iterable[Item]) -> None:
        """Write a new list. A file that is there is somebody's and stays: ``InputError``."""
        if not path.parent.is_dir():
            raise InputError(f"The folder {path.parent} does not exist. Choose another one.")
        try:
            os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, FOR_OTHERS))
        except FileExistsError as error:
            raise InputError(f"{path} exists already. Choose another name, or open that list.") from error
        except (OSError, ValueError) as error:
            raise StorageError(f"{path} cannot be written ({error}). Choose another folder.") from error
        try:
            _fill(path, settings, items)
        except BaseException:
            with contextlib.suppress(OSError):
                path.unlink()
            raise

    def close(self) -> None:
        """Let other programs open it."""
        with self._lock, contextlib.suppress(*ERRORS):
            self._connection.close()

    # Readers

    def readers(self) -> list[str]:
        """Who has begun, in the order of the alphabet."""
        return [name for (name,) in self._all((text,), "SELECT name FROM readers ORDER BY name")]

    def begin(self, reader: str) -> int:
        """The place where a reader stopped; 0 for a new one. Raises ``InputError`` for an empty name or one of more than 64 letters."""
        name = reader_name(reader)
        self._write("INSERT OR IGNORE INTO readers (name) VALUES (?)", (name,))
        place = self._one("SELECT place FROM readers WHERE name = ?", (name,))
        return min(max(0, place), max(0, self.count - 1))

    def go_to(self, reader: str, place: int) -> None:
        """Remember where a reader is."""
        self._write("UPDATE readers SET place = ? WHERE name = ?", (place, reader))

    def spend(self, reader: str, number: int, time_s: float) -> None:
        """Add to the seconds that a reader has looked at an entry."""
        if not 0 <= time_s < 1e7:
            raise InputError(f"{time_s} is not a time in seconds.")
        self._write(
            "INSERT INTO visits VALUES (?, ?, ?) ON CONFLICT (reader, item) DO UPDATE SET seconds = seconds + excluded.seconds",
            (reader, number, time_s),
        )

    def seconds(self) -> dict[tuple[str, int], float]:
        """By reader and entry."""
        rows = self._all((text, whole, seconds), "SELECT reader, item, seconds FROM visits")
        return {(reader, item): spent for reader, item, spent in rows}

    def seconds_of(self, reader: str, number: int) -> float:
        """Of one reader and entry."""
        found = self._all((seconds,), "SELECT seconds FROM visits WHERE reader = ? AND item = ?", (reader, number))
        return found[0][0] if found else 0.0

    def answered(self, reader: str) -> int:
        """How many entries have an answer of this reader."""
        return self._one("SELECT count(DISTINCT item) FROM answers WHERE reader = ?", (reader,))

    def next_without_answers(self, reader: str, after: int) -> int | None:
        """The first entry behind ``after``, else the first of all, without an answer of this reader; None where there is none."""
        query = "SELECT number FROM items WHERE number NOT IN (SELECT item FROM answers WHERE reader = ?) ORDER BY number <= ?, number LIMIT 1"
        found = self._all((whole,), query, (reader, after))
        return found[0][0] if found else None

    # Entries

    def item(self, number: int) -> Item:
        """Raises ``InputError`` where there is none."""
        found = self.items(number, number)
        if not found:
            raise InputError(f"The list has no entry {number + 1}; it has {self.count:,}.")
        return found[0]

    def items(self, first: int, last: int) -> list[Item]:
        """Those from ``first`` to ``last``, both included, that there are."""
        query = "SELECT number, name, collection, patient, series, head FROM items WHERE number BETWEEN ? AND ? ORDER BY number"
        rows = self._all((whole, text, text, text, text, text), query, (first, last))
        return [_item(self.path, row) for row in rows]

    def learn_head(self, number: int, head: Mapping[str, str]) -> None:
        """What an image of the entry says about patient and study."""
        self._write("UPDATE items SET head = ? WHERE number = ?", (json.dumps(dict(head), ensure_ascii=False), number))

    def learn_segments(self, number: int, segments: Sequence[Segment]) -> None:
        """Segments that were seen in the entry; those of before stay, since answers may be about them."""
        rows = [
            (number, one.key, one.name, one.code, one.series_uid, one.object_uid, one.object_class, one.number, one.image_series_uid)
            for one in segments[:_MOST_SEGMENTS]
        ]
        with self._changing() as connection:
            connection.executemany("INSERT OR REPLACE INTO segments VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)

    def segments(self, number: int | None = None) -> dict[int, list[Segment]]:
        """By entry; of one entry where it is named."""
        where, values = ("", ()) if number is None else (" WHERE item = ?", (number,))
        found: dict[int, list[Segment]] = {}
        query = f"SELECT item, key, name, code, series, object, class, number, image FROM segments{where} ORDER BY item, series, number, key"
        for item, *fields in self._all((whole, *[text] * 6, whole, text), query, values):
            found.setdefault(item, []).append(Segment(*fields))
        return found

    # Answers

    def answer(self, reader: str, number: int, segment: str, question: str, value: Value | None) -> None:
        """Keep an answer; None takes it back."""
        asked = self.settings.form.question(question)
        if (asked.about == "segment") != bool(segment) or not 0 <= number < self.count:
            raise InputError(f"{asked.text!r} is asked of each {asked.about}, which entry {number + 1} of the list does not have here.")
        key = (reader_name(reader), number, segment, question)
        if value is None or value == "":
            self._write("DELETE FROM answers WHERE reader = ? AND item = ? AND segment = ? AND question = ?", key)
            return
        kept = json.dumps(asked.checked(value), ensure_ascii=False)
        self._write("INSERT OR REPLACE INTO answers VALUES (?, ?, ?, ?, ?, ?)", (*key, kept, self._now().isoformat(timespec="seconds")))

    def answers(self, reader: str | None = None, number: int | None = None) -> list[Answer]:
        """All, or those of a reader, of an entry, or both; by entry, segment, reader and the order of the form."""
        conditions = [(name, value) for name, value in (("reader", reader), ("item", number)) if value is not None]
        where = " AND ".join(f"{name} = ?" for name, _ in conditions) or "true"
        query = f"SELECT reader, item, segment, question, value, changed FROM answers WHERE {where}"
        rows = self._all((text, whole, text, text, text, text), query, tuple(value for _, value in conditions))
        order = {question.key: place for place, question in enumerate(self.settings.form.questions)}
        found = [_answer(self.path, self.settings.form, row) for row in rows]
        return sorted(found, key=lambda one: (one.item, one.segment, one.reader, order.get(one.question, len(order))))

    # What was fetched for the list, and what was corrected

    def fetching(self, number: int, series: Sequence[tuple[str, int]]) -> None:
        """Before a download: nothing of these series (UID, bytes) was here."""
        with self._changing() as connection:
            connection.executemany("INSERT OR IGNORE INTO fetched VALUES (?, ?, ?, ?)", [(self._computer, uid, number, size) for uid, size in series])

    def fetched(self) -> list[tuple[str, int, int]]:
        """Series, entry, bytes of what this list fetched here and nobody removed yet."""
        query = "SELECT series, item, bytes FROM fetched WHERE computer = ? ORDER BY item, series"
        return [(uid, item, size) for uid, item, size in self._all((text, whole, whole), query, (self._computer,))]

    def removed(self, series: Sequence[str]) -> None:
        """They are no longer here, or no longer this list's."""
        with self._changing() as connection:
            connection.executemany("DELETE FROM fetched WHERE computer = ? AND series = ?", [(self._computer, uid) for uid in series])

    def corrected(self, correction: Correction) -> None:
        """A corrected segmentation was written."""
        self._write(
            "INSERT OR REPLACE INTO corrections VALUES (?, ?, ?, ?)", (correction.reader, correction.item, correction.series_uid, correction.path)
        )

    def corrections(self, number: int | None = None) -> list[Correction]:
        """All, or those of an entry."""
        where, values = ("", ()) if number is None else (" WHERE item = ?", (number,))
        query = f"SELECT reader, item, series, path FROM corrections{where} ORDER BY item, reader, series"
        return [Correction(*row) for row in self._all((text, whole, text, text), query, values)]

    # Inside

    def _read_settings(self) -> Settings:
        about = dict(self._all((text, text), "SELECT key, value FROM about"))
        try:
            form = form_of(json.loads(about["form"]), f"The form in {self.path}")
            return Settings(about["name"], form, about["blinded"] == "1", int(about["ahead"]), int(about["cap_bytes"]))
        except (KeyError, ValueError, RecursionError) as error:
            raise InputError(f"{self.path} is damaged: what it says of itself cannot be read. Use a copy of it.") from error

    @contextlib.contextmanager
    def _changing(self) -> Iterator[sqlite3.Connection]:
        with self._lock, told(self.path):
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")

    def _write(self, statement: str, values: tuple[Any, ...]) -> None:
        with self._changing() as connection:
            connection.execute(statement, values)

    def _all(self, kinds: Sequence[Kind], query: str, values: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
        with self._lock, told(self.path):
            rows = self._connection.execute(query, values).fetchall()
        return typed(self.path, rows, kinds)

    def _one(self, query: str, values: tuple[Any, ...] = ()) -> int:
        rows = self._all((whole,), query, values)
        if not rows:
            raise InputError(f"{self.path}: this reader is not in the list. Give the name again.")
        return int(rows[0][0])


def reader_name(typed_in: str) -> str:
    """One line. Raises ``InputError`` for none, and for more than 64 letters (a person name of DICOM)."""
    name = " ".join(typed_in.split())
    if not name or len(name) > _LONGEST_NAME or any(ord(letter) < 32 for letter in name):
        raise InputError(f"A reader needs a name of 1 to {_LONGEST_NAME} letters.")
    return name


def reader_in_file_name(name: str) -> str:
    """Letters and digits of a reader's name that every disk takes."""
    return re.sub(r"[^A-Za-z0-9]+", "_", name).strip("_")[:40] or "reader"


def _fill(path: Path, settings: Settings, items: Iterable[Item]) -> None:
    rows = [
        (item.number, item.name, item.collection_id, item.patient_id, json.dumps([one.to_json() for one in item.series], ensure_ascii=False))
        for item in items
    ]
    if not rows:
        raise InputError("There is nothing to review: no series was found.")
    connection = connect(path, is_new=True)
    about = {
        "name": settings.name,
        "form": json.dumps(settings.form.to_json(), ensure_ascii=False),
        "blinded": str(int(settings.blinded)),
        "ahead": str(settings.ahead),
        "cap_bytes": str(settings.cap_bytes),
        "program": f"IDC Browser {IDCBrowserLib.__version__}",
    }
    try:
        with told(path):
            make_tables(connection)
            connection.execute("BEGIN")
            connection.executemany("INSERT INTO about VALUES (?, ?)", list(about.items()))
            connection.executemany("INSERT INTO items (number, name, collection, patient, series) VALUES (?, ?, ?, ?, ?)", rows)
            connection.execute("COMMIT")
    finally:
        connection.close()


def _item(path: Path, row: tuple[Any, ...]) -> Item:
    try:
        number, name, collection, patient, series, head = row
        made = tuple(_series(*one) for one in json.loads(series))
        about = {str(key): str(value) for key, value in json.loads(head).items()}
    except (TypeError, ValueError, AttributeError, OverflowError, RecursionError) as error:
        raise InputError(f"{path} is damaged: entry {row[0] + 1} cannot be read. Use a copy of it.") from error
    return Item(number, name, collection, patient, made, about)


def _series(uid: object, study: object, modality: object, sop_class: object, description: object, size: Any) -> Series:
    return Series(str(uid), str(study), str(modality), str(sop_class), str(description), int(size))


def _answer(path: Path, form: Form, row: tuple[Any, ...]) -> Answer:
    reader, item, segment, question, value, changed = row
    try:
        kept = form.question(question).checked(json.loads(value))
        return Answer(reader, item, segment, question, kept, changed)
    except (TypeError, ValueError, RecursionError, InputError) as error:
        raise InputError(f"{path} is damaged: an answer of entry {item} cannot be read. Use a copy of it.") from error
