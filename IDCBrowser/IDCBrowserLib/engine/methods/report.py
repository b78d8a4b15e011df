"""Structured reports and other objects that are read, not looked at. Their measurements stay here; the window gets pages of them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from IDCBrowserLib.api import report as api
from IDCBrowserLib.api.catalog import PageParameters, Rows
from IDCBrowserLib.api.values import Nothing
from IDCBrowserLib.engine.answers import answers
from IDCBrowserLib.engine.state import EngineState
from IDCBrowserLib.errors import InputError, NotFoundError
from IDCBrowserLib.task import Progress, Task
from IDCBrowserLib.wording import human_count

if TYPE_CHECKING:
    from IDCBrowserLib.report.view import MeasurementTable

FIRST_ROWS = 200
_MAX_PAGE = 10_000
_MAX_LINES = 3_000
# Of tables: some hundred megabytes.
_MAX_ROWS, _MAX_SERIES = 200_000, 20_000
_IN_TABLES = ("SR", "SEG")


@answers(api.OPEN)
def open_files(state: EngineState, params: api.Files, task: Task) -> api.Opened:
    """Read the files; one that cannot be read is told and does not stop the rest."""
    from IDCBrowserLib.describe.reading import Read
    from IDCBrowserLib.report.view import MeasurementTable

    read = Read()
    for number, file in enumerate(params["files"]):
        task.raise_if_cancelled()
        task.report(Progress("Reading reports", number, len(params["files"]), "files"))
        read.add(file)
    return {
        **opened(state, MeasurementTable.of_reports(read.measured), read.titles, list(dict.fromkeys(read.warnings))),
        "lines": read.lines[:_MAX_LINES],
        "more_lines": max(0, len(read.lines) - _MAX_LINES),
        "saveable": read.saveable,
    }


@answers(api.OPEN_TABLES)
def open_tables(state: EngineState, params: api.TablesParameters, task: Task) -> api.Opened:
    """Read the rows of the cohort's reports and segmentations."""
    from IDCBrowserLib.report.idc_tables import TablesSource, rows_from_tables
    from IDCBrowserLib.report.view import MeasurementTable
    from IDCBrowserLib.selection.plan_content import PlanContent, plan_selections

    catalog = state.catalog()
    with catalog.cancelled_by(task):
        plan = plan_selections(catalog, state.picked(params), PlanContent(), task)
    uids = [series.series_uid for series in plan.series if series.modality in _IN_TABLES]
    if not uids:
        raise NotFoundError("There are no reports (SR) and segmentations (SEG) among these rows. Select cases or studies that have some.")
    if len(uids) > _MAX_SERIES:
        raise InputError(f"These rows have {len(uids):,} reports and segmentations, more than {_MAX_SERIES:,}. Select fewer cases.")
    release = catalog.info()["idc_version"]
    source = TablesSource.of_release(release, params.get("location", ""), params.get("endpoint_url", ""), state.network)
    rows, notes = rows_from_tables(source, uids, task, most=_MAX_ROWS)
    reports = human_count(len(uids), "report or segmentation", "reports and segmentations")
    return opened(state, MeasurementTable.of_rows(rows), [f"IDC's own tables of release {release}: {reports}"], notes)


@answers(api.OPEN_MEASUREMENTS)
def open_measurements(state: EngineState, params: api.MeasurementsFile, task: Task) -> api.Opened:
    """Read the rows of a file."""
    from IDCBrowserLib.report.table import read_measurements
    from IDCBrowserLib.report.view import MeasurementTable

    path = Path(params["file"])
    rows, total = read_measurements(path, _MAX_ROWS)
    rest = f"{path.name} has {total:,} rows; the first {len(rows):,} are shown. The page SQL can ask about all."
    notes = [rest] if total > len(rows) else []
    return opened(state, MeasurementTable.of_rows(rows), [path.name], notes)


def opened(state: EngineState, table: MeasurementTable, titles: list[str], warnings: list[str]) -> api.Opened:
    """A table as the window gets it, without any text."""
    return {
        "view": state.tables.keep(table),
        "titles": titles,
        "lines": [],
        "more_lines": 0,
        "columns": [{"key": column.key, "title": column.title, "number": column.is_number} for column in table.columns],
        "common": table.common,
        "total": table.total,
        "rows": table.page(0, FIRST_ROWS),
        "warnings": warnings,
        "saveable": [],
    }


@answers(api.PAGE)
def page(state: EngineState, params: PageParameters, task: Task) -> Rows:
    """Rows that are shown."""
    return {"rows": state.tables.get(params["view"]).page(max(0, params["offset"]), max(0, min(params["limit"], _MAX_PAGE)))}


@answers(api.CLOSE)
def close(state: EngineState, params: api.ViewHandle, task: Task) -> Nothing:
    """Forget it."""
    state.tables.close(params["view"])
    return {}


@answers(api.SHOW)
def show(state: EngineState, params: api.ShowParameters, task: Task) -> api.Shown:
    """Filter and sort."""
    table = state.tables.get(params["view"])
    table.show(params["text"], params["column"], params["descending"])
    return {"total": table.total, "rows": table.page(0, FIRST_ROWS)}


@answers(api.SAVE)
def save(state: EngineState, params: api.SaveParameters, task: Task) -> api.Saved:
    """Write the rows that are shown, with all of their columns."""
    from IDCBrowserLib.report.table import write_measurements

    rows = state.tables.get(params["view"]).documents()
    write_measurements(Path(params["file"]), rows)
    return {"file": params["file"], "rows": len(rows)}


@answers(api.PLACE)
def place(state: EngineState, params: api.PlaceParameters, task: Task) -> api.Place:
    """Where a row was measured."""
    from IDCBrowserLib.report.on_image import in_patient

    found = state.tables.get(params["view"]).place(params["row"])
    region = found.region
    needs_images = region is not None and not region.in_space and not params["images"]
    points = in_patient(region, params["images"], task) if region is not None and not needs_images else ()
    return {
        "name": found.name,
        "segment_number": found.segment_number,
        "segmentation_series": found.segmentation_series_uid,
        "image_series": found.image_series_uid,
        "needs_images": needs_images,
        "points": points,
        "closed": region is not None and region.is_closed,
    }
