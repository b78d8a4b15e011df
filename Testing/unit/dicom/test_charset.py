"""Text of every character set, and a guess, which is told, where none is declared."""

from pathlib import Path

import pytest
from helpers import seg_files as sf
from helpers.real_data import real_data
from helpers.rtstruct_files import R, axial, box, flat, structure_set, write
from pydicom import dcmread

from IDCBrowserLib.dicom.charset import decode_text, guess_charset, guess_sentence
from IDCBrowserLib.dicom.dicom_file import open_dicom
from IDCBrowserLib.dicom.with_pydicom import quietly
from IDCBrowserLib.labelmap.convert import convert, describe

PATIENT_NAME = 0x00100010


@pytest.mark.parametrize(
    ("text", "codec", "guess"),
    [
        ("Wang^XiaoDong=王^小東", "utf-8", "UTF-8"),
        ("Müller^Jörg", "utf-8", "UTF-8"),
        ("Yamada^Tarou=山田^太郎=やまだ^たろう", "cp932", "CP932"),
        ("山田^太郎", "cp932", "CP932"),
        ("胸部CT 単純", "cp932", "CP932"),
        ("ヤマダ^タロウ", "cp932", "CP932"),
        ("腹部造影", "cp932", "CP932"),
        ("Wang^XiaoDong=王^小东", "gb18030", "GB18030"),
        ("王^小东", "gb18030", "GB18030"),
        ("胸部CT平扫", "gb18030", "GB18030"),
        ("肝脏 右叶", "gb18030", "GB18030"),
        ("Buc^Jérôme", "latin-1", "Latin-1"),
        ("Äneas^Rüdiger", "latin-1", "Latin-1"),
        ("Müller^Jörg", "latin-1", "Latin-1"),
        ("Conceição^João", "latin-1", "Latin-1"),
        ("CONCEIÇÃO", "latin-1", "Latin-1"),
        ("Ação", "latin-1", "Latin-1"),
        ("Renée", "latin-1", "Latin-1"),
        ("RENÉE", "latin-1", "Latin-1"),
        ("Straße", "latin-1", "Latin-1"),
        ("KÖLN", "latin-1", "Latin-1"),
        ("Garçon", "latin-1", "Latin-1"),
        ("Peña^Íñigo", "latin-1", "Latin-1"),
        ("Ångström^Åsa", "latin-1", "Latin-1"),
    ],
)
def test_undeclared_text_is_read_as_somebody_wrote_it(text: str, codec: str, guess: str) -> None:
    raw = text.encode(codec)
    assert guess_charset(raw) == guess
    assert decode_text(raw, "") == text
    assert decode_text(raw, "no such character set") == text


@pytest.mark.parametrize(("raw", "guess"), [(b"\xff\xff", "Latin-1"), (b"\x81", "Latin-1"), (b"a\xe9", "Latin-1"), (b"\xc3\xa9", "UTF-8")])
def test_bytes_that_are_no_text_of_a_set_are_taken_for_the_next(raw: bytes, guess: str) -> None:
    assert guess_charset(raw) == guess


@pytest.mark.parametrize(
    ("charset", "codec", "text"),
    [
        ("ISO_IR 100", "latin-1", "Äneas^Rüdiger"),
        ("ISO_IR 101", "iso8859-2", "Dvořák^Antonín"),
        ("ISO_IR 126", "iso8859-7", "Διονυσιος"),
        ("ISO_IR 144", "iso8859-5", "Люкceмбypг"),
        ("ISO_IR 192", "utf-8", "Wang^XiaoDong=王^小東"),
        ("GB18030", "gb18030", "Wang^XiaoDong=王^小东"),
        ("GBK", "gbk", "王^小东"),
    ],
)
def test_a_declared_set_is_believed(charset: str, codec: str, text: str) -> None:
    assert decode_text(text.encode(codec), charset) == text


def test_bytes_that_a_declared_set_does_not_know_are_replaced() -> None:
    assert decode_text(b"a\xffb", "ISO_IR 192") == "a\ufffdb"


def test_real_files_of_every_character_set_give_the_names_that_pydicom_reads() -> None:
    paths = sorted(real_data("pydicom/charset_files").glob("*.dcm"))
    for path in paths:
        root = open_dicom(path).root
        with quietly():
            expected = str(dcmread(path).get("PatientName", ""))
        # pydicom leaves out component groups that are empty.
        assert root.text(PATIENT_NAME).rstrip("=") == expected, path.name
        assert not root.stream.guessed, path.name
    assert len(paths) == 17


@pytest.mark.parametrize(
    ("name", "guess"), [("chrX1", "UTF-8"), ("chrX2", "GB18030"), ("chrGerm", "Latin-1"), ("chrFren", "Latin-1"), ("chrFrenMulti", "Latin-1")]
)
def test_real_files_that_lose_their_declaration_are_read_the_same(name: str, guess: str, tmp_path: Path) -> None:
    path = real_data("pydicom/charset_files", f"{name}.dcm")
    declared = open_dicom(path).root
    expected, charset = declared.text(PATIENT_NAME), declared.raw(0x00080005)
    (tmp_path / "undeclared.dcm").write_bytes(path.read_bytes().replace(charset, b" " * len(charset), 1))
    root = open_dicom(tmp_path / "undeclared.dcm").root
    assert root.text(PATIENT_NAME) == expected
    assert root.stream.guessed == {guess}


def test_a_guess_is_told_with_a_segmentation(tmp_path: Path) -> None:
    dataset = sf.plain(sf.seg(sf.images(), sf.channels()))
    dataset.PatientName = "Test^Person"
    dataset.SegmentSequence[0].SegmentLabel = "Leber XY"
    path = sf.save(dataset, tmp_path / "seg.dcm")
    path.write_bytes(path.read_bytes().replace(b"Leber XY", "肝脏".encode("gb18030") + b"    ").replace(b"ISO_IR 192", b"          "))
    sentence = "The file does not declare the character set of its text, which was assumed to be GB18030 (Chinese); names may be wrong."
    assert describe(path)["segments"][0]["name"] == "肝脏"
    assert sentence in describe(path)["warnings"]
    assert sentence in convert(path).warnings


def test_a_guess_is_told_with_a_structure_set(tmp_path: Path) -> None:
    stack = axial()
    path = write(structure_set([R(1, [flat(stack, 1, box(1, 1, 4, 4))], "Leber XY")]), tmp_path / "rs.dcm")
    path.write_bytes(path.read_bytes().replace(b"Leber XY", "Müller  ".encode("latin-1")).replace(b"ISO_IR 192", b"          "))
    told = describe(path)
    assert told["segments"][0]["name"] == "Müller"
    assert guess_sentence({"Latin-1"}) in told["warnings"]


def test_text_in_ascii_needs_no_guess(tmp_path: Path) -> None:
    dataset = sf.plain(sf.seg(sf.images(), sf.channels()))
    dataset.PatientName = "Test^Person"
    del dataset.SpecificCharacterSet
    path = sf.save(dataset, tmp_path / "seg.dcm")
    assert not [warning for warning in describe(path)["warnings"] if "character set" in warning]
    assert guess_sentence(()) == ""
