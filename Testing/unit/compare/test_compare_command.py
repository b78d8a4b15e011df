"""``idc-browser compare`` as its contract says."""

import csv
import json

import nibabel
import numpy as np
import pytest
from helpers import seg_files as sf

from IDCBrowserLib.cli.main import main
from IDCBrowserLib.compare import consensus as consensus_module
from IDCBrowserLib.labelmap.convert import convert
from IDCBrowserLib.labelmap.files.read import read_label_file
from IDCBrowserLib.labelmap.files.write import write


@pytest.fixture
def case(tmp_path):
    """Two readers of one image; the second has moved everything by a column and lacks the first slice."""
    source = sf.images()
    folder = tmp_path / "CT ü"
    sf.save_images(source, folder)
    array = sf.labels()
    other = np.roll(array, 1, 2)
    other[0] = 0
    return sf.save(sf.seg(source, array), tmp_path / "one é.dcm"), sf.save(sf.seg(source, other), tmp_path / "two.dcm"), folder, (array, other)


def run(capsys, *arguments):
    code = main(["compare", *map(str, arguments)])
    told = capsys.readouterr()
    return code, json.loads(told.out) if told.out.startswith("{") else {}, told.err + told.out


def dice(a, b):
    return 2 * (a & b).sum() / (a.sum() + b.sum())


def test_json_and_csv_tell_the_figures_of_every_pair(case, tmp_path, capsys):
    one, two, images, (array, other) = case
    code, told, _ = run(capsys, one, two, "--images", images, "--out", tmp_path / "f ü.csv", "--json")
    assert code == 0 and told["unmatched"] == []
    assert [pair["name"] for pair in told["pairs"]] == ["Part 1", "Part 2", "Part 3"]
    for label, pair in enumerate(told["pairs"], 1):
        assert pair["dice"] == pytest.approx(dice(array == label, other == label))
        assert pair["volume_b_mm3"] == pytest.approx((other == label).sum() * 0.5 * 0.8 * 2.5)
        assert pair["hd95_mm"] > 0 and pair["code"]["scheme"] and (pair["a"], pair["b"]) == (str(one), str(two))
    with open(tmp_path / "f ü.csv", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [float(row["dice"]) for row in rows[:3]] == [pair["dice"] for pair in told["pairs"]]
    assert rows[3]["name"] == "(all matched segments)"


def test_without_images_each_seg_is_placed_where_it_is(case, capsys):
    one, two, images, _ = case
    with_images, without = run(capsys, one, two, "--images", images, "--json")[1], run(capsys, one, two, "--json")[1]
    assert [pair["dice"] for pair in without["pairs"]] == [pair["dice"] for pair in with_images["pairs"]]
    assert [pair["hd95_mm"] for pair in without["pairs"]] == pytest.approx([pair["hd95_mm"] for pair in with_images["pairs"]])


@pytest.mark.parametrize("ending", [".nrrd", ".nii.gz", ".seg.nrrd"])
def test_a_label_file_is_compared_with_the_seg_that_it_was_made_of(case, tmp_path, capsys, ending):
    one, _, images, _ = case
    files = sorted(images.iterdir())
    written = write(convert(one, files), tmp_path / f"mine{ending}")[0]
    for arguments in ([one, written, "--images", images], [one, written], [written, one]):
        code, told, _ = run(capsys, *arguments, "--json")
        assert code == 0 and [pair["dice"] for pair in told["pairs"]] == [1, 1, 1]
        assert [pair["hd95_mm"] for pair in told["pairs"]] == [0, 0, 0]


def test_a_file_with_turned_axes_is_compared_voxel_by_voxel(case, tmp_path, capsys):
    one, _, images, _ = case
    image = nibabel.load(write(convert(one, sorted(images.iterdir())), tmp_path / "x.nii.gz")[0])
    turned = nibabel.as_closest_canonical(image)
    assert not np.array_equal(turned.affine, image.affine)
    nibabel.save(turned, tmp_path / "turned.nii.gz")
    assert [pair["dice"] for pair in run(capsys, one, tmp_path / "turned.nii.gz", "--images", images, "--json")[1]["pairs"]] == [1, 1, 1]


def test_a_label_file_of_another_size_is_refused_in_a_sentence(case, tmp_path, capsys):
    one, _, images, _ = case
    whole = nibabel.load(write(convert(one, sorted(images.iterdir())), tmp_path / "x.nii.gz")[0])
    smaller = nibabel.Nifti1Image(np.asarray(whole.dataobj)[:, :-2], whole.affine)
    nibabel.save(smaller, tmp_path / "small.nii.gz")
    code, _, text = run(capsys, one, tmp_path / "small.nii.gz", "--images", images)
    assert code == 2 and "have other sizes" in text and "small.nii.gz (24 x 14 x 6 voxels" in text and "Traceback" not in text


def test_other_spacings_and_frames_of_reference_are_refused(tmp_path, capsys):
    first = sf.images()
    for image in (second := sf.images()):
        image.FrameOfReferenceUID = "1.2.3.4"
    one = sf.save(sf.seg(first, sf.labels()), tmp_path / "one.dcm")
    two = sf.save(sf.seg(second, sf.labels()), tmp_path / "two.dcm")
    code, _, text = run(capsys, one, two)
    assert code == 2 and "different frames of reference" in text
    labelmap = convert(one)
    moved = labelmap.geometry.index_to_ras()
    moved[0, 3] += 0.2
    nibabel.save(nibabel.Nifti1Image(labelmap.labelmap_volume().transpose(2, 1, 0), moved), tmp_path / "moved.nii.gz")
    code, _, text = run(capsys, one, tmp_path / "moved.nii.gz")
    assert code == 2 and "different grids" in text and "--images" in text


def test_the_same_file_twice_is_said(case, capsys):
    one, _, _, _ = case
    code, told, _ = run(capsys, one, one, "--json")
    assert code == 0 and [pair["dice"] for pair in told["pairs"]] == [1, 1, 1]
    assert told["notes"] == ["one é.dcm and one é.dcm are the same segmentation."]


def test_three_are_compared_two_by_two_and_agree_on_a_consensus(case, tmp_path, capsys):
    one, two, images, (array, other) = case
    third = np.roll(array, 1, 1)
    three = sf.save(sf.seg(sf.images(), third), tmp_path / "three.dcm")
    code, told, _ = run(capsys, one, two, three, "--images", images, "--consensus", tmp_path / "both.seg.nrrd", "--json")
    assert code == 0 and len(told["pairs"]) == 9 and len(told["totals"]) == 3
    agreed = read_label_file(tmp_path / "both.seg.nrrd")
    for label, segment in enumerate(agreed.segments, 1):
        votes = sum((one_array == label).astype(int) for one_array in (array, other, third))
        assert np.array_equal(agreed.layers[segment.layer] == segment.label_value, votes >= 2)
        assert segment.type is not None


def test_staple_marks_what_simpleitk_marks(case, tmp_path, capsys, monkeypatch):
    one, two, images, _ = case
    assert run(capsys, one, two, "--images", images, "--consensus", tmp_path / "s.nrrd", "--consensus-by", "staple")[0] == 0
    assert read_label_file(tmp_path / "s.nrrd").segments[0].voxels > 0
    monkeypatch.setattr(consensus_module, "has_staple", lambda: False)
    code, _, text = run(capsys, one, two, "--images", images, "--consensus", tmp_path / "t.nrrd", "--consensus-by", "staple")
    assert code == 2 and "STAPLE needs SimpleITK" in text and not (tmp_path / "t.nrrd").exists()


def test_a_name_of_4000_letters_and_formulas_do_no_harm(tmp_path, capsys):
    source, long = sf.images(), "L" * 64
    made = sf.seg(source, sf.labels())
    made.SegmentSequence[0].SegmentLabel = long
    made.SegmentSequence[1].SegmentLabel = "=HYPERLINK(1)"
    one = sf.save(made, tmp_path / "one.dcm")
    labelmap = convert(one)
    write(labelmap, tmp_path / "two.nrrd")
    text = (tmp_path / "two.nrrd").read_bytes().replace(long.encode(), b"L" * 4000)
    (tmp_path / "two.nrrd").write_bytes(text)
    code, told, _ = run(capsys, one, tmp_path / "two.nrrd", "--out", tmp_path / "x.csv", "--json")
    assert code == 0
    assert "'=HYPERLINK(1)" in (tmp_path / "x.csv").read_text(encoding="utf-8")
    assert any(len(one["name"]) == 4000 for one in told["unmatched"])


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b"NIFTI", "not a NRRD file"),
        (b"NRRD0004\ntype: uchar\ndimension: 3\nsizes: 9 9 9\nencoding: raw\n", "no end"),
        (b"NRRD0004\ntype: uchar\ndimension: 3\nsizes: 99999 99999 99999\nencoding: gzip\n\nx", "fewer"),
        (b"NRRD0004\ntype: block\ndimension: 3\nsizes: 1 1 1\nencoding: raw\n\nx", "type 'block'"),
        (b"NRRD0004\ntype: uchar\ndimension: 3\nsizes: 1 1 1\nencoding: raw\n\nx", "where in the patient"),
    ],
)
def test_a_damaged_label_file_gets_one_sentence(case, tmp_path, capsys, content, said):
    (tmp_path / "bad.nrrd").write_bytes(content)
    code, _, text = run(capsys, case[0], tmp_path / "bad.nrrd")
    assert code == 2 and said in text and "Traceback" not in text and text.count("\n") <= 2


def test_of_three_files_each_two_have_a_table_with_their_names(case, capsys):
    one, two, images, _ = case
    told = run(capsys, one, two, one, "--images", images)[2]
    assert told.count("segment  ") == 3 and told.count("(all matched segments)") == 3
    assert f"A: {one.name}, B: {two.name}\n" in told and f"A: {two.name}, B: {one.name}\n" in told
    assert "A: " not in run(capsys, one, two, "--images", images)[2]
