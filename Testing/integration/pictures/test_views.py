"""The views, judged by the pixels of their pictures."""

import os

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
import pytest
from helpers.fake_host import FakeSettings
from helpers.made_volumes import AXIAL, OBLIQUE, TABLE_TILTED, TILTED, image, labelmap

pytest.importorskip("PySide6")
pytest.importorskip("slicer")

from IDCBrowserLib.host.standalone.views import ViewGrid
from IDCBrowserLib.i18n import Translation, use
from IDCBrowserLib.qtbinding import QtCore, QtGui, QtWidgets
from IDCBrowserLib.scene.provenance import UNPLACED_ATTRIBUTE
from IDCBrowserLib.scene.segments.labelmap_nodes import add_labelmap
from IDCBrowserLib.scene.volumes import add_scalar_volume
from IDCBrowserLib.ui.language import LANGUAGE_KEY, speak

# A point (RAS, mm) inside of the bright box and of the tumor.
IN_BOTH = (30.0, 16.0, 22.0)


def add_image(host, geometry=AXIAL):
    return add_scalar_volume(host.scene, image(geometry), geometry, "CT", (1000, 500))


def add_both(host):
    volume = add_image(host)
    return volume, add_labelmap(host.scene, labelmap(), "1.2.3.4", [volume]).segmentation


def show_bright_box(host, grid):
    add_image(host)
    grid.fit()
    for view in grid.slices:
        view.jump(IN_BOTH)


def picture(view):
    """What VTK drew, without the texts: (row, column, RGB) from the top left."""
    view.prepare()
    drawn = view.render_window.image()
    pixels = np.frombuffer(drawn.constBits(), np.uint8).reshape(drawn.height(), drawn.bytesPerLine() // 4, 4)
    return pixels[:, : drawn.width(), :3].astype(int)


def middle_of(mask):
    rows, columns = np.nonzero(mask)
    return rows.mean() / mask.shape[0], columns.mean() / mask.shape[1]


def bright(view):
    return (picture(view) > 200).all(axis=2)


def greenish(view):
    red, green, blue = np.moveaxis(picture(view), 2, 0)
    return (green > red + 60) & (green > blue + 60)


def bluish(view):
    """Without the corner of the orientation marker."""
    red, green, blue = np.moveaxis(picture(view)[:, : int(view.width() * 0.75)], 2, 0)
    return (blue > red + 80) & (blue > green + 80)


def press(view, button, start, end, modifiers=QtCore.Qt.KeyboardModifier.NoModifier):
    def event(kind, position, which, buttons):
        point = QtCore.QPointF(*position)
        return QtGui.QMouseEvent(kind, point, view.mapToGlobal(point), which, buttons, modifiers)

    nothing = QtCore.Qt.MouseButton.NoButton
    QtWidgets.QApplication.sendEvent(view, event(QtCore.QEvent.Type.MouseButtonPress, start, button, button))
    QtWidgets.QApplication.sendEvent(view, event(QtCore.QEvent.Type.MouseMove, end, nothing, button))
    QtWidgets.QApplication.sendEvent(view, event(QtCore.QEvent.Type.MouseButtonRelease, end, button, nothing))


def turn_wheel(view, steps, modifiers=QtCore.Qt.KeyboardModifier.NoModifier):
    point = QtCore.QPointF(50, 50)
    event = QtGui.QWheelEvent(
        point,
        view.mapToGlobal(point),
        QtCore.QPoint(),
        QtCore.QPoint(0, 120 * steps),
        QtCore.Qt.MouseButton.NoButton,
        modifiers,
        QtCore.Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QtWidgets.QApplication.sendEvent(view, event)


def test_the_patients_right_is_at_the_left_of_the_picture(host, grid):
    show_bright_box(host, grid)
    for view in (grid.axial, grid.coronal):
        assert middle_of(bright(view))[1] < 0.5, view.orientation


def test_anterior_and_superior_are_up_and_anterior_is_left_in_sagittal(host, grid):
    show_bright_box(host, grid)
    assert middle_of(bright(grid.axial))[0] < 0.5
    assert middle_of(bright(grid.coronal))[0] < 0.5
    row, column = middle_of(bright(grid.sagittal))
    assert (row < 0.5, column < 0.5) == (True, True)


@pytest.mark.parametrize("name", ["axial", "coronal", "sagittal"])
def test_the_overlay_covers_its_voxels_exactly(host, grid, name):
    """The tumor, shown alone and opaque over an image that is bright in just those voxels."""
    voxels = labelmap().layers[1].astype(np.int16) * 500
    volume = add_scalar_volume(host.scene, voxels, AXIAL, "CT", (1000, 500))
    segmentation = add_labelmap(host.scene, labelmap(), "1.2.3.4", [volume]).segmentation
    view = getattr(grid, name)
    grid.fit()
    view.jump(IN_BOTH)
    for identifier in ("Segment_1", "Segment_2", "Segment_7"):
        grid.set_segment_visible(segmentation, identifier, False)
    anatomy = bright(view)
    grid.set_segment_visible(segmentation, "Segment_2", True)
    grid.set_opacity(segmentation, 1.0)
    overlay = greenish(view)
    assert anatomy.sum() > 300
    # Linear interpolation of the image and the outline blur the edge by about a pixel of the picture.
    assert (anatomy & ~overlay).sum() < 0.15 * anatomy.sum()
    assert (overlay & ~anatomy).sum() < 0.35 * anatomy.sum()
    np.testing.assert_allclose(middle_of(anatomy), middle_of(overlay), atol=0.006)


def test_a_hidden_segmentation_leaves_the_anatomy(host, grid):
    _volume, segmentation = add_both(host)
    grid.fit()
    grid.axial.jump(IN_BOTH)
    assert greenish(grid.axial).any()
    grid.set_segmentation_visible(segmentation, False)
    assert not greenish(grid.axial).any()


def test_fit_shows_the_fullest_slice_of_the_segmentation(host, grid):
    add_both(host)
    grid.fit()
    # k = 11 is the first of the fullest slices: -30 + 10 * 4 = 10 mm.
    assert grid.axial.logic.GetSliceOffset() == pytest.approx(10.0)


def test_an_oblique_volume_is_shown_in_its_own_planes(host, grid):
    add_image(host, OBLIQUE)
    grid.fit()
    normals = []
    for view in grid.slices:
        matrix = view.node.GetSliceToRAS()
        normals.append([matrix.GetElement(row, 2) for row in range(3)])
    axes = OBLIQUE.index_to_ras()[:3, :3] / np.asarray(OBLIQUE.spacing)
    np.testing.assert_allclose(np.abs(np.asarray(normals) @ axes).max(axis=1), 1, atol=1e-6)


def test_the_wheel_scrolls_by_a_slice_and_stops_at_the_ends(host, grid):
    add_image(host)
    grid.fit()
    before = grid.axial.logic.GetSliceOffset()
    turn_wheel(grid.axial, 1)
    assert grid.axial.logic.GetSliceOffset() == pytest.approx(before + 4.0)
    for _ in range(60):
        turn_wheel(grid.axial, 1)
    assert grid.axial.logic.GetSliceOffset() == pytest.approx(-30 + 19 * 4)
    assert bright(grid.axial).shape[0] > 100


@pytest.mark.parametrize("geometry", [AXIAL, OBLIQUE, TILTED, TABLE_TILTED])
def test_slices_are_counted_from_one_end_to_the_other(host, grid, geometry, monkeypatch):
    told = []
    monkeypatch.setattr("IDCBrowserLib.host.standalone.slice_view.draw_annotation", lambda *arguments: told.append(arguments[2].bottom_left[0]))
    add_image(host, geometry)
    grid.fit()
    counts = set()
    for view in grid.slices:
        view.grab()
        assert told[-1] == f"Slice {view.stack.count // 2 + 1} of {view.stack.count}"
        view.move_by(-1000)
        view.grab()
        view.move_by(1000)
        view.grab()
        count = int(told[-1].split()[-1])
        assert told[-2:] == [f"Slice 1 of {count}", f"Slice {count} of {count}"]
        counts.add(count)
    assert counts == {20, 40, 60}


@pytest.mark.parametrize("geometry", [TILTED, TABLE_TILTED])
def test_the_overlay_of_a_tilted_series_lies_on_its_image(host, grid, geometry):
    voxels = labelmap().layers[1].astype(np.int16) * 500
    volume = add_scalar_volume(host.scene, voxels, geometry, "CT", (1000, 500))
    segmentation = add_labelmap(host.scene, labelmap(geometry), "1.2.3.4", [volume]).segmentation
    for identifier in ("Segment_1", "Segment_7"):
        grid.set_segment_visible(segmentation, identifier, False)
    grid.set_opacity(segmentation, 1.0)
    grid.fit()
    i, j, k = 15, 12, 13
    for view in grid.slices:
        view.jump(tuple((geometry.index_to_ras() @ [i, j, k, 1])[:3]))
        overlay = greenish(view)
        grid.set_segment_visible(segmentation, "Segment_2", False)
        anatomy = bright(view)
        grid.set_segment_visible(segmentation, "Segment_2", True)
        assert anatomy.sum() > 300, view.orientation
        np.testing.assert_allclose(middle_of(anatomy), middle_of(overlay), atol=0.01, err_msg=view.orientation)


@pytest.mark.parametrize("geometry", [OBLIQUE, TILTED, TABLE_TILTED])
def test_no_picture_is_distorted(host, grid, geometry):
    add_image(host, geometry)
    grid.fit()
    for view in grid.slices:
        matrix = view.node.GetSliceToRAS()
        frame = np.array([[matrix.GetElement(row, column) for column in range(3)] for row in range(3)])
        np.testing.assert_allclose(frame.T @ frame, np.eye(3), atol=1e-6, err_msg=view.orientation)


def test_ctrl_and_wheel_zoom(host, grid):
    add_image(host)
    grid.fit()
    before = grid.axial.node.GetFieldOfView()[0]
    turn_wheel(grid.axial, 2, QtCore.Qt.KeyboardModifier.ControlModifier)
    assert grid.axial.node.GetFieldOfView()[0] < before * 0.85


def test_a_left_drag_changes_window_and_level(host, grid):
    display = add_image(host).GetDisplayNode()
    grid.fit()
    press(grid.axial, QtCore.Qt.MouseButton.LeftButton, (50, 50), (90, 20))
    assert display.GetWindow() > 1000
    assert display.GetLevel() != 500


def test_a_middle_drag_moves_the_picture_with_the_mouse(host, grid):
    add_image(host)
    grid.fit()
    grid.axial.jump((0.0, 0.0, 30.0))
    row, column = middle_of(bright(grid.axial))
    width, height = grid.axial.pixel_size()
    press(grid.axial, QtCore.Qt.MouseButton.MiddleButton, (50, 50), (80, 70))
    moved = middle_of(bright(grid.axial))
    assert moved[1] - column == pytest.approx(30 / width, abs=0.01)
    assert moved[0] - row == pytest.approx(20 / height, abs=0.01)


def test_a_right_drag_upwards_magnifies(host, grid):
    add_image(host)
    grid.fit()
    grid.axial.jump((0.0, 0.0, 30.0))
    before = bright(grid.axial).sum()
    press(grid.axial, QtCore.Qt.MouseButton.RightButton, (50, 80), (50, 60))
    assert bright(grid.axial).sum() > before * 1.2


def test_a_double_click_shows_one_view_alone_and_back(host, grid, app):
    add_image(host)
    grid.fit()
    point = QtCore.QPointF(20, 20)
    event = QtGui.QMouseEvent(
        QtCore.QEvent.Type.MouseButtonDblClick,
        point,
        grid.coronal.mapToGlobal(point),
        QtCore.Qt.MouseButton.LeftButton,
        QtCore.Qt.MouseButton.LeftButton,
        QtCore.Qt.KeyboardModifier.NoModifier,
    )
    QtWidgets.QApplication.sendEvent(grid.coronal, event)
    app.processEvents()
    assert [view.isVisible() for view in (grid.axial, grid.three_d, grid.coronal, grid.sagittal)] == [False, False, True, False]
    assert grid.coronal.width() > 700
    grid.maximize(grid.coronal)
    assert all(view.isVisible() for view in (grid.axial, grid.three_d, grid.coronal, grid.sagittal))


def test_3d_shows_slice_planes_until_surfaces_are_asked_for(host, grid, app):
    _volume, segmentation = add_both(host)
    grid.fit()
    assert not segmentation.GetSegmentation().ContainsRepresentation("Closed surface")
    assert bright(grid.three_d).sum() > 100
    ready = []
    grid.surfaces_ready.connect(lambda: ready.append(True))
    grid.show_surfaces(True)
    while not ready:
        app.processEvents()
    assert bluish(grid.three_d).sum() > 100, "the lung is not seen"
    grid.show_surfaces(False)
    assert not bluish(grid.three_d).any()


def test_the_3d_view_turns_with_a_drag_and_zooms_with_the_wheel(host, grid):
    add_image(host)
    grid.fit()
    before = picture(grid.three_d)
    press(grid.three_d, QtCore.Qt.MouseButton.LeftButton, (50, 50), (120, 60))
    turned = picture(grid.three_d)
    assert (before != turned).any()
    distance = grid.three_d.render_window.renderer.GetActiveCamera().GetDistance()
    turn_wheel(grid.three_d, 2)
    assert grid.three_d.render_window.renderer.GetActiveCamera().GetDistance() < distance


@pytest.mark.parametrize(("processor", "share"), [(True, 2), (False, 1)])
def test_without_a_graphics_card_a_drag_is_drawn_with_fewer_pixels_and_rest_is_sharp(host, grid, monkeypatch, processor, share):
    add_both(host)
    view = grid.three_d
    monkeypatch.setattr(type(view.render_window), "draws_with_processor", processor)
    view.grab()
    full = view.render_window.window.GetSize()
    button = QtCore.Qt.MouseButton.LeftButton
    place = QtCore.QPointF(view.width() / 2, view.height() / 2)
    press = QtGui.QMouseEvent(QtCore.QEvent.Type.MouseButtonPress, place, place, button, button, QtCore.Qt.KeyboardModifier.NoModifier)
    view.mousePressEvent(press)
    view.drag_left(20, 0)
    view.grab()
    assert tuple(view.render_window.window.GetSize()) == (full[0] // share, full[1] // share)
    view.mouseReleaseEvent(press)
    view.grab()
    assert tuple(view.render_window.window.GetSize()) == tuple(full)


def test_many_changes_make_one_picture(host, grid, app):
    add_image(host)
    grid.fit()
    grid.grab()
    drawn = []
    grid.axial.render_window.window.AddObserver("StartEvent", lambda *_: drawn.append(True))
    for _ in range(5):
        for step in (1, -1):
            turn_wheel(grid.axial, step)
    assert drawn == []
    timer = QtCore.QElapsedTimer()
    timer.start()
    while not drawn and timer.elapsed() < 5000:
        app.processEvents()
    app.processEvents()
    assert len(drawn) == 1


def test_clearing_the_scene_empties_the_views_and_loading_works_again(host, grid):
    add_both(host)
    grid.fit()
    host.clear()
    assert not picture(grid.axial).any()
    assert grid.axial.background() is None
    show_bright_box(host, grid)
    assert bright(grid.axial).any()
    assert grid.three_d.node.GetBoxVisible() == 0


def test_fit_of_an_empty_scene_shows_nothing(grid):
    grid.fit()
    assert not picture(grid.axial).any()


def test_what_came_last_is_shown_without_being_named(host, grid):
    volume, _segmentation = add_both(host)
    grid.fit()
    assert grid.axial.background() is volume
    later = add_image(host, OBLIQUE)
    grid.fit()
    assert grid.axial.background() is later


def test_what_was_loaded_is_shown(host, grid):
    volume, segmentation = add_both(host)
    add_image(host, OBLIQUE)
    grid.show_loaded([volume.GetID(), segmentation.GetID(), "vtkMRMLScalarVolumeNode99"])
    assert grid.axial.background() is volume


def test_the_picture_is_written_as_png(host, grid, tmp_path):
    add_both(host)
    grid.fit()
    grid.grab_png(tmp_path / "views.png")
    written = QtGui.QImage(str(tmp_path / "views.png"))
    assert (written.width(), written.height()) == (804, 604)


def test_what_lies_outside_of_the_volume_is_black_and_not_transparent(host, grid):
    add_both(host)
    grid.fit()
    drawn = grid.axial.render_window.image()
    alpha = np.frombuffer(drawn.constBits(), np.uint8)[3::4]
    assert (alpha == 255).all()


def test_a_picture_that_cannot_be_written_is_an_error(grid, tmp_path):
    from IDCBrowserLib.errors import StorageError

    with pytest.raises(StorageError, match="could not be written"):
        grid.grab_png(tmp_path / "missing" / "views.png")


def test_labelmap_volumes_of_like_names_are_both_saved(host, tmp_path):
    for name in ("a/b", "a:b"):
        add_labelmap(host.scene, labelmap(series_description=name), "1.2.3.4", [])
    written = host.save_labelmap_volumes(tmp_path)
    assert len(set(written)) == 2
    assert sorted(tmp_path.iterdir()) == sorted(written)


def test_saving_where_nothing_can_be_written_leaves_nothing(host, tmp_path):
    from IDCBrowserLib.errors import StorageError

    with pytest.raises(StorageError, match="could not be written"):
        host.save(tmp_path / "missing" / "scene.mrb")
    assert list(tmp_path.iterdir()) == []


def move_to(view, x, y):
    point = QtCore.QPointF(x, y)
    nothing = QtCore.Qt.MouseButton.NoButton
    event = QtGui.QMouseEvent(QtCore.QEvent.Type.MouseMove, point, view.mapToGlobal(point), nothing, nothing, QtCore.Qt.KeyboardModifier.NoModifier)
    QtWidgets.QApplication.sendEvent(view, event)


def test_the_mouse_tells_value_and_segments_without_drawing_anew(host, grid, app, monkeypatch):
    add_both(host)
    grid.fit()
    grid.axial.jump(IN_BOTH)
    grid.grab()
    drawn, told = [], []
    grid.axial.render_window.window.AddObserver("StartEvent", lambda *_: drawn.append(True))
    rows, columns = np.nonzero(greenish(grid.axial))
    drawn.clear()
    ratio = grid.axial.devicePixelRatioF()
    move_to(grid.axial, columns.mean() / ratio, rows.mean() / ratio)
    monkeypatch.setattr("IDCBrowserLib.host.standalone.slice_view.draw_annotation", lambda *arguments: told.append(arguments[2]))
    grid.axial.repaint()
    assert told[-1].bottom_right[:2] == ("Liver, Tumor", "Value 1000")
    assert drawn == []


def test_the_button_for_registrations_is_there_only_with_one(host, grid):
    from IDCBrowserLib.scene.registrations import add_registration

    add_image(host)
    grid.fit()
    grid.three_d.grab()
    assert grid.three_d.registration_button.isHidden(), "slice views have transforms of their own"
    add_registration(host.scene, [[1, 0, 0, 5], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]], "1.2", "1.3", "R")
    grid.three_d.grab()
    assert not grid.three_d.registration_button.isHidden()


def test_letters_of_the_patient_stand_only_where_the_images_state_a_place(host, grid, monkeypatch):
    node = add_image(host)
    grid.fit()
    told = []
    monkeypatch.setattr("IDCBrowserLib.host.standalone.slice_view.draw_annotation", lambda *arguments: told.append(arguments[2:4]))
    grid.axial.repaint()
    grid.axial.grab()
    corners, edges = told[-1]
    assert edges is not None and corners.bottom_left[1][0] in "SI"
    node.SetAttribute(UNPLACED_ATTRIBUTE, "true")
    grid.axial.grab()
    corners, edges = told[-1]
    assert edges is None and corners.bottom_left[1] == ""


def test_small_turns_of_a_touch_pad_add_up_to_slices(host, grid):
    add_image(host)
    grid.fit()
    before = grid.axial.logic.GetSliceOffset()
    for _ in range(8):
        turn_wheel(grid.axial, 0.25)
    assert grid.axial.logic.GetSliceOffset() == pytest.approx(before + 8.0)
    turn_wheel(grid.axial, 0)
    assert grid.axial.logic.GetSliceOffset() == pytest.approx(before + 8.0)


@pytest.mark.parametrize(("key", "slices"), [("Key_Up", 1), ("Key_Left", -1), ("Key_PageDown", -10)])
def test_keys_scroll(host, grid, key, slices):
    add_image(host)
    grid.fit()
    grid.axial.jump((0.0, 0.0, 14.0))
    event = QtGui.QKeyEvent(QtCore.QEvent.Type.KeyPress, getattr(QtCore.Qt, key), QtCore.Qt.KeyboardModifier.NoModifier)
    QtWidgets.QApplication.sendEvent(grid.axial, event)
    assert grid.axial.logic.GetSliceOffset() == pytest.approx(14 + slices * 4)


def test_a_click_on_a_name_hides_the_segment_and_again_shows_it(host, grid):
    _volume, segmentation = add_both(host)
    grid.fit()
    grid.grab()
    place = grid.three_d._legend._places[1][0].center()
    for expected in (0, 1):
        press(grid.three_d, QtCore.Qt.MouseButton.LeftButton, (place.x(), place.y()), (place.x(), place.y()))
        assert segmentation.GetDisplayNode().GetSegmentVisibility("Segment_2") == expected


def test_segments_of_several_segmentations_stand_below_their_names_which_no_click_hides(host, grid):
    volume, _segmentation = add_both(host)
    add_labelmap(host.scene, labelmap(), "1.2.3.5", [volume])
    grid.fit()
    grid.grab()
    places = grid.three_d._legend._places
    headings = [(place, row) for place, row in places if not row.identifier]
    assert len(headings) == 2
    assert grid.three_d._legend.row_at(headings[0][0].center()) is None


def test_the_list_over_the_picture_goes_where_a_panel_beside_it_has_the_same(host, grid):
    add_both(host)
    grid.fit()
    grid.grab()
    place = grid.three_d._legend._places[0][0].center()
    grid.three_d.show_legend(False)
    grid.grab()
    assert grid.three_d._legend.row_at(place) is None
    grid.three_d.show_legend(True)
    grid.grab()
    assert grid.three_d._legend.row_at(place) is not None


def test_a_long_list_of_segments_says_how_many_are_left_out(host, app):
    from IDCBrowserLib.host.standalone.legend import Legend, LegendRow

    rows = [LegendRow(None, str(number), f"segment {number}", (1.0, 0.0, 0.0), True) for number in range(100)]
    drawing = QtGui.QImage(300, 300, QtGui.QImage.Format.Format_RGB32)
    drawing.fill(0)
    painter = QtGui.QPainter(drawing)
    legend = Legend()
    legend.draw(painter, drawing.rect(), rows)
    painter.end()
    shown = [row for y in range(300) if (row := legend.row_at(QtCore.QPoint(15, y)))]
    assert 5 < len({row.name for row in shown}) < 30
    assert all(place.bottom() < 300 for place, _row in legend._places)


def test_the_button_asks_for_surfaces_and_follows_who_else_does(host, grid, app):
    _volume, segmentation = add_both(host)
    grid.fit()
    grid.grab()
    assert grid.three_d.surfaces_button.isVisible()
    ready = []
    grid.surfaces_ready.connect(lambda: ready.append(True))
    grid.three_d.surfaces_button.click()
    while not ready:
        app.processEvents()
    assert segmentation.GetSegmentation().GetSegment("Segment_1").GetRepresentation("Closed surface").GetNumberOfPoints() > 0
    grid.show_surfaces(False)
    assert not grid.three_d.surfaces_button.isChecked()


def test_a_released_view_can_still_be_painted(app, host):
    views = ViewGrid(host)
    views.resize(400, 300)
    add_image(host)
    views.fit()
    views.release()
    assert views.grab().width() == 400
    views.fit()
    app.processEvents()


def add_patient(host, patient, series):
    """An image and a segmentation of one patient."""
    from IDCBrowserLib.scene.hierarchy import SeriesPlace, add_series_item

    volume = add_image(host)
    add_series_item(host.scene, SeriesPlace(f"{series}.1", series, patient), volume)
    return volume, add_labelmap(host.scene, labelmap(patient_id=patient, study_uid=series), f"{series}.2", [volume]).segmentation


def test_only_what_belongs_to_the_patient_on_the_screen_is_shown(host, grid):
    first, of_first = add_patient(host, "P1", "1.2.1")
    second, of_second = add_patient(host, "P2", "1.2.2")
    grid.fit()
    shown = [node.GetDisplayNode().GetVisibility() for node in (of_first, of_second)]
    assert (grid.axial.background(), shown) == (second, [0, 1])
    grid.fit(first)
    assert [node.GetDisplayNode().GetVisibility() for node in (of_first, of_second)] == [1, 0]


def test_a_segmentation_hidden_by_the_user_stays_hidden(host, grid):
    _volume, segmentation = add_patient(host, "P1", "1.2.1")
    grid.set_segmentation_visible(segmentation, False)
    grid.fit()
    assert segmentation.GetDisplayNode().GetVisibility() == 0


def test_of_several_phases_only_that_of_the_image_on_the_screen_is_shown(host, grid):
    from IDCBrowserLib.scene.provenance import PHASE_ATTRIBUTE

    volumes, segmentations = zip(*[add_patient(host, "P1", "1.2.1") for _ in range(3)], strict=True)
    grid.fit()
    assert [node.GetDisplayNode().GetVisibility() for node in segmentations] == [1, 1, 1]
    for time, node in enumerate(segmentations[:2]):
        node.SetAttribute(PHASE_ATTRIBUTE, f"TriggerTime {time}")
    grid.fit(volumes[0])
    assert [node.GetDisplayNode().GetVisibility() for node in segmentations] == [1, 0, 1]
    grid.fit(volumes[1])
    assert [node.GetDisplayNode().GetVisibility() for node in segmentations] == [0, 1, 1]


def test_another_image_is_chosen_from_the_list(host, grid):
    first = add_image(host)
    grid.fit()
    assert not grid.three_d.volume_list.isVisible()
    second = add_image(host, OBLIQUE)
    grid.fit()
    chooser = grid.three_d.volume_list
    assert [chooser.itemText(index) for index in range(chooser.count())] == [first.GetName(), second.GetName()]
    assert chooser.isVisible()
    assert chooser.currentText() == second.GetName()
    chooser.activated.emit(0)
    assert grid.axial.background() is first
    host.clear()
    assert chooser.count() == 0


def test_planes_are_the_same_in_every_language(app, host):
    settings = FakeSettings()
    settings.set_value(LANGUAGE_KEY, "de")
    speak(settings)
    try:
        views = ViewGrid(host)
    finally:
        use(Translation())
    add_both(host)
    views.fit()
    found = [(view.objectName(), view._label) for view in views.slices]
    normals = [[round(abs(view.node.GetSliceToRAS().GetElement(row, 2))) for row in range(3)] for view in views.slices]
    views.release()
    views.deleteLater()
    assert found == [("axialView", "Axial"), ("coronalView", "Koronal"), ("sagittalView", "Sagittal")]
    assert normals == [[0, 0, 1], [0, 1, 0], [1, 0, 0]]


def test_an_image_in_sight_that_is_not_listed_is_none_of_the_list(host, grid):
    """As the first slices of a series are, while other series come into the scene."""
    listed, seen = (add_scalar_volume(host.scene, image(), AXIAL, name) for name in ("3: Chest", "4: so far"))
    grid.three_d.set_volumes([listed], seen)
    assert (grid.three_d.volume_list.count(), grid.three_d.volume_list.currentIndex()) == (1, -1)
    grid.three_d.set_volumes([listed], listed)
    assert grid.three_d.volume_list.currentIndex() == 0
