"""The row whose details are shown: what the catalog says of it, its pictures, what is related to it and its clinical data."""

from __future__ import annotations

from IDCBrowserLib.api.catalog import DETAILS
from IDCBrowserLib.engine.client import EngineClient, Request
from IDCBrowserLib.logic.base.state import DetailsState
from IDCBrowserLib.logic.details.clinical import Clinical
from IDCBrowserLib.logic.details.leafing import Leafing, is_leafed_through
from IDCBrowserLib.logic.details.preview import Preview
from IDCBrowserLib.logic.details.related import Related
from IDCBrowserLib.logic.details.thumbnails import Thumbnails
from IDCBrowserLib.logic.tables.tables import Tables
from IDCBrowserLib.signal import Signal


class ShownDetails:
    """Signal: ``changed(DetailsState)``."""

    def __init__(
        self, client: EngineClient, tables: Tables, preview: Preview, leafing: Leafing, thumbnails: Thumbnails, related: Related, clinical: Clinical
    ) -> None:
        self._client, self._tables = client, tables
        self._preview, self._leafing, self._thumbnails = preview, leafing, thumbnails
        self._related, self._clinical = related, clinical
        self._request: Request | None = None
        self.state = DetailsState()
        self.changed: Signal[DetailsState] = Signal()
        thumbnails.set_enabled(preview.enabled)

    def look_at(self, level: str, number: int) -> None:
        """Show a row that was clicked, though it was selected before and what is selected below it stays so."""
        row = self._tables.rows(level).loaded_row(number)
        if row is not None:
            self._show(level, self._tables.id_of(level, row))

    def show_first_selected(self, level: str) -> None:
        """Show the first row that is selected at ``level``, nothing while it is not here."""
        row = self._tables.rows(level).loaded_row(self._tables.state(level).selected[0][0])
        if row is None:
            self.clear()
        else:
            self._show(level, self._tables.id_of(level, row))

    def clear(self) -> None:
        """Show nothing."""
        self.cancel()
        self._set(DetailsState())

    def cancel(self) -> None:
        """The answer that is awaited is of no use."""
        if self._request is not None:
            self._request.cancel()
            self._request = None
        if self.state.document is None:
            self.state = DetailsState()

    def again(self) -> None:
        """Ask for the same row again; what is shown stays until the answer is here."""
        if self.state.id:
            self._ask(self.state.level, self.state.id)
            self._related.again()
            self._clinical.again()

    def show_pictures(self, on: bool) -> None:
        """Whether pictures of series are looked for, which may fetch parts of them."""
        self._preview.set_enabled(on)
        self._thumbnails.set_enabled(on)
        self._related.again()
        self._leaf_through(self.state.id if self.state.level == "series" else "")

    def _show(self, level: str, item: str) -> None:
        if (self.state.level, self.state.id) == (level, item):
            return
        self.cancel()
        self._ask(level, item)
        self._set(DetailsState(level, item))

    def _ask(self, level: str, item: str) -> None:
        self._request = self._client.ask(
            DETAILS({"level": level, "id": item}),
            lambda document: self._set(DetailsState(level, item, document)),
            lambda error: self._set(DetailsState(level, item, None, str(error))),
        )

    def _set(self, state: DetailsState) -> None:
        self.state = state
        self.changed.emit(state)
        series = state.id if state.level == "series" else ""
        self._preview.show(series)
        self._leaf_through(series)
        self._related.show(series)
        self._clinical.show(state.id if state.level == "cases" else "")

    def _leaf_through(self, series_uid: str) -> None:
        rows = self._tables.rows("series")
        row = next((row for _number, row in rows.loaded() if row and rows.value(row, "SeriesInstanceUID") == series_uid), None)
        images = rows.value(row, "instanceCount") if row is not None and is_leafed_through(str(rows.value(row, "Modality"))) else None
        self._leafing.show(series_uid if self._preview.enabled else "", images if isinstance(images, int) else 0)
