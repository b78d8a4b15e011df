"""Names, codes, colors and references of segments; the segment list without pixels; converting a few segments only."""

from dataclasses import replace

import numpy as np
import pytest
from helpers import seg_files as sf
from helpers.seg_peers import ours

from IDCBrowserLib.dicom.code import Code
from IDCBrowserLib.errors import ConversionError, NotFoundError
from IDCBrowserLib.labelmap.color import cielab_to_srgb, distinct_color
from IDCBrowserLib.labelmap.convert import convert, describe
from IDCBrowserLib.labelmap.options import ConvertOptions
from IDCBrowserLib.labelmap.seg.convert_seg import read_seg_frames
from IDCBrowserLib.labelmap.seg.header import open_seg
from IDCBrowserLib.labelmap.types import Source


def test_a_segment_carries_what_its_description_says(tmp_path):
    path = sf.save(sf.seg(sf.images(), sf.channels(count=2), colors={1: (221, 130, 101)}), tmp_path / "seg.dcm")
    first, second = convert(path).segments
    assert first.name == "Part 1"
    assert first.category == Code("91772007", "SCT", "Organ")
    assert first.type == Code("10200004", "SCT", "Liver")
    assert second.type == Code("64033007", "SCT", "Kidney")
    assert first.anatomic_region is not None and first.anatomic_region.meaning == "Abdomen"
    assert second.anatomic_region is None
    assert (first.algorithm_type, first.tracking_id, first.tracking_uid) == ("MANUAL", "Track 1", sf.uid(7, 1))
    assert first.color == (221, 130, 101)


def test_frames_tell_the_images_and_their_frames_that_they_name(tmp_path):
    made = sf.plain(sf.seg(sf.images(2, 4, 4), np.ones((2, 4, 4, 1), np.uint8)))
    named = [frame.DerivationImageSequence[0].SourceImageSequence[0] for frame in made.PerFrameFunctionalGroupsSequence]
    named[0].ReferencedFrameNumber = 2
    frames = read_seg_frames(open_seg(sf.save(made, tmp_path / "seg.dcm")))
    assert frames.references == tuple(((image.ReferencedSOPInstanceUID, number),) for image, number in zip(named, (2, 0), strict=True))


def test_segments_are_matched_by_number_and_never_by_position(tmp_path):
    made = sf.plain(sf.seg(sf.images(), sf.channels()))
    before = convert(sf.save(made, tmp_path / "straight.dcm"))
    made.SegmentSequence = list(reversed(made.SegmentSequence))
    after = convert(sf.save(made, tmp_path / "reversed.dcm"))
    assert after.segments == before.segments
    assert np.array_equal(after.labelmap_volume(), before.labelmap_volume())


def coded(value, meaning):
    item = sf.Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = value, "SCT", meaning
    return item


def test_modifiers_and_algorithm_names_are_read(tmp_path):
    made = sf.plain(sf.seg(sf.images(), sf.channels(count=1)))
    segment = made.SegmentSequence[0]
    segment.SegmentedPropertyTypeCodeSequence[0].SegmentedPropertyTypeModifierCodeSequence = [coded("7771000", "Left")]
    segment.AnatomicRegionSequence[0].AnatomicRegionModifierSequence = [coded("24028007", "Right")]
    segment.SegmentAlgorithmType, segment.SegmentAlgorithmName = "AUTOMATIC", "Total"
    segment.SegmentDescription = "Drawn by a net"
    found = convert(sf.save(made, tmp_path / "seg.dcm")).segments[0]
    assert found.type_modifiers == (Code("7771000", "SCT", "Left"),)
    assert found.anatomic_region_modifiers == (Code("24028007", "SCT", "Right"),)
    assert (found.algorithm_type, found.algorithm_name, found.description) == ("AUTOMATIC", "Total", "Drawn by a net")


def test_newer_files_name_the_algorithm_in_a_sequence(tmp_path):
    made = sf.plain(sf.seg(sf.images(), sf.channels(count=1)))
    algorithm = sf.Dataset()
    algorithm.AlgorithmName = "Net 2"
    made.SegmentSequence[0].SegmentationAlgorithmIdentificationSequence = [algorithm]
    (segment,) = describe(sf.save(made, tmp_path / "seg.dcm"))["segments"]
    assert segment["algorithm_name"] == "Net 2"


@pytest.mark.parametrize(
    ("stated", "in_sequence", "name"), [("Net 1", "Net 2", "Net 1"), ("", "Net 2", "Net 2"), ("", None, ""), ("Net 1", None, "Net 1")]
)
def test_the_name_of_the_algorithm_is_that_of_the_segment_else_that_of_the_sequence(tmp_path, stated, in_sequence, name):
    made = sf.plain(sf.seg(sf.images(1, 4, 4), np.ones((1, 4, 4, 1), np.uint8)))
    made.SegmentSequence[0].SegmentAlgorithmName = stated
    if in_sequence is not None:
        algorithm = sf.Dataset()
        algorithm.AlgorithmName = in_sequence
        made.SegmentSequence[0].SegmentationAlgorithmIdentificationSequence = [algorithm]
    assert describe(sf.save(made, tmp_path / "seg.dcm"))["segments"][0]["algorithm_name"] == name


def test_a_segment_without_a_label_is_called_by_its_number_and_one_without_codes_has_none(tmp_path):
    made = sf.plain(sf.seg(sf.images(1, 4, 4), np.ones((1, 4, 4, 1), np.uint8)))
    del made.SegmentSequence[0].SegmentLabel, made.SegmentSequence[0].SegmentedPropertyTypeCodeSequence
    (segment,) = describe(sf.save(made, tmp_path / "seg.dcm"))["segments"]
    assert (segment["name"], segment["number"], segment["type"], segment["type_modifiers"]) == ("Segment 1", 1, None, [])
    assert segment["color"] == distinct_color(1)
    made.SegmentSequence[0].RecommendedDisplayCIELabValue = [1, 2]
    assert describe(sf.save(made, tmp_path / "seg.dcm"))["segments"][0]["color"] == distinct_color(1)


def test_source_names_patient_and_referenced_series(tmp_path):
    made = sf.seg(sf.images(series=4), sf.channels(count=1))
    source = convert(sf.save(made, tmp_path / "seg.dcm")).source
    assert replace(source, context={}) == Source(
        "SEG",
        made.SOPClassUID,
        sf.uid(5, 3),
        sf.uid(5, 2),
        made.StudyInstanceUID,
        "P-1",
        "Tést^Person",
        "Test segmentation",
        "5",
        sf.uid(9, 4),
        (sf.uid(4, 2),),
        tuple(sorted(item.ReferencedSOPInstanceUID for item in made.ReferencedSeriesSequence[0].ReferencedInstanceSequence)),
    )


@pytest.mark.parametrize(("charset", "name"), [("ISO_IR 100", "Möller"), ("ISO_IR 192", "肝臓"), ("ISO_IR 144", "Печень"), ("", "Liver")])
def test_names_are_read_in_their_character_set(tmp_path, charset, name):
    made = sf.plain(sf.seg(sf.images(), sf.channels(count=1)))
    made.SpecificCharacterSet = charset
    made.PatientName = "A^B"
    made.SegmentSequence[0].SegmentLabel = name
    assert convert(sf.save(made, tmp_path / "seg.dcm")).segments[0].name == name


@pytest.mark.parametrize("color", [(255, 0, 0), (0, 255, 0), (0, 0, 255), (128, 174, 128), (0, 0, 0), (255, 255, 255), (66, 81, 39)])
def test_recommended_colors_come_back_as_highdicom_wrote_them(color):
    assert cielab_to_srgb(sf.hd.color.CIELabColor.from_rgb(*color).value) == color


def test_segments_without_color_get_different_ones():
    assert len({distinct_color(number) for number in range(1, 101)}) == 100


def test_palette_of_a_label_map_gives_the_colors(tmp_path):
    palette = sf.hd.PaletteColorLUTTransformation(
        *[
            sf.hd.PaletteColorLUT(0, np.array([0, value, value + 1, value + 2], np.uint8), color=color)
            for value, color in ((10, "red"), (20, "green"), (30, "blue"))
        ]
    )
    made = sf.seg(sf.images(), sf.labels(), kind="LABELMAP", palette_color_lut_transformation=palette)
    assert [segment.color for segment in convert(sf.save(made, tmp_path / "seg.dcm")).segments] == [(10, 20, 30), (11, 21, 31), (12, 22, 32)]


def test_describe_lists_segments_without_touching_pixels(tmp_path):
    made = sf.plain(sf.seg(sf.images(), sf.labels(), kind="LABELMAP", transfer_syntax="1.2.840.10008.1.2.4.80"))
    made.PixelData = b"\xfe\xff\x00\xe0\x00\x00\x00\x00\xfe\xff\x00\xe0\x04\x00\x00\x00junk"
    path = sf.save(made, tmp_path / "seg.dcm")
    told = describe(path)
    assert [(segment["number"], segment["name"], segment["voxels"]) for segment in told["segments"]] == [(n, f"Part {n}", 0) for n in (1, 2, 3)]
    assert told["kind"] == "SEG"
    assert told["referenced_series_uids"] == [sf.uid(1, 2)]
    assert told["images_needed"] is False
    with pytest.raises(ConversionError):
        convert(path)


def test_a_subset_touches_only_its_own_frames(tmp_path):
    # Each frame is a code stream of its own; those of segment 2 are damaged.
    array = sf.channels(6, 16, 24).astype(np.float32)
    made = sf.plain(sf.seg(sf.images(), array, kind="FRACTIONAL", transfer_syntax="1.2.840.10008.1.2.4.80"))
    expected = convert(sf.save(made, tmp_path / "whole.dcm"))
    from pydicom.encaps import encapsulate, generate_frames

    frames = list(generate_frames(made.PixelData, number_of_frames=int(made.NumberOfFrames)))
    for number, group in enumerate(made.PerFrameFunctionalGroupsSequence):
        if group.SegmentIdentificationSequence[0].ReferencedSegmentNumber == 2:
            frames[number] = b"damaged!"
    made.PixelData = encapsulate(frames)
    path = sf.save(made, tmp_path / "damaged.dcm")
    with pytest.raises(ConversionError, match="Frame"):
        convert(path)
    found = convert(path, options=ConvertOptions(segments=frozenset({1, 3})))
    assert [segment.number for segment in found.segments] == [1, 3]
    assert np.array_equal(ours(found)[3], ours(expected)[3])


def test_a_subset_of_a_label_map_leaves_the_rest_out(tmp_path):
    array = sf.labels()
    found = convert(sf.save(sf.seg(sf.images(), array, kind="LABELMAP"), tmp_path / "seg.dcm"), options=ConvertOptions(segments=frozenset({2})))
    assert np.array_equal(found.labelmap_volume(), (array * (array == 2))[array.any(axis=(1, 2))])


def test_an_unknown_segment_is_named_with_those_that_exist(tmp_path):
    path = sf.save(sf.seg(sf.images(), sf.channels()), tmp_path / "seg.dcm")
    with pytest.raises(NotFoundError, match=r"no segment 9\. Its segments are 1, 2, 3"):
        convert(path, options=ConvertOptions(segments=frozenset({1, 9})))
