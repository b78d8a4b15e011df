"""Writing segmentations as DICOM objects; voxels come as raw files."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from IDCBrowserLib.api import export as api
from IDCBrowserLib.engine.answers import answers
from IDCBrowserLib.engine.state import EngineState
from IDCBrowserLib.errors import IDCBrowserError
from IDCBrowserLib.task import Task

if TYPE_CHECKING:
    from IDCBrowserLib.export.options import ExportOptions

_SERIES_UID = 0x0020000E


@answers(api.EXPORT)
def export(state: EngineState, params: api.ReportedExportParameters, task: Task) -> api.Exported:
    """A SEG or structure set, and the measurements of its segments."""
    from IDCBrowserLib.export.export import export as write
    from IDCBrowserLib.labelmap.files.raw import load_labelmap

    made = write(load_labelmap(params["part"]), params["images"], params["out"], _options(params, params["license"]), task, params["report"] or None)
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
    from IDCBrowserLib.labelmap.files.raw import load_labelmap

    origin = _origin(state, params["images"])
    terms = params["license"] or (origin["license_short_name"] if origin is not None else None) or ""
    made = write(load_labelmap(params["part"]), params["images"], params["out"], _options(params, terms), origin, task)
    return {"path": made.path, "files": made.files, "validation": made.validation, "warnings": list(made.warnings)}


def _options(params: api.ExportParameters, terms: str) -> ExportOptions:
    from IDCBrowserLib.export.options import ExportOptions

    return ExportOptions(params["kind"], params["description"], params["creator"], license=terms)


def _origin(state: EngineState, images: Sequence[str]) -> api.Origin | None:
    """What the index states of the series that the images are of; None where it cannot be asked."""
    from IDCBrowserLib.dicom.dicom_file import open_dicom
    from IDCBrowserLib.store.provenance import provenance_of

    with suppress(IDCBrowserError):
        uid = open_dicom(images[0]).root.text(_SERIES_UID)
        rows = provenance_of(state.catalog(), [{"SeriesInstanceUID": uid, "folder": os.path.dirname(images[0])}])
        return rows[0] if rows else None
    return None
