"""One frame of an image as a picture: the right pixels, whatever the encoding; of large objects no more than is needed."""

import numpy as np
import pydicom
import pytest
from helpers.dicom_files import image
from helpers.preview_objects import InMemory, in_memory
from helpers.real_data import real_data
from pydicom.dataset import Dataset
from pydicom.uid import JPEGLSLossless, RLELossless, SecondaryCaptureImageStorage

from IDCBrowserLib.errors import ConversionError
from IDCBrowserLib.preview.image import picture_of_image
from IDCBrowserLib.preview.limits import TooLargeError
from IDCBrowserLib.task import Task

SQUARE = {"PixelSpacing": [1, 1]}


def shown(dataset: Dataset) -> np.ndarray:
    return picture_of_image(in_memory(dataset), Task()).pixels


def gray(values: np.ndarray, center: float, width: float) -> np.ndarray:
    """PS3.3 C.11.2.1.2.1."""
    return np.clip(np.rint(255 * ((values - (center - 0.5)) / (width - 1) + 0.5)), 0, 255).astype(np.uint8)


def test_the_window_of_the_header_is_used_on_rescaled_values() -> None:
    stored = np.array([[0, 1024], [1064, 1400]], np.uint16)
    pixels = shown(image(pixels=stored, RescaleIntercept=-1024, WindowCenter=[50, 300], WindowWidth=[350, 1500], **SQUARE))
    assert pixels.tolist() == gray(stored.astype(float) - 1024, 50, 350).tolist()


def test_ct_without_a_window_is_shown_as_soft_tissue() -> None:
    stored = np.array([[-1000, 40], [240, 1000]], np.int16)
    assert shown(image(pixels=stored, **SQUARE)).tolist() == gray(stored.astype(float), 40, 400).tolist()


def test_other_images_without_a_window_use_their_own_range() -> None:
    stored = np.linspace(0, 4000, 64 * 64).reshape(64, 64).astype(np.int16)
    pixels = shown(image(pixels=stored, Modality="MR", **SQUARE))
    assert pixels.min() == 0 and pixels.max() == 255 and 120 < pixels.mean() < 135


def test_low_values_of_monochrome1_are_bright() -> None:
    stored = np.array([[0, 100]], np.int16)
    pixels = shown(image(pixels=stored, PhotometricInterpretation="MONOCHROME1", WindowCenter=50, WindowWidth=100, **SQUARE))
    assert pixels[0, 0] > 250 and pixels[0, 1] < 5


def test_pixels_become_square() -> None:
    assert shown(image(pixels=np.zeros((10, 40), np.int16), PixelSpacing=[3.0, 1.0])).shape == (30, 40)
    assert shown(image(pixels=np.zeros((40, 10), np.int16), PixelSpacing=None, PixelAspectRatio=[1, 2])).shape == (40, 20)
    assert shown(image(pixels=np.zeros((40, 10), np.int16), PixelSpacing=[1e-9, 1000.0])).shape == (40, 10), "a header that makes no sense"


def test_large_images_are_averaged_down() -> None:
    stored = np.zeros((3000, 2000), np.int16)
    stored[::2] = 200
    pixels = shown(image(pixels=stored, WindowCenter=100, WindowWidth=200, **SQUARE))
    assert pixels.shape == (512, 341)
    assert abs(pixels.astype(int) - 128).max() <= 2, "lines do not turn into patterns"


@pytest.mark.parametrize("syntax", [RLELossless, JPEGLSLossless])
def test_a_compressed_image_gives_the_same_picture(syntax: str) -> None:
    stored = np.random.default_rng(1).integers(-1000, 1000, (32, 48)).astype(np.int16)
    plain, packed = image(pixels=stored, **SQUARE), image(pixels=stored, **SQUARE)
    packed.compress(syntax)
    assert (shown(packed) == shown(plain)).all()


def test_several_frames_show_the_one_in_the_middle() -> None:
    stored = np.stack([np.full((4, 4), value, np.int16) for value in (0, 50, 100)])
    made = image(pixels=stored.reshape(12, 4), Rows=4, NumberOfFrames=3, WindowCenter=50, WindowWidth=101, **SQUARE)
    found = picture_of_image(in_memory(made), Task())
    assert (found.pixels == gray(np.full((4, 4), 50.0), 50, 101)).all()
    assert found.description == "CT, frame 2 of 3"


def large(frames: int = 14) -> tuple[Dataset, np.ndarray]:
    stored = np.random.default_rng(2).integers(0, 1000, (frames, 700, 700)).astype(np.int16)
    return image(pixels=stored.reshape(-1, 700), Rows=700, NumberOfFrames=frames, WindowCenter=500, WindowWidth=1001, **SQUARE), stored


def test_of_a_large_object_only_header_and_one_frame_are_read() -> None:
    made, stored = large()
    item = in_memory(made)
    found = picture_of_image(item, Task()).pixels
    (alone,) = (shown(image(pixels=stored[7], WindowCenter=500, WindowWidth=1001, **SQUARE)),)
    assert (found == alone).all()
    assert sum(stop - start for start, stop in item.reads) < item.size / 8


def test_of_a_large_compressed_object_only_one_frame_is_read() -> None:
    made, stored = large()
    made.compress(RLELossless)
    item = in_memory(made)
    assert item.size > 12_000_000
    found = picture_of_image(item, Task()).pixels
    assert (found == shown(image(pixels=stored[7], WindowCenter=500, WindowWidth=1001, **SQUARE))).all()
    assert sum(stop - start for start, stop in item.reads) < item.size / 8


def test_a_large_map_of_fractions_is_read_like_an_image() -> None:
    values = np.random.default_rng(6).random((8, 700, 700)).astype(np.float32)
    made = image(
        pixels=values.reshape(-1, 700),
        Rows=700,
        NumberOfFrames=8,
        BitsStored=None,
        HighBit=None,
        PixelRepresentation=None,
        RescaleSlope=None,
        RescaleIntercept=None,
        Modality="MR",
        PixelData=None,
        FloatPixelData=values.tobytes(),
        **SQUARE,
    )
    item = in_memory(made)
    found = picture_of_image(item, Task()).pixels
    assert 100 < found.mean() < 150 and sum(stop - start for start, stop in item.reads) < item.size / 4


def test_color_stays_color() -> None:
    pixels = np.random.default_rng(3).integers(0, 255, (20, 30, 3)).astype(np.uint8)
    made = image(
        pixels=pixels.reshape(20, 90),
        Columns=30,
        SamplesPerPixel=3,
        PhotometricInterpretation="RGB",
        PlanarConfiguration=0,
        PixelRepresentation=0,
        SOPClassUID=SecondaryCaptureImageStorage,
        Modality="US",
        **SQUARE,
    )
    assert (shown(made) == pixels).all()


def slide(places: bool) -> tuple[Dataset, np.ndarray]:
    whole = np.random.default_rng(4).integers(0, 255, (40, 60, 3)).astype(np.uint8)
    tiles = [whole[row : row + 20, column : column + 20] for row in (0, 20) for column in (0, 20, 40)]
    order = [3, 0, 5, 1, 4, 2] if places else range(6)
    made = image(
        pixels=np.stack([tiles[number] for number in order]).reshape(-1, 60),
        Rows=20,
        Columns=20,
        NumberOfFrames=6,
        SamplesPerPixel=3,
        PhotometricInterpretation="RGB",
        PlanarConfiguration=0,
        PixelRepresentation=0,
        Modality="SM",
        TotalPixelMatrixRows=40,
        TotalPixelMatrixColumns=60,
        **SQUARE,
    )
    if not places:
        made.DimensionOrganizationType = "TILED_FULL"
        return made, whole
    groups = []
    for number in order:
        place, item = Dataset(), Dataset()
        place.RowPositionInTotalImagePixelMatrix, place.ColumnPositionInTotalImagePixelMatrix = number // 3 * 20 + 1, number % 3 * 20 + 1
        item.PlanePositionSlideSequence = [place]
        groups.append(item)
    made.PerFrameFunctionalGroupsSequence = groups
    return made, whole


@pytest.mark.parametrize("places", [False, True])
def test_a_small_level_of_a_slide_is_put_together_from_its_tiles(places: bool) -> None:
    made, whole = slide(places)
    assert (shown(made) == whole).all()


def test_what_is_too_large_says_how_large() -> None:
    class Huge(InMemory):
        def __init__(self, content: bytes) -> None:
            super().__init__(content)
            self.size = 112_000_000

    with pytest.raises(TooLargeError, match=r"Too large for a preview \(112 MB\)"):
        picture_of_image(Huge(in_memory(image()).content), Task())
    claims = image(Rows=60000, Columns=60000)
    with pytest.raises(ConversionError, match="60,000 x 60,000 pixels"):
        picture_of_image(in_memory(claims), Task())


@pytest.mark.parametrize("content", [b"", b"\0" * 500, b"<html>not found</html>" * 40, b"DICM" * 100])
def test_what_is_no_dicom_is_said(content: bytes) -> None:
    with pytest.raises(ConversionError, match=r"one\.dcm"):
        picture_of_image(InMemory(content), Task())


def test_damaged_objects_end_in_a_sentence_and_kill_nothing() -> None:
    """JPEG among them: its decoder ends its process over some of these."""
    random = np.random.default_rng(5)
    names = ("SC_rgb_jpeg_dcmtk.dcm", "MR_small_RLE.dcm", "MR_small_jp2klossless.dcm", "MR_small_jpeg_ls_lossless.dcm", "MR_small_bigendian.dcm")
    made = 0
    for name in names:
        whole = real_data("pydicom", "test_files", name).read_bytes()
        for turn in range(8):
            copy = bytearray(whole[: int(random.integers(len(whole) // 2, len(whole)))] if turn % 4 == 0 else whole)
            for place in random.integers(len(copy) // 8, len(copy), 12):
                copy[place] = int(random.integers(256))
            try:
                made += picture_of_image(InMemory(bytes(copy), "hurt.dcm"), Task()).pixels.size > 0
            except ConversionError as error:
                assert "hurt.dcm" in str(error) or "preview" in str(error) or "no image" in str(error)
    assert made, "some survive"


@pytest.mark.parametrize("name", ["examples_ybr_color.dcm", "SC_rgb_jpeg_dcmtk.dcm", "examples_palette.dcm", "JPEG2000.dcm", "image_dfl.dcm"])
def test_real_objects_of_many_kinds_have_a_picture(name: str) -> None:
    path = real_data("pydicom", "test_files", name)
    found = picture_of_image(InMemory(path.read_bytes()), Task())
    dataset = pydicom.dcmread(path, stop_before_pixels=True)
    height, width = found.pixels.shape[:2]
    assert max(height, width) <= 512 and found.pixels.std() > 5
    assert found.pixels.ndim == (3 if dataset.SamplesPerPixel == 3 or "PALETTE" in dataset.PhotometricInterpretation else 2)
