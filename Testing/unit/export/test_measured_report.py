"""``idc-browser export --report``: the measurements of a SEG as TID 1500, read back by this program exactly and by highdicom."""

import json
import subprocess
import warnings
from dataclasses import replace

import highdicom as hd
import numpy as np
import pydicom
import pytest
from helpers import seg_files as sf
from helpers.dciodvfy import errors_of
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydicom.sr._concepts_dict import concepts

from IDCBrowserLib.cli.main import main
from IDCBrowserLib.dicom.code import Code
from IDCBrowserLib.errors import ConversionError, StorageError
from IDCBrowserLib.export import measured_report, write_report
from IDCBrowserLib.export.export import export
from IDCBrowserLib.export.measured_report import quantity_codes
from IDCBrowserLib.export.options import ExportOptions
from IDCBrowserLib.export.report_items import number_item
from IDCBrowserLib.export.segment_figures import measure_segments
from IDCBrowserLib.labelmap.convert import convert
from IDCBrowserLib.labelmap.types import Labelmap, Segment, Source
from IDCBrowserLib.report.measurements import measurements_of
from IDCBrowserLib.report.read import read_report
from IDCBrowserLib.task import Task
from IDCBrowserLib.volume.quantity import _PET, HOUNSFIELD, UNKNOWN
from IDCBrowserLib.volume.read_grids import read_image_grids

SHAPE = (4, 7, 9)
LIVER = Code("10200004", "SCT", "Liver")
KIDNEY = Code("64033007", "SCT", "Kidney")
STRUCTURE = Code("123037004", "SCT", "Anatomical Structure")
LEFT = Code("7771000", "SCT", "Left")
MASS = Code("4147007", "SCT", "Mass")
ABNORMAL = Code("49755003", "SCT", "Morphologically Altered Structure")


def with_values(images, scale: int = 1):
    """Each image with values of its own; CT has a slope of 1 and an intercept of -1024."""
    random = np.random.default_rng(5)
    for image in images:
        image.PixelData = random.integers(0, 2000, (image.Rows, image.Columns)).astype(np.int16).tobytes()
        image.RescaleSlope, image.RescaleIntercept = scale, -1024
    return images


@pytest.fixture(scope="module", params=["axial", "oblique", "odd"])
def files(request, tmp_path_factory):
    series = {
        "axial": lambda: sf.images(*SHAPE),
        "oblique": lambda: sf.images(*SHAPE, orientation=sf.OBLIQUE, spacing=(0.9765625, 0.48828125), step=1.37, origin=(-103.33, 7.125, 1.0)),
        "odd": lambda: sf.images(*SHAPE, positions=[0, 2, 5, 9]),
    }[request.param]()
    return sf.save_images(with_values(series), tmp_path_factory.mktemp(f"images {request.param}"))


def labelmap_on(files) -> Labelmap:
    """A liver, a left kidney that overlaps it, and a mass in it: two layers."""
    first, second = np.zeros(SHAPE, np.uint8), np.zeros(SHAPE, np.uint8)
    first[0:3, 1:6, 1:6], second[1:4, 2:5, 4:9], second[0, 0, 0] = 1, 1, 2
    segments = (
        Segment(1, 1, "Liver", 0, category=STRUCTURE, type=LIVER, algorithm_type="AUTOMATIC", algorithm_name="net"),
        Segment(2, 1, "Kidney", 1, category=STRUCTURE, type=KIDNEY, type_modifiers=(LEFT,), algorithm_type="MANUAL", tracking_uid="1.2.3"),
        Segment(3, 2, "Mass", 1, category=ABNORMAL, type=MASS, anatomic_region=LIVER),
    )
    source = Source("label file", series_description="mine")
    return Labelmap((first, second), read_image_grids(files)[0].geometry, segments, source, int(((first > 0) & (second > 0)).sum()))


def values_of(files) -> np.ndarray:
    """(k, j, i) along the grid."""
    by_uid = {str((image := pydicom.dcmread(path)).SOPInstanceUID): image.pixel_array + float(image.RescaleIntercept) for path in files}
    return np.stack([by_uid[one.sop_instance_uid] for one in read_image_grids(files)[0].present_slices])


def written(files, folder, **options):
    options = ExportOptions("seg", "Mine", "Doe^Jane", "net", "2.1", **options)
    return export(labelmap_on(files), files, folder / "seg.dcm", options, report=folder / "sr.dcm")


def test_the_values_come_back_exactly(files, tmp_path):
    told = written(files, tmp_path)
    rows = measurements_of(read_report(tmp_path / "sr.dcm")).rows
    assert len(rows) == 3 * 6
    made, values = labelmap_on(files), values_of(files)
    thicknesses = read_image_grids(files)[0].thicknesses()
    spacing = made.geometry.spacing
    for number, segment in enumerate(made.segments, 1):
        mask = made.layers[segment.layer] == segment.label_value
        inside = values[mask]
        found = {(row.quantity.value, row.derivation.meaning if row.derivation else ""): row for row in rows if row.segment_number == number}
        assert found["118565006", ""].value == pytest.approx(float(mask.sum((1, 2)) @ thicknesses) * spacing[0] * spacing[1], rel=1e-12)
        assert found["112031", "Mean"].value == pytest.approx(inside.mean(), rel=1e-12)
        assert found["112031", "Standard Deviation"].value == pytest.approx(inside.std(), rel=1e-9, abs=1e-9)
        assert (found["112031", "Minimum"].value, found["112031", "Maximum"].value) == (inside.min(), inside.max())
        assert {row.unit.value for key, row in found.items() if key[0] == "112031"} == {"[hnsf'U]"}
        assert found["L0JK", ""].unit.value == "mm" and found["L0JK", ""].value > 0
        row = found["118565006", ""]
        assert (row.unit.value, row.method.value) == ("mm3", "126030")
        assert row.segmentation_sop_uid == told.sop_instance_uid and row.source_series_uid == told.referenced_series_uid


def test_every_bit_of_a_number_comes_back(tmp_path, files):
    told = written(files, tmp_path)
    figures = measure_segments(labelmap_on(files), read_image_grids(files)[0], Task())
    rows = measurements_of(read_report(told.report.path)).rows
    means = [row.value for row in rows if row.derivation is not None and row.derivation.meaning == "Mean"]
    assert means == [one.inside.mean for one in figures.segments]
    assert [row.value for row in rows if row.quantity.value == "118565006"] == [one.volume_mm3 for one in figures.segments]


def test_each_group_says_what_it_is_where_it_is_and_who_made_it(files, tmp_path):
    written(files, tmp_path)
    first = {row.segment_number: row for row in reversed(measurements_of(read_report(tmp_path / "sr.dcm")).rows)}
    assert [row.finding for row in (first[1], first[2], first[3])] == [LIVER, KIDNEY, MASS]
    assert [row.finding_category for row in (first[1], first[2], first[3])] == [STRUCTURE, STRUCTURE, ABNORMAL]
    assert [row.finding_site for row in (first[1], first[2], first[3])] == [LIVER, KIDNEY, LIVER]
    assert [row.laterality for row in (first[1], first[2], first[3])] == [None, LEFT, None]
    assert [row.algorithm for row in (first[1], first[2], first[3])] == ["net 2.1", "", "net 2.1"]
    segments = convert(tmp_path / "seg.dcm", files).segments
    assert [(first[one.number].tracking_id, first[one.number].tracking_uid) for one in segments] == [
        (one.tracking_id, one.tracking_uid) for one in segments
    ]
    assert first[2].tracking_uid == "1.2.3"


def test_the_report_belongs_to_the_patient_and_study_of_the_images(files, tmp_path):
    told = written(files, tmp_path)
    image, report = pydicom.dcmread(files[0]), pydicom.dcmread(tmp_path / "sr.dcm")
    for keyword in ("PatientID", "StudyInstanceUID", "AccessionNumber"):
        assert report[keyword].value == image[keyword].value
    assert report.SeriesInstanceUID == told.report.series_uid != told.series_uid
    assert "FrameOfReferenceUID" not in report and report.Modality == "SR"
    read = read_report(tmp_path / "sr.dcm")
    assert read.template == "1500" and read.is_complete and not read.notes
    assert read.series_of[told.sop_instance_uid] == told.series_uid
    assert set(read.series_of.values()) == {told.series_uid, image.SeriesInstanceUID}


def test_highdicom_reads_the_same_groups(files, tmp_path):
    told = written(files, tmp_path)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        report = hd.sr.srread(tmp_path / "sr.dcm")
        groups = hd.sr.MeasurementReport.from_sequence([report], is_root=True).get_volumetric_roi_measurement_groups()
        ours = measurements_of(read_report(tmp_path / "sr.dcm")).rows
        for number, group in enumerate(groups):
            rows = [row for row in ours if row.group == number]
            assert [one.value for one in group.get_measurements()] == pytest.approx([row.value for row in rows], rel=1e-14)
            assert [one.name.value for one in group.get_measurements()] == [row.quantity.value for row in rows]
            assert group.tracking_uid == rows[0].tracking_uid and group.tracking_identifier == rows[0].tracking_id
            segment = group.referenced_segment
            assert segment.referenced_sop_instance_uid == told.sop_instance_uid
            assert segment[0].ReferencedSOPSequence[0].ReferencedSegmentNumber == rows[0].segment_number
            assert group.finding_type.value == rows[0].finding.value
            assert group.finding_category is not None
    assert len(groups) == 3


def test_dcmqi_reads_the_same_values(files, tmp_path):
    program = sf.Path(__import__("sys").executable).parent / "tid1500reader"
    if not program.exists():
        pytest.skip("dcmqi is not installed")
    written(files, tmp_path)
    arguments = ["--inputDICOM", tmp_path / "sr.dcm", "--outputMetadata", tmp_path / "sr.json"]
    done = subprocess.run([program, *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr + done.stdout
    groups = json.loads((tmp_path / "sr.json").read_text(encoding="utf-8"))["Measurements"]
    rows = measurements_of(read_report(tmp_path / "sr.dcm")).rows
    theirs = [float(item["value"]) for group in groups for item in group["measurementItems"]]
    assert theirs == pytest.approx([row.value for row in rows], rel=1e-6)
    assert [group["ReferencedSegment"] for group in groups] == [1, 2, 3]
    assert [group["TrackingUniqueIdentifier"] for group in groups] == list(dict.fromkeys(row.tracking_uid for row in rows))


def test_dciodvfy_finds_no_error(files, tmp_path):
    written(files, tmp_path)
    assert errors_of(tmp_path / "sr.dcm") == []


@pytest.mark.parametrize("kind", ["seg", "rtstruct"])
def test_a_name_of_a_creator_that_no_name_of_dicom_can_be_is_made_one(tmp_path, kind):
    files = sf.save_images(with_values(sf.images(*SHAPE)), tmp_path / "CT")
    options = ExportOptions(kind, "Mine", "Doe^a^b^c^d^e^f=Other\\" + "J" * 200, "n" * 200, "v" * 200)
    export(labelmap_on(files), files, tmp_path / "made.dcm", options, report=tmp_path / "sr.dcm")
    assert errors_of(tmp_path / "made.dcm") == errors_of(tmp_path / "sr.dcm") == []
    made = pydicom.dcmread(tmp_path / "made.dcm")
    name = str(made.ContentCreatorName if kind == "seg" else made.OperatorsName)
    assert name.startswith("Doe^a^b^c^d e f Other/J") and len(name) == 64


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.floats(allow_nan=False, allow_infinity=False, width=64))
def test_any_number_is_written_in_full(value):
    item = number_item(measured_report._VOLUME, value, measured_report._CUBIC).MeasuredValueSequence[0]
    assert len(str(item.NumericValue)) <= 16
    assert float(item.get("FloatingPointValue", item.NumericValue)) == value


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_what_is_no_number_is_not_written_as_one(value):
    with pytest.raises(ValueError, match="not a measurement"):
        number_item(measured_report._VOLUME, value, measured_report._CUBIC)


def test_the_diameter_of_a_bar_runs_from_corner_to_corner_of_its_surface(tmp_path):
    """Of 3 x 1 x 1 voxels: the surface of marching cubes has its outermost points half a voxel beyond the centers of the ends."""
    files = sf.save_images(with_values(sf.images(*SHAPE, spacing=(2.0, 3.0), step=4.0)), tmp_path / "CT")
    geometry = read_image_grids(files)[0].geometry
    for box, expected in (((2, 3, slice(2, 5)), 9.0), ((slice(0, 3), 3, 4), 12.0), ((2, 3, 4), 4.0), ((2, slice(1, 5), 4), 8.0)):
        voxels = np.zeros(SHAPE, np.uint8)
        voxels[box] = 1
        made = Labelmap((voxels,), geometry, (Segment(1, 1, "Bar"),), Source("label file"))
        assert measure_segments(made, read_image_grids(files)[0], Task()).segments[0].diameter_mm == pytest.approx(expected)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 1 << 30))
def test_the_diameter_equals_that_of_the_vertices_of_marching_cubes(files, seed):
    """Of all midpoints between a voxel that is set and its neighbor that is not."""
    grid = read_image_grids(files)[0]
    random = np.random.default_rng(seed)
    voxels = (random.random(SHAPE) < random.choice([0.03, 0.2, 0.7])).astype(np.uint8)
    if not voxels.any():
        voxels[0, 0, 0] = 1
    made = Labelmap((voxels,), grid.geometry, (Segment(1, 1, "X"),), Source("label file"))
    padded = np.pad(voxels, 1)
    places = grid.slice_positions()
    places = np.vstack([2 * places[0] - places[1], places, 2 * places[-1] - places[-2]])
    steps = made.geometry.index_to_lps()[:3, :2]

    def point(index):
        k, j, i = index
        return places[k] + steps @ [i - 1, j - 1]

    points = []
    for index in np.argwhere(padded):
        for axis in range(3):
            for side in (-1, 1):
                other = index.copy()
                other[axis] += side
                if not padded[tuple(other)]:
                    points.append((point(index) + point(other)) / 2)
    points = np.array(points)
    longest = max(np.linalg.norm(points - one, axis=1).max() for one in points)
    assert measure_segments(made, grid, Task()).segments[0].diameter_mm == pytest.approx(longest, rel=1e-9)


def test_codes_of_the_standard_have_the_meaning_of_the_standard():
    """As pydicom's dictionary of DICOM, SNOMED, LOINC and IBSI concepts has them, of several meanings one."""
    found = [value for module in (measured_report, write_report) for value in vars(module).values() if isinstance(value, Code)]
    found += [*measured_report._OF_MODALITY.values(), *write_report._PROCEDURES.values()]
    checked = [code for code in found if code.scheme in ("DCM", "SCT", "LN", "IBSI")]
    # The dictionary has the first two under the meanings of another context group, and lacks the last two.
    other = {
        "Mean": "Averaged",
        "Minimum": "Minimal (qualifier value)",
        "Maximum": "Maximal (qualifier value)",
        "Imaging procedure": "Imaging (procedure)",
    }
    other |= {"Finding category": "Findings category type (qualifier value)"}
    for code in checked:
        known = {meaning for values in concepts[code.scheme].values() for value, (meaning, _) in values.items() if value == code.value}
        assert {code.meaning, other.get(code.meaning, "")} & known or code.meaning == "Topographical modifier", (code, known)
    assert len(checked) > 30


def test_what_the_image_measures_is_stated_by_a_code():
    assert quantity_codes(HOUNSFIELD, "CT")[0].value == "112031"
    assert quantity_codes(UNKNOWN, "MR") == (Code("110852", "DCM", "MR signal intensity"), Code("1", "UCUM", "no units"))
    assert [code.value for code in quantity_codes(_PET["GML"], "PT")] == ["126400", "g/ml"]
    assert [code.value for code in quantity_codes(_PET["BQML"], "PT")] == ["110821", "Bq/ml"]
    assert quantity_codes(UNKNOWN, "US")[0].scheme == "99IDCBROWSER"


def test_measurements_of_a_structure_set_are_those_of_its_voxels_and_name_its_rois(files, tmp_path):
    told = export(
        labelmap_on(files), files, tmp_path / "rs.dcm", ExportOptions("rtstruct", "Mine", "Doe^Jane", "net", "2.1"), report=tmp_path / "of-rois.dcm"
    )
    of_seg = written(files, tmp_path)
    rows, same = (measurements_of(read_report(path)).rows for path in (told.report.path, of_seg.report.path))
    assert told.report.sop_class_uid == "1.2.840.10008.5.1.4.1.1.88.34"
    assert {row.segmentation_sop_uid for row in rows} == {told.sop_instance_uid}
    rois = {roi.number: roi.name for roi in convert(tmp_path / "rs.dcm", files).segments}
    numbers = list(dict.fromkeys(row.segment_number for row in rows))
    assert numbers == list(rois)
    of_roi = {number: [(row.quantity, row.derivation, row.value) for row in rows if row.segment_number == number] for number in numbers}
    of_segment = {number: [(row.quantity, row.derivation, row.value) for row in same if row.segment_number == number] for number in (1, 2, 3)}
    assert list(of_roi.values()) == list(of_segment.values())
    (evidence,) = pydicom.dcmread(told.report.path).CurrentRequestedProcedureEvidenceSequence
    assert len(evidence.ReferencedSeriesSequence) == 2
    groups = hd.sr.srread(told.report.path).content.get_volumetric_roi_measurement_groups()
    assert [len(group.get_measurements()) for group in groups] == [6, 6, 6]


def test_dciodvfy_finds_no_error_in_measurements_of_a_structure_set(files, tmp_path):
    export(labelmap_on(files), files, tmp_path / "rs.dcm", ExportOptions("rtstruct", "Mine"), report=tmp_path / "sr.dcm")
    assert errors_of(tmp_path / "sr.dcm") == []


def test_a_report_that_cannot_be_written_leaves_no_segmentation(files, tmp_path):
    with pytest.raises(StorageError):
        export(labelmap_on(files), files, tmp_path / "seg.dcm", ExportOptions("seg"), report=tmp_path / "nowhere" / "sr.dcm")
    assert not list(tmp_path.iterdir())


def test_a_report_that_cannot_be_written_leaves_the_earlier_segmentation(tmp_path):
    files = sf.save_images(with_values(sf.images(*SHAPE)), tmp_path / "CT")
    (tmp_path / "seg.dcm").write_bytes(b"of yesterday")
    with pytest.raises(StorageError, match=r"sr\.dcm"):
        export(labelmap_on(files), files, tmp_path / "seg.dcm", ExportOptions("seg"), report=tmp_path / "nowhere" / "sr.dcm")
    assert (tmp_path / "seg.dcm").read_bytes() == b"of yesterday" and {path.name for path in tmp_path.iterdir()} == {"CT", "seg.dcm"}
    with pytest.raises(StorageError, match=r"nowhere/seg\.dcm cannot"):
        export(labelmap_on(files), files, tmp_path / "nowhere" / "seg.dcm", ExportOptions("seg"), report=tmp_path / "sr.dcm")
    assert {path.name for path in tmp_path.iterdir()} == {"CT", "seg.dcm"}


def test_images_that_cannot_be_decoded_leave_the_earlier_segmentation(tmp_path):
    images = with_values(sf.images(*SHAPE))
    images[1].PixelData = images[1].PixelData[:10]
    files = sf.save_images(images, tmp_path / "CT")
    (tmp_path / "seg.dcm").write_bytes(b"of yesterday")
    with pytest.raises(ConversionError):
        export(labelmap_on(files), files, tmp_path / "seg.dcm", ExportOptions("seg"), report=tmp_path / "sr.dcm")
    assert (tmp_path / "seg.dcm").read_bytes() == b"of yesterday" and not (tmp_path / "sr.dcm").exists()


def test_values_beyond_all_measure_are_left_out(tmp_path):
    images = with_values(sf.images(*SHAPE))
    images[1].RescaleSlope = "1e300"
    files = sf.save_images(images, tmp_path / "CT")
    export(labelmap_on(files), files, tmp_path / "seg.dcm", ExportOptions("seg"), report=tmp_path / "sr.dcm")
    values = [row.value for row in measurements_of(read_report(tmp_path / "sr.dcm")).rows]
    assert len(values) == 18 and max(values) < 1e6


def test_one_file_by_two_names_is_one_file(tmp_path, capsys):
    arguments = ["export", "mine.nrrd", "--images", str(tmp_path), "--as", "seg", "--out", str(tmp_path / "x.dcm")]
    assert main([*arguments, "--report", str(tmp_path / "CT" / ".." / "x.dcm")]) == 2
    assert "name the same file" in capsys.readouterr().err


def test_a_label_map_with_gaps_is_measured_by_the_numbers_in_the_file(files, tmp_path):
    volume = np.zeros(SHAPE, np.uint16)
    volume[1, 2:4, 2:4], volume[2, 5, 5] = 7, 300
    segments = (Segment(1, 7, "Seven"), Segment(2, 300, "Many"), Segment(3, 9, "Nothing"))
    made = replace(labelmap_on(files), layers=(volume,), segments=segments, overlapping_voxels=0)
    export(made, files, tmp_path / "seg.dcm", ExportOptions("labelmap"), report=tmp_path / "sr.dcm")
    numbers = {segment.number: segment.name for segment in convert(tmp_path / "seg.dcm", files).segments}
    rows = measurements_of(read_report(tmp_path / "sr.dcm")).rows
    assert {(row.segment_number, numbers[row.segment_number], row.tracking_id) for row in rows} == {(7, "Seven", "Seven"), (300, "Many", "Many")}


@pytest.mark.parametrize("length", [10, 46, 47, 48, 64, 4000])
def test_a_report_is_told_from_its_seg_by_its_description_however_long(files, tmp_path, length):
    export(labelmap_on(files), files, tmp_path / "s.dcm", ExportOptions("seg", "x" * length), report=tmp_path / "r.dcm")
    segmentation, report = (pydicom.dcmread(tmp_path / name).SeriesDescription for name in ("s.dcm", "r.dcm"))
    assert report.endswith(" - measurements") and len(report) <= 64
    assert segmentation == ("x" * length)[:64] and report.startswith("x" * min(length, 49))


def test_the_command_writes_both_and_a_name_of_4000_letters_is_cut(tmp_path, capsys):
    files = sf.save_images(with_values(sf.images(*SHAPE)), tmp_path / "CT")
    from IDCBrowserLib.labelmap.files.write import write

    made = labelmap_on(files)
    made = replace(made, segments=(replace(made.segments[0], name="L" * 4000), *made.segments[1:]))
    write(made, tmp_path / "mine.seg.nrrd")
    arguments = ["export", str(tmp_path / "mine.seg.nrrd"), "--images", str(tmp_path / "CT"), "--as", "seg", "--out", str(tmp_path / "x.dcm")]
    assert main([*arguments, "--report", str(tmp_path / "sr.dcm"), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["files"] == [str(tmp_path / "x.dcm"), str(tmp_path / "sr.dcm")]
    assert told["report"]["measurements"] == 18
    assert errors_of(tmp_path / "x.dcm") == errors_of(tmp_path / "sr.dcm") == []
    assert main(["measurements", str(tmp_path / "sr.dcm"), "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)["rows"]
    assert len(rows) == 18 and len(rows[0]["tracking_id"]) == 64
