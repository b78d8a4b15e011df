"""All answers as a table, one row for each: CSV for spreadsheets, Parquet for everything else."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from IDCBrowserLib.errors import InputError
from IDCBrowserLib.review.agreement import Agreement
from IDCBrowserLib.review.answers import Item, Segment
from IDCBrowserLib.review.review_file import ReviewFile
from IDCBrowserLib.selection.rows_file import write_parquet, write_rows

ENDINGS = (".csv", ".tsv", ".json", ".parquet")
# Of Parquet; texts where nothing is said.
_TYPES = {"entry": "int32", "segment_number": "int32", "number": "double", "seconds": "double"}
COLUMNS = (
    "entry",
    "name",
    "collection_id",
    "PatientID",
    "StudyInstanceUID",
    "reader",
    "question",
    "question_text",
    "value",
    "number",
    "segment",
    "segment_number",
    "segment_code",
    "segmentation_SOPInstanceUID",
    "segmentation_SeriesInstanceUID",
    "image_SeriesInstanceUID",
    "answered",
    "seconds",
    "correction",
)
AGREEMENT_COLUMNS = ("question", "about", "readers", "measure", "compared", "same", "kappa")


def write_answers(path: Path, review: ReviewFile) -> int:
    """How many rows were written; the file appears whole or not at all. Raises ``InputError`` for another ending, ``StorageError``."""
    ending = path.suffix.lower()
    if ending not in ENDINGS:
        raise InputError(f"{path.name} does not show which kind of file to write; the name must end in {', '.join(ENDINGS)} or .dcm.")
    rows = answer_rows(review)
    if ending == ".parquet":
        write_parquet(path, COLUMNS, _TYPES, rows)
    else:
        write_rows(path, COLUMNS, rows)
    return len(rows)


def answer_rows(review: ReviewFile) -> list[list[Any]]:
    """In the order of ``COLUMNS``. ``number`` is the value of a rating, 1 or 0 of a flag, empty else; ``seconds`` is the time that the reader spent
    on the entry, the same in all of its rows."""
    items = {item.number: item for item in review.items(0, review.count)}
    segments = {(number, one.key): one for number, of_item in review.segments().items() for one in of_item}
    seconds = review.seconds()
    corrections = {(one.reader, one.item, one.series_uid): one.path for one in review.corrections()}
    texts = {question.key: question.text for question in review.settings.form.questions}
    rows = []
    for answer in review.answers():
        item = items.get(answer.item)
        if item is None:
            continue
        segment = segments.get((answer.item, answer.segment), Segment(answer.segment, answer.segment))
        spent = seconds.get((answer.reader, answer.item))
        rows.append(
            [
                answer.item + 1,
                item.name,
                item.collection_id,
                item.patient_id,
                item.series[0].study_uid if item.series else "",
                answer.reader,
                answer.question,
                texts.get(answer.question, answer.question),
                _words(answer.value),
                float(answer.value) if isinstance(answer.value, (bool, int)) else None,
                *(_of_segment(item, segment) if answer.segment else [None] * 6),
                answer.changed,
                None if spent is None else round(spent, 1),
                corrections.get((answer.reader, answer.item, segment.series_uid)) if answer.segment else None,
            ]
        )
    return rows


def agreement_rows(found: Sequence[Agreement]) -> list[list[Any]]:
    """In the order of ``AGREEMENT_COLUMNS``."""
    return [[one.question, one.about, " / ".join(one.readers), one.measure, one.compared, _rounded(one.same), _rounded(one.kappa)] for one in found]


def _of_segment(item: Item, segment: Segment) -> list[Any]:
    return [segment.name, segment.number or None, segment.code, segment.object_uid, segment.series_uid, segment.image_series_uid]


def _words(value: object) -> str:
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 6)
