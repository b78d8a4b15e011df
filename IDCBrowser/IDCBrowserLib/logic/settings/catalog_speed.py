"""How far the catalog is laid out for fast browsing, which happens in the background after the first start. Knows no widgets."""

from __future__ import annotations

from IDCBrowserLib.api import catalog as api
from IDCBrowserLib.engine.client import EngineClient
from IDCBrowserLib.errors import IDCBrowserError
from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.signal import Signal

# It begins with the first table, which a slow computer shows late.
_MOST_LOOKS_IN_VAIN = 10


class CatalogSpeed:
    """``text`` says it, "" when there is nothing to say; ``changed(text)`` follows. While ``is_waited_for``, ``look`` again every few seconds."""

    def __init__(self, client: EngineClient) -> None:
        self._client = client
        self._looks = 0
        self.is_waited_for = False
        self.text = ""
        self.changed: Signal[str] = Signal()

    def learn_info(self, info: api.Info) -> None:
        """The catalog was opened."""
        self._looks = 0
        self.is_waited_for = not info["cached"]
        self._tell("")

    def look(self) -> None:
        """Ask how far it is."""
        if self.is_waited_for:
            self._looks += 1
            self._client.ask(api.READINESS({}), self._learn, self._fail)

    def _learn(self, found: api.Readiness) -> None:
        if found["cached"]:
            self.is_waited_for = False
            self._tell(_("Browsing is now at full speed."))
        elif found["preparing"]:
            self._tell(_("Preparing fast browsing..."))
        else:
            # It was not begun, or has failed: everything works without it.
            self.is_waited_for = not self.text and self._looks < _MOST_LOOKS_IN_VAIN
            self._tell("")

    def _fail(self, _error: IDCBrowserError) -> None:
        self.is_waited_for = False
        self._tell("")

    def _tell(self, text: str) -> None:
        self.text = text
        self.changed.emit(text)
