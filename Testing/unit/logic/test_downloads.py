"""The queue of downloads, without widgets: one moves, the others wait, and every one can be stopped, rested, moved up and asked for again."""

from __future__ import annotations

import pytest

from IDCBrowserLib.errors import TransferError
from IDCBrowserLib.logic.base.settings_keys import SPEED_KEY
from IDCBrowserLib.logic.base.state import Kind
from IDCBrowserLib.logic.downloads.download_state import DownloadPhase, phase_text
from IDCBrowserLib.task import Progress

P = DownloadPhase


class Queue:
    """A bench whose downloads do not end before they are released."""

    def __init__(self, bench):
        self.bench = bench
        self.downloads = bench.browser.downloads
        bench.engine.process.hold("transfer.download")

    def add(self, case, load=False):
        self.bench.select("collections", 0)
        self.bench.select("cases", case)
        self.bench.browser.picked.download(load)
        self.bench.settle()
        return self.downloads.rows[-1].key

    def release(self):
        self.bench.engine.process.release("transfer.download")
        self.bench.engine.process.hold("transfer.download")
        self.bench.settle()

    def phases(self):
        return [row.phase for row in self.downloads.rows]

    def begun(self):
        return [parameters["job"] for parameters in self.bench.engine.process.calls("transfer.download")]

    def asked(self, method):
        return self.bench.engine.process.calls(method)

    def progress(self, **details):
        self.bench.engine.process.progress("transfer.download", Progress("Downloading", 2e6, 3e6, "B", details=details))
        self.bench.settle()


@pytest.fixture
def queue(bench):
    return Queue(bench)


def test_downloads_wait_for_each_other_and_move_in_their_order(queue):
    queue.add(0)
    queue.add(1)
    queue.add(2)
    assert queue.phases() == [P.RUNNING, P.WAITING, P.WAITING]
    assert queue.begun() == ["1"]
    assert [row.label for row in queue.downloads.rows] == [f"lungs/lungs-0000{case}, 3 series" for case in range(3)]
    queue.release()
    assert queue.phases() == [P.FINISHED, P.RUNNING, P.WAITING]
    queue.release()
    queue.release()
    assert queue.phases() == [P.FINISHED] * 3
    assert queue.begun() == ["1", "2", "3"]


def test_a_paused_download_lets_the_next_one_go_first_and_takes_its_turn_again(queue):
    first, second = queue.add(0), queue.add(1)
    queue.downloads.pause([first])
    assert queue.phases() == [P.PAUSED, P.RUNNING], "at once, before the engine has answered"
    queue.bench.settle()
    assert queue.asked("transfer.pause") == [{"job": "1"}]
    queue.downloads.resume([first])
    assert queue.phases() == [P.WAITING, P.RUNNING]
    queue.downloads.pause([second])
    assert queue.phases() == [P.RUNNING, P.PAUSED]
    queue.bench.settle()
    assert queue.asked("transfer.resume") == [{"job": "1"}] and queue.begun() == ["1", "2"]


def test_progress_that_comes_late_does_not_wake_a_paused_download(queue):
    key = queue.add(0)
    queue.progress(held="")
    assert queue.downloads.rows[0].done == 2e6
    queue.downloads.pause([key])
    queue.progress(held="")
    assert queue.phases() == [P.PAUSED]


def test_what_a_paused_download_still_says_neither_moves_its_bar_nor_its_text(queue):
    key = queue.add(0)
    queue.progress(bytes_per_second=1e6)
    queue.downloads.pause([key])
    before, state = queue.downloads.rows[0], queue.downloads.state
    assert (before.done, before.bytes_per_second, state.text) == (2e6, 0.0, "Paused")
    later = Progress("Downloading", 2.5e6, 3e6, "B", seconds_left=4, details={"bytes_per_second": 2e6})
    queue.bench.engine.process.progress("transfer.download", later)
    queue.bench.settle()
    assert queue.downloads.rows[0] == before
    assert (queue.downloads.state.text, queue.downloads.state.fraction) == (state.text, state.fraction)
    queue.downloads.resume([key])
    queue.bench.settle()
    queue.bench.engine.process.progress("transfer.download", later)
    queue.bench.settle()
    assert (queue.downloads.rows[0].done, queue.downloads.rows[0].bytes_per_second) == (2.5e6, 2e6)


def test_the_bar_never_goes_back_within_a_step_and_begins_anew_with_the_next(queue):
    key = queue.add(0)

    def fraction(done, total=4e6):
        queue.bench.engine.process.progress("transfer.download", Progress("Downloading", done, total, "B"))
        queue.bench.settle()
        return queue.downloads.state.fraction

    assert [fraction(1e6), fraction(3e6), fraction(2e6), fraction(0.0), fraction(3.2e6)] == pytest.approx([0.25, 0.75, 0.75, 0.75, 0.8])
    assert fraction(1e6, None) is None, "of an unknown total there is no part"
    queue.release()
    assert queue.downloads.find(key).row.fraction == 1.0
    queue.add(1)
    assert queue.downloads.state.fraction is None
    assert fraction(1e6) == 0.25


def test_a_download_that_is_being_canceled_shows_no_progress(queue):
    key = queue.add(0)
    queue.progress()
    shown = []
    # On its way when the user cancels.
    queue.bench.engine.process.progress("transfer.download", Progress("Downloading", 2.9e6, 3e6, "B"))
    queue.downloads.cancel_some([key])
    queue.downloads.changed.connect(lambda state: shown.append(state.text))
    queue.bench.settle()
    assert queue.phases() == [P.CANCELLED]
    assert set(shown) <= {"Canceling ...", ""}


def test_what_other_steps_count_is_no_part_of_the_bytes(queue):
    key = queue.add(0)
    queue.progress()
    queue.bench.engine.process.progress("transfer.download", Progress("Looking", 7, 9, "series"))
    queue.bench.settle()
    row = queue.downloads.find(key).row
    assert (row.done, row.total) == (2e6, 3e6)


def test_a_paused_download_that_waits_is_passed_over(queue):
    queue.add(0)
    second = queue.add(1)
    queue.add(2)
    queue.downloads.pause([second])
    queue.release()
    assert queue.phases() == [P.FINISHED, P.PAUSED, P.RUNNING]
    assert queue.begun() == ["1", "3"]


def test_canceling_one_that_waits_forgets_it_and_the_others_go_on(queue):
    queue.add(0)
    second = queue.add(1)
    queue.downloads.cancel_some([second])
    queue.bench.settle()
    assert queue.phases() == [P.RUNNING, P.CANCELLED]
    assert queue.asked("transfer.forget") == [{"job": "2", "keep_series": True}]
    assert queue.bench.last_message.text.startswith("Lungs/lungs-00001, 3 series: Canceled.")


def test_canceling_the_one_that_moves_says_so_at_once_and_begins_the_next(queue):
    first = queue.add(0)
    queue.add(1)
    queue.downloads.cancel_some([first])
    assert phase_text(queue.downloads.rows[0])[0] == "Canceling..."
    queue.bench.settle()
    assert queue.phases() == [P.CANCELLED, P.RUNNING]


def test_cancel_all_leaves_nothing_that_moves_or_waits(queue):
    for case in range(3):
        queue.add(case)
    queue.downloads.cancel_all()
    queue.bench.settle()
    assert queue.phases() == [P.CANCELLED] * 3
    assert queue.begun() == ["1"]


def test_the_last_one_is_moved_to_the_top_of_those_that_wait(queue):
    queue.add(0)
    queue.add(1)
    last = queue.add(2)
    queue.downloads.move(last, True)
    queue.bench.settle()
    assert queue.asked("transfer.arrange") == [{"jobs": ["1", "3", "2"]}]
    queue.release()
    assert queue.begun() == ["1", "3"]
    first = queue.downloads.rows[0].key
    queue.downloads.move(first, False)
    assert queue.downloads.rows[0].key == first, "what has ended stays where it is"


def test_one_moves_up_by_one_place_and_the_first_that_waits_stays_where_it_is(queue):
    keys = [queue.add(case) for case in (0, 1, 2, 1)]

    def order():
        queue.bench.settle()
        return [keys.index(row.key) for row in queue.downloads.rows]

    queue.downloads.move(keys[3], False)
    assert order() == [0, 1, 3, 2]
    queue.downloads.move(keys[3], False)
    assert order() == [0, 3, 1, 2]
    asked = [{"jobs": ["1", "2", "4", "3"]}, {"jobs": ["1", "4", "2", "3"]}]
    assert queue.asked("transfer.arrange") == asked
    for to_top in (False, True):
        queue.downloads.move(keys[3], to_top)
        assert order() == [0, 3, 1, 2], "before it is only the one that moves now"
    queue.downloads.move(keys[0], True)
    assert order() == [0, 3, 1, 2] and queue.asked("transfer.arrange") == asked, "and nothing is written where nothing changes"
    queue.downloads.move(keys[2], True)
    assert order() == [0, 2, 3, 1]
    queue.downloads.move(99, True)
    assert order() == [0, 2, 3, 1]


def test_the_speed_of_a_network_is_learnt_from_five_megabytes_in_a_second_on(queue):
    def speed(size, seconds):
        document = {**queue.bench.catalog.downloads.downloaded([]), "bytes_transferred": size, "seconds": seconds}
        queue.bench.engine.process.handlers["transfer.download"] = lambda _parameters: document
        queue.add(0)
        queue.release()
        return queue.bench.host.settings.values.get(SPEED_KEY)

    assert speed(4_999_999, 2.0) is None
    assert speed(5_000_000, 0.9) is None
    assert float(speed(5_000_000, 1.0)) == 5e6
    assert float(speed(30_000_000, 2.0)) == 10e6, "the new one counts as much as all before"


def test_only_what_failed_is_asked_for_again(queue):
    queue.bench.catalog.downloads.download_states["1.2.5.0.1"] = "failed"
    key = queue.add(0)
    queue.release()
    row = queue.downloads.rows[0]
    assert (row.phase, row.missing, phase_text(row)[0]) == (P.PARTLY, 1, "1 missing")
    queue.bench.catalog.downloads.download_states.clear()
    queue.downloads.retry([key])
    queue.bench.settle()
    assert queue.asked("transfer.enqueue")[-1] == {"again": "1", "about": {"load": False, "with_references": True}}
    assert queue.phases() == [P.RUNNING] and len(queue.downloads.rows) == 1
    queue.release()
    assert queue.phases() == [P.FINISHED]
    assert all(outcome.kind is Kind.SUCCESS for outcome in queue.downloads.state.outcomes)


def test_what_cannot_be_asked_for_again_says_why_and_keeps_its_result(queue):
    queue.bench.catalog.downloads.download_states["1.2.5.0.1"] = "failed"
    key = queue.add(0)
    queue.release()

    def refuse(_parameters):
        raise TransferError("This download is no longer available. Select the series again.")

    queue.bench.engine.process.handlers["transfer.enqueue"] = refuse
    queue.downloads.retry([key])
    queue.bench.settle()
    assert queue.phases() == [P.PARTLY]
    assert not queue.downloads.state.running
    assert "Select the series again" in queue.bench.last_message.text


def test_a_full_disk_is_shown_and_the_download_goes_on_by_itself(queue):
    queue.add(0)
    queue.bench.engine.process.progress("transfer.download", Progress("Downloading", 1e6, 3e6, "B", "The disk is full.", details={"held": "room"}))
    queue.bench.settle()
    row = queue.downloads.rows[0]
    assert (row.phase, row.note) == (P.NO_DISK_SPACE, "The disk is full.")
    queue.progress(held="")
    assert queue.phases() == [P.RUNNING] and queue.downloads.rows[0].note == ""


def test_too_little_disk_space_is_reported_before_the_download_starts(queue):
    queue.bench.catalog.downloads.free_bytes = 10
    queue.add(0)
    queue.add(1)
    assert (
        queue.downloads.rows[1].note
        == "The download needs 3.0 MB, but only 10 B is free in /downloads. It will start when there is enough disk space."
    )


def test_what_the_last_run_left_is_offered_and_completed(make_bench):
    from helpers.fake_catalog import FakeCatalog

    catalog = FakeCatalog()
    catalog.downloads.jobs = {"7": catalog.rows["series"][:3]}
    about = {"load": True, "with_references": False, "collections": 1, "collection": "lungs", "cases": 1, "case": "lungs-00000", "bytes": 5}
    catalog.downloads.unfinished = [{"job": "7", "to": "/there", "series_count": 3, "begun": 1.0, "about": about}]
    bench = make_bench(catalog).start()
    row = bench.browser.downloads.rows[0]
    assert (row.phase, row.label, row.folder) == (P.INTERRUPTED, "lungs/lungs-00000, 3 series", "/there")
    assert bench.last_message.text == "1 download from the last session did not finish. You can resume on the Downloads page."
    assert not bench.browser.downloads.state.running
    bench.browser.downloads.resume([row.key])
    bench.settle()
    assert bench.engine.process.calls("transfer.download") == [{"job": "7", "with_references": False, "limit": 200}]
    assert [request.series_uid for request in bench.host.loader.requests] == ["1.2.5.0.0", "1.2.5.0.1", "1.2.5.0.2"]


def test_what_the_last_run_left_can_be_forgotten(make_bench):
    from helpers.fake_catalog import FakeCatalog

    catalog = FakeCatalog()
    catalog.downloads.unfinished = [{"job": "7", "to": "/there", "series_count": 3, "begun": 0.0, "about": {}}]
    bench = make_bench(catalog).start()
    bench.browser.downloads.remove([bench.browser.downloads.rows[0].key])
    bench.settle()
    assert bench.browser.downloads.rows == []
    assert bench.engine.process.calls("transfer.forget") == [{"job": "7"}]


def test_when_the_engine_dies_what_moved_is_interrupted_and_what_waits_goes_on(queue):
    queue.add(0)
    queue.add(1)
    queue.bench.engine.process.alive = False
    queue.bench.settle()
    assert queue.phases() == [P.INTERRUPTED, P.FINISHED], "the new engine takes it up"
    queue.downloads.resume([queue.downloads.rows[0].key])
    queue.bench.settle()
    queue.bench.settle()
    assert queue.phases() == [P.FINISHED, P.FINISHED]


def test_closing_the_window_cancels_nothing_so_that_the_next_start_can_offer_it(queue):
    queue.add(0)
    queue.bench.browser.close()
    assert queue.bench.engine.process.cancelled == []


def test_a_series_enters_the_database_of_the_host_while_the_others_still_move(queue, tmp_path):
    (tmp_path / "1.2.5.0.0").mkdir()
    (tmp_path / "1.2.5.0.0" / "image.dcm").touch()
    queue.bench.catalog.downloads.directory = str(tmp_path)
    queue.add(0)
    entry = {
        "SeriesInstanceUID": "1.2.5.0.0",
        "state": "complete",
        "bytes": 1,
        "bytes_total": 1,
        "error": None,
        "directory": str(tmp_path / "1.2.5.0.0"),
    }
    queue.progress(series=[entry], held="")
    assert queue.bench.host.store.imported == [str(tmp_path / "1.2.5.0.0" / "image.dcm")]
    assert queue.bench.browser.statuses.of("1.2.5.0.0").text == "In database"
    assert queue.phases() == [P.RUNNING]
    queue.release()
    assert queue.bench.host.store.imported == [str(tmp_path / "1.2.5.0.0" / "image.dcm")], "and does so once"


def test_where_the_engine_has_the_database_it_imports_by_itself(queue):
    queue.bench.host.store.database = "/database"
    queue.add(0)
    queue.progress(
        series=[{"SeriesInstanceUID": "1.2.5.0.0", "state": "complete", "bytes": 1, "bytes_total": 1, "error": None, "directory": "/x"}],
        imported=["1.2.5.0.0"],
        held="",
    )
    assert queue.begun() == ["1"] and queue.asked("transfer.download")[0]["import_to"] == "/database"
    assert queue.bench.browser.statuses.of("1.2.5.0.0").text == "In database"
    queue.release()
    assert queue.bench.host.store.imported == []


def test_what_is_in_the_database_is_loaded_while_a_download_goes_on(queue):
    from IDCBrowserLib.host_interface import SeriesStatus

    queue.add(0)
    queue.bench.host.store.statuses = {f"1.2.5.1.{number}": SeriesStatus.IN_DATABASE for number in range(3)}
    queue.add(1, load=True)
    assert queue.phases() == [P.RUNNING, P.FINISHED]
    assert len(queue.bench.host.loader.requests) == 3


def test_the_counts_of_the_end_are_those_of_all_series_though_few_are_listed(queue):
    job = queue.add(0)
    queue.bench.catalog.downloads.download_states = {"1.2.5.0.0": "failed"}
    ended = queue.bench.catalog.downloads.downloaded(queue.bench.catalog.rows["series"][:1])
    document = {**ended, "states": {"complete": 90_000, "failed": 2_500, "cancelled": 0}}
    queue.bench.engine.process.handlers["transfer.download"] = lambda _parameters: document
    queue.release()
    assert queue.bench.last_message.text == "90,000 of 92,500 series completed, 2,500 failed. See the reasons under Results."
    assert queue.downloads.find(job).row.missing == 2_500
