"""What a volume is, as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from IDCBrowserLib.volume.pixels import Volume


def volume_document(volume: Volume) -> dict[str, Any]:
    """Shape (k, j, i), geometry in LPS mm, quantity with unit, lowest and highest value, and where it comes from."""
    low, high = volume.extremes()
    quantity = volume.quantity
    return {
        **volume.geometry.to_json(),
        "quantity": quantity.name,
        "unit": quantity.unit,
        "quantity_code": quantity.name_code,
        "unit_code": quantity.unit_code,
        "min": low,
        "max": high,
        "type": volume.voxels.dtype.name,
        "components": 3 if volume.voxels.ndim == 4 else 1,
        "modality": volume.grid.modality,
        "label": volume.grid.label,
        "series_uid": volume.grid.series_uid,
        "frame_of_reference_uid": volume.grid.frame_of_reference_uid,
        "warnings": list(volume.warnings),
    }
