"""Voxels between the engine and the window: raw files that the other side maps, and a document that says what they are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from IDCBrowserLib.api.labelmap import Part
from IDCBrowserLib.api.volume import Array
from IDCBrowserLib.errors import ConversionError, StorageError
from IDCBrowserLib.labelmap.types import Annotation, Labelmap, Segment, Source
from IDCBrowserLib.volume.geometry import Geometry

if TYPE_CHECKING:
    from numpy.typing import NDArray


def save_arrays(labelmap: Labelmap, new_path: Callable[[], Path]) -> list[Array]:
    """Each layer as one raw file, C order (k, j, i); ``new_path`` names a fresh file at each call.

    Gives one per layer, of shape (k, j, i). Raises ``StorageError`` where the disk is full.
    """
    written: list[Array] = []
    for layer in labelmap.layers:
        path = Path(new_path())
        try:
            layer.tofile(path)
        except OSError as error:
            for failed in [path, *(Path(entry["array"]) for entry in written)]:
                failed.unlink(missing_ok=True)
            raise StorageError(f"The voxels cannot be written to {path}: {error.strerror or error}. Free some disk space and try again.") from error
        written.append({"array": str(path), "dtype": layer.dtype.name, "shape": list(layer.shape)})
    return written


def to_document(labelmap: Labelmap, arrays: Sequence[Array]) -> Part:
    """A labelmap in the answer of ``labelmap.convert``, with the ``arrays`` of ``save_arrays``."""
    return {**labelmap.to_json(), "arrays": arrays}


def load_labelmap(document: Part) -> Labelmap:
    """The inverse of ``to_document``; layers are mapped copy-on-write (writing into them changes no file)."""
    return Labelmap(
        layers=tuple(_map(entry) for entry in document["arrays"]),
        geometry=Geometry.from_json(document),
        segments=tuple(Segment.from_json(value) for value in document["segments"]),
        source=Source.from_json(document["source"]),
        overlapping_voxels=document["overlapping_voxels"],
        warnings=tuple(document["warnings"]),
        annotations=tuple(Annotation.from_json(value) for value in document["annotations"]),
        label=document["label"],
        series_uid=document["series_uid"],
        slice_thicknesses=tuple(document["slice_thicknesses"]),
    )


def _map(entry: Array) -> NDArray[Any]:
    import numpy as np

    k, j, i = (int(size) for size in entry["shape"])
    try:
        return np.memmap(entry["array"], dtype=np.dtype(entry["dtype"]), mode="c", shape=(k, j, i))
    except (OSError, ValueError) as error:
        raise ConversionError(f"The voxels in {entry['array']} cannot be read ({error}). Convert the object again.") from error
