"""What takes long to make and is the same for all tests: made once for a run, or once for each of its processes (pytest-xdist).

No test reads or writes the folders of the person who runs it: ``IDC_BROWSER_HOME`` is one of the run.
"""

from __future__ import annotations

import contextlib
import gc
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
# The window speaks the language of the computer; tests read English.
os.environ["LC_ALL"] = "C.UTF-8"

import pytest
from helpers.own_folder import own_folder
from helpers.s3_server import S3Server, running_s3_server
from helpers.small_catalog import write_sources
from helpers.small_command_line import CommandLine
from hypothesis import settings

from IDCBrowserLib.catalog import database
from IDCBrowserLib.catalog.files.sources import Sources
from IDCBrowserLib.demo import phantom
from IDCBrowserLib.demo.made_folder import PhantomSeries
from IDCBrowserLib.demo.objects import make
from IDCBrowserLib.demo.world import World, open_world
from IDCBrowserLib.file_lock import lock_file
from IDCBrowserLib.logic.base import collection_names

# What is asserted there is told as of a test.
pytest.register_assert_rewrite("told", "helpers.person")

# No test checks a time: on a busy machine each example may take long.
settings.register_profile("no-deadline", deadline=None)
settings.load_profile("no-deadline")

# Outlives the tests: widgets that the garbage collector finds after their application crash.
_APPLICATIONS: list[Any] = []
_LONGEST_MAKING_S = 300.0


def pytest_configure() -> None:
    """What a shell runs in the background ignores Ctrl-C, and so would every program that the tests start and interrupt."""
    if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[None]:
    """While tests are imported hardly anything becomes garbage: searching for it would be a sixth of the time."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()


def pytest_collection_finish() -> None:
    """Each search for garbage would go through thousands of tests and all that they import. What lives long is searched more seldom as well."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 10, 1_000)


@pytest.fixture(scope="session")
def run_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Common to all processes of the run."""
    base = tmp_path_factory.getbasetemp()
    return base.parent if "PYTEST_XDIST_WORKER" in os.environ else base


@contextlib.contextmanager
def _alone(run_folder: Path, name: str) -> Iterator[None]:
    with (run_folder / f"{name}.lock").open("ab") as lock:
        lock_file(lock, _LONGEST_MAKING_S)
        yield


@pytest.fixture(scope="session", autouse=True)
def _home_of_the_run(tmp_path_factory: pytest.TempPathFactory) -> None:
    os.environ["IDC_BROWSER_HOME"] = str(tmp_path_factory.mktemp("home-of-the-run"))


@pytest.fixture(scope="module", autouse=True)
def _names_of_the_file() -> None:
    """Those of another file's catalog are forgotten."""
    collection_names.know({})


@pytest.fixture(scope="session")
def app() -> Any:
    """The Qt application."""
    QtWidgets = pytest.importorskip("PySide6.QtWidgets")  # noqa: N806
    _APPLICATIONS.append(QtWidgets.QApplication.instance() or QtWidgets.QApplication(["tests"]))
    return _APPLICATIONS[-1]


@pytest.fixture
def host() -> Iterator[Any]:
    """A scene as the standalone program composes it."""
    pytest.importorskip("slicer")
    from IDCBrowserLib.host.standalone.scene import StandaloneScene

    scene = StandaloneScene()
    yield scene
    scene.release()


@pytest.fixture(scope="session")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Sources:
    """The index files of a small catalog."""
    return write_sources(tmp_path_factory.mktemp("index"))


@pytest.fixture
def idc_browser(sources: Sources, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> CommandLine:
    """``idc-browser`` run in this process, with its folders in a temporary home; its catalog is the small one instead of that of idc-index-data."""
    monkeypatch.setenv("IDC_BROWSER_HOME", str(tmp_path))
    monkeypatch.setattr(database, "find_sources", lambda: sources)
    return CommandLine(tmp_path, capsys)


@pytest.fixture(scope="session")
def phantom_folder(run_folder: Path) -> Path:
    """The files of the phantom patient, not to be changed."""
    folder = run_folder / "phantom"
    with _alone(run_folder, "phantom"):
        phantom.write(folder)
    return folder


@pytest.fixture(scope="session")
def phantom_series(phantom_folder: Path) -> dict[str, PhantomSeries]:
    """The phantom's series by their keys."""
    return {one.key: one for one in phantom.read(phantom_folder)}


@pytest.fixture(scope="session")
def objects_folder(run_folder: Path) -> Path:
    """The files of the phantom's further objects, not to be changed."""
    folder = run_folder / "objects"
    with _alone(run_folder, "objects"):
        make.write(folder)
    return folder


@pytest.fixture(scope="session")
def demo_world(phantom_folder: Path) -> Iterator[World]:
    """The demo's catalog and bucket. Its folder is common to all tests: use it to read only, or take ``world``."""
    world = open_world(phantom_folder=phantom_folder)
    yield world
    world.close()


@pytest.fixture(scope="session")
def further_world(phantom_folder: Path, objects_folder: Path) -> Iterator[World]:
    """The same with the phantom's further objects."""
    world = open_world(phantom_folder=phantom_folder, objects_folder=objects_folder)
    yield world
    world.close()


@pytest.fixture
def world(demo_world: World) -> Iterator[World]:
    """The demo's catalog and bucket with empty folders for this test. Its bucket is common to all tests, so it is not to be stopped."""
    with own_folder(demo_world) as world:
        yield world


@pytest.fixture(scope="session")
def s3_server() -> Iterator[S3Server]:
    """A server with what the tests put there."""
    with running_s3_server() as server:
        yield server


@pytest.fixture(scope="session")
def laid_out_catalog(run_folder: Path) -> Path:
    """The cache of the installed index, as a program makes it that stays open for half a minute."""
    from IDCBrowserLib.catalog.cache import cache, cache_making
    from IDCBrowserLib.catalog.files.sources import find_sources

    sources = find_sources(bundled=True)
    target = cache.cache_file(sources, run_folder / "catalog")
    with _alone(run_folder, "catalog"):
        if not cache.is_whole(target):
            cache_making.build(sources, target)
    return target


@pytest.fixture
def home(tmp_path: Path, laid_out_catalog: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Folders of this test's own, of somebody who has used the program before: the catalog is laid out for fast browsing."""
    from IDCBrowserLib.catalog.cache import cache

    folder = tmp_path / "home"
    caches = folder / "cache" / "catalog"
    caches.mkdir(parents=True)
    for part in cache.parts(laid_out_catalog):
        os.link(part, caches / part.name)
    monkeypatch.setenv("IDC_BROWSER_HOME", str(folder))
    return folder
