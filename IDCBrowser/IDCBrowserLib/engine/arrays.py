"""Arrays that answers refer to: raw files in the exchange folder."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from IDCBrowserLib.api.volume import Array
from IDCBrowserLib.engine.state import EngineState

if TYPE_CHECKING:
    from numpy.typing import NDArray


def save_array(state: EngineState, values: NDArray[Any]) -> Array:
    """Written in little endian; whoever asked removes the file."""
    path = state.new_array_path()
    values.astype(values.dtype.newbyteorder("<"), copy=False).tofile(path)
    return {"array": str(path), "dtype": values.dtype.name, "shape": list(values.shape)}
