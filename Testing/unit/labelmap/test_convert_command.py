"""``idc-browser convert`` and the engine's ``labelmap.*`` as their contracts say."""

import json
import os

import nrrd
import numpy as np
import pytest
from helpers import seg_files as sf
from helpers.real_data import real_data

from IDCBrowserLib.cli.commands.convert import parse_numbers
from IDCBrowserLib.cli.main import main
from IDCBrowserLib.engine.methods import labelmap as methods
from IDCBrowserLib.engine.state import EngineState
from IDCBrowserLib.errors import InputError
from IDCBrowserLib.labelmap.files.raw import load_labelmap
from IDCBrowserLib.task import Task


@pytest.fixture
def case(tmp_path):
    source = sf.images()
    sf.save_images(source, tmp_path / "CT 'quoted' ü")
    array = sf.channels()
    array[0] = 0
    return sf.save(sf.seg(source, array), tmp_path / "seg é.dcm"), tmp_path / "CT 'quoted' ü", array


def run(capsys, *arguments) -> tuple[int, dict, str]:
    code = main(["convert", *map(str, arguments)])
    told = capsys.readouterr()
    return code, json.loads(told.out) if told.out.startswith("{") else {}, told.err + told.out


def test_json_tells_geometry_segments_and_overlaps(case, tmp_path, capsys):
    path, _, array = case
    code, told, _ = run(capsys, path, "--out", tmp_path / "x.nrrd", "--json")
    assert code == 0
    assert told["shape"] == [5, 16, 24]
    assert told["spacing"] == pytest.approx([0.5, 0.8, 2.5])
    assert told["origin"] == pytest.approx([-20, 10, 102.5])
    assert told["directions"] == [[1, 0, 0], [0, 1, 0], [0, 0, 1]]
    assert told["overlapping_voxels"] == int((array.sum(axis=3) > 1).sum())
    first = told["segments"][0]
    assert (first["number"], first["label_value"], first["name"], first["voxels"]) == (1, 1, "Part 1", int(array[..., 0].sum()))
    assert first["volume_mm3"] == pytest.approx(first["voxels"] * 0.5 * 0.8 * 2.5)
    assert {"category", "type", "color"} <= first.keys()
    assert told["warnings"] == [] and told["seconds"] >= 0
    assert nrrd.read(str(tmp_path / "x.nrrd"))[0].shape == (24, 16, 5)


def test_grid_is_that_of_the_images_when_they_are_given(case, tmp_path, capsys):
    path, images, _ = case
    assert run(capsys, path, "--images", images, "--out", tmp_path / "x.nrrd", "--json")[1]["shape"] == [6, 16, 24]
    assert run(capsys, path, "--images", images, "--grid", "own", "--out", tmp_path / "x.nrrd", "--json")[1]["shape"] == [5, 16, 24]
    code, _, text = run(capsys, path, "--grid", "images", "--out", tmp_path / "y.nrrd")
    assert code == 2 and "none were given" in text
    assert not (tmp_path / "y.nrrd").exists()


def test_segments_and_separate(case, tmp_path, capsys):
    path, _, _ = case
    code, told, _ = run(capsys, path, "--segments", "1,3-3", "--separate", "--out", tmp_path / "x.nii.gz", "--json")
    assert code == 0
    assert [segment["number"] for segment in told["segments"]] == [1, 3]
    assert [os.path.basename(file) for file in told["files"]] == ["x_1_Part-1.nii.gz", "x_3_Part-3.nii.gz"]


def test_readable_text_without_json(case, tmp_path, capsys):
    code, _, text = run(capsys, case[0], "--out", tmp_path / "x.seg.nrrd")
    assert code == 0
    assert "Part 2" in text and "belong to more than one segment" in text and "x.seg.nrrd" in text


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["gone.dcm", "--out", "x.nrrd"], 3, "does not exist"),
        (["SEG", "--out", "x.stl"], 2, "must end in"),
        (["SEG", "--segments", "9", "--out", "x.nrrd"], 3, "no segment 9"),
        (["SEG", "--segments", "1-", "--out", "x.nrrd"], 2, "--segments"),
        (["SEG", "--images", "nowhere", "--out", "x.nrrd"], 3, "nowhere does not exist"),
        (["SEG", "--fractional-threshold", "0", "--out", "x.nrrd"], 2, "--fractional-threshold"),
        (["SEG", "--out", "no/such/folder/x.nrrd"], 5, "cannot be written"),
    ],
)
def test_errors_are_one_line_and_an_exit_code(case, tmp_path, capsys, monkeypatch, arguments, code, words):
    monkeypatch.chdir(tmp_path)
    found, _, text = run(capsys, *[str(case[0]) if argument == "SEG" else argument for argument in arguments])
    assert found == code
    assert words in text and "Traceback" not in text
    assert text.count("\n") == 1


def test_numbers_and_ranges():
    assert parse_numbers("1,3-7, 9") == {1, 3, 4, 5, 6, 7, 9}
    for text in ("", "a", "3-1", "-2", "1,,2", "1-99999999999", "٣-x"):
        with pytest.raises(InputError):
            parse_numbers(text)


@pytest.fixture
def state(tmp_path):
    (tmp_path / "exchange").mkdir()
    return EngineState({"exchange_folder": str(tmp_path / "exchange")})


def test_the_engine_describes_and_converts(case, state):
    path, images, array = case
    told = methods.describe(state, {"input": str(path)}, Task())
    assert [segment["name"] for segment in told["segments"]] == ["Part 1", "Part 2", "Part 3"]
    files = [str(file) for file in images.iterdir()]
    document = json.loads(json.dumps(methods.convert(state, {"input": str(path), "images": files, "grid": "images", "segments": [2]}, Task())))
    found = load_labelmap(document)
    assert document["seconds"] >= 0
    assert np.array_equal(found.labelmap_volume() > 0, array[..., 1] > 0)
    assert found.segments[0].number == 2


@pytest.mark.real_data
def test_no_file_of_the_real_data_ends_in_a_traceback(tmp_path, capsys):
    files = [*real_data("pydicom", "test_files").glob("*.dcm"), *real_data("highdicom", "data", "test_files").iterdir()]
    for path in files:
        code, _, text = run(capsys, path, "--out", tmp_path / "x.nrrd")
        assert code in (0, 2, 3) and "internal error" not in text, (path, text)
        if code:
            assert path.name in text
