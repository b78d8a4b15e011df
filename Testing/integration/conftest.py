"""The demo's world behind the real engine, in this process or in one of its own."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from helpers.engine_here import EngineHere
from helpers.fault_proxy import FaultProxy, fault_proxy

from IDCBrowserLib.api.checking import mismatches, parameters_of, result_of
from IDCBrowserLib.api.method import Question
from IDCBrowserLib.demo.world import World
from IDCBrowserLib.engine.client import EngineClient, EngineProcess, Request
from IDCBrowserLib.engine.popen import PopenEngineProcess, child_command
from IDCBrowserLib.errors import IDCBrowserError
from IDCBrowserLib.task import Progress


class Asked:
    """One request with everything that came back; a result that is not as declared is an error of the test."""

    def __init__(self, client: EngineClient, method: str, parameters: dict[str, Any]) -> None:
        self.progress: list[tuple[float, Progress]] = []
        self.result: Any = None
        self.error: IDCBrowserError | None = None
        self._method = method
        self.request: Request = client.ask(Question(method, parameters), self._take, self._fail, self._note)
        self.ended = False

    def _note(self, progress: Progress) -> None:
        self.progress.append((time.monotonic(), progress))

    def _take(self, result: Any) -> None:
        self.result, self.ended = result, True
        assert mismatches(result, result_of(self._method), self._method) == []

    def _fail(self, error: IDCBrowserError) -> None:
        self.error, self.ended = error, True

    def details(self, name: str) -> list[Any]:
        """Everything that progress named under ``name``."""
        return [value for _, progress in self.progress for value in progress.details.get(name, ())]


class Engine:
    """An engine and the client that asks it; ``processes`` are those that were started for it."""

    def __init__(self, start_process: Callable[[], EngineProcess]) -> None:
        self.processes: list[Any] = []
        self._raised: list[Exception] = []

        def start() -> EngineProcess:
            self.processes.append(start_process())
            return self.processes[-1]

        self.client = EngineClient(start)
        self.client.callback_raised.connect(self._raised.append)

    def begin(self, method: str, **parameters: Any) -> Asked:
        assert mismatches(parameters, parameters_of(method), method) == []
        return Asked(self.client, method, parameters)

    def wait(self, condition: Callable[[], object], seconds: float = 30.0) -> None:
        end = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < end, "nothing happened in time"
            self.client.poll()
            if self._raised:
                raise self._raised.pop()
            time.sleep(0.005)

    def ask(self, method: str, **parameters: Any) -> Any:
        asked = self.begin(method, **parameters)
        self.wait(lambda: asked.ended)
        if asked.error is not None:
            raise asked.error
        return asked.result


@pytest.fixture
def proxy(demo_world: World) -> Iterator[FaultProxy]:
    """Between whoever asks and the bucket; its ``rule`` says what fails."""
    with fault_proxy(demo_world.endpoint_url) as running:
        yield running


@pytest.fixture
def config(demo_world: World, home: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    monkeypatch.delenv("IDC_BROWSER_STATE", raising=False)
    return {"catalog_sources": [str(path) for path in demo_world.catalog_sources]}


@pytest.fixture
def engine(config: Any) -> Iterator[Engine]:
    engine = Engine(lambda: EngineHere(config))
    yield engine
    engine.client.close()


@pytest.fixture
def engine_child(config: Any) -> Iterator[Engine]:
    """In a process of its own, for what happens to processes."""
    engine = Engine(lambda: PopenEngineProcess(child_command(config)))
    yield engine
    engine.client.close()
