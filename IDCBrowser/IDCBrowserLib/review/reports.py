"""Answers as DICOM SR, one for each entry and reader: PS3.16 TID 1500 with a group of TID 1501 for the entry and of TID 1411 for each segment.

Ratings, choices and flags are qualitative evaluations (CODE), text is text. Questions and values have the codes that the form states, else codes of
this program, which the object declares.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from IDCBrowserLib.dicom.code import Code
from IDCBrowserLib.dicom.sop_classes import RT_STRUCTURE_SET
from IDCBrowserLib.errors import InputError
from IDCBrowserLib.export.head import new_uid
from IDCBrowserLib.export.options import ExportOptions
from IDCBrowserLib.export.report_items import CONTEXT, code_item, container, referenced_segment, source_image, text_item, uid_item
from IDCBrowserLib.export.source_images import StatedImages, StatedStudy
from IDCBrowserLib.export.write_report import (
    FINDING,
    GROUP,
    MEASUREMENT_REPORT,
    MEASUREMENTS,
    OWN_SCHEME,
    SEGMENT,
    SOURCE_SERIES,
    TRACKING_ID,
    TRACKING_UID,
    Evidence,
    about_report,
    write_report,
)
from IDCBrowserLib.review.answers import Answer, Item, Segment
from IDCBrowserLib.review.form import Form, Question
from IDCBrowserLib.review.review_file import ReviewFile, reader_in_file_name

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

_YES, _NO = Code("373066001", "SCT", "Yes"), Code("373067005", "SCT", "No")
# "Liver (SCT 10200004)"
_CODED = re.compile(r"(.+) \((\S+) (\S+)\)")
# Read from an image of the entry; what else it holds is no part of patient or study.
_NEEDED = ("StudyInstanceUID", "SeriesInstanceUID", "SOPClassUID", "SOPInstanceUID")
_NOT_TAKEN = ("SOPClassUID", "SOPInstanceUID", "SeriesInstanceUID", "SeriesNumber", "Modality")


@dataclass(frozen=True)
class WrittenReports:
    """``files``, ``answers`` in them, and sentences about what is in none."""

    files: tuple[str, ...]
    answers: int
    warnings: tuple[str, ...]


def write_reports(path: Path, review: ReviewFile) -> WrittenReports:
    """``path`` names them: ``answers.dcm`` becomes ``answers-00001-Reader.dcm`` and so on. Files that are there stay: ``InputError`` before any is
    written. Raises ``StorageError``.
    """
    found = {key: list(group) for key, group in groupby(sorted(review.answers(), key=_key), key=_key)}
    if not found:
        raise InputError("Nothing has been answered yet, so there is no report to write.")
    segments = review.segments()
    names = _names(path, found)
    reports = [(names[key], review.item(key[0]), key[1], answers) for key, answers in found.items()]
    there = next((name for name, *_ in reports if name.exists()), None)
    if there is not None:
        raise InputError(f"{there} exists already. Choose another name.")
    files, answers, unseen = [], 0, 0
    for name, item, reader, given in reports:
        if not all(item.head.get(keyword) for keyword in _NEEDED):
            unseen += 1
            continue
        _write(name, item, reader, given, {one.key: one for one in segments.get(item.number, ())}, review.settings.form)
        files.append(str(name))
        answers += len(given)
    warnings = (f"{unseen:,} entries have no report, since none of their images was read. Show them once, then save again.",) if unseen else ()
    return WrittenReports(tuple(files), answers, warnings)


def _key(answer: Answer) -> tuple[int, str]:
    return answer.item, answer.reader


def _names(path: Path, keys: Iterable[tuple[int, str]]) -> dict[tuple[int, str], Path]:
    """By entry and reader. Readers whose names look the same in a file name, on any disk, are told apart by a number."""
    names: dict[tuple[int, str], Path] = {}
    taken: set[str] = set()
    for number, reader in keys:
        stem = f"{path.stem}-{number + 1:05}-{reader_in_file_name(reader)}"
        name = next(name for count in itertools.count(1) if (name := stem if count == 1 else f"{stem}-{count}").lower() not in taken)
        taken.add(name.lower())
        names[number, reader] = path.with_name(f"{name}.dcm")
    return names


def _write(path: Path, item: Item, reader: str, answers: Sequence[Answer], segments: dict[str, Segment], form: Form) -> None:
    groups = []
    for key, given in groupby(answers, key=lambda one: one.segment):
        evaluations = [_evaluation(form.question(one.question), one) for one in given]
        groups.append(_segment_group(segments[key], evaluations) if key in segments else _entry_group(item, key, evaluations))
    head = item.head
    root = container(MEASUREMENT_REPORT, [*about_report(head.get("Modality", ""), _person(reader)), container(MEASUREMENTS, groups)], "", "1500")
    judged = {one.segment for one in answers}
    write_report(
        path,
        _stated(item),
        ExportOptions("report", "Review", _person(reader)),
        root,
        _evidence(item, [segments[key] for key in segments if key in judged]),
        "Review",
    )


def _entry_group(item: Item, key: str, evaluations: Sequence[Dataset]) -> Dataset:
    head = item.head
    about = [text_item(TRACKING_ID, key or f"Entry {item.number + 1}", CONTEXT), uid_item(TRACKING_UID, new_uid(), CONTEXT)]
    if not key:
        about.append(source_image(head["SOPClassUID"], head["SOPInstanceUID"]))
    return container(GROUP, [*about, *evaluations], template="1501")


def _segment_group(segment: Segment, evaluations: Sequence[Dataset]) -> Dataset:
    about = [text_item(TRACKING_ID, segment.name, CONTEXT), uid_item(TRACKING_UID, new_uid(), CONTEXT)]
    coded = _CODED.fullmatch(segment.code)
    if coded:
        about.append(code_item(FINDING, Code(coded[3], coded[2], coded[1])))
    is_segment = bool(segment.number and segment.object_class) and segment.object_class != RT_STRUCTURE_SET
    if is_segment:
        about.append(referenced_segment(SEGMENT, segment.object_class, segment.object_uid, segment.number))
        if segment.image_series_uid:
            about.append(uid_item(SOURCE_SERIES, segment.image_series_uid))
    return container(GROUP, [*about, *evaluations], template="1411" if is_segment else "1501")


def _evaluation(question: Question, answer: Answer) -> Dataset:
    name = question.code or Code(question.key, OWN_SCHEME, question.text)
    if question.kind == "text":
        made = text_item(name, str(answer.value))
        # All of it, however long.
        made.TextValue = str(answer.value)
        return made
    return code_item(name, _value_code(question, answer))


def _value_code(question: Question, answer: Answer) -> Code:
    if question.kind == "flag":
        return _YES if answer.value else _NO
    if question.kind == "rating":
        return Code(f"RATING{answer.value}", OWN_SCHEME, str(answer.value))
    place = question.options.index(str(answer.value)) + 1 if answer.value in question.options else 0
    return Code(f"{question.key[:12]}-{place}", OWN_SCHEME, str(answer.value))


def _evidence(item: Item, segments: Sequence[Segment]) -> list[Evidence]:
    head = item.head
    objects: dict[str, dict[tuple[str, str], None]] = {head["SeriesInstanceUID"]: {(head["SOPClassUID"], head["SOPInstanceUID"]): None}}
    for one in segments:
        if one.object_class and one.object_uid:
            objects.setdefault(one.series_uid, {})[(one.object_class, one.object_uid)] = None
    return [Evidence(series, tuple(pairs)) for series, pairs in objects.items()]


def _stated(item: Item) -> StatedImages:
    from pydicom.dataset import Dataset

    made = Dataset()
    for keyword, value in item.head.items():
        if keyword not in _NOT_TAKEN:
            setattr(made, keyword, value)
    return StatedImages(StatedStudy(item.head["StudyInstanceUID"], "", item.head.get("SeriesNumber", "")), made)


def _person(reader: str) -> str:
    """A person name of DICOM has no backslash and, as one component, no caret or equals sign."""
    return re.sub(r"[\\^=]", " ", reader)
