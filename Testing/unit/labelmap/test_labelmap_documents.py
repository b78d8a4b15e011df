"""Labelmaps told to others: as JSON, as lines of explanation, as headers of files, as codes; each field by itself."""

from __future__ import annotations

import itertools
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from IDCBrowserLib.dicom.code import Code
from IDCBrowserLib.errors import ConversionError, InputError, StorageError
from IDCBrowserLib.labelmap.description import Description
from IDCBrowserLib.labelmap.explain import SlicePlacement, Why
from IDCBrowserLib.labelmap.files import stored_bytes
from IDCBrowserLib.labelmap.files.raw import load_labelmap, save_arrays, to_document
from IDCBrowserLib.labelmap.files.read import read_label_file
from IDCBrowserLib.labelmap.files.write import format_of, write, write_fractions
from IDCBrowserLib.labelmap.options import ConvertOptions
from IDCBrowserLib.labelmap.parts import explain_text, parts_document
from IDCBrowserLib.labelmap.terminology import codes_of_entry, terminology_entry
from IDCBrowserLib.labelmap.types import Annotation, Labelmap, Segment, Source
from IDCBrowserLib.volume.geometry import Geometry

AXES = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))
GRID = Geometry((2, 3, 4), (0.5, 0.75, 2.0), (1.0, 2.0, 3.0), AXES)
LIVER, LEFT = Code("10200004", "SCT", "Liver"), Code("7771000", "SCT", "Left")
TISSUE, LUNG = Code("85756007", "SCT", "Tissue"), Code("39607008", "SCT", "Lung")


def labelmap(*segments: Segment, layers: int = 1, kind: str = "SEG", **values: Any) -> Labelmap:
    """Layers of one voxel each, label n in layer n."""
    made = []
    for number in range(1, layers + 1):
        layer = np.zeros(GRID.shape, np.uint8)
        layer[0, 0, number - 1] = number
        made.append(layer)
    return Labelmap(tuple(made), GRID, segments, Source(kind, series_uid="1.2"), **values)


ONE = Segment(7, 1, "One", color=(255, 128, 0))
TWO = Segment(9, 2, "Two", layer=1, algorithm_type="MANUAL", algorithm_name="by|hand", tracking_id="t", tracking_uid="1.2.3")


# JSON


def test_a_segment_of_which_nothing_is_known_says_so() -> None:
    assert Segment(3, 4, "A").to_json() == {
        "number": 3,
        "label_value": 4,
        "name": "A",
        "layer": 0,
        "description": "",
        "category": None,
        "type": None,
        "type_modifiers": [],
        "anatomic_region": None,
        "anatomic_region_modifiers": [],
        "color": (128, 174, 128),
        "algorithm_type": "",
        "algorithm_name": "",
        "tracking_id": "",
        "tracking_uid": "",
        "voxels": 0,
        "volume_mm3": 0.0,
        "details": {},
    }


def test_who_asks_for_nothing_gets_all_segments_from_a_half_on_as_they_lie() -> None:
    assert ConvertOptions() == ConvertOptions(
        grid="auto",
        segments=None,
        fractional_threshold=0.5,
        contour_rule="auto",
        interpolate=False,
        one_layer=False,
        explain=False,
        even=False,
        slide_step=1,
        may_be_empty=False,
    )


def test_a_description_of_a_seg_asks_for_no_images_and_has_no_voxels() -> None:
    told = Description("SEG", (ONE,), ("1.2",), "1.5", Source("SEG")).to_json()
    assert (told["images_needed"], told["on_slide"], told["warnings"], told["referenced_series_uids"]) == (False, False, [], ["1.2"])
    assert told["segments"] == [ONE.to_json()] and told["frame_of_reference_uid"] == "1.5"


def test_a_drawing_of_no_roi_has_the_number_0() -> None:
    drawn = Annotation("P", "POINT", ((1.0, 2.0, 3.0),), (1, 2, 3))
    assert drawn.to_json() == {"name": "P", "kind": "POINT", "points": ((1.0, 2.0, 3.0),), "color": (1, 2, 3), "number": 0}


def test_a_labelmap_comes_back_from_its_document(tmp_path: Path) -> None:
    coded = replace(ONE, category=TISSUE, type=LIVER, type_modifiers=(LEFT,), anatomic_region=LUNG, anatomic_region_modifiers=(LEFT, LIVER))
    before = labelmap(
        replace(coded, voxels=5, volume_mm3=2.5, details={"areas": [1, 2]}),
        TWO,
        layers=2,
        overlapping_voxels=3,
        warnings=("a", "b"),
        annotations=(Annotation("P", "POINT", ((1.0, 2.5, 3.0), (4.0, 5.0, 6.0)), (1, 2, 3), 8),),
        label="phase 2",
        series_uid="1.7",
        slice_thicknesses=(2.0, 2.5),
    )
    before = replace(before, layers=tuple(layer.astype(np.uint16) for layer in before.layers))
    names = (tmp_path / f"{number}.raw" for number in itertools.count())
    document = json.loads(json.dumps(to_document(before, save_arrays(before, lambda: next(names)))))
    assert document["layers"] == 2 and document["annotations"][0]["number"] == 8
    after = load_labelmap(document)
    assert replace(after, layers=()) == replace(before, layers=())
    assert [(layer.dtype.name, layer.tolist()) for layer in after.layers] == [("uint16", layer.tolist()) for layer in before.layers]
    after.layers[0][...] = 9
    assert load_labelmap(document).layers[0].tolist() == before.layers[0].tolist(), "the file has not changed"


def test_what_was_written_before_the_disk_was_full_is_removed(tmp_path: Path) -> None:
    paths = iter([tmp_path / "first.raw", tmp_path / "gone" / "second.raw"])
    with pytest.raises(StorageError, match=r"The voxels cannot be written to .*second\.raw: No such file or directory\. Free some disk space and"):
        save_arrays(labelmap(ONE, TWO, layers=2), lambda: next(paths))
    assert not list(tmp_path.iterdir())


def test_where_layers_overlap_the_highest_label_stays_and_the_layers_are_as_before() -> None:
    made = labelmap(ONE, TWO, layers=2)
    made.layers[1][0, 0, 0] = 2
    assert made.labelmap_volume()[0, 0].tolist() == [2, 2, 0, 0]
    assert made.layers[0][0, 0].tolist() == [1, 0, 0, 0]


# Parts and explanations


def test_one_labelmap_is_told_as_it_is_and_several_with_what_they_share_on_top() -> None:
    point = Annotation("P", "POINT", ((1.0, 2.0, 3.0),), (1, 2, 3))
    first = labelmap(ONE, overlapping_voxels=2, warnings=("a",), annotations=(point,), label="early", holds={"frames": [1]})
    second = labelmap(ONE, overlapping_voxels=3, warnings=("a", "b"), annotations=(point,), label="late", holds={"frames": [2]})
    assert parts_document([first]) == first.to_json()
    assert (labelmap(ONE).to_json()["overlapping_voxels"], labelmap(ONE).to_json()["slice_thicknesses"]) == (0, [])
    told = parts_document([first, second])
    assert not {"shape", "spacing", "origin", "directions", "layers", "label", "series_uid", "slice_thicknesses", "explain"} & told.keys()
    assert (told["overlapping_voxels"], told["warnings"], len(told["annotations"])) == (5, ["a", "b"], 2)
    assert [(part["part"], part["label"], part["frames"], part["layers"]) for part in told["parts"]] == [(1, "early", [1], 1), (2, "late", [2], 1)]
    assert told["source"] == first.source.to_json()


PLACED = (
    SlicePlacement(1, 1, Why.NAMED, 0, "1.5", 3, 0.25),
    SlicePlacement(0, 2, Why.OUTSIDE),
    SlicePlacement(9, 3, Why.REFUSED, remark="odd"),
    SlicePlacement(1, 2, Why.NAMED, 1, "1.6", 4, -0.5),
)


@pytest.mark.parametrize(("kind", "what"), [("SEG", "frame"), ("RTSTRUCT", "contour")])
def test_every_frame_or_contour_is_explained_by_segment(kind: str, what: str) -> None:
    told = parts_document([labelmap(ONE, kind=kind, placed=PLACED)])["explain"]
    assert [(entry["segment"], entry["name"]) for entry in told] == [(None, "all segments"), (7, "One"), (9, "")]
    assert all("part" not in entry for entry in told)
    assert told[1][f"{what}s"] == [
        {what: 1, "slice": 0, "image": "1.5", "image_frame": 3, "distance_mm": 0.25, "why": "it names this image"},
        {what: 2, "slice": 1, "image": "1.6", "image_frame": 4, "distance_mm": -0.5, "why": "it names this image"},
    ]
    assert told[0][f"{what}s"] == [
        {what: 2, "slice": None, "image": None, "image_frame": None, "distance_mm": None, "why": "skipped: it is outside the images"}
    ]
    both = parts_document([labelmap(ONE, kind=kind), labelmap(ONE, kind=kind, placed=PLACED[:1])])["explain"]
    assert [(entry["part"], entry["segment"]) for entry in both] == [(2, 7)]
    assert explain_text([labelmap(ONE, kind=kind, placed=PLACED)]).splitlines() == [
        "All segments",
        f"  {what} 2: skipped: it is outside the images",
        "Segment 7 One",
        f"  {what}s 1 to 2 on slices 0 to 1: it names this image (0.5 mm off)",
        "Segment 9",
        f"  {what} 3: skipped: odd",
    ]
    assert explain_text([labelmap(ONE, label="a"), labelmap(ONE, label="b", placed=PLACED[:1])]).splitlines()[:3] == [
        "Part 1 (a):",
        "Part 2 (b):",
        "Segment 7 One",
    ]


# Codes


@pytest.mark.parametrize(
    ("segment", "entry"),
    [
        (ONE, ""),
        (replace(ONE, category=TISSUE), ""),
        (replace(ONE, type=LIVER), ""),
        (
            replace(ONE, category=TISSUE, type=LIVER),
            "Segmentation category and type - DICOM master list~SCT^85756007^Tissue~SCT^10200004^Liver~^^~Anatomic codes - DICOM master list~^^~^^",
        ),
        (
            replace(ONE, category=TISSUE, type=Code("1", "S^C", "a~b|c"), type_modifiers=(LEFT, LIVER), anatomic_region=LUNG),
            (
                "Segmentation category and type - DICOM master list~SCT^85756007^Tissue~S C^1^a b c~SCT^7771000^Left"
                "~Anatomic codes - DICOM master list~SCT^39607008^Lung~^^"
            ),
        ),
        (
            replace(ONE, category=TISSUE, type=LIVER, anatomic_region=LUNG, anatomic_region_modifiers=(LEFT, LIVER)),
            (
                "Segmentation category and type - DICOM master list~SCT^85756007^Tissue~SCT^10200004^Liver~^^"
                "~Anatomic codes - DICOM master list~SCT^39607008^Lung~SCT^7771000^Left"
            ),
        ),
    ],
)
def test_codes_are_written_as_slicer_writes_them(segment: Segment, entry: str) -> None:
    assert terminology_entry(segment) == entry


@pytest.mark.parametrize(
    ("entry", "codes"),
    [
        ("", {}),
        ("x", {}),
        ("x~SCT^1^A", {"category": Code("1", "SCT", "A")}),
        ("x~SCT^1", {"category": Code("1", "SCT", "")}),
        ("x~SCT^1^A^more", {"category": Code("1", "SCT", "A")}),
        ("x~^1^A~SCT^^B", {}),
        ("x~~SCT^2^B~~y~~SCT^3^C~SCT^4^D", {"type": Code("2", "SCT", "B"), "anatomic_region_modifiers": (Code("3", "SCT", "C"),)}),
        ("x~~~SCT^2^B~y~SCT^3^C", {"type_modifiers": (Code("2", "SCT", "B"),), "anatomic_region": Code("3", "SCT", "C")}),
    ],
)
def test_codes_are_read_as_far_as_they_are_stated(entry: str, codes: dict[str, Any]) -> None:
    assert codes_of_entry(entry) == codes


# Headers of files


def header(path: Path) -> list[str]:
    return path.read_bytes().partition(b"\n\n")[0].decode().splitlines()


def test_a_segmentation_file_states_each_segment_as_slicer_does(tmp_path: Path) -> None:
    coded = replace(ONE, category=TISSUE, type=LIVER)
    (path,) = write(labelmap(coded, TWO, layers=2, provenance={"IDC.license": "CC\nBY"}), tmp_path / "a.seg.nrrd")
    lines = header(path)
    assert "sizes: 2 4 3 2" in lines and "kinds: list domain domain domain" in lines
    assert lines[lines.index("IDC.license:=CC BY") + 1 :] == [
        "Segment0_Color:=1 0.501961 0",
        "Segment0_ColorAutoGenerated:=0",
        "Segment0_Extent:=0 3 0 2 0 1",
        "Segment0_ID:=Segment_7",
        "Segment0_LabelValue:=1",
        "Segment0_Layer:=0",
        "Segment0_Name:=One",
        "Segment0_NameAutoGenerated:=0",
        f"Segment0_Tags:=TerminologyEntry:{terminology_entry(coded)}|DICOM.SegmentNumber:7|",
        "Segment1_Color:=0.501961 0.682353 0.501961",
        "Segment1_ColorAutoGenerated:=0",
        "Segment1_Extent:=0 3 0 2 0 1",
        "Segment1_ID:=Segment_9",
        "Segment1_LabelValue:=2",
        "Segment1_Layer:=1",
        "Segment1_Name:=Two",
        "Segment1_NameAutoGenerated:=0",
        (
            "Segment1_Tags:=DICOM.SegmentNumber:9|DICOM.SegmentAlgorithmType:MANUAL|DICOM.SegmentAlgorithmName:by hand|"
            "DICOM.TrackingID:t|DICOM.TrackingUID:1.2.3|"
        ),
        "Segmentation_ContainedRepresentationNames:=Binary labelmap|",
        "Segmentation_ConversionParameters:=",
        "Segmentation_MasterRepresentation:=Binary labelmap",
        "Segmentation_ReferenceImageExtentOffset:=0 0 0",
    ]
    found = read_label_file(path)
    assert [(one.number, one.layer, one.label_value, one.name, one.voxels) for one in found.segments] == [(7, 0, 1, "One", 1), (9, 1, 2, "Two", 1)]


def test_one_layer_of_a_segmentation_file_has_three_axes(tmp_path: Path) -> None:
    (path,) = write(labelmap(ONE), tmp_path / "a.seg.nrrd")
    assert "sizes: 4 3 2" in header(path) and "kinds: domain domain domain" in header(path)


def test_a_labelmap_volume_states_names_and_colors_of_its_labels(tmp_path: Path) -> None:
    (path,) = write(labelmap(replace(ONE, name="a\nb"), TWO, layers=2), tmp_path / "a.nrrd")
    assert header(path)[-6:] == [
        "Segment0_LabelValue:=1",
        "Segment0_Name:=a b",
        "Segment0_Color:=1 0.501961 0",
        "Segment1_LabelValue:=2",
        "Segment1_Name:=Two",
        "Segment1_Color:=0.501961 0.682353 0.501961",
    ]


@pytest.mark.parametrize(
    ("name", "words"),
    [("", ""), ("Tumor", "_Tumor"), ("left / lobe (2)", "_left-lobe-2"), ("../..", ""), ("肝臓 右", "_肝臓-右"), ("x" * 61, "_" + "x" * 60)],
)
def test_files_of_single_segments_are_named_by_number_and_name(name: str, words: str, tmp_path: Path) -> None:
    (path,) = write(labelmap(replace(ONE, name=name)), tmp_path / "a.b.nrrd", separate=True)
    assert path.name == f"a.b_7{words}.nrrd"


def test_the_longest_ending_decides_the_format() -> None:
    for name, ending in {"a.seg.nrrd": ".seg.nrrd", "A.NRRD": ".nrrd", "a.nii.GZ": ".nii.gz", "a.nii": ".nii", "seg.nrrd": ".nrrd"}.items():
        assert format_of(name) == ending


def test_separate_segmentation_files_hold_the_voxels_of_their_segment_alone(tmp_path: Path) -> None:
    made = labelmap(ONE, TWO, layers=2, overlapping_voxels=4)
    paths = write(made, tmp_path / "a.seg.nrrd", separate=True)
    found = [read_label_file(path) for path in paths]
    assert [one.layers[0].tolist() for one in found] == [layer.tolist() for layer in made.layers]
    assert [[(one.number, one.layer) for one in each.segments] for each in found] == [[(7, 0)], [(9, 0)]]


def test_fractions_are_packed_where_asked_or_nifti_says_so_and_are_no_segmentation(tmp_path: Path) -> None:
    volume = np.linspace(0, 1, 24, dtype=np.float32).reshape(GRID.shape)
    made = labelmap(ONE, provenance={"IDC.license": "CC BY"})
    with pytest.raises(InputError, match=r"a\.seg\.nrrd: a segmentation file cannot contain fractions\. Choose \.nrrd or \.nii\.gz\."):
        write_fractions(made, [(ONE, volume)], tmp_path / "a.seg.nrrd")
    assert not list(tmp_path.iterdir())
    plain, packed = (write_fractions(made, [(ONE, volume)], tmp_path / f"{compress}.nrrd", compress)[0] for compress in (False, True))
    assert "encoding: raw" in header(plain) and "encoding: gzip" in header(packed)
    (nifti,) = write_fractions(made, [(ONE, volume)], tmp_path / "b.nii")
    (zipped,) = write_fractions(made, [(ONE, volume)], tmp_path / "c.nii.gz")
    assert nifti.read_bytes()[:2] != b"\x1f\x8b" == zipped.read_bytes()[:2]
    for name in ("b_7_One", "c_7_One"):
        assert json.loads((tmp_path / f"{name}.idc.json").read_text()) == {"IDC.license": "CC BY", "labels": {"1": "One"}}


def test_names_beside_nifti_are_readable_in_every_script(tmp_path: Path) -> None:
    write(labelmap(replace(ONE, name="肝臓"), provenance={"IDC.license": "CC BY"}), tmp_path / "a.nii")
    assert (tmp_path / "a.idc.json").read_text(encoding="utf-8") == '{\n "IDC.license": "CC BY",\n "labels": {\n  "1": "肝臓"\n }\n}\n'


@pytest.mark.parametrize(("free", "fits"), [(None, True), (48, True), (47, False)])
def test_a_label_file_may_take_half_of_the_free_memory(free: int | None, fits: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (path,) = write(labelmap(ONE), tmp_path / "a.nrrd")
    monkeypatch.setattr(stored_bytes, "available_bytes", lambda: free)
    if fits:
        assert read_label_file(path).segments[0].voxels == 1
        return
    with pytest.raises(ConversionError, match=r"a\.nrrd needs 48 B of memory, and 47 B are free\. Use a larger computer\."):
        read_label_file(path)


@pytest.mark.parametrize(("layers", "number"), [(1, 2), (2, 1)])
def test_segments_without_a_number_have_that_of_their_label_or_with_layers_of_their_place(layers: int, number: int, tmp_path: Path) -> None:
    (path,) = write(labelmap(replace(TWO, number=5, layer=layers - 1), layers=layers), tmp_path / "a.seg.nrrd")
    path.write_bytes(path.read_bytes().replace(b"DICOM.SegmentNumber:5", b"DICOM.SegmentNumbxr:5"))
    assert [one.number for one in read_label_file(path).segments if one.name == "Two"] == [number]


def test_line_ends_and_backslashes_of_other_writers_are_read(tmp_path: Path) -> None:
    (path,) = write(labelmap(replace(ONE, name="a#b")), tmp_path / "a.nrrd")
    head, _, voxels = path.read_bytes().partition(b"\n\n")
    path.write_bytes(head.replace(b"a#b", b"a\\nb\\\\c").replace(b"\n", b"\r\n") + b"\r\n\r\n" + voxels)
    assert read_label_file(path).segments[0].name == "a\nb\\c"
