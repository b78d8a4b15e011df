"""Small files made after public reports of users, whose right values are known by construction (``reports`` of the real data)."""

import numpy as np
import pytest
from helpers.real_data import real_data

from IDCBrowserLib.labelmap.convert import convert_parts
from IDCBrowserLib.labelmap.options import ConvertOptions
from IDCBrowserLib.labelmap.parts import total_segments
from IDCBrowserLib.labelmap.types import Labelmap
from IDCBrowserLib.volume.read_grids import read_image_grids

pytestmark = pytest.mark.real_data


def report(name: str, images: str = "", **options: object) -> tuple[Labelmap, ...]:
    folder = real_data("reports", "inputs")
    files = sorted((folder / images).iterdir()) if images else None
    return convert_parts(folder / f"{name}.dcm", files, ConvertOptions(**options))


def per_slice(part: Labelmap, index: int = 0) -> list[int]:
    segment = part.segments[index]
    return (part.layers[segment.layer] == segment.label_value).sum(axis=(1, 2)).tolist()


def warnings_of(parts: tuple[Labelmap, ...]) -> str:
    return " ".join(warning for part in parts for warning in part.warnings)


@pytest.mark.parametrize("name", ["c23_a_0.1mm", "c23_b_tilt_0.1deg"])
def test_islands_of_a_slice_drawn_a_tenth_of_a_millimeter_apart_are_both_there(name):
    (part,) = report(name, "c23_ct")
    # Two islands of 16 voxels on each of the slices 2 to 5.
    assert per_slice(part) == [0, 0, 32, 32, 32, 32, 0, 0]
    assert part.segments[0].voxels == 128
    left = part.labelmap_volume()[:, :, :100]
    assert [int(count) for count in (left > 0).sum(axis=(1, 2))] == [0, 0, 16, 16, 16, 16, 0, 0]


def test_frames_cropped_in_plane_lie_on_the_images_they_name():
    (part,) = report("c01b_crop", "c01b_ct")
    assert per_slice(part) == list(range(1, 11))
    assert part.segments[0].voxels == 55
    assert part.geometry.shape == (10, 16, 16)


def test_slices_as_thick_as_they_are_far_apart_are_thicker_and_none_is_missing():
    (part,) = report("c01", "c01_ct")
    assert part.geometry.shape[0] == 10
    assert per_slice(part) == [256] * 10
    # Slabs reach halfway to their neighbors: 38.75 mm in all.
    assert part.segments[0].volume_mm3 == pytest.approx(9920)
    assert "thick" in warnings_of((part,))


@pytest.mark.parametrize(("name", "volume"), [("c01", 9920), ("c01b", 250)])
def test_the_own_grid_of_slices_of_several_thicknesses_holds_their_volume_and_says_so(name, volume):
    (part,) = report(name)
    assert part.segments[0].volume_mm3 == pytest.approx(volume)
    assert "thick" in warnings_of((part,))


@pytest.mark.parametrize("images", ["c05_mr", ""])
def test_frames_of_four_phases_at_one_place_make_four_labelmaps(images):
    parts = report("c05", images)
    assert [part.segments[0].voxels for part in parts] == [3, 12, 21, 30]
    assert len({part.label for part in parts}) == 4
    assert "" not in {part.label for part in parts}


@pytest.mark.parametrize("name", ["c22_overlap", "c22_overlap_rt"])
def test_two_passes_that_share_a_slice_are_both_converted(name):
    parts = report(name, "c22_overlap")
    assert [per_slice(part) for part in parts] == [[16] * 8, [16] * 8]
    # 15 places in all: the one that both passes have counts once.
    (total,) = total_segments(parts)
    assert (total.voxels, total.volume_mm3) == (240, pytest.approx(720))
    assert "not among" not in warnings_of(parts)


@pytest.mark.parametrize("name", ["c14_ct", "c14_nm_plus"])
def test_a_multiframe_image_without_functional_groups_has_its_own_spacing_and_place(name):
    (grid,) = read_image_grids(sorted((real_data("reports", "inputs") / name).iterdir()))
    assert grid.geometry.shape[0] == 6
    assert grid.geometry.spacing == (2, 2, 4)
    assert grid.geometry.origin == (-10, -20, 30)
    (part,) = report(name, name)
    (own,) = report(name)
    assert part.geometry == grid.geometry
    assert np.array_equal(part.labelmap_volume(), own.labelmap_volume())
    assert part.segments[0].voxels == own.segments[0].voxels > 0


def test_one_bit_frames_padded_to_whole_bytes_are_recognized_by_the_length():
    import pydicom

    path = real_data("reports", "inputs", "c12b_dcmqi_341.dcm")
    stored = np.frombuffer(pydicom.dcmread(path).PixelData, np.uint8).reshape(20, 58)
    masks = np.unpackbits(stored, axis=1, bitorder="little")[:, : 22 * 21].reshape(2, 10, 22, 21)
    (part,) = report("c12b_dcmqi_341", "c12b_ct")
    for index, segment in enumerate(part.segments):
        assert np.array_equal(part.layers[segment.layer] == segment.label_value, masks[index] > 0)
    assert "padded" in warnings_of((part,))


def test_one_bit_frames_that_may_be_padded_by_segment_are_said():
    assert "padded" in warnings_of(report("c12b_dcmjs_66", "c12b_ct"))


def test_an_roi_number_used_twice_in_matching_order_is_two_rois():
    (part,) = report("c03", "c03_ct")
    assert [(segment.number, segment.name, segment.voxels) for segment in part.segments] == [(1, "Heart", 64), (3, "Lung", 16), (3, "GTV", 100)]
    assert len({segment.label_value for segment in part.segments}) == 3


@pytest.mark.parametrize("images", ["c02_ct", ""])
def test_positions_rounded_to_a_tenth_of_a_millimeter_keep_every_slice(images):
    (part,) = report("c02_b_1", images)
    assert part.geometry.shape[0] == 20
    assert min(per_slice(part)) > 0
    assert part.geometry.spacing[2] == pytest.approx(1.25, abs=0.01)


@pytest.mark.parametrize(
    ("name", "images", "voxels"),
    [("c02d_2_3.0006", "c02d_mr", [78, 78]), ("c28_0.0002", "c28_0.0002", [96]), ("c13b", "c13b_ct", [96]), ("c16e", "c16_ct", [96])],
)
@pytest.mark.parametrize("on_images", [True, False])
def test_rounding_noise_and_measures_given_in_two_places_are_read(name, images, voxels, on_images):
    (part,) = report(name, images if on_images else "")
    if name == "c13b" and not on_images:
        # Slabs of 2.5, 2.5, 3.75, 5, 5 and 5 mm on an even grid: as many voxels as fill them.
        assert part.segments[0].volume_mm3 == pytest.approx(16 * 23.75)
        return
    assert [segment.voxels for segment in part.segments] == voxels
