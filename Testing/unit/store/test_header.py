"""The header reader of the import: the same values as pydicom, and nothing damaged gets through."""

import os
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from helpers.dicom_files import image, save
from helpers.real_data import real_data
from hypothesis import given, settings
from hypothesis import strategies as st
from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.uid import DeflatedExplicitVRLittleEndian, ExplicitVRBigEndian, ExplicitVRLittleEndian, ImplicitVRLittleEndian, RLELossless

from IDCBrowserLib.dicom.with_pydicom import quietly
from IDCBrowserLib.errors import ConversionError, DamagedError, NotDicomError, NotFoundError
from IDCBrowserLib.store import tags
from IDCBrowserLib.store.header import read_header
from IDCBrowserLib.store.values import Values, displayed_name


def values_of(path: Path) -> Values:
    return Values(read_header(str(path)))


def with_sequences(dataset: Dataset) -> Dataset:
    """Sequences of both length forms, nested, before the wanted elements."""
    inner = Dataset()
    inner.ReferencedSOPInstanceUID = "1.2.3"
    inner.PatientName = "Somebody^Else"
    outer = Dataset()
    outer.ReferencedImageSequence = Sequence([inner, inner])
    outer.SeriesInstanceUID = "9.9.9"
    dataset.ReferencedStudySequence = Sequence([outer])
    dataset.ReferencedSeriesSequence = Sequence([outer, outer])
    dataset["ReferencedSeriesSequence"].is_undefined_length = True
    for item in dataset.ReferencedSeriesSequence:
        item.is_undefined_length_sequence_item = True
        item["ReferencedImageSequence"].is_undefined_length = True
    return dataset


@pytest.mark.parametrize("syntax", [ExplicitVRLittleEndian, ImplicitVRLittleEndian, ExplicitVRBigEndian, DeflatedExplicitVRLittleEndian])
def test_every_encoding_gives_the_same_values(syntax: str, tmp_path: Path) -> None:
    dataset = with_sequences(image(pixels=np.zeros((300, 2), np.int16)))
    dataset.file_meta.TransferSyntaxUID = syntax
    if syntax == ExplicitVRBigEndian:
        dataset["PixelData"].VR = "OW"
    values = values_of(save(dataset, tmp_path / "a.dcm"))
    assert values.first(tags.PATIENT_NAME) == "Doe^Jane"
    assert values.first(tags.SERIES_UID) == dataset.SeriesInstanceUID
    assert (values.all(tags.ROWS), values.all(tags.COLUMNS)) == ("300", "2")
    assert values.all(tags.AGE) is None
    assert values.date(tags.BIRTH_DATE) == "1950-01-31"


def test_a_sequence_of_unknown_vr_and_undefined_length_is_implicit_inside(tmp_path: Path) -> None:
    path = save(image(), tmp_path / "a.dcm")
    data = path.read_bytes()
    item = struct.pack("<HHI", 0x0009, 0x1001, 4) + b"abcd"
    unknown = struct.pack("<HH2sHI", 0x0009, 0x1000, b"UN", 0, 0xFFFFFFFF) + struct.pack("<HHI", 0xFFFE, 0xE000, 0xFFFFFFFF) + item
    unknown += struct.pack("<HHI", 0xFFFE, 0xE00D, 0) + struct.pack("<HHI", 0xFFFE, 0xE0DD, 0)
    patient = data.index(struct.pack("<HH2s", 0x0010, 0x0010, b"PN"))
    path.write_bytes(data[:patient] + unknown + data[patient:])
    assert values_of(path).first(tags.PATIENT_NAME) == "Doe^Jane"


def test_a_header_longer_than_the_first_read_is_read_on(tmp_path: Path) -> None:
    dataset = image()
    reference = Dataset()
    reference.ReferencedSOPInstanceUID = "1.2.3.4.5.6.7.8.9"
    dataset.ReferencedSeriesSequence = Sequence([reference] * 20_000)
    assert values_of(save(dataset, tmp_path / "a.dcm")).first(tags.SERIES_UID) == dataset.SeriesInstanceUID


def test_structure_sets_are_read_up_to_their_name(tmp_path: Path) -> None:
    dataset = image(
        Rows=None, Columns=None, BitsAllocated=None, PixelData=None, Modality="RTSTRUCT", StructureSetLabel="LABEL", StructureSetName="NAME"
    )
    values = values_of(save(dataset, tmp_path / "rt.dcm"))
    assert (values.first(tags.STRUCTURE_SET_LABEL), values.first(tags.STRUCTURE_SET_NAME)) == ("LABEL", "NAME")


@pytest.mark.parametrize("syntax", [ExplicitVRLittleEndian, ImplicitVRLittleEndian])
def test_every_cut_is_noticed(syntax: str, tmp_path: Path) -> None:
    dataset = with_sequences(image(pixels=np.arange(24, dtype=np.int16).reshape(4, 6)))
    dataset.file_meta.TransferSyntaxUID = syntax
    path = save(dataset, tmp_path / "a.dcm")
    data = path.read_bytes()
    read_header(str(path))
    read_back = dcmread(path)
    # An object without pixels may properly end between two elements, so such a cut cannot be noticed.
    boundaries = {element.file_tell - (8 if syntax == ImplicitVRLittleEndian or element.VR not in ("SQ", "OW") else 12) for element in read_back}
    for length in sorted(set(range(len(data) - 1)) - boundaries, reverse=True):
        os.truncate(path, length)
        with pytest.raises(ConversionError):
            read_header(str(path))


def test_cut_off_compressed_pixels_are_noticed(tmp_path: Path) -> None:
    dataset = image(pixels=np.random.default_rng(1).integers(0, 3000, (64, 64)).astype(np.uint16))
    dataset.compress(RLELossless)
    path = save(dataset, tmp_path / "rle.dcm")
    data = path.read_bytes()
    read_header(str(path))
    path.write_bytes(data + b"\xfc\xff\xfc\xffOB\0\0\4\0\0\0\0\0\0\0")
    read_header(str(path))
    path.write_bytes(data[:-100])
    with pytest.raises(DamagedError, match="cut off"):
        read_header(str(path))


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_damage_never_raises_anything_else(data: st.DataObject, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("damage")
    path = save(with_sequences(image()), folder / "a.dcm")
    content = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 6))):
        content[data.draw(st.integers(132, len(content) - 1))] = data.draw(st.integers(0, 255))
    path.write_bytes(content)
    try:
        values = values_of(path)
    except ConversionError:
        return
    assert all(values.all(tag) is None or isinstance(values.all(tag), str) for tag in tags.CACHED)


def test_other_files_are_told_apart(tmp_path: Path) -> None:
    for name, content, reason in [("a.txt", b"hello", "not a DICOM file"), ("empty", b"", "empty"), ("g", b"\x08\0junk", "not a DICOM file")]:
        (tmp_path / name).write_bytes(content)
        with pytest.raises(NotDicomError) as caught:
            read_header(str(tmp_path / name))
        assert caught.value.reason == reason
        assert str(tmp_path / name) in str(caught.value)
    with pytest.raises(NotFoundError, match="gone does not exist"):
        read_header(str(tmp_path / "gone"))


@pytest.mark.parametrize(
    ("character_set", "raw", "text"),
    [
        ("ISO_IR 100", b"Buc^J\xe9r\xf4me", "Buc^Jérôme"),
        ("ISO_IR 192", "Wang^XiaoDong=王^小東".encode(), "Wang^XiaoDong=王^小東"),
        ("GB18030", "王^小东".encode("gb18030"), "王^小东"),
        ("ISO_IR 144", "Люкceмбypг".encode("iso8859-5"), "Люкceмбypг"),
        ("", b"J\xe9r", "Jér"),
        ("ISO 2022 IR 100", b"J\xe9r\xf4me", "Jérôme"),
    ],
)
def test_names_of_other_character_sets(character_set: str, raw: bytes, text: str, tmp_path: Path) -> None:
    dataset = image(SpecificCharacterSet=character_set or None)
    del dataset.PatientName
    dataset.add_new(0x00100010, "PN", raw)
    assert values_of(save(dataset, tmp_path / "a.dcm")).first(tags.PATIENT_NAME) == text


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Doe^Jane", "Doe, Jane"),
        ("JANCT000", "JANCT000"),
        ("Yamada^Tarou=x=y", "Yamada, Tarou"),
        ("^^^^", ""),
        ("", ""),
        ("Adams^John^Robert^Rev.^B.A.", "Adams, John Robert, B.A. (Rev.)"),
    ],
)
def test_names_are_shown_as_slicer_shows_them(name: str, shown: str) -> None:
    assert displayed_name(name) == shown


@pytest.mark.parametrize("folder", ["pydicom/test_files", "pydicom/charset_files", "highdicom/data/test_files", "mirp", "rt-utils", "dcmqi"])
def test_real_files_give_what_pydicom_reads(folder: str) -> None:
    compared = 0
    for path in sorted(real_data(folder).rglob("*.dcm")):
        try:
            header = read_header(str(path))
        except ConversionError:
            continue
        with quietly():
            dataset: Any = dcmread(path, stop_before_pixels=True, force=True)
        values = Values(header)
        for tag in (tags.SOP_INSTANCE_UID, tags.STUDY_UID, tags.SERIES_UID, tags.MODALITY, tags.STUDY_DATE, tags.SERIES_TIME, tags.ROWS):
            element = dataset.get(tag)
            assert (values.all(tag) or "") == (str(element.value) if element is not None and element.value is not None else ""), (path, hex(tag))
        compared += 1
    assert compared
