"""Opening structured reports."""

from __future__ import annotations

import os
from io import FileIO
from pathlib import Path
from typing import Literal

from IDCBrowserLib.dicom.charset import guess_sentence
from IDCBrowserLib.dicom.class_names import sop_class_in_words
from IDCBrowserLib.dicom.dicom_file import DicomFile
from IDCBrowserLib.dicom.elements import Element, Elements, read_element
from IDCBrowserLib.dicom.first_elements import read_first_elements
from IDCBrowserLib.dicom.inflate import Inflater
from IDCBrowserLib.dicom.meta import find_data_set
from IDCBrowserLib.dicom.problems import damaged
from IDCBrowserLib.dicom.regular_file import open_regular, unreadable
from IDCBrowserLib.dicom.scan import TagSelection
from IDCBrowserLib.dicom.sop_classes import REPORTS, STANDARD
from IDCBrowserLib.dicom.stream import Stream
from IDCBrowserLib.dicom.transfer_syntax import DEFLATED
from IDCBrowserLib.errors import ConversionError, DamagedError
from IDCBrowserLib.report import tags
from IDCBrowserLib.report.content import read_content
from IDCBrowserLib.report.report import Report
from IDCBrowserLib.wording import human_size

# The largest reports of IDC have 2 MB.
MAX_BYTES = 256 << 20
_CHARSET = 0x00080005
_SOP_CLASS = 0x00080016
_CLASS_ONLY = TagSelection(frozenset((_SOP_CLASS,)), _SOP_CLASS)
_EVIDENCE = (0x0040A375, 0x0040A385, 0x00081115)
_TEMPLATE = 0x0040A504
_TEMPLATE_IDENTIFIER = 0x0040DB00
_REFERENCED_SERIES = 0x00081115
_SERIES_UID = 0x0020000E
_REFERENCED_UID = 0x00081155


class NotReportError(ConversionError):
    """A DICOM object of another kind."""


def read_report(source: str | Path | DicomFile) -> Report:
    """Read a file of any SR SOP class, or one that is open already; Key Object Selections have the same content.

    Raises ``NotDicomError``, ``DamagedError`` (nothing of it can be read), ``ConversionError`` (no report), ``NotFoundError``, ``StorageError``.
    """
    notes: list[str] = []
    # Of a deflated file that is open only the header is inflated.
    is_open = isinstance(source, DicomFile) and source.transfer_syntax != DEFLATED
    name = source.path if isinstance(source, DicomFile) else os.fspath(source)
    stream, position = (source.root.stream, source.start.position) if isinstance(source, DicomFile) and is_open else _data_set(name, notes)
    header, has_content = _header(stream, position, notes)
    if not has_content and tags.VALUE_TYPE not in header:
        raise _not_report(name, header.text(_SOP_CLASS))
    root = read_content(header, position, stream.size, notes)
    if not root.children:
        notes.append("The report has no content.")
    series_of = _series_of(header, notes)
    template = header.first(_TEMPLATE)
    if stream.guessed:
        notes.append(guess_sentence(stream.guessed))
    return Report(
        path=name,
        sop_class_uid=header.text(_SOP_CLASS),
        sop_instance_uid=header.text(0x00080018),
        series_uid=header.text(_SERIES_UID),
        study_uid=header.text(0x0020000D),
        patient_id=header.text(0x00100020),
        patient_name=header.text(0x00100010),
        series_description=header.text(0x0008103E),
        content_date=header.text(0x00080023),
        is_complete=header.text(0x0040A491) == "COMPLETE",
        is_verified=header.text(0x0040A493) == "VERIFIED",
        template="" if template is None else template.text(_TEMPLATE_IDENTIFIER),
        root=root,
        series_of=series_of,
        notes=tuple(dict.fromkeys(notes)),
    )


def _check_class(name: str, file: FileIO) -> None:
    """Other objects are passed over without reading their pixels."""
    try:
        values = read_first_elements(name, file, _CLASS_ONLY).values
    except DamagedError:
        return
    sop_class = values.get(_SOP_CLASS, b"").decode("ascii", "replace").strip(" \0")
    if sop_class.startswith(STANDARD) and not sop_class.startswith(REPORTS):
        raise _not_report(name, sop_class)


def _not_report(name: str, sop_class: str) -> NotReportError:
    if sop_class.startswith(REPORTS):
        return NotReportError(f"{name} says that it is a report, but it has no content. Download it again.", "a report without content")
    kind = sop_class_in_words(sop_class) if sop_class else "another DICOM object"
    return NotReportError(f"{name} is not a structured report but {kind}. Give the file of an SR series.", f"no report but {kind}")


def _data_set(name: str, notes: list[str]) -> tuple[Stream, int]:
    """All of the file, inflated, and where its data set begins."""
    with open_regular(name) as file:
        size = os.fstat(file.fileno()).st_size
        if size > MAX_BYTES:
            raise ConversionError(f"{name} has {human_size(size)}, far more than a report can have ({human_size(MAX_BYTES)}).")
        try:
            _check_class(name, file)
            file.seek(0)
            data = file.readall()
        except OSError as error:
            raise unreadable(name, error) from error
        stream = Stream(name, data)
        start = find_data_set(stream)
        if start.transfer_syntax != DEFLATED:
            return stream.written(start.implicit, start.big_endian), start.position
        file.seek(start.position)
        inflater = Inflater(name, file, size)
        try:
            while not inflater.ended and len(inflater.done) <= MAX_BYTES:
                inflater.up_to(len(inflater.done) + (1 << 20))
        except DamagedError as error:
            if not inflater.done:
                raise
            notes.append(f"The report is {error.reason}; what can be read of it is shown.")
        if len(inflater.done) > MAX_BYTES:
            raise damaged(name, f"it inflates to more than {human_size(MAX_BYTES)}, far more than a report can have")
        return Stream(name, bytes(inflater.done)), 0


def _header(stream: Stream, position: int, notes: list[str]) -> tuple[Elements, bool]:
    """The elements before the content, and whether there is any. The content is not passed over: its end may be far away or missing."""
    table: dict[int, Element] = {}
    has_content = False
    try:
        while position < stream.size and not has_content:
            tag = _tag_at(stream, position)
            has_content = tag == tags.CONTENT_SEQUENCE
            if not has_content:
                element = read_element(stream, position, stream.size)
                table.setdefault(tag, element)
                position = element.next
    except DamagedError as error:
        if not table:
            raise
        notes.append(f"The report is {error.reason}; what can be read of it is shown.")
    header = Elements(stream, table)
    if _CHARSET in table:
        header.charset = header.raw(_CHARSET).decode("ascii", "replace").strip(" \0")
    return header, has_content


def _tag_at(stream: Stream, position: int) -> int:
    head = stream.data[position : position + 4]
    order: Literal["little", "big"] = "big" if stream.big_endian else "little"
    return int.from_bytes(head[:2], order) << 16 | int.from_bytes(head[2:], order)


def _series_of(header: Elements, notes: list[str]) -> dict[str, str]:
    """SOPInstanceUID -> SeriesInstanceUID, of the Current Requested Procedure Evidence, Pertinent Other Evidence and Referenced Series sequences."""
    found: dict[str, str] = {}
    try:
        for tag in _EVIDENCE:
            studies = header.items(tag) if tag in header else []
            for series in [series for study in studies for series in (study.items(_REFERENCED_SERIES) or [study])]:
                uid = series.text(_SERIES_UID)
                for instance in series.iterate_items(tags.REFERENCED_SOP):
                    found.setdefault(instance.text(_REFERENCED_UID), uid)
    except DamagedError as error:
        notes.append(f"The list of objects that the report is about is {error.reason}.")
    found.pop("", None)
    return found
