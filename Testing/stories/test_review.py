"""Two readers judge twenty cases from the local bucket, one after the other, and how far they agree is told."""

import csv
from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from helpers.hands import Hands
from helpers.many_series import ManySeries
from helpers.review_cases import MAKER, review_cases
from PySide6 import QtCore, QtTest, QtWidgets

from IDCBrowserLib.host.standalone.window import WindowConfig
from IDCBrowserLib.logic.review.state import Phase

Open = Callable[[WindowConfig], Hands]


@pytest.fixture(scope="module")
def cases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ManySeries]:
    with review_cases(tmp_path_factory.mktemp("review"), 20) as made:
        yield made


@pytest.fixture
def config(cases: ManySeries, tmp_path: Path) -> WindowConfig:
    return WindowConfig(
        endpoint_url=cases.endpoint_url,
        catalog_sources=(str(cases.rows),),
        download_folder=str(tmp_path / "to"),
        database=str(tmp_path / "database"),
        settings_file=str(tmp_path / "settings.ini"),
    )


def page(hands: Hands) -> QtWidgets.QWidget:
    hands.program.browser.show_page("review")
    return hands.widget("reviewPage")


def state(hands: Hands):
    return hands.program.browser.review.state


def wait_for_entry(hands: Hands, number: int) -> None:
    hands.wait(lambda: state(hands).phase is Phase.SHOWN and state(hands).number == number - 1, f"entry {number}: {state(hands).text}")


def keys(hands: Hands, text: str) -> None:
    """Typed anywhere in the window."""
    QtTest.QTest.keyClicks(hands.window, text)


def make_list(hands: Hands, file: Path, reader: str, blinded: bool = False) -> None:
    hands.wait(lambda: hands.rows("collections") > 100, "the catalog")
    hands.type_into("collectionsFilter", "demo_phantom")
    hands.wait(lambda: hands.rows("collections") == 1, "the made collection")
    hands.click_row("collections", 0)
    page(hands)
    if blinded:
        hands.check("reviewBlinded")
    hands.choose_file_next(file)
    hands.press("reviewMake")
    hands.wait(lambda: state(hands).is_open, "the list")
    begin(hands, reader)


def begin(hands: Hands, reader: str) -> None:
    if not hands.widget("reviewAsk").isVisible():
        hands.press("reviewChangeReader")
    hands.type_into("reviewReader", reader)
    hands.press("reviewBegin")
    hands.wait(lambda: state(hands).reader == reader, "the reader")


def series_on_disk(hands: Hands) -> set[str]:
    return {path.parent.name for path in Path(hands.program.host.download_folder).rglob("*.dcm")}


def test_two_readers_go_through_the_list_and_their_agreement_is_told(open_window: Open, config: WindowConfig, tmp_path: Path) -> None:
    file = tmp_path / "liver.idcreview"
    hands = open_window(config)
    make_list(hands, file, "Reader One")
    wait_for_entry(hands, 1)
    assert hands.widget("reviewPlace").text() == "1 of 20"
    hands.window.activateWindow()
    # Quality of the images, then to be discussed; then quality and use of each segment.
    keys(hands, "40" + "31" + "52")
    hands.wait(lambda: len(state(hands).answers) == 6 and state(hands).answered == 1, "six answers")
    assert hands.photograph("review").stat().st_size > 50_000
    for number in range(2, 6):
        keys(hands, "j")
        wait_for_entry(hands, number)
        keys(hands, "4")
    hands.wait(lambda: state(hands).answered == 5, "five entries answered")
    keys(hands, "k")
    wait_for_entry(hands, 4)
    hands.wait(lambda: len(series_on_disk(hands)) <= 2 * 4, "the entries behind are gone")
    hands.program.close()

    # Another day: at the same place, and another reader from the start.
    again = open_window(config)
    page(again)
    again.press("reviewLast")
    wait_for_entry(again, 4)
    assert state(again).reader == "Reader One"
    begin(again, "Reader Two")
    wait_for_entry(again, 1)
    again.window.activateWindow()
    keys(again, "30")
    for number in range(2, 6):
        keys(again, "j")
        wait_for_entry(again, number)
        keys(again, "4")
    again.wait(lambda: state(again).answered == 5, "five entries answered")
    again.press("reviewAgreement")
    again.wait(lambda: state(again).agreement is not None, "the agreement")
    first = state(again).agreement["rows"][0]
    assert (first["readers"], first["measure"], first["compared"], first["same"]) == (["Reader One", "Reader Two"], "weighted kappa", 5, 0.8)
    again.photograph("review-agreement")

    for name in ("answers.csv", "answers.parquet"):
        again.choose_file_next(tmp_path / name)
        again.press("reviewExport")
        again.wait((tmp_path / name).exists, name)
    with open(tmp_path / "answers.csv", encoding="utf-8", newline="") as table:
        rows = list(csv.DictReader(table))
    assert len(rows) == 6 + 4 + 2 + 4
    assert {row["reader"] for row in rows} == {"Reader One", "Reader Two"}
    segment = next(row for row in rows if row["segment"] == "Liver")
    assert segment["segment_code"] == "Liver (SCT 10200004)"
    assert segment["segmentation_SOPInstanceUID"]
    assert pq.read_table(tmp_path / "answers.parquet").num_rows == len(rows)


def shown_texts(hands: Hands) -> str:
    """What labels, tables and trees of the window show."""
    texts = [
        str(widget.text())
        for kind in (QtWidgets.QLabel, QtWidgets.QAbstractButton)
        for widget in hands.window.findChildren(kind)
        if widget.isVisible()
    ]
    for view in hands.window.findChildren(QtWidgets.QAbstractItemView):
        model = view.model()
        if view.isVisible() and model is not None:
            texts += _cells(model, QtCore.QModelIndex())
    return "\n".join(texts)


def _cells(model: QtCore.QAbstractItemModel, parent: QtCore.QModelIndex) -> list[str]:
    found = []
    for row in range(min(50, model.rowCount(parent))):
        for column in range(model.columnCount(parent)):
            index = model.index(row, column, parent)
            found += [str(model.data(index, role)) for role in (QtCore.Qt.ItemDataRole.DisplayRole, QtCore.Qt.ItemDataRole.ToolTipRole)]
        found += _cells(model, model.index(row, 0, parent))
    return found


def test_a_blinded_list_shows_nowhere_who_made_the_segmentations(open_window: Open, config: WindowConfig, tmp_path: Path) -> None:
    hands = open_window(config)
    make_list(hands, tmp_path / "blinded.idcreview", "Reader One", blinded=True)
    wait_for_entry(hands, 1)
    hands.wait(lambda: "Segmentation A" in shown_texts(hands), "the panel of segments")
    assert MAKER not in shown_texts(hands)
    hands.program.browser.show_page("browse")
    assert not hands.widget("browsePage").isVisible()
    hands.photograph("review-blinded")
    # The scene is closed in the middle: nothing is lost, and the entry comes back.
    hands.program.scene.scene.Clear(False)
    QtTest.QTest.keyClicks(hands.window, "4")
    hands.wait(lambda: state(hands).answered == 1, "the answer")
    keys(hands, "j")
    wait_for_entry(hands, 2)
    assert MAKER not in shown_texts(hands)
    hands.press("reviewClose")
    hands.wait(lambda: not state(hands).is_open, "the end of the list")
    hands.program.browser.show_page("browse")
    hands.wait(hands.widget("browsePage").isVisible, "the tables")
