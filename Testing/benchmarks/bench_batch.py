"""What a batch costs besides its work: 10,000 made cases against the same conversions in a plain loop, two workers against one, memory of the driver.

``python bench_batch.py [CASES]``
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "IDCBrowser"), str(ROOT / "Testing")]

from helpers.made_batch import write_cases  # noqa: E402

from IDCBrowserLib.batch.item import Item, ItemSeries  # noqa: E402
from IDCBrowserLib.batch.ledger import Ledger, ledger_path  # noqa: E402
from IDCBrowserLib.batch.steps import Wanted  # noqa: E402

CASES = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000


def plain_loop(cases: Path) -> float:
    """The volumes of every SEG, one after the other, in one process, into one list."""
    from IDCBrowserLib.labelmap.convert import convert
    from IDCBrowserLib.labelmap.options import ConvertOptions

    begin = time.perf_counter()
    found = []
    for case in sorted(cases.iterdir()):
        labelmap = convert(case / "seg.dcm", sorted((case / "ct").iterdir()), ConvertOptions(one_layer=True))
        found.append([segment.volume_mm3 for segment in labelmap.segments])
    assert len(found) == CASES
    return time.perf_counter() - begin


def batch(cases: Path, out: Path, jobs: int) -> tuple[float, int]:
    """Seconds, and the most memory of the driver."""
    command = [sys.executable, "-c", "import sys; from IDCBrowserLib.cli.main import main; sys.exit(main())", "batch", str(cases), "--to", str(out)]
    begin = time.perf_counter()
    process = subprocess.Popen(
        [*command, "--steps", "volumes", "--jobs", str(jobs), "--json"],
        env={**os.environ, "PYTHONPATH": str(ROOT / "IDCBrowser")},
        stdout=subprocess.DEVNULL,
    )
    most, driver = 0, psutil.Process(process.pid)
    while process.poll() is None:
        try:
            most = max(most, driver.memory_info().rss)
        except psutil.Error:
            break
        time.sleep(0.2)
    assert process.wait() == 0
    return time.perf_counter() - begin, most


def ledger_memory(folder: Path, items: int) -> int:
    """Resident bytes more after planning and going through so many items."""
    from helpers.planned import planned

    def made() -> object:
        for number in range(items):
            yield Item(
                (ItemSeries(planned(f"{number:08}-0000-4000-8000-000000000000", number, modality="SEG"), f"collection/case-{number}/SEG_{number}"),)
            )

    before = psutil.Process().memory_info().rss
    with Ledger(ledger_path(folder)) as ledger:
        ledger.plan(made(), Wanted(("volumes",)))  # type: ignore[arg-type]
        assert sum(1 for _ in ledger.rows()) == items
    return psutil.Process().memory_info().rss - before


def main() -> None:
    """Print the lines."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        cases = write_cases(folder / "cases", CASES)
        loop = plain_loop(cases)
        one, memory = batch(cases, folder / "one", 1)
        two, _ = batch(cases, folder / "two", 2)
        again, _ = batch(cases, folder / "two", 2)
        print(f"batch, {CASES:,} made cases, volumes: plain loop {loop:.1f} s, one worker {one:.1f} s, two workers {two:.1f} s ({one / two:.2f} x)")
        print(f"batch, overhead of an item: {1000 * (one - loop) / CASES:.2f} ms with one worker; a second run, which does nothing: {again:.1f} s")
        more = ledger_memory(folder / "many", 100_000)
        print(f"batch, memory of the driver: {memory / 1e6:.0f} MB; planning and reading a ledger of 100,000 items: {more / 1e6:.0f} MB more")


if __name__ == "__main__":
    main()
