"""Arrays that the engine hands over as files."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from IDCBrowserLib.api.volume import Array
from IDCBrowserLib.errors import ConversionError

if TYPE_CHECKING:
    from numpy.typing import NDArray


def read_array(array: Array) -> NDArray[Any]:
    """Its values, in memory. Raises ``ConversionError``."""
    import numpy as np

    try:
        values: NDArray[Any] = np.fromfile(array["array"], np.dtype(array["dtype"]).newbyteorder("<")).reshape(tuple(array["shape"]))
        return values
    except (OSError, ValueError) as error:
        raise ConversionError(f"What was computed cannot be read from {array['array']} ({error}). Load the series again.") from error


def remove_arrays(arrays: Sequence[Array]) -> None:
    """The files were mapped and can go; Windows keeps mapped files until the engine's folder goes."""
    for entry in arrays:
        with contextlib.suppress(OSError):
            Path(entry["array"]).unlink()
