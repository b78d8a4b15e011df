"""``idc-browser import``."""

import json
from pathlib import Path

import pytest
from helpers.dicom_files import image, save

from IDCBrowserLib.cli.main import main


def test_import_prints_one_document_with_counts_and_what_was_left_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    save(image(), tmp_path / "scans 'ü'" / "1.dcm")
    (tmp_path / "scans 'ü'" / "notes.txt").write_text("hello")
    assert main(["import", str(tmp_path / "scans 'ü'"), "--database", str(tmp_path / "db"), "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    counts = {key: document[key] for key in ("patients", "studies", "series", "instances", "added", "unchanged")}
    assert counts == {"patients": 1, "studies": 1, "series": 1, "instances": 1, "added": 1, "unchanged": 0}
    assert document["left_out"] == [{"file": str(tmp_path / "scans 'ü'" / "notes.txt"), "reason": "not a DICOM file"}]


def test_damaged_files_make_the_import_incomplete(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = save(image(), tmp_path / "d" / "1.dcm")
    path.write_bytes(path.read_bytes()[:-3])
    assert main(["import", str(path), "--database", str(tmp_path / "db")]) == 4
    assert f"{path}: cut off" in capsys.readouterr().out


def test_a_folder_that_is_not_there_was_not_found(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["import", str(tmp_path / "nothing"), "--database", str(tmp_path / "db")]) == 3
    assert "nothing does not exist." in capsys.readouterr().err


def test_a_database_that_cannot_be_made_is_a_matter_of_permission(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text("")
    assert main(["import", str(tmp_path), "--database", str(tmp_path / "file" / "db")]) == 5
    assert "cannot be made" in capsys.readouterr().err
