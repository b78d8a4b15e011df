"""Voxels of the scene for the engine: written to raw files a piece at a time, so that the window stays quick."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING

from IDCBrowserLib.api.labelmap import Part
from IDCBrowserLib.api.volume import Array
from IDCBrowserLib.errors import IDCBrowserError, StorageError
from IDCBrowserLib.logic.segments.segments import Defer

if TYPE_CHECKING:
    from IDCBrowserLib.labelmap.types import Labelmap

_BUDGET_S = 0.006


class VoxelFiles:
    """``write`` once, ``remove`` when the engine has read them."""

    def __init__(self, labelmaps: Sequence[Labelmap], defer: Defer) -> None:
        self._labelmaps = labelmaps
        self._defer = defer
        self._folder: Path | None = None
        self._is_over = False

    def write(self, on_done: Callable[[list[Part]], object], on_error: Callable[[IDCBrowserError], object]) -> None:
        """Calls one of both later, unless ``remove`` comes first."""
        try:
            self._folder = Path(tempfile.mkdtemp(prefix="idc-browser-voxels-"))
        except OSError as error:
            on_error(_refused(error))
            return
        layers = [
            (layer, self._folder / f"{number}-{place}.raw") for number, one in enumerate(self._labelmaps) for place, layer in enumerate(one.layers)
        ]
        planes = ((plane, path) for layer, path in layers for plane in layer)
        files: dict[Path, IO[bytes]] = {}

        def some() -> None:
            end = time.monotonic() + _BUDGET_S
            try:
                while not self._is_over and time.monotonic() < end:
                    plane, path = next(planes, (None, None))
                    if plane is None or path is None:
                        _close(files)
                        on_done(self._parts())
                        return
                    if path not in files:
                        files[path] = open(path, "wb")  # noqa: SIM115  it stays open over many turns of the event loop
                    files[path].write(plane.tobytes())
            except OSError as error:
                _close(files)
                self.remove()
                on_error(_refused(error))
                return
            if self._is_over:
                _close(files)
            else:
                self._defer(some)

        self._defer(some)

    def remove(self) -> None:
        """Delete them."""
        self._is_over = True
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)

    def _parts(self) -> list[Part]:
        assert self._folder is not None, "it was made before"
        parts: list[Part] = []
        for number, one in enumerate(self._labelmaps):
            arrays: list[Array] = [
                {"array": str(self._folder / f"{number}-{place}.raw"), "dtype": layer.dtype.name, "shape": list(layer.shape)}
                for place, layer in enumerate(one.layers)
            ]
            parts.append({**one.to_json(), "arrays": arrays})
        return parts


def _close(files: dict[Path, IO[bytes]]) -> None:
    for file in files.values():
        file.close()


def _refused(error: OSError) -> StorageError:
    return StorageError(f"The voxels cannot be written to the folder for temporary files ({error.strerror or error}). Free some disk space.")
