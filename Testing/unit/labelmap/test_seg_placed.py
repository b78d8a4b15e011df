"""From frames of a SEG to voxels of images: what is told of each frame, what is said of segments and slices, and what moves."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from helpers import seg_files as sf
from pydicom import Dataset

from IDCBrowserLib.errors import ConversionError, InputError
from IDCBrowserLib.labelmap import convert as convert_module
from IDCBrowserLib.labelmap.convert import convert, convert_parts, describe, fractions
from IDCBrowserLib.labelmap.explain import SlicePlacement, Why
from IDCBrowserLib.labelmap.options import ConvertOptions
from IDCBrowserLib.labelmap.types import Labelmap

ROWS, COLUMNS = 6, 8


def images(count: int = 4, **values: Any) -> list[Dataset]:
    return sf.images(count, ROWS, COLUMNS, **values)


def channels(count: int = 4, segments: int = 1) -> np.ndarray:
    return sf.channels(count, ROWS, COLUMNS, segments)


def on_images(made: Dataset, source: list[Dataset], folder: Path, **options: Any) -> Labelmap:
    files = sf.save_images(source, folder / "ct")
    return convert(sf.save(made, folder / "seg.dcm"), files, ConvertOptions(**options))


def test_each_frame_is_told_with_its_segment_slice_image_and_distance(tmp_path: Path) -> None:
    # The highest slice first; the last frame of the second segment is elsewhere.
    made = sf.with_frames(sf.seg(images(2), channels(2, 2)), range(4), {0: (0, 0, 0.5), 3: (0, 0, 70)})
    found = on_images(made, images(2), tmp_path, explain=True)
    assert list(found.placed) == [
        SlicePlacement(1, 1, Why.NAMED, 1, sf.uid(1, 3, 2), 1, 0.5),
        SlicePlacement(1, 2, Why.NAMED, 0, sf.uid(1, 3, 1), 1, 0.0),
        SlicePlacement(2, 3, Why.NAMED, 1, sf.uid(1, 3, 2), 1, 0.0),
        SlicePlacement(2, 4, Why.OUTSIDE, None, "", 0, None),
    ]
    assert found.holds == {"frames": [1, 2, 3]} and found.series_uid == sf.uid(1, 2)
    only = convert(tmp_path / "seg.dcm", sorted((tmp_path / "ct").iterdir()), ConvertOptions(explain=True, segments=frozenset({1})))
    assert [one.number for one in only.placed] == [1, 2]
    assert convert(tmp_path / "seg.dcm", sorted((tmp_path / "ct").iterdir())).placed == ()
    own = convert(tmp_path / "seg.dcm", options=ConvertOptions(explain=True, segments=frozenset({1})))
    assert [(one.number, one.why, one.image, one.distance) for one in own.placed] == [(1, Why.OWN, "", 0.0), (2, Why.OWN, "", 0.0)]
    assert own.series_uid == ""


def test_frames_of_a_label_map_are_of_no_segment(tmp_path: Path) -> None:
    array = sf.labels(2, ROWS, COLUMNS)
    found = on_images(sf.seg(images(2), array, kind="LABELMAP"), images(2), tmp_path, explain=True)
    assert {(one.segment, one.why) for one in found.placed} == {(0, Why.NAMED)}
    assert np.array_equal(found.labelmap_volume(), array)


def test_frames_on_every_other_image_that_state_that_distance_stay_on_the_images_they_name(tmp_path: Path) -> None:
    array = channels(6)
    array[1::2] = 0
    made = sf.seg(images(6), array)
    made.SharedFunctionalGroupsSequence[0].PixelMeasuresSequence[0].SpacingBetweenSlices = 5.0
    found = on_images(made, images(6), tmp_path)
    assert np.array_equal(found.labelmap_volume(), array[..., 0]) and found.warnings == ()
    # Thick frames that name two images each fill both.
    for frame in made.PerFrameFunctionalGroupsSequence:
        [first] = frame.DerivationImageSequence[0].SourceImageSequence
        number = int(first.ReferencedSOPInstanceUID.rpartition(".")[2])
        second = sf.Dataset()
        second.ReferencedSOPClassUID, second.ReferencedSOPInstanceUID = first.ReferencedSOPClassUID, sf.uid(1, 3, number + 1)
        frame.DerivationImageSequence[0].SourceImageSequence.append(second)
    thick = on_images(made, images(6), tmp_path)
    assert [bool(plane.any()) for plane in thick.labelmap_volume()] == [True] * 6
    assert "each image voxel shows the nearest voxel of the SEG" in " ".join(thick.warnings)
    # A spacing that no two frames have does not count.
    made.SharedFunctionalGroupsSequence[0].PixelMeasuresSequence[0].SpacingBetweenSlices = 3.7
    assert [bool(plane.any()) for plane in on_images(made, images(6), tmp_path).labelmap_volume()] == [True, False] * 3


def unnamed(made: Dataset) -> Dataset:
    for frame in made.PerFrameFunctionalGroupsSequence:
        del frame.DerivationImageSequence
    return made


@pytest.mark.parametrize(("off", "said"), [(0.3, "4 frames went to the nearest slice, up to 0.3 mm away."), (0.09, "")])
def test_frames_beside_the_slices_go_to_the_nearest_which_is_said(off: float, said: str, tmp_path: Path) -> None:
    made = unnamed(sf.with_frames(sf.seg(images(), channels()), range(4), dict.fromkeys(range(4), (0, 0, -off))))
    found = on_images(made, images(), tmp_path)
    assert np.array_equal(found.labelmap_volume(), channels()[..., 0])
    told = "The planes of the SEG and of the images do not coincide; "
    assert found.warnings == ((told + said,) if said else ())


def test_of_two_planes_that_fall_on_one_slice_the_nearer_counts_for_its_segment(tmp_path: Path) -> None:
    array = channels(3, 2)
    made = sf.seg(images(3), array)
    order = [0, 1, 2, 3, 4, 5, 1, 4]
    moved = unnamed(sf.with_frames(made, order, {6: (0, 0, 0.8), 4: (0, 0, 0.6), 7: (0, 0, 0.4)}))
    found = on_images(moved, images(3), tmp_path)
    for segment in found.segments:
        layer = found.layers[segment.layer] == segment.label_value
        assert np.array_equal(layer, array[..., segment.number - 1] > 0) and segment.voxels == int(layer.sum())
    assert any("2 of 8 frames were skipped" in warning and "nearer to the slice" in warning for warning in found.warnings)


@pytest.mark.parametrize("kind", ["BINARY", "LABELMAP"])
def test_frames_on_one_slice_are_united_and_counted(kind: str, tmp_path: Path) -> None:
    array = np.zeros((2, ROWS, COLUMNS), np.uint8)
    array[0, 1:3, 1:5], array[1, 1:3, 3:7] = 1, 2
    made = sf.plain(sf.seg(images(2), array, kind=kind))
    frames = made.PerFrameFunctionalGroupsSequence
    for frame in frames[1:]:
        frame.PlanePositionSequence, frame.DerivationImageSequence = frames[0].PlanePositionSequence, frames[0].DerivationImageSequence
    found = convert(sf.save(made, tmp_path / "seg.dcm"))
    assert found.labelmap_volume()[0, 1].tolist() == [0, 1, 1, 2, 2, 2, 2, 0]
    voxels = [segment.voxels for segment in found.segments]
    if kind == "LABELMAP":
        assert voxels == [4, 8] and found.warnings == ("1 frames lie on a slice that another frame shows; the highest label stays.",)
    else:
        assert voxels == [8, 8] and found.overlapping_voxels == 4 and found.warnings == ()


def test_a_segment_that_lies_beside_the_images_is_said_to_have_no_voxel_there(tmp_path: Path) -> None:
    array = np.zeros((3, ROWS, COLUMNS, 2), np.uint8)
    array[:, 1, 1, 0], array[:, 1, 7, 1] = 1, 1
    made = unnamed(sf.plain(sf.seg(images(3), array)))
    # Turned images of the left half.
    turned = sf.images(4, 3, 5, orientation=sf.SAGITTAL, spacing=(2.5, 0.8), step=0.5, origin=(-18.5, 10, 105))
    found = on_images(made, turned, tmp_path, explain=True)
    assert [segment.voxels for segment in found.segments] == [3, 0]
    assert [(one.number, one.segment, one.why, one.k, one.image, one.distance) for one in found.placed] == [
        (number, 1 + (number > 3), Why.RESAMPLED, None, "", 0.0) for number in range(1, 7)
    ]
    assert "No voxel of segment 2 lies within the grid." in found.warnings
    assert "3 voxels of the SEG are outside the images and were skipped." in found.warnings


def test_a_segment_of_one_phase_without_a_voxel_there_is_listed_with_it(tmp_path: Path) -> None:
    early, late = images(2), images(2)
    for number, image in enumerate(late, 3):
        image.SOPInstanceUID = image.file_meta.MediaStorageSOPInstanceUID = sf.uid(1, 3, number)
    for image, moment in [*((image, 1) for image in early), *((image, 2) for image in late)]:
        image.TemporalPositionIdentifier = moment
    first, second = sf.plain(sf.seg(early, channels(2, 2))), sf.with_frames(sf.seg(late, channels(2, 2)), range(2))
    pixels = [*sf.frame_arrays(first), *(frame * 0 for frame in sf.frame_arrays(second))]
    first.PerFrameFunctionalGroupsSequence = [*first.PerFrameFunctionalGroupsSequence, *second.PerFrameFunctionalGroupsSequence]
    first.NumberOfFrames = len(pixels)
    sf.set_frames(first, pixels)
    parts = convert_parts(sf.save(first, tmp_path / "seg.dcm"), sf.save_images([*early, *late], tmp_path / "mr"))
    assert [[(segment.number, segment.voxels > 0) for segment in part.segments] for part in parts] == [[(1, True), (2, True)], [(1, False)]]


@pytest.mark.parametrize("columns", [1, -2])
def test_label_maps_beside_their_images_are_moved_and_what_sticks_out_is_counted(columns: int, tmp_path: Path) -> None:
    array = np.random.default_rng(2).integers(0, 4, (2, ROWS, COLUMNS)).astype(np.uint8)
    made = sf.with_frames(sf.seg(images(2), array, kind="LABELMAP"), range(2), dict.fromkeys(range(2), (0.5 * columns, 0, 0)))
    found = on_images(made, images(2), tmp_path)
    expected = np.zeros_like(array)
    kept = slice(columns, None) if columns > 0 else slice(None, columns)
    expected[..., kept] = array[..., : -columns or None] if columns > 0 else array[..., -columns:]
    assert np.array_equal(found.labelmap_volume(), expected)
    assert [segment.voxels for segment in found.segments] == [int((expected == number).sum()) for number in (1, 2, 3)]
    lost = int((array > 0).sum()) - int((expected > 0).sum())
    assert found.warnings == (f"{lost} voxels of the SEG are outside the images and were skipped.",)
    some = convert(tmp_path / "seg.dcm", sorted((tmp_path / "ct").iterdir()), ConvertOptions(segments=frozenset({2})))
    assert np.array_equal(some.labelmap_volume(), np.where(expected == 2, 2, 0))


def test_moved_frames_of_a_label_map_that_meet_on_a_slice_leave_the_highest_label(tmp_path: Path) -> None:
    array = np.random.default_rng(6).integers(0, 4, (2, ROWS, COLUMNS)).astype(np.uint8)
    made = unnamed(sf.with_frames(sf.seg(images(2), array, kind="LABELMAP"), range(2), {0: (0.5, 0, -2.5)}))
    found = on_images(made, images(2), tmp_path)
    # The highest slice is stored first.
    moved = np.pad(array[1], ((0, 0), (1, 0)))[:, :COLUMNS]
    assert np.array_equal(found.labelmap_volume(), [np.maximum(array[0], moved), np.zeros_like(moved)])


# What is asked for


def test_a_grid_that_does_not_exist_is_refused_with_those_that_do(tmp_path: Path) -> None:
    path = sf.save(sf.seg(images(2), channels(2)), tmp_path / "seg.dcm")
    with pytest.raises(InputError, match=r"Unknown grid 'other'; choose one of auto, images, own\."):
        convert(path, options=ConvertOptions(grid="other"))
    assert convert(path).geometry == convert(path, options=ConvertOptions(grid="own")).geometry


def test_a_seg_without_a_voxel_is_worth_something_only_where_that_is_asked_for_or_some_segments_are(tmp_path: Path) -> None:
    made = sf.plain(sf.seg(images(2), channels(2)))
    made.PixelData = bytes(len(made.PixelData))
    path = sf.save(made, tmp_path / "seg.dcm")
    with pytest.raises(ConversionError, match="No voxel is set in any of its 2 frames that could be placed"):
        convert(path)
    for options in (ConvertOptions(may_be_empty=True), ConvertOptions(segments=frozenset({1}))):
        assert [segment.voxels for segment in convert(path, options=options).segments] == [0]


def test_what_takes_more_memory_than_there_is_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = sf.save(sf.seg(images(2), channels(2)), tmp_path / "seg.dcm")

    def out_of_memory(*_arguments: object) -> None:
        raise MemoryError

    monkeypatch.setattr(convert_module, "_convert", out_of_memory)
    with pytest.raises(ConversionError, match=r"seg\.dcm needs more memory than there is\. Convert fewer segments, or on a larger computer\."):
        convert(path)


def test_a_geometry_that_makes_no_sense_is_an_error(tmp_path: Path) -> None:
    made = sf.with_frames(sf.seg(images(2), channels(2)), range(2), dict.fromkeys(range(2), (1e9, 0, 0)))
    with pytest.raises(ConversionError, match=r"seg\.dcm cannot be converted: its geometry makes no sense \("):
        convert(sf.save(made, tmp_path / "seg.dcm"))


def test_what_is_no_segmentation_is_told_as_what_it_is(tmp_path: Path) -> None:
    [image] = images(1)
    [path] = sf.save_images([image], tmp_path)
    with pytest.raises(ConversionError, match=r"is CT Image Storage, neither a segmentation nor a structure set\. Give a file of a SEG or RTSTRUCT"):
        describe(path)
    del image.SOPClassUID
    image.Modality = "RTSTRUCT"
    [path] = sf.save_images([image], tmp_path)
    with pytest.raises(ConversionError, match="is an object without SOP Class UID although its Modality says RTSTRUCT, neither"):
        describe(path)


def test_fractions_of_chosen_segments_on_each_frame_are_parts_of_the_largest(tmp_path: Path) -> None:
    array = np.random.default_rng(3).integers(0, 11, (2, ROWS, COLUMNS, 2)).astype(np.float32) / 10
    array[..., 0] = np.maximum(array[..., 0], 0.1)
    path = sf.save(sf.seg(images(2), array, kind="FRACTIONAL", max_fractional_value=10), tmp_path / "seg.dcm")
    ((geometry, volumes),) = fractions(path, options=ConvertOptions(segments=frozenset({2})))
    ((segment, volume),) = volumes
    assert (segment.number, volume.dtype, geometry.shape) == (2, np.float32, volume.shape)
    np.testing.assert_allclose(volume, array[..., 1], atol=1e-6)
    with pytest.raises(InputError, match=r"contains no fractions \(Segmentation Type \(0062,0001\) is LABELMAP\)"):
        fractions(sf.save(sf.seg(images(2), sf.labels(2, ROWS, COLUMNS), kind="LABELMAP"), tmp_path / "labelmap.dcm"))


def test_of_fractions_of_one_segment_on_one_slice_the_larger_counts(tmp_path: Path) -> None:
    array = np.random.default_rng(4).integers(1, 11, (2, ROWS, COLUMNS, 1)).astype(np.float32) / 10
    made = unnamed(sf.with_frames(sf.seg(images(2), array, kind="FRACTIONAL", max_fractional_value=10), range(2)))
    made.PerFrameFunctionalGroupsSequence[1].PlanePositionSequence = made.PerFrameFunctionalGroupsSequence[0].PlanePositionSequence
    ((_geometry, volumes),) = fractions(sf.save(made, tmp_path / "seg.dcm"))
    ((_segment, volume),) = volumes
    np.testing.assert_allclose(volume[0], array.max(axis=0)[..., 0], atol=1e-6)
