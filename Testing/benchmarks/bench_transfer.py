"""Downloads with verification against raw ``s5cmd run`` on the equivalent manifest, from the same local S3 server in the same run.

``python Testing/benchmarks/bench_transfer.py [--full]``: 2,000 files of 0.5 MB and 20 of 200 MB with --full (5 GB of disk), a tenth of it otherwise.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "IDCBrowser"), str(ROOT / "Testing")]

from helpers.planned import plan_of  # noqa: E402
from helpers.s3_server import BUCKET, S3Server, running_s3_server  # noqa: E402

from IDCBrowserLib.transfer.download import download  # noqa: E402
from IDCBrowserLib.transfer.item import TransferState  # noqa: E402
from IDCBrowserLib.transfer.options import TransferOptions  # noqa: E402
from IDCBrowserLib.transfer.s5cmd_binary import find_s5cmd  # noqa: E402

ROUNDS = 3


def _raw(server: S3Server, uuids: list[str], folder: Path) -> None:
    manifest = folder / "manifest.s5cmd"
    folder.mkdir(parents=True)
    manifest.write_text("".join(f"cp s3://{BUCKET}/{uuid}/* {folder}/{uuid}/\n" for uuid in uuids))
    subprocess.run(
        [str(find_s5cmd()), "--no-sign-request", "--endpoint-url", server.url, "--json", "run", str(manifest)], check=True, stdout=subprocess.DEVNULL,
    )


def _ours(server: S3Server, uuids: list[str], folder: Path) -> None:
    report = download(plan_of(*uuids), folder / "to", TransferOptions(endpoint_url=server.url), journal_path=folder / "journal.sqlite")
    assert report.count(TransferState.COMPLETE) == len(uuids), report.error


def _seconds(work: Callable[[], None]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def _case(server: S3Server, name: str, series: int, files: int, size: int) -> list[tuple[str, float, float, float]]:
    uuids = [server.put_series(files, size, seed=number) for number in range(series)]
    server.objects.clear()
    raw, ours, again = [], [], []
    with tempfile.TemporaryDirectory() as scratch:
        for number in range(ROUNDS):
            raw_folder, our_folder = Path(scratch, f"raw{number}"), Path(scratch, f"ours{number}")
            raw.append(_seconds(lambda folder=raw_folder: _raw(server, uuids, folder)))  # type: ignore[misc]
            ours.append(_seconds(lambda folder=our_folder: _ours(server, uuids, folder)))  # type: ignore[misc]
            again.append(_seconds(lambda folder=our_folder: _ours(server, uuids, folder)))  # type: ignore[misc]
            shutil.rmtree(raw_folder)
            shutil.rmtree(our_folder)
    return [
        (f"{name}, verified / raw s5cmd", min(ours), min(raw), 1.15),
        (f"{name}, second run / first run", min(again), min(ours), 0.10),
    ]


def main() -> int:
    """Print the table; 1 when a ratio is above its limit."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--full", action="store_true")
    full = parser.parse_args().full
    rows = []
    with running_s3_server() as server:
        rows += _case(server, f"{2000 if full else 200} files of 0.5 MB", 20 if full else 4, 100 if full else 50, 500_000)
    with running_s3_server() as server:
        rows += _case(server, f"20 files of {200 if full else 20} MB", 4, 5, 200_000_000 if full else 20_000_000)
    print(f"{'what':<50} {'ours s':>8} {'peer s':>8} {'ratio':>7} {'limit':>6}")
    for name, ours, peer, limit in rows:
        print(f"{name:<50} {ours:8.2f} {peer:8.2f} {ours / peer:7.2f} {limit:6.2f}{'' if ours / peer <= limit else '  ABOVE'}")
    return int(any(ours / peer > limit for _, ours, peer, limit in rows))


if __name__ == "__main__":
    sys.exit(main())
