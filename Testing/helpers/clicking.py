"""Somebody who clicks through everything that opens something in the engine, often before the last answer is there."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from helpers.fake_host import FakeHost
from IDCBrowserLib.api import diagnostics
from IDCBrowserLib.demo.world import World
from IDCBrowserLib.engine.client import EngineClient, EngineProcess
from IDCBrowserLib.logic.browser import Browser
from IDCBrowserLib.logic.downloads.download_base import DownloadOverrides
from IDCBrowserLib.logic.picking.selection_actions import export_formats

_LONGEST_S = 60.0
_PRESETS = ("", "originals", "annotations")


class Clicking:
    """A browser without a window over a real engine, whose catalog is small; what it previews comes from the demo's bucket."""

    def __init__(self, start: Callable[[], EngineProcess], world: World, folder: Path) -> None:
        self._folder = folder
        self._case = {series.key: series.series_instance_uid for series in world.series}
        self._deferred: list[Callable[[], None]] = []
        self.client = EngineClient(start)
        self.client.callback_raised.connect(self._raised)
        host = FakeHost(str(folder / "downloads"))
        self.browser = Browser(self.client, host, self._deferred.append, DownloadOverrides(endpoint_url=world.endpoint_url))
        self.messages: list[str] = []
        self.browser.message.connect(lambda message: self.messages.append(message.text) if message is not None else None)
        self.browser.start()
        self.browser.filters.watch(True)
        self.settle()

    def close(self) -> None:
        self.browser.close()
        self.client.close()

    def settle(self) -> None:
        """Until every question is answered."""
        end = time.monotonic() + _LONGEST_S
        while self.client.pending or self._deferred:
            assert time.monotonic() < end, "the engine does not answer"
            self.poll()

    def poll(self) -> None:
        """A moment of the window."""
        self.client.poll()
        waiting, self._deferred[:] = list(self._deferred), []
        for do in waiting:
            do()
        time.sleep(0.001)

    def handles(self) -> diagnostics.Handles:
        """What the engine keeps now."""
        answers: list[diagnostics.Info] = []
        self.settle()
        self.client.ask(diagnostics.INFO({}), answers.append)
        self.settle()
        return answers[0]["handles"]

    def facets(self, number: int) -> None:
        """A click on a facet, and on rows of what is left."""
        self.browser.filters.toggle("Modality", ("CT", "MR", "SEG")[number % 3])
        self._wait(number)
        for level in ("collections", "cases", "studies", "series"):
            total = self.browser.tables.state(level).total
            if total:
                self.browser.tables.select(level, ((number % total, number % total),))
                self._wait(number + 1)
        self.browser.tables.sort("series", ("Modality", "SeriesNumber")[number % 2], bool(number % 4 // 2))

    def plans(self, number: int) -> None:
        """Identifiers are opened, a part of them is chosen, saved, or nothing of it."""
        self.browser.opened_set.open_sources([self._case["ct"], self._case["seg_binary"]])
        self._wait(number)
        self.browser.picked.choose(preset=_PRESETS[number % 3])
        self._wait(number + 1)
        if number % 4 == 0:
            self.browser.picked.save_as(export_formats()[2], str(self._folder / "saved.csv"))
            self._wait(number)

    def previews(self, number: int) -> None:
        """Pictures of one series after the other."""
        self.browser.preview.show(self._case[("ct", "seg_binary", "rtstruct")[number % 3]])
        self._wait(number)

    def queries(self, number: int) -> None:
        """Queries in SQL, and their rows in another order."""
        self.browser.query.run(f"SELECT SeriesInstanceUID, {number} FROM index")
        self._wait(number)
        self.browser.query.sort(0, bool(number % 2))

    def storage(self) -> None:
        """The page of what is on this computer."""
        self.browser.storage.refresh(again=True)
        self.poll()

    def _wait(self, number: int) -> None:
        """Every third time the answer is waited for, else a moment at most."""
        if number % 3 == 0:
            self.settle()
        elif number % 3 == 1:
            self.poll()

    @staticmethod
    def _raised(error: Exception) -> None:
        raise error
