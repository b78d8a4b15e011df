"""Answers the methods on image volumes."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from IDCBrowserLib.api import volume as api
from IDCBrowserLib.dicom.context import context_of_file
from IDCBrowserLib.engine.answers import answers
from IDCBrowserLib.engine.arrays import save_array
from IDCBrowserLib.engine.state import EngineState
from IDCBrowserLib.errors import ConversionError
from IDCBrowserLib.task import Task
from IDCBrowserLib.volume.image_grid import ImageGrid
from IDCBrowserLib.volume.read_grids import read_grids_and_rest

if TYPE_CHECKING:
    from IDCBrowserLib.volume.pixels import Volume


@answers(api.READ)
def read(state: EngineState, params: api.ReadParameters, task: Task) -> api.Volume:
    """One volume of a series as a raw array, and what belongs to it."""
    from IDCBrowserLib.pet.convert import is_pet, to_suv
    from IDCBrowserLib.volume.pixels import read_volume
    from IDCBrowserLib.volume.playing import Playing, playing_of

    grids, rest = read_grids_and_rest(params["files"], task, assume_positions=True)
    index = params.get("grid") or 0
    if not 0 <= index < len(grids):
        raise ConversionError(f"These files contain {len(grids)} volumes; there is no number {index}.")
    volume = read_volume(grids[index], task)
    if params.get("suv") and is_pet(volume):
        volume = to_suv(volume, params["suv"], mappings=params.get("mappings") or ()).volume
    array = save_array(state, volume.voxels)
    playing = playing_of(grids[index].present_slices[0].path) if not grids[index].is_placed else Playing(None, ())
    return {
        "array": array["array"],
        "dtype": array["dtype"],
        "window": volume.window,
        "inverted": volume.inverted,
        "quantity": volume.quantity.name,
        "unit": volume.quantity.unit,
        "short": volume.quantity.short,
        "kind": "pet" if is_pet(volume) else volume.quantity.kind,
        "quantity_code": volume.quantity.name_code,
        "unit_code": volume.quantity.unit_code,
        "warnings": list(volume.warnings),
        **_description(grids[index], index),
        "shape": list(volume.voxels.shape),
        "geometry": volume.geometry.to_json(),
        "instances": list(dict.fromkeys(image.sop_instance_uid for image in grids[index].present_slices)),
        "context": context_of_file(grids[index].present_slices[0].path),
        "drawn": [one.path for one in rest if one.is_drawn],
        "isodoses": _isodoses(state, volume),
        "frames_per_second": playing.frames_per_second,
        "windows": list(playing.windows),
        "others": [_description(grid, number) for number, grid in enumerate(grids) if number != index],
    }


def _isodoses(state: EngineState, volume: Volume) -> list[api.Array]:
    if volume.quantity.kind != "dose":
        return []
    import numpy as np

    from IDCBrowserLib.dose.isodose import isodoses

    # The window of a dose is from 0 to its maximum.
    lines = isodoses(volume.voxels, volume.window[1])
    index = np.column_stack([lines.points[:, ::-1], np.ones(len(lines.points), np.float32)])
    points = (index @ volume.geometry.index_to_lps().T)[:, :3].astype(np.float32)
    return [save_array(state, values) for values in (points, lines.triangles, lines.doses)]


@answers(api.PLAIN)
def plain(state: EngineState, params: api.PlainParameters, task: Task) -> api.Plain:
    """What is known before the voxels are read, and the file that they will be in."""
    from IDCBrowserLib.volume.plain import plain_series

    grids, rest = state.last_images.read(params["files"], task)
    series = plain_series(grids, rest)
    shape = series.grid.geometry.shape
    path = state.new_zeros(math.prod(shape) * series.dtype.itemsize)
    slices = series.grid.present_slices
    return {
        **_description(series.grid, 0),
        "array": str(path),
        "dtype": series.dtype.name,
        "sop_class": series.sop_class,
        "windows": list(series.windows),
        "instances": [image.sop_instance_uid for image in slices],
        "instance_numbers": [image.instance_number for image in slices],
        "context": context_of_file(slices[0].path),
    }


@answers(api.FILL)
def fill(state: EngineState, params: api.FillParameters, task: Task) -> api.Filled:
    """The voxels."""
    from IDCBrowserLib.volume import plain

    path = state.own_array(params["array"])
    series = plain.plain_series(*state.last_images.read(params["files"], task))
    return {"slices": plain.fill(series, path, task)}


@answers(api.MEMORY)
def memory(state: EngineState, params: api.MemoryParameters, task: Task) -> api.Memory:
    """What loading takes, and what is free."""
    from IDCBrowserLib.volume.memory import available_bytes, needed_bytes

    files = [state.last_opened.get(path) or path if not number else path for number, path in enumerate(params["files"])]
    return {"bytes": needed_bytes(files, params.get("images") or ()), "available_bytes": available_bytes()}


def _description(grid: ImageGrid, index: int) -> api.Description:
    return {
        "grid": index,
        "label": grid.label,
        "color": grid.is_color,
        "placed": grid.is_placed,
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
