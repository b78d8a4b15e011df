"""Frames that do not say where they are belong to the images they name."""

import copy

import numpy as np
import pytest
from helpers import seg_files as sf

from IDCBrowserLib.errors import ConversionError
from IDCBrowserLib.labelmap.convert import convert
from IDCBrowserLib.labelmap.explain import Why
from IDCBrowserLib.labelmap.options import ConvertOptions
from IDCBrowserLib.labelmap.seg import borrowed

SHARED = ("PlaneOrientationSequence", "PixelMeasuresSequence")


def made():
    """A SEG of two segments whose frames state no position, its images, and its labels."""
    source, labels = sf.images(orientation=sf.OBLIQUE), sf.labels()
    dataset = sf.plain(sf.seg(source, labels))
    for frame in dataset.PerFrameFunctionalGroupsSequence:
        del frame.PlanePositionSequence
    return source, dataset, labels


def converted(source, dataset, folder, **options):
    files = [str(path) for path in sf.save_images(source, folder / "images")]
    return convert(sf.save(dataset, folder / "seg.dcm"), files, ConvertOptions(**options))


@pytest.mark.parametrize("also_lacking", [(), *((name,) for name in SHARED), SHARED])
def test_frames_without_a_position_are_on_the_images_they_name(tmp_path, also_lacking):
    source, dataset, labels = made()
    for name in also_lacking:
        delattr(dataset.SharedFunctionalGroupsSequence[0], name)
    found = converted(source, dataset, tmp_path, explain=True)
    assert np.array_equal(found.labelmap_volume(), labels)
    assert found.warnings == () and {placed.why for placed in found.placed} == {Why.NAMED}


def test_a_referenced_image_is_as_good_as_a_source_image(tmp_path):
    source, dataset, labels = made()
    for frame in dataset.PerFrameFunctionalGroupsSequence:
        frame.ReferencedImageSequence = frame.DerivationImageSequence[0].SourceImageSequence
        del frame.DerivationImageSequence
    assert np.array_equal(converted(source, dataset, tmp_path).labelmap_volume(), labels)


def test_a_number_of_thousands_of_digits_is_no_frame_of_an_image(tmp_path):
    source, dataset, labels = made()
    for frame in dataset.PerFrameFunctionalGroupsSequence:
        for named in frame.DerivationImageSequence[0].SourceImageSequence:
            # In a text of any length: writers refuse it as a number.
            named.add_new("ReferencedFrameNumber", "UT", "9" * 5000)
    assert np.array_equal(converted(source, dataset, tmp_path).labelmap_volume(), labels)


def test_what_a_frame_says_itself_goes_before_what_its_image_says(tmp_path):
    source, labels = sf.images(), sf.labels(count=1)
    dataset = sf.with_frames(sf.seg(source, labels), range(3), {0: (0.5, 0, 0)})
    del dataset.SharedFunctionalGroupsSequence[0].PlaneOrientationSequence
    found = converted(source, dataset, tmp_path)
    # One column is half a millimeter.
    height = dataset.PerFrameFunctionalGroupsSequence[0].PlanePositionSequence[0].ImagePositionPatient[2]
    k = [float(image.ImagePositionPatient[2]) for image in source].index(float(height))
    labels[k] = np.roll(labels[k], 1, axis=1)
    assert np.array_equal(found.labelmap_volume(), labels)


def test_orientation_and_pixel_spacing_at_the_top_level_are_used(tmp_path):
    source, labels = sf.images(), sf.labels()
    dataset = sf.plain(sf.seg(source, labels))
    shared = dataset.SharedFunctionalGroupsSequence[0]
    dataset.ImageOrientationPatient = shared.PlaneOrientationSequence[0].ImageOrientationPatient
    dataset.PixelSpacing = shared.PixelMeasuresSequence[0].PixelSpacing
    for name in SHARED:
        delattr(shared, name)
    assert np.array_equal(converted(source, dataset, tmp_path).labelmap_volume(), labels)


def test_frames_of_an_image_that_is_not_given_are_counted_and_the_others_converted(tmp_path):
    source, dataset, labels = made()
    lost = int(np.flatnonzero(labels.any(axis=(1, 2)))[1])
    found = converted([image for k, image in enumerate(source) if k != lost], dataset, tmp_path)
    expected = labels.copy()
    expected[lost] = 0
    assert np.array_equal(found.labelmap_volume(), expected)
    assert "state no position, name images that are not among those given, and were skipped" in found.warnings[0]


def test_without_images_the_sentence_says_what_would_help(tmp_path):
    _, dataset, _ = made()
    with pytest.raises(ConversionError, match=r"\(0020,0032\) is missing for frame 1.*give the folder of all images"):
        convert(sf.save(dataset, tmp_path / "seg.dcm"))


def test_a_frame_that_names_images_at_two_places_has_none(tmp_path):
    source, dataset, _ = made()
    frames = dataset.PerFrameFunctionalGroupsSequence
    other = next(
        frame
        for frame in frames
        if frame.DerivationImageSequence[0].SourceImageSequence[0].ReferencedSOPInstanceUID
        != frames[0].DerivationImageSequence[0].SourceImageSequence[0].ReferencedSOPInstanceUID
    )
    frames[0].DerivationImageSequence[0].SourceImageSequence.append(copy.deepcopy(other.DerivationImageSequence[0].SourceImageSequence[0]))
    with pytest.raises(ConversionError, match=r"Frame 1 states no Image Position .* names images at several places"):
        converted(source, dataset, tmp_path)


@pytest.mark.parametrize(("shift", "is_one"), [(0.0, True), (0.009, True), (0.011, False)])
def test_images_that_a_frame_names_are_at_one_place_up_to_a_hundredth_of_a_mm(shift, is_one):
    class Refusing:
        def fail(self, message):
            raise ConversionError(message)

    images = [np.array([x, 0, 0, 1, 0, 0, 0, 1, 0, 1, 1], float) for x in (0.0, shift)]
    nowhere = np.full(11, np.nan)
    if is_one:
        assert borrowed._image_of(nowhere, images, 0, Refusing()) is images[0]
    else:
        with pytest.raises(ConversionError, match="several places"):
            borrowed._image_of(nowhere, images, 0, Refusing())


def test_of_images_at_several_places_the_nearest_to_a_stated_position_tells_the_rest():
    far, near = (np.array([x, 0, 0, *turned, 1, 1], float) for x, turned in ((9.0, (1, 0, 0, 0, 1, 0)), (2.0, (0, 1, 0, 0, 0, -1))))
    stated = np.array([3.0, 0, 0, *[np.nan] * 8])
    for images in ([far, near], [near, far]):
        assert borrowed._image_of(stated, images, 0, None) is near
    assert borrowed._image_of(stated, [], 0, None) is None
