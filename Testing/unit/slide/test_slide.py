"""Slides and their annotations: what is painted is read, and what is damaged costs itself."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
from pydicom.encaps import encapsulate, generate_fragments

from IDCBrowserLib.demo.made_folder import PhantomSeries
from IDCBrowserLib.demo.objects import make
from IDCBrowserLib.errors import ConversionError
from IDCBrowserLib.slide.annotations import read_annotations, referenced_series
from IDCBrowserLib.slide.levels import Slide, SlideImage, read_slide
from IDCBrowserLib.slide.tiles import Tiles
from IDCBrowserLib.task import Task


@pytest.fixture(scope="module")
def objects(objects_folder: Path) -> dict[str, PhantomSeries]:
    return {one.key: one for one in make.write(objects_folder)}


@pytest.fixture(scope="module")
def known(objects_folder: Path) -> dict[str, Any]:
    return make.truth(objects_folder)


@pytest.fixture(scope="module")
def slide(objects: dict[str, PhantomSeries]) -> Slide:
    return read_slide([str(path) for path in objects["slide"].files])


def whole(slide: Slide, number: int) -> np.ndarray:
    """A copy: tests change it."""
    return _whole(slide.levels[number]).copy()


@cache
def _whole(level: SlideImage) -> np.ndarray:
    return Tiles(level).region((0, level.rows), (0, level.columns), Task())


def changed(slide: Slide, path: Path, change: Any) -> str:
    """A copy of the largest level, of J2K tiles."""
    dataset = pydicom.dcmread(slide.levels[0].path)
    change(dataset)
    dataset.save_as(path)
    return str(path)


def fragments_of(dataset: pydicom.Dataset) -> list[bytes]:
    return list(generate_fragments(dataset.PixelData, endianness="<"))[1:]


def test_levels_label_and_thumbnail_are_told_apart(slide: Slide, known: dict[str, Any]) -> None:
    assert [[level.rows, level.columns] for level in slide.levels] == known["slide"]["levels"]
    assert slide.label is not None and slide.label.rows == 96
    assert slide.thumbnail is not None and slide.thumbnail.rows == 128
    assert slide.warnings == ()
    assert slide.level_within(300_000).rows == 512 and slide.level_within(1).rows == 256 and slide.level_within(1 << 24).rows == 1024
    assert slide.levels[0].spacing == pytest.approx((0.0005, 0.0005))


def test_pixels_are_those_that_were_painted(slide: Slide, known: dict[str, Any]) -> None:
    picture = whole(slide, 0)
    for pixel in known["slide"]["pixels"]:
        assert picture[pixel["row"], pixel["column"]].tolist() == pixel["rgb"]
    small = whole(slide, 2)
    assert np.abs(picture.reshape(256, 4, 256, 4, 3).mean(axis=(1, 3)) - small).max() <= 2


def test_highdicom_finds_the_same_picture(slide: Slide) -> None:
    hd = pytest.importorskip("highdicom")
    level = slide.levels[1]
    theirs = hd.imread(level.path).get_total_pixel_matrix()
    assert np.array_equal(np.asarray(theirs).astype(np.uint8), whole(slide, 1))


def test_a_part_of_a_level_is_that_part(slide: Slide) -> None:
    part = Tiles(slide.levels[0]).region((200, 300), (250, 780), Task())
    assert np.array_equal(part, whole(slide, 0)[200:300, 250:780])
    with pytest.raises(ConversionError, match="has no rows 1000 to 1100"):
        Tiles(slide.levels[0]).region((1000, 1100), (0, 10), Task())


def test_a_place_on_the_glass_is_where_the_header_says(slide: Slide) -> None:
    matrix = slide.levels[0].geometry().index_to_lps()
    assert (matrix @ [0, 0, 0, 1])[:2].tolist() == [20, 30]
    # Columns run against y, rows against x.
    assert (matrix @ [1000, 0, 0, 1])[:2].tolist() == pytest.approx([20, 29.5])
    assert (matrix @ [0, 1000, 0, 1])[:2].tolist() == pytest.approx([19.5, 30])


def test_without_an_offset_table_all_tiles_are_there(slide: Slide, tmp_path: Path) -> None:
    path = changed(slide, tmp_path / "a.dcm", lambda d: setattr(d, "PixelData", encapsulate(fragments_of(d), has_bot=False)))
    assert np.array_equal(whole(read_slide([path]), 0), whole(slide, 0))


@pytest.mark.parametrize("fragments", [2, 3])
def test_tiles_of_several_fragments_are_put_together(slide: Slide, tmp_path: Path, fragments: int) -> None:
    def change(dataset: pydicom.Dataset) -> None:
        dataset.PixelData = encapsulate(fragments_of(dataset), fragments_per_frame=fragments)

    level = read_slide([changed(slide, tmp_path / "fragments.dcm", change)]).levels[0]
    tiles = Tiles(level)
    assert np.array_equal(tiles.region((0, level.rows), (0, level.columns), Task()), whole(slide, 0))
    assert (tiles.damaged, tiles.reason) == (0, "")


def test_without_a_table_several_fragments_for_a_tile_are_one_sentence(slide: Slide, tmp_path: Path) -> None:
    def change(dataset: pydicom.Dataset) -> None:
        dataset.PixelData = encapsulate(fragments_of(dataset), fragments_per_frame=2, has_bot=False)

    level = read_slide([changed(slide, tmp_path / "fragments.dcm", change)]).levels[0]
    with pytest.raises(ConversionError, match="no table states which belong together"):
        Tiles(level)


def test_of_several_focal_planes_the_first_is_shown(slide: Slide, tmp_path: Path) -> None:
    def change(dataset: pydicom.Dataset) -> None:
        code, across = fragments_of(dataset), -(-dataset.TotalPixelMatrixColumns // dataset.Columns)
        groups = []
        for frame in range(len(code)):
            place = pydicom.Dataset()
            place.RowPositionInTotalImagePixelMatrix = frame // across * dataset.Rows + 1
            place.ColumnPositionInTotalImagePixelMatrix = frame % across * dataset.Columns + 1
            group = pydicom.Dataset()
            group.PlanePositionSlideSequence = [place]
            groups.append(group)
        dataset.DimensionOrganizationType = "TILED_SPARSE"
        dataset.PerFrameFunctionalGroupsSequence = [*groups, *groups]
        dataset.NumberOfFrames = 2 * len(code)
        dataset.PixelData = encapsulate([*code, *reversed(code)])

    level = read_slide([changed(slide, tmp_path / "planes.dcm", change)]).levels[0]
    assert np.array_equal(Tiles(level).region((0, level.rows), (0, level.columns), Task()), whole(slide, 0))


def test_a_broken_tile_is_gray_and_counted_and_the_others_are_shown(slide: Slide, tmp_path: Path) -> None:
    def break_one(dataset: pydicom.Dataset) -> None:
        fragments = fragments_of(dataset)
        fragments[5] = b"\xff\x4f" + bytes(100)
        dataset.PixelData = encapsulate(fragments)

    level = read_slide([changed(slide, tmp_path / "a.dcm", break_one)]).levels[0]
    tiles = Tiles(level)
    picture = tiles.region((0, 1024), (0, 1024), Task())
    assert tiles.damaged == 1 and tiles.reason
    assert (picture[256:512, 256:512] == 128).all()
    picture[256:512, 256:512] = whole(slide, 0)[256:512, 256:512]
    assert np.array_equal(picture, whole(slide, 0))


def test_tiles_that_take_forever_do_not_keep_the_slide_forever(slide: Slide, tmp_path: Path) -> None:
    def break_two(dataset: pydicom.Dataset) -> None:
        fragments = fragments_of(dataset)
        fragments[0] = fragments[1] = b"\xff\x4f" + bytes(100)
        dataset.PixelData = encapsulate(fragments)

    seconds = iter(range(0, 100_000, 40))
    tiles = Tiles(read_slide([changed(slide, tmp_path / "a.dcm", break_two)]).levels[0], clock=lambda: float(next(seconds)))
    # Some may be under way when it is known.
    assert (tiles.region((0, 1024), (0, 1024), Task())[512:] == 128).all()
    assert tiles.damaged >= 10


def test_a_file_that_is_cut_off_shows_what_is_left_of_it(slide: Slide, tmp_path: Path) -> None:
    content = Path(slide.levels[0].path).read_bytes()
    (tmp_path / "a.dcm").write_bytes(content[: len(content) * 2 // 3])
    tiles = Tiles(read_slide([str(tmp_path / "a.dcm")]).levels[0])
    picture = tiles.region((0, 1024), (0, 1024), Task())
    assert 0 < tiles.damaged < 16
    assert np.array_equal(picture[:256], whole(slide, 0)[:256])


def test_without_levels_the_thumbnail_is_shown(slide: Slide) -> None:
    assert slide.thumbnail is not None and slide.label is not None
    found = read_slide([slide.thumbnail.path, slide.label.path])
    assert [level.flavor for level in found.levels] == ["THUMBNAIL"]
    assert "levels of the slide are missing" in found.warnings[0]


def test_files_without_anything_of_a_slide_are_one_sentence() -> None:
    with pytest.raises(ConversionError, match="no level of a slide"):
        read_slide([])


def test_an_impossible_size_is_one_sentence(slide: Slide, tmp_path: Path) -> None:
    path = changed(slide, tmp_path / "a.dcm", lambda dataset: setattr(dataset, "Rows", 0))
    with pytest.raises(ConversionError, match=r"impossible size: 1024 x 1024 pixels in 16 tiles of 256 x 0"):
        read_slide([path])


def test_each_nucleus_has_its_outline(objects: dict[str, PhantomSeries], slide: Slide, known: dict[str, Any]) -> None:
    path = str(objects["nuclei"].files[0])
    assert referenced_series(path) == (objects["slide"].series_instance_uid,)
    found = read_annotations(path, slide.levels)
    assert (found.groups, found.counts) == (("Nuclei",), (known["nuclei"]["annotations"],))
    picture = whole(slide, 0)
    centers = np.round(found.centers).astype(int)
    # What lies inside of the outlines is as nuclei are painted.
    assert (picture[centers[:, 1], centers[:, 0]] == [96, 62, 134]).all()
    density, geometry = found.density()
    assert (density * geometry.spacing[0] * geometry.spacing[1]).sum() == pytest.approx(known["nuclei"]["annotations"], rel=1e-5)
    assert geometry.shape == (1, 32, 32)


def test_highdicom_finds_the_same_outlines(objects: dict[str, PhantomSeries], slide: Slide) -> None:
    ann = pytest.importorskip("highdicom.ann")
    path = str(objects["nuclei"].files[0])
    theirs = ann.annread(path).get_annotation_groups()[0].get_graphic_data(coordinate_type="2D")
    found = read_annotations(path, slide.levels)
    assert len(theirs) == len(found.starts) - 1
    for number in (0, 17, len(theirs) - 1):
        assert np.allclose(theirs[number], found.points[found.starts[number] : found.starts[number + 1]])


def test_groups_that_make_no_sense_are_left_out(objects: dict[str, PhantomSeries], slide: Slide, tmp_path: Path) -> None:
    dataset = pydicom.dcmread(objects["nuclei"].files[0])
    bad = pydicom.Dataset()
    bad.AnnotationGroupLabel, bad.GraphicType, bad.NumberOfAnnotations = "Bad", "POLYGON", 2
    bad.PointCoordinatesData = np.arange(8, dtype="<f4").tobytes()
    bad.LongPrimitivePointIndexList = np.array([1, 99], "<u4").tobytes()
    dataset.AnnotationGroupSequence.append(bad)
    dataset.save_as(tmp_path / "a.dcm")
    found = read_annotations(str(tmp_path / "a.dcm"), slide.levels)
    assert found.groups == ("Nuclei",) and "'Bad' are skipped" in found.warnings[0]


def test_annotations_of_another_slide_are_refused(objects: dict[str, PhantomSeries], slide: Slide) -> None:
    with pytest.raises(ConversionError, match="not on this computer"):
        read_annotations(str(objects["nuclei"].files[0]), slide.levels[1:])


def test_of_a_slide_with_nothing_but_its_label_that_is_shown(slide: Slide) -> None:
    assert slide.label is not None
    slide = read_slide([slide.label.path])
    assert [level.flavor for level in slide.levels] == ["LABEL"] and slide.label is None
    assert slide.warnings == ("The levels of the slide are missing; its label is shown.",)
