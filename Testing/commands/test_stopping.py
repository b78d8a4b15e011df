"""Ctrl-C and SIGTERM end every command, whatever it is doing, and nothing of it goes on."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from helpers.fault_proxy import Fault, fault_proxy, is_listing, is_object
from helpers.s3_server import S3Server, running_s3_server

from IDCBrowserLib.cli.stopping import stopping
from IDCBrowserLib.task import Task

ROOT = Path(__file__).resolve().parents[2]
# A series of the collection ispy1 with three instances.
UUID = "28621ba9-1aca-4aab-a2a1-f6d2c3e2ab19"
SIGNALS = [signal.SIGINT, signal.SIGTERM]

pytestmark = pytest.mark.skipif(os.name == "nt", reason="there are no signals to send")


@pytest.fixture(scope="module")
def server() -> Iterator[S3Server]:
    with running_s3_server() as running:
        for number in range(3):
            running.put(f"{UUID}/0000000{number}-0000-4000-8000-000000000000.dcm", bytes(100_000))
        yield running


def _start(*arguments: str) -> subprocess.Popen[bytes]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "IDCBrowser")}
    return subprocess.Popen([sys.executable, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment)


def _wait(happened: Callable[[], object]) -> None:
    end = time.monotonic() + 60
    while not happened():
        assert time.monotonic() < end, "it never happened"
        time.sleep(0.02)


def _end(process: subprocess.Popen[bytes]) -> tuple[int, str]:
    _output, errors = process.communicate(timeout=60)
    return process.returncode, errors.decode()


@pytest.mark.parametrize("number", SIGNALS)
@pytest.mark.parametrize("silent", [is_listing, is_object], ids=["listing", "moving"])
def test_a_download_ends_while_a_server_is_silent_and_no_s5cmd_goes_on(
    server: S3Server, silent: Callable[[str], bool], number: signal.Signals, tmp_path: Path
) -> None:
    with fault_proxy(server.url) as proxy:
        proxy.rule = lambda method, path, count: Fault(stall_s=600) if silent(path) else None
        options = ["--to", str(tmp_path / "to"), "--endpoint-url", proxy.url]
        process = _start("-m", "IDCBrowserLib.cli.main", "download", UUID, *options)
        _wait(lambda: any(silent(path) for path in proxy.asked))
        children = psutil.Process(process.pid).children(recursive=True)
        process.send_signal(number)
        code, errors = _end(process)
        proxy.rule = lambda method, path, count: None
    assert code == 130 and "Traceback" not in errors
    assert silent is is_listing or [child.name() for child in children if _runs(child)] == []
    assert list(tmp_path.iterdir()) == []


def _runs(process: psutil.Process) -> bool:
    with contextlib.suppress(psutil.Error):
        return process.status() != psutil.STATUS_ZOMBIE
    return False


_IN_C = """
import hashlib
from IDCBrowserLib.cli.stopping import stopping
from IDCBrowserLib.task import Task
with stopping(Task()):
    print("begun", flush=True)
    hashlib.pbkdf2_hmac("sha512", b"", b"", 2_000_000_000)
"""


@pytest.mark.parametrize("number", SIGNALS)
def test_a_command_that_is_deep_in_c_code_ends_as_well(number: signal.Signals) -> None:
    process = _start("-c", _IN_C)
    assert process.stdout is not None
    process.stdout.readline()
    process.send_signal(number)
    assert _end(process) == (130, "\nidc-browser: Canceled.\n")


_WRITING = """
import pathlib, sys, zlib
from IDCBrowserLib.cli.stopping import stopping
from IDCBrowserLib.task import Task
from IDCBrowserLib.whole_file import part_folder, whole_file
here = pathlib.Path(sys.argv[1])
with stopping(Task()), whole_file(here / "table.csv") as file, part_folder(".idc-browser-", here) as folder:
    (folder / "part.csv").write_text("half")
    file.write("half")
    file.flush()
    print(flush=True)
    while True:
        zlib.compress(bytes(100_000_000), 9)
"""


def test_what_was_half_written_goes_with_a_program_that_ends_by_force(tmp_path: Path) -> None:
    process = _start("-c", _WRITING, str(tmp_path))
    assert process.stdout is not None
    process.stdout.readline()
    assert len(os.listdir(tmp_path)) == 2
    process.send_signal(signal.SIGTERM)
    assert _end(process)[0] == 130
    assert os.listdir(tmp_path) == []


_STARTING = """
import sys, time
class Slow:
    def find_spec(self, name, path=None, target=None):
        if name == "IDCBrowserLib.cli.main":
            print("begun", flush=True)
            time.sleep(60)
sys.meta_path.insert(0, Slow())
from IDCBrowserLib.cli.program import main
sys.exit(main())
"""
_ENDING = """
import atexit, sys, time
from IDCBrowserLib.cli.program import main
atexit.register(lambda: (print("ending", flush=True), time.sleep(60)))
sys.argv[1:] = ["completion", "bash"]
sys.exit(main())
"""


@pytest.mark.parametrize("number", SIGNALS)
@pytest.mark.parametrize(("code", "sign"), [(_STARTING, b"begun"), (_ENDING, b"ending")], ids=["starting", "ending"])
def test_a_signal_while_python_starts_or_ends_is_silent(code: str, sign: bytes, number: signal.Signals) -> None:
    process = _start("-c", code)
    assert process.stdout is not None
    while sign not in process.stdout.readline():
        assert process.poll() is None
    process.send_signal(number)
    assert _end(process) == (130, "")


_IGNORING = """
import signal
signal.signal(signal.SIGHUP, signal.SIG_IGN)
signal.signal(signal.SIGINT, signal.SIG_IGN)
from IDCBrowserLib.cli.program import main
import IDCBrowserLib.cli.commands.completion as command
from IDCBrowserLib.cli.outcome import Outcome
def run(arguments, task):
    signal.raise_signal(signal.SIGHUP)
    signal.raise_signal(signal.SIGINT)
    task.raise_if_cancelled()
    return Outcome({}, "done")
command.run = run
import sys
sys.argv[1:] = ["completion", "bash"]
sys.exit(main())
"""


def test_what_nohup_and_scripts_have_a_program_ignore_stays_ignored() -> None:
    output, errors = (process := _start("-c", _IGNORING)).communicate(timeout=60)
    assert (process.returncode, output, errors) == (0, b"done\n", b"")


def test_work_that_stops_when_asked_is_not_ended_by_force() -> None:
    before = signal.getsignal(signal.SIGINT)
    task = Task()
    with stopping(task):
        signal.raise_signal(signal.SIGINT)
        assert task.cancelled
    # The earlier time limit has passed by now, if anything still counted it.
    stopped = threading.Event()
    with stopping(Task()):
        assert not stopped.wait(0.1)
    assert signal.getsignal(signal.SIGINT) is before
