"""A batch whose driver or whose workers are killed at random moments: the same outputs byte for byte, and nothing done twice that was done."""

from __future__ import annotations

import contextlib
import json
import os
import random
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
from helpers.made_batch import outputs, write_cases
from helpers.small_disk import small_disk

from IDCBrowserLib.batch.ledger import Ledger, ledger_path

ROOT = Path(__file__).resolve().parents[2]
# `make faults` sets 25.
MOMENTS = int(os.environ.get("IDC_BROWSER_FAULT_MOMENTS", "6"))
CASES = 24


@pytest.fixture(scope="module")
def cases(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_cases(tmp_path_factory.mktemp("cases"), CASES, size=96, slices=12)


@pytest.fixture(scope="module")
def undisturbed(cases: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    out = tmp_path_factory.mktemp("undisturbed")
    assert close(batch(cases, out))[0] == 0
    return outputs(out)


def batch(cases: Path, out: Path, *more: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-c", "import sys; from IDCBrowserLib.cli.main import main; sys.exit(main())", "batch", str(cases), "--to", str(out)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "IDCBrowser")}
    return subprocess.Popen(
        [*command, "--steps", "labelmaps,volumes", "--jobs", "2", "--json", *more], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )


def receipts(out: Path) -> dict[Path, int]:
    """Of outputs that are done, not those that are arriving."""
    found = {}
    for path in (path for step in ("labelmaps", "volumes") for path in (out / step).rglob("*.json")):
        with contextlib.suppress(OSError, ValueError):
            if json.loads(path.read_text())["key"]:
                found[path] = path.stat().st_mtime_ns
    return found


def wait_for_receipts(process: subprocess.Popen[bytes], out: Path, count: int) -> None:
    while process.poll() is None and len(receipts(out)) < count:
        time.sleep(0.005)


def close(process: subprocess.Popen[bytes]) -> tuple[int, bytes, bytes]:
    output, errors = process.communicate()
    return process.returncode, output, errors


def test_killing_the_driver_at_any_moment_changes_no_byte_and_repeats_nothing(cases: Path, undisturbed: dict[str, bytes], tmp_path: Path) -> None:
    chance = random.Random(19)
    middle = 0
    for moment in range(MOMENTS):
        out = tmp_path / f"out-{moment}"
        process = batch(cases, out)
        wait_for_receipts(process, out, chance.randrange(2 * CASES))
        time.sleep(0.1 * chance.random())
        children = psutil.Process(process.pid).children(recursive=True) if process.poll() is None else []
        process.kill()
        close(process)
        psutil.wait_procs(children, timeout=10)
        done = receipts(out)
        middle += 0 < len(done) < 2 * CASES
        code, _, errors = close(batch(cases, out))
        assert code == 0, errors
        assert outputs(out) == undisturbed
        assert {path: path.stat().st_mtime_ns for path in done} == done, "what was done was not done again"
    assert middle, "no kill hit the middle of a batch; the test shows nothing"


def test_killing_workers_again_and_again_costs_no_item(cases: Path, undisturbed: dict[str, bytes], tmp_path: Path) -> None:
    chance = random.Random(23)
    kills = 0
    for moment in range(MOMENTS):
        out = tmp_path / f"out-{moment}"
        process = batch(cases, out)
        # Seldom enough that the same item is not hit twice: that would make it a poison item.
        for part in (CASES // 2, 3 * CASES // 2):
            wait_for_receipts(process, out, part)
            with contextlib.suppress(psutil.Error, IndexError):
                chance.choice(psutil.Process(process.pid).children()).kill()
                kills += 1
        code, _, errors = close(process)
        assert code == 0, errors
        assert outputs(out) == undisturbed
    assert kills, "nothing was killed; the test shows nothing"


def test_two_drivers_on_one_folder_are_one_too_many(cases: Path, undisturbed: dict[str, bytes], tmp_path: Path) -> None:
    out = tmp_path / "out"
    with Ledger(ledger_path(out)):
        code, output, errors = close(batch(cases, out))
        assert (code, output, b"Another batch is running" in errors) == (2, b"", True)
    assert close(batch(cases, out))[0] == 0
    assert outputs(out) == undisturbed


def test_a_full_disk_is_one_sentence_and_the_rest_follows_when_there_is_space(cases: Path, undisturbed: dict[str, bytes], tmp_path: Path) -> None:
    needed = sum(map(len, undisturbed.values()))
    with small_disk(tmp_path / "disk", f"size={needed // 2 + 100_000}") as disk:
        code, _, errors = close(batch(cases, disk / "out"))
        assert code == 5 and b"Traceback" not in errors and errors.count(b"\n") == 1
        made = outputs(disk / "out")
        assert made.items() <= undisturbed.items(), "no output is cut off"
        subprocess.run(["mount", "-o", f"remount,size={4 * needed + 10_000_000}", str(disk)], check=True)
        code, output, errors = close(batch(cases, disk / "out"))
        assert code == 0, errors
        assert json.loads(output)["failed"] == 0
        assert outputs(disk / "out") == undisturbed


def test_ctrl_c_ends_soon_and_the_same_command_goes_on(cases: Path, undisturbed: dict[str, bytes], tmp_path: Path) -> None:
    import signal

    out = tmp_path / "out"
    process = batch(cases, out)
    wait_for_receipts(process, out, 5)
    process.send_signal(signal.SIGINT)
    code, output, errors = close(process)
    assert (code, output) == (130, b"") and b"Traceback" not in errors
    assert close(batch(cases, out))[0] == 0
    assert outputs(out) == undisturbed
