"""What a review list and two views beside each other do to a scene, and what they leave of it as it was."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from helpers import seg_files as sf
from helpers.made_volumes import AXIAL, LIVER, TUMOR, image, labelmap

from IDCBrowserLib.export.export import export
from IDCBrowserLib.export.options import ExportOptions
from IDCBrowserLib.labelmap.convert import convert
from IDCBrowserLib.labelmap.types import Labelmap, Segment, Source
from IDCBrowserLib.scene.arrangement import Arrangement
from IDCBrowserLib.scene.review import Looks, SceneReview
from IDCBrowserLib.scene.segments.labelmap_nodes import LoadAs, add_labelmap
from IDCBrowserLib.scene.segments.segments import SceneSegments
from IDCBrowserLib.scene.segments.side_by_side import SideBySide
from IDCBrowserLib.scene.volumes import add_scalar_volume
from IDCBrowserLib.volume.read_grids import read_image_grids

pytest.importorskip("slicer")


def drawn(scene: Any, *uids: str) -> list[Any]:
    volume = add_scalar_volume(scene, image(), AXIAL, "CT", (400, 40))
    made = replace(labelmap(), annotations=())
    return [add_labelmap(scene, made, uid, [volume], "SEG", LoadAs.SEGMENTATION).segmentation for uid in uids]


@pytest.fixture
def review(scene: Any) -> SceneReview:
    return SceneReview(SceneSegments(scene), lambda _node, _segment: None, Looks())


def test_only_what_the_list_has_loaded_is_renamed_and_what_stays_gets_its_name_back(scene: Any, review: SceneReview) -> None:
    ours, users = drawn(scene, "1.1", "1.2")
    ours.SetDescription("IDC v25")
    names = ours.GetName(), users.GetName()
    review.hide_makers(True)
    review.blind(["1.1", "1.2"], ["1.1"])
    review.blind(["1.1", "1.2"], ["1.1"])
    assert ours.GetName().startswith("Segmentation ") and ours.GetDescription() == ""
    assert users.GetName() == names[1]
    listed = sorted(source.name for source in review.sources(["1.1", "1.2"]))
    assert listed == ["Segmentation A", "Segmentation B"]
    review.hide_makers(False)
    assert (ours.GetName(), users.GetName(), ours.GetDescription()) == (*names, "IDC v25")
    assert {source.alias for source in review.sources(["1.1", "1.2"])} == {""}


def test_color_tables_are_renamed_as_well(scene: Any, review: SceneReview) -> None:
    volume = add_scalar_volume(scene, image(), AXIAL, "CT", (400, 40))
    made = add_labelmap(scene, replace(labelmap(), source=Source("SEG", series_description="Reader 1")), "1.1", [volume], "SEG")

    def names() -> list[str]:
        count = scene.GetNumberOfNodes()
        return [scene.GetNthNode(number).GetName() or "" for number in range(count) if "Reader 1" in (scene.GetNthNode(number).GetName() or "")]

    before = names()
    assert made.labelmap_volume is not None and len(before) == 3
    review.blind(["1.1"], ["1.1"])
    assert names() == []
    review.hide_makers(False)
    assert names() == before


def test_several_segmentations_are_told_apart_and_go_back_in_their_own_colors(scene: Any, review: SceneReview) -> None:
    from IDCBrowserLib.scene.segments.segment_voxels import as_labelmap

    first, second = drawn(scene, "1.1", "1.2")
    assert not review.tell_apart(["1.1"]), "one is seen as it is"
    assert review.tell_apart(["1.1", "1.2"])
    one, other = review.sources(["1.1", "1.2"])
    assert not one.filled and not other.filled
    assert len({part.color for part in one.segments}) == 1 and one.segments[0].color != other.segments[0].color
    exported = as_labelmap(first)
    assert exported is not None and [part.color for part in exported.segments] == [part.color for part in labelmap().segments]
    arrangement = review.arrangement({"1.1": "SEG", "1.2": "SEG"}, Arrangement())
    assert arrangement.one_color is True and arrangement.filled is False
    review.arrange(replace(arrangement, one_color=False), {"1.1": "SEG", "1.2": "SEG"})
    assert [part.color for part in review.sources(["1.2"])[0].segments] == [part.color for part in labelmap().segments]
    review.arrange(arrangement, {"1.1": "SEG", "1.2": "SEG"})
    assert [source.segments[0].color for source in review.sources(["1.1", "1.2"])] == [one.segments[0].color, other.segments[0].color]
    assert second.GetDisplayNode().GetVisibility2DFill() is False


def test_closing_the_scene_is_told_before_and_after_until_the_end(scene: Any, review: SceneReview) -> None:
    (node,) = drawn(scene, "1.1")
    told: list[tuple[str, bool]] = []
    review.watch_closing(lambda: told.append(("before", review.has("1.1"))), lambda: told.append(("after", review.has("1.1"))))
    del node
    scene.Clear(False)
    assert told == [("before", True), ("after", False)]
    review.close()
    scene.Clear(False)
    assert len(told) == 2


def test_segmentations_of_hidden_makers_are_listed_by_their_letters_whatever_their_order_in_the_scene(scene: Any, review: SceneReview) -> None:
    """Else the first one would be of the same maker in each entry."""
    drawn(scene, *(f"1.{number}" for number in range(1, 6)))
    uids = [f"1.{number}" for number in range(1, 6)]
    review.hide_makers(True)
    review.blind(uids, uids)
    assert [source.name for source in review.sources(uids)] == [f"Segmentation {letter}" for letter in "ABCDE"]
    review.hide_makers(False)
    assert [source.series_uid for source in review.sources(uids)] == uids


def test_a_name_that_somebody_has_given_meanwhile_stays(scene: Any, review: SceneReview) -> None:
    (ours,) = drawn(scene, "1.1")
    review.blind(["1.1"], ["1.1"])
    ours.SetName("My correction")
    review.hide_makers(False)
    assert ours.GetName() == "My correction"


def test_after_the_scene_was_closed_nobody_gets_the_name_of_one_that_is_gone(scene: Any, review: SceneReview) -> None:
    (gone,) = drawn(scene, "1.1")
    gone.SetName("Reader 1")
    review.blind(["1.1"], ["1.1"])
    scene.Clear(False)
    (other,) = drawn(scene, "1.2")
    other.SetName("Reader 2")
    review.blind(["1.2"], ["1.2"])
    review.blind(["1.2"], ["1.2"])
    review.hide_makers(False)
    assert other.GetName() == "Reader 2"


def corrected() -> Labelmap:
    """A correction as it is read back: numbered anew, the tumor smaller, the lung gone, something new."""
    voxels = np.zeros(AXIAL.shape, np.uint8)
    voxels[LIVER] = 1
    voxels[TUMOR] = 2
    voxels[0, 0, 0] = 3
    names = ("Liver", "Tumor", "New one")
    return Labelmap((voxels,), AXIAL, tuple(Segment(number, number, name) for number, name in enumerate(names, 1)), Source("SEG"))


def test_a_correction_takes_the_place_of_the_segments_of_the_same_name(scene: Any, review: SceneReview) -> None:
    (node,) = drawn(scene, "1.1")
    node.GetDisplayNode().SetSegmentVisibility("Segment_2", False)
    before = {row.name: row for row in review.sources(["1.1"])[0].segments}
    assert review.take_voxels(node.GetID(), corrected())
    after = {row.name: row for row in review.sources(["1.1"])[0].segments}
    assert set(after) == {"Liver", "Tumor", "New one"} and "Lung" in before
    assert [(after[name].segment_id, after[name].color, after[name].number, after[name].visible) for name in ("Liver", "Tumor")] == [
        (before[name].segment_id, before[name].color, before[name].number, before[name].visible) for name in ("Liver", "Tumor")
    ]
    assert after["New one"].number == 0
    made = review.labelmap(node.GetID())
    assert made is not None
    counts = {one.name: int(np.count_nonzero(made.layers[one.layer] == one.label_value)) for one in made.segments}
    expected = corrected().layers[0]
    assert counts == {name: int(np.count_nonzero(expected == number)) for number, name in enumerate(("Liver", "Tumor", "New one"), 1)}


def test_a_correction_of_another_grid_changes_nothing(scene: Any, review: SceneReview) -> None:
    (node,) = drawn(scene, "1.1")
    other = replace(corrected(), geometry=replace(AXIAL, origin=(0.3, 0.0, 0.0)))
    stamp = review.stamp(node.GetID())
    assert not review.take_voxels(node.GetID(), other)
    assert not review.take_voxels("nothing", corrected())
    assert (review.stamp(node.GetID()), len(review.sources(["1.1"])[0].segments)) == (stamp, 4)


def views(scene: Any) -> tuple[Any, Any]:
    made = []
    for name in ("Red", "Yellow"):
        node = scene.AddNewNodeByClass("vtkMRMLSliceNode", name)
        node.SetLayoutName(name)
        made.append(node)
    return made[0], made[1]


def test_what_somebody_shows_or_hides_beside_each_other_stays_so(scene: Any) -> None:
    first, second, third, fourth = drawn(scene, "1.1", "1.2", "1.3", "1.4")
    fourth.GetDisplayNode().SetVisibility(False)
    linked = SideBySide(scene, views(scene), (first, second), [third, fourth])
    assert [bool(node.GetDisplayNode().GetVisibility()) for node in (first, second, third, fourth)] == [True, True, False, False]
    first.GetDisplayNode().SetVisibility(False)
    fourth.GetDisplayNode().SetVisibility(True)
    linked.close()
    assert [bool(node.GetDisplayNode().GetVisibility()) for node in (first, second, third, fourth)] == [False, True, True, True]
    assert [node.GetDisplayNode().GetNumberOfViewNodeIDs() for node in (first, second)] == [0, 0]


def test_views_that_somebody_has_chosen_meanwhile_stay(scene: Any) -> None:
    first, second = drawn(scene, "1.1", "1.2")
    red, yellow = views(scene)
    linked = SideBySide(scene, (red, yellow), (first, second))
    first.GetDisplayNode().AddViewNodeID("vtkMRMLSliceNodeGreen")
    linked.close()
    assert first.GetDisplayNode().GetNumberOfViewNodeIDs() == 2 and second.GetDisplayNode().GetNumberOfViewNodeIDs() == 0


def test_a_correction_that_was_written_as_dicom_comes_back_whole(scene: Any, review: SceneReview, tmp_path: Path) -> None:
    """Numbers of segments are others in the file."""
    files = sf.save_images(sf.images(6, 16, 24), tmp_path / "CT")
    grid = read_image_grids(files)[0].geometry
    voxels = np.zeros(grid.shape, np.uint8)
    voxels[1:3, 2:9, 3:12], voxels[4, 5, 6] = 3, 9
    made = Labelmap((voxels,), grid, (Segment(3, 3, "Liver, " + "x" * 80), Segment(9, 9, "Spleen")), Source("SEG"))
    volume = add_scalar_volume(scene, np.zeros(grid.shape, np.int16), grid, "CT", (400, 40))
    node = add_labelmap(scene, made, "1.1", [volume], "SEG", LoadAs.SEGMENTATION).segmentation
    assert node is not None
    written = review.labelmap(node.GetID() or "")
    assert written is not None
    changed = np.array(written.layers[0])
    changed[2, 3:5, 4:7] = 0
    export(replace(written, layers=(changed,)), files, tmp_path / "corrected.dcm", ExportOptions("seg"))
    assert review.take_voxels(node.GetID() or "", convert(tmp_path / "corrected.dcm", files))
    (source,) = review.sources(["1.1"])
    assert [(one.segment_id, one.number) for one in source.segments] == [("Segment_3", 3), ("Segment_9", 9)]
    shown = review.labelmap(node.GetID() or "")
    assert shown is not None
    assert np.array_equal(shown.labelmap_volume() > 0, changed > 0)


def test_labels_of_another_image_lie_beside_it(scene: Any) -> None:
    segments = SceneSegments(scene)
    volume = add_scalar_volume(scene, image(), AXIAL, "CT", (400, 40))
    image_id = volume.GetID() or ""
    here = segments.add_on_image(labelmap(), "Here", image_id)
    far = segments.add_on_image(replace(labelmap(), geometry=replace(AXIAL, origin=(5000.0, 0.0, 0.0))), "Far", image_id)
    assert [segments.meets(node_id, image_id) for node_id in (here, far, "gone")] == [True, False, False]
    scene.RemoveNode(volume)
    assert not segments.meets(here, image_id)
