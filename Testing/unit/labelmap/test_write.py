"""Files that other programs read: NRRD (pynrrd), NIfTI (nibabel), Slicer segmentations (vtkMRMLSegmentationStorageNode)."""

import gzip
import json
from dataclasses import replace

import nibabel
import nrrd
import numpy as np
import pytest
from helpers import seg_files as sf

from IDCBrowserLib.errors import InputError, StorageError
from IDCBrowserLib.labelmap.convert import convert, fractions
from IDCBrowserLib.labelmap.files.write import write, write_fractions


@pytest.fixture(params=["axial", "oblique", "tilted"])
def labelmap(request, tmp_path):
    source = sf.images(orientation=sf.OBLIQUE if request.param == "oblique" else sf.AXIAL)
    made = sf.seg(source, sf.channels(), numbers=[2, 5, 300], colors={2: (221, 130, 101), 5: (0, 255, 0), 300: (0, 0, 255)})
    if request.param == "tilted":
        heights = [frame.PlanePositionSequence[0].ImagePositionPatient[2] - 100 for frame in made.PerFrameFunctionalGroupsSequence]
        made = sf.with_frames(made, range(18), {number: (0, 0.12 * height, 0) for number, height in enumerate(heights)})
    return convert(sf.save(made, tmp_path / "seg.dcm"))


@pytest.fixture
def overlapping(tmp_path):
    return convert(sf.save(sf.seg(sf.images(), sf.channels(), colors={1: (221, 130, 101)}), tmp_path / "seg.dcm"))


@pytest.mark.parametrize("compress", [False, True])
def test_nrrd_holds_voxels_and_place(labelmap, tmp_path, compress):
    written = write(labelmap, tmp_path / "ä 'b'.nrrd", compress=compress)
    data, header = nrrd.read(str(written[0]))
    assert np.array_equal(np.transpose(data, (2, 1, 0)), labelmap.labelmap_volume())
    assert header["space"] == "left-posterior-superior"
    np.testing.assert_allclose(header["space directions"], labelmap.geometry.index_to_lps()[:3, :3].T)
    np.testing.assert_allclose(header["space origin"], labelmap.geometry.origin)
    assert header["encoding"] == ("gzip" if compress else "raw")
    assert header["Segment1_Name"] == "Part 5"


@pytest.mark.parametrize("ending", [".nii", ".nii.gz"])
def test_nifti_holds_voxels_and_place(labelmap, tmp_path, ending):
    image = nibabel.load(write(labelmap, tmp_path / f"out{ending}")[0])
    assert np.array_equal(np.asarray(image.dataobj).transpose(2, 1, 0), labelmap.labelmap_volume())
    np.testing.assert_allclose(image.affine, labelmap.geometry.index_to_ras(), atol=1e-5)
    qform, code = image.get_qform(coded=True)
    if code:
        np.testing.assert_allclose(qform, labelmap.geometry.index_to_ras(), atol=1e-4)
    else:
        assert abs(np.dot(labelmap.geometry.directions[1], labelmap.geometry.directions[2])) > 0.01
    assert image.header.get_xyzt_units()[0] == "mm"


@pytest.mark.parametrize("compress", [False, True])
def test_slicer_reads_the_segmentation_with_all_layers(labelmap, tmp_path, compress):
    slicer = pytest.importorskip("slicer")
    from vtk.util.numpy_support import vtk_to_numpy

    path = write(labelmap, tmp_path / "out.seg.nrrd", compress=compress)[0]
    scene = slicer.vtkMRMLScene()
    node = scene.AddNewNodeByClass("vtkMRMLSegmentationNode")
    storage = scene.AddNewNodeByClass("vtkMRMLSegmentationStorageNode")
    storage.SetFileName(str(path))
    assert storage.ReadData(node) == 1
    segmentation = node.GetSegmentation()
    assert [segmentation.GetNthSegmentID(number) for number in range(3)] == ["Segment_2", "Segment_5", "Segment_300"]
    for segment in labelmap.segments:
        read = segmentation.GetSegment(f"Segment_{segment.number}")
        assert read.GetName() == segment.name
        np.testing.assert_allclose(read.GetColor(), np.array(segment.color) / 255, atol=1e-5)
        assert read.GetLabelValue() == segment.label_value
        tag = slicer.mutable("") if hasattr(slicer, "mutable") else __import__("vtk").reference("")
        assert read.GetTag("TerminologyEntry", tag)
        assert "SCT^91772007^Organ" in str(tag)
        assert node.GetSegmentation().GetSegment(f"Segment_{segment.number}").GetTag("DICOM.TrackingID", tag)
        oriented = slicer.vtkOrientedImageData()
        assert node.GetBinaryLabelmapRepresentation(f"Segment_{segment.number}", oriented)
        voxels = vtk_to_numpy(oriented.GetPointData().GetScalars())
        assert int(np.count_nonzero(voxels)) == segment.voxels
        _check_place(oriented, labelmap, segment)


def _check_place(oriented, labelmap, segment):
    """The first set voxel lies at the same place in RAS."""
    from vtk import vtkMatrix4x4
    from vtk.util.numpy_support import vtk_to_numpy

    matrix = vtkMatrix4x4()
    oriented.GetImageToWorldMatrix(matrix)
    to_ras = np.array([[matrix.GetElement(row, column) for column in range(4)] for row in range(4)])
    i0, i1, j0, j1, k0, k1 = oriented.GetExtent()
    voxels = vtk_to_numpy(oriented.GetPointData().GetScalars()).reshape(k1 - k0 + 1, j1 - j0 + 1, i1 - i0 + 1)
    k, j, i = np.argwhere(voxels)[0]
    mine = np.argwhere(labelmap.layers[segment.layer] == segment.label_value)[0]
    expected = labelmap.geometry.index_to_ras() @ [*mine[::-1], 1]
    np.testing.assert_allclose(to_ras @ [i + i0, j + j0, k + k0, 1], expected, atol=1e-4)


def test_slicer_writes_the_same_fields(overlapping, tmp_path):
    slicer = pytest.importorskip("slicer")
    ours = write(overlapping, tmp_path / "ours.seg.nrrd")[0]
    scene = slicer.vtkMRMLScene()
    node = scene.AddNewNodeByClass("vtkMRMLSegmentationNode")
    storage = scene.AddNewNodeByClass("vtkMRMLSegmentationStorageNode")
    storage.SetFileName(str(ours))
    assert storage.ReadData(node) == 1
    storage.SetFileName(str(tmp_path / "theirs.seg.nrrd"))
    assert storage.WriteData(node) == 1
    written, read = nrrd.read_header(str(tmp_path / "theirs.seg.nrrd")), nrrd.read_header(str(ours))
    for key in (name for name in read if name.startswith("Segment")):
        # Slicer crops extents, adds tags, and numbers the labels of a layer anew.
        if key == "Segmentation_ConversionParameters" or key.endswith(("_Extent", "_Tags", "_LabelValue")):
            assert key in written
        else:
            assert _same(written[key], read[key]), key
    assert all(part in written["Segment0_Tags"] for part in read["Segment0_Tags"].split("|"))
    assert list(written["kinds"]) == list(read["kinds"])


def _same(first: str, second: str) -> bool:
    try:
        return np.allclose([float(part) for part in first.split()], [float(part) for part in second.split()], atol=1e-5)
    except ValueError:
        return first == second


def test_separate_files_keep_overlaps(overlapping, tmp_path):
    written = write(overlapping, tmp_path / "out.nrrd", separate=True)
    assert [path.name for path in written] == ["out_1_Part-1.nrrd", "out_2_Part-2.nrrd", "out_3_Part-3.nrrd"]
    for path, segment in zip(written, overlapping.segments, strict=True):
        data, _ = nrrd.read(str(path))
        assert int(np.count_nonzero(data)) == segment.voxels
        assert set(np.unique(data)) == {0, segment.label_value}


def test_separate_segmentations_hold_one_segment(overlapping, tmp_path):
    written = write(overlapping, tmp_path / "out.seg.nrrd", separate=True)
    header = nrrd.read_header(str(written[1]))
    assert header["dimension"] == 3
    assert (header["Segment0_Name"], header["Segment0_Layer"]) == ("Part 2", "0")
    assert "Segment1_Name" not in header


def test_hostile_segment_names_stay_inside_the_folder_and_the_line(tmp_path):
    made = sf.plain(sf.seg(sf.images(), sf.channels(count=1)))
    made.SegmentSequence[0].SegmentLabel = "../../x\nSegment0_LabelValue:=9"
    found = convert(sf.save(made, tmp_path / "seg.dcm"))
    written = write(found, tmp_path / "deep" / "out.nrrd", separate=True) if (tmp_path / "deep").mkdir() is None else []
    assert written[0].parent == tmp_path / "deep"
    header = nrrd.read_header(str(written[0]))
    assert header["Segment0_LabelValue"] == "1"


def test_fractions_are_written_as_floats(tmp_path):
    array = np.random.default_rng(2).random((3, 8, 10, 2)).astype(np.float32)
    made = sf.seg(sf.images(3, 8, 10), array, kind="FRACTIONAL", max_fractional_value=200)
    path = sf.save(made, tmp_path / "seg.dcm")
    ((_, volumes),) = fractions(path)
    written = write_fractions(convert(path), volumes, tmp_path / "out.nrrd")
    for number, file in enumerate(written):
        data, header = nrrd.read(str(file))
        assert (data.dtype, header["encoding"]) == (np.float32, "raw")
        np.testing.assert_allclose(np.transpose(data, (2, 1, 0)), np.around(array[..., number] * 200) / 200, atol=1e-6)
    with pytest.raises(InputError, match="contains no fractions"):
        fractions(sf.save(sf.seg(sf.images(), sf.channels()), tmp_path / "binary.dcm"))


def test_an_unknown_ending_is_refused(overlapping, tmp_path):
    for name in ("out.mha", "out", "nrrd", ".nrrd"):
        with pytest.raises(InputError, match=r"must end in"):
            write(overlapping, tmp_path / name)


def test_nothing_half_written_stays(overlapping, tmp_path):
    with pytest.raises(StorageError, match=r"out\.nrrd cannot be written"):
        write(overlapping, tmp_path / "gone" / "out.nrrd")
    (tmp_path / "folder.nrrd").mkdir()
    with pytest.raises(StorageError, match=r"folder\.nrrd cannot be written"):
        write(overlapping, tmp_path / "folder.nrrd")
    assert not list(tmp_path.glob("*.part")) and not list(tmp_path.glob(".*"))


def test_gzip_files_do_not_depend_on_the_time(overlapping, tmp_path):
    first, second = (write(overlapping, tmp_path / name)[0].read_bytes() for name in ("a.nii.gz", "b.nii.gz"))
    assert first == second
    assert len(gzip.decompress(first)) == 352 + overlapping.labelmap_volume().nbytes


FROM_IDC = {"IDC.crdc_series_uuid": "e6ea0ba1-0000-4000-8000-000000000000", "IDC.license": "CC BY 4.0", "IDC.source_doi": "10.7937/x"}


@pytest.mark.parametrize("ending", [".nrrd", ".seg.nrrd"])
@pytest.mark.parametrize("separate", [False, True])
def test_an_nrrd_header_states_where_the_data_come_from(overlapping, tmp_path, ending, separate):
    for path in write(replace(overlapping, provenance=FROM_IDC), tmp_path / f"out{ending}", separate=separate):
        header = nrrd.read_header(str(path))
        assert {key: header[key] for key in FROM_IDC} == FROM_IDC


@pytest.mark.parametrize("ending", [".nii", ".nii.gz"])
def test_a_file_beside_nifti_states_where_the_data_come_from_and_names_the_labels(overlapping, tmp_path, ending):
    (path,) = write(replace(overlapping, provenance=FROM_IDC), tmp_path / f"out{ending}")
    assert np.array_equal(np.asarray(nibabel.load(path).dataobj).transpose(2, 1, 0), overlapping.labelmap_volume())
    beside = json.loads((tmp_path / "out.idc.json").read_text())
    assert beside == {**FROM_IDC, "labels": {str(segment.label_value): segment.name for segment in overlapping.segments}}
    write(replace(overlapping, provenance=FROM_IDC), tmp_path / f"each{ending}", separate=True)
    assert len(list(tmp_path.glob("each_*.idc.json"))) == len(overlapping.segments)


def test_without_anything_known_nothing_lies_beside_nifti(overlapping, tmp_path):
    write(overlapping, tmp_path / "out.nii")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out.nii", "seg.dcm"]


def test_slicer_reads_where_the_data_come_from_as_attributes_of_the_volume(overlapping, tmp_path):
    slicer = pytest.importorskip("slicer")
    (path,) = write(replace(overlapping, provenance=FROM_IDC), tmp_path / "out.nrrd")
    scene = slicer.vtkMRMLScene()
    node, storage = (scene.AddNewNodeByClass(name) for name in ("vtkMRMLLabelMapVolumeNode", "vtkMRMLNRRDStorageNode"))
    storage.SetFileName(str(path))
    assert storage.ReadData(node)
    assert {key: node.GetAttribute(key) for key in FROM_IDC} == FROM_IDC
