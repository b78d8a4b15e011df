"""Where QuPath is, and which file of a slide it gets."""

from __future__ import annotations

from pathlib import Path

import pytest

from IDCBrowserLib.logic.details.qupath import find_qupath, largest_file


def program(path: Path) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    return str(path)


def test_without_it_nothing_is_found(tmp_path: Path) -> None:
    assert find_qupath({"PATH": str(tmp_path)}, "linux") == "" and find_qupath({"HOME": str(tmp_path), "PATH": ""}, "darwin") == ""


def test_the_last_version_in_the_usual_folders_is_found(tmp_path: Path) -> None:
    program(tmp_path / "QuPath-0.5.1" / "bin" / "QuPath")
    newest = program(tmp_path / "QuPath-0.6.0" / "bin" / "QuPath")
    assert find_qupath({"HOME": str(tmp_path), "PATH": ""}, "linux") == newest


def test_of_windows_the_program_without_a_console_is_taken(tmp_path: Path) -> None:
    program(tmp_path / "QuPath-0.6.0" / "QuPath-0.6.0 (console).exe")
    wanted = program(tmp_path / "QuPath-0.6.0" / "QuPath-0.6.0.exe")
    assert find_qupath({"LOCALAPPDATA": str(tmp_path), "PATH": ""}, "win32") == wanted


def test_a_program_that_is_named_goes_first_and_one_that_is_gone_is_none(tmp_path: Path) -> None:
    named = program(tmp_path / "my qupath")
    on_path = program(tmp_path / "bin" / "QuPath")
    assert find_qupath({"PATH": str(tmp_path / "bin")}, "linux") == on_path
    assert find_qupath({"PATH": str(tmp_path / "bin"), "IDC_BROWSER_QUPATH": named}, "linux") == named
    assert find_qupath({"PATH": str(tmp_path / "bin"), "IDC_BROWSER_QUPATH": str(tmp_path / "gone")}, "linux") == ""


def test_a_program_in_the_working_directory_is_not_started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(tmp_path / "QuPath")
    monkeypatch.chdir(tmp_path)
    assert find_qupath({"PATH": "."}, "linux") == ""


def test_it_gets_the_file_of_the_largest_level(tmp_path: Path) -> None:
    sizes = {"a.dcm": 10, "b.dcm": 1000, "c.dcm": 100}
    for name, size in sizes.items():
        (tmp_path / name).write_bytes(bytes(size))
    files = [str(tmp_path / name) for name in (*sizes, "gone.dcm")]
    assert largest_file(files) == str(tmp_path / "b.dcm")
