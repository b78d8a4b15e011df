"""The phantom patient inside Slicer: import, image through Slicer's plugins, SEG and RTSTRUCT as segmentation and labelmap volume, once each.

Run by Slicer's ctest, not by pytest. Needs neither the network nor packages from pip: the phantom is made here, with the numpy and pydicom of Slicer.
"""

import os
import tempfile
import unittest

import slicer
from DICOMLib import DICOMUtils
from temporary_database import TemporaryDatabase


class IDCBrowserLoadingTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        from IDCBrowserLib.demo import phantom

        cls.folder = tempfile.TemporaryDirectory()
        cls.files = os.path.join(cls.folder.name, "phantom")
        cls.series = {one.key: one for one in phantom.write(cls.files)}
        cls.database = TemporaryDatabase(os.path.join(cls.folder.name, "database"))
        cls.database.__enter__()
        DICOMUtils.importDicom(cls.files)

    @classmethod
    def tearDownClass(cls):
        cls.database.__exit__(None, None, None)
        cls.folder.cleanup()

    def setUp(self):
        slicer.mrmlScene.Clear(0)
        from IDCBrowser import IDCBrowserLogic

        self.logic = IDCBrowserLogic()

    def uid(self, key):
        return self.series[key].series_instance_uid

    def count(self, name):
        return slicer.mrmlScene.GetNumberOfNodesByClass(name)

    def test_a_seg_brings_its_image_and_lies_in_the_same_study(self):
        nodes = self.logic.load(self.uid("seg_binary"))
        segmentation = next(node for node in nodes if node.IsA("vtkMRMLSegmentationNode"))
        self.assertEqual(segmentation.GetSegmentation().GetNumberOfSegments(), 6)
        image = next(node for node in nodes if node.GetClassName() == "vtkMRMLScalarVolumeNode")
        hierarchy = slicer.mrmlScene.GetSubjectHierarchyNode()
        parents = {hierarchy.GetItemParent(hierarchy.GetItemByDataNode(node)) for node in (segmentation, image)}
        self.assertEqual(len(parents), 1)
        self.assertIs(segmentation.GetNodeReference(segmentation.GetReferenceImageGeometryReferenceRole()), image)

    def test_loading_again_adds_nothing(self):
        self.logic.load(self.uid("rtstruct"))
        before = slicer.mrmlScene.GetNumberOfNodes()
        self.logic.load(self.uid("rtstruct"))
        self.assertEqual(slicer.mrmlScene.GetNumberOfNodes(), before)

    def test_the_dicom_module_loads_a_seg_once_and_with_our_plugin(self):
        from IDCBrowserLib.host.slicer.dicom import dicom_setting

        dicom_setting.apply()
        DICOMUtils.loadSeriesByUID([self.uid("ct"), self.uid("seg_binary")])
        self.assertEqual(self.count("vtkMRMLSegmentationNode"), 1)
        node = slicer.mrmlScene.GetFirstNodeByClass("vtkMRMLSegmentationNode")
        self.assertEqual(node.GetAttribute("IDCBrowser.SeriesInstanceUID"), self.uid("seg_binary"))

    def test_a_labelmap_has_the_grid_of_its_image(self):
        labelmap = self.logic.labelmap(self.series["rtstruct"].files[0])
        self.assertEqual(labelmap.geometry.shape[0], len(self.series["ct"].files))
