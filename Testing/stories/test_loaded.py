"""A person sees which series are in the scene, goes from a row to the views and from a segment to its row, and clears the scene."""

from __future__ import annotations

from helpers.hands import Hands
from PySide6 import QtCore, QtTest, QtWidgets


def statuses(hands: Hands) -> dict[str, str]:
    """What a screen reader says of the status of each series in the tree, by its first line."""
    model = hands.view("series").model()
    found: dict[str, str] = {}

    def walk(parent: QtCore.QModelIndex) -> None:
        for row in range(model.rowCount(parent)):
            index = model.index(row, 0, parent)
            if model.row_number(index) >= 0:
                title = str(model.data(index)).split("\n")[0]
                place = model.index(row, model.columnCount() - 1, parent)
                found[title] = str(model.data(place, int(QtCore.Qt.ItemDataRole.AccessibleTextRole)))
            walk(index)

    walk(QtCore.QModelIndex())
    return found


def test_a_loaded_series_says_so_and_row_and_node_lead_to_each_other(hands: Hands) -> None:
    hands.window.resize(1680, 1000)
    hands.wait(lambda: hands.rows("collections") > 100, "the catalog")
    hands.select_series_of_the_phantom()
    hands.wait(lambda: set(statuses(hands).values()) == {"In IDC"}, "where they are")
    hands.press("downloadAndLoadButton")
    downloads = hands.program.browser.downloads
    hands.wait(lambda: downloads.documents.get("load") and not downloads.state.running, "the images in the views", 240)
    hands.wait(lambda: set(statuses(hands).values()) == {"Loaded"}, "their states")
    hands.photograph("loaded")

    hands.trigger("viewsAction")
    assert not hands.program.views.isVisible()
    image = hands.find_row("series", "CT")
    hands.click_row("series", image)
    hands.wait(lambda: hands.selected_series() == 1, "the CT")
    table = hands.widget("seriesTable")
    next(action for action in table.actions() if action.text().replace("&", "") == "Show in the views").trigger()
    assert hands.program.views.isVisible()

    hands.type_into("collectionsFilter", "lidc")
    hands.wait(lambda: hands.rows("collections") == 1 and hands.rows("series") == 0, "another collection")
    segments = hands.window.findChild(QtWidgets.QTreeView, "segmentsTree")
    source = segments.model().index(0, 0)
    segments.setCurrentIndex(segments.model().index(0, 0, source))
    QtTest.QTest.qWait(50)
    hands.press("segmentInTables")
    hands.wait(lambda: len(hands.program.browser.tables.selected_ids("series")) == 1, "the row of the segmentation")

    scene = hands.program.scene.scene
    hands.wait(lambda: "Loaded" in statuses(hands).values(), "the tree")
    scene.RemoveNode(scene.GetFirstNodeByClass("vtkMRMLScalarVolumeNode"))
    hands.wait(lambda: list(statuses(hands).values()).count("In database") == 1, "the removed image")
    scene.Clear(0)
    hands.wait(lambda: set(statuses(hands).values()) == {"In database"}, "the cleared scene")
    for action in table.actions():
        if action.text().replace("&", "") == "Show in the views":
            action.trigger()
    assert "is not loaded" in hands.message()
