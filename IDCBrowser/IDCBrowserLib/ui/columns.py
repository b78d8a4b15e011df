"""The columns each table shows, and how their values read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from IDCBrowserLib.ui.i18n import tr as _
from IDCBrowserLib.wording import human_size

EMPTY = "-"
STATUS = "status"


@dataclass(frozen=True)
class Column:
    """``key`` is the engine's column; ``width`` counts average characters; ``right`` aligns numbers."""

    key: str
    title: str
    width: int
    format: Callable[[Any], str]
    right: bool = False
    tip: str = ""


def columns_of(level: str) -> tuple[Column, ...]:
    """The columns of a table, in their order."""
    return {"collections": _collections, "cases": _cases, "studies": _studies, "series": _series}[level]()


def _collections() -> tuple[Column, ...]:
    return (
        Column("collection_name", _("Collection"), 24, text),
        Column("cases", _("Cases"), 7, count, True),
        Column("tumor_locations", _("Location"), 13, listing, tip=_("Where the tumor is")),
        Column("cancer_types", _("Cancer type"), 18, listing),
        Column("modalities", _("Modalities"), 14, listing, tip=_("Kinds of series, such as CT, MR, SEG")),
        Column("series", _("Series"), 8, count, True),
        Column("size_bytes", _("Size"), 9, size, True),
        Column("license_short_name", _("License"), 13, listing),
        Column("program_id", _("Program"), 12, text),
        Column("collection_id", _("ID"), 20, text),
    )


def _cases() -> tuple[Column, ...]:
    return (
        Column("PatientID", _("Case"), 17, text, tip=_("Patient ID in the collection")),
        Column("PatientSex", _("Sex"), 4, sex),
        Column("PatientAge", _("Age"), 5, age),
        Column("modalities", _("Modalities"), 13, listing, tip=_("Kinds of series, such as CT, MR, SEG")),
        Column("studies", _("Studies"), 7, count, True),
        Column("series", _("Series"), 7, count, True),
        Column("size_bytes", _("Size"), 9, size, True),
        Column("license_short_name", _("License"), 13, listing),
        Column("collection_id", _("Collection"), 18, text),
    )


def _studies() -> tuple[Column, ...]:
    return (
        Column("StudyDate", _("Date"), 11, text),
        Column("StudyDescription", _("Study"), 29, text, tip=_("Study description")),
        Column("modalities", _("Modalities"), 14, listing, tip=_("Kinds of series, such as CT, MR, SEG")),
        Column("series", _("Series"), 7, count, True),
        Column("instanceCount", _("Instances"), 9, count, True, _("Number of DICOM objects")),
        Column("size_bytes", _("Size"), 9, size, True),
        Column("PatientID", _("Case"), 17, text),
        Column("BodyPartExamined", _("Body part"), 11, listing),
        Column("license_short_name", _("License"), 13, listing),
        Column("StudyInstanceUID", _("Study UID"), 44, text),
    )


def _series() -> tuple[Column, ...]:
    return (
        Column(STATUS, _("Status"), 22, text, tip=_("Where the series is: in IDC only, on this disk, or in the DICOM database")),
        Column("SeriesNumber", _("No."), 5, text, True, _("Series number")),
        Column("Modality", _("Modality"), 9, text),
        Column("SeriesDescription", _("Series"), 27, text, tip=_("Series description")),
        Column("instanceCount", _("Instances"), 9, count, True, _("Number of DICOM objects")),
        Column("series_size_MB", _("Size"), 9, megabytes, True),
        Column("BodyPartExamined", _("Body part"), 11, text),
        Column("SeriesDate", _("Date"), 11, text),
        Column("license_short_name", _("License"), 13, text),
        Column("analysis_result_id", _("Analysis result"), 22, text, tip=_("The analysis that made this series")),
        Column("Manufacturer", _("Manufacturer"), 16, text),
        Column("ManufacturerModelName", _("Model"), 16, text),
        Column("sop_class_name", _("Kind of object"), 26, text),
        Column("SeriesInstanceUID", _("Series UID"), 44, text),
    )


def text(value: Any) -> str:
    """Anything as text; nothing as "-"."""
    return " ".join(str(value).split()) or EMPTY if value is not None else EMPTY


def listing(value: Any) -> str:
    """A list, or a text that is one, with ", " between."""
    if isinstance(value, (list, tuple)):
        return ", ".join(str(item) for item in value if item) or EMPTY
    return text(value).replace(",", ", ").replace(",  ", ", ")


def count(value: Any) -> str:
    """A number with thousands separators."""
    return f"{value:,}" if isinstance(value, int) else text(value)


def size(value: Any) -> str:
    """Bytes."""
    return human_size(value) if isinstance(value, (int, float)) else EMPTY


def megabytes(value: Any) -> str:
    """A size that IDC states in MB."""
    return human_size(value * 1e6) if isinstance(value, (int, float)) else EMPTY


def age(value: Any) -> str:
    """A DICOM age string (PS3.5 6.2, AS) as people write it: "045Y" is "45 y"; several are kept apart by commas."""
    return ", ".join(_one_age(item) for item in listing(value).split(", "))


def sex(value: Any) -> str:
    """DICOM's codes, with those unknown as "-"."""
    return listing(value)


def _one_age(value: str) -> str:
    number, unit = value[:-1], value[-1:]
    if number.isdigit() and unit in "YMWD" and unit:
        return f"{int(number)} {unit.lower()}"
    return value
