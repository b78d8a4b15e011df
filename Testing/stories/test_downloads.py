"""A person downloads several things at once, lets them rest, changes their mind, and closes or loses the program in the middle."""

import os
import signal
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from helpers.arrived import arrived_files
from helpers.fault_proxy import Fault, FaultProxy, is_object
from helpers.hands import Hands
from helpers.many_series import many_series
from helpers.small_disk import small_disk
from PySide6 import QtCore

from IDCBrowserLib.demo.world import World
from IDCBrowserLib.host.standalone.demo_window import demo_config
from IDCBrowserLib.host.standalone.window import WindowConfig
from IDCBrowserLib.logic.downloads.download_state import DownloadPhase

P = DownloadPhase


@pytest.fixture
def config(world: World, proxy: FaultProxy) -> WindowConfig:
    return replace(demo_config(world), endpoint_url=proxy.url)


@pytest.fixture
def hands(config: WindowConfig, open_window: Callable[[WindowConfig], Hands]) -> Hands:
    return open_window(config)


def stall(proxy: FaultProxy, *uuids: str, seconds: float = 30.0) -> None:
    """Files of these series, or all files, do not come for a while."""
    proxy.rule = lambda method, path, count: (
        Fault(stall_s=seconds) if is_object(path) and (not uuids or any(uuid in path for uuid in uuids)) else None
    )


def let_go(proxy: FaultProxy) -> None:
    proxy.rule = lambda method, path, count: None


def uuid_of(world: World, key: str) -> str:
    return next(series.crdc_series_uuid for series in world.series if series.key == key)


def open_lines(hands: Hands, tmp_path: Path, *uuids: str) -> None:
    """A manifest of these series is opened."""
    path = tmp_path / f"{'-'.join(uuid[:4] for uuid in uuids)}.s5cmd"
    path.write_text("".join(f"cp s3://idc-open-data/{uuid}/* .\n" for uuid in uuids), encoding="utf-8")
    hands.program.open_manifests([str(path)])
    wanted = f"{len(uuids)} series"
    hands.wait(lambda: wanted in hands.widget("selectionTotal").text() and path.name in hands.widget("selectionLevels").text(), "the plan")


def phases(hands: Hands) -> list[DownloadPhase]:
    return [row.phase for row in hands.program.browser.downloads.rows]


def states(hands: Hands) -> list[str]:
    """The state column of the Downloads page, as the person reads it."""
    model = hands.widget("downloadsTable").model()
    return [str(model.index(row, 1).data()) for row in range(model.rowCount())]


def series_states(hands: Hands) -> list[str]:
    model = hands.widget("downloadSeriesTable").model()
    return [str(model.index(row, 0).data()) for row in range(model.rowCount())]


def choose(hands: Hands, table: str, row: int) -> None:
    hands.widget(table).selectRow(row)


def files(hands: Hands) -> list[Path]:
    return arrived_files(Path(hands.program.host.download_folder))


def test_two_downloads_queue_while_the_person_browses(hands: Hands, world: World, proxy: FaultProxy, tmp_path: Path) -> None:
    stall(proxy)
    open_lines(hands, tmp_path, uuid_of(world, "ct"))
    hands.press("downloadButton")
    hands.wait(lambda: phases(hands) == [P.RUNNING], "the first download")
    open_lines(hands, tmp_path, uuid_of(world, "rtstruct"), uuid_of(world, "seg_binary"))
    hands.press("downloadButton")
    hands.wait(lambda: phases(hands) == [P.RUNNING, P.WAITING], "the second one waits")
    assert "1 more waiting" in hands.widget("progressTitle").text()
    hands.wait(lambda: hands.widget("workingSetChip").isVisible(), "the tables show what was opened")
    hands.press("workingSetChip")
    hands.wait(lambda: hands.rows("collections") > 100, "all collections again")
    hands.type_into("collectionsFilter", "nlst")
    hands.wait(lambda: hands.rows("collections") == 1, "browsing goes on")
    let_go(proxy)
    hands.program.browser.show_page("downloads")
    hands.wait(lambda: states(hands) == ["Finished", "Finished"], "both are here")
    choose(hands, "downloadsTable", 1)
    hands.wait(lambda: series_states(hands) == ["In database"] * 3, "its series, and the image they were drawn on")
    hands.photograph("downloads")
    assert len(files(hands)) == sum(len(series.files) for series in world.series if series.key in ("ct", "rtstruct", "seg_binary"))


def test_a_download_rests_goes_on_and_loses_one_series(hands: Hands, world: World, proxy: FaultProxy, tmp_path: Path) -> None:
    slow = uuid_of(world, "ct")
    stall(proxy)
    open_lines(hands, tmp_path, slow, uuid_of(world, "rtstruct"))
    hands.press("downloadButton")
    hands.program.browser.show_page("downloads")
    hands.wait(lambda: any(state.startswith("Downloading") for state in series_states(hands)), "the series move")
    hands.press("downloadPause")
    assert states(hands) == ["Paused"], "said at once"
    hands.wait(lambda: hands.program.browser.downloads.rows[0].phase is P.PAUSED, "it rests")
    hands.press("downloadPause")
    hands.wait(lambda: states(hands) == ["Downloading"], "it goes on")
    row = 0 if "CT" in [hands.widget("downloadSeriesTable").model().index(0, column).data() for column in range(4)] else 1
    choose(hands, "downloadSeriesTable", row)
    hands.press("downloadCancelSeries")
    hands.wait(lambda: series_states(hands)[row] == "Canceled", "one series is out of it")
    let_go(proxy)
    hands.wait(lambda: states(hands) == ["1 missing"], "the other one is here")
    hands.wait(lambda: sorted(series_states(hands)) == ["Canceled", "In database"], "and its series says so")
    hands.press("downloadRetry")
    hands.wait(lambda: states(hands) == ["Finished"], "what was missing comes")
    hands.wait(lambda: series_states(hands) == ["In database", "In database"], "and nothing is missing any more")


def test_only_what_failed_is_fetched_again(hands: Hands, world: World, proxy: FaultProxy, tmp_path: Path) -> None:
    lost = uuid_of(world, "seg_binary")
    proxy.rule = lambda method, path, count: Fault(status=404) if is_object(path) and lost in path else None
    open_lines(hands, tmp_path, uuid_of(world, "rtstruct"), lost)
    hands.press("downloadButton")
    hands.program.browser.show_page("downloads")
    hands.wait(lambda: states(hands) == ["1 missing"], "one of two failed")
    hands.wait(lambda: series_states(hands)[:1] == ["Failed"], "the failed one comes first")
    reason = str(hands.widget("downloadSeriesTable").model().index(0, 5).data())
    assert "no longer in the bucket" in reason
    page = next(page for page in hands.program.panel.further if page.name == "downloads")
    page.series.save_missing(str(tmp_path / "missing.s5cmd"))
    hands.wait(lambda: "missing.s5cmd" in hands.message(), "the manifest")
    assert lost in (tmp_path / "missing.s5cmd").read_text()
    let_go(proxy)
    asked_before = dict(proxy.asked)
    hands.press("downloadRetry")
    hands.wait(lambda: states(hands) == ["Finished"], "it is here")
    asked = [path for path, count in proxy.asked.items() if count > asked_before.get(path, 0) and is_object(path)]
    assert asked and all(lost in path for path in asked)


def test_a_killed_program_offers_its_downloads_at_the_next_start(
    hands: Hands, config: WindowConfig, open_window: Callable[[WindowConfig], Hands], world: World, proxy: FaultProxy, tmp_path: Path
) -> None:
    stall(proxy)
    open_lines(hands, tmp_path, uuid_of(world, "ct"))
    hands.press("downloadButton")
    hands.wait(lambda: phases(hands) == [P.RUNNING], "the download")
    open_lines(hands, tmp_path, uuid_of(world, "rtstruct"))
    hands.press("downloadButton")
    hands.wait(lambda: phases(hands) == [P.RUNNING, P.WAITING], "another one waits")
    os.kill(hands.program.engine.client._process.pid, signal.SIGKILL)
    hands.program.engine._timer.stop()  # the whole program is gone, not its engine alone
    hands.program.close()
    let_go(proxy)
    again = open_window(config)
    again.wait(lambda: "2 downloads from the last session did not finish" in again.message(), "the offer")
    again.press("messageAction")
    assert states(again) == ["Interrupted", "Interrupted"]
    again.wait(lambda: series_states(again) == ["Waiting"], "what it is about")
    choose(again, "downloadsTable", 0)
    again.press("downloadPause")
    again.wait(lambda: states(again) == ["Finished", "Interrupted"], "it is completed")
    choose(again, "downloadsTable", 1)
    again.press("downloadRemove")
    again.wait(lambda: states(again) == ["Finished"], "the other one is forgotten")
    assert len(files(again)) == next(len(series.files) for series in world.series if series.key == "ct")


def test_an_engine_that_dies_alone_leaves_its_download_to_be_resumed(hands: Hands, world: World, proxy: FaultProxy, tmp_path: Path) -> None:
    stall(proxy)
    open_lines(hands, tmp_path, uuid_of(world, "ct"))
    hands.press("downloadButton")
    hands.wait(lambda: phases(hands) == [P.RUNNING], "the download")
    os.kill(hands.program.engine.client._process.pid, signal.SIGKILL)
    hands.wait(lambda: phases(hands) == [P.INTERRUPTED], "it was interrupted")
    let_go(proxy)
    hands.program.browser.show_page("downloads")
    hands.press("downloadPause")
    hands.wait(lambda: states(hands) == ["Finished"], "it is completed")


def test_a_full_disk_is_waited_for(
    config: WindowConfig, open_window: Callable[[WindowConfig], Hands], world: World, proxy: FaultProxy, tmp_path: Path
) -> None:
    with small_disk(tmp_path / "disk", "size=60m") as disk:
        filler = disk / "filler"
        filler.write_bytes(b"x" * 59_000_000)
        hands = open_window(replace(config, download_folder=str(disk / "to")))
        open_lines(hands, tmp_path, uuid_of(world, "ct"))
        hands.wait(lambda: "Not enough disk space" in hands.widget("selectionDiskSpace").text(), "a warning before anything moves")
        hands.press("downloadButton")
        hands.program.browser.show_page("downloads")
        hands.wait(lambda: states(hands) == ["Waiting for disk space"], "it waits")
        assert "Waiting for disk space" in hands.widget("downloadNote").text()
        assert files(hands) == []
        hands.photograph("waits-for-room")
        filler.unlink()
        hands.wait(lambda: states(hands) == ["Finished"], "it goes on by itself")
        hands.program.close()


class Loop:
    """The longest time in which the window's event loop did not come round, and what the engine told meanwhile."""

    def __init__(self, hands: Hands) -> None:
        self.longest_ms = 0
        self.told: list[int] = []
        self._clock = QtCore.QElapsedTimer()
        self._clock.start()
        self._timer = QtCore.QTimer()
        self._timer.timeout.connect(self._tick)
        self._timer.start(10)
        inner = hands.program.browser.statuses.set_progress
        hands.program.browser.statuses.set_progress = lambda states: (self.told.append(len(states)), inner(states))[1]

    def _tick(self) -> None:
        self.longest_ms = max(self.longest_ms, self._clock.restart())

    def stop(self) -> None:
        self._timer.stop()


def test_the_window_stays_alive_while_many_files_arrive(
    open_window: Callable[[WindowConfig], Hands], tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    with many_series(tmp_path / "many", 30, 30) as many:
        hands = open_window(
            WindowConfig(
                endpoint_url=many.endpoint_url,
                catalog_sources=(str(many.rows),),
                download_folder=str(tmp_path / "to"),
                database=str(tmp_path / "database"),
                settings_file=str(tmp_path / "settings.ini"),
            )
        )
        hands.wait(lambda: hands.rows("collections") > 100, "the catalog")
        open_lines(hands, tmp_path, *many.uuids)
        told: list[float] = []
        hands.program.browser.downloads.rows_changed.connect(lambda: told.append(hands.program.browser.downloads.rows[0].done))
        hands.program.browser.show_page("downloads")
        loop = Loop(hands)
        hands.press("downloadButton")
        hands.wait(lambda: states(hands) == ["Finished"], "all series")
        loop.stop()
        record_property("longest_stall_ms", loop.longest_ms)
        seconds = hands.program.browser.downloads.documents["transfer"]["seconds"]
        assert len(told) >= 2 * int(seconds), "the page hears at least twice a second"
        assert max(loop.told) <= 200, "no answer of the engine is long"
        assert len(files(hands)) == many.files
        hands.program.close()
