"""A person in Slicer compares what two readers and an algorithm drew, hands an image to modules of other extensions, looks at contours, and gives a
segmentation of the own back as DICOM.

Run by Slicer's ctest, not by pytest; see ``demo_story.py``.
"""

import json
import unittest
import zipfile
from pathlib import Path

import numpy as np
import slicer
import stand_in_modules
from demo_story import DemoStory
from review_cases import ALGORITHM, READERS, open_review_world, write_cases


def segmentation(name):
    return next(node for node in slicer.util.getNodesByClass("vtkMRMLSegmentationNode") if name in node.GetName())


def masks(node, image):
    """Voxels (k, j, i) on the grid of the image, by segment name."""
    parts = node.GetSegmentation()
    return {parts.GetSegment(one).GetName(): slicer.util.arrayFromSegmentBinaryLabelmap(node, one, image) > 0 for one in parts.GetSegmentIDs()}


def images():
    return [node for node in slicer.util.getNodesByClass("vtkMRMLScalarVolumeNode") if not node.IsA("vtkMRMLLabelMapVolumeNode")]


class SegmentsStory(DemoStory):
    def begin(self):
        self.open_series()
        slicer.util.mainWindow().setGeometry(0, 0, 1280, 720)

    @property
    def work(self):
        return self.person.desktop.segments.work

    @property
    def segments(self):
        return self.work.segments

    def wait_for_sources(self, count):
        self.person.wait(lambda: len(self.segments.state.all_sources) == count and not self.segments.state.measuring, f"{count} segmentations")

    def file(self, name):
        return self.folder / name

    def choose(self, name, node):
        box = self.person.find_in_panel(name)
        box.setCurrentIndex([source.node_id for source in self.segments.state.all_sources].index(node.GetID()))


class IDCBrowserCompareTest(SegmentsStory, unittest.TestCase):
    """One image with three segmentations: the second lies a voxel, the third two voxels farther along the rows."""

    def make_world(self, folder):
        return open_review_world(folder, write_cases(folder / "objects", 1))

    def test_two_readers_and_an_algorithm_are_compared_and_agreed_on(self):
        self.begin()
        self.load("", 1 + len(READERS) + 1)
        self.person.desktop._view.restore()
        self.person.find_in_panel("segmentsPanel").setCurrentIndex(1)
        self.wait_for_sources(3)
        (self.image,) = images()
        self.one, self.two, self.algorithm = (segmentation(name) for name in (*READERS, ALGORITHM))
        for other, shift in ((self.two, 1), (self.algorithm, 2)):
            self.compare(self.one, other, shift)
        self.save_the_table()
        self.see_where_they_differ()
        for way, number in (("majority", 1), ("STAPLE", 2)):
            self.agree(way, number)

    def compare(self, one, other, shift):
        person = self.person
        self.choose("compareFirst", one)
        self.choose("compareSecond", other)
        person.find_in_panel("compareStart").click()
        self.wait_for_figures()
        drawn = masks(one, self.image), masks(other, self.image)
        spacing = self.image.GetSpacing()[0]
        pairs = {pair["name"]: pair for pair in self.work.comparison.state.document["pairs"]}
        self.assertEqual(pairs.keys(), drawn[0].keys())
        for name, pair in pairs.items():
            first, second = (by_name[name] for by_name in drawn)
            self.assertAlmostEqual(pair["dice"], 2 * (first & second).sum() / (first.sum() + second.sum()), places=9)
            self.assertAlmostEqual(pair["hd95_mm"], shift * spacing)
        liver = pairs["Liver"]
        print(f"shifted by {shift}: Dice {liver['dice']:.4f}, HD95 {liver['hd95_mm']:.3f} mm")
        person.wait_a_moment()
        person.photograph(f"compare_{shift}")

    def wait_for_figures(self):
        state = lambda: self.work.comparison.state  # noqa: E731
        self.person.wait(lambda: (state().document is not None or state().problem) and not state().running, "the comparison", 120)
        self.assertEqual(state().problem, "")

    def save_the_table(self):
        self.person.will_choose(self.file("table.csv"))
        self.person.find_in_panel("compareSave").click()
        self.assertIn("Liver", self.file("table.csv").read_text(encoding="utf-8"))

    def see_where_they_differ(self):
        person = self.person
        person.find_in_panel("compareAgreement").setChecked(True)
        person.find_in_panel("compareStart").click()
        self.wait_for_figures()
        person.find_in_panel("compareAgreement").setChecked(False)
        self.wait_for_sources(4)
        found = masks(segmentation("Agreement"), self.image)
        one, other = (masks(node, self.image) for node in (self.one, self.algorithm))
        both = sum((one[name] & other[name]).sum() for name in one)
        self.assertIn(both, [mask.sum() for mask in found.values()])
        person.wait_a_moment()
        person.photograph("compare_agreement")

    def agree(self, way, number):
        import SimpleITK

        person = self.person
        before = len(self.segments.state.all_sources)
        person.find_in_panel("compareConsensus").setCurrentIndex(number)
        person.find_in_panel("compareStart").click()
        self.wait_for_figures()
        self.wait_for_sources(before + 1)
        made = slicer.mrmlScene.GetNodeByID(self.segments.state.all_sources[-1].node_id)
        self.assertIn("Consensus", made.GetName())
        found = masks(made, self.image)
        drawn = [masks(node, self.image) for node in (self.one, self.two, self.algorithm)]
        for name in drawn[0]:
            if way == "majority":
                expected = sum(one[name].astype(int) for one in drawn) >= 2
            else:
                stated = [SimpleITK.GetImageFromArray(one[name].astype(np.uint8)) for one in drawn]
                expected = SimpleITK.GetArrayFromImage(SimpleITK.STAPLE(stated, 1.0)) >= 0.5
                # What lies far from all of them tells STAPLE how rare a segment is: the program gives it what is near.
                self.assertGreater(2 * (found[name] & expected).sum() / (found[name].sum() + expected.sum()), 0.97, name)
                continue
            np.testing.assert_array_equal(found[name], expected, name)
        print(f"{way}: {int(found['Liver'].sum()):,} voxels of the liver, drawn {[int(one['Liver'].sum()) for one in drawn]}")
        person.find_in_panel("compareConsensus").setCurrentIndex(0)
        person.wait_a_moment()
        person.photograph(f"consensus_{way}")

    def test_an_image_goes_to_modules_that_segment_it_and_the_result_is_compared_by_a_click(self):
        stand_in_modules.register(self.folder)
        self.begin()
        self.load("Abdomen", 1)
        self.load(READERS[0], 1)
        self.wait_for_sources(1)
        (self.image,) = images()
        for name, module in (
            ("TotalSegmentator", "TotalSegmentator"),
            ("MONAIAuto3DSeg", "MONAIAuto3DSeg"),
            ("NNInteractive", "SlicerNNInteractive"),
        ):
            with self.subTest(module=module):
                self.hand_over(name, module)

    def hand_over(self, name, module):
        person = self.person
        person.desktop._view.restore()
        self.assertFalse(person.find_in_panel("handOverCompare").isEnabled())
        person.find_in_panel(f"handOver{name}").click()
        self.assertEqual(slicer.util.selectedModule(), module)
        widget = slicer.util.getModuleWidget(module)
        if module == "SlicerNNInteractive":
            editor = widget.ui.editor_widget
            result = editor.segmentationNode()
            self.assertIs(editor.sourceVolumeNode(), self.image)
        else:
            selector = widget.ui.inputVolumeSelector if module == "TotalSegmentator" else widget.ui.inputNodeSelector0
            self.assertIs(selector.currentNode(), self.image)
            self.assertIsNone(widget.ui.outputSegmentationSelector.currentNode())
            role = "InputVolume" if module == "TotalSegmentator" else "InputNode0"
            self.assertIs(widget.logic.getParameterNode().GetNodeReference(role), self.image)
            result = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLSegmentationNode", f"{self.image.GetName()} {module}")
            result.CreateDefaultDisplayNodes()
            result.SetReferenceImageGeometryParameterFromVolumeNode(self.image)
        person.wait_a_moment()
        person.photograph(f"handed_over_{module}")
        liver = np.roll(masks(segmentation(READERS[0]), self.image)["Liver"], 3, axis=2)
        result.GetSegmentation().AddEmptySegment("liver", "liver")
        slicer.util.updateSegmentBinaryLabelmapFromArray(liver.astype(np.uint8), result, "liver", self.image)
        slicer.util.selectModule("IDCBrowser")
        person.wait(lambda: person.find_in_panel("handOverCompare").isEnabled(), "the result")
        person.find_in_panel("handOverCompare").click()
        self.wait_for_figures()
        (pair,) = self.work.comparison.state.document["pairs"]
        self.assertEqual(pair["name"], "Liver")
        self.assertTrue(0.8 < pair["dice"] < 1.0)
        self.assertAlmostEqual(pair["hd95_mm"], 3 * self.image.GetSpacing()[0])
        person.wait_a_moment()
        person.photograph(f"result_{module}")
        slicer.mrmlScene.RemoveNode(result)
        self.wait_for_sources(1)

    def test_modules_that_are_not_installed_are_named_with_the_way_to_get_them(self):
        hidden = stand_in_modules.hide()
        self.addCleanup(stand_in_modules.show, hidden)
        self.begin()
        self.load("Abdomen", 1)
        person = self.person
        person.desktop._view.restore()
        # An image alone leaves it folded.
        person.find_in_panel("segmentsSection").setChecked(True)
        person.find_in_panel("segmentsPanel").setCurrentIndex(2)
        for name, extension in (("TotalSegmentator", "TotalSegmentator"), ("MONAIAuto3DSeg", "MONAIAuto3DSeg"), ("NNInteractive", "NNInteractive")):
            button = person.find_in_panel(f"handOver{name}")
            self.assertTrue(button.text.startswith("Get "), button.text)
            if hasattr(slicer.app, "openExtensionsManagerDialog"):
                # It is modal, and the network is not needed here.
                continue
            button.click()
            self.assertIn(extension, person.find_in_panel("handOverAbout").text)
            self.assertIn("by hand", person.find_in_panel("handOverAbout").text)
        self.assertEqual(slicer.util.selectedModule(), "IDCBrowser")
        person.wait_a_moment()
        person.photograph("not_installed")


class IDCBrowserGivingBackTest(SegmentsStory, unittest.TestCase):
    """The phantom: a structure set, and an oblique MR on which a person draws."""

    def test_contours_are_seen_over_their_voxels_and_another_rule_fills_them_anew(self):
        from IDCBrowserLib.labelmap.convert import convert
        from IDCBrowserLib.labelmap.options import ConvertOptions

        person = self.person
        self.begin()
        self.load("Abdomen 4.0", 1)
        self.load("Planning contours", 1)
        person.desktop._view.restore()
        self.wait_for_sources(1)
        (self.image,) = [node for node in images() if "Abdomen" in node.GetName()]
        source = self.segments.state.all_sources[0]
        rings = next(one for one in source.segments if one.name == "PTV minus GTV")
        self.segments.go_to_largest(source.node_id, rings.segment_id)
        self.select(source.node_id, rings.segment_id)
        about = person.find_in_panel("segmentsAbout").text
        self.assertIn("contours", about)
        self.assertIn("cm2", about)
        red = slicer.app.layoutManager().sliceWidget("Red").sliceView()
        before = self.drawn_in(red)
        person.find_in_panel("segmentsContours").setChecked(True)
        person.wait_a_moment()
        person.photograph("contours")
        self.assertGreater(self.drawn_in(red), before, "outlines of the slice")
        person.find_in_panel("segmentsContours").setChecked(False)
        person.wait_a_moment()
        self.assertEqual(self.drawn_in(red), before)
        person.find_in_panel("segmentsContours").setChecked(True)
        node, files = slicer.mrmlScene.GetNodeByID(source.node_id), {one.key: [str(path) for path in one.files] for one in self.world.series}
        # In the order of the box: contained is a hole, all united, exclusive or.
        for place, rule in ((1, "union"), (2, "xor"), (0, "auto")):
            person.find_in_panel("segmentsRule").setCurrentIndex(place)
            person.wait(lambda: not self.work.contour_rule.running, f"the rule {rule}", 120)
            person.wait_a_moment()
            expected = convert(files["rtstruct"][0], files["ct"], ConvertOptions(contour_rule=rule))
            counted = {segment.name: segment.voxels for segment in expected.segments if segment.voxels}
            self.assertEqual({name: int(mask.sum()) for name, mask in masks(node, self.image).items() if mask.any()}, counted)
            person.photograph(f"rule_{rule}")

    def drawn_in(self, view):
        """Lines of models that a slice view draws."""
        count, renderers = 0, view.renderWindow().GetRenderers()
        for number in range(renderers.GetNumberOfItems()):
            for actor in list(renderers.GetItemAsObject(number).GetActors2D()):
                data = actor.GetMapper().GetInput() if actor.GetVisibility() and actor.GetMapper() is not None else None
                count += data.GetNumberOfLines() if data is not None and data.IsA("vtkPolyData") else 0
        return count

    def select(self, node_id, segment_id):
        page = self.work.panel.list
        page.view.setCurrentIndex(page.model.index_of((node_id, segment_id)))

    def drawn(self):
        """On the oblique grid: a tube with a hole that is closed at both ends, one voxel, voxels that touch at corners, a block over the tube."""
        shape = slicer.util.arrayFromVolume(self.image).shape
        tube, dot, corners, block = (np.zeros(shape, bool) for _ in range(4))
        tube[5:15, 20:40, 30:60] = True
        tube[7:13, 25:35, 40:50] = False
        dot[20, 64, 70] = True
        for step in range(6):
            corners[22 + step // 2, 50 + step, 80 + step] = True
        block[10:18, 30:50, 50:90] = True
        return {"Tube": tube, "Dot": dot, "Corners": corners, "Block": block}

    def draw(self, parts):
        node = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLSegmentationNode", "My own")
        node.CreateDefaultDisplayNodes()
        node.SetReferenceImageGeometryParameterFromVolumeNode(self.image)
        for name, mask in parts.items():
            node.GetSegmentation().AddEmptySegment(name, name)
            slicer.util.updateSegmentBinaryLabelmapFromArray(mask.astype(np.uint8), node, name, self.image)
        return node

    def export(self, form, path):
        """By the menu; gives what the panel says."""
        said = []
        self.person.will_choose(path)
        self.work.giving_back.said.connect(said.append)
        self.person.find_in_panel(f"{form}ExportAction").trigger()
        self.person.wait(lambda: not self.work.giving_back.running, form, 180)
        self.work.giving_back.said.disconnect(said.append)
        return said[-1]

    def test_a_segmentation_of_ones_own_goes_back_voxel_by_voxel_in_every_form(self):
        person = self.person
        self.begin()
        self.load("T1 GRE", 1)
        person.desktop._view.restore()
        (self.image,) = images()
        self.files = [str(path) for path in next(one for one in self.world.series if one.key == "mr").files]
        overlapping = self.draw(self.drawn())
        single = self.draw({name: mask for name, mask in self.drawn().items() if name != "Block"})
        self.wait_for_sources(2)
        self.segments.go_to_largest(overlapping.GetID(), "Tube")
        self.select(overlapping.GetID(), "Tube")
        person.wait_a_moment()
        person.photograph("own_segmentation")
        for form in ("seg", "measured", "rtstruct", "measuredRois"):
            with self.subTest(form=form):
                self.check(overlapping, form)
        self.assertIn("more than one segment", self.export("labelmap", self.file("refused.dcm")))
        self.assertFalse(self.file("refused.dcm").exists())
        self.package(overlapping)
        self.select(single.GetID(), "Tube")
        self.check(single, "labelmap")
        person.find_in_panel("deflatedExportAction").setChecked(True)
        for form in ("labelmap", "seg"):
            self.check(single, form, "deflated")
        person.find_in_panel("deflatedExportAction").setChecked(False)

    def check(self, node, form, suffix=""):
        """Read by the library, then by Slicer from its database: each voxel of the node."""
        import pydicom

        from IDCBrowser import IDCBrowserLogic
        from IDCBrowserLib.labelmap.convert import convert

        path = self.file(f"{form}{suffix}.dcm")
        said = self.export(form, path)
        self.assertTrue(path.is_file(), said)
        self.assertTrue("in the DICOM database as well" in said or (suffix and "this Slicer cannot read" in said), said)
        expected = masks(node, self.image)
        back = convert(path, self.files)
        found = {segment.name: back.layers[segment.layer] == segment.label_value for segment in back.segments}
        self.assertEqual(found.keys(), expected.keys())
        for name, mask in expected.items():
            np.testing.assert_array_equal(found[name], mask, name)
        head = pydicom.dcmread(path, stop_before_pixels=True)
        deflated = "1.2.840.10008.1.2.1.99"
        self.assertEqual(str(head.file_meta.TransferSyntaxUID) == deflated, bool(suffix))
        if "this Slicer cannot read" in said:
            # Its DCMTK was built without zlib.
            return
        database, series = slicer.dicomDatabase, str(head.SeriesInstanceUID)
        self.assertEqual(database.studyForSeries(series), database.studyForSeries(self.image.GetAttribute("IDCBrowser.SeriesInstanceUID")))
        before = set(slicer.util.getNodesByClass("vtkMRMLSegmentationNode"))
        IDCBrowserLogic().load(series)
        (loaded,) = set(slicer.util.getNodesByClass("vtkMRMLSegmentationNode")) - before
        self.assertIs(loaded.GetNodeReference(loaded.GetReferenceImageGeometryReferenceRole()), self.image)
        again = masks(loaded, self.image)
        for name, mask in expected.items():
            np.testing.assert_array_equal(again[name], mask, name)
        slicer.mrmlScene.RemoveNode(loaded)
        if form.startswith("measured"):
            self.check_measurements(path.with_name(f"{path.stem}-measurements.dcm"), expected)

    def check_measurements(self, path, expected):
        """Volumes as highdicom, which Slicer brings, reads them."""
        import highdicom

        report = highdicom.sr.srread(path)
        spacing = np.prod(self.image.GetSpacing())
        volumes = {}
        for group in report.content.get_volumetric_roi_measurement_groups():
            for measurement in group.get_measurements():
                if measurement.name.meaning == "Volume":
                    volumes[group.tracking_identifier] = float(measurement.value)
        self.assertEqual(len(volumes), len(expected))
        for name, mask in expected.items():
            (volume,) = [value for tracked, value in volumes.items() if name in tracked]
            self.assertAlmostEqual(volume / (mask.sum() * spacing), 1.0, places=6)

    def package(self, node):
        path = self.file("mine.zip")
        said = self.export("package", path)
        self.assertIn("were read back", said)
        with zipfile.ZipFile(path) as packed:
            names = {Path(name).name: name for name in packed.namelist()}
            validation = json.loads(packed.read(names["validation.json"]))
        self.assertTrue({"segmentation.dcm", "manifest.json"} <= names.keys(), names)
        voxels = {segment["name"]: (segment["voxels"], segment["different_voxels"]) for segment in validation["segments"]}
        self.assertEqual(voxels, {name: (int(mask.sum()), 0) for name, mask in masks(node, self.image).items()})
