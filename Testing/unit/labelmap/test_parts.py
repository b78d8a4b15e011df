"""Objects that lie on several grids and phases: files, JSON, explanations, and labelmaps of uneven images."""

import json
from dataclasses import replace

import nrrd
import numpy as np
import pydicom
import pytest
from helpers import rtstruct_files as rt
from helpers import seg_files as sf
from pydicom import Dataset

from IDCBrowserLib.cli.main import main
from IDCBrowserLib.engine.methods import labelmap as methods
from IDCBrowserLib.engine.state import EngineState
from IDCBrowserLib.errors import ConversionError
from IDCBrowserLib.labelmap import parts
from IDCBrowserLib.labelmap.convert import convert, convert_parts
from IDCBrowserLib.labelmap.explain import SlicePlacement, Why
from IDCBrowserLib.labelmap.files.raw import load_labelmap
from IDCBrowserLib.labelmap.options import ConvertOptions
from IDCBrowserLib.task import Task


def run(capsys, *arguments):
    code = main(["convert", *map(str, arguments)])
    told = capsys.readouterr()
    return code, json.loads(told.out) if "--json" in arguments else {}, told.out + told.err


def numbered(source, first):
    """The same images once more, as further instances of the series."""
    for number, image in enumerate(source, first):
        image.SOPInstanceUID = image.file_meta.MediaStorageSOPInstanceUID = sf.uid(1, 3, number)
        image.InstanceNumber = number
    return source


@pytest.fixture
def phases(tmp_path):
    """Two phases of 4 places; a SEG of two segments: the first in both, the second in the later one."""
    early, late = sf.images(4), numbered(sf.images(4), 5)
    for image in early:
        image.TriggerTime = "0"
    for image in late:
        image.TriggerTime = "350"
    sf.save_images([*early, *late], tmp_path / "mr")
    arrays = sf.channels(4, count=1), sf.channels(4, count=2, seed=5)
    made = sf.plain(sf.seg(early, arrays[0]))
    second = sf.seg(late, arrays[1])
    frames = [*made.PerFrameFunctionalGroupsSequence, *second.PerFrameFunctionalGroupsSequence]
    pixels = [*sf.frame_arrays(made), *sf.frame_arrays(second)]
    made.SegmentSequence = second.SegmentSequence
    made.PerFrameFunctionalGroupsSequence = frames
    made.NumberOfFrames = len(frames)
    sf.set_frames(made, pixels)
    return sf.save(made, tmp_path / "seg.dcm"), tmp_path / "mr", arrays


def test_each_phase_has_a_labelmap_with_its_segments(phases):
    path, folder, (early, late) = phases
    first, second = convert_parts(path, sorted(folder.iterdir()))
    assert [first.label, second.label] == ["TriggerTime 0", "TriggerTime 350"]
    assert [segment.number for segment in first.segments] == [1]
    assert np.array_equal(first.labelmap_volume() > 0, early[..., 0] > 0)
    for index, segment in enumerate(second.segments):
        assert np.array_equal(second.layers[segment.layer] == segment.label_value, late[..., index] > 0)


def test_who_wants_one_labelmap_is_told_that_there_are_several(phases):
    with pytest.raises(ConversionError, match=r"2 grids or phases \(TriggerTime 0, TriggerTime 350\)"):
        convert(phases[0], sorted(phases[1].iterdir()))


def test_several_labelmaps_are_numbered_files_and_parts_of_the_document(phases, tmp_path, capsys):
    path, folder, (early, late) = phases
    code, told, _ = run(capsys, path, "--images", folder, "--out", tmp_path / "out.seg.nrrd", "--json")
    assert code == 0
    assert told["files"] == [str(tmp_path / "out-1.seg.nrrd"), str(tmp_path / "out-2.seg.nrrd")]
    assert [part["files"] for part in told["parts"]] == [[file] for file in told["files"]]
    assert [(part["part"], part["label"], part["shape"]) for part in told["parts"]] == [
        (1, "TriggerTime 0", [4, 16, 24]),
        (2, "TriggerTime 350", [4, 16, 24]),
    ]
    assert told["parts"][0]["frames"] == [1, 2, 3, 4]
    assert told["parts"][1]["frames"] == list(range(5, 13))
    # On top each place counts once, whatever its phase.
    both = (early[..., 0] > 0) | (late[..., 0] > 0)
    assert [segment["voxels"] for segment in told["segments"]] == [int(both.sum()), int((late[..., 1] > 0).sum())]
    assert "shape" not in told
    data, _header = nrrd.read(told["files"][0])
    assert int((data > 0).sum()) == told["parts"][0]["segments"][0]["voxels"]


def test_text_names_the_parts(phases, tmp_path, capsys):
    _, _, text = run(capsys, phases[0], "--images", phases[1], "--out", tmp_path / "out.nrrd")
    assert "Part 2: TriggerTime 350" in text and f"Written: {tmp_path / 'out-2.nrrd'}" in text


def test_separate_files_of_parts_do_not_overwrite_each_other(phases, tmp_path, capsys):
    _, told, _ = run(capsys, phases[0], "--images", phases[1], "--out", tmp_path / "out.nrrd", "--separate", "--json")
    assert len(told["files"]) == len(set(told["files"])) == 3


def test_the_engine_answers_further_parts_as_others(phases, tmp_path):
    (tmp_path / "exchange").mkdir()
    state = EngineState({"exchange_folder": str(tmp_path / "exchange")})
    images = [str(path) for path in sorted(phases[1].iterdir())]
    document = methods.convert(state, {"input": str(phases[0]), "images": images}, Task())
    parts = [load_labelmap(entry) for entry in (document, *document["others"])]
    assert [part.label for part in parts] == ["TriggerTime 0", "TriggerTime 350"]


def test_explain_tells_what_went_where_and_why(phases, tmp_path, capsys):
    path, folder, _ = phases
    _, told, _ = run(capsys, path, "--images", folder, "--out", tmp_path / "out.nrrd", "--explain", "--json")
    assert [(entry["part"], entry["segment"], entry["name"]) for entry in told["explain"]] == [(1, 1, "Part 1"), (2, 1, "Part 1"), (2, 2, "Part 2")]
    frames = told["explain"][0]["frames"]
    assert [entry["frame"] for entry in frames] == [1, 2, 3, 4]
    assert {entry["why"] for entry in frames} == {"it names this image"}
    by_slice = {entry["slice"]: entry["image"] for entry in frames}
    assert by_slice == {k: sf.uid(1, 3, k + 1) for k in range(4)}
    _, _, text = run(capsys, path, "--images", folder, "--out", tmp_path / "out.nrrd", "--explain")
    assert "Part 1 (TriggerTime 0):\nSegment 1 Part 1\n  frames 1 to 4 on slices 3 to 0: it names this image" in text


def test_frames_on_none_of_several_labelmaps_are_told_with_the_first_alone(phases, tmp_path):
    path, folder, _ = phases
    made = sf.with_frames(pydicom.dcmread(path), range(12), {0: (0, 0, 500), 5: (0, 0, 500)})
    parts = convert_parts(sf.save(made, tmp_path / "beyond.dcm"), sorted(folder.iterdir()), ConvertOptions(explain=True))
    assert [[(one.number, one.why) for one in part.placed if one.k is None] for part in parts] == [[(1, Why.OUTSIDE), (6, Why.OUTSIDE)], []]
    assert [len(part.placed) for part in parts] == [5, 7]


def test_explain_names_what_was_left_out(tmp_path, capsys):
    source = sf.images()
    path = sf.save(sf.seg(source, sf.channels(count=1)), tmp_path / "seg.dcm")
    sf.save_images(source[1:], tmp_path / "ct")
    _, told, _ = run(capsys, path, "--images", tmp_path / "ct", "--out", tmp_path / "out.nrrd", "--explain", "--json")
    assert [(entry["slice"], entry["why"]) for entry in told["explain"][0]["frames"]][-1] == (None, "skipped: it is outside the images")
    assert "parts" not in told and told["shape"] == [5, 16, 24]


def test_labelmaps_of_uneven_images_lie_on_the_even_grid_that_the_images_are_shown_on(tmp_path):
    from IDCBrowserLib.volume.pixels import read_volume
    from IDCBrowserLib.volume.read_grids import read_image_grids

    source = sf.images(positions=[0, 2.5, 5, 10, 15])
    for image, thickness in zip(source, (2.5, 2.5, 2.5, 5, 5), strict=True):
        image.SliceThickness = thickness
    files = sf.save_images(source, tmp_path / "ct")
    path = sf.save(sf.seg(source, sf.channels(5, count=2)), tmp_path / "seg.dcm")
    plain = convert(path, files)
    even = convert(path, files, ConvertOptions(even=True))
    assert plain.geometry.shape[0] == 5 and plain.slice_thicknesses == (2.5, 2.5, 3.75, 5, 5)
    assert "has a slice for each image. Its header can state only one distance, 3.75 mm;" in plain.warnings[-1]
    assert even.geometry == read_volume(read_image_grids(files)[0]).geometry
    assert [segment.volume_mm3 for segment in even.segments] == pytest.approx([segment.volume_mm3 for segment in plain.segments])
    merged = convert(path, files, ConvertOptions(even=True, one_layer=True))
    assert merged.overlapping_voxels == convert(path, files, ConvertOptions(one_layer=True)).overlapping_voxels > 0
    for segment in even.segments:
        assert segment.volume_mm3 == pytest.approx(segment.voxels * even.geometry.voxel_volume_mm3)
        shown = (even.layers[segment.layer] == segment.label_value).sum(axis=(1, 2))
        stored = (plain.layers[segment.layer] == segment.label_value).sum(axis=(1, 2))
        assert shown.tolist() == np.repeat(stored, [2, 2, 3, 4, 4]).tolist()


def test_slices_of_varying_thickness_state_it_however_little_it_varies(tmp_path):
    source = sf.images(positions=[0, 2, 4, 6.4, 8.8])
    for image, thickness in zip(source, (2, 2, 2.2, 2.4, 2.4), strict=True):
        image.SliceThickness = thickness
    path = sf.save(sf.seg(source, sf.channels(5, count=1)), tmp_path / "seg.dcm")
    assert convert(path, sf.save_images(source, tmp_path / "ct")).slice_thicknesses == pytest.approx((2, 2, 2.2, 2.4, 2.4))


def test_what_is_said_of_the_whole_seg_is_said_with_the_first_of_several_labelmaps(phases, tmp_path):
    path, folder, _ = phases
    made = pydicom.dcmread(path)
    made.PixelData += bytes(10)
    first, second = convert_parts(sf.save(made, tmp_path / "longer.dcm"), sorted(folder.iterdir()))
    assert any("Rows, Columns or Number of Frames may be wrong" in warning for warning in first.warnings)
    assert second.warnings == ()


def _placement(number, k=None, why=Why.NAMED, remark="", distance=None):
    return SlicePlacement(1, number, why, k, distance=distance, remark=remark)


@pytest.mark.parametrize(
    ("placed", "lines"),
    [
        ([(1, 4), (2, 5), (3, 6)], ["frames 1 to 3 on slices 4 to 6"]),
        ([(1, 6), (2, 5), (3, 4)], ["frames 1 to 3 on slices 6 to 4"]),
        ([(1, 4), (2, 5), (3, 4)], ["frames 1 to 2 on slices 4 to 5", "frame 3 on slice 4"]),
        ([(1, 4), (2, 6)], ["frame 1 on slice 4", "frame 2 on slice 6"]),
        ([(1, 4), (3, 5)], ["frame 1 on slice 4", "frame 3 on slice 5"]),
        ([(1, 4), (2, 5, Why.NEAREST)], ["frame 1 on slice 4", "frame 2 on slice 5"]),
        ([(1, 5, Why.NEAREST), (2, 6)], ["frame 1 on slice 5", "frame 2 on slice 6"]),
        ([(1, 4, Why.NAMED, "b"), (2, 5, Why.NAMED, "a")], ["frame 1 on slice 4", "frame 2 on slice 5"]),
        ([(1, None, Why.OUTSIDE), (2, None, Why.OUTSIDE)], ["frames 1 to 2"]),
        ([(1, 4), (2, None)], ["frame 1 on slice 4", "frame 2"]),
    ],
)
def test_frames_that_follow_each_other_are_told_in_one_line(placed, lines):
    told = [parts._run_text(run, "frame") for run in parts._runs([_placement(*one) for one in placed])]
    assert [line.partition(":")[0] for line in told] == lines


@pytest.mark.parametrize(
    ("why", "distances", "told"),
    [
        (Why.NEAREST, [0.2, -1.25, 0.5], "the slice is the nearest (1.25 mm off)"),
        (Why.NAMED, [0.0006], "it names this image (0.0006 mm off)"),
        (Why.NAMED, [0.0004], "it names this image"),
        (Why.NAMED, [None], "it names this image"),
        (Why.OWN, [1.0], "its own plane"),
    ],
)
def test_how_far_off_the_farthest_frame_of_a_line_is_is_told_from_half_a_thousandth_of_a_millimeter_on(why, distances, told):
    (run,) = parts._runs([_placement(number, number, why, distance=distance) for number, distance in enumerate(distances, 1)])
    assert parts._run_text(run, "frame").partition(": ")[2] == told


@pytest.mark.parametrize("on_images", [True, False])
def test_frames_that_name_no_image_are_of_the_phase_that_their_temporal_position_tells(phases, tmp_path, on_images):
    path, folder, (early, late) = phases
    made = pydicom.dcmread(path)
    for n, frame in enumerate(made.PerFrameFunctionalGroupsSequence):
        del frame.DerivationImageSequence
        frame.FrameContentSequence = [Dataset()]
        frame.FrameContentSequence[0].TemporalPositionIndex = 1 if n < 4 else 2
    unnamed = sf.save(made, tmp_path / "unnamed.dcm")
    first, second = convert_parts(unnamed, sorted(folder.iterdir()) if on_images else None)
    assert [first.label, second.label] == (["TriggerTime 0", "TriggerTime 350"] if on_images else ["phase 1", "phase 2"])
    assert np.array_equal(first.labelmap_volume() > 0, early[..., 0] > 0)
    assert np.array_equal(second.layers[second.segments[0].layer] == 1, late[..., 0] > 0)


def late_phase(tmp_path):
    """Images of two phases, and a SEG of the later one alone."""
    early, late = sf.images(4), numbered(sf.images(4), 5)
    for image, moment in [*((image, 1) for image in early), *((image, 2) for image in late)]:
        image.TemporalPositionIdentifier = moment
    files = sf.save_images([*early, *late], tmp_path / "mr")
    return sf.plain(sf.seg(late, sf.channels(4, count=1))), files


def test_what_lies_on_one_phase_is_named_by_it(tmp_path):
    made, files = late_phase(tmp_path)
    found = convert(sf.save(made, tmp_path / "seg.dcm"), files)
    assert found.label == "TemporalPositionIdentifier 2"
    assert convert(sf.save(made, tmp_path / "seg.dcm"), files[4:]).label == ""


def test_a_structure_set_on_one_phase_is_named_by_it(tmp_path):
    stack = rt.axial(4)
    late = replace(stack, series=f"{stack.series}.2")
    for phase in (stack, late):
        (tmp_path / phase.series).mkdir()
        for path in phase.write(tmp_path / phase.series):
            image = pydicom.dcmread(path)
            image.SeriesInstanceUID, image.TemporalPositionIdentifier = stack.series, 1 + (phase is late)
            image.save_as(path)
    rois = [rt.R(1, [rt.flat(late, k, rt.box(2, 2, 6, 6), named=True) for k in range(4)], "A")]
    path = rt.write(rt.structure_set(rois), tmp_path / "rt.dcm")
    (found,) = convert_parts(path, sorted(tmp_path.rglob("image*.dcm")))
    assert (found.label, found.segments[0].voxels) == ("TemporalPositionIdentifier 2", 64)


def test_frames_beside_the_images_they_name_stay_in_their_phase(tmp_path):
    made, files = late_phase(tmp_path)
    frames = made.PerFrameFunctionalGroupsSequence
    names = [frame.DerivationImageSequence for frame in frames]
    for frame, other in zip(frames, reversed(names), strict=True):
        frame.DerivationImageSequence = other
    found = convert(sf.save(made, tmp_path / "seg.dcm"), files)
    assert found.label == "TemporalPositionIdentifier 2" and "positions decide" in " ".join(found.warnings)


def test_frames_beside_the_images_they_name_stay_in_their_phase_although_most_are_of_another(phases, tmp_path):
    path, folder, (early, late) = phases
    made = pydicom.dcmread(path)
    frames = made.PerFrameFunctionalGroupsSequence[:4]
    names = [frame.DerivationImageSequence for frame in frames]
    for frame, other in zip(frames, reversed(names), strict=True):
        frame.DerivationImageSequence = other
    first, second = convert_parts(sf.save(made, tmp_path / "beside.dcm"), sorted(folder.iterdir()))
    assert [first.label, second.label] == ["TriggerTime 0", "TriggerTime 350"]
    assert np.array_equal(first.labelmap_volume() > 0, early[..., 0] > 0)
    assert np.array_equal(second.layers[second.segments[0].layer] == 1, late[..., 0] > 0)


def test_frames_that_all_state_the_second_moment_are_of_the_second_phase(tmp_path):
    made, files = late_phase(tmp_path)
    for frame in made.PerFrameFunctionalGroupsSequence:
        del frame.DerivationImageSequence
        frame.FrameContentSequence[0].TemporalPositionIndex = 2
    assert convert(sf.save(made, tmp_path / "seg.dcm"), files).label == "TemporalPositionIdentifier 2"
