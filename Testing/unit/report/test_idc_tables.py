"""Rows from IDC's own tables of measurements, in a folder and in a bucket."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from helpers.fault_proxy import fault_proxy, silent
from helpers.s3_server import S3Server

from IDCBrowserLib.errors import CancelledError, InputError, NotFoundError, TransferError
from IDCBrowserLib.network import Network
from IDCBrowserLib.report.idc_tables import TablesSource, rows_from_tables
from IDCBrowserLib.report.table import read_measurements, write_measurements
from IDCBrowserLib.report.view import MeasurementTable
from IDCBrowserLib.task import Task


def code(value: str) -> dict[str, str]:
    return {"CodeValue": value, "CodingSchemeDesignator": "SCT", "CodeMeaning": f"meaning of {value}"}


def row(series: str, value: object, group: int = 0) -> dict[str, object]:
    return {
        "PatientID": "P1",
        "SeriesInstanceUID": series,
        "SOPInstanceUID": f"{series}.1",
        "measurementGroup_number": group,
        "segmentationSegmentNumber": 3,
        "trackingIdentifier": "Nodule",
        "Quantity": code("118565006"),
        "derivationModifier": None,
        "Units": code("mm3"),
        "finding": code("27925004"),
        "Value": value,
        "somethingNew": 7,
    }


def write(folder: Path, table: str, rows: list[dict[str, object]]) -> None:
    (folder / table).mkdir(parents=True)
    pq.write_table(pa.Table.from_pylist(rows), folder / table / "000000000000.parquet")


@pytest.fixture
def tables(tmp_path: Path) -> Path:
    write(tmp_path, "quantitative_measurements", [row("1.2.1", 2.5), row("1.2.2", 9.0), row("1.2.1", None, 1)])
    write(tmp_path, "qualitative_measurements", [row("1.2.1", code("malignant"))])
    write(tmp_path, "segmentations", [segment("1.2.5", 1, "10200004"), segment("1.2.5", 2, "78961009"), segment("1.2.6", 1, "10200004")])
    return tmp_path


def test_only_the_rows_of_the_series_asked_for_come(tables: Path) -> None:
    rows, missing = rows_from_tables(TablesSource(str(tables)), ["1.2.1"], Task())
    assert missing == []
    assert [(found["sr_series_uid"], found["group"], found["value"], found["value_text"]) for found in rows] == [
        ("1.2.1", 0, 2.5, None),
        ("1.2.1", 1, None, None),
        ("1.2.1", 0, None, "meaning of malignant"),
    ]
    assert rows[0]["quantity"] == {"value": "118565006", "scheme": "SCT", "meaning": "meaning of 118565006"}
    assert (rows[0]["segment_number"], rows[0]["tracking_id"], rows[0]["derivation"], rows[0]["method"]) == (3, "Nodule", None, None)


def test_a_table_that_a_release_lacks_is_said_and_without_any_nothing_is_pretended(tables: Path) -> None:
    (tables / "qualitative_measurements" / "000000000000.parquet").unlink()
    rows, missing = rows_from_tables(TablesSource(str(tables)), ["1.2.2"], Task())
    assert [found["value"] for found in rows] == [9.0]
    assert missing == [f"There is no table qualitative_measurements at {tables}."]
    with pytest.raises(NotFoundError, match="This release has no tables of measurements"):
        rows_from_tables(TablesSource(str(tables / "nowhere")), ["1.2.2"], Task())


def test_a_damaged_table_and_an_unreachable_bucket_are_errors_in_words(tables: Path) -> None:
    (tables / "quantitative_measurements" / "000000000000.parquet").write_bytes(b"PAR1 no table at all")
    with pytest.raises(TransferError, match="cannot be read"):
        rows_from_tables(TablesSource(str(tables)), ["1.2.1"], Task())


def test_tables_in_a_public_bucket_are_read_without_credentials(tables: Path, s3_server: S3Server) -> None:
    s3_server.make_bucket("idc-open-metadata")
    for path in tables.rglob("*.parquet"):
        s3_server.put(f"bigquery_export/idc_v25/{path.relative_to(tables).as_posix()}", path.read_bytes(), "idc-open-metadata")
    rows, missing = rows_from_tables(TablesSource.of_release("25", "", s3_server.url, Network()), ["1.2.1"], Task())
    assert missing == []
    assert [(found["group"], found["value"], found["value_text"]) for found in rows] == [
        (0, 2.5, None),
        (1, None, None),
        (0, None, "meaning of malignant"),
    ]
    with pytest.raises(NotFoundError, match="This release has no tables of measurements"):
        rows_from_tables(TablesSource.of_release("24", "", s3_server.url, Network()), ["1.2.1"], Task())


def segment(series: str, number: int, kind: str) -> dict[str, object]:
    return {
        "PatientID": "P1",
        "SeriesInstanceUID": series,
        "SOPInstanceUID": f"{series}.1",
        "SegmentNumber": number,
        "SegmentedPropertyCategory": code("123037004"),
        "SegmentedPropertyType": code(kind),
        "AnatomicRegion": None,
        "SegmentAlgorithmName": "TotalSegmentator",
        "TrackingID": "Liver 1",
        "segmented_SeriesInstanceUID": "1.2.9",
        "viewer_url": "https://example.org",
    }


def test_segments_of_a_seg_are_rows_without_a_value(tables: Path) -> None:
    rows, missing = rows_from_tables(TablesSource(str(tables)), ["1.2.5", "1.2.2"], Task())
    assert missing == [] and [(found["sr_series_uid"], found["segment_number"], found["value"]) for found in rows] == [
        ("1.2.2", 3, 9.0),
        ("1.2.5", 1, None),
        ("1.2.5", 2, None),
    ]
    liver = rows[1]
    assert liver["finding"] == code_row("10200004") and liver["finding_category"] == code_row("123037004") and liver["finding_site"] is None
    assert (liver["algorithm"], liver["source_series_uid"], liver["segmentation_sop_uid"]) == ("TotalSegmentator", "1.2.9", "1.2.5.1")
    assert (liver["quantity"], liver["tracking_id"]) == (None, "Liver 1")


def code_row(value: str) -> dict[str, str]:
    return {"value": value, "scheme": "SCT", "meaning": f"meaning of {value}"}


def test_of_too_many_rows_the_first_come_and_that_is_said(tables: Path) -> None:
    rows, notes = rows_from_tables(TablesSource(str(tables)), ["1.2.1", "1.2.5"], Task(), most=3)
    assert len(rows) == 3 and notes == ["There are more rows than the first 3. Select fewer cases for all of theirs."]


def test_a_row_of_a_table_becomes_one_of_the_window_and_of_a_file_again(tables: Path, tmp_path: Path) -> None:
    rows, _missing = rows_from_tables(TablesSource(str(tables)), ["1.2.1", "1.2.5"], Task())
    shown = MeasurementTable.of_rows(rows)
    assert shown.documents() == rows
    for name in ("rows.csv", "rows.parquet"):
        write_measurements(tmp_path / name, rows)
        assert read_measurements(tmp_path / name, 100) == (rows, len(rows))
        assert read_measurements(tmp_path / name, 2) == (rows[:2], len(rows))
    (tmp_path / "other.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(InputError, match="was not written by idc-browser measurements"):
        read_measurements(tmp_path / "other.csv", 2)


def test_a_place_may_name_the_release_and_what_is_none_is_refused(tables: Path) -> None:
    named = tables / "idc_v25"
    named.mkdir()
    assert TablesSource.of_release("25", f"{tables}/idc_v{{release}}", "", Network()).location == str(named)
    for text in ("https://example.org/tables", "s3://", "gs://bucket/prefix", "s3://Not A Bucket/x"):
        with pytest.raises(InputError, match="Write s3://bucket/prefix"):
            TablesSource.of_release("25", text, "", Network())
    with pytest.raises(InputError, match="is not a folder on this computer"):
        TablesSource.of_release("26", f"{tables}/idc_v{{release}}", "", Network())


def test_the_way_to_a_bucket_is_that_of_all_else(tables: Path, s3_server: S3Server) -> None:
    """A proxy that nobody answers at: what is asked through it does not come."""
    elsewhere = Network("http://127.0.0.1:9")
    with pytest.raises(TransferError, match="cannot be read"):
        rows_from_tables(TablesSource("s3://idc-open-metadata/x", "http://mirror.invalid", elsewhere), ["1.2.1"], Task())


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"Value": "large"}, "could not convert"),
        ({"Value": [1.0]}, "list"),
        ({"measurementGroup_number": "first"}, "invalid literal"),
        ({"segmentationSegmentNumber": float("inf")}, "infinity"),
        ({"trackingIdentifier": [1]}, "a text is expected, not list"),
        ({"PatientID": b"\xff"}, "a text is expected, not bytes"),
        ({"finding": {"CodeValue": ["T-62000"]}}, "a text is expected, not list"),
    ],
)
def test_a_table_of_another_form_is_named_with_what_to_do_instead(tmp_path: Path, changed: dict[str, object], said: str) -> None:
    write(tmp_path, "quantitative_measurements", [row("1.2.1", 2.5) | changed])
    with pytest.raises(TransferError, match=rf"quantitative_measurements is of another form .*{said}.*Download the reports"):
        rows_from_tables(TablesSource(str(tmp_path)), ["1.2.1"], Task())


def test_numbers_and_texts_of_other_types_are_taken_as_what_they_are(tmp_path: Path) -> None:
    """Patient IDs as numbers, say."""
    changed = {"PatientID": 17, "Value": "2.5", "measurementGroup_number": 4.0, "finding": {"CodeValue": 10200004}, "Units": "mm3"}
    write(tmp_path, "quantitative_measurements", [row("1.2.1", 2.5) | changed])
    (found,), _missing = rows_from_tables(TablesSource(str(tmp_path)), ["1.2.1"], Task())
    assert (found["patient_id"], found["value"], found["group"], found["unit"]) == ("17", 2.5, 4, None)
    assert found["finding"] == {"value": "10200004", "scheme": "", "meaning": ""}


@pytest.mark.parametrize(("value", "text"), [(float("nan"), "nan"), (float("inf"), "inf"), (float("-inf"), "-inf")])
def test_a_value_that_is_no_number_is_told_as_text(tmp_path: Path, value: float, text: str) -> None:
    write(tmp_path, "quantitative_measurements", [row("1.2.1", value), row("1.2.1", 0.0)])
    rows, _missing = rows_from_tables(TablesSource(str(tmp_path)), ["1.2.1"], Task())
    assert [(found["value"], found["value_text"]) for found in rows] == [(None, text), (0.0, None)]
    assert MeasurementTable.of_rows(rows).documents() == rows


def test_bytes_that_are_no_utf8_are_an_error_in_words(tmp_path: Path) -> None:
    (tmp_path / "quantitative_measurements").mkdir()
    wrong = pa.StringArray.from_buffers(1, pa.py_buffer(b"\0\0\0\0\2\0\0\0"), pa.py_buffer(b"P\xff"))
    table = pa.table({"SeriesInstanceUID": ["1.2.1"], "PatientID": wrong, "Value": [1.0]})
    pq.write_table(table, tmp_path / "quantitative_measurements" / "000000000000.parquet")
    with pytest.raises(TransferError, match=r"cannot be read .*download the reports"):
        rows_from_tables(TablesSource(str(tmp_path)), ["1.2.1"], Task())


def test_whoever_does_not_wait_for_a_silent_server_need_not() -> None:
    """The library gives up after a dozen seconds, and hears of no cancel until then."""
    task = Task()
    with fault_proxy("http://127.0.0.1:9") as proxy:
        proxy.rule = silent(task)
        with pytest.raises(CancelledError):
            rows_from_tables(TablesSource("s3://idc-open-metadata/x", proxy.url), ["1.2.1"], task)
