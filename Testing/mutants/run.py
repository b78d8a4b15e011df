"""How much of the code the tests notice: ``make mutants``, or ``run.py [PACKAGE ...] [--files GLOB] [--sample N | --all] [--minutes M]``.

Lines are changed one at a time (cosmic-ray's operators: another number, another comparison, a condition turned round, a decorator gone ...) in a copy
of the sources, and the unit tests of the package that run the line, as coverage.py tells, are run. A change that no test notices survives.
Changes that change nothing are left out: annotations, ``TYPE_CHECKING``, and all but one of the operators that stand for another one.

Writes ``test-output/mutants/PACKAGE.txt`` with the survivors and ``report.json``, prints the share that was killed, and ends with 0 whatever it is.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import random
import shutil
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from changes import Change, change_at, places_of
from covering import cover
from trying import Outcome, import_packages, try_change

ROOT = Path(__file__).resolve().parents[2]
OUTPUT = ROOT / "test-output" / "mutants"
LIBRARY = Path("IDCBrowser", "IDCBrowserLib")
COPIED = ("IDCBrowser", "Testing", "Resources", "typings", "pyproject.toml", "README.md")
SAMPLE = 150


@dataclass(frozen=True)
class Package:
    """What is changed, and the tests that are to notice it; paths below ``IDCBrowserLib`` and ``Testing``."""

    files: tuple[str, ...]
    tests: tuple[str, ...]


# What the table of tolerances is for is tested where contours and frames are placed.
TOLERANCES = tuple(
    f"unit/labelmap/test_{name}.py" for name in ("contour_across", "contour_combine", "contour_planes", "contour_same_plane", "seg_grids")
)
# What the records of transfers are for.
RECORDS = ("unit/store/test_versions.py", "unit/store/test_move_record.py", "unit/test_sqlite_errors.py")
PACKAGES = {
    "transfer": Package(("transfer/**/*.py",), ("unit/transfer", *RECORDS, "commands/test_download_commands.py")),
    "labelmap": Package(("labelmap/**/*.py",), ("unit/labelmap", "unit/compare", "unit/slide")),
    "volume": Package(("volume/**/*.py",), ("unit/volume", *TOLERANCES)),
    "status": Package(("store/status.py", "store/places.py"), ("unit/store",)),
    "selection": Package(
        ("selection/**/*.py",),
        ("unit/selection", "unit/catalog/test_slide_levels.py", "unit/catalog/test_selection_scope.py", "unit/engine/test_sharing.py"),
    ),
}


@dataclass
class Result:
    """Of one package; ``left`` of the sample were not tried for want of time."""

    package: str
    possible: int
    killed: int = 0
    left: int = 0
    survivors: list[tuple[Change, str]] = field(default_factory=list)

    @property
    def tried(self) -> int:
        """How many changes were made."""
        return self.killed + len(self.survivors)

    def line(self) -> str:
        """For a person."""
        share = f"{self.killed / self.tried:.0%}" if self.tried else "nothing"
        rest = f"; {self.left} more were not tried for want of time" if self.left else ""
        return f"{self.package}: {share} of {self.tried} killed, {len(self.survivors)} survived ({self.possible} possible{rest})"


def main() -> int:
    """Run as the command line says."""
    options = parse()
    tree = copy_sources()
    os.chdir(tree)
    os.environ.update(QT_QPA_PLATFORM="offscreen", PYTHONDONTWRITEBYTECODE="1")
    end = time.monotonic() + options.minutes * 60
    results = []
    for number, name in enumerate(options.packages):
        # What one package does not use of its time is the next ones'.
        share = (end - time.monotonic()) / (len(options.packages) - number)
        results.append(run_package(name, options, tree, time.monotonic() + share))
        write(results)
    print("\n".join(result.line() for result in results))
    print(f"Survivors: {OUTPUT.relative_to(ROOT)}")
    return 0


def parse() -> argparse.Namespace:
    """The command line; exits with 2 for what cannot be."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("packages", nargs="*", default=list(PACKAGES), metavar="PACKAGE", help=f"of {', '.join(PACKAGES)} (all)")
    parser.add_argument("--files", default="*", metavar="GLOB", help="only files of these names, such as verify.py or contours/*")
    parser.add_argument("--sample", type=int, default=SAMPLE, metavar="N", help=f"so many changes of each package, by chance ({SAMPLE})")
    parser.add_argument("--all", action="store_true", help="every change instead of a sample")
    parser.add_argument("--seed", type=int, default=1, help="of the sample")
    parser.add_argument("--minutes", type=float, default=60.0, help="end after so many minutes; packages share them (60)")
    options = parser.parse_args()
    unknown = set(options.packages) - set(PACKAGES)
    if unknown:
        parser.error(f"there is no package {', '.join(sorted(unknown))}; use {', '.join(PACKAGES)}")
    return options


def copy_sources() -> Path:
    """A tree of its own, so that nobody's work is touched and an interrupted run leaves no change behind."""
    tree = OUTPUT / "tree"
    shutil.rmtree(tree, ignore_errors=True)
    tree.mkdir(parents=True)
    for name in COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, tree / name, ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
        elif source.exists():
            shutil.copy(source, tree / name)
    return tree


def run_package(name: str, options: argparse.Namespace, tree: Path, end: float) -> Result:
    """Measure which tests run what, then make the changes of the sample one by one."""
    package = PACKAGES[name]
    files = chosen_files(tree, package.files, options.files)
    print(f"{name}: looking which tests run which lines of {len(files)} files", flush=True)
    covering = cover(tree, [f"Testing/{path}" for path in package.tests], OUTPUT / f"{name}.coverage")
    import_packages(covering.modules)
    places = [place for file in files for place in places_of(tree, file)]
    wanted = len(places) if options.all else min(options.sample, len(places))
    if not options.all:
        random.Random(options.seed).shuffle(places)
    result = Result(name, len(places))
    # Making a change takes as long as many a test: only those that are tried are made.
    for change in itertools.islice(filter(None, (change_at(tree, place) for place in places)), wanted):
        if time.monotonic() > end:
            result.left = wanted - result.tried
            break
        outcome = try_change(tree, change, covering)
        if outcome is Outcome.KILLED:
            result.killed += 1
        else:
            result.survivors.append((change, outcome.value))
        print(f"{name} {result.tried}/{wanted} {outcome.value}: {change.title}", flush=True)
    return result


def chosen_files(tree: Path, patterns: Sequence[str], names: str) -> list[Path]:
    """Files to change, relative to the tree."""
    library = tree / LIBRARY
    found = sorted({path for pattern in patterns for path in library.glob(pattern) if path.name != "__init__.py"})
    return [path.relative_to(tree) for path in found if names == "*" or path.match(names)]


def write(results: Sequence[Result]) -> None:
    """The survivors of each package as text, and all as JSON."""
    for result in results:
        parts = [f"{result.line()}\n"]
        parts += [f"\n{change.title}\n{why}\n{change.diff}" for change, why in sorted(result.survivors, key=lambda item: item[0].title)]
        (OUTPUT / f"{result.package}.txt").write_text("".join(parts), encoding="utf-8")
    document = {
        result.package: {
            "possible": result.possible,
            "tried": result.tried,
            "killed": result.killed,
            "survived": [{"change": change.title, "why": why} for change, why in result.survivors],
        }
        for result in results
    }
    (OUTPUT / "report.json").write_text(json.dumps(document, indent=2), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
