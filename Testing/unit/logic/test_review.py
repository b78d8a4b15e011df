"""A review list in use, on a fake engine and scene: entries, answers, time, what is fetched ahead and removed behind."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any

import pytest
from helpers.fake_images import FakeImages
from helpers.fake_review_scene import FakeReviewScene

from IDCBrowserLib.api import review as api
from IDCBrowserLib.errors import StorageError
from IDCBrowserLib.host_interface import SeriesStatus
from IDCBrowserLib.logic.base.state import Kind
from IDCBrowserLib.logic.review.review import READER_KEY, Review
from IDCBrowserLib.logic.review.state import Phase, place_text
from IDCBrowserLib.review.form import Form, Question
from IDCBrowserLib.task import Progress

FORM = Form(
    (
        Question("image", "Images", "rating"),
        Question("use", "Use", "choice", "segment", ("yes", "no")),
        Question("flag", "Flag", "flag"),
        Question("comment", "Comment", "text"),
    )
)


class Reading:
    """A bench with a list that is open for reader A."""

    def __init__(self, bench: Any, folder: Path, can_correct: bool = False, blinded: bool = False, cap: int = 10**9) -> None:
        self.bench = bench.start()
        self.now = 0.0
        self.review = Review(bench.engine.client, bench.host, bench.browser.downloads, bench.deferred, lambda: self.now)
        bench.browser.review = self.review
        self.scene = FakeReviewScene(bench.host, can_correct)
        self.review.scene.attach(self.scene)
        self.said: list[Any] = []
        self.review.said.connect(self.said.append)
        self.file = str(folder / "list.idcreview")
        bench.host.settings.set_value(READER_KEY, "A")
        params: api.MakeParameters = {
            "file": self.file,
            "name": "Mine",
            "form": FORM.to_json(),  # type: ignore[typeddict-item]
            "source": {"cart": True},
            "unit": "studies",
            "blinded": blinded,
            "ahead": 2,
            "cap_bytes": cap,
        }
        self.review.make(params)
        self.settle()

    @property
    def state(self) -> Any:
        return self.review.state

    def settle(self) -> None:
        for _ in range(6):
            self.bench.settle()

    def go(self, entry: int) -> None:
        self.review.go_to(entry)
        self.settle()

    def series(self, entry: int) -> list[str]:
        items = self.bench.catalog.reviews.desk.review.items(entry, entry)
        return [one.series_uid for one in items[0].series]

    def kept(self) -> list[tuple[int, str, str, object]]:
        return [(one.item, one.segment, one.question, one.value) for one in self.bench.catalog.reviews.desk.review.answers("A")]

    def removed(self) -> list[str]:
        """Series that were removed from this computer, in order."""
        return [uid for chosen in self.bench.host.store.removed for uid in chosen.get("series", ())]


@pytest.fixture
def reading(bench: Any, tmp_path: Path) -> Reading:
    return Reading(bench, tmp_path)


def test_a_new_list_opens_at_its_first_entry_for_the_reader_named_last(reading: Reading) -> None:
    assert (reading.state.phase, reading.state.reader, place_text(reading.state)) == (Phase.SHOWN, "A", f"1 of {reading.state.entries}")
    assert set(reading.series(0)) <= set(reading.scene.here)
    assert [one.name for one in reading.state.segments][:2] == ["Liver", "Spleen"]


def test_the_next_entry_takes_the_place_of_the_one_in_sight_arranged_like_it(reading: Reading) -> None:
    reading.scene.window, reading.scene.visible = (1500.0, -500.0), {"Spleen": False}
    reading.review.next()
    reading.settle()
    assert place_text(reading.state).startswith("2 of")
    assert set(reading.scene.here) & set(reading.series(0)) == set()
    assert reading.scene.arranged[-1].windows == {"CT": (1500.0, -500.0)}
    assert reading.scene.arranged[-1].segments == {"Spleen": False}


def test_answers_are_in_the_file_and_come_back(reading: Reading) -> None:
    segment = reading.state.segments[0].key
    reading.review.answering.answer("", "image", 4)
    reading.review.answering.answer(segment, "use", "no")
    reading.review.answering.answer("", "comment", "blurred")
    reading.settle()
    assert sorted(reading.kept()) == sorted([(0, "", "image", 4), (0, "", "comment", "blurred"), (0, segment, "use", "no")])
    reading.review.answering.answer("", "comment", "")
    reading.go(1)
    assert (reading.state.answers, reading.state.answered) == ({}, 1)
    reading.go(0)
    assert reading.state.answers == {("", "image"): 4, (segment, "use"): "no"}


def test_digits_answer_one_question_after_the_other_and_show_each_segment(reading: Reading) -> None:
    first, second = (one.key for one in reading.state.segments[:2])
    for digit in (4, 1, 2, 1):
        reading.review.answering.answer_digit(digit)
    reading.settle()
    assert sorted(reading.kept()) == sorted([(0, "", "image", 4), (0, "", "flag", True), (0, first, "use", "no"), (0, second, "use", "yes")])
    assert reading.scene.looked_at[-1][1] == "s2"
    assert reading.state.segment == second


def test_a_digit_that_is_not_an_answer_does_nothing(reading: Reading) -> None:
    reading.review.answering.answer_digit(9)
    reading.settle()
    assert reading.kept() == []


def test_an_answer_that_cannot_be_kept_is_told_and_not_shown(reading: Reading) -> None:
    def full(_params: Any) -> Any:
        raise StorageError("The disk is full.")

    reading.bench.engine.process.handlers[api.ANSWER.name] = full
    reading.review.answering.answer("", "image", 4)
    reading.settle()
    assert reading.state.answers == {}
    assert (reading.said[-1].kind, reading.said[-1].text) == (Kind.ERROR, "The disk is full.")


def test_time_counts_while_the_program_is_in_front(reading: Reading) -> None:
    reading.now = 10.0
    reading.review.time.set_in_front(False)
    reading.now = 100.0
    reading.review.time.set_in_front(True)
    reading.now = 105.0
    reading.go(1)
    assert reading.bench.catalog.reviews.desk.review.seconds() == {("A", 0): 15.0}


def test_a_reader_goes_on_where_the_reader_stopped_and_another_begins(reading: Reading) -> None:
    reading.go(2)
    reading.review.close()
    reading.settle()
    assert reading.state.phase is Phase.CLOSED
    reading.review.open(reading.file)
    reading.settle()
    assert reading.state.number == 2
    reading.review.begin("B")
    reading.settle()
    assert (reading.state.reader, reading.state.number) == ("B", 0)


def test_closing_a_list_takes_out_what_it_loaded_and_nothing_else(reading: Reading) -> None:
    from IDCBrowserLib.host_interface import LoadRequest

    reading.bench.host.loader.requests.append(LoadRequest("users.own", modality="CT"))
    reading.review.close()
    assert reading.scene.here == ["users.own"]


def test_what_was_loaded_before_stays_in_the_scene(reading: Reading) -> None:
    from IDCBrowserLib.host_interface import LoadRequest

    users = reading.series(1)[0]
    reading.bench.host.loader.requests.append(LoadRequest(users, modality="CT"))
    reading.go(1)
    reading.go(2)
    assert users in reading.scene.here


def test_the_next_entries_are_fetched_and_recorded_before(reading: Reading) -> None:
    recorded = {uid for uid, _, _ in reading.bench.catalog.reviews.desk.review.fetched()}
    assert recorded == {uid for entry in (0, 1, 2) for uid in reading.series(entry)}
    assert reading.bench.browser.downloads.rows == []
    assert reading.bench.messages == []


def test_the_entries_after_and_before_are_read_as_soon_as_they_are_here(reading: Reading) -> None:
    ahead, store, last = reading.bench.host.loader.ahead, reading.bench.host.store, reading.state.entries - 1
    assert ahead[-1] == [reading.series(1)], "the next one was fetched"
    for entry in (0, 1, 2):
        store.statuses.update(dict.fromkeys(reading.series(entry), SeriesStatus.IN_DATABASE))
    reading.go(1)
    assert ahead[-1] == [reading.series(2), reading.series(0), reading.series(1)], "this one is before the next one soon"
    reading.go(last)
    assert ahead[-1] == [], "nothing follows, and what is before was not fetched"
    reading.go(0)
    reading.review.close()
    assert ahead[-1] == [], "what was read is let go with the list"


def test_going_on_forgets_nothing_of_what_is_still_near(reading: Reading) -> None:
    for entry in (0, 1):
        reading.bench.host.store.statuses.update(dict.fromkeys(reading.series(entry), SeriesStatus.IN_DATABASE))
    reading.go(0)
    before = len(reading.bench.host.loader.ahead)
    reading.go(1)
    assert len(reading.bench.host.loader.ahead) > before + 1, "once more when the next one has been fetched"
    for read in reading.bench.host.loader.ahead[before:]:
        assert {*reading.series(0), *reading.series(1)} <= {uid for entry in read for uid in entry}


def test_a_disk_that_is_full_while_entries_are_fetched_ahead_is_said_and_what_is_answered_is_kept(reading: Reading) -> None:
    process = reading.bench.engine.process
    process.hold("transfer.download")
    reading.go(2)
    process.progress("transfer.download", Progress("Downloading", 1e6, 3e6, "B", "The disk is full.", details={"held": "room"}))
    reading.settle()
    # That of the entry itself is told where it is loaded.
    assert "disk is full" in (reading.state.text + reading.state.note).lower()
    process.release("transfer.download")
    reading.settle()
    assert reading.state.phase is Phase.SHOWN
    process.hold("transfer.download")
    reading.go(3)
    reading.review.answering.answer("", "image", 4)
    reading.settle()
    assert (3, "", "image", 4) in reading.kept()
    process.release("transfer.download")


def test_series_that_were_here_before_are_never_recorded_nor_removed(bench: Any, tmp_path: Path) -> None:
    users = bench.catalog.rows["series"][0]["SeriesInstanceUID"]
    bench.host.store.statuses[users] = SeriesStatus.IN_DATABASE
    reading = Reading(bench, tmp_path)
    reading.go(2)
    reading.go(3)
    removed = reading.removed()
    assert users not in removed
    assert removed != []
    assert set(removed) <= {uid for entry in (0, 1) for uid in reading.series(entry)}


def test_series_that_the_user_downloads_are_never_removed(bench: Any, tmp_path: Path) -> None:
    """Before the list wants them, and after it has fetched them."""
    mine = bench.catalog.rows["series"][0]["SeriesInstanceUID"]
    bench.engine.process.hold("transfer.enqueue")
    bench.browser.downloads.start({"selections": [{"level": "series", "ids": [mine]}]}, False, False)
    bench.settle()
    reading = Reading(bench, tmp_path)
    bench.engine.process.release("transfer.enqueue")
    reading.settle()
    later = reading.series(1)[0]
    bench.browser.downloads.start({"selections": [{"level": "series", "ids": [later]}]}, False, False)
    reading.settle()
    for entry in (1, 2, 3, 4):
        reading.go(entry)
    removed = reading.removed()
    assert removed != []
    assert {mine, later}.isdisjoint(removed)
    assert {mine, later}.isdisjoint(uid for uid, _, _ in bench.catalog.reviews.desk.review.fetched())


def test_entries_behind_are_removed_once(reading: Reading) -> None:
    for entry in (1, 2, 3):
        reading.go(entry)
    removed = reading.removed()
    assert removed == list(dict.fromkeys(removed))
    assert set(removed) == {uid for entry in (0, 1) for uid in reading.series(entry)}
    assert set(removed).isdisjoint(uid for uid, _, _ in reading.bench.catalog.reviews.desk.review.fetched())


def test_a_cap_that_holds_one_entry_fetches_nothing_ahead(bench: Any, tmp_path: Path) -> None:
    reading = Reading(bench, tmp_path, cap=1)
    assert {entry for _, entry, _ in bench.catalog.reviews.desk.review.fetched()} == {0}
    reading.go(1)
    assert reading.state.phase is Phase.SHOWN


def test_blinded_lists_hide_makers_and_load_no_reports(bench: Any, tmp_path: Path) -> None:
    reading = Reading(bench, tmp_path, blinded=True)
    assert reading.state.is_blinded
    assert reading.scene.hidden
    assert set(reading.series(0)) <= reading.scene.blinded
    assert {request.modality for request in bench.host.loader.requests}.isdisjoint({"SR", "KO", "PR"})


def test_a_list_of_another_program_is_a_sentence(reading: Reading, bench: Any) -> None:
    from IDCBrowserLib.review.review_file import ReviewFile

    reading.review.close()
    reading.settle()
    other = ReviewFile(Path(reading.file))
    reading.review.open(reading.file)
    reading.settle()
    other.close()
    assert reading.state.phase is Phase.CLOSED
    assert "open in another program" in reading.said[-1].text


def test_an_entry_that_cannot_be_loaded_says_why_and_the_next_one_follows(bench: Any, tmp_path: Path) -> None:
    for row in bench.catalog.rows["series"]:
        bench.host.loader.errors[row["SeriesInstanceUID"]] = "It cannot be shown."
    reading = Reading(bench, tmp_path)
    assert reading.state.phase is Phase.FAILED
    assert reading.state.text
    bench.host.loader.errors.clear()
    reading.review.next()
    reading.settle()
    assert reading.state.phase is Phase.SHOWN


def test_a_changed_segmentation_is_written_before_the_entry_is_left(bench: Any, tmp_path: Path) -> None:
    reading = Reading(bench, tmp_path, can_correct=True)
    bench.engine.process.handlers.update(FakeImages(tmp_path).handlers())
    bench.host.store.files["image"] = ["/image/1.dcm"]
    source = reading.scene.sources(reading.series(0))[0]
    reading.review.correct()
    assert reading.scene.corrected == [source.node_id]
    reading.scene.stamps[source.node_id] = 2
    reading.review.next()
    reading.settle()
    assert reading.state.number == 1
    (kept,) = bench.catalog.reviews.desk.review.corrections()
    assert (kept.reader, kept.item, kept.series_uid) == ("A", 0, source.series_uid)
    assert kept.path.startswith("list-corrections/00001-A-")


def test_a_correction_that_cannot_be_written_keeps_the_entry(bench: Any, tmp_path: Path) -> None:
    reading = Reading(bench, tmp_path, can_correct=True)
    source = reading.scene.sources(reading.series(0))[0]
    reading.scene.stamps[source.node_id] = 2
    reading.review.next()
    reading.settle()
    assert reading.state.number == 0
    assert source.series_uid in reading.scene.here
    assert "not in the DICOM database" in reading.said[-1].text


def correcting(bench: Any, folder: Path, blinded: bool = False) -> Reading:
    """The first segmentation of the first entry was changed by reader A."""
    reading = Reading(bench, folder, can_correct=True, blinded=blinded)
    bench.engine.process.handlers.update(FakeImages(folder).handlers())
    reading.scene.stamps[reading.scene.sources(reading.series(0))[0].node_id] = 2
    return reading


def written(folder: Path) -> list[tuple[str, int]]:
    from IDCBrowserLib.review.review_file import ReviewFile

    with contextlib.closing(ReviewFile(folder / "list.idcreview")) as review:
        return [(one.reader, one.item) for one in review.corrections()]


def test_a_changed_segmentation_is_written_before_the_list_is_closed(bench: Any, tmp_path: Path) -> None:
    reading = correcting(bench, tmp_path)
    bench.host.store.files["image"] = ["/image/1.dcm"]
    reading.review.leave()
    reading.settle()
    assert (reading.state.phase, reading.scene.here) == (Phase.CLOSED, [])
    assert written(tmp_path) == [("A", 0)]


def test_a_correction_of_a_blinded_list_is_under_the_terms_of_what_was_corrected(bench: Any, tmp_path: Path) -> None:
    reading = correcting(bench, tmp_path, blinded=True)
    bench.host.store.files["image"] = ["/image/1.dcm"]
    reading.review.next()
    reading.settle()
    (written,) = bench.engine.process.calls("export.export")
    assert written["license"] == "CC BY 4.0"


def test_a_scene_that_is_closed_by_somebody_takes_no_answer_along_and_the_entry_comes_back(reading: Reading) -> None:
    reading.review.answering.answer("", "image", 4)
    reading.now = 30.0
    reading.scene.clear()
    reading.now = 90.0
    reading.settle()
    assert (reading.state.phase, reading.state.number) == (Phase.FAILED, 0)
    assert "scene was closed" in reading.state.text
    reading.review.answering.answer_digit(1)
    reading.settle()
    assert [(question, value) for _, _, question, value in reading.kept()] == [("image", 4), ("flag", True)]
    reading.review.show_again()
    reading.settle()
    assert (reading.state.phase, reading.state.text) == (Phase.SHOWN, "")
    assert set(reading.series(0)) <= set(reading.scene.here)
    assert reading.bench.catalog.reviews.desk.review.seconds() == {("A", 0): 30.0}, "only while it was seen"


def test_a_correction_is_saved_when_somebody_closes_the_scene(bench: Any, tmp_path: Path) -> None:
    reading = correcting(bench, tmp_path)
    bench.host.store.files["image"] = ["/image/1.dcm"]
    reading.scene.clear()
    reading.settle()
    assert [(one.reader, one.item) for one in bench.catalog.reviews.desk.review.corrections()] == [("A", 0)]
    assert "scene was closed" in reading.state.text
    reading.review.next()
    reading.settle()
    assert (reading.state.phase, reading.state.number) == (Phase.SHOWN, 1)
    assert len(bench.engine.process.calls("export.export")) == 1


def test_a_scene_that_is_closed_while_an_entry_is_on_its_way_is_told_by_the_loading(reading: Reading) -> None:
    reading.review.next()
    reading.scene.clear()
    assert reading.state.phase is Phase.FETCHING
    reading.settle()
    assert (reading.state.phase, reading.state.number) == (Phase.SHOWN, 1)


def test_a_correction_that_cannot_be_written_stays_in_the_scene_when_the_list_is_closed(bench: Any, tmp_path: Path) -> None:
    reading = correcting(bench, tmp_path)
    changed = reading.scene.sources(reading.series(0))[0].series_uid
    reading.review.leave()
    reading.settle()
    assert (reading.state.phase, reading.scene.here) == (Phase.CLOSED, [changed])
    assert "not in the DICOM database" in reading.said[-1].text


def test_a_correction_is_of_the_reader_who_made_it_when_another_begins(bench: Any, tmp_path: Path) -> None:
    reading = correcting(bench, tmp_path)
    bench.host.store.files["image"] = ["/image/1.dcm"]
    reading.review.begin("B")
    reading.settle()
    assert reading.state.reader == "B"
    assert [(one.reader, one.item) for one in bench.catalog.reviews.desk.review.corrections()] == [("A", 0)]


def test_pressing_next_twice_goes_two_entries_on_and_loads_only_the_last(reading: Reading) -> None:
    reading.review.next()
    reading.review.next()
    reading.settle()
    assert (reading.state.phase, reading.state.number) == (Phase.SHOWN, 2)
    assert set(reading.scene.here) == set(reading.series(2))


def test_an_entry_that_was_on_its_way_when_the_list_was_closed_is_not_shown(reading: Reading) -> None:
    reading.review.next()
    reading.review.close()
    reading.settle()
    assert (reading.state.phase, reading.state.entry, reading.scene.here) == (Phase.CLOSED, None, [])


def test_an_answer_that_cannot_be_kept_takes_no_other_one_back(reading: Reading) -> None:
    keep = reading.bench.engine.process.handlers[api.ANSWER.name]

    def full_at_first(params: Any) -> Any:
        if params["value"] == 4:
            raise StorageError("The disk is full.")
        return keep(params)

    reading.bench.engine.process.handlers[api.ANSWER.name] = full_at_first
    reading.review.answering.answer("", "image", 4)
    reading.review.answering.answer("", "comment", "blurred")
    reading.settle()
    assert reading.state.answers == {("", "comment"): "blurred"}
    assert reading.kept() == [(0, "", "comment", "blurred")]


def test_an_entry_that_is_in_the_database_is_loaded_without_looking_it_up(reading: Reading) -> None:
    for uid in reading.series(1):
        reading.bench.host.store.statuses[uid] = SeriesStatus.IN_DATABASE
    before = len(reading.bench.engine.process.calls("selection.plan"))
    reading.go(1)
    assert reading.state.phase is Phase.SHOWN
    planned = reading.bench.engine.process.calls("selection.plan")[before:]
    assert [plan for plan in planned if plan["selections"][0]["ids"] == reading.series(1)] == []


def test_another_engine_opens_the_list_again(reading: Reading) -> None:
    reading.go(1)
    reading.bench.catalog.reviews.desk.close({})
    reading.review.open_again()
    reading.settle()
    assert (reading.state.phase, reading.state.number) == (Phase.SHOWN, 1)


def test_agreement_and_export_are_asked_for(reading: Reading, tmp_path: Path) -> None:
    for reader in ("A", "B"):
        reading.review.begin(reader)
        reading.settle()
        reading.review.answering.answer("", "image", 3)
        reading.settle()
    reading.review.compare_readers()
    reading.review.export(str(tmp_path / "answers.csv"))
    reading.settle()
    assert [row["readers"] for row in reading.state.agreement["rows"]] == [["A", "B"]]
    assert (tmp_path / "answers.csv").exists()
    assert "2 answers" in reading.said[-1].text


def fetched(reading: Reading) -> set[str]:
    return {uid for uid, _, _ in reading.bench.catalog.reviews.desk.review.fetched()}


def test_what_was_recorded_and_did_not_come_is_nobodys_once_fetching_was_canceled(reading: Reading) -> None:
    reading.bench.engine.process.hold("transfer.download")
    reading.go(3)
    assert set(reading.series(3)) <= fetched(reading)
    reading.go(0)
    assert fetched(reading).isdisjoint(reading.series(3))


def test_a_list_that_is_closed_while_it_fetches_leaves_no_record_of_what_has_not_come(reading: Reading) -> None:
    from IDCBrowserLib.review.review_file import ReviewFile

    kept = fetched(reading)
    reading.bench.engine.process.hold("transfer.download")
    reading.go(3)
    coming = fetched(reading) - kept
    assert coming
    reading.review.close()
    reading.settle()
    with contextlib.closing(ReviewFile(Path(reading.file))) as review:
        assert {uid for uid, _, _ in review.fetched()}.isdisjoint(coming)


def test_going_back_to_what_is_being_removed_waits_for_the_end_of_that(reading: Reading) -> None:
    store = reading.bench.host.store
    for entry in (0, 1, 2):
        store.statuses.update(dict.fromkeys(reading.series(entry), SeriesStatus.IN_DATABASE))
    store.slow_removal = True
    for entry in (1, 2, 3):
        reading.go(entry)
    assert set(reading.series(0)) <= set(reading.removed())
    reading.go(0)
    assert reading.state.phase is Phase.FETCHING
    assert store.finish_removal(), "it is stopped"
    reading.settle()
    assert (reading.state.phase, reading.state.number) == (Phase.SHOWN, 0)
    assert set(reading.series(0)) <= fetched(reading)


def test_of_an_entry_of_too_many_series_those_that_are_judged_are_loaded_and_the_rest_is_told(bench: Any, tmp_path: Path) -> None:
    """Sixty images before two segmentations, all of one study."""
    bench.start()
    rows = bench.catalog.rows["series"]
    image = next(row for row in rows if row["Modality"] == "CT")
    segmentation = next(row for row in rows if row["Modality"] == "SEG")
    for number in range(60):
        rows.append({**image, "SeriesInstanceUID": f"9.1.{number}", "crdc_series_uuid": f"many-{number}"})
    rows += [{**segmentation, "StudyInstanceUID": image["StudyInstanceUID"], "SeriesInstanceUID": f"9.2.{number}"} for number in range(2)]
    reading = Reading(bench, tmp_path)
    entry = next(number for number in range(reading.state.entries) if "9.1.0" in reading.series(number))
    for uid in reading.series(entry):
        bench.host.store.statuses[uid] = SeriesStatus.IN_DATABASE
    reading.go(entry)
    assert reading.state.phase is Phase.SHOWN
    assert {"9.2.0", "9.2.1"} <= set(reading.scene.here) and len(set(reading.scene.here)) == 50
    assert f"has {len(reading.series(entry)) - 50} series more" in reading.state.text
    warning = reading.said[0]
    assert warning.kind is Kind.WARNING, "told when the list is made, not at that entry only"
    assert warning.text.startswith(
        f"1 of {reading.state.entries} entries have more series than are loaded at once (50), up to {len(reading.series(entry))}"
    )


def test_the_segment_that_somebody_chose_is_judged_first_in_the_next_entry(reading: Reading) -> None:
    reading.review.answering.choose_segment(reading.state.segments[1].key)
    reading.go(1)
    chosen = reading.state.choice(reading.state.segment)
    assert chosen is not None and chosen.name == "Spleen"
    for digit in (4, 1):
        reading.review.answering.answer_digit(digit)
    assert reading.state.active == (chosen.key, "use")


def test_segments_that_were_gone_through_by_digits_start_with_the_first_in_the_next_entry(reading: Reading) -> None:
    for digit in (4, 1, 2, 1):
        reading.review.answering.answer_digit(digit)
    reading.go(1)
    assert reading.state.segment == reading.state.segments[0].key


def test_a_correction_is_shown_again_when_the_reader_comes_back_and_to_nobody_else(bench: Any, tmp_path: Path) -> None:
    reading = correcting(bench, tmp_path)
    bench.host.store.files["image"] = ["/image/1.dcm"]
    node = reading.scene.sources(reading.series(0))[0].node_id
    reading.go(1)
    assert reading.scene.taken == []
    reading.go(0)
    assert (reading.state.phase, reading.scene.taken) == (Phase.SHOWN, [node])
    (asked,) = bench.engine.process.calls("labelmap.convert")
    assert (asked["input"], asked["images"]) == (bench.engine.process.calls("export.export")[0]["out"], ["/image/1.dcm"])
    reading.go(1)
    assert len(bench.engine.process.calls("export.export")) == 1, "it is as it was saved"
    reading.review.begin("B")
    reading.settle()
    assert len(reading.scene.taken) == 1


def test_names_are_hidden_before_a_correction_is_read(bench: Any, tmp_path: Path) -> None:
    reading = correcting(bench, tmp_path, blinded=True)
    bench.host.store.files["image"] = ["/image/1.dcm"]
    first = reading.series(0)
    reading.go(1)
    reading.scene.blinded.clear()
    hidden: list[bool] = []
    convert = bench.engine.process.handlers["labelmap.convert"]

    def look(params: Any) -> Any:
        hidden.append(set(first) <= reading.scene.blinded)
        return convert(params)

    bench.engine.process.handlers["labelmap.convert"] = look
    reading.go(0)
    assert hidden == [True]


def test_a_correction_that_cannot_be_shown_is_told_and_the_original_stays(bench: Any, tmp_path: Path) -> None:
    reading = correcting(bench, tmp_path)
    bench.host.store.files["image"] = ["/image/1.dcm"]
    reading.go(1)
    reading.scene.fits = False
    reading.go(0)
    assert (reading.state.phase, "has another grid" in reading.state.text) == (Phase.SHOWN, True)


def test_a_list_points_to_no_correction_outside_its_folder(reading: Reading) -> None:
    from IDCBrowserLib.review.answers import Correction

    review = reading.bench.catalog.reviews.desk.review
    for number, path in enumerate(["/etc/passwd", "../x.dcm", "list-corrections/../x.dcm", "other/x.dcm", "list-corrections/good.dcm"]):
        review.corrected(Correction("A", 0, f"1.{number}", path))
    entry = reading.bench.catalog.reviews.desk.entry({"reader": "A", "entry": 0})
    assert [one["path"] for one in entry["corrections"]] == [str(Path(reading.file).with_name("list-corrections") / "good.dcm")]


def test_what_the_user_has_loaded_keeps_its_name_in_a_blinded_list(bench: Any, tmp_path: Path) -> None:
    from IDCBrowserLib.host_interface import LoadRequest

    reading = Reading(bench, tmp_path, blinded=True)
    users = reading.series(1)[0]
    bench.host.loader.requests.append(LoadRequest(users, modality="CT"))
    reading.go(1)
    assert users in reading.scene.blinded and users not in reading.scene.renamed
    assert set(reading.series(1)) - {users} <= reading.scene.renamed
