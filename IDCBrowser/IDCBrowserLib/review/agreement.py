"""How far readers agree: Cohen's kappa, weighted for ratings, and Fleiss' kappa for three or more.

Kappa is (observed - expected) / (1 - expected) agreement.

- Two readers: Cohen J. A coefficient of agreement for nominal scales. Educ Psychol Meas 1960;20:37-46. Expected agreement from the shares
  of each reader. Weighted: Cohen J. Weighted kappa. Psychol Bull 1968;70:213-220, with disagreement weights (i - j)^2 of the ratings (quadratic).
- Three or more: Fleiss JL. Measuring nominal scale agreement among many raters. Psychol Bull 1971;76:378-382. Expected agreement from
  the shares of all readers together.

Where expected agreement is complete (all answers are the same) kappa is undefined: None.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from IDCBrowserLib.review.answers import Answer
from IDCBrowserLib.review.form import Form, Question, Value

COHEN, WEIGHTED, FLEISS = "Cohen's kappa", "weighted kappa", "Fleiss' kappa"


@dataclass(frozen=True)
class Agreement:
    """One row. ``compared`` counts what all of the ``readers`` answered, ``same`` how often all said the same (0 to 1, None where nothing was
    compared)."""

    question: str
    about: str
    readers: tuple[str, ...]
    measure: str
    compared: int
    same: float | None
    kappa: float | None


def agreements(form: Form, answers: Sequence[Answer]) -> list[Agreement]:
    """For every question but texts: each pair of readers, then all of them where there are more than two."""
    found = []
    for question in form.questions:
        if question.kind == "text":
            continue
        given = _by_reader(question, answers)
        readers = sorted(given)
        for one, other in combinations(readers, 2):
            both = sorted(given[one].keys() & given[other].keys())
            found.append(_of_two(question, (one, other), [given[one][key] for key in both], [given[other][key] for key in both]))
        if len(readers) > 2:
            everywhere = sorted(set.intersection(*(set(given[reader]) for reader in readers)))
            found.append(_of_all(question, tuple(readers), [[given[reader][key] for reader in readers] for key in everywhere]))
    return found


def cohen(table: NDArray[np.float64], weights: NDArray[np.float64] | None = None) -> float | None:
    """Kappa of a table (first reader, second reader) of counts or shares; ``weights`` are of disagreement, 0 on the diagonal."""
    total = table.sum()
    if total == 0:
        return None
    shares = table / total
    weights = 1 - np.eye(len(table)) if weights is None else weights
    expected = float((weights * np.outer(shares.sum(axis=1), shares.sum(axis=0))).sum())
    return None if expected <= 1e-12 else 1 - float((weights * shares).sum()) / expected


def fleiss(counts: NDArray[np.float64]) -> float | None:
    """Kappa of (subjects, categories): how many readers put a subject into a category. Each subject has the same number of readers, at least 2."""
    if not len(counts):
        return None
    readers = float(counts[0].sum())
    shares = counts.sum(axis=0) / counts.sum()
    observed = float(((counts**2).sum(axis=1) - readers).mean() / (readers * (readers - 1)))
    expected = float((shares**2).sum())
    return None if 1 - expected <= 1e-12 else (observed - expected) / (1 - expected)


def quadratic_weights(categories: int) -> NDArray[np.float64]:
    """(i - j)^2, divided by the largest."""
    places = np.arange(categories, dtype=np.float64)
    return (places[:, None] - places[None, :]) ** 2 / max(1, categories - 1) ** 2


def _by_reader(question: Question, answers: Sequence[Answer]) -> dict[str, dict[tuple[int, str], Value]]:
    given: dict[str, dict[tuple[int, str], Value]] = {}
    for answer in answers:
        if answer.question == question.key:
            given.setdefault(answer.reader, {})[(answer.item, answer.segment)] = answer.value
    return given


def _of_two(question: Question, readers: tuple[str, str], first: Sequence[Value], second: Sequence[Value]) -> Agreement:
    values = question.values()
    table = np.zeros((len(values), len(values)))
    for one, other in zip(first, second, strict=True):
        table[values.index(one), values.index(other)] += 1
    rated = question.kind == "rating"
    kappa = cohen(table, quadratic_weights(len(values)) if rated else None)
    same = float(np.trace(table) / len(first)) if first else None
    return Agreement(question.key, question.about, readers, WEIGHTED if rated else COHEN, len(first), same, kappa)


def _of_all(question: Question, readers: tuple[str, ...], rows: Sequence[Sequence[Value]]) -> Agreement:
    values = question.values()
    counts = np.array([[row.count(value) for value in values] for row in rows], dtype=np.float64).reshape(len(rows), len(values))
    same = sum(len(set(row)) == 1 for row in rows) / len(rows) if rows else None
    return Agreement(question.key, question.about, readers, FLEISS, len(rows), same, fleiss(counts))
