"""The picture of the selected series: asked for, given up, turned off, and drawn."""

import numpy as np
import pytest
from helpers.panel import Panel
from PySide6 import QtCore, QtGui, QtWidgets

from IDCBrowserLib.errors import TransferError
from IDCBrowserLib.logic.details.preview import PreviewPhase
from IDCBrowserLib.preview.picture import Picture, to_png


@pytest.fixture
def with_series(bench):
    for level in ("collections", "cases", "studies"):
        bench.select(level, 0)
    return bench


@pytest.fixture
def panel(app, make_bench):
    from helpers.fake_catalog import FakeCatalog

    made = Panel(make_bench(FakeCatalog()), [])
    for level in ("collections", "cases", "studies"):
        made.click_row(level, 0)
    yield made
    made.panel.close()
    made.panel.widget.close()


def uid_of(bench, row):
    rows = bench.browser.tables.rows("series")
    return bench.browser.tables.id_of("series", rows.row(row))


def test_a_picture_is_asked_for_with_what_downloads_use_and_shown(with_series):
    uid = uid_of(with_series, 0)
    with_series.catalog.previews[uid] = {"file": "/a.png", "description": "CT, image 3"}
    with_series.select("series", 0)
    (asked,) = with_series.engine.process.calls("preview.series")
    assert asked["series"] == uid and asked["folder"] == with_series.host.download_folder
    state = with_series.browser.preview.state
    assert (state.phase, state.file, state.text) == (PreviewPhase.READY, "/a.png", "CT, image 3")


def test_nothing_is_asked_for_above_the_series(with_series):
    assert with_series.engine.process.calls("preview.series") == []
    with_series.select("series", 0)
    with_series.browser.tables.clear_selection()
    with_series.settle()
    assert with_series.browser.preview.state.phase is PreviewPhase.NOTHING


def test_moving_on_gives_the_former_up(with_series):
    with_series.engine.process.hold("preview.series")
    with_series.select("series", 0)
    with_series.select("series", 1)
    assert with_series.engine.process.cancelled == ["preview.series"]
    with_series.engine.process.release("preview.series")
    with_series.settle()
    assert with_series.browser.preview.state.series_uid == uid_of(with_series, 1)


def test_a_failure_is_one_quiet_sentence_in_place_of_the_picture(with_series):
    def fail(_parameters):
        raise TransferError("The server cannot be reached.")

    with_series.engine.process.handlers["preview.series"] = fail
    with_series.select("series", 0)
    state = with_series.browser.preview.state
    assert (state.phase, state.text) == (PreviewPhase.NOTE, "No preview: The server cannot be reached.")
    assert not [message for message in with_series.messages if message is not None], "no message besides"


def test_turned_off_it_asks_for_nothing_and_stays_off(with_series, make_bench):
    with_series.select("series", 0)
    with_series.browser.preview.set_enabled(False)
    assert with_series.browser.preview.state.phase is PreviewPhase.NOTHING
    with_series.select("series", 1)
    assert len(with_series.engine.process.calls("preview.series")) == 1
    from IDCBrowserLib.logic.details.preview import Preview

    again = Preview(with_series.engine.client, with_series.host, with_series.browser.settings)
    assert not again.enabled
    with_series.browser.preview.set_enabled(True)
    with_series.settle()
    assert with_series.engine.process.calls("preview.series")[-1]["series"] == uid_of(with_series, 1)


def test_the_picture_is_drawn_in_its_shape_and_described(panel, tmp_path):
    file = tmp_path / "p.png"
    file.write_bytes(to_png(Picture(np.full((100, 200), 255, np.uint8), "CT, image 3")))
    panel.bench.catalog.previews[uid_of(panel.bench, 0)] = {"file": str(file), "description": "CT, image 3"}
    panel.click_row("series", 0)
    picture = panel.find(QtWidgets.QLabel, "previewPicture")
    assert picture.isVisible() and picture.accessibleDescription() == "CT, image 3"
    assert panel.text("previewText") == "CT, image 3"
    size = picture.pixmap().size()
    assert size.width() == pytest.approx(2 * size.height(), abs=2)
    assert size.width() <= picture.width() and size.height() <= picture.height()


def test_a_picture_that_is_gone_or_none_leaves_a_sentence(panel, tmp_path):
    panel.bench.catalog.previews[uid_of(panel.bench, 0)] = {"file": str(tmp_path / "gone.png"), "description": "CT"}
    panel.click_row("series", 0)
    assert "no longer exists" in panel.text("previewText")
    panel.click_row("series", 1)
    assert panel.text("previewText") == "Nothing to see."
    assert panel.find(QtWidgets.QLabel, "previewPicture").pixmap().isNull()


def test_the_box_hides_the_picture(panel):
    panel.click_row("series", 0)
    assert panel.find(QtWidgets.QWidget, "preview").isVisible()
    panel.find(QtWidgets.QCheckBox, "showPreview").click()
    assert not panel.find(QtWidgets.QWidget, "preview").isVisible()
    assert panel.bench.host.settings.value("Preview", "") == "no"


def test_details_are_copied_as_text(panel):
    panel.click_row("series", 0)
    panel.find(QtWidgets.QTextBrowser, "details").anchorClicked.emit(QtCore.QUrl("copy:"))
    text = QtWidgets.QApplication.clipboard().text()
    assert text.splitlines()[1:3] == ["Level: series", "Note: <b>not bold</b>"]
    assert "Page: https://example.org/page" in text and "Tube voltage: 120 kV" in text
    assert "clipboard" in panel.bench.last_message.text
    QtWidgets.QApplication.clipboard().setText("")
    panel.find(QtGui.QAction, "copyDetails").trigger()
    assert QtWidgets.QApplication.clipboard().text() == text
