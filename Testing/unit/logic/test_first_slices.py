"""While a series that is to be loaded is downloaded, what has come of it is shown: unless somebody looks at something else, and never afterwards."""

import pytest

from IDCBrowserLib.task import Progress

SERIES = ("1.2.5.0.0", "1.2.5.0.1", "1.2.5.0.2")


@pytest.fixture
def loading(bench):
    """The three series of a case, of which the first is a CT, are downloaded to be loaded."""
    bench.select("collections", 0)
    bench.select("cases", 0)
    bench.engine.process.hold("transfer.download")
    bench.browser.picked.download(True)
    bench.settle()
    return bench


@pytest.fixture
def slices(loading):
    return loading.catalog.downloads.first_slices


def come(bench, files, uid=SERIES[0], **said):
    item = {
        "SeriesInstanceUID": uid,
        "crdc_series_uuid": f"uuid-{uid}",
        "Modality": "CT",
        "state": "transferring",
        "files": files,
        "files_total": 56,
        "bytes": files,
        "bytes_total": 56,
        "directory": f"/downloads/{uid}",
        "error": None,
        **said,
    }
    bench.engine.process.progress("transfer.download", Progress("Downloading", files, 56, "B", "", 3.0, {"series": [item], "held": ""}))
    bench.settle()


def clock(bench):
    """Time that passes when the test says so."""
    now = [100.0]
    bench.browser.downloads.first_slices._clock = lambda: now[0]
    return now


def text(bench):
    return bench.browser.downloads.first_slices.text


def test_slices_are_shown_as_soon_as_they_tell_a_stack(loading, slices):
    come(loading, 2)
    assert loading.host.loader.first_slices is None and not slices.open, "two tell nothing"
    come(loading, 3)
    assert slices.looks == [{"slices": 1, "folder": f"/downloads/{SERIES[0]}"}]
    assert loading.host.loader.first_slices["series_uid"] == SERIES[0]
    assert text(loading) == "3 of 56 slices so far"


def test_it_looks_again_for_further_files_and_leaves_the_processor_to_the_download_meanwhile(loading, slices):
    now = clock(loading)
    come(loading, 3)
    slices.present = [0, 1, 2, 5, 9]
    come(loading, 5)
    assert len(slices.looks) == 1, "a moment later"
    now[0] += 1
    come(loading, 5)
    assert len(slices.looks) == 2 and text(loading) == "5 of 56 slices so far"
    now[0] += 1
    come(loading, 5)
    assert len(slices.looks) == 2, "nothing has come"
    slices.has_more = True
    come(loading, 50)
    now[0] += 1
    come(loading, 50)
    assert len(slices.looks) == 4, "one look reads no more than a moment's worth"


def test_what_is_loaded_takes_the_place_of_the_first_slices(loading, slices):
    come(loading, 20)
    loading.engine.process.release("transfer.download")
    loading.settle()
    assert loading.host.loader.in_scene == set(SERIES)
    assert loading.host.loader.first_slices is None and not slices.open
    assert text(loading) == ""


def test_a_canceled_download_leaves_no_half_series_behind(loading, slices):
    come(loading, 20)
    loading.browser.downloads.cancel()
    loading.settle()
    assert loading.host.loader.first_slices is None and not slices.open
    assert text(loading) == ""


def test_a_failed_series_leaves_no_half_series_behind(loading, slices):
    loading.catalog.downloads.download_states = dict.fromkeys(SERIES, "failed")
    come(loading, 20)
    loading.engine.process.release("transfer.download")
    loading.settle()
    assert loading.host.loader.first_slices is None and not slices.open and not loading.host.loader.in_scene


def test_an_engine_that_ends_leaves_no_half_series_behind(loading, slices):
    come(loading, 20)
    loading.engine.process.alive = False
    loading.settle()
    assert loading.host.loader.first_slices is None
    assert text(loading) == ""


def test_whoever_has_gone_on_browsing_is_left_alone_until_they_ask(loading, slices):
    loading.select("cases", 1)
    come(loading, 20)
    assert loading.host.loader.first_slices is None and not slices.open, "nothing is read for nobody"
    first = loading.browser.downloads.first_slices
    assert first.can_show and text(loading) == "20 of 56 slices so far"
    first.show()
    loading.settle()
    assert loading.host.loader.first_slices is not None and not first.can_show


def test_views_in_which_something_is_looked_at_are_left_alone(loading, slices):
    loading.host.loader.put_into_scene("1.2.9")
    come(loading, 20)
    assert loading.host.loader.first_slices is None
    assert loading.browser.downloads.first_slices.can_show


def test_once_something_else_is_looked_at_they_do_not_come_back(loading, slices):
    now = clock(loading)
    come(loading, 20)
    loading.host.loader.are_views_taken = True
    now[0] += 1
    come(loading, 30)
    assert not slices.open
    loading.host.loader.are_views_taken = False
    now[0] += 1
    come(loading, 40)
    assert loading.host.loader.first_slices is None and not slices.open


def test_what_is_no_stack_gives_way_to_another_series(loading, slices):
    slices.present = None
    come(loading, 56, state="verifying")
    assert not slices.open and text(loading) == ""
    slices.present = [0, 1, 2]
    come(loading, 10, uid=SERIES[2], Modality="MR")
    assert loading.host.loader.first_slices["series_uid"] == SERIES[2]


@pytest.mark.parametrize("said", [{"Modality": "SEG"}, {"Modality": "SM"}, {"files_total": 1}, {"state": "failed"}, {"state": "cancelled"}])
def test_only_series_of_several_slices_on_their_way_are_looked_at(loading, slices, said):
    come(loading, 20, **said)
    assert not slices.open and not loading.browser.downloads.first_slices.can_show


def test_a_download_that_is_not_to_be_loaded_shows_nothing(bench):
    bench.select("collections", 0)
    bench.select("cases", 0)
    bench.engine.process.hold("transfer.download")
    bench.browser.picked.download(False)
    bench.settle()
    come(bench, 20)
    assert bench.host.loader.first_slices is None and not bench.browser.downloads.first_slices.can_show


def test_a_download_whose_end_somebody_else_tells_shows_nothing(bench):
    bench.engine.process.hold("transfer.download")
    bench.browser.downloads.start_quietly({"selections": [{"level": "series", "ids": [SERIES[0]]}]}, True)
    bench.settle()
    come(bench, 20)
    assert bench.host.loader.first_slices is None and not bench.browser.downloads.first_slices.can_show
