"""Writing segmentations as DICOM objects; voxels come as raw files."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from IDCBrowserLib.api import export as api
from IDCBrowserLib.engine.answers import answers
from IDCBrowserLib.engine.state import EngineState
from IDCBrowserLib.errors import IDCBrowserError
from IDCBrowserLib.task import Task

if TYPE_CHECKING:
    from IDCBrowserLib.api.catalog import SeriesFolder
    from IDCBrowserLib.export.options import ExportOptions


@answers(api.EXPORT)
def export(state: EngineState, params: api.ReportedExportParameters, task: Task) -> api.Exported:
    """A SEG or structure set, and the measurements of its segments."""
    from IDCBrowserLib.export.export import export as write
    from IDCBrowserLib.labelmap.files.raw import load_labelmap

    options = replace(_options(params), may_be_empty=params["may_be_empty"])
    made = write(load_labelmap(params["part"]), params["images"], params["out"], options, task, params["report"] or None)
    return {
        "path": made.path,
        "report": None if made.report is None else made.report.to_json(),
        "sop_instance_uid": made.sop_instance_uid,
        "series_uid": made.series_uid,
        "referenced_series_uid": made.referenced_series_uid,
        "warnings": list(made.warnings),
    }


@answers(api.PACKAGE)
def package(state: EngineState, params: api.ExportParameters, task: Task) -> api.Packaged:
    """The same with manifest, validation and license; the license is looked up where it is not given."""
    from IDCBrowserLib.export.package import package as write
    from IDCBrowserLib.export.source_images import series_below
    from IDCBrowserLib.labelmap.files.raw import load_labelmap
    from IDCBrowserLib.volume.read_grids import read_images

    labelmap, images = load_labelmap(params["part"]), read_images(params["images"], task)
    origin = _origin(state, series_below(labelmap, images, task))
    made = write(labelmap, images, params["out"], _options(params), origin, task)
    return {"path": made.path, "files": made.files, "validation": made.validation, "warnings": list(made.warnings)}


def _options(params: api.ExportParameters) -> ExportOptions:
    from IDCBrowserLib.export.options import ExportOptions

    return ExportOptions(
        params["kind"],
        params["description"],
        params["creator"],
        params["algorithm"],
        params["algorithm_version"],
        params["license"],
        compress=params["compress"],
        algorithm_family=params["algorithm_family"],
    )


def _origin(state: EngineState, series: SeriesFolder) -> api.Origin | None:
    """What the index states of a series; None where it cannot be asked."""
    from IDCBrowserLib.store.provenance import provenance_of

    with suppress(IDCBrowserError):
        rows = provenance_of(state.catalog(), [series])
        return rows[0] if rows else None
    return None
