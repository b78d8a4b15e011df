"""A person in Slicer sees the first slices of a CT while the rest is still downloaded through a slow line. Run by Slicer's ctest."""

import os
import unittest
import zipfile

import qt
import slicer
from demo_story import DemoStory

LIMIT = "IDCBrowser/Transfer/Limit"


class IDCBrowserFirstSlicesTest(DemoStory, unittest.TestCase):
    def setUp(self):
        # Megabytes per second: the CT takes some ten seconds.
        qt.QSettings().setValue(LIMIT, "0.3")
        DemoStory.setUp(self)

    def tearDown(self):
        qt.QSettings().remove(LIMIT)
        DemoStory.tearDown(self)

    def begin(self):
        """The CT of the phantom is downloaded to be loaded."""
        self.open_series()
        person, browser = self.person, self.person.desktop.browser
        person.type_into("seriesFilter", "soft tissue")
        person.wait(lambda: person.total("series") == 1, "one series")
        person.wait_a_moment()
        person.select_all_rows("series")
        person.wait(lambda: browser.picked.state.summary is not None and browser.picked.state.level == "series", "the total")
        person.wait_a_moment()
        person.widget("downloadAndLoadButton").click()
        person.wait(lambda: "of 56 slices" in self.shown(), "the first slices", 120)
        person.wait_a_moment()
        self.assertIn("of 56 slices so far", person.desktop.panel.progress.text)
        self.assertIn("where a slice is missing", person.desktop.panel.state.text)
        self.assertFalse(person.desktop._view.is_shown)

    def shown(self):
        """The name of what the red view shows; "" for nothing."""
        volume = slicer.app.layoutManager().sliceWidget("Red").sliceLogic().GetBackgroundLayer().GetVolumeNode()
        return volume.GetName() if volume is not None else ""

    def volumes(self):
        return [node.GetName() for node in slicer.util.getNodesByClass("vtkMRMLScalarVolumeNode")]

    def test_slices_are_seen_while_the_rest_comes_and_the_whole_series_at_the_end(self):
        person = self.person
        self.begin()
        person.photograph("first-slices")
        node = slicer.app.layoutManager().sliceWidget("Red").sliceLogic().GetBackgroundLayer().GetVolumeNode()
        hierarchy = slicer.mrmlScene.GetSubjectHierarchyNode()
        self.assertEqual(hierarchy.GetItemByDataNode(node), hierarchy.GetInvalidItemID(), "the Data module lists it")
        path = os.path.join(self.folder.name, "meanwhile.mrb")
        self.assertTrue(slicer.util.saveScene(path))
        with zipfile.ZipFile(path) as bundle:
            names = bundle.namelist()
            text = bundle.read(next(name for name in names if name.endswith(".mrml"))).decode()
        self.assertNotIn("of 56 slices", text)
        self.assertFalse([name for name in names if name.endswith(".nrrd")])
        red = slicer.app.layoutManager().sliceWidget("Red").mrmlSliceNode()
        red.SetSliceOffset(red.GetSliceOffset() + 12)
        there = red.GetSliceOffset()
        person.wait(lambda: not person.desktop.browser.downloads.state.running, "the end", 180)
        person.wait_a_moment()
        person.photograph("first-slices-whole")
        self.assertIn("Loaded into the views", person.desktop.panel.state.text)
        self.assertEqual(len(self.volumes()), 1)
        self.assertNotIn("of 56 slices", self.shown())
        self.assertTrue(self.shown())
        self.assertAlmostEqual(red.GetSliceOffset(), there, places=3)
        self.assertEqual(slicer.app.layoutManager().layout, slicer.vtkMRMLLayoutNode.SlicerLayoutFourUpView)

    def test_after_a_cancel_the_browser_comes_back_and_nothing_is_left(self):
        person = self.person
        self.begin()
        person.find_in_panel("moduleCancel").click()
        person.wait(lambda: not person.desktop.browser.downloads.state.running, "the cancel")
        person.wait_a_moment()
        person.photograph("first-slices-canceled")
        self.assertEqual(self.volumes(), [])
        self.assertEqual(slicer.util.getNodesByClass("vtkMRMLScalarVolumeDisplayNode"), [])
        self.assertTrue(person.desktop._view.is_shown)
