"""Importing 5,000 instances into the standalone DICOM database, against a plain loop of pydicom over the same files.

Run: python Testing/benchmarks/bench_store.py [number of instances]
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pydicom

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from helpers.dicom_files import write_series

from IDCBrowserLib.store.database import Database
from IDCBrowserLib.store.importing import import_files


def main() -> None:
    """Print a table of seconds and ratios."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 5000
    with tempfile.TemporaryDirectory() as folder:
        files = [path for number in range(count // 100) for path in write_series(Path(folder) / "dicom", series=number, slices=100, pixels=64)]
        database = Database(Path(folder) / "database")
        peer = _seconds(lambda: [pydicom.dcmread(path, stop_before_pixels=True) for path in files])
        first = _seconds(lambda: import_files(database, files))
        again = _seconds(lambda: import_files(database, files))
        peer = min(peer, _seconds(lambda: [pydicom.dcmread(path, stop_before_pixels=True) for path in files]))
    print(f"{'':44}{'seconds':>8}  {'ratio':>6}  target")
    print(f"{f'pydicom.dcmread loop, {len(files)} instances':44}{peer:8.2f}  {1:6.2f}")
    print(f"{'import into a new database':44}{first:8.2f}  {first / peer:6.2f}  <= 0.60")
    print(f"{'import again, nothing changed':44}{again:8.2f}  {again / peer:6.2f}")


def _seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
