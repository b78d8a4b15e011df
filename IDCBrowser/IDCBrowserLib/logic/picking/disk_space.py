"""Whether what is selected fits into the folder for downloads, and about how long it will take. Knows no widgets."""

from __future__ import annotations

from dataclasses import dataclass

from IDCBrowserLib.api.downloads import ROOM, Room, RoomParameters
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
        self.changed: Signal[DiskSpaceState] = Signal()
        self._listen(True)

    def disconnect(self) -> None:
        """Stop listening to the browser."""
        self._listen(False)

    def _listen(self, on: bool) -> None:
        browser = self._browser
        browser.picked.changed.listen(self._ask, on)
        browser.plan.changed.listen(self._ask, on)
        browser.folder_changed.listen(self._ask, on)
        browser.downloads.ended.listen(self._ask, on)

    def _ask(self, _what: object) -> None:
        if self._request is not None:
            self._request.cancel()
            self._request = None
        asked = self._asked()
        if asked is None:
            self._tell(DiskSpaceState())
            return
        parameters, known = asked
        options = self._browser.settings.parameters()
        if options.get("layout"):
            parameters["layout"] = options["layout"]
        if options.get("keep_free"):
            parameters["keep_free"] = options["keep_free"]
        # What cannot be looked up (a folder on a drive that is gone) is said when the download begins.
        self._request = self._browser.downloads.client.ask(ROOM(parameters), lambda answer: self._learn(answer, known), self._forget)

    def _asked(self) -> tuple[RoomParameters, int | None] | None:
        """What to ask, and how many bytes are needed where that is known without asking."""
        browser, plan, to = self._browser, self._browser.plan.state, self._browser.host.download_folder
        if plan.sources:
            return ({"to": to, "plan": plan.document["plan"]}, None) if plan.document is not None and not plan.nothing else None
        selected = browser.tables.selection(browser.picked.state.level) if browser.picked.state.level else None
        summary = browser.picked.state.summary
        if selected is None or summary is None:
            return None
        if summary["series"] > _MAX_LOOKED_UP:
            return {"to": to}, summary["bytes"]
        return {"to": to, "selections": [selected], "content": browser.picked.content.parameters(browser.host.store.folders())}, None

    def _learn(self, answer: Room, known: int | None) -> None:
        self._request = None
        needed = answer["missing_bytes"] if known is None else known
        speed = load_speed(self._browser.host.settings)
        self._tell(DiskSpaceState(needed, answer["free_bytes"], needed / speed if speed and needed else None))

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
