"""A DRS service of a few made-up objects on this machine."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from typing import Any

from helpers.quiet_server import QuietHandler, QuietServer


class DrsServer:
    """``objects`` by UUID: documents, their bytes, or what writes an answer; ``asked`` the paths, ``status`` instead of an answer.
    ``address`` is what ``Drs`` takes.
    """

    def __init__(self) -> None:
        self.objects: dict[str, Any] = {}
        self.asked: list[str] = []
        self.status = 0
        server = self

        class Handler(QuietHandler):
            def do_GET(self) -> None:
                server.asked.append(self.path)
                found = server.objects.get(self.path.rpartition("/")[2])
                if callable(found):
                    found(self.wfile)
                    self.close_connection = True
                    return
                body = found if isinstance(found, bytes) else json.dumps(found).encode()
                self.send_response(server.status or (404 if found is None else 200))
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

        self._server = QuietServer(Handler)
        self._server.start()
        self.address = f"http://127.0.0.1:{self._server.port}/ga4gh/drs/v1/objects/"

    def add_file(self, uuid: str, *urls: str) -> None:
        self.objects[uuid] = {
            "id": f"dg.4DFC/{uuid}",
            "access_methods": [{"type": url[:2], "access_url": {"url": url}} for url in urls],
            "contents": [],
        }

    def add_bundle(self, uuid: str, *members: str) -> None:
        contents = [{"id": f"dg.4DFC/{member}", "drs_uri": f"drs://nci-crdc.datacommons.io/dg.4DFC/{member}"} for member in members]
        self.objects[uuid] = {"id": f"dg.4DFC/{uuid}", "access_methods": [], "contents": contents}

    def stop(self) -> None:
        self._server.stop()


@contextlib.contextmanager
def drs_server() -> Iterator[DrsServer]:
    server = DrsServer()
    try:
        yield server
    finally:
        server.stop()
