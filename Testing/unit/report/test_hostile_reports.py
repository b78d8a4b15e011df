"""Reports that are broken, endless or made to keep a reader busy: one sentence, the rest shown."""

import struct
from pathlib import Path

import pytest
from helpers import made_reports as made
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydicom.dataset import Dataset

from IDCBrowserLib.errors import ConversionError, IDCBrowserError
from IDCBrowserLib.report.lines import as_text, report_lines
from IDCBrowserLib.report.measurements import measurements_of
from IDCBrowserLib.report.read import NotReportError, read_report


def two_groups(tmp_path: Path, undefined: bool = False) -> Path:
    groups = [made.group([made.number(made.code("len"), str(number))], f"Lesion {number}") for number in (1, 2)]
    return made.save(made.measurement_report(groups), tmp_path / "two.dcm", undefined=undefined)


@pytest.mark.parametrize("undefined", [False, True])
def test_of_a_report_that_is_cut_off_everything_before_is_kept(tmp_path: Path, undefined: bool) -> None:
    whole = two_groups(tmp_path, undefined).read_bytes()
    second = whole.rindex(b"Lesion 2")
    cut = tmp_path / "cut.dcm"
    cut.write_bytes(whole[: second + 4])
    read = read_report(cut)
    assert [row.value for row in measurements_of(read).rows] == [1.0]
    assert len(read.notes) == 1 and "cut off" in read.notes[0] and "what can be read of it is shown" in read.notes[0]


def test_a_damaged_group_does_not_cost_the_others(tmp_path: Path) -> None:
    path = two_groups(tmp_path)
    data = bytearray(path.read_bytes())
    at = data.index(b"Lesion 1")
    # The length of that text claims far more than its item has.
    data[at - 4 : at] = struct.pack("<I", 5000)
    path.write_bytes(data)
    read = read_report(path)
    assert 2.0 in [row.value for row in measurements_of(read).rows]
    assert any("damaged" in note for note in read.notes)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(changes=st.lists(st.tuples(st.integers(400, 5000), st.integers(0, 255)), min_size=1, max_size=6), undefined=st.booleans())
def test_changed_bytes_never_cost_more_than_a_sentence(tmp_path: Path, changes: list[tuple[int, int]], undefined: bool) -> None:
    data = bytearray(two_groups(tmp_path, undefined).read_bytes())
    for place, value in changes:
        data[place % len(data)] = value
    path = tmp_path / "changed.dcm"
    path.write_bytes(data)
    try:
        read = read_report(path)
    except IDCBrowserError as error:
        assert str(path) in str(error)
    else:
        measurements_of(read)
        assert as_text(report_lines(read))


def test_ten_thousand_groups_are_ten_thousand_rows(tmp_path: Path) -> None:
    path = two_groups(tmp_path, undefined=True)
    data = path.read_bytes()
    first, second = data.index(b"Lesion 1"), data.index(b"Lesion 2")
    # Without stated lengths a group more is its bytes once more; pydicom would take ten seconds to write them.
    path.write_bytes(data[:first] + data[first:second] * 9_999 + data[second:])
    measured = measurements_of(read_report(path))
    assert measured.groups == len(measured.rows) == 10_000
    assert measured.rows[-1].group == 9_999


def test_references_in_a_circle_end(tmp_path: Path) -> None:
    first, second = made.content("", relation="CONTAINS"), made.content("", relation="CONTAINS")
    first.ReferencedContentItemIdentifier, second.ReferencedContentItemIdentifier = [1, 1, 2], [1, 1, 1]
    own = made.content("", relation="INFERRED FROM")
    own.ReferencedContentItemIdentifier = [1, 1]
    size = made.number(made.code("len"), "4", children=[own])
    read = read_report(made.save(made.report(made.code("1"), [made.group([first, second, size])]), tmp_path / "circle.dcm"))
    assert [row.value for row in measurements_of(read).rows] == [4.0]
    lines = as_text(report_lines(read)).split("\n")
    assert lines[2:4] == ["    see item 1.1.2", "    see item 1.1.1"]
    assert lines[-1].endswith("inferred from: see Measurement Group (1.1)")


def test_what_is_nested_too_deep_is_left_out_and_that_is_said(tmp_path: Path) -> None:
    item = made.text(made.code("deep"), "the bottom")
    for _ in range(100):
        item = made.container(made.code("box"), [item])
    read = read_report(made.save(made.report(made.code("1"), [item, made.text(made.code("t"), "beside")]), tmp_path / "deep.dcm"))
    assert read.root.children[-1].value == "beside"
    assert read.notes == ("Content is nested deeper than 64 levels; 1 part below is not shown.",)


def test_sequences_of_values_within_each_other_end_as_well(tmp_path: Path) -> None:
    inner = Dataset()
    inner.ReferencedSOPInstanceUID = "1.2"
    for _ in range(200):
        outer = Dataset()
        outer.ReferencedSOPSequence = [inner]
        inner = outer
    item = made.content("IMAGE")
    item.ReferencedSOPSequence = [inner]
    read = read_report(made.save(made.report(made.code("1"), [item, made.text(made.code("t"), "beside")]), tmp_path / "nested.dcm"))
    assert read.root.children[-1].value == "beside"


def test_a_report_without_names_titles_and_value_types_is_still_a_tree(tmp_path: Path) -> None:
    nameless = Dataset()
    nameless.TextValue = "only a text"
    dataset = made.report(None, [nameless, made.container(None, [made.text(None, "inside")])])
    del dataset.SeriesDescription
    read = read_report(made.save(dataset, tmp_path / "nameless.dcm"))
    assert as_text(report_lines(read)).split("\n") == ["Report without a title", "  only a text", "  ", "    inside"]


def test_a_report_without_content_says_so(tmp_path: Path) -> None:
    dataset = made.report(made.code("1"), [])
    del dataset.ContentSequence
    assert read_report(made.save(dataset, tmp_path / "empty.dcm")).notes == ("The report has no content.",)


def test_another_object_is_refused_by_its_kind(tmp_path: Path) -> None:
    dataset = made.report(made.code("1"), [])
    dataset.SOPClassUID = made.CT_CLASS
    with pytest.raises(NotReportError, match="is not a structured report but CT Image Storage"):
        read_report(made.save(dataset, tmp_path / "ct.dcm"))


def test_a_number_that_is_none_stays_text_and_no_value_is_no_zero(tmp_path: Path) -> None:
    rows = [made.number(made.code("a"), "1"), made.number(made.code("b"), None, qualifier=made.code("114000", "DCM", "Not a number"))]
    path = made.save(made.measurement_report([made.group(rows)]), tmp_path / "none.dcm")
    path.write_bytes(path.read_bytes().replace(b"DS\x02\x001 ", b"DS\x02\x00x "))
    odd, missing = measurements_of(read_report(path)).rows
    assert (odd.value, odd.value_text) == (None, "x")
    assert (missing.value, missing.value_text, missing.qualifier and missing.qualifier.meaning) == (None, None, "Not a number")


@pytest.mark.parametrize("stored", [b"inf ", b"nan ", b"1_00", b"1e99"])
def test_only_finite_numbers_are_values(tmp_path: Path, stored: bytes) -> None:
    path = made.save(made.measurement_report([made.group([made.number(made.code("a"), "1234")])]), tmp_path / "odd.dcm")
    path.write_bytes(path.read_bytes().replace(b"1234", stored))
    (row,) = measurements_of(read_report(path)).rows
    assert row.value == (1e99 if stored == b"1e99" else None)


def test_a_file_that_is_far_too_large_is_not_read(tmp_path: Path) -> None:
    path = two_groups(tmp_path)
    with path.open("r+b") as file:
        file.truncate(1 << 30)
    with pytest.raises(ConversionError, match="far more than a report can have"):
        read_report(path)
