"""A person in Slicer finds the phantom patient in the catalog, downloads it from a bucket and sees image, SEG and RTSTRUCT: by clicks.

Run by Slicer's ctest, not by pytest. Skipped without the packages of Resources/requirements.txt, without moto (the server of the bucket), and
without a main window. Prints how long the longest turn of Slicer's event loop took in each part.
"""

import importlib.util
import os
import tempfile
import time
import unittest
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
        # slicer.util.findChild leaves out what is below parts whose truth value is False in PythonQt.
        waiting = [self.desktop._browser_panel.widget]
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


class IDCBrowserStoryTest(unittest.TestCase):
    def setUp(self):
        if slicer.util.mainWindow() is None:
            self.skipTest("Slicer runs without a main window")
        if importlib.util.find_spec("moto") is None or importlib.util.find_spec("idc_index_data") is None:
            self.skipTest("moto or the packages of Resources/requirements.txt are not installed")
        from IDCBrowserLib.demo.world import open_world

        slicer.mrmlScene.Clear(0)
        self.folder = tempfile.TemporaryDirectory()
        self.world = open_world(phantom_folder=Path(self.folder.name) / "phantom")
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

    def open_series_of_the_phantom(self):
        """By clicks from the catalog to the series of the phantom patient, all of them selected."""
        person = self.person
        slicer.util.selectModule("IDCBrowser")
        person.wait(lambda: person.total("collections") > 100, "the catalog")
        person.type_into("collectionsFilter", "demo_phantom")
        person.wait(lambda: person.total("collections") == 1, "the filter")
        for level, below in (("collections", "cases"), ("cases", "studies"), ("studies", "series")):
            person.select_all(level)
            person.wait(lambda below=below: person.total(below) > 0, below)
            person.open_rows()
        person.select_all("series")
        picked = person.desktop.browser.picked
        person.wait(lambda: picked.state.summary is not None and picked.state.level == "series", "the total")

    def download_and_load(self):
        person, downloads = self.person, self.person.desktop.browser.downloads
        person.find("downloadAndLoadButton").click()
        person.wait(lambda: downloads.state.running, "the download")
        person.wait(lambda: not downloads.state.running, "its end", 120)

    def test_views_are_at_the_segmentation_and_its_surfaces_come_into_sight(self):
        from IDCBrowserLib.scene.densest import densest_point

        self.open_series_of_the_phantom()
        self.download_and_load()
        self.person.wait_a_moment()
        node = slicer.mrmlScene.GetFirstNodeByClass("vtkMRMLSegmentationNode")
        # Along their normals, whose signs differ.
        offsets = {name: slicer.app.layoutManager().sliceWidget(name).mrmlSliceNode().GetSliceOffset() for name in ("Yellow", "Green", "Red")}
        for offset, coordinate in zip(offsets.values(), densest_point(node), strict=True):
            self.assertAlmostEqual(abs(offset), abs(coordinate), delta=5)
        show_3d = self.person.desktop.segments.show_3d
        show_3d.show.click()
        self.person.wait(lambda: not show_3d.maker.is_running, "surfaces")
        bounds, seen = [0.0] * 6, slicer.app.layoutManager().threeDWidget(0).threeDView()
        node.GetRASBounds(bounds)
        middle = seen.renderWindow().GetRenderers().GetFirstRenderer().GetActiveCamera().GetFocalPoint()
        for axis in range(3):
            self.assertTrue(bounds[2 * axis] < middle[axis] < bounds[2 * axis + 1], (middle, bounds))

    def test_a_database_that_goes_ends_the_download_and_counts_again_when_it_is_back(self):
        self.open_series_of_the_phantom()
        file, panel = slicer.dicomDatabase.databaseFilename, self.person.desktop.panel
        os.rename(file, f"{file}.away")
        self.download_and_load()
        self.assertIn("moved or deleted", panel.database.text)
        self.assertEqual(self.loaded_images(), [])
        os.rename(f"{file}.away", file)
        self.download_and_load()
        self.assertEqual(len(self.loaded_images()), 2)

    def loaded_images(self):
        nodes = slicer.util.getNodesByClass("vtkMRMLScalarVolumeNode")
        return [node for node in nodes if not node.IsA("vtkMRMLLabelMapVolumeNode")]

    def test_from_the_catalog_to_labelmaps_by_clicks(self):
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
        person.select_all("series")
        browser = self.person.desktop.browser
        person.wait(lambda: browser.picked.state.summary is not None and browser.picked.state.level == "series", "the total")
        person.photograph("selected")
        self.download_and_load()
        person.wait_a_moment()
        person.photograph("loaded")
        self.assertIn("Loaded into the views", self.person.desktop.panel.state.text)
        loaded = {result.series_uid: result for result in browser.downloads.documents["load"]}
        for series in self.world.series:
            result = loaded[series.series_instance_uid]
            self.assertEqual(result.error, "")
            if series.key in self.world.truth:
                found = {segment["number"]: segment["voxels"] for segment in result.report["segments"]}
                expected = {segment["number"]: segment["voxels"] for segment in self.world.truth[series.key]["segments"]}
                self.assertEqual(found, expected)
        drawn = [series for series in self.world.series if series.key in self.world.truth]
        self.assertEqual(slicer.mrmlScene.GetNumberOfNodesByClass("vtkMRMLSegmentationNode"), len(drawn))
