"""Images whose header states colors, frames or places in no way that fits: one sentence each, and what can be shown is shown."""

from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
from helpers.dicom_files import image, save

from IDCBrowserLib.dicom.reasons import reason_of
from IDCBrowserLib.errors import ConversionError, DamagedError
from IDCBrowserLib.task import Task
from IDCBrowserLib.volume.frames import read_frames
from IDCBrowserLib.volume.pixels import Volume, read_volume, stored_plane
from IDCBrowserLib.volume.read_grids import read_image_grids

COLORS = np.random.default_rng(0).integers(0, 256, (4, 6, 3)).astype(np.uint8)


def volume(tmp_path: Path, pixels: np.ndarray, **elements: Any) -> Volume:
    dataset = image(pixels=pixels[..., 0] if pixels.ndim == 3 else pixels, **elements)
    dataset.PixelData = pixels.tobytes()
    path = tmp_path / "odd.dcm"
    save(dataset, path)
    return read_volume(read_image_grids([path], assume_positions=True)[0])


def bytes_of(**elements: Any) -> dict[str, Any]:
    return {"BitsAllocated": 8, "BitsStored": 8, "HighBit": 7, "PixelRepresentation": 0, "RescaleSlope": None, "RescaleIntercept": None, **elements}


@pytest.mark.parametrize(
    ("stated", "named"),
    [
        ("XYZ", "XYZ, which does not fit the pixels"),
        ("HSV", "HSV, which does not fit the pixels"),
        ("YBR_PARTIAL_422", "YBR_PARTIAL_422, which does not fit the pixels"),
        ("YBR_RCT", "YBR_RCT, which does not fit the pixels"),
        (None, "missing"),
        ("MONOCHROME2", "MONOCHROME2, which does not fit the pixels"),
    ],
)
def test_three_samples_of_unknown_colors_are_shown_as_red_green_and_blue(tmp_path: Path, stated: str | None, named: str) -> None:
    found = volume(tmp_path, COLORS, **bytes_of(SamplesPerPixel=3, PlanarConfiguration=0, PhotometricInterpretation=stated))
    assert np.array_equal(found.voxels[0], COLORS)
    assert f"Photometric Interpretation (0028,0004) is {named}; they are shown as RGB." in found.warnings


def test_colors_of_each_pixel_are_not_taken_for_those_of_two(tmp_path: Path) -> None:
    found = volume(tmp_path, COLORS, **bytes_of(SamplesPerPixel=3, PlanarConfiguration=0, PhotometricInterpretation="YBR_FULL_422"))
    full = volume(tmp_path, COLORS, **bytes_of(SamplesPerPixel=3, PlanarConfiguration=0, PhotometricInterpretation="YBR_FULL"))
    assert np.array_equal(found.voxels, full.voxels)
    assert any("YBR_FULL_422, which does not fit the pixels" in note for note in found.warnings) and not any(
        "does not fit" in note for note in full.warnings
    )


@pytest.mark.parametrize("number", [0x00280002, 0x00280004, 0x7FE00010], ids=["samples", "colors", "pixels"])
def test_elements_of_an_unknown_kind_are_a_sentence_or_left_out(tmp_path: Path, number: int) -> None:
    path = tmp_path / "odd.dcm"
    save(image(pixels=np.arange(24, dtype=np.int16).reshape(4, 6)), path)
    data, tag = path.read_bytes(), number.to_bytes(4, "big")
    at = data.rindex(tag[1::-1] + tag[:1:-1]) + 4
    path.write_bytes(data[:at] + b"O\xa5" + data[at + 2 :])
    try:
        read_volume(read_image_grids([path], assume_positions=True)[0])
    except (ConversionError, DamagedError) as error:
        assert str(path) in str(error)


@pytest.mark.parametrize("planar", [None, 7])
def test_colors_without_an_order_are_taken_pixel_by_pixel(tmp_path: Path, planar: int | None) -> None:
    found = volume(tmp_path, COLORS, **bytes_of(SamplesPerPixel=3, PlanarConfiguration=planar, PhotometricInterpretation="RGB"))
    assert np.array_equal(found.voxels[0], COLORS)
    assert any("colors are taken to be stored pixel by pixel" in note for note in found.warnings)


@pytest.mark.parametrize("stated", ["XYZ", "RGB", None])
def test_one_sample_of_unknown_colors_is_shown_in_gray(tmp_path: Path, stated: str | None) -> None:
    found = volume(tmp_path, COLORS[..., 0].copy(), **bytes_of(PhotometricInterpretation=stated))
    assert np.array_equal(found.voxels[0], COLORS[..., 0])
    assert any("they are shown as MONOCHROME2" in note for note in found.warnings)


def test_a_palette_that_is_not_there_is_gray(tmp_path: Path) -> None:
    found = volume(tmp_path, COLORS[..., 0].copy(), **bytes_of(PhotometricInterpretation="PALETTE COLOR"))
    assert np.array_equal(found.voxels[0, ..., 1], COLORS[..., 0])
    assert any("is PALETTE COLOR, which does not fit the pixels" in note for note in found.warnings)


@pytest.mark.parametrize("stated", ["MONOCHROME1", "MONOCHROME2"])
def test_what_is_stated_as_usual_is_not_talked_about(tmp_path: Path, stated: str) -> None:
    found = volume(tmp_path, COLORS[..., 0].copy(), **bytes_of(PhotometricInterpretation=stated))
    assert not any("Photometric" in note for note in found.warnings)


def test_frames_for_which_the_file_is_too_short_are_refused_before_they_get_places(tmp_path: Path) -> None:
    path = tmp_path / "many.dcm"
    save(image(pixels=np.zeros((64, 64), np.int16), NumberOfFrames="40000"), path)
    with pytest.raises(ConversionError, match="its Number of Frames is 40,000, and there are pixels of 1"):
        read_image_grids([path], assume_positions=True)


@pytest.mark.parametrize("signed", [None, 2])
def test_values_of_which_nobody_knows_whether_they_have_a_sign_are_refused(signed: int | None) -> None:
    with pytest.raises(ConversionError, match=r"a\.dcm: the pixels are damaged or cut off .*Pixel Representation"):
        stored_plane(image(PixelRepresentation=signed), "a.dcm")


@pytest.mark.parametrize(("implicit", "little"), [(True, True), (False, True), (False, False)])
def test_a_file_without_a_meta_header_is_read_as_it_is_written(implicit: bool, little: bool, tmp_path: Path) -> None:
    pixels = np.arange(24, dtype=np.int16).reshape(4, 6)
    dataset = image(pixels=pixels)
    dataset.PixelData = pixels.astype("<i2" if little else ">i2").tobytes()
    dataset["PixelData"].VR = "OW"
    del dataset.file_meta.TransferSyntaxUID
    pydicom.dcmwrite(tmp_path / "a.dcm", dataset, implicit_vr=implicit, little_endian=little)
    assert np.array_equal(read_volume(read_image_grids([tmp_path / "a.dcm"])[0]).voxels[0], pixels)


def test_headers_are_told_of_at_every_sixteenth_file(tmp_path: Path) -> None:
    told: list[tuple[float, float | None]] = []
    read_frames([tmp_path / "none.dcm"] * 33, Task(lambda progress: told.append((progress.done, progress.total))))
    assert told == [(0, 33), (16, 33), (32, 33)]


def test_the_first_frame_is_meant_where_none_is_named() -> None:
    dataset = image(pixels=np.array([[1, 2], [3, 4]], np.int16), Rows=1, NumberOfFrames=2)
    assert [stored_plane(dataset, "a.dcm", *number).tolist() for number in ((), (1,), (2,))] == [[[1, 2]], [[1, 2]], [[3, 4]]]


@pytest.mark.parametrize(
    ("frames", "reason"),
    [(0, "its Number of Frames is 0"), (100_000, "100,000, and there are pixels of 1"), (100_001, "of Frames is 100,001[.]")],
)
def test_a_number_of_frames_that_no_image_has_is_refused(frames: int, reason: str, tmp_path: Path) -> None:
    with pytest.raises(ConversionError, match=reason):
        read_image_grids([save(image(NumberOfFrames=frames), tmp_path / "a.dcm")], assume_positions=True)


@pytest.mark.parametrize("most", [1001, 1002, 900])
def test_many_frames_are_read_where_the_file_is_long_enough(tmp_path: Path, most: int) -> None:
    path = save(image(pixels=np.zeros((most, 2), np.int16), Rows=1, Columns=2, NumberOfFrames="1001"), tmp_path / "many.dcm")
    if most < 1001:
        with pytest.raises(ConversionError, match="its Number of Frames is 1,001, and there are pixels of 900"):
            read_image_grids([path], assume_positions=True)
    else:
        assert read_image_grids([path], assume_positions=True)[0].geometry.shape == (1001, 1, 2)


def test_frames_of_a_dose_without_offsets_are_said_to_be_put_anywhere(tmp_path: Path) -> None:
    planes = np.zeros((3, 4, 6), np.uint16)
    dataset = image(pixels=planes[0], NumberOfFrames="3", PixelRepresentation=0, SliceThickness=None)
    dataset.PixelData = planes.tobytes()
    path = tmp_path / "dose.dcm"
    save(dataset, path)
    (grid,) = read_image_grids([path], assume_positions=True)
    assert any("does not say how far its frames are from each other" in note for note in grid.warnings)
    with pytest.raises(ConversionError, match=r"its 3 frames have no positions\. Give files of images that have one"):
        read_image_grids([path])


def test_what_a_library_says_is_cut_between_words() -> None:
    assert reason_of(ValueError("first line.\nsecond")) == "first line"
    assert reason_of(ValueError()) == "ValueError"
    long = reason_of(ValueError("word " * 100))
    assert long.endswith("word...") and len(long) <= 203
    assert reason_of(ValueError("x" * 500)) == "x" * 200 + "..."
