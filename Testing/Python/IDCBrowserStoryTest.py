"""A person in Slicer finds the phantom patient in the catalog, downloads it from a bucket and sees image, SEG and RTSTRUCT: by clicks.

Run by Slicer's ctest, not by pytest; see ``demo_story.py``.
"""

import os
import time
import unittest

import slicer
from demo_story import DemoStory


class IDCBrowserStoryTest(DemoStory, unittest.TestCase):
    def open_series_of_the_phantom(self):
        """By clicks from the catalog to the series of the phantom patient, all of them selected."""
        person = self.person
        slicer.util.selectModule("IDCBrowser")
        person.wait(lambda: person.total("collections") > 100, "the catalog")
        person.type_into("collectionsFilter", "demo_phantom")
        person.wait(lambda: person.total("collections") == 1, "the filter")
        for level, below in (("collections", "cases"), ("cases", "studies"), ("studies", "series")):
            person.select_all_rows(level)
            person.wait(lambda below=below: person.total(below) > 0, below)
            person.open_rows()
        person.select_all_rows("series")
        picked = person.desktop.browser.picked
        person.wait(lambda: picked.state.summary is not None and picked.state.level == "series", "the total")

    def download_and_load(self):
        person, downloads = self.person, self.person.desktop.browser.downloads
        person.widget("downloadAndLoadButton").click()
        person.wait(lambda: downloads.state.running, "the download")
        person.wait(lambda: not downloads.state.running, "its end", 120)

    def test_views_are_at_the_segmentation_and_its_surfaces_come_into_sight(self):
        from IDCBrowserLib.scene.segments.densest import densest_point

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
        person.select_all_rows("series")
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
