"""What lies in the folder of a batch and was not written by it stays as it is."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from helpers.made_batch import write_cases

from IDCBrowserLib.cli.main import main


@pytest.fixture(scope="module")
def cases(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_cases(tmp_path_factory.mktemp("cases"), 1, size=16, slices=3)


def batch(cases: Path, out: Path, capsys: pytest.CaptureFixture[str], code: int) -> Any:
    assert main(["batch", str(cases), "--to", str(out), "--steps", "labelmaps,summary", "--jobs", "1", "--json"]) == code
    shown = capsys.readouterr()
    return json.loads(shown.out) if shown.out else shown.err


def labelmap(out: Path) -> Path:
    (path,) = (out / "labelmaps").rglob("*.nii.gz")
    return path


def test_a_labelmap_that_was_changed_is_kept_and_named(cases: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out"
    assert batch(cases, out, capsys, 0)["failed"] == 0
    assert [path.name for path in (out / ".idc-browser-batch" / "making").iterdir()] == []
    edited = labelmap(out)
    edited.write_bytes(b"my own outlines")
    told = batch(cases, out, capsys, 4)
    assert edited.read_bytes() == b"my own outlines"
    assert str(edited) in told["failures"][0]["reason"] and "is kept" in told["failures"][0]["reason"]
    edited.rename(tmp_path / "mine.nii.gz")
    assert batch(cases, out, capsys, 0)["failed"] == 0
    assert labelmap(out).stat().st_size > 100


@pytest.mark.parametrize("kind", ["file", "link"])
def test_a_file_or_link_under_the_name_of_an_output_is_kept(kind: str, cases: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    batch(cases, tmp_path / "model", capsys, 0)
    place = labelmap(tmp_path / "model").relative_to(tmp_path / "model")
    letter, planted = tmp_path / "letter.txt", tmp_path / "out" / place
    letter.write_text("mine")
    planted.parent.mkdir(parents=True)
    planted.symlink_to(letter) if kind == "link" else planted.write_text("mine")
    told = batch(cases, tmp_path / "out", capsys, 4)
    assert "is kept" in told["failures"][0]["reason"]
    assert (letter.read_text(), planted.read_text(), planted.is_symlink()) == ("mine", "mine", kind == "link")
    assert [path for path in planted.parent.iterdir() if path != planted] == []


@pytest.mark.parametrize("name", ["labelmaps", ".idc-browser-batch", "made"])
def test_a_folder_that_is_a_link_is_not_followed(name: str, cases: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    batch(cases, tmp_path / "model", capsys, 0)
    place = labelmap(tmp_path / "model").relative_to(tmp_path / "model").parent
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    link = tmp_path / "out" / (place if name == "made" else name)
    link.parent.mkdir(parents=True)
    link.symlink_to(elsewhere)
    told = batch(cases, tmp_path / "out", capsys, 5 if name.startswith(".") else 4)
    assert "is a link or a file" in json.dumps(told)
    assert list(elsewhere.iterdir()) == []


@pytest.mark.parametrize("name", ["ledger.lock", "ledger.sqlite"])
def test_the_files_of_the_batch_itself_are_no_links(name: str, cases: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder, letter = tmp_path / "out" / ".idc-browser-batch", tmp_path / "letter.txt"
    folder.mkdir(parents=True)
    (folder / name).symlink_to(letter)
    assert "cannot be written" in batch(cases, tmp_path / "out", capsys, 5)
    assert not letter.exists()


def test_a_summary_of_somebody_else_is_kept(cases: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "summary.json").write_text('{"mine": 1}')
    assert "is kept" in batch(cases, out, capsys, 5)
    assert (out / "summary.json").read_text() == '{"mine": 1}'
