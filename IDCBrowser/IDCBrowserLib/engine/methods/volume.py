"""Image volumes for the host."""

from __future__ import annotations

from typing import Any

from IDCBrowserLib.engine.state import EngineState
from IDCBrowserLib.errors import ConversionError
from IDCBrowserLib.task import Task
from IDCBrowserLib.volume.image_grid import ImageGrid
from IDCBrowserLib.volume.read_grids import read_image_grids


def read(state: EngineState, params: dict[str, Any], task: Task) -> dict[str, Any]:
    """``files`` (and ``grid``: which of several volumes, 0 is the largest) -> one raw array and what belongs to it.

    ``array`` is a file of ``dtype`` (little endian) and ``shape`` (k, j, i) in C order; the host removes it. ``window`` is [center, width],
    ``inverted`` True when low values are to be shown bright. ``others`` describes the volumes that were not read, with their ``grid`` numbers.
    """
    from IDCBrowserLib.volume.pixels import read_volume

    grids = read_image_grids(params["files"], task, assume_positions=True)
    index = int(params.get("grid") or 0)
    if not 0 <= index < len(grids):
        raise ConversionError(f"These files hold {len(grids)} volumes; there is no number {index}.")
    volume = read_volume(grids[index], task)
    path = state.new_array_path()
    volume.voxels.astype(volume.voxels.dtype.newbyteorder("<"), copy=False).tofile(path)
    return {
        "array": str(path),
        "dtype": volume.voxels.dtype.name,
        "window": list(volume.window),
        "inverted": volume.inverted,
        "units": volume.units,
        "warnings": list(volume.warnings),
        **_description(grids[index], index),
        "shape": list(volume.geometry.shape),
        "geometry": volume.geometry.to_json(),
        "others": [_description(grid, number) for number, grid in enumerate(grids) if number != index],
    }


def memory(state: EngineState, params: dict[str, Any], task: Task) -> dict[str, Any]:
    """``files`` of a series, and ``images`` that it was drawn on -> ``bytes`` that loading takes, ``available_bytes`` (None: unknown)."""
    from IDCBrowserLib.volume.memory import available_bytes, needed_bytes

    return {"bytes": needed_bytes(params["files"], params.get("images") or ()), "available_bytes": available_bytes()}


def _description(grid: ImageGrid, index: int) -> dict[str, Any]:
    return {
        "grid": index,
        "label": grid.label,
        "color": grid.is_color,
        "name": _name(grid),
        "shape": list(grid.geometry.shape),
        "geometry": grid.geometry.to_json(),
        "modality": grid.modality,
        "series_uid": grid.series_uid,
        "study_uid": grid.study_uid,
        "patient_id": grid.patient_id,
        "patient_name": grid.patient_name,
        "series_description": grid.series_description,
        "series_number": grid.series_number,
        "frame_of_reference_uid": grid.frame_of_reference_uid,
    }


def _name(grid: ImageGrid) -> str:
    """As Slicer's scalar volume plugin names series: "2: CT CHEST"; the phase is added where there are several."""
    description = grid.series_description or grid.modality or "Image"
    name = f"{grid.series_number}: {description}" if grid.series_number else description
    return f"{name} [{grid.label}]" if grid.label else name
