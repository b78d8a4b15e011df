"""``describe_file``: one DICOM object in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from IDCBrowserLib.api import objects as api
from IDCBrowserLib.describe.card import Card, Reference, shown
from IDCBrowserLib.describe.drawn import describe_annotations, describe_segments
from IDCBrowserLib.describe.images import MPEG, describe_image
from IDCBrowserLib.describe.kinds import OTHER, VIDEO, Kind, kind_of
from IDCBrowserLib.describe.payload import describe_document, describe_video, describe_waveform
from IDCBrowserLib.describe.presentation import describe_map, describe_presentation, describe_registration, describe_value_map
from IDCBrowserLib.describe.radiotherapy import describe_dose, describe_plan
from IDCBrowserLib.describe.references import references_of
from IDCBrowserLib.describe.reports import describe_key_objects, describe_report
from IDCBrowserLib.dicom.charset import guess_sentence
from IDCBrowserLib.dicom.class_names import sop_class_in_words
from IDCBrowserLib.dicom.dicom_file import DicomFile, open_dicom
from IDCBrowserLib.errors import ConversionError, DamagedError, NotFoundError, StorageError
from IDCBrowserLib.safe_text import one_line

_CARDS: Mapping[str, Callable[[DicomFile], Card]] = {
    "image": describe_image,
    "video": describe_video,
    "segmentation": describe_segments,
    "structures": describe_segments,
    "report": describe_report,
    "key objects": describe_key_objects,
    "presentation": describe_presentation,
    "value map": describe_value_map,
    "plan": describe_plan,
    "dose": describe_dose,
    "registration": describe_registration,
    "map": describe_map,
    "annotations": describe_annotations,
    "document": describe_document,
    "waveform": describe_waveform,
}


def describe_file(path: str) -> api.Description:
    """Kind, title, one line, series, references and a card. What is damaged within costs a sentence in ``warnings``.

    Raises ``NotDicomError``, ``DamagedError``, ``NotFoundError``, ``StorageError``.
    """
    try:
        file = open_dicom(path)
    except DamagedError:
        return _damaged_report(path)
    return describe_opened(file)


def describe_opened(file: DicomFile) -> api.Description:
    """As ``describe_file``, of a file that is open already."""
    kind = _kind(file)
    card = _card(file, kind)
    root = file.root
    series = root.text(0x0008103E)
    sop_class = file.sop_class or file.start.media_class
    name = sop_class_in_words(sop_class) if sop_class else ""
    words = f"{kind.words} ({name})" if kind is OTHER and name else kind.words
    if root.stream.guessed:
        card.warnings.append(guess_sentence(root.stream.guessed))
    return {
        "file": file.path,
        "kind": kind.words,
        "family": kind.family,
        "title": shown(card.title or series or name or kind.words),
        "text": shown(f"{words}: {card.text}" if card.text else words),
        "modality": root.text(0x00080060),
        "sop_class": sop_class,
        "sop_class_name": name,
        "sop_instance": root.text(0x00080018),
        "series": root.text(0x0020000E),
        "series_description": series,
        "study": root.text(0x0020000D),
        "patient_id": root.text(0x00100020),
        "references": [_reference(reference) for reference in card.references],
        "details": card.details,
        "items": card.items,
        "warnings": list(dict.fromkeys(map(one_line, card.warnings))),
    }


def _kind(file: DicomFile) -> Kind:
    kind = kind_of(file.sop_class or file.start.media_class)
    if file.transfer_syntax.startswith(MPEG) or kind.words == VIDEO:
        return Kind(VIDEO, "video" if file.transfer_syntax.startswith(MPEG) else "image")
    return kind


def _card(file: DicomFile, kind: Kind) -> Card:
    describe = _CARDS.get(kind.family)
    try:
        card = describe(file) if describe is not None else Card()
    except (NotFoundError, StorageError):
        raise
    except (ConversionError, ValueError) as error:
        # Values that are none in a header cost the card, not the rest.
        text = str(error) if isinstance(error, ConversionError) else f"{file.path}: a value of the header makes no sense ({error})."
        card = Card(warnings=[text])
    try:
        card.references = references_of(file.root, kind.family)
    except ConversionError as error:
        card.warnings.append(str(error))
    return card


def _reference(reference: Reference) -> api.Reference:
    return {
        "relation": reference.relation,
        "series": reference.series_uid,
        "sop_class": reference.sop_class_uid,
        "kind": kind_of(reference.sop_class_uid).words if reference.sop_class_uid else "",
        "objects": len(reference.sop_instance_uids),
        "sop_instances": list(reference.sop_instance_uids),
    }


def _damaged_report(path: str) -> api.Description:
    """A report that is cut off is told as far as it goes; every other damaged file is refused."""
    from IDCBrowserLib.report.read import NotReportError, read_report

    try:
        report = read_report(path)
        card = describe_report(path)
    except NotReportError:
        open_dicom(path)
        raise
    return {
        "file": path,
        "kind": "Report",
        "family": "report",
        "title": card.title,
        "text": f"Report: {card.text}",
        "modality": "SR",
        "sop_class": report.sop_class_uid,
        "sop_class_name": sop_class_in_words(report.sop_class_uid) if report.sop_class_uid else "",
        "sop_instance": report.sop_instance_uid,
        "series": report.series_uid,
        "series_description": report.series_description,
        "study": report.study_uid,
        "patient_id": report.patient_id,
        "references": [],
        "details": card.details,
        "items": card.items,
        "warnings": card.warnings,
    }
