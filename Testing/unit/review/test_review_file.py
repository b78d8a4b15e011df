"""The file of a review list: answers of several readers, resumed, locked, refused with a sentence."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from helpers.made_review import FORM, made_items, made_list

from IDCBrowserLib.errors import InputError, NotFoundError
from IDCBrowserLib.review.answers import Correction, Segment
from IDCBrowserLib.review.review_file import ReviewFile, Settings


@pytest.fixture
def review(tmp_path: Path) -> Iterator[ReviewFile]:
    opened = ReviewFile(made_list(tmp_path / "list.idcreview"))
    yield opened
    opened.close()


def test_a_list_comes_back_with_its_form_and_its_order(review: ReviewFile) -> None:
    assert (review.count, review.settings.name, review.settings.form) == (20, "Twenty cases", FORM)
    assert [item.name for item in review.items(18, 30)] == ["demo/CASE-018", "demo/CASE-019"]
    assert review.item(3).series == made_items(20)[3].series


def test_an_entry_of_a_number_that_no_file_takes_is_one_sentence(review: ReviewFile) -> None:
    for ask in (review.item, review.segments, lambda number: review.spend("A", number, 1.0)):
        with pytest.raises(InputError, match="no entry"):
            ask(10**30)


def test_a_reader_goes_on_where_the_reader_stopped(review: ReviewFile) -> None:
    assert review.begin("Reader One") == 0
    review.go_to("Reader One", 7)
    review.begin("Reader Two")
    review.close()
    again = ReviewFile(review.path)
    assert again.begin("  Reader   One ") == 7
    assert again.readers() == ["Reader One", "Reader Two"]
    again.close()


def test_answers_are_kept_changed_and_taken_back(review: ReviewFile) -> None:
    review.begin("A")
    review.answer("A", 0, "", "image", 3)
    review.answer("A", 0, "", "image", 4)
    review.answer("A", 0, "1.2/1", "use", "not usable")
    review.answer("A", 2, "", "discuss", True)
    review.answer("A", 2, "", "discuss", None)
    assert [(one.item, one.segment, one.question, one.value) for one in review.answers("A")] == [
        (0, "", "image", 4),
        (0, "1.2/1", "use", "not usable"),
    ]
    assert review.answered("A") == 1
    assert review.next_without_answers("A", 19) == 1
    assert review.answers("B") == []


@pytest.mark.parametrize(
    ("number", "segment", "question", "value"),
    [(0, "", "image", 6), (0, "", "nothing", 1), (0, "1.2/1", "image", 3), (0, "", "use", "not usable"), (20, "", "image", 3), (-1, "", "image", 3)],
)
def test_what_the_form_does_not_ask_is_refused(review: ReviewFile, number: int, segment: str, question: str, value: int | str) -> None:
    with pytest.raises(InputError):
        review.answer("A", number, segment, question, value)
    assert review.answers() == []


def test_time_adds_up_by_reader_and_entry(review: ReviewFile) -> None:
    review.spend("A", 1, 2.5)
    review.spend("A", 1, 1.5)
    review.spend("B", 1, 9.0)
    assert review.seconds() == {("A", 1): 4.0, ("B", 1): 9.0}
    for wrong in (-1.0, float("nan"), float("inf")):
        with pytest.raises(InputError):
            review.spend("A", 1, wrong)


def test_a_segment_with_a_name_of_4000_letters_keeps_it(review: ReviewFile) -> None:
    review.learn_segments(0, [Segment("1.2/1", "L" * 4000, "Liver (SCT 10200004)", "1.3", "1.2", "1.2.840.10008.5.1.4.1.1.66.4", 1, "1.4")])
    assert review.segments(0)[0][0].name == "L" * 4000
    review.learn_segments(0, [Segment("1.2/2", "Spleen")])
    assert [one.key for one in review.segments()[0]] == ["1.2/2", "1.2/1"]


def test_what_was_fetched_and_corrected_is_remembered(review: ReviewFile) -> None:
    review.fetching(4, [("1.5", 100), ("1.6", 50)])
    review.fetching(4, [("1.5", 100)])
    review.removed(["1.6"])
    assert review.fetched() == [("1.5", 4, 100)]
    review.corrected(Correction("A", 4, "1.5", "list-corrections/a.dcm"))
    assert review.corrections(4) == [Correction("A", 4, "1.5", "list-corrections/a.dcm")]
    assert review.corrections(5) == []


def test_a_second_program_is_told(review: ReviewFile) -> None:
    with pytest.raises(InputError, match="open in another program"):
        ReviewFile(review.path)
    review.close()
    ReviewFile(review.path).close()


def test_a_file_of_a_newer_version_is_refused_and_not_touched(tmp_path: Path) -> None:
    path = made_list(tmp_path / "list.idcreview")
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version = 2")
    connection.close()
    before = path.read_bytes()
    with pytest.raises(InputError, match="newer version"):
        ReviewFile(path)
    assert path.read_bytes() == before
    assert [one.name for one in tmp_path.iterdir()] == ["list.idcreview"]


def test_other_files_are_refused(tmp_path: Path) -> None:
    (tmp_path / "text.idcreview").write_text("no database at all " * 100)
    with pytest.raises(InputError, match=r"damaged or is not"):
        ReviewFile(tmp_path / "text.idcreview")
    with sqlite3.connect(tmp_path / "other.db") as connection:
        connection.execute("CREATE TABLE theirs (a)")
    connection.close()
    with pytest.raises(InputError, match="is not a review list"):
        ReviewFile(tmp_path / "other.db")
    with pytest.raises(NotFoundError):
        ReviewFile(tmp_path / "missing.idcreview")
    (tmp_path / "empty.idcreview").touch()
    with pytest.raises(InputError):
        ReviewFile(tmp_path / "empty.idcreview")


@pytest.mark.parametrize(
    "statement",
    ["UPDATE about SET value = '{' WHERE key = 'form'", "DROP TABLE answers", "DELETE FROM about", "UPDATE items SET series = '[[1,2,3,4,5,6,7,8]]'"],
)
def test_a_damaged_list_is_a_sentence(tmp_path: Path, statement: str) -> None:
    path = made_list(tmp_path / "list.idcreview")
    connection = sqlite3.connect(path)
    connection.execute(statement)
    connection.commit()
    connection.close()
    with pytest.raises(InputError, match="damaged"):
        opened = ReviewFile(path)
        try:
            opened.item(0)
            opened.answers()
        finally:
            opened.close()


def test_an_empty_file_is_no_list_and_stays_empty(tmp_path: Path) -> None:
    path = tmp_path / "mine.idcreview"
    path.touch()
    with pytest.raises(InputError, match="it is empty"):
        ReviewFile(path)
    assert path.stat().st_size == 0 and list(tmp_path.iterdir()) == [path]
    with pytest.raises(NotFoundError, match="it is not a file"):
        ReviewFile(tmp_path)


def test_a_list_takes_the_place_of_no_file(tmp_path: Path) -> None:
    path = tmp_path / "mine.idcreview"
    path.write_text("mine")
    with pytest.raises(InputError, match="exists already"):
        made_list(path)
    assert path.read_text() == "mine"


def test_an_empty_list_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="nothing to review"):
        ReviewFile.create(tmp_path / "list.idcreview", Settings("Empty", FORM), [])
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["", "   ", "x" * 65, "bell\x07"])
def test_a_reader_needs_a_name(review: ReviewFile, name: str) -> None:
    with pytest.raises(InputError, match="needs a name"):
        review.begin(name)


def test_ten_thousand_entries_are_made_and_one_is_read(tmp_path: Path) -> None:
    opened = ReviewFile(made_list(tmp_path / "long.idcreview", 10_000))
    assert opened.item(9_999).name == "demo/CASE-9999"
    opened.begin("A")
    assert opened.next_without_answers("A", 9_999) == 0
    opened.close()


def test_what_was_fetched_for_a_copy_on_another_computer_is_not_removed_here(review: ReviewFile) -> None:
    review.fetching(0, [("1.5", 100)])
    review.close()
    elsewhere = ReviewFile(review.path, computer="another")
    assert elsewhere.fetched() == []
    elsewhere.fetching(1, [("1.5", 100), ("1.6", 200)])
    elsewhere.removed(["1.5"])
    elsewhere.close()
    again = ReviewFile(review.path)
    assert again.fetched() == [("1.5", 0, 100)]
    again.close()


@pytest.mark.parametrize(
    ("question", "value"), [("image", "9"), ("image", '"fine"'), ("image", "[1]"), ("discuss", "1"), ("nothing", "3"), (b"image", "3")]
)
def test_an_answer_that_the_form_does_not_have_is_damage_and_a_sentence(review: ReviewFile, question: str | bytes, value: str) -> None:
    review.close()
    with contextlib.closing(sqlite3.connect(review.path)) as connection, connection:
        connection.execute("INSERT INTO answers VALUES ('A', 0, '', ?, ?, '')", (question, value))
    again = ReviewFile(review.path)
    with contextlib.closing(again), pytest.raises(InputError, match=r"is damaged: (an answer of entry|a value in it)"):
        again.answers()


@pytest.mark.parametrize("series", ['[["1.2", "1.2", "CT", "", "", "many"]]', '[["1.2"]]', '[["1.2", "1.2", "CT", "", "", 5, 6]]', "[1]", "{"])
def test_an_entry_of_series_that_make_no_sense_is_damage_and_a_sentence(review: ReviewFile, series: str) -> None:
    review.close()
    with contextlib.closing(sqlite3.connect(review.path)) as connection, connection:
        connection.execute("UPDATE items SET series = ? WHERE number = 3", (series,))
    again = ReviewFile(review.path)
    with contextlib.closing(again), pytest.raises(InputError, match="damaged: entry 4 cannot be read"):
        again.item(3)


def _answered(path: Path) -> Path:
    """A list with a row in each of its tables."""
    made_list(path, 2)
    with contextlib.closing(ReviewFile(path, computer="here")) as review:
        review.begin("A")
        review.answer("A", 0, "", "image", 3)
        review.spend("A", 0, 1.0)
        review.fetching(0, [("1.2.0.1", 10)])
        review.learn_segments(0, [Segment("k", "Liver", "1", "1.2.0.2", "1.2.0.2.1", "seg", 1, "1.2.0.1")])
        review.corrected(Correction("A", 0, "1.2.0.2", "x-corrections/1.dcm"))
    return path


@pytest.mark.parametrize(
    ("changed", "ask"),
    [
        ("UPDATE readers SET place = 'first'", lambda review: review.begin("A")),
        ("UPDATE readers SET place = 1e400", lambda review: review.begin("A")),
        ("UPDATE readers SET name = x'ff'", lambda review: review.readers()),
        ("UPDATE visits SET seconds = 'long'", lambda review: review.seconds_of("A", 0)),
        ("UPDATE visits SET seconds = 1e400", lambda review: review.seconds()),
        ("UPDATE visits SET item = 'none'", lambda review: review.seconds()),
        ("UPDATE fetched SET bytes = 'many'", lambda review: review.fetched()),
        ("UPDATE fetched SET series = x'00'", lambda review: review.fetched()),
        ("UPDATE segments SET number = 'x'", lambda review: review.segments()),
        ("UPDATE segments SET name = x'ff'", lambda review: review.segments(0)),
        ("UPDATE answers SET item = 1e400", lambda review: review.answers()),
        ("UPDATE answers SET changed = x'ff'", lambda review: review.answers("A")),
        ("UPDATE corrections SET path = x'ff'", lambda review: review.corrections()),
        ("UPDATE items SET name = x'ff'", lambda review: review.item(0)),
        ('UPDATE items SET series = \'[["1","2","CT","","",1e400]]\'', lambda review: review.item(0)),
    ],
)
def test_a_value_of_another_kind_is_a_sentence_about_the_file(changed: str, ask: Callable[[ReviewFile], object], tmp_path: Path) -> None:
    """Columns of SQLite take values of any kind; infinity is written as 1e400."""
    path = _answered(tmp_path / "a.idcreview")
    with contextlib.closing(sqlite3.connect(path)) as connection, connection:
        assert connection.execute(changed).rowcount
    with contextlib.closing(ReviewFile(path, computer="here")) as review, pytest.raises(InputError, match=r"a\.idcreview is damaged"):
        ask(review)


@pytest.mark.parametrize(
    "added",
    [
        "DROP TABLE items; CREATE VIEW items AS WITH RECURSIVE n (number) AS (SELECT 1 UNION ALL SELECT number + 1 FROM n) SELECT number FROM n",
        "CREATE TRIGGER more AFTER INSERT ON answers BEGIN DELETE FROM answers; END",
    ],
)
def test_a_list_that_would_be_read_for_ever_or_change_by_itself_is_refused(added: str, tmp_path: Path) -> None:
    path = _answered(tmp_path / "a.idcreview")
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.executescript(added)
    before = path.read_bytes()
    with pytest.raises(InputError, match=r"not a review list .* views or triggers"):
        ReviewFile(path)
    assert path.read_bytes() == before


@pytest.mark.skipif(os.name == "nt", reason="no such rights on Windows")
def test_a_list_is_a_file_for_others_and_no_program(tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        assert made_list(tmp_path / "a.idcreview", 1).stat().st_mode & 0o777 == 0o644
    finally:
        os.umask(before)
