"""Measurements are read by codes and relationships, in the dialects that IDC holds, and agree with a second reader."""

import json
import subprocess
import sys
import warnings
from pathlib import Path

import pytest
from helpers import made_reports as made
from helpers.real_data import real_data
from pydicom.dataset import Dataset

from IDCBrowserLib.dicom.code import Code
from IDCBrowserLib.report.measurement import Measurement
from IDCBrowserLib.report.measurements import Measured, measurements_of
from IDCBrowserLib.report.read import read_report


def read(dataset: Dataset, tmp_path: Path) -> Measured:
    return measurements_of(read_report(made.save(dataset, tmp_path / "report.dcm")))


def mean_of(code: Code | None) -> str:
    return code.meaning if code else ""


@pytest.mark.parametrize("dialect", [made.MODERN, made.OLD], ids=["SCT", "SRT"])
def test_site_side_and_method_are_found_in_new_and_old_codes(tmp_path: Path, dialect: dict[str, tuple[str, str]]) -> None:
    group = made.group(
        [
            made.site("lung", "left", dialect),
            made.coded(made.code(*dialect["method"], "Method"), made.code("group method"), "HAS CONCEPT MOD"),
            made.number(made.code("volume"), "3"),
            made.number(
                made.code("diameter"),
                "4",
                children=[
                    made.coded(made.code("121401", "DCM", "Derivation"), made.code("maximum"), "HAS CONCEPT MOD"),
                    made.coded(made.code(*dialect["method"], "Method"), made.code("own method"), "HAS CONCEPT MOD"),
                    made.site("lobe", "right", dialect),
                ],
            ),
        ]
    )
    volume, diameter = read(made.measurement_report([group]), tmp_path).rows
    assert [mean_of(code) for code in (volume.finding_site, volume.laterality, volume.method, volume.derivation)] == [
        "lung",
        "left",
        "group method",
        "",
    ]
    found = [mean_of(code) for code in (diameter.finding_site, diameter.laterality, diameter.method, diameter.derivation)]
    assert found == ["lobe", "right", "own method", "maximum"]


def test_groups_with_other_measurements_in_another_order_keep_their_names(tmp_path: Path) -> None:
    first = made.group([made.number(made.code("volume"), "1"), made.number(made.code("length"), "2")], "A")
    second = made.group([made.number(made.code("length"), "3"), made.number(made.code("surface"), "4"), made.number(made.code("volume"), "5")], "B")
    rows = read(made.measurement_report([first, second]), tmp_path).rows
    found = [(row.group, row.tracking_id, mean_of(row.quantity), row.value) for row in rows]
    assert found == [(0, "A", "volume", 1), (0, "A", "length", 2), (1, "B", "length", 3), (1, "B", "surface", 4), (1, "B", "volume", 5)]


def test_a_segment_based_group_names_segment_object_and_series_without_the_segmentation(tmp_path: Path) -> None:
    group = made.group(
        [
            made.image(made.SEG_CLASS, "1.7.7", made.code("121191", "DCM", "Referenced Segment"), segments=[12]),
            made.uid(made.code("121232", "DCM", "Source series for segmentation"), "1.2.3.4"),
            made.text(made.code("111001", "DCM", "Algorithm Name"), "TotalSegmentator", "HAS CONCEPT MOD"),
            made.text(made.code("111003", "DCM", "Algorithm Version"), "1.5.6", "HAS CONCEPT MOD"),
            made.number(made.code("volume"), "1"),
        ],
        "Liver",
        "1.9.9",
    )
    (row,) = read(made.measurement_report([group]), tmp_path).rows
    assert (row.segment_number, row.segmentation_sop_uid, row.source_series_uid) == (12, "1.7.7", "1.2.3.4")
    assert (row.algorithm, row.tracking_id, row.tracking_uid) == ("TotalSegmentator 1.5.6", "Liver", "1.9.9")


def test_a_box_on_an_image_leads_to_its_series_and_says_what_it_is(tmp_path: Path) -> None:
    box = made.scoord("POLYLINE", [1, 2, 5, 2, 5, 9, 1, 9, 1, 2], made.image(made.CT_CLASS, "1.4.1", frames=[3]))
    box.ContentSequence.append(made.coded(made.code("130400", "DCM", "Geometric purpose of region"), made.code("75958009", "SCT", "Bounded by")))
    measured = read(made.measurement_report([made.group([box, made.number(made.code("long axis"), "8")])], {"1.4.1": "1.4"}), tmp_path)
    (row,), (region,) = measured.rows, measured.regions
    assert (row.region, row.source_series_uid) == (0, "1.4")
    assert (region.kind, region.points[:2], region.frame, region.image_sop_uid) == ("POLYLINE", ((1.0, 2.0), (5.0, 2.0)), 3, "1.4.1")
    assert region.image_series_uid == "1.4" and mean_of(region.purpose) == "Bounded by"


def test_ratings_and_remarks_are_rows_and_what_describes_the_group_is_none(tmp_path: Path) -> None:
    group = made.group(
        [
            made.coded(made.code("121071", "DCM", "Finding"), made.code("Nodule")),
            made.coded(made.code("276214006", "SCT", "Finding category"), made.code("Abnormality")),
            made.coded(made.code("C2986546", "NCIt", "Malignancy"), made.code("5", meaning="5 out of 5 (Highly Suspicious for Cancer)")),
            made.text(made.code("121106", "DCM", "Comment"), "spiculated"),
        ]
    )
    rows = read(made.measurement_report([group]), tmp_path).rows
    assert [(mean_of(row.quantity), row.value, row.value_text) for row in rows] == [
        ("Malignancy", None, "5 out of 5 (Highly Suspicious for Cancer)"),
        ("Comment", None, "spiculated"),
    ]
    assert rows[0].value_code == Code("5", "99TEST", "5 out of 5 (Highly Suspicious for Cancer)")
    assert {(mean_of(row.finding), mean_of(row.finding_category)) for row in rows} == {("Nodule", "Abnormality")}


def test_evaluations_outside_of_any_group_are_rows_without_a_group(tmp_path: Path) -> None:
    report = made.measurement_report([made.group([made.number(made.code("volume"), "1")])])
    rating = made.coded(made.code("quality"), made.code("good"))
    report.ContentSequence.append(made.container(made.code("C0034375", "UMLS", "Qualitative Evaluations"), [rating]))
    rows = read(report, tmp_path).rows
    assert [(row.group, row.value, row.value_text) for row in rows] == [(0, 1.0, None), (None, None, "good")]


def test_a_number_within_a_number_is_where_that_came_from_and_no_row(tmp_path: Path) -> None:
    inner = made.number(made.code("numerator"), "6")
    inner.RelationshipType = "INFERRED FROM"
    rows = read(made.measurement_report([made.group([made.number(made.code("ratio"), "3", children=[inner])])]), tmp_path).rows
    assert [mean_of(row.quantity) for row in rows] == ["ratio"]


def test_measurements_of_images_not_in_groups_of_the_library_are_none(tmp_path: Path) -> None:
    report = made.measurement_report([])
    report.ContentSequence.append(made.container(made.code("111028", "DCM", "Image Library"), [made.number(made.code("rows"), "512")]))
    assert read(report, tmp_path).rows == ()


@pytest.mark.real_data
def test_the_report_of_a_tumor_has_the_stated_values() -> None:
    rows = measurements_of(read_report(real_data("derived", "dcmqi-sr-example", "sr.dcm"))).rows
    values = {(mean_of(row.quantity), mean_of(row.derivation)): row for row in rows}
    assert len(rows) == len(values) == 22
    assert [values["SUVbw", name].value for name in ("Mean", "Minimum", "Maximum", "Peak Value Within ROI")] == [6.01529, 2.91136, 10.3814, 9.45534]
    assert (values["Volume", ""].value, values["Volume", ""].unit) == (33.5824, Code("ml", "UCUM", "Milliliter"))
    assert values["Total Lesion Glycolysis", ""].value == 202.008
    row = rows[0]
    assert (row.tracking_id, row.segment_number, mean_of(row.finding_site)) == ("primary tumor", 1, "pharyngeal tonsil (adenoid)")
    assert row.source_series_uid.endswith("130542397405")


@pytest.mark.real_data
def test_dcmqi_reads_the_same_values(tmp_path: Path) -> None:
    path = real_data("derived", "dcmqi-sr-example", "sr.dcm")
    out = tmp_path / "theirs.json"
    reader = Path(sys.executable).with_name("tid1500reader")
    if not reader.exists():
        pytest.skip("dcmqi is not installed")
    subprocess.run([reader, "--inputDICOM", path, "--outputMetadata", out], check=True, capture_output=True)
    (group,) = json.loads(out.read_text())["Measurements"]
    theirs = [
        (item["quantity"]["CodeMeaning"], item.get("derivationModifier", {}).get("CodeMeaning", ""), float(item["value"]))
        for item in group["measurementItems"]
    ]
    ours = [(mean_of(row.quantity), mean_of(row.derivation), row.value) for row in measurements_of(read_report(path)).rows]
    assert sorted(map(str, ours)) == sorted(map(str, theirs))


@pytest.mark.real_data
@pytest.mark.parametrize("name", ["sr_document.dcm", "sr_document_with_multiple_groups.dcm"])
def test_highdicom_reads_the_same_values(name: str) -> None:
    path = real_data("derived", "highdicom", name)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from highdicom.sr import MeasurementReport, srread

        content = srread(path).content
        assert isinstance(content, MeasurementReport)
        groups = [
            *content.get_image_measurement_groups(),
            *content.get_planar_roi_measurement_groups(),
            *content.get_volumetric_roi_measurement_groups(),
        ]
        theirs = sorted(
            (group.tracking_identifier, item.name.meaning, float(item.value), item.unit.value)
            for group in groups
            for item in group.get_measurements()
        )
        ratings = [(group.tracking_identifier, item) for group in groups for item in group.get_qualitative_evaluations()]
        # It takes the category of a finding for an evaluation of it.
        rated = sorted((name, item.name.meaning, item.value.meaning) for name, item in ratings if item.name.value != "276214006")
    rows = measurements_of(read_report(path)).rows
    assert sorted((row.tracking_id, mean_of(row.quantity), row.value, row.unit.value) for row in rows if row.value is not None and row.unit) == theirs
    assert sorted((row.tracking_id, mean_of(row.quantity), row.value_text or "") for row in rows if row.value_code) == rated


@pytest.mark.real_data
def test_a_report_of_a_hundred_groups_is_two_thousand_two_hundred_rows() -> None:
    measured = measurements_of(read_report(real_data("derived", "made_sr_100_groups.dcm")))
    assert (measured.groups, len(measured.rows)) == (100, 2200)
    assert all(isinstance(row, Measurement) and row.value is not None for row in measured.rows)
