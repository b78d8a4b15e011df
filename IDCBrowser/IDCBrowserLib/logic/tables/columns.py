"""The columns each table shows, and how their values read."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from IDCBrowserLib.i18n import local_date, local_number
from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.logic.base.collection_names import collection_name
from IDCBrowserLib.logic.base.kinds import kind_of_one
from IDCBrowserLib.logic.base.loading_text import what_loading_does
from IDCBrowserLib.wording import human_size

EMPTY = "-"
STATUS = "status"
# Of ``Column.narrow``: takes the room that the others leave.
STRETCHED = 99


@dataclass(frozen=True)
class Column:
    """``key`` is the engine's column; ``right`` aligns numbers; ``width`` counts their digits, and average characters of other texts.

    ``needs`` names the side index that has it; such a column is hidden until somebody wants it or the index is fetched. ``narrow`` is its width in
    digits in a narrow dock, where those without one are not shown. ``explain`` gives the tool tip of a value, ``copied`` what is copied of it where
    that is not what is shown.
    """

    key: str
    title: str
    width: int
    format: Callable[[object], str]
    right: bool = False
    tip: str = ""
    needs: str = ""
    narrow: int = 0
    explain: Callable[[object], str] | None = None
    copied: Callable[[object], str] | None = None


def columns_of(level: str) -> tuple[Column, ...]:
    """The columns of a table, in their order."""
    return {"collections": _collections, "analysis_results": _analysis_results, "cases": _cases, "studies": _studies, "series": _series}[level]()


def _collections() -> tuple[Column, ...]:
    return (
        Column("collection_name", _("Collection"), 24, text, narrow=STRETCHED),
        Column("cases", _("Cases"), 6, count, True, narrow=6),
        Column("tumor_locations", _("Location"), 13, listing, tip=_("Tumor location")),
        Column("cancer_types", _("Cancer type"), 18, listing),
        Column("modalities", _("Modalities"), 14, listing, tip=_("Modalities of its series, such as CT, MR, SEG")),
        Column("series", _("Series"), 7, count, True),
        Column("size_bytes", _("Size"), 7, size, True, narrow=7),
        Column("license_short_name", _("License"), 13, listing),
        Column("program_id", _("Program"), 12, text),
        Column("collection_id", _("ID"), 20, text),
    )


def _analysis_results() -> tuple[Column, ...]:
    return (
        Column("analysis_result_title", _("Analysis result"), 34, text, narrow=STRETCHED),
        Column("modalities", _("Modalities"), 11, listing, tip=_("Modalities of its series, such as SEG, RTSTRUCT, SR")),
        Column("series", _("Series"), 7, count, True),
        Column("cases", _("Cases"), 6, count, True),
        Column("size_bytes", _("Size"), 7, size, True, narrow=7),
        Column("license_short_name", _("License"), 13, listing),
        Column(
            "collections",
            _("Collections"),
            24,
            collections,
            tip=_("The collections whose images were analyzed"),
            explain=listing,
            copied=listing,
        ),
        Column("source_DOI", _("DOI"), 24, text),
        Column("updated", _("Updated"), 11, text),
        Column("analysis_result_id", _("ID"), 24, text),
    )


def _cases() -> tuple[Column, ...]:
    return (
        Column("PatientID", _("Case"), 17, text, tip=_("Patient ID in the collection"), narrow=STRETCHED),
        Column("PatientSex", _("Sex"), 4, sex),
        Column("PatientAge", _("Age"), 6, age),
        Column("modalities", _("Modalities"), 17, listing, tip=_("Modalities of its series, such as CT, MR, SEG"), narrow=10),
        Column("studies", _("Studies"), 5, count, True),
        Column("series", _("Series"), 7, count, True),
        Column("size_bytes", _("Size"), 7, size, True, narrow=7),
        Column("license_short_name", _("License"), 13, listing),
        Column("collection_id", _("Collection"), 18, collections, explain=text, copied=text),
    )


def _studies() -> tuple[Column, ...]:
    return (
        Column(STATUS, _("Status"), 5, text, tip=_("How many of its series are on this computer"), narrow=3),
        Column("StudyDate", _("Date"), 11, text, narrow=9),
        Column("StudyDescription", _("Study"), 29, text, tip=_("Study description"), narrow=STRETCHED),
        Column("modalities", _("Modalities"), 14, listing, tip=_("Modalities of its series, such as CT, MR, SEG")),
        Column("series", _("Series"), 7, count, True),
        Column("instanceCount", _("Instances"), 7, count, True, _("Number of DICOM instances")),
        Column("size_bytes", _("Size"), 7, size, True, narrow=7),
        Column("PatientID", _("Case"), 17, text),
        Column("BodyPartExamined", _("Body part"), 11, listing),
        Column("license_short_name", _("License"), 13, listing),
        Column("StudyInstanceUID", _("Study UID"), 44, text),
    )


def _series() -> tuple[Column, ...]:
    return (
        Column(STATUS, _("Status"), 5, text, tip=_("Where the series is: only in IDC, on disk, or in the DICOM database"), narrow=3),
        Column("SeriesNumber", _("No."), 8, text, True, _("Series number")),
        Column("Modality", _("Modality"), 9, text, narrow=8, explain=_explain_modality),
        Column("SeriesDescription", _("Series"), 34, text, tip=_("Series description"), narrow=STRETCHED),
        Column("instanceCount", _("Instances"), 7, count, True, _("Number of DICOM instances")),
        Column("series_size_MB", _("Size"), 7, megabytes, True, narrow=7),
        Column("BodyPartExamined", _("Body part"), 11, text),
        Column("SeriesDate", _("Date"), 11, text),
        Column("license_short_name", _("License"), 13, text),
        Column("analysis_result_id", _("Analysis result"), 22, text, tip=_("Analysis result that the series belongs to")),
        Column("Manufacturer", _("Manufacturer"), 16, text),
        Column("ManufacturerModelName", _("Model"), 16, text),
        Column("sop_class_name", _("SOP class"), 26, text),
        Column("SeriesInstanceUID", _("Series UID"), 44, text),
        *_further(),
    )


def _explain_modality(value: object) -> str:
    """The kind of series in words, and what becomes of it."""
    modality = str(value or "")
    return f"{kind_of_one(modality)}. {what_loading_does({modality})}" if modality else ""


def _further() -> tuple[Column, ...]:
    """What the side indices say of a series; see ``catalog.further``."""
    return (
        Column(
            "regularly_spaced_3d_volume",
            _("Regular volume"),
            8,
            yes_no,
            needs="volume_geometry_index",
            tip=_("Whether the slices form a regular 3D volume"),
        ),
        Column("slice_spacing_mm", _("Slice spacing"), 10, millimeters, True, needs="volume_geometry_index"),
        Column("KVP", _("kVp"), 6, number, True, _("Tube voltage of CT"), "ct_index"),
        Column("ConvolutionKernel", _("Kernel"), 10, listing, tip=_("Reconstruction kernel of CT"), needs="ct_index"),
        Column("CT_SliceThickness", _("Slice thickness"), 10, millimeters, True, _("Slice thickness of CT"), "ct_index"),
        Column("EchoTime", _("TE (ms)"), 8, numbers, True, _("Echo time of MR"), "mr_index"),
        Column("RepetitionTime", _("TR (ms)"), 8, number, True, _("Repetition time of MR"), "mr_index"),
        Column("DiffusionBValue", _("b-value"), 10, numbers, True, _("Diffusion weighting of MR in s/mm²"), "mr_index"),
        Column("MagneticFieldStrength", _("Field (T)"), 8, number, True, _("Magnetic field strength of MR"), "mr_index"),
        Column("Radiopharmaceutical", _("Tracer"), 18, text, tip=_("Radiopharmaceutical of PET"), needs="pt_index"),
        Column("ContrastBolusAgent", _("Contrast agent"), 16, listing, needs="contrast_index"),
    )


def text(value: object) -> str:
    """Anything as text; nothing, and what is not a number, as "-"."""
    if isinstance(value, float) and not math.isfinite(value):
        return EMPTY
    return local_date(" ".join(str(value).split())) or EMPTY if value is not None else EMPTY


def listing(value: object) -> str:
    """A list, or a text that is one, with ", " between."""
    if isinstance(value, (list, tuple)):
        return ", ".join(str(item) for item in value if item) or EMPTY
    return text(value).replace(",", ", ").replace(",  ", ", ")


def collections(value: object) -> str:
    """The names of one or several collections, given by their ids."""
    return ", ".join(map(collection_name, listing(value).split(", ")))


def count(value: object) -> str:
    """A number with thousands separators."""
    return local_number(f"{value:,}") if isinstance(value, int) else text(value)


def size(value: object) -> str:
    """Bytes."""
    return human_size(value) if isinstance(value, (int, float)) and math.isfinite(value) else EMPTY


def megabytes(value: object) -> str:
    """A size that IDC states in MB."""
    return size(value * 1e6) if isinstance(value, (int, float)) else EMPTY


def yes_no(value: object) -> str:
    """A yes or no that may be unknown."""
    return EMPTY if value is None else _("yes") if value else _("no")


def number(value: object) -> str:
    """A measured number, without digits that mean nothing."""
    if isinstance(value, float):
        return local_number(f"{value:.6g}") if math.isfinite(value) else EMPTY
    return text(value)


def numbers(value: object) -> str:
    """Several of them."""
    return ", ".join(number(item) for item in value if item is not None) or EMPTY if isinstance(value, (list, tuple)) else number(value)


def millimeters(value: object) -> str:
    """A length."""
    shown = number(value)
    return shown if shown == EMPTY else _("{length} mm").format(length=shown)


def age(value: object) -> str:
    """A DICOM age string (PS3.5 6.2, AS) as people write it: "045Y" is "45 y"; several are kept apart by commas."""
    return ", ".join(_one_age(item) for item in listing(value).split(", "))


def sex(value: object) -> str:
    """DICOM's codes, with those unknown as "-"."""
    return listing(value)


def _one_age(value: str) -> str:
    number, unit = value[:-1], value[-1:]
    if number.isdigit() and unit in "YMWD" and unit:
        return f"{int(number)} {unit.lower()}"
    return value
