"""What the side indices say of one series, as labelled values: how it was acquired, whether it is a regular volume, what is segmented in it."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any

from IDCBrowserLib.catalog.connection import ask, rows_as_dicts

if TYPE_CHECKING:
    import duckdb

# Which indices tell of a modality.
_BY_MODALITY = {
    "CT": ("ct_index", "contrast_index", "volume_geometry_index"), "MR": ("mr_index", "contrast_index", "volume_geometry_index"),
    "PT": ("pt_index", "volume_geometry_index"), "SEG": ("seg_index",), "RTSTRUCT": ("rtstruct_index",),
}
# index -> column, label, unit
_SHOWN: dict[str, tuple[tuple[str, str, str], ...]] = {
    "ct_index": (
        ("KVP", "Tube voltage", "kV"), ("SliceThickness", "Slice thickness", "mm"), ("PixelSpacing_row_mm", "Pixel spacing", "mm"),
        ("Rows", "Rows", ""), ("Columns", "Columns", ""), ("ConvolutionKernel", "Kernel", ""), ("SpiralPitchFactor", "Pitch", ""),
        ("XRayTubeCurrent_max", "Tube current, highest", "mA"), ("GantryDetectorTilt", "Gantry tilt", "°"),
        ("ReconstructionDiameter", "Reconstruction diameter", "mm"),
    ),
    "mr_index": (
        ("MagneticFieldStrength", "Field strength", "T"), ("SequenceName", "Sequence", ""), ("ScanningSequence", "Scanning sequence", ""),
        ("MRAcquisitionType", "Acquisition", ""), ("EchoTime", "Echo time", "ms"), ("RepetitionTime", "Repetition time", "ms"),
        ("InversionTime", "Inversion time", "ms"), ("FlipAngle", "Flip angle", "°"), ("DiffusionBValue", "b-value", "s/mm²"),
        ("SliceThickness", "Slice thickness", "mm"), ("PixelSpacing_row_mm", "Pixel spacing", "mm"), ("Rows", "Rows", ""),
        ("Columns", "Columns", ""), ("ReceiveCoilName", "Coil", ""),
    ),
    "pt_index": (
        ("Radiopharmaceutical", "Radiopharmaceutical", ""), ("RadionuclideCodeMeaning", "Radionuclide", ""),
        ("RadionuclideTotalDose", "Total dose", "Bq"), ("Units", "Units", ""), ("CorrectedImage", "Corrections", ""),
        ("ReconstructionMethod", "Reconstruction", ""), ("SliceThickness", "Slice thickness", "mm"), ("PixelSpacing_row_mm", "Pixel spacing", "mm"),
        ("Rows", "Rows", ""), ("Columns", "Columns", ""),
    ),
    "contrast_index": (("ContrastBolusAgent", "Contrast agent", ""), ("ContrastBolusRoute", "Contrast route", "")),
    "volume_geometry_index": (
        ("regularly_spaced_3d_volume", "Regular 3D volume", ""), ("slice_spacing_mm", "Slice spacing", "mm"), ("obliquity_degrees", "Obliquity", "°"),
    ),
    "seg_index": (
        ("total_segments", "Segments", ""), ("SegmentedPropertyType_CodeMeanings", "Segmented", ""), ("AnatomicRegion_CodeMeanings", "Region", ""),
        ("AlgorithmType", "Made", ""), ("AlgorithmName", "Algorithm", ""), ("SegmentationType", "Segmentation type", ""),
    ),
    "rtstruct_index": (
        ("total_rois", "ROIs", ""), ("ROINames", "ROI names", ""), ("RTROIInterpretedTypes", "ROI types", ""),
        ("ROIGenerationAlgorithms", "Made", ""),
    ),
}
_MOST_VALUES = 30


def side_items(
    connection: duckdb.DuckDBPyConnection, series_uid: str, modality: str, side_indices: Collection[str]
) -> tuple[list[list[str]], list[str]]:
    """``[[label, value], ...]`` for a series, and the names of the indices that would tell more but are not here."""
    names = _BY_MODALITY.get(modality, ())
    items: list[list[str]] = []
    for name in names:
        if name not in side_indices:
            continue
        for row in rows_as_dicts(ask(connection, f"SELECT * FROM {name} WHERE SeriesInstanceUID = $uid LIMIT 1", {"uid": series_uid})):
            items += _items(name, row)
    return items, [name for name in names if name not in side_indices]


def _items(name: str, row: Mapping[str, Any]) -> list[list[str]]:
    shown = ((label, _text(row.get(column)), unit) for column, label, unit in _SHOWN[name])
    return [[label, f"{text} {unit}".strip()] for label, text, unit in shown if text]


def _text(value: Any) -> str:
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (list, tuple)):
        parts = [text for text in map(_text, value) if text]
        more = f" and {len(parts) - _MOST_VALUES} more" if len(parts) > _MOST_VALUES else ""
        return ", ".join(parts[:_MOST_VALUES]) + more
    if isinstance(value, float):
        return "" if math.isnan(value) else f"{value:.6g}"
    return str(value)
