"""The quick walk over a header: how far it reads, where it stops, what it refuses."""

import io
import struct
from pathlib import Path

import pytest
from helpers.dicom_files import image, save
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.uid import ImplicitVRLittleEndian

from IDCBrowserLib.dicom.elements import MAX_ELEMENTS
from IDCBrowserLib.dicom.first_elements import FirstElements, read_first_elements
from IDCBrowserLib.dicom.scan import TagSelection, scan
from IDCBrowserLib.dicom.stream import Stream
from IDCBrowserLib.errors import DamagedError, NotDicomError
from IDCBrowserLib.store.header import read_header

META = b"\x02\0\x10\0UI\x14\0" + b"1.2.840.10008.1.2.1\0"
ROWS = 0x00280010
WANTED = TagSelection(frozenset({0x00080018, ROWS}), 0x00280100)


class Counting(io.FileIO):
    """Counts the bytes that are read."""

    count = 0

    def read(self, size: int = -1) -> bytes:  # type: ignore[override]
        found = super().read(size) or b""
        self.count += len(found)
        return found


def first(path: Path) -> tuple[FirstElements, int]:
    with Counting(path) as file:
        return read_first_elements(str(path), file, WANTED), file.count


def test_of_an_ordinary_image_the_first_kilobytes_are_read(tmp_path: Path) -> None:
    path = save(image(), tmp_path / "a.dcm")
    with path.open("ab") as file:
        file.write(b"\xfc\xff\xfc\xffOB\0\0" + (1 << 20).to_bytes(4, "little") + bytes(1 << 20))
    found, count = first(path)
    assert found.values[ROWS] == b"\4\0"
    assert count == 16 << 10


@pytest.mark.parametrize("syntax", [b"1.2.840.10008.1.2.1\0", b"1.2.840.10008.1.2\0\0\0", b""])
def test_zeros_after_the_mark_end_the_reading_at_once(tmp_path: Path, syntax: bytes) -> None:
    meta = b"\x02\0\x10\0UI" + struct.pack("<H", len(syntax)) + syntax if syntax else b""
    path = tmp_path / "zeros.dcm"
    path.write_bytes(bytes(128) + b"DICM" + meta + bytes(4 << 20))
    with Counting(path) as file, pytest.raises(DamagedError, match=r"zeros\.dcm is damaged: zeros stand where"):
        read_first_elements(str(path), file, WANTED)
    assert file.count == 16 << 10
    with pytest.raises(DamagedError):
        read_header(str(path))


@pytest.mark.parametrize("syntax", [None, ImplicitVRLittleEndian])
def test_a_hole_of_zeros_within_a_header_is_noticed(tmp_path: Path, syntax: str | None) -> None:
    dataset = image()
    if syntax:
        dataset.file_meta.TransferSyntaxUID = syntax
    path = save(dataset, tmp_path / "hole.dcm")
    data = path.read_bytes()
    at = data.index(struct.pack("<HH", 0x0010, 0x0010))
    path.write_bytes(data[:at] + bytes(len(data[at:]) // 8 * 8))
    with pytest.raises(DamagedError, match="zeros stand where an element must begin"):
        read_header(str(path))


def test_elements_without_end_are_not_walked_without_end() -> None:
    data = struct.pack("<HH2sH", 0x0009, 0x0010, b"LO", 0) * (MAX_ELEMENTS + 10)
    with pytest.raises(DamagedError, match="more than 100,000 elements"):
        scan(Stream("many.dcm", data), 0, WANTED)


def test_a_header_of_absurd_length_is_refused_after_a_part_of_it(tmp_path: Path) -> None:
    path = tmp_path / "long.dcm"
    with path.open("wb") as file:
        file.write(bytes(128) + b"DICM" + META)
        file.write(struct.pack("<HH2sHI", 0x0009, 0x1010, b"OB", 0, 300 << 20))
        # Sparse: nothing of it is written.
        file.truncate(301 << 20)
    with Counting(path) as file, pytest.raises(DamagedError, match="its header has more than 128 MB"):
        read_first_elements(str(path), file, WANTED)
    assert file.count == 128 << 20


@pytest.mark.parametrize("size", [20, 700, 60_000, 800_000])
def test_a_value_is_whole_wherever_a_reading_ends(tmp_path: Path, size: int) -> None:
    dataset = image()
    dataset.add_new(0x00081190, "UR", "x" * size)
    path = save(dataset, tmp_path / "a.dcm")
    with path.open("rb") as file:
        assert file.read().count(b"x" * size) == 1
    with io.FileIO(path) as file:
        values = read_first_elements(str(path), file, TagSelection(frozenset({0x00081190}), 0x00081190)).values
    assert values[0x00081190] == b"x" * size


def test_what_is_wanted_may_depend_on_the_modality() -> None:
    def element(tag: int, vr: bytes, value: bytes) -> bytes:
        return struct.pack("<HH2sH", tag >> 16, tag & 0xFFFF, vr, len(value)) + value

    wanted = TagSelection(frozenset({0x00080060, 0x30060002}), 0x00280100, {b"RTSTRUCT": 0x30060004})
    for modality, expected in ((b"RTSTRUCT", {0x00080060, 0x30060002}), (b"CT", {0x00080060})):
        data = element(0x00080060, b"CS", modality) + element(0x30060002, b"SH", b"LABEL ") + element(0x300600C0, b"CS", b"AB")
        assert scan(Stream("a.dcm", data), 0, wanted)[0].keys() == expected


def test_a_file_of_another_kind_is_refused_by_its_first_bytes(tmp_path: Path) -> None:
    path = tmp_path / "text.dcm"
    path.write_bytes(b"hello" * 1_000_000)
    with Counting(path) as file, pytest.raises(NotDicomError, match=r"text\.dcm is not a DICOM file"):
        read_first_elements(str(path), file, WANTED)
    assert file.count == 16 << 10


def test_sequences_before_the_wanted_elements_are_passed_whatever_their_depth(tmp_path: Path) -> None:
    dataset = image()
    item = Dataset()
    item.ReferencedSOPInstanceUID = "1.2.3"
    for _ in range(12):
        outer = Dataset()
        outer.ReferencedSeriesSequence = Sequence([item, item])
        outer["ReferencedSeriesSequence"].is_undefined_length = True
        item = outer
    dataset.ReferencedStudySequence = Sequence([item])
    dataset["ReferencedStudySequence"].is_undefined_length = True
    found, _ = first(save(dataset, tmp_path / "deep.dcm"))
    assert found.values[ROWS] == b"\4\0"
