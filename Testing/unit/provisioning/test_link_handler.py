"""Links of the system: written on request, found by other programs, and of what is there only ours is removed."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from IDCBrowserLib.errors import InputError, StorageError
from IDCBrowserLib.provisioning import link_handler
from IDCBrowserLib.provisioning.link_handler import DesktopEntry, RegistryEntry, opening_command

LINE = "x-scheme-handler/idc-browser=idc-browser-links.desktop"


@pytest.fixture
def entry(tmp_path: Path) -> DesktopEntry:
    return DesktopEntry(tmp_path / "data", tmp_path / "config")


def desktop_file(tmp_path: Path) -> Path:
    return tmp_path / "data" / "applications" / "idc-browser-links.desktop"


def associations(tmp_path: Path) -> Path:
    return tmp_path / "config" / "mimeapps.list"


def files(tmp_path: Path) -> dict[str, str]:
    """What is there, but for the list that the desktop's own program makes."""
    found = (path for path in sorted(tmp_path.rglob("*")) if path.is_file() and path.name != "mimeinfo.cache")
    return {str(path.relative_to(tmp_path)): path.read_text(encoding="utf-8") for path in found}


def test_nothing_is_written_before_it_is_asked_for_and_all_of_it_goes_again(entry: DesktopEntry, tmp_path: Path) -> None:
    assert not entry.state().installed and files(tmp_path) == {}
    entry.install()
    state = entry.state()
    assert state.installed and state.place == str(desktop_file(tmp_path))
    assert files(tmp_path)["config/mimeapps.list"] == f"# Made by IDC Browser.\n[Default Applications]\n{LINE}\n"
    entry.install()
    assert files(tmp_path)["config/mimeapps.list"].count(LINE) == 1, "twice is as once"
    entry.remove()
    assert files(tmp_path) == {} and not entry.state().installed
    entry.remove()


@pytest.mark.parametrize(
    "before",
    [
        "[Default Applications]\ntext/html=firefox.desktop\n\n[Added Associations]\ntext/plain=vim.desktop;\n",
        "[Added Associations]\ntext/plain=vim.desktop;\n",
        "# of somebody who edits it\n[Default Applications]\n",
    ],
)
def test_what_others_wrote_stays_as_it_is(entry: DesktopEntry, tmp_path: Path, before: str) -> None:
    associations(tmp_path).parent.mkdir()
    associations(tmp_path).write_text(before, encoding="utf-8")
    entry.install()
    during = associations(tmp_path).read_text(encoding="utf-8")
    assert LINE in during.splitlines() and set(before.splitlines()) <= set(during.splitlines())
    entry.remove()
    after = associations(tmp_path).read_text(encoding="utf-8").splitlines()
    assert [line for line in after if line not in ("", "[Default Applications]")] == [
        line for line in before.splitlines() if line not in ("", "[Default Applications]")
    ]


@pytest.mark.parametrize(
    "before",
    [
        b"[Default Applications]\r\ntext/html=firefox.desktop\r\n",
        b"[Default Applications]\ntext/html=firefox.desktop",
        b"[Default Applications]",
        b"[Default Applications]\n",
        b"\xef\xbb\xbf[Default Applications]\ntext/html=firefox.desktop\n",
        "[Default Applications]\ntext/html=odd\u2028name.desktop\n\x0b\n\x85\n".encode(),
    ],
)
def test_a_list_is_byte_for_byte_what_it_was_once_our_line_is_gone(entry: DesktopEntry, tmp_path: Path, before: bytes) -> None:
    """Other line ends, none at the end, a byte order mark, letters that other readers take for line ends, permissions."""
    associations(tmp_path).parent.mkdir()
    associations(tmp_path).write_bytes(before)
    associations(tmp_path).chmod(0o600)
    entry.install()
    assert entry.state().installed and set(before.split(b"\n")) - {b""} <= set(associations(tmp_path).read_bytes().split(b"\n"))
    assert associations(tmp_path).read_bytes().count(LINE.encode()) == 1
    if os.name != "nt":
        assert associations(tmp_path).stat().st_mode & 0o777 == 0o600
    entry.remove()
    assert associations(tmp_path).read_bytes().rstrip() == before.rstrip()


def test_a_link_to_a_list_with_nothing_else_in_it_stays_one(entry: DesktopEntry, tmp_path: Path) -> None:
    kept = tmp_path / "dotfiles" / "mimeapps.list"
    kept.parent.mkdir()
    kept.touch()
    associations(tmp_path).parent.mkdir()
    associations(tmp_path).symlink_to(kept)
    entry.install()
    assert LINE in kept.read_text(encoding="utf-8")
    entry.remove()
    assert associations(tmp_path).is_symlink() and LINE not in kept.read_text(encoding="utf-8") and not entry.state().installed


def test_an_entry_or_a_choice_of_somebody_else_is_neither_replaced_nor_removed(entry: DesktopEntry, tmp_path: Path) -> None:
    desktop_file(tmp_path).parent.mkdir(parents=True)
    desktop_file(tmp_path).write_text("[Desktop Entry]\nExec=other\n", encoding="utf-8")
    assert entry.state().other
    with pytest.raises(InputError, match="not written by this program"):
        entry.install()
    entry.remove()
    assert files(tmp_path) == {"data/applications/idc-browser-links.desktop": "[Desktop Entry]\nExec=other\n"}
    desktop_file(tmp_path).unlink()
    associations(tmp_path).parent.mkdir()
    associations(tmp_path).write_text("[Default Applications]\nx-scheme-handler/idc-browser=other.desktop;\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"opened by other\.desktop"):
        entry.install()
    assert not desktop_file(tmp_path).exists()


def test_settings_kept_elsewhere_stay_a_link(entry: DesktopEntry, tmp_path: Path) -> None:
    kept = tmp_path / "dotfiles" / "mimeapps.list"
    kept.parent.mkdir()
    kept.write_text("[Added Associations]\na/b=c.desktop\n", encoding="utf-8")
    associations(tmp_path).parent.mkdir()
    associations(tmp_path).symlink_to(kept)
    entry.install()
    assert associations(tmp_path).is_symlink() and LINE in kept.read_text(encoding="utf-8")


def test_a_file_that_is_no_text_is_a_sentence_and_stays(entry: DesktopEntry, tmp_path: Path) -> None:
    associations(tmp_path).parent.mkdir()
    associations(tmp_path).write_bytes(b"\xff\xfe[x]\n")
    with pytest.raises(StorageError, match="cannot be read"):
        entry.install()
    assert not desktop_file(tmp_path).exists() and associations(tmp_path).read_bytes() == b"\xff\xfe[x]\n"


def exec_words(line: str) -> list[str]:
    """As the Desktop Entry Specification reads it: the string first, then quotes, then field codes."""
    words = re.findall(r'"((?:[^"\\]|\\.)*)"|(\S+)', line.replace("\\\\", "\\"))
    return [re.sub(r"\\(.)", r"\1", quoted).replace("%%", "%") or plain for quoted, plain in words]


@pytest.mark.parametrize("folder", ["plain", "with blank", 'quote"s', "dollar$HOME`x`", "back\\slash", "per%cent"])
def test_the_command_survives_any_path(entry: DesktopEntry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, folder: str) -> None:
    monkeypatch.setenv("IDC_BROWSER_HOME", f"/home/{folder}")
    entry.install()
    assert exec_words(entry.state().opens) == [*opening_command(), "%u"]
    assert f"/home/{folder}" in opening_command()


@pytest.mark.skipif(not shutil.which("gio"), reason="no gio here")
def test_another_program_finds_it(entry: DesktopEntry, tmp_path: Path) -> None:
    def found() -> str:
        folders = {"XDG_DATA_HOME": str(tmp_path / "data"), "XDG_CONFIG_HOME": str(tmp_path / "config"), "HOME": str(tmp_path), "LC_ALL": "C"}
        command = ["gio", "mime", "x-scheme-handler/idc-browser"]
        return subprocess.run(command, env={**os.environ, **folders}, capture_output=True, text=True, check=False).stdout

    assert "idc-browser-links.desktop" not in found()
    entry.install()
    assert "Default application for" in found() and "idc-browser-links.desktop" in found()
    entry.remove()
    assert "idc-browser-links.desktop" not in found()


@pytest.mark.skipif(not shutil.which("desktop-file-validate"), reason="no desktop-file-validate here")
def test_the_entry_is_valid(entry: DesktopEntry, tmp_path: Path) -> None:
    entry.install()
    told = subprocess.run(["desktop-file-validate", str(desktop_file(tmp_path))], capture_output=True, text=True, check=False)
    assert (told.returncode, told.stdout) == (0, "")


def test_the_program_beside_this_python_is_started_else_its_module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    assert opening_command()[:3] == [str(tmp_path / "python"), "-m", "IDCBrowserLib.cli.program"]
    (tmp_path / "idc-browser").touch()
    assert opening_command()[0] == str(tmp_path / "idc-browser") and opening_command()[-2:] == ["open", "--"]


class FakeRegistry:
    def __init__(self) -> None:
        self.keys: dict[str, dict[str, str]] = {}
        self.refuses = ""

    def value(self, key: str, name: str) -> str | None:
        return self.keys.get(key, {}).get(name)

    def put(self, key: str, name: str, text: str) -> None:
        if key == self.refuses:
            raise PermissionError("refused")
        for end in range(1, key.count("\\") + 2):
            self.keys.setdefault("\\".join(key.split("\\")[:end]), {})
        self.keys[key][name] = text

    def remove(self, key: str) -> None:
        if any(other.startswith(f"{key}\\") for other in self.keys):
            raise PermissionError("it has keys below it")
        self.keys.pop(key, None)


def test_on_windows_a_key_is_made_and_removed_with_what_is_ours() -> None:
    registry = FakeRegistry()
    entry = RegistryEntry(registry)
    entry.install()
    assert entry.state().installed and registry.keys["idc-browser"]["URL Protocol"] == ""
    assert registry.keys["idc-browser\\shell\\open\\command"][""].endswith(' open -- "%1"')
    entry.install()
    entry.remove()
    assert registry.keys == {} and not entry.state().installed


def test_on_windows_what_others_put_there_stays() -> None:
    registry = FakeRegistry()
    registry.put("idc-browser", "URL Protocol", "")
    entry = RegistryEntry(registry)
    assert entry.state().other
    with pytest.raises(InputError, match="not written by this program"):
        entry.install()
    entry.remove()
    assert registry.keys == {"idc-browser": {"URL Protocol": ""}}
    registry.keys.clear()
    entry.install()
    registry.put("idc-browser\\DefaultIcon", "", "theirs.ico")
    with pytest.raises(StorageError, match="somebody else"):
        entry.remove()
    assert registry.keys["idc-browser\\DefaultIcon"] == {"": "theirs.ico"}


def test_on_windows_what_is_left_of_a_failure_can_be_removed() -> None:
    registry = FakeRegistry()
    registry.refuses = "idc-browser\\shell\\open\\command"
    entry = RegistryEntry(registry)
    with pytest.raises(StorageError, match="cannot be written"):
        entry.install()
    assert not entry.state().installed
    entry.remove()
    assert registry.keys == {}


def test_on_macos_it_is_said_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    with pytest.raises(InputError, match=r"links\.md"):
        link_handler.link_handler()
