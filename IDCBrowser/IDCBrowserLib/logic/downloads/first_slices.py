"""What has come of an image series is shown while the rest is downloaded, if that series is to be loaded. No Qt."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from IDCBrowserLib.api import first_slices as api
from IDCBrowserLib.api.transfer import Moving
from IDCBrowserLib.engine.client import EngineClient, Request
from IDCBrowserLib.errors import IDCBrowserError
from IDCBrowserLib.host_interface import SeriesLoader
from IDCBrowserLib.signal import Signal
from IDCBrowserLib.wording import slices_so_far

# Modalities of which most series are one regular stack.
_STACKS = ("CT", "MR", "PT")
# As many files as tell a stack, and as few as are not worth it.
_FEWEST, _SMALLEST_SERIES = 3, 6
# After a look the processor is the download's for that many times as long; seconds at least, and at most: the first look imports much.
_REST, _LEAST_REST_S, _MOST_REST_S = 2.0, 0.5, 2.0
_ON_THE_WAY = ("transferring", "verifying", "complete")


class FirstSlices:
    """``expect`` a download that somebody wants to see, ``take`` what it says of its series, ``end`` with it.

    The views are taken only while they are free and ``looked_at()`` is what it was when the download was asked for; otherwise ``can_show`` says that
    ``show`` would. Signal: ``changed`` with ``text`` and ``can_show``.
    """

    def __init__(
        self, client: EngineClient, loader: SeriesLoader, looked_at: Callable[[], object], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._client = client
        self._loader = loader
        self._looked_at = looked_at
        self._clock = clock
        self._expected: dict[int, object] = {}
        self._shown: _Shown | None = None
        # Of the series that could be shown.
        self._offered: tuple[int, Moving] | None = None
        # No stack could be made of these, or somebody took them out of the views.
        self._left_alone: set[str] = set()
        self.text = ""
        self.changed: Signal[[]] = Signal()

    @property
    def can_show(self) -> bool:
        """Whether there are slices that are not shown."""
        return self._offered is not None and self._shown is None

    def expect(self, key: int) -> None:
        """Somebody asks for a download and waits for what it brings."""
        self._expected[key] = self._looked_at()

    def take(self, key: int, moving: Sequence[Moving]) -> None:
        """What a download says of its series that will be loaded."""
        for item in moving:
            if self._shown is not None and item["SeriesInstanceUID"] == self._shown.uid:
                self._shown.item = item
            elif self._shown is None and self._is_worth_it(item) and (self._offered is None or self._is_offered(item)):
                self._offer(key, item)
        if self._shown is not None:
            self._shown.look()

    def show(self) -> None:
        """Show what is offered, whatever the views show now."""
        if self._offered is not None and self._shown is None:
            key, item = self._offered
            self._begin(key, item)

    def end(self, key: int) -> None:
        """The download has ended, well or not: what was loaded takes the place of its first slices, or nothing does."""
        self._expected.pop(key, None)
        if self._offered is not None and self._offered[0] == key:
            self._offered = None
            self._left_alone.clear()
            self._stop()

    def _is_worth_it(self, item: Moving) -> bool:
        return (
            item["Modality"] in _STACKS
            and item["state"] in _ON_THE_WAY
            and item["files_total"] >= _SMALLEST_SERIES
            and item["files"] >= _FEWEST
            and item["SeriesInstanceUID"] not in self._left_alone
        )

    def _is_offered(self, item: Moving) -> bool:
        return self._offered is not None and self._offered[1]["SeriesInstanceUID"] == item["SeriesInstanceUID"]

    def _offer(self, key: int, item: Moving) -> None:
        self._offered = key, item
        if key in self._expected and self._expected[key] == self._looked_at() and self._loader.views_are_free():
            self._begin(key, item)
        else:
            self._say(slices_so_far(item["files"], item["files_total"]))

    def _begin(self, key: int, item: Moving) -> None:
        self._offered = key, item
        self._shown = _Shown(self._client, item, self._clock, self._seen, self._gone)
        self._shown.look()

    def _seen(self, volume: api.Shown) -> None:
        if self._loader.show_first_slices(volume):
            self._say(slices_so_far(len(volume["present"]), volume["of"]))
        else:
            # Something else is looked at by now.
            self._leave_alone()

    def _gone(self) -> None:
        """No stack can be made of it, or the engine is gone."""
        self._leave_alone()

    def _leave_alone(self) -> None:
        if self._shown is not None:
            self._left_alone.add(self._shown.uid)
        self._offered = None
        self._stop()

    def _stop(self) -> None:
        shown, self._shown = self._shown, None
        if shown is not None:
            shown.close()
        self._loader.hide_first_slices()
        self._say("")

    def _say(self, text: str) -> None:
        self.text = text
        self.changed.emit()


class _Shown:
    """One series that is looked at: ``item`` is what is known of it last."""

    def __init__(
        self, client: EngineClient, item: Moving, clock: Callable[[], float], on_seen: Callable[[api.Shown], None], on_gone: Callable[[], None]
    ) -> None:
        self.item = item
        self.uid = item["SeriesInstanceUID"]
        self._client = client
        self._clock = clock
        self._on_seen = on_seen
        self._on_gone = on_gone
        self._slices: int | None = None
        self._files = 0
        self._has_more = False
        self._not_before = 0.0
        self._began = 0.0
        question = api.OPEN({"series": self.uid, "expected": item["files_total"]})
        self._request: Request | None = client.ask(question, self._opened, self._failed)

    def look(self) -> None:
        """At what has come since the last time, unless that was a moment ago."""
        is_new = self.item["files"] > self._files or self._has_more
        if self._slices is not None and self._request is None and is_new and self._clock() >= self._not_before:
            self._files, self._began = self.item["files"], self._clock()
            question = api.LOOK({"slices": self._slices, "folder": self.item["directory"]})
            self._request = self._client.ask(question, self._looked, self._failed)

    def close(self) -> None:
        """Look no more."""
        if self._request is not None:
            self._request.cancel()
            self._request = None
        if self._slices is not None and self._client.is_ready:
            self._client.ask(api.CLOSE({"slices": self._slices}))
        self._slices = None

    def _opened(self, handle: api.FirstSlicesHandle) -> None:
        self._request, self._slices = None, handle["slices"]
        self.look()

    def _looked(self, seen: api.Seen) -> None:
        self._request, self._has_more = None, seen["has_more"]
        now = self._clock()
        self._not_before = now + min(max(_LEAST_REST_S, _REST * (now - self._began)), _MOST_REST_S)
        if seen["volume"] is not None:
            self._on_seen(seen["volume"])
        elif self._files >= self.item["files_total"] and not self._has_more:
            self._on_gone()

    def _failed(self, _error: IDCBrowserError) -> None:
        self._request, self._slices = None, None
        self._on_gone()
