"""A batch on real Dask workers of this machine: the same outputs as without, and workers may die."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import psutil
import pytest
from helpers.made_batch import outputs, write_cases

ROOT = Path(__file__).resolve().parents[2]
CASES = 8


@pytest.fixture(scope="module")
def cases(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_cases(tmp_path_factory.mktemp("cases"), CASES, size=64, slices=8, damaged=(3,))


@pytest.fixture(scope="module")
def alone(cases: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    out = tmp_path_factory.mktemp("alone")
    assert finish(start(cases, out))[0] == 4
    return outputs(out)


class Scheduler(NamedTuple):
    address: str
    pid: int


@pytest.fixture
def scheduler() -> Iterator[Scheduler]:
    """A scheduler with two workers, in a process of its own as on a cluster."""
    code = (
        "import sys; from distributed import LocalCluster\n"
        "if __name__ == '__main__':\n"
        "    cluster = LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None, silence_logs=50)\n"
        "    print(cluster.scheduler_address, flush=True); sys.stdin.read()\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code], env=environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    assert process.stdout is not None and process.stdin is not None
    yield Scheduler(process.stdout.readline().decode().strip(), process.pid)
    workers = psutil.Process(process.pid).children(recursive=True) if process.poll() is None else []
    process.kill()
    process.wait()
    for worker in workers:
        with contextlib.suppress(psutil.Error):
            worker.kill()
    process.stdin.close()
    process.stdout.close()


def environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT / "IDCBrowser")}


def start(cases: Path, out: Path, *more: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-c", "import sys\nfrom IDCBrowserLib.cli.main import main\nif __name__ == '__main__': sys.exit(main())"]
    arguments = ["batch", str(cases), "--to", str(out), "--steps", "labelmaps,volumes", "--json", *more]
    return subprocess.Popen([*command, *arguments], env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def finish(process: subprocess.Popen[bytes]) -> tuple[int, bytes, bytes]:
    output, errors = process.communicate(timeout=180)
    return process.returncode, output, errors


def receipts(out: Path) -> list[str]:
    """What is in place; folders in which something is being made come and go meanwhile."""
    return [name for folder, _folders, names in os.walk(out) for name in names if name.endswith(".json") and ".idc-browser-batch" not in folder]


def test_two_local_workers_make_what_one_machine_makes_and_tell_what_failed(cases: Path, alone: dict[str, bytes], tmp_path: Path) -> None:
    code, output, errors = finish(start(cases, tmp_path / "out", "--cluster", "local:2"))
    assert code == 4, errors
    assert b"P-000003" in output and b"Traceback" not in errors
    assert outputs(tmp_path / "out") == alone


def test_a_worker_that_is_killed_costs_nothing(cases: Path, alone: dict[str, bytes], scheduler: Scheduler, tmp_path: Path) -> None:
    out = tmp_path / "out"
    process = start(cases, out, "--cluster", scheduler.address)
    while process.poll() is None and not receipts(out):
        time.sleep(0.02)
    nanny, worker = psutil.Process(scheduler.pid), None
    for one in nanny.children(recursive=True):
        with contextlib.suppress(psutil.Error):
            if any("IDCBrowserLib.batch.child" in child.cmdline() for child in one.children()):
                worker = one
    if worker is not None:
        worker.kill()
    assert worker is not None or process.poll() is not None
    code, _, errors = finish(process)
    assert code == 4, errors
    assert outputs(out) == alone


def test_a_scheduler_that_dies_is_one_sentence_and_the_batch_goes_on_without_it(
    cases: Path, alone: dict[str, bytes], scheduler: Scheduler, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    process = start(cases, out, "--cluster", scheduler.address)
    while process.poll() is None and not receipts(out):
        time.sleep(0.02)
    psutil.Process(scheduler.pid).kill()
    code, _, errors = finish(process)
    assert code == 4 and b"Traceback" not in errors, errors
    assert b"does not answer any more" in errors or len(receipts(out)) == len([name for name in alone if name.endswith(".json")])
    assert finish(start(cases, out))[0] == 4
    assert outputs(out) == alone


@pytest.mark.parametrize("address", ["local:0", "local:x", "nowhere", "tcp://127.0.0.1:9"])
def test_a_cluster_that_is_none_is_refused_with_a_sentence(cases: Path, tmp_path: Path, address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from IDCBrowserLib.batch import cluster
    from IDCBrowserLib.batch.pool import Limits
    from IDCBrowserLib.batch.settings import Settings
    from IDCBrowserLib.batch.steps import Wanted
    from IDCBrowserLib.errors import InputError

    monkeypatch.setattr(cluster, "_CONNECT_S", 1.0)
    with pytest.raises(InputError, match="--cluster"):
        cluster.ClusterPool(Settings(tmp_path, Wanted(("volumes",))), address, None, Limits())
