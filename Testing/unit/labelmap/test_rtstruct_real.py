"""Real structure sets, where they are present (``helpers.real_data``)."""

import json
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from helpers.one_labelmap import convert_rtstruct
from helpers.real_data import real_data

from IDCBrowserLib.errors import ConversionError
from IDCBrowserLib.labelmap.contours.planes import Planes, planes_of
from IDCBrowserLib.labelmap.contours.structure_set import Contour, ConversionNotes, Roi
from IDCBrowserLib.labelmap.contours.voxels import voxels_of
from IDCBrowserLib.labelmap.options import ConvertOptions
from IDCBrowserLib.labelmap.rtstruct.convert_rtstruct import contours_of, describe_rtstruct
from IDCBrowserLib.labelmap.rtstruct.read import read_structure_set
from IDCBrowserLib.volume.geometry import Geometry
from IDCBrowserLib.volume.read_grids import read_image_grids

IBSI = [("STS_002", "CT", 17090), ("STS_002", "MR_T1", 17090), ("STS_002", "PET", 555), ("STS_018", "MR_T1", 37372)]
SHAPES = ("sphere", "cube", "cylinder", "ellipsoid", "torus", "hollow_sphere", "straw")


def grids(folder):
    return read_image_grids(sorted(path for path in folder.iterdir() if path.is_file()))


def nifti_on(labelmap, path):
    """The mask of a NIfTI file in the order of the labelmap's voxels; asserts that both grids are the same."""
    import nibabel

    image = nibabel.load(path)
    to_index = np.linalg.inv(image.affine) @ labelmap.geometry.index_to_ras()
    size = np.array(image.shape[::-1])
    mask = np.asarray(image.dataobj).T > 0.5
    for axis in range(3):
        if to_index[axis, axis] < 0:
            mask = np.flip(mask, 2 - axis)
            to_index[axis] = -to_index[axis]
            to_index[axis, 3] += size[2 - axis] - 1
    assert np.allclose(to_index, np.eye(4), atol=5e-3)
    return mask


@pytest.mark.real_data
@pytest.mark.parametrize(("patient", "modality", "voxels"), IBSI)
def test_ibsi_masks_are_equal_voxel_by_voxel(patient, modality, voxels):
    folder = real_data("ibsi_validation", "dicom", patient, modality)
    labelmap = convert_rtstruct(folder / "mask" / "RS.dcm", grids(folder / "image"))

    assert labelmap.segments[0].voxels == voxels
    assert np.array_equal(
        labelmap.labelmap_volume() > 0, nifti_on(labelmap, real_data("ibsi_validation", "nifti", patient, f"{modality}_mask.nii.gz"))
    )
    assert labelmap.segments[0].type.meaning == "GTV"


@pytest.mark.real_data
def test_images_of_another_patient_are_refused_for_a_real_structure_set():
    with pytest.raises(ConversionError, match="patient 'STS_002', the structure set of 'STS_018'"):
        folder = real_data("ibsi_validation", "dicom")
        convert_rtstruct(folder / "STS_018" / "MR_T1" / "mask" / "RS.dcm", grids(folder / "STS_002" / "MR_T1" / "image"))


@pytest.mark.real_data
@pytest.mark.parametrize("name", SHAPES)
def test_conformance_shapes_differ_from_the_exact_masks_only_where_their_contours_do(name):
    """The contours are 64-sided polygons inscribed in the shape, and some end slices of the masks have no contour at all.

    So on slices with contours the voxels may differ from the mask only near its border: by the height of a chord, plus the half-volume
    rule that the masks were made with (a voxel of 2 x 2 x 4 mm counts there when half of it is inside, here when its center is).
    """
    folder = real_data("rtmask_conformance", "aniso_2x2x4")
    path = folder / "rtstruct" / "primitives_planar.dcm"
    labelmap = convert_rtstruct(path, grids(folder / "refct"))
    segment = next(segment for segment in labelmap.segments if segment.name == name)
    mask = labelmap.layers[segment.layer] == segment.label_value
    exact = nifti_on(labelmap, folder / "groundtruth" / f"{name}.nii.gz")
    levels = sorted({round(contour.points[0][2] / 4) for contour in contours_of(path, frozenset({segment.number}))})

    assert np.flatnonzero(mask.any((1, 2))).tolist() == levels
    different = mask[levels] != exact[levels]
    dice = 2 * (mask[levels] & exact[levels]).sum() / (mask[levels].sum() + exact[levels].sum())
    assert dice >= (1 if name == "cube" else 0.985)
    near = np.zeros_like(different)
    for index, own in enumerate(exact[levels]):
        every, some = _all_and_any_around(own)
        near[index] = (own != every) | (own != some)
    assert not (different & ~near).any()
    if name in ("hollow_sphere", "straw"):
        assert segment.details["combined"] == ["hole"]
        spec = json.loads((folder / "specs" / f"{name}.json").read_text())
        x, y, z = spec["parameters"]["center_mm"]
        assert not mask[round(z / 4), round(y / 2), round(x / 2)]
    assert segment.details["voxel_to_contour_area"] == pytest.approx(1, abs=0.012)


def _all_and_any_around(mask):
    """Where all, and where any, of the nine neighbors are set."""
    padded = np.pad(mask, 1)
    parts = [padded[1 + dy : 1 + dy + mask.shape[0], 1 + dx : 1 + dx + mask.shape[1]] for dy in (-1, 0, 1) for dx in (-1, 0, 1)]
    return np.logical_and.reduce(parts), np.logical_or.reduce(parts)


@pytest.mark.real_data
def test_innereye_rois_numbered_from_0_are_counted_anew_and_overlap():
    folder = real_data("innereye-dl", "Tests_ML_test_data_sample_dicom.zip", "sample_dicom")
    labelmap = convert_rtstruct(folder / "rtstruct_mod.dcm", grids(folder))

    assert [(segment.number, segment.label_value, segment.name) for segment in labelmap.segments] == [(0, 1, "Femur_L"), (1, 2, "Bladder")]
    assert [segment.voxels for segment in labelmap.segments] == [71670, 33512]
    assert labelmap.overlapping_voxels == 11366


@pytest.mark.real_data
def test_contours_outside_the_series_are_named():
    folder = real_data("rt-utils", "tests", "mock_data")
    labelmap = convert_rtstruct(folder / "invalid_reference_rt.dcm", grids(folder))

    assert [segment.details["contours_used"] for segment in labelmap.segments] == [2, 2, 2, 2]
    assert "ROI 1 'ROI-1', contour 1: skipped, it is 5 mm behind the last slice of the images." in labelmap.warnings


@pytest.mark.real_data
def test_a_nested_contour_of_rt_utils_is_a_hole():
    folder = real_data("rt-utils", "tests", "mock_data")
    labelmap = convert_rtstruct(folder / "rt.dcm", grids(folder))

    assert labelmap.segments[0].details["combined"] == ["hole"]
    assert labelmap.segments[0].voxels == 1443


@pytest.mark.real_data
@pytest.mark.parametrize(
    "parts",
    [
        ("ibsi_validation", "dicom", "STS_002", "CT", "mask", "RS.dcm"),
        ("innereye-dl", "Tests_ML_test_data_sample_dicom.zip", "sample_dicom", "rtstruct_mod.dcm"),
        ("rt-utils", "tests", "mock_data", "invalid_reference_rt.dcm"),
        ("rt-utils", "tests", "mock_data", "rt.dcm"),
        ("rtmask_conformance", "aniso_2x2x4", "rtstruct", "primitives_planar.dcm"),
    ],
    ids=lambda parts: parts[-1],
)
def test_real_structure_sets_convert_on_a_grid_of_their_own(parts):
    path = real_data(*parts)
    labelmap = convert_rtstruct(path, None, ConvertOptions(grid="own"))

    assert len(labelmap.segments) == len(describe_rtstruct(path).segments)
    for segment in labelmap.segments:
        assert segment.details["voxel_to_contour_area"] == pytest.approx(1, abs=0.02)


PLASTIMATCH = [
    (("ibsi_validation", "dicom", "STS_002", "CT", "mask", "RS.dcm"), ("ibsi_validation", "dicom", "STS_002", "CT", "image")),
    (("ibsi_validation", "dicom", "STS_018", "MR_T1", "mask", "RS.dcm"), ("ibsi_validation", "dicom", "STS_018", "MR_T1", "image")),
    (("rtmask_conformance", "aniso_2x2x4", "rtstruct", "primitives_planar.dcm"), ("rtmask_conformance", "aniso_2x2x4", "refct")),
]


@pytest.mark.real_data
@pytest.mark.skipif(shutil.which("plastimatch") is None, reason="plastimatch is not installed")
@pytest.mark.parametrize(("structure_set", "images"), PLASTIMATCH, ids=lambda parts: parts[-1])
def test_plastimatch_agrees(structure_set, images, tmp_path):
    """Dice of 0.995 for every ROI above 500 voxels. plastimatch unites contours, so ours are united too: it would fill every hole."""
    import nrrd

    path, folder = real_data(*structure_set), real_data(*images)
    command = ["plastimatch", "convert", "--input", str(path), "--referenced-ct", str(folder), "--output-prefix", str(tmp_path / "p")]
    subprocess.run([*command, "--prefix-format", "nrrd"], check=True, capture_output=True)
    labelmap = convert_rtstruct(path, grids(folder), ConvertOptions(contour_rule="union"))

    for segment in labelmap.segments:
        theirs, header = nrrd.read(str(tmp_path / "p" / f"{segment.name}.nrrd"), index_order="C")
        mask = labelmap.layers[segment.layer] == segment.label_value
        ours = mask if header["space directions"][2][2] > 0 else mask[::-1]
        if segment.voxels > 500:
            assert 2 * (ours & (theirs > 0)).sum() / (ours.sum() + (theirs > 0).sum()) >= 0.995, segment.name


def organ(name: str) -> tuple[Roi, Planes]:
    """An organ as a planning system drew it (the left lung: 165 contours), and slices of 0.98 mm pixels through its planes."""
    structure_set = read_structure_set(real_data("derived", "dicompyler-core", "rtss.dcm"))
    (roi,) = [roi for roi in structure_set.rois if roi.name == name]
    points = np.concatenate([contour.points for contour in roi.contours])
    low, high = points.min(axis=0), points.max(axis=0)
    pixel = 0.9765625
    count = len(np.unique(points[:, 2].round(3)))
    size = ((high - low)[:2] / pixel).astype(int) + 10
    origin = (float(low[0]) - 5 * pixel, float(low[1]) - 5 * pixel, float(low[2]))
    step = float(high[2] - low[2]) / (count - 1)
    grid = Geometry((count, int(size[1]), int(size[0])), (pixel, pixel, step), origin, ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)))
    return roi, planes_of(grid)


def moved(pixels: float) -> Callable[[np.ndarray], np.ndarray]:
    return lambda points: points + 0.9765625 * np.array([pixels, -0.4 * pixels, 0])


def smaller(points: np.ndarray) -> np.ndarray:
    center = points.mean(axis=0)
    return center + (points - center) * np.array([0.999, 0.999, 1])


@pytest.mark.real_data
@pytest.mark.parametrize("change", [moved(0.2), moved(0.5), moved(0.9), smaller], ids=["0.2 pixels", "0.5 pixels", "0.9 pixels", "0.1 % smaller"])
def test_a_lung_whose_contours_were_drawn_twice_keeps_every_voxel(change):
    roi, planes = organ("Lt Lung")
    drawn = voxels_of(roi, planes, ConversionNotes())
    assert drawn.count > 600_000
    notes = ConversionNotes()
    copies = [Contour(contour.number + 1000, contour.kind, change(contour.points)) for contour in roi.contours]
    doubled = voxels_of(replace(roi, contours=[*roi.contours, *copies]), planes, notes)
    assert np.array_equal(doubled.mask, drawn.mask)
    assert any("taken as a copy" in sentence for sentence in notes.sentences())


@pytest.mark.real_data
def test_a_heart_with_a_wall_of_half_a_pixel_wound_the_other_way_keeps_its_wall():
    roi, planes = organ("Heart")

    def inner(points: np.ndarray) -> np.ndarray:
        center = points.mean(axis=0)
        return (center + (points - center) * np.array([0.99, 0.99, 1]))[::-1]

    holes = [Contour(contour.number + 1000, contour.kind, inner(contour.points)) for contour in roi.contours]
    walls = voxels_of(replace(roi, contours=[*roi.contours, *holes]), planes, ConversionNotes())
    outer = voxels_of(roi, planes, ConversionNotes())
    assert 0 < walls.count < 0.1 * outer.count
