"""The host's side of the pipe, against the real child and against children that misbehave."""

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from IDCBrowserLib.api.diagnostics import ECHO
from IDCBrowserLib.api.method import Question
from IDCBrowserLib.engine import protocol
from IDCBrowserLib.engine.client import EngineClient
from IDCBrowserLib.engine.popen import PopenEngineProcess, child_command
from IDCBrowserLib.errors import CancelledError, EngineError


def poll_until(client: EngineClient, condition: Callable[[], bool], seconds: float = 20.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "nothing happened in time"
        client.poll()
        time.sleep(0.005)


class Answers(list[Any]):
    """Collects what callbacks get."""

    def ask(self, client: EngineClient, method: str, **params: Any) -> Any:
        return client.ask(Question(method, params), self.append, self.append)


class StartedEngines:
    def __init__(self) -> None:
        self.processes: list[PopenEngineProcess] = []

    def __call__(self) -> PopenEngineProcess:
        self.processes.append(PopenEngineProcess(child_command({})))
        return self.processes[-1]


@pytest.fixture
def engines() -> StartedEngines:
    return StartedEngines()


@pytest.fixture
def client(engines: StartedEngines) -> Iterator[EngineClient]:
    client = EngineClient(engines)
    yield client
    client.close()


def test_a_request_gets_its_own_answer(client: EngineClient) -> None:
    answers = Answers()
    answers.ask(client, "engine.echo", word="Zürich")
    poll_until(client, lambda: bool(answers))
    assert answers == [{"word": "Zürich"}]


def test_an_unknown_method_is_an_engine_error(client: EngineClient) -> None:
    answers = Answers()
    answers.ask(client, "engine.nothing")
    poll_until(client, lambda: bool(answers))
    assert isinstance(answers[0], EngineError)


def test_a_cancelled_request_stops_and_frees_its_lane(client: EngineClient) -> None:
    slow, quick = Answers(), Answers()
    request = slow.ask(client, "engine.echo", seconds=60)
    quick.ask(client, "engine.echo", n=1)
    request.cancel()
    poll_until(client, lambda: bool(quick))
    assert slow == []


def test_a_cancelled_request_can_tell_that_it_ended(client: EngineClient) -> None:
    answers = Answers()
    request = answers.ask(client, "engine.echo", seconds=60)
    poll_until(client, lambda: client.is_ready)
    request.cancel(tell=True)
    poll_until(client, lambda: bool(answers))
    assert isinstance(answers[0], CancelledError)


def test_progress_arrives_before_the_result(client: EngineClient) -> None:
    seen: list[str] = []
    client.ask(ECHO({"seconds": 0.3}), lambda _: seen.append("result"), None, lambda p: seen.append(p.step))
    poll_until(client, lambda: "result" in seen)
    assert seen[0] == "Waiting"
    assert seen[-1] == "result"


def test_a_killed_engine_is_restarted_and_its_requests_are_told(client: EngineClient, engines: StartedEngines) -> None:
    answers, later, deaths = Answers(), Answers(), []
    client.died.connect(deaths.append)
    answers.ask(client, "engine.echo", seconds=60)
    poll_until(client, lambda: client.is_ready)
    os.kill(engines.processes[0].pid, signal.SIGKILL)
    poll_until(client, lambda: bool(answers))
    assert isinstance(answers[0], EngineError)
    assert "started again" in deaths[0]
    later.ask(client, "engine.echo", again=True)
    poll_until(client, lambda: bool(later))
    assert later == [{"again": True}]


def test_an_engine_that_cannot_start_is_given_up_with_its_reason() -> None:
    client = EngineClient(lambda: PopenEngineProcess([sys.executable, "-c", "raise SystemExit('no duckdb here')"]))
    deaths: list[str] = []
    client.died.connect(deaths.append)
    client.start()
    poll_until(client, lambda: client.gave_up)
    assert len(deaths) == 3
    assert "no duckdb here" in deaths[0]
    answers = Answers()
    answers.ask(client, "engine.echo")
    client.poll()
    assert isinstance(answers[0], EngineError)
    client.close()


def test_the_engine_ends_when_its_host_goes(engines: StartedEngines) -> None:
    client = EngineClient(engines)
    client.start()
    poll_until(client, lambda: client.is_ready)
    client.close()
    assert not engines.processes[0].is_running()


@pytest.mark.skipif(not hasattr(os, "getpriority"), reason="this system has no niceness")
def test_where_cores_are_few_the_engine_leaves_them_to_the_window(engines: StartedEngines) -> None:
    client = EngineClient(engines)
    client.start()
    poll_until(client, lambda: client.is_ready)
    own = os.getpriority(os.PRIO_PROCESS, 0)
    assert os.getpriority(os.PRIO_PROCESS, engines.processes[0].pid) == min(19, own + 5)
    client.close()


def test_what_a_library_prints_does_not_reach_the_pipe() -> None:
    code = (
        "from IDCBrowserLib.api.diagnostics import INFO\n"
        "from IDCBrowserLib.engine.answers import answers\n"
        "from IDCBrowserLib.engine.child import main\n"
        "from IDCBrowserLib.engine.methods import diagnostics\n"
        "answers(INFO)(lambda *a: print('noise') or {'fine': True})\n"
        "main([])"
    )
    client = EngineClient(lambda: PopenEngineProcess([sys.executable, "-c", code]))
    answers = Answers()
    answers.ask(client, "engine.info")
    poll_until(client, lambda: bool(answers))
    assert answers == [{"fine": True}]
    client.close()


def test_lines_are_cut_wherever_the_stream_is_cut() -> None:
    whole = protocol.encode({"a": "ü"}) + protocol.encode({"b": 2})
    buffer = protocol.LineBuffer()
    lines = [line for byte in whole for line in buffer.feed(bytes([byte]))]
    assert [protocol.decode(line) for line in lines] == [{"a": "ü"}, {"b": 2}]


def test_not_a_number_never_goes_over_the_pipe() -> None:
    with pytest.raises(ValueError, match="JSON"):
        protocol.encode({"value": float("nan")})
