"""The folder from which IDC Browser is installed without internet."""

import hashlib
import json
import os
import shutil
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from IDCBrowserLib.errors import IDCBrowserError, InputError, NotFoundError, StorageError
from IDCBrowserLib.provisioning import wheelhouse
from IDCBrowserLib.provisioning.wheel_needs import missing
from IDCBrowserLib.task import Task


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an index file and the wheelhouse that was made with it: without wheels, which need a network, and with the module."""
    folder = tmp_path_factory.mktemp("made")
    index = folder / "seg_index.parquet"
    index.write_bytes(b"PAR1 made for this test PAR1")
    wheelhouse.make(folder / "house", [], "3.12", [index], False, Task())
    return folder


@pytest.fixture
def house(made: Path, tmp_path: Path) -> Path:
    """A copy of that wheelhouse; its index file lies beside it."""
    shutil.copytree(made, tmp_path, dirs_exist_ok=True)
    return tmp_path / "house"


def test_what_is_made_is_checked_and_can_be_carried_elsewhere(house: Path, tmp_path: Path) -> None:
    house.rename(tmp_path / "stick")
    checked = wheelhouse.check(tmp_path / "stick")
    assert checked.indices == ["seg_index"]
    assert (tmp_path / "stick" / "module" / "IDCBrowser" / "IDCBrowser.py").is_file()
    assert all("\\" not in entry["path"] and not entry["path"].startswith("/") for entry in checked.document["files"])


def test_making_it_again_gives_the_same_list(house: Path, tmp_path: Path) -> None:
    before = (house / "wheelhouse.json").read_bytes()
    wheelhouse.make(house, [], "3.12", [tmp_path / "seg_index.parquet"], False, Task())
    assert (house / "wheelhouse.json").read_bytes() == before


def test_a_changed_file_is_named(house: Path) -> None:
    (house / "indices" / "seg_index.parquet").write_bytes(b"PAR1 made for that test PAR1")
    with pytest.raises(InputError, match=r"seg_index\.parquet is missing or not what"):
        wheelhouse.check(house)


def test_a_wheel_that_nobody_listed_is_not_installed(house: Path) -> None:
    (house / "wheels" / "evil-1.0-py3-none-any.whl").write_bytes(b"x")
    with pytest.raises(InputError, match=r"evil-1\.0"):
        wheelhouse.check(house)


@pytest.mark.parametrize("path", ["../outside", "/etc/passwd", "wheels/../../x", "C:\\x", "C:x"])
def test_a_list_that_leads_outside_is_refused(house: Path, path: str) -> None:
    document: dict[str, Any] = json.loads((house / "wheelhouse.json").read_text("utf-8"))
    document["files"].append({"path": path, "bytes": 0, "sha256": ""})
    (house / "wheelhouse.json").write_text(json.dumps(document), encoding="utf-8")
    with pytest.raises(InputError, match="not inside the wheelhouse"):
        wheelhouse.check(house)


DAMAGED = ["", "[]", '{"files": 3}', '{"files": [{"path": "a"}]}', "\x00", "[" * 200_000, '{"files": [{"path": "a", "sha256": "", "bytes": 1e999}]}']


@pytest.mark.parametrize("text", DAMAGED)
def test_a_damaged_list_is_one_sentence(house: Path, text: str) -> None:
    (house / "wheelhouse.json").write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=r"(cannot be read|is empty).*[Mm]ake the wheelhouse again"):
        wheelhouse.check(house)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_a_list_that_is_a_pipe_is_not_waited_for(house: Path) -> None:
    (house / "wheelhouse.json").unlink()
    os.mkfifo(house / "wheelhouse.json")
    with pytest.raises(InputError, match="is a named pipe"):
        wheelhouse.check(house)


def make(folder: Path, *index_files: Path) -> None:
    wheelhouse.make(folder, [], "3.12", index_files, False, Task())


def test_what_the_user_has_in_the_folder_stays_and_what_a_former_version_wrote_goes(house: Path, tmp_path: Path) -> None:
    module = house / "module" / "IDCBrowser"
    former = module / "former" / "gone.py"
    former.parent.mkdir()
    former.write_text("old")
    make(house)
    assert former.exists(), "nobody listed it"
    (module / "notes.txt").write_text("mine")
    entry = {"path": "module/IDCBrowser/former/gone.py", "bytes": 3, "sha256": hashlib.sha256(b"old").hexdigest()}
    (house / "wheelhouse.json").write_text(json.dumps({"files": [entry]}))
    make(house)
    assert not former.parent.exists() and (module / "notes.txt").read_text() == "mine"


@pytest.mark.parametrize("place", ["wheels", "indices", "module", "module/IDCBrowser"])
def test_a_folder_that_is_a_link_is_not_followed(place: str, tmp_path: Path) -> None:
    mine, index = tmp_path / "mine", tmp_path / "seg_index.parquet"
    mine.mkdir()
    index.write_bytes(b"x")
    link = tmp_path / "house" / place
    link.parent.mkdir(parents=True)
    link.symlink_to(mine)
    with pytest.raises(StorageError, match="is a link or a file"):
        make(tmp_path / "house", index)
    assert list(mine.iterdir()) == [] and link.is_symlink()


@pytest.mark.parametrize("kind", ["link", "file"])
def test_an_index_file_of_the_user_is_kept(kind: str, tmp_path: Path) -> None:
    mine, index = tmp_path / "mine.txt", tmp_path / "seg_index.parquet"
    mine.write_text("mine")
    index.write_bytes(b"x")
    place = tmp_path / "house" / "indices" / index.name
    place.parent.mkdir(parents=True)
    place.symlink_to(mine) if kind == "link" else place.write_text("mine")
    with pytest.raises(StorageError, match=r"seg_index\.parquet was not written by idc-browser wheelhouse"):
        make(tmp_path / "house", index)
    assert (mine.read_text(), place.read_text()) == ("mine", "mine")


def test_a_list_of_another_kind_is_kept(tmp_path: Path) -> None:
    (tmp_path / "wheelhouse.json").write_text('{"mine": 1}')
    with pytest.raises(StorageError, match="is not the list of a wheelhouse, and is kept"):
        make(tmp_path)
    assert (tmp_path / "wheelhouse.json").read_text() == '{"mine": 1}' and os.listdir(tmp_path) == ["wheelhouse.json"]


def test_an_index_file_of_a_newer_release_takes_the_place_of_a_listed_one(house: Path, tmp_path: Path) -> None:
    (tmp_path / "seg_index.parquet").write_bytes(b"newer")
    make(house, tmp_path / "seg_index.parquet")
    assert (house / "indices" / "seg_index.parquet").read_bytes() == b"newer"
    wheelhouse.check(house)


def test_another_folder_is_no_wheelhouse(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="wheelhouse --to"):
        wheelhouse.check(tmp_path)


def test_what_the_engine_needs_is_what_slicer_is_asked_for() -> None:
    from importlib.resources import files

    listed = (Path(str(files("IDCBrowserLib"))).parent / "Resources" / "requirements.txt").read_text("utf-8").splitlines()
    assert sorted(wheelhouse.requirements()) == sorted(line for line in listed if line and not line.startswith("#"))


def wheel(folder: Path, name: str, requirements: str = "") -> None:
    """The little of a wheel that is read here; its name without ".whl"."""
    folder.mkdir(exist_ok=True)
    with zipfile.ZipFile(folder / f"{name}.whl", "w") as made:
        project, version = name.split("-")[:2]
        lines = "".join(f"Requires-Dist: {one}\n" for one in requirements.split("|") if one)
        made.writestr(f"{project}-{version}.dist-info/METADATA", f"Metadata-Version: 2.1\nName: {project}\nVersion: {version}\n{lines}\n")


@pytest.mark.parametrize(("platform", "needs"), [("windows", ["colorama", "other>=2"]), ("linux", ["uvloop>=1"]), ("macos", ["other>=2"])])
def test_what_only_another_system_needs_is_found_in_the_wheels(tmp_path: Path, platform: str, needs: list[str]) -> None:
    conditions = 'colorama; platform_system == "Windows"|uvloop>=1; sys_platform == "linux"|odd; extra == "all"|old; python_version < "3.12"'
    wheel(tmp_path / "w", "bar-1.0-py3-none-any", conditions)
    wheel(tmp_path / "w", "other-2.1-cp312-cp312-manylinux_2_17_x86_64.manylinux_2_28_x86_64", "only-on-linux; sys_platform == 'win32'")
    tags = wheelhouse.PLATFORMS[platform][0]
    assert missing(tmp_path / "w", ["Bar>=1", "other>=2"], platform, "3.12", tags) == needs


def test_nothing_is_needed_when_all_is_there(tmp_path: Path) -> None:
    wheel(tmp_path / "w", "bar-1.0-py3-none-any", 'Colorama; platform_system == "Windows"')
    wheel(tmp_path / "w", "colorama-0.4.6-py2.py3-none-any")
    assert missing(tmp_path / "w", ["bar"], "windows", "3.12", ("win_amd64",)) == []


def test_a_pip_that_fails_is_one_sentence_with_its_reason(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wheelhouse, "requirements", lambda: ["a-package-that-is-nowhere==0.0"])
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    with pytest.raises(IDCBrowserError, match="pip could not get the wheels for win_amd64: ERROR"):
        wheelhouse.make(tmp_path / "house", ["windows"], "3.12", [], False, Task())


def test_a_wheel_that_pip_takes_for_a_tag_of_its_own_is_fetched_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Sequence[str]] = []

    def pip(_python: Path, arguments: Sequence[str], _what: str, _task: Task) -> str:
        asked.append(arguments)
        assert len(asked) < 4
        wheel(tmp_path / "house" / "wheels", "foo-1.0-cp312-cp312-manylinux1_x86_64")
        return ""

    monkeypatch.setattr(wheelhouse, "requirements", lambda: ["foo"])
    monkeypatch.setattr(wheelhouse, "run_pip", pip)
    wheelhouse.make(tmp_path / "house", ["linux"], "3.12", [], False, Task())
    assert [arguments[-1] for arguments in asked] == ["foo", "foo"]


@pytest.mark.parametrize("name", ["bar-1.0-py3-none-any.whl", "mine.whl"])
def test_a_file_that_is_no_whole_wheel_is_named(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"PK broken off")
    with pytest.raises(InputError, match=f"{name} is not a whole wheel; remove it"):
        missing(tmp_path, ["bar"], "linux", "3.12", ("any",))


def test_an_archive_that_says_nothing_of_itself_is_no_wheel(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "bar-1.0-py3-none-any.whl", "w"):
        pass
    with pytest.raises(InputError, match="not a whole wheel"):
        missing(tmp_path, ["bar"], "linux", "3.12", ("any",))
