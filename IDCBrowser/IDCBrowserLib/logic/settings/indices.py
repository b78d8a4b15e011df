"""Additional index files: which are on this computer, and fetching them on request or when needed. Knows no widgets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from IDCBrowserLib.api import indices as api
from IDCBrowserLib.api.indices import SideIndex
from IDCBrowserLib.engine.client import EngineClient
from IDCBrowserLib.errors import IDCBrowserError
from IDCBrowserLib.host_interface import Host
from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.logic.base.state import Kind, Message
from IDCBrowserLib.logic.settings.index_sizes import IndexSizes
from IDCBrowserLib.logic.settings.side_fetch import FetchState, SideFetch
from IDCBrowserLib.signal import Signal
from IDCBrowserLib.wording import human_size

SOURCE_KEY = "Index/Source"
POLICY_KEY = "Index/WhenNeeded"
ASK, ALWAYS, NEVER = "ask", "always", "never"


@dataclass(frozen=True)
class IndicesState:
    """``rows`` as ``catalog.side_indices`` gives them; ``waiting`` are to be fetched next; ``text`` how far the one under way is.

    ``sizes`` in bytes of those that were asked for and are not here.
    """

    rows: tuple[SideIndex, ...] = ()
    waiting: tuple[str, ...] = ()
    current: str = ""
    text: str = ""
    sizes: Mapping[str, int] = field(default_factory=dict)

    def state_of(self, name: str) -> str:
        """ "here", "missing", "damaged", "fetching" or "waiting"; "missing" for one that is unknown."""
        if name == self.current:
            return "fetching"
        if name in self.waiting:
            return "waiting"
        return next((row["state"] for row in self.rows if row["name"] == name), "missing")


class Indices:
    """``fetch``, ``fetch_all``, ``cancel``, ``remove``; ``need`` asks for what a feature lacks, as the user allowed it.

    Signals: ``changed(IndicesState)``, ``message(Message)``, ``used(name, here)`` when one came or went.
    """

    def __init__(self, client: EngineClient, host: Host) -> None:
        self._client = client
        self._host = host
        self._asked: set[str] = set()
        self.worker = SideFetch(client, lambda: self.source)
        self.state = IndicesState()
        self.changed: Signal[IndicesState] = Signal()
        self.message: Signal[Message] = Signal()
        self.used: Signal[str, bool] = Signal()
        self._sizes = IndexSizes(client, lambda: self.source)
        self._sizes.changed.connect(self._sizes_changed)
        self.worker.changed.connect(self._worked)
        self.worker.arrived.connect(self._arrived)
        self.worker.ended.connect(self._ended)

    @property
    def source(self) -> str:
        """The address or folder they are taken from; "" for IDC's own."""
        return self._host.settings.value(SOURCE_KEY, "")

    def set_source(self, text: str) -> None:
        """Remember where to take them from."""
        self._host.settings.set_value(SOURCE_KEY, text.strip())

    @property
    def policy(self) -> str:
        """What happens when one is needed: "ask", "always" or "never"."""
        value = self._host.settings.value(POLICY_KEY, ASK)
        return value if value in (ASK, ALWAYS, NEVER) else ASK

    def set_policy(self, policy: str) -> None:
        """Remember it."""
        self._host.settings.set_value(POLICY_KEY, policy)

    def refresh(self) -> None:
        """Look again which are here; when that fails, what was known stays."""
        self._client.ask(api.SIDE_INDICES({}), lambda result: self._set(rows=tuple(result["indices"])))

    def ask_sizes(self, names: Sequence[str]) -> None:
        """Ask how large these are, unless that is known."""
        self._sizes.ask(names)

    def forget_sizes(self) -> None:
        """Those of another release differ."""
        self._sizes.forget()

    def fetch(self, names: Sequence[str]) -> None:
        """Get these, one after the other."""
        new = [name for name in names if name != self.state.current and name not in self.state.waiting]
        self._set(waiting=(*self.state.waiting, *new))
        self._next()

    def fetch_all(self) -> None:
        """Get every one that is missing or damaged."""
        self.fetch([row["name"] for row in self.state.rows if row["state"] != "here"])

    def cancel(self) -> None:
        """Stop the one under way, and get none of the others."""
        self._set(waiting=())
        self.worker.cancel()

    def remove(self, name: str) -> None:
        """Remove our file."""
        self._client.ask(api.REMOVE_SIDE_INDEX({"name": name}), lambda _result: self._removed(name), self._fail)

    def need(self, name: str, purpose: str) -> None:
        """Something that the user asked for needs this index; ``purpose`` names it in a sentence. Asked once per session."""
        if name in self._asked or self.state.state_of(name) in ("here", "fetching", "waiting"):
            return
        self._asked.add(name)
        if self.policy == NEVER:
            text = _("{purpose} needs the index file {name}. Fetch it on the Settings page.")
            self.message.emit(Message(Kind.INFO, text.format(purpose=purpose, name=name)))
        else:
            self._client.ask(
                api.SIDE_INDEX_BYTES({"names": [name], "from": self.source}),
                lambda result: self._sized(name, purpose, result["bytes"][name]),
                lambda _error: self._sized(name, purpose, None),
            )

    def _sized(self, name: str, purpose: str, size: int | None) -> None:
        shown = human_size(size) if size is not None else _("size unknown")
        if self.policy == ALWAYS:
            text = _("{purpose} needs the index file {name} ({size}); it is being fetched.")
            self.message.emit(Message(Kind.INFO, text.format(purpose=purpose, name=name, size=shown)))
            self.fetch([name])
            return
        text = _("{purpose} needs the index file {name} ({size}). Fetch it now? You can continue working meanwhile.")
        self._host.confirm(text.format(purpose=purpose, name=name, size=shown), lambda yes: self.fetch([name]) if yes else None)

    def _next(self) -> None:
        if self.state.waiting and not self.worker.state.running:
            name, *rest = self.state.waiting
            self._set(waiting=tuple(rest))
            self.worker.fetch(name)

    def _arrived(self, name: str) -> None:
        self.used.emit(name, True)

    def _sizes_changed(self) -> None:
        self._set(sizes=self._sizes.known)

    def _worked(self, state: FetchState) -> None:
        if state.running:
            self._sizes.stop()
        self._set(current=state.name if state.running else "", text=state.text)

    def _ended(self, _name: str) -> None:
        self.refresh()
        self._next()

    def _removed(self, name: str) -> None:
        self._set(text=_("{name} removed.").format(name=name))
        self.refresh()
        self.used.emit(name, False)

    def _fail(self, error: IDCBrowserError) -> None:
        self.message.emit(Message(Kind.ERROR, str(error)))

    def _set(self, **changes: Any) -> None:
        self.state = replace(self.state, **changes)
        self.changed.emit(self.state)
