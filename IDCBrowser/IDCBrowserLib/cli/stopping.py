"""Ctrl-C and termination signals: the running work is asked to stop, and the program ends within seconds whatever it is doing."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import sys
import threading
from collections.abc import Iterator
from types import FrameType

from IDCBrowserLib.errors import CancelledError
from IDCBrowserLib.task import Task
from IDCBrowserLib.whole_file import remove_unfinished

# What cannot be asked to stop (a query in C code, a server that is silent) is not waited for.
PATIENCE_S = 1.5
_SIGNALS = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK") if hasattr(signal, name))


@contextlib.contextmanager
def stopping(task: Task) -> Iterator[None]:
    """While the block runs a signal cancels ``task``; when the block has not ended soon after it, or a second one comes, the program ends.

    What whoever started the program ignores (``nohup``, ``&`` in a script) stays ignored.
    """
    ours, theirs = socket.socketpair()
    theirs.setblocking(False)
    done = threading.Event()
    heeded = [number for number in _SIGNALS if signal.getsignal(number) is not signal.SIG_IGN]
    before = {number: signal.signal(number, lambda _number, _frame: task.cancel()) for number in heeded}
    # The byte is written at once, also while the main thread is in C code and its handler has to wait.
    waking = signal.set_wakeup_fd(theirs.fileno(), warn_on_full_buffer=False)
    watcher = threading.Thread(target=_watch, args=(ours, done), name="stopping", daemon=True)
    watcher.start()
    try:
        yield
    finally:
        done.set()
        signal.set_wakeup_fd(waking)
        for number, handler in before.items():
            signal.signal(number, _restored(handler))
        theirs.close()
        watcher.join()
        ours.close()


def _restored(handler: signal._HANDLER) -> signal._HANDLER:
    # None: it was set by something other than Python.
    return signal.SIG_DFL if handler is None else handler


def _watch(signals: socket.socket, done: threading.Event) -> None:
    while received := signals.recv(1):
        if received[0] not in _SIGNALS:
            continue
        signals.settimeout(PATIENCE_S)
        with contextlib.suppress(TimeoutError):
            # Closed by the end of the block, or a second signal.
            while (received := signals.recv(1)) and received[0] not in _SIGNALS:
                continue
        if not done.is_set():
            end_now()


def end_now(_number: int = 0, _frame: FrameType | None = None) -> None:
    """End this program and every s5cmd of it; nothing half-written stays."""
    if (s5cmd := sys.modules.get("IDCBrowserLib.transfer.s5cmd.process")) is not None:
        s5cmd.kill_all()
    remove_unfinished()
    with contextlib.suppress(OSError, ValueError, AttributeError):
        os.write(2, f"\nidc-browser: {CancelledError()}\n".encode())
    os._exit(CancelledError.exit_code)
