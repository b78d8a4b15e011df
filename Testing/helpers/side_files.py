"""Side indices made from the schemas in the wheel of idc-index-data, and a local server that can misbehave."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Callable, Iterable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

from helpers.made_parquet import write_rows

VERSION = "25.0.5"
_TYPES = {"STRING": "VARCHAR", "INTEGER": "BIGINT", "FLOAT": "DOUBLE", "BOOLEAN": "BOOLEAN"}


def columns_of(name: str) -> dict[str, str]:
    """Column -> DuckDB type of a side index, from its schema."""
    if name == "gdc_idc_mapping":
        # The package has no schema of it.
        return dict.fromkeys(("collection_id", "PatientID", "StudyInstanceUID", "gdc_case_id"), "VARCHAR")
    path = Path(str(distribution("idc-index-data").locate_file(f"idc_index_data/{name}_schema.json")))
    columns = json.loads(path.read_text(encoding="utf-8"))["columns"]
    return {column["name"]: _TYPES.get(column["type"], "VARCHAR") + ("[]" if column.get("mode") == "REPEATED" else "") for column in columns}


def write_side_index(folder: Path, name: str, rows: Iterable[Mapping[str, Any]] = (), version: str = f"{VERSION}-0-gf08b112") -> Path:
    """``<name>.parquet`` in ``folder`` with the columns of its schema and the version in the footer."""
    return write_rows(folder / f"{name}.parquet", columns_of(name), rows, version)


def checksum(path: Path) -> str:
    """As the mirror writes it."""
    return f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n"


Answer = tuple[int, dict[str, str], bytes]


class FileServer:
    """Serves what ``answers`` has by path: (status, headers, body), 206 as the part asked for. ``asked`` lists the paths that were."""

    def __init__(self, answers: Mapping[str, Answer | Callable[[], Answer]]) -> None:
        asked: list[str] = []

        class Handler(BaseHTTPRequestHandler):
            def do_HEAD(self) -> None:
                status, headers, body = self._answer()
                self._start(status, headers, body)

            def do_GET(self) -> None:
                asked.append(self.path)
                status, headers, body = self._answer()
                self._start(status, headers, body)
                self.wfile.write(body)

            def _answer(self) -> Answer:
                answer = answers.get(self.path, (404, {}, b"not here"))
                return answer() if callable(answer) else answer

            def _start(self, status: int, headers: dict[str, str], body: bytes) -> None:
                self.send_response(status)
                asked = self.headers.get("Range", "")
                part = {"Content-Range": f"{asked.replace('=', ' ')}/*"} if status == 206 and asked else {}
                for name, value in {"Content-Length": str(len(body)), **part, **headers}.items():
                    self.send_header(name, value)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self.asked = asked
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> FileServer:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
