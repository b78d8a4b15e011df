"""What was loaded leaves the scene, and nothing else."""

from helpers.made_volumes import AXIAL, image, labelmap

from IDCBrowserLib.scene.hierarchy import subject_hierarchy
from IDCBrowserLib.scene.labelmap_nodes import add_labelmap
from IDCBrowserLib.scene.provenance import SERIES_ATTRIBUTE, mark, nodes_of_series
from IDCBrowserLib.scene.removing import remove_series
from IDCBrowserLib.scene.segments import SceneSegments
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
