"""What the side indices say of one series, in sections: how it was acquired, whether it is a regular volume, what is in it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any

from IDCBrowserLib.api.values import Section
from IDCBrowserLib.catalog.about.shown_values import Shown, extent, pair, plain, scaled
from IDCBrowserLib.catalog.connection import ask, rows_as_dicts

if TYPE_CHECKING:
    import duckdb

_MATRIX = (
    ("Matrix", pair("Columns", "Rows")),
    ("Pixel spacing", pair("PixelSpacing_col_mm", "PixelSpacing_row_mm", "mm")),
    ("Slice thickness", plain("SliceThickness", "mm")),
)
ACQUISITION, GEOMETRY, SEGMENTS, CONTOURS, SLIDE, ANNOTATIONS = "Acquisition", "Geometry", "Segments", "Contours", "Slide", "Annotations"
# What is wrong where a check of volume_geometry_index fails.
_FAULTS = (
    ("single_orientation", "its images have several orientations"),
    ("orthogonal_orientation", "rows and columns of its images are not perpendicular"),
    ("unique_slice_positions", "several images are at the same position (phases, echoes or repetitions)"),
    ("consistent_in_plane_row", "its images are shifted against each other (gantry tilt or table motion)"),
    ("consistent_in_plane_col", "its images are shifted against each other (gantry tilt or table motion)"),
    ("consistent_pixel_spacing", "its images have several pixel spacings"),
    ("consistent_image_dimensions", "its images have several sizes"),
    ("uniform_slice_spacing", "slice spacing varies, or slices are missing"),
)


def volume_in_words(row: Mapping[str, Any]) -> str:
    """From a row of volume_geometry_index: whether the series is one regular volume, and why not."""
    regular = row.get("regularly_spaced_3d_volume")
    if regular:
        return "Forms a regular 3D volume"
    faults = dict.fromkeys(sentence for check, sentence in _FAULTS if row.get(check) is False)
    if faults:
        return f"Does not form a regular 3D volume: {'; '.join(faults)}"
    return "Does not form a regular 3D volume" if regular is False else ""


def _tilt(row: Mapping[str, Any]) -> str:
    """Against the axes of the body; nothing for slices along them."""
    degrees = row.get("obliquity_degrees")
    return f"{degrees:.1f}°" if isinstance(degrees, float) and degrees >= 0.05 else ""


# Modality -> indices that tell of it.
_BY_MODALITY = {
    "CT": ("ct_index", "contrast_index", "volume_geometry_index"),
    "MR": ("mr_index", "contrast_index", "volume_geometry_index"),
    "PT": ("pt_index", "volume_geometry_index"),
    "SEG": ("seg_index",),
    "RTSTRUCT": ("rtstruct_index",),
    "SM": ("sm_index", "sm_instance_index"),
}
# Index -> heading, labeled values.
_SHOWN: dict[str, tuple[str, tuple[tuple[str, Shown], ...]]] = {
    "ct_index": (
        ACQUISITION,
        (
            ("Tube voltage", plain("KVP", "kV")),
            ("Tube current", extent("XRayTubeCurrent_min", "XRayTubeCurrent_max", "mA")),
            ("Exposure", extent("Exposure_min", "Exposure_max", "mAs")),
            ("Pitch", plain("SpiralPitchFactor")),
            ("Kernel", plain("ConvolutionKernel")),
            ("Filter", plain("FilterType")),
            ("Scan options", plain("ScanOptions")),
            ("Gantry tilt", plain("GantryDetectorTilt", "°")),
            *_MATRIX,
            ("Reconstruction diameter", plain("ReconstructionDiameter", "mm")),
            ("Image type", plain("ImageType")),
        ),
    ),
    "mr_index": (
        ACQUISITION,
        (
            ("Field strength", plain("MagneticFieldStrength", "T")),
            ("Sequence", plain("SequenceName")),
            ("Scanning sequence", plain("ScanningSequence")),
            ("Variant", plain("SequenceVariant")),
            ("Acquisition", plain("MRAcquisitionType")),
            ("Echo time", plain("EchoTime", "ms")),
            ("Repetition time", plain("RepetitionTime", "ms")),
            ("Inversion time", plain("InversionTime", "ms")),
            ("Flip angle", plain("FlipAngle", "°")),
            ("Echo train", plain("EchoTrainLength")),
            ("b-value", plain("DiffusionBValue", "s/mm²")),
            ("Time points", plain("NumberOfTemporalPositions")),
            ("Coil", plain("ReceiveCoilName")),
            *_MATRIX,
        ),
    ),
    "pt_index": (
        ACQUISITION,
        (
            ("Radiopharmaceutical", plain("Radiopharmaceutical")),
            ("Radionuclide", plain("RadionuclideCodeMeaning")),
            ("Total dose", scaled("RadionuclideTotalDose", 1e-6, "MBq")),
            ("Units", plain("Units")),
            ("Corrections", plain("CorrectedImage")),
            ("Decay correction", plain("DecayCorrection")),
            ("Reconstruction", plain("ReconstructionMethod")),
            ("Frame duration", scaled("ActualFrameDuration", 1e-3, "s")),
            ("Time points", plain("NumberOfTimeSlices")),
            *_MATRIX,
        ),
    ),
    "contrast_index": (ACQUISITION, (("Contrast agent", plain("ContrastBolusAgent")), ("Contrast route", plain("ContrastBolusRoute")))),
    "volume_geometry_index": (
        GEOMETRY,
        (
            ("Volume", volume_in_words),
            ("Slice spacing", plain("slice_spacing_mm", "mm")),
            ("Tilt", _tilt),
        ),
    ),
    "seg_index": (
        SEGMENTS,
        (
            ("Segments", plain("total_segments")),
            ("Segmented", plain("SegmentedPropertyType_CodeMeanings")),
            ("Category", plain("SegmentedPropertyCategory_CodeMeanings")),
            ("Region", plain("AnatomicRegion_CodeMeanings")),
            ("Made", plain("AlgorithmType")),
            ("Algorithm", plain("AlgorithmName")),
            ("Segmentation type", plain("SegmentationType")),
        ),
    ),
    "rtstruct_index": (
        CONTOURS,
        (
            ("ROIs", plain("total_rois")),
            ("ROI names", plain("ROINames")),
            ("ROI types", plain("RTROIInterpretedTypes")),
            ("Made", plain("ROIGenerationAlgorithms")),
        ),
    ),
    "sm_index": (
        SLIDE,
        (
            ("Full size", pair("max_TotalPixelMatrixColumns", "max_TotalPixelMatrixRows", "pixels")),
            ("Pixel size", scaled("min_PixelSpacing_2sf", 1000, "µm")),
            ("Objective", plain("ObjectiveLensPower", "x")),
            ("Stain", plain("staining_usingSubstance_CodeMeaning")),
            ("Fixative", plain("tissueFixative_CodeMeaning")),
            ("Embedding", plain("embeddingMedium_CodeMeaning")),
            ("Anatomy", plain("primaryAnatomicStructure_CodeMeaning")),
            ("Tissue", plain("primaryAnatomicStructureModifier_CodeMeaning")),
            ("Diagnosis", plain("admittingDiagnosis_CodeMeaning")),
            ("Container", plain("ContainerIdentifier")),
        ),
    ),
}


def side_sections(
    connection: duckdb.DuckDBPyConnection, series_uid: str, modality: str, side_indices: Collection[str]
) -> tuple[list[Section], list[str]]:
    """What they say of a series, and the names of the indices that would tell more but are not here."""
    names = _BY_MODALITY.get(modality, ())
    sections: dict[str, list[list[str]]] = {}
    for name in names:
        if name not in side_indices or name not in _SHOWN:
            continue
        heading, shown = _SHOWN[name]
        for row in rows_as_dicts(ask(connection, f"SELECT * FROM {name} WHERE SeriesInstanceUID = $uid LIMIT 1", {"uid": series_uid})):
            sections.setdefault(heading, []).extend([label, said] for label, show in shown if (said := show(row)))
    found: list[Section] = [{"heading": heading, "items": items} for heading, items in sections.items() if items]
    return found, [name for name in names if name not in side_indices]
