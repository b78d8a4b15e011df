"""A local S3 server on loopback with objects in the layout of IDC's buckets. Needs the ``demo`` extra (moto).

::

    with bucket.serve(folder) as endpoint_url:      # folder/<crdc_series_uuid>/<instance_uuid>.dcm -> s3://idc-open-data/...
        ...                                         # s5cmd --no-sign-request --endpoint-url URL cp "s3://idc-open-data/<uuid>/*" there

The server is a process of its own, so that a window stays alive beside it and nothing of moto is imported here. It ends with the
``with`` block, and also when this process dies.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO, Any

from IDCBrowserLib.child_python import module_command
from IDCBrowserLib.errors import TransferError

DEFAULT_BUCKET = "idc-open-data"
_START_TIMEOUT_S = 60.0
_STOP_TIMEOUT_S = 5.0

Folders = str | Path | Sequence[str | Path]


class Bucket:
    """A running server; ``start`` gives one. ``stop`` may be called more than once."""

    def __init__(self, process: subprocess.Popen[str], endpoint_url: str, objects: int, errors: IO[str]) -> None:
        self._process = process
        self._errors = errors
        self.endpoint_url = endpoint_url
        self.objects = objects

    @property
    def is_running(self) -> bool:
        """False once it was stopped or died."""
        return self._process.poll() is None

    def stop(self) -> None:
        """End the server; returns when it is gone."""
        _close(self._process)
        self._errors.close()


def start(folders: Folders | Mapping[str, Folders]) -> Bucket:
    """Serve a folder, several, or ``{bucket: folder or folders}``; a folder without a bucket goes to ``idc-open-data``.

    Returns when the server answers requests. Raises ``TransferError`` when it does not start.
    """
    buckets = folders if isinstance(folders, Mapping) else {DEFAULT_BUCKET: folders}
    question = {"buckets": {name: [str(Path(folder).resolve()) for folder in _several(value)] for name, value in buckets.items()}}
    errors = tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace")  # noqa: SIM115 - lives as long as the server
    process = subprocess.Popen(
        module_command(sys.executable, "IDCBrowserLib.demo.bucket_server"),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=errors,
        text=True,
        encoding="utf-8",
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    try:
        answer = _ask(process, question)
    except (OSError, ValueError) as error:
        _close(process)
        errors.seek(0)
        last = (errors.read().strip().splitlines() or ["no message"])[-1]
        errors.close()
        message = f"The local S3 server did not start ({last}). Install the demo extra: pip install 'idc-browser[demo]'."
        raise TransferError(message) from error
    return Bucket(process, str(answer["endpoint_url"]), int(answer["objects"]), errors)


@contextlib.contextmanager
def serve(folders: Folders | Mapping[str, Folders]) -> Iterator[str]:
    """As ``start``, as a context manager that gives the endpoint URL, such as ``http://127.0.0.1:40123``."""
    server = start(folders)
    try:
        yield server.endpoint_url
    finally:
        server.stop()


def _several(folders: Folders) -> Sequence[str | Path]:
    return [folders] if isinstance(folders, (str, Path)) else folders


def _ask(process: subprocess.Popen[str], question: dict[str, Any]) -> dict[str, Any]:
    assert process.stdin is not None and process.stdout is not None
    process.stdin.write(json.dumps(question) + "\n")
    process.stdin.flush()
    lines: queue.SimpleQueue[str] = queue.SimpleQueue()
    stream = process.stdout
    threading.Thread(target=lambda: lines.put(stream.readline()), daemon=True).start()
    try:
        answer = json.loads(lines.get(timeout=_START_TIMEOUT_S))
    except queue.Empty as error:
        raise ValueError("no answer") from error
    assert isinstance(answer, dict)
    return answer


def _close(process: subprocess.Popen[str]) -> None:
    if process.stdin is not None and not process.stdin.closed:
        with contextlib.suppress(OSError):
            process.stdin.close()
    try:
        process.wait(_STOP_TIMEOUT_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    if process.stdout is not None:
        process.stdout.close()
