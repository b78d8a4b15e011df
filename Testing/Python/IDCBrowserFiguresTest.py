"""Images as Slicer's own reader makes them, and how long loading and closing take beside Slicer's own way. Run by Slicer's ctest, not by pytest.

``IDC_BROWSER_TEST_DATA`` names a folder of DICOM files whose CT and MR series are compared as well. Figures are printed as ratios of one run.
"""

import collections
import os
import subprocess
import tempfile
import time
import unittest

import numpy as np
import qt
import sixty_segments
import slicer
from DICOMLib import DICOMUtils
from sixty_segments import SEGMENTS
from temporary_database import TemporaryDatabase

# Of the SEG that is clicked: on so many slices of so many rows and columns.
_SLICES, _SIZE = 300, 128


def timed(do):
    begin = time.monotonic()
    do()
    return time.monotonic() - begin


class Heartbeat:
    """Beats whenever the event loop is free. ``blocks`` are the times between, as seconds of the clock and of this thread's processor."""

    def __init__(self):
        self.blocks = []
        self._last = None
        self._timer = qt.QTimer()
        self._timer.timeout.connect(self._beat)

    def _beat(self):
        now = (time.monotonic(), time.thread_time())
        if self._last is not None:
            self.blocks.append((now[0] - self._last[0], now[1] - self._last[1]))
        self._last = now

    def run_until(self, condition, seconds=120):
        self._timer.start(0)
        end = time.monotonic() + seconds
        while not condition() and time.monotonic() < end:
            slicer.app.processEvents()
        self._timer.stop()
        return condition()

    def __str__(self):
        clock, processor = (max(values) for values in zip(*self.blocks, strict=True))
        return f"longest block {clock:.2f} s by the clock, {processor:.2f} s of the processor"


class IDCBrowserFiguresTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        from IDCBrowserLib.demo import phantom

        cls.folder = tempfile.TemporaryDirectory()
        files = os.path.join(cls.folder.name, "phantom")
        phantom.write(files)
        cls.database = TemporaryDatabase(os.path.join(cls.folder.name, "database"))
        cls.database.__enter__()
        DICOMUtils.importDicom(files)
        data = os.environ.get("IDC_BROWSER_TEST_DATA", "")
        if data:
            DICOMUtils.importDicom(data)

    @classmethod
    def tearDownClass(cls):
        cls.database.__exit__(None, None, None)
        cls.folder.cleanup()

    def setUp(self):
        slicer.mrmlScene.Clear(0)

    def volumes(self):
        return [node for node in slicer.util.getNodesByClass("vtkMRMLScalarVolumeNode") if not node.IsA("vtkMRMLLabelMapVolumeNode")]

    def test_images_of_the_engine_are_those_of_slicers_reader(self):
        from IDCBrowser import IDCBrowserLogic
        from IDCBrowserLib.errors import IDCBrowserError

        compared, seconds = collections.Counter(), collections.Counter()
        for uid in DICOMUtils.allSeriesUIDsInDatabase():
            modality = slicer.dicomDatabase.fieldForSeries("Modality", uid)
            if modality not in ("CT", "MR"):
                continue
            with self.subTest(series=uid):
                slicer.mrmlScene.Clear(0)
                try:
                    ours_s = timed(lambda uid=uid: IDCBrowserLogic().load(uid))
                except IDCBrowserError:
                    continue
                own = self.volumes()
                if len(own) != 1 or not own[0].GetAttribute("DICOM.instanceUIDs"):
                    continue
                (ours,) = own
                array, matrix = slicer.util.arrayFromVolume(ours).copy(), slicer.util.arrayFromVTKMatrix(_matrix(ours))
                said = self.said_of(ours)
                slicer.mrmlScene.Clear(0)
                theirs_s = timed(lambda uid=uid: DICOMUtils.loadSeriesByUID([uid]))
                (theirs,) = self.volumes()
                np.testing.assert_array_equal(array, slicer.util.arrayFromVolume(theirs))
                self.assertEqual(array.dtype, slicer.util.arrayFromVolume(theirs).dtype)
                np.testing.assert_allclose(matrix, slicer.util.arrayFromVTKMatrix(_matrix(theirs)), atol=1e-3)
                self.assertEqual(said, self.said_of(theirs))
                compared[modality] += 1
                seconds.update(ours=ours_s, theirs=theirs_s)
        print(f"loading them takes {seconds['ours'] / seconds['theirs']:.2f} of the time of Slicer's reader, in one process")
        print("series that are the same:", dict(compared))
        self.assertGreater(sum(compared.values()), 0)

    def said_of(self, node):
        """What is set on a node and its item."""
        hierarchy = slicer.mrmlScene.GetSubjectHierarchyNode()
        item = hierarchy.GetItemByDataNode(node)
        display = node.GetDisplayNode()
        names = ("Modality", "SeriesNumber", "SeriesDescription", "SeriesDate", "FrameOfReferenceUID", "Manufacturer", "Model")
        return {
            "name": node.GetName(),
            "instances": node.GetAttribute("DICOM.instanceUIDs"),
            "numbers": node.GetAttribute("DICOM.instanceNumbers"),
            "unit": node.GetVoxelValueUnits().GetAsPrintableString() if node.GetVoxelValueUnits() else "",
            "uid": hierarchy.GetItemUID(item, "DICOM"),
            "presets": display.GetNumberOfWindowLevelPresets(),
            "window": (display.GetWindow(), display.GetLevel()) if display.GetNumberOfWindowLevelPresets() else None,
            **{name: hierarchy.GetItemAttribute(item, f"DICOM.{name}") for name in names},
        }

    def test_closing_takes_a_small_part_of_what_it_takes_slicer(self):
        times = {}
        for own in (False, True):
            sixty_segments.add(own)
            slicer.app.processEvents()
            times[own] = timed(lambda: slicer.mrmlScene.Clear(0))
        print(f"closing a scene of {SEGMENTS} segments: Slicer's way takes {times[False] / times[True]:.0f} x as long ({times[True]:.3f} s)")
        self.assertLess(times[True] * 5, times[False])

    def test_quitting_with_our_segments_takes_a_small_part_of_what_it_takes_with_plain_ones(self):
        if not hasattr(os, "wait4"):
            self.skipTest("the system does not tell how long a process worked")
        times = {what: self.quitting(what) for what in ("none", "own", "plain")}
        print("quitting takes", ", ".join(f"{seconds:.1f} s of the processor ({what})" for what, seconds in times.items()))
        self.assertLess(times["own"] - times["none"], (times["plain"] - times["none"]) / 4)

    def quitting(self, what):
        """Seconds of the processor from the wish to the end of a Slicer of its own."""
        launcher = slicer.app.launcherExecutableFilePath
        program = launcher if os.path.isfile(launcher) else slicer.app.applicationFilePath()
        script = f"import sys; sys.path.append({os.path.dirname(os.path.abspath(__file__))!r}); import quit_with_segments"
        # Not in testing mode, in which Slicer ends after the script. Settings of its own: none of the person's are read or written.
        modules = os.path.dirname(slicer.modules.idcbrowser.path)
        command = [program, "--no-splash", "--additional-module-paths", modules, "--python-code", script]
        with tempfile.TemporaryDirectory() as home, tempfile.TemporaryFile("w+") as said:
            environment = {**os.environ, "IDC_BROWSER_QUIT": what, "HOME": home, "XDG_CONFIG_HOME": home}
            started = subprocess.Popen(command, env=environment, stdout=said, stderr=subprocess.STDOUT)
            _pid, status, used = os.wait4(started.pid, 0)
            started.returncode = os.waitstatus_to_exitcode(status)
            said.seek(0)
            text = said.read()
        (wish,) = [line.split()[1] for line in text.splitlines() if line.startswith("QUITS ")] or [None]
        self.assertIsNotNone(wish, text)
        self.assertEqual(started.returncode, 0, text[-2000:])
        return used.ru_utime + used.ru_stime - float(wish)

    def test_from_the_click_to_the_picture(self):
        """``SEG`` of 60 segments, with its CT: by our panel, then by the plugin of Slicer that is made for it."""
        import made_series

        from IDCBrowserLib.host_interface import LoadRequest

        if slicer.util.mainWindow() is None:
            self.skipTest("Slicer runs without a main window")
        slicer.util.selectModule("IDCBrowser")
        desktop = slicer.util.getModuleWidget("IDCBrowser")._desktop
        if desktop.browser is None:
            self.skipTest("the packages of Resources/requirements.txt are not installed")
        Heartbeat().run_until(lambda: desktop.browser.tables.state("collections").total > 0)
        folder = os.path.join(self.folder.name, "many")
        made = made_series.many_segments(folder, SEGMENTS, _SLICES, _SIZE)
        DICOMUtils.importDicom(folder)
        loader, results, seen = desktop._host.loader, [], []
        show = loader.seen
        loader.seen = lambda node: (seen.append(time.monotonic() - begin), show(node))
        try:
            beat, begin = Heartbeat(), time.monotonic()
            loader.load([LoadRequest(made.drawn_uid, modality="SEG")], results.extend, lambda _progress: None)
            self.assertTrue(beat.run_until(lambda: results))
            ours = time.monotonic() - begin
            over = time.monotonic() + 3
            beat.run_until(lambda: time.monotonic() > over)
        finally:
            loader.seen = show
        self.assertEqual([result.error for result in results], ["", ""])
        found = {segment["number"]: segment["voxels"] for result in results for segment in (result.report or {}).get("segments", ())}
        self.assertEqual(found, made.voxels)
        slicer.util.selectModule("Data")
        slicer.mrmlScene.Clear(0)
        files = [list(slicer.dicomDatabase.filesForSeries(uid)) for uid in (made.image_uid, made.drawn_uid)]
        begin, cpu = time.monotonic(), time.thread_time()
        loadables, _enabled = DICOMUtils.getLoadablesFromFileLists(files, ["DICOMScalarVolumePlugin", "DICOMSegmentationPlugin"])
        DICOMUtils.selectHighestConfidenceLoadables(loadables)
        DICOMUtils.loadLoadables(loadables)
        theirs, theirs_cpu = time.monotonic() - begin, time.thread_time() - cpu
        (node,) = slicer.util.getNodesByClass("vtkMRMLSegmentationNode")
        self.assertEqual(node.GetSegmentation().GetNumberOfSegments(), SEGMENTS)
        print(f"\n{SEGMENTS} segments on {_SLICES} slices with their CT: first slices after {seen[0]:.2f} s, all after {ours:.2f} s, {beat}")
        print(f"Slicer's own plugins take {theirs / ours:.1f} x as long, in one block of {theirs_cpu:.2f} s of the processor")
        self.assertLess(ours, theirs)

    def test_an_edited_segmentation_can_be_undone_and_saved(self):
        sixty_segments.add(True)
        node = slicer.mrmlScene.GetFirstNodeByClass("vtkMRMLSegmentationNode")
        path = os.path.join(self.folder.name, "saved.seg.nrrd")
        self.assertTrue(slicer.util.saveNode(node, path))
        node.GetSegmentation().RemoveSegment("Segment_1")
        self.assertEqual(node.GetSegmentation().GetNumberOfSegments(), SEGMENTS - 1)
        slicer.mrmlScene.Clear(0)
        node = None
        back = slicer.util.loadSegmentation(path)
        self.assertEqual(back.GetSegmentation().GetNumberOfSegments(), SEGMENTS)


def _matrix(node):
    import vtk

    matrix = vtk.vtkMatrix4x4()
    node.GetIJKToRASMatrix(matrix)
    return matrix
