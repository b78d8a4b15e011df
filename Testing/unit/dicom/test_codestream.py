"""Compressed frames say how large they are, and no damaged one can ask for all memory; frames that are deflated one by one are read."""

import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from helpers import seg_files as sf
from helpers.dicom_files import image, save
from helpers.real_data import real_data
from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate, get_frame
from pydicom.uid import JPEGLSLossless, RLELossless

from IDCBrowserLib.dicom.codestream import size_problem, stated_size
from IDCBrowserLib.dicom.transfer_syntax import DEFLATED_FRAMES, JPEG, RLE
from IDCBrowserLib.errors import ConversionError
from IDCBrowserLib.labelmap.convert import convert
from IDCBrowserLib.preview.image import picture_of_image
from IDCBrowserLib.preview.objects import local_objects
from IDCBrowserLib.store.header import read_header
from IDCBrowserLib.task import Task
from IDCBrowserLib.volume.pixels import read_volume
from IDCBrowserLib.volume.read_grids import read_image_grids


def deflate(data: bytes) -> bytes:
    """One frame as PS3.5 A.4.13 has it: padded to an even length."""
    compressor = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    packed = compressor.compress(data) + compressor.flush()
    return packed + b"\0" * (len(packed) % 2)


def with_deflated_frames(dataset: Dataset, frames: list[bytes], path: Path) -> Path:
    dataset.PixelData = encapsulate([deflate(frame) for frame in frames])
    dataset["PixelData"].VR = "OB"
    dataset["PixelData"].is_undefined_length = True
    # pydicom does not write the syntax of deflated frames yet: one as long stands in for it.
    dataset.file_meta.TransferSyntaxUID = JPEGLSLossless
    data = save(dataset, path).read_bytes()
    path.write_bytes(data.replace(JPEGLSLossless.encode(), DEFLATED_FRAMES.encode() + b"\0", 1))
    return path


@pytest.mark.parametrize("name", ["JPGExtended", "SC_rgb_jpeg_dcmtk", "MR_small_jp2klossless", "MR_small_jpeg_ls_lossless", "JPEG2000", "JPEG-lossy"])
def test_real_frames_state_their_rows_and_columns(name: str) -> None:
    dataset = dcmread(real_data("pydicom/test_files", f"{name}.dcm"))
    code = get_frame(dataset.PixelData, 0, number_of_frames=int(dataset.get("NumberOfFrames", 1)))
    size = dataset.Rows, dataset.Columns
    assert stated_size(dataset.file_meta.TransferSyntaxUID, code) == size
    assert size_problem(dataset.file_meta.TransferSyntaxUID, code, *size, 16) == ""
    assert "where Rows and Columns are" in size_problem(dataset.file_meta.TransferSyntaxUID, code, size[0] + 1, size[1], 16)


@pytest.mark.parametrize("code", [b"", b"\xff\xd8", b"\xff\xd8\xff\xe0\0\4ab", b"\xff\xd8junk", b"\xff\xd8" + b"\xff\xe0\0\2" * 50])
def test_a_jpeg_without_frame_header_states_no_size(code: bytes) -> None:
    assert stated_size(JPEG[0], code) is None
    assert "states no size" in size_problem(JPEG[0], code, 4, 4, 8)


@pytest.mark.parametrize(("rows", "is_possible"), [(64, True), (65, False)])
def test_run_length_codes_hold_no_more_than_they_can(rows: int, is_possible: bool) -> None:
    assert (size_problem(RLE, bytes(100), rows, 100, 8) == "") is is_possible


def test_an_image_that_claims_to_decode_to_gigabytes_is_refused_before(tmp_path: Path) -> None:
    dataset = image(pixels=np.zeros((64, 64), np.uint16))
    dataset.compress(RLELossless)
    dataset.Rows = dataset.Columns = 65535
    path = save(dataset, tmp_path / "huge.dcm")
    (grid,) = read_image_grids([path])
    with pytest.raises(ConversionError, match=r"huge\.dcm: the pixels .* \(the compressed frame is too short for 65,535 x 65,535"):
        read_volume(grid)


@pytest.mark.parametrize("kind", ["BINARY", "FRACTIONAL", "LABELMAP"])
def test_a_segmentation_of_deflated_frames_is_read(kind: str, tmp_path: Path) -> None:
    shape = (3, 10, 12)
    drawn = sf.labels(*shape, count=2) if kind == "LABELMAP" else sf.channels(*shape, count=2)
    plain = sf.plain(sf.seg(sf.images(*shape), drawn.astype(np.float32) if kind == "FRACTIONAL" else drawn, kind=kind))
    expected = convert(sf.save(plain, tmp_path / "plain.dcm"))
    bits = plain.pixel_array.reshape(-1, plain.Rows * plain.Columns)
    frames = [np.packbits(frame, bitorder="little").tobytes() if plain.BitsAllocated == 1 else frame.tobytes() for frame in bits]
    found = convert(with_deflated_frames(plain, frames, tmp_path / "deflated.dcm"))
    assert [layer.tolist() for layer in found.layers] == [layer.tolist() for layer in expected.layers]


def test_an_image_of_deflated_frames_is_loaded_and_shown(tmp_path: Path) -> None:
    stored = np.random.default_rng(3).integers(-1000, 2000, (20, 30)).astype(np.int16)
    plain = save(image(pixels=stored), tmp_path / "plain.dcm")
    path = with_deflated_frames(image(pixels=stored), [stored.tobytes()], tmp_path / "deflated.dcm")
    assert read_header(str(path)).values
    (grid,) = read_image_grids([path])
    assert np.array_equal(read_volume(grid).voxels[0], stored)
    shown = [picture_of_image(local_objects([file])[0], Task()).pixels.tolist() for file in (plain, path)]
    assert shown[0] == shown[1]


def test_of_several_deflated_frames_each_is_found(tmp_path: Path) -> None:
    stored = np.random.default_rng(4).integers(0, 4000, (3, 8, 10)).astype(np.uint16)
    dataset = image(pixels=stored[0], NumberOfFrames=3, SpacingBetweenSlices=2.0)
    path = with_deflated_frames(dataset, [frame.tobytes() for frame in stored], tmp_path / "three.dcm")
    (grid,) = read_image_grids([path])
    assert np.array_equal(np.sort(read_volume(grid).voxels, axis=0), np.sort(stored, axis=0))


def test_a_deflated_frame_that_ends_early_is_told(tmp_path: Path) -> None:
    stored = np.random.default_rng(5).integers(0, 4000, (20, 30)).astype(np.uint16)
    path = with_deflated_frames(image(pixels=stored), [stored.tobytes()[:-2]], tmp_path / "short.dcm")
    (grid,) = read_image_grids([path])
    with pytest.raises(ConversionError, match=r"short\.dcm: the pixels are damaged or cut off \(it inflates to 1,198 of 1,200 bytes\)"):
        read_volume(grid)


def test_deflated_frames_of_a_segmentation_hold_no_more_than_deflate_can(tmp_path: Path) -> None:
    plain = sf.plain(sf.seg(sf.images(), sf.labels(), kind="LABELMAP"))
    frames = [frame.tobytes() for frame in plain.pixel_array]
    plain.Rows = plain.Columns = 65535
    path = with_deflated_frames(plain, frames, tmp_path / "seg.dcm")
    with pytest.raises(ConversionError, match=r"seg\.dcm: Frame 1 of Pixel Data \(7FE0,0010\) is too short for 65,535 x 65,535 pixels"):
        convert(path)


def test_the_lengths_of_marker_segments_are_believed_only_within_the_code() -> None:
    code = b"\xff\xd8" + b"\xff\xe0" + struct.pack(">H", 60000) + bytes(100)
    assert stated_size(JPEG[0], code) is None
