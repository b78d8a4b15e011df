"""Damaged lines for the engine: each costs one request at most, and what is asked afterwards is answered."""

from __future__ import annotations

import io
import json
import os
import random
import time
from typing import Any

from helpers import figures

from IDCBrowserLib.engine import protocol
from IDCBrowserLib.engine.child import Engine

NUMBER = int(os.environ.get("IDC_BROWSER_FUZZ_MUTANTS", "60"))
SEED = int(os.environ.get("IDC_BROWSER_FUZZ_SEED", "1"))
_LAST = 10_000_000
_LINES = (
    {"id": 1, "method": "engine.echo", "params": {"word": "fine", "n": [1, 2.5, None, True]}},
    {"id": 2, "method": "engine.nothing", "params": {}},
    {"cancel": 1},
)
_WORDS = (b'"', b"{", b"[[[[", b"null", b"1e999", b"NaN", b"-1", b"\\u0000", b"\\ud800", b"9" * 5000, b"\xff", b"\x00", b"a" * 70_000, b"[" * 3000)


class Lines(io.BytesIO):
    """Stays open until the last answer is there."""

    def __init__(self, data: bytes, output: io.BytesIO) -> None:
        super().__init__(data)
        self._output = output

    def read1(self, size: int | None = -1) -> bytes:
        data = super().read1(size)
        end = time.monotonic() + 60
        while not data and f'"id":{_LAST},'.encode() not in self._output.getvalue()[-5000:] and time.monotonic() < end:
            time.sleep(0.002)
        return data


def damaged(chance: random.Random) -> bytes:
    line = protocol.encode({**chance.choice(_LINES)}).rstrip(b"\n")
    for _ in range(chance.randint(1, 4)):
        at, length = chance.randrange(len(line) + 1), chance.randint(0, 8)
        put = chance.choice((b"", line[at : at + length] * 2, chance.choice(_WORDS), bytes([chance.randrange(256)])))
        line = line[:at] + put + line[at + length :]
    return line.replace(b"\n", b" ").replace(b"shutdown", b"")


def test_damaged_lines_cost_one_request_at_most() -> None:
    chance = random.Random(SEED)
    lines = [damaged(chance) for _ in range(NUMBER)]
    output = io.BytesIO()
    last: dict[str, Any] = {"id": _LAST, "method": "engine.echo", "params": {"word": "last"}}
    Engine({}, output).serve(Lines(b"\n".join(lines) + b"\n" + protocol.encode(last), output))
    answers = [json.loads(line) for line in output.getvalue().splitlines()][1:]
    internal = [answer for answer in answers if "internal error" in json.dumps(answer).lower()]
    figures.tell(f"damaged lines for the engine: {NUMBER:,}, {len(answers):,} answers, {len(internal)} internal errors")
    assert {"id": _LAST, "result": {"word": "last"}} in answers
    assert len(answers) <= len(lines) + 1
    assert internal == []
