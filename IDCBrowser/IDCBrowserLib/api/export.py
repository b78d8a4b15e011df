"""Labels as DICOM objects that refer to their images."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, TypedDict

from IDCBrowserLib.api.labelmap import Part
from IDCBrowserLib.api.method import Method

Kind = Literal["seg", "labelmap", "rtstruct"]


class ExportParameters(TypedDict):
    """``part``: what is written, with its voxels. ``images``: files of the series that it lies on. ``out``: the file. The rest as of
    ``export.options.ExportOptions``."""

    part: Part
    images: Sequence[str]
    out: str
    kind: Kind
    description: str
    creator: str
    license: str


class Exported(TypedDict):
    """The object that was written; ``warnings`` are sentences for the user."""

    path: str
    sop_instance_uid: str
    series_uid: str
    referenced_series_uid: str
    warnings: Sequence[str]


EXPORT: Method[ExportParameters, Exported] = Method("export.export", "work")
