"""Structured reports and other objects that are read, not looked at. Their measurements stay here; the window gets pages of them."""

from __future__ import annotations

from pathlib import Path

from IDCBrowserLib.api import report as api
from IDCBrowserLib.api.catalog import PageParameters, Rows
from IDCBrowserLib.api.values import Nothing
from IDCBrowserLib.engine.answers import answers
from IDCBrowserLib.engine.state import EngineState
from IDCBrowserLib.task import Progress, Task

FIRST_ROWS = 200
_MAX_PAGE = 10_000
_MAX_LINES = 3_000


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
    table = MeasurementTable(read.measured)
    return {
        "view": state.tables.keep(table),
        "titles": read.titles,
        "lines": read.lines[:_MAX_LINES],
        "more_lines": max(0, len(read.lines) - _MAX_LINES),
        "columns": [{"key": column.key, "title": column.title, "number": column.is_number} for column in table.columns],
        "common": table.common,
        "total": table.total,
        "rows": table.page(0, FIRST_ROWS),
        "warnings": read.warnings,
        "saveable": read.saveable,
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
