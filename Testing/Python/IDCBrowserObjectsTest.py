"""A person in Slicer loads every kind of object of the phantom patient and sees it as what it is: by clicks.

Run by Slicer's ctest, not by pytest; see ``demo_story.py``.
"""

import unittest

import slicer
from demo_story import DemoStory


class IDCBrowserObjectsTest(DemoStory, unittest.TestCase):
    with_objects = True

    def layers(self):
        """Below and above, of the first slice view."""
        composite = slicer.app.layoutManager().sliceWidget("Red").mrmlSliceCompositeNode()
        return [slicer.mrmlScene.GetNodeByID(uid) if uid else None for uid in (composite.GetBackgroundVolumeID(), composite.GetForegroundVolumeID())]

    def legends(self):
        """Titles of the color legends that the first slice view draws."""
        renderers = slicer.app.layoutManager().sliceWidget("Red").sliceView().renderWindow().GetRenderers()
        parts = [renderers.GetItemAsObject(number).GetViewProps() for number in range(renderers.GetNumberOfItems())]
        actors = [part.GetItemAsObject(number) for part in parts for number in range(part.GetNumberOfItems())]
        return [actor.GetTitle() for actor in actors if actor.IsA("vtkScalarBarActor") and actor.GetVisibility()]

    def layout(self):
        return slicer.app.layoutManager().layoutLogic().GetLayoutNode().GetViewArrangement()

    def test_every_kind_is_shown_as_what_it_is(self):
        self.open_series()
        self.see_pet_and_dose_over_ct()
        self.see_histograms()
        self.see_a_report_beside_the_views()
        self.see_a_surface()
        self.see_a_map_and_move_it_by_its_registration()
        self.see_pictures()

    def see_pet_and_dose_over_ct(self):
        self.load("Abdomen 4.0", 1)
        for text, attribute, legend in (("PET FDG", "pet", "SUV"), ("Dose of the plan", "dose", "Gy")):
            self.load(text, 1)
            below, above = self.layers()
            self.assertIn("Abdomen", below.GetName())
            self.assertEqual(above.GetAttribute("IDCBrowser.Kind"), attribute)
            self.assertEqual(len(self.legends()), 1)
            self.assertIn(legend, self.legends()[0])
            self.person.photograph(attribute)

    def see_histograms(self):
        """Of the structure set in the dose: a curve and a row for each ROI."""
        person, browser = self.person, self.person.desktop.browser
        self.load("Planning contours", 1)
        person.find_in_panel("showBrowser").click()
        browser.show_page("dose")
        person.wait(lambda: browser.doses.state.rois and not browser.doses.state.running, "the histograms", 120)
        self.assertEqual(browser.doses.state.problem, "")
        person.wait_a_moment()
        person.photograph("histograms")
        table = person.widget("doseTable")
        self.assertTrue(table.isVisible())
        self.assertGreaterEqual(table.model().rowCount(), len(browser.doses.state.rois))
        slicer.mrmlScene.RemoveNode(slicer.mrmlScene.GetFirstNodeByClass("vtkMRMLSegmentationNode"))

    def see_a_report_beside_the_views(self):
        person = self.person
        self.load("overlapping", 1)
        self.load("SR", 1)
        person.desktop._view.restore()
        person.wait_a_moment()
        table = person.find_in_panel("reportTable")
        self.assertTrue(table.isVisible())
        view = slicer.app.layoutManager().sliceWidget("Red").mrmlSliceNode()
        view.SetSliceOffset(view.GetSliceOffset() + 200)
        before = view.GetSliceOffset()
        table.selectRow(0)
        person.find_in_panel("reportGoButton").click()
        person.wait(lambda: view.GetSliceOffset() != before, "the place of a measurement")
        person.photograph("report")

    def see_a_surface(self):
        slicer.mrmlScene.Clear(0)
        self.load("Abdomen 4.0", 1)
        # With the images that it names, of which one is here.
        self.load("Surface", 1)
        (node,) = slicer.util.getNodesByClass("vtkMRMLSegmentationNode")
        display = node.GetDisplayNode()
        self.assertTrue(display.GetVisibility() and display.GetVisibility3D())
        self.person.photograph("surface")

    def see_a_map_and_move_it_by_its_registration(self):
        person = self.person
        slicer.mrmlScene.Clear(0)
        self.load("T1 axial", 1)
        self.load("Apparent diffusion", 1)
        self.assertIn("ADC", self.legends()[0])
        self.load("of another position to CT", 1)
        person.wait(lambda: person.find_in_panel("segmentsRegistration").isVisible(), "the registration")
        # The images that it names came with it, and one of them is what the views show.
        volume = slicer.util.getNode("*T1 axial*")
        self.assertIsNone(volume.GetParentTransformNode())
        person.find_in_panel("segmentsRegistration").click()
        self.assertIsNotNone(volume.GetParentTransformNode())
        person.photograph("registration")

    def see_pictures(self):
        one = slicer.vtkMRMLLayoutNode.SlicerLayoutOneUpRedSliceView
        slicer.mrmlScene.Clear(0)
        self.load("Aorta, cross section", 1)
        self.assertEqual(self.layout(), one)
        self.assertGreater(slicer.mrmlScene.GetFirstNodeByClass("vtkMRMLSequenceNode").GetNumberOfDataNodes(), 1)
        self.person.photograph("ultrasound")
        self.play()
        slicer.mrmlScene.Clear(0)
        self.load("H&E", 1)
        self.load("Nuclei", 2)
        below, above = self.layers()
        self.assertEqual(self.layout(), one)
        self.assertTrue(below.IsA("vtkMRMLVectorVolumeNode") and above is not None)
        self.person.photograph("slide")

    def play(self):
        """The cine is played with the button of Slicer's own toolbar, and stopped."""
        person = self.person
        toolbar = slicer.util.mainWindow().findChild("QToolBar", "SequenceBrowserToolBar")
        button = toolbar.findChild("QPushButton", "pushButton_VcrPlayPause")
        (player,) = slicer.util.getNodesByClass("vtkMRMLSequenceBrowserNode")
        sequence, pictures = player.GetMasterSequenceNode(), set()

        def seen():
            pictures.add(slicer.util.arrayFromVolume(player.GetProxyNode(sequence)).tobytes())
            return len(pictures) > 2

        person.click(button)
        person.wait(seen, "one picture after the other", 60)
        person.photograph("ultrasound-playing")
        person.click(button)
        person.wait(lambda: not player.GetPlaybackActive(), "the end")
        number = player.GetSelectedItemNumber()
        person.pause(500)
        self.assertEqual(player.GetSelectedItemNumber(), number)
