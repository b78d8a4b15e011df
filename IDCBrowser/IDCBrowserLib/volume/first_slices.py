"""What has come of an image series while the rest is still on its way, as a volume to look at: each missing slice is the nearest one that is here."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from IDCBrowserLib.dicom.with_pydicom import problems_named, quietly, read_dataset
from IDCBrowserLib.errors import ConversionError, NotFoundError, StorageError
from IDCBrowserLib.task import Task
from IDCBrowserLib.volume.frames import Frame, read_frames
from IDCBrowserLib.volume.geometry import Geometry
from IDCBrowserLib.volume.pixels import ShownPlane, shown_plane, stored_plane
from IDCBrowserLib.volume.spacing import nearest_index
from IDCBrowserLib.volume.stack_of_some import is_like, stack_of_some, thinned

if TYPE_CHECKING:
    from numpy.typing import NDArray

# The whole series is loaded soon, beside this one: a larger one is shown with fewer pixels.
_MOST_BYTES = 256_000_000
# How many files are read at a time, so that the processor is left to the download.
_MOST_FILES = 32


@dataclass(frozen=True)
class Seen:
    """``voxels`` in a raw file of little endian ``dtype`` on ``geometry``; ``present`` are the k of slices that are here. ``of`` so many that come.

    ``window`` is (center, width); ``frame`` tells patient and series.
    """

    voxels: Path
    dtype: str
    geometry: Geometry
    present: tuple[int, ...]
    of: int
    window: tuple[float, float]
    inverted: bool
    frame: Frame


@dataclass(frozen=True)
class _Form:
    """How voxels are kept: every ``step``-th pixel, as ``dtype``; and shown: ``window`` as (center, width)."""

    step: int
    dtype: np.dtype[Any]
    window: tuple[float, float]
    inverted: bool


class FirstSlices:
    """Of the series ``series_uid`` with ``expected`` files, each a slice. ``look`` again as files come; ``remove`` at the end.

    ``new_zeros`` gives a file of so many bytes for the voxels, or raises ``StorageError``; another one is used when the stack turns out to reach
    farther.
    """

    def __init__(self, series_uid: str, expected: int, new_zeros: Callable[[int], Path], most_bytes: int = _MOST_BYTES) -> None:
        self._series_uid = series_uid
        self._expected = expected
        self._new_zeros = new_zeros
        self._most_bytes = most_bytes
        self._known: set[str] = set()
        # Whether there are further files that the last look left for the next one.
        self.has_more = False
        self._frames: list[Frame] = []
        self._damaged: set[str] = set()
        # Whether no stack can come of it.
        self._gave_up = False
        self._form: _Form | None = None
        self._path: Path | None = None
        self._voxels: NDArray[Any] | None = None
        self._geometry: Geometry | None = None
        # The k of each file that is in the voxels, and of the slice that is shown at each k.
        self._present: dict[str, int] = {}
        self._shown: NDArray[np.int64] = np.zeros(0, np.int64)

    @quietly()
    def look(self, folder: str | Path, task: Task | None = None) -> Seen | None:
        """Read files that have come into the folder since; None while, or where, nothing can be shown. Raises ``CancelledError``."""
        task = task or Task()
        frames = [] if self._gave_up else self._new_frames(Path(folder), task)
        if any(frame.frame_number > 1 or frame.is_color for frame in frames):
            self._gave_up = True
            self.remove()
        elif frames:
            first = (self._frames or frames)[0]
            self._frames += [frame for frame in frames if is_like(frame, first)]
            self._update(task)
        return self._seen()

    def remove(self) -> None:
        """The file of the voxels; whoever has mapped it keeps what it shows."""
        _unlink(self._path)
        self._path = self._voxels = self._geometry = None
        self._present = {}

    def _new_frames(self, folder: Path, task: Task) -> list[Frame]:
        try:
            unknown = sorted({path.name for path in folder.iterdir() if path.suffix == ".dcm"} - self._known)
        except OSError:
            # Nothing has come yet, or it is gone already.
            return []
        names, self.has_more = unknown[:_MOST_FILES], len(unknown) > _MOST_FILES
        self._known.update(names)
        frames, _left_out = read_frames([folder / name for name in names], task)
        return [frame for frame in frames if frame.series.series_uid == self._series_uid]

    def _update(self, task: Task) -> None:
        whole = [frame for frame in self._frames if frame.path not in self._damaged]
        stack = stack_of_some(whole, self._expected)
        if stack is None:
            # Such as a second phase at the same places: what was shown was a mixture.
            self.remove()
            return
        places = {frame.path: k for frame, k in zip(whole, stack.indices, strict=True)}
        try:
            if self._geometry != stack.geometry:
                self._begin(stack.geometry, places)
            for path, k in places.items():
                task.raise_if_cancelled()
                if path not in self._present:
                    self._put(path, k, stack.geometry)
        except StorageError:
            # No room beside the download: it goes on without being looked at.
            self._gave_up = True
            self.remove()
        self._fill_gaps()

    def _begin(self, geometry: Geometry, places: dict[str, int]) -> None:
        """Voxels for a stack that reaches farther, with the slices that are in the former ones."""
        former, file, present = self._voxels, self._path, self._present
        self._voxels, self._path, self._present, self._geometry = None, None, {}, geometry
        for path, k in places.items():
            if former is not None and path in present:
                self._array()[k] = former[present[path]]
                self._present[path] = k
        _unlink(file)

    def _put(self, path: str, k: int, geometry: Geometry) -> None:
        """Read a slice into its place."""
        plane = _plane(path)
        if plane is None or plane.values.shape != geometry.shape[1:]:
            self._damaged.add(path)
            return
        if self._form is None:
            dtype = _type_of(plane.values)
            size = self._expected * plane.values.size * dtype.itemsize
            self._form = _Form(math.ceil(math.sqrt(size / self._most_bytes)), dtype, plane.window, plane.inverted)
        step = self._form.step
        self._array()[k] = _as_type(plane.values[::step, ::step], self._form.dtype)
        self._present[path] = k

    def _array(self) -> NDArray[Any]:
        if self._voxels is None:
            assert self._form is not None and self._geometry is not None, "a slice was read"
            shape = thinned(self._geometry, self._form.step).shape
            self._path = self._new_zeros(math.prod(shape) * self._form.dtype.itemsize)
            self._voxels = np.memmap(self._path, self._form.dtype.newbyteorder("<"), "r+", shape=shape)
            self._shown = np.full(shape[0], -1)
        return self._voxels

    def _fill_gaps(self) -> None:
        """Each missing slice is the nearest one that is here."""
        if self._voxels is None:
            return
        here = np.array(sorted(self._present.values()))
        nearest = here[nearest_index(here.astype(np.float64), np.arange(len(self._voxels), dtype=np.float64))]
        for k in np.flatnonzero((nearest != self._shown) & (nearest != np.arange(len(nearest)))):
            self._voxels[k] = self._voxels[nearest[k]]
        self._shown = nearest

    def _seen(self) -> Seen | None:
        if self._path is None or self._form is None or self._geometry is None:
            return None
        form = self._form
        present = tuple(sorted(self._present.values()))
        geometry = thinned(self._geometry, form.step)
        return Seen(self._path, form.dtype.name, geometry, present, self._expected, form.window, form.inverted, self._frames[0])


def _plane(path: str) -> ShownPlane | None:
    """None of what is damaged: loading says so."""
    try:
        dataset = read_dataset(path)
        with problems_named(path):
            return shown_plane(dataset, stored_plane(dataset, path), 1, path)
    except (ConversionError, NotFoundError, StorageError):
        return None


def _unlink(path: Path | None) -> None:
    if path is not None:
        with contextlib.suppress(OSError):
            path.unlink()


def _type_of(values: NDArray[Any]) -> np.dtype[Any]:
    """That of most images, else one that holds what further slices may have."""
    fits = values.dtype.kind in "iu" and int(values.min()) >= -(1 << 15) and int(values.max()) < 1 << 15
    return np.dtype("int16" if fits else "float32")


def _as_type(values: NDArray[Any], dtype: np.dtype[Any]) -> NDArray[Any]:
    if dtype.kind == "i":
        limits = np.iinfo(dtype)
        values = np.clip(np.rint(values), limits.min, limits.max)
    converted: NDArray[Any] = values.astype(dtype)
    return converted
