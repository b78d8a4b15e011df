"""Whether IDC has a newer release, and using its data without a new package. Knows no widgets.

Nothing is sent before the user presses "Check" or allows a look once a day.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from IDCBrowserLib.api import indices as api
from IDCBrowserLib.api.catalog import Info
from IDCBrowserLib.api.indices import Offered
from IDCBrowserLib.engine.client import EngineClient, Request
from IDCBrowserLib.errors import CancelledError, IDCBrowserError
from IDCBrowserLib.host_interface import Settings
from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.logic.base.state import Kind, Message
from IDCBrowserLib.signal import Signal
from IDCBrowserLib.task import Progress
from IDCBrowserLib.wording import human_size

DAILY_KEY = "Release/CheckDaily"
LAST_KEY = "Release/LastCheck"


def _today() -> str:
    return dt.date.today().isoformat()


@dataclass(frozen=True)
class ReleaseState:
    """``offered`` as ``catalog.check_release`` gives it, None unless it is newer; ``text`` says how far it is or how it ended."""

    offered: Offered | None = None
    running: bool = False
    text: str = ""


class ReleaseUpdate:
    """``check``, ``update``, ``use_bundled``. Signals: ``changed(ReleaseState)``, ``message(Message)``, ``replaced(info)`` when other data are in
    use: views have to be opened again.
    """

    def __init__(self, client: EngineClient, settings: Settings, source: Callable[[], str], today: Callable[[], str] = _today) -> None:
        self._client = client
        self._settings = settings
        self._source = source
        self._today = today
        self._request: Request | None = None
        self.state = ReleaseState()
        self.changed: Signal[ReleaseState] = Signal()
        self.message: Signal[Message] = Signal()
        self.replaced: Signal[Info] = Signal()

    @property
    def daily(self) -> bool:
        """Whether the user allowed a look once a day."""
        return self._settings.value(DAILY_KEY, "no") == "yes"

    def set_daily(self, on: bool) -> None:
        """Remember it."""
        self._settings.set_value(DAILY_KEY, "yes" if on else "no")

    def start(self) -> None:
        """At the start of the program: look, if that is allowed and was not done today."""
        if self.daily and self._settings.value(LAST_KEY, "") != self._today():
            self.check(quiet=True)

    def check(self, quiet: bool = False) -> None:
        """Ask what is offered; ``quiet`` says nothing when it is nothing newer, or nobody answers."""
        if self.state.running:
            return
        self._settings.set_value(LAST_KEY, self._today())
        self._set(running=True, text=_("Checking for a newer release..."))
        question = api.CHECK_RELEASE({"from": self._source()})
        self._request = self._client.ask(question, lambda offered: self._checked(offered, quiet), lambda error: self._failed(error, quiet))

    def update(self) -> None:
        """Fetch what is offered and use it."""
        if self.state.running or self.state.offered is None:
            return
        self._set(running=True, text=_("Fetching the release..."))
        question = api.UPDATE_RELEASE({"from": self._source()})
        self._request = self._client.ask(question, self._updated, lambda error: self._failed(error, False), self._tell)

    def use_bundled(self) -> None:
        """Back to the release of the installed package."""
        if not self.state.running:
            self._set(running=True, text="")
            self._request = self._client.ask(api.USE_BUNDLED_RELEASE({}), self._updated, lambda error: self._failed(error, False))

    def cancel(self) -> None:
        """Stop; what is in use stays so."""
        if self._request is not None:
            self._request.cancel()

    def _checked(self, offered: Offered, quiet: bool) -> None:
        self._request = None
        if offered["newer"]:
            self._set(running=False, offered=offered, text=offer_text(offered))
        else:
            text = _("You have the latest release, IDC {release} ({version}).").format(
                release=offered["idc_version"], version=offered["index_version"]
            )
            self._set(running=False, offered=None, text="" if quiet else text)

    def _tell(self, progress: Progress) -> None:
        done, total = human_size(progress.done), human_size(progress.total) if progress.total else _("an unknown size")
        self._set(text=_("Fetching the release: {done} of {total}").format(done=done, total=total))

    def _updated(self, info: Info) -> None:
        self._request = None
        text = _("Now using IDC {release} ({version}).").format(release=info["idc_version"], version=info["index_version"])
        self._set(running=False, offered=None, text=text)
        self.replaced.emit(info)
        self.message.emit(Message(Kind.SUCCESS, text))

    def _failed(self, error: IDCBrowserError, quiet: bool) -> None:
        self._request = None
        stopped = isinstance(error, CancelledError)
        text = _("Stopped. The current release is still in use.") if stopped else str(error)
        self._set(running=False, text="" if quiet else text)
        if not quiet and not stopped:
            self.message.emit(Message(Kind.ERROR, text))

    def _set(self, **changes: Any) -> None:
        self.state = replace(self.state, **changes)
        self.changed.emit(self.state)


def offer_text(offered: Offered) -> str:
    """A newer release in a sentence."""
    size = _("size unknown") if offered["bytes"] is None else human_size(offered["bytes"])
    text = _("IDC {release} is available. The index files ({size}) can be updated without restarting.")
    return text.format(release=offered["idc_version"], size=size)


def release_text(info: Info) -> str:
    """The release in use, where it comes from, and what is in it."""
    source = _("installed") if info.get("is_bundled", True) else _("updated")
    version = info.get("index_version") or ""
    about = f"{version}, {source}" if version else source
    text = _("IDC release {release} ({about}): {collections} collections, {cases} cases, {studies} studies, {series} series, {size}")
    counts = {name: f"{info[name]:,}" for name in ("collections", "cases", "studies", "series")}
    return text.format(release=info["idc_version"], about=about, size=human_size(info["bytes"]), **counts)
