"""The demo's window: the standalone program with the demo's data, operated by the tour."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from IDCBrowserLib.demo import report
from IDCBrowserLib.demo.objects.checks import Read, check
from IDCBrowserLib.demo.world import World
from IDCBrowserLib.errors import CancelledError, IDCBrowserError, StorageError
from IDCBrowserLib.host.standalone.tour import Tour
from IDCBrowserLib.host.standalone.window import StandaloneWindow, WindowConfig, make_window
from IDCBrowserLib.qtbinding import QtCore, QtWidgets
from IDCBrowserLib.task import Progress, Task

_TICK_MS = 20
_HEADLESS_SIZE = (1680, 1000)
_PICTURED = ("pet", "dose", "adc", "surface", "us", "slide", "nuclei", "slide_segments")


def show_demo(world: World, out: Path | None, headless: bool, task: Task) -> dict[str, Any]:
    """Go the way through a window; gives the report, which is also written to ``out`` with pictures, labelmap volumes and the scene.

    With a screen this returns when the user closes the window. Raises what the tour raises, ``StorageError`` when ``out`` cannot be written,
    ``CancelledError`` when the window was closed or the task cancelled before the end.
    """
    if headless:
        QtCore.qInstallMessageHandler(_tell_unless_known)
    application = QtWidgets.QApplication.instance() or QtWidgets.QApplication(sys.argv[:1])
    application.setApplicationName("IDC Browser")
    window = make_window(demo_config(world))
    if headless:
        window.window.resize(*_HEADLESS_SIZE)
    else:
        window.window.showMaximized()
    run = _Run(application, window, Tour(window, world), task)
    window.show()
    run.until_done()
    try:
        if run.error is not None:
            raise run.error
        documents = window.browser.downloads.documents
        document = report.report(documents, run.tour.seconds, world.series, {**world.truth, **world.objects_truth}, _objects(window, world))
        if out is not None:
            write_results(window, out, document, report.nodes_by_key(documents, world.series))
        if not headless:
            application.exec()
        return document
    finally:
        window.close()


def demo_config(world: World) -> WindowConfig:
    """A window that knows the demo's collection, bucket and folders, and none of the user's settings."""
    return WindowConfig(
        endpoint_url=world.endpoint_url,
        catalog_sources=tuple(map(str, world.catalog_sources)),
        download_folder=str(world.download_folder),
        database=str(world.database),
        settings_file=str(world.folder / "settings.ini"),
        state_folder=str(world.folder / "state"),
    )


def _objects(window: StandaloneWindow, world: World) -> list[dict[str, Any]]:
    """What the window shows of the further objects."""
    assert window.scene is not None, "the tour has shown it"
    reports = window.browser.reports
    titles = [column["title"] for column in reports.state.columns]
    rows = [dict(zip(titles, row, strict=False)) for _number, row in reports.rows.loaded()]
    lines = [f"{line['name']}: {line['value']}" for line in reports.state.lines]
    nodes = report.nodes_by_key(window.browser.downloads.documents, world.series)
    return check(window.scene.scene, nodes, Read(lines, rows), world.objects_truth)


def write_results(window: StandaloneWindow, out: Path, document: Mapping[str, Any], nodes: Mapping[str, Sequence[str]]) -> None:
    """``panel.png``, ``views.png``, ``views-KIND.png`` of quantities and the like, ``.nrrd`` per labelmap volume, ``scene.mrb``, ``report.json``."""
    assert window.views is not None and window.scene is not None, "the tour has shown them"
    window.views.grab_png(out / "views.png")
    if not window.window.grab().save(str(out / "panel.png"), "PNG"):
        raise StorageError(f"The image could not be written to {out / 'panel.png'}. Check the disk space and permissions.")
    for key in _PICTURED:
        if nodes.get(key):
            window.views.show_loaded(nodes[key])
            window.views.grab_png(out / f"views-{key}.png")
    window.scene.save_labelmap_volumes(out)
    window.scene.save(out / "scene.mrb")
    report.write(out / "report.json", document)


class _Run:
    """The event loop until the tour has ended, failed or was canceled."""

    def __init__(self, application: QtCore.QCoreApplication, window: StandaloneWindow, tour: Tour, task: Task) -> None:
        self._application = application
        self._window = window
        self._task = task
        self._timer = QtCore.QTimer()
        self._timer.timeout.connect(self._tick)
        self.tour = tour
        self.error: IDCBrowserError | None = None

    def until_done(self) -> None:
        """Run; ``error`` tells how it ended."""
        self._timer.start(_TICK_MS)
        self._application.exec()
        self._timer.stop()
        if self.error is None and not self.tour.done:
            self.error = CancelledError("The demo was closed before its end.")

    def _tick(self) -> None:
        try:
            self._task.raise_if_cancelled()
            self.tour.advance()
        except IDCBrowserError as error:
            self.error = error
        self._task.report(Progress("Demo", len(self.tour.seconds), None, "steps", self.tour.step))
        if self.error is not None or self.tour.done:
            self._timer.stop()
            self._application.exit(0)


def _tell_unless_known(_kind: object, _context: object, text: str) -> None:
    """Qt's offscreen platform says this of every splitter; it means nothing here."""
    if "propagateSizeHints" not in text:
        sys.stderr.write(text + "\n")
