"""Waiting for something that may never come: a name that is looked up, a server that is silent or sends a byte a second.

What waits cannot be interrupted, so it is done in a thread of its own, and whoever asked gives up: at once when the work is canceled, and when there
was no sign of progress for a while. The thread is left behind; it ends at its next sign, or with the program.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable
from typing import TypeVar

_LOOK_S = 0.05
# A sign is worth a few kilobytes: whoever sends less than that in this time is not going to end.
STALL_S = 30.0

Value = TypeVar("Value")
# Called by the work whenever it has got further; raises ``StalledError`` when nobody waits for it any more.
Sign = Callable[[], None]


class StalledError(Exception):
    """There was no sign for too long."""


def patiently(work: Callable[[Sign], Value], stall_s: float, go_on: Callable[[], None]) -> Value:
    """What ``work`` gives or raises. ``go_on`` is called often and may raise to stop.

    Raises ``StalledError`` after ``stall_s`` seconds without a sign.
    """
    answer: queue.SimpleQueue[tuple[Value | None, BaseException | None]] = queue.SimpleQueue()
    last, given_up = time.monotonic(), threading.Event()

    def sign() -> None:
        nonlocal last
        last = time.monotonic()
        if given_up.is_set():
            raise StalledError

    def run() -> None:
        try:
            answer.put((work(sign), None))
        except BaseException as error:  # it is raised again in the thread that waits
            answer.put((None, error))

    threading.Thread(target=run, name="patiently", daemon=True).start()
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
