"""Figures against the definitions of surface-distance-based-measures and SimpleITK, on drawn shapes."""

import math
from dataclasses import replace

import numpy as np
import pytest
import SimpleITK
import surface_distance
from hypothesis import given, settings
from hypothesis import strategies as st
from surface_distance.lookup_tables import create_table_neighbour_code_to_surface_area

from IDCBrowserLib.compare.masks import Masks, boxes, grid_of
from IDCBrowserLib.compare.measures import Measures, measure
from IDCBrowserLib.compare.surface_elements import code_areas
from IDCBrowserLib.labelmap.types import Labelmap, Segment, Source
from IDCBrowserLib.volume.geometry import Geometry

# The peer imports from a name that scipy gives up in version 2.
pytestmark = pytest.mark.filterwarnings("ignore:Please import:DeprecationWarning")
AXES = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))


def labelmap(array, spacing=(1.0, 1.0, 2.0), directions=AXES) -> Labelmap:
    geometry = Geometry(array.shape, spacing, (-20.0, 10.0, 100.0), directions)
    segments = tuple(Segment(label, label, f"Part {label}") for label in range(1, int(array.max(initial=0)) + 1))
    return Labelmap((array.astype(np.uint8),), geometry, segments or (Segment(1, 1, "Part 1"),), Source("label file"))


def measured(a, b, spacing=(1.0, 1.0, 2.0), directions=AXES) -> Measures:
    one, other = (labelmap(mask.astype(np.uint8), spacing, directions) for mask in (a, b))
    return measure(Masks(one).of(one.segments[0]), Masks(other).of(other.segments[0]), grid_of(one))


def ball(shape, center, radius, spacing) -> np.ndarray:
    k, j, i = np.ogrid[: shape[0], : shape[1], : shape[2]]
    return ((k - center[0]) * spacing[2]) ** 2 + ((j - center[1]) * spacing[1]) ** 2 + ((i - center[2]) * spacing[0]) ** 2 <= radius**2


@st.composite
def shapes(draw):
    """Up to four boxes and balls, with holes, on a small grid."""
    size = tuple(draw(st.integers(2, 12)) for _ in range(3))
    mask = np.zeros(size, bool)
    for _ in range(draw(st.integers(1, 4))):
        corner = [draw(st.integers(0, one - 1)) for one in size]
        extent = [draw(st.integers(1, one)) for one in size]
        box = tuple(slice(first, first + length) for first, length in zip(corner, extent, strict=True))
        mask[box] = draw(st.sampled_from([True, True, False]))
    return mask


@st.composite
def pairs(draw):
    a = draw(shapes())
    b = np.roll(a, [draw(st.integers(-2, 2)) for _ in range(3)], (0, 1, 2))
    flips = draw(st.lists(st.tuples(*(st.integers(0, size - 1) for size in a.shape)), max_size=20))
    for place in flips:
        b[place] ^= True
    return a, b, tuple(draw(st.sampled_from([0.5, 0.7, 1.0, 2.0, 3.75])) for _ in range(3))


@settings(max_examples=150, deadline=None)
@given(pairs())
def test_figures_equal_those_of_surface_distance(drawn):
    a, b, spacing = drawn
    ours = measured(a, b, spacing)
    if not a.any() or not b.any():
        assert ours.dice == 0 or (math.isnan(ours.dice) and not a.any() and not b.any())
        assert not math.isfinite(ours.hd95) and not math.isfinite(ours.mean_distance)
        return
    theirs = surface_distance.compute_surface_distances(a, b, spacing[::-1])
    assert ours.dice == pytest.approx(surface_distance.compute_dice_coefficient(a, b))
    assert ours.hausdorff == pytest.approx(surface_distance.compute_robust_hausdorff(theirs, 100))
    assert (ours.mean_a_to_b, ours.mean_b_to_a) == pytest.approx(surface_distance.compute_average_surface_distance(theirs))
    areas = [theirs[f"surfel_areas_{name}"] for name in ("gt", "pred")]
    distances = [theirs[f"distances_{name}"] for name in ("gt_to_pred", "pred_to_gt")]
    assert ours.mean_distance == pytest.approx(sum((d * area).sum() for d, area in zip(distances, areas, strict=True)) / sum(map(np.sum, areas)))
    # Where 95 % falls between two elements, the last bit of a sum decides.
    assert surface_distance.compute_robust_hausdorff(theirs, 95 - 1e-6) <= ours.hd95 + 1e-9
    assert ours.hd95 <= surface_distance.compute_robust_hausdorff(theirs, 95 + 1e-6) + 1e-9


@settings(max_examples=60, deadline=None)
@given(pairs())
def test_overlap_and_largest_distance_agree_with_simpleitk(drawn):
    a, b, spacing = drawn
    if not a.any() or not b.any():
        return
    images = [SimpleITK.GetImageFromArray(mask.astype(np.uint8)) for mask in (a, b)]
    for image in images:
        image.SetSpacing(spacing)
    overlap = SimpleITK.LabelOverlapMeasuresImageFilter()
    overlap.Execute(*images)
    hausdorff = SimpleITK.HausdorffDistanceImageFilter()
    hausdorff.Execute(*images)
    ours = measured(a, b, spacing)
    assert ours.dice == pytest.approx(overlap.GetDiceCoefficient())
    # SimpleITK measures from voxel centers to voxels, inside being 0; surfaces lie half a voxel farther out on either side.
    assert hausdorff.GetHausdorffDistance() <= ours.hausdorff + np.linalg.norm(spacing) + 1e-6


def test_the_known_pair_has_the_known_figures():
    spacing = (1.0, 1.0, 2.0)
    a = ball((80, 256, 256), (40, 128, 128), 15.7, spacing)
    ours = measured(a, np.roll(a, 2, 1), spacing)
    assert ours.hd95 == pytest.approx(2.0)
    assert ours.dice == pytest.approx(0.905, abs=0.004)


def test_areas_are_those_of_the_peer_for_every_code_and_spacing():
    for spacing in [(1.0, 1.0, 1.0), (0.7, 2.0, 3.7)]:
        theirs = create_table_neighbour_code_to_surface_area(spacing[::-1])
        ours = code_areas(np.diag(spacing))
        assert [ours[code] for code in range(256)] == pytest.approx([theirs[int(f"{code:08b}"[::-1], 2)] for code in range(256)])


def test_a_grid_may_be_oblique():
    angle = 0.4
    turned = ((math.cos(angle), math.sin(angle), 0.0), (-math.sin(angle), math.cos(angle), 0.0), (0.0, 0.0, 1.0))
    a = ball((12, 20, 20), (6, 9, 10), 5, (0.7, 1.1, 2.0))
    b = np.roll(a, 1, 2)
    straight, oblique = measured(a, b, (0.7, 1.1, 2.0)), measured(a, b, (0.7, 1.1, 2.0), turned)
    for name in ("hd95", "hausdorff", "mean_distance", "volume_a", "common_volume"):
        assert getattr(oblique, name) == pytest.approx(getattr(straight, name))


def test_empty_masks_are_defined():
    some, none = np.ones((2, 3, 4), bool), np.zeros((2, 3, 4), bool)
    both, one = measured(none, none), measured(some, none)
    assert math.isnan(both.dice) and math.isnan(both.hd95) and both.volume_a == 0
    assert one.dice == 0 and math.isinf(one.hd95) and math.isinf(one.mean_distance) and one.volume_a == 48


def test_slices_of_different_thickness_count_as_thick_as_they_are():
    mask = np.zeros((3, 4, 4), np.uint8)
    mask[0], mask[2, 0] = 1, 1
    uneven = replace(labelmap(mask), slice_thicknesses=(2.0, 2.0, 6.0))
    found = measure(Masks(uneven).of(uneven.segments[0]), Masks(uneven).of(uneven.segments[0]), grid_of(uneven))
    assert found.volume_a == pytest.approx(16 * 2 + 4 * 6)
    assert found.dice == 1


def test_labels_above_65535_are_found():
    layer = np.zeros((2, 3, 4), np.uint32)
    layer[1, 2, 3], layer[0, 0, 0] = 70000, 3
    assert boxes(layer) == {70000: (slice(1, 2), slice(2, 3), slice(3, 4)), 3: (slice(0, 1), slice(0, 1), slice(0, 1))}
