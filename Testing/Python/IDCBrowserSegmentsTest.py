"""A person in Slicer judges three segmentations of one image, compares one with a correction of it, and gives it back as DICOM.

Run by Slicer's ctest, not by pytest; see ``demo_story.py``.
"""

import unittest

import numpy as np
import slicer
from demo_story import DemoStory

_SHIFT = 2


class IDCBrowserSegmentsTest(DemoStory, unittest.TestCase):
    def test_segmentations_are_judged_compared_and_given_back(self):
        self.open_series()
        self.load("Abdomen 4.0", 1)
        for text in ("overlapping", "label map", "Planning contours"):
            self.load(text, 1)
        self.work = self.person.desktop.segments.work
        self.segments = self.work.segments
        self.person.wait(lambda: len(self.segments.state.all_sources) == 3 and not self.segments.state.measuring, "three sources")
        first = self.segments.state.all_sources[0]
        self.assertIn("algorithm", first.maker)
        self.see_one_segment_alone(first)
        self.compare_with_a_correction(first)
        self.give_back(first)

    def see_one_segment_alone(self, source):
        segment = source.segments[-1]
        self.segments.show_only([(source.node_id, segment.segment_id)])
        views = [slicer.app.layoutManager().sliceWidget(name).mrmlSliceNode() for name in ("Red", "Yellow", "Green")]
        for view in views:
            view.SetSliceOffset(view.GetSliceOffset() + 100)
        before = [view.GetSliceOffset() for view in views]
        self.segments.go_to_largest(source.node_id, segment.segment_id)
        self.person.wait_a_moment()
        shown = [one.name for each in self.segments.state.all_sources if each.visible for one in each.segments if one.visible]
        self.assertEqual(shown, [segment.name])
        self.assertTrue(all(view.GetSliceOffset() != offset for view, offset in zip(views, before, strict=True)))
        self.person.photograph("one_segment")
        self.segments.show_all(True)

    def compare_with_a_correction(self, source):
        person = self.person
        mine = self.corrected(slicer.mrmlScene.GetNodeByID(source.node_id))
        person.wait(lambda: self.segments.state.source(mine.GetID()) is not None, "the correction")
        self.work.panel.compare.compare(source.node_id, mine.GetID())
        person.wait(lambda: self.work.comparison.state.document is not None and not self.work.comparison.state.running, "the comparison")
        by_name = {pair["name"]: pair for pair in self.work.comparison.state.document["pairs"]}
        self.assertEqual(by_name["Right kidney"]["dice"], 1.0)
        self.assertTrue(0.8 < by_name["Liver"]["dice"] < 1.0)
        # By two voxels along the rows.
        spacing = slicer.mrmlScene.GetFirstNodeByClass("vtkMRMLScalarVolumeNode").GetSpacing()[0]
        self.assertAlmostEqual(by_name["Liver"]["hd95_mm"], _SHIFT * spacing)
        self.work.linked_views.start(source.node_id, mine.GetID())
        red, yellow = (slicer.app.layoutManager().sliceWidget(name).mrmlSliceNode() for name in ("Red", "Yellow"))
        extent = slicer.mrmlScene.GetFirstNodeByClass("vtkMRMLScalarVolumeNode").GetImageData().GetDimensions()[0] * spacing
        person.wait(lambda: red.GetFieldOfView()[0] >= extent - spacing, "the whole image")
        # In a window of an odd width one of them is a pixel narrower, and shows as much in width.
        person.wait(lambda: np.isclose(red.GetFieldOfView()[0], yellow.GetFieldOfView()[0]), "as much in both")
        red.SetSliceOffset(red.GetSliceOffset() + 8)
        person.wait(lambda: yellow.GetSliceOffset() == red.GetSliceOffset(), "the other view")
        person.photograph("side_by_side")
        self.work.linked_views.stop()
        slicer.mrmlScene.RemoveNode(mine)

    def corrected(self, node):
        """A copy of the person's own, whose liver lies two voxels farther."""
        hierarchy = slicer.mrmlScene.GetSubjectHierarchyNode()
        logic = slicer.modules.subjecthierarchy.logic()
        mine = hierarchy.GetItemDataNode(logic.CloneSubjectHierarchyItem(hierarchy, hierarchy.GetItemByDataNode(node), "Mine"))
        image = slicer.mrmlScene.GetFirstNodeByClass("vtkMRMLScalarVolumeNode")
        liver = mine.GetSegmentation().GetSegmentIdBySegmentName("Liver")
        voxels = slicer.util.arrayFromSegmentBinaryLabelmap(mine, liver, image)
        slicer.util.updateSegmentBinaryLabelmapFromArray(np.roll(voxels, _SHIFT, axis=2), mine, liver, image)
        return mine

    def give_back(self, source):
        """Written and read again: the same voxels, in each form."""
        from IDCBrowserLib.labelmap.convert import convert

        said = []
        self.work.giving_back.said.connect(said.append)
        images = [str(path) for path in next(one for one in self.world.series if one.key == "ct").files]
        expected = [segment["voxels"] for segment in self.world.truth["seg_binary"]["segments"]]
        for form in ("measured", "rtstruct"):
            path = self.folder / f"{form}.dcm"
            self.work.giving_back.start(source.node_id, form, str(path))
            self.person.wait(lambda: not self.work.giving_back.running, form, 120)
            self.assertTrue(path.is_file(), said)
            back = convert(path, images)
            self.assertEqual([segment.voxels for segment in back.segments], expected)
        self.assertIn("measurements", " ".join(said))
