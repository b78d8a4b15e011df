"""What ships: the extension's CMake files, icon, metadata and requirements agree with the folders and with each other."""

import re
import struct
import sys
from pathlib import Path

import pytest

import IDCBrowserLib

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).resolve().parents[2]
MODULE = ROOT / "IDCBrowser"
EXTENSION_CMAKE = (ROOT / "CMakeLists.txt").read_text(encoding="utf-8")
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PROJECT = PYPROJECT["project"]


def listed(variable: str) -> list[str]:
    text = (MODULE / "CMakeLists.txt").read_text(encoding="utf-8")
    block = re.search(rf"set\({variable}\n(.*?)\n\s*\)", text, re.DOTALL)
    assert block, f"{variable} is not set"
    return block[1].split()


def shipped(pattern: str, folder: Path) -> list[str]:
    return sorted(path.relative_to(MODULE).as_posix() for path in folder.rglob(pattern) if path.is_file() and "__pycache__" not in path.parts)


def test_every_library_file_is_listed_for_packaging() -> None:
    packages = [*shipped("*.py", MODULE / "IDCBrowserLib"), *shipped("*.py", MODULE / "idc_browser")]
    assert sorted(listed("MODULE_PYTHON_SCRIPTS")) == sorted(["IDCBrowser.py", *packages])


def test_every_resource_is_listed_for_packaging() -> None:
    inside = [name for ending in ("svg", "ts") for name in shipped(f"*.{ending}", MODULE / "IDCBrowserLib")]
    assert sorted(listed("MODULE_PYTHON_RESOURCES")) == sorted([*shipped("*", MODULE / "Resources"), *inside])


def test_a_wheel_has_every_file_of_the_library() -> None:
    patterns = PYPROJECT["tool"]["setuptools"]["package-data"]["IDCBrowserLib"]
    library = MODULE / "IDCBrowserLib"
    packed = {path for pattern in patterns for path in library.glob(pattern)}
    others = {path for path in library.rglob("*") if path.is_file() and path.suffix not in (".py", ".pyc")}
    assert others == packed


def test_slicer_asks_for_the_same_versions_as_the_wheel() -> None:
    lines = (MODULE / "Resources" / "requirements.txt").read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if line and not line.startswith("#")] == PROJECT["dependencies"]


def test_the_version_stands_in_one_place_and_heads_the_list_of_changes() -> None:
    assert PROJECT["dynamic"] == ["version"] and "version" not in PROJECT
    assert PYPROJECT["tool"]["setuptools"]["dynamic"]["version"] == {"attr": "IDCBrowserLib.__version__"}
    first = re.search(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert first and first[1] == IDCBrowserLib.__version__


@pytest.mark.parametrize("icon", [ROOT / "IDCBrowser.png", MODULE / "Resources" / "Icons" / "IDCBrowser.png"])
def test_the_icon_is_a_png_of_128_by_128(icon: Path) -> None:
    header = icon.read_bytes()[:24]
    assert header[:8] == b"\x89PNG\r\n\x1a\n"
    assert struct.unpack(">II", header[16:24]) == (128, 128)


def test_the_extension_is_named_as_its_first_project_and_not_slicer() -> None:
    name = re.search(r"project\((\w+)\)", EXTENSION_CMAKE)
    assert name is not None
    assert name[1] == "IDCBrowser"


@pytest.mark.parametrize("variable", ["EXTENSION_HOMEPAGE", "EXTENSION_CONTRIBUTORS", "EXTENSION_DESCRIPTION", "EXTENSION_DEPENDS"])
def test_extension_metadata_is_set_once_and_quoted(variable: str) -> None:
    assert len(re.findall(rf'set\({variable} "[^"]+"\)', EXTENSION_CMAKE)) == 1


@pytest.mark.parametrize("variable", ["EXTENSION_ICONURL", "EXTENSION_SCREENSHOTURLS"])
def test_pictures_of_the_extension_are_raw_pngs_of_this_repository(variable: str) -> None:
    urls = re.findall(rf'set\({variable} "([^"]+)"\)', EXTENSION_CMAKE)
    assert len(urls) == 1
    for url in urls[0].split():
        match = re.fullmatch(r"https://raw\.githubusercontent\.com/[\w-]+/Slicer[\w-]*/main/(.+\.png)", url)
        assert match, url
        assert (ROOT / match[1]).is_file(), f"{match[1]} is not in the repository"


def test_a_licence_file_is_where_the_index_looks() -> None:
    assert "MIT License" in (ROOT / "LICENSE.txt").read_text(encoding="utf-8")
