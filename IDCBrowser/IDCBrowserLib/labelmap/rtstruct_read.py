"""An RT Structure Set file as a ``StructureSet`` (DICOM PS3.3 A.19.3): names and references through pydicom, contours from the raw bytes."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from IDCBrowserLib.errors import ConversionError
from IDCBrowserLib.labelmap.contour_text import parse_texts
from IDCBrowserLib.labelmap.rtstruct_bytes import CONTOUR_DATA, CONTOUR_IMAGE_SEQUENCE, CONTOUR_SEQUENCE, DicomBytes, Item, walk
from IDCBrowserLib.labelmap.rtstruct_meaning import codes_of
from IDCBrowserLib.labelmap.rtstruct_types import Contour, ContourKind, Notes, ReferencedSeries, Roi, RoiNotes, StructureSet
from IDCBrowserLib.labelmap.types import Source

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

RT_STRUCTURE_SET = "1.2.840.10008.5.1.4.1.1.481.3"
_GEOMETRIC_TYPE = 0x30060042
_NUMBER_OF_POINTS = 0x30060046
_REFERENCED_ROI_NUMBER = 0x30060084
_DISPLAY_COLOR = 0x3006002A
_REFERENCED_INSTANCE = 0x00081155
_REFERENCED_FRAME = 0x00081160
_KINDS = {kind.value.replace("_", ""): kind for kind in ContourKind}
_COLORS = ((230, 70, 70), (70, 160, 230), (90, 200, 90), (240, 190, 60), (180, 110, 220), (70, 210, 200), (240, 130, 190), (160, 140, 90))


def read_structure_set(path: str | Path, with_contours: bool = True, wanted: Callable[[int], bool] = lambda number: True) -> StructureSet:
    """The structure set in a file; without contours nothing but their number is read. ``wanted`` chooses ROI Numbers whose contours are read.

    Raises ``ConversionError`` when the file is no structure set, is damaged or cut short. What is wrong with single contours is noted.
    """
    content = DicomBytes(path)
    with warnings.catch_warnings():
        # pydicom warns of every value that bends the standard; what matters here is checked here.
        warnings.simplefilter("ignore")
        header = content.header_dataset()
        notes = Notes()
        _check_class(header, content)
        source = _source(header)
        series = tuple(_referenced_series(header, source, notes))
        rois = _rois(header, notes)
        frames = _frames_of_reference(header, rois)
    structure_set = StructureSet(str(path), _with_references(source, frames, series), rois, series, frames, notes)
    items = _attach(content, structure_set)
    if with_contours:
        _read_contours(content, [(roi, item) for roi, item in items if wanted(roi.number)], notes)
    return structure_set


def _check_class(header: Dataset, content: DicomBytes) -> None:
    sop_class = _text(header, "SOPClassUID")
    modality = _text(header, "Modality")
    if sop_class != RT_STRUCTURE_SET and not (sop_class == "" and (modality == "RTSTRUCT" or content.roi_contour_items())):
        kind = sop_class or (f"of modality {modality}" if modality else "without SOP Class UID")
        raise ConversionError(f"{content.path} is no RT Structure Set but an object {kind}. Give the file of an RTSTRUCT series.")


def _source(header: Dataset) -> Source:
    return Source(
        kind="RTSTRUCT", sop_class_uid=RT_STRUCTURE_SET, sop_instance_uid=_text(header, "SOPInstanceUID"),
        series_uid=_text(header, "SeriesInstanceUID"), study_uid=_text(header, "StudyInstanceUID"), patient_id=_text(header, "PatientID"),
        patient_name=_text(header, "PatientName"), series_description=_text(header, "SeriesDescription") or _text(header, "StructureSetLabel"),
        series_number=_text(header, "SeriesNumber"), frame_of_reference_uid=_text(header, "FrameOfReferenceUID"),
    )


def _with_references(source: Source, frames: tuple[str, ...], series: tuple[ReferencedSeries, ...]) -> Source:
    values = dict(vars(source))
    values["frame_of_reference_uid"] = source.frame_of_reference_uid or (frames[0] if frames else "")
    values["referenced_series_uids"] = tuple(dict.fromkeys(reference.series_uid for reference in series))
    return Source(**values)


def _frames_of_reference(header: Dataset, rois: list[Roi]) -> tuple[str, ...]:
    named = [_text(frame, "FrameOfReferenceUID") for frame in _sequence(header, "ReferencedFrameOfReferenceSequence")]
    named += [roi.frame_of_reference_uid for roi in rois]
    return tuple(uid for uid in dict.fromkeys(named) if uid)


def _referenced_series(header: Dataset, source: Source, notes: Notes) -> Iterator[ReferencedSeries]:
    """RT Referenced Series of every frame of reference (PS3.3 C.8.8.5)."""
    for frame in _sequence(header, "ReferencedFrameOfReferenceSequence"):
        for study in _sequence(frame, "RTReferencedStudySequence"):
            for series in _sequence(study, "RTReferencedSeriesSequence"):
                uid = _text(series, "SeriesInstanceUID")
                if uid and uid == source.series_uid:
                    notes.say("The structure set names its own series as its images; that reference is ignored.")
                elif uid:
                    instances = frozenset(_text(image, "ReferencedSOPInstanceUID") for image in _sequence(series, "ContourImageSequence"))
                    yield ReferencedSeries(uid, _text(frame, "FrameOfReferenceUID"), instances - {""})


def _rois(header: Dataset, notes: Notes) -> list[Roi]:
    observations: dict[int, list[Dataset]] = {}
    for item in _sequence(header, "RTROIObservationsSequence"):
        observations.setdefault(_int(item, "ReferencedROINumber"), []).append(item)
    rois: list[Roi] = []
    numbers: set[int] = set()
    for order, item in enumerate(_sequence(header, "StructureSetROISequence")):
        number = _int(item, "ROINumber")
        if number in numbers:
            notes.say(f"ROI Number {number} is given twice; the contours of both are taken as those of the first.")
            continue
        numbers.add(number)
        roi = Roi(
            number, name=_text(item, "ROIName"), description=_text(item, "ROIDescription"),
            frame_of_reference_uid=_text(item, "ReferencedFrameOfReferenceUID"), algorithm_type=_text(item, "ROIGenerationAlgorithm"),
            algorithm_name=_text(item, "ROIGenerationDescription"), tracking_uid=_text(item, "TrackingUID"), color=_COLORS[order % len(_COLORS)],
        )
        _observe(roi, observations.get(number, []))
        rois.append(roi)
    return rois


def _observe(roi: Roi, observations: list[Dataset]) -> None:
    for item in observations:
        roi.interpreted_type = roi.interpreted_type or _text(item, "RTROIInterpretedType").upper()
        roi.observation_label = roi.observation_label or _text(item, "ROIObservationLabel")
        category = codes_of(_sequence(item, "SegmentedPropertyCategoryCodeSequence"))
        identification = _sequence(item, "RTROIIdentificationCodeSequence")
        kinds = codes_of(identification)
        regions = _sequence(item, "AnatomicRegionSequence")
        roi.category = roi.category or (category[0] if category else None)
        if roi.type is None and kinds:
            roi.type = kinds[0]
            roi.type_modifiers = codes_of(_sequence(identification[0], "SegmentedPropertyTypeModifierCodeSequence"))
        if roi.anatomic_region is None and regions:
            roi.anatomic_region = next(iter(codes_of(regions)), None)
            roi.anatomic_region_modifiers = codes_of(_sequence(regions[0], "AnatomicRegionModifierSequence"))


def _attach(content: DicomBytes, structure_set: StructureSet) -> list[tuple[Roi, Item]]:
    """Pair the items of the ROI Contour Sequence with ROIs by number; colors and numbers of contours are set on the way."""
    by_number = {roi.number: roi for roi in structure_set.rois}
    pairs: list[tuple[Roi, Item]] = []
    for item in content.roi_contour_items():
        number = _as_int(content.text(item, _REFERENCED_ROI_NUMBER))
        if number is None:
            structure_set.notes.say("An item of the ROI Contour Sequence does not say to which ROI it belongs; it is left out.")
            continue
        roi = by_number.get(number)
        if roi is None:
            structure_set.notes.say(f"ROI {number} has contours but no entry in the Structure Set ROI Sequence; it has no name.")
            roi = by_number[number] = Roi(number, color=_COLORS[len(by_number) % len(_COLORS)])
            structure_set.rois.append(roi)
        roi.color = _color(content.text(item, _DISPLAY_COLOR)) or roi.color
        node = item.get(CONTOUR_SEQUENCE)
        roi.contour_count += len(node.items or []) if node else 0
        roi.stored_kinds.update(content.text(contour, _GEOMETRIC_TYPE) for contour in walk([item], CONTOUR_SEQUENCE))
        pairs.append((roi, item))
    return pairs


def _read_contours(content: DicomBytes, pairs: list[tuple[Roi, Item]], notes: Notes) -> None:
    rois: list[Roi] = []
    items: list[Item] = []
    texts: list[bytes] = []
    for roi, roi_item in pairs:
        for item in walk([roi_item], CONTOUR_SEQUENCE):
            rois.append(roi)
            items.append(item)
            texts.append(content.raw(item, CONTOUR_DATA) or b"")
    numbers = parse_texts(texts)
    del texts
    first = 0
    count_of: dict[int, int] = {}
    for index, (roi, item) in enumerate(zip(rois, items, strict=True)):
        last = first + int(numbers.counts[index])
        about = notes.about(roi)
        count_of[roi.number] = number = count_of.get(roi.number, 0) + 1
        kind = _kind(content.text(item, _GEOMETRIC_TYPE), number, about)
        points = _points(numbers.values[first:last], numbers.problems.get(index, ""), number, about)
        if points is not None and kind is not None and _is_usable(kind, points, content.text(item, _NUMBER_OF_POINTS), number, about):
            roi.contours.append(Contour(number, kind, points, _images(content, item)))
        first = last


def _kind(stored: str, number: int, notes: RoiNotes) -> ContourKind | None:
    """The geometric type in any spelling that occurs (``CLOSEDPLANAR_XOR``, ``CLOSED_PLANAR_XOR``)."""
    kind = _KINDS.get(stored.upper().replace("_", "").replace(" ", ""))
    if kind is None and not stored:
        notes.contour(number, "its Contour Geometric Type is missing; CLOSED_PLANAR is assumed")
        return ContourKind.CLOSED
    if kind is None:
        notes.contour(number, f"left out, its Contour Geometric Type {stored!r} is unknown")
    return kind


def _points(values: Any, problem: str, number: int, notes: RoiNotes) -> Any:
    if problem:
        notes.contour(number, f"left out, {problem}")
    elif len(values) % 3:
        notes.contour(number, f"left out, its {len(values)} coordinates are no triples")
    elif len(values) and np.abs(values).max() > 1e9:
        notes.contour(number, "left out, its coordinates are larger than a million meters")
    else:
        return values.reshape(-1, 3)
    return None


def _is_usable(kind: ContourKind, points: Any, stated: str, number: int, notes: RoiNotes) -> bool:
    if kind.encloses and len(points) < 3:
        notes.contour(number, f"left out, it has {len(points)} point{'s' if len(points) > 1 else ''} and encloses nothing")
        return False
    expected = _as_int(stated)
    if expected is not None and expected != len(points):
        notes.contour(number, f"it says {expected} points but has {len(points)}, which are used")
    return True


def _images(content: DicomBytes, item: Item) -> tuple[tuple[str, int], ...]:
    references = walk([item], CONTOUR_IMAGE_SEQUENCE)
    return tuple((content.text(image, _REFERENCED_INSTANCE), _as_int(content.text(image, _REFERENCED_FRAME)) or 0) for image in references)


def _color(stored: str) -> tuple[int, int, int] | None:
    values = [_as_int(part) for part in stored.split("\\")]
    if len(values) != 3 or any(value is None or not 0 <= value <= 255 for value in values):
        return None
    red, green, blue = (int(value or 0) for value in values)
    return red, green, blue


def _as_int(text: str) -> int | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return int(value) if abs(value) < 2**53 else None


def _value(dataset: Dataset, keyword: str) -> Any:
    try:
        return dataset.get(keyword)
    except Exception:  # pydicom decodes on access and raises whatever a damaged value leads it to: a named seam
        return None


def _text(dataset: Dataset, keyword: str) -> str:
    value = _value(dataset, keyword)
    return "" if value is None else str(value).strip(" \0")


def _int(dataset: Dataset, keyword: str) -> int:
    number = _as_int(_text(dataset, keyword))
    return -1 if number is None else number


def _sequence(dataset: Dataset, keyword: str) -> list[Dataset]:
    value = _value(dataset, keyword)
    return list(value) if value is not None and not isinstance(value, (str, bytes, float, int)) else []
