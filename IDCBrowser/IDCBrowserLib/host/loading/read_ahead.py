"""Reads what is loaded next while something else is looked at, so that it comes into sight at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from IDCBrowserLib.api.labelmap import DESCRIBE, Described
from IDCBrowserLib.api.method import Question
from IDCBrowserLib.api.volume import MEMORY, Memory
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
    """``start`` replaces what was read before. ``reads_images``: the host has CT and MR read by the engine as a whole."""

    def __init__(self, engine: AnsweredAhead, store: DicomStore, suv_kind: Callable[[], str], reads_images: bool = True) -> None:
        self._engine = engine
        self._store = store
        self._suv_kind = suv_kind
        self._reads_images = reads_images
        self._requests: list[LoadRequest] = []
        self._steps: Steps | None = None

    def start(self, requests: Sequence[LoadRequest]) -> None:
        """Read these, as far as they are in the database and there is memory; with none only what was read before is forgotten."""
        if list(requests) == self._requests:
            return
        if self._steps is not None:
            self._steps.cancel()
        self._engine.forget()
        self._requests = list(requests)
        self._steps = Steps(self._work(), _nothing) if requests else None

    def _work(self) -> Work[None]:
        # In the order in which they are loaded.
        for request in sorted(self._requests, key=is_segmentation):
            try:
                yield from self._one(request)
            except IDCBrowserError:
                # Loading says it.
                continue

    def _one(self, request: LoadRequest) -> Work[None]:
        if is_read(request) or is_slide(request) or is_other_object(request):
            return
        if is_segmentation(request):
            files = yield self._files(request.series_uid)
            # Several are rare, and told apart when they are loaded.
            if len(files) == 1:
                yield from self._segmentation(files[0])
        elif self._reads_images or is_quantity(request):
            files = yield self._files(request.series_uid)
            if files:
                yield from self._keep(read_question(files, 0, self._suv_kind()), files, ())

    def _segmentation(self, file: str) -> Work[None]:
        described: Described = yield self._ask(DESCRIBE({"input": file}))
        images: list[str] = []
        for uid in described["referenced_series_uids"]:
            images += yield self._files(uid)
        if images and not described["on_slide"]:
            yield from self._keep(convert_question(file, described, images), [file], images)

    def _keep(self, question: Question[Any], files: Sequence[str], images: Sequence[str]) -> Work[None]:
        memory: Memory = yield self._ask(MEMORY({"files": list(files), "images": list(images)}))
        free = memory["available_bytes"]
        if free is None or memory["bytes"] < _PART_OF_MEMORY * free:
            yield lambda done, _fail: self._engine.ask_ahead(question, done)

    def _files(self, series_uid: str) -> Operation:
        return lambda done, fail: self._store.series_files(series_uid, done, fail)

    def _ask(self, question: Question[Any]) -> Operation:
        return lambda done, fail: self._engine.ask(question, done, fail)


def _nothing(_result: None) -> None:
    """Nobody waits for it."""
