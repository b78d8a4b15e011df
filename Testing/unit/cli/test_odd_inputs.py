"""What is no regular file, where a command expects one: a sentence, and nobody waits for the other end of a pipe."""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from helpers.small_command_line import CommandLine

pytestmark = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
COMMANDS = (
    ("describe", "{odd}"),
    ("measurements", "{odd}"),
    ("volume", "{odd}", "--out", "{out}.nrrd"),
    ("dvh", "{odd}", "--structures", "{odd}"),
    ("compare", "{odd}", "{odd}"),
    ("convert", "{odd}", "--out", "{out}.nrrd"),
    ("export", "{odd}", "--images", "{folder}", "--as", "seg", "--out", "{out}.dcm"),
    ("import", "{odd}", "--database", "{out}"),
)


@pytest.fixture(autouse=True)
def no_waiting() -> Iterator[None]:
    def too_long(*_: object) -> None:
        raise AssertionError("it waits")

    former = signal.signal(signal.SIGALRM, too_long)
    signal.alarm(120)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, former)


def made(kind: str, path: Path) -> None:
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "socket":
        with socket.socket(socket.AF_UNIX) as one:
            one.bind(str(path))
    elif kind == "device":
        path.symlink_to("/dev/zero")
    elif kind == "loop":
        path.symlink_to(path)
    else:
        path.write_bytes(b"")


@pytest.mark.parametrize("kind", ["pipe", "socket", "device", "loop", "empty"])
@pytest.mark.parametrize("ending", ["dcm", "nrrd", "nii.gz", "seg.nrrd"])
def test_every_command_refuses_what_is_no_regular_file(
    kind: str, ending: str, idc_browser: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    odd = Path(f"odd.{ending}")
    made(kind, odd)
    for command in COMMANDS:
        texts = [part.format(odd=odd, out="out", folder=tmp_path) for part in command]
        code, output, errors = idc_browser.run(*texts, "--json")
        said = output + errors
        assert "internal error" not in said and "Traceback" not in said, command
        assert code in (2, 3, 4, 5) or command[0] == "import", command
        assert odd.name in said or "None of" in said or command[0] == "import", command


def test_a_description_that_is_a_pipe_or_endless_is_refused(idc_browser: CommandLine, tmp_path: Path) -> None:
    labels = tmp_path / "a.nrrd"
    labels.write_bytes(
        b"NRRD0004\ntype: uint8\ndimension: 3\nspace: left-posterior-superior\nsizes: 2 2 1\nspace directions: (1,0,0) (0,1,0) (0,0,1)\n"
        b"space origin: (0,0,0)\nencoding: raw\n\n\1\1\0\0"
    )
    for name, kind in (("a.json", "pipe"), ("b.json", "device")):
        made(kind, tmp_path / name)
        arguments = ("--images", str(tmp_path), "--as", "seg", "--segments", str(tmp_path / name), "--out", str(tmp_path / "x.dcm"))
        code, _, errors = idc_browser.run("export", str(labels), *arguments)
        assert code == 2 and name in errors and "internal error" not in errors


def test_a_label_file_that_promises_more_than_the_memory_is_refused(idc_browser: CommandLine, tmp_path: Path) -> None:
    import gzip

    head = b"NRRD0004\ntype: uint8\ndimension: 3\nspace: left-posterior-superior\nsizes: %d 1000 1000\nencoding: gzip\n\n"
    bomb = tmp_path / "bomb.nrrd"
    with bomb.open("wb") as file:
        file.write(head % 1_000_000)
        file.write(gzip.compress(bytes(1 << 20)))
        file.truncate(1 << 31)
    code, _, errors = idc_browser.run("compare", str(bomb), str(bomb))
    assert code == 2 and ("of memory" in errors or "promises" in errors) and str(bomb) in errors


@pytest.mark.parametrize("words", [("--save", ""), ("--save=",)])
def test_a_result_without_a_name_is_asked_for(idc_browser: CommandLine, words: tuple[str, ...]) -> None:
    code, output, errors = idc_browser.run("plan", "lung_ct", *words)
    assert (code, output) == (2, "") and "--save names nothing" in errors


def test_a_review_list_without_a_name_is_not_made(idc_browser: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    idc_browser.fails(2, "A review list has to have a name", "review", "new", "", "lung_ct")
    assert list((tmp_path / "here").iterdir()) == []


@pytest.mark.parametrize("amount", ["nan", "inf", "1e300"])
@pytest.mark.parametrize(
    "words", ["download lung_ct --to t --keep-free", "batch lung_ct --to t --steps images --memory", "review new a lung_ct --cap"]
)
def test_amounts_that_are_no_numbers_are_refused(
    idc_browser: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: str, amount: str
) -> None:
    monkeypatch.chdir(tmp_path)
    idc_browser.fails(2, f"'{amount}' is not a number that can be used", *words.split(), amount)
    assert list(tmp_path.iterdir()) == []


def test_disk_space_that_cannot_stay_free_is_a_sentence(idc_browser: CommandLine, tmp_path: Path) -> None:
    idc_browser.fails(2, "of disk space cannot stay free", "download", "lung_ct", "--to", str(tmp_path / "to"), "--keep-free=-1")


def test_a_name_longer_than_any_is_a_sentence(idc_browser: CommandLine) -> None:
    idc_browser.fails(2, "is longer than a name may be", "check", "A" * 4000)
