"""What goes wrong is said in the window, which lives on."""

import os
import shutil
import signal
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from helpers.hands import Hands

from IDCBrowserLib.demo.world import World
from IDCBrowserLib.host.standalone.demo_window import demo_config
from IDCBrowserLib.host.standalone.window import WindowConfig

OpenWindow = Callable[[WindowConfig], Hands]


def wait_for_the_job(hands: Hands) -> None:
    hands.wait(lambda: not hands.program.browser.downloads.state.running and hands.message().strip() != "", "the end of the download")


def open_folder(hands: Hands, folder: Path) -> None:
    hands.wait(lambda: hands.rows("collections") > 100, "the catalog")
    hands.choose_folder_next(folder)
    hands.trigger("openFolderAction")
    hands.wait(lambda: hands.program.browser.downloads.state.running or hands.message().strip() != "", "the download")
    wait_for_the_job(hands)


def results(hands: Hands) -> str:
    return " ".join(outcome.text for outcome in hands.program.browser.downloads.state.outcomes)


def files_of(world: World, key: str) -> tuple[Path, ...]:
    return next(series.files for series in world.series if series.key == key)


def test_a_killed_engine_is_said_and_browsing_goes_on(hands: Hands) -> None:
    hands.wait(lambda: hands.rows("collections") > 100, "the catalog")
    hands.type_into("collectionsFilter", "nlst")
    hands.wait(lambda: hands.rows("collections") == 1, "one collection")
    hands.click_row("collections", 0)
    hands.wait(lambda: hands.rows("cases") == 26_410, "its cases")
    os.kill(hands.program.engine.client._process.pid, signal.SIGKILL)
    hands.wait(lambda: "started again" in hands.message(), "a sentence about it")
    hands.wait(lambda: hands.rows("cases") == 26_410, "the same cases again, from a new engine")
    hands.type_into("casesFilter", "100002")
    hands.wait(lambda: hands.rows("cases") == 1, "filtering works")


def test_a_truncated_file_is_named_and_the_rest_is_loaded(hands: Hands, world: World, tmp_path: Path) -> None:
    folder = tmp_path / "with a cut file"
    folder.mkdir()
    for path in files_of(world, "ct"):
        shutil.copy(path, folder)
    cut = sorted(folder.glob("*.dcm"))[3]
    cut.write_bytes(cut.read_bytes()[:5000])
    open_folder(hands, folder)
    imported = hands.program.browser.downloads.documents["import"]
    assert [Path(item["file"]).name for item in imported["left_out"]] == [cut.name]
    assert "cut off" in imported["left_out"][0]["reason"]
    assert hands.program.browser.downloads.documents["load"][0].error == ""
    assert "cut off" in results(hands), "the user is told, too"


def test_a_seg_or_a_structure_set_without_its_image_is_loaded_on_its_own_grid_and_that_is_said(hands: Hands, world: World, tmp_path: Path) -> None:
    for key in ("seg_binary", "rtstruct"):
        folder = tmp_path / key
        folder.mkdir()
        shutil.copy(files_of(world, key)[0], folder)
        open_folder(hands, folder)
        (result,) = hands.program.browser.downloads.documents["load"]
        said = " ".join([result.error, *result.warnings])
        assert "image" in said, (key, said)
        assert result.error == "" and "own grid" in said, (key, said)
        hands.press("messageClose")


def test_a_folder_without_dicom_says_so(hands: Hands, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("no scans here")
    open_folder(hands, tmp_path)
    assert "no DICOM series" in hands.message()


def download_the_phantom(hands: Hands) -> None:
    hands.wait(lambda: hands.rows("collections") > 100, "the catalog")
    hands.type_into("collectionsFilter", "demo_phantom")
    hands.wait(lambda: hands.rows("collections") == 1, "the demo collection")
    hands.click_row("collections", 0)
    hands.wait(lambda: "6 series" in hands.widget("selectionTotal").text(), "its total")
    hands.press("downloadButton")
    wait_for_the_job(hands)


def test_an_empty_bucket_fails_each_series_with_its_reason(world: World, open_window: OpenWindow, tmp_path: Path) -> None:
    from IDCBrowserLib.demo import bucket

    empty = tmp_path / "empty"
    empty.mkdir()
    with bucket.serve(empty) as url:
        hands = open_window(replace(demo_config(world), endpoint_url=url, download_folder=str(tmp_path / "downloads")))
        download_the_phantom(hands)
    assert "failed" in hands.message()
    assert url in results(hands)
    assert not list((tmp_path / "downloads").rglob("*.dcm"))


def test_a_folder_that_cannot_be_made_is_named(world: World, open_window: OpenWindow, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    hands = open_window(replace(demo_config(world), download_folder=str(tmp_path / "file" / "downloads")))
    download_the_phantom(hands)
    assert str(tmp_path / "file") in hands.message() + results(hands)
