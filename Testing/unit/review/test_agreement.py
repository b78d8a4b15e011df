"""Kappa against worked examples of the literature, and against a second computation from the definitions."""

from __future__ import annotations

import random
from itertools import product

import numpy as np
import pytest

from IDCBrowserLib.review.agreement import COHEN, FLEISS, WEIGHTED, agreements, cohen, fleiss, quadratic_weights
from IDCBrowserLib.review.answers import Answer
from IDCBrowserLib.review.form import Form, Question

# Psychiatric diagnoses of 30 patients by 6 raters (Fleiss 1971, table 1): depression, personality disorder, schizophrenia, neurosis, other.
FLEISS_1971 = [
    [0, 0, 0, 6, 0], [0, 3, 0, 0, 3], [0, 1, 4, 0, 1], [0, 0, 0, 0, 6], [0, 3, 0, 3, 0],
    [2, 0, 4, 0, 0], [0, 0, 4, 0, 2], [2, 0, 3, 1, 0], [2, 0, 0, 4, 0], [0, 0, 0, 0, 6],
    [1, 0, 0, 5, 0], [1, 1, 0, 4, 0], [0, 3, 3, 0, 0], [1, 0, 0, 5, 0], [0, 2, 0, 3, 1],
    [0, 0, 5, 0, 1], [3, 0, 0, 1, 2], [5, 1, 0, 0, 0], [0, 2, 0, 4, 0], [1, 0, 2, 0, 3],
    [0, 0, 0, 0, 6], [0, 1, 0, 5, 0], [0, 2, 0, 1, 3], [2, 0, 0, 4, 0], [1, 0, 0, 4, 1],
    [0, 5, 0, 1, 0], [4, 0, 0, 0, 2], [0, 2, 0, 4, 0], [1, 0, 5, 0, 0], [0, 0, 0, 0, 6],
]  # fmt: skip


def test_cohen_1960_has_kappa_0492() -> None:
    shares = np.array([[0.44, 0.07, 0.09], [0.05, 0.20, 0.05], [0.01, 0.03, 0.06]])
    assert cohen(shares) == pytest.approx(0.492, abs=5e-4)


def test_cohen_1968_has_weighted_kappa_0348() -> None:
    shares = np.array([[0.44, 0.07, 0.09], [0.05, 0.20, 0.05], [0.01, 0.03, 0.06]])
    weights = np.array([[0.0, 1, 3], [1, 0, 6], [3, 6, 0]])
    assert cohen(shares, weights) == pytest.approx(0.348, abs=5e-4)


def test_fleiss_1971_has_kappa_0430() -> None:
    assert fleiss(np.array(FLEISS_1971, dtype=float)) == pytest.approx(0.430, abs=5e-4)


def test_quadratic_kappa_of_equal_margins_is_the_correlation() -> None:
    """Fleiss and Cohen, The equivalence of weighted kappa and the intraclass correlation coefficient, 1973."""
    one, other = [1, 2, 3, 4, 5, 5, 4, 3, 2, 1], [2, 1, 3, 5, 4, 5, 4, 2, 3, 1]
    assert sorted(one) == sorted(other)
    table = np.zeros((5, 5))
    for first, second in zip(one, other, strict=True):
        table[first - 1, second - 1] += 1
    assert cohen(table, quadratic_weights(5)) == pytest.approx(np.corrcoef(one, other)[0, 1])


def test_kappa_equals_that_of_all_pairs_counted_one_by_one() -> None:
    drawn = random.Random(7)
    one, other = ([drawn.randint(1, 5) for _ in range(200)] for _ in range(2))
    table = np.zeros((5, 5))
    for first, second in zip(one, other, strict=True):
        table[first - 1, second - 1] += 1
    seen = sum((first - second) ** 2 for first, second in zip(one, other, strict=True)) / 200
    expected = sum((first - second) ** 2 for first, second in product(one, other)) / 200**2
    assert cohen(table, quadratic_weights(5)) == pytest.approx(1 - seen / expected)


def test_without_variation_kappa_is_undefined() -> None:
    assert cohen(np.array([[9.0, 0], [0, 0]])) is None
    assert fleiss(np.array([[3.0, 0], [3, 0]])) is None
    assert cohen(np.zeros((2, 2))) is None
    assert fleiss(np.zeros((0, 2))) is None


def test_readers_who_never_agree_are_below_chance() -> None:
    assert cohen(np.array([[0.0, 5], [5, 0]])) == -1.0


def _said(reader: str, values: list[object], question: str = "use", segment: str = "") -> list[Answer]:
    return [Answer(reader, number, segment, question, value) for number, value in enumerate(values) if value is not None]  # type: ignore[arg-type]


def test_every_pair_and_all_together_are_compared_on_what_they_answered() -> None:
    form = Form((Question("use", "Use", "choice", "case", ("yes", "no")), Question("comment", "Comment", "text")))
    answers = [
        *_said("A", ["yes", "no", "yes", "no"]),
        *_said("B", ["yes", "no", "no", None]),
        *_said("C", [None, "no", "yes", "no"]),
        *_said("A", ["one"], "comment"),
        *_said("B", ["other"], "comment"),
    ]
    found = agreements(form, answers)
    assert [(one.readers, one.measure, one.compared) for one in found] == [
        (("A", "B"), COHEN, 3),
        (("A", "C"), COHEN, 3),
        (("B", "C"), COHEN, 2),
        (("A", "B", "C"), FLEISS, 2),
    ]
    assert found[0].same == pytest.approx(2 / 3)
    assert found[0].kappa == pytest.approx(0.4)
    assert found[1].kappa == 1.0


def test_ratings_are_weighted_and_segments_are_told_apart() -> None:
    form = Form((Question("quality", "Quality", "rating", "segment"),))
    answers = [*_said("A", [1, 5], "quality", "1.2/1"), *_said("B", [1, 5], "quality", "1.2/1"), *_said("B", [3], "quality", "1.2/2")]
    (row,) = agreements(form, answers)
    assert (row.measure, row.compared, row.same, row.kappa) == (WEIGHTED, 2, 1.0, 1.0)


def test_two_readers_of_other_entries_have_nothing_to_compare() -> None:
    form = Form((Question("use", "Use", "flag"),))
    (row,) = agreements(form, [Answer("A", 0, "", "use", True), Answer("B", 1, "", "use", True)])
    assert (row.compared, row.same, row.kappa) == (0, None, None)
