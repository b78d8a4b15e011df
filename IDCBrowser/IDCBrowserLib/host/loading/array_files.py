"""Arrays that the engine hands over as files."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from IDCBrowserLib.api.labelmap import Part
from IDCBrowserLib.api.volume import Array
from IDCBrowserLib.errors import ConversionError

if TYPE_CHECKING:
    from numpy.typing import NDArray


Document = TypeVar("Document", bound=Part)
Made = TypeVar("Made")


def read_array(array: Array) -> NDArray[Any]:
    """Its values, in memory. Raises ``ConversionError``."""
    import numpy as np

    try:
        values: NDArray[Any] = np.fromfile(array["array"], np.dtype(array["dtype"]).newbyteorder("<")).reshape(tuple(array["shape"]))
        return values
    except (OSError, ValueError) as error:
        raise ConversionError(f"What was computed cannot be read from {array['array']} ({error}). Load the series again.") from error


def map_array(array: Array, name: str) -> NDArray[Any]:
    """The voxels of ``name``, mapped: copied only where they are written, and what the engine still writes to the file is seen.

    Raises ``ConversionError``.
    """
    import numpy as np

    try:
        voxels: NDArray[Any] = np.memmap(array["array"], dtype=np.dtype(array["dtype"]).newbyteorder("<"), mode="c", shape=tuple(array["shape"]))
        return voxels
    except (OSError, ValueError) as error:
        raise ConversionError(f"The voxels of {name} cannot be read from {array['array']} ({error}). Load the series again.") from error


def made_of_each(documents: Iterable[Document], make: Callable[[Document], Made]) -> list[Made]:
    """What ``make`` makes of each document; the arrays of all of them are removed afterwards, also where it raises."""
    given = list(documents)
    try:
        return [make(one) for one in given]
    finally:
        for one in given:
            remove_arrays(one["arrays"])


def remove_arrays(arrays: Sequence[Array]) -> None:
    """The files were mapped and can go; Windows keeps mapped files until the engine's folder goes."""
    for entry in arrays:
        with contextlib.suppress(OSError):
            Path(entry["array"]).unlink()
