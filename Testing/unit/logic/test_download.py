from __future__ import annotations

import pytest
from helpers.fake_selection import planned_series

from IDCBrowserLib.errors import StoreError
from IDCBrowserLib.host_interface import SeriesStatus
from IDCBrowserLib.logic.base.settings_keys import SLIDE_KEY
from IDCBrowserLib.logic.base.state import Hit, Kind
from IDCBrowserLib.logic.downloads.download_state import DownloadPhase, phase_text
from IDCBrowserLib.task import Progress

SERIES = ("1.2.5.0.0", "1.2.5.0.1", "1.2.5.0.2")


@pytest.fixture
def selected(bench, tmp_path):
    """The three series of one case are selected, and their files lie where the download says."""
    bench.catalog.downloads.directory = str(tmp_path)
    for uid in SERIES:
        (tmp_path / uid).mkdir()
        (tmp_path / uid / "image.dcm").touch()
        (tmp_path / uid / "image.dcm123").touch()
    bench.select("collections", 0)
    bench.select("cases", 0)
    return bench


def outcomes(bench):
    return {outcome.series_uid: outcome for outcome in bench.browser.downloads.state.outcomes}


def test_download_and_load_goes_all_the_way(selected, tmp_path):
    selected.browser.picked.download(True)
    selected.settle()
    assert selected.host.store.imported == [str(tmp_path / uid / "image.dcm") for uid in SERIES]
    assert [request.modality for request in selected.host.loader.requests] == ["CT", "SEG", "RTSTRUCT"]
    assert all(outcome.kind is Kind.SUCCESS for outcome in outcomes(selected).values())
    assert selected.last_message.kind is Kind.SUCCESS
    assert selected.last_message.text == "3 series downloaded and loaded."


def test_a_page_that_stumbles_over_what_was_loaded_leaves_no_download_running(selected):
    def stumble(_results):
        raise AttributeError("a report of another form")

    selected.browser.downloads.loaded.connect(stumble)
    selected.browser.picked.download(True)
    with pytest.raises(AttributeError, match="another form"):
        selected.settle()
    selected.settle()
    assert not selected.browser.downloads.state.running
    assert all(outcome.kind is Kind.SUCCESS for outcome in outcomes(selected).values())


def test_download_alone_ends_in_the_database(selected):
    selected.browser.picked.download(False)
    selected.settle()
    assert len(selected.host.store.imported) == 3
    assert selected.host.loader.requests == []
    assert selected.last_message.text == "3 series downloaded and added to the DICOM database."


def test_the_engine_gets_the_folder_the_plan_and_the_options(make_bench, selected):
    selected.browser.settings.put("endpoint_url", "http://127.0.0.1:9000")
    selected.browser.picked.download(False)
    selected.settle()
    about = {"load": False, "with_references": True}
    wanted = {
        "plan": 1,
        "to": "/downloads",
        "about": about,
        "options": {"wait_for_room": True, "provider": "auto", "endpoint_url": "http://127.0.0.1:9000"},
    }
    assert selected.engine.process.calls("transfer.enqueue") == [wanted]
    assert selected.engine.process.calls("transfer.download") == [{"job": "1", "with_references": True, "limit": 200}]


def test_a_series_that_fails_is_named_and_the_others_go_on(selected):
    selected.catalog.downloads.download_states[SERIES[1]] = "failed"
    selected.browser.picked.download(True)
    selected.settle()
    assert outcomes(selected)[SERIES[1]].text == "The bucket has no files for this series; it may have been moved."
    assert [request.series_uid for request in selected.host.loader.requests] == [SERIES[0], SERIES[2]]
    assert selected.last_message.kind is Kind.WARNING
    assert selected.last_message.text == "2 of 3 series completed, 1 failed. See the reasons under Results."
    assert selected.browser.statuses.of(SERIES[1]).text == "Failed"


def test_when_everything_fails_nothing_is_imported_and_the_reason_is_shown(selected):
    selected.catalog.downloads.download_states = dict.fromkeys(SERIES, "failed")
    selected.browser.picked.download(True)
    selected.settle()
    assert selected.host.store.imported == []
    assert selected.last_message.kind is Kind.ERROR
    assert "The bucket has no files" in selected.last_message.text


@pytest.mark.parametrize("load", [False, True])
def test_of_slides_that_come_along_to_be_shown_no_more_is_fetched_than_is_shown(selected, load):
    selected.host.settings.set_value(SLIDE_KEY, "25")
    selected.browser.picked.download(load)
    selected.settle()
    (asked,) = selected.engine.process.calls("transfer.download")
    assert asked.get("slide_levels") == (["25MP", "label"] if load else None)


def partly(selected, *uids):
    """Of these series some objects came, the others failed."""
    for uid in uids:
        selected.catalog.downloads.download_states[uid] = "failed"
        selected.catalog.downloads.came[uid] = 1


def test_of_a_series_that_came_in_part_what_is_here_is_loaded_and_the_rest_is_said(selected, tmp_path):
    partly(selected, SERIES[1])
    selected.host.loader.warnings[SERIES[1]] = ("A slice is missing.",)
    selected.browser.picked.download(True)
    selected.settle()
    assert [request.series_uid for request in selected.host.loader.requests] == list(SERIES)
    assert str(tmp_path / SERIES[1] / "image.dcm") in selected.host.store.imported
    outcome = outcomes(selected)[SERIES[1]]
    assert outcome.kind is Kind.WARNING
    assert (
        outcome.text
        == "Incomplete: The bucket has no files for this series; it may have been moved. What was downloaded is loaded. A slice is missing."
    )
    assert (selected.last_message.kind, selected.last_message.text) == (
        Kind.WARNING,
        "3 series, 1 of them incomplete. See the reasons under Results.",
    )
    row = selected.browser.downloads.rows[0]
    assert (row.phase, row.missing, row.can_retry) == (DownloadPhase.PARTLY, 1, True)
    assert phase_text(row) == ("1 incomplete", "status-partial")
    status = selected.browser.statuses.of(SERIES[1])
    assert (status.text, status.icon) == ("Incomplete", "status-partial") and status.tip.startswith("The bucket has no files")


def test_where_all_series_came_in_part_their_number_is_said(selected):
    partly(selected, *SERIES)
    selected.browser.picked.download(True)
    selected.settle()
    assert [request.series_uid for request in selected.host.loader.requests] == list(SERIES)
    assert selected.last_message.text == "3 series, 3 of them incomplete. See the reasons under Results."


def test_what_came_in_part_and_cannot_be_shown_keeps_the_reason_of_the_download(selected):
    partly(selected, SERIES[1])
    selected.host.loader.errors[SERIES[1]] = "The SEG has no frames."
    selected.browser.picked.download(True)
    selected.settle()
    assert outcomes(selected)[SERIES[1]].kind is Kind.ERROR
    assert outcomes(selected)[SERIES[1]].text.startswith("Incomplete: The bucket has no files")


def test_a_download_alone_leaves_what_came_in_part_out_of_the_database(selected):
    partly(selected, SERIES[1])
    selected.browser.picked.download(False)
    selected.settle()
    assert not any(SERIES[1] in path for path in selected.host.store.imported)
    assert selected.last_message.text == "3 series, 1 of them incomplete. See the reasons under Results."
    assert outcomes(selected)[SERIES[1]].text.startswith("Incomplete: The bucket has no files")


def test_series_in_part_and_series_that_failed_are_told_apart(selected):
    partly(selected, SERIES[1])
    selected.catalog.downloads.download_states[SERIES[0]] = "failed"
    selected.browser.picked.download(False)
    selected.settle()
    assert selected.last_message.text == "3 series, 1 of them incomplete, 1 failed. See the reasons under Results."
    assert phase_text(selected.browser.downloads.rows[0]) == ("1 missing, 1 incomplete", "status-failed")
    assert [selected.browser.statuses.of(uid).text for uid in SERIES] == ["Failed", "Incomplete", ""]


def test_a_series_in_part_beside_one_that_cannot_be_loaded_is_no_reason_to_forget_that(selected):
    partly(selected, SERIES[1])
    selected.host.loader.errors[SERIES[2]] = "The SEG has no frames."
    selected.browser.picked.download(True)
    selected.settle()
    assert selected.last_message.text == "3 series, 1 of them incomplete, 1 failed. See the reasons under Results."


@pytest.mark.parametrize("load", [False, True])
def test_a_single_series_in_part_says_so_in_row_line_and_status(selected, load):
    selected.browser.pick(Hit("series", (SERIES[1],), SERIES[1], ""))
    selected.settle()
    partly(selected, SERIES[1])
    selected.browser.picked.download(load)
    selected.settle()
    assert selected.last_message.kind is Kind.WARNING and selected.last_message.text.startswith("Incomplete: The bucket has no files")
    assert phase_text(selected.browser.downloads.rows[0]) == ("Incomplete", "status-partial")
    assert selected.browser.statuses.of(SERIES[1]).text == "Incomplete"


def test_a_series_that_cannot_be_loaded_keeps_its_reason(selected):
    selected.host.loader.errors[SERIES[2]] = "The RTSTRUCT refers to an image that is not in the database."
    selected.host.loader.warnings[SERIES[1]] = ("Two segments overlap.",)
    selected.browser.picked.download(True)
    selected.settle()
    assert outcomes(selected)[SERIES[2]].kind is Kind.ERROR
    assert outcomes(selected)[SERIES[1]].text == "Loaded. Two segments overlap."


def test_files_that_the_database_refuses_are_named_with_their_series(selected, tmp_path):
    selected.host.store.left_out = [{"file": str(tmp_path / SERIES[0] / "image.dcm"), "reason": "It is not a DICOM file."}]
    selected.browser.picked.download(False)
    selected.settle()
    assert outcomes(selected)[SERIES[0]].text == "image.dcm was not added to the database: It is not a DICOM file."


def test_an_unusable_database_ends_the_job_with_its_sentence(selected):
    selected.host.store.import_error = StoreError("The DICOM database cannot be written. Choose another folder.")
    selected.browser.picked.download(False)
    selected.settle()
    assert not selected.browser.downloads.state.running
    assert selected.last_message.text == "The DICOM database cannot be written. Choose another folder."


def test_a_database_that_goes_while_series_are_moved_ends_the_job_with_its_sentence(selected, tmp_path):
    selected.host.store.import_error = StoreError("The DICOM database was moved. Put it back.")
    selected.engine.process.hold("transfer.download")
    selected.browser.picked.download(False)
    selected.settle()
    details = {
        "series": [{"SeriesInstanceUID": SERIES[0], "state": "complete", "bytes": 40, "bytes_total": 40, "error": None, "directory": str(tmp_path)}]
    }
    selected.engine.process.progress("transfer.download", Progress("Downloading", 40, 310, "B", details=details))
    selected.settle()
    assert selected.browser.downloads.state.running
    selected.engine.process.release("transfer.download")
    selected.settle()
    assert not selected.browser.downloads.state.running
    assert selected.last_message.text == "The DICOM database was moved. Put it back."


def test_progress_shows_amount_speed_and_time_left_and_marks_the_series(selected):
    selected.engine.process.hold("transfer.download")
    selected.browser.picked.download(False)
    selected.settle()
    details = {
        "series": [{"SeriesInstanceUID": SERIES[0], "state": "transferring", "bytes": 10, "bytes_total": 40, "error": None}],
        "bytes_per_second": 5_100_000,
    }
    selected.engine.process.progress("transfer.download", Progress("Downloading", 45.2e6, 310e6, "B", seconds_left=52, details=details))
    selected.settle()
    state = selected.browser.downloads.state
    assert state.text == "45.2 MB of 310 MB, 5.1 MB/s, 52 s left"
    assert state.fraction == pytest.approx(45.2 / 310)
    assert selected.browser.statuses.of(SERIES[0]).text == "Downloading 25 %"
    assert selected.browser.statuses.of(SERIES[1]).text == "Waiting"


@pytest.mark.parametrize("method", ["selection.plan", "transfer.download"])
def test_cancel_stops_the_engine_and_says_what_stays(selected, method):
    selected.engine.process.hold(method)
    selected.browser.picked.download(True)
    selected.settle()
    selected.browser.downloads.cancel()
    assert selected.browser.downloads.state.cancelling
    selected.settle()
    assert selected.engine.process.cancelled == [method]
    assert not selected.browser.downloads.state.running
    assert selected.last_message.text.startswith("Canceled.")
    assert selected.host.store.imported == []


def test_cancel_during_the_import_loads_nothing(selected):
    selected.host.store.slow = True
    selected.browser.picked.download(True)
    selected.settle()
    selected.browser.downloads.cancel()
    selected.host.store.finish_import()
    selected.settle()
    assert not selected.browser.downloads.state.running
    assert selected.host.loader.requests == []


def test_the_buttons_say_why_they_cannot_be_used(bench):
    assert bench.browser.picked.why_not_download(False) == "Select collections, cases, studies or series first."
    bench.select("collections", 0)
    assert bench.browser.picked.why_not_download(True) == ""


def test_too_many_series_to_load_are_told_before_anything_is_fetched(make_bench):
    from helpers.fake_catalog import FakeCatalog

    bench = make_bench(FakeCatalog(100)).start()
    bench.select("collections", 0)
    assert bench.browser.picked.why_not_download(False) == ""
    assert "At most 50 series" in bench.browser.picked.why_not_download(True)
    bench.browser.picked.download(True)
    bench.settle()
    assert bench.engine.process.calls("selection.plan") == []


def test_a_job_survives_the_end_of_the_engine_with_a_sentence(selected):
    selected.engine.process.hold("transfer.download")
    selected.browser.picked.download(False)
    selected.settle()
    selected.engine.process.alive = False
    selected.settle()
    assert not selected.browser.downloads.state.running
    assert "ended unexpectedly" in selected.last_message.text


def test_statuses_are_asked_for_the_series_in_sight_and_again_after_a_download(selected):
    selected.select("studies", 0)
    assert selected.host.store.asked_status == [list(SERIES)]
    assert selected.browser.statuses.of(SERIES[0]).text == "In IDC"
    selected.host.store.statuses = dict.fromkeys(SERIES, SeriesStatus.IN_DATABASE)
    selected.browser.picked.download(False)
    selected.settle()
    assert selected.browser.statuses.of(SERIES[0]).text == "In database"


def test_another_folder_is_remembered_and_the_statuses_are_asked_again(selected):
    selected.select("studies", 0)
    selected.host.chosen_folder = "/elsewhere"
    selected.browser.choose_folder()
    assert selected.host.settings.values == {"DownloadFolder": "/elsewhere"}
    assert len(selected.host.store.asked_status) == 2


def test_what_is_in_the_database_is_loaded_without_asking_the_network(selected):
    selected.host.store.statuses = dict.fromkeys(SERIES, SeriesStatus.IN_DATABASE)
    selected.browser.picked.download(True)
    selected.settle()
    assert selected.engine.process.calls("transfer.download") == []
    assert [request.series_uid for request in selected.host.loader.requests] == list(SERIES)
    assert selected.last_message.text == "3 series loaded."


def test_an_image_that_came_along_is_imported_loaded_and_named(selected, tmp_path):
    (tmp_path / "9.9").mkdir()
    (tmp_path / "9.9" / "image.dcm").touch()
    download = selected.engine.process.handlers["transfer.download"]

    def with_image(parameters):
        document = download(parameters)
        image = {**document["series"][0], "SeriesInstanceUID": "9.9", "directory": str(tmp_path / "9.9")}
        row = {
            **selected.catalog.rows["series"][0],
            "SeriesInstanceUID": "9.9",
            "Modality": "MR",
            "PatientID": "P",
            "StudyInstanceUID": "9",
            "SeriesDescription": None,
        }
        warnings = ["One image is not in IDC."]
        return {**document, "series": [*document["series"], image], "added": [planned_series(row)], "warnings": warnings}

    selected.engine.process.handlers["transfer.download"] = with_image
    selected.browser.picked.download(True)
    selected.settle()
    assert str(tmp_path / "9.9" / "image.dcm") in selected.host.store.imported
    assert selected.host.loader.requests[-1].modality == "MR"
    assert outcomes(selected)["9.9"].label == "P MR"
    assert selected.browser.downloads.state.outcomes[0].text == "One image is not in IDC."
    assert selected.last_message.text == "4 series downloaded and loaded. See the notes under Results."


def test_a_segmentation_without_its_image_is_not_taken_for_complete(selected):
    selected.host.store.statuses = dict.fromkeys(SERIES, SeriesStatus.IN_DATABASE)
    selected.select("studies", 0)
    selected.select("series", 1)
    selected.browser.picked.download(True)
    selected.settle()
    assert len(selected.engine.process.calls("transfer.download")) == 1


def test_a_folder_is_added_to_the_database_and_its_series_are_loaded(bench):
    row = {"SeriesInstanceUID": "1.2", "Modality": "CT", "SeriesDescription": "Chest", "PatientID": "P", "StudyInstanceUID": "1"}
    bench.engine.process.handlers["store.series_below"] = lambda _params: {"series": [{**row, "instanceCount": 1, "SOPClassUID": ""}]}
    bench.browser.downloads.start_folders(["/some/folder"])
    bench.settle()
    assert bench.engine.process.calls("store.series_below") == [{"database": "/database", "folders": ["/some/folder"]}]
    assert bench.host.store.imported == ["/some/folder"]
    assert [request.series_uid for request in bench.host.loader.requests] == ["1.2"]
    assert bench.last_message.text == "1 series loaded."


def test_cancel_while_a_folder_is_added_loads_nothing(bench):
    bench.host.store.slow = True
    bench.browser.downloads.start_folders(["/some/folder"])
    bench.browser.downloads.cancel()
    bench.host.store.finish_import()
    assert bench.last_message.text.startswith("Canceled.")
    assert bench.host.loader.requests == []
