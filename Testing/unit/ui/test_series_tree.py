"""Series as a tree with pictures, driven by clicks and keys on the fake engine."""

from __future__ import annotations

import pytest

pytest.importorskip("PySide6")

import numpy as np
from helpers.panel import Panel
from PySide6.QtTest import QTest

from IDCBrowserLib.preview.picture import Picture, to_png, to_pnm
from IDCBrowserLib.qtbinding import Qt, QtCore, QtWidgets
from IDCBrowserLib.ui.widgets.cell_roles import ACCESSIBLE_TEXT, DECORATION, TOOL_TIP

CT, SEG, RTSTRUCT = (f"1.2.5.0.{number}" for number in range(3))


@pytest.fixture
def panel(app, bench, tmp_path):
    picture = tmp_path / "ct.png"
    picture.write_bytes(to_png(Picture(np.full((96, 120), 200, np.uint8), "CT, image 5")))
    for row in bench.catalog.rows["series"]:
        if row["Modality"] == "CT":
            bench.catalog.previews[row["SeriesInstanceUID"]] = {"file": str(picture), "description": "CT, image 5"}
    bench.catalog.missing_indices.clear()
    panel = Panel(bench, [])
    panel.panel.widget.resize(1280, 720)
    panel.activate()
    panel.settle()
    yield panel
    panel.panel.close()
    panel.panel.widget.close()


def tree_of(panel):
    return panel.find(QtWidgets.QTreeView, "seriesTree")


def open_series(panel, case=0):
    """By keys: the first collection, a case, whose lone study opens its series."""
    panel.click_row("collections", 0)
    panel.panel.browse.path.open.click()
    panel.settle()
    panel.click_row("cases", case)
    panel.panel.browse.path.open.click()
    for _round in range(3):
        panel.settle()
    QTest.qWait(120)
    panel.settle()


def drawn(model):
    return model.data(model.index(0, 0), DECORATION).pixmap(QtCore.QSize(96, 96))


def texts(panel):
    model = tree_of(panel).model()

    def below(parent):
        return [(model.data(model.index(row, 0, parent)), below(model.index(row, 0, parent))) for row in range(model.rowCount(parent))]

    return below(QtCore.QModelIndex())


def test_a_lone_study_opens_its_series_with_a_picture_and_what_was_made_from_them(panel):
    open_series(panel)
    assert tree_of(panel).isVisible() and not panel.table("series").isVisible()
    ((image, below),) = texts(panel)
    assert image.startswith("0. CT of lungs-00000") or image.startswith("0. CT of brains-00000")
    assert [text.split("\n")[0] for text, _below in below] == [
        "Segmentation: Heart, Aorta +3",
        "Structure set: RTSTRUCT of " + image.rpartition(" ")[2],
    ]
    assert below[0][0].split("\n")[1].startswith("by an algorithm: Organs 2 · SEG of")


def test_only_images_in_sight_get_a_thumbnail_which_is_drawn(panel):
    open_series(panel)
    calls = panel.bench.engine.process.calls("preview.thumbnail")
    assert len(calls) == 1
    model = tree_of(panel).model()
    picture = drawn(model)
    assert (picture.width(), picture.height()) == (96, 96)
    assert picture.toImage().pixelColor(48, 48).red() > 150
    assert "CT, image 5" in model.data(model.index(0, 0), TOOL_TIP)


def test_a_thumbnail_that_does_not_come_says_why_in_its_place(panel):
    for uid in list(panel.bench.catalog.previews):
        panel.bench.catalog.previews[uid] = {"file": "", "description": "https://s3.example does not answer."}
    open_series(panel)
    model = tree_of(panel).model()
    assert "https://s3.example does not answer." in model.data(model.index(0, 0), TOOL_TIP)
    assert drawn(model).width() == 96


def test_a_thumbnail_file_that_is_no_picture_gives_the_same_quiet_icon(panel, tmp_path):
    (tmp_path / "text.png").write_text("no picture")
    for uid in list(panel.bench.catalog.previews):
        panel.bench.catalog.previews[uid] = {"file": str(tmp_path / "text.png"), "description": "CT"}
    open_series(panel)
    assert drawn(tree_of(panel).model()).width() == 96


def test_what_is_scrolled_away_or_left_is_asked_for_no_more(panel):
    panel.bench.engine.process.hold("preview.thumbnail")
    open_series(panel)
    assert len(panel.bench.engine.process.calls("preview.thumbnail")) == 1
    QTest.keyClick(tree_of(panel), Qt.Key.Key_Backspace)
    panel.settle()
    assert panel.bench.engine.process.cancelled.count("preview.thumbnail") == 1


def test_the_arrow_keys_walk_through_the_tree_and_select_for_download(panel):
    open_series(panel)
    tree = tree_of(panel)
    tree.setFocus()
    tree.setCurrentIndex(tree.model().index(0, 0))
    panel.settle()
    assert panel.text("selectionTotal").startswith("1 series")
    QTest.keyClick(tree, Qt.Key.Key_Down)
    panel.settle()
    assert panel.bench.browser.tables.selected_ids("series")[0].endswith(".1")
    QTest.keyClick(tree, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    panel.settle()
    assert [uid[-2:] for uid in panel.bench.browser.tables.selected_ids("series")] == [".1", ".2"]
    QTest.keyClick(tree, Qt.Key.Key_Left)
    QTest.keyClick(tree, Qt.Key.Key_Left)
    assert not tree.isExpanded(tree.model().index(0, 0))


def test_screen_readers_get_a_series_in_one_line_and_its_state(panel):
    open_series(panel)
    model = tree_of(panel).model()
    assert model.data(model.index(0, 0), ACCESSIBLE_TEXT).endswith(", 1 image · 1.25 mm · 1.0 MB · CC BY 4.0")
    assert model.data(model.index(0, 5), ACCESSIBLE_TEXT)


def test_the_table_is_one_click_away_with_the_same_selection_and_that_is_remembered(panel):
    open_series(panel)
    tree_of(panel).setCurrentIndex(tree_of(panel).model().index(0, 0))
    panel.settle()
    chosen = panel.bench.browser.tables.selected_ids("series")
    box = panel.find(QtWidgets.QCheckBox, "seriesPictures")
    box.click()
    panel.settle()
    assert panel.table("series").isVisible() and not tree_of(panel).isVisible()
    assert panel.bench.browser.tables.selected_ids("series") == chosen
    assert panel.bench.host.settings.value("SeriesPictures", "") == "no"
    box.click()
    panel.settle()
    assert tree_of(panel).isVisible()
    assert [index.row() for index in tree_of(panel).selectionModel().selectedRows()] == [0]


def test_without_the_index_what_refers_to_nothing_stands_under_the_heading_of_its_kind(panel):
    panel.bench.catalog.missing_indices.append("seg_index")
    open_series(panel)
    shown = texts(panel)
    assert [text.split("\n")[0] for text, _below in shown][1:] == ["Segmentations", "Structure sets"]
    assert [len(below) for _text, below in shown] == [0, 1, 1]
    tree = tree_of(panel)
    tree.setCurrentIndex(tree.model().index(1, 0))
    panel.settle()
    assert panel.bench.browser.tables.selected_ids("series") in (None, ())


def test_many_series_are_a_table_and_the_box_says_why(panel, monkeypatch):
    monkeypatch.setattr("IDCBrowserLib.logic.tables.series_tree.MOST_ROWS", 2)
    open_series(panel)
    assert panel.table("series").isVisible() and not tree_of(panel).isVisible()
    box = panel.find(QtWidgets.QCheckBox, "seriesPictures")
    assert box.isVisible() and not box.isEnabled() and "up to" in box.toolTip()
    assert panel.bench.engine.process.calls("tree.series") == []


def test_a_narrow_dock_has_one_column_whose_second_line_says_the_rest(panel):
    open_series(panel)
    panel.panel.widget.resize(340, 800)
    panel.settle()
    ((image, _below),) = texts(panel)
    assert image.split("\n")[1] == "1 image · 1.25 mm · 1.0 MB · CC BY 4.0"
    assert [tree_of(panel).isColumnHidden(number) for number in range(6)] == [False, True, True, True, True, False]


def frames(panel, tmp_path, count=7):
    made = []
    for number in range(count):
        path = tmp_path / f"{number}.raw"
        path.write_bytes(to_pnm(Picture(np.full((20, 20), 30 * number, np.uint8), "")))
        made.append(str(path))
    for row in panel.bench.catalog.rows["series"]:
        if row["Modality"] == "CT":
            panel.bench.catalog.frames[row["SeriesInstanceUID"]] = made
            row["instanceCount"] = count


def shown_gray(panel):
    picture = panel.find(QtWidgets.QLabel, "previewPicture").pixmap().toImage()
    return picture.pixelColor(picture.width() // 2, picture.height() // 2).red()


def select_image(panel):
    tree_of(panel).setCurrentIndex(tree_of(panel).model().index(0, 0))
    panel.settle()
    panel.settle()


def test_keys_and_slider_leaf_through_the_frames_and_say_where_one_is(panel, tmp_path):
    frames(panel, tmp_path)
    open_series(panel)
    select_image(panel)
    picture = panel.find(QtWidgets.QLabel, "previewPicture")
    assert panel.text("previewPlace") == "7 images"
    assert panel.bench.engine.process.calls("preview.open_stack") == []
    picture.setFocus()
    QTest.keyClick(picture, Qt.Key.Key_Down)
    panel.settle()
    panel.settle()
    assert panel.text("previewPlace") == "5 of 7" and shown_gray(panel) == 120
    QTest.keyClick(picture, Qt.Key.Key_Home)
    panel.settle()
    assert panel.text("previewPlace") == "1 of 7" and shown_gray(panel) == 0
    panel.find(QtWidgets.QSlider, "previewSlider").setValue(6)
    panel.settle()
    assert panel.text("previewPlace") == "7 of 7" and shown_gray(panel) == 180
    QTest.keyClick(picture, Qt.Key.Key_Down)
    panel.settle()
    assert panel.text("previewPlace") == "7 of 7"


def test_the_next_frames_are_fetched_ahead_and_the_stack_closes_with_the_series(panel, tmp_path):
    frames(panel, tmp_path)
    open_series(panel)
    select_image(panel)
    panel.bench.browser.leafing.move(-1)
    panel.settle()
    panel.settle()
    assert sorted(call["frame"] for call in panel.bench.engine.process.calls("preview.frame")) == [0, 1, 2]
    panel.bench.browser.leafing.move(-1)
    panel.settle()
    assert len(panel.bench.engine.process.calls("preview.frame")) == 3
    assert len(panel.bench.catalog.stacks) == 1
    tree_of(panel).clearSelection()
    panel.settle()
    assert panel.bench.catalog.stacks == {}


def test_an_object_of_many_frames_is_leafed_through_from_its_middle(panel, tmp_path):
    frames(panel, tmp_path)
    for row in panel.bench.catalog.rows["series"]:
        row["instanceCount"] = 1
    open_series(panel)
    select_image(panel)
    assert not panel.find(QtWidgets.QSlider, "previewSlider").isVisible()
    panel.bench.browser.leafing.move(2)
    panel.settle()
    panel.settle()
    assert panel.text("previewPlace") == "6 of 7"


def test_what_cannot_be_leafed_through_says_why_below_the_picture(panel, tmp_path):
    (tmp_path / "seg.png").write_bytes(to_png(Picture(np.zeros((20, 20), np.uint8), "Segmentation")))
    open_series(panel)
    tree = tree_of(panel)
    for row in panel.bench.catalog.rows["series"]:
        panel.bench.catalog.previews.setdefault(row["SeriesInstanceUID"], {"file": str(tmp_path / "seg.png"), "description": "Segmentation"})
    tree.setCurrentIndex(tree.model().index(0, 0, tree.model().index(0, 0)))
    panel.settle()
    panel.settle()
    panel.bench.browser.leafing.move(1)
    panel.settle()
    panel.settle()
    assert panel.text("previewText") == "There is one picture of this series."


def test_a_state_has_the_size_of_an_icon_where_thumbnails_are_large(panel):
    open_series(panel)
    tree = tree_of(panel)
    model = tree.model()
    found = model.data(model.index(0, model.columnCount() - 1), DECORATION)
    assert found.actualSize(tree.iconSize()) == QtCore.QSize(16, 16)


def level(number, kind, columns, size, files=1, spacing=0.00025):
    return {
        "number": number,
        "kind": kind,
        "rows": columns // 2,
        "columns": columns,
        "spacing_mm": spacing,
        "bytes": size,
        "transfer_syntax": "1.2.840.10008.1.2.4.50",
        "sop_instances": [f"1.2.{columns}.{file}" for file in range(files)],
        "instances": [f"{columns}-{file}" for file in range(files)],
        "addresses": [f"s3://idc/slide/{columns}-{file}.dcm" for file in range(files)],
    }


@pytest.fixture
def slides(app, bench):
    """The CT is a slide, of which nothing was made."""
    for row in bench.catalog.rows["series"]:
        if row["Modality"] == "CT":
            row["Modality"] = "SM"
        else:
            row["StudyInstanceUID"] += ".1"
    bench.catalog.levels = [level(0, "level", 40960, 900_000_000, 3), level(1, "level", 2560, 5_000_000), level(None, "label", 400, 60_000)]
    bench.catalog.missing_indices.clear()
    panel = Panel(bench, [])
    panel.panel.widget.resize(1280, 720)
    panel.activate()
    panel.settle()
    open_series(panel)
    yield panel
    panel.panel.close()
    panel.panel.widget.close()


def open_slide(panel):
    tree = tree_of(panel)
    tree.setFocus()
    tree.setCurrentIndex(tree.model().index(0, 0))
    QTest.keyClick(tree, Qt.Key.Key_Right)
    panel.settle()
    return tree.model().index(0, 0)


def visible_actions(panel):
    return [action.text() for action in tree_of(panel).actions() if action.isVisible()]


def test_the_levels_of_a_slide_come_when_it_is_opened(slides):
    assert slides.bench.engine.process.calls("slide.levels") == []
    assert not tree_of(slides).isExpanded(tree_of(slides).model().index(0, 0))
    open_slide(slides)
    ((_slide, below),) = texts(slides)
    assert [text for text, _below in below] == [
        "Level 0: 40,960 x 20,480\n0.00025 mm per pixel",
        "Level 1: 2,560 x 1,280\n0.00025 mm per pixel",
        "Label: 400 x 200",
    ]
    model = tree_of(slides).model()
    largest = model.index(0, 0, model.index(0, 0))
    assert model.data(largest, ACCESSIBLE_TEXT) == "Level 0: 40,960 x 20,480, 0.00025 mm per pixel · 3 files · 900 MB"
    assert [model.data(largest.siblingAtColumn(column)) for column in (1, 3)] == ["3 files", "900 MB"]
    tree_of(slides).collapse(model.index(0, 0))
    open_slide(slides)
    assert len(slides.bench.engine.process.calls("slide.levels")) == 1, "and are known from then on"


def test_a_level_is_downloaded_by_its_menu_while_its_slide_is_the_selection(slides):
    slide = open_slide(slides)
    tree = tree_of(slides)
    assert not any("this level" in text for text in visible_actions(slides))
    tree.setCurrentIndex(tree.model().index(1, 0, slide))
    slides.settle()
    assert visible_actions(slides)[:2] == ["Download this level", "Download this level and load"] and "Show &folder" in visible_actions(slides)
    assert slides.text("selectionTotal").startswith("1 series")
    next(action for action in tree.actions() if action.text() == "Download this level").trigger()
    slides.settle()
    (asked,) = slides.bench.engine.process.calls("selection.plan")
    assert asked["sources"] == ["s3://idc/slide/2560-0.dcm"]
    tree.setCurrentIndex(slide)
    slides.settle()
    assert not any("this level" in text for text in visible_actions(slides))


def test_without_the_index_of_instances_the_tree_says_what_it_takes_and_gets_it(slides):
    indices = slides.bench.catalog.indices
    indices.side["sm_instance_index"] = "missing"
    open_slide(slides)
    slides.settle()
    ((_slide, ((text, _below),)),) = texts(slides)
    assert text == "Levels need 23.0 MB of further data."
    tree = tree_of(slides)
    offer = tree.indexWidget(tree.model().index(0, 0, tree.model().index(0, 0)))
    assert offer.findChild(QtWidgets.QLabel, "slideLevelsText").text() == text
    QTest.mouseClick(offer.findChild(QtWidgets.QPushButton, "slideLevelsFetch"), Qt.MouseButton.LeftButton)
    for _round in range(4):
        slides.settle()
    ((_slide, below),) = texts(slides)
    assert len(below) == 3 and tree.isExpanded(tree.model().index(0, 0))


def test_enter_on_that_row_gets_it_as_well(slides):
    slides.bench.catalog.indices.side["sm_instance_index"] = "missing"
    slide = open_slide(slides)
    tree = tree_of(slides)
    tree.setCurrentIndex(tree.model().index(0, 0, slide))
    slides.settle()
    assert "Get the list of levels" in visible_actions(slides)
    QTest.keyClick(tree, Qt.Key.Key_Return)
    for _round in range(4):
        slides.settle()
    assert [asked["name"] for asked in slides.bench.engine.process.calls("catalog.fetch_side_index")] == ["sm_instance_index"]
    assert tree.isVisible()


def test_where_something_was_made_from_a_slide_its_levels_have_a_row_of_their_own(panel):
    for row in panel.bench.catalog.rows["series"]:
        row["Modality"] = "SM" if row["Modality"] == "CT" else row["Modality"]
    panel.bench.catalog.levels = [level(0, "level", 4096, 5_000_000)]
    related = panel.bench.catalog.tree

    def tree_of_slides(params):
        told = related(params)
        return {**told, "rows": [{**row, "of": 0 if row["row"] else None} for row in told["rows"]]}

    panel.bench.engine.process.handlers["tree.series"] = tree_of_slides
    open_series(panel)
    ((_slide, below),) = texts(panel)
    assert [text.split("\n")[0] for text, _below in below][-1] == "Levels"
    tree = tree_of(panel)
    slide = tree.model().index(0, 0)
    assert tree.isExpanded(slide) and panel.bench.engine.process.calls("slide.levels") == []
    tree.expand(tree.model().index(len(below) - 1, 0, slide))
    panel.settle()
    ((_slide, below),) = texts(panel)
    assert [text.split("\n")[0] for text, _below in below[-1][1]] == ["Level 0: 4,096 x 2,048"]
