"""Reads what may be loaded next while something else is looked at, so that it comes into sight at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from IDCBrowserLib.api.labelmap import DESCRIBE, Described
from IDCBrowserLib.api.method import Question
from IDCBrowserLib.api.volume import FILL, MEMORY, PLAIN, Memory, Plain
from IDCBrowserLib.errors import IDCBrowserError
from IDCBrowserLib.host.loading.answered_ahead import AnsweredAhead
from IDCBrowserLib.host.loading.engine_images import read_question
from IDCBrowserLib.host.loading.labelmap_loader import convert_question
from IDCBrowserLib.host.loading.other_objects import is_other_object
from IDCBrowserLib.host.loading.scene_loader import is_quantity, is_read, is_segmentation
from IDCBrowserLib.host.loading.slides import is_slide
from IDCBrowserLib.host.loading.steps import Operation, Steps, Work
from IDCBrowserLib.host_interface import DicomStore, LoadRequest

# What is looked at stays in memory, too.
_PART_OF_MEMORY = 0.4


class ReadAhead:
    """``start`` says what is wanted now. ``images_as_they_come``: the host shows slices of CT and MR while they are read."""

    def __init__(self, engine: AnsweredAhead, store: DicomStore, suv_kind: Callable[[], str], images_as_they_come: bool = False) -> None:
        self._engine = engine
        self._store = store
        self._suv_kind = suv_kind
        self._images_as_they_come = images_as_they_come
        # In the order in which they are wanted.
        self._requests: list[LoadRequest] = []
        # What was asked ahead, by series.
        self._asked: dict[str, list[Question[Any]]] = {}
        self._steps: Steps | None = None

    def start(self, entries: Sequence[Sequence[LoadRequest]]) -> None:
        """Read what is loaded together, the most wanted first, as far as it is in the database and there is memory. What was read before and is
        still wanted stays, everything else is forgotten."""
        self.pause(entries[0] if entries else ())
        # In the order in which they are loaded.
        requests = [request for entry in entries for request in sorted(entry, key=is_segmentation)]
        self._requests = list({request.series_uid: request for request in requests}.values())
        for uid in self._asked.keys() - {request.series_uid for request in self._requests}:
            self._forget(uid)
        self._steps = Steps(self._work(), _nothing) if self._requests else None

    def pause(self, requests: Sequence[LoadRequest]) -> None:
        """These are loaded now: what is being read for something else does not keep them waiting. Until the next start."""
        if self._steps is not None:
            self._steps.cancel()
        wanted = {request.series_uid for request in requests}
        for uid, questions in self._asked.items():
            if uid not in wanted:
                self._engine.forget(questions, only_under_way=True)

    def _work(self) -> Work[None]:
        for request in self._requests:
            asked = self._asked.get(request.series_uid)
            if asked and all(self._engine.has(question) for question in asked):
                continue
            try:
                yield from self._one(request)
            except IDCBrowserError:
                # Loading says it.
                continue

    def _one(self, request: LoadRequest) -> Work[None]:
        if is_read(request) or is_slide(request) or is_other_object(request):
            return
        files = yield self._files(request.series_uid)
        if is_segmentation(request):
            # Several are rare, and told apart when they are loaded.
            if len(files) == 1:
                yield from self._segmentation(request, files[0])
        elif files and self._images_as_they_come and not is_quantity(request):
            yield from self._slices(request, files)
        elif files:
            yield from self._keep(request, read_question(files, 0, self._suv_kind()), files, ())

    def _segmentation(self, request: LoadRequest, file: str) -> Work[None]:
        described: Described = yield self._ask(DESCRIBE({"input": file}))
        images: list[str] = []
        for uid in described["referenced_series_uids"]:
            images += yield self._files(uid)
        if images and not described["on_slide"]:
            yield from self._keep(request, convert_question(file, described, images), [file], images)

    def _slices(self, request: LoadRequest, files: Sequence[str]) -> Work[None]:
        plain: Plain | None = yield from self._keep(request, PLAIN({"files": list(files)}), files, ())
        if plain is not None:
            yield self._ahead(request, FILL({"files": list(files), "array": plain["array"]}))

    def _keep(self, request: LoadRequest, question: Question[Any], files: Sequence[str], images: Sequence[str]) -> Work[Any]:
        """Gives the answer, None without one."""
        memory: Memory = yield self._ask(MEMORY({"files": list(files), "images": list(images)}))
        free = memory["available_bytes"]
        if free is None or self._make_room(request, memory["bytes"], _PART_OF_MEMORY * free):
            return (yield self._ahead(request, question))
        return None

    def _make_room(self, request: LoadRequest, needed: int, most: float) -> bool:
        """Whether it fits; for it what is less wanted is forgotten."""
        place = self._requests.index(request)
        for less in reversed(self._requests[place + 1 :]):
            if self._engine.bytes + needed < most:
                break
            self._forget(less.series_uid)
        return self._engine.bytes + needed < most

    def _forget(self, series_uid: str) -> None:
        self._engine.forget(self._asked.pop(series_uid, []))

    def _ahead(self, request: LoadRequest, question: Question[Any]) -> Operation:
        asked = self._asked.setdefault(request.series_uid, [])
        if question not in asked:
            asked.append(question)
        return lambda done, _fail: self._engine.ask_ahead(question, done)

    def _files(self, series_uid: str) -> Operation:
        return lambda done, fail: self._store.series_files(series_uid, done, fail)

    def _ask(self, question: Question[Any]) -> Operation:
        return lambda done, fail: self._engine.ask(question, done, fail)


def _nothing(_result: None) -> None:
    """Nobody waits for it."""
