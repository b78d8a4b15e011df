"""What cannot be converted ends in a ConversionError that names file, element and reason, at once and without allocating."""

import tracemalloc

import numpy as np
import pytest
from helpers import seg_files as sf

from IDCBrowserLib.errors import ConversionError, InputError, NotFoundError
from IDCBrowserLib.labelmap.convert import convert, describe


def made(kind: str = "BINARY"):
    return sf.plain(sf.seg(sf.images(), sf.channels() if kind == "BINARY" else sf.labels(), kind=kind))


def refused(dataset, tmp_path, match: str, images=None) -> str:
    path = sf.save(dataset, tmp_path / "bad.dcm")
    tracemalloc.start()
    try:
        with pytest.raises(ConversionError, match=match) as caught:
            convert(path, images)
        assert tracemalloc.get_traced_memory()[1] < 20_000_000
    finally:
        tracemalloc.stop()
    assert "bad.dcm" in str(caught.value)
    return str(caught.value)


def test_truncated_file(tmp_path):
    path = sf.save(made(), tmp_path / "bad.dcm")
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(ConversionError, match=r"bad\.dcm.*\(7FE0,0010\).*truncated"):
        convert(path)


def test_truncated_header(tmp_path):
    path = sf.save(made(), tmp_path / "bad.dcm")
    for size in (140, 300, 900, 2000):
        path.write_bytes(path.read_bytes()[:size] if size < path.stat().st_size else path.read_bytes())
        with pytest.raises(ConversionError, match=r"bad\.dcm"):
            convert(path)


def test_pixel_data_shorter_than_the_frames(tmp_path):
    dataset = made()
    dataset.PixelData = dataset.PixelData[:-40]
    refused(dataset, tmp_path, r"\(7FE0,0010\) has .* bytes where 18 frames")


@pytest.mark.parametrize("count", [17, 19, 0, -3, 10**9])
def test_wrong_number_of_frames(tmp_path, count):
    dataset = made()
    dataset.NumberOfFrames = count
    refused(dataset, tmp_path, rf"\(0028,0008\) is {count}{', but' if count > 0 else '; it must be positive'}")


def test_a_frame_of_a_segment_that_is_not_described(tmp_path):
    dataset = made()
    del dataset.SegmentSequence[1]
    refused(dataset, tmp_path, r"segment 2 .*\(0062,000B\).*\(0062,0002\)")


@pytest.mark.parametrize("frame", [1, 2, 5])
def test_a_frame_without_its_segment_is_named(tmp_path, frame):
    dataset = made()
    del dataset.PerFrameFunctionalGroupsSequence[frame - 1].SegmentIdentificationSequence
    refused(dataset, tmp_path, rf"\(0062,000A\) is missing for frame {frame}, so it belongs to no segment")


def test_a_value_of_a_label_map_that_is_not_described(tmp_path):
    dataset = made("LABELMAP")
    del dataset.SegmentSequence[2]
    first = next(number for number, frame in enumerate(sf.frame_arrays(dataset), 1) if (frame == 2).any())
    assert first > 1
    refused(dataset, tmp_path, rf"Frame {first} holds the value 2, which Segment Sequence \(0062,0002\) does not describe")


def test_a_segment_number_twice(tmp_path):
    dataset = made()
    dataset.SegmentSequence[1].SegmentNumber = 1
    refused(dataset, tmp_path, r"\(0062,0004\) 1 occurs twice")


def test_no_segments(tmp_path):
    dataset = made()
    dataset.SegmentSequence = []
    refused(dataset, tmp_path, r"\(0062,0002\)")


@pytest.mark.parametrize("spacing", [[0, 0.5], [-0.8, 0.5], [1e-320, 0.5]])
def test_spacing_that_is_not_positive(tmp_path, spacing):
    dataset = made()
    dataset.SharedFunctionalGroupsSequence[0].PixelMeasuresSequence[0].PixelSpacing = [f"{value:g}"[:16] for value in spacing]
    refused(dataset, tmp_path, r"\(0028,0030\)")


def test_missing_pixel_measures(tmp_path):
    dataset = made()
    del dataset.SharedFunctionalGroupsSequence[0].PixelMeasuresSequence
    refused(dataset, tmp_path, r"Pixel Spacing \(0028,0030\) is missing for frame 1")


def test_missing_position(tmp_path):
    dataset = made()
    del dataset.PerFrameFunctionalGroupsSequence[4].PlanePositionSequence
    refused(dataset, tmp_path, r"Image Position \(Patient\) \(0020,0032\) is missing for frame 5")


def test_orientation_that_spans_no_plane(tmp_path):
    dataset = made()
    dataset.SharedFunctionalGroupsSequence[0].PlaneOrientationSequence[0].ImageOrientationPatient = [1, 0, 0, 1, 0, 0]
    refused(dataset, tmp_path, r"\(0020,0037\)")


@pytest.mark.parametrize(("planes", "slices", "is_mistake"), [(6, 4000, False), (6, 4001, True), (81, 4050, False), (81, 4051, True)])
def test_positions_may_span_4000_slices_or_fifty_for_each_plane(tmp_path, planes, slices, is_mistake):
    places = [2.5 * number for number in (*range(planes - 1), slices - 1)]
    dataset = sf.seg(sf.images(planes, 4, 4, positions=places), np.ones((planes, 4, 4, 1), np.uint8))
    if is_mistake:
        refused(dataset, tmp_path, f"{planes} slice positions .* would span {slices:,} slices")
    else:
        assert convert(sf.save(dataset, tmp_path / "good.dcm")).geometry.shape == (slices, 4, 4)


def test_a_position_that_is_a_mistake(tmp_path):
    dataset = made()
    dataset.PerFrameFunctionalGroupsSequence[4].PlanePositionSequence[0].ImagePositionPatient = [-20, 10, 9999999]
    refused(dataset, tmp_path, r"\(0020,0032\)")


_CLAIMS = [("BINARY", "1.2.840.10008.1.2.1"), ("LABELMAP", "1.2.840.10008.1.2.4.80"), ("LABELMAP", "1.2.840.10008.1.2.5")]


@pytest.mark.parametrize(("kind", "syntax"), _CLAIMS)
def test_a_header_that_claims_a_terabyte(tmp_path, kind, syntax):
    dataset = sf.plain(sf.seg(sf.images(), sf.channels() if kind == "BINARY" else sf.labels(), kind=kind, transfer_syntax=syntax))
    dataset.Rows = dataset.Columns = 65535
    dataset.BitsAllocated = 16 if kind == "LABELMAP" else 1
    refused(dataset, tmp_path, r"\(7FE0,0010\)|GB")


def test_a_deflated_file_that_claims_more_than_it_can_hold(tmp_path):
    dataset = made()
    dataset.Rows = dataset.Columns = 65535
    path = sf.save_as(dataset, tmp_path / "bad.dcm", "1.2.840.10008.1.2.1.99")
    with pytest.raises(ConversionError, match=r"bad\.dcm"):
        convert(path)


def test_a_truncated_deflated_file(tmp_path):
    path = sf.save_as(made(), tmp_path / "bad.dcm", "1.2.840.10008.1.2.1.99")
    path.write_bytes(path.read_bytes()[:-300])
    with pytest.raises(ConversionError, match=r"bad\.dcm.*deflated"):
        convert(path)


def test_files_that_are_no_dicom(tmp_path):
    for content in (b"", b"x", b"hello" * 100, bytes(2000)):
        path = tmp_path / "bad.dcm"
        path.write_bytes(content)
        with pytest.raises(ConversionError, match=r"bad\.dcm is (empty|not a DICOM file)"):
            describe(path)


def test_a_missing_file_and_a_folder(tmp_path):
    with pytest.raises(NotFoundError, match=r"gone\.dcm does not exist"):
        convert(tmp_path / "gone.dcm")
    with pytest.raises(InputError, match="is a folder"):
        convert(tmp_path)


def test_modality_seg_with_another_sop_class_is_told_as_what_it_is(tmp_path):
    image = sf.images()[0]
    image.Modality = "SEG"
    path = sf.save_images([image], tmp_path)[0]
    with pytest.raises(ConversionError, match="is CT Image Storage although its Modality says SEG"):
        convert(path)


def test_an_unknown_segmentation_type(tmp_path):
    dataset = made()
    dataset.SegmentationType = "CONTOURS"
    refused(dataset, tmp_path, r'\(0062,0001\) is "CONTOURS"')


def test_a_transfer_syntax_that_segmentations_do_not_use(tmp_path):
    dataset = sf.plain(sf.seg(sf.images(), sf.labels(), kind="LABELMAP", transfer_syntax="1.2.840.10008.1.2.5"))
    dataset.file_meta.TransferSyntaxUID = "1.2.840.10008.1.2.4.50"
    refused(dataset, tmp_path, r"\(0002,0010\)")


def test_images_that_are_not_there(tmp_path):
    path = sf.save(made(), tmp_path / "seg.dcm")
    (tmp_path / "notes.txt").write_text("nothing")
    with pytest.raises(ConversionError):
        convert(path, [str(tmp_path / "notes.txt")])


def test_cancelling_ends_between_frames(tmp_path):
    from IDCBrowserLib.errors import CancelledError
    from IDCBrowserLib.task import Task

    task = Task(lambda progress: task.cancel() if progress.done else None)
    path = sf.save(sf.seg(sf.images(), np.ones((6, 16, 24, 3), np.uint8)), tmp_path / "seg.dcm")
    with pytest.raises(CancelledError):
        convert(path, task=task)


@pytest.mark.parametrize(
    ("keyword", "value", "said"),
    [
        ("SamplesPerPixel", 3, r"Samples per Pixel \(0028,0002\) is 3; a segmentation has 1\."),
        ("BitsAllocated", 32, r"Bits Allocated \(0028,0100\) is 32; a segmentation has 1, 8 or 16\."),
        ("BitsAllocated", 0, r"Bits Allocated \(0028,0100\) is 0; a segmentation has 1, 8 or 16\."),
        ("PixelData", None, r"Pixel Data \(7FE0,0010\) is missing\. The file is damaged"),
    ],
)
def test_pixel_data_that_are_none_of_a_segmentation(tmp_path, keyword, value, said):
    dataset = made()
    if value is None:
        delattr(dataset, keyword)
    else:
        setattr(dataset, keyword, value)
    refused(dataset, tmp_path, said)


def test_packed_pixel_data_that_say_they_are_not(tmp_path):
    dataset = sf.plain(sf.seg(sf.images(), sf.labels(), kind="LABELMAP", transfer_syntax="1.2.840.10008.1.2.5"))
    path = sf.save(dataset, tmp_path / "bad.dcm")
    # The transfer syntax of the file meta alone is another.
    content = path.read_bytes()
    path.write_bytes(content.replace(b"1.2.840.10008.1.2.5\0", b"1.2.840.10008.1.2.1\0", 1))
    with pytest.raises(ConversionError, match=r"Pixel Data \(7FE0,0010\) is encapsulated, but the transfer syntax says it is not"):
        convert(path)


def test_samples_that_are_not_stated_are_one(tmp_path):
    dataset = made()
    del dataset.SamplesPerPixel
    assert convert(sf.save(dataset, tmp_path / "good.dcm")).segments[0].voxels > 0
