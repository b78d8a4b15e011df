"""The step ``images``: an image series as volumes, in the quantity that it holds: HU, SUV by body weight, Gy."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from IDCBrowserLib.batch.made import Made, make_folder
from IDCBrowserLib.task import Task


def image_volumes(files: Sequence[Path], target: Path, ending: str, task: Task) -> Made:
    """``target``: the volume without its ending; several grids or phases get numbers. A PET whose SUV is not computable stays as it is stored, with
    the reason. Raises ``ConversionError``, ``StorageError``.
    """
    from IDCBrowserLib.pet.convert import is_pet, to_suv
    from IDCBrowserLib.volume.document import volume_document
    from IDCBrowserLib.volume.files.write import write_volume
    from IDCBrowserLib.volume.numbered import numbered_path
    from IDCBrowserLib.volume.pixels import read_volume
    from IDCBrowserLib.volume.read_grids import read_image_grids

    grids = read_image_grids(files, task, assume_positions=True)
    whole = target.with_name(target.name + ending)
    make_folder(whole.parent)
    documents: list[dict[str, Any]] = []
    paths: list[Path] = []
    for number, grid in enumerate(grids, 1):
        task.raise_if_cancelled()
        volume = read_volume(grid, task)
        notes: list[str] = []
        if is_pet(volume):
            uptake = to_suv(volume)
            volume = uptake.volume
            notes = [] if uptake.factor is not None else [f"Not in SUV: {uptake.reason}"]
        path = whole if len(grids) == 1 else numbered_path(whole, ending, number)
        paths.append(write_volume(volume, path))
        document = volume_document(volume)
        documents.append({"files": [path.name], **document, "warnings": [*document["warnings"], *notes]})
    return Made({"images": documents}, paths)
