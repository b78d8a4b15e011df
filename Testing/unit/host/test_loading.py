"""Series from the database into the scene, with the engine's and the store's answers made here."""

import json
from dataclasses import replace

import numpy as np
import pytest
from helpers.fake_host import FakeEngine, FakeStore
from helpers.fake_images import CT, FakeImages
from helpers.made_volumes import AXIAL, OBLIQUE, TUMOR, count, image, labelmap
from helpers.mrml_reading import voxels_of

from IDCBrowserLib.api.objects import Description
from IDCBrowserLib.errors import ConversionError, EngineError, StoreError
from IDCBrowserLib.host.loading.array_files import made_of_each
from IDCBrowserLib.host.loading.scene_loader import ALREADY_LOADED, SceneLoader, is_segmentation
from IDCBrowserLib.host_interface import ChosenSegments, LoadRequest
from IDCBrowserLib.scene.provenance import nodes_of_series
from IDCBrowserLib.scene.segments.contours import contour_models
from IDCBrowserLib.scene.segments.labelmap_nodes import LoadAs
from IDCBrowserLib.scene.segments.segment_voxels import grid_of

SEG, OTHER = "1.2.3.4", "1.2.3.6"
CT_CLASS = "1.2.840.10008.5.1.4.1.1.2"
STORAGE = "1.2.840.10008.5.1.4.1.1."
SEG_CLASS = "1.2.840.10008.5.1.4.1.1.66.4"
LABEL_MAP_CLASS = "1.2.840.10008.5.1.4.1.1.66.7"


class Store(FakeStore):
    """Files by series; ``errors`` by series."""

    def __init__(self, files):
        super().__init__()
        self.files = files
        self.errors = {}
        self.asked = []

    def series_files(self, series_uid, on_done, on_error):
        self.asked.append(series_uid)
        if series_uid in self.errors:
            on_error(self.errors[series_uid])
        else:
            on_done(self.files.get(series_uid, []))
        return self

    def cancel(self):
        pass


class Bench(FakeImages):
    """A real scene, a fake engine whose answers are files in ``folder``, a store in memory."""

    def __init__(self, scene, folder):
        super().__init__(folder)
        self.scene = scene
        self.engine = FakeEngine(self.handlers())
        self.questions = []
        self.confirms = True
        self.store = Store({CT: ["/ct/1.dcm", "/ct/2.dcm"], SEG: ["/seg/1.dcm"]})
        from IDCBrowserLib.host.loading.engine_images import EngineImageLoader

        self.loader = SceneLoader(scene, self.engine.client, self.store, EngineImageLoader(scene, self.engine.client, lambda: "bw"), self.confirm)
        self.progress = []
        self.results = None

    def confirm(self, question, on_answer):
        self.questions.append(question)
        on_answer(self.confirms)

    def load(self, *requests, settle=True):
        self.results = None
        handle = self.loader.load(requests, self._done, self.progress.append)
        if settle:
            self.engine.settle(60)
        return handle

    def _done(self, results):
        assert self.results is None, "told twice"
        self.results = list(results)

    def nodes(self, node_class):
        count = self.scene.GetNumberOfNodesByClass(node_class)
        found = [self.scene.GetNthNodeByClass(index, node_class) for index in range(count)]
        return [node for node in found if node.GetClassName() == node_class]


def ct(uid=CT):
    return LoadRequest(uid, "1.2.3", "P1", "CT", CT_CLASS, "CT axial")


def seg(uid=SEG):
    return LoadRequest(uid, "1.2.3", "P1", "SEG", SEG_CLASS, "Organs")


@pytest.fixture
def bench(tmp_path):
    pytest.importorskip("slicer")
    from IDCBrowserLib.host.standalone.scene import StandaloneScene

    host = StandaloneScene()
    yield Bench(host.scene, tmp_path)
    host.release()


def test_the_image_is_loaded_before_the_segmentation_whatever_the_order(bench):
    bench.load(seg(), ct())
    asked = [method for method, _ in bench.engine.process.asked if method not in ("volume.memory", "catalog.provenance")]
    assert asked == ["volume.read", "labelmap.describe", "labelmap.convert"]
    assert [result.series_uid for result in bench.results] == [SEG, CT]
    assert not any(result.error or result.warnings for result in bench.results)


def test_chosen_segments_are_loaded_without_the_series_being_in_the_database(bench):
    bench.store.files.pop(SEG, None)
    chosen = ChosenSegments({"series": SEG}, (2,), {"referenced_series_uids": [CT], "frame_of_reference_uid": "1.2.7"})
    bench.load(replace(seg(), chosen=chosen))
    (asked,) = bench.engine.process.calls("segments.load")
    assert asked["numbers"] == [2] and asked["image_files"] == list(bench.store.files[CT])
    assert {"files": [], "images": asked["image_files"]} in bench.engine.process.calls("volume.memory"), "a part may be too large as well"
    own = bench.results[0]
    assert own.series_uid == SEG and not own.error
    assert "of 90" in own.warnings[-1] and "was not downloaded" in own.warnings[-1]
    (node,) = bench.nodes("vtkMRMLSegmentationNode")
    assert node.GetSegmentation().GetNumberOfSegments() == 1
    bench.load(seg())
    assert "already in the scene" in bench.results[0].warnings[0]


def test_further_segments_join_those_that_are_there_and_only_they_are_asked_for(bench):
    chosen = ChosenSegments({"series": SEG}, (2,), {"referenced_series_uids": [CT], "frame_of_reference_uid": "1.2.7"})
    bench.load(replace(seg(), chosen=chosen))
    (node,) = bench.nodes("vtkMRMLSegmentationNode")
    node.GetSegmentation().GetNthSegment(0).SetColor(0, 0, 1)
    bench.load(replace(seg(), chosen=replace(chosen, numbers=(1, 2))))
    assert not bench.results[0].error and bench.results[0].node_ids == (node.GetID(),)
    assert [asked["numbers"] for asked in bench.engine.process.calls("segments.load")] == [[2], [1]]
    assert bench.nodes("vtkMRMLSegmentationNode") == [node]
    segmentation = node.GetSegmentation()
    assert sorted(segmentation.GetSegmentIDs()) == ["Segment_1", "Segment_2"]
    assert segmentation.GetSegment("Segment_2").GetColor() == (0, 0, 1), "what somebody has changed stays"
    bench.load(replace(seg(), chosen=replace(chosen, numbers=(1,))))
    assert bench.results[0].warnings == (ALREADY_LOADED,) and len(bench.engine.process.calls("segments.load")) == 2


def test_chosen_segments_on_several_grids_are_segmentations_of_their_own_which_further_ones_join_on_their_grid(bench):
    bench.further_parts = [replace(labelmap(OBLIQUE), label="second grid")]
    chosen = ChosenSegments({"series": SEG}, (2,), {"referenced_series_uids": [CT], "frame_of_reference_uid": "1.2.7"})
    bench.load(replace(seg(), chosen=chosen))
    nodes = bench.nodes("vtkMRMLSegmentationNode")
    assert [list(node.GetSegmentation().GetSegmentIDs()) for node in nodes] == [["Segment_2"], ["Segment_2"]]
    grids = [grid_of(node) for node in nodes]
    assert grids[0] != grids[1]
    bench.labelmap, bench.further_parts = bench.further_parts[0], [bench.labelmap]
    bench.load(replace(seg(), chosen=replace(chosen, numbers=(1,))))
    assert bench.nodes("vtkMRMLSegmentationNode") == nodes
    assert [sorted(node.GetSegmentation().GetSegmentIDs()) for node in nodes] == [["Segment_1", "Segment_2"]] * 2
    assert [grid_of(node) for node in nodes] == grids


def test_the_scene_holds_volume_segmentation_and_labelmap_volume(bench):
    bench.load(ct(), seg())
    (volume,) = bench.nodes("vtkMRMLScalarVolumeNode")
    np.testing.assert_array_equal(voxels_of(volume), image())
    assert volume.GetName() == "P1 3: CT axial"
    (segmentation,) = bench.nodes("vtkMRMLSegmentationNode")
    assert segmentation.GetNodeReference(segmentation.GetReferenceImageGeometryReferenceRole()) is volume
    (labels,) = bench.nodes("vtkMRMLLabelMapVolumeNode")
    assert (voxels_of(labels) == 2).sum() == count(TUMOR)
    assert bench.results[1].node_ids[:2] == (segmentation.GetID(), labels.GetID())


def test_the_report_counts_voxels_per_segment(bench):
    bench.load(ct(), seg())
    report = bench.results[1].report
    assert {segment["name"]: segment["voxels"] for segment in report["segments"]}["Tumor"] == count(TUMOR)
    assert report["overlapping_voxels"] == count(TUMOR)
    assert report["image_series_uids"] == [CT]
    assert json.loads(json.dumps(report)) == report


def test_the_images_files_are_given_to_the_conversion(bench):
    bench.load(seg())
    assert bench.engine.process.calls("labelmap.convert") == [{"input": "/seg/1.dcm", "images": ["/ct/1.dcm", "/ct/2.dcm"]}]


def test_a_referenced_image_that_is_in_the_database_is_loaded_too(bench):
    bench.load(seg())
    assert [result.series_uid for result in bench.results] == [SEG, CT]
    assert len(bench.nodes("vtkMRMLScalarVolumeNode")) == 1


def test_a_second_load_says_that_it_was_there_and_loads_nothing(bench):
    bench.load(ct(), seg())
    first = [result.node_ids for result in bench.results]
    asked = len(bench.engine.process.asked)
    bench.load(ct(), seg())
    assert [result.warnings for result in bench.results] == [(ALREADY_LOADED,)] * 2
    assert [result.node_ids for result in bench.results] == first
    assert len(bench.engine.process.asked) == asked


def test_a_series_asked_for_twice_is_loaded_once(bench):
    bench.load(ct(), ct())
    assert len(bench.nodes("vtkMRMLScalarVolumeNode")) == 1
    assert len(bench.results) == 1


def test_a_seg_whose_image_is_nowhere_is_shown_on_its_own_grid_and_says_so(bench):
    del bench.store.files[CT]
    bench.load(seg())
    (result,) = bench.results
    assert CT in result.warnings[0]
    assert "not in the DICOM database" in result.warnings[0]
    assert bench.engine.process.calls("labelmap.convert")[0]["images"] is None
    assert len(bench.nodes("vtkMRMLSegmentationNode")) == 1


def test_a_structure_set_whose_image_is_nowhere_is_shown_on_its_own_grid_and_says_so(bench):
    del bench.store.files[CT]
    bench.described["images_needed"] = True
    bench.load(seg())
    (result,) = bench.results
    assert result.error == "" and CT in result.warnings[0] and "their own grid" in result.warnings[0]
    assert bench.engine.process.calls("labelmap.convert") == [{"input": "/seg/1.dcm", "images": None, "grid": "own"}]
    assert len(bench.nodes("vtkMRMLSegmentationNode")) == 1


def test_a_series_that_says_seg_and_holds_images_is_shown_as_images(bench):
    bench.drawn = []
    bench.store.files[SEG] = ["/seg/1.dcm", "/seg/2.dcm"]
    bench.load(replace(seg(), sop_class_uid=""))
    (result,) = bench.results
    assert result.error == ""
    assert bench.engine.process.calls("volume.read")[0]["files"] == ["/seg/1.dcm", "/seg/2.dcm"]
    assert bench.nodes("vtkMRMLSegmentationNode") == []


def test_a_seg_in_the_series_of_its_images_is_shown_on_them(bench):
    bench.drawn = ["/both/seg.dcm"]
    bench.described["referenced_series_uids"] = [SEG]
    bench.store.files[SEG] = ["/both/1.dcm", "/both/seg.dcm", "/both/2.dcm"]
    bench.load(replace(seg(), sop_class_uid=""))
    assert bench.engine.process.calls("labelmap.convert")[0] == {"input": "/both/seg.dcm", "images": bench.store.files[SEG]}
    assert len(bench.nodes("vtkMRMLSegmentationNode")) == 1
    assert len(bench.nodes("vtkMRMLScalarVolumeNode")) == 1


def test_a_labelmap_for_each_phase_is_named_by_it_and_lies_over_its_volume(bench):
    early, late = (replace(bench.labelmap, label=f"TriggerTime {time}") for time in (0, 350))
    bench.volumes = [(f"3: CT axial [{part.label}]", AXIAL) for part in (early, late)]
    bench.engine.process.handlers["labelmap.convert"] = lambda _parameters: bench.document(early, late)
    bench.load(ct(), seg())
    made = bench.nodes("vtkMRMLSegmentationNode")
    assert [node.GetName().partition("[")[2] for node in made] == ["TriggerTime 0]", "TriggerTime 350]"]
    for node, part in zip(made, (early, late), strict=True):
        role = node.GetReferenceImageGeometryReferenceRole()
        assert node.GetNodeReference(role).GetName().endswith(f"[{part.label}]")


def sequences_of(bench):
    return {
        sequence.GetName(): [(sequence.GetNthIndexValue(n), sequence.GetNthDataNode(n)) for n in range(sequence.GetNumberOfDataNodes())]
        for sequence in bench.nodes("vtkMRMLSequenceNode")
    }


def test_phases_of_images_and_of_labelmaps_are_sequences_that_share_their_voxels(bench):
    early, late = (replace(bench.labelmap, label=f"TriggerTime {time}") for time in (0, 350))
    bench.volumes = [(f"3: CT axial [{part.label}]", AXIAL) for part in (early, late)]
    bench.engine.process.handlers["labelmap.convert"] = lambda _parameters: bench.document(early, late)
    bench.load(ct(), seg())
    found = sequences_of(bench)
    assert sorted(len(items) for items in found.values()) == [2, 2, 2], "images, segmentations, labelmap volumes"
    (images,) = [items for name, items in found.items() if "CT axial" in name]
    assert [label for label, _ in images] == ["TriggerTime 0", "TriggerTime 350"]
    volumes = bench.nodes("vtkMRMLScalarVolumeNode")
    for (label, data), volume in zip(images, volumes, strict=True):
        assert data.GetName() == volume.GetName() and label in data.GetName()
        assert data.GetImageData() is volume.GetImageData()
    # The sequences put nothing of their own over the phases.
    assert len(volumes) == 2 and len(bench.nodes("vtkMRMLSegmentationNode")) == 2
    assert len(bench.nodes("vtkMRMLSequenceBrowserNode")) == 3


def test_several_grids_are_no_phases_and_make_no_sequence(bench):
    bench.volumes = [("3: CT [stack 1]", AXIAL), ("3: CT [stack 2]", OBLIQUE)]
    bench.load(ct())
    assert sequences_of(bench) == {}


def test_a_structure_set_in_the_series_of_its_ct_is_shown_with_it(bench):
    bench.drawn = ["/ct/rs.dcm"]
    bench.described["referenced_series_uids"] = [CT]
    bench.store.files[CT] = ["/ct/1.dcm", "/ct/2.dcm", "/ct/rs.dcm"]
    bench.load(ct())
    (result,) = bench.results
    assert result.error == ""
    assert bench.engine.process.calls("labelmap.convert")[0] == {"input": "/ct/rs.dcm", "images": bench.store.files[CT]}
    (volume,) = bench.nodes("vtkMRMLScalarVolumeNode")
    (segmentation,) = bench.nodes("vtkMRMLSegmentationNode")
    assert {volume.GetID(), segmentation.GetID()} <= set(result.node_ids)


def test_images_are_shown_even_when_what_was_drawn_in_their_series_cannot_be(bench):
    def fail(_parameters):
        raise ConversionError("No contours.")

    bench.drawn = ["/ct/rs.dcm"]
    bench.store.files[CT] = ["/ct/1.dcm", "/ct/rs.dcm"]
    bench.engine.process.handlers["labelmap.convert"] = fail
    bench.load(ct())
    (result,) = bench.results
    assert result.error == "" and len(bench.nodes("vtkMRMLScalarVolumeNode")) == 1
    assert any("No contours." in warning for warning in result.warnings)


def test_an_object_that_names_no_image_is_put_on_the_volume_of_its_frame_of_reference(bench):
    bench.described["referenced_series_uids"] = []
    bench.load(ct(), seg())
    assert bench.engine.process.calls("labelmap.convert")[0]["images"] == ["/ct/1.dcm", "/ct/2.dcm"]


def test_an_object_of_another_frame_of_reference_stays_on_its_own_grid(bench):
    bench.described.update(referenced_series_uids=[], frame_of_reference_uid="1.2.8")
    bench.load(ct(), seg())
    assert bench.engine.process.calls("labelmap.convert")[0]["images"] is None


def test_a_series_that_is_not_in_the_database_fails_alone(bench):
    bench.load(ct(OTHER), seg(), ct())
    errors = {result.series_uid: result.error for result in bench.results}
    assert OTHER in errors[OTHER]
    assert "Download it" in errors[OTHER]
    assert errors[CT] == errors[SEG] == ""


@pytest.mark.parametrize("method", ["volume.read", "labelmap.describe", "labelmap.convert"])
def test_an_error_of_the_engine_belongs_to_its_series(bench, method):
    def fail(_parameters):
        raise ConversionError("The file /x.dcm is cut off; download it again.")

    bench.engine.process.handlers[method] = fail
    bench.load(ct(), seg())
    errors = {result.series_uid: result.error for result in bench.results}
    failed = CT if method == "volume.read" else SEG
    assert "cut off" in errors[failed]
    assert errors[SEG if failed == CT else CT] == ""


def test_a_segmentation_is_shown_even_when_its_image_cannot_be(bench):
    def fail(_parameters):
        raise ConversionError("No slices.")

    bench.engine.process.handlers["volume.read"] = fail
    bench.load(seg())
    by_uid = {result.series_uid: result for result in bench.results}
    assert by_uid[SEG].node_ids
    assert "No slices." in by_uid[SEG].warnings[0]
    assert by_uid[CT].error == "No slices."


def test_a_database_that_cannot_be_read_is_an_error_of_the_series(bench):
    bench.store.errors[CT] = StoreError("The database is locked.")
    bench.load(ct())
    assert bench.results[0].error == "The database is locked."


def test_the_death_of_the_engine_ends_every_series_with_a_sentence(bench):
    bench.engine.process.hold("volume.read")
    bench.load(ct(), settle=False)
    bench.engine.process.alive = False
    bench.engine.settle()
    assert "background process" in bench.results[0].error


def test_voxels_that_vanished_are_an_error_and_nothing_half_made_stays(bench):
    def vanish(parameters):
        document = bench.convert(parameters)
        for entry in document["arrays"]:
            (bench.folder / entry["array"]).unlink()
        return document

    bench.engine.process.handlers["labelmap.convert"] = vanish
    bench.load(seg())
    assert "cannot be read" in {result.series_uid: result for result in bench.results}[SEG].error
    assert bench.nodes("vtkMRMLSegmentationNode") == []


def test_a_defect_in_one_series_does_not_stop_the_others(bench, caplog):
    bench.engine.process.checked = False
    bench.engine.process.handlers["labelmap.convert"] = lambda _parameters: {"nonsense": True}
    bench.load(seg(), ct())
    by_uid = {result.series_uid: result for result in bench.results}
    assert "KeyError" in by_uid[SEG].error
    assert by_uid[CT].error == ""
    assert SEG in caplog.text


def test_exchanged_files_are_removed_once_mapped(bench):
    bench.load(ct(), seg())
    assert list(bench.folder.iterdir()) == []


def test_several_volumes_of_a_series_all_come_and_the_one_on_the_grid_is_the_reference(bench):
    bench.volumes = [("3: CT [phase 1]", OBLIQUE), ("3: CT [phase 2]", AXIAL)]
    bench.load(ct(), seg())
    assert [node.GetName() for node in bench.nodes("vtkMRMLScalarVolumeNode")] == ["P1 3: CT [phase 1]", "P1 3: CT [phase 2]"]
    (segmentation,) = bench.nodes("vtkMRMLSegmentationNode")
    assert segmentation.GetNodeReference(segmentation.GetReferenceImageGeometryReferenceRole()).GetName() == "P1 3: CT [phase 2]"


def test_of_very_many_volumes_some_are_left_out_and_that_is_said(bench):
    bench.volumes = [(f"3: CT [{number}]", AXIAL) for number in range(12)]
    bench.load(ct())
    assert len(bench.nodes("vtkMRMLScalarVolumeNode")) == 8
    assert "4 were skipped" in bench.results[0].warnings[0]


def structure_set(bench, contours):
    bench.labelmap = replace(bench.labelmap, source=replace(bench.labelmap.source, kind="RTSTRUCT"))
    bench.engine.process.handlers["labelmap.contours"] = contours


def test_a_structure_set_brings_its_contours_hidden_at_first(bench):
    structure_set(bench, bench.contours)
    bench.load(seg())
    (model,) = contour_models(bench.scene)
    assert bench.engine.process.calls("labelmap.contours") == [{"input": "/seg/1.dcm"}]
    assert model.GetID() in bench.results[0].node_ids
    assert not model.GetDisplayNode().GetVisibility()
    assert model in nodes_of_series(bench.scene, SEG)
    assert not list(bench.folder.glob("*.raw"))


def test_a_structure_set_is_shown_even_when_its_contours_cannot_be(bench):
    def fail(_parameters):
        raise ConversionError("There is no room.")

    structure_set(bench, fail)
    bench.load(seg())
    assert bench.results[0].error == ""
    assert "The contours cannot be shown: There is no room." in bench.results[0].warnings


def test_every_instance_of_a_seg_series_becomes_a_segmentation(bench):
    bench.store.files[SEG] = ["/seg/1.dcm", "/seg/2.dcm"]
    bench.load(seg())
    assert len(bench.nodes("vtkMRMLSegmentationNode")) == 2
    own = next(result for result in bench.results if result.series_uid == SEG)
    assert [item["file"] for item in own.report["instances"]] == ["/seg/1.dcm", "/seg/2.dcm"]


def test_a_cancel_stops_the_request_and_nothing_is_told(bench):
    bench.engine.process.hold("volume.read")
    handle = bench.load(ct(), seg())
    handle.cancel()
    bench.engine.process.release("volume.read")
    bench.engine.settle()
    assert bench.results is None
    assert bench.engine.process.cancelled == ["volume.read"]
    assert bench.nodes("vtkMRMLScalarVolumeNode") == []


def test_progress_counts_series_and_names_them(bench):
    bench.load(ct(), seg())
    assert [progress.done for progress in bench.progress] == [0, 1]
    assert {progress.total for progress in bench.progress} == {2}
    assert "CT axial" in bench.progress[0].message


def test_nothing_to_load_ends_at_once(bench):
    bench.load()
    assert bench.results == []


@pytest.mark.parametrize(
    ("modality", "sop_class", "expected"),
    [("SEG", "", True), ("RTSTRUCT", "", True), ("CT", "", False), ("SEG", CT_CLASS, False), ("", SEG_CLASS, True), ("", LABEL_MAP_CLASS, True)],
)
def test_the_sop_class_decides_what_a_segmentation_is_where_it_is_known(modality, sop_class, expected):
    assert is_segmentation(LoadRequest("1.2", modality=modality, sop_class_uid=sop_class)) is expected


def test_engine_errors_are_ours(bench):
    def fail(_parameters):
        raise EngineError("Internal error (ValueError: x). Please report it with the log.")

    bench.engine.process.handlers["volume.read"] = fail
    bench.load(ct())
    assert "Please report it" in bench.results[0].error


def test_what_fits_into_memory_is_loaded_without_a_question(bench):
    bench.load(ct())
    assert bench.questions == []
    assert bench.results[0].node_ids


def test_before_something_that_may_not_fit_the_user_is_asked_with_both_sizes(bench):
    bench.memory = {"bytes": 12_000_000_000, "available_bytes": 3_000_000_000}
    bench.load(ct())
    assert "12.0 GB" in bench.questions[0]
    assert "3.0 GB" in bench.questions[0]
    assert bench.results[0].node_ids


@pytest.mark.parametrize("request_of", [ct, seg])
def test_what_the_user_does_not_want_is_named_and_the_scene_stays_as_it_was(bench, request_of):
    bench.memory = {"bytes": 12_000_000_000, "available_bytes": 3_000_000_000}
    bench.confirms = False
    bench.load(request_of())
    assert "was not loaded: it needs about 12.0 GB of memory" in bench.results[0].error
    assert bench.nodes("vtkMRMLSegmentationNode") == []
    assert bench.nodes("vtkMRMLLabelMapVolumeNode") == []


def test_an_answer_after_the_load_was_cancelled_is_ignored(bench):
    answers = []
    bench.loader = SceneLoader(
        bench.scene, bench.engine.client, bench.store, bench.loader._images, lambda _question, on_answer: answers.append(on_answer)
    )
    bench.memory = {"bytes": 12_000_000_000, "available_bytes": 3_000_000_000}
    handle = bench.load(ct())
    handle.cancel()
    answers[0](True)
    bench.engine.settle(60)
    assert bench.results is None
    assert bench.nodes("vtkMRMLScalarVolumeNode") == []


@pytest.mark.parametrize(
    ("wanted", "segmentations", "labelmap_volumes"),
    [(LoadAs.BOTH, 1, 1), (LoadAs.SEGMENTATION, 1, 0), (LoadAs.LABELMAP_VOLUME, 0, 1)],
)
def test_a_seg_becomes_what_the_user_wants(bench, wanted, segmentations, labelmap_volumes):
    bench.loader = SceneLoader(bench.scene, bench.engine.client, bench.store, bench.loader._images, bench.confirm, wanted)
    bench.load(ct(), seg())
    assert len(bench.nodes("vtkMRMLSegmentationNode")) == segmentations
    assert len(bench.nodes("vtkMRMLLabelMapVolumeNode")) == labelmap_volumes
    hierarchy = bench.scene.GetFirstNodeByClass("vtkMRMLSubjectHierarchyNode")
    made = nodes_of_series(bench.scene, SEG)
    image = nodes_of_series(bench.scene, CT)[0]
    parents = {hierarchy.GetItemParent(hierarchy.GetItemByDataNode(node)) for node in (*made, image)}
    assert len(parents) == 1


IN_IDC = {
    "collection_id": "c",
    "crdc_series_uuid": "e6ea0ba1-0000-4000-8000-000000000000",
    "idc_version": 25,
    "license_short_name": "CC BY-NC 4.0",
    "source_DOI": "10.7937/x",
}


def test_nodes_of_what_idc_has_carry_license_doi_and_version(bench):
    bench.known = {SEG: {"SeriesInstanceUID": SEG, **IN_IDC}, CT: {"SeriesInstanceUID": CT, **IN_IDC, "crdc_series_uuid": None, "idc_version": None}}
    bench.load(seg())
    assert bench.engine.process.calls("catalog.provenance") == [
        {"series": [{"SeriesInstanceUID": SEG, "folder": "/seg"}, {"SeriesInstanceUID": CT, "folder": "/ct"}]}
    ]
    for node in nodes_of_series(bench.scene, SEG):
        assert node.GetAttribute("IDC.license") == "CC BY-NC 4.0"
        assert node.GetAttribute("IDC.source_doi") == "10.7937/x"
        assert node.GetAttribute("IDC.crdc_series_uuid") == IN_IDC["crdc_series_uuid"]
        assert node.GetAttribute("IDC.idc_version") == "25"
    (volume,) = nodes_of_series(bench.scene, CT)
    assert (volume.GetAttribute("IDC.license"), volume.GetAttribute("IDC.crdc_series_uuid")) == ("CC BY-NC 4.0", None)


def test_nodes_of_what_idc_does_not_have_carry_nothing_of_it(bench):
    bench.load(ct())
    (volume,) = nodes_of_series(bench.scene, CT)
    assert not [name for name in volume.GetAttributeNames() if name.startswith("IDC.")]


def unreadable_index(_params):
    raise EngineError("The index file cannot be read.")


def test_an_index_that_cannot_be_read_stops_no_loading(bench):
    bench.engine.process.handlers["catalog.provenance"] = unreadable_index
    bench.load(ct())
    assert not bench.results[0].error and len(nodes_of_series(bench.scene, CT)) == 1


@pytest.mark.parametrize(
    ("sop_class", "modality"),
    [
        (f"{STORAGE}88.33", "SR"),
        (f"{STORAGE}88.59", "KO"),
        (f"{STORAGE}481.5", "RTPLAN"),
        (f"{STORAGE}104.1", "DOC"),
        (f"{STORAGE}77.1.1.1", "ES"),
        ("", "SR"),
        ("", "PR"),
    ],
)
def test_what_is_read_instead_of_looked_at_gives_its_files_and_no_nodes(bench, sop_class, modality):
    bench.store.files["1.2.3.9"] = ["/sr/1.dcm", "/sr/2.dcm"]
    bench.load(LoadRequest("1.2.3.9", "1.2.3", "P1", modality, sop_class, "Measurements"), ct())
    report, image = bench.results
    assert (report.texts, report.node_ids, report.error) == (("/sr/1.dcm", "/sr/2.dcm"), (), "")
    assert image.node_ids and not image.texts


@pytest.mark.parametrize("modality", ["ES", "XC", "OT", ""])
def test_a_video_that_the_catalog_does_not_call_one_is_not_read_as_an_image(bench, modality):
    bench.store.files["1.2.3.9"] = ["/video/1.dcm"]
    described = dict.fromkeys(Description.__annotations__, "") | {"references": [], "details": {}, "items": [], "warnings": []}
    bench.engine.process.handlers["objects.describe"] = lambda _parameters: described | {"sop_class": f"{STORAGE}77.1.1.1"}
    bench.load(LoadRequest("1.2.3.9", "1.2.3", "P1", modality, "", "Endoscopy"))
    (result,) = bench.results
    assert result.texts == ("/video/1.dcm",) and not result.node_ids


def test_ct_images_that_say_sr_are_images(bench):
    bench.load(LoadRequest(CT, "1.2.3", "P1", "SR", CT_CLASS, "CT axial"))
    assert bench.results[0].node_ids and not bench.results[0].texts


def test_an_image_from_another_database_that_is_in_the_scene_is_what_the_segmentation_lies_on(bench):
    bench.load(ct())
    (volume,) = bench.nodes("vtkMRMLScalarVolumeNode")
    bench.store.files.pop(CT)
    bench.load(seg())
    (segmentation,) = bench.nodes("vtkMRMLSegmentationNode")
    assert segmentation.GetNodeReference(segmentation.GetReferenceImageGeometryReferenceRole()) is volume
    assert "is not in the DICOM database" in bench.results[0].warnings[0] and "comes from elsewhere" in bench.results[0].warnings[0]


def test_a_segmentation_without_its_image_has_patient_study_and_date_and_gets_the_image_when_it_comes(bench):
    files = bench.store.files.pop(CT)
    bench.labelmap = labelmap(
        referenced_instance_uids=(f"{CT}.0", f"{CT}.1"), context={"StudyDescription": "Abdomen", "StudyDate": "20200131", "PatientSex": "F"}
    )
    bench.described["source"] = bench.labelmap.source.to_json()
    bench.load(seg())
    (segmentation,) = bench.nodes("vtkMRMLSegmentationNode")
    hierarchy = bench.scene.GetSubjectHierarchyNode()
    item = hierarchy.GetItemByDataNode(segmentation)
    study = hierarchy.GetItemParent(item)
    patient = hierarchy.GetItemParent(study)
    assert (hierarchy.GetItemName(study), hierarchy.GetItemName(patient)) == ("Abdomen (2020-01-31)", "Doe Jane (P1)")
    assert hierarchy.GetItemAttribute(study, "DICOM.StudyDate") == "20200131"
    assert hierarchy.GetItemAttribute(patient, "DICOM.PatientName") == "Doe^Jane" and hierarchy.GetItemAttribute(patient, "DICOM.PatientSex") == "F"
    assert segmentation.GetAttribute("DICOM.instanceUIDs") == hierarchy.GetItemUID(item, "DICOMInstanceUID") == "1.2.3.4.1"
    assert hierarchy.GetItemAttribute(item, "DICOM.ReferencedInstanceUIDs") == f"{CT}.0 {CT}.1"
    bench.store.files[CT] = files
    bench.load(ct())
    (volume,) = bench.nodes("vtkMRMLScalarVolumeNode")
    assert segmentation.GetNodeReference(segmentation.GetReferenceImageGeometryReferenceRole()) is volume


def test_a_study_that_was_made_without_a_description_gets_it_from_what_comes_later(bench):
    bench.store.files.pop(CT)
    bench.load(seg())
    hierarchy = bench.scene.GetSubjectHierarchyNode()
    (segmentation,) = bench.nodes("vtkMRMLSegmentationNode")
    study = hierarchy.GetItemParent(hierarchy.GetItemByDataNode(segmentation))
    assert hierarchy.GetItemName(study) == "No study description"
    bench.store.files[CT] = ["/ct/1.dcm"]
    bench.load(ct())
    assert hierarchy.GetItemName(study) == "Abdomen (2020-01-31)"


def test_twenty_segmentations_are_loaded_and_let_go_of(bench):
    for number in range(20):
        bench.store.files[f"1.9.{number}"] = [f"/seg/{number}.dcm"]
        bench.drawn.append(f"/seg/{number}.dcm")
    bench.load(*(seg(f"1.9.{number}") for number in range(20)))
    bench.engine.settle(300)
    assert len(bench.nodes("vtkMRMLSegmentationNode")) == 20 and not any(result.error for result in bench.results)
    assert len(bench.nodes("vtkMRMLScalarVolumeNode")) == 1
    bench.scene.Clear(0)
    assert bench.nodes("vtkMRMLSegmentationNode") == []


def test_the_files_of_all_parts_are_removed_where_one_cannot_be_made(tmp_path):
    documents = [{"arrays": [{"array": str(tmp_path / f"{number}.raw")}]} for number in range(3)]
    for number in range(3):
        (tmp_path / f"{number}.raw").write_bytes(b"0")

    def make(document):
        raise ConversionError("No memory.")

    with pytest.raises(ConversionError):
        made_of_each(documents, make)
    assert list(tmp_path.iterdir()) == []
