"""What was loaded leaves the scene, and nothing else."""

from helpers.made_volumes import AXIAL, image, labelmap

from IDCBrowserLib.scene.hierarchy import subject_hierarchy
from IDCBrowserLib.scene.provenance import SERIES_ATTRIBUTE, mark, nodes_of_series
from IDCBrowserLib.scene.removing import remove_series
from IDCBrowserLib.scene.segments.labelmap_nodes import add_labelmap
from IDCBrowserLib.scene.segments.segments import SceneSegments
from IDCBrowserLib.scene.volumes import add_scalar_volume


def loaded(scene):
    volume = add_scalar_volume(scene, image(), AXIAL, "CT")
    mark(volume, {SERIES_ATTRIBUTE: "1.1"})
    for uid in ("1.2", "1.3"):
        add_labelmap(scene, labelmap(), uid, [volume], "SEG")
    return volume


def test_all_that_was_made_of_a_series_goes_with_its_items_and_the_rest_stays(scene):
    loaded(scene)
    kept = [node.GetID() for uid in ("1.1", "1.3") for node in nodes_of_series(scene, uid)]
    hierarchy = subject_hierarchy(scene)
    items = [hierarchy.GetItemByDataNode(node) for node in nodes_of_series(scene, "1.2")]
    assert items and remove_series(scene, ["1.2"])
    assert nodes_of_series(scene, "1.2") == () and not remove_series(scene, ["1.2"])
    assert all(hierarchy.GetItemDataNode(item) is None for item in items)
    assert [node.GetID() for uid in ("1.1", "1.3") for node in nodes_of_series(scene, uid)] == kept


def test_a_study_and_a_patient_go_with_the_last_of_what_they_held(scene):
    from IDCBrowserLib.scene.hierarchy import SeriesPlace, add_series_item, items_of

    hierarchy = subject_hierarchy(scene)
    for number, study in enumerate(("1", "1", "2")):
        volume = add_scalar_volume(scene, image(), AXIAL, "CT")
        mark(volume, {SERIES_ATTRIBUTE: f"1.{number}"})
        add_series_item(scene, SeriesPlace(f"1.{number}", study, "P1", study_description=f"Study {study}"), volume)

    def names():
        return sorted(hierarchy.GetItemName(item) for item in items_of(hierarchy))

    remove_series(scene, ["1.0"])
    assert {"P1", "Study 1", "Study 2"} <= set(names())
    remove_series(scene, ["1.1"])
    assert {"P1", "Study 2"} <= set(names()) and "Study 1" not in names()
    remove_series(scene, ["1.2"])
    assert names() == []


def test_what_comes_in_place_of_what_has_gone_is_called_alike(scene):
    names = []
    for number in range(3):
        volume = add_scalar_volume(scene, image(), AXIAL, "CT")
        mark(volume, {SERIES_ATTRIBUTE: f"1.{number}"})
        names.append((volume.GetName(), add_labelmap(scene, labelmap(), f"2.{number}", [volume], "SEG").segmentation.GetName()))
        remove_series(scene, [f"1.{number}", f"2.{number}"])
    assert len(set(names)) == 1
    assert [add_scalar_volume(scene, image(), AXIAL, "CT").GetName() for _ in range(2)] == ["CT", "CT_1"]


def test_color_tables_go_with_the_last_node_that_shows_them(scene):
    def tables():
        found = [scene.GetNthNodeByClass(number, "vtkMRMLColorTableNode") for number in range(scene.GetNumberOfNodesByClass("vtkMRMLColorTableNode"))]
        return [node for node in found if node.GetAttribute("Category") == "IDC Browser"]

    volume = loaded(scene)
    _first, second = tables()
    volume.GetDisplayNode().SetAndObserveColorNodeID(second.GetID())
    remove_series(scene, ["1.2", "1.3"])
    assert tables() == [second], "somebody shows an image with it"
    before = scene.GetNumberOfNodes()
    for _ in range(3):
        add_labelmap(scene, labelmap(), "1.4", [volume], "SEG")
        remove_series(scene, ["1.4"])
    assert scene.GetNumberOfNodes() == before, "nothing is left of it"


def test_a_segmentation_goes_with_its_labelmap_volume_and_one_without_a_series_alone(scene):
    loaded(scene)
    segments = SceneSegments(scene)
    first, second = segments.sources()
    made = segments.add(labelmap(), "Consensus", second.node_id)
    segments.remove(first.node_id)
    assert nodes_of_series(scene, first.series_uid) == ()
    segments.remove(made)
    assert [source.node_id for source in segments.sources()] == [second.node_id]


def test_how_it_was_shown_goes_with_it(scene):
    before = scene.GetNumberOfNodesByClass("vtkMRMLDisplayNode")
    loaded(scene)
    assert scene.GetNumberOfNodesByClass("vtkMRMLDisplayNode") > before
    remove_series(scene, ["1.1", "1.2", "1.3"])
    assert scene.GetNumberOfNodesByClass("vtkMRMLDisplayNode") == before
