"""A time limit for network calls that may never return: name lookups, and servers that are silent or send one byte a second.

Such a call cannot be interrupted, so it runs in its own thread. The caller gives up at once when the work is canceled, or when the call has made no
progress for a while. The abandoned thread ends at its next heartbeat, or with the program.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    import requests

_LOOK_S = 0.05
# A server that sends less than a few kilobytes in this time will not finish.
STALL_S = 30.0
_BEAT_BYTES = 4096

Value = TypeVar("Value")


class Heartbeat(Protocol):
    """Called by the work whenever it has made progress; raises ``StalledError`` when nobody waits for the work any more."""

    def __call__(self, size: int = _BEAT_BYTES) -> None:
        """After so many bytes: only some kilobytes together count, however many pieces they come in."""


class StalledError(Exception):
    """There was no heartbeat for too long."""


def with_stall_timeout(work: Callable[[Heartbeat], Value], stall_s: float, go_on: Callable[[], None]) -> Value:
    """Return what ``work`` returns, or raise what it raises. ``go_on`` is called often and may raise to stop.

    Raises ``StalledError`` after ``stall_s`` seconds without a heartbeat.
    """
    answer: queue.SimpleQueue[tuple[Value | None, BaseException | None]] = queue.SimpleQueue()
    last, came, given_up = time.monotonic(), 0, threading.Event()

    def heartbeat(size: int = _BEAT_BYTES) -> None:
        nonlocal last, came
        came += size
        if came >= _BEAT_BYTES:
            last, came = time.monotonic(), 0
        if given_up.is_set():
            raise StalledError

    def run() -> None:
        try:
            answer.put((work(heartbeat), None))
        except BaseException as error:  # it is raised again in the thread that waits
            answer.put((None, error))

    threading.Thread(target=run, name="with_stall_timeout", daemon=True).start()
    try:
        while True:
            try:
                value, error = answer.get(timeout=_LOOK_S)
            except queue.Empty:
                go_on()
                if time.monotonic() - last > stall_s:
                    raise StalledError from None
                continue
            if error is not None:
                raise error
            return value  # type: ignore[return-value]
    finally:
        given_up.set()


def blocks_of(response: requests.Response, size: int, heartbeat: Heartbeat) -> Iterator[bytes]:
    """What an answer holds, at most about ``size`` bytes at a time; of one in chunks, as they come. Raises what ``requests`` raises."""
    for block in response.iter_content(size):
        heartbeat(len(block))
        yield block


def small_answer(response: requests.Response, most: int, heartbeat: Heartbeat) -> bytes | None:
    """All of an answer, None where that is more than so many bytes."""
    content = bytearray()
    for block in blocks_of(response, 1 << 14, heartbeat):
        content += block
        if len(content) > most:
            return None
    return bytes(content)
