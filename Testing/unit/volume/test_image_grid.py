"""Grids from headers: order, gaps, phases, tilts, enhanced objects, and what is not an image."""

import math
import re
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
from helpers.dicom_files import AXIAL, ROOT, image, save, write_stack
from helpers.real_data import real_data
from hypothesis import given, settings
from hypothesis import strategies as st
from pydicom.dataset import Dataset
from pydicom.uid import EnhancedCTImageStorage, SegmentationStorage

from IDCBrowserLib.errors import CancelledError, ConversionError
from IDCBrowserLib.task import Task
from IDCBrowserLib.volume.frames import read_frames
from IDCBrowserLib.volume.image_grid import ImageGrid
from IDCBrowserLib.volume.read_grids import read_image_grids


def only_grid(paths: list[Path]) -> ImageGrid:
    (grid,) = read_image_grids(paths)
    return grid


def along_z(*places: float) -> list[tuple[float, float, float]]:
    return [(10.0, 20.0, z) for z in places]


def assert_slices_lie_on_the_grid(grid: ImageGrid, tolerance: float = 0.02) -> None:
    matrix = grid.geometry.index_to_lps()
    for k, slice_ in enumerate(grid.slices):
        if slice_ is not None:
            assert np.allclose((matrix @ [0, 0, k, 1])[:3], slice_.position, atol=tolerance)


def test_slices_are_sorted_along_the_normal_whatever_their_order(tmp_path: Path) -> None:
    paths = write_stack(tmp_path, along_z(7.5, 0, 5, 2.5))
    grid = only_grid(paths)
    assert [Path(slice_.path).stem for slice_ in grid.present_slices] == ["002", "004", "003", "001"]
    assert grid.geometry.shape == (4, 4, 6)
    assert grid.geometry.spacing == (0.75, 0.5, 2.5)
    assert grid.geometry.origin == (10.0, 20.0, 0.0)
    assert grid.geometry.directions == ((1, 0, 0), (0, 1, 0), (0, 0, 1))
    assert grid.is_regular
    assert grid.warnings == ()
    assert grid.patient_name == "Doe^Jane"


@settings(max_examples=25, deadline=None)
@given(angles=st.tuples(*[st.floats(-math.pi, math.pi)] * 3), step=st.floats(0.3, 9.0), order=st.permutations(range(6)))
def test_any_orientation_gives_a_right_handed_grid(
    angles: tuple[float, float, float], step: float, order: list[int], tmp_path_factory: pytest.TempPathFactory
) -> None:
    axes = rotation(*angles)
    normal = np.cross(axes[0], axes[1])
    positions = [np.round(normal * step * n + [5, -7, 11], 4).tolist() for n in order]
    orientation = [float(f"{value:.8f}") for value in [*axes[0], *axes[1]]]
    grid = only_grid(write_stack(tmp_path_factory.mktemp("stack"), positions, orientation))
    assert np.linalg.det(np.array(grid.geometry.directions)) == pytest.approx(1.0, abs=1e-6)
    assert grid.geometry.spacing[2] == pytest.approx(step, abs=1e-3)
    assert grid.is_regular
    assert_slices_lie_on_the_grid(grid)


def rotation(a: float, b: float, c: float) -> np.ndarray:
    x = np.array([[1, 0, 0], [0, math.cos(a), -math.sin(a)], [0, math.sin(a), math.cos(a)]])
    y = np.array([[math.cos(b), 0, math.sin(b)], [0, 1, 0], [-math.sin(b), 0, math.cos(b)]])
    z = np.array([[math.cos(c), -math.sin(c), 0], [math.sin(c), math.cos(c), 0], [0, 0, 1]])
    return np.array(x @ y @ z)


def test_feet_first_prone_keeps_its_directions(tmp_path: Path) -> None:
    grid = only_grid(write_stack(tmp_path, along_z(0, 3, 6), (-1, 0, 0, 0, 1, 0)))
    assert grid.geometry.directions == ((-1, 0, 0), (0, 1, 0), (0, 0, -1))
    assert grid.geometry.origin == (10.0, 20.0, 6.0)


def test_a_missing_slice_leaves_its_place_empty(tmp_path: Path) -> None:
    grid = only_grid(write_stack(tmp_path, along_z(0, 2, 4, 8, 10)))
    assert grid.geometry.shape[0] == 6
    assert grid.missing_slices == (3,)
    assert grid.is_regular
    assert "1 of 6 slices are missing" in grid.warnings[0]


def test_two_slabs_far_apart_are_two_grids(tmp_path: Path) -> None:
    grids = read_image_grids(write_stack(tmp_path, along_z(0, 2, 4, 6, 200, 202, 204)))
    assert [grid.geometry.shape[0] for grid in grids] == [4, 3]


def test_irregular_spacing_is_said(tmp_path: Path) -> None:
    grid = only_grid(write_stack(tmp_path, along_z(0, 1, 2.4, 3.1, 5)))
    assert not grid.is_regular
    assert grid.geometry.shape[0] == 5
    assert grid.geometry.spacing[2] == pytest.approx(1.25)
    assert "varies from 0.7 to 1.9 mm" in grid.warnings[0]


def test_rounded_positions_are_regular(tmp_path: Path) -> None:
    grid = only_grid(write_stack(tmp_path, along_z(*[round(n * 10 / 3, 1) for n in range(10)])))
    assert grid.is_regular
    assert grid.geometry.spacing[2] == pytest.approx(10 / 3, abs=0.01)


def test_a_gantry_tilt_makes_the_stacking_direction_oblique(tmp_path: Path) -> None:
    tilt = math.radians(14)
    orientation = (1, 0, 0, 0, math.cos(tilt), -math.sin(tilt))
    grid = only_grid(write_stack(tmp_path, along_z(0, 5, 10, 15), orientation))
    assert grid.geometry.directions[2] == pytest.approx((0, 0, 1), abs=1e-6)
    assert grid.geometry.spacing[2] == pytest.approx(5)
    assert grid.is_regular
    assert "14.0 degrees" in grid.warnings[0]
    assert_slices_lie_on_the_grid(grid)


def test_coarsely_rounded_directions_are_no_tilt(tmp_path: Path) -> None:
    angle = math.radians(20)
    exact = np.array([0, -math.sin(angle), math.cos(angle)])
    orientation = (1, 0, 0, 0, round(math.cos(angle), 3), round(math.sin(angle), 3))
    grid = only_grid(write_stack(tmp_path, [np.round(exact * 2 * n, 4).tolist() for n in range(120)], orientation))
    assert grid.warnings == ()
    assert np.dot(grid.geometry.directions[1], grid.geometry.directions[2]) == pytest.approx(0, abs=1e-9)


def test_slices_shifted_sideways_by_differing_amounts_are_no_tilt(tmp_path: Path) -> None:
    grid = only_grid(write_stack(tmp_path, [(0, 0, 0), (4, 0, 1), (0, 0, 2), (0, 3, 3)]))
    assert not grid.is_regular
    assert "shifted sideways" in grid.warnings[0]


def test_one_slice_takes_its_thickness_and_says_so(tmp_path: Path) -> None:
    grid = only_grid(write_stack(tmp_path, along_z(0)))
    assert grid.geometry.spacing[2] == 2.5
    assert "2.5 mm" in grid.warnings[0]


def test_one_slice_without_thickness_is_assumed_to_be_1_mm_thick(tmp_path: Path) -> None:
    grid = only_grid(write_stack(tmp_path, along_z(0), SliceThickness=None))
    assert grid.geometry.spacing[2] == 1.0
    assert "1 mm is assumed" in grid.warnings[0]


def test_missing_pixel_spacing_is_said(tmp_path: Path) -> None:
    grid = only_grid(write_stack(tmp_path, along_z(0, 1), PixelSpacing=None))
    assert grid.geometry.spacing[:2] == (1.0, 1.0)
    assert "Pixel Spacing" in grid.warnings[0]


def test_a_localizer_of_another_orientation_is_a_grid_of_its_own(tmp_path: Path) -> None:
    axial = write_stack(tmp_path / "a", along_z(0, 1, 2))
    localizer = write_stack(tmp_path / "b", [(0, 0, 0)], (0, 1, 0, 0, 0, -1), SOPInstanceUID=f"{ROOT}.1.77")
    grids = read_image_grids(localizer + axial)
    assert [grid.geometry.shape[0] for grid in grids] == [3, 1]


def test_series_in_one_folder_are_kept_apart(tmp_path: Path) -> None:
    first = write_stack(tmp_path / "a", along_z(0, 1, 2))
    second = write_stack(tmp_path / "b", along_z(0, 1, 2, 3), SeriesInstanceUID=f"{ROOT}.2")
    second = [save(image(2, n, ImagePositionPatient=[0, 0, n]), path) for n, path in enumerate(second, 1)]
    assert [(grid.series_uid, grid.geometry.shape[0]) for grid in read_image_grids(first + second)] == [(f"{ROOT}.2", 4), (f"{ROOT}.1", 3)]


def phase(tmp_path: Path, number: int, start: int, **elements: Any) -> list[Path]:
    return [save(image(number=start + n, ImagePositionPatient=[0, 0, 2 * n], **elements), tmp_path / f"{number}-{n}.dcm") for n in range(3)]


def test_phases_at_the_same_places_are_told_apart_by_what_the_header_states(tmp_path: Path) -> None:
    paths = [path for number in (2, 1, 3) for path in phase(tmp_path, number, 10 * number, TemporalPositionIdentifier=number)]
    grids = read_image_grids(paths)
    assert [grid.label for grid in grids] == [f"TemporalPositionIdentifier {number}" for number in (1, 2, 3)]
    assert all(grid.geometry == grids[0].geometry for grid in grids)
    assert [Path(slice_.path).name for slice_ in grids[1].present_slices] == ["2-0.dcm", "2-1.dcm", "2-2.dcm"]


def test_phases_that_nothing_states_follow_the_instance_numbers(tmp_path: Path) -> None:
    paths = [path for number in (1, 2) for path in phase(tmp_path, number, 10 * number)]
    grids = read_image_grids(paths[::-1])
    assert [grid.label for grid in grids] == ["volume 1", "volume 2"]
    assert {Path(slice_.path).name[0] for slice_ in grids[0].present_slices} == {"1"}


def test_slices_a_few_micrometers_apart_are_no_phases(tmp_path: Path) -> None:
    grid = only_grid(write_stack(tmp_path, along_z(*[0.004 * n for n in range(8)]), PixelSpacing=[0.004, 0.004]))
    assert grid.geometry.spacing[2] == pytest.approx(0.004)


def test_phases_whose_places_wobble_a_little_are_phases(tmp_path: Path) -> None:
    first = phase(tmp_path, 1, 10, TemporalPositionIdentifier=1)
    second = [
        save(image(number=20 + n, ImagePositionPatient=[0, 0, 2 * n + 0.011 * (-1) ** n], TemporalPositionIdentifier=2), tmp_path / f"2-{n}.dcm")
        for n in range(3)
    ]
    assert [grid.geometry.shape[0] for grid in read_image_grids(first + second)] == [3, 3]


def test_an_incomplete_phase_keeps_its_gap(tmp_path: Path) -> None:
    paths = [path for number in (1, 2) for path in phase(tmp_path, number, 10 * number, AcquisitionNumber=number)]
    del paths[4]
    grids = read_image_grids(paths)
    assert [len(grid.present_slices) for grid in grids] == [3, 2]


def test_the_same_instance_in_two_files_counts_once(tmp_path: Path) -> None:
    paths = write_stack(tmp_path, along_z(0, 1, 2))
    copy = tmp_path / "copy.dcm"
    copy.write_bytes(paths[1].read_bytes())
    assert only_grid([*paths, copy]).geometry.shape[0] == 3


def enhanced(positions: list[list[float]]) -> Dataset:
    dataset = image(
        pixels=np.zeros((4 * len(positions), 6), np.int16),
        SOPClassUID=EnhancedCTImageStorage,
        Rows=4,
        NumberOfFrames=len(positions),
        ImagePositionPatient=None,
        ImageOrientationPatient=None,
        PixelSpacing=None,
        SliceThickness=None,
    )
    shared, orientation, measures = Dataset(), Dataset(), Dataset()
    orientation.ImageOrientationPatient = list(AXIAL)
    measures.PixelSpacing, measures.SliceThickness = [0.5, 0.75], 2.0
    shared.PlaneOrientationSequence, shared.PixelMeasuresSequence = [orientation], [measures]
    dataset.SharedFunctionalGroupsSequence = [shared]
    dataset.PerFrameFunctionalGroupsSequence = []
    for position in positions:
        frame, place = Dataset(), Dataset()
        place.ImagePositionPatient = position
        frame.PlanePositionSequence = [place]
        dataset.PerFrameFunctionalGroupsSequence.append(frame)
    return dataset


def test_frames_of_an_enhanced_object_are_slices(tmp_path: Path) -> None:
    grid = only_grid([save(enhanced([[0, 0, 4], [0, 0, 0], [0, 0, 2]]), tmp_path / "enhanced.dcm")])
    assert [slice_.frame_number for slice_ in grid.present_slices] == [2, 3, 1]
    assert grid.geometry.origin == (0.0, 0.0, 0.0)
    assert grid.geometry.spacing == (0.75, 0.5, 2.0)


def test_what_tells_phases_apart_is_found_in_the_groups_of_frames_and_in_those_they_share(tmp_path: Path) -> None:
    made = enhanced([[0, 0, 0], [0, 0, 2]])
    own, shared = Dataset(), Dataset()
    own.EffectiveEchoTime, shared.DiffusionBValue = 4.5, 800.0
    made.PerFrameFunctionalGroupsSequence[1].MREchoSequence = [own]
    made.SharedFunctionalGroupsSequence[0].MRDiffusionSequence = [shared]
    frames, _ = read_frames([save(made, tmp_path / "enhanced.dcm")], Task())
    assert [frame.labels["DiffusionBValue"] for frame in frames] == ["800.0", "800.0"]
    assert [frame.labels.get("EffectiveEchoTime") for frame in frames] == [None, "4.5"]


def test_dose_planes_follow_the_grid_frame_offset_vector(tmp_path: Path) -> None:
    dose = image(pixels=np.zeros((12, 6), np.uint16), Rows=4, NumberOfFrames=3, Modality="RTDOSE", GridFrameOffsetVector=[0, 3, 6])
    grid = only_grid([save(dose, tmp_path / "dose.dcm")])
    assert grid.geometry.shape == (3, 4, 6)
    assert grid.geometry.spacing[2] == 3.0


@pytest.mark.parametrize(
    ("elements", "reason"),
    [
        ({"ImagePositionPatient": None}, "no Image Position"),
        ({"ImageOrientationPatient": None}, "no Image Orientation"),
        ({"ImageOrientationPatient": [1, 0, 0, 1, 0, 0]}, "not perpendicular"),
        ({"ImageOrientationPatient": [0, 0, 0, 0, 0, 0]}, "no direction"),
        ({"Rows": None, "PixelData": b""}, "no pixels"),
        ({"SOPClassUID": SegmentationStorage}, "it is a segmentation"),
        ({"NumberOfFrames": 3, "SliceThickness": None}, "3 frames have no positions"),
    ],
)
def test_what_has_no_place_in_the_patient_is_named_with_its_reason(elements: dict[str, Any], reason: str, tmp_path: Path) -> None:
    path = save(image(**elements), tmp_path / "odd.dcm")
    with pytest.raises(ConversionError, match=reason) as caught:
        read_image_grids([path])
    assert str(path) in str(caught.value)


def test_images_without_a_place_are_put_at_the_origin_on_request(tmp_path: Path) -> None:
    nowhere = {"ImagePositionPatient": None, "ImageOrientationPatient": None, "PixelSpacing": None}
    path = save(image(**nowhere, ImagerPixelSpacing=[0.2, 0.3], Modality="DX"), tmp_path / "x.dcm")
    (grid,) = read_image_grids([path], assume_positions=True)
    assert (grid.geometry.origin, grid.geometry.spacing) == ((0, 0, 0), (0.3, 0.2, 2.5))
    assert "no position in the patient" in grid.warnings[0]
    assert not grid.is_placed
    cine = save(image(pixels=np.zeros((12, 6), np.int16), Rows=4, NumberOfFrames=3, **nowhere), tmp_path / "cine.dcm")
    (grid,) = read_image_grids([cine], assume_positions=True)
    assert grid.geometry.shape == (3, 4, 6)


def multi_frame(count=6, **elements):
    """A CT with several frames and no functional groups."""
    values = {"NumberOfFrames": count, "Rows": 4, "SliceThickness": None, **elements}
    return image(pixels=np.zeros((4 * count, 6), np.int16), **values)


@pytest.mark.parametrize("spacing", [4, -4])
def test_frames_without_functional_groups_follow_the_spacing_in_its_direction(spacing, tmp_path):
    made = multi_frame(SpacingBetweenSlices=spacing, ImagePositionPatient=[1, 2, 30])
    grid = only_grid([save(made, tmp_path / "ct.dcm")])
    assert grid.geometry.spacing[2] == 4
    # A negative spacing stacks the frames in front of the first (PS3.3 C.8.4.15).
    assert grid.geometry.origin == (1, 2, 30 if spacing > 0 else 10)
    order = [1, 2, 3, 4, 5, 6]
    assert [slice_.frame_number for slice_ in grid.present_slices] == (order if spacing > 0 else order[::-1])
    assert grid.warnings == ()


def test_frames_that_state_no_distance_take_their_thickness_and_that_is_said(tmp_path):
    grid = only_grid([save(multi_frame(SliceThickness=2.5), tmp_path / "ct.dcm")])
    assert grid.geometry.spacing[2] == 2.5
    assert "state no distance; their slice thickness of 2.5 mm is taken" in grid.warnings[0]


def detector(position, orientation=AXIAL):
    item = Dataset()
    item.ImagePositionPatient, item.ImageOrientationPatient = list(position), list(orientation)
    return item


def nuclear(count, pointers, **vectors):
    made = multi_frame(count, ImagePositionPatient=None, ImageOrientationPatient=None, SpacingBetweenSlices=-3, Modality="NM")
    made.DetectorInformationSequence = [detector((5, 6, 7))]
    made.FrameIncrementPointer = pointers
    for keyword, values in vectors.items():
        setattr(made, keyword, values)
    return made


def test_nuclear_medicine_takes_its_place_from_the_detector_and_its_slices_from_their_vector(tmp_path):
    made = nuclear(3, 0x00540080, SliceVector=[2, 1, 3])
    grid = only_grid([save(made, tmp_path / "nm.dcm")])
    assert grid.geometry.origin == (5, 6, 1)
    assert [slice_.frame_number for slice_ in grid.present_slices] == [3, 1, 2]


def test_gated_slices_are_a_grid_for_each_time_slot(tmp_path):
    made = nuclear(6, [0x00540070, 0x00540080], TimeSlotVector=[1, 1, 1, 2, 2, 2], SliceVector=[1, 2, 3] * 2)
    grids = read_image_grids([save(made, tmp_path / "nm.dcm")])
    assert [grid.label for grid in grids] == ["TimeSlotVector 1", "TimeSlotVector 2"]
    assert [grid.geometry.shape[0] for grid in grids] == [3, 3]


def test_projections_of_nuclear_medicine_are_no_slices(tmp_path):
    made = nuclear(4, [0x00540090], AngularViewVector=[1, 2, 3, 4])
    with pytest.raises(ConversionError, match="4 frames have no positions"):
        read_image_grids([save(made, tmp_path / "nm.dcm")])


def test_frames_of_a_cine_at_one_place_are_moments_not_slices(tmp_path):
    made = multi_frame(3, FrameIncrementPointer=0x00181063, FrameTime=40, SpacingBetweenSlices=4)
    grids = read_image_grids([save(made, tmp_path / "cine.dcm")])
    assert [(grid.label, grid.geometry.shape[0]) for grid in grids] == [("Frame 1", 1), ("Frame 2", 1), ("Frame 3", 1)]


def test_files_without_sop_instance_uid_are_told_apart(tmp_path):
    paths = write_stack(tmp_path, along_z(0, 2, 4))
    for path in paths:
        made = pydicom.dcmread(path)
        made.SOPInstanceUID = ""
        made.save_as(path)
    assert only_grid(paths).geometry.shape[0] == 3


def test_two_passes_that_share_a_slice_and_state_no_acquisition_are_two_grids(tmp_path):
    grids = read_image_grids(write_stack(tmp_path, along_z(0, 3, 6, 9, 9, 12, 15)))
    assert [(grid.geometry.shape[0], grid.geometry.origin[2]) for grid in grids] == [(4, 0), (3, 9)]


@pytest.mark.parametrize("stated", [True, False])
def test_passes_that_overlap_with_an_offset_are_two_grids(tmp_path, stated):
    heights = [*np.arange(6) * 2.0, *(np.arange(5) * 2.0 + 8.7)]
    paths = write_stack(tmp_path, along_z(*heights))
    if stated:
        for n, path in enumerate(paths):
            dataset = pydicom.dcmread(path)
            # Stored in turn, so that only what they state tells them apart.
            dataset.AcquisitionNumber, dataset.InstanceNumber = (1 if n < 6 else 2), n * 7 % 11
            dataset.save_as(path)
    grids = read_image_grids(paths)
    assert [(grid.geometry.shape[0], grid.geometry.origin[2], grid.is_regular) for grid in grids] == [(6, 0, True), (5, 8.7, True)]
    assert [grid.label for grid in grids] == (["AcquisitionNumber 1", "AcquisitionNumber 2"] if stated else ["volume 1", "volume 2"])


def test_passes_that_go_down_and_start_again_at_the_top_are_told_apart(tmp_path):
    heights = [*(10.0 - np.arange(5) * 2.0), *(16.7 - np.arange(5) * 2.0)]
    grids = read_image_grids(write_stack(tmp_path, along_z(*heights)))
    assert sorted((grid.geometry.shape[0], grid.geometry.origin[2], grid.is_regular) for grid in grids) == [
        (5, 2, True),
        (5, pytest.approx(8.7), True),
    ]


def test_phases_whose_label_is_no_number_come_last(tmp_path):
    paths = write_stack(tmp_path, along_z(*[0, 2, 4] * 3))
    for n, path in enumerate(paths):
        dataset = pydicom.dcmread(path)
        dataset.ContrastBolusAgent = ("water", "10", "9")[n // 3]
        dataset.save_as(path)
    assert [grid.label for grid in read_image_grids(paths)] == [f"ContrastBolusAgent {value}" for value in ("9", "10", "water")]


def test_uneven_slices_in_one_pass_are_one_grid_whatever_their_acquisition_numbers(tmp_path):
    paths = write_stack(tmp_path, along_z(0, 2, 4, 6, 9.1, 12, 15, 18.2))
    for n, path in enumerate(paths):
        dataset = pydicom.dcmread(path)
        dataset.AcquisitionNumber = n // 4
        dataset.save_as(path)
    assert len(read_image_grids(paths)) == 1


def test_slabs_that_are_even_alone_but_not_together_are_two_grids(tmp_path):
    grids = read_image_grids(write_stack(tmp_path, along_z(0, 3, 6, 9, 20.4, 23.4, 26.4)))
    assert [(grid.geometry.shape[0], grid.is_regular) for grid in grids] == [(4, True), (3, True)]


def test_a_frame_of_reference_for_each_image_is_taken_as_one_and_that_is_said(tmp_path):
    paths = [
        save(image(number=n, ImagePositionPatient=[0, 0, 2 * n], FrameOfReferenceUID=f"{ROOT}.9.{n}"), tmp_path / f"{n}.dcm") for n in range(1, 5)
    ]
    grid = only_grid(paths)
    assert grid.geometry.shape[0] == 4
    assert "frame of reference of its own" in grid.warnings[0]


def test_two_frames_of_reference_of_several_images_each_are_two_grids(tmp_path):
    paths = [
        save(image(number=n, ImagePositionPatient=[0, 0, 2 * n], FrameOfReferenceUID=f"{ROOT}.9.{n // 3}"), tmp_path / f"{n}.dcm")
        for n in range(1, 6)
    ]
    assert [grid.geometry.shape[0] for grid in read_image_grids(paths)] == [3, 2]


def test_gray_images_go_before_larger_color_ones(tmp_path: Path) -> None:
    gray = write_stack(tmp_path, along_z(0, 1))
    color = save(
        image(number=9, pixels=np.zeros((90, 90), np.uint8), Columns=30, SamplesPerPixel=3, PhotometricInterpretation="RGB", PlanarConfiguration=0),
        tmp_path / "color.dcm",
    )
    assert [grid.is_color for grid in read_image_grids([color, *gray])] == [False, True]


def test_files_that_are_no_dicom_are_passed_over(tmp_path: Path) -> None:
    readme = tmp_path / "README.txt"
    readme.write_text("not an image")
    assert only_grid([readme, *write_stack(tmp_path, along_z(0, 1)), tmp_path / "gone.dcm"]).geometry.shape[0] == 2


def test_no_image_at_all_is_an_error(tmp_path: Path) -> None:
    readme = tmp_path / "README.txt"
    readme.write_text("not an image")
    with pytest.raises(ConversionError, match=r"README.txt.*not a DICOM file"):
        read_image_grids([readme])
    with pytest.raises(ConversionError, match="No image files"):
        read_image_grids([])


def test_a_cancelled_task_stops(tmp_path: Path) -> None:
    task = Task()
    task.cancel()
    with pytest.raises(CancelledError):
        read_image_grids(write_stack(tmp_path, along_z(0, 1)), task)


def test_the_three_phases_of_a_breast_mr_lie_on_one_grid() -> None:
    grids = read_image_grids(sorted(real_data("mirp/dce_images_mr/UCSF-BR-06/image_dce_3dfgre_orig").iterdir()))
    assert [grid.geometry.shape for grid in grids] == [(60, 256, 256)] * 3
    assert len({grid.geometry for grid in grids}) == 1
    assert all(grid.is_regular and not grid.missing_slices for grid in grids)


def test_real_gaps_and_tilts() -> None:
    failing = real_data("dicom2nifti/tests/data/failing")
    gap = only_grid(sorted((failing / "sliceincrement/001").iterdir()))
    assert (gap.geometry.shape[0], gap.missing_slices) == (5, (3,))
    tilted = only_grid(sorted((failing / "gantrytilting/001").iterdir()))
    assert tilted.geometry.directions[2] == pytest.approx((0, 0, 1), abs=1e-3)
    assert_slices_lie_on_the_grid(tilted, 0.05)


def test_spacing_is_measured_rather_than_believed() -> None:
    grid = only_grid(sorted(real_data("dcmqi/data/segmentations/ct-3slice").iterdir()))
    assert grid.geometry.spacing[2] == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("places", "sizes"),
    [
        # Of slabs far apart: a gap of four slices is a gap within one, a wider one lies between two.
        ((0, 2, 4, 12, 14, 100, 102, 104), [8, 3]),
        ((0, 2, 4, 12.2, 14.2, 100.2, 102.2, 104.2), [3, 3, 2]),
    ],
)
def test_how_far_slabs_are_apart_before_they_are_volumes_of_their_own(places: tuple[float, ...], sizes: list[int], tmp_path: Path) -> None:
    assert sorted((grid.geometry.shape[0] for grid in read_image_grids(write_stack(tmp_path, along_z(*places)))), reverse=True) == sizes


def test_the_usual_distance_is_the_middle_one_of_all(tmp_path: Path) -> None:
    """Of two middle ones the smaller: with the larger, these four would be one volume."""
    grids = read_image_grids(write_stack(tmp_path, along_z(0, 1, 40, 41)))
    assert [grid.geometry.shape[0] for grid in grids] == [2, 2]


def test_a_slice_that_has_to_be_left_out_is_said(tmp_path):
    paths = write_stack(tmp_path, [(0, 0, n) for n in range(3)])
    save(image(number=4, ImagePositionPatient=[0, 0, 3], ImageOrientationPatient=None), tmp_path / "4.dcm")
    save(image(number=5, ImagePositionPatient=[0, 0, 4], ImageOrientationPatient=list(AXIAL), Rows=None), tmp_path / "5.dcm")
    (tmp_path / "6.dcm").write_bytes(paths[0].read_bytes()[:300])
    (tmp_path / "notes.txt").write_text("no image")
    for added, text in (("4.dcm", "Image Orientation"), ("5.dcm", "no Rows and Columns"), ("6.dcm", "cut off")):
        (grid,) = read_image_grids([*paths, tmp_path / added, tmp_path / "notes.txt"])
        assert len(grid.slices) == 3
        assert grid.warnings[-1].startswith(f"1 image file was skipped: {added} (") and text in grid.warnings[-1]
    (grid,) = read_image_grids([*paths, tmp_path / "notes.txt"])
    assert grid.warnings == ()


def test_names_of_a_guessed_character_set_are_said(tmp_path):
    paths = write_stack(tmp_path, [(0, 0, n) for n in range(3)], SpecificCharacterSet=None, PatientName="Xxxxx^Xx")
    for path in paths:
        path.write_bytes(path.read_bytes().replace(b"Xxxxx^Xx", "Müll^er".encode()))
    (grid,) = read_image_grids(paths)
    assert "assumed to be UTF-8" in grid.warnings[-1]


@pytest.mark.parametrize(
    ("step", "elements", "text"),
    [
        (1, {"PixelSpacing": ["1e9", "1e9"]}, "voxels are 1e+09 mm large"),
        (1, {"PixelSpacing": ["1e-300", "1e-300"]}, "voxels are 1e-300 mm large"),
        (1e9, {}, "1e+09 mm away from the origin"),
    ],
)
def test_geometry_that_makes_no_sense_is_refused(tmp_path, step, elements, text):
    paths = write_stack(tmp_path, [(0, 0, step * n) for n in range(1, 4)], **elements)
    with pytest.raises(ConversionError, match=re.escape(text)):
        read_image_grids(paths)


def test_a_thickness_that_makes_no_sense_is_as_none(tmp_path):
    (grid,) = read_image_grids(write_stack(tmp_path, [(0, 0, 0)], SliceThickness="1e9"))
    assert grid.geometry.spacing[2] == 1.0 and grid.warnings
