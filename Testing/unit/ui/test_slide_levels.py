"""Levels of a slide in the details: told, and each got alone by its link."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

pytest.importorskip("PySide6")

from helpers.fake_catalog import FakeCatalog
from helpers.panel import Panel
from PySide6 import QtCore, QtWidgets

from IDCBrowserLib.api.catalog import SlideLevel
from IDCBrowserLib.logic.details.details_text import details_text

NAMES = ("5c1e9a51-0000-4000-8000-000000000001", "5c1e9a51-0000-4000-8000-000000000002")


def level(number: int | None, kind: str, size: int, name: str) -> SlideLevel:
    return {
        "number": number,
        "kind": kind,
        "rows": size,
        "columns": 2 * size,
        "spacing_mm": 0.00025,
        "bytes": 1_500_000,
        "transfer_syntax": "1.2.840.10008.1.2.4.50",
        "sop_instances": ["1.2.3"],
        "instances": [name],
        "addresses": [f"s3://idc-open-data/0a1b2c3d-0000-4000-8000-000000000000/{name}.dcm"],
    }


@pytest.fixture
def panel(app, make_bench) -> Iterator[Panel]:
    catalog = FakeCatalog()
    catalog.levels = [level(0, "level", 12_000, NAMES[0]), level(None, "label", 300, NAMES[1])]
    for place, row in enumerate(catalog.rows["series"][:2]):
        # Of files in a bucket the fake knows nothing.
        catalog.levels[place]["addresses"] = [row["SeriesInstanceUID"]]
    made = Panel(make_bench(catalog), [])
    for name in ("collections", "cases", "studies"):
        made.click_row(name, 0)
    made.click_row("series", 0)
    made.bench.settle()
    yield made
    made.panel.close()
    made.panel.widget.close()


def test_each_level_is_told_with_its_size(panel: Panel) -> None:
    shown = panel.find(QtWidgets.QTextBrowser, "details").toPlainText().replace("\xa0", " ")
    assert "Levels, of which each can be downloaded alone" in shown
    assert "Level 0" in shown and "24,000 x 12,000, 0.25 µm, 1.5 MB" in shown and "Label" in shown
    document = panel.bench.browser.details.state.document
    assert document is not None
    copied = details_text({**document, "note": "", "missing_tables": ()})
    assert "Level 0: 24,000 x 12,000, 0.25 µm, 1.5 MB" in copied and "Label: 600 x 300, 1.5 MB" in copied


@pytest.mark.parametrize(("link", "place", "load"), [("level:0", 0, False), ("load-level:1", 1, True)])
def test_its_link_downloads_that_file_alone(panel: Panel, link: str, place: int, load: bool) -> None:
    panel.find(QtWidgets.QTextBrowser, "details").anchorClicked.emit(QtCore.QUrl(link))
    panel.bench.settle()
    asked = panel.bench.engine.process.calls("selection.plan")[-1]
    assert asked == {"sources": panel.bench.catalog.levels[place]["addresses"], "content": {}}
    queued = panel.bench.engine.process.calls("transfer.enqueue")[-1]
    assert queued["about"]["load"] is load and not queued["about"]["with_references"]


def test_a_link_of_a_slide_that_is_no_longer_shown_does_nothing(panel: Panel) -> None:
    before = len(panel.bench.engine.process.calls("selection.plan"))
    panel.find(QtWidgets.QTextBrowser, "details").anchorClicked.emit(QtCore.QUrl("level:7"))
    panel.bench.settle()
    assert len(panel.bench.engine.process.calls("selection.plan")) == before


def test_a_slide_that_is_here_opens_in_qupath_and_otherwise_it_is_said_why_not(panel: Panel, tmp_path, monkeypatch) -> None:
    details = panel.find(QtWidgets.QTextBrowser, "details")
    program = tmp_path / "QuPath"
    monkeypatch.setenv("IDC_BROWSER_QUPATH", str(program))

    def click() -> str:
        details.anchorClicked.emit(QtCore.QUrl("qupath:"))
        panel.bench.settle()
        return panel.bench.messages[-1].text

    assert "Get it from https://qupath.github.io" in click()
    program.write_text("")
    assert "No level of this slide is on this computer" in click()
    panel.bench.host.store.series_files = lambda uid, on_done, on_error: on_done([str(program)])
    details.anchorClicked.emit(QtCore.QUrl("qupath:"))
    assert panel.bench.host.started == [(str(program), [f"--image={program}"])]
