"""Manners of the repository: small files, no traces of the machine it was written on."""

import re
import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TEXT = {".py", ".md", ".txt", ".toml", ".cmake", ".ui", ".yml", ".cfg", ""}


@cache
def tracked() -> list[Path]:
    listing = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
    return [ROOT / name for name in listing.decode().split("\0") if name and (ROOT / name).is_file()]


@cache
def lines() -> list[tuple[str, str]]:
    return [
        (f"{path.relative_to(ROOT)}:{number}", line)
        for path in tracked()
        if path.suffix in TEXT and path != Path(__file__)
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1)
    ]


def test_no_tracked_file_is_larger_than_one_megabyte() -> None:
    assert [str(path) for path in tracked() if path.stat().st_size > 1_000_000] == []


def test_no_path_of_one_machine_stands_in_a_tracked_file() -> None:
    pattern = re.compile(r"(^|[^A-Za-z0-9_.])/(work|farm|root|opt/pypi)/")
    assert [where for where, line in lines() if pattern.search(line)] == []


def test_no_package_registry_host_is_named() -> None:
    pattern = re.compile(r"(pypi\.org|pythonhosted\.org|registry\.npmjs\.org|deb\.debian\.org)")
    assert [where for where, line in lines() if pattern.search(line)] == []


def test_every_source_file_uses_unix_line_ends_and_no_tabs() -> None:
    offenders = [str(path) for path in tracked() if path.suffix == ".py" and (b"\r" in path.read_bytes() or b"\t" in path.read_bytes())]
    assert offenders == []


def test_no_real_dicom_data_is_tracked() -> None:
    assert [str(path) for path in tracked() if path.suffix.lower() in (".dcm", ".ima", ".nrrd", ".mrb", ".gz")] == []


def test_no_database_of_a_run_is_tracked() -> None:
    assert [str(path) for path in tracked() if path.suffix == ".sql"] == []
    # What Slicer makes in its working directory when its folder for the database is ".".
    for name in ("ctkDICOM.sql", "ctkDICOMTagCache.sql"):
        assert subprocess.run(["git", "check-ignore", "-q", "--no-index", name], cwd=ROOT, check=False).returncode == 0


def test_tests_in_slicer_leave_no_database_in_the_working_directory() -> None:
    used = {path.name for path in (ROOT / "Testing" / "Python").glob("*.py") if "TemporaryDICOMDatabase" in path.read_text(encoding="utf-8")}
    assert used == {"temporary_database.py"}
