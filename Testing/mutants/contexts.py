"""A plugin of pytest: tells coverage.py which test runs, and writes down how long each took, and which packages of others they use."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator

import coverage
import pytest


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    running = coverage.Coverage.current()
    if running is not None:
        running.switch_context(item.nodeid)
    began = time.monotonic()
    try:
        return (yield)
    finally:
        with open(os.environ["MUTANTS_TIMES"], "a", encoding="utf-8") as file:
            file.write(f"{item.nodeid} {time.monotonic() - began:.4f}\n")
        if running is not None:
            running.switch_context("")


def pytest_sessionfinish() -> None:
    modules = sorted(name for name, module in sys.modules.items() if "site-packages" in (getattr(module, "__file__", None) or ""))
    with open(os.environ["MUTANTS_MODULES"], "w", encoding="utf-8") as file:
        file.write("\n".join(modules))
