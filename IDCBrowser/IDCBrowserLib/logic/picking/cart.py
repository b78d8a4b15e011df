"""The cart, which the engine keeps between sessions. Knows no widgets."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from IDCBrowserLib.api import cart as api
from IDCBrowserLib.api.method import Question
from IDCBrowserLib.api.selection import SUMMARY, Summary
from IDCBrowserLib.api.values import Folders, Selection
from IDCBrowserLib.engine.client import EngineClient, Request
from IDCBrowserLib.errors import IDCBrowserError
from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.logic.base.state import Kind, Message
from IDCBrowserLib.logic.picking.selection_actions import ContentOptions
from IDCBrowserLib.signal import Signal
from IDCBrowserLib.wording import human_count

R = TypeVar("R")

PAGE = 200


@dataclass(frozen=True)
class CartState:
    """``count`` entries; the rest is asked for while somebody looks: ``groups``, ``beside`` and ``unknown`` as ``cart.groups`` gives them, and
    ``totals`` as ``selection.summary`` under ``content``, None while they are counted. ``modalities`` are those of everything in the cart.
    """

    count: int = 0
    can_undo: bool = False
    groups: tuple[api.Group, ...] = ()
    beside: tuple[api.EntryRow, ...] = ()
    unknown: tuple[api.Entry, ...] = ()
    unknown_count: int = 0
    content: ContentOptions = field(default_factory=ContentOptions)
    totals: Summary | None = None
    modalities: tuple[str, ...] = ()
    error: str = ""


class Cart:
    """``here``: the folders of objects that say which images they refer to. Signals:
    ``changed(CartState)``; ``contents_changed()`` when other entries are in it; ``message(Message)`` of what was added, and of errors.
    """

    def __init__(self, client: EngineClient, here: Callable[[], Folders]) -> None:
        self._client = client
        self._here = here
        self._requests: dict[str, Request] = {}
        self._watched = False
        self.state = CartState()
        self.changed: Signal[CartState] = Signal()
        self.contents_changed: Signal[[]] = Signal()
        self.message: Signal[Message] = Signal()

    def start(self) -> None:
        """Ask how much is in it."""
        self._ask("list", api.LIST({}), self._learn)

    def watch(self, on: bool) -> None:
        """Whether anybody looks at what is in it."""
        self._watched = on
        if on:
            self.refresh()

    def refresh(self) -> None:
        """Ask again, as of another engine or another program."""
        if not self._watched:
            self.start()
            return
        self._ask("groups", api.GROUPS({}), self._grouped)
        self._count()

    def add(self, selection: Selection, level: str, note: str = "") -> None:
        """Put selected rows of a table in; ``note`` is message with the outcome."""
        self._client.ask(api.ADD({"selections": [selection]}), lambda result: self._added(level, note, result), self._fail)

    def remove(self, collections: Sequence[str], entries: Sequence[api.Entry]) -> None:
        """Take out everything in collections, and single entries (rows as ``cart.rows`` gives them)."""
        selections: list[Selection] = [{"level": item["level"], "ids": [item["id"]], "filters": item["filters"]} for item in entries]
        self._change(api.REMOVE({"collections": list(collections), "selections": selections}))

    def clear(self) -> None:
        """Empty it; ``undo`` brings it back."""
        self._change(api.CLEAR({}))

    def undo(self) -> None:
        """Take the last change back."""
        self._change(api.UNDO({}))

    def choose(self, **changes: Any) -> None:
        """Change the content (fields of ``ContentOptions``) and update the totals."""
        content = replace(self.state.content, **changes)
        if content != self.state.content:
            self._set(replace(self.state, content=content, totals=None, error=""))
            self._count()

    def rows(self, collection_id: str, offset: int, on_rows: Callable[[Sequence[api.EntryRow]], None]) -> None:
        """The entries of one collection, ``PAGE`` from ``offset`` on."""
        question = api.ROWS({"collection": collection_id, "offset": offset, "limit": PAGE})
        self._client.ask(question, lambda result: on_rows(result["rows"]), self._fail)

    # What the engine says

    def _change(self, question: Question[api.State]) -> None:
        self._client.ask(question, self._learn_and_refresh, self._fail)

    def _added(self, level: str, note: str, result: api.Added) -> None:
        self._learn_and_refresh(result)
        asked, new = result["asked"], result["added"]
        if new:
            text = _("{rows} in the cart; the cart contains {count}.").format(rows=_rows(level, asked), count=_entries(result["count"]))
        else:
            text = _("Everything is already in the cart.")
        self.message.emit(Message(Kind.INFO, f"{text} {note}" if note else text))

    def _learn_and_refresh(self, result: api.State) -> None:
        self._learn(result)
        if self._watched:
            self.refresh()

    def _learn(self, result: api.State) -> None:
        self._set(replace(self.state, count=result["count"], can_undo=result["can_undo"]))

    def _grouped(self, result: api.Groups) -> None:
        self._set(
            replace(
                self.state,
                count=result["count"],
                can_undo=result["can_undo"],
                groups=tuple(result["groups"]),
                beside=tuple(result["beside"]),
                unknown=tuple(result["unknown"]),
                unknown_count=result["unknown_count"],
            )
        )
        self.contents_changed.emit()

    def _count(self) -> None:
        if not self._watched:
            return
        self._ask("totals", SUMMARY({"cart": True, "content": self.state.content.parameters(self._here())}), self._counted, self._not_counted)
        if self.state.content.preset:
            self._ask("modalities", SUMMARY({"cart": True}), self._named)

    def _counted(self, summary: Summary) -> None:
        names = self.state.modalities if self.state.content.preset else tuple(sorted(summary["modalities"]))
        self._set(replace(self.state, totals=summary, modalities=names, error=""))

    def _named(self, summary: Summary) -> None:
        self._set(replace(self.state, modalities=tuple(sorted(summary["modalities"]))))

    def _not_counted(self, error: IDCBrowserError) -> None:
        self._set(replace(self.state, totals=None, error=str(error)))

    def _ask(
        self,
        what: str,
        question: Question[R],
        on_result: Callable[[R], None],
        on_error: Callable[[IDCBrowserError], None] | None = None,
    ) -> None:
        former = self._requests.get(what)
        if former is not None:
            former.cancel()
        self._requests[what] = self._client.ask(question, on_result, on_error or self._fail)

    def _fail(self, error: IDCBrowserError) -> None:
        self.message.emit(Message(Kind.ERROR, str(error)))

    def _set(self, state: CartState) -> None:
        self.state = state
        self.changed.emit(state)


def _rows(level: str, number: int) -> str:
    words = {
        "collections": (_("collection is"), _("collections are")),
        "analysis_results": (_("analysis result is"), _("analysis results are")),
        "cases": (_("case is"), _("cases are")),
        "studies": (_("study is"), _("studies are")),
        "series": (_("series is"), _("series are")),
    }[level]
    return human_count(number, *words)


def _entries(number: int) -> str:
    return human_count(number, _("item"), _("items"))
