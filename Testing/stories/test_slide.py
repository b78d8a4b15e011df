"""A person looks at a slide: finds it, takes its overview and label, zooms to tiles that are not here, and lays nuclei and a segmentation over it."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from helpers.hands import Hands
from PySide6 import QtCore, QtGui, QtTest, QtWidgets

from IDCBrowserLib.demo.world import World
from IDCBrowserLib.host.standalone.demo_window import demo_config
from IDCBrowserLib.host.standalone.window import WindowConfig
from IDCBrowserLib.logic.details.qupath import VARIABLE
from IDCBrowserLib.slide.levels import read_slide


def load_through(hands: Hands, start: Callable[[], object], what: str) -> list[str]:
    """Node names of what was loaded."""
    downloads = hands.program.browser.downloads
    downloads.documents.pop("load", None)
    start()
    hands.wait(lambda: downloads.documents.get("load") and not downloads.state.running, what, 120)
    results = downloads.documents["load"]
    assert [result.error for result in results] == [""] * len(results)
    scene = hands.program.scene.scene
    return [scene.GetNodeByID(node_id).GetName() for result in results for node_id in result.node_ids]


def follow_link(hands: Hands, address: str) -> None:
    """In the details; where in the text it stands is not looked for."""
    text = hands.widget("details")
    assert f'href="{address}"' in text.toHtml(), text.toHtml()[-3000:]
    text.anchorClicked.emit(QtCore.QUrl(address))


def window_at_slide(open_window: Callable[[WindowConfig], Hands], everything: World) -> Hands:
    """The slide was looked for and is selected."""
    hands = open_window(demo_config(everything))
    hands.window.resize(1280, 720)
    hands.wait(lambda: hands.rows("collections") > 100, "the catalog")
    hands.type_into("searchBox", "H&E biopsy")
    search = hands.program.browser.search
    hands.wait(lambda: search.state.text == "H&E biopsy" and search.state.done is not None and search.state.hits, "the slide")
    QtTest.QTest.keyClick(hands.widget("searchBox"), QtCore.Qt.Key.Key_Return)
    return hands


def levels_of(hands: Hands) -> Any:
    """In the details of the slide."""
    hands.wait(lambda: (document := hands.program.browser.details.state.document) is not None and document["levels"], "its levels")
    return hands.program.browser.details.state.document["levels"]  # type: ignore[index]


def zoom_in(hands: Hands, steps: int) -> None:
    view = hands.program.views.axial
    middle = QtCore.QPointF(view.rect().center())
    for _step in range(steps):
        wheel = QtGui.QWheelEvent(
            middle, view.mapToGlobal(middle), QtCore.QPoint(), QtCore.QPoint(0, 120), QtCore.Qt.MouseButton.NoButton,
            QtCore.Qt.KeyboardModifier.NoModifier, QtCore.Qt.ScrollPhase.NoScrollPhase, False,
        )  # fmt: skip
        QtWidgets.QApplication.sendEvent(view, wheel)
    QtTest.QTest.qWait(50)


def test_a_slide_from_the_tables_to_its_nuclei(
    everything: World, open_window: Callable[[WindowConfig], Hands], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = tmp_path / "told.json"
    program = tmp_path / "QuPath"
    program.write_text(f"#!{sys.executable}\nimport json, sys\nopen({str(told)!r}, 'w').write(json.dumps(sys.argv[1:]))\n", encoding="utf-8")
    program.chmod(0o755)
    monkeypatch.setenv(VARIABLE, str(program))
    hands = window_at_slide(open_window, everything)
    hands.wait(lambda: hands.selected_series() == 1 and hands.rows("series") == 3, "slide, nuclei and segmentation")
    levels = levels_of(hands)
    assert [(level["kind"], level["rows"]) for level in levels][:3] == [("level", 1024), ("level", 512), ("level", 256)]

    # The label, then the middle level; the largest stays in the bucket.
    label = next(number for number, level in enumerate(levels) if level["kind"] == "label")
    follow_link(hands, f"level:{label}")
    downloads = hands.program.browser.downloads
    hands.wait(lambda: downloads.documents.get("import") and not downloads.state.running, "the label", 60)
    names = load_through(hands, lambda: follow_link(hands, "load-level:1"), "the slide in the views")
    assert len(names) == 2 and names[1].endswith("[label]")
    views = hands.program.views
    assert views.axial.background().GetImageData().GetDimensions()[:2] == (512, 512)
    assert len(list(everything.download_folder.rglob("*.dcm"))) == 2, "one level and the label"
    zoom_in(hands, 12)
    hands.wait(lambda: views.axial.detail.is_shown, "tiles at full resolution")
    assert views.axial.detail.note == ""

    hands.click_row("series", hands.find_row("series", "Nuclei"))
    hands.click_row("series", hands.find_row("series", "Tissue and nuclei"), add=True)
    hands.wait(lambda: hands.selected_series() == 2, "what belongs over it")
    names = load_through(hands, lambda: hands.press("downloadAndLoadButton"), "nuclei and segmentation")
    assert any("Tissue and nuclei" in name for name in names)
    (segmentation,) = hands.program.scene.nodes("vtkMRMLSegmentationNode")
    segments = hands.widget("segmentsTree").model()
    rows = [str(segments.index(row, 0, segments.index(0, 0)).data()) for row in range(2)]
    assert rows == ["Tissue", "Nuclei"]
    assert segmentation.GetDisplayNode().GetVisibility() and views.axial.isVisible()
    zoom_in(hands, 16)
    hands.wait(lambda: views.axial.detail.is_shown and views.axial.segments.is_painted, "tiles of both")
    hands.photograph("slide")

    hands.click_row("series", hands.find_row("series", "H&E biopsy"))
    levels_of(hands)
    follow_link(hands, "qupath:")
    hands.wait(told.exists, "QuPath")
    hands.wait(lambda: told.read_text(encoding="utf-8"), "what it was given")
    (argument,) = json.loads(told.read_text(encoding="utf-8"))
    opened = Path(argument.removeprefix("--image="))
    assert opened.stat().st_size == max(path.stat().st_size for path in opened.parent.glob("*.dcm"))


def test_a_level_is_fetched_from_the_tree_of_series(open_window: Callable[[WindowConfig], Hands], everything: World) -> None:
    hands = window_at_slide(open_window, everything)
    tree = hands.widget("seriesTree")
    hands.wait(lambda: tree.isVisible() and tree.model().rowCount(), "the tree of series")
    slide = next(index for index in map(tree.model().index, range(tree.model().rowCount()), (0, 0, 0)) if "H&E biopsy" in index.data())
    tree.setCurrentIndex(slide)
    QtTest.QTest.keyClick(tree, QtCore.Qt.Key.Key_Right)
    hands.wait(lambda: tree.model().rowCount(slide) == 5, "its levels, label and thumbnail")
    rows = [str(tree.model().index(row, 0, slide).data()).split("\n")[0] for row in range(5)]
    assert rows[:3] == ["Level 0: 1,024 x 1,024", "Level 1: 512 x 512", "Level 2: 256 x 256"]
    tree.setCurrentIndex(tree.model().index(2, 0, slide))
    hands.photograph("slide_levels")
    next(action for action in tree.actions() if action.text() == "Download this level").trigger()
    downloads = hands.program.browser.downloads
    hands.wait(lambda: downloads.documents.get("import") and not downloads.state.running, "the level", 60)
    (file,) = everything.download_folder.rglob("*.dcm")
    assert read_slide([str(file)]).levels[0].rows == 256
