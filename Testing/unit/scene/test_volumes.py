"""An image becomes a scalar volume: same voxels, same place."""

import gc

import numpy as np
import pytest
from helpers.made_volumes import AXIAL, OBLIQUE, image
from helpers.mrml_reading import ijk_to_ras, voxels_of

from IDCBrowserLib.scene.volumes import add_scalar_volume


@pytest.mark.parametrize("geometry", [AXIAL, OBLIQUE])
def test_the_matrix_is_that_of_the_geometry_in_ras(scene, geometry):
    node = add_scalar_volume(scene, image(geometry), geometry, "CT")
    np.testing.assert_allclose(ijk_to_ras(node), geometry.index_to_ras(), atol=1e-9)
    left, posterior, superior = geometry.origin
    np.testing.assert_allclose(node.GetOrigin(), (-left, -posterior, superior))


def test_voxels_are_shared_and_not_copied(scene):
    array = image()
    node = add_scalar_volume(scene, array, AXIAL, "CT")
    array[3, 4, 5] = -77
    assert node.GetImageData().GetScalarComponentAsDouble(5, 4, 3, 0) == -77


def test_a_mapped_file_stays_mapped_after_its_array_and_its_name_are_gone(scene, tmp_path):
    path = tmp_path / "voxels.raw"
    image().tofile(path)
    node = add_scalar_volume(scene, np.memmap(path, np.int16, "c", shape=AXIAL.shape), AXIAL, "CT")
    path.unlink()
    gc.collect()
    assert node.GetImageData().GetScalarComponentAsDouble(8, 8, 14, 0) == 1000
    np.testing.assert_array_equal(voxels_of(node), image())


KINDS = ["uint8", "int8", "uint16", "int16", "int32", "uint32", "int64", "float32", "float64", "float16", "bool", ">i2"]


@pytest.mark.parametrize("kind", KINDS)
def test_every_type_of_voxel_arrives_with_its_values(scene, kind):
    array = (image() > 0).astype(kind)
    np.testing.assert_array_equal(voxels_of(add_scalar_volume(scene, array, AXIAL, "CT")), image() > 0)


def test_an_array_that_is_not_contiguous_arrives_in_order(scene):
    array = np.asfortranarray(image())
    np.testing.assert_array_equal(voxels_of(add_scalar_volume(scene, array, AXIAL, "CT")), image())


def test_the_window_is_that_of_the_series(scene):
    display = add_scalar_volume(scene, image(), AXIAL, "CT", (400, 40)).GetDisplayNode()
    assert (display.GetWindow(), display.GetLevel(), display.GetAutoWindowLevel()) == (400, 40, 0)
    assert display.GetColorNode().GetName() == "Grey"


def test_without_a_window_one_is_chosen_from_the_voxels(scene):
    display = add_scalar_volume(scene, image(), AXIAL, "CT").GetDisplayNode()
    assert display.GetAutoWindowLevel() == 1
    assert display.GetWindow() > 0


def test_monochrome1_shows_low_values_bright(scene):
    display = add_scalar_volume(scene, image(), AXIAL, "CR", (400, 40), inverted=True).GetDisplayNode()
    assert display.GetColorNode().GetName() == "InvertedGrey"


def test_two_volumes_of_one_name_are_told_apart(scene):
    names = {add_scalar_volume(scene, image(), AXIAL, "CT").GetName() for _ in range(2)}
    assert len(names) == 2
