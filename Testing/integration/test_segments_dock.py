"""The dock of segments in the real window, over a real scene and the real engine: what a person does with two readers and an algorithm."""

import os

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import csv
import time
import zipfile
from dataclasses import replace

import numpy as np
import pytest
from helpers import seg_files as sf
from helpers.made_volumes import AXIAL, LIVER, LIVER_CODE, ORGAN, image, labelmap
from pydicom import dcmread

pytest.importorskip("PySide6")
pytest.importorskip("slicer")

from PySide6.QtTest import QTest

from IDCBrowserLib.export.export import export
from IDCBrowserLib.export.options import ExportOptions
from IDCBrowserLib.host.standalone.window import WindowConfig, make_window
from IDCBrowserLib.host_interface import LoadResult
from IDCBrowserLib.labelmap.convert import convert
from IDCBrowserLib.labelmap.types import Labelmap, Segment, Source
from IDCBrowserLib.qtbinding import Qt, QtCore, QtGui, QtWidgets
from IDCBrowserLib.report.measurements import measurements_of
from IDCBrowserLib.report.read import read_report
from IDCBrowserLib.scene.provenance import SERIES_ATTRIBUTE, mark
from IDCBrowserLib.scene.segments.labelmap_nodes import LoadAs, add_labelmap
from IDCBrowserLib.scene.slice_planes import crossing_point
from IDCBrowserLib.scene.volumes import add_scalar_volume
from IDCBrowserLib.ui.segments.segments_model import MEAN, VOLUME
from IDCBrowserLib.volume.read_grids import read_image_grids


def wait(condition, what, seconds=60.0):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"waited for {what}"
        QTest.qWait(10)


def reader(name, shift) -> Labelmap:
    """A liver drawn by a person, shifted by columns."""
    voxels = np.zeros(AXIAL.shape, np.uint8)
    voxels[LIVER] = 1
    voxels = np.roll(voxels, shift, 2)
    segment = Segment(1, 1, "Liver", category=ORGAN, type=LIVER_CODE, color=(221, 130, 101), algorithm_type="MANUAL")
    return Labelmap(
        (voxels,), AXIAL, (segment,), Source("SEG", "", f"1.2.{shift}", f"1.9.{shift}", series_description=name, series_number=str(shift))
    )


@pytest.fixture(scope="module")
def window(app, tmp_path_factory):
    """For all tests of this file: an engine and a window take a second each."""
    folder = tmp_path_factory.mktemp("dock")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("IDC_BROWSER_HOME", str(folder / "home"))
        window = make_window(WindowConfig(settings_file=str(folder / "settings.ini")))
    window.window.resize(1280, 720)
    window.show()
    window.ensure_views()
    yield window
    window.close()
    window.window.deleteLater()


@pytest.fixture
def program(window):
    """That window with an empty scene and everything of the dock as at its start."""
    yield window
    work = window.segments.work
    wait(lambda: not (work.comparison.state.running or work.giving_back.running or work.contour_rule.running), "the end of what runs")
    window.scene.clear()
    work.segments.refresh()
    wait(lambda: not work.segments.state.all_sources, "the empty list")
    work.panel.widget.setCurrentIndex(0)
    work.panel.list.style.filled.setChecked(True)
    work.panel.list.form.creator.setText("")
    work.panel.compare.agreement.setChecked(False)
    work.panel.compare.consensus.setCurrentIndex(0)


@pytest.fixture
def loaded(program):
    scene = program.scene.scene
    voxels = image()
    voxels[LIVER] += 60
    volume = add_scalar_volume(scene, voxels, AXIAL, "CT", (400, 200))
    net = labelmap(series_description="Organs by a network")
    for made, uid in ((net, "1.9.9"), (reader("Reader 1", 2), "1.9.2"), (reader("Reader 2", 3), "1.9.3")):
        nodes = add_labelmap(scene, replace(made, annotations=()), uid, [volume], "SEG", LoadAs.SEGMENTATION).nodes
        program.show_loaded([LoadResult(uid, tuple(node.GetID() for node in nodes))])
    segments = program.segments.work.segments
    wait(lambda: not segments.state.measuring and segments.state.figures, "the figures")
    return program


def tree(program) -> QtWidgets.QTreeView:
    return program.window.findChild(QtWidgets.QTreeView, "segmentsTree")


def texts(program):
    """The cells of every row, segmentations with their segments below."""
    model = program.segments.work.panel.list.model
    found = []
    for top in range(model.rowCount()):
        parent = model.index(top, 0)
        found.append([model.index(top, column).data() for column in range(4)])
        found += [[model.index(row, column, parent).data() for column in range(4)] for row in range(model.rowCount(parent))]
    return found


def select(program, top, row=None):
    model = program.segments.work.panel.list.model
    index = model.index(top, 0) if row is None else model.index(row, 0, model.index(top, 0))
    tree(program).setCurrentIndex(index)


def click(program, name):
    QTest.mouseClick(program.window.findChild(QtWidgets.QAbstractButton, name), Qt.MouseButton.LeftButton)


def picture(program, name):
    folder = os.environ.get("IDC_BROWSER_PICTURES")
    if folder:
        QTest.qWait(400)
        program.window.grab().save(os.path.join(folder, f"{name}.png"), "PNG")


def test_volumes_and_means_are_seen_whole(loaded):
    view = tree(loaded)
    model = view.model()
    shown = [model.index(row, column, model.index(0, 0)) for row in range(model.rowCount(model.index(0, 0))) for column in (VOLUME, MEAN)]
    assert len(shown) == 8 and shown[0].data().endswith("ml")
    assert [index.data() for index in shown if view.sizeHintForIndex(index).width() > view.header().sectionSize(index.column())] == []
    others = ((VOLUME, "1,000 ml"), (VOLUME, "0.174 mm²"), (MEAN, "-1,000.0 HU"), (MEAN, "100.0 g/ml"))
    # Left and right of the text lies what the cell of the first segment has there.
    margin = view.sizeHintForIndex(shown[0]).width() - view.fontMetrics().horizontalAdvance(shown[0].data())
    assert [text for column, text in others if view.fontMetrics().horizontalAdvance(text) + margin > view.header().sectionSize(column)] == []


def test_a_segmentation_is_taken_out_of_the_scene_and_one_that_was_made_here_only_after_a_question(loaded, monkeypatch):
    asked = []
    monkeypatch.setattr(loaded.host, "confirm", lambda question, on_answer: (asked.append(question), on_answer(len(asked) > 1)))
    select(loaded, 0)
    click(loaded, "segmentsRemove")
    assert len(loaded.segments.work.segments.state.all_sources) == 2 and not asked
    scene = loaded.segments.work.segments.scene
    made = scene.add(labelmap(), "Consensus", loaded.segments.work.segments.state.all_sources[0].node_id)
    loaded.segments.work.segments.refresh()
    for expected in (3, 2):
        select(loaded, 2)
        click(loaded, "segmentsRemove")
        assert len(loaded.segments.work.segments.state.all_sources) == expected
    assert all("Consensus was made here" in question for question in asked) and scene.node(made) is None


def test_more_segments_of_a_seg_are_offered_without_those_that_are_here(loaded, monkeypatch):
    opened = []
    monkeypatch.setattr(loaded.browser.choosing, "open", lambda uid, numbers=(): opened.append((uid, sorted(numbers))))
    select(loaded, 0, 1)
    click(loaded, "segmentsMore")
    numbers = sorted(one.number for one in loaded.segments.work.segments.state.all_sources[0].segments)
    assert opened == [("1.9.9", numbers)] and numbers
    loaded.window.findChild(QtWidgets.QDialog, "chooseSegments").close()


def test_closing_the_scene_empties_views_and_panel(loaded):
    loaded.close_scene()
    wait(lambda: not loaded.segments.work.segments.state.all_sources, "the empty list")
    assert loaded.views.axial.background() is None


def test_the_views_show_another_image_when_the_one_in_sight_is_removed(loaded):
    scene = loaded.scene.scene
    (volume,) = loaded.scene.nodes("vtkMRMLScalarVolumeNode")
    mark(volume, {SERIES_ATTRIBUTE: "1.9.1"})
    other = add_scalar_volume(scene, image(), AXIAL, "Other", (400, 200))
    mark(other, {SERIES_ATTRIBUTE: "1.9.8"})
    loaded.views.fit(volume)
    QTest.qWait(50)
    assert loaded.remove_series(["1.9.1"]) and not loaded.remove_series(["1.9.1"])
    wait(lambda: loaded.views.axial.background() is other, "the other image")
    assert loaded.remove_series(["1.9.8"])
    wait(lambda: not any(view.node.GetSliceVisible() for view in loaded.views.slices), "no planes of what is gone")


def test_the_dock_lists_who_drew_what_with_volume_and_mean(loaded):
    assert loaded.segments.dock.isVisible()
    rows = texts(loaded)
    tops = [row[0] for row in rows if row[1] is None]
    assert "algorithm: net" in tops[0] and "Reader 1 (person, SEG)" in tops[1] and "Reader 2 (person, SEG)" in tops[2]
    liver = next(row for row in rows if row[0] == "Liver")
    inside = image()[LIVER].astype(float) + 60
    assert liver[1] == "Liver (SCT 10200004)"
    assert liver[2] == f"{inside.size * 16 / 1000:.1f} ml"
    assert liver[3] == f"{inside.mean():,.1f}"
    picture(loaded, "segments")


def test_two_of_the_same_color_are_told_apart(loaded):
    scene = loaded.segments.work.segments.scene
    before = [source.segments[0].color for source in scene.sources()]
    assert before[1] == before[2]
    click(loaded, "segmentsBySource")
    colors = [source.segments[0].color for source in scene.sources()]
    assert len(set(colors)) == 3
    picture(loaded, "one-color-each")
    click(loaded, "segmentsBySource")
    assert [source.segments[0].color for source in scene.sources()] == before


def test_eyes_search_and_only_this_decide_what_is_seen(loaded):
    segments = loaded.segments.work.segments

    def seen():
        return [(source.name[-8:], segment.name) for source in segments.scene.sources() for segment in source.segments if segment.visible]

    loaded.segments.work.panel.list.search.setText("liver sct")
    click(loaded, "segmentsNone")
    assert all(name != "Liver" for _, name in seen()) and seen()
    loaded.segments.work.panel.list.search.setText("")
    select(loaded, 1, 0)
    click(loaded, "segmentsOnly")
    assert [name for _, name in seen()] == ["Liver"]
    click(loaded, "segmentsAll")
    assert len(seen()) == sum(len(source.segments) for source in segments.state.all_sources)
    model = loaded.segments.work.panel.list.model
    model.setData(model.index(0, 0), None)
    assert not segments.scene.sources()[0].visible


def test_steps_go_through_the_slices_of_a_segment_and_end_with_a_sentence(loaded):
    select(loaded, 1, 0)
    click(loaded, "segmentLargest")
    scene = loaded.scene.scene

    def k():
        return round((crossing_point(scene)[2] + 30) / 4)

    assert k() in range(10, 18)
    loaded.segments.work.segments.scene.look_at(*loaded.segments.work.panel.list.selected()[0], 16)
    assert k() == 16
    click(loaded, "segmentNext")
    assert k() == 17
    click(loaded, "segmentNext")
    assert k() == 17 and "last slice" in loaded.window.findChild(QtWidgets.QLabel, "segmentsAbout").text()
    for _ in range(3):
        click(loaded, "segmentPrevious")
    assert k() == 14


def test_style_is_that_of_the_selected_segmentation(loaded):
    select(loaded, 2)
    page = loaded.segments.work.panel.list
    page.style.opacity.setValue(80)
    page.style.lines.setCurrentIndex(3)
    sources = loaded.segments.work.segments.scene.sources()
    assert [round(source.opacity, 2) for source in sources] == [0.35, 0.35, 0.8]
    assert [source.line_width for source in sources] == [1, 1, 5]
    page.style.styles.setCurrentIndex(1)
    assert [source.line_style for source in loaded.segments.work.segments.scene.sources()] == ["solid", "solid", "dashed"]
    page.style.filled.setChecked(False)
    assert not any(source.filled for source in loaded.segments.work.segments.scene.sources())


def test_two_readers_are_compared_colored_paired_and_saved(loaded, tmp_path, monkeypatch):
    page, comparison = loaded.segments.work.panel.compare, loaded.segments.work.comparison
    loaded.segments.work.panel.widget.setCurrentIndex(1)
    page.first.setCurrentIndex(1)
    page.second.setCurrentIndex(2)
    page.agreement.setChecked(True)
    page.consensus.setCurrentIndex(1)
    click(loaded, "compareStart")
    wait(lambda: not comparison.state.running, "the comparison")
    assert comparison.state.problem == ""
    pair = comparison.state.document["pairs"][0]
    assert pair["name"] == "Liver" and pair["matched_by"] == "code"
    width = LIVER[2].stop - LIVER[2].start
    assert pair["dice"] == pytest.approx((width - 1) / width)
    assert pair["hd95_mm"] == pytest.approx(2.0)
    names = [source.name for source in loaded.segments.work.segments.scene.sources()]
    assert len(names) == 5 and names[3].startswith("Agreement of") and names[4].startswith("Consensus of")
    monkeypatch.setattr(page, "_choose_file", lambda *_: str(tmp_path / "table"))
    click(loaded, "compareSave")
    with open(tmp_path / "table.csv", encoding="utf-8") as file:
        assert float(next(csv.DictReader(file))["dice"]) == pytest.approx(pair["dice"])
    picture(loaded, "compare")


def _plane(view):
    matrix = view.node.GetSliceToRAS()
    return [[matrix.GetElement(row, column) for column in range(4)] for row in range(4)]


def _shown_in(node):
    display = node.GetDisplayNode()
    return [display.GetNthViewNodeID(number) for number in range(display.GetNumberOfViewNodeIDs())]


def test_two_are_shown_side_by_side_in_views_that_move_together(loaded):
    page, views = loaded.segments.work.panel.compare, loaded.views
    loaded.segments.work.panel.widget.setCurrentIndex(1)
    page.first.setCurrentIndex(1)
    page.second.setCurrentIndex(2)
    before = _plane(views.sagittal)
    click(loaded, "compareLinked")
    assert [view.isVisible() for view in (views.axial, views.sagittal, views.coronal, views.three_d)] == [True, True, False, False]
    assert views.axial.geometry().top() == views.sagittal.geometry().top() and views.axial.geometry().left() < views.sagittal.geometry().left()
    one, other = loaded.segments.work.segments.scene.nodes()[1:3]
    assert (_shown_in(one), _shown_in(other)) == ([views.axial.node.GetID()], [views.sagittal.node.GetID()])
    assert "Left: " in page.about.text() and (views.axial.title, views.sagittal.title) == ("A", "B")
    assert [source.visible for source in loaded.segments.work.segments.scene.sources()] == [False, True, True]
    views.axial.move_by(3)
    views.axial.zoom(2.0)
    assert np.allclose(_plane(views.axial), _plane(views.sagittal))
    views.sagittal.pan(20, 10)
    views.sagittal.move_by(-1)
    assert np.allclose(_plane(views.axial), _plane(views.sagittal))
    assert np.allclose(views.axial.node.GetXYZOrigin(), views.sagittal.node.GetXYZOrigin())
    assert views.axial.node.GetFieldOfView()[0] == pytest.approx(views.sagittal.node.GetFieldOfView()[0])
    picture(loaded, "side-by-side")
    click(loaded, "compareLinked")
    assert all(view.isVisible() for view in (views.axial, views.sagittal, views.coronal, views.three_d))
    assert _shown_in(one) == _shown_in(other) == [] and views.axial.title == ""
    assert all(source.visible for source in loaded.segments.work.segments.scene.sources())
    assert np.allclose(_plane(views.sagittal), before)
    moved = _plane(views.sagittal)
    views.axial.move_by(1)
    assert np.allclose(_plane(views.sagittal), moved)


def test_views_side_by_side_show_as_much_as_before_and_the_four_views_again(loaded):
    page, views = loaded.segments.work.panel.compare, loaded.views
    views.fit()
    views.sagittal.zoom(1.5)
    QTest.qWait(50)
    before = {view: view.node.GetFieldOfView() for view in (views.axial, views.sagittal)}
    page.first.setCurrentIndex(1)
    page.second.setCurrentIndex(2)
    loaded.segments.work.panel.widget.setCurrentIndex(1)
    click(loaded, "compareLinked")
    QTest.qWait(50)
    for view in (views.axial, views.sagittal):
        assert view.node.GetFieldOfView()[0] >= before[views.axial][0] - 1e-3, "nothing of the body is cut off"
    click(loaded, "compareLinked")
    QTest.qWait(50)
    for view, field in before.items():
        np.testing.assert_allclose(view.node.GetFieldOfView()[:2], field[:2], rtol=0.02)


def test_the_table_of_a_comparison_names_both_in_a_line_of_their_own_and_their_sum_below(loaded):
    page, comparison = loaded.segments.work.panel.compare, loaded.segments.work.comparison
    loaded.segments.work.panel.widget.setCurrentIndex(1)
    page.first.setCurrentIndex(1)
    page.second.setCurrentIndex(2)
    click(loaded, "compareStart")
    wait(lambda: not comparison.state.running, "the comparison")
    heading = page.model.index(0, 0)
    assert heading.data() == "Reader 1 / Reader 2" and page.view.isFirstColumnSpanned(0, QtCore.QModelIndex())
    total = comparison.state.document["totals"][0]
    assert [page.model.index(0, column, heading).data() for column in (0, 1)] == ["All together", f"{total['dice']:.3f}"]
    assert page.model.index(1, 0, heading).data() == "Liver"


def test_a_result_is_compared_with_the_one_of_idc_by_one_click(loaded):
    """What a module or a label file left in the scene has no series."""
    work, scene = loaded.segments.work, loaded.segments.work.segments.scene
    (image_row,) = scene.images()
    scene.add_on_image(reader("Mine", 3), "Mine", image_row.node_id)
    work.segments.refresh()
    work.panel.widget.setCurrentIndex(2)
    click(loaded, "handOverCompare")
    assert work.panel.widget.currentIndex() == 1
    wait(lambda: not work.comparison.state.running and work.comparison.state.document, "the comparison")
    (liver,) = [pair for pair in work.comparison.state.document["pairs"] if pair["name"] == "Liver"]
    assert "Organs by a network" in liver["a"] and liver["b"] == "Mine"
    assert 0 < liver["dice"] < 1


def test_side_by_side_ends_when_one_of_them_leaves_the_scene(loaded):
    page, views = loaded.segments.work.panel.compare, loaded.views
    loaded.segments.work.panel.widget.setCurrentIndex(1)
    page.first.setCurrentIndex(1)
    page.second.setCurrentIndex(2)
    click(loaded, "compareLinked")
    one, other = loaded.segments.work.segments.scene.nodes()[1:3]
    loaded.scene.scene.RemoveNode(other)
    loaded.segments.work.segments.refresh()
    assert not loaded.segments.work.linked_views.is_on and not page.linked.isChecked()
    assert _shown_in(one) == [] and views.three_d.isVisible()


def test_segments_without_a_counterpart_are_paired_by_hand(loaded):
    page, comparison = loaded.segments.work.panel.compare, loaded.segments.work.comparison
    page.first.setCurrentIndex(0)
    page.second.setCurrentIndex(1)
    loaded.segments.work.panel.widget.setCurrentIndex(1)
    scene = loaded.segments.work.segments.scene
    node = scene.node(scene.sources()[1].node_id)
    node.GetSegmentation().GetSegment("Segment_1").SetName("Something else")
    node.GetSegmentation().GetSegment("Segment_1").SetTag("TerminologyEntry", "")
    click(loaded, "compareStart")
    wait(lambda: not comparison.state.running, "the comparison")
    assert comparison.state.document["pairs"] == []
    page.only_a.setCurrentIndex(0)
    click(loaded, "comparePair")
    wait(lambda: comparison.state.running or comparison.state.document["pairs"], "the start")
    wait(lambda: not comparison.state.running, "the comparison")
    assert [pair["matched_by"] for pair in comparison.state.document["pairs"]] == ["hand"]


def test_the_panel_survives_the_scene_being_closed(loaded):
    loaded.segments.work.panel.widget.setCurrentIndex(1)
    click(loaded, "compareStart")
    loaded.scene.clear()
    wait(lambda: not loaded.segments.work.segments.state.all_sources, "the empty list")
    wait(lambda: not loaded.segments.work.comparison.state.running, "the end of the comparison")
    assert texts(loaded) == []


def test_300_segments_are_listed_and_measured_between_the_events_of_the_window(program):
    voxels = np.zeros((40, 64, 64), np.uint16)
    for label in range(1, 301):
        voxels[label % 40, (label // 8) % 60 : (label // 8) % 60 + 3, (label * 7) % 60 : (label * 7) % 60 + 3] = label
    geometry = replace(AXIAL, shape=voxels.shape)
    segments = tuple(Segment(label, label, f"Structure {label}") for label in range(1, 301))
    made = Labelmap((voxels,), geometry, segments, Source("SEG", series_description="Many"))
    add_labelmap(program.scene.scene, made, "1.7", [], "SEG", LoadAs.SEGMENTATION)
    logic = program.segments.work.segments
    logic.refresh()
    wait(lambda: not logic.state.measuring and logic.state.figures, "the figures")
    assert len(logic.state.figures) == 300
    counts = np.bincount(voxels.ravel(), minlength=301)
    assert [logic.state.figures[key].voxels for key in sorted(logic.state.figures, key=lambda key: int(key[1].split("_")[1]))] == counts[1:].tolist()


def _export_as(program, form):
    program.segments.work.panel.list._forms.findChild(QtGui.QAction, f"{form}ExportAction").trigger()


def images_of_the_scene(folder):
    """Files on the grid of the scene's volume."""
    orientation = [float(value) for axis in AXIAL.directions[:2] for value in axis]
    depth, rows, columns = AXIAL.shape
    source = sf.images(depth, rows, columns, orientation=orientation, spacing=(2.0, 2.0), step=4.0, origin=AXIAL.origin)
    return [str(path) for path in sf.save_images(source, folder)]


def test_a_segmentation_is_exported_with_the_images_of_the_database(loaded, tmp_path, monkeypatch):
    """The images lie on the grid of the scene's volume; the file enters the database."""
    files = images_of_the_scene(tmp_path / "CT")
    page, giving_back = loaded.segments.work.panel.list, loaded.segments.work.giving_back
    asked = []

    def series_files(uid, on_done, _on_error):
        asked.append(uid)
        on_done(files)

    monkeypatch.setattr(loaded.host.store, "series_files", series_files)
    monkeypatch.setattr(page, "_choose_file", lambda *_: str(tmp_path / "mine.dcm"))
    scene = loaded.segments.work.segments.scene
    node = scene.node(scene.sources()[1].node_id)
    node.SetAttribute("IDCBrowser.ReferencedSeriesInstanceUID", "1.2.3.5")
    select(loaded, 1, 0)
    _export_as(loaded, "seg")
    wait(lambda: not giving_back.running, "the export")
    text = loaded.window.findChild(QtWidgets.QLabel, "segmentsAbout").text()
    assert text.startswith(f"Written to {tmp_path / 'mine.dcm'}") and asked == ["1.2.3.5"]
    assert "in the DICOM database" in text
    expected = scene.labelmap(node.GetID()).labelmap_volume()
    assert np.array_equal(convert(tmp_path / "mine.dcm", files).labelmap_volume(), expected)


def export_to(path, program, form, monkeypatch):
    """The first segmentation of a reader, to its end."""
    monkeypatch.setattr(program.segments.work.panel.list, "_choose_file", lambda *_: str(path))
    select(program, 1, 0)
    _export_as(program, form)
    wait(lambda: not program.segments.work.giving_back.running, "the export")


def from_the_database(program, files, monkeypatch):
    """The images of every segmentation are these; gives what is added to the database."""
    added = []

    def import_files(paths, on_done, _on_error, _on_progress):
        added.extend(paths)
        on_done({"patients": 1, "studies": 1, "series": len(paths), "instances": len(paths), "left_out": []})

    monkeypatch.setattr(program.host.store, "series_files", lambda _uid, on_done, _on_error: on_done(files))
    monkeypatch.setattr(program.host.store, "import_files", import_files)
    for node in program.segments.work.segments.scene.nodes():
        node.SetAttribute("IDCBrowser.ReferencedSeriesInstanceUID", "1.2.3.5")
    return added


def test_a_segmentation_is_exported_with_its_measurements_and_both_enter_the_database(loaded, tmp_path, monkeypatch):
    added = from_the_database(loaded, images_of_the_scene(tmp_path / "CT"), monkeypatch)
    export_to(tmp_path / "mine.dcm", loaded, "measured", monkeypatch)
    assert added == [str(tmp_path / "mine.dcm"), str(tmp_path / "mine-measurements.dcm")]
    text = loaded.window.findChild(QtWidgets.QLabel, "segmentsAbout").text()
    assert f"with 6 measurements in {tmp_path / 'mine-measurements.dcm'}" in text and "in the DICOM database" in text
    rows = measurements_of(read_report(tmp_path / "mine-measurements.dcm")).rows
    figures = loaded.segments.work.segments.state.figures
    shown = figures[loaded.segments.work.segments.state.all_sources[1].node_id, "Segment_1"]
    assert rows[0].value == pytest.approx(shown.volume_mm3) and rows[0].finding.meaning == "Liver"


def test_a_structure_set_is_exported_with_its_measurements(loaded, tmp_path, monkeypatch):
    added = from_the_database(loaded, images_of_the_scene(tmp_path / "CT"), monkeypatch)
    loaded.segments.work.panel.list.form.creator.setText("Doe^Jane")
    export_to(tmp_path / "rois.dcm", loaded, "measuredRois", monkeypatch)
    assert added == [str(tmp_path / "rois.dcm"), str(tmp_path / "rois-measurements.dcm")]
    assert dcmread(tmp_path / "rois.dcm").OperatorsName == "Doe^Jane"
    rows = measurements_of(read_report(tmp_path / "rois-measurements.dcm")).rows
    assert {row.segmentation_sop_uid for row in rows} == {dcmread(tmp_path / "rois.dcm").SOPInstanceUID} and rows[0].segment_number == 1


def test_a_package_for_contribution_says_that_every_voxel_was_read_back(loaded, tmp_path, monkeypatch):
    added = from_the_database(loaded, images_of_the_scene(tmp_path / "CT"), monkeypatch)
    export_to(tmp_path / "mine", loaded, "package", monkeypatch)
    text = loaded.window.findChild(QtWidgets.QLabel, "segmentsAbout").text()
    assert text.startswith(f"Packaged to {tmp_path / 'mine.zip'}. All ") and "were read back" in text and not added
    with zipfile.ZipFile(tmp_path / "mine.zip") as packed:
        assert {name.split("/")[1] for name in packed.namelist()} >= {"segmentation.dcm", "measurements.dcm", "manifest.json", "validation.json"}


def test_an_export_without_images_says_what_to_do(loaded, tmp_path, monkeypatch):
    page = loaded.segments.work.panel.list
    monkeypatch.setattr(page, "_choose_file", lambda *_: str(tmp_path / "mine.dcm"))
    select(loaded, 1)
    _export_as(loaded, "rtstruct")
    wait(lambda: not loaded.segments.work.giving_back.running, "the answer")
    assert "are not in the DICOM database" in loaded.window.findChild(QtWidgets.QLabel, "segmentsAbout").text()
    assert not (tmp_path / "mine.dcm").exists()


@pytest.fixture
def drawn(program, tmp_path, monkeypatch):
    """A ring that was drawn as two contours, loaded from a structure set on its images."""
    files = [str(path) for path in sf.save_images(sf.images(6, 16, 24), tmp_path / "CT")]
    grid = read_image_grids(files)[0]
    voxels = np.zeros(grid.geometry.shape, np.uint8)
    voxels[1:4, 3:12, 3:15] = 1
    voxels[1:4, 6:9, 6:10] = 0
    made = Labelmap((voxels,), grid.geometry, (Segment(1, 1, "Ring"),), Source("label file"))
    export(made, files, tmp_path / "rs.dcm", ExportOptions("rtstruct"))
    here = {"1.5": [str(tmp_path / "rs.dcm")], grid.series_uid: files}
    monkeypatch.setattr(program.host.store, "series_files", lambda uid, on_done, _on_error: on_done(here.get(uid, [])))
    volume = add_scalar_volume(program.scene.scene, np.zeros(grid.geometry.shape, np.int16), grid.geometry, "CT", (400, 200))
    nodes = add_labelmap(program.scene.scene, convert(tmp_path / "rs.dcm", files), "1.5", [volume], "RTSTRUCT", LoadAs.SEGMENTATION).nodes
    program.show_loaded([LoadResult("1.5", tuple(node.GetID() for node in nodes))])
    return program, voxels, here


def test_another_contour_rule_fills_the_contours_anew(drawn):
    program, voxels, _ = drawn
    work = program.segments.work
    node_id = work.segments.state.all_sources[0].node_id
    select(program, 0, 0)
    page = work.panel.list
    assert page.rules.isEnabled() and page.rules.currentIndex() == 0
    assert "Areas: contours" in page.about.text() and "(+0.00%)" in page.about.text()
    assert np.array_equal(work.segments.scene.labelmap(node_id).labelmap_volume() > 0, voxels > 0)
    page.rules.setCurrentIndex(1)
    wait(lambda: not work.contour_rule.running, "the conversion")
    filled = voxels.copy()
    filled[1:4, 6:9, 6:10] = 1
    assert np.array_equal(work.segments.scene.labelmap(node_id).labelmap_volume() > 0, filled > 0)
    assert work.segments.state.all_sources[0].contour_rule == "union"
    wait(lambda: not work.segments.state.measuring, "the figures")
    assert work.segments.state.figures[node_id, "Segment_1"].voxels == np.count_nonzero(filled)


def test_a_rule_for_a_structure_set_that_is_gone_says_what_to_do(drawn):
    program, voxels, here = drawn
    work = program.segments.work
    here.clear()
    select(program, 0, 0)
    work.panel.list.rules.setCurrentIndex(2)
    wait(lambda: not work.contour_rule.running, "the answer")
    assert "is not in the DICOM database" in work.panel.list.about.text()
    assert np.array_equal(work.segments.scene.labelmap(work.segments.state.all_sources[0].node_id).labelmap_volume() > 0, voxels > 0)
