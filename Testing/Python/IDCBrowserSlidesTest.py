"""A person in Slicer looks closer at a slide and at segments on it, which are read tile by tile as they come into sight: by clicks.

Run by Slicer's ctest, not by pytest; see ``demo_story.py``.
"""

import unittest

import numpy as np
import qt
import slicer
import vtk
from demo_story import DemoStory
from vtk.util.numpy_support import vtk_to_numpy


class IDCBrowserSlidesTest(DemoStory, unittest.TestCase):
    with_objects = True

    def view(self):
        return self.person.desktop.slides.view("Red")

    def slice_widget(self):
        return slicer.app.layoutManager().sliceWidget("Red")

    def picture(self):
        """What the view shows, (rows, columns, 3), its corners left out."""
        window = self.slice_widget().sliceView().renderWindow()
        self.slice_widget().sliceView().forceRender()
        grabbed = vtk.vtkWindowToImageFilter()
        grabbed.SetInput(window)
        grabbed.ReadFrontBufferOff()
        grabbed.Update()
        image = grabbed.GetOutput()
        columns, rows, _ = image.GetDimensions()
        pixels = vtk_to_numpy(image.GetPointData().GetScalars()).reshape(rows, columns, -1)[:, :, :3]
        return pixels[60:-60, 60:-60].astype(int)

    def zoom(self, factor):
        node = self.slice_widget().mrmlSliceNode()
        self.slice_widget().sliceLogic().FitSliceToBackground()
        width, height, depth = node.GetFieldOfView()
        node.SetFieldOfView(width / factor, height / factor, depth)
        self.person.wait_a_moment()

    def test_tiles_and_segments_come_closer(self):
        self.open_series()
        self.see_tiles()
        self.choose_segments()
        self.see_outlines()
        self.leave_nothing_behind()

    def see_tiles(self):
        person = self.person
        # The phantom's slide is small: a fourth of its pixels each way are loaded.
        person.desktop._host.loader._slide_pixels = lambda: 70_000
        (slide,) = self.load("H&E", 1).values()
        self.assertEqual(slicer.mrmlScene.GetNodeByID(slide.node_ids[0]).GetImageData().GetDimensions()[0], 256)
        self.zoom(0.3)
        self.assertFalse(self.view().detail.is_shown)
        self.view().detail.source, source = None, self.view().detail.source
        self.zoom(6)
        blurred = self.picture()
        person.photograph("slide-overview")
        self.view().detail.source = source
        self.slice_widget().sliceView().scheduleRender()
        person.wait(lambda: self.view().detail.is_shown, "the tiles in sight")
        close = self.picture()
        person.photograph("slide-closer")
        # The same place, of which more is seen.
        self.assertLess(np.abs(close - blurred).mean(), 40)
        self.assertGreater(np.square(np.diff(close, axis=1)).mean(), 1.5 * np.square(np.diff(blurred, axis=1)).mean())
        self.zoom(0.3)
        self.assertFalse(self.view().detail.is_shown)

    def choose_segments(self):
        person, browser = self.person, self.person.desktop.browser
        person.find_in_panel("showBrowser").click()
        browser.show_page("browse")
        person.wait_a_moment()
        person.type_into("seriesFilter", "Tissue and nuclei")
        person.wait_a_moment()
        person.wait(lambda: person.total("series") == 1, "the segmentation")
        person.select_all_rows("series")
        person.wait(lambda: browser.tables.selected_ids("series"), "its row")
        action = next(one for one in person.widget("seriesTable").actions() if str(one.text).startswith("Choose se"))
        action.trigger()
        person.wait(lambda: browser.choosing.state.offered or not browser.choosing.state.text.startswith("Reading"), "what is offered")
        self.assertEqual([one["name"] for one in browser.choosing.state.offered], ["Tissue", "Nuclei"], browser.choosing.state.text)
        person.widget("chooseList").item(1).setCheckState(qt.Qt.Checked)
        self.assertIn("only the tiles in sight", browser.choosing.state.text)
        person.photograph("slide-choose-segments")
        person.widget("chooseLoad").click()
        person.wait(lambda: slicer.mrmlScene.GetFirstNodeByClass("vtkMRMLSegmentationNode") is not None, "the segments")
        person.desktop._view.restore()
        node = slicer.mrmlScene.GetFirstNodeByClass("vtkMRMLSegmentationNode")
        self.assertEqual([node.GetSegmentation().GetSegment(one).GetName() for one in node.GetSegmentation().GetSegmentIDs()], ["Nuclei"])
        # Nothing of it was downloaded.
        self.assertFalse(list(self.world.download_folder.rglob("*slide_segments*")))
        # Views are fitted to what was loaded.
        person.wait_a_moment()
        self.zoom(8)
        person.wait(lambda: self.view().segments.is_painted, "segments over the tiles")
        person.wait_a_moment()
        person.photograph("slide-segments")
        painted = self.picture()
        display = node.GetDisplayNode()
        display.SetVisibility(False)
        plain = self.picture()
        self.assertFalse(self.view().segments.is_painted)
        changed = (np.abs(painted - plain).max(axis=2) > 20).mean()
        self.assertTrue(0.005 < changed < 0.5, changed)
        display.SetVisibility(True)
        self.zoom(0.3)
        self.assertFalse(self.view().segments.is_painted)

    def see_outlines(self):
        """Of nuclei: few enough of them while the view is close, in yellow."""
        slicer.mrmlScene.Clear(0)
        self.load("H&E", 1)
        self.load("Nuclei", 2)
        self.zoom(6)
        self.person.photograph("slide-outlines")
        red, green, blue = (self.picture()[..., part] for part in range(3))
        yellow = ((red > 200) & (green > 180) & (blue < 60)).mean()
        self.assertTrue(0.001 < yellow < 0.2, yellow)

    def leave_nothing_behind(self):
        renderer = self.slice_widget().sliceView().renderWindow().GetRenderers().GetFirstRenderer()
        self.assertTrue(renderer.HasObserver("StartEvent"))
        slicer.mrmlScene.Clear(0)
        self.person.wait_a_moment()
        self.assertFalse(self.view().detail.is_of_slide)
        slicer.util.selectModule("Data")
        slicer.util.getModuleWidget("IDCBrowser").cleanup()
        self.assertFalse(renderer.HasObserver("StartEvent"))
