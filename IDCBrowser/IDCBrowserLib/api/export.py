"""Labels as DICOM objects that refer to their images."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, TypedDict

from IDCBrowserLib.api.catalog import Provenance
from IDCBrowserLib.api.labelmap import Part
from IDCBrowserLib.api.method import Method

Kind = Literal["seg", "labelmap", "rtstruct"]


class ExportParameters(TypedDict):
    """``part``: what is written, with its voxels. ``images``: files of the series that it lies on. ``out``: the file; ``report`` another one for the
    measurements of its segments, "" for none. The rest as of ``export.options.ExportOptions``."""

    part: Part
    images: Sequence[str]
    out: str
    kind: Kind
    description: str
    creator: str
    algorithm: str
    algorithm_version: str
    algorithm_family: str
    license: str
    compress: bool


class ReportedExportParameters(ExportParameters):
    """With the file for the measurements."""

    report: str
    may_be_empty: bool


class WrittenReport(TypedDict):
    """A structured report with so many ``measurements``."""

    path: str
    sop_class_uid: str
    sop_instance_uid: str
    series_uid: str
    measurements: int


class Exported(TypedDict):
    """The object that was written, its measurements where asked for; ``warnings`` are sentences for the user."""

    path: str
    report: WrittenReport | None
    sop_instance_uid: str
    series_uid: str
    referenced_series_uid: str
    warnings: Sequence[str]


EXPORT: Method[ReportedExportParameters, Exported] = Method("export.export", "work")

Origin = Provenance


class ReadBack(TypedDict):
    """A segment: its ``voxels``, and how many of all voxels of the grid were read differently."""

    number: int
    name: str
    voxels: int
    different_voxels: int


class Check(TypedDict):
    """What a ``program`` says about a file; ``version`` is "" where it is not installed."""

    file: str
    program: str
    version: str
    errors: Sequence[str]
    warnings: Sequence[str]


class Validation(TypedDict):
    """``measurements`` is the number of those that were read back; their volumes are those of the voxels."""

    segments: Sequence[ReadBack]
    measurements: int
    checks: Sequence[Check]


class PackedFile(TypedDict):
    """A file of a package; the UIDs are "" for files that are no DICOM objects."""

    name: str
    bytes: int
    sha256: str
    sop_class_uid: str
    sop_instance_uid: str
    series_uid: str


class PackageImages(TypedDict):
    """``origin`` is what the index of IDC states of them, None where it does not know them."""

    series_uid: str
    origin: Origin | None


class PackageManifest(TypedDict):
    """``manifest.json`` of a package: what its files are, with their checksums."""

    made_by: str
    made: str
    description: str
    creator: str
    algorithm: str
    algorithm_version: str
    algorithm_family: str
    license: str
    images: PackageImages
    files: Sequence[PackedFile]
    notes: Sequence[str]


class Packaged(TypedDict):
    """``path`` of the folder or zip file, and the names of the ``files`` in it."""

    path: str
    files: Sequence[str]
    validation: Validation
    warnings: Sequence[str]


# ``out`` is a new folder, or a file that ends in .zip.
PACKAGE: Method[ExportParameters, Packaged] = Method("export.package", "work")
