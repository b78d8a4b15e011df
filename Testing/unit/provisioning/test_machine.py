"""What ``idc-browser setup`` does."""

import json
import os
from pathlib import Path

import pytest

from IDCBrowserLib import paths, site_defaults
from IDCBrowserLib.catalog.cache import cache, cache_making
from IDCBrowserLib.catalog.files.sources import Sources
from IDCBrowserLib.errors import InputError, NotFoundError
from IDCBrowserLib.provisioning import machine
from IDCBrowserLib.provisioning.machine import Wishes, file_system_of, set_up
from IDCBrowserLib.provisioning.slicer_python import find_python
from IDCBrowserLib.store.database import MAIN_FILE
from IDCBrowserLib.task import Task


@pytest.fixture(autouse=True)
def quick_catalog(monkeypatch: pytest.MonkeyPatch) -> None:
    """Laying out the real catalog takes ten seconds; its own tests do that."""

    def build(_sources: Sources, target: Path) -> None:
        target.parent.mkdir(parents=True, exist_ok=True)
        for part in cache.parts(target):
            part.touch()

    monkeypatch.setattr(cache_making, "build", build)


def states(wishes: Wishes) -> dict[str, str]:
    return {step.name: step.state for step in set_up(wishes, Task())}


def test_a_machine_is_prepared_and_the_second_time_nothing_is_left_to_do(tmp_path: Path) -> None:
    wishes = Wishes(store=str(tmp_path / "store"), database=str(tmp_path / "db"), also_look_in=("/data/idc",), settings={"Transfer/Provider": "gcs"})
    assert states(wishes) == {"defaults": "done", "folders": "done", "indices": "already", "catalog": "done"}
    assert set(states(wishes).values()) == {"already"}
    assert paths.default_download_folder() == tmp_path / "store" and (tmp_path / "store").is_dir()
    assert (tmp_path / "db" / MAIN_FILE).is_file()
    assert site_defaults.setting("Transfer/Provider") == "gcs"


def test_what_was_decided_before_stays_unless_it_is_decided_anew(tmp_path: Path) -> None:
    states(Wishes(store=str(tmp_path / "a"), settings={"x": "1"}))
    states(Wishes(settings={"y": "2"}))
    document = json.loads(site_defaults.user_file().read_text("utf-8"))
    assert document["download_folder"] == str(tmp_path / "a") and document["settings"] == {"x": "1", "y": "2"}


def test_settings_that_are_none_are_written_anew(tmp_path: Path) -> None:
    states(Wishes(store=str(tmp_path / "a")))
    site_defaults.user_file().write_text('{"settings": "none", "download_folder": "/data"}', encoding="utf-8")
    site_defaults.forget()
    assert states(Wishes(settings={"y": "2"}))["defaults"] == "done"
    assert site_defaults.setting("y") == "2" and site_defaults.read(site_defaults.user_file())["download_folder"] == "/data"


@pytest.mark.parametrize("text", ['{"download_folder": "/data",}', "[1]", "[" * 100_000])
def test_defaults_that_cannot_be_read_are_kept_beside(tmp_path: Path, text: str) -> None:
    file = site_defaults.user_file()
    file.parent.mkdir(parents=True)
    file.write_text(text, encoding="utf-8")
    steps = {step.name: step for step in set_up(Wishes(settings={"y": "2"}), Task())}
    kept = file.with_name("defaults-damaged.json")
    assert steps["defaults"].state == "done" and str(kept) in steps["defaults"].text
    assert kept.read_text(encoding="utf-8") == text and site_defaults.setting("y") == "2"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_defaults_that_are_a_pipe_are_not_waited_for() -> None:
    file = site_defaults.user_file()
    file.parent.mkdir(parents=True)
    os.mkfifo(file)
    assert site_defaults.read(file) == {} and "cannot be read" in site_defaults.problem()
    assert states(Wishes())["defaults"] == "failed"


@pytest.mark.parametrize("folder", ["~nobody-has-this-name/idc", "\0"])
def test_a_default_that_is_no_path_is_named_with_its_file(folder: str) -> None:
    site_defaults.write(site_defaults.user_file(), {"download_folder": folder, "also_look_in": [folder]}, "")
    for ask in (paths.default_download_folder, site_defaults.shared_stores):
        with pytest.raises(InputError, match=r"in .*defaults\.json is .*, which is not a folder on this machine"):
            ask()


@pytest.mark.parametrize("option", ["store", "database"])
def test_a_folder_that_cannot_be_made_does_not_become_the_default(tmp_path: Path, option: str) -> None:
    (tmp_path / "file").touch()
    steps = {step.name: step for step in set_up(Wishes(**{option: str(tmp_path / "file" / "x")}), Task())}
    assert steps["defaults"].state == "failed" and str(tmp_path / "file") in steps["defaults"].text
    assert not site_defaults.user_file().exists()


def test_a_cache_folder_that_cannot_be_made_fails_its_step_alone(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def build(_sources: Sources, target: Path) -> None:
        (home / "file").touch()
        (home / "file" / "catalog").mkdir()

    monkeypatch.setattr(cache_making, "build", build)
    steps = {step.name: step for step in set_up(Wishes(), Task())}
    assert steps["folders"].state == "done" and steps["catalog"].state == "failed" and str(home / "file") in steps["catalog"].text


@pytest.mark.skipif(os.name == "nt", reason="needs a POSIX shell")
@pytest.mark.parametrize(
    ("script", "said"),
    [("exit 3", "it ended with code 3 and said nothing"), ("yes | head -c 3000000 >&2; echo ERROR: no disk >&2; exit 1", "ERROR: no disk")],
)
def test_a_pip_that_says_nothing_or_very_much_is_one_sentence(slicer: Path, script: str, said: str) -> None:
    (slicer / "bin" / "PythonSlicer").write_text(f"#!/bin/sh\n{script}\n")
    (step,) = set_up(Wishes(slicer=slicer, packages_only=True), Task())
    assert step.state == "failed" and step.text.count("\n") == 0 and said in step.text and len(step.text) < 800


def test_packages_are_installed_into_the_python_of_slicer(slicer: Path) -> None:
    wishes = Wishes(slicer=slicer, packages_only=True)
    for state in ("done", "already"):
        (step,) = set_up(wishes, Task())
        assert (step.name, step.state) == ("packages", state), step.text
    assert "pydicom>=3.0.1" in (slicer / "pip.log").read_text("utf-8")


def test_a_step_that_fails_is_told_and_the_others_are_done(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    found = states(Wishes(slicer=tmp_path / "no-slicer", store=str(tmp_path / "file" / "store")))
    assert found == {"packages": "failed", "defaults": "failed", "folders": "failed", "indices": "already", "catalog": "done"}


def test_a_database_on_a_network_disk_is_refused_with_the_reason(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "file_system_of", lambda _folder: "nfs4")
    steps = {step.name: step for step in set_up(Wishes(), Task())}
    assert steps["folders"].state == "failed" and "network disk (nfs4" in steps["folders"].text and "--database" in steps["folders"].text


def test_a_database_on_a_network_disk_does_not_become_the_default(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "file_system_of", lambda folder: "nfs4" if folder == Path("/net/db") else "ext4")
    steps = {step.name: step for step in set_up(Wishes(database="/net/db"), Task())}
    assert steps["defaults"].state == "failed" and "network disk (nfs4: /net/db)" in steps["defaults"].text
    assert not site_defaults.user_file().exists() and paths.default_database_folder() == home / "data" / "DICOM"
    assert steps["folders"].state == "failed" and "--database" in steps["folders"].text


def test_all_users_has_no_meaning_below_a_home_of_its_own() -> None:
    steps = {step.name: step for step in set_up(Wishes(all_users=True), Task())}
    assert steps["defaults"].state == "failed" and "IDC_BROWSER_HOME" in steps["defaults"].text


def test_the_kind_of_a_disk_is_that_of_the_nearest_mount(tmp_path: Path) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text("/dev/a / ext4 rw 0 0\nserver:/home /home nfs4 rw 0 0\n/dev/b /home/my\\040disk xfs rw 0 0\nbroken\n", encoding="utf-8")
    assert [file_system_of(Path(path), mounts) for path in ("/srv", "/home/a/b", "/homely", "/home/my disk/x")] == ["ext4", "nfs4", "ext4", "xfs"]
    assert file_system_of(Path("/srv"), tmp_path / "none") == ""


@pytest.mark.parametrize("place", ["bin/PythonSlicer", "bin/PythonSlicer.exe", "Contents/bin/PythonSlicer"])
def test_the_python_of_slicer_is_found_on_each_system(tmp_path: Path, place: str) -> None:
    (tmp_path / place).parent.mkdir(parents=True)
    (tmp_path / place).touch()
    assert find_python(tmp_path) == tmp_path / place


def test_the_program_itself_names_its_installation(slicer: Path) -> None:
    (slicer / "Slicer").touch()
    assert find_python(slicer / "Slicer") == slicer / "bin" / "PythonSlicer"


def test_another_folder_is_no_slicer(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="not an installation of 3D Slicer"):
        find_python(tmp_path)
