"""The process that works on items: ``python -m IDCBrowserLib.batch.child``. It is kept warm, and its death costs the item that killed it.

Reads lines of JSON from standard input: first ``{"settings": ...}``, then ``{"number", "item", "granted"}`` one after the other. Answers each with
a line ``{"number", "outputs", "kind", "reason", "full", "needs", "seconds"}``. It ends when its input does, at once, whatever it is doing.
"""

from __future__ import annotations

import json
import logging
import os
import queue
import signal
import sys
import threading
import time
from typing import TYPE_CHECKING, Any, BinaryIO, NoReturn

from IDCBrowserLib.batch.item import Item
from IDCBrowserLib.batch.settings import Settings
from IDCBrowserLib.batch.work import Worked, work_on
from IDCBrowserLib.errors import EngineError, IDCBrowserError
from IDCBrowserLib.log_file import log_folder, start_log
from IDCBrowserLib.own_process import without_pandas
from IDCBrowserLib.surroundings import explained

if TYPE_CHECKING:
    from IDCBrowserLib.catalog.catalog import Catalog


logger = logging.getLogger(__name__)


class Worker:
    """Works on items with the same settings; the catalog is opened when it is first needed."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._catalog: Catalog | None = None

    def work(self, request: dict[str, Any]) -> dict[str, Any]:
        """The answer to a request; whatever happens is one."""
        begin = time.perf_counter()
        try:
            worked = work_on(Item.from_json(request["item"]), self._settings, self.catalog, request.get("granted"))
        except IDCBrowserError as error:
            worked = Worked()
            worked.fail(error)
        except Exception as error:  # the seam between an item and the batch: a defect costs this item only, and is told
            worked = Worked()
            internal = f"Internal error ({type(error).__name__}: {error}). Please report it with the end of {log_folder() / 'batch.log'}."
            told = explained(error) or EngineError(internal)
            told.__cause__ = error
            worked.fail(told)
            logger.exception("item %s", request["number"])
        return {"number": request["number"], **worked.to_json(), "seconds": round(time.perf_counter() - begin, 4)}

    def catalog(self) -> Catalog:
        """Opened once."""
        if self._catalog is None:
            from IDCBrowserLib.catalog.catalog import Catalog

            self._catalog = Catalog(extra_sources=self._settings.sources)
        return self._catalog


def _read(requests: BinaryIO, waiting: queue.SimpleQueue[dict[str, Any]]) -> None:
    for line in requests:
        waiting.put(json.loads(line))
    # The driver has ended, or wants no more of this item.
    if (s5cmd := sys.modules.get("IDCBrowserLib.transfer.s5cmd.process")) is not None:
        s5cmd.kill_all()
    os._exit(0)


def main() -> NoReturn:
    """Entry point of the child."""
    start_log("batch")
    # Ctrl-C at a terminal reaches it too; the driver says what is to happen.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # Only answers may reach the pipe: what a library prints goes to standard error.
    pipe = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    waiting: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
    threading.Thread(target=_read, args=(sys.stdin.buffer, waiting), daemon=True).start()
    with without_pandas():
        worker = Worker(Settings.from_json(waiting.get()["settings"]))
        while True:
            answer = worker.work(waiting.get())
            pipe.write(json.dumps(answer, ensure_ascii=True).encode() + b"\n")
            pipe.flush()


if __name__ == "__main__":
    main()
