"""What whoever set up a machine has decided for its users."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from platformdirs.macos import MacOS
from platformdirs.unix import Unix

from IDCBrowserLib import paths, site_defaults
from IDCBrowserLib.config_folders import common_folder, user_folder


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("IDC_BROWSER_HOME", str(tmp_path))
    site_defaults.forget()
    yield tmp_path
    site_defaults.forget()


def write(folder: Path, document: Any) -> None:
    (folder / site_defaults.NAME).write_text(document if isinstance(document, str) else json.dumps(document), encoding="utf-8")
    site_defaults.forget()


def test_without_a_file_nothing_is_decided(home: Path) -> None:
    assert (site_defaults.setting("Transfer/Provider"), site_defaults.shared_stores(), site_defaults.problem()) == (None, (), "")
    assert paths.default_download_folder() == home / "data" / "Downloads"


def test_folders_settings_and_stores_are_taken(home: Path) -> None:
    write(home, {"download_folder": "~/idc", "database": "/db", "also_look_in": ["/data/idc"], "settings": {"Transfer/Provider": "gcs"}})
    assert paths.default_download_folder() == Path("~/idc").expanduser()
    assert paths.default_database_folder() == Path("/db")
    assert site_defaults.shared_stores() == (Path("/data/idc"),)
    assert site_defaults.setting("Transfer/Provider") == "gcs"


def test_the_file_of_the_user_wins_entry_by_entry(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    user, common = tmp_path / "user" / "defaults.json", tmp_path / "common" / "defaults.json"
    for file, document in (
        (user, {"download_folder": "/mine", "settings": {"a": "mine"}}),
        (common, {"download_folder": "/all", "database": "/db", "settings": {"a": "all", "b": "all"}}),
    ):
        file.parent.mkdir()
        file.write_text(json.dumps(document), encoding="utf-8")
    monkeypatch.setattr(site_defaults, "user_file", lambda: user)
    monkeypatch.setattr(site_defaults, "common_file", lambda: common)
    assert [site_defaults.folder("download_folder"), site_defaults.folder("database")] == [Path("/mine"), Path("/db")]
    assert [site_defaults.setting("a"), site_defaults.setting("b")] == ["mine", "all"]


@pytest.mark.parametrize("document", ["{", "[1]", "\x00\xff", '{"download_folder": 7, "also_look_in": "x", "settings": [1]}', "[" * 100_000])
def test_a_damaged_file_decides_nothing(home: Path, document: str) -> None:
    write(home, document)
    assert (site_defaults.setting("a"), site_defaults.shared_stores(), site_defaults.folder("download_folder")) == (None, (), None)


def test_a_damaged_file_is_named_with_what_to_do(home: Path) -> None:
    write(home, "{")
    assert str(home) in site_defaults.problem() and "idc-browser setup" in site_defaults.problem()


@pytest.mark.parametrize(("platform", "reference"), [("linux", Unix), ("darwin", MacOS)])
@pytest.mark.parametrize("stated", ["", "relative", "/stated", "/first:/second"])
def test_the_folders_are_those_of_the_operating_system(
    platform: str, reference: type[Unix | MacOS], stated: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable in ("XDG_CONFIG_HOME", "XDG_CONFIG_DIRS"):
        monkeypatch.setenv(variable, stated)
    expected = reference("IDCBrowser", "IDC")
    assert [user_folder(platform), common_folder(platform)] == [expected.user_config_path, expected.site_config_path]


def test_the_folders_of_windows_are_below_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path / "Local"))
    monkeypatch.setenv("PROGRAMDATA", str(tmp_path / "ProgramData"))
    assert user_folder("win32") == tmp_path / "Local" / "IDC" / "IDCBrowser"
    assert common_folder("win32") == tmp_path / "ProgramData" / "IDC" / "IDCBrowser"
