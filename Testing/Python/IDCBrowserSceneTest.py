"""What happens to our segmentations in a scene of Slicer: saved and read again, edited, removed and brought back, many of them, from elsewhere.

Run by Slicer's ctest, not by pytest. Needs neither the network nor packages from pip.
"""

import os
import shutil
import tempfile
import unittest

import numpy as np
import slicer
from DICOMLib import DICOMUtils
from temporary_database import TemporaryDatabase

MANY = 20


class IDCBrowserSceneTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        import made_series

        from IDCBrowserLib.demo import images, phantom

        cls.folder = tempfile.TemporaryDirectory()
        files = os.path.join(cls.folder.name, "files")
        cls.series = {one.key: one for one in phantom.write(os.path.join(files, "phantom"))}
        cls.readers = made_series.segmentations(os.path.join(files, "readers"), images.CT, MANY - 1)
        cls.phases = made_series.phases(os.path.join(files, "phases"))
        cls.database = TemporaryDatabase(os.path.join(cls.folder.name, "database"))
        cls.database.__enter__()
        DICOMUtils.importDicom(files)

    @classmethod
    def tearDownClass(cls):
        cls.database.__exit__(None, None, None)
        cls.folder.cleanup()

    def setUp(self):
        from IDCBrowser import IDCBrowserLogic

        slicer.mrmlScene.Clear(0)
        self.logic = IDCBrowserLogic()

    def tearDown(self):
        slicer.mrmlScene.SetUndoOff()
        slicer.mrmlScene.ClearUndoStack()
        slicer.mrmlScene.ClearRedoStack()

    def uid(self, key):
        return self.series[key].series_instance_uid

    def segmentation(self, key="seg_binary"):
        return next(node for node in self.logic.load(self.uid(key)) if node.IsA("vtkMRMLSegmentationNode"))

    def nodes(self, name):
        return slicer.util.getNodesByClass(name)

    def voxels(self, node):
        """By segment id."""
        return {one: int(slicer.util.arrayFromSegmentBinaryLabelmap(node, one).sum()) for one in node.GetSegmentation().GetSegmentIDs()}

    def said_of(self, node):
        segmentation = node.GetSegmentation()
        entries = [segmentation.GetSegment(one) for one in segmentation.GetSegmentIDs()]
        return {
            "name": node.GetName(),
            "attributes": {name: node.GetAttribute(name) for name in node.GetAttributeNames() if name.startswith(("IDC", "DICOM"))},
            "segments": [(entry.GetName(), np.round(entry.GetColor(), 4).tolist(), entry.GetTerminology()) for entry in entries],
            "image": node.GetNodeReference(node.GetReferenceImageGeometryReferenceRole()).GetName(),
        }

    def test_a_saved_scene_brings_back_voxels_names_codes_attributes_and_the_image(self):
        node = self.segmentation()
        said, voxels = self.said_of(node), self.voxels(node)
        path = os.path.join(self.folder.name, "scene.mrb")
        self.assertTrue(slicer.util.saveScene(path))
        node = None
        slicer.mrmlScene.Clear(0)
        slicer.util.loadScene(path)
        (node,) = self.nodes("vtkMRMLSegmentationNode")
        self.assertEqual(self.said_of(node), said)
        self.assertEqual(self.voxels(node), voxels)
        before = slicer.mrmlScene.GetNumberOfNodes()
        self.logic.load(self.uid("seg_binary"))
        self.assertEqual(slicer.mrmlScene.GetNumberOfNodes(), before, "what the scene file brought is recognized")

    def test_segment_editor_changes_the_segment_that_is_edited_and_no_other(self):
        node = self.segmentation()
        image = node.GetNodeReference(node.GetReferenceImageGeometryReferenceRole())
        widget = slicer.qMRMLSegmentEditorWidget()
        widget.setMRMLScene(slicer.mrmlScene)
        widget.setMRMLSegmentEditorNode(slicer.mrmlScene.AddNewNodeByClass("vtkMRMLSegmentEditorNode"))
        widget.setSegmentationNode(node)
        widget.setSourceVolumeNode(image)
        before = self.voxels(node)
        edited = next(iter(before))
        widget.setCurrentSegmentID(edited)
        widget.setActiveEffectByName("Margin")
        effect = widget.activeEffect()
        effect.setParameter("MarginSizeMm", "4")
        effect.self().onApply()
        after = self.voxels(node)
        widget.undo()
        undone = self.voxels(node)
        widget.setActiveEffect(None)
        widget.setMRMLScene(None)
        self.assertGreater(after[edited], before[edited])
        overlap_allowed = {one: count for one, count in after.items() if one != edited}
        self.assertTrue(all(count <= before[one] for one, count in overlap_allowed.items()))
        self.assertEqual(undone, before)

    def test_a_removed_segmentation_comes_back_by_undo(self):
        scene = slicer.mrmlScene
        scene.SetUndoOn()
        node = self.segmentation()
        node.SetUndoEnabled(True)
        voxels, identifier = self.voxels(node), node.GetID()
        scene.SaveStateForUndo()
        scene.RemoveNode(node)
        node = None
        self.assertEqual(self.nodes("vtkMRMLSegmentationNode"), [])
        scene.Undo()
        back = scene.GetNodeByID(identifier)
        self.assertIsNotNone(back)
        self.assertEqual(self.voxels(back), voxels)

    def test_twenty_segmentations_lie_on_one_image(self):
        self.logic.load([self.uid("seg_binary"), *self.readers])
        made = self.nodes("vtkMRMLSegmentationNode")
        self.assertEqual(len(made), MANY)
        images = {node.GetNodeReference(node.GetReferenceImageGeometryReferenceRole()) for node in made}
        self.assertEqual(len(images), 1)
        before = slicer.mrmlScene.GetNumberOfNodes()
        self.logic.load(self.readers[3:7])
        self.assertEqual(slicer.mrmlScene.GetNumberOfNodes(), before)

    def test_phases_of_an_image_are_a_sequence_with_a_browser(self):
        self.logic.load(self.phases)
        (sequence,) = self.nodes("vtkMRMLSequenceNode")
        self.assertEqual(sequence.GetNumberOfDataNodes(), 3)
        middles = [int(np.median(slicer.util.arrayFromVolume(sequence.GetNthDataNode(number)))) // 100 for number in range(3)]
        self.assertEqual(middles, [1, 2, 3])
        (player,) = self.nodes("vtkMRMLSequenceBrowserNode")
        player.SetPlayback(sequence, True)
        player.SetSelectedItemNumber(2)
        slicer.app.processEvents()
        shown = player.GetProxyNode(sequence)
        self.assertEqual(int(np.median(slicer.util.arrayFromVolume(shown))) // 100, 3)
        before = slicer.mrmlScene.GetNumberOfNodes()
        self.logic.load(self.phases)
        self.assertEqual(slicer.mrmlScene.GetNumberOfNodes(), before)

    def test_a_segmentation_finds_its_image_that_another_database_brought(self):
        files = {"ct": os.path.dirname(self.series["ct"].files[0]), "seg_binary": os.path.dirname(self.series["seg_binary"].files[0])}
        for key, folder in files.items():
            with TemporaryDatabase(os.path.join(self.folder.name, f"only {key}")):
                DICOMUtils.importDicom(str(folder))
                self.logic.load(self.uid(key))
        (node,) = self.nodes("vtkMRMLSegmentationNode")
        image = node.GetNodeReference(node.GetReferenceImageGeometryReferenceRole())
        self.assertEqual(image.GetAttribute("IDCBrowser.SeriesInstanceUID"), self.uid("ct"))
        dimensions = image.GetImageData().GetDimensions()
        self.assertEqual(len(self.nodes("vtkMRMLScalarVolumeNode")) - len(self.nodes("vtkMRMLLabelMapVolumeNode")), 1)
        self.assertEqual(dimensions[2], len(self.series["ct"].files))

    def test_a_database_that_is_gone_is_said_and_slicer_goes_on(self):
        from IDCBrowserLib.errors import IDCBrowserError
        from IDCBrowserLib.host.slicer.dicom.database_state import why_not_open

        place = os.path.join(self.folder.name, "to be moved")
        with TemporaryDatabase(place):
            DICOMUtils.importDicom(str(os.path.dirname(self.series["ct"].files[0])))
            self.assertEqual(why_not_open(), "")
            shutil.move(place, f"{place} away")
            self.assertIn("moved or deleted", why_not_open())
            with self.assertRaises(IDCBrowserError):
                self.logic.load(self.uid("ct"))
            shutil.move(f"{place} away", place)
            self.assertEqual(why_not_open(), "")
            self.logic.load(self.uid("ct"))
        self.assertEqual(len(self.nodes("vtkMRMLScalarVolumeNode")), 1)
