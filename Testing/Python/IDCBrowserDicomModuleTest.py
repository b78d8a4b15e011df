"""Slicer's own DICOM module with the plugins of IDC Browser: its browser is driven, and its question answered. Run by Slicer's ctest, not by pytest.

By hand, with a main window and without ``--testing``, in which Slicer never loads references:
``Slicer --no-splash --additional-module-paths IDCBrowser --python-code "import slicer.testing; slicer.testing.runUnitTest(['Testing/Python'],
'IDCBrowserDicomModuleTest')"``. Needs neither the network nor packages from pip.
"""

import itertools
import os
import tempfile
import unittest

import qt
import slicer
from DICOMLib import DICOMUtils
from temporary_database import TemporaryDatabase

DRAWN = ("seg_binary", "seg_labelmap", "rtstruct")
CHOSEN = [keys for count in range(1, 5) for keys in itertools.combinations(("ct", *DRAWN), count)]
REFERENCES = "DICOM/automaticallyLoadReferences"


class IDCBrowserDicomModuleTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        from IDCBrowserLib.demo import phantom
        from IDCBrowserLib.host.slicer.dicom import dicom_setting

        cls.folder = tempfile.TemporaryDirectory()
        cls.files = os.path.join(cls.folder.name, "phantom")
        cls.series = {one.key: one for one in phantom.write(cls.files)}
        cls.database = TemporaryDatabase(os.path.join(cls.folder.name, "database"))
        cls.database.__enter__()
        DICOMUtils.importDicom(cls.files)
        dicom_setting.apply()

    @classmethod
    def tearDownClass(cls):
        cls.database.__exit__(None, None, None)
        cls.folder.cleanup()

    def setUp(self):
        slicer.mrmlScene.Clear(0)
        self.asked = 0
        self.before = qt.QSettings().value(REFERENCES)
        qt.QSettings().remove(REFERENCES)

    def tearDown(self):
        if self.before is None:
            qt.QSettings().remove(REFERENCES)
        else:
            qt.QSettings().setValue(REFERENCES, self.before)

    def uid(self, key):
        return self.series[key].series_instance_uid

    def browser(self):
        if slicer.util.mainWindow() is None:
            self.skipTest("Slicer runs without a main window")
        slicer.util.selectModule("DICOM")
        return slicer.modules.DICOMInstance.browserWidget

    def answer_yes(self):
        """While a message box waits, its Yes is clicked; one without a Yes asks nothing and is closed."""
        timer = qt.QTimer()
        timer.setInterval(50)

        def look():
            box = qt.QApplication.activeModalWidget()
            if box is not None and box.inherits("QMessageBox"):
                buttons = box.findChildren("QPushButton")
                yes = [button for button in buttons if "Yes" in button.text]
                self.asked += len(yes)
                (yes or buttons)[0].click()

        timer.timeout.connect(look)
        timer.start()
        return timer

    def load(self, keys, ticked=None):
        """The button Load with these series selected; with ``ticked``, as in the advanced view with a reader chosen by name."""
        browser = self.browser()
        browser.onSeriesSelected([self.uid(key) for key in keys])
        timer = self.answer_yes()
        if ticked is None:
            browser.loadCheckedLoadables()
        else:
            browser.advancedViewButton.checked = True
            browser.examineForLoading()
            table = browser.loadableTable
            for row in range(table.rowCount):
                name = table.item(row, 1).text()
                if "IDC Browser SEG" in name or name == "DICOMSegmentation":
                    table.item(row, 0).setCheckState(qt.Qt.Checked if ticked in name else qt.Qt.Unchecked)
            browser.loadCheckedLoadables()
            browser.advancedViewButton.checked = False
        timer.stop()

    def images(self):
        nodes = slicer.util.getNodesByClass("vtkMRMLScalarVolumeNode")
        return [node for node in nodes if not node.IsA("vtkMRMLLabelMapVolumeNode")]

    def check_image(self):
        (image,) = self.images()
        self.assertEqual(image.GetImageData().GetDimensions()[2], len(self.series["ct"].files))
        self.assertEqual(len(set(image.GetAttribute("DICOM.instanceUIDs").split())), len(self.series["ct"].files))

    def test_the_image_comes_whole_and_once_whatever_is_selected(self):
        for keys in CHOSEN:
            with self.subTest(keys=keys):
                slicer.mrmlScene.Clear(0)
                self.asked = 0
                self.load(keys)
                self.check_image()
                self.assertEqual(self.asked, 0)
                self.assertEqual(slicer.mrmlScene.GetNumberOfNodesByClass("vtkMRMLSegmentationNode"), len(set(keys) & set(DRAWN)))

    def test_the_image_comes_whole_and_once_with_slicers_own_reader(self):
        for keys in (("seg_binary",), ("ct", "seg_binary"), ("ct", "seg_binary", "rtstruct")):
            with self.subTest(keys=keys):
                slicer.mrmlScene.Clear(0)
                self.asked = 0
                self.load(keys, "DICOMSegmentation")
                self.check_image()
                self.assertEqual(self.asked, 0)

    def test_the_same_object_is_not_loaded_twice(self):
        self.load(("seg_binary",))
        before = slicer.mrmlScene.GetNumberOfNodesByClass("vtkMRMLDisplayableNode")
        self.load(("seg_binary",))
        from IDCBrowser import IDCBrowserLogic

        IDCBrowserLogic().load(self.uid("seg_binary"))
        self.assertEqual(slicer.mrmlScene.GetNumberOfNodesByClass("vtkMRMLDisplayableNode"), before)

    def test_what_our_panel_loaded_is_not_loaded_again_by_the_dicom_module(self):
        from IDCBrowser import IDCBrowserLogic

        IDCBrowserLogic().load([self.uid(key) for key in ("seg_binary", "rtstruct")])
        before = slicer.mrmlScene.GetNumberOfNodesByClass("vtkMRMLDisplayableNode")
        self.load(("seg_binary", "rtstruct"))
        self.assertEqual(slicer.mrmlScene.GetNumberOfNodesByClass("vtkMRMLDisplayableNode"), before)

    def test_who_never_wants_references_gets_none(self):
        qt.QSettings().setValue(REFERENCES, qt.QMessageBox.No)
        self.load(("seg_binary",))
        self.assertEqual(self.images(), [])

    def test_items_say_what_slicers_own_plugin_says(self):
        self.load(("seg_binary",))
        hierarchy = slicer.mrmlScene.GetSubjectHierarchyNode()
        node = slicer.mrmlScene.GetFirstNodeByClass("vtkMRMLSegmentationNode")
        item = hierarchy.GetItemByDataNode(node)
        self.assertEqual(hierarchy.GetItemUID(item, "DICOM"), self.uid("seg_binary"))
        self.assertEqual(hierarchy.GetItemUID(item, "DICOMInstanceUID"), node.GetAttribute("DICOM.instanceUIDs"))
        referenced = hierarchy.GetItemAttribute(item, "DICOM.ReferencedInstanceUIDs").split()
        self.assertEqual(set(referenced), set(self.images()[0].GetAttribute("DICOM.instanceUIDs").split()))
        self.assertIs(node.GetNodeReference(node.GetReferenceImageGeometryReferenceRole()), self.images()[0])
        study = hierarchy.GetItemParent(item)
        self.assertTrue(hierarchy.GetItemAttribute(study, "DICOM.StudyDate"))
        self.assertTrue(hierarchy.GetItemAttribute(hierarchy.GetItemParent(study), "DICOM.PatientName"))
