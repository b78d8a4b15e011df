"""What the window opens in the engine is closed when it shows something else."""

from __future__ import annotations

from typing import Any

import pytest

from IDCBrowserLib.api import catalog, expert, selection
from IDCBrowserLib.api.closing import closing, opens
from IDCBrowserLib.api.method import Question


@pytest.mark.parametrize(
    ("method", "result", "question"),
    [
        (catalog.VIEW.name, {"view": 3}, catalog.CLOSE_VIEW({"view": 3})),
        (selection.PLAN.name, {"plan": 4}, selection.CLOSE_PLAN({"plan": 4})),
        (expert.RUN.name, {"view": 5}, expert.CLOSE({"view": 5})),
    ],
)
def test_each_answer_with_a_handle_has_a_question_that_closes_it(method: str, result: object, question: Question[Any]) -> None:
    assert opens(method)
    assert closing(method, result) == question
    assert not opens(catalog.PAGE.name)
