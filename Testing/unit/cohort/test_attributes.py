"""DICOM attributes as text."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from IDCBrowserLib.cohort.attributes import read_attributes, rows, text_of
from IDCBrowserLib.errors import ConversionError
from IDCBrowserLib.preview.objects import LocalObject


def test_private_elements_and_long_values_are_told() -> None:
    dataset = Dataset()
    dataset.PatientName = "Ä^B"
    dataset.add_new(0x00091010, "LO", "private")
    item = Dataset()
    item.TextValue = "x" * 5000
    dataset.ConceptNameCodeSequence = Sequence([item])
    assert [row["keyword"] for row in rows(dataset, False)] == ["PatientName"]
    told = {row["keyword"]: row["value"] for row in rows(dataset, True)}
    assert told["(0009,1010)"] == "private"
    assert len(told["ConceptNameCodeSequence[0].TextValue"]) == 2001
    assert (text_of(b"ABC \0"), text_of(b"\x01\x02"), text_of([1, 2]), text_of(None)) == ("ABC", "2 bytes", "1\\2", "")


def test_what_is_not_dicom_is_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_bytes(b"<html>" * 50_000)
    with pytest.raises(ConversionError):
        read_attributes(LocalObject(path, path.stat().st_size))
