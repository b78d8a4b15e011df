"""What the engine says and is no answer costs one request at most."""

from __future__ import annotations

import json
import logging
from typing import Any

import pytest

from IDCBrowserLib.api.catalog import CLOSE_VIEW, VIEW
from IDCBrowserLib.api.diagnostics import ECHO, INFO
from IDCBrowserLib.engine import protocol
from IDCBrowserLib.engine.client import EngineClient, Request
from IDCBrowserLib.errors import EngineError, NotFoundError

HELLO = b'{"hello":{"version":"0","pid":1}}\n'


class Talker:
    """A child that says what the test gives it."""

    def __init__(self) -> None:
        self.said = HELLO
        self.heard = b""
        self.running = True

    def write(self, data: bytes) -> None:
        self.heard += data

    def read(self) -> bytes:
        said, self.said = self.said, b""
        return said

    def read_errors(self) -> bytes:
        return b""

    def is_running(self) -> bool:
        return self.running

    def close(self) -> None:
        self.running = False


class Conversation:
    """A client with two questions under way; ``say`` lets the child speak."""

    def __init__(self) -> None:
        self.talkers: list[Talker] = []
        self.client = EngineClient(self._start)
        self.first: list[Any] = []
        self.second: list[Any] = []
        self.progress: list[Any] = []
        self.asked = self.client.ask(ECHO({"first": 1}), self.first.append, self.first.append, self.progress.append)
        self.other = self.client.ask(ECHO({"second": 2}), self.second.append, self.second.append)
        self.client.poll()

    def _start(self) -> Talker:
        self.talkers.append(Talker())
        return self.talkers[-1]

    def say(self, data: bytes) -> None:
        self.talkers[-1].said += data
        for _ in range(5):
            self.client.poll()

    def answer(self, request: Request, result: object = "fine") -> None:
        self.say(protocol.encode({"id": request.id, "result": result}))


@pytest.fixture
def conversation() -> Conversation:
    return Conversation()


def the_others_go_on(conversation: Conversation) -> bool:
    conversation.answer(conversation.other)
    later: list[Any] = []
    conversation.answer(conversation.client.ask(INFO({}), later.append), {"pid": 1})
    return conversation.second == ["fine"] and later == [{"pid": 1}]


@pytest.mark.parametrize(
    "line",
    [
        b"Segmentation fault",
        b"",
        b"\xff\xfe\x00\x80",
        b"[1, 2]",
        b'"text"',
        b"7",
        b"null",
        b'{"id": 99, "result": 1}',
        b'{"id": [1], "result": 1}',
        b'{"id": {"a": 1}, "result": 1}',
        b'{"id": true, "result": 1}',
        b'{"id": null, "error": {}}',
        b'{"result": 1}',
        b'{"progress": {"step": "x"}}',
        b"{}",
        b'{"id": 1, "progress": null}',
        b'{"id": 1, "progress": {"step": "x", "bogus": 1}}',
        b'{"id": 1, "progress": {"done": 1}}',
        b"[" * 100_000,
        b'{"a": NaN}',
    ],
    ids=lambda line: repr(line[:30]),
)
def test_a_line_that_concerns_nobody_changes_nothing(conversation: Conversation, line: bytes) -> None:
    conversation.say(line + b"\n")
    conversation.answer(conversation.asked)
    assert conversation.first == ["fine"]
    assert the_others_go_on(conversation)


@pytest.mark.parametrize(
    "rest",
    [
        b"}",
        b', "error": null}',
        b', "error": {"kind": "NotFoundError"}}',
        b', "error": {"kind": 5, "message": "x"}}',
        b', "error": "went wrong"}',
        b', "result": NaN}',
        b', "result": Infinity}',
        b', "result": 1' + b"0" * 5_000 + b"}",
        b', "result": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        b', "result": "\xff\xfe"}',
        b', "result": {"half": ',
    ],
    ids=lambda rest: repr(rest[:30]),
)
def test_an_answer_that_is_none_fails_its_own_request(conversation: Conversation, rest: bytes) -> None:
    conversation.say(b'{"id": 1' + rest + b"\n")
    (error,) = conversation.first
    assert isinstance(error, EngineError)
    assert the_others_go_on(conversation)


def test_an_error_keeps_its_kind_and_an_unknown_kind_is_an_error_all_the_same(conversation: Conversation) -> None:
    conversation.say(b'{"id":1,"error":{"kind":"NotFoundError","message":"not there"}}\n')
    conversation.say(b'{"id":2,"error":{"kind":"os.system","message":"odd"}}\n')
    assert isinstance(conversation.first[0], NotFoundError)
    assert isinstance(conversation.second[0], EngineError)


def test_half_a_line_before_the_end_is_lost_and_the_next_engine_begins_anew(conversation: Conversation) -> None:
    conversation.say(b'{"id": 1, "result": "ha')
    conversation.talkers[0].running = False
    conversation.client.poll()
    assert "started again" in str(conversation.first[0])
    assert len(conversation.talkers) == 2
    later: list[Any] = []
    request = conversation.client.ask(ECHO({}), later.append)
    conversation.answer(request)
    assert later == ["fine"]


def test_a_callback_that_raises_fails_its_own_request_and_is_logged(conversation: Conversation, caplog: pytest.LogCaptureFixture) -> None:
    raised: list[Exception] = []
    conversation.client.callback_raised.connect(raised.append)

    def broken(_result: object) -> None:
        raise KeyError("no such column")

    errors: list[Any] = []
    request = conversation.client.ask(ECHO({}), broken, errors.append)
    with caplog.at_level(logging.ERROR):
        conversation.answer(request)
    assert isinstance(errors[0], EngineError)
    assert "KeyError" in str(errors[0])
    assert isinstance(raised[0], KeyError)
    assert "no such column" in caplog.text
    assert the_others_go_on(conversation)


def test_a_progress_that_cannot_be_shown_is_told_once_and_the_result_still_comes(conversation: Conversation) -> None:
    told: list[Any] = []

    def broken(progress: object) -> None:
        told.append(progress)
        raise ValueError("cannot show it")

    results: list[Any] = []
    request = conversation.client.ask(ECHO({}), results.append, None, broken)
    for done in range(3):
        conversation.say(protocol.encode({"id": request.id, "progress": {"step": "x", "done": done}}))
    conversation.answer(request)
    assert len(told) == 1
    assert results == ["fine"]
    assert the_others_go_on(conversation)


def test_an_error_that_cannot_be_shown_keeps_nobody_waiting(conversation: Conversation) -> None:
    def broken(_error: object) -> None:
        raise RuntimeError("again")

    request = conversation.client.ask(ECHO({}), broken, broken)
    conversation.answer(request)
    conversation.talkers[0].running = False
    conversation.client.poll()
    assert "started again" in str(conversation.first[0]), "the death is told to all, whoever raises"
    assert conversation.client.pending == 0


def test_listeners_of_a_start_or_a_death_that_raise_stop_neither(conversation: Conversation) -> None:
    def broken(*_what: object) -> None:
        raise RuntimeError("again")

    conversation.client.ready.connect(broken)
    conversation.client.died.connect(broken)
    conversation.talkers[0].running = False
    conversation.client.poll()
    conversation.client.poll()
    assert conversation.client.is_ready


class Loop(dict[str, object]):
    def __init__(self) -> None:
        self["me"] = self


@pytest.mark.parametrize("params", [{"value": float("nan")}, {"value": float("inf")}, {"value": {1, 2}}, {"value": b"bytes"}, Loop()])
def test_a_question_that_is_no_json_fails_by_itself(conversation: Conversation, params: dict[str, object]) -> None:
    errors: list[Any] = []
    heard = conversation.talkers[0].heard
    conversation.client.ask(ECHO(params), None, errors.append)
    assert errors == [], "never inside of the question"
    conversation.client.poll()
    assert isinstance(errors[0], EngineError)
    assert conversation.talkers[0].heard == heard
    assert the_others_go_on(conversation)


def test_a_file_name_that_is_no_utf8_goes_there_and_back(conversation: Conversation) -> None:
    name = b"/data/K\xf6ln.dcm".decode("utf-8", "surrogateescape")
    results: list[Any] = []
    request = conversation.client.ask(ECHO({"file": name}), results.append)
    asked = protocol.decode(conversation.talkers[0].heard.splitlines()[-1])
    conversation.answer(request, asked["params"])
    assert results == [{"file": name}]


def test_an_answer_of_100_megabytes_arrives_whole(conversation: Conversation) -> None:
    text = ("x" * 99 + "\n") * 1_000_000
    line = protocol.encode({"id": 1, "result": text})
    for start in range(0, len(line), 1 << 16):
        conversation.talkers[0].said = line[start : start + (1 << 16)]
        conversation.client.poll()
    assert conversation.first == [text]
    assert the_others_go_on(conversation)


def test_pieces_of_a_line_are_looked_at_once() -> None:
    """What has come in already is not searched again for an end."""
    buffer = protocol.LineBuffer()
    for _ in range(200_000):
        assert buffer.feed(b"1234567890") == []
    (line,) = buffer.feed(b"\n")
    assert line == b"1234567890" * 200_000


def test_a_line_without_an_end_is_not_kept_and_fails_the_request_it_names() -> None:
    buffer = protocol.LineBuffer(limit=1000)
    assert buffer.feed(b'{"id": 7, "result": "') == []
    for _ in range(1000):
        assert buffer.feed(b"x" * 1000) == []
        assert sum(map(len, buffer._parts)) <= 1000
    long, after = buffer.feed(b'"}\n{"id": 8, "result": 1}\n')
    assert isinstance(long, protocol.TooLong)
    assert protocol.id_in(long) == 7
    assert long.size > 1_000_000
    assert protocol.decode(after) == {"id": 8, "result": 1}
    with pytest.raises(EngineError, match="ask for less"):
        protocol.decode(long)


@pytest.mark.parametrize("size", [999, 1000, 1001])
def test_the_limit_of_a_line_is_exact(size: int) -> None:
    (line,) = protocol.LineBuffer(limit=1000).feed(b"x" * size + b"\n")
    assert isinstance(line, protocol.TooLong) is (size > 1000)


def test_a_line_that_is_too_long_fails_its_request_alone(conversation: Conversation, monkeypatch: pytest.MonkeyPatch) -> None:
    conversation.client._buffer = protocol.LineBuffer(limit=500)
    conversation.say(protocol.encode({"id": 1, "result": "x" * 1000}))
    assert "ask for less" in str(conversation.first[0])
    assert the_others_go_on(conversation)


def test_what_is_too_large_is_not_even_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "MAX_LINE", 1 << 20)
    with pytest.raises(EngineError, match="more than the 1 MB"):
        protocol.encode({"id": 1, "result": "x" * (1 << 20)})


def test_answers_are_delivered_within_the_budget_of_a_poll() -> None:
    now = [0.0]
    talker = Talker()
    client = EngineClient(lambda: talker, clock=lambda: now[0])
    got: list[Any] = []

    def slow(result: object) -> None:
        got.append(result)
        now[0] += 0.003

    for number in range(1, 11):
        client.ask(ECHO({}), slow)
        talker.said += protocol.encode({"id": number, "result": number})
    client.poll(budget_s=0.008)
    assert got == [1, 2, 3]
    client.poll(budget_s=0.008)
    assert got == [1, 2, 3, 4, 5, 6]


def test_the_answer_to_a_canceled_question_is_closed_if_it_comes_all_the_same(conversation: Conversation) -> None:
    taken: list[object] = []
    request = conversation.client.ask(VIEW({"level": "series"}), taken.append)
    request.cancel()
    conversation.answer(request, {"view": 7})
    assert taken == []
    asked = json.loads(conversation.talkers[-1].heard.splitlines()[-1])
    assert (asked["method"], asked["params"]) == (CLOSE_VIEW.name, {"view": 7})


@pytest.mark.parametrize("result", [{}, None, [], "fine"])
def test_an_answer_without_a_handle_to_a_canceled_question_costs_nothing(conversation: Conversation, result: object) -> None:
    request = conversation.client.ask(VIEW({"level": "series"}))
    request.cancel()
    conversation.answer(request, result)
    assert the_others_go_on(conversation)
