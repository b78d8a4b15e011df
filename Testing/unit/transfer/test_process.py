"""One running s5cmd: what it is asked, and what is made of what it says. A script of the shell takes its place."""

from __future__ import annotations

import errno
import os
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from IDCBrowserLib.errors import IDCBrowserError, StorageError, TransferError
from IDCBrowserLib.transfer.s5cmd import process as module
from IDCBrowserLib.transfer.s5cmd.process import S5cmd

pytestmark = pytest.mark.skipif(os.name == "nt", reason="a script is no program there")

_RUNNING = "while read line; do :; done"


class Said:
    """An s5cmd that does what a script does, and what was heard of it."""

    def __init__(self, folder: Path, script: str, **options: Any) -> None:
        program = folder / "s5cmd"
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(0o755)
        self.files: list[tuple[str, str | None]] = []
        self.exits: list[tuple[int, str]] = []
        self.ended = threading.Event()
        values = {"jobs": 7, "retry_count": 3, "environment": {"PATH": os.environ["PATH"], "WORD": "of ours"}, **options}
        self.process = S5cmd(program, "http://127.0.0.1:9", folder, on_file=lambda *told: self.files.append(told), on_exit=self._exit, **values)

    def _exit(self, code: int, text: str) -> None:
        self.exits.append((code, text))
        self.ended.set()

    def to_the_end(self) -> Said:
        self.process.finish()
        assert self.ended.wait(20)
        self.process.close()
        return self


Start = Callable[..., Said]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    begun: list[Said] = []

    def run(script: str, **options: Any) -> Said:
        begun.append(Said(tmp_path, script, **options))
        return begun[-1]

    yield run
    for one in begun:
        one.process.kill()
        one.process.close()


def test_it_is_asked_without_credentials_for_json_and_as_many_files_and_retries_as_wanted(start: Start, tmp_path: Path) -> None:
    start('echo "$@" > arguments; echo "$WORD" > word').to_the_end()
    wanted = "--no-sign-request --endpoint-url http://127.0.0.1:9 --json --numworkers 7 --retry-count 3 run\n"
    assert ((tmp_path / "arguments").read_text(), (tmp_path / "word").read_text()) == (wanted, "of ours\n")


def test_each_file_is_a_command_and_many_large_ones_come_in_one_piece(start: Start, tmp_path: Path) -> None:
    said = start("cat > commands")
    said.process.feed([("s3://b/u/1.dcm", "u_1.dcm"), ("s3://b/u/2.dcm", "u_2.dcm")])
    said.process.feed([("s3://b/u/3.dcm", "u_3.dcm")], in_one_piece=True)
    said.process.feed([])
    said.to_the_end()
    assert (tmp_path / "commands").read_text().splitlines() == [
        "cp 's3://b/u/1.dcm' 'u_1.dcm'",
        "cp 's3://b/u/2.dcm' 'u_2.dcm'",
        "cp --concurrency 1 --part-size 256 's3://b/u/3.dcm' 'u_3.dcm'",
    ]


def test_files_that_came_and_files_that_did_not_are_told_by_their_source(start: Start) -> None:
    said = start(
        """echo '{"operation":"cp","success":true,"source":"s3://b/u/1.dcm"}'
        echo '{"success":false,"source":"s3://b/u/2.dcm"}'
        echo '{"success":1,"source":"s3://b/u/3.dcm"}'
        echo '{"success":true,"source":7}'
        echo '{"command":"cp s3://b/u/4.dcm u_4.dcm","error":"NoSuchKey: gone"}' >&2
        echo '{"command":"cp --concurrency 1 s3://b/u/5.dcm u_5.dcm"}' >&2"""
    ).to_the_end()
    assert [one for one in said.files if one[1] is None] == [("s3://b/u/1.dcm", None)]
    assert [one for one in said.files if one[1]] == [("s3://b/u/4.dcm", "NoSuchKey: gone"), ("s3://b/u/5.dcm", "no reason given")]
    assert said.exits == [(0, "")]


def test_what_else_it_says_is_its_last_words(start: Start) -> None:
    said = start(
        """echo; echo '{"error":"of no file"}' >&2; echo '[1]' >&2; echo 'no {json' >&2; sleep 0.05; echo '  plain  '; exit 3"""
    ).to_the_end()
    assert said.exits == [(3, "of no file; [1]; no {json; plain")] and said.files == []


def test_json_of_any_depth_does_no_harm(start: Start) -> None:
    said = start(f"""echo '{"[" * 20_000}'; echo '{{"success":true,"source":"s3://b/u/1.dcm"}}'""").to_the_end()
    assert said.files == [("s3://b/u/1.dcm", None)] and said.exits == [(0, "[" * 20_000)]


def test_of_many_last_words_the_last_five_are_kept(start: Start) -> None:
    assert start("for word in 1 2 3 4 5 6; do echo $word >&2; done; exit 1").to_the_end().exits == [(1, "2; 3; 4; 5; 6")]


def test_what_it_inherits_it_has_open(start: Start, tmp_path: Path) -> None:
    (tmp_path / "lock").write_text("held")
    with (tmp_path / "lock").open("rb") as lock:
        start(f"cat /dev/fd/{lock.fileno()} > seen", keep_open=(lock.fileno(),)).to_the_end()
    assert (tmp_path / "seen").read_text() == "held"


def test_ctrl_c_is_for_us_alone(start: Start) -> None:
    said = start(_RUNNING)
    assert os.getpgid(said.process.pid) == said.process.pid != os.getpgid(0)


@pytest.mark.parametrize("script", [_RUNNING, "trap '' TERM; while :; do sleep 0.01; done"], ids=["that listens", "that does not"])
def test_one_that_is_stopped_is_gone_with_what_it_started(script: str, start: Start, tmp_path: Path) -> None:
    said = start(f"echo > begun; {script}")
    while not (tmp_path / "begun").exists():
        threading.Event().wait(0.002)
    said.process.stop()
    assert said.ended.wait(20) and said.exits[0][0] < 0 and said.process not in module._running
    # What comes later finds nobody, and that is no error.
    said.process.stop()
    said.process.kill()
    said.process.feed([("s3://b/u/1.dcm", "u_1.dcm")])
    said.process.close()
    assert len(said.exits) == 1


def test_at_its_end_one_that_does_not_end_by_itself_is_stopped(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_KILL_S", 0.05)
    said = start("while :; do sleep 0.01; done")
    said.process.close()
    assert said.ended.wait(20) and said.exits[0][0] < 0


@pytest.mark.parametrize(
    ("number", "kind", "said"),
    [
        (errno.EMFILE, TransferError, "s5cmd cannot be started: too many files are open at once"),
        (errno.ENFILE, TransferError, "s5cmd cannot be started: too many files are open at once"),
        (errno.ENOMEM, TransferError, "s5cmd cannot be started: the system cannot run another program (it says no); close others"),
        (errno.EAGAIN, TransferError, "s5cmd cannot be started: the system cannot run another program (it says no); close others"),
        (errno.EACCES, TransferError, "The program {folder}/s5cmd cannot be started (it says no); reinstall it"),
    ],
)
def test_why_it_does_not_start_is_said(number: int, kind: type[IDCBrowserError], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_arguments: object, **_options: object) -> None:
        raise OSError(number, "it says no")

    monkeypatch.setattr(subprocess, "Popen", refuse)
    for folder, wanted, text in ((tmp_path, kind, said), (tmp_path / "gone" / "incoming", StorageError, "The folder {folder}/gone is not there")):
        is_of_folder = number == errno.EACCES and folder != tmp_path
        with pytest.raises(wanted if is_of_folder else kind) as caught:
            S5cmd(tmp_path / "s5cmd", "http://x", folder, jobs=1, retry_count=0, on_file=print, on_exit=print, environment={})
        assert str(caught.value).startswith((text if is_of_folder else said).format(folder=tmp_path))
