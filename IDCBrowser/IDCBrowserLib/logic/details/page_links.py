"""Pages of the web that belong to a row: the portal's, viewers, the collection's (``catalog.links``)."""

from __future__ import annotations

from IDCBrowserLib.api.catalog import DETAILS, Details
from IDCBrowserLib.engine.client import EngineClient
from IDCBrowserLib.errors import IDCBrowserError
from IDCBrowserLib.host_interface import Host
from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.logic.base.state import Kind, Message
from IDCBrowserLib.logic.tables.tables import Tables
from IDCBrowserLib.signal import Signal


class PageLinks:
    """Opens them outside this program. Signal: ``message(Message)`` when there is none."""

    def __init__(self, client: EngineClient, host: Host, tables: Tables) -> None:
        self._client, self._host, self._tables = client, host, tables
        self.message: Signal[Message] = Signal()

    def open_selected(self, level: str, kind: str) -> None:
        """Open the page of that kind of the first row selected in a table."""
        selected = self._tables.state(level).selected
        row = self._tables.rows(level).loaded_row(selected[0][0]) if selected else None
        if row is None:
            self.message.emit(Message(Kind.INFO, _("Select a row first.")))
        else:
            self.open(level, self._tables.id_of(level, row), kind)

    def open(self, level: str, row_id: str, kind: str) -> None:
        """Open the page of that kind of a row that may be in no table."""
        self._client.ask(DETAILS({"level": level, "id": row_id}), lambda document: self._open_page(document, kind), self._fail)

    def _open_page(self, document: Details, kind: str) -> None:
        address = next((address for _label, address, of_kind in document["links"] if of_kind == kind), "")
        if address:
            self._host.open_url(address)
        else:
            self.message.emit(Message(Kind.INFO, _("There is no such page for the selected row.")))

    def _fail(self, error: IDCBrowserError) -> None:
        self.message.emit(Message(Kind.ERROR, str(error)))
