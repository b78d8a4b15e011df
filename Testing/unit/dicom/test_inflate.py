"""Deflated files cannot fill the memory: every reader inflates no more than it needs, and never more than the header promises."""

import tracemalloc
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from helpers import seg_files as sf
from helpers.deflated_files import bomb, deflated
from helpers.dicom_files import image, save
from helpers.rtstruct_files import R, axial, box, flat, structure_set, write
from pydicom.uid import DeflatedExplicitVRLittleEndian

from IDCBrowserLib.dicom.dicom_file import open_dicom
from IDCBrowserLib.dicom.inflate import MOST_BYTES, Inflater, inflate_frame, inflated_limit
from IDCBrowserLib.dicom.with_pydicom import read_dataset
from IDCBrowserLib.errors import DamagedError
from IDCBrowserLib.labelmap.convert import convert, describe
from IDCBrowserLib.preview.image import picture_of_image
from IDCBrowserLib.preview.objects import local_objects
from IDCBrowserLib.store.database import Database
from IDCBrowserLib.store.header import read_header
from IDCBrowserLib.store.importing import import_files
from IDCBrowserLib.task import Task
from IDCBrowserLib.volume.image_header import open_image_header
from IDCBrowserLib.volume.memory import needed_bytes

MB = 1 << 20
# What the bombs below would take, against what is allowed to be taken.
_SIZE_MB, _ALLOWED = 512, 260 * MB


@contextmanager
def memory_below(most: int) -> Iterator[None]:
    tracemalloc.start()
    try:
        yield
        assert tracemalloc.get_traced_memory()[1] < most
    finally:
        tracemalloc.stop()


def picture(path: Path) -> Any:
    return picture_of_image(local_objects([path])[0], Task())


@pytest.fixture(scope="module")
def image_bomb(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An image of 4 x 6 pixels with 512 MB of them."""
    return bomb(image(), tmp_path_factory.mktemp("bomb") / "bomb.dcm", _SIZE_MB)


@pytest.mark.parametrize("read", [read_header, read_dataset, picture])
def test_what_reads_all_of_a_file_refuses_pixels_that_the_header_does_not_promise(image_bomb: Path, read: Callable[[Any], Any]) -> None:
    with memory_below(_ALLOWED), pytest.raises(DamagedError, match=r"bomb\.dcm is damaged: it inflates to more than [\d.]+ MB"):
        read(image_bomb if read is picture else str(image_bomb))


@pytest.mark.parametrize("read", [open_image_header, lambda path: needed_bytes([path]), open_dicom])
def test_what_reads_a_header_inflates_no_more_than_the_header(image_bomb: Path, read: Callable[[Path], Any]) -> None:
    with memory_below(8 * MB):
        read(image_bomb)


def test_a_bomb_is_left_out_of_an_import_with_the_reason(image_bomb: Path, tmp_path: Path) -> None:
    with memory_below(16 * MB):
        report = import_files(Database(tmp_path / "database"), [image_bomb])
    assert (report.added, report.damaged) == (0, 1)
    assert "inflates to more than" in report.left_out[0].reason


@pytest.mark.parametrize("read", [read_header, open_image_header, open_dicom, read_dataset])
def test_a_bomb_within_the_header_is_refused_by_every_reader(tmp_path: Path, read: Callable[[str], Any]) -> None:
    path = bomb(image(), tmp_path / "bomb.dcm", _SIZE_MB, tag=0x00091010)
    with memory_below(_ALLOWED), pytest.raises(DamagedError, match=r"bomb\.dcm is damaged: it inflates to more than"):
        read(str(path))


def test_a_segmentation_is_inflated_as_far_as_rows_columns_and_frames_promise(tmp_path: Path) -> None:
    path = bomb(sf.plain(sf.seg(sf.images(), sf.channels())), tmp_path / "bomb.dcm", _SIZE_MB)
    with memory_below(_ALLOWED):
        assert describe(path)["segments"]
    with memory_below(_ALLOWED), pytest.raises(DamagedError, match=r"bomb\.dcm is damaged: it inflates to more than"):
        convert(path)


def test_a_structure_set_that_inflates_to_far_more_than_text_can_is_refused(tmp_path: Path) -> None:
    stack = axial()
    dataset = structure_set([R(1, [flat(stack, 1, box(1, 1, 4, 4))])])
    dataset = write(dataset, tmp_path / "rs.dcm", DeflatedExplicitVRLittleEndian)
    assert describe(dataset)["segments"]
    from pydicom import dcmread

    path = bomb(dcmread(dataset), tmp_path / "bomb.dcm", _SIZE_MB, tag=0x30091010)
    with memory_below(_ALLOWED), pytest.raises(DamagedError, match=r"bomb\.dcm is damaged: it inflates to more than"):
        describe(path)


def test_pixels_that_the_header_promises_are_inflated_however_well_they_pack(tmp_path: Path) -> None:
    dataset = image(pixels=np.zeros((5000, 8000), np.int16))
    dataset.file_meta.TransferSyntaxUID = DeflatedExplicitVRLittleEndian
    path = save(dataset, tmp_path / "empty.dcm")
    assert path.stat().st_size < 200_000
    assert read_header(str(path)).values
    assert len(read_dataset(str(path)).PixelData) == 80_000_000


@pytest.mark.parametrize("read", [read_header, read_dataset])
def test_a_deflated_file_that_is_cut_off_is_noticed(tmp_path: Path, read: Callable[[str], Any]) -> None:
    dataset = image(pixels=np.random.default_rng(1).integers(0, 4000, (64, 64)).astype(np.int16))
    dataset.file_meta.TransferSyntaxUID = DeflatedExplicitVRLittleEndian
    path = save(dataset, tmp_path / "cut.dcm")
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(DamagedError, match=r"cut\.dcm is cut off: the deflated data set ends too early"):
        read(str(path))


@pytest.mark.parametrize(("size", "is_allowed"), [(99, True), (100, True), (101, False)])
def test_a_stream_may_inflate_to_its_limit_and_not_a_byte_further(size: int, is_allowed: bool) -> None:
    import io

    compressor = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    inflater = Inflater("a.dcm", io.BytesIO(compressor.compress(bytes(size)) + compressor.flush()), 0)
    inflater._limit = 100
    if is_allowed:
        assert len(inflater.up_to(1000)) == size
        return
    with pytest.raises(DamagedError):
        inflater.up_to(1000)


def test_the_limit_follows_the_size_of_the_file_and_what_the_header_promises() -> None:
    assert inflated_limit(0) == 64 * MB
    assert inflated_limit(MB) == 114 * MB
    assert inflated_limit(MB, promised=100 * MB) == 214 * MB
    assert inflated_limit(MB, promised=1 << 40) == MOST_BYTES == inflated_limit(1 << 40)


def test_a_large_stream_is_inflated_in_pieces(tmp_path: Path) -> None:
    path = tmp_path / "stream"
    path.write_bytes(deflated(b"begin", 256))
    with memory_below(8 * MB), path.open("rb") as file:
        inflater = Inflater(str(path), file, 10 * MB)
        assert inflater.up_to(5)[:5] == b"begin"
        inflater.check_end()
        assert inflater.ended


def test_a_frame_is_inflated_to_its_size_and_no_further() -> None:
    assert inflate_frame(deflated(b"\1" * 10, 16), 12) == b"\1" * 10 + b"\0\0"
    with pytest.raises(ValueError, match="inflates to 3 of 4 bytes"):
        inflate_frame(deflated(b"\1\2\3", 0), 4)
    with pytest.raises(ValueError, match="cannot be inflated"):
        inflate_frame(b"\xff\xff\xff\xff", 4)
