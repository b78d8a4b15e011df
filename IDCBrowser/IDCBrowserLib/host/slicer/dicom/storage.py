"""Removing from and moving below Slicer's DICOM database: rows in the main thread, a few milliseconds at a time, files in the engine.

Signatures (ctkDICOMDatabase.h, CTK Libs/DICOM/Core): ``removeSeries(uid)`` gives a bool; linked files stay, copies in the database folder go.
A known instance that is added from another path gets that path (``insert`` in ctkDICOMDatabase.cpp).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from IDCBrowserLib.api import storage as api
from IDCBrowserLib.api.store import LeftOut
from IDCBrowserLib.engine.client import EngineClient, Request
from IDCBrowserLib.errors import CancelledError
from IDCBrowserLib.host.slicer.dicom.importing import SlicerImport
from IDCBrowserLib.host_interface import OnError, OnProgress
from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.logic.base.file_lister import FileLister
from IDCBrowserLib.qtbinding import QtCore
from IDCBrowserLib.task import Progress

if TYPE_CHECKING:
    from slicer import ctkDICOMDatabase

_SLICE_S = 0.006


class _Steps:
    """What both have in common: a request of the engine under way, which ``cancel`` stops. What cannot be stopped any more is brought to its end."""

    def __init__(self, client: EngineClient, database: ctkDICOMDatabase, on_error: OnError) -> None:
        self._client = client
        self._database = database
        self._on_error = on_error
        self._request: Request | None = None
        self._cancelled = False

    def cancel(self) -> None:
        """Stop; then ``on_error`` gets a ``CancelledError``, or ``on_done`` what had been done already."""
        self._cancelled = True
        if self._request is not None:
            self._request.cancel(True)


class SlicerRemoval(_Steps):
    """Asks which rows have to go, forgets them, deletes the files, and adds again what lies elsewhere of the same series."""

    def __init__(
        self,
        client: EngineClient,
        database: ctkDICOMDatabase,
        parameters: api.ChosenParameters,
        on_done: Callable[[api.Removed], object],
        on_error: OnError,
        on_progress: OnProgress,
    ) -> None:
        super().__init__(client, database, on_error)
        self._parameters = parameters
        self._on_done = on_done
        self._on_progress = on_progress
        self._left: list[str] = []
        self._total = 0
        self._again: list[str] = []
        self._request = client.ask(api.ROWS_OF(parameters), self._forget, on_error)

    def _forget(self, answer: api.RowsOf) -> None:
        self._left, self._again = list(reversed(answer["series"])), list(answer["again"])
        self._total = len(self._left)
        self._request = None
        self._go_on()

    def _go_on(self) -> None:
        end = time.monotonic() + _SLICE_S
        while self._left and not self._cancelled:
            self._database.removeSeries(self._left.pop())
            if time.monotonic() >= end:
                break
        if self._cancelled:
            self._on_error(CancelledError())
            return
        self._on_progress(Progress(_("Removing from the DICOM database"), self._total - len(self._left), self._total, "series"))
        if self._left:
            QtCore.QTimer.singleShot(0, self._go_on)
            return
        question = api.REMOVE({**self._parameters, "rows": False})
        self._request = self._client.ask(question, self._removed, self._on_error, self._on_progress)

    def _removed(self, report: api.Removed) -> None:
        self._request = None
        if self._again:
            self._import = SlicerImport(self._database, self._again, lambda _counts: self._on_done(report), self._on_progress)
        else:
            self._on_done(report)


class SlicerMove(_Steps):
    """Has the engine bring the files to their new place, adds those that the database has from there, and has the engine finish."""

    def __init__(
        self,
        client: EngineClient,
        database: ctkDICOMDatabase,
        parameters: api.MoveCheckParameters,
        on_done: Callable[[api.Moved], object],
        on_error: OnError,
        on_progress: OnProgress,
    ) -> None:
        super().__init__(client, database, on_error)
        self._on_done = on_done
        self._on_progress = on_progress
        self._request = client.ask(api.MOVE({**parameters, "rows": False}), self._moved, on_error, on_progress)

    def _moved(self, document: api.Moved) -> None:
        self._request = None
        self._lister = FileLister(document["again"], lambda files: self._add(document, files), lambda do: QtCore.QTimer.singleShot(0, do))

    def _add(self, document: api.Moved, files: list[str]) -> None:
        if files:
            self._import = SlicerImport(self._database, files, lambda counts: self._added(document, counts["left_out"]), self._on_progress)
        else:
            self._added(document, [])

    def _added(self, document: api.Moved, left_out: Sequence[LeftOut]) -> None:
        def ended(answer: api.MoveEnd) -> None:
            self._on_done({**document, "left_out": left_out, "removed": answer["removed"]})

        self._client.ask(api.MOVE_END({}), ended, self._on_error)
