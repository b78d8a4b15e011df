"""The measurements of a report as rows, read by codes and relationships and by no position (PS3.16 TID 1500, 1410, 1411, 1419, 1501)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from IDCBrowserLib.dicom.code import Code
from IDCBrowserLib.report import concepts
from IDCBrowserLib.report.concepts import Concept, means
from IDCBrowserLib.report.item import ContentItem, Graphic, Number, Reference
from IDCBrowserLib.report.measurement import Measurement
from IDCBrowserLib.report.region import Region
from IDCBrowserLib.report.report import Report

# An item without a relationship, which the standard forbids, is taken as contained.
_CONTAINED = ("CONTAINS", "")


@dataclass(frozen=True)
class Measured:
    """``rows`` in the order of the report; ``regions`` where they were made, indexed by ``Measurement.region``; ``groups`` is their number."""

    rows: tuple[Measurement, ...]
    regions: tuple[Region, ...]
    groups: int


def measurements_of(report: Report) -> Measured:
    """All of them; none of a report without measurement groups."""
    reader = _Reader(report)
    number = 0
    for item in report.root.walk():
        if _is(item, concepts.MEASUREMENT_GROUP) and item.value_type == "CONTAINER":
            reader.group(item, number)
            number += 1
        elif _is(item, concepts.MEASUREMENTS) or _is(item, concepts.QUALITATIVE_EVALUATIONS):
            reader.group(item, None)
    return Measured(tuple(reader.rows), tuple(reader.regions), number)


@dataclass
class _Context:
    """What is said about a group, or about a single measurement in it."""

    codes: dict[str, Code | None] = field(default_factory=dict)
    tracking_id: str = ""
    tracking_uid: str = ""
    session: str = ""
    time_point: str = ""
    algorithm: str = ""
    segment_number: int | None = None
    segmentation_sop_uid: str = ""
    source_series_uid: str = ""
    region: int | None = None


class _Reader:
    def __init__(self, report: Report) -> None:
        self._report = report
        self.rows: list[Measurement] = []
        self.regions: list[Region] = []

    def group(self, group: ContentItem, number: int | None) -> None:
        """The results of a group, those in containers within it included."""
        children = [self._meant(item) for item in group.children]
        context = self._context(children, number)
        for item in _results(children):
            self.rows.append(self._row(item, number, context))

    def _row(self, item: ContentItem, number: int | None, group: _Context) -> Measurement:
        own = self._context([self._meant(child) for child in item.children], number) if item.children else _NOTHING
        codes = {**group.codes, **own.codes} if own.codes else group.codes
        value, text, code, qualifier, unit = _value(item)
        return Measurement(
            group=number,
            quantity=item.name,
            value=value,
            value_text=text,
            value_code=code,
            qualifier=qualifier,
            unit=unit,
            derivation=codes.get("derivation"),
            method=codes.get("method"),
            finding=codes.get("finding"),
            finding_category=codes.get("category"),
            finding_site=codes.get("site"),
            site_modifier=codes.get("modifier"),
            laterality=codes.get("laterality"),
            tracking_id=group.tracking_id or own.tracking_id,
            tracking_uid=group.tracking_uid or own.tracking_uid,
            session=own.session or group.session,
            time_point=own.time_point or group.time_point,
            segment_number=group.segment_number if own.segment_number is None else own.segment_number,
            segmentation_sop_uid=own.segmentation_sop_uid or group.segmentation_sop_uid,
            source_series_uid=own.source_series_uid or group.source_series_uid,
            algorithm=own.algorithm or group.algorithm,
            region=group.region if own.region is None else own.region,
        )

    def _context(self, children: Iterable[ContentItem], number: int | None) -> _Context:
        context = _Context()
        names: dict[str, str] = {}
        for item in children:
            if isinstance(item.value, Code):
                _coded(item, item.value, context)
            elif isinstance(item.value, str):
                _said(item, item.value, context, names)
            elif isinstance(item.value, Reference):
                if _is(item, concepts.REGION_IN_SPACE):
                    _outlined(item, item.value, context)
                else:
                    self._referred(item.value, context)
            elif isinstance(item.value, Graphic):
                self._drawn(item, item.value, context, number)
        context.algorithm = " ".join(names[key] for key in ("name", "version") if key in names)
        return context

    def _referred(self, reference: Reference, context: _Context) -> None:
        """A segment, or an image that was measured."""
        if reference.segments and not context.segmentation_sop_uid:
            context.segment_number = reference.segments[0]
            context.segmentation_sop_uid = reference.sop_instance_uid
        elif not reference.segments:
            series = self._report.series_of.get(reference.sop_instance_uid, "")
            context.source_series_uid = context.source_series_uid or series

    def _drawn(self, item: ContentItem, graphic: Graphic, context: _Context, number: int | None) -> None:
        images = [self._meant(child).value for child in item.children]
        image = next((value for value in images if isinstance(value, Reference)), None)
        purpose = next((child.value for child in item.children if means(child.name, concepts.GEOMETRIC_PURPOSE)), None)
        if context.region is None:
            context.region = len(self.regions)
        if image is not None:
            self._referred(image, context)
        series = self._report.series_of.get(image.sop_instance_uid, "") if image is not None else ""
        self.regions.append(Region.of(number, item.value_type, graphic, image, series, purpose if isinstance(purpose, Code) else None))

    def _meant(self, item: ContentItem) -> ContentItem:
        """The item that an item by reference stands for; one step, so that references in a circle end."""
        if not item.refers_to:
            return item
        target = self._report.root.find(item.refers_to)
        if target is None or target.refers_to:
            return item
        return ContentItem(item.relation, target.value_type, item.name or target.name, target.value, [])


def _is(item: ContentItem, concept: Concept) -> bool:
    return means(item.name, concept)


def _results(children: Iterable[ContentItem]) -> Iterator[ContentItem]:
    """Numbers, and codes and texts that do not describe the group."""
    for item in children:
        if item.relation not in _CONTAINED or item.refers_to:
            continue
        if item.value_type == "NUM" or (item.value_type in ("CODE", "TEXT") and not _is(item, concepts.CONTEXT)):
            yield item
        elif item.value_type == "CONTAINER" and not (_is(item, concepts.MEASUREMENT_GROUP) or _is(item, concepts.QUALITATIVE_EVALUATIONS)):
            yield from _results(item.children)


def _value(item: ContentItem) -> tuple[float | None, str | None, Code | None, Code | None, Code | None]:
    """Number, text, code, qualifier and unit."""
    value = item.value
    if isinstance(value, Number):
        # What is no number at all is shown as it is stored.
        text = value.text if value.value is None and value.text else None
        return value.value, text, None, value.qualifier, value.unit
    if isinstance(value, Code):
        return None, value.meaning or value.value, value, None, None
    return None, value if isinstance(value, str) else None, None, None, None


def _outlined(item: ContentItem, structure_set: Reference, context: _Context) -> None:
    """An ROI, by its number."""
    stated = next((child.value for child in item.children if _is(child, concepts.ROI_IDENTIFIER)), "")
    number = str(stated).strip()
    context.segment_number = int(number) if number.isdecimal() and len(number) <= _LONGEST_NUMBER else None
    context.segmentation_sop_uid = structure_set.sop_instance_uid


def _coded(item: ContentItem, code: Code, context: _Context) -> None:
    name = next((name for name, concept in _CODED if _is(item, concept)), "")
    if not name or name in context.codes:
        _point_in_time(item, code.meaning, context)
        return
    context.codes[name] = code
    if name == "site":
        for child in item.children:
            if isinstance(child.value, Code):
                _coded_of_site(child, child.value, context)


def _coded_of_site(item: ContentItem, code: Code, context: _Context) -> None:
    if _is(item, concepts.LATERALITY):
        context.codes["laterality"] = code
    elif _is(item, concepts.SITE_MODIFIER):
        context.codes["modifier"] = code


def _said(item: ContentItem, text: str, context: _Context, names: dict[str, str]) -> None:
    if _is(item, concepts.TRACKING_ID):
        context.tracking_id = context.tracking_id or text
    elif _is(item, concepts.TRACKING_UID):
        context.tracking_uid = context.tracking_uid or text
    elif _is(item, concepts.SOURCE_SERIES):
        context.source_series_uid = text
    elif _is(item, concepts.ALGORITHM_NAME):
        names.setdefault("name", text)
    elif _is(item, concepts.ALGORITHM_VERSION):
        names.setdefault("version", text)
    else:
        _point_in_time(item, text, context)


def _point_in_time(item: ContentItem, text: str, context: _Context) -> None:
    if _is(item, concepts.SESSION):
        context.session = context.session or text
    elif _is(item, concepts.TIME_POINT):
        context.time_point = context.time_point or text


_CODED = (
    ("derivation", concepts.DERIVATION),
    ("method", concepts.METHOD),
    ("finding", concepts.FINDING),
    ("category", concepts.FINDING_CATEGORY),
    ("site", concepts.FINDING_SITE),
    ("laterality", concepts.LATERALITY),
    ("modifier", concepts.SITE_MODIFIER),
)
_LONGEST_NUMBER = 12
_NOTHING = _Context()
