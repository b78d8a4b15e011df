"""Which tests run which lines, measured once for a package by coverage.py with a context for each test."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import coverage

PLUGIN = "mutants.contexts"
_LIBRARY = "IDCBrowserLib"


@dataclass(frozen=True, eq=False)
class Covering:
    """``seconds`` is how long each test took, ``modules`` what they import of other packages."""

    data: coverage.CoverageData
    seconds: dict[str, float]
    modules: tuple[str, ...]

    def tests_of(self, path: Path, line: int) -> list[str]:
        """Tests that run a line, the quickest first. What runs while a module is imported is used by every test that uses the module."""
        by_line = self._contexts(str(path))
        # An expression over several lines is counted as its first or as any of them.
        statement = next((span for span in _statements(path) if span[0] <= line <= span[1]), (line, line))
        named = {context for number in range(statement[0], statement[1] + 1) for context in by_line.get(number, ()) if context}
        # Coverage names the test during which it was imported, or none: functions import modules as late as they can.
        imported = not any(first <= line <= last for first, last in _bodies(path))
        if imported or not named:
            inside = {context for number, contexts in by_line.items() for context in contexts if context}
            named = inside | self._importing(path) if imported else named
        return sorted(named & self.seconds.keys(), key=lambda test: self.seconds[test])

    def _importing(self, path: str) -> set[str]:
        """Tests in files that import the module by its name: they may look at nothing but its tables."""
        module = ".".join(Path(path).with_suffix("").parts[Path(path).parts.index(_LIBRARY) :])
        files = {test.partition("::")[0] for test in self.seconds}
        importing = {file for file in files if f"from {module} import" in Path(file).read_text(encoding="utf-8")}
        return {test for test in self.seconds if test.partition("::")[0] in importing}

    @cache  # noqa: B019 - one for a package, and few packages
    def _contexts(self, path: str) -> dict[int, list[str]]:
        return self.data.contexts_by_lineno(path)


def cover(tree: Path, tests: list[str], file: Path) -> Covering:
    """Run the tests of a tree; exits when they do not pass without any change."""
    times, modules = file.with_suffix(".times"), file.with_suffix(".modules")
    for old in (file, times, modules):
        old.unlink(missing_ok=True)
    environment = {
        **os.environ,
        "COVERAGE_CORE": "ctrace",
        "MUTANTS_TIMES": str(times),
        "MUTANTS_MODULES": str(modules),
        "PYTHONPATH": str(tree / "Testing"),
    }
    command = [sys.executable, "-m", "coverage", "run", f"--data-file={file}", f"--source={tree / 'IDCBrowser' / 'IDCBrowserLib'}"]
    command += ["-m", "pytest", "-q", "-p", PLUGIN, "--hypothesis-seed=0", *tests]
    result = subprocess.run(command, cwd=tree, env=environment, capture_output=True, text=True, check=False)
    if result.returncode != 0:
        print(result.stdout[-3000:], result.stderr[-1000:], sep="\n")
        raise SystemExit("The tests have to pass before anything is changed.")
    data = coverage.CoverageData(str(file))
    data.read()
    lines = (line.rpartition(" ") for line in times.read_text(encoding="utf-8").splitlines())
    seconds = {test: float(took) for test, _, took in lines}
    return Covering(data, seconds, tuple(modules.read_text(encoding="utf-8").split()))


@cache
def _bodies(path: Path) -> list[tuple[int, int]]:
    """First and last line of what each function runs when it is called."""
    functions = (node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
    return [(node.body[0].lineno, node.end_lineno or node.body[0].lineno) for node in functions]


@cache
def _statements(path: Path) -> list[tuple[int, int]]:
    """First and last line of every simple statement and of the head of every compound one, the innermost first."""
    spans = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.stmt):
            body = getattr(node, "body", None)
            first = min([node.lineno, *(decorator.lineno for decorator in getattr(node, "decorator_list", ()))])
            last = body[0].lineno - 1 if isinstance(body, list) and body and body[0].lineno > first else node.end_lineno or first
            spans.append((first, last))
    return sorted(spans, key=lambda span: span[1] - span[0])
