"""What functional groups say of frames: what goes before what, what is put together, and what is refused; limits from both sides."""

from __future__ import annotations

import copy
from pathlib import Path

import numpy as np
import pytest
from helpers import seg_files as sf
from pydicom import Dataset

from IDCBrowserLib.errors import ConversionError
from IDCBrowserLib.labelmap.seg.frames import FrameTable, check_places, read_frames
from IDCBrowserLib.labelmap.seg.header import open_seg


@pytest.fixture(scope="module")
def template() -> Dataset:
    """Three frames of 4 x 6 pixels, of segments 1, 1 and 2."""
    array = np.ones((2, 4, 6, 2), np.uint8)
    array[1, ..., 1] = 0
    made = sf.plain(sf.seg(sf.images(2, 4, 6), array))
    # As they are made: segment by segment, the highest slice first.
    assert [frame.SegmentIdentificationSequence[0].ReferencedSegmentNumber for frame in made.PerFrameFunctionalGroupsSequence] == [1, 1, 2]
    return made


@pytest.fixture
def made(template: Dataset) -> Dataset:
    """To be changed."""
    return sf.plain(template)


def read(made: Dataset, folder: Path) -> FrameTable:
    return read_frames(open_seg(sf.save(made, folder / "seg.dcm")).root, is_labelmap=False)


def item(**elements: object) -> Dataset:
    made = Dataset()
    for keyword, value in elements.items():
        setattr(made, keyword, value)
    return made


def measures_of(found: FrameTable) -> list[list[float]]:
    """Pixel spacing, spacing between slices and thickness of the plane of each frame."""
    both = np.column_stack([found.pixel_spacings, found.spacings_between_slices, found.thicknesses])
    return np.round(both[found.plane], 9).tolist()


NAN = float("nan")


def test_frames_tell_segment_plane_and_images(made: Dataset, tmp_path: Path) -> None:
    found = read(made, tmp_path)
    assert (found.rows, found.columns, found.count, found.segment.tolist()) == (4, 6, 3, [1, 1, 2])
    assert found.positions[found.plane].tolist() == [[-20, 10, 102.5], [-20, 10, 100], [-20, 10, 100]]
    assert len(found.positions) == 2 and found.orientations.tolist() == [[1, 0, 0, 0, 1, 0]] * 2
    assert found.pixel_spacing == (0.8, 0.5)
    assert found.references == (((sf.uid(1, 3, 2), 0),), ((sf.uid(1, 3, 1), 0),), ((sf.uid(1, 3, 1), 0),))
    assert found.moments == (0, 0, 0) and not found.lacks_place.any()


def test_what_a_frame_says_goes_before_what_all_share_and_that_before_what_stands_outside(made: Dataset, tmp_path: Path) -> None:
    shared, frames = made.SharedFunctionalGroupsSequence[0], made.PerFrameFunctionalGroupsSequence
    shared.PixelMeasuresSequence = [item(PixelSpacing=[0.7, 0.6], SliceThickness=3)]
    frames[0].PixelMeasuresSequence = [item(PixelSpacing=[0.9, 0.8], SpacingBetweenSlices=4)]
    frames[1].PixelMeasuresSequence = [item(SliceThickness=-5)]
    made.PixelSpacing = [2, 2]
    # What one lacks is taken of the other, attribute by attribute; a length has no sign.
    assert measures_of(read(made, tmp_path))[:2] == [[0.9, 0.8, 4, 3], [0.7, 0.6, pytest.approx(NAN, nan_ok=True), 5]]
    del shared.PixelMeasuresSequence
    del frames[1].PixelMeasuresSequence
    found = read(made, tmp_path)
    assert found.pixel_spacings[found.plane].tolist() == [[0.9, 0.8], [2, 2], [2, 2]]
    assert list(found.pixel_spacing) == found.pixel_spacings[0].tolist()
    del shared.PlaneOrientationSequence
    made.ImageOrientationPatient = [0, 1, 0, 0, 0, -1]
    assert read(made, tmp_path).orientations[0].tolist() == [0, 1, 0, 0, 0, -1]


def test_a_position_outside_of_functional_groups_is_that_of_a_single_frame(made: Dataset, tmp_path: Path) -> None:
    made.ImagePositionPatient = [1, 2, 3]
    for frame in made.PerFrameFunctionalGroupsSequence:
        del frame.PlanePositionSequence
    assert read(made, tmp_path).lacks_place.all()
    one = sf.with_frames(made, [2])
    assert read(one, tmp_path).positions.tolist() == [[1, 2, 3]]
    assert read(one, tmp_path).segment.tolist() == [2]
    del one.NumberOfFrames
    assert read(one, tmp_path).count == 1


@pytest.mark.parametrize(
    ("stated", "length"),
    [("1e-7", 1e-7), ("9e-8", NAN), ("10000", 1e4), ("10001", NAN), ("-2.5", 2.5), ("0", NAN), ("2,5", NAN), ("", NAN)],
)
@pytest.mark.parametrize(("keyword", "column"), [("SpacingBetweenSlices", 2), ("SliceThickness", 3)])
def test_lengths_that_cannot_be_are_as_if_not_stated(
    stated: str, length: float, keyword: str, column: int, made: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pydicom.config.settings.writing_validation_mode", 0)
    measures = item(PixelSpacing=[0.8, 0.5])
    measures.add_new("SpacingBetweenSlices" if column == 2 else "SliceThickness", "DS", "77777")
    made.SharedFunctionalGroupsSequence[0].PixelMeasuresSequence = [measures]
    path = sf.save(made, tmp_path / "seg.dcm")
    path.write_bytes(path.read_bytes().replace(b"77777 ", stated.encode().ljust(6)))
    found = read_frames(open_seg(path).root, is_labelmap=False)
    assert measures_of(found)[0][column] == pytest.approx(length, nan_ok=True), keyword


@pytest.mark.parametrize(
    ("spacing", "is_possible"), [([1e-7, 1], True), ([1, 9e-8], False), ([9e-8, 1], False), ([1e4, 1], True), ([1, 10001], False)]
)
def test_pixels_are_as_wide_as_those_of_any_image(spacing: list[float], is_possible: bool, made: Dataset, tmp_path: Path) -> None:
    made.SharedFunctionalGroupsSequence[0].PixelMeasuresSequence = [item(PixelSpacing=spacing)]
    if is_possible:
        assert read(made, tmp_path).pixel_spacings[0].tolist() == spacing
        return
    with pytest.raises(ConversionError, match=rf"Pixel Spacing \(0028,0030\) is {spacing[0]:g}\\{spacing[1]:g} mm, which no image has"):
        read(made, tmp_path)


@pytest.mark.parametrize(("rows", "columns"), [(0, 6), (4, 0)])
def test_frames_without_rows_or_columns_are_refused(rows: int, columns: int, made: Dataset, tmp_path: Path) -> None:
    made.Rows, made.Columns = rows, columns
    with pytest.raises(ConversionError, match=rf"Rows \(0028,0010\) and Columns \(0028,0011\) are {rows} and {columns}; both must be positive"):
        read(made, tmp_path)


def test_a_segment_that_all_frames_share_is_that_of_those_that_state_none(made: Dataset, tmp_path: Path) -> None:
    frames, shared = made.PerFrameFunctionalGroupsSequence, made.SharedFunctionalGroupsSequence[0]
    del frames[1].SegmentIdentificationSequence
    frames[0].SegmentIdentificationSequence = [item(DimensionIndexValues=[1])]
    with pytest.raises(ConversionError, match=r"A frame has no Referenced Segment Number \(0062,000B\)"):
        read(made, tmp_path)
    shared.SegmentIdentificationSequence = [item(ReferencedSegmentNumber=2)]
    assert read(made, tmp_path).segment.tolist() == [2, 2, 2]
    shared.SegmentIdentificationSequence = [item(ReferencedSegmentNumber=1)]
    assert read(made, tmp_path).segment.tolist() == [1, 1, 2]


def test_images_that_all_frames_share_are_those_of_frames_that_name_none(made: Dataset, tmp_path: Path) -> None:
    frames, shared = made.PerFrameFunctionalGroupsSequence, made.SharedFunctionalGroupsSequence[0]
    names = [item(ReferencedSOPInstanceUID="1.2", ReferencedFrameNumber=[3, 5]), item(ReferencedSOPInstanceUID="1.3"), item(ReferencedFrameNumber=4)]
    shared.DerivationImageSequence = [item(SourceImageSequence=[*names, names[1]])]
    del frames[0].DerivationImageSequence
    frames[1].DerivationImageSequence = [item()]
    common = (("1.2", 3), ("1.2", 5), ("1.3", 0))
    assert read(made, tmp_path).references == (common, common, ((sf.uid(1, 3, 1), 0),))


def test_images_of_another_purpose_are_named_by_frames_that_name_none_they_were_derived_from(made: Dataset, tmp_path: Path) -> None:
    frames = made.PerFrameFunctionalGroupsSequence
    for frame in frames[:2]:
        frame.ReferencedImageSequence = [item(ReferencedSOPInstanceUID="1.7", ReferencedFrameNumber=2), item(ReferencedSOPInstanceUID="1.8")]
    del frames[0].DerivationImageSequence
    found = read(made, tmp_path)
    assert found.references[0] == ()
    assert [found.images_of(frame) for frame in range(3)] == [(("1.7", 2), ("1.8", 0)), ((sf.uid(1, 3, 1), 0),), ((sf.uid(1, 3, 1), 0),)]


def test_moments_are_those_that_frames_state(made: Dataset, tmp_path: Path) -> None:
    frames = made.PerFrameFunctionalGroupsSequence
    frames[0].FrameContentSequence[0].TemporalPositionIndex = 4
    del frames[1].FrameContentSequence
    assert read(made, tmp_path).moments == (4, 0, 0)


def test_items_of_one_length_whose_elements_are_of_others_are_read_as_they_are(made: Dataset, tmp_path: Path) -> None:
    frames = made.PerFrameFunctionalGroupsSequence
    for frame, (x, stack) in zip(frames, (("-20", "abcdef"), ("-20.5", "abcd"), ("-20.75", "ab")), strict=True):
        frame.PlanePositionSequence = [item(ImagePositionPatient=[x, "10", "100"])]
        frame.FrameContentSequence = [item(StackID=stack)]
        frame.DerivationImageSequence = copy.deepcopy(frames[0].DerivationImageSequence)
    assert read(made, tmp_path).positions[read(made, tmp_path).plane, 0].tolist() == [-20, -20.5, -20.75]


@pytest.mark.parametrize(
    ("lacking", "said"),
    [
        ("PlanePositionSequence", r"Image Position \(Patient\) \(0020,0032\) is missing for frame 2"),
        ("PlaneOrientationSequence", r"Image Orientation \(Patient\) \(0020,0037\) is missing for frame 1"),
        ("PixelMeasuresSequence", r"Pixel Spacing \(0028,0030\) is missing for frame 1"),
    ],
)
def test_what_is_missing_for_a_frame_is_said_with_what_to_do(lacking: str, said: str, made: Dataset, tmp_path: Path) -> None:
    frames = made.PerFrameFunctionalGroupsSequence
    delattr(frames[1] if lacking == "PlanePositionSequence" else made.SharedFunctionalGroupsSequence[0], lacking)
    found = read(made, tmp_path)
    stream = open_seg(tmp_path / "seg.dcm").root.stream
    with pytest.raises(ConversionError, match=rf"{said}, .* It names an image whose place could be taken: give the folder"):
        check_places(found, stream)
    for frame in frames:
        del frame.DerivationImageSequence
    with pytest.raises(ConversionError, match=rf"{said}, .* unknown\. Report it to whoever made the file\."):
        check_places(read(made, tmp_path), stream)
    if lacking == "PlanePositionSequence":
        check_places(found, stream, some=True)
    else:
        with pytest.raises(ConversionError, match=said):
            check_places(found, stream, some=True)
