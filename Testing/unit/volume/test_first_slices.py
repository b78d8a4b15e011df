"""While a series comes, what is here is a volume on the grid of the whole one; its gaps show the nearest slice, and what is no stack is not shown."""

from __future__ import annotations

import random
import re
import shutil
from pathlib import Path

import numpy as np
import pydicom
import pytest
from helpers.real_data import real_data

from IDCBrowserLib.engine.exchange import take_room
from IDCBrowserLib.errors import ConversionError, StorageError
from IDCBrowserLib.volume.first_slices import FirstSlices, Seen
from IDCBrowserLib.volume.pixels import read_volume
from IDCBrowserLib.volume.read_grids import read_image_grids


@pytest.fixture
def ct(phantom_series):
    return [Path(path) for path in phantom_series["ct"].files]


class Coming:
    """A folder into which files come in a chance order, as they do from a bucket, and what is seen of them."""

    def __init__(self, folder: Path, files: list[Path], **options: int) -> None:
        self.folder = folder / "series"
        self.folder.mkdir()
        self.left = sorted(files)
        random.Random(4).shuffle(self.left)
        self.arrays = folder / "arrays"
        self.arrays.mkdir()
        uid = str(pydicom.dcmread(self.left[0], stop_before_pixels=True).SeriesInstanceUID)
        self.slices = FirstSlices(uid, options.pop("expected", len(files)), self._zeros, **options)
        self.number = 0
        self.is_full = False

    def _zeros(self, size: int) -> Path:
        if self.is_full:
            raise StorageError("There is no space left in /tmp.")
        self.number += 1
        path = self.arrays / f"{self.number}.raw"
        take_room(path, size)
        return path

    def come(self, count: int) -> Seen | None:
        for path in self.left[:count]:
            shutil.copy(path, self.folder / path.name)
        del self.left[:count]
        return self.slices.look(self.folder)


def voxels(seen: Seen) -> np.ndarray:
    return np.fromfile(seen.voxels, np.dtype(seen.dtype)).reshape(seen.geometry.shape)


def changed(files: list[Path], folder: Path, change) -> list[Path]:
    folder.mkdir()
    for number, path in enumerate(sorted(files, key=lambda path: pydicom.dcmread(path, stop_before_pixels=True).InstanceNumber)):
        dataset = pydicom.dcmread(path)
        change(number, dataset)
        dataset.save_as(folder / path.name)
    return sorted(folder.iterdir())


def test_slices_that_have_come_lie_where_the_whole_series_has_them(ct, tmp_path):
    coming = Coming(tmp_path, ct)
    whole = read_volume(read_image_grids([str(path) for path in ct])[0])
    assert coming.come(2) is None
    while coming.left:
        seen = coming.come(9)
        assert seen.of == len(ct)
        assert len(seen.present) == len(ct) - len(coming.left)
        assert seen.geometry.shape == whole.geometry.shape
        np.testing.assert_allclose(seen.geometry.index_to_lps(), whole.geometry.index_to_lps(), atol=1e-3)
        shown = voxels(seen)
        np.testing.assert_array_equal(shown[list(seen.present)], whole.voxels[list(seen.present)])
    assert seen.window == whole.window
    np.testing.assert_array_equal(voxels(seen), whole.voxels)


def test_a_gap_shows_the_nearest_slice_that_is_here(ct, tmp_path):
    seen = Coming(tmp_path, ct).come(7)
    shown, present = voxels(seen), np.array(seen.present)
    for k in range(len(shown)):
        nearest = present[np.abs(present - k) == np.abs(present - k).min()]
        assert any((shown[k] == shown[here]).all() for here in nearest), k


def test_without_numbers_the_stack_grows_from_the_first_to_the_last_slice_that_is_here(ct, tmp_path):
    def without_number(_number, dataset):
        dataset.InstanceNumber = 1

    files = changed(ct, tmp_path / "changed", without_number)
    whole = read_volume(read_image_grids([str(path) for path in files])[0])
    coming = Coming(tmp_path, files)
    assert coming.come(5) is None, "they may be of several phases"
    lengths = []
    while coming.left:
        seen = coming.come(4)
        lengths.append(len(voxels(seen)))
        assert len(seen.present) == len(ct) - len(coming.left)
        for path in coming.folder.iterdir():
            path.write_bytes(b"what was read is kept")
    assert lengths == sorted(lengths)
    np.testing.assert_array_equal(voxels(seen), whole.voxels)
    assert [path.name for path in coming.arrays.iterdir()] == [seen.voxels.name], "former files are gone"
    coming.slices.remove()
    assert list(coming.arrays.iterdir()) == []


def test_a_large_series_is_shown_with_fewer_pixels_at_the_same_places(ct, tmp_path):
    whole = read_volume(read_image_grids([str(path) for path in ct])[0])
    seen = Coming(tmp_path, ct, most_bytes=whole.voxels.nbytes // 3).come(len(ct) // 2)
    assert voxels(seen).nbytes <= whole.voxels.nbytes // 3
    first = seen.present[0]
    np.testing.assert_array_equal(voxels(seen)[first], whole.voxels[first, ::2, ::2])
    np.testing.assert_allclose(seen.geometry.index_to_lps() @ (3, 5, first, 1), whole.geometry.index_to_lps() @ (6, 10, first, 1), atol=1e-3)


def test_phases_are_not_mixed_into_one_stack(ct, tmp_path):
    def of_two_phases(number, dataset):
        dataset.ImagePositionPatient[2] = -300 + 4 * (number // 2)

    coming = Coming(tmp_path, changed(ct, tmp_path / "changed", of_two_phases))
    while coming.left:
        seen = coming.come(12)
    assert seen is None
    assert list(coming.arrays.iterdir()) == []


@pytest.mark.parametrize(
    "change",
    [
        lambda number, dataset: setattr(dataset, "ImagePositionPatient", [number * 3, 0, number * 4]),
        lambda number, dataset: setattr(dataset, "ImagePositionPatient", [0, 0, number**2]),
        lambda number, dataset: setattr(dataset, "SeriesInstanceUID", "1.2.3"),
        lambda number, dataset: delattr(dataset, "ImagePositionPatient"),
        lambda number, dataset: delattr(dataset, "PixelData"),
    ],
    ids=["tilted", "uneven", "another series", "without places", "without pixels"],
)
def test_what_is_no_stack_is_left_to_loading(ct, tmp_path, change):
    coming = Coming(tmp_path, ct)
    coming.left = changed(ct, tmp_path / "changed", change)
    assert coming.come(30) is None
    assert coming.come(len(coming.left)) is None


def test_a_damaged_slice_is_left_out(ct, tmp_path):
    def cut_one(number, dataset):
        if number == 20:
            dataset.PixelData = dataset.PixelData[:100]

    coming = Coming(tmp_path, changed(ct, tmp_path / "changed", cut_one))
    while coming.left:
        seen = coming.come(20)
    assert len(seen.present) == len(ct) - 1
    assert len(voxels(seen)) == len(ct)


def test_nothing_is_taken_from_a_disk_that_the_download_fills(ct, tmp_path):
    coming = Coming(tmp_path, ct)
    coming.is_full = True
    assert coming.come(20) is None
    assert list(coming.arrays.iterdir()) == []
    coming.is_full = False
    assert coming.come(20) is None, "it is not tried again"


def test_room_is_taken_only_where_enough_of_it_is_free(tmp_path):
    take_room(tmp_path / "1.raw", 100_000)
    assert (tmp_path / "1.raw").read_bytes() == bytes(100_000)
    with pytest.raises(StorageError, match=re.escape(str(tmp_path))):
        take_room(tmp_path / "2.raw", 100_000, times=1 << 40)
    assert not (tmp_path / "2.raw").exists()


def test_a_folder_that_is_not_there_yet_is_no_error(ct, tmp_path):
    coming = Coming(tmp_path, ct)
    coming.folder.rmdir()
    assert coming.slices.look(coming.folder) is None


def test_real_series_lie_as_they_are_loaded(tmp_path):
    compared = 0
    for number, folder in enumerate(sorted({path.parent for path in real_data().rglob("*.dcm")})):
        grids = ()
        files = sorted(folder.glob("*.dcm"))
        if not 12 <= len(files) <= 400:
            continue
        try:
            grids = read_image_grids([str(path) for path in files])
        except ConversionError:
            continue
        place = tmp_path / str(number)
        place.mkdir()
        own = [Path(image.path) for image in grids[0].present_slices]
        coming = Coming(place, own)
        while coming.left:
            seen = coming.come(max(4, len(own) // 6))
        if seen is None:
            assert (
                len(grids) > 1
                or not grids[0].is_regular
                or grids[0].geometry.directions[2] != pytest.approx(np.cross(*grids[0].geometry.directions[:2]), abs=1e-3)
            ), folder
            continue
        whole = read_volume(grids[0])
        np.testing.assert_allclose(voxels(seen), whole.voxels, rtol=1e-6, atol=1e-3)
        np.testing.assert_allclose(seen.geometry.index_to_lps(), whole.geometry.index_to_lps(), atol=0.02)
        compared += 1
    assert compared
