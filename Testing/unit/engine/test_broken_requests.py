"""What the host says and is no request costs one request at most: the engine goes on."""

from __future__ import annotations

import io
import json
import time
from typing import Any

import pytest

from IDCBrowserLib.api.checking import wrong_parameter
from IDCBrowserLib.api.diagnostics import ECHO
from IDCBrowserLib.engine import answers, protocol
from IDCBrowserLib.engine.child import Engine
from IDCBrowserLib.task import Progress


class Pipe(io.BytesIO):
    """Stays open for its reader until the answers that the test waits for are there."""

    def __init__(self, data: bytes, output: io.BytesIO, wait_for: int) -> None:
        super().__init__(data)
        self._output = output
        self._wait_for = wait_for

    def read1(self, size: int | None = -1) -> bytes:
        data = super().read1(size)
        end = time.monotonic() + 20
        while not data and self._ended() < self._wait_for and time.monotonic() < end:
            time.sleep(0.002)
        return data

    def _ended(self) -> int:
        said = self._output.getvalue()
        return said.count(b',"result":') + said.count(b',"error":')


def served(*lines: bytes, answers: int) -> list[dict[str, Any]]:
    """Everything the engine says to these lines, without its greeting; it is waited for so many answers."""
    output = io.BytesIO()
    Engine({}, output).serve(Pipe(b"".join(line + b"\n" for line in lines), output, answers))
    return [json.loads(line) for line in output.getvalue().splitlines()][1:]


def asked(number: int, method: str = "engine.echo", **params: object) -> bytes:
    return protocol.encode({"id": number, "method": method, "params": params}).rstrip(b"\n")


@pytest.mark.parametrize(
    "line",
    [
        b"hello?",
        b"\xff\xfe",
        b"[]",
        b"7",
        b"{}",
        b'{"method": "engine.echo", "params": {}}',
        b'{"id": "1", "method": "engine.echo", "params": {}}',
        b'{"id": true, "method": "engine.echo", "params": {}}',
        b'{"id": [2], "method": "engine.echo", "params": {}}',
        b'{"id": -5, "method": "engine.echo", "params": {}}',
        b'{"cancel": 99}',
        b'{"cancel": [1]}',
        b'{"cancel": {}}',
        b"[" * 100_000,
    ],
    ids=lambda line: repr(line[:30]),
)
def test_a_line_without_a_number_is_passed_over(line: bytes) -> None:
    assert served(line, asked(1, word="fine"), answers=1) == [{"id": 1, "result": {"word": "fine"}}]


@pytest.mark.parametrize(
    "rest",
    [
        b"}",
        b', "method": "engine.nothing", "params": {}}',
        b', "method": ["engine.echo"], "params": {}}',
        b', "method": "engine.echo"}',
        b', "method": "engine.echo", "params": [1]}',
        b', "method": "engine.echo", "params": {"value": NaN}}',
        b', "method": "engine.echo", "params": {"value": 1' + b"0" * 5_000 + b"}}",
        b', "method": "engine.echo", "params": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        b', "method": "engine.ec',
        b', "method": "catalog.page", "params": {"view": "nine"}}',
    ],
    ids=lambda rest: repr(rest[:30]),
)
def test_a_request_that_is_none_is_refused_by_its_number(rest: bytes) -> None:
    said = served(b'{"id": 1' + rest, asked(2, word="fine"), answers=2)
    by_number = {message["id"]: message for message in said}
    assert by_number[1]["error"]["kind"] in ("EngineError", "NotFoundError", "InputError")
    assert by_number[2] == {"id": 2, "result": {"word": "fine"}}


def test_a_number_that_is_taken_disturbs_nobody() -> None:
    said = served(asked(1, seconds=0.3, word="first"), asked(1, word="second"), asked(2, word="other"), answers=2)
    results = [message for message in said if "progress" not in message]
    assert results == [{"id": 1, "result": {"seconds": 0.3, "word": "first"}}, {"id": 2, "result": {"word": "other"}}]


def test_a_request_without_an_end_is_refused_and_the_next_one_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "MAX_LINE", 100_000)
    monkeypatch.setattr(protocol.LineBuffer.__init__, "__defaults__", (100_000,))
    said = served(b'{"id": 1, "method": "engine.echo", "params": {"x": "' + b"x" * 1_000_000 + b'"}}', asked(2, word="fine"), answers=2)
    assert "ask for less" in said[0]["error"]["message"]
    assert said[1] == {"id": 2, "result": {"word": "fine"}}


def test_an_answer_that_is_too_large_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "MAX_LINE", 100_000)
    answers.load(ECHO)
    monkeypatch.setitem(answers._FUNCTIONS, "engine.echo", lambda state, params, task: {"x": "x" * params["size"]})
    said = served(asked(1, size=200_000), asked(2, size=1), answers=2)
    assert "ask for less" in said[0]["error"]["message"]
    assert said[1]["result"] == {"x": "x"}


@pytest.mark.parametrize("result", [{"value": float("nan")}, {"value": {1}}, b"bytes", object()])
def test_an_answer_that_is_no_json_is_an_internal_error(monkeypatch: pytest.MonkeyPatch, result: object) -> None:
    answers.load(ECHO)
    monkeypatch.setitem(answers._FUNCTIONS, "engine.echo", lambda state, params, task: params if params else result)
    said = served(asked(1), asked(2, word="fine"), answers=2)
    assert "Internal error" in said[0]["error"]["message"]
    assert said[1]["result"] == {"word": "fine"}


def test_a_progress_that_is_no_json_does_not_stop_the_work(monkeypatch: pytest.MonkeyPatch) -> None:
    def work(state: object, params: object, task: Any) -> object:
        task.report(Progress("x", done=float("nan"), details={"a": 1}))
        return {"done": True}

    answers.load(ECHO)
    monkeypatch.setitem(answers._FUNCTIONS, "engine.echo", work)
    assert served(asked(1), answers=1) == [{"id": 1, "result": {"done": True}}]


@pytest.mark.parametrize(
    ("method", "params", "said"),
    [
        (
            "catalog.page",
            {"view": "nine", "offset": 0, "limit": 5},
            "catalog.page cannot be answered, since of its parameters view is 'nine' and not int.",
        ),
        ("catalog.page", {"offset": 0, "limit": 5}, "view is missing"),
        ("catalog.details", {"level": "series", "id": "1.2", "ID": "1.2"}, "ID is not declared in"),
        (
            "labelmap.convert",
            {"input": "x.dcm", "segments": [1, "two"]},
            "labelmap.convert cannot be answered, since of its parameters segments[1] is",
        ),
        ("labelmap.drawn", {"files": "x.dcm"}, "files is 'x.dcm' and no list"),
        ("selection.plan", {"sources": ["x"], "content": {"with_references": 1}}, "content.with_references is 1 and not bool"),
        ("transfer.pause", {"job": [1]}, "job is [1] and not str"),
        ("transfer.enqueue", {}, "transfer.enqueue cannot be answered, since of its parameters plan is missing."),
        ("working_set.open", {"sources": []}, "since of its parameters rows is missing."),
    ],
)
def test_parameters_of_another_type_are_named_with_their_method(method: str, params: dict[str, object], said: str) -> None:
    (answer,) = served(asked(1, method, **params), answers=1)
    assert answer["error"]["kind"] == "EngineError"
    assert said in answer["error"]["message"]


def test_a_hundred_thousand_ids_are_checked_as_declared() -> None:
    ids: list[object] = [f"1.2.{number}" for number in range(100_000)]
    params = {"selections": [{"level": "series", "ids": ids}]}
    assert wrong_parameter("cart.add", params) == ""
    ids[99_999] = None
    assert "None" in wrong_parameter("cart.add", params)


@pytest.mark.parametrize(
    ("method", "params", "kind"),
    [
        ("labelmap.describe", {"input": "A" * 5000}, ("StorageError", "ConversionError", "NotFoundError")),
        ("transfer.room", {"to": "A" * 5000}, ("StorageError", "InputError")),
        ("store.clean", {"folder": "x", "database": "x", "inventory": -1, "leftovers": [7]}, ("NotFoundError", "InputError")),
    ],
)
def test_names_that_the_system_refuses_are_no_internal_error(method: str, params: dict[str, object], kind: tuple[str, ...]) -> None:
    answer = served(asked(1, method, **params), answers=1)[-1]  # after its progress
    assert "result" in answer or ("nternal" not in answer["error"]["message"] and answer["error"]["kind"] in kind)


def test_a_download_of_no_such_name_is_forgotten_without_a_word() -> None:
    assert served(asked(1, "transfer.forget", job="x"), asked(2, "working_set.close", set=-1), answers=2)[0]["result"] == {}


@pytest.mark.parametrize(
    ("method", "params", "said"),
    [
        ("catalog.view", {"level": "series", "order_by": [[]]}, "order_by[0] is [] and no list of 2."),
        ("catalog.rows", {"view": 1, "ranges": [[0, 1], []], "columns": []}, "ranges[1] is [] and no list of 2."),
        ("catalog.rows", {"view": 1 << 63, "ranges": [], "columns": []}, "view is 9223372036854775808 and not int."),
        (
            "clinical.facet",
            {"column": "clinical:Stage", "filters": {}, "unit": "patients", "collections": []},
            "unit is 'patients' and not one of 'series', 'studies', 'cases'.",
        ),
        ("expert.ids", {"view": 1, "ranges": [[3]]}, "ranges[0] is [3] and no list of 2."),
    ],
)
def test_parameters_of_another_length_or_word_are_named(method: str, params: dict[str, object], said: str) -> None:
    assert said in wrong_parameter(method, params)
