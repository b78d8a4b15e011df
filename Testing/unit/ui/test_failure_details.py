"""Whatever fails, and wherever that is shown, its details can be copied."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from helpers.fake_catalog import FakeCatalog
from helpers.panel import Panel
from PySide6.QtTest import QTest

from IDCBrowserLib.errors import CancelledError, InputError
from IDCBrowserLib.qtbinding import Qt, QtWidgets


@pytest.fixture
def panel(app: Any, make_bench: Any) -> Iterator[Panel]:
    panel = Panel(make_bench(FakeCatalog()))
    yield panel
    panel.panel.close()
    panel.panel.widget.close()


def fail(panel: Panel, *methods: str) -> None:
    def refuse(_parameters: Any) -> Any:
        raise InputError("The file <b>x.dcm</b> of Doe^Jane cannot be used.")

    for method in methods:
        panel.bench.engine.process.handlers[method] = refuse


def browse(panel: Panel) -> None:
    panel.click_row("collections", 0)
    panel.click_row("cases", 0)
    panel.click_row("studies", 0)
    panel.click_row("series", 0)
    panel.settle()


def count_values(panel: Panel) -> None:
    panel.bench.browser.filters.toggle("Modality", "CT")
    panel.settle()


def ask_sql(panel: Panel) -> None:
    panel.bench.browser.query.run("SELECT 1")
    panel.settle()


def read_reports(panel: Panel) -> None:
    panel.bench.browser.reports.open(["/report.dcm"])
    panel.settle()


@pytest.mark.parametrize(
    ("method", "do"),
    [
        ("catalog.view", browse),
        ("catalog.details", browse),
        ("catalog.related", browse),
        ("selection.summary", browse),
        ("catalog.facets", count_values),
        ("preview.series", browse),
        ("expert.run", ask_sql),
        ("report.open", read_reports),
    ],
)
def test_details_of_a_failure_in_any_panel_are_copied(panel: Panel, method: str, do: Any) -> None:
    assert not panel.button("failureCopy").isVisible()
    fail(panel, method)
    do(panel)
    button = panel.button("failureCopy")
    assert button.isVisible() and "&lt;b&gt;x.dcm" in button.toolTip()
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    text = QtWidgets.QApplication.clipboard().text()
    assert text.startswith("The file <b>x.dcm</b> of [name] cannot be used.") and "IDC release 25" in text


def test_what_was_canceled_is_no_failure(panel: Panel) -> None:
    def cancel(_parameters: Any) -> Any:
        raise CancelledError()

    panel.bench.engine.process.handlers["catalog.details"] = cancel
    browse(panel)
    assert not panel.button("failureCopy").isVisible()
