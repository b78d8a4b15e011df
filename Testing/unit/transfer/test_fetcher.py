"""What becomes of a transfer when s5cmd, the disk or a provider fails: a stand-in for s5cmd says what the test wants, and copies files."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from helpers.fault_proxy import Fault, fault_proxy, is_object
from helpers.planned import plan_of, planned
from helpers.s3_server import BUCKET, S3Server

from IDCBrowserLib.selection.plan import Plan
from IDCBrowserLib.transfer import download as module
from IDCBrowserLib.transfer.download import download
from IDCBrowserLib.transfer.item import TransferState
from IDCBrowserLib.transfer.options import TransferOptions
from IDCBrowserLib.transfer.report import TransferReport

pytestmark = pytest.mark.skipif(os.name == "nt", reason="a script is no program there")

# ``begun``: how often it was started before.
_PROGRAM = """#!{python} -SE
import json, os, shutil, sys
begun = len(os.listdir("{folder}/starts"))
open("{folder}/starts/" + str(begun), "w").close()

def say(stream, **words):
    print(json.dumps(words), file=stream, flush=True)

def failed(error):
    say(sys.stderr, operation="cp", command=line.replace("'", ""), error=error)

def moved():
    source, name = line.split("'")[1::2]
    shutil.copy("{folder}/objects/" + source.rpartition("/")[2], name)
    say(sys.stdout, operation="cp", success=True, source=source, destination=name)

for line in sys.stdin:
    {does}
"""

Run = Callable[..., TransferReport]


@pytest.fixture
def run(s3_server: S3Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Download a series of two files with a stand-in that ``does`` this for each."""

    def start(does: str, **options: bool) -> TransferReport:
        uuid = s3_server.put_series(files=2, seed=1000)
        (tmp_path / "starts").mkdir()
        (tmp_path / "objects").mkdir()
        for name, content in s3_server.files_of(uuid).items():
            (tmp_path / "objects" / name).write_bytes(content)
        program = tmp_path / "s5cmd"
        program.write_text(_PROGRAM.format(python=sys.executable, folder=tmp_path, does=does))
        program.chmod(0o755)
        monkeypatch.setattr(module, "find_s5cmd", lambda: program)
        chosen = TransferOptions(endpoint_url=s3_server.url, jobs=2, attempts=2, first_wait_s=0.01, **options)  # type: ignore[arg-type]
        return download(plan_of(uuid), tmp_path / "to", chosen, journal_path=None)

    return start


def _starts(folder: Path) -> int:
    return len(list((folder / "starts").iterdir()))


def test_what_s5cmd_says_beside_its_results_does_no_harm(run: Run, tmp_path: Path) -> None:
    report = run(
        "print('no JSON', flush=True); print('[1]', file=sys.stderr, flush=True); say(sys.stdout, success=True, source='s3://b/other'); moved()"
    )
    assert report.items[0].state is TransferState.COMPLETE and _starts(tmp_path) == 1


@pytest.mark.parametrize(
    ("error", "said", "code"),
    [
        ("write ./a.dcm1: no space left on device", r"The disk of \S+ is full \(", 5),
        ("open ./a.dcm1: permission denied", r"Nothing can be written to \S+ \(it cannot be written: permission denied\)", 5),
        ("open ./a.dcm1: too many open files", r"The download stopped: too many files are open at once", 4),
    ],
)
def test_what_will_not_be_better_for_the_next_file_ends_the_transfer(error: str, said: str, code: int, run: Run, tmp_path: Path) -> None:
    report = run(f"failed({error!r})")
    assert report.exit_code == code and _starts(tmp_path) == 1
    assert re.match(said, report.error) and report.items[0].error == report.error


def test_a_full_disk_is_waited_for_where_that_is_wanted(run: Run) -> None:
    report = run("moved() if begun else failed('write ./a.dcm1: no space left on device')", wait_for_room=True)
    assert report.items[0].state is TransferState.COMPLETE


def test_an_s5cmd_that_dies_is_started_again(run: Run, tmp_path: Path) -> None:
    report = run("moved() if begun else sys.exit('ERROR killed')")
    assert report.items[0].state is TransferState.COMPLETE and _starts(tmp_path) == 2


def test_an_s5cmd_that_dies_again_and_again_is_given_up(run: Run, tmp_path: Path) -> None:
    report = run("sys.exit('ERROR broken')")
    assert report.error.startswith("The program s5cmd ended repeatedly (code 1, ERROR broken); reinstall it")
    assert (report.exit_code, _starts(tmp_path)) == (4, 6)


def test_an_s5cmd_that_dies_for_want_of_open_files_is_not_started_again(run: Run, tmp_path: Path) -> None:
    report = run("sys.exit('ERROR pipe: too many open files')")
    assert report.error.startswith("The download stopped: too many files are open at once") and _starts(tmp_path) == 1


def test_what_one_provider_does_not_give_comes_from_the_other(s3_server: S3Server, tmp_path: Path) -> None:
    uuid = s3_server.put_series(files=2, seed=1001)
    name = min(s3_server.files_of(uuid))
    with fault_proxy(s3_server.url) as proxy:
        proxy.rule = lambda method, path, count: Fault(status=404) if is_object(path) and name in path else None
        options = TransferOptions(provider="auto", endpoint_url=proxy.url, gcs_endpoint_url=s3_server.url, jobs=2, retry_count=0, first_wait_s=0.01)
        both = download(Plan((planned(uuid, gcs_bucket=BUCKET),)), tmp_path / "both", options, journal_path=None)
        one = download(Plan((planned(uuid),)), tmp_path / "one", options, journal_path=None)
    assert both.items[0].state is TransferState.COMPLETE
    assert (one.items[0].state, one.items[0].missing) == (TransferState.FAILED, [name])
