"""What the stories in Slicer share: a person who clicks, and the phantom patient in a bucket of its own.

Stories are skipped without the packages of Resources/requirements.txt, without moto (the server of the bucket), and without a main window. They
print how long the longest turn of Slicer's event loop took in each part.
"""

import importlib.util
import os
import tempfile
import time
from pathlib import Path

import qt
import slicer
from temporary_database import TemporaryDatabase


class Person:
    """Sees and clicks the widgets of the browser; ``wait`` lets Slicer's event loop run."""

    def __init__(self, desktop):
        self.desktop = desktop
        self.longest = {}

    def wait(self, condition, what, seconds=60.0):
        end = time.monotonic() + seconds
        longest = 0.0
        while not condition():
            if time.monotonic() > end:
                raise AssertionError(f"waited in vain: {what}; {self.desktop.browser.downloads.state}")
            begin = time.monotonic()
            slicer.app.processEvents()
            longest = max(longest, time.monotonic() - begin)
            time.sleep(0.005)
        self.longest[what] = longest
        print(f"{what}: the longest turn of the event loop took {longest:.3f} s")

    def wait_a_moment(self):
        """Until the views have the sizes of their layout and show what came."""
        end = time.monotonic() + 2
        while time.monotonic() < end:
            slicer.app.processEvents()
            time.sleep(0.01)

    def find(self, name):
        """A part of the browser."""
        return self._below(self.desktop._browser_panel.widget, name)

    def find_in_panel(self, name):
        """A part of Slicer's module panel."""
        return self._below(self.desktop.panel.widget.parent(), name)

    def _below(self, widget, name):
        # slicer.util.findChild leaves out what is below parts whose truth value is False in PythonQt.
        waiting = [widget]
        while waiting:
            part = waiting.pop()
            if part.objectName == name:
                return part
            waiting += part.children()
        raise AssertionError(f"there is no {name}")

    def type_into(self, name, text):
        self.find(name).setText(text)

    def select_all(self, level):
        self.find(f"{level}Table").selectAll()

    def open_rows(self):
        """What the button above the table leads to: the cases, studies or series of what is selected."""
        self.find("openRowsButton").click()

    def total(self, level):
        return self.desktop.browser.tables.state(level).total

    def photograph(self, name):
        folder = os.environ.get("IDC_BROWSER_PICTURES", "")
        if folder:
            slicer.app.processEvents()
            slicer.util.mainWindow().grab().save(os.path.join(folder, f"{name}.png"))


class DemoStory:
    """Beside ``TestCase``: ``person`` sits before the browser; its catalog has ``world``, ``with_objects`` all kinds of objects of the phantom."""

    with_objects = False

    def setUp(self):
        if slicer.util.mainWindow() is None:
            self.skipTest("Slicer runs without a main window")
        if self.with_objects and importlib.util.find_spec("openjpeg") is None:
            self.skipTest("pylibjpeg-openjpeg, which makes the slide, is not installed")
        if importlib.util.find_spec("moto") is None or importlib.util.find_spec("idc_index_data") is None:
            self.skipTest("moto or the packages of Resources/requirements.txt are not installed")
        from IDCBrowserLib.demo.world import open_world

        slicer.mrmlScene.Clear(0)
        self.folder = tempfile.TemporaryDirectory()
        folder = Path(self.folder.name)
        self.world = open_world(phantom_folder=folder / "phantom", objects_folder=folder / "objects" if self.with_objects else None)
        settings = qt.QSettings()
        settings.setValue("IDCBrowser/Transfer/EndpointUrl", self.world.endpoint_url)
        settings.setValue("IDCBrowser/DownloadFolder", str(self.world.download_folder))
        self.database = TemporaryDatabase(str(self.world.database))
        self.database.__enter__()
        slicer.util.selectModule("Data")
        slicer.util.getModuleWidget("IDCBrowser").onReload()
        slicer.util.selectModule("Data")
        widget = slicer.util.getModuleWidget("IDCBrowser")
        widget.cleanup()
        widget.setup()
        widget._desktop.engine_config["catalog_sources"] = [str(path) for path in self.world.catalog_sources]
        self.person = Person(widget._desktop)

    def tearDown(self):
        slicer.util.selectModule("Data")
        slicer.util.getModuleWidget("IDCBrowser").cleanup()
        qt.QSettings().remove("IDCBrowser/Transfer/EndpointUrl")
        qt.QSettings().remove("IDCBrowser/DownloadFolder")
        self.database.__exit__(None, None, None)
        self.world.close()
        self.folder.cleanup()

    def open_series(self):
        """From the catalog to the series of the phantom patient, by clicks."""
        person = self.person
        slicer.util.mainWindow().showMaximized()
        begin = time.monotonic()
        slicer.util.selectModule("IDCBrowser")
        print(f"the module was selected in {time.monotonic() - begin:.3f} s")
        person.wait(lambda: person.total("collections") > 100, "the catalog")
        person.photograph("catalog")
        person.type_into("collectionsFilter", "demo_phantom")
        person.wait(lambda: person.total("collections") == 1, "the filter")
        for level, below, rows in (("collections", "cases", 1), ("cases", "studies", None), ("studies", "series", len(self.world.series))):
            person.select_all(level)
            person.wait(lambda below=below, rows=rows: person.total(below) == rows or (rows is None and person.total(below) > 0), below)
            person.open_rows()
            person.photograph(below)

    def load(self, text, rows):
        """Filter the series, select what is left, press "Download and load"; gives the results by series once it is in sight."""
        person, browser = self.person, self.person.desktop.browser
        person.find_in_panel("showBrowser").click()
        browser.show_page("browse")
        person.type_into("seriesFilter", text)
        person.wait(lambda: person.total("series") == rows, f"{rows} series")
        person.wait_a_moment()
        person.select_all("series")
        person.wait(lambda: browser.picked.state.summary is not None and browser.picked.state.level == "series", "the total")
        person.wait_a_moment()
        person.find("downloadAndLoadButton").click()
        person.wait(lambda: browser.downloads.state.running, "the download")
        person.wait(lambda: not browser.downloads.state.running, "its end", 180)
        person.wait_a_moment()
        loaded = {result.series_uid: result for result in browser.downloads.documents["load"]}
        for result in loaded.values():
            self.assertEqual(result.error, "")
        return loaded
