"""A person looks at what is kept, removes one series, and moves the rest to another folder, where it still loads."""

import sqlite3
from contextlib import closing
from pathlib import Path

from helpers.hands import Hands
from PySide6 import QtCore, QtWidgets
from stories.test_whole_way import find_the_phantom

from IDCBrowserLib.demo.world import World


def download_everything(hands: Hands) -> None:
    find_the_phantom(hands)
    hands.select_all("studies")
    hands.wait(lambda: hands.rows("series") == 6, "six series")
    hands.press("downloadButton")
    hands.wait(
        lambda: "added to the DICOM database" in hands.message() and not hands.program.browser.downloads.state.running, "the end of the download"
    )


def show_storage(hands: Hands) -> None:
    hands.program.browser.show_page("storage")
    state = hands.program.browser.storage
    hands.wait(lambda: state.state.document is not None and not state.state.work, "what is kept")


def open_tree(hands: Hands) -> QtWidgets.QTreeView:
    view = hands.widget("storageSeries")

    def opened() -> bool:
        view.expandAll()
        return find(view, "MR T1") is not None

    hands.wait(opened, "the series below the case")
    return view


def find(view: QtWidgets.QTreeView, text: str, parent: QtCore.QModelIndex | None = None) -> QtCore.QModelIndex | None:
    model, above = view.model(), parent or QtCore.QModelIndex()
    for row in range(model.rowCount(above)):
        index = model.index(row, 0, above)
        # A study may be described like one of its series.
        below = find(view, text, index)
        found = below if below is not None else index if text in str(index.data()) else None
        if found is not None:
            return found
    return None


def select(view: QtWidgets.QTreeView, text: str) -> None:
    index = find(view, text)
    assert index is not None, f"no row shows {text}"
    view.scrollTo(index)
    view.setCurrentIndex(index)


def test_one_series_is_removed_and_the_others_stay(hands: Hands, world: World) -> None:
    download_everything(hands)
    ct = next(series for series in world.series if series.key == "ct")
    show_storage(hands)
    assert "in 6 series, 100 files" in hands.widget("storageSummary").text()
    view = open_tree(hands)
    select(view, "CT Abdomen")
    size = sum(path.stat().st_size for path in ct.files)
    assert f"Selected: 1 series, {len(ct.files)} files, {size / 1e6:.1f} MB" == hands.widget("storageChosen").text()
    hands.press("storageRemoveButton")
    hands.wait(lambda: hands.widget("storageQuestion").isVisible(), "the question")
    hands.press("storageConfirmButton")
    hands.wait(lambda: "Removed 1 series" in hands.message() and "in 5 series" in hands.widget("storageSummary").text(), "what is left")
    downloads = Path(hands.program.host.download_folder)
    assert len(list(downloads.rglob("*.dcm"))) == 100 - len(ct.files) and not list(downloads.rglob(f"*{ct.series_instance_uid}"))
    with closing(sqlite3.connect(Path(hands.program.host.database) / "ctkDICOM.sql")) as connection:
        assert connection.execute("SELECT count(*) FROM Series").fetchone() == (5,)
    hands.program.browser.show_page("browse")
    row = hands.find_row("series", ct.series_instance_uid)
    hands.wait(lambda: hands.cells("series", row)[0] == "In IDC", "the status of what was removed")
    shown = {"3 of 4 on disk", "In database"}
    hands.wait(lambda: {hands.cells("studies", number)[0] for number in range(2)} == shown, "the status of the studies")
    assert [cells[0] for cells in (hands.cells("series", number) for number in range(6))].count("In database") == 5


def test_the_downloads_move_to_another_folder_and_still_load(hands: Hands, tmp_path: Path) -> None:
    download_everything(hands)
    show_storage(hands)
    hands.choose_folder_next(tmp_path / "a larger disk")
    hands.press("storageMoveButton")
    hands.wait(lambda: hands.widget("storageQuestion").isVisible(), "the question")
    assert "6 series" in hands.widget("storageQuestionText").text()
    hands.press("storageConfirmButton")
    hands.wait(lambda: "Moved 6 series" in hands.message(), "the end of the move")
    assert hands.program.host.download_folder == str(tmp_path / "a larger disk")
    assert len(list((tmp_path / "a larger disk").rglob("*.dcm"))) == 100
    hands.program.browser.show_page("browse")
    hands.wait(lambda: all(hands.cells("series", number)[0] == "In database" for number in range(6)), "the status at the new place")
    hands.click_row("series", hands.find_row("series", "Abdomen"))
    hands.wait(lambda: "1 series" in hands.widget("selectionTotal").text(), "one series selected")
    hands.press("downloadAndLoadButton")
    hands.wait(lambda: "1 series loaded" in hands.message() and not hands.program.browser.downloads.state.running, "the series in the scene")


def test_rows_of_the_table_are_removed_through_their_menu(hands: Hands, world: World) -> None:
    download_everything(hands)
    hands.click_row("series", hands.find_row("series", "Planning"))
    view = hands.widget("seriesTable")
    action = next(action for action in view.actions() if "Remove from this computer" in action.text())
    action.trigger()
    hands.wait(lambda: hands.widget("storageQuestion").isVisible(), "the question")
    assert "Remove 1 series from this computer (1 file" in hands.widget("storageQuestionText").text()
    hands.press("storageDismissButton")
    assert len(list(Path(hands.program.host.download_folder).rglob("*.dcm"))) == 100
