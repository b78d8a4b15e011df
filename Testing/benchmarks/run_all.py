"""``make bench``: every benchmark, each against its peer in the same run. Name some to run only those: ``run_all.py seg catalog``.

Figures are for reading: 1 at the end means that a benchmark did not run, not that something was slow, which any busy machine is.
"""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

FOLDER = Path(__file__).resolve().parent


def main() -> int:
    wanted = set(sys.argv[1:])
    scripts = [path for path in sorted(FOLDER.glob("bench_*.py")) if not wanted or path.stem.removeprefix("bench_") in wanted]
    failed = []
    for script in scripts:
        print(f"\n== {script.stem.removeprefix('bench_')}", flush=True)
        began = time.monotonic()
        if subprocess.run([sys.executable, str(script)], check=False).returncode != 0:
            failed.append(script.name)
        print(f"   ({time.monotonic() - began:.0f} s)", flush=True)
    if failed:
        print(f"\nFailed: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed or not scripts else 0


if __name__ == "__main__":
    sys.exit(main())
