"""What is selected in the tables, or opened as a list: how much it is, which content of it is wanted, and fetching, saving and citing it."""

from __future__ import annotations

from collections.abc import Callable, Set
from dataclasses import replace
from typing import Any

from IDCBrowserLib.api.selection import MAX_LOADED_SERIES, SUMMARY, PlanParameters, Summary
from IDCBrowserLib.api.values import Folders
from IDCBrowserLib.engine.client import EngineClient, Request
from IDCBrowserLib.errors import IDCBrowserError
from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.logic.base.loading_text import what_loading_does, why_not_load
from IDCBrowserLib.logic.base.state import SelectionState
from IDCBrowserLib.logic.downloads.downloads import Downloads
from IDCBrowserLib.logic.picking.cart import Cart
from IDCBrowserLib.logic.picking.selection_actions import CitedPart, ContentOptions, ExportFormat, SelectionActions
from IDCBrowserLib.logic.picking.source_plan import SourcePlan
from IDCBrowserLib.logic.tables.tables import Tables
from IDCBrowserLib.selection.slide_levels import SLIDES
from IDCBrowserLib.signal import Signal


class Picked:
    """``state`` counts the selected rows, ``content`` says what of them is wanted; ``slide_levels`` gives what is fetched of slides to show them,
    ``here`` the folders of objects that say which images they refer to.

    Signals: ``changed(SelectionState)``, ``began`` when something was asked for that makes former messages old.
    """

    def __init__(
        self,
        client: EngineClient,
        tables: Tables,
        plan: SourcePlan,
        cart: Cart,
        downloads: Downloads,
        actions: SelectionActions,
        slide_levels: Callable[[], tuple[str, ...]],
        here: Callable[[], Folders],
    ) -> None:
        self._client, self._tables, self._plan, self._cart = client, tables, plan, cart
        self._downloads, self._actions = downloads, actions
        self._slide_levels_shown, self._here = slide_levels, here
        self._request: Request | None = None
        self.content = ContentOptions()
        self.state = SelectionState()
        self.changed: Signal[SelectionState] = Signal()
        self.began: Signal[[]] = Signal()

    def count(self, level: str) -> None:
        """Ask what is in the rows that are selected at ``level``."""
        self._set(SelectionState(level, self._tables.state(level).selected_count))
        self._ask(level)

    def recount(self) -> None:
        """More is known of what series refer to: ask again where images were guessed. What was counted stays in sight meanwhile."""
        if self.state.summary is not None and self.state.summary["guessed_images"]:
            self._ask(self.state.level)

    def _ask(self, level: str) -> None:
        self.cancel()
        selection = self._tables.selection(level)
        question = SUMMARY({"selections": [] if selection is None else [selection], "content": self.content.parameters(self._here())})
        self._request = self._client.ask(question, self._counted, self._not_counted)

    def clear(self) -> None:
        """No row is selected."""
        self.cancel()
        self._set(SelectionState())

    def cancel(self) -> None:
        """The answer that is awaited is of no use."""
        if self._request is not None:
            self._request.cancel()
            self._request = None

    def choose(self, **changes: Any) -> None:
        """Change which content is downloaded or saved (fields of ``ContentOptions``)."""
        former = self.content
        self.content = replace(self.content, **changes)
        if self.content.parameters(None) != former.parameters(None):
            self._plan.choose(self.content.parameters(None))
        if not self._plan.state.sources and self.state.level and self.content != former:
            self.count(self.state.level)

    def download(self, load: bool) -> None:
        """Fetch it; with ``load`` put it into the scene as well."""
        if self.why_not_download(load):
            return
        taken = self._taken()
        if taken is None:
            return
        what, content = taken
        counted = self._plan.state.document or self.state.summary
        content = replace(content, slide_levels=self._slide_levels(load, counted and set(counted["modalities"])))
        self.began.emit()
        if content.parameters(None):
            self._actions.download(what, content, load)
        else:
            self._downloads.start(what, load, self.content.with_references)

    def download_cart(self, load: bool) -> None:
        """Fetch what is in the cart, or the part of it that was chosen there."""
        if not self.why_not_download_cart(load):
            self.began.emit()
            totals = self._cart.state.totals
            content = replace(self._cart.state.content, slide_levels=self._slide_levels(load, totals and set(totals["modalities"])))
            self._actions.download({"cart": True}, content, load)

    def add_to_cart(self, level: str = "") -> None:
        """Put the selected rows of a table aside, those of the deepest one unless it is named."""
        level = level or self._tables.deepest_selected() or ""
        selection = self._tables.selection(level) if level else None
        if selection is not None:
            self._cart.add(selection, level)

    def save_as(self, form: ExportFormat, path: str) -> None:
        """Write it to a file."""
        taken = self._taken()
        if taken is not None:
            self._actions.save(*taken, form, path)

    def cite(self, part: CitedPart, on_text: Callable[[str], None]) -> None:
        """Give the methods text or the citations to ``on_text``."""
        taken = self._taken()
        if taken is not None:
            self._actions.cite(*taken, part, on_text)

    def what_loading_does(self) -> str:
        """What becomes of the selection with "Download and load", by the kinds of its series."""
        summary = self.state.summary
        return what_loading_does(set(summary["modalities"]) if summary is not None else set())

    def why_not_download(self, load: bool) -> str:
        """A sentence when the button cannot be used now; "" when it can."""
        if self._plan.state.sources:
            return self._why_not_plan(load)
        if not self.state.level:
            return _("Select collections, cases, studies or series first.")
        return _why_not_these(self.state.summary, load)

    def why_not_download_cart(self, load: bool) -> str:
        """The same for the cart."""
        if self._actions.busy:
            return _("The series to download are still being looked up. Wait a moment.")
        if not self._cart.state.count:
            return _("The cart is empty.")
        return _why_not_these(self._cart.state.totals, load)

    def _why_not_plan(self, load: bool) -> str:
        plan = self._plan.state
        if plan.document is None:
            return _("The series to download are still being looked up. Wait a moment.")
        modalities = {str(item["Modality"]) for item in plan.document["series"]}
        return plan.nothing or _why_not_so_many(plan.document["series_count"], load) or why_not_load(modalities, load)

    def _taken(self) -> tuple[PlanParameters, ContentOptions] | None:
        """The selected rows if there are any, else an opened list, and which content of it."""
        document = self._plan.state.document
        if document is not None:
            return {"plan": document["plan"]}, ContentOptions(with_references=self.content.with_references)
        level = self._tables.deepest_selected()
        selection = self._tables.selection(level) if level else None
        return ({"selections": [selection]}, self.content) if selection is not None else None

    def _slide_levels(self, load: bool, modalities: Set[str] | None) -> tuple[str, ...]:
        """Of slides that are to be seen no more than is shown of them; ``modalities`` are None where they are not known yet."""
        has_slides = load and (modalities is None or SLIDES in modalities)
        return self._slide_levels_shown() if has_slides else ()

    def _counted(self, summary: Summary) -> None:
        self._set(SelectionState(self.state.level, self.state.rows, summary))

    def _not_counted(self, error: IDCBrowserError) -> None:
        self._set(SelectionState(self.state.level, self.state.rows, None, str(error)))

    def _set(self, state: SelectionState) -> None:
        self.state = state
        self.changed.emit(state)


def _why_not_these(summary: Summary | None, load: bool) -> str:
    # While the selection is being counted, allow it; the download checks the plan again.
    if summary is not None and not summary["series"]:
        return _("The selection contains nothing of this kind. Choose other content.")
    if summary is None:
        return ""
    return _why_not_so_many(summary["series"], load) or why_not_load(set(summary["modalities"]), load)


def _why_not_so_many(series: int, load: bool) -> str:
    if load and series > MAX_LOADED_SERIES:
        return _('At most {limit} series can be loaded at once. Select fewer series, or use "Download".').format(limit=MAX_LOADED_SERIES)
    return ""
