"""Nodes of one object stand together under patient and study, and say where they came from."""

import numpy as np
from helpers.made_volumes import AXIAL, OBLIQUE, image, labelmap

from IDCBrowserLib.labelmap.types import Annotation
from IDCBrowserLib.scene.annotations import add_annotations
from IDCBrowserLib.scene.describe import node_lines
from IDCBrowserLib.scene.hierarchy import SeriesPlace, add_series_item, subject_hierarchy
from IDCBrowserLib.scene.provenance import FRAME_ATTRIBUTE, SERIES_ATTRIBUTE, image_series_in_frame, mark, nodes_of_series, state_origin
from IDCBrowserLib.scene.segments.densest import densest_point
from IDCBrowserLib.scene.segments.labelmap_nodes import add_labelmap, series_name
from IDCBrowserLib.scene.segments.segmentation import add_segmentation
from IDCBrowserLib.scene.segments.terminology import terminology_tag
from IDCBrowserLib.scene.volumes import add_scalar_volume

CT = SeriesPlace("1.2.3.5", "1.2.3", "P1", "Doe^Jane", "Abdomen", "20200131", "CT axial", "3", "CT")


def path_of(scene, node):
    hierarchy = subject_hierarchy(scene)
    item, names = hierarchy.GetItemByDataNode(node), []
    while item not in (hierarchy.GetInvalidItemID(), hierarchy.GetSceneItemID()):
        names.insert(0, hierarchy.GetItemName(item))
        item = hierarchy.GetItemParent(item)
    return names


def test_image_and_segmentation_stand_under_one_patient_and_study(scene):
    volume = add_scalar_volume(scene, image(), AXIAL, "3: CT axial")
    add_series_item(scene, CT, volume)
    made = add_labelmap(scene, labelmap(), "1.2.3.4", [volume])
    study = ["Doe Jane (P1)", "Abdomen (2020-01-31)"]
    assert path_of(scene, volume) == [*study, "3: CT axial"]
    assert path_of(scene, made.segmentation) == [*study, "P1 5: Organs"]
    assert path_of(scene, made.labelmap_volume) == [*study, "P1 5: Organs label"]
    assert [path_of(scene, node)[:2] for node in made.annotations] == [study, study]


def test_items_carry_the_dicom_attributes_that_slicer_sets(scene):
    volume = add_scalar_volume(scene, image(), AXIAL, "CT")
    item = add_series_item(scene, CT, volume)
    hierarchy = subject_hierarchy(scene)
    assert hierarchy.GetItemByUID("DICOM", "1.2.3.5") == item
    assert hierarchy.GetItemAttribute(item, "DICOM.Modality") == "CT"
    study = hierarchy.GetItemParent(item)
    assert (hierarchy.GetItemLevel(study), hierarchy.GetItemUID(study, "DICOM")) == ("Study", "1.2.3")
    patient = hierarchy.GetItemParent(study)
    assert (hierarchy.GetItemLevel(patient), hierarchy.GetItemUID(patient, "DICOM")) == ("Patient", "P1")


def test_series_without_patient_do_not_share_one(scene):
    items = [add_series_item(scene, SeriesPlace("", "", ""), add_scalar_volume(scene, image(), AXIAL, "CT")) for _ in range(2)]
    hierarchy = subject_hierarchy(scene)
    assert len({hierarchy.GetItemParent(item) for item in items}) == 2


def test_nodes_of_a_series_are_found_again(scene):
    made = add_labelmap(scene, labelmap(), "1.2.3.4", [])
    assert nodes_of_series(scene, "1.2.3.4") == made.nodes
    assert nodes_of_series(scene, "1.2.3.99") == ()


def test_the_labelmap_volume_says_how_many_voxels_overlap(scene):
    made = add_labelmap(scene, labelmap(), "1.2.3.4", [])
    assert made.labelmap_volume.GetAttribute("IDCBrowser.OverlappingVoxels") == str(labelmap().overlapping_voxels)


def test_a_series_that_slicer_loaded_itself_is_found_by_its_uid(scene):
    volume = add_scalar_volume(scene, image(), AXIAL, "CT")
    add_series_item(scene, CT, volume)
    assert nodes_of_series(scene, "1.2.3.5") == (volume,)


def test_image_series_are_found_by_frame_of_reference(scene):
    for number in (1, 2):
        volume = add_scalar_volume(scene, image(), AXIAL, "CT")
        mark(volume, {SERIES_ATTRIBUTE: f"1.2.{number}", FRAME_ATTRIBUTE: "1.9" if number == 2 else "1.8"})
    assert image_series_in_frame(scene, "1.9") == ("1.2.2",)
    assert image_series_in_frame(scene, "") == ()


def test_the_reference_is_the_volume_on_the_same_grid(scene):
    other = add_scalar_volume(scene, image(OBLIQUE), OBLIQUE, "other")
    same = add_scalar_volume(scene, image(), AXIAL, "same")
    node = add_labelmap(scene, labelmap(), "1.2.3.4", [other, same]).segmentation
    assert node.GetNodeReference(node.GetReferenceImageGeometryReferenceRole()) is same


def test_names_say_patient_and_series():
    assert series_name(labelmap().source) == "P1 5: Organs"
    assert series_name(labelmap(series_description="", series_number="", patient_id="").source, "RTSTRUCT") == "RTSTRUCT"


def test_points_and_curves_are_placed_in_ras_and_locked(scene):
    point, curve = add_annotations(scene, labelmap().annotations)
    assert point.IsA("vtkMRMLMarkupsFiducialNode")
    assert point.GetNthControlPointPosition(0) == (-10.0, -20.0, 30.0)
    assert curve.IsA("vtkMRMLMarkupsCurveNode")
    assert curve.GetNumberOfControlPoints() == 3
    assert point.GetLocked()
    assert curve.GetLocked()
    np.testing.assert_allclose(point.GetDisplayNode().GetColor(), (1, 0, 0))


def test_an_annotation_without_points_is_an_empty_list(scene):
    (node,) = add_annotations(scene, (Annotation("Empty", "POINT", (), (255, 0, 0)),))
    assert node.GetNumberOfControlPoints() == 0


def test_the_densest_point_lies_in_the_fullest_slices(scene):
    point = densest_point(add_segmentation(scene, labelmap(), "Organs"))
    index = np.linalg.inv(AXIAL.index_to_ras()) @ [*point, 1]
    i, j, k = np.rint(index[:3]).astype(int)
    voxels = labelmap().layers[0] != 0
    assert voxels[k].sum() == max(plane.sum() for plane in voxels)
    assert voxels[:, j].sum() == voxels.sum(axis=(0, 2)).max()
    assert voxels[:, :, i].sum() == voxels.sum(axis=(0, 1)).max()


def test_a_segmentation_without_voxels_has_no_densest_point(scene):
    empty = labelmap()
    for layer in empty.layers:
        layer[:] = 0
    assert densest_point(add_segmentation(scene, empty, "Empty")) is None


def test_lines_beside_a_picture_name_patient_study_and_series(scene):
    volume = add_scalar_volume(scene, image(), AXIAL, "P1 3: CT axial")
    assert node_lines(scene, volume) == ("P1 3: CT axial",)
    add_series_item(scene, CT, volume)
    assert node_lines(scene, volume) == ("Doe Jane (P1)", "Abdomen (2020-01-31)", "3: CT axial")


def test_separators_in_code_meanings_cannot_break_the_terminology_tag():
    from dataclasses import replace

    from IDCBrowserLib.dicom.code import Code

    segment = replace(labelmap().segments[0], type=Code("1", "99X", "a~b^c"))
    assert terminology_tag(segment).split("~")[2] == "99X^1^a-b c"
    assert len(terminology_tag(segment).split("~")) == 7


def test_what_is_said_of_the_origin_of_a_node_is_one_event(scene):
    node = scene.AddNewNodeByClass("vtkMRMLSegmentationNode")
    events = []
    node.AddObserver("ModifiedEvent", lambda *_unused: events.append(1))
    keys = {"IDC.collection_id": "demo", "IDC.license": "CC BY 4.0", "IDC.idc_version": "22"}
    state_origin(node, keys)
    assert len(events) == 1, "each has all of its segments drawn anew"
    assert node.GetAttribute("IDC.license") == "CC BY 4.0" and node.GetDescription() == "IDC v22, collection demo, license CC BY 4.0"
    mark(node, {"IDC.source_doi": "10.1/2", "IDC.crdc_series_uuid": "5"})
    assert len(events) == 2
