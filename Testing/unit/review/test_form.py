"""The form of a review list: read, written, refused with a sentence."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from IDCBrowserLib.dicom.code import Code
from IDCBrowserLib.errors import InputError
from IDCBrowserLib.review.form import Form, Question, default_form, form_of, free_key, read_form, write_form

RATING: dict[str, Any] = {"key": "quality", "text": "Quality", "kind": "rating"}
CHOICE: dict[str, Any] = {"key": "use", "text": "Use", "kind": "choice", "about": "segment", "options": ["yes", "no"]}


def test_a_form_comes_back_from_its_file(tmp_path: Path) -> None:
    form = Form((*default_form().questions, Question("coded", "Coded", "rating", "case", (), 0, 9, Code("111013", "DCM", "Rating"))))
    write_form(tmp_path / "form.json", form)
    assert read_form(tmp_path / "form.json") == form


def test_a_rating_goes_from_1_to_5_unless_it_says_otherwise() -> None:
    assert form_of({"questions": [RATING]}).questions[0].values() == (1, 2, 3, 4, 5)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"key": "Has Blanks"}, "needs a key"),
        ({"key": "a" * 17}, "needs a key"),
        ({"kind": "slider"}, "unknown kind"),
        ({"about": "study"}, 'use "case" or "segment"'),
        ({"text": " "}, "needs a text"),
        ({"text": "x" * 201}, "needs a text"),
        ({"from": 5, "to": 5}, "to a higher one"),
        ({"from": 0, "to": 10}, "to a higher one"),
        ({"from": True}, "to a higher one"),
        ({"kind": "choice", "options": ["only"]}, "2 to 30 options"),
        ({"kind": "choice", "options": ["same", "same"]}, "the same"),
        ({"code": {"value": "1"}}, "a code has"),
        ({"code": "111013"}, "a code has"),
    ],
)
def test_a_question_that_is_wrong_is_named(change: dict[str, Any], sentence: str) -> None:
    with pytest.raises(InputError, match=sentence) as raised:
        form_of({"questions": [RATING | change]}, "form.json")
    assert "form.json: question 1" in str(raised.value)


@pytest.mark.parametrize("document", [None, [], {}, {"questions": []}, {"questions": "many"}, {"questions": [1]}, {"questions": [RATING] * 51}])
def test_what_is_no_form_is_refused(document: object) -> None:
    with pytest.raises(InputError):
        form_of(document)


def test_two_questions_of_one_key_are_refused() -> None:
    with pytest.raises(InputError, match="two questions have the key"):
        form_of({"questions": [RATING, RATING]})


def test_a_file_that_is_no_json_is_refused(tmp_path: Path) -> None:
    (tmp_path / "deep.json").write_text("[" * 100_000)
    with pytest.raises(InputError):
        read_form(tmp_path / "deep.json")
    (tmp_path / "form.json").write_text(json.dumps({"questions": [CHOICE]}))
    assert read_form(tmp_path / "form.json").questions[0].options == ("yes", "no")


@pytest.mark.parametrize(
    ("question", "right", "wrong"),
    [
        (Question("a", "A", "rating"), [1, 5], [0, 6, True, "3", 2.0, None]),
        (Question("a", "A", "flag"), [True, False], [1, 0, "yes"]),
        (Question("a", "A", "choice", "case", ("x", "y")), ["x"], ["z", 0, True]),
        (Question("a", "A", "text"), ["anything"], [1, True, None, ["x"]]),
    ],
)
def test_only_answers_of_the_question_are_taken(question: Question, right: list[object], wrong: list[object]) -> None:
    assert [question.checked(value) for value in right] == right
    for value in wrong:
        with pytest.raises(InputError, match="not an answer"):
            question.checked(value)


def test_a_new_question_gets_a_key_of_its_own_words() -> None:
    assert free_key("Quality of the liver!", set()) == "quality_of_th"
    assert free_key("Quality of the liver!", {"quality_of_th"}) == "quality_of_th2"
    assert free_key("3 T", set()) == "q_3_t"
    assert free_key("\u8d28\u91cf", set()) == "question"
