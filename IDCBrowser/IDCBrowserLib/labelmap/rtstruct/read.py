"""An RT Structure Set file as a ``StructureSet`` (DICOM PS3.3 A.19.3): names, references and contours from the raw bytes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from IDCBrowserLib.dicom.charset import guess_sentence
from IDCBrowserLib.dicom.context import context_of
from IDCBrowserLib.dicom.dicom_file import DicomFile, opened
from IDCBrowserLib.dicom.elements import Elements
from IDCBrowserLib.dicom.sop_classes import RT_STRUCTURE_SET
from IDCBrowserLib.errors import ConversionError
from IDCBrowserLib.labelmap.contours.structure_set import Contour, ContourKind, ConversionNotes, ReferencedSeries, Roi, RoiNotes, StructureSet
from IDCBrowserLib.labelmap.contours.text import parse_texts
from IDCBrowserLib.labelmap.rtstruct.meaning import codes_of
from IDCBrowserLib.labelmap.types import Source
from IDCBrowserLib.task import look_for_cancel

_SOP_CLASS_UID = 0x00080016
_SOP_INSTANCE_UID = 0x00080018
_MODALITY = 0x00080060
_SERIES_DESCRIPTION = 0x0008103E
_REFERENCED_SOP_INSTANCE_UID = 0x00081155
_ANATOMIC_REGION_SEQUENCE = 0x00082218
_ANATOMIC_REGION_MODIFIER_SEQUENCE = 0x00082220
_PATIENT_NAME = 0x00100010
_PATIENT_ID = 0x00100020
_STUDY_INSTANCE_UID = 0x0020000D
_SERIES_INSTANCE_UID = 0x0020000E
_SERIES_NUMBER = 0x00200011
_FRAME_OF_REFERENCE_UID = 0x00200052
_SEGMENTED_PROPERTY_CATEGORY_CODE_SEQUENCE = 0x00620003
_SEGMENTED_PROPERTY_TYPE_MODIFIER_CODE_SEQUENCE = 0x00620011
_TRACKING_UID = 0x00620021
_STRUCTURE_SET_LABEL = 0x30060002
_REFERENCED_FRAMES = 0x30060010
_RT_REFERENCED_STUDY_SEQUENCE = 0x30060012
_RT_REFERENCED_SERIES_SEQUENCE = 0x30060014
_STRUCTURE_SET_ROI_SEQUENCE = 0x30060020
_ROI_NUMBER = 0x30060022
_REFERENCED_FRAME_OF_REFERENCE_UID = 0x30060024
_ROI_NAME = 0x30060026
_ROI_DESCRIPTION = 0x30060028
_ROI_GENERATION_ALGORITHM = 0x30060036
_ROI_GENERATION_DESCRIPTION = 0x30060038
_RT_ROI_OBSERVATIONS_SEQUENCE = 0x30060080
_REFERENCED_ROI_NUMBER = 0x30060084
_ROI_OBSERVATION_LABEL = 0x30060085
_RT_ROI_IDENTIFICATION_CODE_SEQUENCE = 0x30060086
_RT_ROI_INTERPRETED_TYPE = 0x300600A4
_CONTOUR_IMAGE_SEQUENCE = 0x30060016
_ROI_CONTOUR_SEQUENCE = 0x30060039
_CONTOUR_SEQUENCE = 0x30060040
_GEOMETRIC_TYPE = 0x30060042
_NUMBER_OF_POINTS = 0x30060046
_CONTOUR_DATA = 0x30060050
_DISPLAY_COLOR = 0x3006002A
_REFERENCED_FRAME = 0x00081160
_LARGEST = 1e9
# Contours between two looks for a cancel.
_LOOK = 500
_KINDS = {kind.value.replace("_", ""): kind for kind in ContourKind}
_COLORS = ((230, 70, 70), (70, 160, 230), (90, 200, 90), (240, 190, 60), (180, 110, 220), (70, 210, 200), (240, 130, 190), (160, 140, 90))


def read_structure_set(
    source: str | Path | DicomFile, with_contours: bool = True, wanted: Callable[[int], bool] = lambda number: True
) -> StructureSet:
    """The structure set in a file; without contours nothing but their number is read. ``wanted`` chooses ROI Numbers whose contours are read.

    Raises ``ConversionError`` when the file is no structure set, is damaged or cut short. What is wrong with single contours is noted.
    """
    file = opened(source)
    header = file.root
    notes = ConversionNotes()
    _check_class(header, file.path)
    identifiers = _source(header)
    series = tuple(_referenced_series(header, identifiers, notes))
    rois = _rois(header, notes)
    stated = [identifiers.frame_of_reference_uid, *(frame.text(_FRAME_OF_REFERENCE_UID) for frame in header.items(_REFERENCED_FRAMES))]
    frames = tuple(dict.fromkeys(uid for uid in (*stated[1:], *(roi.frame_of_reference_uid for roi in rois)) if uid))
    references = _with_references(identifiers, frames, series)
    structure_set = StructureSet(file.path, references, rois, series, frames, notes, frozenset(stated) - {""})
    drawn = _attach(header, structure_set)
    if with_contours:
        _read_contours([(roi, contours) for roi, contours in drawn if wanted(roi.number)], notes)
    if header.stream.guessed:
        notes.say(guess_sentence(header.stream.guessed))
    return structure_set


def _check_class(header: Elements, path: str) -> None:
    sop_class = header.text(_SOP_CLASS_UID)
    modality = header.text(_MODALITY)
    if sop_class != RT_STRUCTURE_SET and not (sop_class == "" and (modality == "RTSTRUCT" or header.first(_ROI_CONTOUR_SEQUENCE))):
        kind = sop_class or (f"of modality {modality}" if modality else "without SOP Class UID")
        raise ConversionError(f"{path} is not an RT Structure Set but an object {kind}. Give the file of an RTSTRUCT series.")


def _source(header: Elements) -> Source:
    return Source(
        kind="RTSTRUCT",
        sop_class_uid=RT_STRUCTURE_SET,
        sop_instance_uid=header.text(_SOP_INSTANCE_UID),
        series_uid=header.text(_SERIES_INSTANCE_UID),
        study_uid=header.text(_STUDY_INSTANCE_UID),
        patient_id=header.text(_PATIENT_ID),
        patient_name=header.text(_PATIENT_NAME),
        series_description=header.text(_SERIES_DESCRIPTION) or header.text(_STRUCTURE_SET_LABEL),
        series_number=header.text(_SERIES_NUMBER),
        frame_of_reference_uid=header.text(_FRAME_OF_REFERENCE_UID),
        context=context_of(header),
    )


def _with_references(source: Source, frames: tuple[str, ...], series: tuple[ReferencedSeries, ...]) -> Source:
    values = dict(vars(source))
    values["frame_of_reference_uid"] = source.frame_of_reference_uid or (frames[0] if frames else "")
    values["referenced_series_uids"] = tuple(dict.fromkeys(reference.series_uid for reference in series))
    values["referenced_instance_uids"] = tuple(uid for reference in series for uid in sorted(reference.instance_uids))
    return Source(**values)


def _referenced_series(header: Elements, source: Source, notes: ConversionNotes) -> list[ReferencedSeries]:
    """RT Referenced Series of every frame of reference (PS3.3 C.8.8.5). Its own series only where it names no other: images may share it."""
    found: list[ReferencedSeries] = []
    for frame in header.items(_REFERENCED_FRAMES):
        for study in frame.items(_RT_REFERENCED_STUDY_SEQUENCE):
            for series in study.items(_RT_REFERENCED_SERIES_SEQUENCE):
                instances = frozenset(image.text(_REFERENCED_SOP_INSTANCE_UID) for image in series.items(_CONTOUR_IMAGE_SEQUENCE))
                found.append(ReferencedSeries(series.text(_SERIES_INSTANCE_UID), frame.text(_FRAME_OF_REFERENCE_UID), instances - {""}))
    found = [reference for reference in found if reference.series_uid]
    others = [reference for reference in found if reference.series_uid != source.series_uid]
    if others and len(others) < len(found):
        notes.say("The structure set names its own series as its images; that reference is ignored.")
    return others or found


def _rois(header: Elements, notes: ConversionNotes) -> list[Roi]:
    """One per item of the Structure Set ROI Sequence. A number given several times is several ROIs if as many items have contours for it."""
    observations: dict[int, list[Elements]] = {}
    for item in header.items(_RT_ROI_OBSERVATIONS_SEQUENCE):
        observations.setdefault(_number(item, _REFERENCED_ROI_NUMBER), []).append(item)
    items = [(_number(item, _ROI_NUMBER), item) for item in header.items(_STRUCTURE_SET_ROI_SEQUENCE)]
    given = Counter(number for number, _ in items)
    drawn = Counter(_number(item, _REFERENCED_ROI_NUMBER) for item in header.items(_ROI_CONTOUR_SEQUENCE))
    rois: list[Roi] = []
    seen: Counter[int] = Counter()
    for order, (number, item) in enumerate(items):
        seen[number] += 1
        is_matched = given[number] == drawn[number]
        if seen[number] == 2:
            what = "in the same order in both sequences; they are taken as that many ROIs" if is_matched else "whose contours are taken as one's"
            notes.say(f"ROI Number {number} is given {'twice' if given[number] == 2 else f'{given[number]} times'}, {what}.")
        if seen[number] > 1 and not is_matched:
            continue
        roi = Roi(
            number,
            name=item.text(_ROI_NAME),
            description=item.text(_ROI_DESCRIPTION),
            frame_of_reference_uid=item.text(_REFERENCED_FRAME_OF_REFERENCE_UID),
            algorithm_type=item.text(_ROI_GENERATION_ALGORITHM),
            algorithm_name=item.text(_ROI_GENERATION_DESCRIPTION),
            tracking_uid=item.text(_TRACKING_UID),
            color=_COLORS[order % len(_COLORS)],
        )
        own = observations.get(number, [])
        _observe(roi, [own[seen[number] - 1]] if is_matched and len(own) == given[number] else own)
        rois.append(roi)
    return rois


def _observe(roi: Roi, observations: list[Elements]) -> None:
    for item in observations:
        roi.interpreted_type = roi.interpreted_type or item.text(_RT_ROI_INTERPRETED_TYPE).upper()
        roi.observation_label = roi.observation_label or item.text(_ROI_OBSERVATION_LABEL)
        category = codes_of(item.items(_SEGMENTED_PROPERTY_CATEGORY_CODE_SEQUENCE))
        identification = item.items(_RT_ROI_IDENTIFICATION_CODE_SEQUENCE)
        kinds = codes_of(identification)
        regions = item.items(_ANATOMIC_REGION_SEQUENCE)
        roi.category = roi.category or (category[0] if category else None)
        if roi.type is None and kinds:
            roi.type = kinds[0]
            roi.type_modifiers = codes_of(identification[0].items(_SEGMENTED_PROPERTY_TYPE_MODIFIER_CODE_SEQUENCE))
        if roi.anatomic_region is None and regions:
            roi.anatomic_region = next(iter(codes_of(regions)), None)
            roi.anatomic_region_modifiers = codes_of(regions[0].items(_ANATOMIC_REGION_MODIFIER_SEQUENCE))


def _attach(header: Elements, structure_set: StructureSet) -> list[tuple[Roi, list[Elements]]]:
    """The contours of each item of the ROI Contour Sequence with its ROI, by number; colors and numbers of contours are set on the way.

    Of several ROIs of one number the first item belongs to the first, the second to the second.
    """
    by_number: dict[int, list[Roi]] = {}
    for roi in structure_set.rois:
        by_number.setdefault(roi.number, []).append(roi)
    pairs: list[tuple[Roi, list[Elements]]] = []
    for item in header.iterate_items(_ROI_CONTOUR_SEQUENCE):
        number = _as_int(item.text(_REFERENCED_ROI_NUMBER))
        if number is None:
            structure_set.notes.say("An item of the ROI Contour Sequence does not say to which ROI it belongs; it is skipped.")
            continue
        if number not in by_number:
            structure_set.notes.say(f"ROI {number} has contours but no entry in the Structure Set ROI Sequence; it has no name.")
            by_number[number] = [Roi(number, color=_COLORS[(len(by_number) + 1) % len(_COLORS)])]
            structure_set.rois += by_number[number]
        own = by_number[number]
        roi = own.pop(0) if len(own) > 1 else own[0]
        roi.color = _color(item.text(_DISPLAY_COLOR)) or roi.color
        contours = item.items(_CONTOUR_SEQUENCE)
        roi.contour_count += len(contours)
        roi.stored_kinds.update(contour.text(_GEOMETRIC_TYPE) for contour in contours)
        pairs.append((roi, contours))
        look_for_cancel()
    return pairs


def _read_contours(pairs: list[tuple[Roi, list[Elements]]], notes: ConversionNotes) -> None:
    rois = [roi for roi, contours in pairs for _ in contours]
    items = [contour for _, contours in pairs for contour in contours]
    numbers = parse_texts([item.raw(_CONTOUR_DATA) for item in items])
    too_large = bool(len(numbers.values)) and max(-float(numbers.values.min()), float(numbers.values.max())) > _LARGEST
    first = 0
    count_of: Counter[int] = Counter()
    images = _ImageNames()
    for index, (roi, item) in enumerate(zip(rois, items, strict=True)):
        if index % _LOOK == 0:
            look_for_cancel()
        last = first + int(numbers.counts[index])
        about = notes.about(roi)
        count_of[id(roi)] += 1
        number = count_of[id(roi)]
        kind = _kind(item.text(_GEOMETRIC_TYPE), number, about)
        points = _points(numbers.values[first:last], numbers.problems.get(index, ""), number, about, too_large=too_large)
        if points is not None and kind is not None and _is_usable(kind, points, item.raw(_NUMBER_OF_POINTS), number, about):
            roi.contours.append(Contour(number, kind, points, images.of(item)))
        first = last


def _kind(stored: str, number: int, notes: RoiNotes) -> ContourKind | None:
    """The geometric type in any spelling that occurs (``CLOSEDPLANAR_XOR``, ``CLOSED_PLANAR_XOR``)."""
    kind = _KINDS.get(stored.upper().replace("_", "").replace(" ", ""))
    if kind is None and not stored:
        notes.contour(number, "its Contour Geometric Type is missing; CLOSED_PLANAR is assumed")
        return ContourKind.CLOSED
    if kind is None:
        notes.contour(number, f"skipped, its Contour Geometric Type {stored!r} is unknown")
    return kind


def _points(values: Any, problem: str, number: int, notes: RoiNotes, *, too_large: bool) -> Any:
    """``too_large`` tells whether any coordinate of the file is."""
    if problem:
        notes.contour(number, f"skipped, {problem}")
    elif len(values) % 3:
        notes.contour(number, f"skipped, its {len(values)} coordinates are not triples")
    elif too_large and len(values) and np.abs(values).max() > _LARGEST:
        notes.contour(number, "skipped, its coordinates are larger than a million meters")
    else:
        return values.reshape(-1, 3)
    return None


def _is_usable(kind: ContourKind, points: Any, stated: bytes, number: int, notes: RoiNotes) -> bool:
    if kind.encloses and len(points) < 3:
        notes.contour(number, f"skipped, it has {len(points)} point{'s' if len(points) > 1 else ''} and encloses nothing")
        return False
    expected = _as_int(stated.decode("ascii", "replace").strip(" \0"))
    if expected is not None and expected != len(points):
        notes.contour(number, f"it says {expected} points but has {len(points)}, which are used")
    return True


class _ImageNames:
    """The images that contours name: those of one slice name the same in the same bytes, which are read once."""

    def __init__(self) -> None:
        self._known: dict[bytes, tuple[tuple[str, int], ...]] = {}

    def of(self, contour: Elements) -> tuple[tuple[str, int], ...]:
        """(SOP Instance UID, frame number or 0) of each."""
        raw = contour.raw(_CONTOUR_IMAGE_SEQUENCE)
        found = self._known.get(raw)
        if found is None:
            images = contour.iterate_items(_CONTOUR_IMAGE_SEQUENCE)
            found = tuple((image.text(_REFERENCED_SOP_INSTANCE_UID), _as_int(image.text(_REFERENCED_FRAME)) or 0) for image in images)
            self._known[raw] = found
        return found


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


def _number(item: Elements, tag: int) -> int:
    """A whole number; -1 when absent or none."""
    number = _as_int(item.text(tag))
    return -1 if number is None else number
