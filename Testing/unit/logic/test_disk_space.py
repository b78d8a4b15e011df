from __future__ import annotations

import pytest

from IDCBrowserLib.logic.picking.disk_space import DiskSpace, DiskSpaceState, disk_space_text


@pytest.fixture
def disk_space(bench):
    downloads = bench.catalog.downloads
    bench.engine.process.handlers["transfer.room"] = lambda parameters: {**downloads.room(parameters), "missing_bytes": 3_000_000}
    made = DiskSpace(bench.browser)
    yield made
    made.disconnect()


def asked(bench):
    return bench.engine.process.calls("transfer.room")


def test_what_is_needed_and_free_is_known_before_anything_moves(bench, disk_space):
    bench.select("collections", 0)
    bench.select("cases", 0)
    assert asked(bench)[-1]["to"] == "/downloads" and len(asked(bench)[-1]["selections"]) == 1
    assert disk_space.state == DiskSpaceState(3_000_000, 10**12)
    assert disk_space_text(disk_space.state) == "3.0 MB to download, 1.0 TB free."
    assert bench.engine.process.calls("transfer.download") == []


def test_too_little_disk_space_is_reported(bench, disk_space):
    bench.catalog.downloads.free_bytes = 1_000_000
    bench.select("collections", 0)
    assert not disk_space.state.fits
    assert disk_space_text(disk_space.state) == "Not enough disk space: 3.0 MB to download, 1.0 MB free."


def test_a_speed_seen_before_gives_an_estimate_of_the_time(bench, disk_space):
    document = {**bench.catalog.downloads.downloaded([]), "bytes_transferred": 100_000_000, "seconds": 200.0}
    bench.engine.process.handlers["transfer.download"] = lambda _parameters: document
    bench.select("collections", 0)
    bench.browser.picked.download(False)
    bench.settle()
    assert bench.host.settings.values["Download/Speed"] == "500000"
    assert disk_space_text(disk_space.state) == "3.0 MB to download, 1.0 TB free; about 6 s."


@pytest.mark.parametrize(("size", "seconds"), [(1000, 100.0), (10**9, 0.5), (0, 0.0)])
def test_a_download_that_was_too_small_says_nothing_about_the_speed(bench, disk_space, size, seconds):
    document = {**bench.catalog.downloads.downloaded([]), "bytes_transferred": size, "seconds": seconds}
    bench.engine.process.handlers["transfer.download"] = lambda _parameters: document
    bench.select("collections", 0)
    bench.browser.picked.download(False)
    bench.settle()
    assert "Download/Speed" not in bench.host.settings.values


def test_of_very_many_series_the_whole_is_counted(make_bench):
    from helpers.fake_catalog import FakeCatalog

    bench = make_bench(FakeCatalog(2000)).start()
    disk_space = DiskSpace(bench.browser)
    bench.select("collections", 0)
    assert "selections" not in asked(bench)[-1]
    assert disk_space.state.needed == 6_000_000_000


def test_without_a_selection_there_is_nothing_to_say(bench, disk_space):
    bench.select("collections", 0)
    bench.browser.tables.clear_selection()
    bench.settle()
    assert disk_space_text(disk_space.state) == ""


def test_what_is_here_already_needs_nothing():
    assert disk_space_text(DiskSpaceState(0, 5)) == "Everything is already on this computer."


def test_a_folder_that_cannot_be_asked_leaves_the_line_empty(bench, disk_space):
    from helpers.fake_host import not_found

    bench.engine.process.handlers["transfer.room"] = not_found
    bench.select("collections", 0)
    assert disk_space.state == DiskSpaceState()
