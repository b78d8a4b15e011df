"""NIfTI headers, as nibabel reads them: the place by matrix and by quaternion is the same for every orientation."""

from __future__ import annotations

import gzip
import itertools
import struct
from pathlib import Path

import nibabel
import numpy as np
import pytest
from numpy.typing import NDArray

from IDCBrowserLib.errors import InputError
from IDCBrowserLib.volume.files.nifti import write_nifti
from IDCBrowserLib.volume.geometry import Geometry, geometry_of

SHAPE = (2, 3, 4)


def _turned(x: float, y: float, z: float) -> NDArray[np.float64]:
    (cx, cy, cz), (sx, sy, sz) = np.cos([x, y, z]), np.sin([x, y, z])
    about_x = np.array([[1, 0, 0], [0, cx, -sx], [0, sx, cx]])
    about_y = np.array([[cy, 0, sy], [0, 1, 0], [-sy, 0, cy]])
    about_z = np.array([[cz, -sz, 0], [sz, cz, 0], [0, 0, 1]])
    return np.asarray(about_z @ about_y @ about_x)


ALONG_AXES = [
    np.eye(3)[list(order)] * np.array(signs)[:, None]
    for order in itertools.permutations(range(3))
    for signs in itertools.product((1.0, -1.0), repeat=3)
]
ROTATED = [
    _turned(*angles) for angles in [(0.3, 0.0, 0.0), (0.0, -1.2, 0.4), (2.9, 1.1, -2.0), (np.pi, 0.2, 0.0), (0.0, np.pi, 0.7), (0.5, 0.6, 3.1)]
]


def _geometry(axes: NDArray[np.float64]) -> Geometry:
    """With ``axes`` as columns."""
    placed = np.column_stack([axes * [0.5, 0.75, 2.5], [10.0, -20.0, 30.0]])
    return geometry_of(placed, SHAPE)


def _read(geometry: Geometry, folder: Path, volume: NDArray[np.int16] | None = None, name: str = "v.nii") -> nibabel.Nifti1Image:
    voxels = np.arange(24, dtype=np.int16).reshape(SHAPE) if volume is None else volume
    with (folder / name).open("wb") as file:
        write_nifti(file, geometry, voxels, name.endswith(".gz"), "a note")
    return nibabel.load(folder / name)


@pytest.mark.parametrize("axes", [*ALONG_AXES, *ROTATED, *(axes * [1, 1, -1] for axes in ROTATED)])
def test_matrix_and_quaternion_place_every_voxel_alike(axes: NDArray[np.float64], tmp_path: Path) -> None:
    geometry = _geometry(axes)
    image = _read(geometry, tmp_path)
    assert np.allclose(image.get_sform(), geometry.index_to_ras(), atol=1e-4)
    assert np.allclose(image.get_qform(), geometry.index_to_ras(), atol=1e-4)
    assert image.header["qform_code"] == image.header["sform_code"] == 1
    assert np.allclose(image.header.get_zooms(), (0.5, 0.75, 2.5))


@pytest.mark.parametrize(("shear", "is_perpendicular"), [(0.00009, True), (0.0002, False)])
def test_sheared_axes_have_no_quaternion(shear: float, is_perpendicular: bool, tmp_path: Path) -> None:
    axes = np.eye(3)
    axes[:, 2] = np.array([shear, 0, 1]) / np.hypot(shear, 1)
    image = _read(_geometry(axes), tmp_path)
    assert image.header["qform_code"] == int(is_perpendicular)
    assert is_perpendicular or [float(image.header[f"quatern_{part}"]) for part in "bcd"] == [0, 0, 0]
    assert np.allclose(image.affine, _geometry(axes).index_to_ras(), atol=1e-4)


@pytest.mark.parametrize("name", ["v.nii", "v.nii.gz"])
def test_the_header_says_what_it_is_and_the_voxels_are_in_order(name: str, tmp_path: Path) -> None:
    image = _read(_geometry(np.eye(3)), tmp_path, name=name)
    assert np.array_equal(np.asarray(image.dataobj).transpose(2, 1, 0).ravel(), np.arange(24))
    header = image.header
    written = (tmp_path / name).read_bytes()
    assert struct.unpack("=i", (gzip.decompress(written) if name.endswith(".gz") else written)[:4]) == (348,)
    assert (header["sizeof_hdr"], image.dataobj.offset, header["magic"]) == (348, 352, b"n+1")
    assert header.get_xyzt_units() == ("mm", "unknown")
    assert (header["scl_slope"], header["scl_inter"]) == (1, 0) or np.isnan(header["scl_slope"])
    assert header["descrip"].tobytes().rstrip(b"\0") == b"a note"
    assert header["dim"].tolist() == [3, 4, 3, 2, 1, 1, 1, 1]
    assert header["pixdim"][4:].tolist() == [0, 0, 0, 0]


@pytest.mark.parametrize("kind", ["uint8", "int8", "int16", "uint16", "int32", "uint32", "int64", "uint64", "float32", "float64"])
def test_each_type_is_named_by_its_code(kind: str, tmp_path: Path) -> None:
    volume = np.arange(24).reshape(SHAPE).astype(kind)
    image = _read(_geometry(np.eye(3)), tmp_path, volume)
    assert image.get_data_dtype() == np.dtype(kind)
    # As it is in the file: nibabel would correct it.
    assert struct.unpack("=h", (tmp_path / "v.nii").read_bytes()[72:74]) == (8 * volume.dtype.itemsize,)
    assert np.array_equal(np.asarray(image.dataobj).transpose(2, 1, 0), volume)


@pytest.mark.parametrize(("length", "fits"), [(32_767, True), (32_768, False)])
def test_an_axis_has_at_most_so_many_voxels(length: int, fits: bool, tmp_path: Path) -> None:
    volume = np.zeros((1, 1, length), np.int16)
    if fits:
        assert _read(_geometry(np.eye(3)), tmp_path, volume).shape == (length, 1, 1)
    else:
        with pytest.raises(InputError, match="at most 32,767 voxels"):
            _read(_geometry(np.eye(3)), tmp_path, volume)


def test_colors_are_three_bytes(tmp_path: Path) -> None:
    colors = np.arange(72, dtype=np.uint8).reshape(*SHAPE, 3)
    image = _read(_geometry(np.eye(3)), tmp_path, colors)
    assert struct.unpack("=hh", (tmp_path / "v.nii").read_bytes()[70:74]) == (128, 24)
    read = np.asarray(image.dataobj)
    assert np.array_equal(np.stack([read[name] for name in ("R", "G", "B")], axis=-1).transpose(2, 1, 0, 3), colors)
