"""Rules of segmentations one by one: bits, places of frames, images in common, colors of a palette; numbers from both sides."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from IDCBrowserLib.errors import ConversionError, NotFoundError
from IDCBrowserLib.labelmap.explain import SlicePlacement, Why
from IDCBrowserLib.labelmap.layers import overlapping_voxels
from IDCBrowserLib.labelmap.options import ConvertOptions
from IDCBrowserLib.labelmap.parts import all_warnings, total_segments
from IDCBrowserLib.labelmap.seg.bit_layout import bit_layout, surplus_warning
from IDCBrowserLib.labelmap.seg.frame_places import WHYS, FramePlaces
from IDCBrowserLib.labelmap.seg.header import SegHeader
from IDCBrowserLib.labelmap.seg.image_grids import _labeled
from IDCBrowserLib.labelmap.seg.left_out import left_out_warnings
from IDCBrowserLib.labelmap.seg.mapping import plane_map
from IDCBrowserLib.labelmap.seg.packing import PackedLayers, Run, pack
from IDCBrowserLib.labelmap.seg.placement import Placement
from IDCBrowserLib.labelmap.seg.references import absent_warning, related_grids
from IDCBrowserLib.labelmap.seg.resample import count_outside, is_exact, resample_nearest, sampled_slices
from IDCBrowserLib.labelmap.seg.segments import _Palette
from IDCBrowserLib.labelmap.seg.some_segments import ranges_of
from IDCBrowserLib.labelmap.seg.stacks import plane_axes
from IDCBrowserLib.labelmap.types import Labelmap, Segment, Source
from IDCBrowserLib.task import Task
from IDCBrowserLib.volume.geometry import Geometry
from IDCBrowserLib.volume.image_grid import ImageGrid, ImageSlice

AXES = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))


class Root:
    """Elements with some numbers, whose ``fail`` raises as that of a file does."""

    def __init__(self, numbers: dict[int, Any] | None = None) -> None:
        self.numbers = numbers or {}
        self.stream = SimpleNamespace(fail=self._fail, guessed=set())

    def unsigned(self, tag: int) -> int | None:
        return self.numbers.get(tag)

    def unsigneds(self, tag: int) -> tuple[int, ...]:
        return tuple(self.numbers.get(tag, ()))

    def raw(self, tag: int) -> bytes:
        return bytes(self.numbers.get(tag, b""))

    @staticmethod
    def _fail(message: str) -> None:
        raise ConversionError(message)


def file(stored: int, bits: int | None = 1, undefined: bool = False) -> Any:
    """A file with so many bytes of pixel data."""
    numbers = {} if bits is None else {0x00280100: bits}
    return SimpleNamespace(root=Root(numbers), pixels=SimpleNamespace(start=100, stop=100 + stored, undefined=undefined), path="a.dcm")


# Bits


def layout(pixels: int, segments: list[int], stored: int) -> tuple[list[int], int, str]:
    found = bit_layout(file(stored), pixels, np.array(segments, np.int32))
    assert found is not None
    return found.first.tolist(), found.bits, found.warning


def test_frames_of_whole_bytes_lie_end_to_end_whatever_the_length() -> None:
    assert layout(16, [1, 1, 2], 6) == ([0, 16, 32], 48, "")
    assert layout(16, [1, 1, 2], 99) == ([0, 16, 32], 48, "")


@pytest.mark.parametrize(("stored", "is_doubtful"), [(5, False), (6, True)])
def test_the_standard_has_no_gap_and_a_byte_may_make_the_length_even(stored: int, is_doubtful: bool) -> None:
    # 3 frames of 12 bits: 36 bits, 5 bytes, or 6, which is the length of frames that are padded each as well.
    first, bits, warning = layout(12, [1, 1, 1], stored)
    assert (first, bits, bool(warning)) == ([0, 12, 24], 36, is_doubtful)


def test_padding_at_each_frame_or_each_segment_is_told_by_the_length() -> None:
    # 4 frames of 12 bits, of two segments: 48 bits are 6 bytes; by segment 2 x 3 bytes as well; by frame 4 x 2.
    assert layout(12, [1, 1, 2, 2], 8)[:2] == ([0, 16, 32, 48], 60)
    assert "for each frame" in layout(12, [1, 1, 2, 2], 8)[2]
    # 3 and 1 frames: 4.5 + 1.5 bytes are 5 + 2.
    assert layout(12, [1, 1, 1, 2], 7)[:2] == ([0, 12, 24, 40], 52)
    assert "for each segment" in layout(12, [1, 1, 1, 2], 7)[2]
    assert layout(12, [1, 1, 1, 2], 6)[:2] == ([0, 12, 24, 36], 48)


def test_a_length_that_fits_nothing_is_read_as_the_standard_says() -> None:
    assert layout(12, [1, 1, 1, 2], 40) == ([0, 12, 24, 36], 48, "")


@pytest.mark.parametrize("given", [file(9, bits=8), file(9, undefined=True), SimpleNamespace(root=Root({0x00280100: 1}), pixels=None)])
def test_only_native_frames_of_one_bit_have_a_layout(given: Any) -> None:
    assert bit_layout(given, 12, np.array([1], np.int32)) is None


@pytest.mark.parametrize(
    ("stored", "bits", "said"),
    [(12, 8, ""), (13, 8, "13 bytes where 12"), (24, 16, ""), (25, 16, "25 bytes where 24"), (12, None, ""), (11, 8, "")],
)
def test_more_pixel_data_than_needed_are_said(stored: int, bits: int | None, said: str) -> None:
    assert (said in surplus_warning(file(stored, bits), 4, None, 3)) and bool(said) == bool(surplus_warning(file(stored, bits), 4, None, 3))


def test_a_byte_more_makes_an_odd_length_even() -> None:
    odd = bit_layout(file(5), 12, np.array([1, 1, 1], np.int32))
    assert surplus_warning(file(6), 12, odd, 3) == ""
    assert "7 bytes where 5" in surplus_warning(file(7), 12, odd, 3)
    assert surplus_warning(file(99, undefined=True), 12, odd, 3) == surplus_warning(SimpleNamespace(pixels=None), 12, odd, 3) == ""


# Layers


@pytest.mark.parametrize("pixels", [8, 12, 16, 24])
@pytest.mark.parametrize("label", [1, 255, 256, 65536])
def test_a_later_segment_covers_earlier_ones_in_one_layer_and_what_it_covers_is_counted(pixels: int, label: int) -> None:
    random = np.random.default_rng(pixels)
    first, second = random.random((2, 3, pixels)) < 0.5
    stack = PackedLayers(3, pixels, np.min_scalar_type(max(2, label)), merged=True)
    runs = [[Run(np.concatenate([pack(mask[n]) for n in range(3)]), np.arange(3))] for mask in (first, second)]
    assert stack.add(1, runs[0]) == (0, int(first.sum()))
    assert stack.add(label, runs[1]) == (0, int(second.sum()))
    [found] = stack.arrays(1, pixels)
    assert found.reshape(3, pixels).tolist() == np.where(second, label, first).tolist()
    assert stack.overlapping_voxels() == int((first & second).sum())


def test_voxels_in_more_than_one_layer_are_counted_once() -> None:
    one, two, three = (np.array([[[1, 0, 1, 1]]]) * number for number in (1, 2, 3))
    assert overlapping_voxels((one,)) == overlapping_voxels(()) == 0
    assert overlapping_voxels((one, two * 0)) == 0
    assert overlapping_voxels((one, two, three)) == 3


# Planes


def plane(origin: tuple[float, float, float], across: float, down: float, shape: tuple[int, int], turn: float = 0.0) -> Any:
    """Where a plane's first pixel lies, mm per pixel along its two axes, its shape; turned by ``turn`` radians."""
    c, s = np.cos(turn), np.sin(turn)
    return np.array(origin), np.array([[c, s, 0.0], [-s, c, 0.0]]) * [[across], [down]], shape


VALUES: NDArray[Any] = np.arange(1, 13).reshape(3, 4)


def test_the_same_plane_is_taken_as_it_is() -> None:
    found = plane_map(plane((1, 2, 0), 0.5, 0.5, (3, 4)), plane((1, 2, 0), 0.5, 0.5, (3, 4)))
    assert (found.is_identity, found.shift) == (True, (0, 0))
    assert found.place(VALUES).tolist() == VALUES.tolist()
    larger = plane_map(plane((1, 2, 0), 0.5, 0.5, (4, 4)), plane((1, 2, 0), 0.5, 0.5, (3, 4)))
    assert (larger.is_identity, larger.shift) == (False, (0, 0))


@pytest.mark.parametrize(("down", "across"), [(1, 0), (0, 1), (-1, -2), (2, 3), (5, 0), (0, -4)])
def test_a_shifted_plane_is_moved_and_cut_off(down: int, across: int) -> None:
    found = plane_map(plane((0, 0, 0), 0.5, 0.25, (3, 4)), plane((across * 0.5, down * 0.25, 0), 0.5, 0.25, (3, 4)))
    assert (found.shift, found.is_identity) == ((down, across), False)
    expected = np.zeros((3, 4), int)
    for j, i in np.ndindex(3, 4):
        if 0 <= j + down < 3 and 0 <= i + across < 4:
            expected[j + down, i + across] = VALUES[j, i]
    assert found.place(VALUES).tolist() == expected.tolist()
    inside = int((expected > 0).sum())
    assert found.outside(np.ones((3, 4), bool)) == 12 - inside


@pytest.mark.parametrize(("beside", "shift"), [(0.49, 0), (0.5, 0), (0.51, 1), (-0.49, 0), (-0.5, -1), (-0.51, -1)])
def test_half_a_pixel_belongs_to_the_lower_neighbor(beside: float, shift: int) -> None:
    found = plane_map(plane((0, 0, 0), 1, 1, (3, 4)), plane((beside, 0, 0), 1, 1, (3, 4)))
    assert found.shift == (0, shift)
    found = plane_map(plane((0, 0, 0), 1, 1, (3, 4)), plane((0, beside, 0), 1, 1, (3, 4)))
    assert found.shift == (shift, 0)


@pytest.mark.parametrize(("factor", "is_shift"), [(1.0, True), (1.16, True), (1.17, False)])
def test_pixels_of_another_size_are_shifted_ones_up_to_half_a_pixel_at_the_corners(factor: float, is_shift: bool) -> None:
    # At the far corner of 4 pixels it is three times the difference.
    found = plane_map(plane((0, 0, 0), 1, 1, (3, 4)), plane((0, 0, 0), factor, 1, (3, 4)))
    assert (found.shift is not None) == is_shift


def test_a_finer_plane_shows_the_nearest_of_its_pixels() -> None:
    found = plane_map(plane((0, 0, 0), 2, 2, (3, 3)), plane((0, 0, 0), 1, 1, (3, 4)))
    assert found.shift is None and not found.is_identity
    assert found.place(VALUES).tolist() == [[1, 3, 0], [9, 11, 0], [0, 0, 0]]
    assert found.outside(np.ones((3, 4), bool)) == 0
    small = plane_map(plane((0, 0, 0), 2, 2, (1, 1)), plane((0, 0, 0), 1, 1, (3, 4)))
    # Up to half a pixel of the slice around its center: columns 0 and 1, rows 0 and 1.
    assert small.outside(np.ones((3, 4), bool)) == 12 - 4


def test_a_turned_plane_shows_the_nearest_of_its_pixels() -> None:
    found = plane_map(plane((0, 0, 0), 1, 1, (4, 3)), plane((0, 3, 0), 1, 1, (3, 4), -np.pi / 2))
    assert found.shift is None
    assert found.place(VALUES).tolist() == np.rot90(VALUES).tolist()
    assert found.outside(np.ones((3, 4), bool)) == 0


# Resampling


def grid(shape: tuple[int, int, int] = (2, 2, 2), origin: tuple[float, float, float] = (0, 0, 0), step: float = 1.0, **values: Any) -> ImageGrid:
    geometry = Geometry(shape, (step, step, step), origin, AXES)
    slices = tuple(ImageSlice(f"{k}.dcm", f"1.2.{k}", (origin[0], origin[1], origin[2] + k * step), 1) for k in range(shape[0]))
    given: dict[str, Any] = {
        "series_uid": "1.2",
        "study_uid": "1",
        "patient_id": "P",
        "patient_name": "D",
        "frame_of_reference_uid": "1.5",
        "modality": "CT",
        "series_description": "",
        "series_number": "1",
        "is_regular": True,
    }
    return ImageGrid(geometry=geometry, slices=slices, **{**given, **values})


def geometry(shape: tuple[int, int, int], step: float = 1.0, origin: tuple[float, float, float] = (0, 0, 0)) -> Geometry:
    return Geometry(shape, (step, step, step), origin, AXES)


@pytest.mark.parametrize(
    ("off", "exact"), [((0.0, 0.0, 0.0), True), ((1.0, -2.0, 3.0), True), ((0.009, 0.0, 0.0), True), ((0.011, 0.0, 0.0), False), ((0, 0, 0.5), False)]
)
def test_centers_on_centers_within_a_hundredth_are_exact(off: tuple[float, float, float], exact: bool) -> None:
    assert is_exact(geometry((2, 2, 2)), grid(origin=off)) == exact


def test_a_grid_twice_as_coarse_is_exact_and_a_finer_or_irregular_one_is_not() -> None:
    assert is_exact(geometry((4, 4, 4)), grid(step=2.0))
    assert not is_exact(geometry((4, 4, 4)), grid(step=0.5))
    assert not is_exact(geometry((4, 4, 4)), grid(is_regular=False))
    assert is_exact(geometry((4, 4, 4)), grid((1, 1, 6), step=1.001))
    assert not is_exact(geometry((4, 4, 4)), grid((1, 1, 16), step=1.001))


@pytest.mark.parametrize(
    ("off", "expected"), [(0.0, [0, 1]), (0.5, [0, 1]), (0.51, [1, 2]), (-0.5, [0, 0]), (-0.4, [0, 1]), (2.0, [2, 0]), (9.0, [0, 0])]
)
def test_each_voxel_shows_the_nearest_and_halves_the_lower(off: float, expected: list[int]) -> None:
    source = np.arange(3, dtype=np.uint8)
    for axis in range(3):
        shape, target = [1, 1, 1], [1, 1, 1]
        shape[axis], target[axis] = 3, 2
        place = [0.0, 0.0, 0.0]
        place[2 - axis] = off
        layer = source.reshape(shape)
        [found] = resample_nearest((layer,), geometry(tuple(shape)), grid(tuple(target), tuple(place)), Task())  # type: ignore[arg-type]
        # The lower neighbor of -0.5 is outside.
        assert found.ravel().tolist() == (expected if off != -0.5 else [0, 0])


@pytest.mark.parametrize(("off", "slices"), [(0.0, [0, 2]), (0.5, [0, 2]), (0.51, [1, 3])])
def test_the_slices_that_coarser_images_show_are_told(off: float, slices: list[int]) -> None:
    found = sampled_slices(geometry((5, 2, 2)), grid(origin=(0, 0, off), step=2.0))
    assert found is not None and found.tolist() == slices


@pytest.mark.parametrize(("lean", "is_parallel"), [(0.0, True), (0.009, True), (0.011, False)])
def test_images_that_lean_across_a_hundredth_of_a_slice_are_not_parallel(lean: float, is_parallel: bool) -> None:
    leaning = grid()
    axes = ((1.0, 0.0, lean), AXES[1], AXES[2])
    leaning = ImageGrid(**{**leaning.__dict__, "geometry": Geometry((2, 2, 2), (1, 1, 1), (0, 0, 0), axes)})
    assert (sampled_slices(geometry((5, 2, 2)), leaning) is not None) == is_parallel


@pytest.mark.parametrize(("off", "outside"), [(0.0, 0), (0.5, 0), (0.51, 4), (1.0, 4), (-0.5, 0), (-0.51, 4), (9.0, 8)])
def test_voxels_more_than_half_a_voxel_outside_the_images_are_counted(off: float, outside: int) -> None:
    layers = (np.ones((2, 2, 2), np.uint8), np.full((2, 2, 2), 2, np.uint8))
    for place in ((off, 0, 0), (0, off, 0), (0, 0, off)):
        assert count_outside(layers, geometry((2, 2, 2), origin=place), grid()) == outside
    assert count_outside((layers[0] * 0,), geometry((2, 2, 2), origin=(9, 9, 9)), grid()) == 0


# Images in common


def source(**values: Any) -> Source:
    return Source("SEG", **{"frame_of_reference_uid": "1.5", "referenced_series_uids": ("1.7",), **values})


def test_images_in_common_go_before_the_series_and_that_before_the_frame_of_reference() -> None:
    grids = [grid(), grid(series_uid="1.7"), grid(series_uid="1.8", frame_of_reference_uid="9"), grid(series_uid="1.9")]
    assert related_grids(source(), frozenset({"1.2.0"}), grids[:3], "a") == ([1, 0, 2], True)
    assert related_grids(source(), frozenset(), grids, "a") == ([1, 0, 3], True)
    assert related_grids(source(), frozenset(), [grids[0]], "a") == ([0], False)
    assert related_grids(source(frame_of_reference_uid=""), frozenset(), grids, "a") == ([1], True)
    with pytest.raises(ConversionError, match=r"a was drawn on series 1\.7; the given images are of series 1\.8"):
        related_grids(source(), frozenset(), [grids[2]], "a")
    with pytest.raises(ConversionError, match="one that it does not name"):
        related_grids(source(referenced_series_uids=(), frame_of_reference_uid=""), frozenset(), [grid(frame_of_reference_uid="")], "a")


@pytest.mark.parametrize(
    ("absent", "said"),
    [
        (0, ""),
        (1, "1 image of the 3 that the SEG names are not among those given: 1.9.0."),
        (3, "3 images of the 5 that the SEG names are not among those given: 1.9.0, 1.9.1, 1.9.2."),
        (4, "4 images of the 6 that the SEG names are not among those given: 1.9.0, 1.9.1, 1.9.2, ...."),
    ],
)
def test_three_images_that_are_not_given_are_named(absent: int, said: str) -> None:
    named = {"1.2.0", "1.2.1", *(f"1.9.{number}" for number in range(absent))}
    assert absent_warning(frozenset(named), [grid()]).startswith(said) and bool(absent_warning(frozenset(named), [grid()])) == bool(said)


def test_where_no_named_image_is_given_nothing_is_missing() -> None:
    assert absent_warning(frozenset({"1.9.1", "1.9.2"}), [grid()]) == ""


# What is left out


class Pixels:
    """Frame n holds n ones, and a value of 5."""

    def values(self, frame: int) -> NDArray[Any]:
        return np.array([1] * frame + [5])


def header(kind: str, **numbers: int) -> SegHeader:
    tags = {"padding": 0x00280120, "fraction": 0x0062000E}
    root = Root({tags[name]: value for name, value in numbers.items()})
    return SegHeader(SimpleNamespace(root=root, path="a.dcm"), kind, source(), {n: Segment(n, n, f"S{n}") for n in range(1, 33)})  # type: ignore[arg-type]


def test_frames_are_left_out_with_how_many_voxels_they_have() -> None:
    places = FramePlaces.nowhere(4)
    places.put(np.array([0]), 0, 2, Why.NAMED, 0.5)
    places.why[2], places.why[3] = WHYS.index(Why.ABSENT), WHYS.index(Why.COVERED)
    assert (places.grid.tolist(), places.k.tolist(), places.distance.tolist()) == ([0, -1, -1, -1], [2, -1, -1, -1], [0.5, 0.0, 0.0, 0.0])
    frames: Any = SimpleNamespace(count=4, plane=np.arange(4), lacks_place=np.zeros(4, bool))
    found = list(left_out_warnings(header("BINARY"), frames, places, Pixels(), ConvertOptions()))  # type: ignore[arg-type]
    assert found == [
        "1 of 4 frames are outside the images and were skipped (2 voxels).",
        "1 of 4 frames name images that are not among those given and were skipped (3 voxels); the SEG's own grid holds them.",
        "1 of 4 frames were skipped (4 voxels): another frame of their segment is nearer to the slice.",
    ]
    only = list(left_out_warnings(header("LABELMAP", padding=1), frames, places, Pixels(), ConvertOptions()))  # type: ignore[arg-type]
    assert "(1 voxel)" in only[0]
    half = list(left_out_warnings(header("FRACTIONAL", fraction=4), frames, places, Pixels(), ConvertOptions()))  # type: ignore[arg-type]
    assert "(1 voxel)" in half[0]


def test_frames_that_state_no_position_do_not_speak_for_those_that_do() -> None:
    places = FramePlaces.nowhere(3)
    places.why[:] = WHYS.index(Why.ABSENT)
    frames: Any = SimpleNamespace(count=3, plane=np.arange(3), lacks_place=np.array([False, True, False]))
    found = list(left_out_warnings(header("BINARY"), frames, places, Pixels(), ConvertOptions()))  # type: ignore[arg-type]
    assert found == [
        "2 of 3 frames name images that are not among those given and were skipped (4 voxels); the SEG's own grid holds them.",
        "1 of 3 frames state no position, name images that are not among those given, and were skipped (2 voxels).",
    ]


@pytest.mark.parametrize(("count", "is_counted"), [(1000, True), (1001, False)])
def test_the_voxels_of_a_thousand_frames_are_counted(count: int, is_counted: bool) -> None:
    frames: Any = SimpleNamespace(count=count, plane=np.arange(count), lacks_place=np.zeros(count, bool))
    [said] = left_out_warnings(header("BINARY"), frames, FramePlaces.nowhere(count), Pixels(), ConvertOptions())  # type: ignore[arg-type]
    assert ("voxels" in said) == is_counted


# Headers


@pytest.mark.parametrize(
    ("fraction", "largest", "threshold"),
    [(0.5, 255, 128), (0.5, 256, 128), (0.5, 100, 50), (0.501, 100, 51), (0.0, 255, 1), (1.0, 255, 255), (0.004, 255, 2)],
)
def test_a_fraction_at_the_threshold_is_a_voxel(fraction: float, largest: int, threshold: int) -> None:
    assert header("FRACTIONAL", fraction=largest).threshold(ConvertOptions(fractional_threshold=fraction)) == threshold
    assert header("BINARY").threshold(ConvertOptions(fractional_threshold=fraction)) == 1


def test_a_fraction_without_its_largest_value_is_refused() -> None:
    for given in (header("FRACTIONAL"), header("FRACTIONAL", fraction=0)):
        with pytest.raises(ConversionError, match="Maximum Fractional Value"):
            _ = given.largest_fraction


def test_of_many_segments_thirty_are_named() -> None:
    with pytest.raises(NotFoundError) as caught:
        header("BINARY").chosen(ConvertOptions(segments=frozenset(range(100, 140))))
    said = str(caught.value)
    assert "no segment 100, " in said and "129. Its" in said and "130" not in said and said.endswith("29, 30 ....")
    assert list(header("BINARY").chosen(ConvertOptions(segments=frozenset({3, 1})))) == [1, 3]
    few = SegHeader(header("BINARY").file, "BINARY", source(), {n: Segment(n, n, "") for n in range(1, 31)})
    with pytest.raises(NotFoundError, match=r"29, 30\.$"):
        few.chosen(ConvertOptions(segments=frozenset({31})))


def test_frames_of_unknown_segments_are_refused_with_ten_of_them() -> None:
    header("BINARY").check_described({1, 2})
    with pytest.raises(ConversionError, match="segment 40, 41, 42, 43, 44, 45, 46, 47, 48, 49 "):
        header("BINARY").check_described(set(range(40, 60)))


def test_values_of_a_label_map_stand_for_segments_or_nothing() -> None:
    given = header("LABELMAP", padding=7)
    values = given.values({1: given.segments[1]})
    assert (values[1], values[2], values[7], values[0]) == (given.segments[1], None, None, None)


@pytest.mark.parametrize(
    ("descriptor", "data", "number", "color"),
    [
        ((3, 0, 8), b"\x0a\x14\x1e", 1, (20, 20, 20)),
        ((3, 1, 8), b"\x0a\x14\x1e", 1, (10, 10, 10)),
        ((3, 1, 8), b"\x0a\x14\x1e", 0, None),
        ((3, 1, 8), b"\x0a\x14\x1e", 3, (30, 30, 30)),
        ((3, 1, 8), b"\x0a\x14\x1e", 4, None),
        ((3, 0), b"\x0a\x14\x1e", 1, None),
    ],
)
def test_the_palette_of_a_label_map_begins_at_its_first_number(
    descriptor: tuple[int, ...], data: bytes, number: int, color: tuple[int, int, int] | None
) -> None:
    tables = dict.fromkeys((0x00281201, 0x00281202, 0x00281203), data)
    assert _Palette(Root({0x00281101: descriptor, **tables})).color(number) == color  # type: ignore[arg-type]


def test_sixteen_bits_of_a_palette_are_cut_to_eight_and_no_entries_are_65536() -> None:
    class Wide(Root):
        def unsigneds(self, tag: int) -> tuple[int, ...]:
            return {0x00281101: (0, 0, 16), 0x00281201: (0x1234,) * 65536, 0x00281202: (0xFFFF,) * 65536, 0x00281203: (0x00FF,) * 65536}[tag]

    palette = _Palette(Wide())  # type: ignore[arg-type]
    assert palette.color(65535) == palette.color(0) == (0x12, 0xFF, 0x00)
    assert palette.color(65536) is None


def test_eight_bits_of_a_palette_may_be_stored_in_words_and_a_table_that_is_cut_off_has_fewer_colors() -> None:
    class Words(Root):
        def raw(self, tag: int) -> bytes:
            return bytes(6)

        def unsigneds(self, tag: int) -> tuple[int, ...]:
            return {0x00281101: (3, 1, 8), 0x00281201: (10, 20, 30, 40), 0x00281202: (11, 21), 0x00281203: (12, 22, 32)}[tag]

    palette = _Palette(Words())  # type: ignore[arg-type]
    assert [palette.color(number) for number in range(5)] == [None, (10, 11, 12), (20, 21, 22), None, None]


# Documents


@pytest.mark.parametrize(("distance", "told"), [(None, None), (0.12344, 0.1234), (0.0, 0.0)])
def test_where_a_frame_went_is_told_to_the_fourth_decimal(distance: float | None, told: float | None) -> None:
    placed = SlicePlacement(1, 4, Why.NEAREST, 2, "1.2", 0, distance, "far")
    assert placed.to_json("frame") == {
        "frame": 4,
        "slice": 2,
        "image": "1.2",
        "image_frame": None,
        "distance_mm": told,
        "why": "the slice is the nearest: far",
    }
    assert SlicePlacement(1, 4, Why.OUTSIDE).to_json("contour")["why"] == Why.OUTSIDE.value


def test_what_is_skipped_is_not_placed() -> None:
    assert {why for why in Why if not why.is_placed} == {Why.COVERED, Why.COPY, Why.ABSENT, Why.OUTSIDE, Why.REFUSED}


def part(origin: float, labels: list[int], step: float = 1.0, thick: tuple[float, ...] = (), warnings: tuple[str, ...] = ()) -> Labelmap:
    layer = np.array(labels, np.uint8).reshape(-1, 1, 1)
    segments = tuple(
        Segment(n, n, f"S{n}", voxels=int((layer == n).sum()), volume_mm3=float((layer == n).sum()) * step) for n in (1, 2) if n in labels
    )
    where = Geometry((len(labels), 1, 1), (1.0, 1.0, step), (0.0, 0.0, origin), AXES)
    return Labelmap((layer,), where, segments, source(), slice_thicknesses=thick, warnings=warnings)


@pytest.mark.parametrize(("off", "voxels"), [(0.0, 2), (0.09, 2), (-0.09, 2), (0.11, 4), (1.0, 3), (5.0, 4)])
def test_voxels_of_two_parts_within_a_tenth_of_a_voxel_are_one(off: float, voxels: int) -> None:
    [total] = total_segments([part(0.0, [1, 1]), part(off, [1, 1])])
    assert (total.voxels, total.volume_mm3) == (voxels, float(voxels))


@pytest.mark.parametrize("shift", [(0, 0, 0), (1, 0, 0), (0, 2, 0), (0, 0, 3), (2, -1, 1)])
def test_places_of_several_parts_are_told_apart_in_all_directions(shift: tuple[int, int, int]) -> None:
    random = np.random.default_rng(1)
    layers = [(random.random((5, 6, 7)) < 0.5).astype(np.uint8) for _ in range(2)]
    grids = [
        Geometry((5, 6, 7), (0.5, 0.75, 2.0), origin, AXES)
        for origin in ((1.0, -2.0, 3.0), (1 + shift[0] * 0.5, -2 + shift[1] * 0.75, 3 + shift[2] * 2.0))
    ]
    parts = [Labelmap((layer,), where, (Segment(1, 1, "S", voxels=int(layer.sum())),), source()) for layer, where in zip(layers, grids, strict=True)]
    first = {tuple(place) for place in np.argwhere(layers[0])[:, ::-1].tolist()}
    second = {tuple(place) for place in (np.argwhere(layers[1])[:, ::-1] + shift).tolist()}
    [total] = total_segments(parts)
    assert (total.voxels, total.volume_mm3) == (len(first | second), len(first | second) * 0.75)


def test_segments_of_parts_are_counted_as_thick_as_their_slices() -> None:
    one, two = part(0.0, [1, 1], thick=(1.0, 3.0)), part(10.0, [2, 1], 2.0)
    totals = total_segments([two, one])
    assert [(total.number, total.voxels, total.volume_mm3) for total in totals] == [(1, 3, 1.0 + 3.0 + 2.0), (2, 1, 2.0)]


def test_each_warning_of_several_parts_is_told_once() -> None:
    assert all_warnings([part(0, [1], warnings=("a", "b")), part(0, [1], warnings=("b", "c"))]) == ("a", "b", "c")


# Axes and parts of files


@pytest.mark.parametrize(
    ("row", "column", "is_plane"),
    [
        ((1.019, 0, 0), (0, 0.981, 0), True),
        ((1.021, 0, 0), (0, 1, 0), False),
        ((1, 0, 0), (0, 0.979, 0), False),
        ((1, 0, 0), (0.019, 1, 0), True),
        ((1, 0, 0), (-0.021, 1, 0), False),
        ((1, 0, 0), (0, 0, 0), False),
    ],
)
def test_an_orientation_is_two_perpendicular_unit_vectors_within_a_fiftieth(row: Any, column: Any, is_plane: bool) -> None:
    orientation = np.array([*row, *column], float)
    if not is_plane:
        with pytest.raises(ConversionError, match=r"^a\.dcm: Image Orientation \(Patient\) .* not two perpendicular unit vectors\.$"):
            plane_axes(orientation, "a.dcm")
        return
    i_axis, j_axis, normal = plane_axes(orientation)
    assert np.linalg.norm([i_axis, j_axis, normal], axis=1).tolist() == pytest.approx([1, 1, 1])
    assert normal.tolist() == pytest.approx([0, 0, 1])


@pytest.mark.parametrize(("gap", "parts"), [(0, 1), (1 << 16, 1), ((1 << 16) + 1, 2)])
def test_frames_of_a_file_are_fetched_in_one_up_to_64_kb_apart(gap: int, parts: int) -> None:
    starts = np.array([1100 + gap, 1000, 5])
    head: Any = SimpleNamespace(frames=SimpleNamespace(segment=np.array([2, 1, 3])), places=(starts, starts + 100))
    assert ranges_of(head, {1, 2}) == ([(1000, 1200 + gap)] if parts == 1 else [(1000, 1100), (1100 + gap, 1200 + gap)])
    within: Any = SimpleNamespace(frames=SimpleNamespace(segment=np.array([1, 1])), places=(np.array([0, 10]), np.array([100, 20])))
    assert ranges_of(within, [1]) == [(0, 100)]


def test_frames_fetched_in_one_begin_with_the_first_of_them() -> None:
    starts = np.array([0, 1 << 20, (1 << 20) + 200])
    head: Any = SimpleNamespace(frames=SimpleNamespace(segment=np.array([1, 1, 1])), places=(starts, starts + 100))
    assert ranges_of(head, [1]) == [(0, 100), (1 << 20, (1 << 20) + 300)]


@pytest.mark.parametrize(
    ("labels", "descriptions", "told"),
    [
        (("", ""), ("Early", "Late"), ["Early", "Late"]),
        (("phase 1", ""), ("CT", "CT"), ["phase 1", "CT"]),
        (("", ""), ("CT", "CT"), ["CT stack 1", "CT stack 2"]),
        (("", ""), ("CT", ""), ["CT stack 1", "stack 2"]),
    ],
)
def test_labelmaps_on_several_grids_are_told_apart(labels: tuple[str, str], descriptions: tuple[str, str], told: list[str]) -> None:
    places = FramePlaces.nowhere(1)
    found = [
        Placement(geometry((2, 2, 2)), np.zeros(1, np.int64), 2, np.ones(2), places, grid=grid(series_description=said), label=label)
        for label, said in zip(labels, descriptions, strict=True)
    ]
    assert [placement.label for placement in _labeled(found, [])] == told
