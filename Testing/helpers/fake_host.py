"""Fakes of the protocols of ``host.interface`` and of the engine process, for tests of panels and controllers."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from helpers.answer import Handler
from IDCBrowserLib.api.checking import mismatches, parameters_of, result_of
from IDCBrowserLib.api.first_slices import Shown
from IDCBrowserLib.api.storage import Chosen, Moved, Removed
from IDCBrowserLib.api.store import ImportCounts, LeftOut
from IDCBrowserLib.api.values import Folders
from IDCBrowserLib.engine import protocol
from IDCBrowserLib.engine.client import EngineClient
from IDCBrowserLib.errors import CancelledError, IDCBrowserError, NotFoundError
from IDCBrowserLib.host_interface import Capability, LoadRequest, LoadResult, OnError, OnProgress, Segmenter, SeriesStatus, ViewPlace
from IDCBrowserLib.signal import Signal
from IDCBrowserLib.task import Progress

D = TypeVar("D")


class FakeEngineProcess:
    """Answers requests with functions, at the next ``read``. ``hold`` keeps the answers of a method back until ``release``.

    A handler may raise an ``IDCBrowserError``. ``asked`` lists (method, parameters), ``cancelled`` the methods whose requests were cancelled.
    Parameters and results that are not as declared are errors of the test, unless ``checked`` is turned off.
    """

    def __init__(self, handlers: Mapping[str, Handler]) -> None:
        self.handlers = dict(handlers)
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.cancelled: list[str] = []
        self.alive = True
        self.closed = False
        self.checked = True
        self.wrong: AssertionError | None = None
        self._held: dict[str, list[dict[str, Any]]] = {}
        self._output = protocol.encode({"hello": {"version": "fake", "pid": 1}})
        self._waiting: dict[int, str] = {}

    def write(self, data: bytes) -> None:
        for line in data.splitlines():
            message = json.loads(line)
            if "cancel" in message:
                self._cancel(message["cancel"])
            elif "method" in message:
                self.asked.append((message["method"], message["params"]))
                self._check(message["method"], message["params"], parameters_of(message["method"]))
                self._waiting[message["id"]] = message["method"]
                if message["method"] in self._held:
                    self._held[message["method"]].append(message)
                else:
                    self._answer(message)

    def read(self) -> bytes:
        output, self._output = self._output, b""
        return output

    def read_errors(self) -> bytes:
        return b""

    def is_running(self) -> bool:
        return self.alive

    def close(self) -> None:
        self.alive, self.closed = False, True

    def hold(self, method: str) -> None:
        """Answer this method only after ``release``."""
        self._held.setdefault(method, [])

    def release(self, method: str) -> None:
        """Answer what was held back."""
        for message in self._held.pop(method):
            if message["id"] in self._waiting:
                self._answer(message)

    def progress(self, method: str, progress: Progress) -> None:
        """Report progress of the held requests of a method."""
        for message in self._held[method]:
            self._output += protocol.encode(protocol.progress_message(message["id"], progress))

    def calls(self, method: str) -> list[dict[str, Any]]:
        """Parameters of every request for a method."""
        return [parameters for name, parameters in self.asked if name == method]

    def _cancel(self, number: int) -> None:
        method = self._waiting.pop(number, None)
        if method is not None:
            self.cancelled.append(method)
            self._output += protocol.encode(protocol.error_message(number, CancelledError()))

    def _answer(self, message: dict[str, Any]) -> None:
        self._waiting.pop(message["id"], None)
        try:
            line = protocol.encode({"id": message["id"], "result": self.handlers[message["method"]](message["params"])})
            self._check(message["method"], json.loads(line)["result"], result_of(message["method"]))
        except IDCBrowserError as error:
            line = protocol.encode(protocol.error_message(message["id"], error))
        self._output += line

    def _check(self, method: str, value: object, declared: Any) -> None:
        wrong = mismatches(value, declared, method) if self.checked else []
        if wrong:
            self.wrong = AssertionError("\n".join(wrong[:20]))
            raise self.wrong


class FakeEngine:
    """An ``EngineClient`` on fake processes; ``settle`` delivers answers until nothing is left to deliver.

    What a callback raises, which the client only writes into the log, ``settle`` raises again.
    """

    def __init__(self, handlers: Mapping[str, Handler]) -> None:
        self.handlers = handlers
        self.processes: list[FakeEngineProcess] = []
        self.client = EngineClient(self._start)
        self._raised: list[Exception] = []
        self.client.callback_raised.connect(self._raised.append)

    @property
    def process(self) -> FakeEngineProcess:
        """The child that runs now."""
        if not self.processes:
            self.client.start()
        return self.processes[-1]

    def settle(self, rounds: int = 20) -> None:
        """Let answers arrive, and the questions that follow from them."""
        for _ in range(rounds):
            self.client.poll()
            # A slot of Qt may have swallowed it.
            if self.processes and self.process.wrong:
                raise self.process.wrong
            if self._raised:
                raise self._raised.pop()

    def _start(self) -> FakeEngineProcess:
        self.processes.append(FakeEngineProcess(self.handlers))
        return self.processes[-1]


class Handle:
    """Of work that can be canceled."""

    def __init__(self) -> None:
        self.cancelled = False

    def cancel(self) -> None:
        self.cancelled = True


class FakeStore:
    """A DICOM database in memory. Answers at once, except that imports wait for ``finish_import`` when ``slow``."""

    def __init__(self) -> None:
        self.statuses: dict[str, SeriesStatus] = {}
        self.imported: list[str] = []
        self.files: dict[str, list[str]] = {}
        self.prepared = 0
        self.left_out: list[LeftOut] = []
        self.asked_status: list[list[str]] = []
        self.import_error: IDCBrowserError | None = None
        self.slow = False
        # What was removed and moved, and what is answered to that.
        self.removed: list[Chosen] = []
        self.moved: list[str] = []
        self.removal: Removed = {"series": 1, "files": 2, "bytes": 3000, "kept": [], "kept_count": 0, "failed": [], "failed_count": 0}
        self.move_document: Moved = {
            "to": "/elsewhere",
            "series": 1,
            "files": 2,
            "bytes": 3000,
            "stay": 0,
            "same_disk": True,
            "needed": 0,
            "free": 10**12,
            "removed": self.removal,
            "again": [],
            "left_out": [],
        }
        self.database = ""
        # Removals wait for ``finish_removal``.
        self.slow_removal = False
        self._removals: list[tuple[Chosen, Callable[[Removed], object], OnError, Handle]] = []
        self._pending: tuple[Callable[[ImportCounts], object], Handle] | None = None

    def engine_database(self) -> str:
        return self.database

    def prepare(self) -> None:
        self.prepared += 1

    def import_files(self, files: Sequence[str], on_done: Callable[[ImportCounts], object], on_error: OnError, on_progress: OnProgress) -> Handle:
        handle = Handle()
        self.imported += files
        if self.import_error is not None:
            on_error(self.import_error)
        elif self.slow:
            self._pending = (on_done, handle)
        else:
            on_done(self._counts())
        return handle

    def finish_import(self) -> None:
        """Let a slow import end."""
        assert self._pending is not None
        on_done, handle = self._pending
        if not handle.cancelled:
            on_done(self._counts())

    def series_status(self, series_uids: Sequence[str], on_done: Callable[[Mapping[str, SeriesStatus]], object], on_error: OnError) -> Handle:
        self.asked_status.append(list(series_uids))
        on_done({uid: self.statuses.get(uid, SeriesStatus.ABSENT) for uid in series_uids})
        return Handle()

    def series_files(self, series_uid: str, on_done: Callable[[Sequence[str]], object], on_error: OnError) -> Handle:
        on_done(self.files.get(series_uid, []))
        return Handle()

    def folders(self) -> Folders:
        return {"database": "/database", "folder": "/downloads"}

    def remove(self, chosen: Chosen, on_done: Callable[[Removed], object], on_error: OnError, on_progress: OnProgress) -> Handle:
        self.removed.append({**chosen})
        handle = Handle()
        if self.slow_removal:
            self._removals.append((chosen, on_done, on_error, handle))
            return handle
        for uid in chosen.get("series", ()):
            self.statuses.pop(uid, None)
        return self._answer(self.removal, on_done, on_error)

    def finish_removal(self) -> bool:
        """Let a slow removal end; gives whether it was canceled, which leaves all as it was."""
        chosen, on_done, on_error, handle = self._removals.pop()
        if handle.cancelled:
            on_error(CancelledError())
        else:
            for uid in chosen.get("series", ()):
                self.statuses.pop(uid, None)
            on_done(self.removal)
        return handle.cancelled

    def move(self, to: str, keep_free: int, on_done: Callable[[Moved], object], on_error: OnError, on_progress: OnProgress) -> Handle:
        self.moved.append(to)
        return self._answer(self.move_document, on_done, on_error)

    def _answer(self, document: D, on_done: Callable[[D], object], on_error: OnError) -> Handle:
        if self.import_error is not None:
            on_error(self.import_error)
        else:
            on_done(document)
        return Handle()

    def _counts(self) -> ImportCounts:
        return {"patients": 1, "studies": 1, "series": 1, "instances": len(self.imported), "left_out": self.left_out}


class FakeLoader:
    """Loads by noting what was asked for; ``errors`` and ``warnings`` by SeriesInstanceUID."""

    def __init__(self) -> None:
        self.requests: list[LoadRequest] = []
        self.errors: dict[str, str] = {}
        self.warnings: dict[str, tuple[str, ...]] = {}
        self.texts: dict[str, tuple[str, ...]] = {}
        self.places: list[ViewPlace] = []
        # What ``show_place`` gives, one after the other.
        self.missing: list[str] = []
        self.in_scene: set[str] = set()
        # Series that were to be read ahead, a list for each entry, one list of these for each time.
        self.ahead: list[list[list[str]]] = []
        self.shown: list[str] = []
        # What has come of a series so far, as it was shown last; whether somebody looks at something else.
        self.first_slices: Shown | None = None
        self.are_views_taken = False
        self.loaded_changed: Signal[[]] = Signal()

    def load(self, requests: Sequence[LoadRequest], on_done: Callable[[Sequence[LoadResult]], object], on_progress: OnProgress) -> Handle:
        self.requests += requests
        on_progress(Progress("Loading", 0, len(requests), "series"))
        results = [self._result(request.series_uid) for request in requests]
        self.put_into_scene(*(result.series_uid for result in results if result.node_ids))
        on_done(results)
        return Handle()

    def read_ahead(self, entries: Sequence[Sequence[LoadRequest]]) -> None:
        self.ahead.append([[request.series_uid for request in entry] for entry in entries])

    def views_are_free(self) -> bool:
        return not self.in_scene and not self.are_views_taken

    def show_first_slices(self, shown: Shown) -> bool:
        self.first_slices = None if self.are_views_taken else shown
        return not self.are_views_taken

    def hide_first_slices(self) -> None:
        self.first_slices = None

    def loaded_series(self) -> frozenset[str]:
        return frozenset(self.in_scene)

    def show_series(self, series_uid: str) -> bool:
        self.shown += [series_uid] if series_uid in self.in_scene else []
        return series_uid in self.in_scene

    def remove_series(self, series_uids: Sequence[str]) -> bool:
        found = self.in_scene & set(series_uids)
        self.in_scene -= found
        self.loaded_changed.emit()
        return bool(found)

    def put_into_scene(self, *series_uids: str) -> None:
        self.in_scene.update(series_uids)
        self.loaded_changed.emit()

    def clear_scene(self) -> None:
        self.in_scene.clear()
        self.loaded_changed.emit()

    def show_place(self, place: ViewPlace) -> str:
        self.places.append(place)
        return self.missing.pop(0) if self.missing else ""

    def _result(self, uid: str) -> LoadResult:
        if uid in self.errors:
            return LoadResult(uid, error=self.errors[uid])
        if uid in self.texts:
            return LoadResult(uid, texts=self.texts[uid])
        return LoadResult(uid, (f"node-{uid}",), warnings=self.warnings.get(uid, ()))


class FakeSettings:
    """Settings in memory."""

    def __init__(self) -> None:
        self.values: dict[str, str] = {}

    def value(self, key: str, default: str) -> str:
        return self.values.get(key, default)

    def set_value(self, key: str, value: str) -> None:
        self.values[key] = value


class FakeSegmenters:
    """``here`` and ``elsewhere`` are names of modules; what is handed over is noted in ``given``."""

    def __init__(self) -> None:
        self.here: list[str] = []
        self.elsewhere: list[str] = []
        self.given: list[tuple[str, str]] = []
        self.said = ""
        self.asked_for_extensions = 0
        self.has_extensions = True

    def known(self) -> Sequence[Segmenter]:
        return [*(Segmenter(name, name, True) for name in self.here), *(Segmenter(name, name, False) for name in self.elsewhere)]

    def hand_over(self, name: str, image_id: str) -> str:
        self.given.append((name, image_id))
        return self.said

    def get_extension(self) -> bool:
        self.asked_for_extensions += 1
        return self.has_extensions


class FakeHost:
    """A host whose folder dialog answers ``chosen_folder`` and whose links are kept in ``opened``."""

    name = "fake"
    key_places: Sequence[str] = ("standalone", "views", "3d")

    def __init__(self, download_folder: str = "/downloads", capabilities: frozenset[Capability] = frozenset(Capability)) -> None:
        self.capabilities = capabilities
        self.store = FakeStore()
        self.loader = FakeLoader()
        self.settings = FakeSettings()
        self.chosen_folder = ""
        self.chosen_file = ""
        self.file_to_open = ""
        self.segmenters = FakeSegmenters()
        self.opened: list[str] = []
        self.started: list[tuple[str, list[str]]] = []
        self.questions: list[str] = []
        self.confirms = False
        self._default_folder = download_folder

    def why_not(self, capability: Capability) -> str:
        return f"This test cannot {capability.value}."

    def choose_folder(self, title: str, start: str) -> str:
        return self.chosen_folder

    def choose_open_file(self, title: str, kinds: str) -> str:
        return self.file_to_open

    def choose_save_file(self, title: str, start: str, kinds: str) -> str:
        return self.chosen_file

    def open_url(self, url: str) -> None:
        self.opened.append(url)

    def open_file(self, path: str) -> None:
        self.opened.append(path)

    def run_program(self, program: str, arguments: Sequence[str]) -> bool:
        self.started.append((program, list(arguments)))
        return True

    def confirm(self, question: str, on_answer: Callable[[bool], None]) -> None:
        self.questions.append(question)
        on_answer(self.confirms)

    @property
    def download_folder(self) -> str:
        return self.settings.value("DownloadFolder", self._default_folder)


def not_found(_parameters: dict[str, Any]) -> Any:
    """A handler that finds nothing."""
    raise NotFoundError("There is no such thing; check the identifier.")
