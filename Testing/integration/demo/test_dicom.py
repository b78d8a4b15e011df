"""The objects are what the standard asks for, as other programs read them."""

from typing import Any

import highdicom
import numpy as np
import pydicom
import pytest
from pydicom.datadict import dictionary_VR

from IDCBrowserLib.demo import contours, structures
from IDCBrowserLib.demo.color import recommended_cielab
from IDCBrowserLib.demo.grid import CT_GRID
from IDCBrowserLib.demo.images import CT, MR, ImageSeries
from IDCBrowserLib.demo.made_folder import PhantomSeries

Headers = dict[str, list[pydicom.Dataset]]


def test_every_identifier_is_used_once_and_valid(headers: Headers) -> None:
    objects = [dataset for datasets in headers.values() for dataset in datasets]
    assert len({dataset.SOPInstanceUID for dataset in objects}) == len(objects) == 100
    assert {dataset.PatientID for dataset in objects} == {"DEMO-001"}
    assert len({dataset.StudyInstanceUID for dataset in objects}) == 2
    for dataset in objects:
        assert all(uid.is_valid for uid in (dataset.SOPInstanceUID, dataset.SeriesInstanceUID, dataset.StudyInstanceUID, dataset.FrameOfReferenceUID))


def test_decimal_strings_fit_and_values_suit_their_representation(headers: Headers) -> None:
    def check(_: pydicom.Dataset, element: pydicom.DataElement) -> None:
        assert dictionary_VR(element.tag) == element.VR or element.keyword == "PixelData" or " or " in dictionary_VR(element.tag)
        if element.VR == "DS":
            values = element.value if isinstance(element.value, pydicom.multival.MultiValue) else [element.value]
            assert all(len(str(value.original_string)) <= 16 for value in values)

    for datasets in headers.values():
        for dataset in datasets:
            dataset.walk(check)


@pytest.mark.parametrize(("image", "key"), [(CT, "ct"), (MR, "mr")])
def test_the_slices_lie_where_the_grid_says(image: ImageSeries, key: str, headers: Headers) -> None:
    slices = sorted(headers[key], key=lambda dataset: dataset.InstanceNumber)
    for k, dataset in enumerate(slices):
        assert dataset.SOPInstanceUID == image.instance_uid(k)
        assert tuple(dataset.ImagePositionPatient) == image.grid.slice_position(k)
        assert dataset.pixel_array.shape == image.grid.shape[1:]


@pytest.mark.parametrize(("key", "image"), [("seg_binary", CT), ("seg_labelmap", CT), ("mr_seg", MR)])
def test_highdicom_reads_the_same_voxels_from_the_seg(
    key: str, image: ImageSeries, series: dict[str, PhantomSeries], headers: Headers, truth: dict[str, Any]
) -> None:
    seg = highdicom.seg.segread(series[key].files[0])
    source = {dataset.SOPInstanceUID: dataset for dataset in headers["ct" if image is CT else "mr"]}
    assert {str(uid) for _, _, uid in seg.get_source_image_uids()} == {image.instance_uid(k) for k in range(image.grid.shape[0])} == set(source)
    for expected in truth[key]["segments"]:
        volume = seg.get_volume(segment_numbers=[expected["number"]], combine_segments=False, rescale_fractional=False)
        assert int(np.count_nonzero(volume.array)) == expected["voxels"], expected


@pytest.mark.parametrize("key", ["seg_binary", "seg_labelmap", "mr_seg"])
def test_dimension_indices_count_the_places_that_are_used(key: str, headers: Headers) -> None:
    [dataset] = headers[key]
    places: dict[float, set[int]] = {}
    for frame in dataset.PerFrameFunctionalGroupsSequence:
        values = frame.FrameContentSequence[0].DimensionIndexValues
        place = values if isinstance(values, int) else values[-1]
        position = np.dot(frame.PlanePositionSequence[0].ImagePositionPatient, (CT if key != "mr_seg" else MR).grid.axes[2])
        places.setdefault(round(float(position), 4), set()).add(place)
    assert [places[position] for position in sorted(places)] == [{n + 1} for n in range(len(places))]


@pytest.mark.parametrize(("key", "overlap"), [("seg_binary", "YES"), ("seg_labelmap", "NO"), ("mr_seg", "NO")])
def test_overlap_is_stated(key: str, overlap: str, headers: Headers) -> None:
    assert headers[key][0].SegmentsOverlap == overlap


def test_recommended_colors_come_back_as_drawn() -> None:
    for segment in structures.overlapping_segments(CT_GRID):
        stored = recommended_cielab(segment.color)
        back = highdicom.color.CIELabColor.from_dicom_value(stored).to_rgb()
        assert max(abs(first - second) for first, second in zip(back, segment.color, strict=True)) <= 1


def test_the_structure_set_refers_to_every_image_and_each_contour_to_its_own(headers: Headers) -> None:
    [dataset] = headers["rtstruct"]
    [referenced] = dataset.ReferencedFrameOfReferenceSequence
    assert referenced.FrameOfReferenceUID == headers["ct"][0].FrameOfReferenceUID
    [study] = referenced.RTReferencedStudySequence
    [one] = study.RTReferencedSeriesSequence
    positions = {image.SOPInstanceUID: image.ImagePositionPatient[2] for image in headers["ct"]}
    assert one.SeriesInstanceUID == headers["ct"][0].SeriesInstanceUID
    assert {item.ReferencedSOPInstanceUID for item in one.ContourImageSequence} == set(positions)
    for roi in dataset.ROIContourSequence:
        for contour in roi.ContourSequence:
            [image] = contour.ContourImageSequence
            heights = set(contour.ContourData[2::3])
            assert heights == {positions[image.ReferencedSOPInstanceUID]}
            assert contour.NumberOfContourPoints * 3 == len(contour.ContourData)


def test_the_structure_set_holds_what_is_hard_about_them(headers: Headers) -> None:
    [dataset] = headers["rtstruct"]
    by_name = {roi.ROIName: item for roi, item in zip(dataset.StructureSetROISequence, dataset.ROIContourSequence, strict=True)}
    kinds = {name: {contour.ContourGeometricType for contour in item.ContourSequence} for name, item in by_name.items()}
    assert kinds["L1 vertebra"] == {"CLOSEDPLANAR_XOR"}
    assert kinds["Isocenter"] == {"POINT"}
    slices = [contour.ContourData[2] for contour in by_name["Psoas muscles"].ContourSequence]
    assert max(slices.count(height) for height in set(slices)) == 2
    keyholes = [vertices(contour) for contour in by_name["PTV minus GTV"].ContourSequence]
    assert sum(len(set(loop)) == len(loop) - 2 for loop in keyholes) >= 5
    holes = [contour for contour in by_name["L1 vertebra"].ContourSequence if is_hole(contour, by_name["L1 vertebra"].ContourSequence)]
    assert len(holes) >= 3


def vertices(contour: pydicom.Dataset) -> list[tuple[float, float]]:
    values = [float(value) for value in contour.ContourData]
    return list(zip(values[0::3], values[1::3], strict=True))


def is_hole(contour: pydicom.Dataset, others: Any) -> bool:
    same_slice = (other for other in others if other is not contour and other.ContourData[2] == contour.ContourData[2])
    return any(contours.contains(vertices(other), vertices(contour)[0]) for other in same_slice)
