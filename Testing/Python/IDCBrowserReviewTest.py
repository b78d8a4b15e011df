"""Two readers in Slicer judge twenty cases from the bucket with keys, one corrects a segmentation, and their answers become tables and DICOM SR.

Run by Slicer's ctest, not by pytest; see ``demo_story.py``.
"""

import csv
import os
import shutil
import unittest

import numpy as np
import qt
import slicer
from demo_story import DemoStory
from review_cases import ALGORITHM, READERS, open_review_world, write_cases

CASES = 20
# Of one case: its image and what each of three drew.
SERIES = 4
WINDOW = (600.0, -100.0)


class ReviewStory(DemoStory):
    """A list of ``cases`` is made by clicks, and gone through with the keys J and K."""

    cases = CASES

    def make_world(self, folder):
        self.made = write_cases(folder / "objects", self.cases)
        return open_review_world(folder, self.made)

    @property
    def review(self):
        return self.person.desktop.browser.review

    @property
    def state(self):
        return self.review.state

    @property
    def red(self):
        return slicer.app.layoutManager().sliceWidget("Red").mrmlSliceNode()

    def file(self, name):
        return self.folder / name

    def make_list(self, reader, blinded=False):
        """What is selected in the tables becomes a list; ``reader`` begins with it."""
        person, browser = self.person, self.person.desktop.browser
        # The smallest screen that it is made for.
        slicer.util.mainWindow().setGeometry(0, 0, 1280, 720)
        slicer.util.selectModule("IDCBrowser")
        person.wait(lambda: person.desktop.browser is not None and person.total("collections") > 100, "the catalog")
        browser = person.desktop.browser
        person.type_into("collectionsFilter", "demo_phantom")
        person.wait(lambda: person.total("collections") == 1, "the filter")
        person.select_all_rows("collections")
        person.wait(lambda: browser.picked.state.summary is not None, "the total")
        browser.show_page("review")
        if blinded:
            person.widget("reviewBlinded").setChecked(True)
        person.will_choose(self.file("list.idcreview"))
        person.widget("reviewMake").click()
        person.wait(lambda: self.state.is_open, "the list")
        self.begin(reader)

    def begin(self, reader):
        person = self.person
        if not person.desktop._view.is_shown and self.state.reader:
            person.find_in_panel("reviewChangeReader").click()
            find = person.find_in_panel
        else:
            find = person.widget
        find("reviewReader").setText(reader)
        find("reviewBegin").click()
        person.wait(lambda: self.state.reader == reader, "the reader")

    def in_sight(self, number):
        """Loaded, shown in the views, and painted."""
        from IDCBrowserLib.logic.review.state import Phase

        return self.state.phase is Phase.SHOWN and self.state.number == number - 1 and not self.person.desktop._nodes.is_showing

    def go(self, key, number):
        """Press a key; gives the times until that entry is in sight."""
        return self.person.time_key(key, lambda: self.in_sight(number), f"{key} to entry {number}: {self.state.text}")

    def wait_for(self, number):
        self.person.wait(lambda: self.in_sight(number), f"entry {number}: {self.state.text}", 300)

    def image(self):
        (found,) = [node for node in slicer.util.getNodesByClass("vtkMRMLScalarVolumeNode") if not node.IsA("vtkMRMLLabelMapVolumeNode")]
        return found

    def segmentations(self):
        return slicer.util.getNodesByClass("vtkMRMLSegmentationNode")

    def seen_segments(self):
        """Names of visible segments of all segmentations."""
        found = set()
        for node in self.segmentations():
            display, segmentation = node.GetDisplayNode(), node.GetSegmentation()
            if display.GetVisibility():
                found |= {segmentation.GetSegment(one).GetName() for one in segmentation.GetSegmentIDs() if display.GetSegmentVisibility(one)}
        return found

    def show_only(self, name):
        segments = self.person.desktop.segments.work.segments
        sources = segments.state.all_sources
        segments.show_only([(one.node_id, part.segment_id) for one in sources for part in one.segments if part.name == name])

    def arrange(self):
        """As no case is shown by itself: one view, sagittal, in another window, the liver alone."""
        slicer.app.layoutManager().setLayout(slicer.vtkMRMLLayoutNode.SlicerLayoutOneUpRedSliceView)
        self.red.SetOrientation("Sagittal")
        self.image().GetDisplayNode().AutoWindowLevelOff()
        self.image().GetDisplayNode().SetWindowLevel(*WINDOW)
        self.show_only("Liver")
        self.person.wait_a_moment()

    def check_arrangement(self):
        display = self.image().GetDisplayNode()
        layout = slicer.app.layoutManager().layoutLogic().GetLayoutNode().GetViewArrangement()
        self.assertEqual(layout, slicer.vtkMRMLLayoutNode.SlicerLayoutOneUpRedSliceView)
        self.assertEqual(self.red.GetOrientation(), "Sagittal")
        self.assertEqual((display.GetWindow(), display.GetLevel()), WINDOW)
        self.assertEqual(self.seen_segments(), {"Liver"})
        composite = slicer.app.layoutManager().sliceWidget("Red").mrmlSliceCompositeNode()
        self.assertEqual(composite.GetBackgroundVolumeID(), self.image().GetID())

    def report(self, what, times):
        """Of what ``go`` gave."""
        clock, own, engine = (sorted(values) for values in zip(*times, strict=True))
        middle = len(clock) // 2
        print(
            f"{what} to the picture: median {clock[middle]:.2f} s by the clock (up to {clock[-1]:.2f}), of the processor {own[middle]:.2f} s by "
            f"Slicer (up to {own[-1]:.2f}) and {engine[middle]:.2f} s by the engine, {len(clock)} times"
        )

    def on_disk(self):
        """Series in the download folder, and their bytes."""
        files = list(self.world.download_folder.rglob("*.dcm"))
        return {file.parent.name for file in files}, sum(file.stat().st_size for file in files)


class IDCBrowserReviewTest(ReviewStory, unittest.TestCase):
    def test_two_readers_go_through_twenty_cases(self):
        person = self.person
        self.make_list("Dr. A")
        self.wait_for(1)
        self.assertEqual(len(self.segmentations()), len(READERS) + 1)
        person.wait_a_moment()
        person.photograph("review_first")
        self.arrange()
        person.press_key("4")
        person.press_key("0")
        person.wait(lambda: self.state.answered == 1, "two answers")
        nodes, times = [], []
        for number in range(2, CASES + 1):
            times.append(self.go("J", number))
            self.check_arrangement()
            self.assertEqual(len(self.segmentations()), len(READERS) + 1)
            self.assertEqual(self.image().GetName(), "2: Abdomen 4.0 soft tissue", "without a number that counts former entries")
            nodes.append((slicer.mrmlScene.GetNumberOfNodes(), len(items())))
            person.press_key("345"[number % 3])
            person.wait(lambda number=number: self.state.answered == number, "the answer")
            if number in (2, CASES):
                person.photograph(f"review_{number}")
        self.assertEqual(len(set(nodes)), 1, f"nodes of former entries stay: {nodes}")
        back = []
        for number in (CASES - 1, CASES - 2, CASES - 1):
            back.append(self.go("J" if number > self.state.number + 1 else "K", number))
            self.check_arrangement()
        self.report("key J", times)
        self.report("key K, and J again", back)
        person.wait(lambda: len(self.on_disk()[0]) <= SERIES * 5, "the entries behind are gone")
        self.second_reader()
        self.exports()

    def second_reader(self):
        person = self.person
        self.begin("Dr. B")
        self.wait_for(1)
        self.assertEqual(self.state.answers, {}, "nobody sees what another has answered")
        person.press_key("3")
        for number in (2, 3):
            self.go("J", number)
            person.press_key("4")
        person.wait(lambda: self.state.answered == 3, "three answers")
        person.find_in_panel("reviewAgreement").click()
        person.wait(lambda: self.state.agreement is not None, "the agreement")
        row = self.state.agreement["rows"][0]
        self.assertEqual((list(row["readers"]), row["compared"]), (["Dr. A", "Dr. B"], 3))
        person.wait_a_moment()
        person.photograph("review_agreement")

    def exports(self):
        import pydicom

        person = self.person
        for name in ("answers.csv", "answers.parquet", "answers.dcm"):
            person.will_choose(self.file(name))
            said = []
            self.review.said.connect(said.append)
            person.find_in_panel("reviewExport").click()
            person.wait(lambda said=said: said, name)
            self.review.said.disconnect(said.append)
        with open(self.file("answers.csv"), encoding="utf-8", newline="") as table:
            rows = list(csv.DictReader(table))
        self.assertEqual(len(rows), 2 + (CASES - 1) + 3)
        self.assertEqual({row["reader"] for row in rows}, {"Dr. A", "Dr. B"})
        self.assertTrue(all(float(row["seconds"]) > 0 for row in rows))
        import duckdb

        count = duckdb.sql(f"SELECT count(*) FROM '{self.file('answers.parquet')}'").fetchone()[0]
        self.assertEqual(count, len(rows))
        reports = [pydicom.dcmread(path) for path in self.file("").glob("answers*.dcm")]
        self.assertEqual(len(reports), CASES + 3)
        self.assertEqual({report.Modality for report in reports}, {"SR"})
        self.assertEqual({str(report.PatientID) for report in reports}, {f"CASE-{number:03}" for number in range(1, CASES + 1)})


class IDCBrowserReviewCasesTest(ReviewStory, unittest.TestCase):
    cases = 4

    def test_a_blinded_list_names_makers_nowhere_in_slicer(self):
        person = self.person
        self.make_list("Dr. A", blinded=True)
        self.wait_for(1)
        person.wait_a_moment()
        person.photograph("review_blinded")
        for number in (2, 3, 2):
            self.assertEqual([], [text for text in self.texts() if any(maker in text for maker in (*READERS, ALGORITHM))])
            self.assertEqual({node.GetName() for node in self.segmentations()}, {f"Segmentation {letter}" for letter in "ABC"})
            self.go("J" if number > self.state.number + 1 else "K", number)
        person.find_in_panel("reviewClose").click()
        person.wait(lambda: not self.state.is_open, "the end of the list")
        self.assertEqual(list(self.segmentations()), [])

    def texts(self):
        """Whatever Slicer's window shows, and the names and descriptions of nodes and of items of the Data module."""
        found = []
        for widget in slicer.util.mainWindow().findChildren(qt.QWidget):
            if widget.isVisible():
                found += [str(getattr(widget, name)) for name in ("text", "title", "toolTip", "plainText") if hasattr(widget, name)]
                if widget.inherits("QAbstractItemView") and widget.model() is not None:
                    found += self.cells(widget.model(), qt.QModelIndex())
        for node in slicer.util.getNodes("*", useLists=True).values():
            found += [text or "" for one in node for text in (one.GetName(), one.GetDescription())]
        hierarchy = slicer.mrmlScene.GetSubjectHierarchyNode()
        return found + [hierarchy.GetItemName(item) for item in items()]

    def cells(self, model, parent):
        found = []
        for row in range(min(50, model.rowCount(parent))):
            for column in range(model.columnCount(parent)):
                found.append(str(model.index(row, column, parent).data()))
            found += self.cells(model, model.index(row, 0, parent))
        return found

    def edit(self, name, margin_mm):
        """In Segment Editor, as the button "Correct..." opened it: a segment grows."""
        editor = slicer.modules.segmenteditor.widgetRepresentation().self().editor
        node = editor.segmentationNode()
        editor.setCurrentSegmentID(node.GetSegmentation().GetSegmentIdBySegmentName(name))
        editor.setActiveEffectByName("Margin")
        effect = editor.activeEffect()
        effect.setParameter("MarginSizeMm", str(margin_mm))
        effect.self().onApply()
        editor.setActiveEffect(None)
        return node

    def voxels(self, node):
        segmentation = node.GetSegmentation()
        return {
            segmentation.GetSegment(one).GetName(): slicer.util.arrayFromSegmentBinaryLabelmap(node, one, self.image()).copy()
            for one in segmentation.GetSegmentIDs()
        }

    def correct(self, name, margin_mm):
        """Choose a segment, press "Correct...", edit, and come back; gives the voxels by segment, before and after."""
        person = self.person
        choice = next(one for one in self.state.segments if one.name == name)
        self.review.answering.choose_segment(choice.key)
        before = self.voxels(slicer.mrmlScene.GetNodeByID(choice.node_id))
        person.find_in_panel("reviewCorrect").click()
        self.assertEqual(slicer.util.selectedModule(), "SegmentEditor")
        person.wait_a_moment()
        person.photograph("review_editor")
        node = self.edit(name, margin_mm)
        self.assertEqual(node.GetID(), choice.node_id)
        after = self.voxels(node)
        slicer.util.selectModule("IDCBrowser")
        person.wait_a_moment()
        return before, after

    def corrected(self):
        """The node that was made of the series that the first segment belongs to."""
        return slicer.mrmlScene.GetNodeByID(self.state.segments[0].node_id)

    def saved(self):
        return sorted(path.name for path in self.file("list-corrections").glob("*.dcm"))

    def assert_voxels(self, found, expected):
        self.assertEqual(found.keys(), expected.keys())
        for name, voxels in expected.items():
            np.testing.assert_array_equal(found[name], voxels, name)

    def test_a_correction_is_saved_for_its_reader_and_found_again(self):
        from IDCBrowserLib.labelmap.convert import convert

        person = self.person
        self.make_list("Dr. A")
        self.wait_for(1)
        before, after = self.correct("Liver", 4)
        self.assertGreater(after["Liver"].sum(), before["Liver"].sum())
        person.photograph("review_corrected")
        self.go("J", 2)
        (name,) = self.saved()
        self.assertTrue(name.startswith("00001-Dr_A-"), name)
        back = convert(self.file("list-corrections") / name, [str(path) for path in self.made[0].image.files])
        found = {segment.name: back.layers[segment.layer] == segment.label_value for segment in back.segments}
        for segment, voxels in after.items():
            self.assertEqual(int(found[segment].sum()), int((voxels > 0).sum()), segment)
        self.go("K", 1)
        self.assert_voxels(self.voxels(self.corrected()), after)
        self.go("J", 2)
        self.assertEqual(self.saved(), [name], "what was not changed again is not written again")
        self.begin("Dr. B")
        self.wait_for(1)
        self.assert_voxels(self.voxels(self.corrected()), before)
        self.begin("Dr. A")
        self.wait_for(2)
        self.go("K", 1)
        self.assert_voxels(self.voxels(self.corrected()), after)

    def test_whoever_only_looks_into_segment_editor_has_corrected_nothing(self):
        person = self.person
        self.make_list("Dr. A")
        self.wait_for(1)
        person.find_in_panel("reviewCorrect").click()
        editor = slicer.modules.segmenteditor.widgetRepresentation().self().editor
        for effect in ("Paint", "Threshold", "Islands"):
            editor.setActiveEffectByName(effect)
            person.wait_a_moment()
        editor.setActiveEffect(None)
        slicer.util.selectModule("IDCBrowser")
        person.wait_a_moment()
        self.go("J", 2)
        self.assertFalse(self.file("list-corrections").exists())

    def test_whoever_removes_all_of_it_has_corrected_that_and_goes_on(self):
        person = self.person
        self.make_list("Dr. A")
        self.wait_for(1)
        person.find_in_panel("reviewCorrect").click()
        editor = slicer.modules.segmenteditor.widgetRepresentation().self().editor
        node = editor.segmentationNode()
        for identifier in node.GetSegmentation().GetSegmentIDs():
            slicer.util.updateSegmentBinaryLabelmapFromArray(np.zeros(self.made_shape(), np.uint8), node, identifier, self.image())
        slicer.util.selectModule("IDCBrowser")
        person.wait_a_moment()
        self.go("J", 2)
        self.assertEqual(len(self.saved()), 1)
        self.go("K", 1)
        self.assertEqual({name: int(voxels.sum()) for name, voxels in self.voxels(self.corrected()).items()}, dict.fromkeys(self.names(), 0))

    def made_shape(self):
        return slicer.util.arrayFromVolume(self.image()).shape

    def names(self):
        return ("Liver", "Right kidney", "Left kidney", "Spleen")

    def test_a_scene_that_is_closed_in_the_middle_of_a_list_loses_nothing(self):
        from IDCBrowserLib.logic.review.state import Phase

        person = self.person
        self.make_list("Dr. A")
        self.wait_for(1)
        person.press_key("4")
        _, after = self.correct("Liver", 4)
        slicer.mrmlScene.Clear(0)
        person.wait(self.saved, "the correction", 60)
        person.wait(lambda: self.state.phase is Phase.FAILED, "that the scene was closed")
        person.wait_a_moment()
        person.photograph("review_scene_closed")
        self.assertIn("scene was closed", person.find_in_panel("reviewText").text)
        person.press_key("1")
        person.wait(lambda: len(self.state.answers) == 2, "an answer without the entry")
        person.find_in_panel("reviewAgain").click()
        self.wait_for(1)
        self.assert_voxels(self.voxels(self.corrected()), after)
        self.assertEqual(len(self.state.answers), 2)
        person.press_key("J")
        slicer.app.processEvents()
        slicer.mrmlScene.Clear(0)
        person.wait(lambda: self.state.phase in (Phase.FAILED, Phase.SHOWN), "the end of loading")
        if self.state.phase is Phase.FAILED:
            person.find_in_panel("reviewAgain").click()
        self.wait_for(2)

    def test_the_disk_never_holds_more_than_the_cap(self):
        """Which holds three cases; the one before and the one in sight are two of them."""
        from IDCBrowserLib.review.form import default_form

        person = self.person
        cap = sum(case.size_bytes for case in self.made[:3]) + 1000
        slicer.util.selectModule("IDCBrowser")
        person.wait(lambda: person.desktop.browser is not None and person.total("collections") > 100, "the catalog")
        made = {"name": "Capped", "form": default_form().to_json(), "unit": "images", "blinded": False, "ahead": 3, "cap_bytes": cap}
        selection = {"level": "collections", "ids": ["demo_phantom"]}
        self.review.make({**made, "file": str(self.file("list.idcreview")), "source": {"selections": [selection]}})
        person.wait(lambda: self.state.is_open, "the list")
        self.review.begin("Dr. A")
        self.wait_for(1)
        for number in range(1, self.cases + 1):
            if number > 1:
                self.go("J", number)
            person.wait(lambda: self.on_disk()[1] <= cap and not person.desktop.browser.downloads.state.running, "below the cap")
            person.wait_a_moment()
            self.assertLessEqual(self.on_disk()[1], cap)
        self.review.close()
        shutil.rmtree(self.world.download_folder, ignore_errors=True)


class IDCBrowserReviewFiguresTest(ReviewStory, unittest.TestCase):
    """Large cases: how long it is from a key to the picture, fetched and read ahead, against an entry that nobody expected."""

    cases, shape, segments = 5, (300, 512, 512) if os.environ.get("IDC_BROWSER_LARGE") else (60, 256, 256), 104

    def make_world(self, folder):
        self.made = write_cases(folder / "objects", self.cases, self.shape, self.segments)
        return open_review_world(folder, self.made)

    def test_from_the_key_to_the_picture(self):
        person = self.person
        self.make_list("Dr. A")
        self.wait_for(1)
        self.settle()
        forward, back = [], []
        for number in (2, 3):
            forward.append(self.go("J", number))
            self.settle()
        for number in (2, 3, 2):
            back.append(self.go("J" if number == 3 else "K", number))
        self.settle()
        far = [self.jump(5)]
        self.assertEqual(len(self.segmentations()), 1)
        self.assertEqual(self.segmentations()[0].GetSegmentation().GetNumberOfSegments(), self.segments)
        size = " x ".join(map(str, self.shape))
        self.report(f"{size} with {self.segments} segments, key J", forward)
        self.report("keys K, J and K at once", back)
        self.report("an entry that was not read ahead", far)
        person.photograph("review_large")

    def settle(self):
        """A reader looks at an entry for longer than the next ones take to be fetched and read."""
        client = self.person.desktop._engine.client
        self.person.wait_a_moment()
        self.person.wait(lambda: not client.pending, "what is read ahead", 600)
        self.person.wait_a_moment()
        self.person.wait(lambda: not client.pending, "what is read ahead", 600)

    def jump(self, number):
        return self.person.time_until(lambda: self.review.go_to(number - 1), lambda: self.in_sight(number), f"entry {number}", 300)


def items():
    """Of the Data module."""
    import vtk

    hierarchy, found = slicer.mrmlScene.GetSubjectHierarchyNode(), vtk.vtkIdList()
    hierarchy.GetItemChildren(hierarchy.GetSceneItemID(), found, True)
    return [found.GetId(number) for number in range(found.GetNumberOfIds())]
