"""Run by a PythonQt launcher, not by pytest: the panels over the real engine, in the binding that Slicer uses.

``LAUNCHER pythonqt_story.py`` with IDC_BROWSER_STORY (a JSON object: ``paths`` for sys.path, ``python`` of the engine, ``sources``, ``endpoint_url``,
``folder``). Prints one JSON object on its last line.
"""

import json
import os
import sys
import time


class Story:
    """Browse to the phantom, download it; then NLST, all of it."""

    def __init__(self, config: dict) -> None:
        from helpers.fake_host import FakeHost
        from IDCBrowserLib.host.engine_store import EngineStore
        from IDCBrowserLib.host.qt_engine import QtEngine
        from IDCBrowserLib.logic.browser import Browser
        from IDCBrowserLib.logic.downloads.download import DownloadOverrides
        from IDCBrowserLib.qtbinding import QtCore, QtWidgets
        from IDCBrowserLib.ui.browser_panel import BrowserPanel

        self._application = QtWidgets.QApplication
        self.engine = QtEngine(config["python"], {"catalog_sources": config["sources"]})
        folder = config["folder"]
        host = FakeHost()
        host.store = EngineStore(self.engine.client, lambda: f"{folder}/database", lambda: f"{folder}/downloads")
        type(host).download_folder = property(lambda _host: f"{folder}/downloads")
        self.browser = Browser(self.engine.client, host, lambda do: QtCore.QTimer.singleShot(0, do), DownloadOverrides(config["endpoint_url"]))
        self.panel = BrowserPanel(self.browser)
        self.panel.widget.resize(1280, 900)
        self.panel.widget.show()
        self.engine.start()
        self.browser.start()
        self.longest = 0.0

    def wait(self, condition, what: str, seconds: float = 60.0) -> None:
        end = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > end:
                raise SystemExit(f"waited in vain: {what}")
            began = time.monotonic()
            self._application.processEvents()
            self.longest = max(self.longest, time.monotonic() - began)
            time.sleep(0.005)

    def total(self, level: str) -> int:
        return self.browser.tables.state(level).total

    def select_all(self, level: str) -> None:
        self.panel.tables[level].view.selectAll()

    def run(self) -> dict:
        self.wait(lambda: self.total("collections") > 100, "the catalog")
        self.panel.tables["collections"].filter.setText("demo_phantom")
        self.wait(lambda: self.total("collections") == 1, "the filter")
        for level, below, rows in (("collections", "cases", 1), ("cases", "studies", 2), ("studies", "series", 6)):
            self.select_all(level)
            self.wait(lambda below=below, rows=rows: self.total(below) == rows, below)
        self.select_all("series")
        self.wait(lambda: self.browser.picked.state.level == "series" and self.browser.picked.state.summary is not None, "the total")
        self.panel.selection.download_button.click()
        self.wait(lambda: self.browser.downloads.state.running, "the download")
        self.wait(lambda: not self.browser.downloads.state.running, "its end")
        message = self.browser.downloads.state.title
        self.panel.tables["collections"].filter.setText("nlst")
        self.wait(lambda: self.total("collections") == 1 and self.total("cases") == 0, "NLST")
        self.select_all("collections")
        self.wait(lambda: self.total("cases") == 26_410, "its cases")
        self.select_all("cases")
        self.wait(lambda: (self.browser.picked.state.summary or {}).get("cases") == 26_410, "their total")
        result = {"message": message, "selected": self.browser.tables.state("cases").selected_count}
        self.panel.close()
        self.browser.close()
        self.engine.close()
        return result


def main() -> None:
    config = json.loads(os.environ["IDC_BROWSER_STORY"])
    sys.path[:0] = config["paths"]
    from helpers.pythonqt_binding import provide_qt

    provide_qt()
    print(json.dumps(Story(config).run()), flush=True)


main()
