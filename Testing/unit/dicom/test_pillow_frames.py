"""Color frames by Pillow: the same bytes as by pydicom, halved where that is wanted, and nothing where colors are not the usual ones."""

import io
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from pydicom.encaps import encapsulate
from pydicom.pixels.decoders.base import get_decoder
from pydicom.uid import JPEG2000Lossless, JPEGBaseline8Bit

from IDCBrowserLib.dicom.pillow_frames import MOST_HALVINGS, color_frame

ROWS, COLUMNS = 64, 96


def options(photometric: str, **others: Any) -> dict[str, Any]:
    usual = {"samples_per_pixel": 3, "bits_allocated": 8, "bits_stored": 8, "pixel_representation": 0, "planar_configuration": 0}
    frame = {"rows": ROWS, "columns": COLUMNS, "number_of_frames": 1, "pixel_keyword": "PixelData"}
    return {**usual, **frame, "photometric_interpretation": photometric, **others}


def tissue() -> NDArray[np.uint8]:
    """Smooth, with an edge."""
    rows, columns = np.mgrid[:ROWS, :COLUMNS]
    shown = np.stack([rows * 3, columns * 2, 255 - rows], axis=-1).astype(np.uint8)
    shown[20:40, 30:60] = (120, 60, 140)
    return shown


def coded(kind: str, **form: Any) -> bytes:
    file = io.BytesIO()
    Image.fromarray(tissue()).save(file, kind, **form)
    return file.getvalue()


JPEG = coded("JPEG", quality=95)
JPEG_2000 = coded("JPEG2000", irreversible=False, mct=1, no_jp2=True)
CASES = [(str(JPEGBaseline8Bit), JPEG, "YBR_FULL_422"), (str(JPEG2000Lossless), JPEG_2000, "YBR_RCT")]


@pytest.mark.parametrize(("syntax", "code", "photometric"), CASES)
def test_a_frame_is_the_one_that_pydicom_gives(syntax: str, code: bytes, photometric: str) -> None:
    found = color_frame(syntax, code, options(photometric), 0)
    expected = get_decoder(syntax).as_array(encapsulate([code]), index=0, decoding_plugin="gdcm", **options(photometric))[0]
    assert found is not None and np.abs(found.astype(int) - expected).max() <= 1


@pytest.mark.parametrize("halvings", range(1, MOST_HALVINGS + 1))
@pytest.mark.parametrize(("syntax", "code", "photometric"), CASES)
def test_a_halved_frame_is_about_the_means_of_its_pixels(syntax: str, code: bytes, photometric: str, halvings: int) -> None:
    found = color_frame(syntax, code, options(photometric), halvings)
    assert found is not None
    step = ROWS // found.shape[0]
    assert 2 <= step <= 1 << halvings and found.shape == (ROWS // step, COLUMNS // step, 3)
    means = tissue().reshape(ROWS // step, step, COLUMNS // step, step, 3).mean(axis=(1, 3))
    assert np.abs(found - means).mean() < 4


@pytest.mark.parametrize(
    ("syntax", "code", "asked"),
    [
        (str(JPEGBaseline8Bit), JPEG, options("RGB")),
        (str(JPEGBaseline8Bit), coded("JPEG", keep_rgb=True), options("YBR_FULL_422")),
        (str(JPEGBaseline8Bit), JPEG, options("YBR_FULL_422", bits_stored=7)),
        (str(JPEGBaseline8Bit), JPEG, options("MONOCHROME2", samples_per_pixel=1)),
        (str(JPEG2000Lossless), JPEG_2000, options("YBR_FULL")),
        (str(JPEG2000Lossless), JPEG, options("YBR_RCT")),
        (str(JPEG2000Lossless), JPEG_2000[: len(JPEG_2000) // 2], options("YBR_RCT")),
        (str(JPEGBaseline8Bit), JPEG[: len(JPEG) // 2], options("YBR_FULL_422")),
        (str(JPEGBaseline8Bit), b"\xff\xd8 and no more", options("YBR_FULL_422")),
        ("1.2.840.10008.1.2.4.80", JPEG, options("RGB")),
    ],
)
def test_other_colors_other_forms_and_broken_frames_are_left_to_pydicom(syntax: str, code: bytes, asked: dict[str, Any]) -> None:
    assert color_frame(syntax, code, asked, 0) is None


def test_a_frame_without_smaller_sizes_comes_in_full_from_pydicom_instead() -> None:
    code = coded("JPEG2000", irreversible=False, mct=1, no_jp2=True, num_resolutions=1)
    assert color_frame(str(JPEG2000Lossless), code, options("YBR_RCT"), 2) is None
    assert color_frame(str(JPEG2000Lossless), code, options("YBR_RCT"), 0) is not None
