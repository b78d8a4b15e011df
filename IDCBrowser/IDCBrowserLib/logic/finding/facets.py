"""The facets of the panel: their titles and kinds, and those that are asked most often as one."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from IDCBrowserLib.api.catalog import Count
from IDCBrowserLib.api.clinical import clinical_title, is_clinical
from IDCBrowserLib.api.values import Value
from IDCBrowserLib.catalog.acquisition import ACQUISITION, indices_of
from IDCBrowserLib.i18n import local_number, written
from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.logic.base.collection_names import collection_name
from IDCBrowserLib.logic.base.filter_choice import FilterChoice
from IDCBrowserLib.selection.portal_ranges import just_below
from IDCBrowserLib.wording import human_size

# The first entry: questions that touch several facets.
COMMON = "often"
STUDY_MODALITY = "study_modality"
SEGMENTS = (
    "SegmentedPropertyType",
    "AnatomicRegion",
    "AlgorithmType",
    "AlgorithmName",
    "total_segments",
    "SegmentedPropertyCategory",
    "SegmentationType",
)
ROIS = ("ROIName", "RTROIInterpretedType", "total_rois")
# Of numbers that have one, as DICOM has them.
UNITS = {
    "SliceThickness": "mm",
    "PixelSpacing": "mm",
    "slice_spacing_mm": "mm",
    "KVP": "kV",
    "EchoTime": "ms",
    "RepetitionTime": "ms",
    "MagneticFieldStrength": "T",
    "FlipAngle": "°",
    "DiffusionBValue": "s/mm²",
    "ObjectiveLensPower": "x",
    "SM_PixelSpacing": "mm",
}
REGULAR = "regularly_spaced_3d_volume"
COLLECTION = "collection_id"
_ACQUIRED_TEXTS = ("ConvolutionKernel", "Radiopharmaceutical", "ContrastBolusAgent", "staining_usingSubstance", "primaryAnatomicStructure", REGULAR)
NUMBERS = frozenset(
    {"age_years", "year", "size_bytes", "instanceCount", "total_segments", "total_rois", "TotalPixelMatrixColumns", "TotalPixelMatrixRows", *UNITS}
)
# Of which one segmentation can have several: all of those checked may be asked for.
LISTS = frozenset({"SegmentedPropertyType", "SegmentedPropertyCategory", "AnatomicRegion", "ROIName", "RTROIInterpretedType"})
# Counted only while they are looked at.
COUNTED_ALONE = NUMBERS | set(SEGMENTS) | set(ROIS) | set(_ACQUIRED_TEXTS)
COMMON_COLUMNS = (STUDY_MODALITY, "license_short_name", "series_revised_idc_version")
_RELEASE = "series_revised_idc_version"
_LICENSE = "license_short_name"


def facet_groups() -> dict[str, dict[str, str]]:
    """Columns that can be filtered by, with their titles, in groups; in the order in which a radiologist thinks of them."""
    return {
        "": {COMMON: _("Common filters")},
        _("Image"): {
            "Modality": _("Modality"),
            STUDY_MODALITY: _("Study contains"),
            "BodyPartExamined": _("Body part"),
            REGULAR: _("Regular volume"),
            "instanceCount": _("Instances"),
            "size_bytes": _("Series size"),
            "year": _("Study year"),
            "sop_class_name": _("SOP class"),
            "transfer_syntax_name": _("Transfer syntax"),
        },
        _("Patient"): {
            "program_id": _("Program"),
            "collection_id": _("Collection"),
            "analysis_result_id": _("Analysis result"),
            "tumor_locations": _("Tumor location"),
            "cancer_types": _("Cancer type"),
            "PatientSex": _("Sex"),
            "age_years": _("Age (years)"),
            "species": _("Species"),
        },
        _("Acquisition"): {
            "SliceThickness": _("Slice thickness"),
            "PixelSpacing": _("Pixel spacing"),
            "slice_spacing_mm": _("Slice spacing"),
            "Manufacturer": _("Manufacturer"),
            "ManufacturerModelName": _("Model"),
            "ContrastBolusAgent": _("Contrast agent"),
            "KVP": _("Tube voltage (CT)"),
            "ConvolutionKernel": _("Kernel (CT)"),
            "MagneticFieldStrength": _("Field strength (MR)"),
            "EchoTime": _("Echo time (MR)"),
            "RepetitionTime": _("Repetition time (MR)"),
            "FlipAngle": _("Flip angle (MR)"),
            "DiffusionBValue": _("b-value (MR)"),
            "Radiopharmaceutical": _("Tracer (PET)"),
        },
        _("Slide"): {
            "ObjectiveLensPower": _("Objective (slide)"),
            "SM_PixelSpacing": _("Pixel size (slide)"),
            "TotalPixelMatrixColumns": _("Width in pixels (slide)"),
            "TotalPixelMatrixRows": _("Height in pixels (slide)"),
            "staining_usingSubstance": _("Stain (slide)"),
            "primaryAnatomicStructure": _("Anatomy (slide)"),
        },
        _("Segmentation"): {
            "SegmentedPropertyType": _("Segment type"),
            "AnatomicRegion": _("Anatomic region"),
            "AlgorithmType": _("Algorithm type"),
            "AlgorithmName": _("Algorithm name"),
            "total_segments": _("Number of segments"),
            "SegmentedPropertyCategory": _("Segment category"),
            "SegmentationType": _("Segmentation type"),
            "ROIName": _("ROI name"),
            "RTROIInterpretedType": _("ROI type"),
            "total_rois": _("Number of ROIs"),
        },
        _("Rights"): {
            "license_short_name": _("License"),
            "series_init_idc_version": _("First in release"),
            "series_revised_idc_version": _("Revised in release"),
        },
    }


def facet_titles() -> dict[str, str]:
    """All of them, in that order."""
    return {column: title for titles in facet_groups().values() for column, title in titles.items()}


def facet_title(column: str) -> str:
    """The title of a column, or of a clinical attribute; any other name as it is."""
    return clinical_title(column) if is_clinical(column) else facet_titles().get(column, column)


def indices_of_facet(column: str) -> tuple[str, ...]:
    """All side indices that have values of a column; several for what several modalities have."""
    return tuple(indices_of(column)) if column in ACQUISITION else ()


def index_of(column: str) -> str:
    """The side index that has the values of a column; "" for those of the index itself."""
    if column in ROIS:
        return "rtstruct_index"
    if column in SEGMENTS:
        return "seg_index"
    return indices_of(column)[0] if column in ACQUISITION else ""


@dataclass(frozen=True)
class CommonFilter:
    """A question in one click: add this ``choice`` to a facet. ``series`` are counted as the facet counts them."""

    title: str
    column: str
    choice: FilterChoice
    series: int


def common_filters(counts: Mapping[str, Sequence[Count]], known: Mapping[str, Collection[Value]]) -> list[CommonFilter]:
    """With the counts under the filters, and the values ``known`` of this release; a question that it cannot answer is left out."""
    study = dict(_pairs(counts, STUDY_MODALITY))
    titles = {
        "SEG": _("Study contains a segmentation (SEG)"),
        "RTSTRUCT": _("Study contains a structure set (RTSTRUCT)"),
        "SR": _("Study contains a report (SR)"),
    }
    has = known.get(STUDY_MODALITY, ())
    found = [
        CommonFilter(title, STUDY_MODALITY, FilterChoice(all_of=(value,)), study.get(value, 0)) for value, title in titles.items() if value in has
    ]
    limited = tuple(sorted(str(value) for value in known.get(_LICENSE, ()) if value is not None and "NC" in str(value)))
    if limited:
        free = sum(count for value, count in _pairs(counts, _LICENSE) if value not in limited)
        found.append(CommonFilter(_("License allows commercial use (not NC)"), _LICENSE, FilterChoice(none_of=limited), free))
    releases = [value for value in known.get(_RELEASE, ()) if isinstance(value, int)]
    if releases:
        latest = max(releases)
        title = _("New or revised in release {release}").format(release=latest)
        found.append(CommonFilter(title, _RELEASE, FilterChoice((latest,)), dict(_pairs(counts, _RELEASE)).get(latest, 0)))
    return found


def _pairs(counts: Mapping[str, Sequence[Count]], column: str) -> list[Count]:
    return [(pair[0], pair[1]) for pair in counts.get(column, ())]


def value_text(value: object, column: str = "") -> str:
    """A value of a facet as people read it."""
    if column == REGULAR and value in ("true", "false"):
        return _("Yes") if value == "true" else _("No")
    if column == COLLECTION and isinstance(value, str):
        value = collection_name(value)
    return _("not stated") if value is None or value == "" else " ".join(str(value).split())


def id_tip(value: object, column: str) -> str:
    """The id of a collection, which ``value_text`` does not give; "" for other values."""
    return str(value or "") if column == COLLECTION else ""


def number_text(column: str, value: float) -> str:
    """A number of a facet with its unit."""
    if column == "size_bytes":
        return human_size(value)
    if column in UNITS:
        return local_number(f"{value:.4g}")
    return f"{value:g}" if column == "year" else local_number(f"{value:,.10g}")


def chosen_text(chosen: Mapping[str, FilterChoice]) -> str:
    """All that is chosen in one line."""
    return "; ".join(
        _("{facet}: {values}").format(facet=short_text(facet_title(column)), values=choice_text(column, choice)) for column, choice in chosen.items()
    )


def choice_text(column: str, choice: FilterChoice) -> str:
    """One facet's choice in words."""
    either = [range_text(column, choice)] if choice.has_range else []
    either += _names(column, choice.any_of)
    parts = [_(" or ").join(either)] if either else []
    if choice.all_of:
        parts.append(_(" and ").join(_names(column, choice.all_of)))
    parts += [_("not {value}").format(value=name) for name in _names(column, choice.none_of)]
    return written(", ".join(parts))


def range_text(column: str, choice: FilterChoice) -> str:
    """The range in words."""
    unit = f" {UNITS[column]}" if column in UNITS else ""
    if choice.low is None:
        return _("at most {high}").format(high=number_text(column, choice.high or 0)) + unit
    if choice.high is None:
        return _("at least {low}").format(low=number_text(column, choice.low)) + unit
    if choice.low == choice.high:
        number = number_text(column, choice.low)
        return written(number + unit)
    below = just_below(choice.high)
    if below is not None:
        return _("{low} to under {high}").format(low=number_text(column, choice.low), high=number_text(column, below)) + unit
    return _("{low} to {high}").format(low=number_text(column, choice.low), high=number_text(column, choice.high)) + unit


_MAX_NAMES = 6


def _names(column: str, values: Sequence[Value]) -> list[str]:
    names = [short_text(value_text(value, column)) for value in values[:_MAX_NAMES]]
    more = len(values) - len(names)
    return [*names, _("{count} more").format(count=f"{more:,}")] if more > 0 else names


def short_text(text: str) -> str:
    """Cut where it is too long for a list of values."""
    return text if len(text) <= 40 else text[:37] + "..."
