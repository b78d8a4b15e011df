"""From a file to a labelmap: references, meaning, numbers, and what is said of each."""

import json
from dataclasses import replace

import numpy as np
import pytest
from helpers.one_labelmap import convert_rtstruct
from helpers.rtstruct_files import FRAME, SERIES, C, R, axial, box, f, flat, structure_set, write
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence as Items

from IDCBrowserLib.engine.methods.labelmap import contours
from IDCBrowserLib.engine.state import EngineState
from IDCBrowserLib.errors import CancelledError, ConversionError, InputError, StorageError
from IDCBrowserLib.labelmap.options import ConvertOptions
from IDCBrowserLib.labelmap.rtstruct.contour_lines import DrawnRoi, load_lines, save_lines
from IDCBrowserLib.labelmap.rtstruct.convert_rtstruct import contours_of, describe_rtstruct
from IDCBrowserLib.labelmap.rtstruct.convert_rtstruct import convert_rtstruct as convert_rtstruct_parts
from IDCBrowserLib.labelmap.rtstruct.read import read_structure_set
from IDCBrowserLib.labelmap.types import Labelmap, Segment, Source
from IDCBrowserLib.task import Task
from IDCBrowserLib.volume.read_grids import read_image_grids


def made(tmp_path, rois, references=((FRAME, SERIES, ()),), **values):
    return write(structure_set(rois, references, **values), tmp_path / "rs.dcm")


def one(tmp_path, contours, stack=None, options=None, **values) -> tuple[Labelmap, np.ndarray]:
    labelmap = convert_rtstruct(made(tmp_path, [R(1, contours, "A")], **values), [(stack or axial()).grid()], options)
    return labelmap, labelmap.labelmap_volume() > 0


def code(value, scheme, meaning, **more):
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = value, scheme, meaning
    for keyword, content in more.items():
        setattr(item, keyword, content)
    return item


def test_points_and_open_contours_become_annotations_never_voxels(tmp_path):
    stack = axial()
    rois = [
        R(1, [flat(stack, 1, box(2, 2, 6, 6))], "A"),
        R(2, [C([stack.at(3, 4, 2)], "POINT")], "Isocenter", color=(0, 0, 255)),
        R(3, [flat(stack, 1, box(2, 2, 6, 6), kind="OPEN_PLANAR"), C([stack.at(1, 1, 0), stack.at(2, 2, 3)], "OPEN_NONPLANAR")], "Line"),
    ]
    labelmap = convert_rtstruct(made(tmp_path, rois), [stack.grid()])

    assert [segment.name for segment in labelmap.segments] == ["A"]
    assert labelmap.segments[0].voxels == 16
    assert [(a.name, a.kind, a.number, len(a.points)) for a in labelmap.annotations] == [
        ("Isocenter", "POINT", 2, 1),
        ("Line", "OPEN_PLANAR", 3, 4),
        ("Line", "OPEN_NONPLANAR", 3, 2),
    ]
    assert labelmap.annotations[0].points == ((-7.5, -3.25, 7.0),)
    assert labelmap.annotations[0].color == (0, 0, 255)


def test_a_structure_set_of_points_alone_gives_an_empty_layer(tmp_path):
    labelmap = convert_rtstruct(made(tmp_path, [R(1, [C([axial().at(3, 4, 2)], "POINT")])]), [axial().grid()])

    assert labelmap.segments == ()
    assert len(labelmap.annotations) == 1
    assert not labelmap.labelmap_volume().any()


def test_label_values_are_the_roi_numbers(tmp_path):
    stack = axial()
    rois = [R(7, [flat(stack, 0, box(1, 1, 4, 4))]), R(300, [flat(stack, 1, box(1, 1, 4, 4))])]
    labelmap = convert_rtstruct(made(tmp_path, rois), [stack.grid()])

    assert [segment.label_value for segment in labelmap.segments] == [7, 300]
    assert labelmap.layers[0].dtype == np.uint16
    assert sorted(np.unique(labelmap.labelmap_volume())) == [0, 7, 300]
    assert labelmap.warnings == ()


def test_roi_numbers_from_1_to_65535_are_label_values(tmp_path):
    stack = axial()
    rois = [R(number, [flat(stack, k, box(1, 1, 4, 4))]) for k, number in enumerate((1, 65535))]
    labelmap = convert_rtstruct(made(tmp_path, rois), [stack.grid()])

    assert [segment.label_value for segment in labelmap.segments] == [1, 65535]
    assert labelmap.warnings == ()


@pytest.mark.parametrize(
    ("number", "why"),
    [(number, "not every ROI Number can be a voxel value (1 to 65535)") for number in (0, 65536)] + [(3, "ROI Numbers repeat")],
)
def test_roi_numbers_that_are_no_voxel_values_are_counted_anew_and_that_is_said(number, why, tmp_path):
    stack = axial()
    rois = [R(number, [flat(stack, 0, box(1, 1, 4, 4))]), R(3, [flat(stack, 1, box(1, 1, 4, 4))])]
    labelmap = convert_rtstruct(made(tmp_path, rois), [stack.grid()])

    assert [(segment.number, segment.label_value) for segment in labelmap.segments] == [(number, 1), (3, 2)]
    assert f"Label values are 1, 2, 3... in the order of the file: {why}." in labelmap.warnings


def test_an_roi_keeps_its_label_value_when_others_are_left_out(tmp_path):
    stack = axial()
    path = made(tmp_path, [R(number, [flat(stack, 1, box(2, 2, 6, 6))], f"N{number}") for number in (70000, 5, 9)])
    every = {segment.number: segment.label_value for segment in convert_rtstruct(path, [stack.grid()]).segments}

    assert every == {70000: 1, 5: 2, 9: 3} == {segment.number: segment.label_value for segment in describe_rtstruct(path).segments}
    for number, value in every.items():
        chosen = convert_rtstruct(path, [stack.grid()], ConvertOptions(segments=frozenset({number})))
        assert {segment.number: segment.label_value for segment in chosen.segments} == {number: value}


def test_overlapping_rois_keep_all_their_voxels_in_layers(tmp_path):
    stack = axial()
    rois = [R(1, [flat(stack, 0, box(1, 1, 6, 6))]), R(2, [flat(stack, 0, box(4, 4, 9, 9))]), R(3, [flat(stack, 2, box(1, 1, 6, 6))])]
    labelmap = convert_rtstruct(made(tmp_path, rois), [stack.grid()])

    assert [segment.voxels for segment in labelmap.segments] == [25, 25, 25]
    assert [segment.layer for segment in labelmap.segments] == [0, 1, 0]
    assert labelmap.overlapping_voxels == 4
    assert labelmap.labelmap_volume()[0, 5, 5] == 2


def test_a_labelmap_volume_alone_has_one_layer_with_the_same_numbers(tmp_path):
    stack = axial()
    rois = [R(3, [flat(stack, 0, box(1, 1, 6, 6))]), R(1, [flat(stack, 0, box(4, 4, 9, 9))]), R(2, [flat(stack, 0, box(5, 5, 7, 7))])]
    path = made(tmp_path, rois)
    layered, merged = (convert_rtstruct(path, [stack.grid()], ConvertOptions(one_layer=only)) for only in (False, True))

    assert len(layered.layers) == 3
    assert len(merged.layers) == 1
    assert np.array_equal(layered.labelmap_volume(), merged.labelmap_volume())
    assert merged.overlapping_voxels == layered.overlapping_voxels == 7
    assert [segment.voxels for segment in merged.segments] == [25, 25, 4]
    assert {segment.layer for segment in merged.segments} == {0}


def test_numbers_and_names_are_those_stored_and_two_of_one_name_stay_two(tmp_path):
    stack = axial(spacing=("0.5", "0.75", "2.5"))
    name = "Niere rechts – 右腎"
    rois = [R(1, [flat(stack, 0, box(1, 1, 5, 5))], name), R(2, [flat(stack, 1, box(1, 1, 3, 5))], name)]
    labelmap = convert_rtstruct(made(tmp_path, rois), [stack.grid()])

    assert [segment.name for segment in labelmap.segments] == [name, name]
    assert [segment.voxels for segment in labelmap.segments] == [16, 8]
    assert labelmap.segments[0].volume_mm3 == pytest.approx(16 * 0.5 * 0.75 * 2.5)
    details = labelmap.segments[0].details
    assert details["contour_area_mm2"] == pytest.approx(16 * 0.5 * 0.75)
    assert details["voxel_area_mm2"] == pytest.approx(16 * 0.5 * 0.75)
    assert details["voxel_to_contour_area"] == pytest.approx(1)
    assert Segment.from_json(json.loads(json.dumps(labelmap.segments[0].to_json()))) == labelmap.segments[0]


@pytest.mark.parametrize(
    ("charset", "stored"),
    [("ISO_IR 100", "Leber größer"), ("ISO_IR 144", "Печень"), ("ISO_IR 192", "肝臓"), ("ISO_IR 13", "ﾔﾏﾀﾞ")],
)
def test_names_are_read_in_every_character_set(charset, stored, tmp_path):
    path = made(tmp_path, [R(1, [flat(axial(), 0, box(1, 1, 5, 5))], stored)], SpecificCharacterSet=charset)

    assert describe_rtstruct(path).segments[0].name == stored


def test_codes_are_taken_as_stored(tmp_path):
    observation = {
        "RTROIIdentificationCodeSequence": Items(
            [
                code(
                    "64033007",
                    "SCT",
                    "Kidney",
                    SegmentedPropertyTypeModifierCodeSequence=Items([code("24028007", "SCT", "Right")]),
                )
            ]
        ),
        "ROIObservationLabel": "Rt kidney",
        "AnatomicRegionSequence": Items([code("818983003", "SCT", "Belly", AnatomicRegionModifierSequence=Items([code("7771000", "SCT", "Left")]))]),
    }
    roi = R(
        1,
        [flat(axial(), 0, box(1, 1, 5, 5))],
        "K",
        color=(10, 20, 30),
        interpreted="ORGAN",
        observation=observation,
        extra={"ROIDescription": "by hand", "ROIGenerationDescription": "brush", "TrackingUID": "1.2.3"},
    )
    segment = describe_rtstruct(made(tmp_path, [roi])).segments[0]

    assert (segment.type.value, segment.type.scheme, segment.type.meaning) == ("64033007", "SCT", "Kidney")
    assert segment.category.value == "123037004"
    assert [modifier.meaning for modifier in segment.type_modifiers] == ["Right"]
    assert (segment.anatomic_region.value, [modifier.value for modifier in segment.anatomic_region_modifiers]) == ("818983003", ["7771000"])
    assert (segment.color, segment.tracking_uid) == ((10, 20, 30), "1.2.3")
    assert (segment.algorithm_type, segment.algorithm_name, segment.description) == ("MANUAL", "brush", "by hand")
    assert segment.details["interpreted_type"] == "ORGAN"
    assert segment.details["observation_label"] == "Rt kidney"


@pytest.mark.parametrize(
    ("interpreted", "category", "kind"),
    [
        ("GTV", "130041", "228791009"),
        ("PTV", "130041", "228793007"),
        ("AVOIDANCE", "130042", "130058"),
        ("EXTERNAL", "130047", None),
        ("", None, None),
    ],
)
def test_interpreted_types_have_their_standard_codes(interpreted, category, kind, tmp_path):
    segment = describe_rtstruct(made(tmp_path, [R(1, [flat(axial(), 0, box(1, 1, 5, 5))], interpreted=interpreted)])).segments[0]

    assert (segment.category and segment.category.value) == category
    assert (segment.type and segment.type.value) == kind


def test_a_missing_or_wrong_color_is_replaced(tmp_path):
    contours = [flat(axial(), 0, box(1, 1, 5, 5))]
    segments = describe_rtstruct(made(tmp_path, [R(1, contours, color=None), R(2, contours, color=(300, 0, 0))])).segments

    assert segments[0].color != segments[1].color
    assert all(0 <= part <= 255 for segment in segments for part in segment.color)


def test_a_category_that_is_stored_goes_before_that_of_the_interpreted_type(tmp_path):
    observation = {"SegmentedPropertyCategoryCodeSequence": Items([code("91772007", "SCT", "Organ")])}
    segment = describe_rtstruct(made(tmp_path, [R(1, interpreted="GTV", observation=observation)])).segments[0]

    assert (segment.category.value, segment.type.value) == ("91772007", "228791009")


@pytest.mark.parametrize(("described", "said"), [("Plan 1", "Plan 1"), ("", "TEST")])
def test_the_source_is_told_with_all_its_identifiers(described, said, tmp_path):
    path = made(tmp_path, [R(1)], [(FRAME, SERIES, ["1.3", "1.2"])], SeriesNumber=7, SeriesDescription=described, FrameOfReferenceUID="1.9")
    source = describe_rtstruct(path).source
    stored = "1.2.826.0.1.3680043.10.1"

    assert replace(source, context={}) == Source(
        "RTSTRUCT",
        "1.2.840.10008.5.1.4.1.1.481.3",
        f"{stored}.9",
        f"{stored}.8",
        f"{stored}.3",
        "P1",
        "Test^Patient",
        said,
        "7",
        "1.9",
        (SERIES,),
        ("1.2", "1.3"),
    )


def test_description_tells_references_without_reading_a_contour(tmp_path):
    path = made(tmp_path, [R(4, [C(data="not numbers")], "A"), R(5, [], "B")], [(FRAME, SERIES, ["1.2", "1.3"])])
    description = describe_rtstruct(path)

    assert description.kind == "RTSTRUCT"
    assert description.images_needed
    assert description.referenced_series_uids == (SERIES,)
    assert description.frame_of_reference_uid == FRAME
    assert [(segment.number, segment.details["contours"]) for segment in description.segments] == [(4, 1), (5, 0)]
    assert [segment.details["geometric_types"] for segment in description.segments] == [["CLOSED_PLANAR"], []]
    assert description.source.patient_id == "P1"
    json.dumps(description.to_json())


def test_contours_are_given_as_drawn_for_showing_them(tmp_path):
    stack = axial()
    path = made(tmp_path, [R(1, [flat(stack, 1, box(2, 2, 6, 6))], "A"), R(2, [flat(stack, 1, box(2, 2, 6, 6))], "B")])

    drawn = contours_of(path, frozenset({2}))

    assert [(a.name, a.kind) for a in drawn] == [("B", "CLOSED_PLANAR")]
    assert drawn[0].points[0] == (-8.5, -5.25, 5.0)


def test_contours_tell_the_images_and_the_frames_that_they_name(tmp_path):
    corners = flat(axial(), 1, box(2, 2, 6, 6)).points
    named = [C(corners, image="1.2.3", frame=2), C(corners, image="1.2.4"), C(corners)]
    (roi,) = read_structure_set(made(tmp_path, [R(1, named)])).rois

    assert [contour.images for contour in roi.contours] == [(("1.2.3", 2),), (("1.2.4", 0),), ()]


def test_only_the_segments_asked_for_are_converted(tmp_path):
    stack = axial()
    path = made(tmp_path, [R(n, [flat(stack, 0, box(n, 1, n + 2, 4))]) for n in (1, 2, 3)])

    labelmap = convert_rtstruct(path, [stack.grid()], ConvertOptions(segments=frozenset({1, 3})))

    assert [segment.number for segment in labelmap.segments] == [1, 3]
    with pytest.raises(InputError, match="has no ROI 9; it has 1, 2, 3"):
        convert_rtstruct(path, [stack.grid()], ConvertOptions(segments=frozenset({9})))


def test_without_images_the_message_names_the_series_that_is_needed(tmp_path):
    path = made(tmp_path, [R(1, [flat(axial(), 0, box(1, 1, 5, 5))])])

    with pytest.raises(ConversionError, match=SERIES):
        convert_rtstruct(path, None)


def test_images_of_another_patient_are_refused(tmp_path):
    path = made(tmp_path, [R(1, [flat(axial(), 0, box(1, 1, 5, 5))])])

    with pytest.raises(ConversionError, match="they are of patient 'P2', the structure set of 'P1'"):
        convert_rtstruct(path, [axial(patient="P2", series="1.5", frame=FRAME).grid()])


def test_images_of_another_series_in_the_same_frame_of_reference_are_taken_and_that_is_said(tmp_path):
    labelmap, mask = one(tmp_path, [flat(axial(), 0, box(1, 1, 5, 5))], axial(series="1.5"))

    assert mask.sum() == 16
    assert any("1.5, which the structure set does not name" in warning for warning in labelmap.warnings)


def test_images_of_another_frame_of_reference_are_refused(tmp_path):
    path = made(tmp_path, [R(1, [flat(axial(), 0, box(1, 1, 5, 5))])])

    with pytest.raises(ConversionError, match="their series and frame of reference are others"):
        convert_rtstruct(path, [axial(series="1.5", frame="1.6").grid()])


def test_rois_of_another_frame_of_reference_are_left_out_and_named(tmp_path):
    stack = axial()
    rois = [R(1, [flat(stack, 0, box(1, 1, 5, 5))], "here"), R(2, [flat(stack, 0, box(1, 1, 5, 5))], "there", frame="1.77")]
    path = made(tmp_path, rois, [(FRAME, SERIES, ()), ("1.77", "1.78", ())])

    labelmap = convert_rtstruct(path, [stack.grid()])

    assert [segment.name for segment in labelmap.segments] == ["here"]
    assert any("'there'" in warning and "another frame of reference (1.77)" in warning for warning in labelmap.warnings)
    labelmap = convert_rtstruct(path, [axial(series="1.78", frame="1.77").grid()])
    assert [segment.name for segment in labelmap.segments] == ["there"]


def test_of_several_grids_the_one_with_the_named_images_is_taken(tmp_path):
    other, mine = axial(count=9, series="1.5"), axial(series="1.6")
    path = made(tmp_path, [R(1, [flat(mine, 0, box(1, 1, 5, 5), named=True)])], [(FRAME, "1.6", [mine.uid(0)])])

    assert convert_rtstruct(path, [other.grid(), mine.grid()]).geometry.shape[0] == 5


@pytest.mark.parametrize(("k", "off", "is_within"), [(0, 0, True), (1, 1, True), (4, 0, True), (4, 3, False), (0, -3, False)])
def test_of_several_grids_the_one_among_whose_slices_a_contour_lies_is_taken(tmp_path, k, off, is_within):
    lower, upper = axial(), axial(series="1.66")
    upper = replace(upper, positions=tuple((x, y, z + 100) for x, y, z in upper.positions))
    path = made(tmp_path, [R(1, [flat(upper, k, box(1, 1, 5, 5), off=off)])], [(FRAME, SERIES, ()), (FRAME, "1.66", ())])
    if is_within:
        assert convert_rtstruct(path, [lower.grid(), upper.grid()]).geometry == upper.grid().geometry
        return
    with pytest.raises(ConversionError, match=r"it is [0-9]+ mm behind the last slice of the images"):
        convert_rtstruct(path, [lower.grid(), upper.grid()])


@pytest.mark.parametrize(
    ("descriptions", "labels"),
    [(("Early", "Late"), ["Early", "Late"]), (("CT", "CT"), ["CT stack 1", "CT stack 2"]), (("CT", ""), ["CT stack 1", "stack 2"])],
)
def test_labelmaps_on_several_series_are_told_apart_by_their_descriptions_or_numbered(tmp_path, descriptions, labels):
    lower, upper = axial(), axial(series="1.66")
    upper = replace(upper, positions=tuple((x, y, z + 100) for x, y, z in upper.positions))
    contours = [flat(stack, 1, box(1, 1, 5, 5)) for stack in (lower, upper)]
    path = made(tmp_path, [R(1, contours)], [(FRAME, SERIES, ()), (FRAME, "1.66", ())])
    grids = [replace(stack.grid(), series_description=said) for stack, said in zip((lower, upper), descriptions, strict=True)]

    assert [part.label for part in convert_rtstruct_parts(path, grids)] == labels


def test_missing_images_are_counted(tmp_path):
    stack = axial(count=6)
    contours = [flat(stack, k, box(1, 1, 5, 5), named=True) for k in range(6)]
    path = made(tmp_path, [R(1, contours, "A")], [(FRAME, SERIES, [stack.uid(k) for k in range(6)])])

    inside = convert_rtstruct(path, [stack.grid(missing=[2])])
    assert inside.segments[0].voxels == 6 * 16
    assert f"1 of the 6 images that the structure set names are not among those given: {stack.uid(2)}" in inside.warnings
    assert any("lack the slices at k = 2;" in warning for warning in inside.warnings)

    short = convert_rtstruct(path, [axial(count=4).grid()])
    assert short.segments[0].voxels == 4 * 16
    assert any("ROI 1 'A', contour 5: skipped, it is 2 mm behind the last slice" in warning for warning in short.warnings)


@pytest.mark.parametrize(
    ("named", "series", "said"),
    [
        ("10", "1.66", "1 of the 2 images that the structure set names are not among those given: "),
        ("00", SERIES, "None of the 2 images that the structure set names is among those given; the series is the same, so positions decide."),
        # Only the frame of reference is the same: nobody expects the images that it names.
        ("00", "1.66", ""),
        ("11", "1.66", ""),
    ],
)
def test_images_that_contours_name_are_missed_where_some_or_their_series_are_given(tmp_path, named, series, said):
    mine, other = axial(), axial(series="1.66")
    contours = [flat(mine if own == "1" else other, k, box(1, 1, 5, 5), named=True) for k, own in enumerate(named)]
    labelmap = convert_rtstruct(made(tmp_path, [R(1, contours, "A")], [(FRAME, series, ())]), [mine.grid()])
    warnings = [warning for warning in labelmap.warnings if "that the structure set names" in warning]
    assert len(warnings) == bool(said) and all(warning.startswith(said) for warning in warnings)


def test_a_reference_to_itself_is_ignored(tmp_path):
    path = made(tmp_path, [R(1, [flat(axial(), 0, box(1, 1, 5, 5))])], [(FRAME, "1.2.826.0.1.3680043.10.1.8", ()), (FRAME, SERIES, ())])

    labelmap = convert_rtstruct(path, [axial().grid()])

    assert labelmap.source.referenced_series_uids == (SERIES,)
    assert any("its own series" in warning for warning in labelmap.warnings)


def test_contours_go_where_they_lie_when_the_image_they_name_is_elsewhere(tmp_path):
    stack = axial()
    contour = flat(stack, 1, box(1, 1, 5, 5))
    contour.image = stack.uid(4)
    labelmap, mask = one(tmp_path, [contour])

    assert np.flatnonzero(mask.any((1, 2))).tolist() == [1]
    assert any("it is 6 mm from the image it names" in warning for warning in labelmap.warnings)


def test_a_contour_slightly_off_its_image_belongs_to_the_image_it_names(tmp_path):
    contour = flat(axial(), 1, box(1, 1, 5, 5), off=f("1.2"))
    contour.image = axial().uid(1)

    assert np.flatnonzero(one(tmp_path, [contour])[1].any((1, 2))).tolist() == [1]


def test_of_contours_between_slices_the_plane_nearest_to_a_slice_counts(tmp_path):
    stack = axial()
    contours = [flat(stack, 0, box(1, 1, 5 + n, 5), off=f(n) / 2) for n in range(5)]
    labelmap, mask = one(tmp_path, contours)

    assert mask.any(axis=1).sum(axis=1).tolist() == [4, 8, 0, 0, 0]
    assert any("contours 2, 3, 4" in warning and "another plane" in warning for warning in labelmap.warnings)


def test_slices_between_contours_stay_empty_unless_interpolation_is_asked_for(tmp_path):
    contours = [flat(axial(), k, box(2, 2, 6 + 2 * k, 6)) for k in (0, 2, 4)]
    labelmap, mask = one(tmp_path, contours)

    assert mask.any((1, 2)).tolist() == [True, False, True, False, True]
    assert any("2 slices between its contours have none and stay empty; interpolation is off" in warning for warning in labelmap.warnings)

    labelmap, mask = one(tmp_path, contours, options=ConvertOptions(interpolate=True))
    assert mask.any(axis=1).sum(axis=1).tolist() == [4, 6, 8, 10, 12]
    assert labelmap.segments[0].details["interpolated_slices"] == 2
    assert labelmap.segments[0].details["voxel_to_contour_area"] == 1
    assert any("2 slices between its contours were interpolated" in warning for warning in labelmap.warnings)


def test_contours_across_the_slices_are_refused_with_a_reason(tmp_path):
    stack = axial()
    across = C([stack.at(2, 2, 0), stack.at(9, 2, 0), stack.at(9, 2, 4), stack.at(2, 2, 4)])
    labelmap, mask = one(tmp_path, [flat(stack, 2, box(1, 1, 5, 5)), across])

    assert mask.sum() == 16
    assert any("contour 2: skipped, it is not parallel to the slices" in warning for warning in labelmap.warnings)


def test_the_user_can_force_union_and_xor(tmp_path):
    contours = [flat(axial(), 0, box(1, 1, 9, 9)), flat(axial(), 0, box(3, 3, 6, 6))]

    assert [one(tmp_path, contours, options=ConvertOptions(contour_rule=rule))[1].sum() for rule in ("auto", "union", "xor")] == [55, 64, 55]
    labelmap, _ = one(tmp_path, contours)
    assert labelmap.segments[0].details["rule"] == "auto"
    assert labelmap.segments[0].details["combined"] == ["hole"]
    with pytest.raises(InputError, match="contour rule 'even'"):
        one(tmp_path, contours, options=ConvertOptions(contour_rule="even"))


def test_a_cancelled_task_stops(tmp_path):
    task = Task()
    task.cancel()

    with pytest.raises(CancelledError):
        convert_rtstruct(made(tmp_path, [R(1, [flat(axial(), 0, box(1, 1, 5, 5))])]), [axial().grid()], None, task)


def test_all_of_it_through_convert(tmp_path):
    from IDCBrowserLib.labelmap.convert import convert, describe

    stack = axial()
    images = tmp_path / "images"
    images.mkdir()
    files = stack.write(images)
    path = made(tmp_path, [R(1, [flat(stack, 3, box(1, 1, 5, 5), named=True)], "A")])

    labelmap = convert(path, files)

    assert labelmap.segments[0].voxels == 16
    assert labelmap.labelmap_volume()[3, 1, 1] == 1
    assert describe(path)["kind"] == "RTSTRUCT"


def test_contours_go_through_files_as_they_were_drawn(tmp_path):
    stack = axial()
    first = R(4, [flat(stack, 1, box(2, 2, 6, 6)), C([stack.at(3, 4, 2)], "POINT")], "A")
    rois = [first, R(9, [flat(stack, 3, box(1, 1, 4, 4))], "B", color=(1, 2, 3))]
    state = EngineState({"exchange_folder": str(tmp_path)})
    document = json.loads(json.dumps(contours(state, {"input": str(made(tmp_path, rois))}, Task())))
    lines = load_lines(document)

    assert lines.rois == (DrawnRoi(4, "A", (255, 0, 0)), DrawnRoi(9, "B", (1, 2, 3)))
    assert lines.contours.tolist() == [[0, 0, 4], [0, 4, 1], [1, 0, 4]]
    assert [document["kinds"][kind] for kind in lines.contours[:, 1]] == ["CLOSED_PLANAR", "POINT", "CLOSED_PLANAR"]
    assert lines.points[4].tolist() == [-7.5, -3.25, 7.0]
    assert lines.enclosing().contours.tolist() == [[0, 0, 4], [1, 0, 4]]
    assert len(lines.enclosing().points) == 8


def test_contours_of_chosen_rois_alone_and_lost_files_are_named(tmp_path):
    rois = [R(number, [flat(axial(), 1, box(2, 2, 6, 6))]) for number in (1, 2)]
    state = EngineState({"exchange_folder": str(tmp_path)})
    document = contours(state, {"input": str(made(tmp_path, rois)), "segments": [2]}, Task())

    assert load_lines(document).contours.tolist() == [[1, 0, 4]]
    (tmp_path / "1.raw").unlink()
    with pytest.raises(ConversionError, match=r"1\.raw cannot be read"):
        load_lines(document)


def test_contours_that_cannot_be_written_leave_no_file_and_say_where(tmp_path):
    state = EngineState({"exchange_folder": str(tmp_path)})
    lines = load_lines(contours(state, {"input": str(made(tmp_path, [R(1, [flat(axial(), 1, box(2, 2, 6, 6))])]))}, Task()))
    paths = iter([tmp_path / "points", tmp_path / "gone" / "contours"])
    with pytest.raises(StorageError, match=r"cannot be written to .*contours: No such file or directory\. Free some disk space and try again\."):
        save_lines(lines, lambda: next(paths))
    assert not (tmp_path / "points").exists()


def test_rois_without_a_color_get_colors_in_turn_and_the_ninth_is_as_the_first(tmp_path):
    contours = [flat(axial(), 0, box(1, 1, 5, 5))]
    segments = describe_rtstruct(made(tmp_path, [R(n, contours, color=None) for n in range(1, 11)])).segments
    colors = [segment.color for segment in segments]
    assert colors[:8] == [
        (230, 70, 70),
        (70, 160, 230),
        (90, 200, 90),
        (240, 190, 60),
        (180, 110, 220),
        (70, 210, 200),
        (240, 130, 190),
        (160, 140, 90),
    ]
    assert colors[8:] == colors[:2]


def test_the_volume_on_slices_of_differing_thickness_is_the_sum_over_them(tmp_path):
    stack = axial(4, ("0.5", "0.75", "2"))
    places = [f(z) for z in (0, 2, 5, 9)]
    uneven = replace(stack, positions=tuple((x, y, z) for (x, y, _), z in zip(stack.positions, places, strict=True)))
    (tmp_path / "images").mkdir()
    grids = read_image_grids(uneven.write(tmp_path / "images"))
    contours = [flat(uneven, k, box("1.5", "1.5", "5.5", "4.5")) for k in range(4)]
    labelmap = convert_rtstruct(made(tmp_path, [R(1, contours)]), grids)
    # Slices 2, 2.5, 3.5 and 4 mm thick, with 4 x 3 pixels each.
    assert labelmap.slice_thicknesses == (2, 2.5, 3.5, 4)
    assert labelmap.segments[0].voxels == 48
    assert labelmap.segments[0].volume_mm3 == pytest.approx(12 * 0.5 * 0.75 * 12)


def test_a_structure_set_without_contours_has_no_lines_and_those_it_has_carry_what_was_said(tmp_path):
    state = EngineState({"exchange_folder": str(tmp_path)})
    lines = load_lines(contours(state, {"input": str(made(tmp_path, [R(1, name="A")]))}, Task()))
    assert (lines.points.shape, lines.contours.shape, lines.rois) == ((0, 3), (0, 3), (DrawnRoi(1, "A", (255, 0, 0)),))
    assert lines.enclosing().points.shape == (0, 3) and lines.warnings == ()
    odd = load_lines(contours(state, {"input": str(made(tmp_path, [R(1, [C(data="x"), flat(axial(), 1, box(2, 2, 6, 6))])]))}, Task()))
    assert odd.warnings == odd.enclosing().warnings == ("ROI 1, contour 1: skipped, 'x' is not a number.",)
    assert (odd.points.dtype, odd.contours.dtype, odd.points[0].tolist()) == (np.float32, np.int32, [-8.5, -5.25, 5.0])
