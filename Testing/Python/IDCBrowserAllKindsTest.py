"""A person in Slicer loads every kind of object of the phantom patient with one click: each is arranged as what it is.

Run by Slicer's ctest, not by pytest; see ``demo_story.py``. ``IDC_BROWSER_BLOCKS=0.25`` tells what held the window up for longer.
"""

import unittest

import slicer
from demo_story import DemoStory


class IDCBrowserAllKindsTest(DemoStory, unittest.TestCase):
    with_objects = True

    def test_all_kinds_at_once(self):
        self.open_series()
        person, browser = self.person, self.person.browser
        person.select_all_rows("series")
        person.wait(lambda: browser.picked.state.summary is not None and browser.picked.state.level == "series", "the total")
        person.wait_a_moment()
        person.widget("downloadAndLoadButton").click()
        person.wait(lambda: browser.downloads.state.running, "the download")
        person.wait(lambda: not browser.downloads.state.running, "all kinds", 300)
        person.wait_a_moment()
        results = {result.series_uid: result for result in browser.downloads.documents["load"]}
        keys = {series.series_instance_uid: series.key for series in self.world.series}
        self.assertEqual({keys[uid]: result.error for uid, result in results.items() if result.error}, {})
        self.assertEqual({keys[uid] for uid in results}, set(keys.values()))
        # Images, segments and surfaces are nodes; reports and plans are read beside them.
        kinds = {node.GetClassName() for result in results.values() for uid in result.node_ids if (node := slicer.mrmlScene.GetNodeByID(uid))}
        for name in ("vtkMRMLScalarVolumeNode", "vtkMRMLVectorVolumeNode", "vtkMRMLSegmentationNode", "vtkMRMLLinearTransformNode"):
            self.assertIn(name, kinds)
        self.assertTrue(any(result.texts for result in results.values()))
        person.photograph("all-kinds")
        composite = slicer.app.layoutManager().sliceWidget("Red").mrmlSliceCompositeNode()
        self.assertTrue(composite.GetBackgroundVolumeID())
