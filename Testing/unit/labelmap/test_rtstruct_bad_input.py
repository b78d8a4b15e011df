"""Damaged and odd files: a warning that names ROI and contour where the rest is usable, otherwise one typed error; never a silent wrong mask."""

import numpy as np
import pytest
from helpers.one_labelmap import convert_rtstruct
from helpers.rtstruct_files import C, R, axial, box, f, flat, replace_bytes, structure_set, write
from pydicom.uid import DeflatedExplicitVRLittleEndian, ExplicitVRBigEndian, ExplicitVRLittleEndian, ImplicitVRLittleEndian

from IDCBrowserLib.errors import ConversionError, IDCBrowserError, NotFoundError
from IDCBrowserLib.labelmap.rtstruct.convert_rtstruct import describe_rtstruct

STACK = axial()
GOOD = flat(STACK, 1, box(2, 2, 6, 6))


def converted(tmp_path, contours, name="Liver", **values):
    path = write(structure_set([R(3, contours, name)], **values), tmp_path / "rs.dcm")
    return convert_rtstruct(path, [STACK.grid()])


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (C(data=""), "skipped, it has no coordinates"),
        (C(data="1\\2\\3"), "skipped, it has 1 point and encloses nothing"),
        (C(data="1\\2\\3\\4\\5\\6"), "skipped, it has 2 points and encloses nothing"),
        (C(data="1\\2\\3\\4\\5\\6\\7"), "skipped, its 7 coordinates are not triples"),
        (C(data="1\\2\\3\\4\\5\\6\\7\\8\\nan"), "skipped, a coordinate is not finite"),
        (C(data="1\\2\\3\\4\\5\\6\\7\\8\\9e99"), "skipped, its coordinates are larger than a million meters"),
        (C(data="1\\2\\3\\4\\5\\6\\7\\8\\1000000001"), "skipped, its coordinates are larger than a million meters"),
        (C(data="-1000000001\\2\\3\\4\\5\\6\\7\\8\\9"), "skipped, its coordinates are larger than a million meters"),
        (C(data="1\\2\\3\\4\\5\\6\\7\\8\\mm"), "skipped, 'mm' is not a number"),
        (C(data="1\\2\\3\\4\\5,5\\6\\7\\8\\9"), "skipped, '5,5' is not a number"),
        (C(data="1\\2\\3\\4\\\\6\\7\\8\\9"), "skipped, '' is not a number"),
        (C(GOOD.points, "BLOB"), "skipped, its Contour Geometric Type 'BLOB' is unknown"),
        (flat(axial(60), 50, box(2, 2, 6, 6)), "skipped, it is 92 mm behind the last slice of the images"),
    ],
)
def test_a_contour_that_cannot_be_used_is_named_and_the_rest_is_converted(bad, reason, tmp_path):
    labelmap = converted(tmp_path, [bad, GOOD])

    assert labelmap.segments[0].voxels == 16
    assert f"ROI 3 'Liver', contour 1: {reason}." in labelmap.warnings


@pytest.mark.parametrize("number", [1_000_000_000, -1_000_000_000])
def test_a_coordinate_of_a_million_meters_is_one(number, tmp_path):
    bad = C(data=f"{number}\\2\\3\\4\\5\\6\\7\\8\\{number}")
    labelmap = converted(tmp_path, [bad, GOOD])

    assert labelmap.segments[0].voxels == 16
    assert labelmap.warnings and not any("million meters" in warning for warning in labelmap.warnings)


@pytest.mark.parametrize(
    ("odd", "remark"),
    [
        (C(GOOD.points, stated=9), "it says 9 points but has 4, which are used"),
        (C(GOOD.points, kind=None), "its Contour Geometric Type is missing; CLOSED_PLANAR is assumed"),
        (C([GOOD.points[0], GOOD.points[2], GOOD.points[1], GOOD.points[3]]), "it crosses itself; what it encloses an odd number of times was taken"),
        (flat(STACK, 1, box(-5, 2, 6, 6)), "it reaches beyond the edge of the images and is cut off there"),
        (flat(STACK, 1, box("-0.501", 2, 6, 6)), "it reaches beyond the edge of the images and is cut off there"),
        (flat(STACK, 1, box(6, 2, STACK.columns - f("0.499"), 6)), "it reaches beyond the edge of the images and is cut off there"),
    ],
)
def test_a_contour_that_is_odd_but_usable_is_used_and_named(odd, remark, tmp_path):
    labelmap = converted(tmp_path, [odd])

    assert labelmap.segments[0].voxels > 0
    assert labelmap.warnings == (f"ROI 3 'Liver', contour 1: {remark}.",)


@pytest.mark.parametrize(
    ("left", "right", "remark"),
    [
        ("-0.5", STACK.columns - f("0.5"), ""),
        (-5, "-0.5", "it reaches beyond the edge of the images and is cut off there"),
        (-5, "-0.501", "it is outside the images, to the side"),
        (STACK.columns - f("0.5"), 30, "it reaches beyond the edge of the images and is cut off there"),
        (STACK.columns - f("0.499"), 30, "it is outside the images, to the side"),
    ],
)
def test_images_end_half_a_pixel_beyond_the_outer_centers(left, right, remark, tmp_path):
    labelmap = converted(tmp_path, [GOOD, flat(STACK, 2, box(left, 2, right, 6))])

    assert labelmap.warnings == ((f"ROI 3 'Liver', contour 2: {remark}.",) if remark else ())
    assert labelmap.segments[0].details["contours_used"] == (1 if "outside" in remark else 2)


def test_many_contours_with_one_problem_make_one_sentence(tmp_path):
    labelmap = converted(tmp_path, [GOOD, *[C(data="1\\2\\3")] * 40])

    assert labelmap.warnings == ("ROI 3 'Liver', contours 2, 3, 4, 5, 6, 7, 8, 9 and 32 more: skipped, it has 1 point and encloses nothing.",)


def test_a_hundred_and_thirty_rois_with_one_problem_make_one_sentence_with_a_count(tmp_path):
    stack = axial(count=6)
    rois = [
        R(n, [flat(stack, k, box(1, 1, 5, 5)) for k in (0, 3 + n % 2)] + [flat(stack, 5, box(1, 1, 5, 5), off=f(5) + n)], f"Part {n}")
        for n in range(1, 131)
    ]
    labelmap = convert_rtstruct(write(structure_set(rois), tmp_path / "rs.dcm"), [stack.grid()])
    assert len(labelmap.warnings) == 2
    outside = next(warning for warning in labelmap.warnings if "behind the last slice" in warning)
    assert outside.startswith("ROI 1 'Part 1', contour 3: skipped, it is 6 mm")
    assert outside.endswith("The same applies to 129 more contours of 129 ROIs.")
    between = next(warning for warning in labelmap.warnings if "between its contours" in warning)
    assert between.endswith("The same applies to 129 more ROIs.")


@pytest.mark.parametrize("kind", ["CLOSEDPLANAR_XOR", "CLOSED_PLANAR_XOR", "closedplanar_xor "])
def test_every_spelling_of_the_xor_type_makes_holes(kind, tmp_path):
    labelmap = converted(tmp_path, [flat(STACK, 1, box(1, 1, 9, 9), kind=kind), flat(STACK, 1, box(3, 3, 6, 6), kind=kind)])

    assert labelmap.segments[0].voxels == 64 - 9
    assert labelmap.segments[0].details["combined"] == ["hole", "xor"]


def test_coordinates_in_meters_are_pointed_out(tmp_path):
    contours = [C([[x / 1000 for x in STACK.at(u, w, k)] for u, w in box(2, 2, 6, 6)]) for k in range(5)]
    path = write(structure_set([R(3, contours, "Liver")]), tmp_path / "rs.dcm")

    try:
        labelmap = convert_rtstruct(path, [STACK.grid()])
    except ConversionError as error:
        assert "slice" in str(error)
    else:
        assert any("may be in another unit than mm" in warning for warning in labelmap.warnings)


def test_contours_far_outside_are_an_error_that_says_where_they_are(tmp_path):
    contours = [C([[x * 1000 for x in STACK.at(u, w, k)] for u, w in box(2, 2, 6, 6)]) for k in range(5)]

    with pytest.raises(ConversionError, match=r"No contour of .* is within the grid. .* behind the last slice"):
        converted(tmp_path, contours)


def test_no_contours_at_all_is_an_error(tmp_path):
    with pytest.raises(ConversionError, match=r"has no usable contours"):
        converted(tmp_path, [])
    dataset = structure_set([R(1, [GOOD])])
    del dataset.ROIContourSequence
    with pytest.raises(ConversionError, match="has no usable contours"):
        convert_rtstruct(write(dataset, tmp_path / "none.dcm"), [STACK.grid()])


def test_an_roi_without_contours_is_named_and_the_others_are_converted(tmp_path):
    path = write(structure_set([R(1, [GOOD], "A"), R(2, [], "Empty")]), tmp_path / "rs.dcm")
    labelmap = convert_rtstruct(path, [STACK.grid()])

    assert [segment.name for segment in labelmap.segments] == ["A"]
    assert "Skipped, without usable contours: ROI 2 'Empty'." in labelmap.warnings


def test_an_roi_smaller_than_a_voxel_has_none_and_that_is_said(tmp_path):
    path = write(structure_set([R(1, [GOOD], "A"), R(2, [flat(STACK, 1, box(2.25, 2.25, 2.5, 2.5))], "Seed")]), tmp_path / "rs.dcm")
    labelmap = convert_rtstruct(path, [STACK.grid()])

    assert [segment.voxels for segment in labelmap.segments] == [16, 0]
    assert any("ROI 2 'Seed'" in warning and "Without a voxel" in warning for warning in labelmap.warnings)


def test_contours_without_an_roi_and_rois_given_twice_are_told(tmp_path):
    dataset = structure_set([R(1, [GOOD], "A"), R(2, [flat(STACK, 2, box(1, 1, 4, 4))], "B")])
    del dataset.StructureSetROISequence[1]
    labelmap = convert_rtstruct(write(dataset, tmp_path / "rs.dcm"), [STACK.grid()])
    assert [(segment.number, segment.name, segment.voxels) for segment in labelmap.segments] == [(1, "A", 16), (2, "", 9)]
    assert any("ROI 2 has contours but no entry" in warning for warning in labelmap.warnings)

    twice = structure_set([R(1, [GOOD], "A"), R(1, [flat(STACK, 2, box(1, 1, 4, 4))], "B")])
    labelmap = convert_rtstruct(write(twice, tmp_path / "twice.dcm"), [STACK.grid()])
    assert any("ROI Number 1 is given twice, in the same order" in warning for warning in labelmap.warnings)
    assert [(segment.number, segment.label_value, segment.name, segment.voxels) for segment in labelmap.segments] == [(1, 1, "A", 16), (1, 2, "B", 9)]

    del twice.StructureSetROISequence[1]
    twice.StructureSetROISequence.append(twice.StructureSetROISequence[0])
    twice.StructureSetROISequence.append(twice.StructureSetROISequence[0])
    labelmap = convert_rtstruct(write(twice, tmp_path / "thrice.dcm"), [STACK.grid()])
    assert any("ROI Number 1 is given 3 times, whose contours are taken as one's" in warning for warning in labelmap.warnings)
    assert [segment.voxels for segment in labelmap.segments] == [25]


def test_a_frame_of_reference_that_occurs_nowhere_else_is_a_note(tmp_path):
    dataset = structure_set([R(1, [GOOD], "A", frame="1.99")])
    labelmap = convert_rtstruct(write(dataset, tmp_path / "rs.dcm"), [STACK.grid()])
    assert labelmap.segments[0].voxels == 16
    assert any("occurs nowhere else in the file" in warning for warning in labelmap.warnings)


@pytest.mark.parametrize("undefined", [False, True], ids=["defined", "undefined"])
@pytest.mark.parametrize(
    "syntax",
    [ImplicitVRLittleEndian, ExplicitVRLittleEndian, DeflatedExplicitVRLittleEndian, ExplicitVRBigEndian],
    ids=lambda syntax: syntax.name,
)
def test_every_encoding_reads_the_same(syntax, undefined, tmp_path):
    long = C(data="\\".join(f"{x:.6f}\\{y:.6f}\\5" for x, y in zip(np.linspace(-8, -1, 4000), np.linspace(-5, 3, 4000) ** 2 / 3, strict=True)))
    rois = [R(1, [GOOD, long], "Ä"), R(2, [flat(STACK, 3, box(1, 1, 4, 4), named=True)], "B")]
    labelmap = convert_rtstruct(write(structure_set(rois), tmp_path / "rs.dcm", syntax, undefined), [STACK.grid()])

    reference = convert_rtstruct(write(structure_set(rois), tmp_path / "i.dcm"), [STACK.grid()])
    assert reference.segments[0].voxels > 16
    assert [(segment.name, segment.voxels) for segment in labelmap.segments] == [(segment.name, segment.voxels) for segment in reference.segments]
    assert np.array_equal(labelmap.labelmap_volume(), reference.labelmap_volume())


def test_a_file_without_preamble_is_read(tmp_path):
    path = write(structure_set([R(1, [GOOD])]), tmp_path / "rs.dcm")
    data = path.read_bytes()
    start = 132 + 12 + int.from_bytes(data[140:144], "little")
    path.write_bytes(data[start:])

    assert convert_rtstruct(path, [STACK.grid()]).segments[0].voxels == 16


def test_a_truncated_file_is_refused_wherever_it_ends(tmp_path):
    path = write(structure_set([R(1, [GOOD, flat(STACK, 2, box(1, 1, 4, 4))], "A")]), tmp_path / "rs.dcm")
    data = path.read_bytes()
    whole = convert_rtstruct(path, [STACK.grid()])
    short = tmp_path / "short.dcm"
    for end in range(0, len(data) - 1, 7):
        short.write_bytes(data[:end])
        try:
            labelmap = convert_rtstruct(short, [STACK.grid()])
        except IDCBrowserError as error:
            assert "short.dcm" in str(error)
        else:  # cut exactly behind an element of the top level that is not needed
            assert np.array_equal(labelmap.labelmap_volume(), whole.labelmap_volume())


def test_a_file_that_is_no_structure_set_is_named(tmp_path):
    image = STACK.write(tmp_path)[0]
    with pytest.raises(ConversionError, match=r"image001.dcm is not an RT Structure Set but an object 1.2.840.10008.5.1.4.1.1.2"):
        convert_rtstruct(image, [STACK.grid()])
    text = tmp_path / "notes.txt"
    text.write_text("hello, this is not a DICOM file at all")
    with pytest.raises(ConversionError, match=r"notes.txt is not a DICOM file"):
        describe_rtstruct(text)
    with pytest.raises(NotFoundError, match="does not exist"):
        describe_rtstruct(tmp_path / "none.dcm")
    with pytest.raises(ConversionError, match="is a folder"):
        describe_rtstruct(tmp_path)


@pytest.mark.parametrize(
    ("modality", "has_contours", "refused"),
    [("RTSTRUCT", False, ""), ("OT", True, ""), ("OT", False, "of modality OT"), ("", False, "without SOP Class UID")],
)
def test_a_structure_set_without_its_class_is_known_by_its_modality_or_its_contours(modality, has_contours, refused, tmp_path):
    dataset = structure_set([R(1, [GOOD], "A")], Modality=modality)
    del dataset.SOPClassUID
    if not has_contours:
        del dataset.ROIContourSequence
    path = write(dataset, tmp_path / "rs.dcm")
    if refused:
        with pytest.raises(ConversionError, match=f"is not an RT Structure Set but an object {refused}"):
            describe_rtstruct(path)
    else:
        assert [segment.details["contours"] for segment in describe_rtstruct(path).segments] == [int(has_contours)]


def test_a_number_given_twice_with_contours_once_is_one_roi_and_the_next_ones_are_read(tmp_path):
    dataset = structure_set([R(3, [GOOD], "A"), R(3, [], "B"), R(5, [GOOD], "C")])
    del dataset.ROIContourSequence[1]
    described = describe_rtstruct(write(dataset, tmp_path / "rs.dcm"))
    assert [(segment.number, segment.name) for segment in described.segments] == [(3, "A"), (5, "C")]
    assert described.warnings == ("ROI Number 3 is given twice, whose contours are taken as one's.",)


def test_sequences_nested_without_end_are_refused(tmp_path):
    path = write(structure_set([R(1, [GOOD])]), tmp_path / "rs.dcm")
    nested = b"\x06\x30\x40\x00\xff\xff\xff\xff\xfe\xff\x00\xe0\xff\xff\xff\xff" * 4000
    path.write_bytes(path.read_bytes() + nested)

    with pytest.raises(ConversionError, match="is cut off"):
        describe_rtstruct(path)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"NameOfTheRoi", b"\xff\xfe\x80meOfTheRoi"[:12]),
        (b"LabelHere ", b"\xffabelHere\0"),
        (b"GTV ", b"\xff\xff\xff\xff"),
        (b"12\\34\\56", b"x2\\34\\56"),
        (b"MANUAL", b"\0\0\0\0\0\0"),
        (b"ISO_IR 192", b"ISO_IR 999"),
        (b"4 ", b"x "),
    ],
)
def test_values_past_the_checks_of_pydicom_do_no_harm(old, new, tmp_path):
    roi = R(7, [GOOD], "NameOfTheRoi", color=(12, 34, 56), observation={"ROIObservationLabel": "LabelHere"}, interpreted="GTV")
    path = write(structure_set([roi]), tmp_path / "rs.dcm")
    replace_bytes(path, old, new)

    labelmap = convert_rtstruct(path, [STACK.grid()])
    assert labelmap.segments[0].voxels == 16
    assert labelmap.segments[0].label_value == 7
