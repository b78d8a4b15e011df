"""The page of review lists on a fake engine: what is typed is kept, however the list is left."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from helpers.panel import Panel
from PySide6 import QtWidgets
from PySide6.QtTest import QTest

from IDCBrowserLib.logic.review.review import READER_KEY
from IDCBrowserLib.review.form import Form, Question
from IDCBrowserLib.review.review_file import ReviewFile
from IDCBrowserLib.ui.review.review_page import ReviewPage

FORM = Form((Question("image", "Images", "rating"), Question("comment", "Comment", "text")))


@pytest.fixture
def panel(app: Any, make_bench: Any, tmp_path: Path) -> Iterator[Panel]:
    from helpers.fake_catalog import FakeCatalog

    made = Panel(make_bench(FakeCatalog()), [ReviewPage])
    made.bench.host.settings.set_value(READER_KEY, "A")
    params = {"file": str(tmp_path / "list.idcreview"), "name": "Mine", "form": FORM.to_json(), "source": {"cart": True}, "unit": "studies"}
    made.bench.browser.review.make({**params, "blinded": False, "ahead": 0, "cap_bytes": 0})
    for _ in range(6):
        made.bench.settle()
    made.panel.show_page("review")
    yield made
    made.panel.close()
    made.panel.widget.close()


def kept(folder: Path) -> list[tuple[int, object]]:
    with contextlib.closing(ReviewFile(folder / "list.idcreview")) as review:
        return [(one.item, one.value) for one in review.answers("A")]


@pytest.mark.parametrize("way", ["next", "close list", "close program"])
def test_a_comment_that_is_being_typed_is_kept(panel: Panel, tmp_path: Path, way: str) -> None:
    line = panel.panel.widget.findChild(QtWidgets.QLineEdit, "reviewText_comment")
    QTest.keyClicks(line, "blurred")
    if way == "close program":
        panel.bench.browser.close()
    else:
        panel.panel.widget.findChild(QtWidgets.QPushButton, {"next": "reviewNext", "close list": "reviewClose"}[way]).click()
    for _ in range(6):
        panel.bench.settle()
    panel.bench.browser.review.close()
    panel.bench.settle()
    assert kept(tmp_path) == [(0, "blurred")]


def test_a_form_that_is_half_edited_keeps_the_page_usable_and_makes_no_list(panel: Panel) -> None:
    panel.bench.browser.review.close()
    panel.bench.settle()
    panel.find(QtWidgets.QPushButton, "reviewEditForm").click()
    text = panel.find(QtWidgets.QLineEdit, "formText")
    text.setText("")
    text.textEdited.emit("")
    panel.panel.show_page("browse")
    panel.panel.show_page("review")
    make = panel.find(QtWidgets.QPushButton, "reviewMake")
    assert not make.isEnabled()
    assert "needs a text" in panel.text("formProblem")
    text.setText("Quality")
    text.textEdited.emit("Quality")
    panel.find(QtWidgets.QPushButton, "formDone").click()
    assert make.isEnabled()


def test_columns_that_were_made_wider_stay_so_while_one_reads(panel: Panel) -> None:
    header = panel.find(QtWidgets.QTableView, "reviewAgreementTable").horizontalHeader()
    panel.find(QtWidgets.QPushButton, "reviewAgreement").click()
    for _ in range(3):
        panel.bench.settle()
    header.resizeSection(1, 177)
    panel.bench.browser.review.next()
    for _ in range(6):
        panel.bench.settle()
    assert header.sectionSize(1) == 177
