"""The real engine in threads of this process, behind a real pipe: what it computes is the same, and no process has to start for each test."""

from __future__ import annotations

import io
import os
import threading
from typing import cast

from IDCBrowserLib.engine.child import Engine
from IDCBrowserLib.engine.state import Config


class EngineHere:
    """``engine.client.EngineProcess``."""

    def __init__(self, config: Config) -> None:
        requests, self._input = os.pipe()
        answers, output = os.pipe()
        self._received = bytearray()
        self._lock = threading.Lock()
        self._engine = threading.Thread(target=_serve, args=(config, requests, output), name="engine", daemon=True)
        self._reader = threading.Thread(target=self._read_on, args=(answers,), name="engine-answers", daemon=True)
        self._engine.start()
        self._reader.start()

    def write(self, data: bytes) -> None:
        os.write(self._input, data)

    def read(self) -> bytes:
        with self._lock:
            taken, self._received = bytes(self._received), bytearray()
        return taken

    def read_errors(self) -> bytes:
        return b""

    def is_running(self) -> bool:
        return self._engine.is_alive()

    def close(self) -> None:
        if self._input >= 0:
            os.close(self._input)
            self._input = -1
        self._engine.join()
        self._reader.join()

    def _read_on(self, answers: int) -> None:
        with os.fdopen(answers, "rb", buffering=0) as stream:
            while data := stream.read(1 << 16):
                with self._lock:
                    self._received += data


def _serve(config: Config, requests: int, output: int) -> None:
    with os.fdopen(output, "wb") as stream, os.fdopen(requests, "rb") as lines:
        Engine(config, stream).serve(cast(io.BufferedIOBase, lines))
