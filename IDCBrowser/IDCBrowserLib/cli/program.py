"""The program ``idc-browser``: ``main`` with signals that end it in silence also while its modules are being imported, and while Python ends.

It imports nothing of ours before that.
"""

from __future__ import annotations

import os
import signal
import sys
from types import FrameType


def main() -> int:
    """Run one command. Signals that whoever started it ignores (``nohup``, ``&`` in a script) stay ignored."""
    for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK"):
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _end)
    for descriptor in range(3):
        _open_closed(descriptor)
    from IDCBrowserLib.cli.main import main as run

    return run()


def _open_closed(descriptor: int) -> None:
    """Where a standard stream is closed, the next file would take its number, and whatever a library prints would go into that file."""
    try:
        os.fstat(descriptor)
    except OSError:
        os.open(os.devnull, os.O_RDWR)


def _end(_number: int, _frame: FrameType | None) -> None:
    # CancelledError.exit_code, which is not imported yet.
    os._exit(130)


if __name__ == "__main__":
    sys.exit(main())
