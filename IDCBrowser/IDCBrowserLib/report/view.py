"""Measurements as a table for a person: columns that have something in them, sorted and filtered. Nothing of it is shown by position alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from IDCBrowserLib.api.report import Row
from IDCBrowserLib.dicom.code import Code
from IDCBrowserLib.errors import InputError, NotFoundError
from IDCBrowserLib.report.lines import unit_text
from IDCBrowserLib.report.measurement import Measurement
from IDCBrowserLib.report.measurements import Measured
from IDCBrowserLib.report.region import Region
from IDCBrowserLib.report.report import Report

Cell = str | float | None
Cells = list[Cell]


@dataclass(frozen=True)
class Origin:
    """Of rows: whose report they stand in, the series of the objects that it names, and the regions that its rows count."""

    patient_id: str
    series_uid: str
    sop_instance_uid: str
    series_of: Mapping[str, str] = field(default_factory=dict)
    regions: Sequence[Region] = ()


@dataclass(frozen=True)
class TableColumn:
    """``is_number``: sorted by size and aligned right."""

    key: str
    title: str
    is_number: bool
    cell: Callable[[Measurement], Cell]


def _meaning(name: str) -> Callable[[Measurement], Cell]:
    def cell(row: Measurement) -> Cell:
        code = getattr(row, name)
        return (code.meaning or code.value) if isinstance(code, Code) else None

    return cell


def _stated(name: str) -> Callable[[Measurement], Cell]:
    return lambda row: getattr(row, name) or None


def _value(row: Measurement) -> Cell:
    if row.value is not None:
        return row.value
    if row.value_text is not None:
        return row.value_text
    return f"({row.qualifier.meaning or row.qualifier.value})" if row.qualifier else None


# The first four are in sight in a narrow panel as well.
COLUMNS = (
    TableColumn("tracking_id", "Tracking", False, _stated("tracking_id")),
    TableColumn("quantity", "Measurement", False, _meaning("quantity")),
    TableColumn("value", "Value", True, _value),
    TableColumn("unit", "Unit", False, lambda row: unit_text(row.unit) or None),
    TableColumn("derivation", "Derivation", False, _meaning("derivation")),
    TableColumn("finding", "Finding", False, _meaning("finding")),
    TableColumn("finding_site", "Site", False, _meaning("finding_site")),
    TableColumn("laterality", "Side", False, _meaning("laterality")),
    TableColumn("method", "Method", False, _meaning("method")),
    TableColumn("segment_number", "Segment", True, lambda row: row.segment_number),
    TableColumn("algorithm", "Algorithm", False, _stated("algorithm")),
    TableColumn("session", "Session", False, _stated("session")),
    TableColumn("time_point", "Time point", False, _stated("time_point")),
    TableColumn("group", "Group", True, lambda row: None if row.group is None else row.group + 1),
)
# First, where rows are of several patients.
CASE = TableColumn("patient_id", "Case", False, lambda _row: None)
# Never said once for all rows.
_ALWAYS = ("quantity", "value", "unit")


@dataclass(frozen=True)
class Place:
    """Where a row was measured: a segment, a region, or nothing of both."""

    name: str
    segment_number: int | None
    segmentation_sop_uid: str
    segmentation_series_uid: str
    image_series_uid: str
    region: Region | None


class MeasurementTable:
    """The measurements of one or more reports, each with its ``Origin``. ``rows`` are those that pass the filter, in the order asked for.

    What is the same in all rows is no column but ``common``: (title, value). Of several patients each row names its own.
    """

    def __init__(self, entries: Sequence[tuple[Measurement, Origin]]) -> None:
        self._all = list(entries)
        found = [(column, [column.cell(row) for row, _ in self._all]) for column in COLUMNS]
        cases: list[Cell] = [origin.patient_id or None for _, origin in self._all]
        if len(set(cases)) > 1:
            found.insert(0, (CASE, cases))
        stated = [(column, cells) for column, cells in found if any(cell is not None for cell in cells)]
        same = [(column, cells) for column, cells in stated if column.key not in _ALWAYS and len(cells) > 1 and len(set(cells)) == 1]
        self.common = [(column.title, str(cells[0])) for column, cells in same]
        self.columns = [column for column, cells in stated if (column, cells) not in same]
        self._cells: list[Cells] = [list(cells) for cells in zip(*(cells for column, cells in stated if column in self.columns), strict=True)]
        self._texts = ["\n".join(str(cell) for cell in cells if cell is not None).casefold() for cells in self._cells]
        self._shown = list(range(len(self._all)))

    @staticmethod
    def of_reports(reports: Sequence[tuple[Report, Measured]]) -> MeasurementTable:
        """Of files that were read."""
        origins = [
            (measured, Origin(report.patient_id, report.series_uid, report.sop_instance_uid, report.series_of, measured.regions))
            for report, measured in reports
        ]
        return MeasurementTable([(row, origin) for measured, origin in origins for row in measured.rows])

    @staticmethod
    def of_rows(rows: Sequence[Row]) -> MeasurementTable:
        """Of rows from a table: they name no regions, and the series of an object only where it is that of the row itself."""
        return MeasurementTable([(Measurement.from_json(row), _origin(row)) for row in rows])

    @property
    def rows(self) -> list[Cells]:
        """Cells by column."""
        return [self._cells[index] for index in self._shown]

    @property
    def total(self) -> int:
        """How many are shown."""
        return len(self._shown)

    def page(self, first: int, count: int) -> list[Cells]:
        """Some of ``rows``."""
        return [self._cells[index] for index in self._shown[first : first + count]]

    def show(self, text: str, column: int | None, descending: bool) -> None:
        """Rows in which every word of ``text`` occurs, sorted by a column (None: as in the report); empty cells come last. Raises ``InputError``."""
        if column is not None and not 0 <= column < len(self.columns):
            raise InputError("The table has no such column.")
        words = text.casefold().split()
        shown = [index for index, found in enumerate(self._texts) if all(word in found for word in words)]
        if column is not None:
            empty = [index for index in shown if self._cells[index][column] is None]
            stated = [index for index in shown if self._cells[index][column] is not None]
            stated.sort(key=lambda index: _order(self._cells[index][column]), reverse=descending)
            shown = stated + empty
        self._shown = shown

    def documents(self) -> list[Row]:
        """The rows that are shown, in full, for a file."""
        return [row.to_json(origin.series_uid, origin.sop_instance_uid, origin.patient_id) for row, origin in map(self._all.__getitem__, self._shown)]

    def place(self, number: int) -> Place:
        """Where row ``number`` of those shown was measured. Raises ``NotFoundError``."""
        if not 0 <= number < len(self._shown):
            raise NotFoundError("The table has no such row any more.")
        row, origin = self._all[self._shown[number]]
        region = origin.regions[row.region] if row.region is not None else None
        return Place(
            name=row.tracking_id or (row.finding.meaning if row.finding else "") or "Measurement",
            segment_number=row.segment_number,
            segmentation_sop_uid=row.segmentation_sop_uid,
            segmentation_series_uid=origin.series_of.get(row.segmentation_sop_uid, ""),
            image_series_uid=(region.image_series_uid if region else "") or row.source_series_uid,
            region=region,
        )


def _origin(row: Row) -> Origin:
    series, instance = row["sr_series_uid"] or "", row["sr_sop_uid"] or ""
    # A segment is a row of its own SEG.
    own = {instance: series} if instance and instance == row["segmentation_sop_uid"] else {}
    return Origin(row["patient_id"] or "", series, instance, own)


def _order(cell: Cell) -> tuple[int, float | str]:
    return (0, cell) if isinstance(cell, (int, float)) else (1, str(cell).casefold())
