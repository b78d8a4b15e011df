"""Downloads with verification against raw ``s5cmd run`` with the same commands, one per object, from the same local S3 server in the same run.

``python Testing/benchmarks/bench_transfer.py [--full]``: 2,000 files of 0.5 MB, 20 of 200 MB, and a second run over 20,000 files with ``--full``
(10 GB of disk); otherwise 400 files of 0.5 MB, 10 of 100 MB, and 2,000 small ones.

The limit holds against raw s5cmd followed by ``md5sum`` over the same files, which is the least that verified means without doing both at once:
on one computer server, s5cmd and MD5 share the processors. Rows without a limit tell what comparing costs there beside raw s5cmd alone, and beside
one wildcard per series, which lists again and fetches what nobody has checked (Decision 8).
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "IDCBrowser"), str(ROOT / "Testing")]

from helpers.planned import plan_of  # noqa: E402
from helpers.s3_server import BUCKET, S3Server, running_s3_server  # noqa: E402

from IDCBrowserLib.transfer.download import download  # noqa: E402
from IDCBrowserLib.transfer.item import TransferState  # noqa: E402
from IDCBrowserLib.transfer.options import TransferOptions  # noqa: E402
from IDCBrowserLib.transfer.s5cmd.binary import find_s5cmd  # noqa: E402
from IDCBrowserLib.transfer.verify import md5_of  # noqa: E402


@dataclass(frozen=True)
class Case:
    """``series`` of ``files`` each of ``size`` bytes, ``rounds`` times. Every round measures all ways, so that a busy moment hits them alike."""

    name: str
    series: int
    files: int
    size: int
    rounds: int
    verified_limit: float | None = 1.15
    again_limit: float | None = 0.10


QUICK = (
    Case("400 files of 0.5 MB", 4, 100, 500_000, 3),
    Case("10 files of 100 MB", 2, 5, 100_000_000, 3),
    Case("2,000 files of 20 kB", 20, 100, 20_000, 1, None),
)
FULL = (
    Case("2,000 files of 0.5 MB", 20, 100, 500_000, 3),
    Case("20 files of 200 MB", 4, 5, 200_000_000, 3),
    Case("20,000 files of 20 kB", 200, 100, 20_000, 1, None),
)


def _raw(server: S3Server, sources: list[str], folder: Path) -> None:
    """``sources``: keys, or series with a wildcard."""
    manifest = folder / "manifest.s5cmd"
    folder.mkdir(parents=True)
    manifest.write_text("".join(f"cp 's3://{BUCKET}/{source}' {folder}/{source.partition('/')[0]}/\n" for source in sources))
    subprocess.run(
        [str(find_s5cmd()), "--no-sign-request", "--endpoint-url", server.url, "--json", "run", str(manifest)],
        check=True,
        stdout=subprocess.DEVNULL,
    )


def _checksums(folder: Path) -> None:
    with ThreadPoolExecutor(2) as threads:
        list(threads.map(_checksum, folder.rglob("*.dcm")))


def _checksum(path: Path) -> str:
    with path.open("rb", buffering=0) as file:
        return md5_of(file, lambda: None)


def _ours(server: S3Server, uuids: list[str], folder: Path) -> None:
    report = download(plan_of(*uuids), folder / "to", TransferOptions(endpoint_url=server.url), journal_path=folder / "journal.sqlite")
    assert report.count(TransferState.COMPLETE) == len(uuids), report.error


def _seconds(work: Callable[[], None]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def _measure(server: S3Server, series: dict[str, list[str]], scratch: Path, ours_last: bool = True) -> tuple[float, float, float, float, float]:
    """Seconds of raw s5cmd, of MD5 over its files, of s5cmd with wildcards, of ours, of ours again, for ``series`` with their keys."""
    uuids, keys = list(series), [key for keys in series.values() for key in keys]
    raw, wild, ours = scratch / "raw", scratch / "wild", scratch / "ours"
    seconds: dict[str, float] = {}
    # Whoever is second would wait for the disk to take what the first has written, so they take turns and clean up.
    for way in ("wild", "raw", "ours") if ours_last else ("ours", "raw", "wild"):
        if way == "raw":
            seconds["raw"] = _seconds(lambda: _raw(server, keys, raw))
            seconds["md5"] = _seconds(lambda: _checksums(raw))
        elif way == "wild":
            seconds["wild"] = _seconds(lambda: _raw(server, [f"{uuid}/*" for uuid in uuids], wild))
        else:
            seconds["ours"] = _seconds(lambda: _ours(server, uuids, ours))
            seconds["again"] = _seconds(lambda: _ours(server, uuids, ours))
        shutil.rmtree(scratch / way)
    return seconds["raw"], seconds["md5"], seconds["wild"], seconds["ours"], seconds["again"]


def _rows(case: Case) -> list[tuple[str, float, float, float | None]]:
    with running_s3_server() as server, tempfile.TemporaryDirectory() as scratch:
        series = dict(_put(server, case.files, case.size, number) for number in range(case.series))
        first = dict([_put(server, 2, 1000, case.series)])
        # The server's and our own first steps (importing requests, finding s5cmd) are no part of a rate.
        _measure(server, first, Path(scratch))
        raw, checksums, wild, ours, again = zip(
            *(_measure(server, series, Path(scratch), number % 2 == 0) for number in range(case.rounds)), strict=True
        )
    checked = [a + b for a, b in zip(raw, checksums, strict=True)]
    return [
        (f"{case.name}, verified / s5cmd then md5sum", *_middle(ours, checked), case.verified_limit),
        (f"{case.name}, verified / raw s5cmd", *_middle(ours, raw), None),
        (f"{case.name}, verified / raw s5cmd with wildcards", *_middle(ours, wild), None),
        (f"{case.name}, second run / first run", *_middle(again, ours), case.again_limit),
    ]


def _put(server: S3Server, files: int, size: int, seed: int) -> tuple[str, list[str]]:
    """A series in the bucket and its keys; this process does not keep the content."""
    uuid = server.put_series(files, size, seed=seed)
    keys = [key for _bucket, key in server.objects]
    server.objects.clear()
    return uuid, keys


def _middle(ours: Sequence[float], peer: Sequence[float]) -> tuple[float, float]:
    """The round with the middle ratio."""
    pairs = sorted(zip(ours, peer, strict=True), key=lambda pair: pair[0] / pair[1])
    return pairs[len(pairs) // 2]


def main() -> None:
    """Print the table; a ratio above its limit is marked."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--full", action="store_true", help="the sizes of the promise: minutes")
    full = parser.parse_args().full
    print("the sizes of the promise" if full else "smaller than the promise, which is measured with --full (10 GB of disk, minutes)")
    print(f"{'what':<60} {'ours s':>8} {'peer s':>8} {'ratio':>7} {'limit':>6}")
    for case in FULL if full else QUICK:
        for name, ours, peer, limit in _rows(case):
            is_above = limit is not None and ours / peer > limit
            shown = f"{limit:6.2f}" if limit is not None else " " * 6
            print(f"{name:<60} {ours:8.2f} {peer:8.2f} {ours / peer:7.2f} {shown}{'  ABOVE' if is_above else ''}", flush=True)


if __name__ == "__main__":
    main()
