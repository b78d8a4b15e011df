"""The content tree of structured reports, in every way of writing, against pydicom's reading."""

import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pydicom
import pytest
from helpers import made_reports as made
from helpers.real_data import real_data
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydicom.dataset import Dataset

from IDCBrowserLib.dicom.code import Code
from IDCBrowserLib.report.item import ContentItem, Graphic, Number, Reference
from IDCBrowserLib.report.read import read_report

NAMES = st.sampled_from([None, made.code("1"), made.code("2", "SRT", "Größe"), made.code("121071", "DCM", "Finding")])
LEAVES = st.one_of(
    st.builds(made.text, NAMES, st.text("abcÄ \n", max_size=12)),
    st.builds(made.coded, NAMES.filter(bool), st.sampled_from([made.code("A"), made.code("B", "SCT")])),
    st.builds(made.number, NAMES.filter(bool), st.sampled_from(["1", "-2.5", "1e3", None])),
    st.builds(made.uid, NAMES.filter(bool), st.sampled_from(["1.2.3", "2.25.7"])),
    st.builds(made.image, st.just(made.CT_CLASS), st.just("1.2.3.4"), NAMES, st.sampled_from([(), (3,), (1, 2)]), st.sampled_from([(), (7,)])),
    st.builds(lambda points: made.scoord("POLYLINE", points, made.image(made.CT_CLASS, "1.5")), st.lists(st.floats(0, 500, width=32), max_size=6)),
)
TREES = st.recursive(LEAVES, lambda below: st.builds(made.container, NAMES, st.lists(below, max_size=4)), max_leaves=12)


def as_pydicom(item: Dataset, is_root: bool = False) -> Any:
    """What our tree has to be, from pydicom's data set."""
    read = VALUES.get(item.ValueType)
    relation = "" if is_root else item.RelationshipType
    below = [as_pydicom(child) for child in item.get("ContentSequence") or []]
    return (relation, item.ValueType, _code(item.get("ConceptNameCodeSequence")), read(item) if read else None, below)


def _number(item: Dataset) -> Any:
    measured = item.MeasuredValueSequence
    return (float(measured[0].NumericValue), _code(measured[0].MeasurementUnitsCodeSequence)) if measured else (None, None)


def _image(item: Dataset) -> Any:
    reference = item.ReferencedSOPSequence[0]
    return (reference.ReferencedSOPInstanceUID, _numbers(reference, "ReferencedFrameNumber"), _numbers(reference, "ReferencedSegmentNumber"))


VALUES: dict[str, Callable[[Dataset], Any]] = {
    "TEXT": lambda item: (item.TextValue or "").strip(" \r\n"),
    "CODE": lambda item: _code(item.ConceptCodeSequence),
    "UIDREF": lambda item: str(item.UID),
    "NUM": _number,
    "IMAGE": _image,
    "SCOORD": lambda item: (item.GraphicType, _numbers(item, "GraphicData")),
}


def as_ours(item: ContentItem) -> Any:
    value: Any = item.value
    if isinstance(value, Number):
        value = (value.value, value.unit)
    elif isinstance(value, Reference):
        value = (value.sop_instance_uid, value.frames, value.segments)
    elif isinstance(value, Graphic):
        value = (value.kind, value.numbers)
    return (item.relation, item.value_type, item.name, value, [as_ours(child) for child in item.children])


def _code(sequence: Any) -> Code | None:
    return Code(sequence[0].CodeValue, sequence[0].CodingSchemeDesignator, sequence[0].CodeMeaning) if sequence else None


def _numbers(item: Dataset, keyword: str) -> tuple[float, ...]:
    value = item.get(keyword)
    if value is None:
        return ()
    return tuple(value) if isinstance(value, (list, pydicom.multival.MultiValue)) else (value,)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(trees=st.lists(TREES, min_size=1, max_size=4), way=st.sampled_from(sorted(made.SYNTAXES)), undefined=st.booleans())
def test_drawn_reports_are_read_as_pydicom_reads_them(tmp_path: Path, trees: list[Dataset], way: str, undefined: bool) -> None:
    dataset = made.report(made.code("126000", "DCM"), trees)
    dataset.SpecificCharacterSet = "ISO_IR 192"
    path = made.save(dataset, tmp_path / "drawn.dcm", way, undefined)
    read = read_report(path)
    assert as_ours(read.root) == as_pydicom(pydicom.dcmread(path), is_root=True)
    assert read.notes == ()


@pytest.mark.real_data
@pytest.mark.parametrize(
    "name",
    ["derived/dcmqi-sr-example/sr.dcm", "derived/highdicom/sr_document_with_multiple_groups.dcm", "pydicom/test_files/reportsi.dcm"],
)
def test_real_reports_are_read_as_pydicom_reads_them(name: str) -> None:
    path = real_data(*name.split("/"))
    ours = [(item.relation, item.value_type, item.name) for item in read_report(path).root.walk() if item.value_type in VALUES]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = list(_walk(pydicom.dcmread(path)))
    assert ours == [(item.get("RelationshipType", ""), item.ValueType, _code(item.get("ConceptNameCodeSequence"))) for item in theirs]


def _walk(item: Dataset) -> Any:
    if item.get("ValueType") in VALUES:
        yield item
    for child in item.get("ContentSequence") or []:
        yield from _walk(child)


def test_text_without_a_declared_character_set_is_guessed_and_that_is_said(tmp_path: Path) -> None:
    dataset = made.report(made.code("1"), [made.text(made.code("2"), "Größe")])
    path = made.save(dataset, tmp_path / "guessed.dcm")
    path.write_bytes(path.read_bytes().replace("Größe".encode("latin-1", "replace"), "Größe".encode("latin-1")))
    read = read_report(path)
    assert [item.value for item in read.root.children] == ["Größe"]
    assert any("does not declare the character set" in note for note in read.notes)


def test_the_full_number_is_taken_where_it_is_the_same_and_the_stored_one_where_it_is_not(tmp_path: Path) -> None:
    same, other = made.number(made.code("1"), "0.333333333333"), made.number(made.code("2"), "7")
    same.MeasuredValueSequence[0].FloatingPointValue = 1 / 3
    other.MeasuredValueSequence[0].FloatingPointValue = 700.0
    root = read_report(made.save(made.report(made.code("1"), [same, other]), tmp_path / "numbers.dcm")).root
    assert [child.value.value for child in root.children if isinstance(child.value, Number)] == [1 / 3, 7.0]
