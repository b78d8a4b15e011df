"""Segmentations of slides in their sizes: overviews and windows agree with the total pixel matrix that was drawn and that others read."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pydicom
import pytest
from helpers import seg_files as sf
from helpers.seg_slides import COLUMNS, ROWS, on_slide
from helpers.slide_files import known_segments, saved_segments, saved_slide

from IDCBrowserLib.demo.objects.slide import drawn_nuclei, tissue, within
from IDCBrowserLib.errors import ConversionError
from IDCBrowserLib.slide.levels import read_slide
from IDCBrowserLib.slide.segment_levels import check_place, laid_over, read_segment_levels
from IDCBrowserLib.task import Task


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    return saved_segments(str(tmp_path_factory.mktemp("segments")))


def masks_of(labelmap) -> dict[str, np.ndarray]:
    return {segment.name: labelmap.layers[segment.layer][0] == segment.label_value for segment in labelmap.segments}


def test_two_sizes_are_one_segmentation_and_the_overview_is_the_one_that_fits(files):
    [found], notes = read_segment_levels(files[::-1])
    assert notes == [] and found.files == files
    whole = found.overview(1 << 20, Task())
    assert {name: mask.tolist() for name, mask in masks_of(whole).items()} == {"Tissue": tissue().tolist(), "Nuclei": within(drawn_nuclei()).tolist()}
    assert [{"number": s.number, "name": s.name, "voxels": s.voxels} for s in whole.segments] == known_segments()["segments"]
    assert whole.warnings == () and whole.overlapping_voxels == int((tissue() & within(drawn_nuclei())).sum())
    half = found.overview((1 << 20) - 1, Task())
    assert half.geometry.shape == (1, 512, 512) and np.array_equal(masks_of(half)["Tissue"], tissue()[1::2, 1::2])
    assert "has 1,024 x 1,024 pixels; an overview of 512 x 512 is loaded" in half.warnings[0]
    # The middle pixels of squares, where the smallest size is too large.
    small = found.overview(1000, Task())
    assert small.geometry.shape == (1, 31, 31) and small.geometry.spacing[0] == pytest.approx(0.017)
    assert small.segments[0].voxels == pytest.approx(int(tissue().sum()), rel=0.05)


def test_highdicom_finds_the_same_matrix(files):
    seg = pytest.importorskip("highdicom.seg")
    theirs = seg.Segmentation.from_dataset(pydicom.dcmread(files[0]), copy=False)
    matrix = theirs.get_total_pixel_matrix(combine_segments=False)
    ours = masks_of(read_segment_levels(files[:1])[0][0].overview(1 << 20, Task()))
    assert np.array_equal(matrix[..., 0] > 0, ours["Tissue"]) and np.array_equal(matrix[..., 1] > 0, ours["Nuclei"])


def test_a_window_comes_from_the_size_that_is_nearest_to_what_is_shown(files):
    [found], _notes = read_segment_levels(files)
    truth = within(drawn_nuclei())
    close = found.window((0.25, 0.5, 0.5, 0.75), 256, 256, Task())
    assert (close.rows, close.rect) == (1024, (0.25, 0.5, 0.5, 0.75))
    assert np.array_equal(np.any([layer == 2 for layer in close.layers], axis=0), truth[512:768, 256:512])
    far = found.window((0.0, 0.0, 1.0, 1.0), 300, 300, Task())
    assert far.rows == 512 and far.layers[0].shape == (512, 512)
    tiny = found.window((0.0, 0.0, 1.0, 1.0), 100, 100, Task())
    assert tiny.layers[0].shape == (103, 103), "every fifth pixel"
    with pytest.raises(ConversionError, match="not a window"):
        found.window((0.5, 0.0, 0.4, 1.0), 10, 10, Task())


@pytest.mark.parametrize(("kind", "full"), [("BINARY", False), ("BINARY", True), ("LABELMAP", False), ("LABELMAP", True)])
def test_tiles_of_every_kind_lie_where_pydicom_finds_them(tmp_path: Path, kind, full):
    array = sf.channels(1, ROWS, COLUMNS, count=2)[0] if kind == "BINARY" else sf.labels(1, ROWS, COLUMNS)[0]
    path = sf.save(on_slide(array, kind=kind, full=full), tmp_path / "seg.dcm")
    [found], _notes = read_segment_levels([str(path)])
    window = found.window((0.3, 0.2, 0.9, 1.0), 4000, 4000, Task())
    left, top = round(window.rect[0] * COLUMNS), round(window.rect[1] * ROWS)
    rows, columns = window.layers[0].shape
    own = array[top : top + rows, left : left + columns]
    if kind == "LABELMAP":
        assert np.array_equal(window.layers[0], own)
    else:
        for number in (1, 2):
            assert np.array_equal(np.any([layer == number for layer in window.layers], axis=0), own[..., number - 1] > 0)


def test_fractions_count_from_a_half(tmp_path: Path):
    array = sf.channels(1, ROWS, COLUMNS, count=1)[0]
    made = on_slide(array)
    stored = np.unpackbits(np.frombuffer(made.PixelData, np.uint8), bitorder="little")[: made.NumberOfFrames * made.Rows * made.Columns]
    values = np.where(stored > 0, 200, 100).astype(np.uint8)
    made.SegmentationType, made.SegmentationFractionalType, made.MaximumFractionalValue = "FRACTIONAL", "PROBABILITY", 255
    made.BitsAllocated = made.BitsStored = 8
    made.HighBit = 7
    made.PixelData = values.tobytes() + b"\0" * (values.size % 2)
    [found], _notes = read_segment_levels([str(sf.save(made, tmp_path / "seg.dcm"))])
    assert np.array_equal(masks_of(found.overview(1 << 20, Task()))["Part 1"], array[..., 0] > 0)


def test_a_file_without_places_is_said_and_the_others_are_shown(files, tmp_path: Path):
    broken = pydicom.dcmread(files[0])
    del broken.PerFrameFunctionalGroupsSequence[3].PlanePositionSlideSequence
    broken.save_as(tmp_path / "broken.dcm")
    [found], _notes = read_segment_levels([str(tmp_path / "broken.dcm"), files[1]])
    window = found.window((0.0, 0.0, 0.5, 0.5), 512, 512, Task())
    assert window.rows == 512 and "missing for frame 4, so its place is unknown" in window.notes[0]
    with pytest.raises(ConversionError, match="is missing for frame 4"):
        read_segment_levels([str(tmp_path / "broken.dcm")])[0][0].overview(1 << 20, Task())


def test_tiles_that_take_too_long_are_counted_and_said(files):
    from IDCBrowserLib.labelmap.seg.header import open_seg
    from IDCBrowserLib.labelmap.seg.slide_matrix import SlideMatrix, damage

    seconds = iter(range(1000))
    matrix = SlideMatrix(open_seg(files[0]), clock=lambda: float(next(seconds)))
    part = matrix.part(matrix.seg.segments, (0, 1024), (0, 1024), 4, Task(), most_s=10.0)
    assert part.late == len(matrix.tiles.row) - 10
    assert damage(part, "seg.dcm") == [f"{part.late} tiles of seg.dcm would take too long and are skipped. Zoom in to see them."]


def test_a_segmentation_of_another_frame_of_reference_or_beside_the_slide_is_refused(files, tmp_path: Path):
    slide = read_slide(saved_slide(str(tmp_path / "slide")))
    check_place(read_segment_levels(files)[0][0], slide)
    elsewhere = pydicom.dcmread(files[1])
    elsewhere.FrameOfReferenceUID = "1.2.3"
    elsewhere.save_as(tmp_path / "frame.dcm")
    with pytest.raises(ConversionError, match=r"has another frame of reference \(1.2.3\) than the slide"):
        check_place(read_segment_levels([str(tmp_path / "frame.dcm")])[0][0], slide)
    beside = pydicom.dcmread(files[1])
    beside.TotalPixelMatrixOriginSequence[0].XOffsetInSlideCoordinateSystem = "40"
    beside.save_as(tmp_path / "beside.dcm")
    with pytest.raises(ConversionError, match="lies beside the slide"):
        check_place(read_segment_levels([str(tmp_path / "beside.dcm")])[0][0], slide)
    # It is no size of the other one either.
    assert len(read_segment_levels([files[0], str(tmp_path / "beside.dcm")])[0]) == 2


def test_sizes_that_state_one_origin_share_a_corner_with_the_picture(files, tmp_path: Path):
    slide = read_slide(saved_slide(str(tmp_path / "slide")))
    [found], _notes = read_segment_levels(files)
    half = found.overview(300_000, Task()).geometry
    picture = slide.levels[2].geometry()
    assert laid_over(half, picture, found, slide) is half, "each states the center of its first pixel"
    same = pydicom.dcmread(files[1])
    same.TotalPixelMatrixOriginSequence[0] = pydicom.dcmread(files[0]).TotalPixelMatrixOriginSequence[0]
    same.save_as(tmp_path / "same.dcm")
    [other], _notes = read_segment_levels([files[0], str(tmp_path / "same.dcm")])
    moved = laid_over(other.overview(300_000, Task()).geometry, picture, other, slide)
    assert moved.origin == pytest.approx(half.origin) and moved.spacing == half.spacing


def test_a_part_of_a_slide_lies_where_its_origin_says_also_where_all_levels_share_one(files, tmp_path: Path):
    slide = read_slide(saved_slide(str(tmp_path / "slide")))
    slide = replace(slide, levels=tuple(replace(level, origin=slide.levels[0].origin) for level in slide.levels))
    part = pydicom.dcmread(files[1])
    origin = part.TotalPixelMatrixOriginSequence[0]
    x, y, _z = slide.levels[0].origin
    origin.XOffsetInSlideCoordinateSystem, origin.YOffsetInSlideCoordinateSystem = f"{x - 0.1:.6f}", f"{y - 0.2:.6f}"
    part.save_as(tmp_path / "part.dcm")
    [found], _notes = read_segment_levels([str(tmp_path / "part.dcm")])
    picture = slide.levels[1].geometry()
    moved = laid_over(found.overview(300_000, Task()).geometry, picture, found, slide)
    corners = [(geometry.index_to_lps() @ [-0.5, -0.5, 0, 1])[:2] for geometry in (moved, picture)]
    assert corners[0] - corners[1] == pytest.approx([-0.1, -0.2], abs=1e-5)


@pytest.mark.parametrize(("rows", "columns", "most"), [(4_000_000_000, 1, 0), (1 << 20, 4000, 1 << 25)])
def test_a_matrix_that_claims_to_be_huge_takes_little_memory(tmp_path: Path, rows, columns, most):
    made = on_slide(sf.channels(1, ROWS, COLUMNS, count=1)[0])
    made.TotalPixelMatrixRows, made.TotalPixelMatrixColumns = rows, columns
    path = str(sf.save(made, tmp_path / "seg.dcm"))
    if not most:
        with pytest.raises(ConversionError, match="no slide is so large"):
            read_segment_levels([path])
        return
    [found], _notes = read_segment_levels([path])
    assert found.window((0.0, 0.0, 1.0, 1.0), 4000, 1000, Task()).layers[0].size <= most
    assert found.overview(1 << 22, Task()).layers[0].size <= most


def test_hundreds_of_segments_over_each_other_are_refused(tmp_path: Path):
    path = str(sf.save(on_slide(np.ones((ROWS, COLUMNS, 70), np.uint8)), tmp_path / "seg.dcm"))
    [found], _notes = read_segment_levels([path])
    with pytest.raises(ConversionError, match="More than 64 segments lie over each other"):
        found.overview(1 << 20, Task())
    with pytest.raises(ConversionError, match="More than 64 segments"):
        found.window((0.0, 0.0, 1.0, 1.0), 100, 100, Task())


def test_of_a_file_on_this_computer_nothing_has_to_be_fetched(files):
    from IDCBrowserLib.labelmap.seg.slide_matrix import SlideMatrix

    matrix = SlideMatrix.of_file(files[0])
    assert matrix.bytes_of((0, 1024), (0, 1024), {1, 2}) == 0
    assert matrix.bytes_by_segment() == ({}, 0)
