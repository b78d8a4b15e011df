"""SEG drawn on slide microscopy: small ones as their total pixel matrix, large ones with a link to Slim."""

import numpy as np
import pytest
from helpers import seg_files as sf
from helpers.seg_peers import ours
from helpers.seg_slides import COLUMNS, ROWS, on_slide

from IDCBrowserLib.errors import ConversionError
from IDCBrowserLib.labelmap.convert import convert, describe
from IDCBrowserLib.labelmap.options import ConvertOptions
from IDCBrowserLib.labelmap.seg import slide


@pytest.mark.parametrize("syntax", ["1.2.840.10008.1.2", "1.2.840.10008.1.2.1"])
@pytest.mark.parametrize("full", [False, True])
def test_tiles_become_the_total_pixel_matrix(tmp_path, full, syntax):
    array = sf.channels(1, ROWS, COLUMNS, count=3)[0]
    found = convert(sf.save_as(on_slide(array, full=full), tmp_path / "seg.dcm", syntax))
    assert {number: mask[0].tolist() for number, mask in ours(found).items()} == {n + 1: (array[..., n] > 0).tolist() for n in range(3)}
    assert found.geometry.shape == (1, ROWS, COLUMNS)
    assert found.geometry.origin == (20, 30, 0)
    assert found.geometry.directions[0] == (0, -1, 0)
    assert [segment.voxels for segment in found.segments] == array.sum(axis=(0, 1)).tolist()
    assert "It also opens in Slim: https://viewer.imaging.datacommons.cancer.gov/slim/studies/" in found.warnings[0]


def test_tiles_of_one_segment_may_state_it_together(tmp_path):
    array = sf.channels(1, ROWS, COLUMNS, count=1)[0]
    made = on_slide(array)
    made.SharedFunctionalGroupsSequence[0].SegmentIdentificationSequence = made.PerFrameFunctionalGroupsSequence[0].SegmentIdentificationSequence
    for group in made.PerFrameFunctionalGroupsSequence:
        del group.SegmentIdentificationSequence
    assert np.array_equal(convert(sf.save(made, tmp_path / "seg.dcm")).labelmap_volume()[0], array[..., 0])
    del made.SharedFunctionalGroupsSequence[0].SegmentIdentificationSequence
    with pytest.raises(ConversionError, match=r"no Referenced Segment Number \(0062,000B\)"):
        convert(sf.save(made, tmp_path / "none.dcm"))


@pytest.mark.parametrize("full", [False, True])
def test_label_maps_on_slides(tmp_path, full):
    array = sf.labels(1, ROWS, COLUMNS)[0]
    found = convert(sf.save(on_slide(array, kind="LABELMAP", full=full), tmp_path / "seg.dcm"))
    assert np.array_equal(found.labelmap_volume()[0], array)


def test_that_it_was_drawn_on_a_slide_is_told_without_decoding(tmp_path):
    made = on_slide(sf.labels(1, ROWS, COLUMNS)[0], kind="LABELMAP")
    assert describe(sf.save(made, tmp_path / "seg.dcm"))["on_slide"] is True
    del made.TotalPixelMatrixColumns
    assert describe(sf.save(made, tmp_path / "seg.dcm"))["on_slide"] is True, "it states an orientation on the slide"
    assert describe(sf.save(sf.seg(sf.images(1, 4, 4), sf.labels(1, 4, 4)), tmp_path / "ct.dcm"))["on_slide"] is False


def test_a_subset_on_a_slide(tmp_path):
    array = sf.channels(1, ROWS, COLUMNS, count=3)[0]
    found = convert(sf.save(on_slide(array), tmp_path / "seg.dcm"), options=ConvertOptions(segments=frozenset({2})))
    assert np.array_equal(found.labelmap_volume()[0] > 0, array[..., 1] > 0)


def test_a_large_slide_is_shown_the_way_to_slim_without_decoding(tmp_path):
    made = on_slide(sf.channels(1, ROWS, COLUMNS, count=1)[0])
    made.TotalPixelMatrixRows = made.TotalPixelMatrixColumns = 100_000
    path = sf.save(made, tmp_path / "seg.dcm")
    with pytest.raises(ConversionError, match=r"slide of 100,000 x 100,000 pixels.*--slide-step 13.*in Slim: https://viewer.*/series/"):
        convert(path)
    assert [segment["name"] for segment in describe(path)["segments"]] == ["Part 1"]


@pytest.mark.parametrize(("most", "step", "is_too_large"), [(0, 1, False), (-1, 1, True), (-1, 2, False)])
def test_a_slide_is_too_large_from_the_next_pixel_on(tmp_path, monkeypatch, most, step, is_too_large):
    monkeypatch.setattr(slide, "_LARGEST_MATRIX", ROWS * COLUMNS + most)
    path = sf.save(on_slide(sf.channels(1, ROWS, COLUMNS, count=1)[0]), tmp_path / "seg.dcm")
    if is_too_large:
        with pytest.raises(ConversionError, match=r"too many for a labelmap volume\. Convert one of 2 pixels each way \(--slide-step 2\)"):
            convert(path, options=ConvertOptions(slide_step=step))
    else:
        assert convert(path, options=ConvertOptions(slide_step=step)).geometry.shape == (1, ROWS // step, COLUMNS // step)


def test_every_so_many_pixels_of_a_slide(tmp_path):
    array = sf.labels(1, ROWS, COLUMNS)[0]
    found = convert(sf.save(on_slide(array, kind="LABELMAP"), tmp_path / "seg.dcm"), options=ConvertOptions(slide_step=4))
    rows, columns = np.minimum(np.arange(2, ROWS + 2, 4), ROWS - 1), np.arange(2, COLUMNS, 4)
    assert np.array_equal(found.labelmap_volume()[0], array[rows][:, columns])
    whole = convert(tmp_path / "seg.dcm")
    assert found.geometry.spacing[:2] == tuple(4 * value for value in whole.geometry.spacing[:2])
    # The first pixel stands for four by four.
    across, down, thick = whole.geometry.spacing
    assert found.geometry.origin == pytest.approx((20 - 1.5 * down, 30 - 1.5 * across, 0)) and found.geometry.spacing[2] == thick
    assert found.segments[0].volume_mm3 == pytest.approx(found.segments[0].voxels * 16 * across * down * thick)


def test_images_given_with_a_slide_are_not_needed(tmp_path):
    path = sf.save(on_slide(sf.channels(1, ROWS, COLUMNS, count=1)[0]), tmp_path / "seg.dcm")
    assert convert(path, [tmp_path / "nothing.dcm"]).geometry.shape == (1, ROWS, COLUMNS)
    with pytest.raises(ConversionError, match="made on a slide"):
        convert(path, options=ConvertOptions(grid="images"))


@pytest.mark.parametrize(("axis", "size"), [("Row", ROWS), ("Column", COLUMNS)])
def test_a_tile_that_begins_off_the_image_is_named(tmp_path, axis, size):
    made = on_slide(sf.channels(1, ROWS, COLUMNS, count=1)[0])
    place = made.PerFrameFunctionalGroupsSequence[4].PlanePositionSlideSequence[0]
    for number, said in ((-7, "-7"), (0, "0"), (1, None), (size, None), (size + 1, f"{size + 1}")):
        setattr(place, f"{axis}PositionInTotalImagePixelMatrix", number)
        path = sf.save(made, tmp_path / "seg.dcm")
        if said is not None:
            with pytest.raises(ConversionError, match=rf"seg\.dcm: Frame 5 is outside the image.* {axis.lower()} {said}\b"):
                convert(path)
        else:
            assert convert(path).geometry.shape == (1, ROWS, COLUMNS)


def test_a_wrong_number_of_tiles_is_named(tmp_path):
    made = on_slide(sf.channels(1, ROWS, COLUMNS, count=1)[0], full=True)
    made.NumberOfFrames = 8
    with pytest.raises(ConversionError, match=r"Number of Frames \(0028,0008\) is 8 where 3 x 3 tiles of 1 segments are required"):
        convert(sf.save(made, tmp_path / "seg.dcm"))


def test_a_tile_without_its_row_or_column_is_an_error(tmp_path):
    for keyword in ("RowPositionInTotalImagePixelMatrix", "ColumnPositionInTotalImagePixelMatrix"):
        made = on_slide(sf.channels(1, ROWS, COLUMNS, count=1)[0])
        del made.PerFrameFunctionalGroupsSequence[1].PlanePositionSlideSequence[0][keyword]
        with pytest.raises(ConversionError, match="missing for frame 2"):
            convert(sf.save(made, tmp_path / "seg.dcm"))


def test_a_tile_without_a_place_is_named(tmp_path):
    made = on_slide(sf.channels(1, ROWS, COLUMNS, count=1)[0])
    del made.PerFrameFunctionalGroupsSequence[2].PlanePositionSlideSequence
    with pytest.raises(ConversionError, match=r"\(0048,021A\) is missing for frame 3"):
        convert(sf.save(made, tmp_path / "seg.dcm"))


@pytest.mark.parametrize(("stated", "thickness"), [(0.004, 0.004), (None, None), (0, None)])
def test_a_slide_is_as_thick_as_stated_else_as_its_pixels_are_wide(tmp_path, stated, thickness):
    made = on_slide(sf.channels(1, ROWS, COLUMNS, count=1)[0])
    measures = made.SharedFunctionalGroupsSequence[0].PixelMeasuresSequence[0]
    measures.PixelSpacing = [0.5, 0.25]
    if stated is None:
        del measures.SliceThickness
    else:
        measures.SliceThickness = stated
    found = convert(sf.save(made, tmp_path / "seg.dcm"))
    assert found.geometry.spacing == (0.25, 0.5, thickness or 0.5)


@pytest.mark.parametrize("lacking", ["TotalPixelMatrixOriginSequence", "ImageOrientationSlide", (0, 0.25), (0.5, -0.25), None])
def test_a_slide_has_an_origin_an_orientation_and_a_spacing(tmp_path, lacking):
    made = on_slide(sf.channels(1, ROWS, COLUMNS, count=1)[0])
    if isinstance(lacking, str):
        delattr(made, lacking)
    elif lacking:
        made.SharedFunctionalGroupsSequence[0].PixelMeasuresSequence[0].PixelSpacing = list(lacking)
    else:
        del made.SharedFunctionalGroupsSequence[0].PixelMeasuresSequence
    with pytest.raises(ConversionError, match=r"\(0048,0008\), .* or Pixel Spacing \(0028,0030\) is missing"):
        convert(sf.save(made, tmp_path / "seg.dcm"))


@pytest.mark.parametrize(("length", "is_unit"), [(0.979, False), (0.981, True), (1.019, True), (1.021, False)])
def test_axes_of_a_slide_are_one_long_within_a_fiftieth(tmp_path, length, is_unit):
    made = on_slide(sf.channels(1, ROWS, COLUMNS, count=1)[0])
    made.ImageOrientationSlide = [0, -length, 0, -1, 0, 0]
    made.TotalPixelMatrixOriginSequence[0].ZOffsetInSlideCoordinateSystem = 0.5
    path = sf.save(made, tmp_path / "seg.dcm")
    if is_unit:
        assert convert(path).geometry.origin == (20, 30, 0.5)
    else:
        with pytest.raises(ConversionError, match="does not contain two perpendicular unit vectors"):
            convert(path)


@pytest.mark.parametrize("keyword", ["TotalPixelMatrixRows", "TotalPixelMatrixColumns"])
def test_a_slide_without_a_size_is_no_volume(tmp_path, keyword):
    made = on_slide(sf.channels(1, ROWS, COLUMNS, count=1)[0])
    setattr(made, keyword, 0)
    with pytest.raises(ConversionError, match="was made on a slide, which is not a volume"):
        convert(sf.save(made, tmp_path / "seg.dcm"))
