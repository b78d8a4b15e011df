"""A world whose bucket is common to all tests, with empty folders for one of them."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from IDCBrowserLib.demo.world import World


@contextlib.contextmanager
def own_folder(common: World) -> Iterator[World]:
    """The folder goes with the test; the bucket is not to be stopped."""
    folder = Path(tempfile.mkdtemp(prefix="idc-browser-test-"))
    yield replace(common, folder=folder)
    shutil.rmtree(folder, ignore_errors=True)
