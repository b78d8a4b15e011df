"""What the stories in Slicer share: a person who clicks, and the phantom patient in a bucket of its own.

Stories are skipped without the packages of Resources/requirements.txt, without moto (the server of the bucket), and without a main window.
"""

import importlib.util
import os
import tempfile
import time
import unittest
from pathlib import Path

import qt
import slicer
from slicer_person import SlicerPerson
from temporary_database import TemporaryDatabase

_HOME = "IDC_BROWSER_HOME"
# QEvent::DeferredDelete
_DEFERRED_DELETE = 52


def open_demo(folder, with_objects):
    """The phantom patient in a bucket."""
    from IDCBrowserLib.demo.world import open_world

    return open_world(phantom_folder=folder / "phantom", objects_folder=folder / "objects" if with_objects else None)


class DemoDesk:
    """The module over a catalog that has the phantom beside IDC's, with folders, a database and settings of its own. ``person`` sits before it.

    ``fill_home(folder)`` puts index files into the folder that the program calls its home, before it starts; ``language`` is that of the panels;
    ``make_world(folder)`` gives another bucket and catalog.
    """

    def __init__(self, with_objects=False, fill_home=None, language="", make_world=None):
        if slicer.util.mainWindow() is None:
            raise unittest.SkipTest("Slicer runs without a main window")
        if with_objects and importlib.util.find_spec("openjpeg") is None:
            raise unittest.SkipTest("pylibjpeg-openjpeg, which makes the slide, is not installed")
        if importlib.util.find_spec("moto") is None or importlib.util.find_spec("idc_index_data") is None:
            raise unittest.SkipTest("moto or the packages of Resources/requirements.txt are not installed")
        slicer.mrmlScene.Clear(0)
        self._folder = tempfile.TemporaryDirectory()
        self.folder = Path(self._folder.name)
        self.world = make_world(self.folder) if make_world is not None else open_demo(self.folder, with_objects)
        self._home_before = os.environ.get(_HOME)
        if fill_home is not None:
            self.home = self.folder / "home"
            self.home.mkdir()
            os.environ[_HOME] = str(self.home)
            fill_home(self.home)
        settings = qt.QSettings()
        self._settings = {
            "IDCBrowser/Transfer/EndpointUrl": self.world.endpoint_url,
            "IDCBrowser/DownloadFolder": str(self.world.download_folder),
            "IDCBrowser/Language": language or "en",
        }
        for key, value in self._settings.items():
            settings.setValue(key, value)
        self.database = TemporaryDatabase(str(self.world.database))
        self.database.__enter__()
        self.person = self.start()

    def start(self):
        """The module anew, for who has changed its settings; gives the person."""
        slicer.util.selectModule("Data")
        slicer.util.getModuleWidget("IDCBrowser").onReload()
        slicer.util.selectModule("Data")
        widget = slicer.util.getModuleWidget("IDCBrowser")
        widget.cleanup()
        # Within the start of Slicer nothing is deleted later by itself: the former panel would be found instead of the new one.
        qt.QCoreApplication.sendPostedEvents(None, _DEFERRED_DELETE)
        widget.setup()
        widget._desktop.engine_config["catalog_sources"] = [str(path) for path in self.world.catalog_sources]
        self.person = SlicerPerson(widget._desktop)
        return self.person

    def close(self):
        """As it was before."""
        slicer.util.selectModule("Data")
        slicer.util.getModuleWidget("IDCBrowser").cleanup()
        for key in self._settings:
            qt.QSettings().remove(key)
        self.database.__exit__(None, None, None)
        if self._home_before is None:
            os.environ.pop(_HOME, None)
        else:
            os.environ[_HOME] = self._home_before
        self.world.close()
        self._folder.cleanup()


class DemoStory:
    """Beside ``TestCase``: ``person`` sits before the browser; its catalog has ``world``, ``with_objects`` all kinds of objects of the phantom."""

    with_objects = False

    def setUp(self):
        self.desk = DemoDesk(self.with_objects, make_world=self.make_world)
        self.world, self.person, self.folder = self.desk.world, self.desk.person, self.desk.folder

    def tearDown(self):
        self.desk.close()

    def make_world(self, folder):
        """What the catalog has and the bucket serves."""
        return open_demo(folder, self.with_objects)

    def open_series(self):
        """From the catalog to the series of the phantom patient, by clicks."""
        person = self.person
        # The smallest screen that it is made for.
        slicer.util.mainWindow().setGeometry(0, 0, 1280, 720)
        begin = time.monotonic()
        slicer.util.selectModule("IDCBrowser")
        print(f"the module was selected in {time.monotonic() - begin:.3f} s")
        person.wait(lambda: person.total("collections") > 100, "the catalog")
        person.photograph("catalog")
        person.type_into("collectionsFilter", "demo_phantom")
        person.wait(lambda: person.total("collections") == 1, "the filter")
        for level, below, rows in (("collections", "cases", 1), ("cases", "studies", None), ("studies", "series", len(self.world.series))):
            person.select_all_rows(level)
            person.wait(lambda below=below, rows=rows: person.total(below) == rows or (rows is None and person.total(below) > 0), below)
            person.open_rows()
            person.photograph(below)

    def load(self, text, rows):
        """Filter the series, select what is left, press "Download and load"; gives the results by series once it is in sight."""
        person, browser = self.person, self.person.desktop.browser
        person.find_in_panel("showBrowser").click()
        browser.show_page("browse")
        person.wait(lambda: person.is_in_sight(person.widget("seriesFilter")), "the browser", 20)
        person.type_into("seriesFilter", text)
        person.wait(lambda: person.total("series") == rows, f"{rows} series")
        person.wait_a_moment()
        person.select_all_rows("series")
        person.wait(lambda: browser.picked.state.summary is not None and browser.picked.state.level == "series", "the total")
        person.wait_a_moment()
        person.widget("downloadAndLoadButton").click()
        person.wait(lambda: browser.downloads.state.running, "the download")
        person.wait(lambda: not browser.downloads.state.running, "its end", 180)
        person.wait_a_moment()
        loaded = {result.series_uid: result for result in browser.downloads.documents["load"]}
        for result in loaded.values():
            self.assertEqual(result.error, "")
        return loaded
