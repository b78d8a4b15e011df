"""Whether what is selected fits into the folder for downloads, and about how long it will take. Knows no widgets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from IDCBrowserLib.engine.client import Request
from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.logic.base.settings_keys import load_speed
from IDCBrowserLib.logic.browser import Browser
from IDCBrowserLib.signal import Signal
from IDCBrowserLib.wording import human_size, human_time_left

# Of more series it is not looked up which are here already.
_MAX_LOOKED_UP = 5000


@dataclass(frozen=True)
class DiskSpaceState:
    """``needed`` bytes are not here yet, ``free`` are free; without ``free`` nothing is known. ``seconds`` at the speed of former downloads."""

    needed: int = 0
    free: int | None = None
    seconds: float | None = None

    @property
    def fits(self) -> bool:
        """Whether there is room for it."""
        return self.free is None or self.needed <= self.free


class DiskSpace:
    """Follows the selection, an opened plan, the folder and the end of downloads; ``changed(DiskSpaceState)``."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._request: Request | None = None
        self.state = DiskSpaceState()
        self.changed = Signal()
        for signal in self._signals():
            signal.connect(self._ask)

    def disconnect(self) -> None:
        """Stop listening to the browser."""
        for signal in self._signals():
            signal.disconnect(self._ask)

    def _signals(self) -> tuple[Signal, ...]:
        browser = self._browser
        return browser.selection_changed, browser.plan.changed, browser.folder_changed, browser.downloads.ended

    def _ask(self, _what: Any) -> None:
        if self._request is not None:
            self._request.cancel()
            self._request = None
        asked = self._asked()
        if asked is None:
            self._tell(DiskSpaceState())
            return
        parameters, known = asked
        parameters["to"] = self._browser.host.download_folder
        # What cannot be looked up (a folder on a drive that is gone) is said when the download begins.
        self._request = self._browser.downloads.client.request("transfer.room", parameters, lambda answer: self._learn(answer, known), self._forget)

    def _asked(self) -> tuple[dict[str, Any], int | None] | None:
        """What to ask, and how many bytes are needed where that is known without asking."""
        browser, plan = self._browser, self._browser.plan.state
        if plan.sources:
            return ({"plan": plan.document["plan"]}, None) if plan.document is not None and not plan.nothing else None
        selection = browser.selection
        if not selection.level or selection.summary is None:
            return None
        if selection.summary["series"] > _MAX_LOOKED_UP:
            return {}, int(selection.summary["bytes"])
        return {"selections": [browser.tables.selection(selection.level)], **browser.content.parameters(True)}, None

    def _learn(self, answer: Mapping[str, Any], known: int | None) -> None:
        self._request = None
        needed = int(answer["missing_bytes"]) if known is None else known
        speed = load_speed(self._browser.host.settings)
        self._tell(DiskSpaceState(needed, int(answer["free_bytes"]), needed / speed if speed and needed else None))

    def _forget(self, _error: Exception) -> None:
        self._request = None
        self._tell(DiskSpaceState())

    def _tell(self, state: DiskSpaceState) -> None:
        if state != self.state:
            self.state = state
            self.changed.emit(state)


def disk_space_text(state: DiskSpaceState) -> str:
    """One line; "" while nothing is known."""
    if state.free is None:
        return ""
    if not state.needed:
        return _("Everything is already on this computer.")
    sizes = {"needed": human_size(state.needed), "free": human_size(state.free)}
    if not state.fits:
        return _("Not enough disk space: {needed} to download, {free} free.").format(**sizes)
    if state.seconds is None:
        return _("{needed} to download, {free} free.").format(**sizes)
    return _("{needed} to download, {free} free; about {time}.").format(**sizes, time=human_time_left(state.seconds))
